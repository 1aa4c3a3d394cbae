"""The month's peak that meets every car: a target learnt from what each past day would have lost under it.

Below the month's peak power is free and above it each kW costs a month's capacity price, so a month is best spent under one level
from its first day. Too low a level leaves kWh behind, and how many can be counted: each evening the day is replayed under a row of
targets (`day_curve`), with its own cars, load and sun. The target is then the lowest under which past days, the
recent ones weighing more, lost no more than a small share. It never falls within a month, since what is paid is paid; it rises
when the days get heavier, and step by step when this month has lost more than it may.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kwartier.planning.horizon.park_visits import Floats, Ints

QUARTER_S = 900
_STEP = 1.04
_TARGETS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRule:
    """How much may be lost for a lower peak. The figures were set on May to August of the workplace data."""

    lost_share: float = 0.013
    """Of the energy, expected over days like the past ones."""
    month_lost_share: float = 0.018
    """Of this month's energy, what is lost already included; beyond it the target rises by a step a day ..."""
    least_lost_share: float = 0.003
    """... up to the target under which days like the past ones lose no more than this: a month that goes badly for a reason which
    no target heals (cars that want more than their stay allows) is not made dear as well."""
    half_life_days: float = 21.0
    """How fast past days are forgotten."""
    first_share: float = 0.4
    """Of the installed power: the target of a park that has not seen `enough_days` yet."""
    enough_days: int = 5


@dataclass(frozen=True, slots=True)
class DayCurve:
    """What one day would have lost under each target of `targets_w`."""

    day: int
    """A running number of the local date."""
    energy_kwh: float
    lost_kwh: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSoFar:
    """The running month at the start of a day."""

    target_w: float = 0.0
    """The highest target or quarter-hour of this month; 0 on its first day."""
    days_gone: int = 0
    days_left: int = 30
    """This day included."""
    energy_kwh: float = 0.0
    """What its cars took."""
    lost_kwh: float = 0.0
    """What they left without and could have had, as estimated from those that still drew when they left."""


def targets_w(installed_w: float) -> Floats:
    """The row of targets that is tried, rising by 4 % up to the installed power: `(64,)` W."""
    if installed_w <= 0.0:
        raise ValueError(f"the installed power of the charge points must be positive, not {installed_w} W")
    return np.asarray(installed_w * _STEP ** np.arange(1.0 - _TARGETS, 1.0), dtype=np.float64)


def day_curve(
    *,
    day: int,
    arrive_s: Ints,
    depart_s: Ints,
    wanted_kwh: Floats,
    max_w: Floats,
    net_w: Floats,
    start_s: int,
    targets: Floats,
) -> DayCurve:
    """Replay one day's cars under each target, with an equal share of what each quarter-hour leaves.

    `net_w`: load less sun per quarter-hour from `start_s`, at least until the last car left. All targets are replayed at once.
    """
    rest = np.tile(wanted_kwh, (len(targets), 1)).astype(np.float64)
    if not len(wanted_kwh):
        return DayCurve(day, 0.0, np.zeros(len(targets)))
    first = max(0, int((arrive_s.min() - start_s) // QUARTER_S))
    last = min(len(net_w), int((depart_s.max() - 1 - start_s) // QUARTER_S) + 1)
    for quarter in range(first, last):
        begin_s = start_s + quarter * QUARTER_S
        there_s = np.minimum(depart_s, begin_s + QUARTER_S) - np.maximum(arrive_s, begin_s)
        here = np.flatnonzero(there_s > 0)
        if not len(here):
            continue
        most = np.minimum(rest[:, here], max_w[here] * there_s[here] / 3.6e6)
        room = np.maximum(0.0, targets - net_w[quarter]) * (QUARTER_S / 3.6e6)
        rest[:, here] -= np.minimum(most, _levels(most, room)[:, None])
    return DayCurve(day, float(wanted_kwh.sum()), rest.sum(axis=1))


def _levels(most: Floats, room: Floats) -> Floats:
    """Per row: the level at which `min(most, level)` adds up to the room; infinite where all fits."""
    rising = np.sort(most, axis=1)
    count = rising.shape[1]
    sums = np.cumsum(rising, axis=1)
    at_corner = sums - rising + rising * np.arange(count, 0, -1)
    below = (at_corner <= room[:, None]).sum(axis=1)
    rows = np.arange(len(room))
    served = np.where(below > 0, sums[rows, np.maximum(below - 1, 0)], 0.0)
    level = (room - served) / np.maximum(1, count - below)
    return np.where(below >= count, np.inf, level)


def month_target_w(
    curves: Sequence[DayCurve], targets: Floats, month: MonthSoFar, day: int, rule: TargetRule
) -> float:
    """The target for a day, from the days before it: later ones in `curves` are not looked at."""
    known = [curve for curve in curves if curve.day < day]
    if sum(curve.energy_kwh > 0.0 for curve in known) < rule.enough_days:
        return max(month.target_w, rule.first_share * float(targets[-1]))
    weight = np.array([0.5 ** ((day - curve.day) / rule.half_life_days) for curve in known])
    weight /= weight.sum()
    # what is lost even under the highest target no target can save
    lost_kwh = weight @ np.array([curve.lost_kwh - curve.lost_kwh[-1] for curve in known])
    energy_kwh = float(weight @ np.array([curve.energy_kwh for curve in known]))
    target = _lowest(targets, lost_kwh <= rule.lost_share * energy_kwh)
    if month.days_gone >= rule.enough_days:
        may_lose = rule.month_lost_share * (month.energy_kwh + month.days_left * energy_kwh)
        needed = _lowest(targets, month.lost_kwh + month.days_left * lost_kwh <= may_lose)
        most = _lowest(targets, lost_kwh <= rule.least_lost_share * energy_kwh)
        target = max(target, min(needed, most, month.target_w * _STEP))
    return max(month.target_w, target)


def _lowest(targets: Floats, fits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    return float(targets[int(np.argmax(fits))]) if fits.any() else float(targets[-1])
