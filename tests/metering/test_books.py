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
