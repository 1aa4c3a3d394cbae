"""Keeps the curves of past days and the target of the running month: called once at the start of each local day."""

import numpy as np

from kwartier.planning.horizon.park_target import (
    QUARTER_S,
    DayCurve,
    MonthSoFar,
    TargetRule,
    day_curve,
    month_target_w,
    targets_w,
)
from kwartier.planning.horizon.park_visits import Floats, Visits, wanted_kwh

_KEPT_DAYS = 180


class ParkLearner:
    """The month peak of one car park, learnt from its own days and from nothing else."""

    def __init__(self, *, points: int, min_w: float, max_w: float, rule: TargetRule) -> None:
        """`points` charge points, each from `min_w` to `max_w`."""
        if points <= 0 or not 0.0 <= min_w <= max_w:
            raise ValueError(
                f"a car park needs charge points, and min_w <= max_w: {points}, {min_w}, {max_w}"
            )
        self._max_w = max_w
        self._rule = rule
        self._targets = targets_w(points * max_w)
        self._curves: list[DayCurve] = []
        self._last_day: int | None = None
        self._last_s = 0
        self._month: int | None = None
        self._month_s = 0
        self._month_day = 0
        self.target_w = rule.first_share * points * max_w
        """What a quarter-hour may reach today."""
        self.lost_kwh = 0.0
        """Of this month, as estimated this morning."""

    def new_day(
        self,
        *,
        day: int,
        month: int,
        days_left: int,
        now_s: int,
        visits: Visits,
        net_w: Floats,
        grid_w: Floats,
        start_s: int,
    ) -> float:
        """Learn from what has been, and return the target of the day that begins at `now_s`.

        `day` and `month` are running numbers of the local calendar; `days_left` of the month, this day included. `visits`: all that
        have begun before `now_s`; those that go on count as ended now. `net_w` (load less sun) and `grid_w`
        (what the meter counted) per quarter-hour from `start_s` to `now_s`.
        """
        stay_s = visits.depart_s - visits.arrive_s
        wanted = np.maximum(visits.energy_kwh, np.minimum(wanted_kwh(visits), stay_s * self._max_w / 3.6e6))
        if self._last_day is not None:
            self._curves.append(self._curve(self._last_day, now_s, visits, wanted, net_w, start_s))
            del self._curves[:-_KEPT_DAYS]
        if month != self._month:
            self._month, self._month_s, self._month_day, self.target_w = month, now_s, day, 0.0
        ended = (visits.arrive_s >= self._month_s) & (visits.depart_s < now_s)
        self.lost_kwh = float((wanted[ended] - visits.energy_kwh[ended]).sum())
        since = max(0, (self._month_s - start_s) // QUARTER_S)
        peak_w = float(grid_w[since:].max(initial=0.0))
        self._last_day, self._last_s = day, now_s
        so_far = MonthSoFar(
            target_w=max(self.target_w, peak_w),
            days_gone=day - self._month_day,
            days_left=days_left,
            energy_kwh=float(wanted[ended].sum()),
            lost_kwh=self.lost_kwh,
        )
        self.target_w = month_target_w(self._curves, self._targets, so_far, day, self._rule)
        return self.target_w

    def _curve(
        self, day: int, now_s: int, visits: Visits, wanted: Floats, net_w: Floats, start_s: int
    ) -> DayCurve:
        came = (visits.arrive_s >= self._last_s) & (visits.arrive_s < now_s)
        chosen = visits.only(came)
        return day_curve(
            day=day,
            arrive_s=chosen.arrive_s,
            depart_s=chosen.depart_s,
            wanted_kwh=wanted[came],
            max_w=np.full(len(chosen), self._max_w),
            net_w=net_w,
            start_s=start_s,
            targets=self._targets,
        )
