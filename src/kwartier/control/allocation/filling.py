"""Weighted progressive filling: max-min fair shares on a tree, per phase, within bounds.

One level rises from zero. A taker with weight w stands at `w * level`, but not below its lower bound and not
above its upper one. When a row (a circuit-phase) is full, everybody behind it stays where he is. The result
is the one whose sorted vector of current / weight is lexicographically largest (Radunovic and Le Boudec, "A
Unified Framework for Max-Min and Min-Max Fairness").

The level jumps from event to event: a taker leaves its lower bound, reaches its upper one, or a row fills.
A row may also be the sum of the three phases of a circuit (`totals`); a taker on k phases fills it k times as
fast as its current rises. Fairness stays one of current per weight, whatever the number of phases.

Takers behind the same rows move together, so a row keeps one rate and one fixed part, and an event costs as
many steps as the taker has rows. Rows that cannot bind are left out beforehand.
"""

import heapq
from collections.abc import Sequence
from math import inf

from kwartier.control.allocation.shapes import Filled, FillItem
from kwartier.control.allocation.totals import Totals, none
from kwartier.control.allocation.tree import Reach, Tree, binding_rows
from kwartier.site.phases import PhaseVector

_CANCELLED = 1e-5
"""A rate that fell below this part of its highest value is summed anew: what is left of the subtraction
would be rounding when weights lie orders of magnitude apart."""
_FULL_A = 1e-11
"""Room below this is none."""


def fill(tree: Tree, slack_a: Sequence[PhaseVector], items: Sequence[FillItem]) -> tuple[Filled, ...]:
    """Share room out, max-min fair.

    `slack_a`: room per circuit in the tree's order, A, for all that the items take, their lower bounds
    included. Lower bounds are always granted: where they exceed the room, that row gives nothing more.
    Raises ConfigError for an item at an unknown place.
    """
    reaches = [tree.reach(item.circuit, item.phases) for item in items]
    currents, rows = fill_rows(
        tree,
        [value for vector in slack_a for value in vector],
        reaches,
        [item.lower_a for item in items],
        [item.upper_a for item in items],
        [item.weight for item in items],
    )
    places = [(None, None) if row is None else tree.place(row) for row in rows]
    return tuple(
        Filled(current, circuit, phase) for current, (circuit, phase) in zip(currents, places, strict=True)
    )


def fill_rows(
    tree: Tree,
    slack: Sequence[float],
    reaches: Sequence[Reach],
    lower: Sequence[float],
    upper: Sequence[float],
    weight: Sequence[float],
    totals: Totals | None = None,
) -> tuple[list[float], list[int | None]]:
    """`fill` on flat lists, one entry per row or taker; returns currents and binding rows (None: upper).

    `slack` goes on with the rows of `totals`, where there are any.
    """
    groups = _group(tree, slack, reaches, lower, upper, totals or none(tree))
    filling = _Filling(slack, groups, lower, upper, weight)
    filling.run()
    currents: list[float] = [0.0] * len(reaches)
    binding: list[int | None] = [None] * len(reaches)
    for group in groups:
        level, row = group.level, group.row
        for i in group.takers:
            low, high = lower[i], upper[i]
            current = max(low, min(high, weight[i] * level))
            currents[i] = current
            if current < high - 1e-9:
                binding[i] = row
    return currents, binding


class _Group:
    """Takers behind the same rows: they stop at the same level."""

    __slots__ = ("active", "level", "peak", "phases", "rate", "row", "rows", "takers", "totals")

    def __init__(
        self, rows: tuple[int, ...], totals: tuple[int, ...], phases: int, takers: list[int]
    ) -> None:
        self.rows = rows
        self.totals = totals
        """Rows that each of its takers loads `phases` times."""
        self.phases = phases
        self.takers = takers
        self.rate = 0.0
        self.peak = 0.0
        self.active = 0
        self.level = inf
        self.row: int | None = None


def _group(
    tree: Tree,
    slack: Sequence[float],
    reaches: Sequence[Reach],
    lower: Sequence[float],
    upper: Sequence[float],
    totals: Totals,
) -> list[_Group]:
    takers: dict[int, list[int]] = {}
    for i, reach in enumerate(reaches):
        takers.setdefault(reach.number, []).append(i)
    wanted, booked = [0.0] * tree.row_count, [0.0] * tree.row_count
    for number, members in takers.items():
        high, low = sum(max(upper[i], lower[i]) for i in members), sum(lower[i] for i in members)
        for row in tree.reaches[number].own:
            wanted[row] += high
            booked[row] += low
    live = binding_rows(tree, wanted, booked, slack)
    tight = _tight(tree, slack, takers, lower, upper, totals) if totals else frozenset()
    merged: dict[tuple[tuple[int, ...], tuple[int, ...], int], list[int]] = {}
    for number, members in takers.items():
        reach = tree.reaches[number]
        rows = tuple(row for row in reach.rows if live[row])
        sums = tuple(row for row in totals.rows(reach) if row in tight) if tight else ()
        merged.setdefault((rows, sums, len(reach.own) if sums else 1), []).extend(members)
    return [_Group(*place, members) for place, members in merged.items()]


def _tight(
    tree: Tree,
    slack: Sequence[float],
    takers: dict[int, list[int]],
    lower: Sequence[float],
    upper: Sequence[float],
    totals: Totals,
) -> frozenset[int]:
    """The rows of `totals` that can bind: all together want more than there is."""
    wanted: dict[int, float] = {}
    for number, members in takers.items():
        reach = tree.reaches[number]
        most = len(reach.own) * sum(max(upper[i], lower[i]) for i in members)
        for row in totals.rows(reach):
            wanted[row] = wanted.get(row, 0.0) + most
    return frozenset(row for row, most in wanted.items() if most > slack[row])


