"""Max-min fair shares where rows pull in both directions: a sequence of linear programmes.

Each raises the level z with everybody at `weight * z` at least. Where it can rise no further, the shadow
prices tell who is held there in every best solution: they stay, and the level goes on for the others
(Radunovic and Le Boudec, the general case). The next programme begins where the one before ended: columns with
a price stay at zero for good, and a new level takes the place of the old one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kwartier.control.allocation.simplex import EPS, Dictionary, Unsolvable

_CLOSE_A = 1e-7


@dataclass(slots=True)
class Bound:
    """sum of `of[i]` * current i, less sum of `firm[i]` * (what of it is certain) <= `room_a`."""

    room_a: float
    of: dict[int, float] = field(default_factory=dict)
    firm: dict[int, float] = field(default_factory=dict)

    def load_a(self, currents: Sequence[float], certain_a: Sequence[float]) -> float:
        """Its left side; `certain_a` per taker is the most that is certain of him."""
        load = sum((k * currents[i] for i, k in self.of.items()), 0.0)
        return load - sum((k * min(currents[i], certain_a[i]) for i, k in self.firm.items()), 0.0)


@dataclass(slots=True)
class Takers:
    """Who shares, as flat lists. A current lies within [low, high]."""

    low: list[float]
    high: list[float]
    weight: list[float]
    certain: list[float]
    """The most that counts in `Bound.firm`."""


def feasible(takers: Takers, bounds: Sequence[Bound]) -> bool:
    """Whether there are currents within all bounds. Raises Unsolvable."""
    return _start(takers, bounds, level=False) is not None


def levelled(takers: Takers, bounds: Sequence[Bound]) -> tuple[list[float], list[int | None]] | None:
    """Currents and the bound that holds each back (None: his own maximum); None where nothing fits.

    Raises Unsolvable.
    """
    started = _start(takers, bounds, level=True)
    if started is None:
        return None
    return _Levelling(takers, bounds, started).run()


def _start(takers: Takers, bounds: Sequence[Bound], *, level: bool) -> Dictionary | None:
    """Variables: 0..n-1 what each gets above his low; n..2n-1 what of that is certain, where it is less; then
    slacks: n of uppers, n of levels, bounds; then n + n of certainty; the level last."""
    n, m = len(takers.low), len(bounds)
    low, high, certain = takers.low, takers.high, takers.certain
    split = sorted({i for b in bounds for i in b.firm if low[i] < certain[i] < high[i]})
    free = [*range(n), *(n + i for i in split)]
    column = {name: j for j, name in enumerate(free)}
    z = 6 * n + m
    if level:
        column[z] = len(free)
        free.append(z)
    names: list[int] = []
    values: list[float] = []
    parts: list[list[float]] = []

    def row(name: int, value: float, *entries: tuple[int, float]) -> None:
        part = [0.0] * len(free)
        for at, k in entries:
            part[column[at]] += k
        names.append(name)
        values.append(value)
        parts.append(part)

    for i in range(n):
        row(2 * n + i, high[i] - low[i], (i, 1.0))
        if level:
            row(3 * n + i, low[i], (z, takers.weight[i]), (i, -1.0))
    for b, bound in enumerate(bounds):
        room = bound.room_a - sum(k * low[i] for i, k in bound.of.items())
        entries = list(bound.of.items())
        for i, k in bound.firm.items():
            room += k * min(certain[i], low[i])
            if certain[i] >= high[i]:
                entries.append((i, -k))
            elif certain[i] > low[i]:
                entries.append((n + i, -k))
        row(4 * n + b, room, *entries)
    for i in split:
        row(4 * n + m + i, certain[i] - low[i], (n + i, 1.0))
        row(5 * n + m + i, 0.0, (n + i, 1.0), (i, -1.0))
    made = Dictionary(free, names, values, parts)
    return made if made.make_feasible(z + 1) else None


class _Levelling:
    """The sequence of programmes."""

    def __init__(self, takers: Takers, bounds: Sequence[Bound], dictionary: Dictionary) -> None:
        self.takers, self.bounds, self.dictionary = takers, bounds, dictionary
        self.n, self.m = len(takers.low), len(bounds)
        self.z = 6 * self.n + self.m
        self.binding: list[int | None] = [None] * self.n
        self.full: list[int] = []
        """Bounds with a price, those of the newest programme first."""

    def run(self) -> tuple[list[float], list[int | None]]:
        moving = set(range(self.n))
        while moving:
            r = self.dictionary.maximise(self.z)
            prices = dict(zip(self.dictionary.free, self.dictionary.part[r], strict=True))
            held = {name for name, price in prices.items() if price > EPS}
            stopped = {i for i in moving if 3 * self.n + i in held}
            if not stopped:
                raise Unsolvable
            self.full = [n - 4 * self.n for n in sorted(held) if 0 <= n - 4 * self.n < self.m] + self.full
            for i in stopped:
                self.binding[i] = self._binder(i)
            moving -= stopped
            self.dictionary.drop_columns(j for j, name in enumerate(self.dictionary.free) if name in held)
            self.dictionary.freeze(r)
            if moving:
                self._new_level(moving)
        return self._answer()

    def _binder(self, i: int) -> int | None:
        """The bound filled last that he loads himself; else one that is full for others he is tied to."""
        full = self.full
        return next((b for b in full if self.bounds[b].of.get(i, 0.0) > 0), full[0] if full else None)

    def _new_level(self, moving: set[int]) -> None:
        d, n = self.dictionary, self.n
        column = [0.0] * len(d.basic)
        of_free = {name: j for j, name in enumerate(d.free)}
        of_basic = {name: r for r, name in enumerate(d.basic)}
        for i in moving:
            name, weight = 3 * n + i, self.takers.weight[i]
            if name in of_basic:
                column[of_basic[name]] += weight
            else:
                j = of_free[name]
                column = [a + weight * row[j] for a, row in zip(column, d.part, strict=True)]
        d.add_column(self.z, column)

    def _answer(self) -> tuple[list[float], list[int | None]]:
        above = self.dictionary.values(range(self.n))
        low, high = self.takers.low, self.takers.high
        currents = [min(h, w + max(0.0, a)) for w, h, a in zip(low, high, above, strict=True)]
        for bound in self.bounds:
            if bound.load_a(currents, self.takers.certain) > bound.room_a + _CLOSE_A:
                raise Unsolvable
        for i, current in enumerate(currents):
            if current >= high[i] - EPS:
                self.binding[i] = None
        return currents, self.binding
