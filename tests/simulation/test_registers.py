"""The digital meter's quarter, peak, history and tariffs (facts p1.md, sections 4 and 5)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kwartier.simulation.plant.registers import GridRegisters, MonthPeak

BRUSSELS = ZoneInfo("Europe/Brussels")


def at(*fields: int) -> float:
    """UTC seconds of a moment in Brussels."""
    year, month, day, hour, minute = fields
    return datetime(year, month, day, hour, minute, tzinfo=BRUSSELS).timestamp()


def feed(registers: GridRegisters, start_s: float, seconds: int, power_w: float) -> float:
    """Constant power for a while; returns the end."""
    for i in range(1, seconds + 1):
        registers.tick(start_s + i, 1.0, power_w)
    return start_s + seconds


def test_demand_ramps_through_the_quarter() -> None:
    """0.523 kW gives 0.0325 kW of demand after 56 s and 0.0401 kW after 69 s, as captured on a real meter."""
    start_s = at(2026, 4, 14, 12, 0)
    registers = GridRegisters(start_s, BRUSSELS)
    now_s = feed(registers, start_s, 56, 523.0)
    assert registers.quarter_demand_w == pytest.approx(32.5, abs=0.1)
    feed(registers, now_s, 13, 523.0)
    assert registers.quarter_demand_w == pytest.approx(40.1, abs=0.1)


def test_quarter_end_sets_the_month_peak() -> None:
    """A quarter at 3 kW makes a peak of 3 kW, dated at its end, and the next quarter starts at zero."""
    start_s = at(2026, 4, 14, 12, 0)
    registers = GridRegisters(start_s, BRUSSELS)
    now_s = feed(registers, start_s, 900, 3000.0)
    assert registers.month_peak_w == pytest.approx(3000.0)
    assert registers.month_peak_at_s == now_s
    assert registers.quarter_demand_w == 0.0
    feed(registers, now_s, 900, 1000.0)
    assert registers.month_peak_w == pytest.approx(3000.0)


def test_export_does_not_pay_back_import() -> None:
    """Export in a quarter leaves the demand of that quarter as it is."""
    start_s = at(2026, 4, 14, 12, 0)
    registers = GridRegisters(start_s, BRUSSELS)
    now_s = feed(registers, start_s, 100, 3600.0)
    feed(registers, now_s, 100, -3600.0)
    assert registers.quarter_wh == pytest.approx(100.0)
    assert sum(registers.export_wh) == pytest.approx(100.0)


def test_month_closes_at_local_midnight() -> None:
    """At the end of April in Brussels the peak moves to the history and starts anew; 13 months are kept."""
    start_s = at(2026, 4, 30, 23, 45)
    registers = GridRegisters(start_s, BRUSSELS)
    registers.history = [MonthPeak(start_s, start_s, 4000.0) for _ in range(13)]
    now_s = feed(registers, start_s, 900, 2000.0)
    assert len(registers.history) == 13
    last = registers.history[-1]
    assert last.closed_at_s == now_s
    assert last.peak_w == pytest.approx(2000.0)
    assert datetime.fromtimestamp(now_s, UTC).hour == 22
    assert registers.month_peak_w == 0.0


@pytest.mark.parametrize(
    ("moment", "tariff"),
    [
        ((2026, 4, 14, 6, 59), 2),
        ((2026, 4, 14, 7, 0), 1),
        ((2026, 4, 14, 21, 59), 1),
        ((2026, 4, 14, 22, 0), 2),
        ((2026, 4, 18, 12, 0), 2),
    ],
)
def test_tariffs_are_flemish(moment: tuple[int, ...], tariff: int) -> None:
    """Normal tariff is number 1, on working days from 7 to 22 h; nights and weekends are 2."""
    assert GridRegisters(at(*moment), BRUSSELS).tariff == tariff
