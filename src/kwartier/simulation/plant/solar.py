"""A photovoltaic system: where the sun stands, what the sky lets through, what the inverter gives."""

from collections.abc import Sequence
from math import acos, asin, cos, exp, pi, radians, sin
from random import Random

J2000_S = 946728000.0
"""2000-01-01T12:00:00Z in UTC seconds."""


def sun(utc_s: float, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """Elevation and azimuth (from south, west positive) in radians.

    Low-precision formulas of the Astronomical Almanac, good to 0.01 degrees this century.
    """
    days = (utc_s - J2000_S) / 86400.0
    anomaly = radians(357.528 + 0.9856003 * days)
    ecliptic = radians(280.460 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    obliquity = radians(23.439 - 0.0000004 * days)
    declination = asin(sin(obliquity) * sin(ecliptic))
    # right ascension with its quadrant, out of the cosine of the declination
    cosine = cos(ecliptic) / cos(declination)
    ascension = acos(max(-1.0, min(1.0, cosine)))
    if sin(ecliptic) < 0:
        ascension = 2 * pi - ascension
    sidereal = radians(280.46062 + 360.985647 * days + longitude_deg)
    hour = sidereal - ascension
    lat = radians(latitude_deg)
    elevation = asin(sin(lat) * sin(declination) + cos(lat) * cos(declination) * cos(hour))
    east_west = -sin(hour) * cos(declination)
    south = sin(lat) * cos(declination) * cos(hour) - cos(lat) * sin(declination)
    azimuth = acos(max(-1.0, min(1.0, south / max(1e-9, (east_west**2 + south**2) ** 0.5))))
    return elevation, azimuth if east_west <= 0 else -azimuth


class Photovoltaics:
    """Modules behind one inverter. `power_w` per phase is negative: it flows out (DESIGN section 4)."""

    def __init__(
        self,
        dice: Random,
        *,
        peak_w: float,
        inverter_w: float,
        phases: Sequence[int],
        latitude_deg: float,
        longitude_deg: float,
        tilt_deg: float = 35.0,
        azimuth_deg: float = 0.0,
        cloudiness: float = 0.5,
    ) -> None:
        self._dice = dice
        self._peak_w = peak_w
        self._inverter_w = inverter_w
        self._phases = tuple(phases)
        self._place = (latitude_deg, longitude_deg)
        self._tilt = radians(tilt_deg)
        self._azimuth = radians(azimuth_deg)
        self._cloudiness = cloudiness
        self._beam = self._diffuse = 0.0
        self._computed_s = float("-inf")
        self._shade = 1.0
        self._shade_goal = 1.0
        self._goal_until_s = float("-inf")
        self.power_w = [0.0, 0.0, 0.0]

    def tick(self, now_s: float, dt_s: float) -> None:
        """Let the sun and the clouds move to `now_s` (UTC)."""
        if now_s - self._computed_s >= 60.0:
            self._computed_s = now_s
            self._clear_sky(now_s)
        if now_s >= self._goal_until_s:
            self._next_cloud(now_s)
        self._shade += (self._shade_goal - self._shade) * min(1.0, dt_s / 8.0)
        raw_w = self._peak_w * 0.9 * (self._beam * self._shade + self._diffuse * (0.4 + 0.6 * self._shade))
        each_w = -min(self._inverter_w, raw_w) / len(self._phases)
        for phase in self._phases:
            self.power_w[phase - 1] = each_w if raw_w > 5.0 else 0.0

    def _clear_sky(self, now_s: float) -> None:
        elevation, azimuth = sun(now_s, *self._place)
        height = sin(elevation)
        if height <= 0.0:
            self._beam = self._diffuse = 0.0
            return
        # direct normal 1 kW/m2-relative by air mass; diffuse a tenth of it plus a little at low sun
        direct = 1.05 * exp(-0.13 / max(height, 0.02))
        incidence = height * cos(self._tilt) + cos(elevation) * sin(self._tilt) * cos(azimuth - self._azimuth)
        self._beam = direct * max(0.0, incidence)
        self._diffuse = 0.12 * height**0.5

    def _next_cloud(self, now_s: float) -> None:
        cloudy = self._dice.random() < self._cloudiness
        self._shade_goal = self._dice.uniform(0.1, 0.6) if cloudy else self._dice.uniform(0.9, 1.0)
        self._goal_until_s = now_s + self._dice.uniform(20.0, 240.0)
