"""What calendars say of a car: when it leaves and what it needs by then; and whose word counts.

Somebody's word by hand goes before a calendar, a calendar before the goals of each week. A day on which the calendar
names a departure has that one, and no goal of each week.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.site.goals import Goal, GoalUnit, next_goal
from kwartier.site.values import valueclass

HELD_S = 86400.0
"""What a calendar said last holds for so long when it can no longer be read."""
MOST = {"pct": 100.0, "kwh": 500.0, "km": 2000.0}
"""More than this in a text is no goal of a car."""
_AMOUNT = re.compile(r"(?<![\w.,+-])(\d{1,4}(?:[.,]\d{1,2})?)\s?(%|pct|kwh|km)(?![\w/%])", re.IGNORECASE)
Origin = Literal["hand", "calendar", "weekly"]


@valueclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One occurrence of an event."""

    day: int
    """Ordinal of the local day (`date.toordinal`) on which it begins."""
    starts_s: float | None
    """UTC; None: the whole day."""
    title: str
    text: str = ""
    """Its description, place and categories: looked through for words, never shown."""


@valueclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """The car leaves for an event."""

    day: int
    """Ordinal of the local day on which it leaves."""
    leaves_s: float
    """UTC: the start of the event less the time to get there."""
    starts_s: float
    title: str
    """Private: only for those who are logged in."""
    amount: float | None = None
    """None: the event does not say."""
    unit: GoalUnit = "kwh"


@valueclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What a calendar says, as of when it was last read."""

    read_s: float
    """UTC."""
    departures: tuple[Departure, ...]
    """In order of time."""

    def holds(self, utc_s: float) -> bool:
        """Whether it still counts."""
        return utc_s - self.read_s <= HELD_S


@valueclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The goal that counts next, and who says so."""

    goal: Goal
    due_s: float
    """UTC."""
    origin: Origin
    departure: Departure | None = None
    """Of a calendar's goal."""


def amount_in(text: str) -> tuple[float, GoalUnit] | None:
    """The first goal in a text: `80 %`, `120 km`, `20 kWh`. None where there is none. Speeds (`km/h`), discounts (`-20 %`),
    ranges and figures beyond any car are no goals."""
    for figure, written in _AMOUNT.findall(text):
        amount = float(figure.replace(",", "."))
        unit: GoalUnit = (
            "pct" if written in {"%", "pct", "PCT"} else "km" if written.lower() == "km" else "kwh"
        )
        if 0 < amount <= MOST[unit]:
            return amount, unit
    return None


def departures(
    entries: Iterable[Entry], *, travel_s: float, only: tuple[str, ...], zone: ZoneInfo
) -> tuple[Departure, ...]:
    """The departures for entries that need the car: all that have a time of the day, and with `only` those whose title or text
    holds one of these words. An entry of a whole day names no departure; a goal in it is that of the day's
    first departure that has none of its own."""
    words = tuple(word.casefold() for word in only)
    counted = sorted(entries, key=lambda e: (e.starts_s or 0.0, e.title))
    of_day: dict[int, tuple[float, GoalUnit]] = {}
    for entry in counted:
        if entry.starts_s is None and (found := amount_in(f"{entry.title}\n{entry.text}")) is not None:
            of_day.setdefault(entry.day, found)
    out = []
    for entry in counted:
        if entry.starts_s is None or not _needs_car(entry, words):
            continue
        leaves_s = entry.starts_s - travel_s
        day = datetime.fromtimestamp(leaves_s, zone).toordinal()
        said = amount_in(f"{entry.title}\n{entry.text}") or of_day.pop(day, None)
        out.append(
            Departure(
                day=day,
                leaves_s=leaves_s,
                starts_s=entry.starts_s,
                title=entry.title,
                amount=None if said is None else said[0],
                unit="kwh" if said is None else said[1],
            )
        )
    return tuple(out)


def _needs_car(entry: Entry, words: tuple[str, ...]) -> bool:
    if not words:
        return True
    text = f"{entry.title}\n{entry.text}".casefold()
    return any(word in text for word in words)


def next_wanted(
    hand: Goal | None,
    agenda: Agenda | None,
    weekly: tuple[Goal, ...],
    usual_kwh: float,
    utc_s: float,
    zone: ZoneInfo,
) -> Wanted | None:
    """Whose word counts next. A departure whose event names no amount wants that of the week's goal of that day, else of
    the first one, else `usual_kwh`."""
    if hand is not None and (found := next_goal((hand,), utc_s, zone)) is not None:
        return Wanted(goal=found[0], due_s=found[1], origin="hand")
    told = agenda.departures if agenda is not None and agenda.holds(utc_s) else ()
    ahead = next((d for d in told if d.leaves_s > utc_s), None)
    of_week = next_goal(weekly, utc_s, zone, without=frozenset(d.day for d in told))
    if ahead is not None and (of_week is None or ahead.leaves_s <= of_week[1]):
        goal = _goal_of(ahead, weekly, usual_kwh)
        return Wanted(goal=goal, due_s=ahead.leaves_s, origin="calendar", departure=ahead)
    return None if of_week is None else Wanted(goal=of_week[0], due_s=of_week[1], origin="weekly")


def _goal_of(departure: Departure, weekly: tuple[Goal, ...], usual_kwh: float) -> Goal:
    if departure.amount is not None:
        return Goal(amount=departure.amount, unit=departure.unit, once_s=departure.leaves_s)
    weekday = (departure.day + 6) % 7  # day 1 of the calendar was a Monday
    usual = next((g for g in weekly if weekday in g.weekdays), weekly[0] if weekly else None)
    if usual is None:
        return Goal(amount=usual_kwh, unit="kwh", once_s=departure.leaves_s)
    return Goal(amount=usual.amount, unit=usual.unit, once_s=departure.leaves_s)
