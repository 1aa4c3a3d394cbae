"""The month's peak of a car park at a running site: visits out of the charts, learnt once a day by the planner's process.

A car park is a site of many charge points whose quarter-hours follow the plan (`quarter: {follow: plan}`) at a price. Its
cars have no names and no goals; what they need is told by what the park has seen.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from statistics import fmean
from zoneinfo import ZoneInfo

import structlog

from kwartier.edge.plan.child import PlanChild, PlannerDown
from kwartier.edge.plan.inputs import HISTORY_DAYS, Inputs, Recorded
from kwartier.edge.plan.wishes import least_w, most_w
from kwartier.historian.codec import decode, encode
from kwartier.planning.situation import STEP_S, ParkLearnt, ParkPast, VisitThen
from kwartier.site.errors import StorageError
from kwartier.site.topology import Site

LEAST_POINTS = 6
"""Below it a site is a house: its cars have owners who say what they want."""
LIMIT_S = 60.0
DRAWS_W = 200.0
OFFERED_A = 0.5
"""A free charge point is offered nothing, a full car still the least: a mean above this is a car on its cable."""
GAP_STEPS = 2
"""A car that waits its turn is offered nothing for so long at the most. Who comes sooner after another counts as one with it."""
DONE_STEPS = 2

log = structlog.get_logger()


def is_park(site: Site) -> bool:
    """Whether its month's peak is learnt from its visits."""
    quarter = site.root.quarter
    return len(site.charge_points) >= LEAST_POINTS and quarter is not None and quarter.follow == "plan"


def visits_of(power_w: Mapping[int, float], allowed_a: Mapping[int, float]) -> list[VisitThen]:
    """Cars at one charge point, out of its means over quarter-hours by their start."""
    there = sorted(
        {s for s, w in power_w.items() if w > DRAWS_W} | {s for s, a in allowed_a.items() if a > OFFERED_A}
    )
    out: list[VisitThen] = []
    first = 0
    for place, at_s in enumerate(there):
        last = place + 1 == len(there)
        if not last and there[place + 1] - at_s <= (GAP_STEPS + 1) * STEP_S:
            continue
        begin_s, end_s = there[first], at_s + STEP_S
        first = place + 1
        energy_kwh = (
            sum(max(0.0, power_w.get(s, 0.0)) for s in range(begin_s, end_s, STEP_S)) * STEP_S / 3.6e6
        )
        if energy_kwh <= 0.0:
            continue
        ending = range(max(begin_s, end_s - DONE_STEPS * STEP_S), end_s, STEP_S)
        filled = len(ending) == DONE_STEPS and all(power_w.get(s, 0.0) < DRAWS_W for s in ending)
        out.append(VisitThen(arrive_s=begin_s, depart_s=end_s, energy_kwh=energy_kwh, filled=filled))
    return out


class ParkTarget:
    """Remembers the target of the local day."""

    def __init__(self, site: Site, zone: ZoneInfo, recorded: Recorded, child: PlanChild) -> None:
        self._site = site
        self._zone = zone
        self._recorded = recorded
        self._child = child
        self._known: tuple[int, ParkLearnt] | None = None

    async def target_w(self, inputs: Inputs) -> float | None:
        """What a quarter-hour of this day may reach. None: the site is no car park, its peak has no price, or nothing could be
        learnt; then the month's peak so far holds."""
        if not is_park(self._site) or inputs.peak.eur_per_kw <= 0.0:
            return None
        midnight = datetime.fromtimestamp(inputs.start_s, self._zone).replace(hour=0, minute=0)
        day_s = int(midnight.timestamp())
        if self._known is None or self._known[0] != day_s:
            try:
                past = await asyncio.to_thread(self.past, inputs)
                learnt = decode(ParkLearnt, await self._child.ask("park", encode(past), LIMIT_S))
            except (StorageError, PlannerDown) as error:
                log.warning("the park's month peak could not be learnt", error=str(error))
                return None if self._known is None else self._known[1].target_w
            self._known = day_s, learnt
        return self._known[1].target_w

    def past(self, inputs: Inputs) -> ParkPast:
        """What the charts hold of it. Raises StorageError."""
        to_s = inputs.start_s
        points = self._site.charge_points
        visits: list[VisitThen] = []
        history_s = to_s - HISTORY_DAYS * 86400
        for point in points:
            power_w, allowed_a = (
                self._recorded.means(f"charge_point.{point.id}.{what}", history_s, to_s)
                for what in ("power_w", "allowed_a")
            )
            visits += visits_of(power_w, allowed_a)
        grid_w = self._recorded.means("grid_w", inputs.house_start_s, to_s)
        sun_w = inputs.sun_w or (None,) * len(inputs.house_w)
        return ParkPast(
            now_s=float(to_s),
            zone=self._site.time_zone,
            start_s=inputs.house_start_s,
            net_w=tuple(
                None if load is None else load - (sun or 0.0)
                for load, sun in zip(inputs.house_w, sun_w, strict=True)
            ),
            grid_w=tuple(grid_w.get(s) for s in range(inputs.house_start_s, to_s, STEP_S)),
            points=len(points),
            min_w=fmean(least_w(point) for point in points),
            max_w=fmean(most_w(point) for point in points),
            visits=tuple(visits),
        )
