"""The prices of today and tomorrow, from several sources in an order of preference, kept over restarts.

The first source is asked; the next one only where quarter-hours that must be known by now are still missing. Tomorrow's prices
appear between about 12:55 and 13:30 of the market's clock: from then on it asks often, until they are there.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from kwartier.devices.services.fetcher import read_file
from kwartier.devices.services.kept import KeptPrices
from kwartier.protocols.answers import AnswerError
from kwartier.protocols.prices.source import PriceSource
from kwartier.protocols.prices.sources import decode, requests_of
from kwartier.protocols.requests import Request
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable, StorageError
from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import MARKET_ZONE, day_of, day_start_s, next_day
from kwartier.site.prices import MarketFault, PriceSeries, over, preferred, trimmed

EXPECTED = (12, 55)
"""From then on tomorrow's prices may be there, on the market's clock."""
LATE = (13, 35)
"""From then on they are late, and the next source is asked for them."""
SOON_S = 180.0
"""How often it asks while they are expected."""
RETRY_S = 600.0
"""After a round that found nothing new though something is missing."""
CALM_S = 3600.0
"""While nothing is missing: to see corrections, and a source of one's own that changed."""
LONGEST_RETRY_S = 3600.0
PAST_DAYS = 14
"""What is asked of the past at a first start, of sources that give it in one answer: the outlook needs days to learn from."""
RANGED = frozenset({"entsoe", "easyenergy", "energy-charts", "awattar", "akkudoktor"})
KEEP_DAYS = 42
"""What is kept of the past, for the outlook beyond the known prices."""


class Asks(Protocol):
    """Who has the sockets."""

    async def get(self, request: Request) -> bytes:
        """See `Fetcher.get`."""
        ...


@dataclass(slots=True)
class SourceState:
    """How it goes with one source; for the screen."""

    name: str
    asked_at_s: float | None = None
    """UTC."""
    answered_at_s: float | None = None
    problem: str = ""
    """Empty: the last answer was good."""
    code: str = ""
    """Of the problem: `no_data`, `unreachable`, `refused`, `truncated`, ..."""
    faults: tuple[MarketFault, ...] = ()
    failures: int = 0
    """In a row."""
    not_before_s: float = 0.0
    """The service asked for patience until then (UTC)."""


