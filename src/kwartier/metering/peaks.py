"""The month peak: the highest quarter-hour of the local calendar month (facts p1.md, section 11).

Our own closed quarters are merged with the meter's own figure (OBIS 1-0:1.6.0). Just after midnight on the
first the meter may still show last month, so its figure counts only when its time lies in the month asked.

A target follows this peak, so only what is proven may raise it: energy that nobody saw flow in a quarter, or that a
clock put there, would make room for as much in every quarter that follows.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.intervals import QUARTER_S
from kwartier.site.quarters import Month, MonthPeak
from kwartier.site.readings import MeterReading

NOISE_W = 16.0
"""Our figure may exceed the meter's own by this for the 1 Wh steps of the registers; the meter is right."""


def month_of(utc_s: float, zone: tzinfo) -> Month:
    """The local calendar month in which a moment lies."""
    local = datetime.fromtimestamp(utc_s, UTC).astimezone(zone)
    return month_at(local.year, local.month, zone)


def month_at(year: int, month: int, zone: tzinfo) -> Month:
    """A calendar month by its number, 1 to 12."""
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    start = datetime(year, month, 1, tzinfo=zone)
    end = datetime(after[0], after[1], 1, tzinfo=zone)
    return Month(year=year, month=month, start_s=int(start.timestamp()), end_s=int(end.timestamp()))


def month_peak(
    quarters: Iterable[ClosedQuarter], month: Month, meter: MeterReading | None = None
) -> MonthPeak:
    """The peak of `month` out of one meter's closed quarters (those outside are ignored) and, where it
    lies in the month, the meter's own figure."""
    peak = MonthPeak(month=month)
    for quarter in quarters:
        peak = with_quarter(peak, quarter)
    return peak if meter is None else with_meter(peak, meter)


def with_quarter(peak: MonthPeak, quarter: ClosedQuarter) -> MonthPeak:
    """The peak after one more closed quarter, if its power is proven."""
    inside = peak.month.start_s <= quarter.start_s < peak.month.end_s
    proven_w = _proven_w(quarter) if inside else None
    if proven_w is None or (peak.peak_w is not None and proven_w <= peak.peak_w):
        return peak
    return MonthPeak(month=peak.month, peak_w=proven_w, start_s=quarter.start_s, source="quarters")


def _proven_w(quarter: ClosedQuarter) -> float | None:
    """What a quarter had at least, W: the meter's own figure, or registers read within it; the lower where they
    contradict each other."""
    if quarter.demand_w is None:
        return None
    if quarter.meter_demand_w is not None:
        return min(quarter.demand_w, quarter.meter_demand_w)
    return quarter.demand_w if quarter.quality in {"measured", "partial"} else None


def with_meter(peak: MonthPeak, reading: MeterReading) -> MonthPeak:
    """The peak after a look at the meter's own month peak.

    By the DLMS demand register its time is the quarter's end, so the last quarter of a month is stamped
    with midnight of the first: a time on the month's start belongs to the month before.
    """
    own_w, at_s = reading.month_peak_w, reading.month_peak_at_s
    if own_w is None or at_s is None or not peak.month.start_s < at_s <= peak.month.end_s:
        return peak
    if peak.peak_w is not None and own_w < peak.peak_w - NOISE_W:
        return peak
    start_s = int((at_s - 1) // QUARTER_S) * QUARTER_S
    return MonthPeak(month=peak.month, peak_w=own_w, start_s=start_s, source="meter")
