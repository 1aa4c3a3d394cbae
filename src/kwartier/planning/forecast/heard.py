"""What services said of sun and warmth, laid beside what the panels gave, so that it can be asked for any moment of the past.

Of each day it holds what was said before that day began (`site.foretold`), so a forecast made anew for a past midnight
rests on nothing that was not known then, as long as only the measurements before it are read. Panels that nobody described
are found from what they gave: non-negative shares of six planes.
"""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.forecast.array import PvArray, Weather, modelled_each
from kwartier.planning.forecast.band import Band, FloatArray
from kwartier.planning.forecast.pv import PvHistory, forecast_told
from kwartier.planning.forecast.sun import Place, clear_sky, sun_at

PLANES = ((0.0, 180.0), (40.0, 90.0), (40.0, 135.0), (40.0, 180.0), (40.0, 225.0), (40.0, 270.0))
"""Tilt and azimuth of the planes of which an unknown roof is composed: flat, and steep from east over south to west."""
LEAST_DAYS = 5
"""So many days with a forecast and a measurement before an unknown roof can be told, and before a service is believed."""
_BRIGHT_W_PER_KWP = 20.0
_ROUNDS = 300
_STILL = 1e-4
_TIE = 0.02
"""Draws the shares of an unknown roof together where the sky does not tell them apart."""


