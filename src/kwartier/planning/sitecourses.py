"""The ways to forecast the house and the sun of a site, each from what was known at one moment. Which of them a plan uses,
the daily scores say (`sitescores`).

Histories are arrays of quarter-hours; what comes at or after the moment must be cut off by the caller, and is not read.
"""

from datetime import tzinfo

import numpy as np

from kwartier.planning.forecast.array import PvArray
from kwartier.planning.forecast.band import Band, FloatArray, ordered
from kwartier.planning.forecast.heard import LEAST_DAYS, Heard, heard
from kwartier.planning.forecast.heat import day_mean, fit_heat
from kwartier.planning.forecast.laying import LoadHistory
from kwartier.planning.forecast.load import edge_load
from kwartier.planning.forecast.pv import PvHistory
from kwartier.planning.forecast.scoring import naive
from kwartier.planning.forecast.sun import Place
from kwartier.planning.forecast.wall import wall_steps
from kwartier.planning.siteproblem import DAY_STEPS, array, series
from kwartier.planning.situation import STEP_S, Course, Situation, Sky

SUN_DAYS = 10
SUN_EDGES = (0.04, 0.96)
"""Of ten days; a new day lies outside of those seen more often than the tenths say."""
NAIVE_DAYS = {"yesterday": 1, "last_week": 7}
SUNS = ("days", "weather", "service", *NAIVE_DAYS)
HOUSES = ("edge", "temperature", "boosted", *NAIVE_DAYS)
TEMPERATURE_DAYS = 14
"""So many days with a foretold temperature before it is asked what the house makes of it."""
_MISS_DAYS = 14
_PARTS = 8
"""Of the day, for the band of a course that has none of its own."""


def course(band: Band) -> Course:
    """As plain values."""
    return Course(low=series(band.low), mid=series(band.mid), high=series(band.high), basis=band.basis)


