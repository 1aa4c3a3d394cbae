"""The largest, then longest-waiting set of candidates that fits one pool (see `admission`).

Branch and bound over kinds: `bound` says how many can fit at most, greedy completions say how many do. When
the two meet, which they do at once in all but contrived cases, nothing is searched. The order of waiting is
then settled candidate by candidate: is there still a largest set with him and all those already in?
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, inf

from kwartier.control.allocation.bound import Demand, PriceBound
from kwartier.control.allocation.tree import Tree

SMALL = 16
"""Pools of up to this many candidates are always searched to the end."""
_EPS = 1e-6


@dataclass(frozen=True, slots=True)
class Kind:
    """Candidates that load the same rows with the same minimum; `members` by place in the order."""

    rows: tuple[int, ...]
    """From the lowest circuit up."""
    need: int
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Kinds that compete, directly or through each other. `room`: per row of the tree."""

    tree: Tree
    room: Sequence[int]
    kinds: tuple[Kind, ...]


def solve(pool: Pool, effort: int) -> tuple[list[int], bool]:
    """Places of those admitted, and whether the set is proven to be the wanted one."""
    nested = _nested(pool.kinds)
    if nested and len({kind.need for kind in pool.kinds}) == 1:
        return _first_come(pool), True
    small = sum(len(kind.members) for kind in pool.kinds) <= SMALL
    search = _Search(pool, nested=nested, effort=inf if small else effort)
    search.maximise()
    search.settle()
    return search.chosen(), search.proven


def _nested(kinds: Sequence[Kind]) -> bool:
    """Whether of any two rows one holds all members of the other, or none (a laminar family)."""
    masks: dict[int, int] = {}
    for number, kind in enumerate(kinds):
        for row in kind.rows:
            masks[row] = masks.get(row, 0) | 1 << number
    for kind in kinds:
        chain = sorted((masks[row] for row in kind.rows), key=int.bit_count)
        if any(low & ~high for low, high in zip(chain, chain[1:], strict=False)):
            return False
    return True


def _in_order(kinds: Sequence[Kind]) -> list[tuple[int, int]]:
    """Place and kind of everybody, first come first."""
    return sorted((place, k) for k, kind in enumerate(kinds) for place in kind.members)


def _first_come(pool: Pool) -> list[int]:
    """Let everybody in who still fits. Exact where rows are nested and minimums equal: the sets that fit
    are then the independent sets of a matroid."""
    room = {row: pool.room[row] for kind in pool.kinds for row in kind.rows}
    chosen: list[int] = []
    closed: set[int] = set()
    for place, k in _in_order(pool.kinds):
        if k in closed:
            continue
        kind = pool.kinds[k]
        if min(map(room.__getitem__, kind.rows)) < kind.need:
            closed.add(k)
            continue
        for row in kind.rows:
            room[row] -= kind.need
        chosen.append(place)
    return chosen


class _Spent(Exception):
    """The effort is used up."""


