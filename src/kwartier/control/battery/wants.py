"""What the batteries of a site should do together, before any limit: balance the grid, follow a plan, help against a peak.

Without a plan: take what is left over, give what is needed, nothing from the grid.

With a plan, planned power and planned grid belong together. The planned power is taken, and corrected by what
happens otherwise than foreseen:

- more is left over than was planned: it is taken;
- it was to give: the grid is held where it was planned, so that a small load does not empty it;
- it was to take what is left over: it takes no more than that, and nothing from the grid;
- it was to take from the grid, or to keep what it has: it does, whatever the house does.

In either case it gives what keeps the running quarter-hour under its goal, before cars are told less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kwartier.site.batteries import Battery

NEAR_W = 50.0
"""Less than this is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """One that can be steered now."""

    battery: Battery
    charge_w: float
    """The most that it may take, and give (0 or more)."""
    discharge_w: float
    peak_w: float
    """The most that it may give against a peak."""
    planned_w: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of the site, W."""

    rest_w: float
    """What it needs beside cars and batteries; below 0: it has some over."""
    cars_w: float
    """What cars draw."""
    grid_w: float | None
    """The planned exchange with the grid; None: no plan is in force."""
    most_w: float | None
    """What may be taken from the grid for a peak's sake, on average until the quarter ends; None: no goal."""
    asked_w: float
    """What cars ask for within the limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The power of each, and what decided it."""

    power_w: dict[str, float]
    peak: bool = False
    """Whether the goal of the quarter-hour decided it."""


def want(ables: Sequence[Able], site: Site) -> Wanted:
    """Pure. Positive charges."""
    planned = {a.battery.id: a.planned_w or 0.0 for a in ables}
    planned = {a.battery.id: _within(planned[a.battery.id], a) for a in ables}
    total_w = sum(planned.values())
    wished_w = _balanced(ables, site) if site.grid_w is None else _corrected(ables, site, total_w)
    power = _spread(ables, planned, wished_w - total_w)
    if site.most_w is None:
        return Wanted(power_w=power)
    over_w = site.rest_w + site.asked_w + sum(power.values()) - site.most_w
    if over_w <= NEAR_W:
        return Wanted(power_w=power)
    return Wanted(power_w=_against(ables, power, over_w), peak=True)


def _balanced(ables: Sequence[Able], site: Site) -> float:
    """So that nothing comes from the grid and nothing goes there."""
    net_w = site.rest_w + site.cars_w
    if net_w <= 0:
        return -net_w
    covers_w = net_w if _feeds(ables) else max(0.0, site.rest_w)
    return -covers_w


def _corrected(ables: Sequence[Able], site: Site, planned_w: float) -> float:
    """A plan's power as things are."""
    grid_w = site.grid_w or 0.0
    net_w = site.rest_w + site.cars_w
    power_w = planned_w
    if planned_w < -NEAR_W:
        # It gives: hold the grid where it was planned.
        held_w = grid_w - net_w
        if not _feeds(ables):
            held_w = max(held_w, -max(0.0, site.rest_w))
        power_w = max(planned_w, held_w) if grid_w < 0 else min(0.0, held_w)
    elif planned_w > NEAR_W and grid_w <= NEAR_W:
        power_w = min(planned_w, max(0.0, -net_w))
    return max(power_w, min(grid_w, 0.0) - net_w)


def _feeds(ables: Sequence[Able]) -> bool:
    return all(a.battery.feeds_cars for a in ables)


def _within(power_w: float, able: Able) -> float:
    return min(able.charge_w, max(-able.discharge_w, power_w))


def _spread(ables: Sequence[Able], power: Mapping[str, float], more_w: float) -> dict[str, float]:
    """Change the sum by so much, each by its part of the room that is left."""
    rooms = {
        a.battery.id: (a.charge_w if more_w > 0 else -a.discharge_w) - power[a.battery.id] for a in ables
    }
    rooms = {i: max(0.0, room) if more_w > 0 else min(0.0, room) for i, room in rooms.items()}
    whole_w = sum(rooms.values())
    if whole_w == 0:
        return dict(power)
    part = min(1.0, more_w / whole_w)
    return {i: power[i] + part * rooms[i] for i in power}


def _against(ables: Sequence[Able], power: Mapping[str, float], over_w: float) -> dict[str, float]:
    """Less into them, then more out of them, by so much."""
    rooms = {a.battery.id: power[a.battery.id] + a.peak_w for a in ables}
    whole_w = sum(rooms.values())
    if whole_w <= 0:
        return dict(power)
    part = min(1.0, over_w / whole_w)
    return {i: power[i] - part * rooms[i] for i in power}
