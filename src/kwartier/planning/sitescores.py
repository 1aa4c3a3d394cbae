"""How good each way to forecast was over the last days, and which one is used next.

Each day is forecast anew from what was known at its local midnight, by every way that could be gone then; the mean absolute
errors of the days choose (`forecast.scoring.judged`): another takes over when it is 3 % nearer over at least five days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.forecast.band import Band, FloatArray
from kwartier.planning.forecast.heard import Heard
from kwartier.planning.forecast.laying import LoadHistory
from kwartier.planning.forecast.load import edge_load
from kwartier.planning.forecast.pv import PvHistory
from kwartier.planning.forecast.scoring import DAYS_TO_JUDGE, standing_of
from kwartier.planning.sitecourses import (
    HOUSES,
    NAIVE_DAYS,
    SUNS,
    as_before,
    by_temperature,
    heard_of,
    sun_by,
    untried,
)
from kwartier.planning.siteproblem import DAY_STEPS, array, series
from kwartier.planning.situation import STEP_S, Past, Scored, Scores, Tried
from kwartier.site.reasons import Reason, reason

LEAST_BAND_W = 50.0
"""Where neither the band nor what came is above it, the sun's band is not counted: it is night."""

LEARNT = frozenset({"weather", "service", "boosted", "temperature"})
"""Ways that need days before they can be gone."""

Way = Callable[[int, int], Band | None]
"""From the moment at which it is made and a number of steps to the forecast."""


def scores(past: Past) -> Scores:
    """Of the house and of the sun, as far as there are whole days of them."""
    found = []
    for name, values in (("house", past.house_w), ("sun", past.sun_w)):
        seen = array(values)
        if len(seen) and np.isfinite(seen).any():
            found.append(_scored(name, seen, past))
    return Scores(scores=tuple(s for s in found if s is not None))


@dataclass(frozen=True)
class _Walk:
    """The days that are forecast anew."""

    cuts: tuple[int, ...]
    """Steps of the history at which they begin, and where the last one ends."""
    bands: Mapping[str, tuple[Band | None, ...]]


def _scored(name: str, seen: FloatArray, past: Past) -> Scored | None:
    cuts = midnights(past.house_start_s, len(seen), past.days, ZoneInfo(past.zone))
    if len(cuts) < 2:
        return None
    ways = _suns(seen, past) if name == "sun" else _houses(seen, past)
    bands = {
        method: tuple(
            way(past.house_start_s + first * STEP_S, last - first) for first, last in pairwise(cuts)
        )
        for method, way in ways.items()
    }
    walk = _Walk(cuts, bands)
    begin = "edge" if name == "house" else untried(past.sky, seen)
    losses = [{method: _loss(walk, method, day, seen) for method in ways} for day in range(len(cuts) - 1)]
    standing = standing_of(losses, begin)
    tried = tuple(_tried(walk, method, seen, sun=name == "sun") for method in ways)
    return _told(name, walk, seen, past, tried, standing.used)


def _told(
    name: str, walk: _Walk, seen: FloatArray, past: Past, tried: tuple[Tried, ...], used: str
) -> Scored:
    own = next(t for t in tried if t.method == used)
    errors = {t.method: t.mae_w for t in tried if t.mae_w is not None}
    able = {t.method: errors[t.method] for t in tried if t.mae_w is not None and t.days >= DAYS_TO_JUDGE}
    best = min(able or errors or {used: 0.0}, key=lambda m: ((able or errors or {used: 0.0})[m], m))
    low, mid, high = (
        np.concatenate([_part(walk, used, day, part) for day in range(len(walk.cuts) - 1)])
        for part in ("low", "mid", "high")
    )
    return Scored(
        name=name,
        used=used,
        best=best,
        days=len(walk.cuts) - 1,
        mae_w=own.mae_w,
        rmse_w=own.rmse_w,
        covered_pct=own.covered_pct,
        yesterday_mae_w=errors.get("yesterday"),
        last_week_mae_w=errors.get("last_week"),
        start_s=past.house_start_s + walk.cuts[0] * STEP_S,
        low_w=_measured(low),
        mid_w=_measured(mid),
        high_w=_measured(high),
        measured_w=_measured(seen[walk.cuts[0] : walk.cuts[-1]]),
        methods=tuple(t for t in tried if t.days or t.method == used),
        why=tuple(_why(tried, used, able)),
    )


def _why(tried: tuple[Tried, ...], used: str, able: Mapping[str, float]) -> list[Reason]:
    """Which forecast is used and why, in words."""
    out: list[Reason] = []
    if used not in able:
        out.append(reason("forecast_first", way=used, needed=DAYS_TO_JUDGE))
    else:
        others = {method: mae_w for method, mae_w in able.items() if method != used}
        nearest = min(others, key=lambda m: (others[m], m), default=None)
        if nearest is None:
            out.append(reason("forecast_first", way=used, needed=DAYS_TO_JUDGE))
        elif others[nearest] < able[used]:
            out.append(
                reason(
                    "forecast_kept",
                    way=used,
                    own_w=round(able[used]),
                    other_way=nearest,
                    other_w=round(others[nearest]),
                )
            )
        else:
            out.append(
                reason(
                    "forecast_used",
                    way=used,
                    own_w=round(able[used]),
                    other_way=nearest,
                    other_w=round(others[nearest]),
                )
            )
    out.extend(
        reason("forecast_tried", way=each.method, days=each.days, needed=DAYS_TO_JUDGE)
        for each in tried
        if each.method in LEARNT and 0 < each.days < DAYS_TO_JUDGE
    )
    return out


