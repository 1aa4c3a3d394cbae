"""Prices for a whole horizon: what is known, and beyond it a guess with a band, so that missing prices never block a plan.

Beyond the known prices the shape of the day and its level are guessed apart, after the history's own days of the same kind
(a working day, a day of the weekend or holiday), and drawn towards the last day. That is tried on the days before together with
the shape alone and with plain persistence (the same quarter-hour of the last day), and whichever was nearest is used. The band is as wide as the misses
of the past days were, wider for days further ahead, and very wide where there is no history to miss anything in.

Pure Python: the edge reads it on screen too, without numpy.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.site.intervals import QUARTER_S
from kwartier.site.prices import PriceSeries

Guess = Literal["blend", "shape", "persistence"]
Method = Literal["known", "blend", "shape", "persistence", "flat"]
QUARTERS = 96
USUAL_EUR_PER_KWH = 0.09
"""Without any history: about what a kWh has cost on the market in Belgium in the years 2023 to 2025."""
FLAT_BAND_EUR_PER_KWH = (-0.02, 0.25)
"""p10 and p90 without any history."""
SHAPE_DAYS = 8
"""So many days of one kind make the shape; the last one weighs most."""
SHAPE_FADE = 0.8
LEVEL_DAYS = 7
LEVEL_FADE = 0.4
LEVEL_BACK = 0.9
"""How much of the last days' level above the fortnight's is still there the next day."""
TRIED_DAYS = 14
"""So many past days are guessed again to see which method is nearer and how wide the band must be."""
LAST_DAY_SHARE = 1 / 3
"""How far the blend is drawn to the day just before; a ninth two days later."""
LEAST_BAND_EUR_PER_KWH = 0.01
BAND_MARGIN = 1.25
"""A fortnight's tenths are narrower than the next day's: the market moves on."""
WIDER_PER_DAY = 0.2
"""The band of the second unknown day is so much wider than that of the first, and so on."""
GOOD_DAY = 80
"""So many known quarter-hours make a day of the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOutlook:
    """One price and its band for each step of a horizon; all of one length, none missing."""

    start_s: int
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]
    known: tuple[bool, ...]
    """Where the market's own price stands in all three."""
    method: Method
    """How the unknown steps were guessed; `known`: there were none."""
    history_days: int
    """How many whole days the guess rests on."""
    miss_eur_per_kwh: float | None
    """Mean absolute miss of the method used over the days on which it was tried; None: it could not be."""

    @property
    def known_until_s(self) -> int:
        """Where the first guessed step begins."""
        count = next((i for i, known in enumerate(self.known) if not known), len(self.known))
        return self.start_s + count * QUARTER_S


Day = list[float]
"""96 prices on the local clock; days of 92 and 100 quarter-hours are stretched and folded to it."""


def outlook(
    prices: PriceSeries | None,
    start_s: int,
    steps: int,
    zone: ZoneInfo,
    holidays: frozenset[date] = frozenset(),
) -> PriceOutlook:
    """Prices from `start_s` (a multiple of 900) for so many quarter-hours.

    `prices` holds both what is known of the horizon and the history before it; None is fine. Only prices that the
    series holds are used, so whoever cuts it off at some moment learns what would have been guessed then.
    """
    if start_s % QUARTER_S:
        raise ValueError(f"a quarter-hour starts on a multiple of {QUARTER_S} s, not at {start_s}")
    moments = [start_s + i * QUARTER_S for i in range(steps)]
    found = [None if prices is None else prices.at(s) for s in moments]
    if all(value is not None for value in found):
        sure = tuple(value for value in found if value is not None)
        flags = (True,) * steps
        return PriceOutlook(
            start_s=start_s, p10=sure, p50=sure, p90=sure, known=flags, method="known", history_days=0,
            miss_eur_per_kwh=None,
        )  # fmt: skip
    days = {} if prices is None else _days(prices, zone)
    if not days:
        return _flat(start_s, found, prices)
    return _guessed(start_s, moments, found, days, _Calendar(zone, holidays))


