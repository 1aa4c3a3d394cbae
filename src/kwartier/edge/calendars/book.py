"""Calendars at a running site: the task that reads them, and what the planner and the web ask of them.

Nothing here is on the cycle's path, and nothing of a calendar is parsed in this process: another one does, and is ended.
"""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from kwartier.config.calendar_section import calendar_sources, has_calendar
from kwartier.config.models import SiteConfig
from kwartier.edge.plan.child import PlanChild, PlannerDown
from kwartier.historian.codec import decode
from kwartier.protocols.answers import AnswerError
from kwartier.protocols.calendars import CalendarSource, Told
from kwartier.site.agenda import HELD_S, Agenda
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceUnreachable
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level, Message
from kwartier.site.topology import ChargePoint, User
from kwartier.site.values import valueclass

if TYPE_CHECKING:
    from kwartier.devices.services.calendars import CalendarService, CalendarState

COMMAND = ("-m", "kwartier.edge.calendars.worker")
LIMIT_S = 30.0
"""Real time for one calendar: what takes longer is no calendar of a person."""

Job = Callable[[], Awaitable[None]]
State = Literal["read", "held", "gone", "waiting"]


@valueclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it goes with one calendar."""

    state: State
    """read: fine. held: it cannot be read now, what it said last holds. gone: not read for a day, it counts no more.
    waiting: not read yet since the start."""
    read_s: float | None
    """UTC."""
    problem: str
    """In English, without its address and without a word of it."""
    faults: tuple[str, ...]


class CalendarBook:
    """What a site knows of the calendars of its users and charge points."""

    def __init__(
        self,
        config: SiteConfig,
        clock: Clock,
        tell: Callable[[Message], None],
        child: PlanChild | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._tell = tell
        self._child = child or PlanChild(COMMAND)
        self._zone = ZoneInfo(config.site.time_zone)
        self._names = {f"user:{u.id}": u.name or u.id for u in config.users} | {
            f"charge_point:{p.id}": p.name or p.id for p in config.charge_points
        }
        self._told: dict[str, State] = {}
        self._service: CalendarService | None = None

    def jobs(self) -> dict[str, Job]:
        """What must run, under supervision; nothing where the site file names no calendar."""
        return {"calendars": self.run} if has_calendar(self._config) else {}

    async def load(self) -> "CalendarService":
        """The service, made once. Raises ConfigError where an address cannot be read any more."""
        if self._service is None:
            parts = await asyncio.to_thread(import_module, "kwartier.edge.calendars.services")
            sources = await asyncio.to_thread(calendar_sources, self._config)
            made: CalendarService = parts.make(sources, self._clock, self._read)
            self._service = made
        return self._service

    async def run(self) -> None:
        """Read and wait, until cancelled."""
        service = await self.load()
        try:
            while True:
                await self.round(service)
                await self._clock.sleep(service.pause_s())
        finally:
            await self.close()

    async def close(self) -> None:
        """End the process that reads."""
        await self._child.close()

    async def round(self, service: "CalendarService") -> None:
        """Read who is due, say what changed, and give the reader's memory back."""
        await service.round()
        await self._child.rest()
        self._say_changes(service.states)

    # -- what is known ------------------------------------------------------------------------------------

    def agenda(self, point: ChargePoint, who: User | None) -> Agenda | None:
        """What counts at a charge point: the calendar of the one whose card was read, else its own. None: there is none,
        or it was not read for a day."""
        state = self._state(point, who)
        found = None if state is None else state.agenda
        return found if found is not None and found.holds(self._clock.utc_s()) else None

    def standing(self, point: ChargePoint, who: User | None) -> Standing | None:
        """How it goes with that calendar; None: there is none."""
        state = self._state(point, who)
        return None if state is None else self._standing(state)

    def _state(self, point: ChargePoint, who: User | None) -> "CalendarState | None":
        states = {} if self._service is None else self._service.states
        of_user = None if who is None else states.get(f"user:{who.id}")
        return of_user or states.get(f"charge_point:{point.id}")

    def _standing(self, state: "CalendarState") -> Standing:
        known: State = "waiting" if state.agenda is None else "held" if state.problem else "read"
        if (state.agenda is None and state.problem) or (
            state.agenda is not None and not state.agenda.holds(self._clock.utc_s())
        ):
            known = "gone"
        read_s = None if state.agenda is None else state.agenda.read_s
        return Standing(state=known, read_s=read_s, problem=state.problem, faults=state.faults)

    # -- reading ------------------------------------------------------------------------------------------

    async def _read(self, source: CalendarSource, raw: bytes, from_s: float, to_s: float) -> Told:
        question = {
            "raw": b64encode(raw).decode(),
            "zone": source.zone.key,
            "from_s": from_s,
            "to_s": to_s,
        }
        try:
            answer = await self._child.ask("read", question, LIMIT_S)
        except PlannerDown as error:
            raise DeviceUnreachable(f"the calendar cannot be worked out: {error}") from None
        if "told" not in answer:
            raise AnswerError(answer["code"], answer["problem"])
        return decode(Told, answer["told"])

    # -- saying -------------------------------------------------------------------------------------------

    def _say_changes(self, states: "Mapping[str, CalendarState]") -> None:
        for owner, state in states.items():
            now = self._standing(state)
            before = self._told.get(owner, "read")
            self._told[owner] = now.state
            if now.state in {before, "waiting"}:
                continue
            name = self._names[owner]
            if now.state == "read":
                self._say(reason("calendar_back", name=name), "info")
            elif now.state == "held" and now.read_s is not None:
                until = datetime.fromtimestamp(now.read_s + HELD_S, self._zone)
                told = reason("calendar_held", name=name, time=f"{until:%d/%m %H:%M}", what=now.problem)
                self._say(told, "warning")
            else:
                self._say(reason("calendar_gone", name=name, what=now.problem), "warning")

    def _say(self, why: Reason, level: Level) -> None:
        self._tell(Message(at_s=self._clock.monotonic_s(), level=level, device_id="calendar", reason=why))
