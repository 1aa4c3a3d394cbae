"""Weather and solar forecasts, asked once an hour or less; the newest one is kept in memory with its age."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kwartier.devices.services.market import Asks
from kwartier.protocols.answers import AnswerError
from kwartier.protocols.weather.sources import ForecastSource, decode
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable
from kwartier.site.weather import SolarEstimate, WeatherSeries

EVERY_S = 3600.0
"""Models run a few times a day; Open-Meteo asks for fewer than 10 000 questions a day, forecast.solar allows 12 an hour."""
RETRY_S = 600.0
LONGEST_RETRY_S = 4 * 3600.0


@dataclass(slots=True)
class ForecastState:
    """The newest answer of one source and how it goes."""

    source: ForecastSource
    answer: WeatherSeries | SolarEstimate | None = None
    problem: str = ""
    """Empty: the last answer was good."""
    failures: int = 0
    """In a row."""
    due_s: float = 0.0
    """UTC."""


class ForecastService:
    """`run` asks for ever; `states` holds what is known."""

    def __init__(
        self, sources: Sequence[ForecastSource], ask: Asks, clock: Clock, jitter: Callable[[], float]
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._jitter = jitter
        self.states = tuple(ForecastState(source) for source in sources)

    async def run(self) -> None:
        """Ask and wait, until cancelled."""
        while True:
            await self.round()
            due_s = min(s.due_s for s in self.states)
            await self._clock.sleep(max(1.0, due_s - self._clock.utc_s()))

    async def round(self) -> None:
        """Ask who is due."""
        for state in self.states:
            if self._clock.utc_s() >= state.due_s:
                await self._try(state)

    @property
    def weather(self) -> WeatherSeries | None:
        """The first weather forecast that there is."""
        return next((s.answer for s in self.states if isinstance(s.answer, WeatherSeries)), None)

    @property
    def solar(self) -> tuple[SolarEstimate, ...]:
        """The newest estimate of each plane of panels."""
        return tuple(s.answer for s in self.states if isinstance(s.answer, SolarEstimate))

    async def _try(self, state: ForecastState) -> None:
        source, wait_s = state.source, EVERY_S
        try:
            raw = await self._ask.get(source.request)
            state.answer = await asyncio.to_thread(decode, source, raw, self._clock.utc_s())
        except (DeviceUnreachable, DeviceRefused, AnswerError) as error:
            state.problem = str(error)
            state.failures += 1
            wait_s = min(RETRY_S * 2.0 ** min(state.failures - 1, 6), LONGEST_RETRY_S)
            wait_s = max(wait_s, getattr(error, "after_s", None) or 0.0)
        else:
            state.problem, state.failures = "", 0
        state.due_s = self._clock.utc_s() + wait_s * (1 + 0.1 * self._jitter())
