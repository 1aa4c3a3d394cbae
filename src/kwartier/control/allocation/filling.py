"""Weighted progressive filling: max-min fair shares on a tree, per phase, within bounds.

One level rises from zero. A taker with weight w stands at `w * level`, but not below its lower bound and not
above its upper one. When a row (a circuit-phase) is full, everybody behind it stays where he is. The result
is the one whose sorted vector of current / weight is lexicographically largest (Radunovic and Le Boudec, "A
Unified Framework for Max-Min and Min-Max Fairness").

The level jumps from event to event: a taker leaves its lower bound, reaches its upper one, or a row fills.
A row may also be the sum of the three phases of a circuit (`totals`); a taker on k phases fills it k times as
fast as its current rises. Fairness stays one of current per weight, whatever the number of phases.

Takers behind the same rows move together, so a row keeps one rate and one fixed part, and an event costs as
many steps as the taker has rows. Rows that cannot bind are left out beforehand. All that follows from the takers
alone is worked out once (`takers_of`): in a running site they stay the same for minutes, and only the room changes.
"""

import heapq
from collections.abc import Sequence
from math import inf

from kwartier.control.allocation.shapes import Filled, FillItem
from kwartier.control.allocation.takers import Groups, Start, Takers, takers_of
from kwartier.control.allocation.totals import Totals
from kwartier.control.allocation.tree import Reach, Tree
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
    numbers = tuple(reach.number for reach in reaches)
    these = takers_of(tree, numbers, tuple(lower), tuple(upper), tuple(weight), totals)
    currents, binding = fill_takers(these, slack)
    return list(currents), list(binding)


def fill_takers(these: Takers, slack: Sequence[float]) -> tuple[Sequence[float], Sequence[int | None]]:
    """The same for takers known before."""
    if these.all_get_their_most(slack):
        return these.most, these.unbound
    groups = these.groups(slack)
    filling = _Filling(slack, groups, these)
    filling.run()
    lower, upper, weight = these.lower, these.upper, these.weight
    currents: list[float] = [0.0] * len(lower)
    binding: list[int | None] = [None] * len(lower)
    for group, level, row in zip(groups.each, filling.level, filling.row, strict=True):
        for i in group.takers:
            low, high, current = lower[i], upper[i], weight[i] * level
            current = min(current, high)
            current = max(current, low)
            currents[i] = current
            if current < high - 1e-9:
                binding[i] = row
    return currents, binding


