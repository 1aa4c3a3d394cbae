"""Calendars as programs write them, and as they arrive damaged."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwartier.protocols.answers import AnswerError
from kwartier.protocols.calendars import Told, read

pytest.importorskip("recurring_ical_events", reason="needs the extra: pip install 'kwartier[calendar]'")
ZONE = ZoneInfo("Europe/Brussels")
FROM = datetime(2026, 10, 19, tzinfo=ZONE)
"""A Monday; the clock goes back on Sunday the 25th."""
DAYS = 14


def calendar(*events: str, head: str = "") -> bytes:
    """Events given by their lines."""
    body = "".join(f"BEGIN:VEVENT\r\nUID:{i}\r\n{e}\r\nEND:VEVENT\r\n" for i, e in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\n{head}{body}END:VCALENDAR\r\n".encode()


def told(raw: bytes, days: int = DAYS) -> Told:
    return read(raw, zone=ZONE, from_s=FROM.timestamp(), to_s=(FROM + timedelta(days=days)).timestamp())


def starts(raw: bytes) -> list[str]:
    """When they begin, on the clock of the site; whole days without a time."""
    return [
        f"{datetime.fromordinal(e.day):%d}"
        if e.starts_s is None
        else f"{datetime.fromtimestamp(e.starts_s, ZONE):%d %H:%M}"
        for e in told(raw).entries
    ]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("DTSTART:20261020T080000Z", ["20 10:00"]),
        ("DTSTART;TZID=Europe/London:20261020T080000\r\nDURATION:PT1H", ["20 09:00"]),
        ("DTSTART;TZID=Romance Standard Time:20261020T080000", ["20 08:00"]),
        ("DTSTART:20261020T080000\r\nDTEND:20261020T090000", ["20 08:00"]),
        ("DTSTART;VALUE=DATE:20261020", ["20"]),
        ("DTSTART;VALUE=DATE:20261020\r\nDTEND;VALUE=DATE:20261023", ["20", "21", "22"]),
        ("DTSTART;TZID=Europe/Brussels:20261001T080000\r\nRRULE:FREQ=WEEKLY;BYDAY=SA,SU,MO;UNTIL=20261026T070000Z",
         ["19 08:00", "24 08:00", "25 08:00", "26 08:00"]),
        ("DTSTART;TZID=Europe/Brussels:20261023T080000\r\nRRULE:FREQ=DAILY;COUNT=4\r\nEXDATE;TZID=Europe/Brussels:20261024T080000",
         ["23 08:00", "25 08:00", "26 08:00"]),
        ("DTSTART;TZID=Europe/Brussels:20261012T080000\r\nRRULE:FREQ=WEEKLY;INTERVAL=2", ["26 08:00"]),
        ("DTSTART:20261020T080000Z\r\nSTATUS:CANCELLED", []),
        ("DTSTART:20261020T080000Z\r\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20261020T080000Z\r\nRRULE:FREQ=MINUTELY", []),
        ("DTSTART:20261020T080000Z\r\nRRULE:FREQ=DAILY;BYHOUR=1,2,3", []),
        ("DTSTART:2026", []),
        ("SUMMARY:never", []),
    ],
)  # fmt: skip
def test_when_events_begin(lines: str, found: list[str]) -> None:
    """In every way of saying it; 8:00 stays 8:00 when the clock goes back."""
    assert starts(calendar(lines)) == found


def test_one_of_a_row_is_moved_another_cancelled() -> None:
    """RECURRENCE-ID takes the place of what the rule says."""
    row = "UID:w\r\nDTSTART;TZID=Europe/Brussels:20261020T080000\r\nRRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Row"
    moved = "UID:w\r\nRECURRENCE-ID;TZID=Europe/Brussels:20261021T080000\r\nDTSTART;TZID=Europe/Brussels:20261021T110000\r\nSUMMARY:Later"
    off = "UID:w\r\nRECURRENCE-ID;TZID=Europe/Brussels:20261022T080000\r\nDTSTART;TZID=Europe/Brussels:20261022T080000\r\nSTATUS:CANCELLED"
    raw = calendar(row, moved, off)
    for number in range(3):
        raw = raw.replace(f"UID:{number}\r\n".encode(), b"")
    assert starts(raw) == ["20 08:00", "21 11:00"]
    assert [e.title for e in told(raw).entries] == ["Row", "Later"]


def test_folded_lines_escapes_and_hostile_letters() -> None:
    """A title is one line without NUL; text is kept apart from it."""
    raw = calendar(
        "DTSTART:20261020T080000Z\r\nSUMMARY:Tand\r\n arts\\, 80\r\n  %\r\nDESCRIPTION:a\\nb\r\nLOCATION:Gent\r\nCATEGORIES:Auto,Ver\x00keer"
    )
    found = told(raw).entries[0]
    assert found.title == "Tandarts, 80 %"
    assert found.text == "a\nb\nGent\nAuto Verkeer"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>log in</html>", "html"),
        (b"hello", "unknown_form"),
        (calendar("DTSTART:20261020T080000Z", "SUMMARY:secret")[:-30], "truncated"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nSUMMARY:secret\r\nEND:VCALENDAR", "unknown_form"),
        (b"BEGIN:VCALENDAR\r\nsecret\r\nEND:VCALENDAR", "unknown_form"),
        (b"\xff\xfe\x00\x01", "unknown_form"),
    ],
)
def test_what_is_no_calendar_is_said_without_a_word_of_it(raw: bytes, code: str) -> None:
    with pytest.raises(AnswerError) as refused:
        told(raw)
    assert refused.value.code == code
    assert "secret" not in str(refused.value)


def test_what_is_wrong_with_parts_stands_beside_the_rest() -> None:
    """An unknown time zone is read as the site's, what comes every minute is left out, and both are told."""
    found = told(
        calendar(
            "DTSTART;TZID=Mars/Olympus:20261020T080000\r\nSUMMARY:m",
            "DTSTART:20261020T080000Z\r\nRRULE:FREQ=SECONDLY",
            "DTSTART:soon",
        )
    )
    assert [e.title for e in found.entries] == ["m"]
    assert [f.split(" ", 2)[2][:14] for f in found.faults] == [
        "say no moment ",
        "come more than",
        "have a time zo",
    ]


