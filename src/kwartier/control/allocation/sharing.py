"""One allocation: admission and filling, priority by priority (DESIGN 6.4)."""

from collections.abc import Sequence

from kwartier.control.allocation.admission import admit, whole
from kwartier.control.allocation.balance import Balance
from kwartier.control.allocation.balancing import Balancing
from kwartier.control.allocation.filling import fill_takers
from kwartier.control.allocation.shapes import (
    OWN,
    Allocation,
    AllocCharger,
    AllocCircuit,
    CircuitUse,
    Code,
    Grant,
)
from kwartier.control.allocation.takers import Takers, takers_of
from kwartier.control.allocation.totals import Totals, totals_of
from kwartier.control.allocation.tree import Reach, Tree
from kwartier.site.errors import ConfigError

EFFORT = 25_000
"""Steps for the admission search of one priority, some tens of milliseconds; see `Allocation.exact`."""


def allocate(
    circuits: Sequence[AllocCircuit],
    chargers: Sequence[AllocCharger],
    *,
    tree: Tree | None = None,
    effort: int = EFFORT,
    uses: bool = True,
) -> Allocation:
    """Share the current that the circuits leave among the chargers.

    Strictly by priority; within one, as many chargers as possible get their minimum (longest waiting first,
    then list order), and those share by weighted max-min fairness. Every current is 0 or within
    [min_a, max_a]; no circuit-phase, nor the sum of a circuit's phases where `limit_total_a` bounds it, goes
    over its limit on account of a charger, nor does a phase on account of one lie further above another than
    `imbalance_a` (see `balance`). Deterministic.

    `uses`: whether to tell what each circuit carries then; else `Allocation.circuits` is empty.
    `tree`: made once by `tree_of` for a site whose circuits do not change. Raises ConfigError where the input
    contradicts itself (unknown circuit, phase, or parent, a circle, a weight that is not positive).
    """
    if tree is None:
        tree = tree_of(circuits)
    elif tree.ids != tuple(c.id for c in circuits):
        raise ConfigError("the tree was made from other circuits than those of this allocation")
    sharing = _Sharing(tree, circuits, chargers, effort)
    levels: dict[int, list[int]] = {}
    for i, charger in enumerate(chargers):
        levels.setdefault(charger.priority, []).append(i)
    for left, priority in enumerate(sorted(levels, reverse=True), start=1 - len(levels)):
        sharing.serve(levels[priority], book=uses or left < 0)
    return sharing.answer(uses=uses)


def let_in(
    tree: Tree,
    free_a: Sequence[float],
    chargers: Sequence[AllocCharger],
    totals: Totals,
    *,
    effort: int = EFFORT,
) -> list[bool]:
    """Whom `allocate` would admit if all had the same priority, each with a minimum above 0 and no more than its most.
    `free_a`: what each row of the tree, and then of `totals`, has for all of them."""
    reaches = [tree.reach(c.circuit, c.phases) for c in chargers]
    candidates = sorted(_hopeful(free_a, chargers, reaches, totals), key=lambda i: -chargers[i].waiting_s)
    flags = [False] * len(chargers)
    if candidates:
        asked = [chargers[i].min_a for i in candidates]
        decision = admit(tree, free_a, [reaches[i] for i in candidates], asked, effort, totals)
        for i, flag in zip(candidates, decision.flags, strict=True):
            flags[i] = flag
    return flags


def _hopeful(
    free_a: Sequence[float], chargers: Sequence[AllocCharger], reaches: Sequence[Reach], totals: Totals
) -> list[int]:
    """Whom an admission could help, by number. Where all is scarce most find no room even alone, and need not be
    looked at any further."""
    if totals:
        over = {row for row, free in enumerate(free_a) if not free >= 0.0 and whole(free) < 0}
        return [i for i, r in enumerate(reaches) if over.isdisjoint(r.rows + totals.rows(r))]
    most: dict[int, int] = {}
    for reach in reaches:
        if reach.number not in most:
            most[reach.number] = whole(min(map(free_a.__getitem__, reach.rows)))
    least = {c.min_a: whole(c.min_a) for c in chargers}
    return [i for i, c in enumerate(chargers) if least[c.min_a] <= most[reaches[i].number]]


def tree_of(circuits: Sequence[AllocCircuit]) -> Tree:
    """The part of a problem that stays the same as long as circuits and their parents do."""
    return Tree((c.id, c.parent) for c in circuits)


MOST_WEIGHT = 1e6
"""Weights further apart than this squared would drown each other in rounding."""


