"""Stronger forecasts of a load with gradient boosting, where the extra `ml` is installed.

Trees learn what the weighted averages of `load` miss: from the same averages, horizon, time of day, kind of day. One
model for the course and one for each edge of the band, for all horizons at once; the edges are then calibrated on the
newest three weeks, which they have not seen. Few trees, one thread, a fixed seed: the same history gives the same
forecast, in seconds on a small machine. `train` is nightly work for a process of its own; a model travels as JSON text, and is
asked with numpy alone.
"""

import importlib
import json
from dataclasses import dataclass
from datetime import tzinfo
from types import ModuleType
from typing import Any

import numpy as np

from kwartier.planning.forecast.band import Band, FloatArray, ordered
from kwartier.planning.forecast.laying import LoadHistory, lay
from kwartier.planning.forecast.learning import PastRows, past_rows
from kwartier.planning.forecast.load import LoadModel, fit_laid
from kwartier.planning.forecast.scoring import Calibration, calibrate
from kwartier.planning.forecast.stack import apply, block_of
from kwartier.planning.forecast.trees import Trees, of_lightgbm
from kwartier.planning.forecast.wall import DAY_S, Holidays, IntArray, weekdays
from kwartier.planning.forecast.windows import NAMES, averages, windows_of

LEAST_DAYS = 42
_COURSE, _LOW, _HIGH = "course", "low", "high"
_TREES, _LEAVES = 80, 8
_HELD_BACK_DAYS = 21.0
_HALF_LIFE_DAYS = 120.0
FEATURES = len(NAMES) + 6
"""What the averages say, and what `_features` adds."""


class ExtraMissing(RuntimeError):
    """The extra is not installed: the edge model does the work."""


def _lightgbm() -> ModuleType:
    try:
        return importlib.import_module("lightgbm")
    except (ImportError, OSError) as problem:
        raise ExtraMissing(
            "forecasts with gradient boosting need the extra: pip install 'kwartier[ml]'. "
            f"Until then the model of numpy alone is used ({problem})."
        ) from problem


def available() -> str | None:
    """None where the extra works, else why not and what to do."""
    try:
        _lightgbm()
    except ExtraMissing as problem:
        return str(problem)
    return None


