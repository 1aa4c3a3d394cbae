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
is a lost meter. Meters that speak more rarely (`interval_s`) get proportionally more patience.
"""

from dataclasses import dataclass, replace

from kwartier.site.readings import MeterReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level
from kwartier.site.topology import Meter

STALE_AFTER_S = 5.0
LOST_AFTER_S = 10.0
ERROR_AFTER_S = 120.0
GOOD_FOR_S = 10.0
STALE_INTERVALS = 1.5
LOST_INTERVALS = 2.5

Event = tuple[Level, Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What is remembered of one meter. Times are monotonic seconds."""

    status: str = "waiting"
    heard_s: float = 0.0
    """When the newest value was true; before the first value: when we started to wait."""
    seen_at_s: float | None = None
    """`at_s` of the newest reading looked at, new or not."""
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
    if reading is not None and _is_new(memory, reading):
        return _heard(memory, meter, reading)
    if reading is not None:
        memory = replace(memory, seen_at_s=reading.at_s)
    return _unheard(memory, meter, now_s - memory.heard_s)


def _is_new(memory: Ladder, reading: MeterReading) -> bool:
    if memory.seen_at_s is not None and reading.at_s <= memory.seen_at_s:
        return False
    return reading.meter_time_s is None or reading.meter_time_s != memory.meter_time_s


def _heard(memory: Ladder, meter: Meter, reading: MeterReading) -> tuple[Ladder, tuple[Event, ...]]:
    status, good_since = memory.status, memory.good_since_s
    events: tuple[Event, ...] = ()
    gap_s = reading.at_s - memory.heard_s
    if status in {"waiting", "lost", "error"}:
        status, good_since = "recovering", reading.at_s
        events = (("info", reason("meter_connected", meter=meter.name, address=meter.address)),)
    elif status == "stale" or gap_s > stale_after_s(meter):
        status, good_since = ("recovering" if status == "recovering" else "fresh"), reading.at_s
    elif status == "recovering" and reading.at_s - good_since >= GOOD_FOR_S:
        status = "fresh"
    return (
        Ladder(
            status=status,
            heard_s=reading.at_s,
            seen_at_s=reading.at_s,
            meter_time_s=reading.meter_time_s,
            good_since_s=good_since,
        ),
        events,
    )


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
