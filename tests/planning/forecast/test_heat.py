"""Heat pumps: watts a degree, learnt from power and temperature."""

import json

import numpy as np
import pytest
from tests.planning.forecast.houses import MIDNIGHT_S, ZONE

from kwartier.planning.forecast import LoadHistory
from kwartier.planning.forecast.heat import HeatModel, fit_heat, forecast_heat


def _winter(days: int, seed: int = 5) -> LoadHistory:
    """90 W for each degree below 15, more in the morning, on days between -5 and 20 degrees."""
    rng = np.random.default_rng(seed)
    n = days * 96
    daily = np.repeat(rng.uniform(-5, 20, days), 96)
    hour = np.arange(n) % 96 / 4
    warmth = daily + 3 * np.sin((hour - 9) / 24 * 2 * np.pi)
    power = 90 * np.maximum(15 - warmth, 0) * np.where((hour >= 6) & (hour < 9), 1.5, 1.0)
    power = power * np.exp(0.15 * rng.standard_normal(n)) + 20
    return LoadHistory(MIDNIGHT_S - n * 900, 900, power, warmth)


def test_cold_days_cost_more() -> None:
    """The course at 0 degrees is 15 times 90 W, at 25 degrees nearly nothing, and the morning is dearer."""
    model = fit_heat(_winter(60), now_s=MIDNIGHT_S, zone=ZONE)
    assert 12 <= model.limit_c <= 18
    cold, warm = (
        forecast_heat(
            model, np.full(96, t), start_s=MIDNIGHT_S, step_s=900, zone=ZONE, last_day_c=np.full(96, t)
        )
        for t in (0.0, 25.0)
    )
    assert cold.mid[60] == pytest.approx(1350, rel=0.15)
    assert cold.mid[7 * 4 + 2] > 1.25 * cold.mid[60]
    assert warm.mid.max() < 150
    assert (cold.low < cold.mid).all()


def test_the_band_holds_on_days_not_seen() -> None:
    """About four times in five over a fortnight."""
    whole = _winter(74)
    now_s = MIDNIGHT_S - 14 * 86_400
    model = fit_heat(whole, now_s=now_s, zone=ZONE)
    assert whole.temperature_c is not None
    band = forecast_heat(
        model,
        whole.temperature_c[60 * 96 :],
        start_s=now_s,
        step_s=900,
        zone=ZONE,
        last_day_c=whole.temperature_c[59 * 96 : 60 * 96],
    )
    truth = whole.power_w[60 * 96 :]
    assert 0.7 < np.mean((truth >= band.low) & (truth <= band.high)) < 0.9


def test_no_row_at_or_after_now_is_read() -> None:
    """Poison in power and temperature."""
    whole = _winter(20)
    known = 15 * 96
    power, warmth = whole.power_w.copy(), np.array(whole.temperature_c)
    power[known:], warmth[known:] = 1e9, -1e9
    now_s = whole.start_s + known * 900
    one = fit_heat(whole, now_s=now_s, zone=ZONE)
    two = fit_heat(LoadHistory(whole.start_s, 900, power, warmth), now_s=now_s, zone=ZONE)
    assert one.state() == two.state()


def test_nothing_or_little_is_known() -> None:
    """A typical pump in a wide band; holes in the weather are filled; JSON brings the same back."""
    model = fit_heat(LoadHistory(0, 900, np.zeros(0), np.zeros(0)), now_s=MIDNIGHT_S, zone=ZONE)
    weather = np.where(np.arange(96) % 5 == 0, np.nan, 2.0)
    band = forecast_heat(model, weather, start_s=MIDNIGHT_S, step_s=900, zone=ZONE, last_day_c=np.zeros(0))
    assert band.basis == "typical"
    assert np.isfinite(band.mid).all()
    assert band.high.mean() > 4 * band.low.mean()
    again = HeatModel.from_state(
        json.loads(json.dumps(fit_heat(_winter(9), now_s=MIDNIGHT_S, zone=ZONE).state()))
    )
    assert again.days == 9
    with pytest.raises(ValueError, match="give temperature_c"):
        fit_heat(LoadHistory(0, 900, np.zeros(4)), now_s=MIDNIGHT_S, zone=ZONE)
