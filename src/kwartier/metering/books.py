"""One meter's book: its quarter-hour account and its month peak, as one value that readings are folded into.

The edge and the simulation keep the same book, and both put its page into the picture that a step decides from.
"""

from dataclasses import replace
from datetime import tzinfo
from math import isfinite

from kwartier.metering.peaks import month_of, with_meter, with_quarter
from kwartier.metering.quarters import ClosedQuarter, QuarterMemory, running, step
from kwartier.site.quarters import MonthPeak, QuarterPicture
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Site
from kwartier.site.values import valueclass


@valueclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What is carried from reading to reading."""

    quarters: QuarterMemory
    peak: MonthPeak | None = None
    newest: MeterReading | None = None
    """The reading that was folded in last, in this run."""


def fold(
    book: Book, reading: MeterReading, utc_s: float, zone: tzinfo
) -> tuple[Book, tuple[ClosedQuarter, ...]]:
    """Take a reading that is new. `utc_s`: our UTC when it was true; `zone`: whose months count. Returns the
    quarters that it closed too, oldest first."""
    quarters, closed = step(book.quarters, reading, utc_s)
    peak = book.peak
    month = peak.month if peak is not None else None
    told_s = reading.meter_time_s if reading.meter_time_s is not None else utc_s
    if month is None or not month.start_s <= told_s < month.end_s:
        month = month_of(told_s, zone)
    for quarter in closed:
        if peak is not None:
            peak = with_quarter(peak, quarter)
    if peak is None or peak.month != month:
        peak = MonthPeak(month=month)
        for quarter in closed:
            peak = with_quarter(peak, quarter)
    return Book(quarters=quarters, peak=with_meter(peak, reading), newest=reading), closed


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
