"""Where the sun stands, what a cloudless sky sends, and what falls on a tilted plane. Arrays of shape (n,) throughout.

Angles in degrees; azimuth from north over east. Sources: Meeus, Astronomical Algorithms (chapter 25, low accuracy,
0.01 degree); Ineichen and Perez 2002 (clear sky); Kasten and Young 1989 (air mass); Erbs 1982 (share of diffuse light);
Hay and Davies 1980 (diffuse light on a plane). The tests compare each with pvlib.
"""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.forecast.band import FloatArray

SOLAR_CONSTANT_W_M2 = 1366.1
_J2000_S = 946_728_000.0
"""2000-01-01T12:00:00Z."""
_DELTA_T_S = 69.0
"""How far the earth's turning lags behind even time in the twenties of this century."""
_ALBEDO = 0.2
_TURBIDITY = 3.0
"""Linke turbidity of a clear sky in the Low Countries, between winter (2.5) and summer (4)."""


@dataclass(frozen=True)
class Place:
    """Where a site stands."""

    latitude: float
    longitude: float
    altitude_m: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is nowhere."""
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(
                f"no place on earth has latitude {self.latitude} and longitude {self.longitude}: "
                "give degrees, north and east positive"
            )


@dataclass(frozen=True)
class Sun:
    """Directions towards the sun, degrees, without refraction."""

    zenith: FloatArray
    azimuth: FloatArray
    distance_au: FloatArray

    @property
    def extra_w_m2(self) -> FloatArray:
        """Irradiance outside the atmosphere, square to the sun."""
        result: FloatArray = SOLAR_CONSTANT_W_M2 / self.distance_au**2
        return result


@dataclass(frozen=True)
class Light:
    """Irradiance, W/m2."""

    global_w_m2: FloatArray
    """On the level ground."""
    beam_w_m2: FloatArray
    """Straight from the sun, square to it."""
    diffuse_w_m2: FloatArray
    """From the rest of the sky, on the level ground."""


def sun_at(utc_s: FloatArray, place: Place) -> Sun:
    """The sun at moments in UTC seconds."""
    days = (utc_s - _J2000_S) / 86_400
    t = (days + _DELTA_T_S / 86_400) / 36_525
    mean_longitude = 280.46646 + t * (36_000.76983 + t * 0.0003032)
    anomaly = np.radians(357.52911 + t * (35_999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        np.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + np.sin(3 * anomaly) * 0.000289
    )
    distance = 1.000001018 * (1 - eccentricity**2) / (1 + eccentricity * np.cos(anomaly + np.radians(centre)))
    node = np.radians(125.04 - 1934.136 * t)
    longitude = np.radians(mean_longitude + centre - 0.00569 - 0.00478 * np.sin(node))
    tilt = np.radians(23.439291 - t * (0.0130042 + 0.00000016 * t) + 0.00256 * np.cos(node))
    right_ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(tilt) * np.sin(longitude))
    sidereal = np.radians(280.46061837 + 360.98564736629 * days) - 0.0000834 * np.sin(node) * np.cos(tilt)
    hour_angle = sidereal + np.radians(place.longitude) - right_ascension
    latitude = np.radians(place.latitude)
    height = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(
        hour_angle
    )
    azimuth = np.arctan2(
        np.sin(hour_angle), np.cos(hour_angle) * np.sin(latitude) - np.tan(declination) * np.cos(latitude)
    )
    return Sun(np.degrees(np.arccos(np.clip(height, -1, 1))), (np.degrees(azimuth) + 180) % 360, distance)


def air_mass(zenith: FloatArray) -> FloatArray:
    """How much air the light passes, in units of straight up; that of the horizon below it."""
    low = np.minimum(zenith, 90.0)
    result: FloatArray = 1.0 / (np.cos(np.radians(low)) + 0.50572 * (96.07995 - low) ** -1.6364)
    return result


def clear_sky(sun: Sun, altitude_m: float = 0.0, turbidity: float = _TURBIDITY) -> Light:
    """What a cloudless sky sends; nothing while the sun is down."""
    up = np.maximum(np.cos(np.radians(sun.zenith)), 0.0)
    mass = air_mass(sun.zenith) * np.exp(-altitude_m / 8434.5)
    fh1, fh2 = np.exp(-altitude_m / 8000.0), np.exp(-altitude_m / 1250.0)
    cg1, cg2 = 5.09e-5 * altitude_m + 0.868, 3.92e-5 * altitude_m + 0.0387
    extra = sun.extra_w_m2
    total = cg1 * extra * up * np.exp(-cg2 * mass * (fh1 + fh2 * (turbidity - 1))) * np.exp(0.01 * mass**1.8)
    total = np.where(up > 0, np.maximum(total, 0.0), 0.0)
    beam = (0.664 + 0.163 / fh1) * extra * np.exp(-0.09 * mass * (turbidity - 1))
    share = (1 - (0.1 - 0.2 * np.exp(-turbidity)) / (0.1 + 0.882 / fh1)) / np.maximum(up, 1e-9)
    beam = np.where(up > 0, np.minimum(beam, np.clip(total * share, 0.0, 1e20)), 0.0)
    return Light(total, beam, total - beam * up)


def split(global_w_m2: FloatArray, sun: Sun) -> Light:
    """Beam and diffuse light out of their sum, by how clear the sky must have been."""
    up = np.maximum(np.cos(np.radians(sun.zenith)), np.cos(np.radians(87.0)))
    clear = np.clip(global_w_m2 / (sun.extra_w_m2 * up), 0.0, 1.0)
    share = np.where(
        clear <= 0.22,
        1 - 0.09 * clear,
        0.9511 - 0.1604 * clear + 4.388 * clear**2 - 16.638 * clear**3 + 12.336 * clear**4,
    )
    share = np.where(clear > 0.8, 0.165, share)
    diffuse = share * global_w_m2
    lit = (sun.zenith < 87.0) & (global_w_m2 > 0)
    return Light(
        global_w_m2, np.where(lit, (global_w_m2 - diffuse) / up, 0.0), np.where(lit, diffuse, global_w_m2)
    )


def on_plane(light: Light, sun: Sun, tilt: float, azimuth: float) -> FloatArray:
    """What falls on a plane, W/m2: beam, sky (brighter around the sun) and ground."""
    steep = np.radians(tilt)
    cos_zenith = np.cos(np.radians(sun.zenith))
    facing = cos_zenith * np.cos(steep) + np.sin(np.radians(sun.zenith)) * np.sin(steep) * np.cos(
        np.radians(sun.azimuth - azimuth)
    )
    facing = np.maximum(facing, 0.0)
    ratio = facing / np.maximum(cos_zenith, 0.01745)
    around_sun = light.beam_w_m2 / sun.extra_w_m2
    sky = light.diffuse_w_m2 * (around_sun * ratio + (1 - around_sun) * (1 + np.cos(steep)) / 2)
    ground = light.global_w_m2 * _ALBEDO * (1 - np.cos(steep)) / 2
    result: FloatArray = light.beam_w_m2 * facing + np.maximum(sky, 0.0) + ground
    return result
