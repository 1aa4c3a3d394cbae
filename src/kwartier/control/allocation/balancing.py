"""Admission and filling where phases must not lie too far apart (`balance`).

The everyday case is seen at once: shares that the other limits give and that keep these rows too are the answer.
Else it takes more. Who is let in: the largest set for which there are currents within all limits, then the first
in the order of waiting; a set may need one who relieves a row, so sets are searched, not grown. What each gets:
`levelling`. Both are bounded: too large a crowd is admitted and filled more carefully than it need be, never
less, and the answer then says that it is not proven.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kwartier.control.allocation.admission import admit
from kwartier.control.allocation.balance import Balance, Sides
from kwartier.control.allocation.filling import fill_rows
from kwartier.control.allocation.levelling import Bound, Takers, feasible, levelled
from kwartier.control.allocation.shapes import AllocCharger
from kwartier.control.allocation.simplex import Unsolvable
from kwartier.control.allocation.totals import Totals
from kwartier.control.allocation.tree import Reach, Tree

_CLOSE_A = 1e-9
LARGEST = 40
"""More kinds of takers than this are not given to the linear programmes."""
_LEAF = 60
"""Effort of looking at one set, and of one programme: steps of about a microsecond."""
_PROGRAMME = 1500
_DEBT = 8
"""So many programmes may follow when the effort is used up: the greedy way needs a few."""
_ROUNDS = 20

Binder = tuple[str, int] | None
"""("row" of the tree and totals, number) or ("balance", number); None: his own maximum."""


@dataclass(slots=True)
class Share:
    """The answer for one priority: by place in the order of the candidates."""

    admitted: list[int]
    currents: list[float]
    binders: list[Binder]
    exact: bool


@dataclass(slots=True)
class Balancing:
    """Candidates of one priority, in the order in which they go first."""

    tree: Tree
    slack: Sequence[float]
    totals: Totals
    balance: Balance
    chargers: Sequence[AllocCharger]
    reaches: Sequence[Reach]
    effort: float
    sides: list[Sides] = field(default_factory=list)
    exact: bool = True

    def __post_init__(self) -> None:
        self.sides = [self.balance.sides(c) for c in self.chargers]

    def solve(self) -> Share:
        """Admit and share."""
        members = self._admit()
        while True:
            currents, binders = self._fill(members)
            bad = self._broken(members, currents, currents)
            if not bad:
                return Share(members, currents, binders, self.exact)
            self.exact = False  # rounding at the very edge: let the last one who loads it go
            members = self._without_last(members, bad)

    # -- who is in

    def _admit(self) -> list[int]:
        minimums = [c.min_a for c in self.chargers]
        decision = admit(self.tree, self.slack, self.reaches, minimums, int(self.effort), self.totals)
        self.exact = decision.exact
        first = [i for i, flag in enumerate(decision.flags) if flag]
        if self._fits(first):
            return first
        for size in range(len(first), 0, -1):
            found = self._search(size)
            if found is not None:
                return found
            if self.effort < 0:
                self.exact = False
                return self._greedy(first)
        return []

    def _search(self, size: int) -> list[int] | None:
        """The first set of this size that fits, each candidate in before out."""
        count = len(self.chargers)
        room = list(self.slack)
        chosen: list[int] = []

        def descend(at: int) -> bool:
            self.effort -= _LEAF + 4 * count
            if self.effort < 0 or not self._hopeful(chosen, range(at, count)):
                return False
            if len(chosen) == size:
                return self._fits(chosen)
            if len(chosen) + count - at < size:
                return False
            if self._take(room, at, 1.0):
                chosen.append(at)
                if descend(at + 1):
                    return True
                chosen.pop()
            self._take(room, at, -1.0)
            return descend(at + 1)

        return chosen if descend(0) else None

    def _take(self, room: list[float], i: int, sign: float) -> bool:
        """Book a minimum, or give it back; whether it fits."""
        reach, need = self.reaches[i], sign * self.chargers[i].min_a
        fits = True
        for row in reach.rows:
            room[row] -= need
            fits = fits and room[row] >= -_CLOSE_A
        for row in self.totals.rows(reach):
            room[row] -= len(reach.own) * need
            fits = fits and room[row] >= -_CLOSE_A
        return fits

    def _greedy(self, first: list[int]) -> list[int]:
        """Let go of the last ones who load a broken row; then let in whoever still fits."""
        members = first
        while members and not self._fits(members):
            lows = [self.chargers[i].min_a for i in members]
            most = [self.chargers[i].max_a for i in members]
            broken = self._broken(members, lows, most) or self._broken(members, lows, lows)
            members = self._without_last(members, broken)
        for i in range(len(self.chargers)):
            if i not in members:
                more = sorted([*members, i])
                room = list(self.slack)
                fits = [self._take(room, j, 1.0) for j in more]
                if all(fits) and self._fits(more):
                    members = more
        return members

    def _without_last(self, members: list[int], broken: set[int]) -> list[int]:
        out = next((i for i in reversed(members) if broken.intersection(self.sides[i].loads)), members[-1])
        return [i for i in members if i != out]

    def _broken(
        self, members: Sequence[int], loading: Sequence[float], relieving: Sequence[float]
    ) -> set[int]:
        """Rows that somebody loads and that do not hold with these currents."""
        return set(self._short(members, loading, relieving))

    def _short(
        self, members: Sequence[int], loading: Sequence[float], relieving: Sequence[float]
    ) -> dict[int, float]:
        """The same with how much too far apart their phases are, A."""
        room = dict.fromkeys((r for i in members for r in self.sides[i].loads), 0.0)
        for row in room:
            room[row] = self.balance.slack[row]
        for i, load_a, relief_a in zip(members, loading, relieving, strict=True):
            for row in self.sides[i].loads:
                room[row] -= load_a
            for row in self.sides[i].relieves:
                if row in room:
                    room[row] += min(relief_a, self.chargers[i].firm_a)
        return {row: -left for row, left in room.items() if left < -_CLOSE_A}

    def _hopeful(self, chosen: Sequence[int], others: range) -> bool:
        """Whether the rows that those chosen load could hold with the relief of everybody else."""
        if not chosen:
            return True
        members = [*chosen, *others]
        loading = [self.chargers[i].min_a for i in chosen] + [0.0] * len(others)
        relief = [self.chargers[i].max_a for i in members]
        bad = self._broken(members, loading, relief)
        return not bad or not any(bad.intersection(self.sides[i].loads) for i in chosen)

    def _fits(self, members: Sequence[int]) -> bool:
        """Whether there are currents for all of them; their minimums are known to fit the other limits."""
        lows = [self.chargers[i].min_a for i in members]
        if not self._broken(members, lows, lows):
            return True
        if self._broken(members, lows, [self.chargers[i].max_a for i in members]):
            return False
        kinds = self._kinds(members)
        if len(kinds) > LARGEST or self.effort < -_DEBT * _PROGRAMME:
            self.exact = False
            return False
        self.effort -= _PROGRAMME
        takers, bounds, _ = self._programme(members, kinds)
        try:
            return feasible(takers, bounds)
        except Unsolvable:
            self.exact = False
            return False

    # -- who gets what

    def _fill(self, members: list[int]) -> tuple[list[float], list[Binder]]:
        currents, binders = self._by_filling(members, [self.chargers[i].max_a for i in members])
        if not self._broken(members, currents, currents):
            return currents, binders
        kinds = self._kinds(members)
        if len(kinds) <= LARGEST:
            try:
                return self._by_levels(members, kinds)
            except Unsolvable:
                pass
        self.exact = False
        return self._by_caps(members, currents)

    def _by_filling(self, members: list[int], upper: list[float]) -> tuple[list[float], list[Binder]]:
        chargers = [self.chargers[i] for i in members]
        currents, rows = fill_rows(
            self.tree,
            self.slack,
            [self.reaches[i] for i in members],
            [c.min_a for c in chargers],
            upper,
            [c.weight for c in chargers],
            self.totals,
        )
        return currents, [None if row is None else ("row", row) for row in rows]

    def _kinds(self, members: Sequence[int]) -> dict[tuple[object, ...], list[int]]:
        """Members that are alike get the same; places in `members`."""
        kinds: dict[tuple[object, ...], list[int]] = {}
        for place, i in enumerate(members):
            c = self.chargers[i]
            firm = max(c.min_a, min(c.firm_a, c.max_a)) if self.sides[i].relieves else 0.0
            firm = c.firm_a if c.firm_a < c.min_a and self.sides[i].relieves else firm
            key = (self.reaches[i].number, self.sides[i], c.min_a, c.max_a, c.weight, firm)
            kinds.setdefault(key, []).append(place)
        return kinds

    def _programme(
        self, members: Sequence[int], kinds: dict[tuple[object, ...], list[int]]
    ) -> tuple[Takers, list[Bound], list[Binder]]:
        takers = Takers([], [], [], [])
        rows: dict[int, Bound] = {}
        pairs: dict[int, Bound] = {}
        heaviest = max(self.chargers[i].weight for i in members)
        for n, places in enumerate(kinds.values()):
            i, count = members[places[0]], float(len(places))
            charger, reach = self.chargers[i], self.reaches[i]
            takers.low.append(charger.min_a)
            takers.high.append(charger.max_a)
            takers.weight.append(charger.weight / heaviest)
            takers.certain.append(charger.firm_a)
            for row in reach.rows:
                rows.setdefault(row, Bound(self.slack[row])).of[n] = count
            for row in self.totals.rows(reach):
                rows.setdefault(row, Bound(self.slack[row])).of[n] = count * len(reach.own)
            for row in self.sides[i].loads:
                pairs.setdefault(row, Bound(self.balance.slack[row])).of[n] = count
        for n, places in enumerate(kinds.values()):
            for row in self.sides[members[places[0]]].relieves:
                if row in pairs:  # else nobody loads it
                    pairs[row].firm[n] = float(len(places))
        bounds: list[Bound] = []
        binders: list[Binder] = []
        for kind, found in (("row", rows), ("balance", pairs)):
            for row, bound in found.items():
                if sum(k * takers.high[n] for n, k in bound.of.items()) > bound.room_a - _CLOSE_A:
                    bounds.append(bound)
                    binders.append((kind, row))
        return takers, bounds, binders

    def _by_levels(
        self, members: Sequence[int], kinds: dict[tuple[object, ...], list[int]]
    ) -> tuple[list[float], list[Binder]]:
        takers, bounds, names = self._programme(members, kinds)
        answer = levelled(takers, bounds)
        if answer is None:
            raise Unsolvable
        currents: list[float] = [0.0] * len(members)
        binders: list[Binder] = [None] * len(members)
        for n, places in enumerate(kinds.values()):
            bound = answer[1][n]
            for place in places:
                currents[place] = answer[0][n]
                binders[place] = None if bound is None else names[bound]
        return currents, binders

    def _by_caps(self, members: list[int], currents: list[float]) -> tuple[list[float], list[Binder]]:
        """Lower the upper bounds of those who load a broken row, by the part of what they have above their
        minimums that it takes, until none is broken: within every limit, not the fairest."""
        lows = [self.chargers[i].min_a for i in members]
        upper = [self.chargers[i].max_a for i in members]
        capped: dict[int, int] = {}
        binders: list[Binder] = []
        for _ in range(_ROUNDS):
            short = self._short(members, currents, currents)
            if not short:
                return currents, [
                    ("balance", capped[n]) if b is None and n in capped else b for n, b in enumerate(binders)
                ]
            above = dict.fromkeys(short, _CLOSE_A)
            for n, i in enumerate(members):
                for row in short.keys() & set(self.sides[i].loads):
                    above[row] += currents[n] - lows[n]
            for n, i in enumerate(members):
                rows = [r for r in self.sides[i].loads if r in short]
                if rows:
                    part, row = min((max(0.0, 1.0 - short[r] / above[r] - 1e-9), r) for r in rows)
                    upper[n] = lows[n] + part * (currents[n] - lows[n])
                    capped[n] = row
            currents, binders = self._by_filling(members, upper)
        return lows, [("balance", capped[n]) if n in capped else None for n in range(len(members))]
