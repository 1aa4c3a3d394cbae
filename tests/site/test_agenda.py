"""Goals out of calendars: amounts in words, departures of a day, and whose word counts."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.site.agenda import HELD_S, Agenda, Departure, Entry, amount_in, departures, next_wanted
from kwartier.site.goals import Goal, next_goal

ZONE = ZoneInfo("Europe/Brussels")
NOW = datetime(2026, 10, 23, 20, 0, tzinfo=ZONE)
"""A Friday; the clock goes back in the night to Sunday."""
WEEKLY = (
    Goal(amount=15, by_s=7 * 3600, weekdays=(0, 1, 2, 3, 4)),
    Goal(amount=60, unit="pct", by_s=9 * 3600, weekdays=(5, 6)),
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def entry(text: str, title: str = "", more: str = "") -> Entry:
    """An event; without a time of the day it lasts the whole day."""
    day = datetime.fromisoformat(text).toordinal()
    return Entry(day=day, starts_s=at(text) if "T" in text else None, title=title, text=more)


def told(*entries: Entry, travel_s: float = 1800.0, only: tuple[str, ...] = ()) -> tuple[Departure, ...]:
    return departures(entries, travel_s=travel_s, only=only, zone=ZONE)


def agenda(*entries: Entry, read_s: float | None = None) -> Agenda:
    return Agenda(read_s=NOW.timestamp() if read_s is None else read_s, departures=told(*entries))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ardennes 80 %", (80, "pct")),
        ("80% Ardennes", (80, "pct")),
        ("Luik, 120 km heen en terug", (120, "km")),
        ("laad 20,5 kWh", (20.5, "kwh")),
        ("20 KWH", (20, "kwh")),
        ("Dentist 10:00", None),
        ("max 120 km/h", None),
        ("sale -20 %", None),
        ("80-90 %", None),
        ("18 kWh/100 km", (100, "km")),
        ("1.200 km", None),
        ("150 % then 90 %", (90, "pct")),
        ("0 km", None),
        ("5 kmh", None),
        ("", None),
    ],
)
def test_amounts_in_words(text: str, found: tuple[float, str] | None) -> None:
    assert amount_in(text) == found


@given(
    st.text("0159 ,.-+%/kKmMwWhHax\n", max_size=40),
    st.integers(1, 100),
    st.sampled_from(["%", " %", "kWh", " km"]),
)
def test_an_amount_is_found_within_any_text(text: str, amount: int, unit: str) -> None:
    """On a line of its own it is found, unless an earlier one is; nothing is ever found that no car has."""
    found = amount_in(f"{text}\n{amount}{unit}")
    assert found is not None
    if amount_in(text) is None:
        assert found[0] == amount
    assert 0 < found[0] <= 2000


def test_the_car_leaves_before_the_event() -> None:
    """By the travel time; around midnight that is the day before."""
    one, two = told(entry("2026-10-24T00:15", "Airport 90 %"), entry("2026-10-24T10:00", "Dentist"))
    assert (one.leaves_s, one.amount, one.unit) == (at("2026-10-23T23:45"), 90, "pct")
    assert one.day == date(2026, 10, 23).toordinal()
    assert (two.leaves_s, two.amount, two.title) == (at("2026-10-24T09:30"), None, "Dentist")


def test_the_day_of_a_changed_clock_keeps_the_hour_on_the_wall() -> None:
    """10:00 on Sunday is 10:00, though the night has an hour more; and an event of the doubled hour has its own."""
    found = told(entry("2026-10-25T10:00"))[0]
    assert datetime.fromtimestamp(found.leaves_s, ZONE).strftime("%d %H:%M") == "25 09:30"
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZONE).timestamp()
    again = told(*(Entry(day=1, starts_s=s, title="") for s in (first, first + 3600.0)))
    assert [d.leaves_s for d in again] == [first - 1800.0, first + 1800.0]


def test_a_whole_day_gives_the_amount_of_the_first_departure() -> None:
    """It names no moment itself."""
    found = told(
        entry("2026-10-24", "Weekend 100 %"),
        entry("2026-10-24T09:00", "Out"),
        entry("2026-10-24T18:00", "Back"),
    )
    assert [(d.amount, d.title) for d in found] == [(100, "Out"), (None, "Back")]
    assert told(entry("2026-10-24", "100 %")) == ()


def test_only_some_events_need_the_car() -> None:
    """By a word in title, place or description, whatever its capitals."""
    found = told(
        entry("2026-10-24T09:00", "Call"), entry("2026-10-24T11:00", "Doctor", "met de AUTO"), only=("auto",)
    )
    assert [d.title for d in found] == ["Doctor"]


def test_hand_before_calendar_before_the_week() -> None:
    """Each where the one before it says nothing."""
    hand = Goal(amount=40, unit="km", once_s=at("2026-10-26T06:00"))
    book = agenda(entry("2026-10-24T10:00", "Dentist"))
    now_s = NOW.timestamp()
    first = next_wanted(hand, book, WEEKLY, 20.0, now_s, ZONE)
    second = next_wanted(None, book, WEEKLY, 20.0, now_s, ZONE)
    third = next_wanted(None, None, WEEKLY, 20.0, now_s, ZONE)
    assert first is not None
    assert (first.origin, first.goal) == ("hand", hand)
    assert second is not None
    assert (second.origin, second.due_s) == ("calendar", at("2026-10-24T09:30"))
    assert (second.goal.amount, second.goal.unit) == (60, "pct"), "that of a Saturday"
    assert third is not None
    assert (third.origin, third.due_s) == ("weekly", at("2026-10-24T09:00"))
    assert next_wanted(None, None, (), 20.0, now_s, ZONE) is None


def test_a_day_has_its_calendar_or_its_week() -> None:
    """The week's 9:00 of Saturday does not count beside an event of that day, also when that is over; Sunday's does."""
    book = agenda(entry("2026-10-24T06:00", "Early"), read_s=at("2026-10-24T05:00"))
    found = next_wanted(None, book, WEEKLY, 20.0, at("2026-10-24T05:45"), ZONE)
    assert found is not None
    assert (found.origin, found.due_s) == ("weekly", at("2026-10-25T09:00"))


def test_without_any_amount_a_usual_session() -> None:
    book = agenda(entry("2026-10-24T10:00"))
    found = next_wanted(None, book, (), 22.0, NOW.timestamp(), ZONE)
    assert found is not None
    assert (found.goal.amount, found.goal.unit) == (22.0, "kwh")


def test_a_lost_calendar_holds_for_a_day() -> None:
    """Then the week's goals."""
    book = agenda(entry("2026-10-26T10:00", "Office"), read_s=NOW.timestamp())
    for late_s, origin in ((HELD_S - 60.0, "calendar"), (HELD_S + 60.0, "weekly")):
        found = next_wanted(None, book, WEEKLY[:1], 20.0, NOW.timestamp() + late_s, ZONE)
        assert found is not None
        assert found.origin == origin, late_s


