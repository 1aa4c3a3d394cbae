"""One meter's book: its quarter-hour account and its month peak, as one value that readings are folded into.

The edge and the simulation keep the same book, and both put its page into the picture that a step decides from.
"""

from dataclasses import replace
from datetime import tzinfo
from math import isfinite

from kwartier.metering.peaks import month_of, with_meter, with_quarter
from kwartier.metering.quarters import LEAP_KW, ClosedQuarter, QuarterMemory, running, step
from kwartier.site.quarters import MonthPeak, QuarterPicture
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Site
from kwartier.site.units import NOMINAL_VOLTAGE_V
from kwartier.site.values import valueclass

MOST_TIMES = 8.0
"""A limit may be set far below what the fuse carries, and what is counted must never be lost for it."""


@valueclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What is carried from reading to reading."""

    quarters: QuarterMemory
    peak: MonthPeak | None = None
    newest: MeterReading | None = None
    """The reading that was folded in last, in this run."""
    most_kw: float = LEAP_KW
    """More never flows through this meter (`most_kw`)."""


def fold(
    book: Book, reading: MeterReading, utc_s: float, zone: tzinfo
) -> tuple[Book, tuple[ClosedQuarter, ...]]:
    """Take a reading that is new. `utc_s`: our UTC when it was true; `zone`: whose months count. Returns the
    quarters that it closed too, oldest first."""
    quarters, closed = step(book.quarters, reading, utc_s, most_kw=book.most_kw)
    peak = book.peak
    month = peak.month if peak is not None else None
    told_s = reading.meter_time_s if reading.meter_time_s is not None else utc_s
    if month is None or not month.start_s <= told_s < month.end_s:
        month = month_of(told_s, zone)
    for quarter in closed:
        if peak is not None:
            peak = with_quarter(peak, quarter)
    if peak is None or (peak.month is not month and peak.month != month):
        peak = MonthPeak(month=month)
        for quarter in closed:
            peak = with_quarter(peak, quarter)
    peak = with_meter(peak, reading)
    return Book(quarters=quarters, peak=peak, newest=reading, most_kw=book.most_kw), closed


def begun(site: Site, meter_id: str, quarters: QuarterMemory | None = None) -> Book:
    """The book of a meter, with the account of an earlier run where there is one."""
    known = QuarterMemory(meter_id=meter_id) if quarters is None else quarters
    return Book(quarters=known, most_kw=most_kw(site, meter_id))


def most_kw(site: Site, meter_id: str) -> float:
    """A power that nothing behind this meter can reach. Registers that grow faster are those of another meter, put
    in its place: taken for energy they would make a peak of a megawatt, and a goal that follows it."""
    for circuit in site.circuits:
        if meter_id in {circuit.meter, circuit.backup_meter}:
            carried_a = max(*circuit.limit_a, 0.0 if circuit.fuse is None else circuit.fuse.rating_a)
            return min(LEAP_KW, MOST_TIMES * carried_a * 3 * NOMINAL_VOLTAGE_V / 1000)
    return LEAP_KW


def with_peak(book: Book, peak: MonthPeak) -> Book:
    """The book that begins with the month peak out of recorded quarters."""
    return replace(book, peak=peak)


def page(book: Book) -> QuarterPicture | None:
    """What a decision is made from; None before the first reading of this run."""
    reading = book.newest
    if reading is None:
        return None
    now = running(book.quarters, reading)
    if now is not None and not isfinite(now.energy_kwh):
        now = None
    return QuarterPicture(running=now, at_s=reading.at_s, peak=book.peak)


def targeted(site: Site) -> tuple[str, ...]:
    """The meters whose quarter-hours are to stay under something."""
    return tuple(
        c.meter
        for c in site.circuits
        if c.meter is not None and c.quarter is not None and c.quarter.follow != "none"
    )