@dataclass(frozen=True)
class Heard:
    """Series per step of one grid, NaN where nothing was said. Arrays of shape (steps,), or (planes, steps)."""

    start_s: int
    step_s: int
    plane_w: FloatArray
    """What a kWp on each plane gives under the sky that was foretold."""
    clear_w: FloatArray
    """The same under a clear sky."""
    kwp: FloatArray | None
    """How much there is of each plane; None: to be found from what they gave."""
    service_w: FloatArray
    """What a service reckoned that the panels will give."""
    temperature_c: FloatArray

    def place(self, utc_s: int) -> int:
        """The step that begins at a moment; may lie outside."""
        return (utc_s - self.start_s) // self.step_s

    def along(self, values: FloatArray, from_s: int, steps: int) -> FloatArray:
        """A series of the grid over other steps; NaN outside."""
        out = np.full(steps, np.nan)
        first = self.place(from_s)
        low, high = max(first, 0), min(first + steps, len(values))
        if low < high:
            out[low - first : high - first] = values[low:high]
        return out

    def until(self, utc_s: int) -> "Heard":
        """Without what was foretold for later."""
        cut = slice(0, max(self.place(utc_s), 0))
        return Heard(
            self.start_s,
            self.step_s,
            self.plane_w[:, cut],
            self.clear_w[:, cut],
            self.kwp,
            self.service_w[cut],
            self.temperature_c[cut],
        )

    def by_weather(self, seen: PvHistory, now_s: int, steps: int) -> Band | None:
        """The sun from the weather. None: too little of the coming day is foretold, or nobody knows the panels yet. Reads nothing of
        `seen` at or after `now_s`."""
        kwp = self.kwp if self.kwp is not None else self._found(seen, now_s)
        if kwp is None or not kwp.sum() > 0:
            return None
        return self._forecast(kwp @ self.plane_w, kwp @ self.clear_w, seen, now_s, steps, "weather")

    def by_service(self, seen: PvHistory, now_s: int, steps: int) -> Band | None:
        """The sun as a service reckons it, corrected by what was measured. None as above."""
        known = np.isfinite(self.service_w)
        if not known.any():
            return None
        clear = (np.ones(len(PLANES)) @ self.clear_w) if self.kwp is None else self.kwp @ self.clear_w
        scale = np.nansum(self.service_w) / max(float(clear[known].sum()), 1e-9)
        return self._forecast(self.service_w, clear * scale, seen, now_s, steps, "service")

    def _forecast(
        self, told: FloatArray, clear: FloatArray, seen: PvHistory, now_s: int, steps: int, basis: str
    ) -> Band | None:
        first_s = now_s - now_s % self.step_s
        ahead = self.along(told, first_s, steps)
        day = ahead[: 86_400 // self.step_s]
        if np.isnan(day).mean() > 0.5:
            return None
        before = max((first_s - seen.start_s) // self.step_s, 0)
        past = PvHistory(
            seen.start_s,
            self.step_s,
            seen.power_w[:before],
            self.along(told, seen.start_s, before),
        )
        return forecast_told(
            ahead, self.along(clear, first_s, steps), past if before else None, first_s, basis=basis
        )

    def _found(self, seen: PvHistory, now_s: int) -> FloatArray | None:
        """How many kWp lie on each plane, by what was measured under the foretold sky; None: too few days."""
        count = int(np.clip((now_s - seen.start_s) // self.step_s, 0, len(seen.power_w)))
        power = seen.power_w[:count]
        planes = np.stack([self.along(each, seen.start_s, count) for each in self.plane_w])
        good = np.isfinite(power) & np.isfinite(planes).all(axis=0)
        good &= np.nan_to_num(planes).max(axis=0, initial=0.0) > _BRIGHT_W_PER_KWP
        days = len(np.unique((seen.start_s + np.flatnonzero(good) * self.step_s) // 86_400))
        if days < LEAST_DAYS:
            return None
        return shares(planes[:, good], np.maximum(power[good], 0.0))


def heard(
    *,
    start_s: int,
    steps: int,
    native_step_s: int,
    global_w_m2: FloatArray,
    diffuse_w_m2: FloatArray,
    cloud_pct: FloatArray,
    temperature_c: FloatArray,
    service_w: FloatArray,
    panels: tuple[PvArray, ...],
    place: Place,
    step_s: int = 900,
) -> Heard:
    """Lay what was foretold on a grid. Series begin at `start_s`, in steps of `step_s`, and may be shorter than `steps` or empty."""
    wide = [_wide(v, steps) for v in (global_w_m2, diffuse_w_m2, cloud_pct, temperature_c, service_w)]
    light, diffuse, cloud, warmth, service = wide
    light = np.where(np.isfinite(light), light, _through_clouds(cloud, start_s, step_s, place))
    split = bool((np.isfinite(light) & ~np.isfinite(diffuse)).any())
    weather = _weather(start_s, step_s, native_step_s, light, None if split else diffuse, warmth)
    arrays = panels or tuple(PvArray(1.0, tilt, azimuth, loss=0.0) for tilt, azimuth in PLANES)
    each, clear = (
        modelled_each(arrays, sky, place, start_s=start_s, step_s=step_s, steps=steps)
        for sky in (weather, None)
    )
    return Heard(start_s, step_s, each, clear, np.ones(len(panels)) if panels else None, service, warmth)


def shares(planes_w: FloatArray, power_w: FloatArray) -> FloatArray:
    """How much of each plane (planes, n) makes up a power (n,), never less than nothing: least squares, one plane after the
    other until nothing moves."""
    gram, moment = planes_w @ planes_w.T, planes_w @ power_w
    gram = gram + _TIE * float(np.trace(gram)) / len(gram) * np.eye(len(gram))
    found = np.zeros(len(gram))
    for _ in range(_ROUNDS):
        before = found.copy()
        for i in range(len(gram)):
            found[i] = max(found[i] + (moment[i] - gram[i] @ found) / gram[i, i], 0.0)
        if np.abs(found - before).max() <= _STILL * max(float(found.max()), _STILL):
            break
    return found


def _wide(values: FloatArray, steps: int) -> FloatArray:
    out = np.full(steps, np.nan)
    out[: min(len(values), steps)] = values[:steps]
    return out


def _through_clouds(cloud_pct: FloatArray, start_s: int, step_s: int, place: Place) -> FloatArray:
    """Global radiation where only clouds were foretold (Kasten and Czeplak 1980); NaN where not even those."""
    times = np.asarray(start_s + (np.arange(len(cloud_pct)) + 0.5) * step_s, dtype=np.float64)
    clear = clear_sky(sun_at(times, place), place.altitude_m).global_w_m2
    result: FloatArray = clear * (1 - 0.75 * np.clip(cloud_pct / 100, 0, 1) ** 3.4)
    return result


def _weather(
    start_s: int,
    step_s: int,
    native_step_s: int,
    light: FloatArray,
    diffuse: FloatArray | None,
    warmth: FloatArray,
) -> Weather:
    """As hours again where an hour's mean was only spread over its quarters: the sun's course within it is known better."""
    times = native_step_s // step_s
    if times <= 1 or start_s % native_step_s:
        return Weather(start_s, step_s, light, diffuse_w_m2=diffuse, temperature_c=warmth)
    whole = len(light) // times * times

    def means(values: FloatArray) -> FloatArray:
        result: FloatArray = values[:whole].reshape(-1, times).mean(axis=1)
        return result

    return Weather(
        start_s,
        native_step_s,
        means(light),
        diffuse_w_m2=None if diffuse is None else means(diffuse),
        temperature_c=means(warmth),
    )
