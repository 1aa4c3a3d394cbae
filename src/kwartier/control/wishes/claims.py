"""What a car is entitled to beside others: by its place, by the card of who charges it, by its departure.

A departure raises a car by one level, and only while it can reach its need by then in no other way. Levels share out
what the limits leave; no level touches a limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite

from kwartier.control.chargers.points import Demand
from kwartier.control.memory import PointMemory
from kwartier.control.rows.sums import zone_of
from kwartier.site.goals import CarFacts, goal_kwh, goal_moment_s
from kwartier.site.readings import ChargePointReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Message, Picture, Wish
from kwartier.site.topology import WEIGHTS, ChargePoint, Site, User
from kwartier.site.users import user_of

URGENT_LEVEL = 1
URGENT_FROM = 0.7
"""It is raised when it needs this part of the most that it can take, all the time until it leaves: a level higher
it usually gets all, so that what is left of the time is a margin for others of its level and for loads that rise."""
URGENT_UNTIL = 0.5
NOMINAL_V = 230.0
EXPLAINED_BY_DEPARTURE = frozenset({"charger_max", "circuit_limit", "circuit_limit_alone"})


@dataclass(frozen=True, slots=True)
class Need:
    """What a car still needs and when, as far as it can be told."""

    left_kwh: float
    current_a: float
    """On each of its phases, from now until it leaves."""


def recognise(site: Site, draft: PointMemory, reading: ChargePointReading | None, picture: Picture) -> None:
    """Note in the draft whose car it is: by the first known card of this session. It stays his until the car leaves,
    though a charge point may forget the card sooner. An unknown card leaves the place's own rank."""
    if reading is None or not draft.plugged:
        return
    if draft.session_energy_kwh is not None and reading.energy_kwh is not None:
        charged_kwh = reading.energy_kwh - draft.session_energy_kwh
        if isfinite(charged_kwh):
            draft.charged_kwh = max(0.0, charged_kwh)
    if draft.user is None and reading.rfid:
        user = user_of(site.users, reading.rfid)
        if user is not None:
            draft.user, draft.departs_s = user.id, picture.departures.get(user.id)


def user(site: Site, draft: PointMemory) -> User | None:
    """Whose car it is, if it is known and he is still one of the users."""
    return None if draft.user is None else next((u for u in site.users if u.id == draft.user), None)


def rank(site: Site, point: ChargePoint, draft: PointMemory) -> tuple[int, float]:
    """Priority and weight."""
    if draft.user is None and not draft.urgent:
        return point.priority, point.weight
    who = user(site, draft)
    priority, weight = point.priority + (URGENT_LEVEL if draft.urgent else 0), point.weight
    if who is None:
        return priority, weight
    return priority + who.priority, min(WEIGHTS[1], max(WEIGHTS[0], weight * who.weight))


def look_ahead(
    site: Site,
    candidates: Sequence[ChargePoint],
    points: Mapping[str, PointMemory],
    demands: Mapping[str, Demand],
    picture: Picture,
    now_s: float,
) -> tuple[list[Message], dict[str, Reason]]:
    """Settle for whom it is urgent now (in the drafts `points`). Returns what to tell, and the reason of each of
    them."""
    messages: list[Message] = []
    reasons: dict[str, Reason] = {}
    wishes = picture.wishes
    for point in candidates:
        draft = points[point.id]
        if draft.departs_s is None and not draft.urgent and (not wishes or point.id not in wishes):
            continue  # nobody said when he leaves
        most_a = demands[point.id].max_a
        need = need_of(site, draft, point, picture.wishes.get(point.id), picture.utc_s)
        part = 0.0 if need is None else need.current_a / most_a
        urgent = part >= (URGENT_UNTIL if draft.urgent else URGENT_FROM)
        told = None
        if urgent and need is not None:
            figures = {"left_kwh": ceil(need.left_kwh), "need_a": ceil(min(need.current_a, most_a))}
            reasons[point.id] = reason("departure", **figures)
            told = reason("departure_raised", name=point.name, **figures)
        if urgent != draft.urgent:
            draft.urgent = urgent
            told = told or reason("departure_met", name=point.name)
            messages.append(Message(at_s=now_s, level="info", device_id=point.id, reason=told))
    return messages, reasons


def departure_s(draft: PointMemory, wish: Wish | None, utc_s: float) -> float | None:
    """When it leaves, UTC, as far as anybody said; a word of yesterday counts no more."""
    if wish is not None and wish.departs_s is not None and wish.departs_s > utc_s:
        return wish.departs_s
    return draft.departs_s


def _goal_kwh(site: Site, who: User, departs_s: float | None) -> float | None:
    """What a user's weekly goal for that moment comes to; how full his car came is not known here."""
    if not who.goals or departs_s is None:
        return None
    car = CarFacts(battery_kwh=who.battery_kwh, kwh_per_100km=who.kwh_per_100km)
    zone = zone_of(site.time_zone)
    mine = (g for g in who.goals if goal_moment_s(g, departs_s - 1.0, zone) == departs_s)
    found = [needed for g in mine if (needed := goal_kwh(g, car)) is not None]
    return max(found, default=None)


def need_of(
    site: Site, draft: PointMemory, point: ChargePoint, wish: Wish | None, utc_s: float
) -> Need | None:
    """What is left to charge and the current that it takes; None where nothing was said, it is reached, the time has
    passed, or nobody measures what was charged. A person's word of today goes before the user's usual one."""
    if not draft.plugged or draft.charged_kwh is None:
        return None
    departs_s, needs_kwh = draft.departs_s, None
    who = user(site, draft)
    if who is not None:
        needs_kwh = who.needs_kwh if who.needs_kwh is not None else _goal_kwh(site, who, departs_s)
    if wish is not None and not (wish.departs_s is not None and wish.departs_s <= utc_s):  # else of yesterday
        departs_s = wish.departs_s if wish.departs_s is not None else departs_s
        needs_kwh = wish.needs_kwh if wish.needs_kwh is not None else needs_kwh
    if departs_s is None or needs_kwh is None:
        return None
    left_kwh, left_s = needs_kwh - draft.charged_kwh, departs_s - utc_s
    if not (left_kwh > 0 and left_s > 0):  # so written that NaN asks nothing
        return None
    phases = len(draft.wired or point.conductors)
    current_a = left_kwh * 1000.0 / (left_s / 3600.0) / (NOMINAL_V * phases)
    return Need(left_kwh, current_a) if isfinite(current_a) else None
