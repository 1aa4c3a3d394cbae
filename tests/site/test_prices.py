"""Series of prices: the first source counts, differences are said, holes stay holes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.site.prices import PriceSeries, over, preferred, trimmed

START_S = 1_768_431_600


def series(
    *prices: float | None, source: str = "one", start_s: int = START_S, at_s: float = 5.0
) -> PriceSeries:
    return PriceSeries(start_s=start_s, eur_per_kwh=prices, source=source, fetched_at_s=at_s)


def test_reading_a_series() -> None:
    found = series(0.1, None, -0.3)
    assert [found.at(START_S + s) for s in (-1, 0, 899, 900, 1800, 2700)] == [
        None,
        0.1,
        0.1,
        None,
        -0.3,
        None,
    ]
    assert found.known_until_s == found.end_s == START_S + 2700
    assert found.holes(START_S, START_S + 3600) == 2
    assert found.window(START_S + 900, START_S + 3600).eur_per_kwh == (None, -0.3, None)
    assert trimmed(series(None, 0.1, None)).eur_per_kwh == (0.1,)
    assert trimmed(series(None, 0.1, None)).start_s == START_S + 900


def test_the_second_source_fills_and_does_not_replace() -> None:
    one = series(0.1, None, 0.3)
    two = series(0.9, 0.2, 0.9, 0.4, source="two")
    found = preferred([one, two])
    assert found is not None
    assert found.eur_per_kwh == (0.1, 0.2, 0.3, 0.4)
    assert found.source == "one + two"
    assert preferred([one]) == one
    assert preferred([]) is None
    assert preferred([series(None)]) is None


def test_a_contradiction_of_two_sources_is_said_once() -> None:
    hour = START_S + 8 * 900
    one = series(*[0.1] * 8, start_s=hour)
    two = series(*[0.1] * 4, *[0.25] * 4, source="two", start_s=hour)
    found = preferred([one, two])
    assert found is not None
    assert found.eur_per_kwh == (0.1,) * 8
    assert found.source == "one"
    assert [f.code for f in found.faults] == ["sources_differ"]
    assert "0.1000 against 0.2500" in found.faults[0].detail
    later = preferred([one, two], compare_from_s=hour + 8 * 900)
    assert later is not None
    assert later.faults == ()


def test_an_hourly_source_does_not_contradict_its_quarters() -> None:
    fine = series(0.10, 0.12, 0.14, 0.16)
    found = preferred([fine, series(*[0.13] * 4, source="two")])
    assert found is not None
    assert found.faults == ()


def test_another_currency_is_left_out() -> None:
    found = preferred([series(0.1, None), replace(series(1.0, 1.0, source="two"), currency="SEK")])
    assert found is not None
    assert found.eur_per_kwh == (0.1, None)
    assert [f.code for f in found.faults] == ["wrong_currency"]


prices = st.lists(st.one_of(st.none(), st.floats(-0.5, 4)), min_size=1, max_size=20).map(tuple)


@given(prices, prices, st.integers(-30, 30))
def test_newer_over_older(
    newer: tuple[float | None, ...], older: tuple[float | None, ...], shift: int
) -> None:
    """Each quarter-hour has the newer price where there is one, else the older."""
    one, two = series(*newer), series(*older, start_s=START_S + 900 * shift)
    found = over(one, two)
    for s in range(START_S - 40 * 900, START_S + 60 * 900, 900):
        told = one.at(s)
        assert found.at(s) == (two.at(s) if told is None else told)


@pytest.mark.parametrize("utc_s", [-1e12, 0, 1e12])
def test_far_away_there_is_no_price(utc_s: float) -> None:
    assert series(0.1).at(utc_s) is None