class _Filling:
    """The rising level: per row a fixed part, a rate, and the groups that it stops."""

    __slots__ = ("behind", "fixed", "groups", "heap", "lower", "peak", "rate", "slack", "upper", "weight")

    def __init__(
        self,
        slack: Sequence[float],
        groups: Sequence[_Group],
        lower: Sequence[float],
        upper: Sequence[float],
        weight: Sequence[float],
    ) -> None:
        self.slack = slack
        self.groups = groups
        self.lower, self.upper, self.weight = lower, upper, weight
        self.behind: dict[int, list[_Group]] = {}
        self.fixed: dict[int, float] = {}
        for group in groups:
            low = sum(lower[i] for i in group.takers)
            for row in group.rows:
                self.behind.setdefault(row, []).append(group)
                self.fixed[row] = self.fixed.get(row, 0.0) + low
            for row in group.totals:
                self.behind.setdefault(row, []).append(group)
                self.fixed[row] = self.fixed.get(row, 0.0) + group.phases * low
        self.rate = dict.fromkeys(self.behind, 0.0)
        self.peak = dict.fromkeys(self.behind, 0.0)
        self.heap: list[tuple[float, int]] = []

    def run(self) -> None:
        """Raise the level until every group has stopped or is at its upper bounds."""
        for row, fixed in self.fixed.items():
            if self.slack[row] - fixed <= _FULL_A:
                self._stop(row, 0.0)
        events = self._events()
        at, end = 0, len(events)
        while at < end:
            level = events[at][0]
            self._fill_rows_until(level)
            raised: set[int] = set()
            while at < end and events[at][0] == level:
                _, number, rate, fixed, active = events[at]
                group = self.groups[number]
                if group.row is None:
                    self._move(group, rate, fixed, active, level)
                    raised.update(group.rows)
                    raised.update(group.totals)
                at += 1
            for row in sorted(raised):
                self._schedule(row, level)
        self._fill_rows_until(inf)

    def _events(self) -> list[tuple[float, int, float, float, int]]:
        """When takers leave their lower bound and reach their upper one: level, group, change of its rate,
        change of its fixed part, change of the number of takers on the move."""
        lower, upper, weight = self.lower, self.upper, self.weight
        changes: dict[tuple[float, int], list[float]] = {}
        for number, group in enumerate(self.groups):
            for i in group.takers if group.rows or group.totals else ():
                low, high, w = lower[i], upper[i], weight[i]
                if high > low:
                    for at, change in (
                        ((low / w, number), (w, -low, 1)),
                        ((high / w, number), (-w, high, -1)),
                    ):
                        known = changes.get(at)
                        if known is None:
                            changes[at] = [*change]
                        else:
                            known[0] += change[0]
                            known[1] += change[1]
                            known[2] += change[2]
        return sorted((level, g, c[0], c[1], int(c[2])) for (level, g), c in changes.items())

    def _move(self, group: _Group, rate: float, fixed: float, active: int, level: float) -> None:
        group.active += active
        before = group.rate
        group.rate = before + rate if group.active else 0.0
        group.peak = max(group.peak, group.rate)
        if group.rate < _CANCELLED * group.peak:
            group.rate = self._summed_rate(group, level)
        self._change(group, group.rate - before, fixed)

    def _summed_rate(self, group: _Group, level: float) -> float:
        lower, upper, weight = self.lower, self.upper, self.weight
        return sum(weight[i] for i in group.takers if lower[i] / weight[i] <= level < upper[i] / weight[i])

    def _change(self, group: _Group, rate: float, fixed: float) -> None:
        rates, peaks, fixed_parts = self.rate, self.peak, self.fixed
        for row in group.rows:
            now = rates[row] + rate
            fixed_parts[row] += fixed
            if now > peaks[row]:
                peaks[row] = now
            elif now < _CANCELLED * peaks[row]:
                now = sum(group.rate for group in self.behind[row] if group.row is None)
            rates[row] = now
        for row in group.totals:
            self._change_total(row, group.phases * rate, group.phases * fixed)

    def _change_total(self, row: int, rate: float, fixed: float) -> None:
        now = self.rate[row] + rate
        self.fixed[row] += fixed
        if now > self.peak[row]:
            self.peak[row] = now
        elif now < _CANCELLED * self.peak[row]:
            now = sum(group.phases * group.rate for group in self.behind[row] if group.row is None)
        self.rate[row] = now

    def _full_at(self, row: int, level: float) -> float:
        rate = self.rate[row]
        if rate <= 0.0:
            return inf
        return max(level, (self.slack[row] - self.fixed[row]) / rate)

    def _schedule(self, row: int, level: float) -> None:
        full = self._full_at(row, level)
        if full < inf:
            heapq.heappush(self.heap, (full, row))

    def _fill_rows_until(self, level: float) -> None:
        """Stop the rows that fill before this level. What stops elsewhere can only put a row's moment off,
        so an entry is right once it is confirmed at the top."""
        heap = self.heap
        while heap and heap[0][0] < level:
            planned, row = heapq.heappop(heap)
            full = self._full_at(row, planned)
            if full > planned:
                if full < inf:
                    heapq.heappush(heap, (full, row))
            else:
                self._stop(row, planned)

    def _stop(self, row: int, level: float) -> None:
        for group in self.behind[row]:
            if group.row is None:
                group.row, group.level = row, level
                rate, group.rate = group.rate, 0.0
                if rate:
                    self._change(group, -rate, rate * level)
