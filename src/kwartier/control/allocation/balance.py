"""Rows of phase imbalance: how far one phase of a circuit may lie above another.

For each circuit with such a limit and each pair of phases p, q:

    load of p, at the most  -  load of q, at the least  <=  limit

A charger on p and not on q loads the row with its grant; one on q and not on p relieves it with what of its
grant is certain; one on both does neither, for a car draws the same on all its phases. While it is not known on
how many of its conductors a car draws, it may be each of the first ones: it loads a row that any of these loads
and relieves one that all of these relieve.

A row that its base load breaks alone holds back those who load it, and nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kwartier.control.allocation.shapes import PAIRS, AllocCharger, AllocCircuit
from kwartier.control.allocation.tree import Tree


@dataclass(frozen=True, slots=True)
class Sides:
    """The rows that a charger loads and those that it relieves."""

    loads: tuple[int, ...]
    relieves: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.loads or self.relieves)


class Balance:
    """The rows of all circuits that have such a limit, six each, numbered in the order of the circuits."""

    __slots__ = ("_known", "circuits", "slack", "tree")

    def __init__(self, tree: Tree, circuits: Sequence[AllocCircuit], base: Sequence[float]) -> None:
        """`base`: base load per row of the tree, all below included."""
        self.tree = tree
        self.circuits = tuple(at for at, c in enumerate(circuits) if c.imbalance_a is not None)
        self._known: dict[tuple[str, tuple[int, ...], bool], Sides] = {}
        self.slack: list[float] = []
        """What each row has left for chargers."""
        for at in self.circuits:
            circuit = circuits[at]
            given = circuit.uneven_a
            own = base[3 * at : 3 * at + 3]
            uneven = given if given is not None else [own[p - 1] - own[q - 1] for p, q in PAIRS]
            self.slack += [(circuit.imbalance_a or 0.0) - above for above in uneven]

    def __bool__(self) -> bool:
        return bool(self.circuits)

    def sides(self, charger: AllocCharger) -> Sides:
        """Which rows a charger loads and relieves."""
        key = (charger.circuit, charger.phases, charger.sure)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._sides(charger)
        return known

    def _sides(self, charger: AllocCharger) -> Sides:
        path = {row // 3 for row in self.tree.reach(charger.circuit, charger.phases).rows}
        places = [n for n, at in enumerate(self.circuits) if at in path]
        pairs = sides_of(charger.phases, sure=charger.sure)
        return Sides(
            tuple(6 * n + k for n in places for k in pairs.loads),
            tuple(6 * n + k for n in places for k in pairs.relieves),
        )

    def book(self, charger: AllocCharger, current_a: float) -> None:
        """Take a grant into account."""
        sides = self.sides(charger)
        for row in sides.loads:
            self.slack[row] -= current_a
        for row in sides.relieves:
            self.slack[row] += min(current_a, charger.firm_a)

    def place(self, row: int) -> tuple[str, int, int]:
        """Circuit, the phase that lies above, and the one below."""
        above, below = PAIRS[row % 6]
        return self.tree.ids[self.circuits[row // 6]], above, below


def sides_of(phases: Sequence[int], *, sure: bool) -> Sides:
    """Of one circuit: numbers into `PAIRS`. `phases` in the order of the conductors."""
    ways = [phases] if sure else [phases[: n + 1] for n in range(len(phases))]
    return Sides(
        tuple(k for k, (p, q) in enumerate(PAIRS) if any(p in way and q not in way for way in ways)),
        tuple(k for k, (p, q) in enumerate(PAIRS) if all(q in way and p not in way for way in ways)),
    )
