"""Calendars as people's programs publish them (iCalendar, RFC 5545): bytes in, occurrences of events out.

The reading is that of the packages `icalendar` and `recurring-ical-events` (extra `calendar`), which know rules, exceptions,
moved occurrences and the time zones of others. They are loaded when the first calendar is read, and read whatever a
stranger wrote: whoever calls does so in a process that may be ended. No message holds a word of the calendar itself.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from kwartier.protocols.answers import AnswerError, checked
from kwartier.protocols.requests import Request
from kwartier.site.agenda import Entry
from kwartier.site.values import valueclass

SOURCE = "the calendar"
MAX_EVENTS = 20_000
MAX_ENTRIES = 2_000
MAX_TITLE = 200
MAX_TEXT = 2_000
RARE = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
WITHIN_A_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
DAMAGE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What the packages raise at calendars that are none."""


@valueclass(frozen=True, slots=True, kw_only=True)
class CalendarSource:
    """One calendar as a site is set up for it."""

    owner: str
    """`user:<id>` or `charge_point:<id>`."""
    path: str = ""
    """A file, where `request` is None."""
    request: Request | None = None
    travel_s: float
    """The car leaves so long before an event."""
    only: tuple[str, ...]
    """Words of events that need the car; empty: all do."""
    zone: ZoneInfo


@valueclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a calendar says of some days."""

    entries: tuple[Entry, ...]
    """In order of time; cancelled ones, and timed ones that are marked as free, are left out."""
    faults: tuple[str, ...] = ()
    """What could not be read beside the rest, in English, without a word of the calendar."""


def read(raw: bytes, *, zone: ZoneInfo, from_s: float, to_s: float) -> Told:
    """The occurrences that begin in `[from_s, to_s)`. Floating times and unknown time zones are those of `zone`.
    Raises AnswerError: `empty`, `too_long`, `html`, `truncated`, `unknown_form`, `no_data` (no such packages)."""
    text = _text_of(raw)
    try:
        import icalendar  # noqa: PLC0415 - only where a calendar is read
        import recurring_ical_events  # noqa: PLC0415
    except ModuleNotFoundError as error:
        what = f"calendars need the package {error.name}; install kwartier with its extra: kwartier[calendar]"
        raise AnswerError("no_data", what) from error
    faults: list[str] = []
    entries: list[Entry] = []
    try:
        for calendar in icalendar.Calendar.from_ical(text, multiple=True):
            _sifted(calendar, faults)
            # a day more on both sides: `between` compares whole days and floating times its own way
            found = recurring_ical_events.of(calendar, components=["VEVENT"], skip_bad_series=True).between(
                datetime.fromtimestamp(from_s - 86400.0, UTC), datetime.fromtimestamp(to_s + 86400.0, UTC)
            )
            for event in found:
                entries += _entries(event, zone, from_s, to_s)
    except DAMAGE as error:
        raise AnswerError("unknown_form", f"{SOURCE} is damaged ({type(error).__name__})") from None
    entries.sort(key=lambda e: (e.day, e.starts_s or 0.0, e.title))
    if len(entries) > MAX_ENTRIES:
        faults.append(f"more than {MAX_ENTRIES} entries; the first ones count")
    return Told(entries=tuple(entries[:MAX_ENTRIES]), faults=tuple(faults))


def _text_of(raw: bytes) -> str:
    """The text of a calendar that is whole. Raises AnswerError."""
    text = checked(raw, SOURCE).decode("utf-8-sig", "replace").replace("\0", "").strip()
    head = text[:200].upper()
    if head.startswith(("<!DOCTYPE", "<HTML")):
        raise AnswerError("html", f"{SOURCE}: a page for people came instead; check its address")
    if not head.startswith("BEGIN:VCALENDAR"):
        raise AnswerError("unknown_form", f"{SOURCE} is no calendar (it does not begin with BEGIN:VCALENDAR)")
    if text[-200:].upper().splitlines()[-1].strip() != "END:VCALENDAR":
        raise AnswerError("truncated", f"{SOURCE} ends in the middle")
    if text.upper().count("BEGIN:VEVENT") > MAX_EVENTS:
        raise AnswerError("too_long", f"{SOURCE} has more than {MAX_EVENTS} events")
    return text


def _sifted(calendar: Any, faults: list[str]) -> None:
    """Take out what cannot be placed, and what comes several times a day: nobody drives so, and a short text would become
    millions of entries."""
    kept, counts = [], {"bad": 0, "endless": 0, "foreign": 0}
    for part in calendar.subcomponents:
        if part.name == "VEVENT":
            found = _judged(part)
            if found is not None:
                counts[found] += 1
            if found in {"bad", "endless"}:
                continue
        kept.append(part)
    calendar.subcomponents = kept
    for name, what in (
        ("bad", "say no moment that can be read, and were left out"),
        ("endless", "come more than once a day, and were left out"),
        ("foreign", "have a time zone that is not known, and were read in that of the site"),
    ):
        if counts[name]:
            faults.append(f"{counts[name]} events {what}")


def _judged(event: Any) -> Literal["bad", "endless", "foreign"] | None:
    """What is wrong with an event; None: nothing."""
    try:
        start = event["DTSTART"]
        dated, floats = isinstance(start.dt, date), getattr(start.dt, "tzinfo", None) is None
        zoned, rare = "TZID" in start.params, _rare(event)
    except DAMAGE:
        return "bad"
    if not dated or not rare:
        return "endless" if dated else "bad"
    return "foreign" if floats and zoned else None


def _rare(event: Any) -> bool:
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if {str(f).upper() for f in rule.get("FREQ", [])} - RARE or WITHIN_A_DAY & {k.upper() for k in rule}:
            return False
    return True


def _entries(event: Any, zone: ZoneInfo, from_s: float, to_s: float) -> Iterator[Entry]:
    """One entry; one for each day where it lasts whole days."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    start = event["DTSTART"].dt
    title = " ".join(_words(event, "SUMMARY").split())[:MAX_TITLE]
    text = "\n".join(_words(event, name) for name in ("DESCRIPTION", "LOCATION", "CATEGORIES"))[:MAX_TEXT]
    if isinstance(start, datetime):
        if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
            return
        at = start.replace(tzinfo=zone) if start.tzinfo is None else start
        starts_s = at.timestamp()
        if from_s <= starts_s < to_s:
            day = datetime.fromtimestamp(starts_s, zone).toordinal()
            yield Entry(day=day, starts_s=starts_s, title=title, text=text)
        return
    end = event["DTEND"].dt if "DTEND" in event else start + timedelta(days=1)
    first, last = (datetime.fromtimestamp(s, zone).toordinal() for s in (from_s, to_s))
    until = end.toordinal() if isinstance(end, date) else start.toordinal() + 1
    for day in range(max(first, start.toordinal()), min(last + 1, max(until, start.toordinal() + 1))):
        yield Entry(day=day, starts_s=None, title=title, text=text)


def _words(event: Any, name: str) -> str:
    """A property as text; several of one name one after the other."""
    found = event.get(name, "")
    parts = found if isinstance(found, list) else [found]
    return " ".join(" ".join(map(str, p.cats)) if hasattr(p, "cats") else str(p) for p in parts)
