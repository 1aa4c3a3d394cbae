"""What a household usually draws, for a site that has not measured anything yet.

A shape of our own making: a floor through the night, a bump at breakfast, some at noon, most in the evening, later and
flatter at weekends, a fifth more in winter and less in summer. It is worth its wide band and no more.
"""

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.wall import DAY_S, IntArray, weekdays

YEARLY_KWH = 3500.0
"""What a household uses where nobody said (the usual figure of Flemish and Dutch comparisons)."""
LOW, HIGH = 0.35, 2.2
"""P10 and P90 as parts of the typical course: single houses differ much, and quarters more."""
_BUMPS = {
    False: ((7.5, 1.0, 0.9), (12.5, 1.5, 0.4), (19.0, 2.2, 1.6)),
    True: ((9.5, 1.5, 0.8), (13.0, 1.8, 0.7), (19.0, 2.4, 1.5)),
}
"""Weekend or not: (hour, width in hours, height above the floor)."""


def typical_load(wall: IntArray, step_s: int, yearly_kwh: float = YEARLY_KWH) -> FloatArray:
    """The usual load of a household, W, for steps numbered on the local clock."""
    per_day = DAY_S // step_s
    day = wall // per_day
    hour = (wall % per_day + 0.5) * (step_s / 3600)
    weekend = weekdays(day) >= 5
    shape = np.full(len(wall), 0.6)
    for is_weekend, bumps in _BUMPS.items():
        for middle, width, height in bumps:
            away = np.abs(hour - middle)
            bump = height * np.exp(-0.5 * (np.minimum(away, 24 - away) / width) ** 2)
            shape += np.where(weekend == is_weekend, bump, 0.0)
    shape *= 1.0 + 0.2 * np.cos(2 * np.pi * ((day - 15) % 365.25) / 365.25)
    result: FloatArray = shape / _MEAN * (yearly_kwh * 1000 / 8766)
    return result


_MEAN = 0.6 + 2.507 * (5 * (0.9 + 0.6 + 3.52) + 2 * (1.2 + 1.26 + 3.6)) / 7 / 24
"""Mean of the shape over a year: the areas under the bumps."""
