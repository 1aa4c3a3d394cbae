"""Calendars at a running site: read in another process, whose word counts, what is said when they are lost, who sees titles."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from tests.devices.services.conftest import HandClock
from tests.edge.test_planner_told import NOW_S, CountedStays, InProcess
from tests.edge.test_planner_told import planner as planner_of

from kwartier.config.calendar_section import CalendarConfig
from kwartier.config.models import ChargePointConfig, CircuitConfig, SiteConfig, SiteSection
from kwartier.config.users import UserConfig
from kwartier.edge.blackboard import Blackboard
from kwartier.edge.calendars.book import CalendarBook, Standing, State
from kwartier.edge.demonstration.past import MadeUpPast
from kwartier.edge.plan.child import PlanChild
from kwartier.edge.plan.face import PlanFace
from kwartier.edge.plan.wishes import settled
from kwartier.site.agenda import Agenda, Departure
from kwartier.site.goals import CarFacts, Goal
from kwartier.site.setpoints import Message, Wish
from kwartier.site.topology import ChargePoint, User
from kwartier.web.plan_schemas import GoalChange

ZONE = ZoneInfo("Europe/Brussels")
EVENT = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Brussels:20260116T100000\r\n"
    "SUMMARY:Dentist 80 %\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
LEFT = cast(ChargePoint, SimpleNamespace(id="left"))
RIGHT = cast(ChargePoint, SimpleNamespace(id="right"))
ANN = User(id="ann", name="Ann", rfid=("04A1B2C3",))
WEEKLY = (Goal(amount=15, by_s=7 * 3600),)


def config(path: Path) -> SiteConfig:
    """Ann has a calendar, and so has the charge point at the left."""
    point = ChargePointConfig(
        id="left", type="alfen-ng9xx", url="modbus-tcp://h", circuit="grid", fallback_a=6
    )
    return SiteConfig(
        site=SiteSection(name="House"),
        circuits=[CircuitConfig(id="grid", limit_a=40.0)],
        users=[UserConfig(id="ann", rfid=["04A1B2C3"], calendar=CalendarConfig(path=str(path / "ann.ics")))],
        charge_points=[point.model_copy(update={"calendar": CalendarConfig(path=str(path / "left.ics"))})],
    )


@pytest.fixture
def told() -> list[Message]:
    return []


@pytest.fixture
def clock() -> HandClock:
    return HandClock("2026-01-15T20:00")


@pytest.fixture
async def book(tmp_path: Path, clock: HandClock, told: list[Message]) -> AsyncIterator[CalendarBook]:
    """With the process that reads, for real."""
    made = CalendarBook(config(tmp_path), clock, told.append)
    yield made
    await made.close()


async def test_whose_calendar_counts_and_what_is_said_when_it_is_lost(
    book: CalendarBook, tmp_path: Path, clock: HandClock, told: list[Message]
) -> None:
    """The card's before the charge point's. Lost, it holds for a day; each change is told once, without a title."""
    pytest.importorskip("recurring_ical_events", reason="needs the extra: pip install 'kwartier[calendar]'")
    (tmp_path / "ann.ics").write_text(EVENT)
    (tmp_path / "left.ics").write_text(EVENT.replace("T100000", "T120000"))
    assert book.agenda(LEFT, ANN) is None, "nothing is known before it was read"
    service = await book.load()
    await book.round(service)
    assert told == []
    of_ann, of_left = book.agenda(LEFT, ANN), book.agenda(LEFT, None)
    assert of_ann is not None
    assert of_left is not None
    assert of_left.departures[0].leaves_s - of_ann.departures[0].leaves_s == 7200.0
    assert (of_ann.departures[0].amount, of_ann.departures[0].title) == (80, "Dentist 80 %")
    assert book.agenda(RIGHT, None) is None
    assert book.standing(RIGHT, None) is None
    (tmp_path / "ann.ics").unlink()
    for hours, state, counts in ((1, "held", True), (2, "held", True), (24, "gone", False)):
        await clock.sleep(3600.0 * hours)
        await book.round(service)
        standing = book.standing(LEFT, ANN)
        assert standing is not None
        assert standing.state == state
        assert (book.agenda(LEFT, ANN) is not None) is counts
    (tmp_path / "ann.ics").write_text(EVENT)
    await clock.sleep(7200.0)
    await book.round(service)
    assert [m.reason.code for m in told] == ["calendar_held", "calendar_gone", "calendar_back"]
    assert not any(
        "Dentist" in m.reason.text(language) for m in told for language in ("en", "nl", "fr", "de")
    )


async def test_a_reader_that_dies_or_hangs_is_a_calendar_not_read(
    tmp_path: Path, clock: HandClock, told: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is ended; nothing else notices."""
    for name in ("ann.ics", "left.ics"):
        (tmp_path / name).write_text(EVENT)
    monkeypatch.setattr("kwartier.edge.calendars.book.LIMIT_S", 0.3)
    for command in (("-c", "pass"), ("-c", "import time; time.sleep(60)")):
        child = PlanChild(command)
        book = CalendarBook(config(tmp_path), clock, told.append, child)
        service = await book.load()
        await book.round(service)
        standing = book.standing(LEFT, ANN)
        assert standing is not None
        assert standing.state == "gone"
        assert "cannot be worked out" in standing.problem
        assert child.pid is None
        await book.close()


