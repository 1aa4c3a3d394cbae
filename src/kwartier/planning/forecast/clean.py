"""What a series of measurements may not be believed: no number, a meter that stood still, a spike no house can make."""

import numpy as np

from kwartier.planning.forecast.band import FloatArray

_FROZEN_H = 12
_SPIKE = 12.0


def cleaned(power_w: FloatArray, step_s: int) -> FloatArray:
    """A copy with NaN for what cannot be: infinite, twelve hours the same to the last digit, or twelve times further
    above (below) the median than the highest (lowest) of a hundred steps.

    A series that stands still for more than a third of its time is left alone: then standing still is its way.
    """
    result = np.where(np.isfinite(power_w), power_w, np.nan).astype(np.float64)
    known = result[~np.isnan(result)]
    if len(known) < 2 * 86_400 // step_s:
        return result
    low, median, high = np.percentile(known, (1, 50, 99))
    reach = max(high - median, median - low)
    result[np.abs(result - median) > _SPIKE * max(reach, 1.0)] = np.nan
    still = _still(result, _FROZEN_H * 3600 // step_s)
    if still.sum() <= len(known) / 3:
        result[still] = np.nan
    return result


def _still(values: FloatArray, length: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which entries belong to a run of at least `length` equal values."""
    change = np.flatnonzero(np.diff(values) != 0) + 1  # NaN differs from everything, so it never stands still
    starts = np.concatenate([[0], change])
    lengths = np.diff(np.concatenate([starts, [len(values)]]))
    return np.repeat(lengths >= length, lengths)