def heard_of(sky: Sky | None, until_s: int) -> Heard | None:
    """What was foretold, laid on a grid that reaches up to a moment at least; None where nothing was."""
    if sky is None:
        return None
    columns = (
        sky.global_w_per_m2,
        sky.diffuse_w_per_m2,
        sky.cloud_pct,
        sky.temperature_c,
        sky.pv_w,
    )
    light, diffuse, cloud, warmth, service = (array(values) for values in columns)
    steps = max((until_s - sky.start_s) // STEP_S, *(len(values) for values in columns))
    if steps <= 0:
        return None
    return heard(
        start_s=sky.start_s,
        steps=steps,
        native_step_s=sky.native_step_s,
        global_w_m2=light,
        diffuse_w_m2=diffuse,
        cloud_pct=cloud,
        temperature_c=warmth,
        service_w=service,
        panels=tuple(PvArray(p.peak_kw, p.tilt_deg, p.azimuth_deg) for p in sky.planes),
        place=Place(sky.latitude, sky.longitude),
    )


# -- the sun -----------------------------------------------------------------------------------------------


def expected_sun(situation: Situation) -> Course:
    """The sun by the forecast that did best lately. Where it cannot be made the next one is used, and `basis` says which."""
    seen, steps = array(situation.sun_w), situation.steps
    if not np.isfinite(seen).any():
        return _nothing(steps)
    until_s = situation.start_s + steps * STEP_S
    said = heard_of(situation.sky, until_s)
    history = PvHistory(situation.house_start_s, STEP_S, seen)
    chosen = situation.used.get("sun") or untried(situation.sky, seen)
    for method in dict.fromkeys((chosen, *untried_order(chosen))):
        band = sun_by(method, history, said, situation.start_s, steps)
        if band is not None:
            return course(band)
    return _nothing(steps)


def untried(sky: Sky | None, seen: FloatArray) -> str:
    """The way to begin with, before there are scores: the weather where somebody described the panels, or nothing was measured to speak of."""
    few = np.isfinite(seen).sum() < LEAST_DAYS * DAY_STEPS
    if sky is not None and (sky.planes or few):
        return "weather"
    return "days"


def untried_order(chosen: str) -> tuple[str, ...]:
    """What comes next where one way cannot be gone."""
    return ("service", "days") if chosen == "weather" else ("days", "weather", "service")


def sun_by(method: str, seen: PvHistory, said: Heard | None, now_s: int, steps: int) -> Band | None:
    """The sun from `now_s` on by one of `SUNS`; None where it cannot be said that way."""
    known = seen.power_w[: max((now_s - seen.start_s) // STEP_S, 0)]
    if method == "days":
        return as_on_days_before(known, now_s, steps)
    if method in NAIVE_DAYS:
        return as_before(known, now_s, steps, method, least_w=0.0)
    if said is None:
        return None
    band = said.by_weather(seen, now_s, steps) if method == "weather" else said.by_service(seen, now_s, steps)
    return band if band is None or np.isfinite(band.low + band.high).all() else None


def as_on_days_before(seen: FloatArray, now_s: int, steps: int) -> Band | None:
    """Per quarter-hour of the day the mean of the last ten; the band holds eight of ten of them."""
    ahead = np.arange(steps)
    back = np.arange(1, SUN_DAYS + 1)[:, None] * DAY_STEPS - ahead[None, :] % DAY_STEPS
    back = np.where(back <= 0, back + DAY_STEPS, back)
    place = len(seen) - back
    rows = np.where(place >= 0, seen[np.clip(place, 0, None)] if len(seen) else np.nan, np.nan)
    rows = rows[np.isfinite(rows).any(axis=1)]
    if not len(rows):
        return None
    known = np.isfinite(rows)
    usual = np.where(known, rows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, rows, usual[None, :])
    low, high = np.quantile(filled, SUN_EDGES, axis=0)
    mid = np.clip(filled.mean(axis=0), low, high)
    return Band(now_s, STEP_S, low, mid, high, "persistence")


def _nothing(steps: int) -> Course:
    nothing = (0.0,) * steps
    return Course(low=nothing, mid=nothing, high=nothing, basis="none")


# -- the house ---------------------------------------------------------------------------------------------


def by_temperature(
    history: LoadHistory, said: Heard | None, now_s: int, steps: int, zone: tzinfo
) -> Band | None:
    """The load without what it draws for the cold, forecast as ever, and on top of it what the foretold cold will draw. None: the
    temperature is not known for long enough, or not ahead. Rests on the foretold temperature of the past too."""
    if said is None:
        return None
    count = max((now_s - history.start_s) // STEP_S, 0)
    power = history.power_w[:count]
    warmth = said.along(said.temperature_c, history.start_s, count + steps)
    if np.isnan(warmth[count : count + DAY_STEPS]).mean() > 0.5:
        return None
    if np.isfinite(warmth[:count] + power).sum() < TEMPERATURE_DAYS * DAY_STEPS:
        return None
    warmth = _carried(warmth)
    cold_w = _cold(LoadHistory(history.start_s, STEP_S, power, warmth[:count]), warmth, now_s, zone)
    rest = LoadHistory(history.start_s, STEP_S, power - cold_w[:count])
    band = edge_load(rest, now_s=now_s, steps=steps, zone=zone)
    ahead = cold_w[count:]
    if np.isnan(ahead).any():
        return None
    floor = float(np.nanmin(power))
    mid, low, high = (np.maximum(part + ahead, floor) for part in (band.mid, band.low, band.high))
    return ordered(band.start_s, STEP_S, low, mid, high, "temperature")


def _cold(history: LoadHistory, warmth: FloatArray, now_s: int, zone: tzinfo) -> FloatArray:
    """What the cold draws, W >= 0, over past and coming steps; NaN where the temperature is not known."""
    model = fit_heat(history, now_s=now_s, zone=zone)
    wall = wall_steps(history.start_s, STEP_S, len(warmth), zone)
    hour = np.asarray((wall % DAY_STEPS + 0.5) * (24 / DAY_STEPS), dtype=np.float64)
    mean = day_mean(warmth, DAY_STEPS)
    warm = np.full(len(warmth), model.limit_c)
    result: FloatArray = np.maximum(model.course(hour, warmth, mean) - model.course(hour, warm, warm), 0.0)
    return result


def _carried(values: FloatArray) -> FloatArray:
    """The end, where a forecast is shorter than the plan, as the day before it."""
    out = values.copy()
    for i in np.flatnonzero(np.isnan(out)):
        if i >= DAY_STEPS:
            out[i] = out[i - DAY_STEPS]
    return out


# -- both --------------------------------------------------------------------------------------------------


def as_before(
    seen: FloatArray, now_s: int, steps: int, method: str, *, least_w: float | None = None
) -> Band | None:
    """As yesterday, or as a week ago, in a band of what that missed by in the last fortnight. None: it is not known."""
    days = NAIVE_DAYS[method]
    mid = naive(seen, steps, days, DAY_STEPS)
    if not len(mid) or np.isnan(mid).mean() > 0.5:
        return None
    mid = np.where(np.isnan(mid), np.nanmean(mid), mid)
    slot = (now_s // STEP_S + np.arange(steps)) % DAY_STEPS * _PARTS // DAY_STEPS
    lately = np.arange(max(days * DAY_STEPS, len(seen) - _MISS_DAYS * DAY_STEPS), len(seen))
    miss = seen[lately] - seen[lately - days * DAY_STEPS]
    when = (now_s // STEP_S - (len(seen) - lately)) % DAY_STEPS * _PARTS // DAY_STEPS
    low, high = mid.copy(), mid.copy()
    for part in range(_PARTS):
        known = miss[(when == part) & np.isfinite(miss)]
        if len(known):
            below, above = np.quantile(known, (0.1, 0.9))
            low[slot == part] += min(below, 0.0)
            high[slot == part] += max(above, 0.0)
    if least_w is not None:
        low, mid, high = (np.maximum(part_w, least_w) for part_w in (low, mid, high))
    return ordered(now_s, STEP_S, low, mid, high, method)