@dataclass(frozen=True, slots=True)
class _Calendar:
    zone: ZoneInfo
    holidays: frozenset[date]

    def free(self, day: date) -> bool:
        """Saturdays, Sundays and holidays."""
        return day.weekday() >= 5 or day in self.holidays

    def place(self, utc_s: int) -> tuple[date, int]:
        """The local day and which of its 96 quarter-hours."""
        return _place(utc_s, self.zone)


def _place(utc_s: int, zone: ZoneInfo) -> tuple[date, int]:
    local = datetime.fromtimestamp(utc_s, UTC).astimezone(zone)
    return local.date(), local.hour * 4 + local.minute // 15


def _days(prices: PriceSeries, zone: ZoneInfo) -> dict[date, Day]:
    """The days of which nearly all is known, oldest first."""
    parts: dict[date, list[list[float]]] = defaultdict(lambda: [[] for _ in range(QUARTERS)])
    for i, value in enumerate(prices.eur_per_kwh):
        if value is not None:
            day, quarter = _place(prices.start_s + i * QUARTER_S, zone)
            parts[day][quarter].append(value)
    found: dict[date, Day] = {}
    for day in sorted(parts):
        means = [sum(v) / len(v) if v else None for v in parts[day]]
        if sum(m is not None for m in means) >= GOOD_DAY:
            found[day] = _filled(means)
    return found


def _filled(values: Sequence[float | None]) -> Day:
    """Holes take what came before them, at the start what comes after."""
    out: Day = []
    last = next(v for v in values if v is not None)
    for value in values:
        last = last if value is None else value
        out.append(last)
    return out


def _flat(start_s: int, found: Sequence[float | None], prices: PriceSeries | None) -> PriceOutlook:
    """Hardly any history: the mean of what is known, and the widest band."""
    seen = [] if prices is None else [v for v in prices.eur_per_kwh if v is not None]
    level = sum(seen) / len(seen) if seen else USUAL_EUR_PER_KWH
    low, high = (level - USUAL_EUR_PER_KWH + edge for edge in FLAT_BAND_EUR_PER_KWH)
    return PriceOutlook(
        start_s=start_s,
        p10=tuple(low if v is None else v for v in found),
        p50=tuple(level if v is None else v for v in found),
        p90=tuple(high if v is None else v for v in found),
        known=tuple(v is not None for v in found),
        method="flat",
        history_days=0,
        miss_eur_per_kwh=None,
    )


def _guessed(
    start_s: int,
    moments: Sequence[int],
    found: Sequence[float | None],
    days: Mapping[date, Day],
    calendar: _Calendar,
) -> PriceOutlook:
    method, misses = _tried(days, calendar)
    guess = _METHODS[method]
    last = max(days)
    guessed: dict[date, Day] = {}
    rows: list[tuple[float, float, float]] = []
    for utc_s, value in zip(moments, found, strict=True):
        if value is not None:
            rows.append((value, value, value))
            continue
        day, quarter = calendar.place(utc_s)
        if day not in guessed:
            guessed[day] = guess(days, day, calendar)
        wider = 1.0 + WIDER_PER_DAY * max(0, (day - last).days - 1)
        low, high = _band(misses, quarter)
        middle = guessed[day][quarter]
        rows.append((middle + low * wider, middle, middle + high * wider))
    every = [abs(m) for day_misses in misses.values() for m in day_misses]
    return PriceOutlook(
        start_s=start_s,
        p10=tuple(r[0] for r in rows),
        p50=tuple(r[1] for r in rows),
        p90=tuple(r[2] for r in rows),
        known=tuple(v is not None for v in found),
        method=method,
        history_days=len(days),
        miss_eur_per_kwh=sum(every) / len(every) if every else None,
    )


# -- the two methods ---------------------------------------------------------------------------------------


def persistence(days: Mapping[date, Day], day: date, _calendar: _Calendar) -> Day:
    """The last day before, quarter-hour by quarter-hour."""
    before = [d for d in days if d < day]
    return days[max(before or days)]