def agenda(leaves_s: float, read_s: float) -> Agenda:
    return Agenda(
        read_s=read_s,
        departures=(Departure(day=1, leaves_s=leaves_s, starts_s=leaves_s + 1800, title="", amount=20.0),),
    )


def test_what_a_calendar_said_goes_with_it(clock: HandClock) -> None:
    """A departure of a calendar is a wish until the calendar no longer says so; one by hand stays until it has passed."""
    now_s = clock.utc_s()
    wish = Wish(charge_point_id="left")
    by_calendar = settled(wish, (), now_s, ZONE, CarFacts(), agenda=agenda(now_s + 3600, now_s))
    assert (by_calendar.by, by_calendar.departs_s) == ("calendar", now_s + 3600)
    assert by_calendar.needs_kwh == pytest.approx(20.0)
    assert settled(by_calendar, (), now_s, ZONE, CarFacts()) == wish
    weekly = settled(by_calendar, WEEKLY, now_s, ZONE, CarFacts())
    assert (weekly.by, weekly.departs_s) == (None, HandClock("2026-01-16T07:00").utc_s())
    hand = Wish(charge_point_id="left", departs_s=now_s + 900, needs_kwh=5.0, by="hand")
    known = agenda(now_s + 3600, now_s)
    assert settled(hand, WEEKLY, now_s, ZONE, CarFacts(), agenda=known) == hand
    assert settled(hand, WEEKLY, now_s + 901, ZONE, CarFacts(), agenda=known).by == "calendar"
    assert settled(wish, (), now_s, ZONE, CarFacts()) == wish


class OneAgenda:
    """A book of one calendar, of the charge point at the left."""

    def __init__(self, known: Agenda) -> None:
        self.known = known
        self.state: State = "read"

    def agenda(self, point: ChargePoint, who: User | None) -> Agenda | None:
        return self.known if point.id == "left" and self.state != "gone" else None

    def standing(self, point: ChargePoint, who: User | None) -> Standing | None:
        if point.id != "left":
            return None
        return Standing(state=self.state, read_s=self.known.read_s, problem="nobody answers", faults=("one",))


def test_a_goal_says_where_it_is_from_and_the_title_only_to_those_who_may() -> None:
    """Through the planner's own settling to the document of the page; lost, the goal goes and that is said."""
    past = MadeUpPast(NOW_S, ZONE, ("left", "right"))
    planner = planner_of(past, CountedStays(past), InProcess(), battery=False)
    known = Departure(day=1, leaves_s=NOW_S + 7200, starts_s=NOW_S + 9000, title="Dentist", amount=20.0)
    book = OneAgenda(Agenda(read_s=NOW_S, departures=(known,)))
    planner.calendars = cast(Any, book)
    cycle = cast(Any, planner)._cycle
    cycle.board, cycle.nudge = Blackboard(), lambda: None
    clock = SimpleNamespace(utc_s=lambda: NOW_S, monotonic_s=lambda: 0.0)
    face = PlanFace(
        planner, cycle, cast(Any, clock), cast(Any, None), tell=lambda _: None, keep=lambda _: None
    )
    picture = cycle.picture

    def settle() -> dict[str, Any]:
        cast(Any, planner)._settle(picture)
        return face.goals(private=True)[0]

    told = settle()
    assert cycle.board.wishes["left"].departs_s == NOW_S + 7200
    assert (told["origin"], told["event"]["title"], told["calendar"]["problem"]) == (
        "calendar",
        "Dentist",
        "nobody answers",
    )
    open_to_all = face.goals()[0]
    assert (open_to_all["origin"], open_to_all["event"], open_to_all["calendar"]["problem"]) == (
        "calendar",
        None,
        None,
    )
    assert "Dentist" not in str(face.summary()) + str(open_to_all)
    face.set_goal("left", GoalChange(target=10, unit="kwh", at="22:00"))
    assert settle()["origin"] == "hand"
    face.remove_goal("left")
    assert settle()["origin"] == "calendar"
    book.state = "gone"
    gone = settle()
    assert (gone["set"], gone["calendar"]["state"], cycle.board.wishes["left"].departs_s) == (
        False,
        "gone",
        None,
    )
    assert "plan_calendar" in cast(Any, planner)._causes
    assert face.goals()[1]["calendar"] is None
