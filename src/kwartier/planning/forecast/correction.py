"""What a roof makes of what was forecast for it: learnt by time of day and cloudiness, forgetting in weeks.

Per slot of the day a regression of the measured power on the forecast and on the forecast times its clearness (the
forecast against the best of the last weeks), smoothed over neighbouring slots: shade by a chimney, a wrong tilt, haze
that the weather model does not see. What the last two hours were better or worse than that is carried on, fading.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.edges import Edges, learn_edges
from kwartier.planning.forecast.learning import Trials
from kwartier.planning.forecast.wall import DAY_S, IntArray

_FORGET_PER_DAY = 0.5 ** (1 / 20)
_CLEAREST = 1.2
_FADE_BEST_PER_DAY = 0.99
_SMOOTH_H = 0.75
_FIRST_DAYS = 5
LATELY_H = 2.0
_FADE_H = 1.5
_WORST, _BEST = 0.3, 2.5
"""Between these the last hours are believed."""
_HORIZONS = (1, 2, 4)
"""Hours ahead at which short forecasts are tried, for the band."""


@dataclass
class _Learner:
    """Sums that forget; one entry per slot of the (UTC) day."""

    per_day: int
    gram: FloatArray = field(init=False)
    moment: FloatArray = field(init=False)
    best: FloatArray = field(init=False)
    kernel: FloatArray = field(init=False)
    days: int = 0

    def __post_init__(self) -> None:
        self.gram = np.zeros((self.per_day, 2, 2))
        self.moment = np.zeros((self.per_day, 2))
        self.best = np.zeros(self.per_day)
        width = max(1, int(self.per_day / 24 * 3 * _SMOOTH_H))
        kernel = np.exp(-0.5 * (np.arange(-width, width + 1) / (self.per_day / 24 * _SMOOTH_H)) ** 2)
        self.kernel = np.asarray(kernel / kernel.sum(), dtype=np.float64)

    def smooth(self, values: FloatArray) -> FloatArray:
        """Over neighbouring slots, round the clock."""
        width = len(self.kernel) // 2
        padded = np.concatenate([values[-width:], values, values[:width]])
        result: FloatArray = np.convolve(padded, self.kernel, "valid")
        return result

    def table(self) -> FloatArray:
        """(slots, 2): measured = forecast x (first + second x clearness)."""
        whole = self.gram.sum(axis=0)
        if whole[0, 0] <= 0:
            return np.tile([1.0, 0.0], (self.per_day, 1))
        overall = self.moment[:, 0].sum() / whole[0, 0]
        gram, moment = np.empty_like(self.gram), np.empty_like(self.moment)
        for i in range(2):
            moment[:, i] = self.smooth(self.moment[:, i])
            for j in range(2):
                gram[:, i, j] = self.smooth(self.gram[:, i, j])
        pull = 0.05 * gram[:, 0, 0].max() / whole[0, 0]
        ridge = 1e-3 * pull * whole[0, 0] * np.eye(2)
        gram += pull * whole + ridge + 1e-9 * np.eye(2)
        moment += pull * self.moment.sum(axis=0) + ridge @ np.array([overall, 0.0])
        solved = np.linalg.solve(gram, moment[:, :, None])[:, :, 0]
        return np.asarray(solved, dtype=np.float64)

    def add(self, forecast: FloatArray, measured: FloatArray) -> None:
        """One day."""
        known = ~np.isnan(forecast) & ~np.isnan(measured)
        told = np.where(known, forecast, 0.0)
        x = np.stack([told, told * clearness(told, self.best)], axis=1)
        self.gram = self.gram * _FORGET_PER_DAY + x[:, :, None] * x[:, None, :]
        self.moment = self.moment * _FORGET_PER_DAY + x * np.where(known, measured, 0.0)[:, None]
        self.best = np.maximum(self.best * _FADE_BEST_PER_DAY, self.smooth(np.nan_to_num(forecast)))
        self.days += bool(known.any())


def clearness(forecast: FloatArray, best: FloatArray) -> FloatArray:
    """The forecast against the best of the last weeks at that time of day, 0 to 1.2."""
    return np.minimum(forecast / np.maximum(best, 1e-6), _CLEAREST)


@dataclass(frozen=True)
class Correction:
    """What was learnt of a roof; a few hundred figures."""

    table: FloatArray
    """(slots of the UTC day, 2)."""
    best: FloatArray
    edges: Edges
    days: int

    def apply(self, forecast_w: FloatArray, slot: IntArray) -> FloatArray:
        """The corrected forecast, W >= 0, for steps in slots of the UTC day."""
        a, b = self.table[slot].T
        result: FloatArray = np.maximum(forecast_w * (a + b * clearness(forecast_w, self.best[slot])), 0.0)
        return result

    def state(self) -> dict[str, Any]:
        """As plain lists and numbers."""
        return {
            "table": self.table.tolist(),
            "best": self.best.tolist(),
            "edges": self.edges.state(),
            "days": self.days,
        }

    @staticmethod
    def from_state(state: dict[str, Any]) -> "Correction":
        """The correction out of `state()`."""
        table, best = (np.array(state[name], dtype=np.float64) for name in ("table", "best"))
        return Correction(table, best, Edges.from_state(state["edges"]), int(state["days"]))


def learn_correction(start_s: int, step_s: int, forecast_w: FloatArray, measured_w: FloatArray) -> Correction:
    """Walk through a history of forecasts and measurements, day by day; each day is forecast before it is learnt."""
    per_day = DAY_S // step_s
    lead = start_s % DAY_S // step_s
    rows = -(-(lead + len(forecast_w)) // per_day)
    told, seen = (np.full(rows * per_day, np.nan) for _ in range(2))
    told[lead : lead + len(forecast_w)], seen[lead : lead + len(measured_w)] = forecast_w, measured_w
    learner = _Learner(per_day)
    said = np.full((rows, per_day), np.nan)
    for row in range(rows):
        day = told[row * per_day : (row + 1) * per_day]
        if learner.days >= _FIRST_DAYS:
            a, b = learner.table().T
            said[row] = np.maximum(day * (a + b * clearness(day, learner.best)), 0.0)
        learner.add(day, seen[row * per_day : (row + 1) * per_day])
    enough = learner.days >= _FIRST_DAYS
    table = learner.table() if enough else np.tile([1.0, 0.0], (per_day, 1))
    edges = learn_edges(_trials(said.ravel(), seen, per_day), per_day)
    return Correction(table, learner.best, edges, learner.days)


def lately(said: FloatArray, seen: FloatArray, per_day: int) -> FloatArray:
    """What the two hours before each step were better or worse than said, as a ratio; 1 where there is nothing to go by.

    Shape (n + 1,): the last entry is for the step after the series.
    """
    known = ~np.isnan(said) & ~np.isnan(seen)
    width = max(1, int(LATELY_H * per_day / 24))
    sums = [np.concatenate([[0.0], np.cumsum(np.where(known, part, 0.0))]) for part in (seen, said)]
    ends = np.arange(len(said) + 1)
    begins = np.maximum(ends - width, 0)
    measured, expected = (part[ends] - part[begins] for part in sums)
    doubt = 0.05 * width * (np.nanmax(said) if known.any() else 1.0)
    ratio: FloatArray = np.clip((measured + doubt) / (expected + doubt), _WORST, _BEST)
    return np.where(expected > 0, ratio, 1.0)


def fade(horizon_h: FloatArray) -> FloatArray:
    """How much of the last hours is carried on."""
    result: FloatArray = 0.5 ** (horizon_h / _FADE_H)
    return result


def _trials(said: FloatArray, seen: FloatArray, per_day: int) -> Trials:
    """The forecasts of past days, as made the day before and as made a few hours ahead."""
    bright = (
        ~np.isnan(said) & ~np.isnan(seen) & (np.nan_to_num(said) > 0.01 * np.nanmax(np.append(said, 1e-9)))
    )
    place = np.flatnonzero(bright)
    ratio = lately(said, seen, per_day)
    slot, age = place % per_day, (len(said) - place) / per_day
    mids, horizons = [said[place]], [np.full(len(place), per_day // 2)]
    for hours in _HORIZONS:
        back = hours * per_day // 24
        before = ratio[np.maximum(place - back, 0)]
        mids.append(said[place] * (1 + (before - 1) * fade(np.array(float(hours)))))
        horizons.append(np.full(len(place), back - 1))
    times = len(mids)
    return Trials(
        np.concatenate(mids),
        np.tile(seen[place], times),
        np.tile(slot, times),
        np.concatenate(horizons).astype(np.int64),
        np.tile(age, times),
    )
