"""What a car is to have by when, in the words of people, and what that comes to in kWh and moments.

The loop only knows kWh since the car was plugged in and moments in UTC (`Wish.needs_kwh`, `Wish.departs_s`); whoever
knows the car and the time zone turns a goal into them. An AC charge point does not tell how full a car is: a goal
in per cent needs what it had when it came.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Literal
from zoneinfo import ZoneInfo

Style = Literal["cheapest", "late", "unbroken"]
"""cheapest: in the hours that cost least. late: as late as possible, for cells that dislike to stand full.
unbroken: in one go."""
GoalUnit = Literal["pct", "kwh", "km"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL_KWH_PER_100KM = 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """So much by then. With `once_s` on that moment only; else on each of the weekdays at that time of the day."""

    amount: float
    unit: GoalUnit = "kwh"
    """pct: its battery is to be so full. kwh, km: so much more than when it came."""
    by_s: int = 0
    """Seconds after local midnight on a clock on the wall."""
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """0 is Monday."""
    once_s: float | None = None
    """UTC."""

    def __post_init__(self) -> None:
        if not (isfinite(self.amount) and self.amount > 0):
            raise ValueError("a goal is above 0")
        if self.unit == "pct" and self.amount > 100:
            raise ValueError("a battery is at most 100 % full")
        if not 0 <= self.by_s < 86400:
            raise ValueError("by_s lies within a day")
        if not self.weekdays or set(self.weekdays) - set(range(7)):
            raise ValueError("weekdays are some of 0 (Monday) to 6")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarFacts:
    """What is known of a car."""

    battery_kwh: float | None = None
    """Usable."""
    kwh_per_100km: float = USUAL_KWH_PER_100KM
    efficiency: float = 0.9
    """Of what the charge point gives, this part arrives in its battery."""
    arrival_soc_pct: float | None = None
    """How full it was when it came; None: not known."""


def goal_kwh(goal: Goal, car: CarFacts) -> float | None:
    """The goal as kWh at the charge point since the car was plugged in; None where too little is known of the car.
    More than the car can hold is cut to that."""
    if goal.unit == "pct":
        if car.battery_kwh is None or car.arrival_soc_pct is None:
            return None
        into_kwh = max(0.0, goal.amount - car.arrival_soc_pct) / 100.0 * car.battery_kwh
    else:
        per_unit = 1.0 if goal.unit == "kwh" else car.kwh_per_100km / 100.0
        into_kwh = goal.amount * per_unit * (car.efficiency if goal.unit == "kwh" else 1.0)
        if car.battery_kwh is not None:
            soc_pct = 0.0 if car.arrival_soc_pct is None else car.arrival_soc_pct
            into_kwh = min(into_kwh, max(0.0, 100.0 - soc_pct) / 100.0 * car.battery_kwh)
    return into_kwh / car.efficiency


def goal_moment_s(goal: Goal, utc_s: float, zone: ZoneInfo, without: Collection[int] = ()) -> float | None:
    """The next moment (UTC) of a goal; None where its only one has passed. The same hour on the wall the year round.
    `without`: ordinals of local days on which a goal of each week does not count."""
    if goal.once_s is not None:
        return goal.once_s if goal.once_s > utc_s else None
    local = datetime.fromtimestamp(utc_s, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    for days in range(9 + 7 * len(without)):
        day = midnight + timedelta(days=days)
        if day.weekday() in goal.weekdays and day.toordinal() not in without:
            at_s = (day + timedelta(seconds=goal.by_s)).timestamp()
            if at_s > utc_s:
                return at_s
    raise AssertionError("a week has each of its days")


def next_goal(
    goals: Iterable[Goal], utc_s: float, zone: ZoneInfo, without: Collection[int] = ()
) -> tuple[Goal, float] | None:
    """The goal that comes first, with its moment; a single one goes before those of each week at the same moment.
    `without`: as `goal_moment_s` has it."""
    found = [
        (at_s, goal.once_s is None, n, goal)
        for n, goal in enumerate(goals)
        if (at_s := goal_moment_s(goal, utc_s, zone, without)) is not None
    ]
    if not found:
        return None
    at_s, _, _, goal = min(found, key=lambda f: f[:3])
    return goal, at_s
