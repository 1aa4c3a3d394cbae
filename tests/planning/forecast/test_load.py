"""The load forecast: learns habits, reads no future, and stays sane with whatever history a site has."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.forecast.houses import MIDNIGHT_S, ZONE, house

from kwartier.planning.forecast import Band, LoadHistory, LoadModel, edge_load, fit_load
from kwartier.planning.forecast.wall import public_holidays, wall_steps


def _ahead(history: LoadHistory, *, now_s: int = MIDNIGHT_S, steps: int = 96, **more: object) -> Band:
    return edge_load(history, now_s=now_s, steps=steps, zone=ZONE, **more)  # type: ignore[arg-type]


def test_habits_are_learnt() -> None:
    """Supper and workday breakfast stand in the course, and the truth lies in the band about four times in five."""
    history, truth = house(60), house(2, end_s=MIDNIGHT_S + 2 * 86_400, seed=9)
    band = _ahead(history, steps=192)
    assert band.basis == "history"
    assert band.mid[7 * 4 + 2] == pytest.approx(1000, rel=0.2)  # 07:30 in Brussels
    assert band.mid[18 * 4 + 2] == pytest.approx(1700, rel=0.2)
    assert band.mid[3 * 4] == pytest.approx(200, rel=0.2)
    inside = np.mean((truth.power_w >= band.low) & (truth.power_w <= band.high))
    assert 0.68 <= inside <= 0.92


def test_a_weekend_has_no_workday_breakfast() -> None:
    """Saturday is forecast more by Saturdays and Sundays than by the five days before."""
    saturday = MIDNIGHT_S + 5 * 86_400
    band = _ahead(house(60, end_s=saturday), now_s=saturday)
    workday = _ahead(house(60))
    assert band.mid[7 * 4 : 9 * 4].mean() < 0.65 * workday.mid[7 * 4 : 9 * 4].mean()


def test_no_row_at_or_after_now_is_read() -> None:
    """Poison in the future, the running step included, changes nothing, in history, recent and temperature."""
    clean = house(60, end_s=MIDNIGHT_S + 5 * 86_400)
    now_s = MIDNIGHT_S + 10 * 3600 + 421
    known = (now_s - clean.start_s) // clean.step_s
    poisoned = clean.power_w.copy()
    poisoned[known:] = np.where(np.arange(len(poisoned) - known) % 2, 1e9, np.nan)
    bad = LoadHistory(clean.start_s, 900, poisoned, np.where(np.arange(len(poisoned)) < known, 5.0, 1e9))
    cut = LoadHistory(clean.start_s, 900, clean.power_w[:known])
    expected = _ahead(cut, now_s=now_s, steps=192)
    for band in (_ahead(bad, now_s=now_s, steps=192), _ahead(cut, now_s=now_s, steps=192, recent=bad)):
        for mine, theirs in ((band.low, expected.low), (band.mid, expected.mid), (band.high, expected.high)):
            np.testing.assert_array_equal(mine, theirs)
    assert expected.start_s == MIDNIGHT_S + 10 * 3600


def test_what_is_newer_lies_over_the_history() -> None:
    """A history that ended at midnight and the hours since give the same as one that has both."""
    both = house(40, end_s=MIDNIGHT_S + 36_000)
    old = LoadHistory(both.start_s, 900, both.power_w[:-40])
    recent = LoadHistory(MIDNIGHT_S, 900, both.power_w[-40:])
    now_s = MIDNIGHT_S + 36_000
    np.testing.assert_array_equal(_ahead(old, now_s=now_s, recent=recent).mid, _ahead(both, now_s=now_s).mid)


def test_nothing_measured_yet_is_a_typical_house_in_a_wide_band() -> None:
    """It says so, and its year is the year that was given."""
    nothing = LoadHistory(MIDNIGHT_S, 900, np.zeros(0))
    band = _ahead(nothing, steps=672, yearly_kwh=7000.0)
    assert band.basis == "typical"
    assert (band.high / band.low > 4).all()
    day_kwh = band.mid.sum() * 0.25 / 1000 / 7
    assert day_kwh == pytest.approx(7000 / 365.25, rel=0.25)  # in January a fifth more than the mean
    summer = edge_load(nothing, now_s=MIDNIGHT_S + 180 * 86_400, steps=672, zone=ZONE, yearly_kwh=7000.0)
    assert (band.mid.sum() + summer.mid.sum()) * 0.25 / 1000 / 14 == pytest.approx(7000 / 365.25, rel=0.03)


@pytest.mark.parametrize(("days", "basis"), [(1, "little_history"), (7, "history"), (21, "history")])
def test_a_young_site_is_forecast_by_what_it_has(days: int, basis: str) -> None:
    """From one day on the level is the site's own; the band is wider the less is known."""
    band = _ahead(house(days))
    assert band.basis == basis
    assert band.mid.mean() == pytest.approx(house(7).power_w.mean(), rel=0.4)
    old = _ahead(house(45))
    assert (band.high - band.low).mean() > 0.9 * (old.high - old.low).mean()


