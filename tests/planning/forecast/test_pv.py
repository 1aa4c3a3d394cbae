"""Solar power: roof and weather, what the site teaches, and what happens without weather."""

import json

import numpy as np
import pytest

from kwartier.planning.forecast.array import PvArray, Weather, modelled_pv
from kwartier.planning.forecast.correction import Correction
from kwartier.planning.forecast.pv import PvHistory, fit_pv, forecast_pv
from kwartier.planning.forecast.sun import Place

HERE = Place(50.85, 4.35)
ROOF = (PvArray(5.0, 35, 180),)
NOON_S = 1_750_161_600
"""2025-06-17 12:00 UTC."""


def _past(days: int, *, factor: float = 1.0, seed: int = 2) -> PvHistory:
    """Cloudy and clear days under a good day-ahead forecast; the roof gives `factor` of what the model says."""
    rng = np.random.default_rng(seed)
    start_s = NOON_S - NOON_S % 86_400 - days * 86_400
    clear = modelled_pv(ROOF, None, HERE, start_s=start_s, step_s=900, steps=days * 96 + 48)
    clouds = np.repeat(rng.uniform(0.2, 1.0, days + 1), 96)[: len(clear)]
    noise = np.exp(0.25 * rng.standard_normal(len(clear)))
    return PvHistory(start_s, 900, np.minimum(clear * clouds * factor * noise, 4600), clear * clouds)


