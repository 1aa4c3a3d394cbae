"""Between what people say of a car and what the plan reckons with: goals and levels in, kWh and steps out."""

from dataclasses import replace
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.control.memory import PointMemory
from kwartier.control.wishes.claims import user
from kwartier.planning.situation import STEP_S, CarWish
from kwartier.site.agenda import Agenda, Wanted, next_wanted
from kwartier.site.goals import CarFacts, Goal, goal_kwh
from kwartier.site.modes import mode_of, still_ahead
from kwartier.site.setpoints import Mode, Wish
from kwartier.site.topology import ChargePoint, Site
from kwartier.site.units import NOMINAL_VOLTAGE_V

USUAL_SESSION_KWH = 20.0
"""What a car that charges at once without a goal is expected to take."""


def car_of(wish: Wish, known: CarFacts | None) -> CarFacts:
    """What is known of the car: what somebody said now, else what the site knows."""
    return wish.car or known or CarFacts()


def usual_car(site: Site, remembered: PointMemory) -> CarFacts | None:
    """The car of whoever's card was read."""
    found = user(site, remembered)
    if found is None:
        return None
    return CarFacts(battery_kwh=found.battery_kwh, kwh_per_100km=found.kwh_per_100km)


def session_kwh(energy_kwh: float | None, remembered: PointMemory) -> float:
    """What the car that is there has taken so far."""
    began = remembered.session_energy_kwh
    if not remembered.plugged or energy_kwh is None or began is None:
        return 0.0
    return max(0.0, energy_kwh - began)


def level_pct(car: CarFacts, taken_kwh: float) -> float | None:
    """How full it is now; None where too little is known."""
    if car.arrival_soc_pct is None or car.battery_kwh is None:
        return None
    return min(100.0, car.arrival_soc_pct + 100.0 * taken_kwh * car.efficiency / car.battery_kwh)


def weekly_goals(site: Site, remembered: PointMemory) -> tuple[Goal, ...]:
    """What the car's user wants each week."""
    found = user(site, remembered)
    return () if found is None else found.goals


def usual_kwh(site: Site, remembered: PointMemory) -> float:
    """What a departure needs that nobody gave an amount."""
    found = user(site, remembered)
    return USUAL_SESSION_KWH if found is None or found.needs_kwh is None else found.needs_kwh


def wanted(
    site: Site, remembered: PointMemory, wish: Wish, agenda: Agenda | None, now_s: float, zone: ZoneInfo
) -> Wanted | None:
    """The goal that counts next at a charge point, and who says so."""
    return next_wanted(
        wish.goal, agenda, weekly_goals(site, remembered), usual_kwh(site, remembered), now_s, zone
    )


def settled(
    wish: Wish,
    weekly: tuple[Goal, ...],
    now_s: float,
    zone: ZoneInfo,
    car: CarFacts,
    *,
    agenda: Agenda | None = None,
    usual: float = USUAL_SESSION_KWH,
) -> Wish:
    """With what its goals come to: the next departure, and the kWh by then. A goal that was once and is over goes; so does
    what a calendar said and says no more. `weekly`: goals of each week of whoever is there; `usual`: kWh for a
    departure that nobody gave an amount."""
    over = wish.goal
    if over is not None and over.once_s is not None and over.once_s <= now_s:
        wish = replace(wish, goal=None, departs_s=None, needs_kwh=None, minimum_kwh=None)
    wish = _given_back(wish, now_s)
    if wish.by == "hand" and wish.goal is None:
        return wish
    found = next_wanted(wish.goal, agenda, weekly, usual, now_s, zone)
    if found is None:
        if wish.goal is None and not weekly and wish.by is None:
            return wish
        return replace(wish, departs_s=None, needs_kwh=None, by=None)
    by: Literal["calendar"] | None = "calendar" if found.origin == "calendar" else None
    return replace(wish, departs_s=found.due_s, needs_kwh=goal_kwh(found.goal, car), by=by)


def _given_back(wish: Wish, now_s: float) -> Wish:
    """Without slots and a departure by hand that are over."""
    overrides = still_ahead(wish.overrides, now_s)
    if overrides != wish.overrides:
        wish = replace(wish, overrides=overrides)
    if wish.by == "hand" and wish.departs_s is not None and wish.departs_s <= now_s:
        wish = replace(wish, departs_s=None, needs_kwh=None, by=None)
    return wish


def most_w(point: ChargePoint) -> float:
    """What a charge point gives at the most."""
    return point.max_a * NOMINAL_VOLTAGE_V * len(point.conductors)


def least_w(point: ChargePoint) -> float:
    """The least at which a car charges."""
    return point.min_a * NOMINAL_VOLTAGE_V * len(point.conductors)


def car_wish(
    site: Site,
    point: ChargePoint,
    remembered: PointMemory,
    wish: Wish,
    *,
    taken_kwh: float,
    start_s: int,
    steps: int,
) -> CarWish:
    """A charge point with a car as the plan sees it."""
    mode: Mode = mode_of(point, user(site, remembered), wish)
    car = car_of(wish, usual_car(site, remembered))
    limit_w = most_w(point)
    if wish.limit_a is not None:
        limit_w = max(least_w(point), min(limit_w, wish.limit_a * NOMINAL_VOLTAGE_V * len(point.conductors)))
    needs = 0.0 if wish.needs_kwh is None else max(0.0, wish.needs_kwh - taken_kwh)
    due = steps
    if wish.departs_s is not None:
        due = max(0, int((wish.departs_s - start_s) // STEP_S))
    room = None
    if car.battery_kwh is not None and car.arrival_soc_pct is not None:
        full = car.battery_kwh * (100.0 - car.arrival_soc_pct) / 100.0 / car.efficiency
        room = max(0.0, full - taken_kwh)
    usual = max(0.0, USUAL_SESSION_KWH - taken_kwh)
    if mode == "smart" and wish.needs_kwh is None:
        # Nothing in particular, or per cent of a car that nobody knows: a usual session's energy.
        needs = usual if room is None else min(usual, room)
    fixed = []
    for slot in wish.overrides:
        first = int((slot.from_s - start_s) // STEP_S)
        last = ceil((slot.to_s - start_s) / STEP_S)
        if last <= 0:
            continue
        power = slot.power_w if slot.power_w is not None else (0.0 if slot.mode == "off" else limit_w)
        fixed.append((max(0, first), min(steps, last), min(power, limit_w)))
    return CarWish(
        id=point.id,
        needs_kwh=round(needs, 3),
        due_step=due,
        departure_said=wish.departs_s is not None,
        mode=mode,
        min_w=min(least_w(point), limit_w),
        max_w=limit_w,
        room_kwh=room,
        at_once_kwh=max(0.0, (wish.minimum_kwh or 0.0) - taken_kwh),
        style=wish.style,
        fixed=tuple(fixed),
        expected_kwh=min(usual, room) if room is not None else usual,
    )
