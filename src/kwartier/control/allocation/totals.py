"""Limits on the sum of the three phases of a circuit (a power, in amperes), as rows beside those of the tree.

A charger on k phases loads such a row with k times its current. The rows are numbered after those of the
tree, in the order of the circuits that have one; where no circuit has one there are none, and nothing costs.
"""

from collections.abc import Iterable
from functools import lru_cache

from kwartier.control.allocation.tree import Reach, Tree


class Totals:
    """Which circuits have such a limit, and which of them each reach loads."""

    __slots__ = ("_by_reach", "_row_of", "circuits", "tree")

    def __init__(self, tree: Tree, circuits: tuple[int, ...]) -> None:
        """`circuits`: those that have such a limit, by number, ascending."""
        self.tree = tree
        self.circuits = circuits
        self._row_of = {at: tree.row_count + n for n, at in enumerate(self.circuits)}
        self._by_reach: dict[int, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self.circuits)

    def rows(self, reach: Reach) -> tuple[int, ...]:
        """The rows of this kind that a reach loads, from its own circuit up; `len(reach.own)` times each."""
        if not self.circuits:
            return ()
        known = self._by_reach.get(reach.number)
        if known is None:
            path = dict.fromkeys(row // 3 for row in reach.rows)
            known = tuple(self._row_of[at] for at in path if at in self._row_of)
            self._by_reach[reach.number] = known
        return known

    def place(self, row: int) -> tuple[str, int | None]:
        """Circuit id of a row of either kind, and its phase; None for a sum of phases."""
        if row < self.tree.row_count:
            return self.tree.place(row)
        return self.tree.ids[self.circuits[row - self.tree.row_count]], None


@lru_cache(maxsize=64)
def totals_on(tree: Tree, circuits: tuple[int, ...]) -> Totals:
    """The rows for these circuits of a tree, made once."""
    return Totals(tree, circuits)


def totals_of(tree: Tree, limits_a: Iterable[float | None]) -> Totals:
    """`limits_a`: per circuit of the tree, None where there is no such limit."""
    return totals_on(tree, tuple(at for at, limit in enumerate(limits_a) if limit is not None))
