"""Which cars are still to come: expected arrivals per step of the coming day, for a car park and for one car at home."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.forecast.band import Band, FloatArray, ordered
from kwartier.planning.forecast.edges import quantile
from kwartier.planning.forecast.sessions import SessionBook
from kwartier.planning.forecast.wall import DAY_S, wall_steps, weekdays

_HALF_LIFE_DAYS = 28.0
_SAME_WEEKDAY, _OTHER_KIND = 3.0, 0.1
_OLDEST_DAYS = 182
_SMOOTH_H = 0.5


@dataclass(frozen=True)
class Arrivals:
    """What is still to come."""

    count: Band
    """Arrivals in each step: P10, mean, P90."""
    energy_kwh: FloatArray
    """What a car that arrives in that step usually takes (median), shape (steps,)."""
    stay_h: FloatArray
    """How long it usually stays (median), shape (steps,)."""
    day_low: float
    """P10 of all arrivals until the end of the band, at most a day ahead."""
    day_high: float
    """P90 of the same."""


def expected_arrivals(
    book: SessionBook, *, now_s: int, steps: int, step_s: int = 900, user: str | None = None
) -> Arrivals:
    """Arrivals from the step that runs at `now_s`; of one user only, if one is named.

    Days like the coming one count (same weekday three times, weekends apart), with a half-life of four weeks; days
    without any arrival count as well. Only sessions that ended by `now_s` are read, and those that began by then for
    the number of arrivals. For one user the mean is the chance that he comes, and P10 to P90 is 0 to 1 where it counts.
    """
    start_s = now_s - now_s % step_s
    ahead = wall_steps(start_s, step_s, steps, book.zone)
    per_day = DAY_S // step_s
    mine = book.arrive_s < start_s
    if user is not None:
        mine &= book.user == book.users.get(user, -1)
    if not mine.any():
        nothing = np.zeros(steps)
        usual = np.full(steps, np.nan)
        return Arrivals(
            ordered(start_s, step_s, nothing, nothing, nothing, "typical"), usual, usual, 0.0, 0.0
        )
    day = _day_numbers(book, mine, start_s)
    first, today = max(int(day.min()), int(ahead[0]) // per_day - _OLDEST_DAYS), int(ahead[0]) // per_day
    past = np.arange(first, today, dtype=np.int64)
    kind = weekdays(past, book.holidays)
    slot = np.minimum((book.hour[mine] * 3600 // step_s).astype(np.int64), per_day - 1)
    counts = np.zeros((max(len(past), 1), per_day))
    inside = (day >= first) & (day < today)
    np.add.at(counts, (day[inside] - first, slot[inside]), 1.0)
    mean, low, high = np.zeros(steps), np.zeros(steps), np.zeros(steps)
    totals_low = totals_high = 0.0
    for which in np.unique(ahead // per_day):
        at = ahead // per_day == which
        columns = (ahead[at] % per_day).astype(np.int64)
        weekday = int(weekdays(np.array([which]), book.holidays)[0])
        weight = 0.5 ** ((today - past) / _HALF_LIFE_DAYS) * np.where(kind == weekday, _SAME_WEEKDAY, 1.0)
        weight *= np.where((kind >= 5) == (weekday >= 5), 1.0, _OTHER_KIND)
        if not len(past):
            continue
        usual = _smooth(weight @ counts[: len(past)] / weight.sum(), per_day)
        mean[at] = usual[columns]
        if user is not None:
            mean[at] = np.minimum(mean[at], 1.0)
        sums = counts[: len(past)][:, columns].sum(axis=1)
        middle = float((weight * sums).sum() / weight.sum())
        spread = float((weight * (sums - middle) ** 2).sum() / weight.sum())
        low[at], high[at] = _edges(mean[at], spread / max(middle, 1e-9))
        if which == ahead[0] // per_day or not totals_high:
            totals_low += quantile(sums, weight, 0.1)
            totals_high += quantile(sums, weight, 0.9)
    energy, stay = _usual(book, mine & (book.arrive_s + book.stay_h * 3600 <= now_s), ahead % per_day, step_s)
    band = ordered(start_s, step_s, low, mean, high, "history" if len(past) >= 14 else "little_history")
    return Arrivals(band, energy, stay, totals_low, totals_high)


def _day_numbers(
    book: SessionBook, mine: np.ndarray[tuple[int], np.dtype[np.bool_]], start_s: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The local day of each arrival, from its local hour and its moment."""
    offset_s = (book.hour[mine] * 3600 - book.arrive_s[mine] % DAY_S + DAY_S / 2) % DAY_S - DAY_S / 2
    return np.floor((book.arrive_s[mine] + offset_s) / DAY_S + 1e-9).astype(np.int64)


def _smooth(usual: FloatArray, per_day: int) -> FloatArray:
    """Over half an hour either way, round the clock."""
    scale = _SMOOTH_H * per_day / 24
    width = max(1, int(3 * scale))
    kernel = np.exp(-0.5 * (np.arange(-width, width + 1) / scale) ** 2)
    padded = np.concatenate([usual[-width:], usual, usual[:width]])
    result: FloatArray = np.convolve(padded, kernel / kernel.sum(), "valid")
    return result


def _edges(mean: FloatArray, dispersion: float) -> tuple[FloatArray, FloatArray]:
    """P10 and P90 of counts with a mean, of Poisson's law, stretched where days differ more than it allows."""
    top = int(mean.max(initial=0.0) * 2 + 12)
    chance = np.exp(-mean)
    total = chance.copy()
    low, high = np.zeros(len(mean)), np.zeros(len(mean))
    for k in range(1, top):
        low[total < 0.1] = k
        high[total < 0.9] = k
        chance = chance * mean / k
        total += chance
    stretch = np.sqrt(max(dispersion, 1.0))
    return np.maximum(mean - (mean - low) * stretch, 0.0), mean + (high - mean) * np.where(
        high > mean, stretch, 1.0
    )


def _usual(
    book: SessionBook,
    mine: np.ndarray[tuple[int], np.dtype[np.bool_]],
    slot: np.ndarray[tuple[int], np.dtype[np.int64]],
    step_s: int,
) -> tuple[FloatArray, FloatArray]:
    """Median energy and stay of arrivals about that time of day; NaN where nobody is known."""
    energy, stay = np.full(len(slot), np.nan), np.full(len(slot), np.nan)
    if not mine.any():
        return energy, stay
    hour, energies, stays = book.hour[mine], book.energy_kwh[mine], book.stay_h[mine]
    by_hour = {}
    for hours in np.unique(slot * step_s // 3600).tolist():
        apart = np.abs(hour - hours - 0.5)
        weight = np.exp(-0.5 * np.minimum(apart, 24 - apart) ** 2) + 1e-6
        by_hour[hours] = (quantile(energies, weight, 0.5), quantile(stays, weight, 0.5))
    for i, hours in enumerate((slot * step_s // 3600).tolist()):
        energy[i], stay[i] = by_hour[hours]
    return energy, stay
