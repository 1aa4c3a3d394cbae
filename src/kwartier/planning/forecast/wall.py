"""Time as people live it: steps numbered on the local clock, days and kinds of days.

Habits follow the clock on the wall, so histories are laid out in local days. A day of 23 hours has an hour without
measurements; of the hour that comes twice in autumn the second overwrites the first.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
Holidays = Callable[[date], bool]

DAY_S = 86_400
_EPOCH = date(1970, 1, 1)
_SUNDAY = 6


def _offset_s(utc_s: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(utc_s, UTC).astimezone(zone).utcoffset()
    assert offset is not None, "an aware time has an offset"
    return int(offset.total_seconds())


def offsets_s(start_s: int, step_s: int, count: int, zone: tzinfo) -> IntArray:
    """What the local clock is ahead of UTC at the start of each step, s; shape (count,)."""
    result = np.empty(count, dtype=np.int64)
    per_day = max(1, DAY_S // step_s)
    first = 0
    here = _offset_s(start_s, zone) if count else 0
    while first < count:
        after = min(first + per_day, count)
        there = _offset_s(start_s + after * step_s, zone)
        if here == there:
            result[first:after] = here
        else:  # the clock changes within this day
            result[first:after] = [_offset_s(start_s + i * step_s, zone) for i in range(first, after)]
        first, here = after, there
    return result


def wall_steps(start_s: int, step_s: int, count: int, zone: tzinfo) -> IntArray:
    """The number of each step on the local clock since 1970-01-01 00:00 local; shape (count,)."""
    starts = start_s + step_s * np.arange(count, dtype=np.int64)
    return (starts + offsets_s(start_s, step_s, count, zone)) // step_s


def weekdays(days: IntArray, holidays: Holidays | None = None) -> IntArray:
    """0 Monday .. 6 Sunday of days since 1970-01-01; a holiday counts as a Sunday. Same shape."""
    result = (days + 3) % 7
    if holidays is not None:
        for i, day in enumerate(days.tolist()):
            if holidays(_EPOCH + timedelta(days=day)):
                result[i] = _SUNDAY
    return result


@lru_cache(maxsize=64)
def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, Nature 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


_FIXED = {
    "BE": {(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)},
    "NL": {(1, 1), (4, 27), (12, 25), (12, 26)},
    "DE": {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)},
    "FR": {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)},
}
"""Public holidays of the whole country on a fixed date, as (month, day)."""
_AFTER_EASTER = {"BE": {1, 39, 50}, "NL": {0, 1, 39, 49, 50}, "DE": {-2, 1, 39, 50}, "FR": {1, 39, 50}}
"""Those that move, in days after Easter Sunday."""


def public_holidays(country: str) -> Holidays:
    """Which days are public holidays in a country (`BE`, `NL`, `DE`, `FR`); elsewhere none is known.

    The Dutch King's Day is kept on the 27th of April also in years in which it moves to the 26th (a Sunday anyway).
    """
    fixed, moving = _FIXED.get(country, set()), _AFTER_EASTER.get(country, set())

    def is_holiday(day: date) -> bool:
        return (day.month, day.day) in fixed or (day - _easter(day.year)).days in moving

    return is_holiday