class _Filling:
    """The rising level: per row a fixed part, a rate, and the groups that it stops; per group its rate and,
    once it has stopped, at which level and before which row."""

    __slots__ = (
        "active",
        "fixed",
        "group_peak",
        "group_rate",
        "groups",
        "heap",
        "level",
        "peak",
        "rate",
        "row",
        "slack",
        "takers",
    )

    def __init__(self, slack: Sequence[float], groups: Groups, these: Takers) -> None:
        count = len(groups.each)
        self.slack = slack
        self.groups = groups
        self.takers = these
        self.fixed = groups.fixed.copy()
        self.rate = dict.fromkeys(self.fixed, 0.0)
        self.peak = self.rate.copy()
        self.heap: list[tuple[float, int]] = []
        self.group_rate = [0.0] * count
        self.group_peak = [0.0] * count
        self.active = [0] * count
        self.level = [inf] * count
        self.row: list[int | None] = [None] * count

    def run(self) -> None:
        """Raise the level until every group has stopped or is at its upper bounds."""
        full = [row for row, fixed in self.fixed.items() if self.slack[row] - fixed <= _FULL_A]
        for row in full:
            self._stop(row, 0.0)
        events = self.groups.events
        at, end = 0, len(events)
        if at < end:
            # Nothing has moved yet: no row fills before the first event, and where none is full what comes of it is
            # the same whatever the room.
            at = self._first(known=not full)
        while at < end:
            level = events[at][0]
            self._fill_rows_until(level)
            raised: set[int] = set()
            at = self._happen(at, raised)
            for row in sorted(raised):
                self._schedule(row, level)
        self._fill_rows_until(inf)

    def _first(self, *, known: bool) -> int:
        """Bring about what happens at the first level; returns the number of the next event. `known`: as kept."""
        groups, raised = self.groups, set[int]()
        level = groups.events[0][0]
        if known and groups.start is not None:
            kept = groups.start
            self.fixed, self.rate, self.peak = kept.fixed.copy(), kept.rate.copy(), kept.peak.copy()
            self.group_rate, self.group_peak = kept.group_rate[:], kept.group_peak[:]
            self.active, at, rows = kept.active[:], kept.at, kept.rows
        else:
            at = self._happen(0, raised)
            rows = tuple(raised)
            if known:
                groups.start = Start(
                    self.fixed.copy(),
                    self.rate.copy(),
                    self.peak.copy(),
                    self.group_rate[:],
                    self.group_peak[:],
                    self.active[:],
                    at,
                    rows,
                )
        full_at = self._full_at
        self.heap = [(when, row) for row in rows if (when := full_at(row, level)) < inf]
        heapq.heapify(self.heap)
        return at

    def _happen(self, at: int, raised: set[int]) -> int:
        """Bring about all events of one level, from number `at` on; notes the rows that rise from then on in `raised`,
        returns the number of the next event."""
        events = self.groups.events
        level, end = events[at][0], len(events)
        while at < end and events[at][0] == level:
            _, number, rate, fixed, active = events[at]
            if self.row[number] is None:
                self._move(number, rate, fixed, active, level)
                group = self.groups.each[number]
                raised.update(group.rows)
                raised.update(group.totals)
            at += 1
        return at

    def _move(self, number: int, rate: float, fixed: float, active: int, level: float) -> None:
        self.active[number] += active
        before = self.group_rate[number]
        after = before + rate if self.active[number] else 0.0
        peak = self.group_peak[number]
        if after > peak:
            self.group_peak[number] = peak = after
        if after < _CANCELLED * peak:
            after = self._summed_rate(number, level)
        self.group_rate[number] = after
        self._change(number, after - before, fixed)

    def _summed_rate(self, number: int, level: float) -> float:
        lower, upper, weight = self.takers.lower, self.takers.upper, self.takers.weight
        members = self.groups.each[number].takers
        return sum(weight[i] for i in members if lower[i] / weight[i] <= level < upper[i] / weight[i])

    def _change(self, number: int, rate: float, fixed: float) -> None:
        rates, peaks, fixed_parts = self.rate, self.peak, self.fixed
        group = self.groups.each[number]
        for row in group.rows:
            now = rates[row] + rate
            fixed_parts[row] += fixed
            if now > peaks[row]:
                peaks[row] = now
            elif now < _CANCELLED * peaks[row]:
                now = sum(self.group_rate[g] for g in self.groups.behind[row] if self.row[g] is None)
            rates[row] = now
        for row in group.totals:
            self._change_total(row, group.phases * rate, group.phases * fixed)

    def _change_total(self, row: int, rate: float, fixed: float) -> None:
        now = self.rate[row] + rate
        self.fixed[row] += fixed
        if now > self.peak[row]:
            self.peak[row] = now
        elif now < _CANCELLED * self.peak[row]:
            behind = (g for g in self.groups.behind[row] if self.row[g] is None)
            now = sum(self.groups.each[g].phases * self.group_rate[g] for g in behind)
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
        """Nobody behind this row gets more. What lies wholly behind it is done with; the other rows of those who stop
        lose their rates."""
        rates, peaks, fixed_parts = self.rate, self.peak, self.fixed
        group_rate, stopped = self.group_rate, self.row
        groups = self.groups
        done, beside = groups.behind_only(row)
        for number, others in beside:
            if stopped[number] is not None:
                continue
            stopped[number], self.level[number] = row, level
            rate, group_rate[number] = group_rate[number], 0.0
            if not rate:
                continue
            fixed = rate * level
            for other in others:
                now = rates[other] - rate
                fixed_parts[other] += fixed
                if now < _CANCELLED * peaks[other]:
                    now = sum([group_rate[g] for g in groups.behind[other] if stopped[g] is None])
                rates[other] = now
            group = groups.each[number]
            for total in group.totals:
                self._change_total(total, group.phases * -rate, group.phases * fixed)
        for other in done:
            rates[other] = 0.0