class MarketService:
    """`run` asks for ever; `prices` is what is known now, also long after every source has died."""

    def __init__(
        self,
        sources: Sequence[PriceSource],
        ask: Asks,
        clock: Clock,
        kept: KeptPrices,
        jitter: Callable[[], float],
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        assert sources
        self._sources = tuple(sources)
        self._ask = ask
        self._clock = clock
        self._kept = kept
        self._jitter = jitter
        self._changed = changed
        self._known: dict[str, PriceSeries] = {}
        self._loaded = False
        self._past_asked: set[str] = set()
        self.states = {s.key: SourceState(s.name) for s in self._sources}
        self.kept_problem = ""
        """Why prices are not kept over a restart; empty: they are."""
        self.prices: PriceSeries | None = None

    async def run(self) -> None:
        """Ask and wait, until cancelled."""
        while True:
            await self.round()
            await self._clock.sleep(self.wait_s())

    async def round(self) -> None:
        """Ask who must be asked, once."""
        await self._load()
        before = self._known.copy()
        for source in self._sources:
            if self._needs(source):
                await self._try(source)
        if self._known != before:
            await self._keep()
        self._join()
        self._changed()

    # -- what is missing ----------------------------------------------------------------------------------

    def _today(self) -> date:
        return day_of(self._clock.utc_s(), MARKET_ZONE)

    def after(self, of_day: tuple[int, int]) -> bool:
        """Whether it is that late on the market's clock."""
        now = datetime.fromtimestamp(self._clock.utc_s(), MARKET_ZONE)
        return (now.hour, now.minute) >= of_day

    def missing(self, *, by: tuple[int, int] = EXPECTED) -> int:
        """Quarter-hours without a price, of those that a source should have: today, and tomorrow from `by` on."""
        today = self._today()
        first_s = int(self._clock.utc_s()) // QUARTER_S * QUARTER_S
        end_s = day_start_s(next_day(today, 2 if self.after(by) else 1), MARKET_ZONE)
        known = self._ordered()
        return sum(all(k.at(s) is None for k in known) for s in range(first_s, end_s, QUARTER_S))

    def _needs(self, source: PriceSource) -> bool:
        """The first is asked each round; another where those before it failed or tomorrow is late, and something is
        missing still."""
        if self._clock.utc_s() < self.states[source.key].not_before_s:
            return False
        before = self._sources[: self._sources.index(source)]
        if all(self.states[s.key].failures for s in before):  # also where there is none before
            return not before or self.missing() > 0
        return self.missing(by=LATE) > 0

    def wait_s(self) -> float:
        """Until the next round: soon while something is expected, calmly otherwise; on the spot when prices become due."""
        first = self.states[self._sources[0].key]
        if self.missing() == 0:
            wait_s = min(CALM_S, self._until_expected_s())
        elif self.after(EXPECTED) and not self.after(LATE) and not first.failures:
            wait_s = SOON_S
        else:
            failures = min(s.failures for s in self.states.values())
            wait_s = min(RETRY_S * 2.0 ** min(max(0, failures - 1), 4), LONGEST_RETRY_S)
            wait_s = min(wait_s, self._until_expected_s())
        patience_s = first.not_before_s - self._clock.utc_s()
        if patience_s > wait_s and len(self._sources) == 1:
            wait_s = patience_s
        return wait_s * (1 + 0.1 * self._jitter())

    def _until_expected_s(self) -> float:
        """Until tomorrow's prices may be there; the next day's when that has passed."""
        now_s = self._clock.utc_s()
        day = self._today() if not self.after(EXPECTED) else next_day(self._today())
        moment = datetime(day.year, day.month, day.day, *EXPECTED, tzinfo=MARKET_ZONE)
        return max(1.0, moment.timestamp() - now_s)

    # -- asking -------------------------------------------------------------------------------------------

    async def _try(self, source: PriceSource) -> None:
        state = self.states[source.key]
        state.asked_at_s = self._clock.utc_s()
        try:
            answers = await self._answers(source)
        except (DeviceUnreachable, DeviceRefused, AnswerError) as error:
            self._failed(state, error)
            return
        state.answered_at_s = self._clock.utc_s()
        state.problem, state.code, state.failures = "", "", 0
        state.faults = tuple(f for series in answers for f in series.faults)
        for series in answers:
            old = self._known.get(source.key)
            fits = old is not None and old.currency == series.currency
            self._known[source.key] = over(series, old) if fits and old is not None else series
        self._known[source.key] = replace(self._known[source.key], faults=state.faults)
        await self._ask_past(source)
        self._forget(source.key)

    async def _ask_past(self, source: PriceSource) -> None:
        """Once after each start, where the past is not kept. It is a nicety: when it fails nobody is told."""
        if source.type not in RANGED or source.key in self._past_asked:
            return
        self._past_asked.add(source.key)
        known, today = self._known[source.key], self._today()
        first = next_day(today, -PAST_DAYS)
        span = day_start_s(first, MARKET_ZONE), day_start_s(today, MARKET_ZONE)
        if known.holes(*span) < PAST_DAYS * 96 // 4:
            return
        for request in requests_of(source, first, next_day(today, -1)):
            try:
                raw = await self._ask.get(request)
                past = await asyncio.to_thread(decode, source, raw, known.fetched_at_s)
            except (DeviceUnreachable, DeviceRefused, AnswerError):
                return
            if past.currency == known.currency:
                self._known[source.key] = over(self._known[source.key], past)

    def _failed(self, state: SourceState, error: Exception) -> None:
        state.problem = str(error)
        state.code = error.code if isinstance(error, AnswerError) else "unreachable"
        if isinstance(error, DeviceRefused):
            state.code = "refused"
        if state.code != "no_data":
            state.failures += 1
        after_s = getattr(error, "after_s", None)
        if after_s:
            state.not_before_s = self._clock.utc_s() + after_s

    async def _answers(self, source: PriceSource) -> list[PriceSeries]:
        """Each day's answer that could be used. A day that is not there yet does not spoil the others; raises when
        none is there."""
        if source.type == "file":
            raw = await asyncio.to_thread(read_file, source.path)
            return [decode(source, raw, self._clock.utc_s())]
        today = self._today()
        last = next_day(today) if self.after(EXPECTED) or source.type == "home-assistant" else today
        found: list[PriceSeries] = []
        failed: Exception | None = None
        for request in requests_of(source, today, last):
            try:
                raw = await self._ask.get(request)
                series = await asyncio.to_thread(decode, source, raw, self._clock.utc_s())
            except (DeviceUnreachable, DeviceRefused, AnswerError) as error:
                failed = failed or error
                continue
            found.append(series)
        if not found and failed is not None:
            raise failed
        return found

    def _forget(self, key: str) -> None:
        from_s = day_start_s(next_day(self._today(), -KEEP_DAYS), MARKET_ZONE)
        series = self._known[key]
        if series.start_s < from_s:
            series = series.window(from_s, max(from_s, series.end_s))
        self._known[key] = trimmed(series)

    # -- what is known ------------------------------------------------------------------------------------

    def _ordered(self) -> list[PriceSeries]:
        return [self._known[s.key] for s in self._sources if s.key in self._known]

    def _join(self) -> None:
        self.prices = preferred(self._ordered(), compare_from_s=day_start_s(self._today(), MARKET_ZONE))

    @property
    def known(self) -> Mapping[str, PriceSeries]:
        """By source."""
        return self._known

    async def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        try:
            found = await asyncio.to_thread(self._kept.load)
        except StorageError as error:
            self.kept_problem = str(error)
            return
        currencies = {s.key: s.currency for s in self._sources}
        self._known = {k: s for k, s in found.items() if currencies.get(k) == s.currency}
        self._join()
        self._changed()

    async def _keep(self) -> None:
        try:
            await asyncio.to_thread(self._kept.save, dict(self._known))
            self.kept_problem = ""
        except StorageError as error:
            self.kept_problem = str(error)
