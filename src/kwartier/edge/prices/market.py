"""Prices and forecasts at a running site: the tasks that ask for them, and what the planner and the web read.

Nothing here is on the cycle's path: whoever reads gets what is known at that moment, with its age, or nothing. The
services and their codecs are loaded in a thread when their task starts: what protects does not wait for them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kwartier.config.models import SiteConfig
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError
from kwartier.site.intervals import QUARTER_S
from kwartier.web.live import Document

if TYPE_CHECKING:
    from kwartier.edge.prices.services import Services
    from kwartier.planning.price_outlook import PriceOutlook
    from kwartier.site.foretold import Foretold
    from kwartier.site.prices import PriceSeries
    from kwartier.site.weather import SolarEstimate, WeatherSeries

OUTLOOK_STEPS = 192
"""What the web shows beyond now: two days."""

Job = Callable[[], Awaitable[None]]


class Market:
    """What a site knows of prices, weather and sun. Sections that the site file leaves out stay None for ever."""

    def __init__(self, config: SiteConfig, clock: Clock, history: Path) -> None:
        self._config = config
        self._clock = clock
        self._history = history
        self._zone = ZoneInfo(config.site.time_zone)
        self._loading = asyncio.Lock()
        self._outlook: tuple[tuple[int, float], PriceOutlook] | None = None
        self.withheld = False
        """As if no source had answered for two days (a fault of the demonstration): nothing ahead is known."""
        self.services: Services | None = None
        """None until they are loaded."""

    def jobs(self) -> dict[str, Job]:
        """What must run, each under supervision of its own."""
        found: dict[str, Job] = {}
        if self._config.prices is not None:
            found["prices"] = self._ask_prices
        if self._config.weather is not None:
            found["weather"] = self._ask_forecasts
        return found

    async def load(self) -> "Services":
        """The services, made once. Raises ConfigError where a token cannot be read any more."""
        async with self._loading:
            if self.services is None:
                parts = await asyncio.to_thread(import_module, "kwartier.edge.prices.services")
                made: Services = await asyncio.to_thread(parts.make, self._config, self._clock, self._history)
                self.services = made
        return self.services

    async def _ask_prices(self) -> None:
        service = (await self.load()).prices
        assert service is not None
        await service.run()

    async def _ask_forecasts(self) -> None:
        service = (await self.load()).forecasts
        assert service is not None
        await service.run()

    # -- for the planner ----------------------------------------------------------------------------------

    @property
    def prices(self) -> "PriceSeries | None":
        """Known prices, up to six weeks back and as far ahead as the market has published; None: none yet."""
        services = self.services
        found = None if services is None or services.prices is None else services.prices.prices
        if found is None or not self.withheld:
            return found
        now_s = int(self._clock.utc_s()) // QUARTER_S * QUARTER_S
        return found.window(found.start_s, max(found.start_s, min(found.end_s, now_s)))

    def outlook(self, start_s: int, steps: int) -> "PriceOutlook":
        """A price with its band for each step, whatever is known. Takes some 20 ms: ask in a thread."""
        from kwartier.planning.price_outlook import outlook  # noqa: PLC0415 - after what protects

        return outlook(self.prices, start_s, steps, self._zone)

    @property
    def weather(self) -> "WeatherSeries | None":
        """The newest weather forecast; its `fetched_at_s` tells how old it is."""
        services = self.services
        return None if services is None or services.forecasts is None else services.forecasts.weather

    @property
    def solar(self) -> "tuple[SolarEstimate, ...]":
        """The newest estimate of each plane of panels."""
        services = self.services
        return () if services is None or services.forecasts is None else services.forecasts.solar

    def foretold(self) -> "tuple[dict[str, Foretold], dict[str, Foretold]]":
        """The newest forecasts whole, and those of each day as it was said before it began; by kind, empty where there are none."""
        services = self.services
        if services is None or services.forecasts is None:
            return {}, {}
        return services.forecasts.fresh, services.forecasts.foretold

    # -- for the web (`web.prices_api.PriceSite`) -----------------------------------------------------------

    async def described(self) -> Document | None:
        """All that `/api/v1/prices` shows; None where the site has no section `prices`. Raises Problem (503) where a token
        cannot be read any more."""
        if self._config.prices is None:
            return None
        try:
            service = (await self.load()).prices
        except ConfigError as error:  # a token that was there when the site file was checked
            from kwartier.web.problems import Problem  # noqa: PLC0415 - the web is loaded when it asks

            raise Problem(503, "no-prices", f"{error}.") from error
        assert service is not None
        now_s = self._clock.utc_s()
        guess = await self._newest_outlook(now_s)
        face = await asyncio.to_thread(import_module, "kwartier.edge.prices.face")
        found: Document = face.describe(service, guess, now_s, self._zone)
        return found

    async def _newest_outlook(self, now_s: float) -> "PriceOutlook":
        start_s = int(now_s) // QUARTER_S * QUARTER_S
        prices = self.prices
        key = (start_s, 0.0 if prices is None else prices.fetched_at_s + self.withheld)
        if self._outlook is None or self._outlook[0] != key:
            made = await asyncio.to_thread(partial(self.outlook, start_s, OUTLOOK_STEPS))
            self._outlook = (key, made)
        return self._outlook[1]