def test_a_few_hours_set_the_level_of_the_typical_course() -> None:
    """A house that draws five times as much as the typical one is soon seen to."""
    hours = LoadHistory(MIDNIGHT_S - 8 * 3600, 900, np.full(32, 4000.0))
    assert _ahead(hours).mid.mean() > 2 * _ahead(LoadHistory(MIDNIGHT_S, 900, np.zeros(0))).mid.mean()


def test_gaps_change_little() -> None:
    """A fifth of all steps and one whole week are missing."""
    whole = house(45)
    holes = whole.power_w.copy()
    holes[np.random.default_rng(3).random(len(holes)) < 0.2] = np.nan
    holes[20 * 96 : 27 * 96] = np.nan
    full, part = _ahead(whole), _ahead(LoadHistory(whole.start_s, 900, holes))
    assert np.isfinite(part.mid).all()
    assert np.abs(full.mid - part.mid).mean() < 0.1 * full.mid.mean()


def test_the_last_days_may_be_missing() -> None:
    """The meter was silent for three days, until now."""
    whole = house(60)
    late = whole.power_w.copy()
    late[-3 * 96 :] = np.nan
    for history in (
        LoadHistory(whole.start_s, 900, late),
        LoadHistory(whole.start_s, 900, whole.power_w[: -3 * 96]),
    ):
        band = _ahead(history)
        assert band.mid[18 * 4 + 2] == pytest.approx(1700, rel=0.25)


