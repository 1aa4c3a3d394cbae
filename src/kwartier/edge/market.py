"""Prices and forecasts at a running site: the tasks that ask for them, and what the planner and the web read.

Nothing here is on the cycle's path: whoever reads gets what is known at that moment, with its age, or nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import SystemRandom
from zoneinfo import ZoneInfo

from kwartier.config.market_section import forecast_sources, price_sources
from kwartier.config.models import SiteConfig
from kwartier.devices.services.fetcher import Fetcher
from kwartier.devices.services.forecasts import ForecastService
from kwartier.devices.services.kept import KeptPrices
from kwartier.devices.services.market import EXPECTED, LATE, MarketService, SourceState
from kwartier.edge.moments import iso
from kwartier.planning.price_outlook import PriceOutlook, outlook
from kwartier.site.clock import Clock
from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import MARKET_ZONE, day_of, day_start_s, next_day
from kwartier.site.prices import PriceSeries
from kwartier.site.weather import SolarEstimate, WeatherSeries
from kwartier.web.live import Document

OUTLOOK_STEPS = 192
"""What the web shows beyond now: two days."""
OLD_S = timedelta(hours=36).total_seconds()
"""Older than this no answer of a day-ahead market is about tomorrow."""

Job = Callable[[], Awaitable[None]]


class Market:
    """What a site knows of prices, weather and sun. Sections that the site file leaves out stay None for ever."""

    def __init__(self, config: SiteConfig, clock: Clock, history: Path) -> None:
        """Raises ConfigError where a token cannot be read."""
        self._clock = clock
        self._zone = ZoneInfo(config.site.time_zone)
        jitter = SystemRandom().random
        ask = Fetcher(clock, jitter)
        sources = price_sources(config)
        forecasts = forecast_sources(config)
        kept = KeptPrices(history.with_name(history.name + ".prices.json"))
        self.service = MarketService(sources, ask, clock, kept, jitter) if sources else None
        self.forecasts = ForecastService(forecasts, ask, clock, jitter) if forecasts else None
        self._outlook: tuple[tuple[int, float], PriceOutlook] | None = None
        self.withheld = False
        """As if no source had answered for two days (a fault of the demonstration): nothing ahead is known."""

    def jobs(self) -> dict[str, Job]:
        """What must run, each under supervision of its own."""
        found: dict[str, Job] = {}
        if self.service is not None:
            found["prices"] = self.service.run
        if self.forecasts is not None:
            found["weather"] = self.forecasts.run
        return found

    # -- for the planner ----------------------------------------------------------------------------------

    @property
    def prices(self) -> PriceSeries | None:
        """Known prices, up to six weeks back and as far ahead as the market has published; None: none yet."""
        found = None if self.service is None else self.service.prices
        if found is None or not self.withheld:
            return found
        now_s = int(self._clock.utc_s()) // QUARTER_S * QUARTER_S
        return found.window(found.start_s, max(found.start_s, min(found.end_s, now_s)))

    def outlook(self, start_s: int, steps: int) -> PriceOutlook:
        """A price with its band for each step, whatever is known. Takes some 50 ms: ask in a thread."""
        return outlook(self.prices, start_s, steps, self._zone)

    @property
    def weather(self) -> WeatherSeries | None:
        """The newest weather forecast; its `fetched_at_s` tells how old it is."""
        return None if self.forecasts is None else self.forecasts.weather

    @property
    def solar(self) -> tuple[SolarEstimate, ...]:
        """The newest estimate of each plane of panels."""
        return () if self.forecasts is None else self.forecasts.solar

    # -- for the web (`web.prices_api.PriceSite`) -----------------------------------------------------------

    async def described(self) -> Document | None:
        """All that `/api/v1/prices` shows; None where the site has no section `prices`."""
        service = self.service
        if service is None:
            return None
        now_s = self._clock.utc_s()
        guess = await self._newest_outlook(now_s)
        prices = self.prices
        return {
            "at": iso(now_s, self._zone),
            "step_s": QUARTER_S,
            "tomorrow": self._tomorrow(service, now_s),
            "series": None if prices is None else self._series(prices, now_s),
            "outlook": self._guess(guess),
            "faults": [asdict(f) for f in (() if prices is None else prices.faults)],
            "sources": [self._source(s) for s in service.states.values()],
            "kept_problem": service.kept_problem,
        }

    async def _newest_outlook(self, now_s: float) -> PriceOutlook:
        start_s = int(now_s) // QUARTER_S * QUARTER_S
        prices = self.prices
        key = (start_s, 0.0 if prices is None else prices.fetched_at_s + self.withheld)
        if self._outlook is None or self._outlook[0] != key:
            made = await asyncio.to_thread(partial(self.outlook, start_s, OUTLOOK_STEPS))
            self._outlook = (key, made)
        return self._outlook[1]

    def _tomorrow(self, service: MarketService, now_s: float) -> str:
        """`known`, `not_yet` (nobody has them), `expected` (any minute), `late`."""
        day = next_day(day_of(now_s, MARKET_ZONE))
        span = day_start_s(day, MARKET_ZONE), day_start_s(next_day(day), MARKET_ZONE)
        prices = service.prices
        if prices is not None and prices.holes(*span) == 0:
            return "known"
        if not service.after(EXPECTED):
            return "not_yet"
        return "late" if service.after(LATE) else "expected"

    def _series(self, prices: PriceSeries, now_s: float) -> Document:
        """From yesterday on."""
        from_s = day_start_s(next_day(day_of(now_s, self._zone), -1), self._zone)
        shown = prices.window(max(from_s, prices.start_s), max(from_s, prices.end_s))
        age_s = max(0.0, now_s - prices.fetched_at_s)
        return {
            "source": prices.source,
            "currency": prices.currency,
            "fetched_at": iso(prices.fetched_at_s, self._zone),
            "age_s": round(age_s, 1),
            "old": age_s > OLD_S,
            "native_step_s": prices.native_step_s,
            "start": iso(shown.start_s, self._zone),
            "start_s": shown.start_s,
            "known_until": iso(prices.known_until_s, self._zone),
            "now_eur_per_kwh": prices.at(now_s),
            "eur_per_kwh": list(shown.eur_per_kwh),
        }

    def _guess(self, guess: PriceOutlook) -> Document:
        return {
            "start": iso(guess.start_s, self._zone),
            "start_s": guess.start_s,
            "p10_eur_per_kwh": [round(v, 6) for v in guess.p10],
            "p50_eur_per_kwh": [round(v, 6) for v in guess.p50],
            "p90_eur_per_kwh": [round(v, 6) for v in guess.p90],
            "known": list(guess.known),
            "method": guess.method,
            "history_days": guess.history_days,
            "miss_eur_per_kwh": guess.miss_eur_per_kwh,
        }

    def _source(self, state: SourceState) -> Document:
        asked, answered = state.asked_at_s, state.answered_at_s
        return {
            "name": state.name,
            "ok": not state.problem and answered is not None,
            "asked_at": None if asked is None else iso(asked, self._zone),
            "answered_at": None if answered is None else iso(answered, self._zone),
            "problem": state.problem,
            "code": state.code,
        }
