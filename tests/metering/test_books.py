"""The book of a meter: what its account and its month peak make of a meter that was changed for another."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from kwartier.metering.books import Book, begun, fold, most_kw
from kwartier.metering.quarters import ClosedQuarter
from kwartier.simulation.scenarios import household_site
from kwartier.site.readings import MeterReading

T0 = 1_767_600_000  # a quarter's boundary, 5 January 2026
ZONE = ZoneInfo("Europe/Brussels")
Read = Callable[..., MeterReading]


def folded(readings: list[MeterReading]) -> tuple[Book, list[ClosedQuarter]]:
    """All of them, one after the other."""
    site = household_site()
    book = begun(site, site.root.meter or "")
    out: list[ClosedQuarter] = []
    for reading in readings:
        book, closed = fold(book, reading, reading.at_s + 1_000_000_000, ZONE)
        out.extend(closed)
    return book, out


def test_a_meter_with_a_higher_register_is_no_peak_of_a_megawatt(reading_at: Read) -> None:
    """The grid operator changes the meter: dark for an hour, then another register, 3000 kWh higher."""
    before = [reading_at(T0 + s, 500 + s * 2 / 3600) for s in range(0, 950, 10)]
    after = [reading_at(T0 + s, 3500 + s * 2 / 3600) for s in range(4500, 6400, 10)]
    book, closed = folded(before + after)
    assert max(q.import_kwh for q in closed) < 1.0
    assert book.peak is not None
    assert book.peak.peak_w == pytest.approx(2000, abs=40)


def test_what_flowed_while_nobody_listened_still_counts(reading_at: Read) -> None:
    """Two hours without a telegram, at four times the limit of the site all the while: energy, not another meter."""
    site = household_site()
    kw = 4 * max(site.root.limit_a) * 3 * 0.23
    _, closed = folded([reading_at(T0, 500.0), reading_at(T0 + 7200, 500.0 + 2 * kw)])
    assert sum(q.import_kwh for q in closed) == pytest.approx(2 * kw)
    assert "reset" not in {q.quality for q in closed}


def test_a_line_that_catches_up_is_no_other_meter(reading_at: Read) -> None:
    """A minute of the largest power comes within a second."""
    site = household_site()
    kw = most_kw(site, site.root.meter or "")
    readings = [reading_at(T0 + s, 500.0) for s in range(60)]
    readings += [reading_at(T0 + s, 500.0 + kw / 60 + 0.01) for s in range(60, 901)]
    _, closed = folded(readings)
    assert {q.quality for q in closed} == {"measured"}


def dated_by_us(
    steps: dict[int, int], *, seconds: int = 9000, dark: range = range(0)
) -> tuple[Book, list[ClosedQuarter]]:
    """A constant 4 kW through a meter without a clock; our clock of day is off by `steps[s]` from second `s` on. The
    meter is silent in `dark`."""
    site = household_site()
    book = begun(site, site.root.meter or "")
    out: list[ClosedQuarter] = []
    off_s = 0
    for s in range(0, seconds + 1, 5):
        off_s = steps.get(s, off_s)
        if s in dark:
            continue
        reading = MeterReading(meter_id="p1", at_s=float(s), energy_import_kwh=round(100 + s / 900, 6))
        book, closed = fold(book, reading, float(T0 + s + off_s), ZONE)
        out.extend(closed)
    return book, out


@pytest.mark.parametrize(
    ("steps", "dark"),
    [
        ({600: 3600, 935: 0}, range(0)),
        ({600: 3600, 935: 300}, range(0)),
        ({1700: -600}, range(0)),
        ({1500: -300}, range(1200, 1500)),
        ({600: 1500, 1700: 900}, range(0)),
        ({940: -45}, range(0)),
        ({900: -10, 1000: -20, 1100: -30, 1200: -40, 1300: -50}, range(0)),
        ({1300: -7000}, range(0)),
    ],
)
def test_a_step_of_our_clock_never_raises_the_peak(steps: dict[int, int], dark: range) -> None:
    """What flows in more than a quarter is not the power of one, and a target that follows the peak stays where it was:
    whether our clock leaps and comes back, or goes back within a quarter, in the dark, or bit by bit."""
    book, closed = dated_by_us(steps, dark=dark)
    assert book.peak is not None
    assert book.peak.peak_w == pytest.approx(4000, abs=20)
    assert sum(q.import_kwh for q in closed) == pytest.approx(closed[-1].register_import_kwh - 100)
    wrong = [q for q in closed if abs(q.import_kwh - 1.0) > 0.01]
    assert {q.quality for q in wrong} <= {"clock"}


def test_a_clock_that_leapt_and_came_back_marks_all_that_it_touched() -> None:
    """An hour ahead for six minutes: the quarters that were closed too early, and the one that holds what flowed in them."""
    _, closed = dated_by_us({600: 3600, 935: 0})
    assert [(q.start_s - T0) // 900 for q in closed] == list(range(len(closed)))
    assert [q.quality for q in closed[:7]] == ["clock"] * 6 + ["measured"]


def test_a_box_that_wakes_in_the_past_does_not_make_a_peak_of_the_time_it_slept() -> None:
    """Dark for two hours; without a battery clock it goes on where it stopped, until the time is set a minute later."""
    site = household_site()
    book = begun(site, site.root.meter or "")
    out: list[ClosedQuarter] = []
    for s in [*range(0, 1200, 5), *range(8400, 10000, 5)]:
        utc_s = T0 + s - (7200 if 8400 <= s < 8460 else 0)
        host_s = float(s if s < 1200 else s - 8400)
        reading = MeterReading(meter_id="p1", at_s=host_s, energy_import_kwh=round(100 + s / 900, 6))
        book, closed = fold(book, reading, float(utc_s), ZONE)
        out.extend(closed)
    assert book.peak is not None
    assert book.peak.peak_w == pytest.approx(4000, abs=20)
    assert sum(q.import_kwh for q in out) == pytest.approx(out[-1].register_import_kwh - 100)


def test_another_meter_after_a_step_of_the_clock_does_not_make_it_a_peak(reading_at: Read) -> None:
    """A quarter comes twice, and within the quarter that waits the register is another one."""
    readings = [
        reading_at(T0 + s, (100 if s < 2000 else 20) + s / 900, meter_s=T0 + s - (900 if s >= 1000 else 0))
        for s in range(0, 6000, 10)
    ]
    book, closed = folded(readings)
    assert book.peak is not None
    assert book.peak.peak_w == pytest.approx(4000, abs=20)
    assert [q.demand_w for q in closed if q.import_kwh > 1.5] == [None]
