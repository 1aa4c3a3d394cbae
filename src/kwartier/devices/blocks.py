"""From the registers that are wanted to the fewest requests that read them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 125
"""Registers in one read request (Modbus application protocol 6.3)."""


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """`count` registers from `address`."""

    address: int
    count: int

    @property
    def end(self) -> int:
        """First register after it."""
        return self.address + self.count

    def __str__(self) -> str:
        last = self.end - 1
        return f"register {self.address}" if self.count == 1 else f"registers {self.address} to {last}"


def plan_reads(
    wanted: Iterable[Block],
    *,
    max_gap: int = 16,
    max_count: int = LONGEST,
    forbidden: Iterable[Block] = (),
    join: bool = True,
) -> tuple[Block, ...]:
    """The fewest blocks, in order of address, so that each wanted one lies whole inside one of them.

    `max_gap` is how many unwanted registers may be read along between two wanted ones; `forbidden` blocks
    are never touched; `join=False` reads each wanted block by itself (devices that refuse reads across
    values). Raises ValueError where a wanted block is longer than `max_count` or is itself forbidden.
    """
    banned = tuple(forbidden)
    plan: list[Block] = []
    for block in sorted(set(wanted)):
        if not 1 <= block.count <= max_count:
            raise ValueError(f"{block}: a request reads 1 to {max_count} registers")
        if _touches(block, banned):
            raise ValueError(f"{block} must not be read")
        if plan and join and block.address - plan[-1].end <= max_gap:
            joined = Block(plan[-1].address, max(block.end, plan[-1].end) - plan[-1].address)
            if joined.count <= max_count and not _touches(joined, banned):
                plan[-1] = joined
                continue
        plan.append(block)
    return tuple(plan)


def _touches(block: Block, others: tuple[Block, ...]) -> bool:
    return any(block.address < other.end and other.address < block.end for other in others)