def blend(days: Mapping[date, Day], day: date, calendar: _Calendar) -> Day:
    """The shape drawn towards the last day, less so the further that lies back."""
    last = max([d for d in days if d < day] or days)
    share = LAST_DAY_SHARE ** max(1, (day - last).days)
    form = shape(days, day, calendar)
    return [f + share * (p - f) for f, p in zip(form, days[last], strict=True)]


def shape(days: Mapping[date, Day], day: date, calendar: _Calendar) -> Day:
    """The shape of days of this kind around the level of the last days."""
    before = sorted((d for d in days if d < day), reverse=True) or sorted(days, reverse=True)
    free = calendar.free(day)
    same = [d for d in before if calendar.free(d) == free][:SHAPE_DAYS] or before[:SHAPE_DAYS]
    weights = [SHAPE_FADE**i for i in range(len(same))]
    parts = [(w, days[d], _mean(days[d])) for w, d in zip(weights, same, strict=True)]
    total = sum(weights)
    form = [sum(w * (values[q] - mean) for w, values, mean in parts) / total for q in range(QUARTERS)]
    level = _level(days, before, free, calendar)
    return [level + f for f in form]


def _level(days: Mapping[date, Day], before: Sequence[date], free: bool, calendar: _Calendar) -> float:
    """The last days' mean price, each freed of what its kind of day usually adds, drawn towards the fortnight's."""
    fortnight = before[: 2 * LEVEL_DAYS]
    usual = {kind: [_mean(days[d]) for d in fortnight if calendar.free(d) == kind] for kind in (True, False)}
    every = _mean([_mean(days[d]) for d in fortnight])
    offset = {kind: _mean(found) - every if found else 0.0 for kind, found in usual.items()}
    recent = before[:LEVEL_DAYS]
    weights = [LEVEL_FADE**i for i in range(len(recent))]
    plain = [_mean(days[d]) - offset[calendar.free(d)] for d in recent]
    now = sum(w * p for w, p in zip(weights, plain, strict=True)) / sum(weights)
    return every + LEVEL_BACK * (now - every) + offset[free]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


_METHODS: Mapping[Guess, Callable[[Mapping[date, Day], date, _Calendar], Day]] = {
    "blend": blend,
    "shape": shape,
    "persistence": persistence,
}
Misses = dict[date, Day]
"""Truth less guess of each day on which a method was tried."""


def _tried(days: Mapping[date, Day], calendar: _Calendar) -> tuple[Guess, Misses]:
    """Guess the last days again from what was before each, and choose the method that was nearest on the whole."""
    ordered = sorted(days)
    results: list[tuple[float, Guess, Misses]] = []
    for name, method in _METHODS.items():
        misses: Misses = {}
        for day in ordered[2:][-TRIED_DAYS:]:
            earlier = {d: days[d] for d in ordered if d < day}
            guess = method(earlier, day, calendar)
            misses[day] = [truth - g for truth, g in zip(days[day], guess, strict=True)]
        results.append((sum(abs(m) for d in misses.values() for m in d), name, misses))
    _, best, found = min(results, key=lambda r: r[0])
    return best, found


def _band(misses: Misses, quarter: int) -> tuple[float, float]:
    """How far below and above the guess the truth was in a tenth of the past days, an hour around this quarter."""
    near = sorted(
        day_misses[q % QUARTERS] for day_misses in misses.values() for q in range(quarter - 4, quarter + 5)
    )
    if len(near) < 3 * 9:
        low, high = FLAT_BAND_EUR_PER_KWH
        return low - USUAL_EUR_PER_KWH, high - USUAL_EUR_PER_KWH
    low, high = near[len(near) // 10], near[-1 - len(near) // 10]
    return BAND_MARGIN * min(low, -LEAST_BAND_EUR_PER_KWH), BAND_MARGIN * max(high, LEAST_BAND_EUR_PER_KWH)
