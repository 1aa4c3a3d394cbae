"""Weather forecasts and ready-made solar estimates in the vocabulary, by quarter-hours in UTC.

What is not known is None. Radiation is the mean over the quarter-hour, temperature, cloud and wind too.
"""

from dataclasses import dataclass

from kwartier.site.intervals import QUARTER_S
from kwartier.site.prices import MarketFault

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherSeries:
    """A forecast for one place. All series have the same length; empty: the source does not give that quantity."""

    start_s: int
    """UTC; a multiple of 900."""
    source: str
    fetched_at_s: float
    native_step_s: int
    """900 where the source gave quarter-hours, 3600 where an hour's mean was spread over four."""
    temperature_c: Values = ()
    global_w_per_m2: Values = ()
    """On the horizontal: shortwave radiation, direct and diffuse together."""
    direct_w_per_m2: Values = ()
    """Direct radiation on the horizontal."""
    diffuse_w_per_m2: Values = ()
    cloud_pct: Values = ()
    wind_m_per_s: Values = ()
    """At 10 m."""
    faults: tuple[MarketFault, ...] = ()

    @property
    def steps(self) -> int:
        """How many quarter-hours it covers."""
        return max(len(getattr(self, name)) for name in QUANTITIES)

    @property
    def end_s(self) -> int:
        """Where the last step ends."""
        return self.start_s + QUARTER_S * self.steps


QUANTITIES = (
    "temperature_c",
    "global_w_per_m2",
    "direct_w_per_m2",
    "diffuse_w_per_m2",
    "cloud_pct",
    "wind_m_per_s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarEstimate:
    """What a service reckons that panels will give, as the mean of each quarter-hour."""

    start_s: int
    """UTC; a multiple of 900."""
    pv_w: Values
    """Available power, >= 0 (as in a planning problem)."""
    source: str
    fetched_at_s: float
    native_step_s: int = 3600
    faults: tuple[MarketFault, ...] = ()

    @property
    def end_s(self) -> int:
        """Where the last step ends."""
        return self.start_s + QUARTER_S * len(self.pv_w)
