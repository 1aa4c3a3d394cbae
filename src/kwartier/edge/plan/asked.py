"""What somebody asks of a car, checked and turned into a wish. Loaded with the web."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kwartier.edge.plan.wishes import car_of, level_pct, settled
from kwartier.site.goals import USUAL_KWH_PER_100KM, CarFacts, Goal, goal_kwh
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Wish
from kwartier.web.plan import Unfit
from kwartier.web.plan_schemas import GoalChange


def wished(
    before: Wish, asked: GoalChange, *, now_s: float, zone: ZoneInfo, taken_kwh: float, usual: CarFacts | None
) -> Wish:
    """The wish after what somebody asks now. Raises Unfit."""
    car = _car(before, asked, taken_kwh, usual)
    wish = replace(before, car=car, mode=asked.mode or before.mode, style=asked.style)
    if asked.target is None:
        return wish
    goal = _goal(asked, now_s, zone)
    if goal.unit == "pct":
        _check_pct(goal, car, taken_kwh)
    elif goal.unit == "kwh" and car.battery_kwh is not None and goal.amount > car.battery_kwh:
        raise Unfit(
            reason(
                "goal_beyond_battery", wanted_kwh=round(goal.amount, 1), battery_kwh=round(car.battery_kwh, 1)
            )
        )
    minimum = None
    if asked.at_once:
        minimum = goal_kwh(replace(goal, amount=min(asked.at_once, goal.amount)), car)
    return settled(replace(wish, goal=goal, minimum_kwh=minimum, by=None), (), now_s, zone, car)


def _car(before: Wish, asked: GoalChange, taken_kwh: float, usual: CarFacts | None) -> CarFacts:
    known = car_of(before, usual)
    battery_kwh = asked.battery_kwh or known.battery_kwh
    arrival = known.arrival_soc_pct
    if asked.level_pct is not None:
        arrival = asked.level_pct
        if battery_kwh is not None:
            arrival = max(0.0, asked.level_pct - 100.0 * taken_kwh * known.efficiency / battery_kwh)
    per_100km = asked.kwh_per_100km or known.kwh_per_100km or USUAL_KWH_PER_100KM
    return replace(known, battery_kwh=battery_kwh, arrival_soc_pct=arrival, kwh_per_100km=per_100km)


def _goal(asked: GoalChange, now_s: float, zone: ZoneInfo) -> Goal:
    assert asked.target is not None
    if asked.unit == "pct" and asked.target > 100:
        raise Unfit(reason("goal_above_full"))
    if asked.at is None:
        raise Unfit(reason("goal_no_time"))
    hour, minute = (int(part) for part in asked.at.split(":"))
    by_s = 3600 * hour + 60 * minute
    if asked.weekdays:
        return Goal(
            amount=asked.target, unit=asked.unit, by_s=by_s, weekdays=tuple(sorted(set(asked.weekdays)))
        )
    return Goal(
        amount=asked.target, unit=asked.unit, by_s=by_s, once_s=_once_s(asked.on, hour, minute, now_s, zone)
    )


def _once_s(day: date | None, hour: int, minute: int, now_s: float, zone: ZoneInfo) -> float:
    if day is not None:
        at = datetime.combine(day, time(hour, minute), zone)
        if at.timestamp() <= now_s:
            raise Unfit(reason("goal_past", time=f"{at:%d/%m %H:%M}"))
        return at.timestamp()
    now = datetime.fromtimestamp(now_s, zone)
    at = datetime.combine(now.date(), time(hour, minute), zone)
    if at.timestamp() <= now_s:
        at = datetime.combine(now.date() + timedelta(days=1), time(hour, minute), zone)
    return at.timestamp()


def _check_pct(goal: Goal, car: CarFacts, taken_kwh: float) -> None:
    if car.battery_kwh is None:
        raise Unfit(reason("goal_needs_battery"))
    level = level_pct(car, taken_kwh)
    if level is None:
        raise Unfit(reason("goal_needs_level"))
    if level >= goal.amount:
        raise Unfit(reason("goal_less_than_there", level_pct=round(level)))
