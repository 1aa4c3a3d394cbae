"""Weather and solar forecasts, asked once an hour or less; the newest one is in memory with its age, and what was said of each day
before it began is kept, so that forecasts can be learnt and scored."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from kwartier.devices.services.kept_forecasts import KeptForecasts
from kwartier.devices.services.market import Asks
from kwartier.protocols.answers import AnswerError
from kwartier.protocols.weather.sources import ForecastSource, decode
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable, StorageError
from kwartier.site.foretold import Foretold, foretold
from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import day_of, day_start_s, next_day
from kwartier.site.weather import SolarEstimate, Values, WeatherSeries

EVERY_S = 3600.0
"""Models run a few times a day; Open-Meteo asks for fewer than 10 000 questions a day, forecast.solar allows 12 an hour."""
RETRY_S = 600.0
LONGEST_RETRY_S = 4 * 3600.0
KEEP_DAYS = 62
"""As long as the planner looks back."""
WRITE_S = 3 * 3600.0
"""Not oftener, for the sake of memory cards; a day's first answer is written at once."""
WEATHER, SOLAR = "weather", "solar"
LEARNT = ("global_w_per_m2", "diffuse_w_per_m2", "cloud_pct", "temperature_c")

log = structlog.get_logger()


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
        self,
        sources: Sequence[ForecastSource],
        ask: Asks,
        clock: Clock,
        jitter: Callable[[], float],
        *,
        kept: KeptForecasts | None = None,
        zone: ZoneInfo | None = None,
    ) -> None:
        """`kept`: where what was foretold survives a restart. `zone`: whose midnights divide the days."""
        self._ask = ask
        self._clock = clock
        self._jitter = jitter
        self._kept = kept
        self._zone = zone or ZoneInfo("UTC")
        self._written_s = float("-inf")
        self.states = tuple(ForecastState(source) for source in sources)
        self.fresh: dict[str, Foretold] = {}
        """The newest answers, whole: `weather`, `solar` (all planes together)."""
        self.foretold: dict[str, Foretold] = {}
        """The same, of each day as it was said before it began."""

    async def run(self) -> None:
        """Ask and wait, until cancelled."""
        await self.load()
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

    # -- what was foretold --------------------------------------------------------------------------------

    async def load(self) -> None:
        """What was kept; a damaged file was set aside, and one begins anew."""
        if self._kept is None or self.foretold:
            return
        try:
            self.foretold = await asyncio.to_thread(self._kept.load)
        except StorageError as error:
            log.warning("what was foretold is lost", why=str(error))

    async def _remember(self, kind: str, fresh: Foretold) -> None:
        now_s = self._clock.utc_s()
        today = day_of(now_s, self._zone)
        midnight_s = day_start_s(next_day(today), self._zone)
        first_s = day_start_s(next_day(today, -KEEP_DAYS), self._zone)
        new_day = kind not in self.foretold or self.foretold[kind].fetched_at_s < day_start_s(
            today, self._zone
        )
        self.fresh[kind] = fresh
        self.foretold[kind] = foretold(self.foretold.get(kind), fresh, midnight_s=midnight_s, first_s=first_s)
        if self._kept is None or not (new_day or now_s - self._written_s >= WRITE_S):
            return
        self._written_s = now_s
        try:
            await asyncio.to_thread(self._kept.save, dict(self.foretold))
        except StorageError as error:
            log.warning("what was foretold is not kept", why=str(error))

    def _told(self, state: ForecastState) -> tuple[str, Foretold] | None:
        answer = state.answer
        if isinstance(answer, WeatherSeries):
            if answer is not self.weather:
                return None  # of two weathers the first counts
            columns = {name: _short(name, getattr(answer, name)) for name in LEARNT if getattr(answer, name)}
        else:
            planes = [s.answer for s in self.states if s.source.type == state.source.type]
            if not all(isinstance(plane, SolarEstimate) for plane in planes):
                return None  # the whole roof, or nothing
            answer = _together([plane for plane in planes if isinstance(plane, SolarEstimate)])
            columns = {"pv_w": _short("pv_w", answer.pv_w)}
        kind = WEATHER if isinstance(answer, WeatherSeries) else SOLAR
        return kind, Foretold(
            start_s=answer.start_s,
            fetched_at_s=answer.fetched_at_s,
            source=answer.source,
            native_step_s=3600 if answer.native_step_s >= 3600 else 900,
            columns=columns,
        )

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
            told = self._told(state)
            if told is not None:
                await self._remember(*told)
        state.due_s = self._clock.utc_s() + wait_s * (1 + 0.1 * self._jitter())


def _short(name: str, values: Values) -> Values:
    """Temperatures to a tenth, the rest to a whole: more is not known, it is kept for two months, and travels with each plan."""
    if name == "temperature_c":
        return tuple(None if v is None else round(v, 1) for v in values)
    return tuple(None if v is None else round(v) for v in values)


def _together(planes: Sequence[SolarEstimate]) -> SolarEstimate:
    """All planes of a roof; what one of them does not know is not known."""
    start_s, end_s = max(p.start_s for p in planes), min(p.end_s for p in planes)
    steps = range(start_s, max(start_s, end_s), QUARTER_S)
    rows = [[p.pv_w[(s - p.start_s) // QUARTER_S] for p in planes] for s in steps]
    known = [[v for v in row if v is not None] for row in rows]
    return SolarEstimate(
        start_s=start_s,
        pv_w=tuple(sum(row) if len(row) == len(planes) else None for row in known),
        source=planes[0].source,
        fetched_at_s=min(p.fetched_at_s for p in planes),
        native_step_s=max(p.native_step_s for p in planes),
    )