def _sunny(hours: int = 72, start_s: int = NOON_S - 12 * 3600) -> Weather:
    hour = (start_s // 3600 + np.arange(hours)) % 24
    return Weather(
        start_s, 3600, 700 * np.maximum(np.sin((hour - 4) / 16 * np.pi), 0.0) * ((hour > 4) & (hour < 20))
    )


def test_a_clear_summer_day_on_a_south_roof() -> None:
    """5 kWp give 30 to 38 kWh on a cloudless day in June and 7 to 16 in December, and nothing at night."""
    june = modelled_pv(ROOF, None, HERE, start_s=NOON_S - 43_200, step_s=900, steps=96)
    december = modelled_pv(ROOF, None, HERE, start_s=NOON_S - 43_200 + 183 * 86_400, step_s=900, steps=96)
    assert 30 < june.sum() / 4000 < 38
    assert 7 < december.sum() / 4000 < 16
    assert june[:10].max() == 0
    assert int(np.argmax(june)) in range(45, 49)  # solar noon is at 11:43 UTC


def test_an_inverter_limits_its_own_array_only() -> None:
    """East and west on two inverters."""
    small = modelled_pv(
        (PvArray(5, inverter_w=2000), PvArray(5)), None, HERE, start_s=NOON_S, step_s=900, steps=4
    )
    big = modelled_pv((PvArray(5), PvArray(5)), None, HERE, start_s=NOON_S, step_s=900, steps=4)
    np.testing.assert_allclose(small, 2000 + big / 2)


def test_the_mean_of_an_hour_of_weather_is_kept() -> None:
    """A flat panel sees in four quarters together what the weather said of the hour."""
    weather = _sunny()
    flat = (PvArray(1.0, 0, 180, loss=0.0),)
    quarters = modelled_pv(flat, weather, HERE, start_s=weather.start_s, step_s=900, steps=96).reshape(-1, 4)
    hours = weather.global_w_m2[:24]
    bright = hours > 200
    implied = quarters.mean(axis=1)[bright] / hours[bright]
    assert implied.min() > 0.85  # what is missing is warmth
    assert implied.max() < 1.08
    assert (np.diff(quarters[6:10].ravel()) > 0).all()  # it rises within the hours of the morning


def test_weather_with_holes_gives_holes_and_the_forecast_fills_them() -> None:
    """The model says NaN where the weather says nothing; the forecast never does."""
    weather = _sunny(20)
    raw = modelled_pv(ROOF, weather, HERE, start_s=NOON_S, step_s=900, steps=96)
    assert np.isnan(raw[40:]).all()
    band = forecast_pv(ROOF, weather, None, NOON_S, 60, place=HERE)
    assert np.isfinite(band.mid).all()


def test_a_shaded_roof_is_learnt() -> None:
    """The roof gives seven tenths of what the model says; after forty days the forecast says so."""
    history = _past(40, factor=0.7)
    weather = _sunny()
    plain = forecast_pv(ROOF, weather, None, NOON_S, 96, place=HERE)
    taught = forecast_pv(ROOF, weather, history, NOON_S, 96, place=HERE)
    assert taught.basis == "weather"
    tomorrow = slice(64, 96)
    assert taught.mid[tomorrow].sum() == pytest.approx(0.7 * plain.mid[tomorrow].sum(), rel=0.12)
    assert taught.mid[40:56].max() == 0  # night
    assert taught.high[40:56].max() == 0


def test_the_band_holds_about_four_times_in_five() -> None:
    """On twelve days that it has not seen, made at noon."""
    whole = _past(60)
    inside = []
    for back in range(1, 13):
        known = len(whole.power_w) - back * 96
        now_s = whole.start_s + known * 900
        start = PvHistory(whole.start_s, 900, whole.power_w, whole.forecast_w)
        learnt = fit_pv(ROOF, _sunny(), start, now_s=now_s, place=HERE)
        slot = (now_s // 900 + np.arange(96)) % 96
        assert whole.forecast_w is not None
        mid = learnt.apply(whole.forecast_w[known : known + 96], slot)
        low, high = learnt.edges.around(mid, slot, np.full(96, 48))
        truth, day = whole.power_w[known : known + 96], mid > 50
        inside.append(((truth >= low) & (truth <= high))[day])
    assert 0.7 < np.concatenate(inside).mean() < 0.9


def test_no_row_at_or_after_now_is_read() -> None:
    """Poison from now on, in the measurements and in the kept forecasts."""
    history = _past(20)
    known = (NOON_S - history.start_s) // 900
    assert history.forecast_w is not None
    power, told = np.append(history.power_w, [1e9] * 99), np.append(history.forecast_w, [1e9] * 99)
    power[known:], told[known:] = 1e9, np.nan
    bad = forecast_pv(ROOF, _sunny(), PvHistory(history.start_s, 900, power, told), NOON_S, 96, place=HERE)
    good = PvHistory(history.start_s, 900, history.power_w[:known], history.forecast_w[:known])
    np.testing.assert_array_equal(bad.high, forecast_pv(ROOF, _sunny(), good, NOON_S, 96, place=HERE).high)


def test_a_dark_morning_lowers_the_next_hours_only() -> None:
    """The last two hours gave a third of what was said: so will the next, hardly tomorrow."""
    history = _past(30)
    assert history.forecast_w is not None
    dull = history.power_w.copy()
    dull[-8:] = history.forecast_w[-8:] * 0.33
    usual = forecast_pv(ROOF, _sunny(), history, NOON_S, 96, place=HERE)
    dark = forecast_pv(
        ROOF, _sunny(), PvHistory(history.start_s, 900, dull, history.forecast_w), NOON_S, 96, place=HERE
    )
    assert dark.mid[0] < 0.65 * usual.mid[0]
    assert dark.mid[88] == pytest.approx(usual.mid[88], rel=0.1)


def test_without_weather_the_sites_usual_clouds_stand_in() -> None:
    """It says so, and lies between nothing and a clear sky."""
    history = PvHistory(_past(30).start_s, 900, _past(30).power_w)
    band = forecast_pv(ROOF, None, history, NOON_S, 96, place=HERE)
    clear = modelled_pv(ROOF, None, HERE, start_s=NOON_S, step_s=900, steps=96)
    assert band.basis == "clear_sky"
    assert 0.3 < band.mid[60:].sum() / clear[60:].sum() < 0.95
    nothing = forecast_pv(ROOF, None, None, NOON_S, 96, place=HERE)
    assert (nothing.high <= clear + 1e-9).all()


def test_what_is_learnt_travels_as_json() -> None:
    """The correction through JSON corrects the same."""
    history = _past(15)
    learnt = fit_pv(ROOF, _sunny(), history, now_s=NOON_S, place=HERE)
    again = Correction.from_state(json.loads(json.dumps(learnt.state())))
    one, two = (
        forecast_pv(ROOF, _sunny(), history, NOON_S, 96, place=HERE, learnt=part) for part in (learnt, again)
    )
    np.testing.assert_array_equal(one.high, two.high)


def test_slips_are_named() -> None:
    """A roof that cannot be, and a history in other steps."""
    with pytest.raises(ValueError, match="tilt 0 to 90"):
        PvArray(5, tilt=120)
    with pytest.raises(ValueError, match="steps of 900 s"):
        forecast_pv(ROOF, None, PvHistory(0, 1800, np.zeros(5)), NOON_S, 4, place=HERE)
