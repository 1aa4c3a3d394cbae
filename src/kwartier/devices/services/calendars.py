"""Calendars of people, read every quarter of an hour; what they said last is kept in memory with its age.

Only in memory: what somebody does all week is not to lie on a disk that nobody thinks of.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from kwartier.devices.services.fetcher import read_file
from kwartier.devices.services.market import Asks
from kwartier.protocols.answers import AnswerError
from kwartier.protocols.calendars import CalendarSource, Told
from kwartier.site.agenda import Agenda, departures
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable

EVERY_S = 900.0
RETRY_S = 300.0
LONGEST_RETRY_S = 2 * 3600.0
BEHIND_S = 86400.0
"""So far back, for what holds of today; and so far ahead:"""
AHEAD_S = 9 * 86400.0
ANEW_S = 6 * 3600.0
"""The same text is worked out again after so long: days have come within reach."""

Reads = Callable[[CalendarSource, bytes, float, float], Awaitable[Told]]
"""Works a calendar out between two moments. Raises AnswerError, DeviceUnreachable."""


@dataclass(slots=True)
class CalendarState:
    """The newest answer of one calendar and how it goes."""

    source: CalendarSource
    agenda: Agenda | None = None
    """None: it was never read."""
    problem: str = ""
    """Empty: it was read when it was last asked for. Never holds the address or a word of the calendar."""
    code: str = ""
    faults: tuple[str, ...] = ()
    """What could not be read beside the rest."""
    failures: int = 0
    """In a row."""
    due_s: float = 0.0
    """UTC."""
    digest: bytes = b""
    worked_out_s: float = float("-inf")


class CalendarService:
    """`round` asks who is due; `states` holds what is known, by owner."""

    def __init__(
        self,
        sources: Sequence[CalendarSource],
        ask: Asks,
        read: Reads,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._ask = ask
        self._read = read
        self._clock = clock
        self._jitter = jitter
        self.states = {source.owner: CalendarState(source) for source in sources}

    async def round(self) -> None:
        """Ask who is due."""
        for state in self.states.values():
            if self._clock.utc_s() >= state.due_s:
                await self._try(state)

    def pause_s(self) -> float:
        """Until the next is due."""
        return max(1.0, min(s.due_s for s in self.states.values()) - self._clock.utc_s())

    async def _try(self, state: CalendarState) -> None:
        wait_s = EVERY_S
        try:
            await self._update(state, await self._raw(state.source))
        except (DeviceUnreachable, DeviceRefused, AnswerError) as error:
            state.problem = str(error)
            state.code = error.code if isinstance(error, AnswerError) else "unreachable"
            state.failures += 1
            wait_s = min(RETRY_S * 2.0 ** min(state.failures - 1, 6), LONGEST_RETRY_S)
            wait_s = max(wait_s, getattr(error, "after_s", None) or 0.0)
        else:
            state.problem, state.code, state.failures = "", "", 0
        state.due_s = self._clock.utc_s() + wait_s * (1 + 0.1 * self._jitter())

    async def _raw(self, source: CalendarSource) -> bytes:
        if source.request is None:
            return await asyncio.to_thread(read_file, source.path)
        try:
            return await self._ask.get(source.request)
        except AnswerError as error:
            if error.code != "no_data":
                raise
            what = (
                f"{source.request.shown} has no calendar at that address; copy its private address once more"
            )
            raise DeviceRefused(what) from None

    async def _update(self, state: CalendarState, raw: bytes) -> None:
        now_s, source = self._clock.utc_s(), state.source
        digest = sha256(raw).digest()
        if state.agenda is not None and digest == state.digest and now_s - state.worked_out_s < ANEW_S:
            state.agenda = Agenda(read_s=now_s, departures=state.agenda.departures)
            return
        told = await self._read(source, raw, now_s - BEHIND_S, now_s + AHEAD_S)
        found = departures(told.entries, travel_s=source.travel_s, only=source.only, zone=source.zone)
        state.agenda = Agenda(read_s=now_s, departures=found)
        state.faults, state.digest, state.worked_out_s = told.faults, digest, now_s
