"""Scores, rivals, the choice between them, and bands that are set right."""

import numpy as np
import pytest

from kwartier.planning.forecast import Band
from kwartier.planning.forecast.scoring import Standing, calibrate, judged, naive, pinball_loss, score


def _band(width: float, n: int = 1000) -> Band:
    return Band(0, 900, np.full(n, -width), np.zeros(n), np.full(n, width))


def test_a_score_by_hand() -> None:
    """Four steps, one of them not measured."""
    score_ = score(
        Band(0, 900, np.zeros(4), np.full(4, 10.0), np.full(4, 20.0)), np.array([10.0, 25.0, -5.0, np.nan])
    )
    assert score_ is not None
    assert score_.mae == pytest.approx(10)
    assert score_.rmse == pytest.approx(np.sqrt(450 / 3))
    assert (score_.inside, score_.below, score_.above, score_.steps) == pytest.approx(
        (1 / 3, 1 / 3, 1 / 3, 3)
    )
    assert pinball_loss(np.array([25.0, 10.0]), np.array([20.0, 20.0]), 0.9) == pytest.approx((4.5 + 1.0) / 2)


def test_nothing_measured_has_no_score() -> None:
    """And a slip in the lengths is named."""
    assert score(_band(1, 3), np.full(3, np.nan)) is None
    with pytest.raises(ValueError, match="2 measurements for a forecast of 3 steps"):
        score(_band(1, 3), np.zeros(2))


def test_the_true_quantile_has_the_least_pinball_loss() -> None:
    """Of a hundred candidates for P90."""
    truth = np.random.default_rng(1).standard_normal(20_000)
    candidates = np.linspace(0, 2.5, 100)
    best = min(candidates, key=lambda edge: pinball_loss(truth, np.full(len(truth), edge), 0.9))
    assert best == pytest.approx(1.2816, abs=0.06)


def test_rivals() -> None:
    """Yesterday, last week, and none where the past is too short."""
    past = np.arange(7 * 4, dtype=np.float64)
    assert naive(past, 6, 1, 4).tolist() == [24, 25, 26, 27, 24, 25]
    assert naive(past, 3, 7, 4).tolist() == [0, 1, 2]
    assert np.isnan(naive(past[:3], 2, 1, 4)).all()


def test_a_better_forecast_takes_over_after_some_days_and_not_for_a_hair() -> None:
    """Three per cent over five days; then it stays through one bad day."""
    standing = Standing("edge")
    for _ in range(4):
        standing = judged(standing, {"edge": 100.0, "model": 80.0})
    assert standing.used == "edge"
    standing = judged(standing, {"edge": 100.0, "model": 80.0})
    assert standing.used == "model"
    standing = judged(standing, {"edge": 90.0, "model": 110.0})
    assert standing.used == "model"
    close = Standing("edge")
    for _ in range(40):
        close = judged(close, {"edge": 100.0, "model": 98.0})
    assert close.used == "edge"


def test_a_forecast_that_fails_is_replaced() -> None:
    """The one in use is no longer among those that were scored: the best of the others is used."""
    standing = Standing("model")
    for _ in range(5):
        standing = judged(standing, {"edge": 100.0, "week": 90.0})
    assert standing.used == "week"


def test_a_day_on_which_not_all_could_be_scored_counts_for_none() -> None:
    """Or one would win by missing the hard days. The standing travels as plain values."""
    before = judged(Standing("edge"), {"edge": 1.0, "model": 2.0})
    assert judged(before, {"edge": 9.0, "model": float("nan")}) == before
    assert judged(before, {}) == before
    assert Standing.from_state(before.state()) == before


@pytest.mark.parametrize("width", [0.2, 1.0, 7.0])
def test_a_band_is_set_right_per_group(width: float) -> None:
    """Too narrow or too wide, with one group of twice the noise: afterwards four in five lie inside, in each."""
    rng = np.random.default_rng(3)
    group = np.arange(4000) % 2
    noise = rng.standard_normal((2, 4000)) * (1 + group)
    band = _band(width, 4000)
    right = calibrate(band, noise[0], group, 2).apply(band, group)
    for i in range(2):
        inside = (noise[1] >= right.low)[group == i] & (noise[1] <= right.high)[group == i]
        assert inside.mean() == pytest.approx(0.8, abs=0.03)


def test_a_group_with_few_rows_takes_the_figure_of_all() -> None:
    """Ten rows of a third group cannot set a band."""
    noise = np.random.default_rng(3).standard_normal(1000)
    group = np.where(np.arange(1000) < 10, 1, 0)
    found = calibrate(_band(1.0), noise, group, 3)
    assert found.low[1] == found.low[2]
    assert found.low[1] == pytest.approx(1.2816, abs=0.12)


def test_a_band_in_other_steps() -> None:
    """Half-hours into quarters and back, and no other way."""
    band = Band(0, 1800, np.zeros(4), np.arange(4.0), np.full(4, 9.0))
    assert band.resampled(900).mid.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert band.resampled(900).resampled(1800).mid.tolist() == band.mid.tolist()
    assert band.end_s == 7200
    with pytest.raises(ValueError, match="neither divides"):
        band.resampled(1000)
