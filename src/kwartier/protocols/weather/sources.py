"""A forecast as a site is set up for it, and how its answer is read."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.protocols.requests import Request
from kwartier.protocols.weather import forecast_solar, openmeteo
from kwartier.site.weather import SolarEstimate, WeatherSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSource:
    """One forecast: the weather, or what one plane of panels will give."""

    type: Literal["open-meteo", "forecast-solar"]
    name: str
    """For people."""
    request: Request
    zone: ZoneInfo
    """Of the place, for moments that don't say it."""


def decode(source: ForecastSource, raw: bytes, fetched_at_s: float) -> WeatherSeries | SolarEstimate:
    """The forecast in one answer. Raises AnswerError."""
    if source.type == "open-meteo":
        return openmeteo.decode(raw, fetched_at_s=fetched_at_s, source=source.name)
    return forecast_solar.decode(raw, fetched_at_s=fetched_at_s, zone=source.zone, source=source.name)
