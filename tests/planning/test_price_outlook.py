"""The outlook: known prices stay, the rest is guessed with a band, with any history and with none."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.planning.price_outlook import outlook
from kwartier.simulation.emulators.market import usual_price
from kwartier.site.moments import day_start_s, next_day
from kwartier.site.prices import PriceSeries

ZONE = ZoneInfo("Europe/Brussels")
TODAY = date(2026, 1, 21)
RECORDED = Path(__file__).parents[3] / "shared/data/prices/be_dayahead_15min.parquet"


def start(days: int = 0, of: date = TODAY) -> int:
    return day_start_s(next_day(of, days), ZONE)


def made(from_day: int, to_day: int, of: date = TODAY) -> PriceSeries:
    """Generated prices from one midnight to another."""
    values = tuple(usual_price(s) / 1000 for s in range(start(from_day, of), start(to_day, of), 900))
    return PriceSeries(start_s=start(from_day, of), eur_per_kwh=values, source="made", fetched_at_s=0.0)


def test_known_prices_are_left_alone() -> None:
    found = outlook(made(0, 2), start(), 192, ZONE)
    assert found.p10 == found.p50 == found.p90 == made(0, 2).eur_per_kwh
    assert found.method == "known"
    assert found.known_until_s == start(2)


def test_beyond_the_known_the_shape_goes_on_with_a_band() -> None:
    found = outlook(made(-30, 1), start(), 192, ZONE)
    truth = [v for v in made(0, 2).eur_per_kwh if v is not None]
    assert found.known == (True,) * 96 + (False,) * 96
    assert list(found.p50[:96]) == truth[:96]
    assert found.known_until_s == start(1)
    tomorrow = found.p50[96:]
    cheapest, dearest = tomorrow.index(min(tomorrow)), tomorrow.index(max(tomorrow))
    assert 11 <= cheapest / 4 <= 16, "noon is cheap"
    assert 17 <= dearest / 4 <= 21, "the evening is dear"
    assert all(
        low < middle < high
        for low, middle, high in zip(found.p10[96:], tomorrow, found.p90[96:], strict=True)
    )
    inside = [
        low <= true <= high
        for low, true, high in zip(found.p10[96:], truth[96:], found.p90[96:], strict=True)
    ]
    assert sum(inside) > 0.6 * 96
    assert found.history_days == 31
    assert found.miss_eur_per_kwh is not None


def test_the_band_widens_with_the_days() -> None:
    found = outlook(made(-20, 0), start(), 4 * 96, ZONE)
    width = [high - low for low, high in zip(found.p10, found.p90, strict=True)]
    assert width[:96] < width[96:192] < width[192:288]


@pytest.mark.parametrize("prices", [None, made(-1, -1), made(-3, -2).window(start(-3), start(-3) + 3600)])
def test_without_history_it_is_flat_and_widest_and_says_so(prices: PriceSeries | None) -> None:
    found = outlook(prices, start(), 192, ZONE)
    assert (found.method, found.history_days, found.miss_eur_per_kwh) == ("flat", 0, None)
    assert len(set(found.p50)) == 1
    assert found.p90[0] - found.p10[0] > 0.2
    assert not any(found.known)


def test_one_day_of_history_is_enough_for_a_shape() -> None:
    found = outlook(made(-1, 0), start(), 96, ZONE)
    assert found.p50 == pytest.approx(made(-1, 0).eur_per_kwh)
    assert found.p90[0] - found.p10[0] > 0.2


@pytest.mark.parametrize(("day", "quarters"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100)])
def test_days_of_23_and_25_hours_are_guessed_by_the_clock(day: date, quarters: int) -> None:
    end_s = start(1, day)
    found = outlook(made(-14, 0, day), start(0, day), (end_s - start(0, day)) // 900, ZONE)
    assert len(found.p50) == quarters
    cheapest = found.p50.index(min(found.p50))
    hour = datetime.fromtimestamp(start(0, day) + 900 * cheapest, ZONE).hour
    assert 11 <= hour <= 16


def test_a_holiday_is_guessed_as_a_day_of_the_weekend() -> None:
    friday = date(2026, 1, 23)
    prices = made(-28, 0, friday)
    plain = outlook(prices, start(0, friday), 96, ZONE)
    free = outlook(prices, start(0, friday), 96, ZONE, frozenset({friday}))
    assert min(free.p50) < min(plain.p50), "the noon of free days is cheaper"


def test_only_what_the_series_holds_is_used() -> None:
    """Cut off at midnight, the same guess comes out whatever the future was."""
    cut = outlook(made(-20, 0), start(), 96, ZONE)
    assert cut == outlook(made(-20, 3).window(start(-20), start()), start(), 96, ZONE)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(-0.5, 4)), max_size=500),
    st.integers(-500, 500),
    st.integers(0, 200),
)
def test_any_history_gives_a_whole_series(values: list[float | None], shift: int, steps: int) -> None:
    prices = PriceSeries(start_s=start(), eur_per_kwh=tuple(values), source="x", fetched_at_s=0.0)
    found = outlook(prices, start() + 900 * shift, steps, ZONE)
    assert len(found.p10) == len(found.p50) == len(found.p90) == len(found.known) == steps
    for i in range(steps):
        told = prices.at(found.start_s + 900 * i)
        assert found.known[i] == (told is not None)
        assert found.p10[i] <= found.p50[i] <= found.p90[i]
        if told is not None:
            assert found.p10[i] == found.p90[i] == told


def test_a_start_inside_a_quarter_is_refused() -> None:
    with pytest.raises(ValueError, match="a quarter-hour starts on a multiple"):
        outlook(None, start() + 1, 4, ZONE)


def test_nearer_than_persistence_on_recorded_prices() -> None:
    """A fortnight of autumn 2024, each day guessed from the 28 before."""
    pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow, the extra [backtest]")
    if not RECORDED.exists():
        pytest.skip(f"needs the recorded prices {RECORDED}")
    first = date(2024, 9, 2)
    span = [start(k, first) for k in (-29, 15)]
    table = pq.read_table(RECORDED)
    stamps, values = table["utc"].cast("int64").to_numpy() // 1000, table["eur_per_mwh"].to_numpy()
    wanted = (stamps >= span[0]) & (stamps < span[1])
    rows = {int(s): float(v) / 1000 for s, v in zip(stamps[wanted], values[wanted], strict=True)}
    ours = yesterday = inside = 0.0
    for day in range(14):
        past = tuple(rows.get(s) for s in range(start(day - 28, first), start(day, first), 900))
        series = PriceSeries(start_s=start(day - 28, first), eur_per_kwh=past, source="x", fetched_at_s=0.0)
        guess = outlook(series, start(day, first), 96, ZONE)
        for i, middle in enumerate(guess.p50):
            utc_s = start(day, first) + 900 * i
            ours += abs(rows[utc_s] - middle)
            yesterday += abs(rows[utc_s] - rows[utc_s - 86400])
            inside += guess.p10[i] <= rows[utc_s] <= guess.p90[i]
    assert ours < yesterday
    assert 0.6 < inside / (14 * 96) < 0.95
