"""The edges of a load's band: what forecasts like this one missed by, lately.

A miss is counted in parts of what was forecast, and sorted by time of day, by how high the forecast was, and by how far
ahead it was made. A last factor, learnt from the newest fortnight, brings the share inside back to four in five when the
house has changed (conformal prediction with forgetting).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.learning import Trials
from kwartier.planning.forecast.wall import IntArray

P_LOW, P_HIGH = 0.1, 0.9
_HORIZONS_H = (1.0, 4.0, 24.0)
_DAY_PARTS = 8
_LEVELS = 5
_CELLS = _DAY_PARTS * _LEVELS
_HALF_LIFE_DAYS, _NEW_HALF_LIFE_DAYS = 60.0, 10.0
_OLDEST_DAYS = 180.0
_SHRINK = 200.0
"""So many rows a cell needs to be believed half."""
_FLOOR = 0.1
_UNTAUGHT = (-0.65, 1.2)
"""P10 and P90 of the miss in parts of the forecast, before anything is learnt."""


@dataclass(frozen=True)
class Edges:
    """Where P10 and P90 lie."""

    per_day: int
    floor_w: float
    """What is added to the size of a forecast before it is used as a measure."""
    levels_w: FloatArray
    """Shape (4,): the bounds between low and high forecasts."""
    low: FloatArray
    """Shape (horizons, cells), in parts of (forecast + floor)."""
    high: FloatArray

    def around(self, mid: FloatArray, slot: IntArray, horizon: IntArray) -> tuple[FloatArray, FloatArray]:
        """P10 and P90 around a course, W; all of shape (steps,)."""
        row = _horizon_group(horizon, self.per_day)
        cell = _cell(slot, mid, self.per_day, self.levels_w)
        size = np.abs(mid) + self.floor_w
        return mid + self.low[row, cell] * size, mid + self.high[row, cell] * size

    def state(self) -> dict[str, Any]:
        """As plain lists and numbers."""
        return {
            "per_day": self.per_day,
            "floor_w": self.floor_w,
            "levels_w": self.levels_w.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }

    @staticmethod
    def from_state(state: dict[str, Any]) -> "Edges":
        """The edges out of `state()`."""
        levels, low, high = (np.array(state[name], dtype=np.float64) for name in ("levels_w", "low", "high"))
        return Edges(int(state["per_day"]), float(state["floor_w"]), levels, low, high)


def learn_edges(trials: Trials, per_day: int) -> Edges:
    """The edges that past forecasts would have needed; wide ones where there is little to learn from."""
    fresh = trials.age_days <= _OLDEST_DAYS
    mid, truth, age = trials.mid[fresh], trials.truth[fresh], trials.age_days[fresh]
    rows = len(_HORIZONS_H) + 1
    if len(mid) < per_day:
        floor_w = _FLOOR * float(np.mean(np.abs(truth))) if len(truth) else 0.0
        low, high = (np.full((rows, _CELLS), part) for part in _UNTAUGHT)
        return Edges(per_day, floor_w, np.zeros(_LEVELS - 1), low, high)
    floor_w = _FLOOR * max(float(np.mean(np.abs(truth))), 1.0)
    levels = np.quantile(mid, np.arange(1, _LEVELS) / _LEVELS)
    cell = _cell(trials.slot[fresh], mid, per_day, levels)
    row = _horizon_group(trials.horizon[fresh], per_day)
    miss = (truth - mid) / (np.abs(mid) + floor_w)
    weight, new = 0.5 ** (age / _HALF_LIFE_DAYS), 0.5 ** (age / _NEW_HALF_LIFE_DAYS)
    low, high = np.empty((rows, _CELLS)), np.empty((rows, _CELLS))
    for table, share in ((low, P_LOW), (high, P_HIGH)):
        overall = _steer(quantile(miss, weight, share), share)
        cells = _by_cell(miss, weight, cell, share, np.full(_CELLS, overall))
        for group in range(rows):
            mine = row == group
            if mine.sum() < per_day:
                table[group] = cells
                continue
            expected = cells * (_steer(quantile(miss[mine], weight[mine], share), share) / overall)
            own = _by_cell(miss[mine], weight[mine], cell[mine], share, expected)
            ratio = quantile(miss[mine] / np.abs(own[cell[mine]]), new[mine], share)
            table[group] = own * float(np.clip(abs(ratio), 0.5, 2.0))
    return Edges(per_day, floor_w, levels, low, high)


def quantile(values: FloatArray, weight: FloatArray, share: float) -> float:
    """The value below which `share` of the weight lies."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    return float(values[order][min(int(np.searchsorted(total, share * total[-1])), len(values) - 1)])


def _steer(edge: float, share: float) -> float:
    """An edge that lies on its own side of the course, so that it can be stretched."""
    return min(edge, -0.02) if share < 0.5 else max(edge, 0.02)


def _by_cell(
    miss: FloatArray, weight: FloatArray, cell: IntArray, share: float, expected: FloatArray
) -> FloatArray:
    """The edge of each cell, pulled to what is expected of it where it has few rows."""
    result = expected.copy()
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(_CELLS + 1))
    for i in range(_CELLS):
        rows = order[bounds[i] : bounds[i + 1]]
        if len(rows) >= 20:
            found = quantile(miss[rows], weight[rows], share)
            result[i] = (len(rows) * found + _SHRINK * expected[i]) / (len(rows) + _SHRINK)
            result[i] = _steer(float(result[i]), share)
    return result


def _cell(slot: IntArray, mid: FloatArray, per_day: int, levels_w: FloatArray) -> IntArray:
    level = np.searchsorted(levels_w, mid).astype(np.int64)
    return slot * _DAY_PARTS // per_day * _LEVELS + level


def _horizon_group(horizon: IntArray, per_day: int) -> IntArray:
    return np.searchsorted(_HORIZONS_H, horizon * (24 / per_day), side="right").astype(np.int64)