@dataclass(frozen=True)
class BoostedModel:
    """A trained model; `save` makes it text."""

    load: LoadModel
    scale_w: float
    trees: dict[str, Trees]
    """For the course and the two edges."""
    calibration: Calibration

    def save(self) -> str:
        """As JSON text."""
        stretch = {"low": self.calibration.low.tolist(), "high": self.calibration.high.tolist()}
        return json.dumps(
            {
                "version": 2,
                "load": self.load.state(),
                "scale_w": self.scale_w,
                "trees": {name: trees.state() for name, trees in self.trees.items()},
                "stretch": stretch,
            }
        )

    @staticmethod
    def from_text(text: str) -> "BoostedModel":
        """The model out of `save()`. Raises `ValueError` when it is of another version or no model."""
        state: Any = json.loads(text)
        if not isinstance(state, dict) or state.get("version") != 2:
            raise ValueError("a boosted model of another version than 2 is not known here: train it anew")
        stretch = Calibration(np.array(state["stretch"]["low"]), np.array(state["stretch"]["high"]))
        trees = {name: Trees.from_state(state["trees"][name]) for name in (_COURSE, _LOW, _HIGH)}
        if any(each.features != FEATURES for each in trees.values()):
            raise ValueError(f"trees that ask other than {FEATURES} columns: train them anew")
        return BoostedModel(LoadModel.from_state(state["load"]), float(state["scale_w"]), trees, stretch)

    def fits(self, history: LoadHistory, now_s: int) -> bool:
        """Whether it was trained on such steps, and a week and more was measured before `now_s`."""
        count = int(np.clip((now_s - history.start_s) // history.step_s, 0, len(history.power_w)))
        known = np.isfinite(history.power_w[:count]).sum()
        return self.load.step_s == history.step_s and bool(known >= 8 * DAY_S // history.step_s)

    def predict(
        self,
        history: LoadHistory,
        *,
        now_s: int,
        steps: int,
        zone: tzinfo,
        recent: LoadHistory | None = None,
        holidays: Holidays | None = None,
    ) -> Band:
        """As `LoadModel.predict`, for at most two days. Needs no extra."""
        laid = lay(history, recent, now_s, steps, zone)
        per_day = DAY_S // laid.step_s
        windows = windows_of(laid.past_w, int(laid.ahead[0]), laid.step_s, holidays=holidays)
        place = np.maximum(laid.ahead - laid.ahead[0], 0)
        leads = int(place.max()) // per_day + 1
        said = np.concatenate([averages(windows, np.array([windows.rows + i]), i)[0] for i in range(leads)])[
            place
        ]
        base = apply(self.load.stack, said, block_of(place * np.float64(24 / per_day)))
        x = _features(said, base, place, laid.ahead, per_day, holidays) if len(said) else said
        course, low, high = (self.miss(name, x) for name in (_COURSE, _LOW, _HIGH))
        mid = base + course
        floor = float(np.nanmin(laid.past_w))
        mid = np.maximum(mid, floor)
        band = ordered(laid.start_s, laid.step_s, base + low, mid, base + high, "model")
        band = self.calibration.apply(band, (place >= per_day).astype(np.int64))
        return ordered(laid.start_s, laid.step_s, np.maximum(band.low, floor), mid, band.high, "model")

    def miss(self, name: str, x: FloatArray) -> FloatArray:
        """What the averages miss by, W: the `course`, or its `low` or `high` edge."""
        return self.trees[name].predict(x) * self.scale_w


def train(
    history: LoadHistory,
    *,
    now_s: int,
    zone: tzinfo,
    recent: LoadHistory | None = None,
    holidays: Holidays | None = None,
) -> BoostedModel:
    """Learn from all rows before `now_s`: some seconds for a year.

    Raises `ExtraMissing` without lightgbm, `ValueError` with less than six weeks of history: the edge model is better then.
    """
    lightgbm = _lightgbm()
    laid = lay(history, recent, now_s, 1, zone)
    per_day = DAY_S // laid.step_s
    rows = past_rows(laid.past_w, int(laid.ahead[0]), laid.step_s, holidays=holidays)
    if rows is None or np.count_nonzero(~np.isnan(laid.past_w)) < LEAST_DAYS * per_day:
        raise ValueError(
            f"gradient boosting needs {LEAST_DAYS} days of measurements: use the edge model until then"
        )
    load = fit_laid(rows, laid.step_s, now_s)
    base = apply(load.stack, rows.said, block_of(rows.horizon * np.float64(24 / per_day)))
    x = _features(rows.said, base, rows.horizon, rows.wall, per_day, holidays)
    scale_w = max(float(np.std(rows.truth)), 1e-6)
    miss = (rows.truth - base) / scale_w
    weight = np.asarray(0.5 ** (rows.age_days / _HALF_LIFE_DAYS), dtype=np.float64)
    old = rows.age_days > _HELD_BACK_DAYS
    trees = {_COURSE: _boost(lightgbm, x, miss, weight, per_day, {"objective": "huber", "alpha": 1.0})}
    for name, share in ((_LOW, 0.1), (_HIGH, 0.9)):
        aim = {"objective": "quantile", "alpha": share}
        trees[name] = _boost(lightgbm, x[old], miss[old], weight[old], per_day, aim)
    raw = BoostedModel(load, scale_w, trees, Calibration(np.ones(2), np.ones(2)))
    return BoostedModel(load, scale_w, trees, _calibration(raw, x[~old], base[~old], rows, ~old, per_day))


def _calibration(
    model: BoostedModel,
    x: FloatArray,
    base: FloatArray,
    rows: PastRows,
    mine: np.ndarray[tuple[int], np.dtype[np.bool_]],
    per_day: int,
) -> Calibration:
    """How the edges must be stretched to have held over the days that they have not seen."""
    course, low, high = (model.miss(name, x) for name in (_COURSE, _LOW, _HIGH))
    band = ordered(0, 1, base + low, base + course, base + high, "model")
    group = (rows.horizon[mine] >= per_day).astype(np.int64)
    found = calibrate(band, rows.truth[mine], group, 2)
    return Calibration(np.clip(found.low, 0.5, 3.0), np.clip(found.high, 0.5, 3.0))


def _features(
    said: FloatArray,
    base: FloatArray,
    horizon: IntArray,
    wall: IntArray,
    per_day: int,
    holidays: Holidays | None,
) -> FloatArray:
    days, where = np.unique(wall // per_day, return_inverse=True)
    weekday = weekdays(days, holidays)[where]
    hours = 24 / per_day
    season = (wall // per_day) % 365.25
    others = np.stack([base, horizon * hours, wall % per_day * hours, weekday, weekday >= 5, season], axis=1)
    return np.asarray(np.concatenate([said, others], axis=1), dtype=np.float64)


def _boost(
    lightgbm: ModuleType, x: FloatArray, y: FloatArray, weight: FloatArray, per_day: int, aim: dict[str, Any]
) -> Trees:
    settings = {
        **aim,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": 1,
        "verbose": -1,
        "num_leaves": _LEAVES,
        "learning_rate": 0.05,
        "min_data_in_leaf": 200 * per_day // 48,
        "feature_fraction": 0.6,
        "bagging_fraction": 0.6,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
    }
    booster = lightgbm.train(settings, lightgbm.Dataset(x, y, weight=weight), _TREES)
    return of_lightgbm(str(booster.model_to_string()), x.shape[1])
