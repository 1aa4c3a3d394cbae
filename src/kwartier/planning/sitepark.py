"""A car park's night: from what the site has recorded to the month's peak that its cars need (`horizon.park_learner`).

The learner is led through each recorded day in turn, with what was known at its beginning, as the backtest leads it; so a
planner that was just started knows what one knows that has run for months.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.horizon.park_learner import ParkLearner
from kwartier.planning.horizon.park_target import TargetRule
from kwartier.planning.horizon.park_visits import Floats, Visits
from kwartier.planning.situation import STEP_S, Measured, ParkLearnt, ParkPast


def learn_park(past: ParkPast) -> ParkLearnt:
    """The target of the local day in which `now_s` lies. Raises ValueError where the park has no power to share."""
    zone = ZoneInfo(past.zone)
    learner = ParkLearner(points=past.points, min_w=past.min_w, max_w=past.max_w, rule=TargetRule())
    net_w, grid_w = _filled(past.net_w), _filled(past.grid_w)
    visits = _visits(past, zone)
    today = datetime.fromtimestamp(past.now_s, zone).date()
    day = datetime.fromtimestamp(past.start_s, zone).date()
    days = 0
    while day < today:
        day += timedelta(days=1)
        midnight_s = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
        closed = (midnight_s - past.start_s) // STEP_S
        learner.new_day(
            day=day.toordinal(),
            month=12 * day.year + day.month - 1,
            days_left=_days_left(day),
            now_s=midnight_s,
            visits=_until(visits, midnight_s),
            net_w=net_w[:closed],
            grid_w=grid_w[:closed],
            start_s=past.start_s,
        )
        days += 1
    return ParkLearnt(target_w=round(learner.target_w, 1), lost_kwh=round(learner.lost_kwh, 3), days=days)


def _visits(past: ParkPast, zone: ZoneInfo) -> Visits:
    rows = sorted(past.visits, key=lambda visit: visit.arrive_s)
    came = [datetime.fromtimestamp(visit.arrive_s, zone) for visit in rows]
    return Visits(
        arrive_s=np.array([visit.arrive_s for visit in rows], dtype=np.int64),
        depart_s=np.array([visit.depart_s for visit in rows], dtype=np.int64),
        hour=np.array([at.hour + at.minute / 60.0 for at in came], dtype=np.float64),
        weekend=np.array([at.weekday() >= 5 for at in came], dtype=np.bool_),
        energy_kwh=np.array([visit.energy_kwh for visit in rows], dtype=np.float64),
        filled=np.array([visit.filled for visit in rows], dtype=np.bool_),
    )


def _until(visits: Visits, now_s: int) -> Visits:
    """As they were known at a moment: what goes on counts as ended, with its part of the energy, and not as filled."""
    begun = visits.only(visits.arrive_s < now_s)
    going = begun.depart_s > now_s
    stay = np.maximum(begun.depart_s - begun.arrive_s, 1)
    part = np.where(going, (now_s - begun.arrive_s) / stay, 1.0)
    return Visits(
        arrive_s=begun.arrive_s,
        depart_s=np.minimum(begun.depart_s, now_s),
        hour=begun.hour,
        weekend=begun.weekend,
        energy_kwh=begun.energy_kwh * part,
        filled=begun.filled & ~going,
    )


def _days_left(day: date) -> int:
    """Of the month, this day included."""
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (following - day).days


def _filled(values: Measured) -> Floats:
    """What was not measured is thought to be nothing."""
    return np.array([0.0 if value is None else value for value in values], dtype=np.float64)
