"""What panels make of light: power of arrays from weather, before anything is learnt of the site."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.sun import Light, Place, clear_sky, on_plane, split, sun_at

_ROSS_C_PER_W_M2 = 0.03
"""How much warmer than the air the cells get, for panels on a roof (Ross 1976: 0.02 to 0.04)."""
_PER_C = -0.0037
_TEST_C = 25.0
_USUAL_C = 12.0
_FINE_S = 300
"""Light is computed at moments this far apart, so that sunrise is not lost inside a step."""


@dataclass(frozen=True)
class PvArray:
    """Panels in one plane."""

    kwp: float
    tilt: float = 35.0
    """Degrees; 0 lies flat, 90 stands upright."""
    azimuth: float = 180.0
    """Degrees from north over east; 180 looks south."""
    loss: float = 0.12
    """Share that is lost in cables, inverter, dirt and mismatch."""
    inverter_w: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no roof."""
        if not self.kwp >= 0 or not 0 <= self.tilt <= 90 or not 0 <= self.loss < 1:
            raise ValueError(
                f"an array of {self.kwp} kWp at {self.tilt} degrees with a loss of {self.loss} cannot be: "
                "kwp >= 0, tilt 0 to 90, loss a share below 1"
            )


@dataclass(frozen=True)
class Weather:
    """A weather forecast: means over steps, NaN where it says nothing. May reach into the past."""

    start_s: int
    step_s: int
    global_w_m2: FloatArray
    beam_w_m2: FloatArray | None = None
    """Square to the sun; None: split out of the whole."""
    diffuse_w_m2: FloatArray | None = None
    temperature_c: FloatArray | None = None


def modelled_pv(
    arrays: tuple[PvArray, ...],
    weather: Weather | None,
    place: Place,
    *,
    start_s: int,
    step_s: int,
    steps: int,
) -> FloatArray:
    """Power of all arrays, W >= 0, shape (steps,); NaN where the weather says nothing. Without weather: a clear sky."""
    each = modelled_each(arrays, weather, place, start_s=start_s, step_s=step_s, steps=steps)
    result: FloatArray = each.sum(axis=0)
    return result


def modelled_each(
    arrays: tuple[PvArray, ...],
    weather: Weather | None,
    place: Place,
    *,
    start_s: int,
    step_s: int,
    steps: int,
) -> FloatArray:
    """The same for each array, shape (arrays, steps)."""
    fine = max(1, step_s // _FINE_S)
    times = np.asarray(start_s + (np.arange(steps * fine) + 0.5) * (step_s / fine), dtype=np.float64)
    sun = sun_at(times, place)
    clear = clear_sky(sun, place.altitude_m)
    light, warmth = clear, np.full(len(times), _USUAL_C)
    if weather is not None:
        light, warmth = _light(weather, times, place, clear)
    found = np.zeros((len(arrays), steps))
    for i, array in enumerate(arrays):
        plane = on_plane(light, sun, array.tilt, array.azimuth)
        cells = 1 + _PER_C * (warmth + _ROSS_C_PER_W_M2 * plane - _TEST_C)
        power = array.kwp * plane * cells * (1 - array.loss)
        power = np.maximum(power if array.inverter_w is None else np.minimum(power, array.inverter_w), 0.0)
        found[i] = power.reshape(steps, fine).mean(axis=1)
    return found


def _light(weather: Weather, times: FloatArray, place: Place, clear: Light) -> tuple[Light, FloatArray]:
    """The light at moments, so that each mean of the weather is kept: within an hour it follows the clear sky."""
    index = np.floor((times - weather.start_s) / weather.step_s).astype(np.int64)
    inside = (index >= 0) & (index < len(weather.global_w_m2))
    index = np.clip(index, 0, max(len(weather.global_w_m2) - 1, 0))

    def at(values: FloatArray | None, usual: float) -> FloatArray:
        if values is None or not len(values):
            return np.full(len(times), usual)
        return np.where(inside, values[index], np.nan)

    bright = _shape(clear.global_w_m2, times, weather, place)
    level = np.maximum(at(weather.global_w_m2, np.nan), 0.0) * bright
    warmth = at(weather.temperature_c, _USUAL_C)
    warmth = np.where(np.isnan(warmth), _USUAL_C, warmth)
    sun = sun_at(times, place)
    if weather.diffuse_w_m2 is None:
        return split(level, sun), warmth
    diffuse = np.minimum(np.maximum(at(weather.diffuse_w_m2, np.nan), 0.0) * bright, level)
    if weather.beam_w_m2 is not None:
        beam = np.maximum(at(weather.beam_w_m2, np.nan), 0.0)
    else:
        up = np.cos(np.radians(sun.zenith))
        beam = np.where(up > 0.05, (level - diffuse) / np.maximum(up, 0.05), 0.0)
    return Light(level, np.where(sun.zenith < 90, beam, 0.0), diffuse), warmth


def _shape(clear: FloatArray, times: FloatArray, weather: Weather, place: Place) -> FloatArray:
    """How a clear sky at each moment compares with its own mean over the weather's step, at most fourfold."""
    grid = np.arange(_FINE_S / 2, weather.step_s, _FINE_S)
    first = np.floor((times - weather.start_s) / weather.step_s).astype(np.int64)
    steps, inverse = np.unique(first, return_inverse=True)
    moments = (weather.start_s + steps[:, None] * weather.step_s + grid[None, :]).ravel()
    mean = (
        clear_sky(sun_at(moments, place), place.altitude_m).global_w_m2.reshape(len(steps), -1).mean(axis=1)
    )
    ratio = clear / np.maximum(mean[inverse], 1.0)
    return np.where(mean[inverse] > 1.0, np.minimum(ratio, 4.0), 0.0)
