"""Makes the services of prices and forecasts that a site file asks for. Loaded after what protects."""

from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from zoneinfo import ZoneInfo

from kwartier.config.market_section import forecast_sources, price_sources
from kwartier.config.models import SiteConfig
from kwartier.devices.services.fetcher import Fetcher
from kwartier.devices.services.forecasts import ForecastService
from kwartier.devices.services.kept import KeptPrices
from kwartier.devices.services.kept_forecasts import KeptForecasts
from kwartier.devices.services.market import MarketService
from kwartier.site.clock import Clock


@dataclass(frozen=True, slots=True)
class Services:
    """None where the site file has no such section."""

    prices: MarketService | None
    forecasts: ForecastService | None


def make(config: SiteConfig, clock: Clock, history: Path) -> Services:
    """Prices, and what was foretold, are kept beside the history. Raises ConfigError where a token cannot be read."""
    jitter = SystemRandom().random
    ask = Fetcher(clock, jitter)
    sources, forecasts = price_sources(config), forecast_sources(config)
    kept = KeptPrices(history.with_name(history.name + ".prices.json"))
    told = KeptForecasts(history.with_name(history.name + ".foretold.json"))
    return Services(
        MarketService(sources, ask, clock, kept, jitter) if sources else None,
        ForecastService(forecasts, ask, clock, jitter, kept=told, zone=ZoneInfo(config.site.time_zone))
        if forecasts
        else None,
    )
