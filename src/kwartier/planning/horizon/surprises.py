"""What a low battery risks: how much higher the month's peak is driven by what a day brings unforeseen.

A plan for a day sees the mean course of the load and the cars that are plugged in. The month's peak is made by what it does
not see: an oven and a kettle in one quarter-hour, a car that comes at eight and leaves at ten. So the days of the past are run
through once a night: for each target of the month's peak and each moment at which the load rises above it, how far would
the peak have been driven up, had the battery held so many kWh then? Averaged by the time of day this gives the expected rise
as a falling, convex function of the energy in the battery; its slope times the price of a kW is what a kWh kept in
reserve is worth in that step. The plan weighs it against prices like any other money (`BatteryTask.reserve_levels`):
where the month already has a high peak, or the battery more than any day has needed, the reserve costs nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

TARGETS_W = np.array([2.5, 2.75, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.5, 10.0, 12.0]) * 1000.0
"""The lowest is Flanders' floor. Between two the lower is used: careful."""
LEVELS = np.array([0.0, 0.055, 0.13, 0.25, 0.39, 0.56, 0.78, 1.0])
"""Of the battery's capacity; close where short needs lie."""
HALF_LIFE_DAYS = 20.0
"""Habits and seasons change: a day of so long ago counts half."""
WINDOW_DAYS = 60
SPREAD_HOURS = 1.25
"""What happened at a quarter past seven may happen at six or at eight: standard deviation."""
_PRIOR_DAYS = 2.0
"""So many days of the prior below are mixed in, always: a new site is careful, and an old one knows that what has not
happened in two months may happen tomorrow. (Fading it away cost two points of the saving in the benchmark.)"""
_PRIOR_W = 2500.0
"""Expected rise in a day with an empty battery at the floor, before anything was measured."""
_PRIOR_ENDS_W = 6000.0
"""So far above the floor the prior has faded."""


@dataclass(frozen=True, slots=True)
class Surprises:
    """Learnt from the past; a few thousand figures."""

    targets_w: FloatArray
    """Shape (targets,), rising."""
    levels_kwh: FloatArray
    """Shape (levels,), rising from 0."""
    expected_w: FloatArray
    """Shape (targets, slots of a day, levels): by how much what begins in this slot is expected to drive up the peak."""

    def prices(
        self, target_w: float, slots: npt.NDArray[np.int64], eur_per_kw: float
    ) -> tuple[tuple[float, FloatArray], ...]:
        """`BatteryTask.reserve_levels`: up to so many kWh a missing kWh costs so much in each step.

        `slots`: per step, its place in the local day.
        """
        place = int(np.searchsorted(self.targets_w, target_w + 1e-3, side="right")) - 1
        rise = self.expected_w[max(place, 0)][slots]
        slope = (rise[:, :-1] - rise[:, 1:]) / np.diff(self.levels_kwh) / 1000.0 * eur_per_kw
        falling = np.minimum.accumulate(np.maximum(slope, 0.0), axis=1)
        return tuple(
            (float(up_to), falling[:, level]) for level, up_to in enumerate(self.levels_kwh[1:].tolist())
        )


def learn_surprises(
    days_w: FloatArray,
    *,
    capacity_kwh: float,
    charge_w: float,
    discharge_w: float,
    charge_efficiency: float = 0.95,
    discharge_efficiency: float = 0.95,
    targets_w: FloatArray = TARGETS_W,
) -> Surprises:
    """Learn from whole local days, the oldest first.

    `days_w`: shape (days, slots), net load with the cars laid in (`traces.with_sessions`); NaN where nothing was
    measured. Days of a change of the clock are cut or filled to `slots`. No day at all gives the prior.
    """
    days = days_w[-WINDOW_DAYS:]
    count, slots = days.shape
    levels = LEVELS * capacity_kwh
    expected = np.empty((len(targets_w), slots, len(levels)))
    ages = np.arange(count, 0, -1, dtype=np.float64) - 0.5
    weights = 0.5 ** (ages / HALF_LIFE_DAYS)
    needs = _needs(
        np.nan_to_num(days, nan=0.0),
        targets_w,
        24.0 / slots,
        (charge_w, discharge_w),
        (charge_efficiency, discharge_efficiency),
    )
    kernel = _kernel(slots)
    total = _PRIOR_DAYS + float(weights.sum())
    for place, target_w in enumerate(targets_w.tolist()):
        expected[place] = _PRIOR_DAYS / total * _prior(target_w, float(targets_w[0]), slots)
        if not count:
            continue
        day, slot = _beginnings(np.nan_to_num(days, nan=0.0), target_w)
        for one_day, one_slot in zip(day.tolist(), slot.tolist(), strict=True):
            needed = needs[:, one_day, one_slot]
            rise = np.interp(-levels, -needed, targets_w) - target_w
            expected[place] += weights[one_day] / total * np.outer(kernel[one_slot], np.maximum(rise, 0.0))
    return Surprises(targets_w, levels, expected)


def _needs(
    days: FloatArray,
    targets_w: FloatArray,
    hours: float,
    most_w: tuple[float, float],
    efficiency: tuple[float, float],
) -> FloatArray:
    """kWh that a battery must hold at the start of each step to keep the target until the end of the next day.

    Shape (targets, days, slots). Backwards: what lies above the target is taken out, room below it charges again.
    """
    count, slots = days.shape
    following = np.concatenate([days[1:], np.zeros((min(count, 1), slots))])
    both = np.concatenate([days, following], axis=1)
    charge_w, discharge_w = most_w
    need = np.zeros((len(targets_w), count))
    needs = np.empty((len(targets_w), count, slots))
    for step in range(2 * slots - 1, -1, -1):
        above = both[None, :, step] - targets_w[:, None]
        taken = np.where(
            above > 0.0,
            np.minimum(above, discharge_w) / efficiency[1],
            np.maximum(above, -charge_w) * efficiency[0],
        )
        need = np.maximum(need + taken * hours / 1000.0, 0.0)
        if step < slots:
            needs[:, :, step] = need
    return needs


def _beginnings(days: FloatArray, target_w: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the load rises above the target, by day and slot."""
    flat = days.ravel() > target_w
    begins = np.flatnonzero(flat & ~np.concatenate([[False], flat[:-1]]))
    return begins // days.shape[1], begins % days.shape[1]


def _kernel(slots: int) -> FloatArray:
    """Shape (slots, slots): how what began in one slot is spread over the clock; each row sums to 1."""
    apart = np.abs(np.arange(slots)[:, None] - np.arange(slots)[None, :])
    hours = np.minimum(apart, slots - apart) * 24.0 / slots
    weight = np.exp(-0.5 * (hours / SPREAD_HOURS) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), dtype=np.float64)


def _prior(target_w: float, floor_w: float, slots: int) -> FloatArray:
    fading = max(0.0, 1.0 - (target_w - floor_w) / _PRIOR_ENDS_W)
    return np.asarray(np.tile(_PRIOR_W * fading / slots * (1.0 - LEVELS) ** 2, (slots, 1)), dtype=np.float64)
