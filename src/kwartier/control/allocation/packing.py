"""A pool of candidates that compete for room, and the state of choosing among them.

Here are also the ways to choose where rows (circuit-phases) are nested: of any two, one has all candidates of
the other behind it, or none. That is so for chargers on one phase each, or all on three, on any tree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kwartier.control.allocation.tree import Tree


@dataclass(frozen=True, slots=True)
class Kind:
    """Candidates that load the same rows with the same minimum; `members` by place in the order."""

    rows: tuple[int, ...]
    """From the lowest circuit up."""
    need: int
    members: tuple[int, ...]

    @property
    def phases(self) -> int:
        """On how many phases its rows lie."""
        return len({row % 3 for row in self.rows})


@dataclass(frozen=True, slots=True)
class Pool:
    """Kinds that compete, directly or through each other. `room`: per row of the tree."""

    tree: Tree
    room: Sequence[int]
    kinds: tuple[Kind, ...]

    @property
    def size(self) -> int:
        """How many candidates."""
        return sum(len(kind.members) for kind in self.kinds)

    def in_order(self) -> list[tuple[int, int]]:
        """Place and kind of everybody, first come first."""
        return sorted((place, k) for k, kind in enumerate(self.kinds) for place in kind.members)

    def nested(self) -> bool:
        """Whether its rows are nested."""
        masks: dict[int, int] = {}
        for number, kind in enumerate(self.kinds):
            for row in kind.rows:
                masks[row] = masks.get(row, 0) | 1 << number
        for kind in self.kinds:
            chain = sorted((masks[row] for row in kind.rows), key=int.bit_count)
            if any(low & ~high for low, high in pairwise(chain)):
                return False
        return True


class Packing:
    """`taken` members of each kind are in, at most `limit` may come in. Moves are journalled, so that a
    branch can be taken back."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.kinds = pool.kinds
        self.room = {row: pool.room[row] for kind in pool.kinds for row in kind.rows}
        self.taken = [0] * len(pool.kinds)
        self.limit = [len(kind.members) for kind in pool.kinds]
        self.journal: list[tuple[int, int, int]] = []

    def changed(self, k: int) -> None:
        """Called when room, taken or limit of a kind change."""

    def fit(self, k: int) -> int:
        """How many more of a kind may come in and have room."""
        kind = self.kinds[k]
        return min(self.limit[k] - self.taken[k], min(map(self.room.__getitem__, kind.rows)) // kind.need)

    def take(self, k: int, count: int) -> None:
        """Let more of a kind in."""
        kind = self.kinds[k]
        for row in kind.rows:
            self.room[row] -= count * kind.need
        self.taken[k] += count
        self.journal.append((k, count, self.limit[k]))
        self.changed(k)

    def cap(self, k: int, limit: int) -> None:
        """Let no more of a kind in than this."""
        self.journal.append((k, 0, self.limit[k]))
        self.limit[k] = limit
        self.changed(k)

    def rewind(self, mark: int) -> None:
        """Take back all moves since the journal had this length."""
        while len(self.journal) > mark:
            k, count, self.limit[k] = self.journal.pop()
            if count:
                kind = self.kinds[k]
                for row in kind.rows:
                    self.room[row] += count * kind.need
                self.taken[k] -= count
            self.changed(k)

    def complete(self, order: Sequence[int]) -> list[int]:
        """Numbers per kind when room is filled up kind by kind in this order."""
        room, counts = self.room.copy(), self.taken[:]
        for k in order:
            left = self.limit[k] - counts[k]
            if left:
                kind = self.kinds[k]
                left = min(left, min(map(room.__getitem__, kind.rows)) // kind.need)
                if left > 0:
                    counts[k] += left
                    for row in kind.rows:
                        room[row] -= left * kind.need
        return counts

    def chosen(self) -> list[int]:
        """Places of all who are in."""
        pairs = zip(self.kinds, self.taken, strict=True)
        return [place for kind, count in pairs for place in kind.members[:count]]


def first_come(pool: Pool) -> list[int]:
    """Let everybody in who still fits. Exact where rows are nested and minimums equal: the sets that fit
    are then the independent sets of a matroid."""
    packing = Packing(pool)
    for _, k in pool.in_order():
        if packing.taken[k] < packing.limit[k]:
            if packing.fit(k):
                packing.take(k, 1)
            else:
                packing.cap(k, packing.taken[k])
    return packing.chosen()


def smallest_first(pool: Pool) -> list[int]:
    """The largest, then first-come set where rows are nested, whatever the minimums.

    Filling up with the smallest minimums first is then best: where a smaller candidate has no room, a larger
    one behind the same full row can make way for him. So it tells whether somebody may come in.
    """
    packing = Packing(pool)
    order = sorted(range(len(pool.kinds)), key=lambda k: (pool.kinds[k].need, pool.kinds[k].members[0]))
    best = packing.complete(order)
    size = sum(best)
    for _, k in pool.in_order():
        if packing.taken[k] >= packing.limit[k]:
            continue
        mark = len(packing.journal)
        if packing.fit(k):
            packing.take(k, 1)
            if packing.taken[k] <= best[k]:
                continue
            other = packing.complete(order)
            if sum(other) == size:
                best = other
                continue
            packing.rewind(mark)
        packing.cap(k, packing.taken[k])
    return packing.chosen()
