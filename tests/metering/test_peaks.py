"""The month peak."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kwartier.metering.peaks import month_at, month_of, month_peak, with_meter, with_quarter
from kwartier.metering.quarters import ClosedQuarter, Quality
from kwartier.site.quarters import MonthPeak
from kwartier.site.readings import MeterReading

BRUSSELS = ZoneInfo("Europe/Brussels")


def at(text: str) -> float:
    """UTC seconds of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS).timestamp()


def quarter(text: str, demand_w: float | None) -> ClosedQuarter:
    """A closed quarter by its local start."""
    return ClosedQuarter(
        meter_id="p1",
        start_s=int(at(text)),
        import_kwh=(demand_w or 0) / 4000,
        export_kwh=None,
        register_import_kwh=1.0,
        register_export_kwh=None,
        demand_w=demand_w,
        meter_demand_w=None,
        agrees=None,
        quality="measured",
    )


@pytest.mark.parametrize(
    ("quality", "own_w", "raises_to_w"),
    [
        ("measured", None, 9000.0),
        ("measured", 4000.0, 4000.0),
        ("interpolated", None, 3000.0),
        ("partial", None, 9000.0),
        ("reset", None, 3000.0),
        ("partial", 9000.0, 9000.0),
    ],
)
def test_only_what_is_proven_raises_the_peak(
    quality: Quality, own_w: float | None, raises_to_w: float
) -> None:
    """A target follows the peak: guessed energy must not make room for more."""
    fresh = month_peak([quarter("2026-03-01T00:00:00", 3000.0)], MARCH)
    doubtful = replace(quarter("2026-03-02T00:00:00", 9000.0), quality=quality, meter_demand_w=own_w)
    assert with_quarter(fresh, doubtful).peak_w == raises_to_w


def meter(peak_w: float, text: str) -> MeterReading:
    """A telegram with the meter's own month peak."""
    return MeterReading(meter_id="p1", at_s=0.0, month_peak_w=peak_w, month_peak_at_s=at(text))


MARCH = month_at(2026, 3, BRUSSELS)


def test_month_is_the_local_one() -> None:
    """The last quarter before local midnight belongs to the old month though UTC says otherwise."""
    assert month_of(at("2026-03-31T23:59:59"), BRUSSELS) == MARCH
    assert month_of(at("2026-04-01T00:00:00"), BRUSSELS).month == 4
    assert datetime.fromtimestamp(MARCH.start_s, UTC).isoformat() == "2026-02-28T23:00:00+00:00"
    assert MARCH.end_s - MARCH.start_s == 31 * 86400 - 3600


def test_december_is_followed_by_january() -> None:
    """The year's last month ends with the year."""
    assert month_at(2026, 12, BRUSSELS).end_s == int(at("2027-01-01T00:00:00"))


def test_peak_is_the_highest_quarter_of_the_month() -> None:
    """Quarters of other months and those without a known demand do not count."""
    quarters = [
        quarter("2026-02-28T23:45:00", 9000.0),
        quarter("2026-03-01T00:00:00", 3000.0),
        quarter("2026-03-15T07:30:00", 5200.0),
        quarter("2026-03-16T07:30:00", None),
        quarter("2026-04-01T00:00:00", 9000.0),
    ]
    peak = month_peak(quarters, MARCH)
    assert (peak.peak_w, peak.start_s, peak.source) == (5200.0, int(at("2026-03-15T07:30:00")), "quarters")


def test_first_quarter_without_import_is_a_peak_of_zero() -> None:
    """Zero is a figure; nothing known is none."""
    assert MonthPeak(month=MARCH).peak_w is None
    first = with_quarter(MonthPeak(month=MARCH), quarter("2026-03-01T00:00:00", 0.0))
    again = with_quarter(first, quarter("2026-03-01T00:15:00", 0.0))
    assert (again.peak_w, again.start_s) == (0.0, int(at("2026-03-01T00:00:00")))


def test_meters_peak_of_last_month_is_not_believed() -> None:
    """Just after midnight on the first the meter still shows last month, midnight itself included."""
    fresh = month_peak([quarter("2026-03-01T00:00:00", 400.0)], MARCH)
    assert with_meter(fresh, meter(8000.0, "2026-02-14T18:00:00")).peak_w == 400.0
    assert with_meter(fresh, meter(8000.0, "2026-03-01T00:00:00")).peak_w == 400.0


def test_meters_peak_counts_from_its_time_on() -> None:
    """The meter saw the days before we came; its time is the end of its quarter."""
    peak = month_peak([quarter("2026-03-20T10:00:00", 4100.0)], MARCH, meter(6030.0, "2026-03-04T18:15:00"))
    assert (peak.peak_w, peak.start_s, peak.source) == (6030.0, int(at("2026-03-04T18:00:00")), "meter")


def test_own_higher_quarter_stands_above_an_older_figure_of_the_meter() -> None:
    """The meter renews its figure at quarter ends only; ours may be ahead of it. Noise is not."""
    own = [quarter("2026-03-20T10:00:00", 4108.0)]
    assert month_peak(own, MARCH, meter(3000.0, "2026-03-04T18:15:00")).peak_w == 4108.0
    assert month_peak(own, MARCH, meter(4100.0, "2026-03-20T10:15:00")).peak_w == 4100.0
