"""The list of alarms of a running site: what is wrong now, what was said, who has taken note of it.

A condition is one alarm from the moment it begins until it ends; when it comes back it is another one. Who takes
note is written into the journal as a message, so that it is kept as long as the alarm itself.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kwartier.edge.views.conditions import WORST_FIRST, Condition, conditions
from kwartier.edge.views.moments import iso
from kwartier.historian.historian import Historian
from kwartier.historian.noted import Noted
from kwartier.site.clock import Clock
from kwartier.site.errors import StorageError
from kwartier.site.reasons import LANGUAGES, Reason, without_names
from kwartier.site.setpoints import Message
from kwartier.web.live import Document

DEVICE = "alarms"
CODE = "alarm_acknowledged"
MOST = 10_000
"""Acknowledgements that are remembered; older ones stay in the journal."""
ALL = ("info", "warning", "error")


@dataclass(slots=True)
class Running:
    """A condition while it lasts."""

    id: str
    since_s: float
    """UTC."""
    condition: Condition


@dataclass(frozen=True, slots=True)
class Ack:
    """Who has taken note, and when (UTC)."""

    at_s: float
    name: str


class AlarmBook:
    """Implements `web.alarms.AlarmSite`. `names`: what devices are called. `tell` puts a message on the screen and
    into the journal; `proof_problems` as `views.conditions` wants it."""

    def __init__(
        self,
        historian: Historian,
        *,
        clock: Clock,
        zone: ZoneInfo,
        names: Mapping[str, str],
        tell: Callable[[Message], None],
        proof_problems: Callable[[], int | None],
    ) -> None:
        self._historian = historian
        self._clock = clock
        self._zone = zone
        self._names = names
        self._tell = tell
        self._proof_problems = proof_problems
        self._running: dict[tuple[str, str], Running] = {}
        self._acks: dict[str, Ack] = {}
        self._loaded = False

    def look(self, document: Document) -> list[Document]:
        """Take in a cycle's document; what is wrong in it, worst first, without the names of people."""
        now_s = document["at_s"]
        before, self._running = self._running, {}
        for found in conditions(document, self._proof_problems()):
            key = (found.kind, found.device_id)
            known = before.get(key)
            if known is None:
                since_s = now_s - found.age_s
                known = Running(f"{found.kind}-{found.device_id}-{int(since_s)}", since_s, found)
            known.condition = found
            self._running[key] = known
        return [self._describe(r) for r in self._shown(now_s)]

    def _shown(self, now_s: float) -> list[Running]:
        due = [r for r in self._running.values() if now_s - r.since_s >= r.condition.lasting_s]
        return sorted(due, key=lambda r: (WORST_FIRST[r.condition.level], r.since_s))

    def _describe(self, running: Running) -> Document:
        found = running.condition
        ack = self._acks.get(running.id)
        return {
            "id": running.id,
            "code": found.reason.code,
            "level": found.level,
            "device_id": found.device_id,
            "since": iso(running.since_s, self._zone),
            "params": dict(found.reason.params),
            **{language: found.reason.text(language) for language in LANGUAGES},
            "acknowledged_at": None if ack is None else iso(ack.at_s, self._zone),
        }

    # -- web.alarms.AlarmSite ------------------------------------------------------------------------------

    def active(self, names: bool) -> list[Document]:
        """What is wrong now, worst first."""
        return [
            {
                **self._describe(running),
                "device": running.condition.device,
                "acknowledged": self._ack(running.id, names),
            }
            for running in self._shown(self._clock.utc_s())
        ]

    async def history(
        self, names: bool, *, before: int | None, levels: Collection[str], device_id: str | None, limit: int
    ) -> list[Document]:
        """What was said, newest first. Raises StorageError."""
        await self._load()
        found = await asyncio.to_thread(
            self._historian.noted, limit, before=before, levels=levels, device_id=device_id
        )
        return [self._line(entry, names) for entry in found]

    async def acknowledge(self, alarm_id: str, name: str) -> Document:
        """Somebody has taken note; the first who does is kept. Raises KeyError, StorageError."""
        await self._load()
        known = self._acks.get(alarm_id)
        if known is None:
            device, since_s = await self._find(alarm_id)
            mine = Ack(self._clock.utc_s(), name.strip())
            known = self._acks.setdefault(alarm_id, mine)
            if known is not mine:
                return self._told(known, True)
            told = Reason(
                CODE,
                (
                    ("name", known.name),
                    ("device", device),
                    ("at", iso(since_s, self._zone)[:16].replace("T", " ")),
                    ("id", alarm_id),
                ),
            )
            at_s = self._clock.monotonic_s()
            self._tell(Message(at_s=at_s, level="info", device_id=DEVICE, reason=told))
        return self._told(known, True)

    async def _find(self, alarm_id: str) -> tuple[str, float]:
        """What the device of an alarm is called, and when it began."""
        for running in self._running.values():
            if running.id == alarm_id:
                return running.condition.device, running.since_s
        number = alarm_id.removeprefix("m")
        if alarm_id != number and number.isdecimal() and len(number) < 18:
            found = await asyncio.to_thread(
                self._historian.noted, 1, before=int(number) + 1, levels=ALL, device_id=None
            )
            if found and found[0].seq == int(number):
                return self._called(found[0].message.device_id), found[0].at_s
        raise KeyError(f"There is no alarm {alarm_id!r}, or it is over; /api/v1/alarms lists them.")

    async def _load(self) -> None:
        """What earlier runs have written down. Tried again the next time where the history cannot be read."""
        if self._loaded:
            return
        try:
            found = await asyncio.to_thread(
                self._historian.noted, MOST, before=None, levels=("info",), device_id=DEVICE
            )
        except StorageError:
            return
        self._loaded = True
        for entry in found:
            params = dict(entry.message.reason.params)
            if entry.message.reason.code == CODE:
                self._acks.setdefault(str(params["id"]), Ack(entry.at_s, str(params["name"])))

    def _called(self, device_id: str) -> str:
        return self._names.get(device_id, device_id)

    def _ack(self, alarm_id: str, names: bool) -> Document | None:
        ack = self._acks.get(alarm_id)
        return None if ack is None else self._told(ack, names)

    def _told(self, ack: Ack, names: bool) -> Document:
        return {"at": iso(ack.at_s, self._zone), "name": ack.name if names else None}

    def _line(self, entry: Noted, names: bool) -> Document:
        message = entry.message
        why = message.reason if names else without_names(message.reason)
        alarm_id = f"m{entry.seq}"
        return {
            "id": alarm_id,
            "at": iso(entry.at_s, self._zone),
            "level": message.level,
            "device_id": message.device_id,
            "device": self._called(message.device_id),
            "code": why.code,
            **{language: why.text(language) for language in LANGUAGES},
            "acknowledged": self._ack(alarm_id, names),
        }