HOURS = st.integers(0, 24 * 9 * 4)


@settings(max_examples=60, deadline=None)
@given(quarters=st.lists(HOURS, max_size=8), travel=st.integers(0, 720), now=HOURS)
def test_whatever_counts_lies_ahead_and_is_the_first(quarters: list[int], travel: int, now: int) -> None:
    """And no goal of the week counts on a day on which the car leaves for an event."""
    base = datetime(2026, 10, 23, tzinfo=ZONE)
    entries = [
        Entry(day=0, starts_s=(base + timedelta(minutes=15 * q)).timestamp(), title=str(q)) for q in quarters
    ]
    now_s = (base + timedelta(minutes=15 * now)).timestamp()
    book = Agenda(read_s=now_s, departures=departures(entries, travel_s=60.0 * travel, only=(), zone=ZONE))
    found = next_wanted(None, book, WEEKLY, 20.0, now_s, ZONE)
    assert found is not None
    assert found.due_s > now_s
    ahead = [
        e.starts_s - 60.0 * travel
        for e in entries
        if e.starts_s is not None and e.starts_s - 60.0 * travel > now_s
    ]
    assert found.due_s <= min(ahead, default=found.due_s)
    if found.origin == "weekly":
        day = datetime.fromtimestamp(found.due_s, ZONE).toordinal()
        assert day not in {d.day for d in book.departures}
    if not quarters:
        expected = next_goal(WEEKLY, now_s, ZONE)
        assert expected is not None
        assert (found.goal, found.due_s) == expected
