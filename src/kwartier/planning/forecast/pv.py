"""Solar power: weather and roof, corrected by what the site itself measured, with a band of its own misses."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.forecast.array import PvArray, Weather, modelled_pv
from kwartier.planning.forecast.band import Band, FloatArray, ordered
from kwartier.planning.forecast.correction import LATELY_H, Correction, fade, lately, learn_correction
from kwartier.planning.forecast.sun import Place
from kwartier.planning.forecast.wall import DAY_S

_LOW, _HIGH = 0.4, 1.35
"""The band before anything is learnt, as parts of the forecast: single roofs under a public day-ahead forecast."""
_NEW_DAYS = 5
_USUAL_SHARE = 0.6
"""Of a clear sky's energy about so much arrives in the Low Countries, over a year."""


@dataclass(frozen=True)
class PvHistory:
    """What the panels could give (measured, where they were not curtailed; else NaN), W >= 0, and what was forecast."""

    start_s: int
    """UTC, a multiple of `step_s`."""
    step_s: int
    power_w: FloatArray
    forecast_w: FloatArray | None = None
    """What `modelled_pv` said the day before, from the weather as it was forecast then, same shape; None: not kept."""


def fit_pv(
    arrays: tuple[PvArray, ...], weather: Weather | None, history: PvHistory, *, now_s: int, place: Place
) -> Correction:
    """Nightly: learn how the measured power differs from what was forecast, from rows before `now_s` only."""
    past = _past(history, now_s - now_s % history.step_s)
    if past is None:
        return learn_correction(0, history.step_s, np.zeros(0), np.zeros(0))
    return learn_correction(past.start_s, past.step_s, _told(past, weather, arrays, place), past.power_w)


def forecast_pv(
    arrays: tuple[PvArray, ...],
    weather: Weather | None,
    history: PvHistory | None,
    now_s: int,
    steps: int,
    *,
    place: Place,
    step_s: int = 900,
    learnt: Correction | None = None,
) -> Band:
    """What the panels could give in the coming `steps`, W >= 0, from the step that runs at `now_s`.

    `weather` may be absent or end early: a clear sky, less what the site's usual clouds take, stands in for the rest,
    and `basis` says so. Without `learnt` the correction is fitted here. Nothing of the history at or after `now_s` is
    read. Raises `ValueError` when the history is in other steps.
    """
    if history is not None and (history.step_s != step_s or history.start_s % step_s):
        raise ValueError(
            f"the history must be in steps of {step_s} s, starting at a multiple: average it first"
        )
    start_s = now_s - now_s % step_s
    ahead = _modelled(arrays, weather, place, start_s, step_s, steps)
    clear = modelled_pv(arrays, None, place, start_s=start_s, step_s=step_s, steps=steps)
    if np.isnan(ahead).mean() > 0.5:
        weather = None
    past = _past(history, start_s)
    told = _told(past, weather, arrays, place)
    if weather is None:
        ahead = clear
    basis = "clear_sky" if weather is None else "weather"
    if learnt is None and past is not None:
        learnt = learn_correction(past.start_s, step_s, told, past.power_w)
    ahead = np.where(np.isnan(ahead), clear * _share(ahead, clear), ahead)
    return _banded(ahead, past, told, learnt, start_s, step_s, basis)


def forecast_told(
    ahead_w: FloatArray, clear_w: FloatArray, past: PvHistory | None, start_s: int, *, basis: str
) -> Band:
    """As `forecast_pv`, of what somebody reckoned that the panels will give: `ahead_w` from `start_s` on, NaN where nothing was
    said (a clear sky of `clear_w` at the usual share stands in), and the same of the past in `past.forecast_w`. What of the past
    lies at or after `start_s` must not be in it."""
    step_s = 900 if past is None else past.step_s
    told, learnt = np.zeros(0), None
    if past is not None and past.forecast_w is not None:
        past = _past(past, start_s)
    if past is not None and past.forecast_w is not None:
        told = past.forecast_w
        learnt = learn_correction(past.start_s, step_s, told, past.power_w)
    filled = np.where(np.isnan(ahead_w), clear_w * _share(ahead_w, clear_w), ahead_w)
    return _banded(filled, past, told, learnt, start_s, step_s, basis)