class _Sharing:
    """The room that is left, per row, and the grants given so far."""

    def __init__(
        self, tree: Tree, circuits: Sequence[AllocCircuit], chargers: Sequence[AllocCharger], effort: int
    ) -> None:
        self.tree = tree
        self.circuits = circuits
        self.chargers = chargers
        self.effort = effort
        self.reaches = [_reach(tree, charger) for charger in chargers]
        self.base = tree.gather([value for c in circuits for value in c.base_load_a])
        limits = (value for c in circuits for value in c.limit_a)
        self.slack = [limit - base for limit, base in zip(limits, self.base, strict=True)]
        self.totals = totals_of(tree, [c.limit_total_a for c in circuits])
        for at in self.totals.circuits:
            self.slack.append((circuits[at].limit_total_a or 0.0) - sum(self.base[3 * at : 3 * at + 3]))
        self.over = {row for row, slack in enumerate(self.slack) if not slack >= 0.0 and whole(slack) < 0}
        self.balance = Balance(tree, circuits, self.base)
        self.grants: list[Grant | None] = [None] * len(chargers)
        self.places: dict[int, tuple[str, int | None]] = {}
        """Circuit and phase of rows that somebody stops before."""
        self.exact = True

    def serve(self, level: list[int], *, book: bool) -> None:
        """Admit and fill the chargers of one priority with what the higher ones left. `book`: whether it matters
        what they leave."""
        chargers = self.chargers
        candidates = sorted(self._possible(level), key=lambda i: -chargers[i].waiting_s)
        if self.balance and any(self.balance.sides(chargers[i]) for i in candidates):
            self._serve_balanced(candidates)
            return
        admitted, these = candidates, self._takers(candidates)
        if not these.all_get_their_least(self.slack):
            admitted = self._admit(candidates)
            if len(admitted) < len(candidates):
                these = self._takers(admitted)
        currents, rows = fill_takers(these, self.slack)
        grants, places = self.grants, self.places
        for i, current, row in zip(admitted, currents, rows, strict=True):
            if row is None:
                grants[i] = Grant(chargers[i].id, current, OWN, None, "own_maximum", True)
                continue
            place = places.get(row)
            if place is None:
                place = places[row] = self.totals.place(row)
            circuit, phase = place
            grants[i] = Grant(chargers[i].id, current, circuit, phase, "circuit_full", True, phase is None)
        if book:
            self._book([self.reaches[i] for i in admitted], currents)

    def _takers(self, members: list[int]) -> Takers:
        chargers = [self.chargers[i] for i in members]
        return takers_of(
            self.tree,
            tuple([self.reaches[i].number for i in members]),
            tuple([c.min_a for c in chargers]),
            tuple([c.max_a for c in chargers]),
            tuple([c.weight for c in chargers]),
            self.totals,
        )

    def _serve_balanced(self, candidates: list[int]) -> None:
        """The same where somebody moves phases apart or together."""
        share = Balancing(
            self.tree,
            self.slack,
            self.totals,
            self.balance,
            [self.chargers[i] for i in candidates],
            [self.reaches[i] for i in candidates],
            float(self.effort),
        ).solve()
        self.exact = self.exact and share.exact
        admitted = [candidates[place] for place in share.admitted]
        for i, current, binder in zip(admitted, share.currents, share.binders, strict=True):
            if binder is not None and binder[0] == "balance":
                self._grant_uneven(i, current, binder[1], "imbalance")
            else:
                row = None if binder is None else binder[1]
                self._grant(i, current, row, "own_maximum" if row is None else "circuit_full")
            self.balance.book(self.chargers[i], current)
        refused = set(candidates).difference(admitted)
        if refused:
            self._refuse(sorted(refused), admitted)
        self._book([self.reaches[i] for i in admitted], share.currents)

    def _possible(self, level: list[int]) -> list[int]:
        """Refuse those whom no admission could help; the others in list order."""
        blocked: dict[int, int] = {}
        for reach in self.tree.reaches if self.over else ():
            rows = reach.rows + self.totals.rows(reach)
            if not self.over.isdisjoint(rows):
                blocked[reach.number] = next(row for row in rows if row in self.over)
        possible: list[int] = []
        chargers, reaches = self.chargers, self.reaches
        for i in level:
            charger = chargers[i]
            max_a = charger.max_a
            if max_a <= 0.0 or max_a < charger.min_a:
                self._grant(i, 0.0, None, "never")
            elif blocked and (number := reaches[i].number) in blocked:
                self._grant(i, 0.0, blocked[number], "base_load")
            else:
                possible.append(i)
        return possible

    def _admit(self, candidates: list[int]) -> list[int]:
        reaches = [self.reaches[i] for i in candidates]
        minimums = [self.chargers[i].min_a for i in candidates]
        decision = admit(self.tree, self.slack, reaches, minimums, self.effort, self.totals)
        self.exact = self.exact and decision.exact
        admitted = [i for i, flag in zip(candidates, decision.flags, strict=True) if flag]
        if len(admitted) < len(candidates):
            self._refuse(
                [i for i, flag in zip(candidates, decision.flags, strict=True) if not flag], admitted
            )
        return admitted

    def _refuse(self, refused: list[int], admitted: list[int]) -> None:
        """Name for each the row that is shortest of room once the minimums of the admitted are booked."""
        room = self.slack[:]
        for number, minimum in _per_reach(
            [self.reaches[i] for i in admitted], [self.chargers[i].min_a for i in admitted]
        ).items():
            self._load(room, self.tree.reaches[number], minimum)
        nano = [whole(value) for value in room]
        shortest = {
            n: self._shortest(room, nano, self.tree.reaches[n])
            for n in {self.reaches[i].number for i in refused}
        }
        for i in refused:
            reach = self.reaches[i]
            row = shortest[reach.number]
            part = 1 if row < self.tree.row_count else len(reach.own)  # a sum of phases gives each its part
            if self.balance and whole(room[row] / part) >= whole(self.chargers[i].min_a):
                uneven = min(self.balance.sides(self.chargers[i]).loads, key=self._left_uneven, default=None)
                if uneven is not None:
                    self._grant_uneven(i, 0.0, uneven, "imbalance_no_room")
                    continue
            self._grant(i, 0.0, row, "no_room")

    def _left_uneven(self, row: int) -> float:
        return self.balance.slack[row]

    def _grant_uneven(self, i: int, current_a: float, row: int, code: Code) -> None:
        circuit, phase, against = self.balance.place(row)
        admitted = code == "imbalance"
        self.grants[i] = Grant(
            self.chargers[i].id, current_a, circuit, phase, code, admitted, against=against
        )

    def _shortest(self, room: Sequence[float], nano: Sequence[int], reach: Reach) -> int:
        """The row that leaves one more charger the least current; a sum of phases gives each a part. `nano`:
        the room in whole nanoamperes."""
        rows, totals = reach.rows, self.totals.rows(reach)
        if not totals:
            return min(rows, key=nano.__getitem__)
        part = len(reach.own)
        return min(rows + totals, key=lambda row: whole(room[row] / (part if row in totals else 1)))

    def _book(self, reaches: Sequence[Reach], currents: Sequence[float]) -> None:
        for number, current in _per_reach(reaches, currents).items():
            self._load(self.slack, self.tree.reaches[number], current)

    def _load(self, room: list[float], reach: Reach, current: float) -> None:
        """Take a current off all rows of a reach."""
        for row in reach.rows:
            room[row] -= current
        for row in self.totals.rows(reach):
            room[row] -= len(reach.own) * current

    def _grant(self, i: int, current_a: float, row: int | None, code: Code) -> None:
        circuit, phase = (OWN, None) if row is None else self.totals.place(row)
        admitted = code in ("own_maximum", "circuit_full")
        total = row is not None and phase is None
        self.grants[i] = Grant(self.chargers[i].id, current_a, circuit, phase, code, admitted, total)

    def answer(self, *, uses: bool) -> Allocation:
        """The grants in the order of the input, and what each circuit carries with them."""
        grants = tuple(g for g in self.grants if g is not None)
        return Allocation(grants, self._uses() if uses else (), self.exact)

    def _uses(self) -> tuple[CircuitUse, ...]:
        sums = dict(zip(self.totals.circuits, self.slack[self.tree.row_count :], strict=True))
        uses: list[CircuitUse] = []
        for at, circuit in enumerate(self.circuits):
            s1, s2, s3 = self.slack[3 * at : 3 * at + 3]
            l1, l2, l3 = circuit.limit_a
            uses.append(CircuitUse(circuit.id, (l1 - s1, l2 - s2, l3 - s3), (s1, s2, s3), sums.get(at)))
        return tuple(uses)


def _reach(tree: Tree, charger: AllocCharger) -> Reach:
    if not 1.0 / MOST_WEIGHT <= charger.weight <= MOST_WEIGHT:
        raise ConfigError(
            f"charger {charger.id!r}: its weight must lie within a millionth and a million, not {charger.weight}"
        )
    try:
        return tree.reach(charger.circuit, charger.phases)
    except ConfigError as error:
        raise ConfigError(f"charger {charger.id!r}: {error}") from None


def _per_reach(reaches: Sequence[Reach], currents: Sequence[float]) -> dict[int, float]:
    """Sums over the chargers of each reach."""
    sums: dict[int, float] = {}
    for reach, current in zip(reaches, currents, strict=True):
        sums[reach.number] = sums.get(reach.number, 0.0) + current
    return sums
