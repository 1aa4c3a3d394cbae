"""How good forecasts are: scores of a band, of the day against simple rivals, and which forecast is used next.

Arrays have shape (steps,); what was not measured (NaN) does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kwartier.planning.forecast.band import Band, FloatArray
from kwartier.planning.forecast.edges import P_HIGH, P_LOW, quantile

_HALF_LIFE_DAYS = 10.0
_MARGIN = 0.97
"""A rival must be this much better to take over, so that the forecast does not change every day."""
DAYS_TO_JUDGE = 5


@dataclass(frozen=True)
class Score:
    """One forecast of one day."""

    mae: float
    rmse: float
    pinball: float
    """Mean of the losses at P10, P50 and P90: the band and the course together; less is better."""
    inside: float
    """Share between P10 and P90; about 0.8 is right."""
    below: float
    above: float
    steps: int


def pinball_loss(truth: FloatArray, edge: FloatArray, share: float) -> float:
    """Mean loss of a quantile forecast; NaN where nothing was measured."""
    miss = truth - edge
    known = miss[~np.isnan(miss)]
    return float(np.maximum(share * known, (share - 1) * known).mean()) if len(known) else float("nan")


def score(band: Band, truth: FloatArray) -> Score | None:
    """How a band did; None where nothing was measured. Raises `ValueError` where the lengths differ."""
    if len(truth) != len(band.mid):
        raise ValueError(f"{len(truth)} measurements for a forecast of {len(band.mid)} steps: give one each")
    known = ~np.isnan(truth)
    if not known.any():
        return None
    seen, mid = truth[known], band.mid[known]
    losses = [
        pinball_loss(truth, edge, share)
        for edge, share in ((band.low, P_LOW), (band.mid, 0.5), (band.high, P_HIGH))
    ]
    below, above = float(np.mean(seen < band.low[known])), float(np.mean(seen > band.high[known]))
    return Score(
        mae=float(np.mean(np.abs(seen - mid))),
        rmse=float(np.sqrt(np.mean((seen - mid) ** 2))),
        pinball=float(np.mean(losses)),
        inside=1.0 - below - above,
        below=below,
        above=above,
        steps=int(known.sum()),
    )


def naive(past: FloatArray, steps: int, days: int, per_day: int) -> FloatArray:
    """The same as `days` days ago (1: persistence, 7: last week): `past` ends where the forecast begins. NaN where the
    past does not reach."""
    back = days * per_day
    result = np.full(steps, np.nan)
    begin = len(past) - back
    if begin < 0:
        return result
    block = past[begin : begin + min(back, len(past) - begin)]
    return np.tile(block, -(-steps // len(block)))[:steps]


@dataclass(frozen=True)
class Standing:
    """What the days so far say of each forecast, and which one is used. A value: keep it, hand it back."""

    used: str
    loss: Mapping[str, float] = field(default_factory=dict)
    """Mean absolute error, old days forgotten with a half-life of ten days."""
    weight: Mapping[str, float] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        """As plain values."""
        return {"used": self.used, "loss": dict(self.loss), "weight": dict(self.weight)}

    @staticmethod
    def from_state(state: Mapping[str, Any]) -> "Standing":
        """The standing out of `state()`."""
        return Standing(str(state["used"]), dict(state["loss"]), dict(state["weight"]))


def judged(standing: Standing, losses: Mapping[str, float]) -> Standing:
    """The standing after one more day, with the mean absolute error of each forecast on that day.

    The best takes over when it is 3 % better than the one in use over at least five days; a day on which not all could be
    scored counts for none, or one would win by missing the hard days.
    """
    if not losses or any(not np.isfinite(value) for value in losses.values()):
        return standing
    fade = 0.5 ** (1 / _HALF_LIFE_DAYS)
    loss: dict[str, float] = {}
    weight: dict[str, float] = {}
    for name, value in losses.items():
        before = standing.weight.get(name, 0.0) * fade
        weight[name] = before + 1.0
        loss[name] = (standing.loss.get(name, 0.0) * before + value) / weight[name]
    needed = (1 - fade**DAYS_TO_JUDGE) / (1 - fade)
    able = {name: value for name, value in loss.items() if weight[name] >= needed - 1e-9}
    best = min(able, key=lambda name: (able[name], name), default=standing.used)
    if standing.used not in loss:
        return Standing(best, loss, weight)
    better = best in able and able[best] < _MARGIN * loss[standing.used]
    return Standing(best if better else standing.used, loss, weight)


def standing_of(days: Sequence[Mapping[str, float]], begin: str) -> Standing:
    """Which forecast is used after these days, oldest first, when `begin` was used before them. Errors that are NaN: it could not be made
    that day. Forecasts with fewer than five days are not judged, and keep no other from being judged."""
    names = {name for day in days for name in day}
    able = {n for n in names if sum(np.isfinite(day.get(n, np.nan)) for day in days) >= DAYS_TO_JUDGE}
    standing = Standing(begin)
    for day in days:
        standing = judged(standing, {name: day.get(name, np.nan) for name in able})
    return standing


@dataclass(frozen=True)
class Calibration:
    """How much wider or narrower the lower and upper half of a band must be, per group of steps."""

    low: FloatArray
    high: FloatArray

    def apply(self, band: Band, group: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Band:
        """The band with its halves stretched; `group` says which group each step belongs to."""
        low = band.mid - (band.mid - band.low) * self.low[group]
        high = band.mid + (band.high - band.mid) * self.high[group]
        return Band(band.start_s, band.step_s, low, band.mid, high, band.basis)


def calibrate(
    band: Band,
    truth: FloatArray,
    group: np.ndarray[tuple[int], np.dtype[np.int64]],
    groups: int,
    *,
    weight: FloatArray | None = None,
) -> Calibration:
    """Split conformal calibration of any forecast's past: `band` and `truth` are forecasts laid end to end.

    Groups are what one likes: horizon, slot, both. A group with fewer than fifty rows takes the figure of all.
    """
    known = ~np.isnan(truth)
    weights = np.ones(len(truth)) if weight is None else weight
    halves = []
    for half, share, side in ((band.mid - band.low, P_LOW, -1.0), (band.high - band.mid, P_HIGH, 1.0)):
        reach = side * (truth - band.mid) / np.maximum(half, 1e-9)
        level = 1 - P_LOW if side < 0 else share
        all_of_it = quantile(reach[known], weights[known], level) if known.any() else 1.0
        factors = np.full(groups, max(all_of_it, 0.0))
        for i in range(groups):
            mine = known & (group == i)
            if mine.sum() >= 50:
                factors[i] = max(quantile(reach[mine], weights[mine], level), 0.0)
        halves.append(factors)
    return Calibration(halves[0], halves[1])
