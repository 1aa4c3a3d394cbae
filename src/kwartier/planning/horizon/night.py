"""What a night learns of the days that are over: what a low battery risks, with the cars that came and without them.

The site's planner and the backtest both come here, so that what the one does is what the other proves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kwartier.planning.horizon.surprises import FloatArray, Surprises, learn_surprises
from kwartier.planning.horizon.traces import with_sessions
from kwartier.site.plans import BatteryTask

DAY_SLOTS = 96
_WHOLE_DAY = 72
"""So many measured quarter-hours make a day from which something can be learnt: a day that was mostly not measured
would pass for a quiet one."""


@dataclass(frozen=True, slots=True)
class PastStay:
    """A car that was there and has left; steps count from the first one of the history."""

    first: int
    last: int
    """Not included."""
    energy_kwh: float
    """At the plug."""
    max_w: float


def usable_kwh(batteries: Iterable[BatteryTask]) -> float:
    """What lies between the least that must stay inside and full."""
    return sum(max(battery.capacity_kwh - battery.min_soc_kwh, 0.0) for battery in batteries)


def learn_night(
    net_w: FloatArray,
    stays: Iterable[PastStay],
    days: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
    batteries: Sequence[BatteryTask],
) -> tuple[Surprises, Surprises]:
    """Of the house with its cars, and of the house alone.

    `net_w`: load less sun per quarter-hour of days that are over, NaN where nothing was measured; `days` and `slots`: the local
    day of each, and its place in it; all of one shape. `batteries` count as one. No day at all gives the prior.
    """
    measured = np.isfinite(net_w)
    filled = np.nan_to_num(net_w, nan=0.0)
    laid = with_sessions(filled, ((s.first, s.last, s.energy_kwh, s.max_w) for s in stays))
    with_cars, alone = (
        _learnt(_by_day(course, measured, days, slots), batteries) for course in (laid, filled)
    )
    return with_cars, alone


def _by_day(
    course: FloatArray,
    measured: npt.NDArray[np.bool_],
    days: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
) -> FloatArray:
    """Local days, one a row; the hour that is missing in spring is NaN, the second one of autumn counts."""
    if not len(course):
        return np.zeros((0, DAY_SLOTS))
    rows = days - days[0]
    table = np.full((int(rows[-1]) + 1, DAY_SLOTS), np.nan)
    known = np.zeros(table.shape, dtype=np.bool_)
    table[rows, slots] = course
    known[rows, slots] = measured
    whole: FloatArray = table[known.sum(axis=1) >= _WHOLE_DAY]
    return whole


def _learnt(days_w: FloatArray, batteries: Sequence[BatteryTask]) -> Surprises:
    sizes = np.array([usable_kwh((battery,)) for battery in batteries])
    shares = sizes / max(float(sizes.sum()), 1e-9)
    return learn_surprises(
        days_w,
        capacity_kwh=float(sizes.sum()),
        charge_w=sum(battery.charge_w for battery in batteries),
        discharge_w=sum(battery.discharge_w for battery in batteries),
        charge_efficiency=float(shares @ [battery.charge_efficiency for battery in batteries]),
        discharge_efficiency=float(shares @ [battery.discharge_efficiency for battery in batteries]),
    )
