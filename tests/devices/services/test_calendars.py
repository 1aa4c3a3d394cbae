"""Calendars read over loopback: cache, back-off, damage, and no word of a private address anywhere."""

import logging
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.devices.services.conftest import HandClock

from kwartier.devices.services.calendars import EVERY_S, CalendarService
from kwartier.devices.services.fetcher import Fetcher
from kwartier.protocols.calendars import CalendarSource, Told, read
from kwartier.protocols.requests import Request
from kwartier.simulation.emulators.market import MarketEmulator

pytest.importorskip("recurring_ical_events", reason="needs the extra: pip install 'kwartier[calendar]'")
ZONE = ZoneInfo("Europe/Brussels")
SECRET = "pr1vate"
WHERE = f"/cal/{SECRET}/basic.ics"
EVENT = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Brussels:20260110T090000\r\nRRULE:FREQ=DAILY\r\n"
    "SUMMARY:Confidential 120 km\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Reader:
    """Works a calendar out here; counts."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, source: CalendarSource, raw: bytes, from_s: float, to_s: float) -> Told:
        self.times += 1
        return read(raw, zone=source.zone, from_s=from_s, to_s=to_s)


def source(*, request: Request | None = None, path: str = "") -> CalendarSource:
    return CalendarSource(owner="user:ann", path=path, request=request, travel_s=1800.0, only=(), zone=ZONE)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def service(services: MarketEmulator, fetcher: Fetcher, clock: HandClock, reader: Reader) -> CalendarService:
    """One calendar at a private address, with a key in its query too."""
    services.recorded[WHERE] = EVENT.encode()
    request = Request(url=services.url, path_key=WHERE[1:], secrets=(("key", SECRET),))
    return CalendarService([source(request=request)], fetcher, reader, clock, lambda: 0.0)


async def test_departures_with_their_age(
    service: CalendarService, services: MarketEmulator, clock: HandClock, reader: Reader
) -> None:
    """From yesterday to nine days ahead; the same text is not worked out twice within hours, but its age is new."""
    await service.round()
    state = service.states["user:ann"]
    assert state.agenda is not None
    assert len(state.agenda.departures) == 10
    first = state.agenda.departures[0]
    assert (first.amount, first.unit, first.starts_s - first.leaves_s) == (120, "km", 1800.0)
    assert services.asked == [f"{WHERE}?key={SECRET}"]
    before_s = state.agenda.read_s
    await clock.sleep(service.pause_s())
    assert clock.slept == [EVERY_S]
    await service.round()
    assert state.agenda.read_s > before_s + EVERY_S - 1
    assert reader.times == 1
    clock.to("2026-01-15T18:00")
    await service.round()
    assert reader.times == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("error500", "answers 500"),
        ("unplug", "does not answer"),
        ("html", "page for people"),
        ("empty", "answered nothing"),
        ("truncated", "ends in the middle"),
        ("huge", "more than 4000000 bytes"),
    ],
)
async def test_what_goes_wrong_leaves_what_was_known(
    service: CalendarService,
    services: MarketEmulator,
    clock: HandClock,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    words: str,
) -> None:
    """With its age, less and less often asked for, and without a secret or a title in any message; a good answer mends it."""
    caplog.set_level(logging.DEBUG)
    await service.round()
    state = service.states["user:ann"]
    known = state.agenda
    await services.fail(fault)
    for _ in range(2):
        await clock.sleep(service.pause_s())
        await service.round()
    assert state.agenda is known
    assert words in state.problem
    assert state.failures == 2
    assert service.pause_s() == 600.0
    for hidden in (SECRET, "Confidential"):
        assert hidden not in state.problem + caplog.text + repr(state.source)
    await services.heal()
    await clock.sleep(service.pause_s())
    await service.round()
    assert (state.problem, state.failures) == ("", 0)
    assert state.agenda is not None
    assert known is not None
    assert state.agenda.read_s > known.read_s


async def test_an_address_that_was_withdrawn(service: CalendarService, services: MarketEmulator) -> None:
    """It is a matter of the address, and said so without it."""
    services.recorded.clear()
    await service.round()
    state = service.states["user:ann"]
    assert "copy its private address" in state.problem
    assert SECRET not in state.problem


async def test_a_file(tmp_path: Path, fetcher: Fetcher, clock: HandClock, reader: Reader) -> None:
    """One that is not there yet is said with its path, which is no secret."""
    path = tmp_path / "ann.ics"
    service = CalendarService([source(path=str(path))], fetcher, reader, clock, lambda: 0.0)
    await service.round()
    state = service.states["user:ann"]
    assert (state.agenda, "cannot be read" in state.problem, state.code) == (None, True, "unreachable")
    path.write_text(EVENT)
    await clock.sleep(service.pause_s())
    await service.round()
    assert state.agenda is not None
