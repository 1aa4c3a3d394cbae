"""The largest, then longest-waiting set of candidates that fits one pool (see `admission`).

Branch and bound over kinds: `bound` says how many can fit at most, greedy completions say how many do. When
the two meet, which they do at once in all but contrived cases, nothing is searched. The order of waiting is
then settled candidate by candidate: is there still a largest set with him and all those already in?
"""

from collections.abc import Sequence
from math import floor, inf

from kwartier.control.allocation.bound import Demand, PriceBound
from kwartier.control.allocation.packing import Kind, Packing, Pool, first_come, smallest_first

SMALL = 16
"""Pools of up to this many candidates are always searched to the end."""
_EPS = 1e-6


def solve(pool: Pool, effort: float) -> tuple[list[int], bool, float]:
    """Places of those admitted, whether the set is proven to be the wanted one, and the effort left (in
    steps of about a microsecond)."""
    if pool.nested():
        equal = len({kind.need for kind in pool.kinds}) == 1
        return (first_come(pool) if equal else smallest_first(pool)), True, effort
    small = pool.size <= SMALL
    search = _Search(pool, inf if small else effort)
    search.maximise()
    search.settle()
    return search.chosen(), search.proven, effort if small else max(0.0, search.effort)


class _Spent(Exception):
    """The effort is used up."""


class _Search(Packing):
    """What is `taken` is in for good, except inside `_find`; `witness` is one largest set within the present
    bounds."""

    def __init__(self, pool: Pool, effort: float) -> None:
        super().__init__(pool)
        self.effort = effort
        self.proven = True
        self.witness = [0] * len(pool.kinds)
        # Where only one-phase kinds are left, rows are nested, and smallest first is best (`packing`).
        self.easy = [kind.phases == 1 for kind in pool.kinds]
        self.by_last = sorted(range(len(pool.kinds)), key=lambda k: -pool.kinds[k].members[-1])
        self.by_size = sorted(range(len(pool.kinds)), key=self._size)
        self._price(_prices(pool.kinds, halves=False))

    def _size(self, k: int) -> tuple[bool, int, int]:
        kind = self.kinds[k]
        return (not self.easy[k], kind.need * kind.phases, kind.members[0])

    def _price(self, prices: list[float]) -> None:
        """Set the prices of the bound up, and what follows from them."""
        self.bound = PriceBound(self.pool.tree.parents, [Demand(k.rows, k.need) for k in self.kinds], prices)
        self.top = self._most()
        self.margin = [round(margin, 6) for margin in self.bound.margins()]
        kinds = range(len(self.kinds))
        self.by_margin = sorted(kinds, key=lambda k: (-self.margin[k], self._size(k)))
        self.hard = sorted(
            (k for k in kinds if not self.easy[k]), key=lambda k: (abs(self.margin[k]), -self._size(k)[1])
        )

    def changed(self, k: int) -> None:
        """See `Packing`."""
        self.bound.mark(k)

    def _most(self) -> float:
        """Upper bound on the members of any set within the present bounds."""
        left = [limit - taken for limit, taken in zip(self.limit, self.taken, strict=True)]
        most = sum(self.taken) + self.bound.value(self.room, left)
        self.effort -= self.bound.work
        return most

    # -- how many

    def maximise(self) -> None:
        """Find a largest set, and prove it where effort allows."""
        self._greedy()
        if self._gap() and len({kind.need for kind in self.kinds}) < 3:
            self._price(_prices(self.kinds, halves=True))
            self._greedy()
        try:
            while self._gap():
                found = self._find(sum(self.witness) + 1)
                if found is None:
                    return
                self.witness = found
        except _Spent:
            self.proven = False

    def _gap(self) -> bool:
        return sum(self.witness) < floor(self.top + _EPS)

    def _greedy(self) -> None:
        tries = [self._first_come(), self.complete(self.by_size), self.complete(self.by_margin)]
        self.witness = max([*tries, self.witness], key=sum)

    def _first_come(self) -> list[int]:
        """Fill up in the order of waiting, but those whom the prices favour before those they do not."""
        room, counts = self.room.copy(), [0] * len(self.kinds)
        rank = [(m < _EPS) + (m < -_EPS) for m in self.margin]
        for _, _, k in sorted((rank[k], place, k) for place, k in self.pool.in_order()):
            kind = self.kinds[k]
            if min(map(room.__getitem__, kind.rows)) >= kind.need:
                counts[k] += 1
                for row in kind.rows:
                    room[row] -= kind.need
        return counts

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
                    half = (self.fit(k) + 1) // 2
                    ways = [(k, half), (k, -half)]
                    first, second = reversed(ways) if self.margin[k] < -_EPS else ways
                    branches.append((len(self.journal), *second))
                    self._branch(*first)
                elif branches:
                    mark, k, step = branches.pop()
                    self.rewind(mark)
                    self._branch(k, step)
                else:
                    return None
        finally:
            self.rewind(base)

    def _branch(self, k: int, step: int) -> None:
        """At least `step` more of a kind, or fewer than `-step` more."""
        if step > 0:
            self.take(k, step)
        else:
            self.cap(k, self.taken[k] - step - 1)

    def _probe(self, target: int) -> list[int] | None:
        self.effort -= 3 * len(self.kinds) + 20
        if self.effort < 0:
            raise _Spent
        for k in range(len(self.kinds)):
            if self.limit[k] > self.taken[k] and not self.fit(k):
                self.cap(k, self.taken[k])
        if self._most() + _EPS < target:
            return None
        for order in (self.by_margin, self.by_size):
            counts = self.complete(order)
            if sum(counts) >= target:
                return counts
        return None

    def _undecided(self) -> int | None:
        return next((k for k in self.hard if self.limit[k] > self.taken[k]), None)

    # -- who

    def settle(self) -> None:
        """Make `taken` the wanted set: go through all in order, letting in whoever leaves a largest set
        possible. By the prices, some kinds are wholly in every largest set."""
        size = sum(self.witness)
        for k, margin in enumerate(self.margin):
            if margin > 0.0 and floor(self.top - margin + _EPS) < size:
                self.take(k, self.limit[k] - self.taken[k])
        for _, k in self.pool.in_order():
            if self.taken[k] < self.limit[k] and not self._let_in(k, size):
                self.cap(k, self.taken[k])
        if not self.proven:
            self._top_up()

    def _top_up(self) -> None:
        """Where the search was cut off, at least leave nobody out for whom there is room."""
        for _, k in self.pool.in_order():
            self.limit[k] = len(self.kinds[k].members)
            if self.fit(k):
                self.take(k, 1)

    def _let_in(self, k: int, size: int) -> bool:
        if self.witness[k] <= self.taken[k]:
            if not self.fit(k) or floor(self.top + min(0.0, self.margin[k]) + _EPS) < size:
                return False
            other = self._swapped(k) or self._searched(k, size)
            if other is None:
                return False
            self.witness = other
        self.take(k, 1)
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
        self.take(k, 1)
        try:
            return self._find(size)
        except _Spent:
            self.proven = False
            return None
        finally:
            self.rewind(mark)


def _prices(kinds: Sequence[Kind], *, halves: bool) -> list[float]:
    """Zero, one over the minimums (at most three of them); with `halves` four prices, or three where there is
    but one minimum. Four prices on three phases make 64 states per circuit: more costs more than it proves."""
    needs = sorted({kind.need for kind in kinds})
    if len(needs) > 3:
        needs = [needs[0], needs[len(needs) // 2], needs[-1]]
    prices = {0.0} | {1.0 / need for need in needs}
    if halves and len(needs) < 3:
        prices.add(0.5 / needs[0])
    return sorted(prices)