def _banded(
    ahead: FloatArray,
    past: PvHistory | None,
    told: FloatArray,
    learnt: Correction | None,
    start_s: int,
    step_s: int,
    basis: str,
) -> Band:
    per_day = DAY_S // step_s
    slot = (start_s // step_s + np.arange(len(ahead))) % per_day
    if learnt is None or learnt.days < _NEW_DAYS or past is None:
        if basis == "clear_sky":
            return ordered(start_s, step_s, ahead * 0.1, ahead * _USUAL_SHARE, ahead, basis)
        return ordered(start_s, step_s, ahead * _LOW, ahead, ahead * _HIGH, basis)
    mid = learnt.apply(ahead, slot)
    width = int(LATELY_H * per_day / 24)
    tail = np.arange(len(told) - min(width, len(told)), len(told))
    said = learnt.apply(told[tail], (past.start_s // step_s + tail) % per_day)
    top = float(
        np.nanmax(np.concatenate([mid, said, [1e-9]]))
    )  # the day's best, against which an hour at dawn is small
    ratio = float(
        lately(np.concatenate([[top], said]), np.concatenate([[np.nan], past.power_w[tail]]), per_day)[-1]
    )
    horizon_h = np.asarray((np.arange(len(mid)) + 0.5) * (24 / per_day), dtype=np.float64)
    mid = mid * (1 + (ratio - 1) * fade(horizon_h))
    low, high = learnt.edges.around(mid, slot, np.arange(len(mid)))
    dark = ahead <= 0
    low, mid, high = (np.where(dark, 0.0, np.maximum(course, 0.0)) for course in (low, mid, high))
    ceiling = max(float(np.nanmax(np.append(past.power_w, 0.0))), float(mid.max(initial=0.0)))
    return ordered(start_s, step_s, low, mid, np.minimum(high, ceiling * 1.02), basis)


def _modelled(
    arrays: tuple[PvArray, ...], weather: Weather | None, place: Place, start_s: int, step_s: int, steps: int
) -> FloatArray:
    if weather is None:
        return np.full(steps, np.nan)
    return modelled_pv(arrays, weather, place, start_s=start_s, step_s=step_s, steps=steps)


def _past(history: PvHistory | None, start_s: int) -> PvHistory | None:
    """What of the history lies before the running step; None where there is none."""
    if history is None:
        return None
    whole = (start_s - history.start_s) // history.step_s
    if whole <= 0 or not len(history.power_w):
        return None
    told = history.forecast_w
    power = np.where(np.isfinite(history.power_w[:whole]), history.power_w[:whole], np.nan)
    gap = max(whole - len(power), 0)
    power = np.concatenate([np.maximum(power, 0.0), np.full(gap, np.nan)])
    told = None if told is None else np.concatenate([told[:whole], np.full(gap, np.nan)])
    return PvHistory(history.start_s, history.step_s, power, told)


def _told(
    past: PvHistory | None, weather: Weather | None, arrays: tuple[PvArray, ...], place: Place
) -> FloatArray:
    """What was forecast for the past: as kept, else from what the weather says of it, else a clear sky."""
    if past is None:
        return np.zeros(0)
    steps = len(past.power_w)
    if weather is not None and past.forecast_w is not None:
        return past.forecast_w
    return modelled_pv(arrays, weather, place, start_s=past.start_s, step_s=past.step_s, steps=steps)


def _share(ahead: FloatArray, clear: FloatArray) -> float:
    """What part of a clear sky's power the weather leaves, where it says something; six tenths where it does not."""
    known = ~np.isnan(ahead) & (clear > 0)
    return float(ahead[known].sum() / clear[known].sum()) if known.any() else _USUAL_SHARE
