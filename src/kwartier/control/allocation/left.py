"""What is left of a tree for cars while it is settled whose turn it is (`control.turns`)."""

import operator
from collections.abc import Mapping, Sequence

from kwartier.control.allocation.shapes import AllocCharger
from kwartier.control.allocation.sharing import let_in
from kwartier.control.allocation.totals import totals_on
from kwartier.control.allocation.tree import Reach, Tree
from kwartier.site.phases import PhaseVector

EPS_A = 1e-6


class Left:
    """What is left for cars, A, on flat rows: those of the tree, then one per circuit for the sum of its phases."""

    __slots__ = ("_sums", "free_a", "limited", "tree")

    def __init__(
        self, tree: Tree, free_a: list[float], limited: dict[int, int], sums: dict[int, tuple[int, ...]]
    ) -> None:
        self.tree = tree
        self.free_a = free_a
        self.limited = limited
        """Circuits whose sum has a limit, by number, and the row of it."""
        self._sums = sums

    def copy(self) -> "Left":
        """The same to book on."""
        return Left(self.tree, self.free_a[:], self.limited, self._sums)

    def sums(self, reach: Reach) -> tuple[int, ...]:
        """The rows of sums on a path."""
        if not self.limited:
            return ()
        known = self._sums.get(reach.number)
        if known is None:
            path = dict.fromkeys(row // 3 for row in reach.rows)
            known = self._sums[reach.number] = tuple(self.limited[at] for at in path if at in self.limited)
        return known

    def one_a(self, reach: Reach) -> float:
        """What one charger could have there, nobody else taking more."""
        free_a = min(map(self.free_a.__getitem__, reach.rows))
        for row in self.sums(reach):
            free_a = min(free_a, self.free_a[row] / len(reach.own))
        return free_a

    def fits(self, charger: AllocCharger) -> bool:
        """Whether there is room for his minimum."""
        return self.one_a(self.tree.reach(charger.circuit, charger.phases)) >= charger.min_a - EPS_A

    def book(self, reach: Reach, current_a: float) -> None:
        """Take a current off all rows of a path."""
        free_a = self.free_a
        for row in reach.rows:
            free_a[row] -= current_a
        for row in self.sums(reach):
            free_a[row] -= current_a * len(reach.own)

    def book_all(self, least_a: Mapping[int, float]) -> None:
        """Take currents off, by the numbers of the reaches that they flow on: all at once, up the tree."""
        tree, own = self.tree, [0.0] * self.tree.row_count
        reaches = tree.reaches
        for number, current_a in least_a.items():
            for row in reaches[number].own:
                own[row] += current_a
        flows = tree.gather(own)
        free_a = self.free_a
        if self.limited:
            free_a[: len(flows)] = map(operator.sub, free_a, flows)
            for at, row in self.limited.items():
                free_a[row] -= flows[3 * at] + flows[3 * at + 1] + flows[3 * at + 2]
        else:
            self.free_a = list(map(operator.sub, free_a, flows))

    def full(self) -> set[int]:
        """The rows that more is booked on than they hold."""
        if min(self.free_a, default=0.0) >= -EPS_A:
            return set()
        return {row for row, free_a in enumerate(self.free_a) if free_a < -EPS_A}

    def take(self, charger: AllocCharger) -> None:
        """Book the minimum of one."""
        self.book(self.tree.reach(charger.circuit, charger.phases), charger.min_a)

    def let_in(self, chargers: Sequence[AllocCharger]) -> list[bool]:
        """Whom the allocator would admit to what is left."""
        order = sorted(self.limited)
        totals = totals_on(self.tree, tuple(order))
        free_a = self.free_a
        if order:
            free_a = free_a[: self.tree.row_count] + [free_a[self.limited[at]] for at in order]
        return let_in(self.tree, free_a, chargers, totals)


def left(tree: Tree, room_a: Mapping[str, PhaseVector], together_a: Mapping[str, float] | None) -> Left:
    """All that there is."""
    free_a = [free for circuit_id in tree.ids for free in room_a[circuit_id]]
    limited = {tree.index[c]: tree.row_count + n for n, c in enumerate(together_a or {})}
    free_a += (together_a or {}).values()
    return Left(tree, free_a, limited, {})
