"""The planner of block reads."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.devices.blocks import Block, plan_reads

blocks = st.builds(Block, st.integers(0, 300), st.integers(1, 8))
wishes = st.lists(blocks, min_size=1, max_size=12)


def disjoint(items: list[Block]) -> list[Block]:
    """The part of a list whose members do not overlap, as in a register map."""
    kept: list[Block] = []
    for block in sorted(set(items)):
        if not kept or block.address >= kept[-1].end:
            kept.append(block)
    return kept


@given(wishes, st.integers(0, 30), st.integers(8, 125))
def test_every_wish_lies_whole_in_one_block(wanted: list[Block], gap: int, longest: int) -> None:
    """No value is ever torn between two requests, and no request is longer than allowed."""
    plan = plan_reads(wanted, max_gap=gap, max_count=longest)
    for wish in wanted:
        assert any(block.address <= wish.address and wish.end <= block.end for block in plan)
    assert all(block.count <= longest for block in plan)
    assert list(plan) == sorted(plan)


@given(wishes, st.integers(0, 30), st.integers(8, 125))
def test_nothing_needless_is_read(wanted: list[Block], gap: int, longest: int) -> None:
    """Blocks begin and end with a wanted register, and holes inside are no larger than allowed."""
    asked = {address for wish in wanted for address in range(wish.address, wish.end)}
    for block in plan_reads(wanted, max_gap=gap, max_count=longest):
        assert {block.address, block.end - 1} <= asked
        hole = 0
        for address in range(block.address, block.end):
            hole = 0 if address in asked else hole + 1
            assert hole <= gap


@given(wishes, st.integers(0, 30), st.integers(8, 60))
def test_no_plan_is_shorter(wanted: list[Block], gap: int, longest: int) -> None:
    """The plan has as few requests as the best division of the sorted wishes (found by trying all)."""
    items = disjoint(wanted)
    best = [0] + [len(items)] * len(items)
    for end in range(1, len(items) + 1):
        for start in range(end):
            group = items[start:end]
            holes = [b.address - a.end for a, b in pairwise(group)]
            if max(holes, default=0) <= gap and group[-1].end - group[0].address <= longest:
                best[end] = min(best[end], best[start] + 1)
    assert len(plan_reads(items, max_gap=gap, max_count=longest)) == best[-1]


@given(wishes, st.lists(blocks, max_size=4))
def test_forbidden_registers_are_never_touched(wanted: list[Block], forbidden: list[Block]) -> None:
    """A forbidden register is in no block; wanting one is refused."""
    banned = {address for block in forbidden for address in range(block.address, block.end)}
    asked = {address for wish in wanted for address in range(wish.address, wish.end)}
    if asked & banned:
        with pytest.raises(ValueError, match="must not be read"):
            plan_reads(wanted, max_gap=30, forbidden=forbidden)
        return
    for block in plan_reads(wanted, max_gap=30, forbidden=forbidden):
        assert not banned & set(range(block.address, block.end))


@given(wishes)
def test_devices_that_join_nothing(wanted: list[Block]) -> None:
    """Where a device refuses reads across values, each value is its own request."""
    assert plan_reads(wanted, max_gap=30, join=False) == tuple(sorted(set(wanted)))


def test_countis_needs_one_read_for_balancing() -> None:
    """50520 to 50573 of a Countis fit one request; the energies need a second."""
    wanted = [Block(50520 + 2 * i, 2) for i in range(27)] + [Block(50946, 2), Block(50952, 2)]
    assert plan_reads(wanted) == (Block(50520, 54), Block(50946, 8))


def test_a_value_longer_than_a_request_is_refused() -> None:
    """A map that can never be read is found when it is loaded."""
    with pytest.raises(ValueError, match="1 to 4 registers"):
        plan_reads([Block(1, 5)], max_count=4)