# -- the ways ----------------------------------------------------------------------------------------------


def _suns(seen: FloatArray, past: Past) -> dict[str, Way]:
    said = heard_of(past.sky, past.house_start_s + len(seen) * STEP_S)
    history = PvHistory(past.house_start_s, STEP_S, seen)
    return {method: _sun_way(method, history, said) for method in SUNS}


def _sun_way(method: str, history: PvHistory, said: Heard | None) -> Way:
    def way(now_s: int, steps: int) -> Band | None:
        count = (now_s - history.start_s) // STEP_S
        known = PvHistory(history.start_s, STEP_S, history.power_w[:count])
        return sun_by(
            method, known, None if said is None else said.until(now_s + steps * STEP_S), now_s, steps
        )

    return way


def _houses(seen: FloatArray, past: Past) -> dict[str, Way]:
    zone = ZoneInfo(past.zone)
    said = heard_of(past.sky, past.house_start_s + len(seen) * STEP_S)

    def known(now_s: int) -> LoadHistory:
        return LoadHistory(past.house_start_s, STEP_S, seen[: (now_s - past.house_start_s) // STEP_S])

    def edge(now_s: int, steps: int) -> Band | None:
        return edge_load(known(now_s), now_s=now_s, steps=steps, zone=zone)

    def temperature(now_s: int, steps: int) -> Band | None:
        said_then = None if said is None else said.until(now_s + steps * STEP_S)
        return by_temperature(known(now_s), said_then, now_s, steps, zone)

    def boosted(now_s: int, steps: int) -> Band | None:
        found = next((c for c in past.boosted if c.start_s == now_s and len(c.mid_w) == steps), None)
        if found is None:
            return None
        low, mid, high = (
            np.array(part, dtype=np.float64) for part in (found.low_w, found.mid_w, found.high_w)
        )
        return Band(now_s, STEP_S, low, mid, high, "model")

    def before(method: str) -> Way:
        return lambda now_s, steps: as_before(known(now_s).power_w, now_s, steps, method)

    ways = {"edge": edge, "temperature": temperature, "boosted": boosted}
    return {method: ways.get(method) or before(method) for method in HOUSES}


# -- figures -----------------------------------------------------------------------------------------------


def midnights(start_s: int, steps: int, days: int, zone: ZoneInfo) -> tuple[int, ...]:
    """The local midnights of the last whole days of a history that leave a day before the first, as steps of it, the end of the last
    day behind them. The history ends at a midnight or later."""
    end = datetime.fromtimestamp(start_s + steps * STEP_S, zone).date()
    found: list[int] = []
    for back in range(days, -1, -1):
        day = end - timedelta(days=back)
        at_s = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
        step = (at_s - start_s) // STEP_S
        if step >= DAY_STEPS and step <= steps:
            found.append(step)
    return tuple(found)


def _part(walk: _Walk, method: str, day: int, part: str) -> FloatArray:
    band = walk.bands[method][day]
    if band is None:
        return np.full(walk.cuts[day + 1] - walk.cuts[day], np.nan)
    found: FloatArray = getattr(band, part)
    return found


def _loss(walk: _Walk, method: str, day: int, seen: FloatArray) -> float:
    miss = np.abs(_part(walk, method, day, "mid") - seen[walk.cuts[day] : walk.cuts[day + 1]])
    known = miss[np.isfinite(miss)]
    return float(known.mean()) if len(known) else float("nan")


def _tried(walk: _Walk, method: str, seen: FloatArray, *, sun: bool) -> Tried:
    days = [day for day in range(len(walk.cuts) - 1) if np.isfinite(_loss(walk, method, day, seen))]
    if not days:
        return Tried(method=method, days=0, mae_w=None, rmse_w=None, covered_pct=None)
    low, mid, high = (
        np.concatenate([_part(walk, method, day, part) for day in days]) for part in ("low", "mid", "high")
    )
    truth = np.concatenate([seen[walk.cuts[day] : walk.cuts[day + 1]] for day in days])
    good = np.isfinite(truth) & np.isfinite(mid)
    counted = good & ((high > LEAST_BAND_W) | (truth > LEAST_BAND_W)) if sun else good
    miss = np.abs(truth - mid)[good]
    covered = None
    if method not in NAIVE_DAYS and counted.any():
        covered = float(np.mean((truth >= low - 1.0) & (truth <= high + 1.0), where=counted))
    return Tried(
        method=method,
        days=len(days),
        mae_w=round(float(miss.mean()), 1),
        rmse_w=round(float(np.sqrt((miss**2).mean())), 1),
        covered_pct=None if covered is None else round(100 * covered, 1),
    )


def _measured(values: FloatArray) -> tuple[float | None, ...]:
    if np.isfinite(values).all():
        return series(values)
    return tuple(None if not np.isfinite(v) else round(float(v), 1) for v in values)
