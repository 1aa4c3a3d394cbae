"""The meter ladder (DESIGN section 5.5): what the age of a meter's newest value means.

    waiting -> recovering -> fresh -> stale -> lost -> error
                   ^                             |        |
                   +-----------------------------+--------+   a new value arrives

`fresh`       all is well
`stale`       5 s without a new value: nothing may be raised
`lost`        10 s: the safe current of the group behind it is in force; a warning is given
`error`       120 s: the error is given; charging goes on at the safe current
`recovering`  it speaks again: 10 s of good data before the safe current is lifted
`waiting`     never heard since the start: treated as lost

A value counts as new when the driver has a newer one *and* the meter's own clock moved: a frozen meter
is a lost meter. One that is old when it comes (a line that lags) is as old as it is, not fresh; one from
the future is of now. Meters that speak more rarely (`interval_s`) get proportionally more patience.
"""

from dataclasses import replace

from kwartier.site.phases import PhaseVector
from kwartier.site.readings import MeterReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level
from kwartier.site.topology import Meter
from kwartier.site.values import valueclass

STALE_AFTER_S = 5.0
LOST_AFTER_S = 10.0
ERROR_AFTER_S = 120.0
GOOD_FOR_S = 10.0
STALE_INTERVALS = 1.5
LOST_INTERVALS = 2.5

Event = tuple[Level, Reason]
_NOTHING: tuple[Event, ...] = ()


@valueclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What is remembered of one meter. Times are monotonic seconds."""

    status: str = "waiting"
    heard_s: float = 0.0
    """When the newest value was true; before the first value: when we started to wait."""
    seen_at_s: float | None = None
    """`at_s` of the newest reading looked at, new or not."""
    current_a: PhaseVector | None = None
    """The currents of its newest value: what is reckoned with, whatever comes after that is not new."""
    meter_time_s: float | None = None
    good_since_s: float = 0.0
    """Since when values have come without a gap (meaningful in `recovering` and `fresh`)."""

    @property
    def trusted(self) -> bool:
        """Whether its value may be used for a limit above the safe current."""
        return self.status in {"fresh", "stale"}

    @property
    def has_value(self) -> bool:
        """Whether it speaks at all, so that its value tells something about its parent's other load."""
        return self.status in {"fresh", "stale", "recovering"}


def begin(now_s: float) -> Ladder:
    """The ladder of a meter at the start of the program."""
    return Ladder(heard_s=now_s)


def stale_after_s(meter: Meter) -> float:
    """Age at which nothing may be raised any more, s."""
    return max(STALE_AFTER_S, STALE_INTERVALS * meter.interval_s)


def lost_after_s(meter: Meter) -> float:
    """Age at which the safe current comes into force, s."""
    return max(LOST_AFTER_S, LOST_INTERVALS * meter.interval_s)


def climb(
    memory: Ladder, meter: Meter, reading: MeterReading | None, now_s: float
) -> tuple[Ladder, tuple[Event, ...]]:
    """One step of the ladder; returns what to remember and what to say."""
    if reading is None or reading.at_s == memory.seen_at_s:
        return _unheard(memory, meter, now_s - memory.heard_s)
    at_s = min(reading.at_s, now_s)
    if not _is_new(memory, reading, at_s):
        return _unheard(replace(memory, seen_at_s=reading.at_s), meter, now_s - memory.heard_s)
    status, good_since_s, events = memory.status, memory.good_since_s, _NOTHING
    in_time = now_s - at_s < stale_after_s(meter)
    if in_time:
        status, good_since_s, events = _heard(memory, meter, at_s)
    memory = Ladder(
        status=status,
        heard_s=at_s,
        seen_at_s=reading.at_s,
        current_a=reading.current_a,
        meter_time_s=reading.meter_time_s,
        good_since_s=good_since_s,
    )
    if in_time and status in {"fresh", "recovering"}:
        return memory, events  # nothing is late, as nearly always
    memory, more = _unheard(memory, meter, now_s - at_s)
    return memory, (*events, *more)


def _is_new(memory: Ladder, reading: MeterReading, at_s: float) -> bool:
    if memory.seen_at_s is not None and at_s <= memory.heard_s:
        return False
    return reading.meter_time_s is None or reading.meter_time_s != memory.meter_time_s


def _heard(memory: Ladder, meter: Meter, at_s: float) -> tuple[str, float, tuple[Event, ...]]:
    """Status and start of the good time after a value of `at_s`, and what to say."""
    gap_s = at_s - memory.heard_s
    # A gap that no step saw (the program stood still) is a loss like any other.
    if memory.status in {"waiting", "lost", "error"} or (memory.trusted and gap_s >= lost_after_s(meter)):
        told = reason("meter_connected", meter=meter.name, address=meter.address)
        # What was true before we started to wait proves nothing of the time since.
        return "recovering", max(at_s, memory.heard_s), (("info", told),)
    if memory.status == "stale" or gap_s > stale_after_s(meter):
        return ("recovering" if memory.status == "recovering" else "fresh"), at_s, ()
    if memory.status == "recovering" and at_s - memory.good_since_s >= GOOD_FOR_S:
        return "fresh", memory.good_since_s, ()
    return memory.status, memory.good_since_s, ()


def _unheard(memory: Ladder, meter: Meter, age_s: float) -> tuple[Ladder, tuple[Event, ...]]:
    events: tuple[Event, ...] = ()
    status = memory.status
    if status == "fresh" and age_s >= stale_after_s(meter):
        status = "stale"
    if status == "recovering" and age_s >= stale_after_s(meter):
        # It fell silent again before it had proven itself: the safe current never left.
        status, events = "lost", (("warning", reason("meter_warning", meter=meter.name)),)
    if status in {"stale", "waiting"} and age_s >= lost_after_s(meter):
        status, events = "lost", (("warning", reason("meter_warning", meter=meter.name)),)
    if status == "lost" and age_s >= max(ERROR_AFTER_S, lost_after_s(meter)):
        status, events = "error", (*events, ("error", reason("meter_error", meter=meter.name)))
    return (memory if status == memory.status else replace(memory, status=status)), events
