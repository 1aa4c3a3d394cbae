"""Thirteen months of peaks out of three sources, and what they cost."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kwartier.metering.ledger import (
    MonthEntry,
    bill,
    from_history,
    from_quarters,
    merged,
    of_month,
    shown,
)
from kwartier.metering.peaks import month_at
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.quarters import ClosedMonth, MonthPeak

ZONE = ZoneInfo("Europe/Brussels")


def local_s(*when: int) -> int:
    return int(datetime(*when, tzinfo=ZONE).timestamp())  # type: ignore[arg-type,misc]


def entry(year: int, month: int, peak_w: float, source: str = "history") -> MonthEntry:
    return MonthEntry(year=year, month=month, peak_w=peak_w, source=source)  # type: ignore[arg-type]


def quarter(start_s: int, demand_w: float | None) -> ClosedQuarter:
    return ClosedQuarter(
        meter_id="m",
        start_s=start_s,
        import_kwh=(demand_w or 0.0) / 4000,
        export_kwh=0.0,
        register_import_kwh=0.0,
        register_export_kwh=0.0,
        demand_w=demand_w,
        meter_demand_w=None,
        agrees=None,
        quality="measured",
    )


def test_a_meters_history_names_the_month_that_was_closed() -> None:
    """Closed at midnight of the next month's first; in either order; a fresh meter's undefined entry is dropped."""
    history = [
        ClosedMonth(closed_at_s=local_s(2026, 4, 1), at_s=local_s(2026, 3, 29, 4), peak_w=4000.0),
        ClosedMonth(closed_at_s=local_s(2026, 2, 1), at_s=local_s(2026, 2, 1), peak_w=5000.0),
        ClosedMonth(closed_at_s=None, at_s=None, peak_w=0.0),
    ]
    for order in (history, history[::-1]):
        january, march = from_history(order, ZONE)
        assert (january.year, january.month, january.peak_w) == (2026, 1, 5000.0)
        assert january.start_s == local_s(2026, 1, 31, 23, 45)
        assert (march.month, march.start_s) == (3, local_s(2026, 3, 29, 3, 45))


def test_recorded_quarters_give_each_month_its_highest() -> None:
    """Months are local; a quarter of a set clock has no demand and none is made up."""
    found = from_quarters(
        [
            quarter(local_s(2026, 1, 31, 23, 45), 3000.0),
            quarter(local_s(2026, 2, 1), 2000.0),
            quarter(local_s(2026, 2, 1, 1), 2600.0),
            quarter(local_s(2026, 2, 1, 2), None),
        ],
        ZONE,
    )
    assert [(e.month, e.peak_w) for e in found] == [(1, 3000.0), (2, 2600.0)]


def test_the_meters_own_figure_is_the_one_that_is_billed_but_a_new_meter_forgets_nothing() -> None:
    """Within the steps of the registers the meter is right; clearly more that was recorded here stays."""
    ours, own = entry(2026, 5, 3008.0, "quarters"), entry(2026, 5, 3000.0)
    assert merged((ours,), [own]) == merged((own,), [ours]) == (own,)
    replaced = entry(2026, 5, 900.0)
    assert merged((ours,), [replaced]) == (ours,)


@given(
    st.lists(
        st.builds(
            entry,
            st.integers(2025, 2026),
            st.integers(1, 12),
            st.floats(0, 20_000),
            st.sampled_from(["quarters", "meter", "history"]),
        ),
        max_size=20,
    )
)
def test_a_month_once_known_never_falls_by_more_than_noise(entries: list[MonthEntry]) -> None:
    """Whatever comes in whatever order: one entry a month, in order, within the registers' steps of the highest."""
    ledger = merged((), entries)
    numbers = [e.number for e in ledger]
    assert numbers == sorted(set(numbers)) == sorted({e.number for e in entries})
    for e in entries:
        kept = next(k for k in ledger if k.number == e.number)
        assert kept.peak_w >= e.peak_w - 3 * 16.0 - 1e-6
    assert merged(ledger, ledger) == ledger


def test_the_floor_holds_for_each_month_apart() -> None:
    """The example of the tariff: a month of 0.632 kW counts as 2.5; the mean over twelve months times the price."""
    ledger = tuple(entry(2025, m, 632.0 if m % 2 else 4500.0) for m in range(1, 13))
    found = bill(ledger, month_at(2025, 12, ZONE), 50.0)
    assert found.mean_w == 3500.0
    assert found.counted == 12
    assert found.eur_per_year == 175.0
    assert found.eur_per_kw_more == 50.0 / 12


def test_twelve_months_count_and_unknown_ones_are_left_out() -> None:
    """The thirteenth is shown and not counted; below the floor a kW more begins at nothing."""
    ledger = merged((), [entry(2025, 11, 9000.0), entry(2026, 3, 3000.0), entry(2026, 11, 1000.0)])
    november = month_at(2026, 11, ZONE)
    found = bill(ledger, november, 60.0)
    assert (found.mean_w, found.counted, found.eur_per_kw_more) == (2750.0, 2, 0.0)
    rows = shown(ledger, november)
    assert (len(rows), rows[0][0], rows[-1][0]) == (13, "2025-11", "2026-11")
    assert [name for name, e in rows if e is not None] == ["2025-11", "2026-03", "2026-11"]
    assert bill((), november, 60.0).mean_w is None
    assert bill(ledger, november, None).eur_per_year is None


def test_a_running_month_without_a_peak_is_no_entry() -> None:
    """Absence is not zero."""
    month = month_at(2026, 11, ZONE)
    assert of_month(MonthPeak(month=month)) == ()
    assert of_month(MonthPeak(month=month, peak_w=0.0, source="meter"))[0].peak_w == 0.0