class _Search:
    """`taken` members of each kind are in for good, at most `limit` may come in; `witness` is one best set
    within these bounds. Moves are journalled, so that a branch can be taken back."""

    def __init__(self, pool: Pool, *, nested: bool, effort: float) -> None:
        self.kinds = pool.kinds
        self.pool = pool
        self.room = {row: pool.room[row] for kind in pool.kinds for row in kind.rows}
        self.taken = [0] * len(pool.kinds)
        self.limit = [len(kind.members) for kind in pool.kinds]
        self.witness = [0] * len(pool.kinds)
        self.journal: list[tuple[int, int, int]] = []
        self.effort = effort
        self.proven = True
        # Where only these are left, filling the smallest minimums first is best: each loads one phase, so
        # rows are nested, and of two candidates the smaller can always take the place of the larger.
        self.easy = [nested or len({row % 3 for row in kind.rows}) == 1 for kind in pool.kinds]
        self.by_last = sorted(range(len(pool.kinds)), key=lambda k: -pool.kinds[k].members[-1])
        self.by_size = sorted(range(len(pool.kinds)), key=self._size)
        self._price(_prices(pool.kinds, halves=False))

    def _size(self, k: int) -> tuple[bool, int, int]:
        kind = self.kinds[k]
        return (not self.easy[k], kind.need * len({row % 3 for row in kind.rows}), kind.members[0])

    def _price(self, prices: list[float]) -> None:
        self.bound = PriceBound(self.pool.tree.parents, [Demand(k.rows, k.need) for k in self.kinds], prices)
        self.top = self._most()
        self.margin = self.bound.margins()
        self.by_margin = sorted(
            range(len(self.kinds)), key=lambda k: (-round(self.margin[k], 6), self._size(k))
        )

    # -- moves

    def _fit(self, k: int) -> int:
        kind = self.kinds[k]
        return min(self.limit[k] - self.taken[k], min(map(self.room.__getitem__, kind.rows)) // kind.need)

    def _take(self, k: int, count: int) -> None:
        kind = self.kinds[k]
        for row in kind.rows:
            self.room[row] -= count * kind.need
        self.taken[k] += count
        self.journal.append((k, count, self.limit[k]))
        self.bound.mark(k)

    def _cap(self, k: int, limit: int) -> None:
        self.journal.append((k, 0, self.limit[k]))
        self.limit[k] = limit
        self.bound.mark(k)

    def _rewind(self, mark: int) -> None:
        while len(self.journal) > mark:
            k, count, self.limit[k] = self.journal.pop()
            if count:
                kind = self.kinds[k]
                for row in kind.rows:
                    self.room[row] += count * kind.need
                self.taken[k] -= count
            self.bound.mark(k)

    # -- how many

    def _most(self) -> float:
        """Upper bound on the members of any set within the present bounds."""
        left = [limit - taken for limit, taken in zip(self.limit, self.taken, strict=True)]
        return sum(self.taken) + self.bound.value(self.room, left)

    def _complete(self, order: Sequence[int]) -> list[int]:
        """Fill up kind by kind."""
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

    def _first_come(self) -> list[int]:
        """Fill up in the order of waiting, but those whom the prices favour before those they do not."""
        room, counts = self.room.copy(), [0] * len(self.kinds)
        rank = [(m < _EPS) + (m < -_EPS) for m in self.margin]
        for _, _, k in sorted((rank[k], place, k) for place, k in _in_order(self.kinds)):
            kind = self.kinds[k]
            if min(map(room.__getitem__, kind.rows)) >= kind.need:
                counts[k] += 1
                for row in kind.rows:
                    room[row] -= kind.need
        return counts

    def maximise(self) -> None:
        """Find a largest set, and prove it where effort allows."""
        self._greedy()
        if sum(self.witness) < floor(self.top + _EPS):
            self._price(_prices(self.kinds, halves=True))
            self._greedy()
        try:
            while sum(self.witness) < floor(self.top + _EPS):
                found = self._find(sum(self.witness) + 1)
                if found is None:
                    return
                self.witness = found
        except _Spent:
            self.proven = False

    def _greedy(self) -> None:
        tries = [self._first_come(), self._complete(self.by_size), self._complete(self.by_margin)]
        self.witness = max([self.witness, *tries] if any(self.witness) else tries, key=sum)

    def _find(self, target: int) -> list[int] | None:
        """A set of at least `target` members within the present bounds, or None where there is none."""
        base = len(self.journal)
        branches: list[tuple[int, int, int]] = []
        try:
            while True:
                found = self._probe(target)
                if found is not None:
                    return found
                k = self._undecided() if self._most() + _EPS >= target else None
                if k is not None:
                    half = (self._fit(k) + 1) // 2
                    ways = [(k, half), (k, -half)]
                    first, second = reversed(ways) if self.margin[k] < -_EPS else ways
                    branches.append((len(self.journal), *second))
                    self._branch(*first)
                elif branches:
                    mark, k, step = branches.pop()
                    self._rewind(mark)
                    self._branch(k, step)
                else:
                    return None
        finally:
            self._rewind(base)

    def _branch(self, k: int, step: int) -> None:
        """At least `step` more of a kind, or fewer than `-step` more."""
        if step > 0:
            self._take(k, step)
        else:
            self._cap(k, self.taken[k] - step - 1)

    def _probe(self, target: int) -> list[int] | None:
        self.effort -= 2 * len(self.kinds) + 20
        if self.effort < 0:
            raise _Spent
        for k in range(len(self.kinds)):
            if self.limit[k] > self.taken[k] and not self._fit(k):
                self._cap(k, self.taken[k])
        if self._most() + _EPS < target:
            return None
        for order in (self.by_margin, self.by_size):
            counts = self._complete(order)
            if sum(counts) >= target:
                return counts
        return None

    def _undecided(self) -> int | None:
        for k in reversed(self.by_size):
            if not self.easy[k] and self.limit[k] > self.taken[k]:
                return k
        return None

    # -- who

    def settle(self) -> None:
        """Make `taken` the wanted set: go through all in order, letting in whoever leaves a largest set
        possible."""
        size = sum(self.witness)
        for k, margin in enumerate(self.margin):
            if margin > 0.0 and floor(self.top - margin + _EPS) < size:
                self._take(k, self.limit[k] - self.taken[k])
        for _, k in _in_order(self.kinds):
            if self.taken[k] < self.limit[k] and not self._let_in(k, size):
                self._cap(k, self.taken[k])
        if not self.proven:
            self._top_up()

    def _top_up(self) -> None:
        """Where the search was cut off, at least leave nobody out for whom there is room."""
        for _, k in _in_order(self.kinds):
            self.limit[k] = len(self.kinds[k].members)
            if self._fit(k):
                self._take(k, 1)

    def _let_in(self, k: int, size: int) -> bool:
        if self.witness[k] > self.taken[k]:
            self._take(k, 1)
            return True
        if not self._fit(k) or floor(self.top + min(0.0, self.margin[k]) + _EPS) < size:
            return False
        other = self._swapped(k)
        if other is None:
            other = self._searched(k, size)
        if other is None:
            return False
        self.witness = other
        self._take(k, 1)
        return True

    def _swapped(self, k: int) -> list[int] | None:
        """The witness with one of kind k instead of another who is not in for good yet."""
        kind = self.kinds[k]
        load = dict.fromkeys(kind.rows, 0)
        for j, other in enumerate(self.kinds):
            count = self.witness[j] - self.taken[j]
            if count:
                for row in other.rows:
                    if row in load:
                        load[row] += count * other.need
        short = {row: load[row] + kind.need - self.room[row] for row in kind.rows}
        short = {row: lack for row, lack in short.items() if lack > 0}
        for j in self.by_last:
            if self.witness[j] > self.taken[j] and all(
                row in self.kinds[j].rows and self.kinds[j].need >= lack for row, lack in short.items()
            ):
                changed = self.witness[:]
                changed[k] += 1
                changed[j] -= 1
                return changed
        return None

    def _searched(self, k: int, size: int) -> list[int] | None:
        mark = len(self.journal)
        self._take(k, 1)
        try:
            return self._find(size)
        except _Spent:
            self.proven = False
            return None
        finally:
            self._rewind(mark)

    def chosen(self) -> list[int]:
        """Places of all who are in."""
        return list(self._places())

    def _places(self) -> Iterator[int]:
        for kind, count in zip(self.kinds, self.taken, strict=True):
            yield from kind.members[:count]


def _prices(kinds: Sequence[Kind], *, halves: bool) -> list[float]:
    """Zero, one over the minimums (at most three of them), and the halves of these."""
    needs = sorted({kind.need for kind in kinds})
    if len(needs) > 3:
        needs = [needs[0], needs[len(needs) // 2], needs[-1]]
    prices = {0.0} | {1.0 / need for need in needs}
    if halves:
        prices |= {0.5 / need for need in needs[:2]}
    return sorted(prices)