@pytest.mark.parametrize(
    ("spring", "steps"), [(date(2025, 3, 30), 92), (date(2025, 10, 26), 100)], ids=["23 hours", "25 hours"]
)
def test_habits_follow_the_clock_through_its_changes(spring: date, steps: int) -> None:
    """Supper at 18:00 local stays at 18:00 local on the day on which the clock changes and after it."""
    midnight = {92: 1_743_289_200, 100: 1_761_429_600}[steps]
    start_s = midnight - 60 * 86_400
    wall = wall_steps(start_s, 900, 60 * 96, ZONE)
    history = LoadHistory(start_s, 900, np.where(wall % 96 // 4 == 18, 3000.0, 300.0) + wall % 7)
    ahead = wall_steps(midnight, 900, steps + 96, ZONE)
    assert len(np.unique(ahead // 96)) == 2, f"the days of {spring} end with the band"
    band = _ahead(history, now_s=midnight, steps=steps + 96)
    supper = ahead % 96 // 4 == 18
    assert supper.sum() == 8
    assert band.mid[supper].min() > 2000
    assert band.mid[~supper].max() < 1000


def test_net_loads_may_be_negative() -> None:
    """Sun behind the meter: the course goes below zero at noon and the band stays around it."""
    whole = house(60)
    utc = whole.start_s + 900 * np.arange(len(whole.power_w))
    sunny = whole.power_w - 3000 * np.maximum(np.sin((utc % 86_400 / 86_400 - 0.25) * 2 * np.pi), 0)
    band = _ahead(LoadHistory(whole.start_s, 900, sunny))
    assert band.mid[12 * 4 : 14 * 4].max() < -1500
    assert band.low.min() >= sunny.min()


def test_a_house_without_export_is_never_forecast_below_its_least() -> None:
    """The lower edge of a small load stays above nothing."""
    assert _ahead(house(30, noise=1.0), steps=192).low.min() > 0


def test_a_frozen_meter_is_not_believed() -> None:
    """Twelve hours and more the same figure is silence; five days of it leave the forecast as it was."""
    whole = house(60)
    frozen = whole.power_w.copy()
    frozen[-5 * 96 :] = frozen[-5 * 96]
    band = _ahead(LoadHistory(whole.start_s, 900, frozen))
    assert band.mid[18 * 4 + 2] == pytest.approx(1700, rel=0.25)


def test_a_load_that_never_changes_is_believed() -> None:
    """A pump that always draws 740 W."""
    band = _ahead(LoadHistory(MIDNIGHT_S - 30 * 86_400, 900, np.full(30 * 96, 740.0)))
    np.testing.assert_allclose(band.mid, 740.0, rtol=1e-6)


def test_a_spike_is_not_believed() -> None:
    """One quarter-hour of ten megawatts moves nothing."""
    whole = house(60)
    spiked = whole.power_w.copy()
    spiked[-100] = 1e7
    spiked[-50] = -np.inf
    difference = _ahead(LoadHistory(whole.start_s, 900, spiked)).mid - _ahead(whole).mid
    assert np.abs(difference).max() < 100


def test_a_week_away_is_followed_and_left_again() -> None:
    """The second day away is forecast low, and the third day back is nearly as before."""
    whole = house(60)
    away = whole.power_w.copy()
    away[-9 * 96 : -2 * 96] = 80.0 + np.arange(7 * 96) % 5
    usual = _ahead(whole).mid.mean()
    during = LoadHistory(whole.start_s, 900, away[: -4 * 96])
    assert _ahead(during, now_s=MIDNIGHT_S - 4 * 86_400).mid.mean() < 0.6 * usual
    assert _ahead(LoadHistory(whole.start_s, 900, away)).mid.mean() > 0.7 * usual


def test_a_holiday_is_a_sunday() -> None:
    """Ascension Day 2025 falls on a Thursday: no workday breakfast, where the country is known."""
    now_s = 1_748_469_600  # Thursday 2025-05-29 00:00 in Brussels
    history = house(60, end_s=now_s)
    breakfast = slice(8 * 4 + 1, 10 * 4 - 1)
    plain = _ahead(history, now_s=now_s).mid[breakfast].mean()
    known = _ahead(history, now_s=now_s, holidays=public_holidays("BE")).mid[breakfast].mean()
    assert known < 0.85 * plain


@pytest.mark.parametrize(
    ("country", "day", "free"),
    [
        ("BE", date(2026, 4, 6), True),
        ("BE", date(2026, 7, 21), True),
        ("NL", date(2026, 4, 27), True),
        ("NL", date(2025, 12, 26), True),
        ("BE", date(2025, 12, 26), False),
        ("DE", date(2026, 4, 3), True),
        ("XX", date(2026, 12, 25), False),
    ],
)
def test_public_holidays(country: str, day: date, free: bool) -> None:
    """Fixed ones, those that hang on Easter, and a country that is not known."""
    assert public_holidays(country)(day) is free


def test_the_last_hours_carry_on_a_little() -> None:
    """A house that draws 2 kW more than usual is forecast higher in the next half hour than tomorrow."""
    whole = house(45, noise=0.05)
    utc_hours = np.arange(len(whole.power_w)) // 4
    guests = np.random.default_rng(5).random(utc_hours.max() // 7 + 1) < 0.15
    restless = whole.power_w + np.where(guests[utc_hours // 7], 2000.0, 0.0)
    restless[-12:] = whole.power_w[-12:] + 2000.0
    band = _ahead(LoadHistory(whole.start_s, 900, restless))
    calm = restless.copy()
    calm[-12:] = whole.power_w[-12:]
    other = _ahead(LoadHistory(whole.start_s, 900, calm))
    assert (band.mid - other.mid)[:2].mean() > 2 * max((band.mid - other.mid)[-8:].mean(), 50.0)


def test_what_is_learnt_travels_as_json() -> None:
    """A model through JSON forecasts the same, to the bit."""
    history = house(40)
    model = fit_load(history, now_s=MIDNIGHT_S, zone=ZONE)
    again = LoadModel.from_state(json.loads(json.dumps(model.state())))
    one, two = (m.predict(history, now_s=MIDNIGHT_S, steps=192, zone=ZONE) for m in (model, again))
    np.testing.assert_array_equal(one.high, two.high)
    np.testing.assert_array_equal(one.mid, two.mid)
    with pytest.raises(ValueError, match="fit it anew"):
        LoadModel.from_state({"version": 7})


def test_slips_are_named() -> None:
    """What, where and what to do."""
    with pytest.raises(ValueError, match="does not divide two hours"):
        LoadHistory(0, 1000, np.zeros(3))
    with pytest.raises(ValueError, match="between two steps"):
        LoadHistory(1, 900, np.zeros(3))
    with pytest.raises(ValueError, match="one entry per entry"):
        LoadHistory(0, 900, np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="one step to 7 days"):
        _ahead(house(3), steps=800)
    with pytest.raises(ValueError, match="average it first"):
        _ahead(house(3), recent=house(3, step_s=1800))


@settings(max_examples=25, deadline=None)
@given(
    days=st.integers(0, 12),
    extra=st.integers(0, 95),
    level=st.sampled_from([0.0, 1e-3, 500.0, 5e6]),
    missing=st.floats(0, 1),
    offset_s=st.integers(0, 86_399),
    steps=st.sampled_from([1, 17, 96, 192]),
    seed=st.integers(0, 999),
)
def test_there_is_always_a_band(
    days: int, extra: int, level: float, missing: float, offset_s: int, steps: int, seed: int
) -> None:
    """Whatever the history, the answer is finite, ordered and within what was ever seen or is typical."""
    rng = np.random.default_rng(seed)
    power = level * rng.standard_normal(days * 96 + extra)
    power[rng.random(len(power)) < missing] = np.nan
    band = edge_load(
        LoadHistory(MIDNIGHT_S, 900, power),
        now_s=MIDNIGHT_S + days * 86_400 + offset_s,
        steps=steps,
        zone=ZONE,
    )
    assert len(band.mid) == steps
    for course in (band.low, band.mid, band.high):
        assert np.isfinite(course).all()
    assert (band.low <= band.mid).all()
    assert (band.mid <= band.high).all()
    assert np.abs(band.mid).max() <= 20 * max(level * 5, 3000.0)
