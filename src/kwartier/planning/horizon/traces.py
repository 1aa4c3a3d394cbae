"""Days of the past as they would have been with cars charged as evenly as their stay allows.

What a car takes is in our hands, but that it comes is not. Its energy is laid over its stay so that the highest
quarter-hour of the stay is as low as it can be; what then still lies above a target is what a battery must carry.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_HALVINGS = 40


def evenly(net_w: FloatArray, energy_kwh: float, max_w: float, step_s: int) -> FloatArray:
    """The power that brings `energy_kwh` into the steps of a stay at the lowest possible level of `net_w + power`.

    Shape of `net_w`: (steps of the stay,). A stay that is too short is filled with `max_w`.
    """
    hours = step_s / 3600.0
    low, high = float(net_w.min()), float(net_w.max()) + max_w
    for _ in range(_HALVINGS):
        level = 0.5 * (low + high)
        if float(np.clip(level - net_w, 0.0, max_w).sum()) * hours / 1000.0 < energy_kwh:
            low = level
        else:
            high = level
    return np.asarray(np.clip(high - net_w, 0.0, max_w), dtype=np.float64)


def with_sessions(
    net_w: FloatArray, sessions: Iterable[tuple[int, int, float, float]], *, step_s: int = 900
) -> FloatArray:
    """The net load of the house with its cars laid in.

    `net_w`: load less sun, one mean per step. `sessions`: first step, step of departure, kWh at the plug, W at the most; only
    sessions that are over, so that nothing of the future is in it.
    """
    laid = net_w.copy()
    for first, last, energy_kwh, max_w in sessions:
        stay = slice(max(first, 0), min(last, len(laid)))
        if stay.stop > stay.start:
            laid[stay] += evenly(laid[stay], energy_kwh, max_w, step_s)
    return laid
