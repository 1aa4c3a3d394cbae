"""Those who take room, and where: all of a fill that does not change with the room.

What room there is changes every second; who asks for how much, every few minutes. So the sums over the takers,
their grouping by the rows that can bind and the sorted events of `filling` are kept from one fill to the next.
That halves the cost of a fill of 24 takers, and where all get their most nothing else has to be looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kwartier.control.allocation.totals import Totals, totals_on
from kwartier.control.allocation.tree import Tree, binding_rows

_SURE_A, _SURE = 1e-6, 1.0 + 1e-9
"""So much more than is needed is beyond all doubt enough: far above what rounding adds up to, and above the
nanoamperes in which `admission` counts."""
_PATTERNS = 32

Event = tuple[float, int, float, float, int]
"""When takers leave their lower bound or reach their upper one: level, number of the group, change of its rate,
of its fixed part, of the number of its takers on the move."""


@dataclass(slots=True)
class Group:
    """Takers behind the same rows: they stop at the same level."""

    rows: tuple[int, ...]
    totals: tuple[int, ...]
    """Rows that each of its takers loads `phases` times."""
    phases: int
    takers: list[int]


@dataclass(slots=True)
class Start:
    """What the first level of `filling` makes of rows and groups, as long as no row is full before. Not to be changed."""

    fixed: dict[int, float]
    rate: dict[int, float]
    peak: dict[int, float]
    group_rate: list[float]
    group_peak: list[float]
    active: list[int]
    at: int
    """The number of the first event above that level."""
    rows: tuple[int, ...]
    """Those that rise from it on."""


@dataclass(slots=True)
class Groups:
    """All takers by the rows that can bind. Not to be changed: it is kept, and remembers what was worked out on it."""

    each: list[Group]
    behind: dict[int, list[int]]
    """Per row the numbers of the groups that load it."""
    fixed: dict[int, float]
    """Per row what the lower bounds of all behind it take."""
    events: list[Event]
    start: Start | None = None
    _behind_only: dict[int, tuple[tuple[int, ...], tuple[tuple[int, tuple[int, ...]], ...]]] = field(
        default_factory=dict
    )

    def behind_only(self, row: int) -> tuple[tuple[int, ...], tuple[tuple[int, tuple[int, ...]], ...]]:
        """The rows of phases that carry only groups that load this row, itself among them; and these groups, each with
        its other rows."""
        known = self._behind_only.get(row)
        if known is None:
            mine = self.behind[row]
            loaded: dict[int, int] = {}
            for number in mine:
                for other in self.each[number].rows:
                    loaded[other] = loaded.get(other, 0) + 1
            done = {other for other, count in loaded.items() if count == len(self.behind[other])}
            beside = tuple((n, tuple(r for r in self.each[n].rows if r not in done)) for n in mine)
            known = self._behind_only[row] = (tuple(done), beside)
        return known


class Takers:
    """Made by `takers_of`; bounds and weights by taker."""

    def __init__(
        self,
        tree: Tree,
        numbers: tuple[int, ...],
        lower: tuple[float, ...],
        upper: tuple[float, ...],
        weight: tuple[float, ...],
        totals: Totals,
    ) -> None:
        self.tree = tree
        self.totals = totals
        self.lower, self.upper, self.weight = lower, upper, weight
        self.most = tuple(max(low, high) for low, high in zip(lower, upper, strict=True))
        self.unbound: tuple[None, ...] = (None,) * len(lower)
        self.by_reach: dict[int, list[int]] = {}
        for i, number in enumerate(numbers):
            self.by_reach.setdefault(number, []).append(i)
        self._wanted, self._booked = [0.0] * tree.row_count, [0.0] * tree.row_count
        for number, members in self.by_reach.items():
            high, low = sum(self.most[i] for i in members), sum(lower[i] for i in members)
            for row in tree.reaches[number].own:
                self._wanted[row] += high
                self._booked[row] += low
        self._plenty = self._enough(self.most)
        self._least = self._enough(lower)
        self._by_pattern: dict[tuple[bool | int, ...], Groups] = {}

    def _enough(self, currents: Sequence[float]) -> tuple[tuple[int, float], ...]:
        """Rows that they load, each with what is surely enough for these currents."""
        need: dict[int, float] = {}
        for number, members in self.by_reach.items():
            reach, each = self.tree.reaches[number], sum((currents[i] for i in members), 0.0)
            for row in reach.rows:
                need[row] = need.get(row, 0.0) + each
            for row in self.totals.rows(reach):
                need[row] = need.get(row, 0.0) + len(reach.own) * each
        return tuple((row, total * _SURE + _SURE_A) for row, total in need.items())

    def all_get_their_most(self, slack: Sequence[float]) -> bool:
        """Whether there is surely room for all their upper bounds: then nothing else matters."""
        return all(slack[row] >= enough for row, enough in self._plenty)

    def all_get_their_least(self, slack: Sequence[float]) -> bool:
        """Whether there is surely room for all their lower bounds. False says nothing."""
        return all(slack[row] >= enough for row, enough in self._least)

    def groups(self, slack: Sequence[float]) -> Groups:
        """The takers grouped by the rows that can bind with this room."""
        live = binding_rows(self.tree, self._wanted, self._booked, slack)
        tight = self._tight(slack) if self.totals else frozenset()
        pattern = (*live, *sorted(tight))
        known = self._by_pattern.get(pattern)
        if known is None:
            if len(self._by_pattern) >= _PATTERNS:
                self._by_pattern.clear()
            known = self._by_pattern[pattern] = self._grouped(live, tight)
        return known

    def _tight(self, slack: Sequence[float]) -> frozenset[int]:
        """The rows of `totals` that can bind: all together want more than there is."""
        wanted: dict[int, float] = {}
        for number, members in self.by_reach.items():
            reach = self.tree.reaches[number]
            most = len(reach.own) * sum((self.most[i] for i in members), 0.0)
            for row in self.totals.rows(reach):
                wanted[row] = wanted.get(row, 0.0) + most
        return frozenset(row for row, most in wanted.items() if most > slack[row])

    def _grouped(self, live: Sequence[bool], tight: frozenset[int]) -> Groups:
        merged: dict[tuple[tuple[int, ...], tuple[int, ...], int], list[int]] = {}
        for number, members in self.by_reach.items():
            reach = self.tree.reaches[number]
            rows = tuple(row for row in reach.rows if live[row])
            sums = tuple(row for row in self.totals.rows(reach) if row in tight) if tight else ()
            merged.setdefault((rows, sums, len(reach.own) if sums else 1), []).extend(members)
        each = [Group(*place, members) for place, members in merged.items()]
        behind: dict[int, list[int]] = {}
        fixed: dict[int, float] = {}
        for number, group in enumerate(each):
            low = sum(self.lower[i] for i in group.takers)
            for row in group.rows:
                behind.setdefault(row, []).append(number)
                fixed[row] = fixed.get(row, 0.0) + low
            for row in group.totals:
                behind.setdefault(row, []).append(number)
                fixed[row] = fixed.get(row, 0.0) + group.phases * low
        return Groups(each, behind, fixed, self._events(each))

    def _events(self, groups: Sequence[Group]) -> list[Event]:
        lower, upper, weight = self.lower, self.upper, self.weight
        changes: dict[tuple[float, int], list[float]] = {}
        for number, group in enumerate(groups):
            for i in group.takers if group.rows or group.totals else ():
                low, high, w = lower[i], upper[i], weight[i]
                if high > low:
                    _note(changes, (low / w, number), (w, -low, 1))
                    _note(changes, (high / w, number), (-w, high, -1))
        return sorted((level, g, c[0], c[1], int(c[2])) for (level, g), c in changes.items())


def _note(
    changes: dict[tuple[float, int], list[float]], at: tuple[float, int], change: tuple[float, float, int]
) -> None:
    known = changes.get(at)
    if known is None:
        changes[at] = [*change]
    else:
        known[0] += change[0]
        known[1] += change[1]
        known[2] += change[2]


@lru_cache(maxsize=64)
def takers_of(
    tree: Tree,
    numbers: tuple[int, ...],
    lower: tuple[float, ...],
    upper: tuple[float, ...],
    weight: tuple[float, ...],
    totals: Totals | None = None,
) -> Takers:
    """Takers by the numbers of their reaches, known again while nothing changes but the room."""
    return Takers(tree, numbers, lower, upper, weight, totals_on(tree, ()) if totals is None else totals)