MOMENT = st.integers(0, 13 * 86400).map(lambda s: (FROM + timedelta(seconds=s)).astimezone(UTC))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    moments=st.lists(MOMENT, min_size=1, max_size=5),
    zone=st.sampled_from(["UTC", "Europe/Brussels", "Europe/London"]),
)
def test_moments_come_back_whatever_zone_they_are_written_in(moments: list[datetime], zone: str) -> None:
    """Also in the night in which an hour comes twice, where only UTC says which one is meant."""
    local = [m.astimezone(ZoneInfo(zone)) for m in moments]
    where = "" if zone == "UTC" else f";TZID={zone}"
    raw = calendar(*(f"DTSTART{where}:{m:%Y%m%dT%H%M%S}{'Z' if zone == 'UTC' else ''}" for m in local))
    found = [e.starts_s for e in told(raw).entries]
    wanted = sorted(
        m.timestamp() if zone == "UTC" else m.replace(fold=0).timestamp()
        for m in local
        if FROM.timestamp() <= m.replace(fold=0 if zone != "UTC" else m.fold).timestamp()
    )
    assert sorted(s for s in found if s is not None) == wanted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damage_never_comes_out_as_anything_but_one_error(data: st.DataObject) -> None:
    """Bytes replaced anywhere: entries or an AnswerError."""
    raw = bytearray(
        calendar(
            "DTSTART;TZID=Europe/Brussels:20261020T080000\r\nRRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3\r\nSUMMARY:a\\, b"
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = told(bytes(raw), days=3)
    except AnswerError:
        return
    assert all(e.starts_s is None or e.starts_s >= FROM.timestamp() for e in found.entries)
