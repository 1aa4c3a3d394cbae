"""A history as windows of 24 hours that end now, and what simple averages over them say of the next ones.

Row `t` of `Windows.power` begins `24 h x (rows - t)` before now; the row after the last is the coming 24 hours (lead
0), the one after that lead 1. Each average is a set of weights over rows, so that one product with the history gives
it for every past day too: that is what the weights between averages are learnt from. A row is only ever said by rows
that end before its forecast would have been made.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.wall import DAY_S, Holidays, IntArray, weekdays

BoolArray = npt.NDArray[np.bool_]

NAMES = (
    "days3",
    "days7",
    "days14",
    "days30",
    "weeks",
    "last_day",
    "last_week",
    "alike",
    "level",
    "level7",
    "lately3",
    "lately1",
)
"""The averages: days weighted by age (half-life in days) and kind, same weekday of four weeks, the last 24 hours, a week
ago, days that began alike, mean of the last day and week, and what the last hours lie above their week."""
PRIOR = np.array([0.0, 0.25, 0.25, 0.0, 0.1, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0])
"""How much each counts before anything is learnt."""

_NEIGHBOURS = 40
_FULL_CIRCLE = 365.0


@dataclass(frozen=True)
class Windows:
    """Windows of 24 hours that end now."""

    power: FloatArray
    """Shape (rows, steps per day), W; NaN where nothing was measured."""
    first_step: int
    """The wall step at which the coming window begins."""
    holidays: Holidays | None = None
    filled: FloatArray = field(init=False)
    """The same with holes filled by the usual of that slot."""

    def __post_init__(self) -> None:
        """Fill the holes."""
        object.__setattr__(self, "filled", _filled(self.power))

    @property
    def rows(self) -> int:
        """Whole days of history."""
        return len(self.power)

    @property
    def per_day(self) -> int:
        """Steps of a day."""
        return int(self.power.shape[1])

    def parts(self, lead: int) -> list[tuple[slice, IntArray]]:
        """The columns before and after midnight, each with the weekday of every row up to the target of `lead`."""
        midnight = -self.first_step % self.per_day
        day = self.first_step // self.per_day - self.rows + np.arange(self.rows + lead + 1, dtype=np.int64)
        parts = []
        if midnight:
            parts.append((slice(0, midnight), weekdays(day, self.holidays)))
        following = day + (1 if midnight else 0)
        parts.append((slice(midnight, self.per_day), weekdays(following, self.holidays)))
        return parts


def windows_of(
    power_w: FloatArray,
    first_wall_step: int,
    step_s: int,
    *,
    days: int = 395,
    holidays: Holidays | None = None,
) -> Windows:
    """The last `days` whole windows of a series on the wall clock that ends just before `first_wall_step`."""
    per_day = DAY_S // step_s
    rows = min(len(power_w) // per_day, days)
    return Windows(power_w[len(power_w) - rows * per_day :].reshape(rows, per_day), first_wall_step, holidays)


def _filled(power: FloatArray) -> FloatArray:
    """Holes get the mean of their slot, or of everything."""
    missing = np.isnan(power)
    if not missing.any():
        return power
    known = ~missing
    count = known.sum(axis=0)
    total = np.where(known, power, 0.0).sum(axis=0)
    everything = total.sum() / max(int(count.sum()), 1)
    usual = np.where(count > 0, total / np.maximum(count, 1), everything)
    return np.where(missing, usual, power)


def _kind(days: IntArray) -> BoolArray:
    return days >= 5


def _averaged(weights: FloatArray, power: FloatArray) -> FloatArray:
    """Weighted means over rows, shape (targets, columns); NaN where all weight falls on holes."""
    known = ~np.isnan(power)
    total = weights @ known.astype(np.float64)
    return np.where(
        total > 0, (weights @ np.where(known, power, 0.0)) / np.where(total > 0, total, 1.0), np.nan
    )


def _alike(windows: Windows, targets: IntArray, lead: int) -> FloatArray:
    """Squared distance of what went before each target to what went before each row, shape (targets, rows); relative
    to the nearest forty, infinite for rows that are not yet known or have nothing before them.

    What went before: the course of the last known day in twelve two-hour means, and the level of the last week.
    """
    rows, per_day = windows.rows, windows.per_day
    bins = windows.filled.reshape(rows, 12, per_day // 12).mean(axis=2)
    sums = np.concatenate([[0.0], np.cumsum(windows.filled.mean(axis=1))])
    ends = np.arange(rows + 1)
    level = (sums[ends] - sums[np.maximum(ends - 7, 0)]) / np.maximum(ends - np.maximum(ends - 7, 0), 1)
    last = targets - 1 - lead  # the last row known when the target was forecast
    mine, theirs = bins[last], np.full((rows, 12), np.nan)
    theirs[1 + lead :] = bins[: rows - 1 - lead]
    distance = (
        (mine**2).mean(axis=1)[:, None]
        - 2.0 / 12 * (mine @ np.nan_to_num(theirs).T)
        + (theirs**2).mean(axis=1)
    )
    before = level[np.maximum(np.arange(rows) - lead, 0)]
    distance = np.maximum(distance, 0.0) + 4.0 * (level[last + 1][:, None] - before) ** 2
    age = targets[:, None] - np.arange(rows)
    return np.where(
        (age > lead) & ~np.isnan(distance), distance * (1.0 + np.maximum(age, 0) / _FULL_CIRCLE), np.inf
    )


def _nearest(distance: FloatArray) -> FloatArray:
    """Weights for the forty nearest of each row, falling with the distance; zero elsewhere."""
    keep = min(_NEIGHBOURS, distance.shape[1])
    bound = np.partition(distance, keep - 1, axis=1)[:, keep - 1]
    largest = np.where(np.isfinite(bound), bound, np.where(np.isfinite(distance), distance, 0.0).max(axis=1))
    relative = distance / np.maximum(largest, 1e-9)[:, None]
    return np.where(relative <= 1.0, np.exp(-2.0 * np.minimum(relative, 1.0)), 0.0)


def averages(windows: Windows, targets: IntArray, lead: int) -> FloatArray:
    """What each average says of the target rows: (targets, columns, len(NAMES)), W.

    A target is a row number; `rows + lead` is the coming one. Targets must be at least `lead + 1`.
    """
    rows, per_day, power = windows.rows, windows.per_day, windows.power
    said = np.empty((len(targets), per_day, len(NAMES)))
    age = (targets[:, None] - np.arange(rows)).astype(np.float64)
    known = age > lead
    apart = _alike(windows, targets, lead)
    for columns, days in windows.parts(lead):
        part = power[:, columns]
        same_day = days[targets][:, None] == days[:rows]
        same_kind = _kind(days[targets])[:, None] == _kind(days[:rows])
        kind2, kind4 = np.where(same_kind, 2.0, 1.0), np.where(same_kind, 4.0, 1.0)
        for i, (half_life, favour) in enumerate(
            (
                (3, np.ones_like(kind2)),
                (7, kind2 * np.where(same_day, 1.5, 1.0)),
                (14, kind2 * np.where(same_day, 2.0, 1.0)),
                (30, kind4 * np.where(same_day, 2.0, 1.0)),
            )
        ):
            said[:, columns, i] = _averaged(
                np.where(known, 0.5 ** (np.maximum(age, 0) / half_life) * favour, 0.0), part
            )
        weeks = np.where(same_day & known & (age <= 28), 5.0 - np.ceil(age / 7), 0.0)
        said[:, columns, 4] = _averaged(weeks, part)
        said[:, columns, 5] = part[targets - 1 - lead]
        said[:, columns, 6] = np.where((targets >= 7)[:, None], part[np.maximum(targets - 7, 0)], np.nan)
        weights = _nearest(apart * np.where(same_kind, 1.0, 2.0))
        said[:, columns, 7] = _averaged(weights, part)
    _levels(windows, targets - 1 - lead, said)
    usual = said[:, :, 3]
    everything = float(np.mean(windows.filled)) if rows else 0.0
    usual = np.where(np.isnan(usual), everything, usual)
    return np.where(np.isnan(said), usual[:, :, None], said)


def _levels(windows: Windows, last: IntArray, said: FloatArray) -> None:
    """The figures that are one number a row: levels, and how the last hours compare with the week."""
    filled, per_day = windows.filled, windows.per_day
    first = np.maximum(last - 6, 0)

    def week(values: FloatArray) -> FloatArray:
        sums = np.concatenate([[0.0], np.cumsum(values)])
        mean: FloatArray = (sums[last + 1] - sums[first]) / (last + 1 - first)
        return mean

    day = filled.mean(axis=1)
    said[:, :, 8] = day[last][:, None]
    said[:, :, 9] = week(day)[:, None]
    for i, hours in ((10, 3), (11, 1)):
        late = filled[:, per_day - max(1, per_day * hours // 24) :].mean(axis=1)
        said[:, :, i] = (late[last] - week(late))[:, None]
