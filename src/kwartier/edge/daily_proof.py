"""The fail-safe proof of the running site, once a day, with what its devices tell and what was recorded."""

import asyncio
from collections.abc import Callable

from kwartier.edge.base_load import Recorded, larger, recorded
from kwartier.edge.cycle import Cycle
from kwartier.historian.historian import Historian
from kwartier.safety.proof import Proof, prove, told_fallback_a
from kwartier.site.errors import StorageError
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level, Message

FIRST_S = 900.0
"""After the start every device has spoken and some load is recorded."""
FIRST_TRIES = 4
DAY_S = 86400.0
UNWRITTEN_S = 900.0
"""The newest rows of the history may still be in the making; they are read again the next day."""
SHOWN = 3
"""How many problems are told with the verdict; the command tells them all."""


class DailyProof:
    """`run` proves for ever; `newest` is the last proof, made at `proved_s` (UTC)."""

    def __init__(
        self, cycle: Cycle, historian: Historian, tell: Callable[[Message], None], keep_days: int
    ) -> None:
        self._cycle = cycle
        self._historian = historian
        self._tell = tell
        self._keep_s = keep_days * DAY_S
        self._worst: dict[str, Recorded] = {}
        self._read_to_s: float | None = None
        self._proving = asyncio.Lock()
        self.newest: Proof | None = None
        self.proved_s: float | None = None

    async def run(self) -> None:
        """Prove a quarter of an hour after the start and each day after that, until cancelled; the first time
        waits up to an hour for a record of every metered circuit. A site without charge points has nothing
        to prove."""
        clock = self._cycle.clock
        for _ in range(FIRST_TRIES):
            await clock.sleep(FIRST_S)
            await self._read()
            if self._recorded():
                break
        while True:
            if self._cycle.site.charge_points:
                await self.prove()
            await clock.sleep(DAY_S)

    async def prove(self) -> Proof:
        """Prove now; tell a failure each time, and the first success after it. It only reads, and who asks while
        one is being made waits for his turn."""
        async with self._proving:
            return await self._prove()

    async def _prove(self) -> Proof:
        await self._read()
        site, picture = self._cycle.site, self._cycle.picture
        heard = {} if picture is None else picture.charge_points
        fallbacks = {i: told_fallback_a(reading) for i, reading in heard.items()}
        proof = prove(site, fallbacks, {i: worst.load_a for i, worst in self._worst.items()})
        before, self.newest = self.newest, proof
        self.proved_s = self._cycle.clock.utc_s()
        if not proof.ok:
            self._say("error", reason("proof_failed", count=len(proof.problems)))
            for problem in proof.problems[:SHOWN]:
                self._say("error", problem)
        elif before is not None and not before.ok:
            self._say("info", reason("proof_passed"))
        return proof

    @property
    def recorded_days(self) -> dict[str, float]:
        """How long the other load is on record, for each circuit whose meter was recorded."""
        return {i: worst.days for i, worst in self._worst.items()}

    def _recorded(self) -> bool:
        return all(c.meter is None or c.id in self._worst for c in self._cycle.site.circuits)

    def _say(self, level: Level, why: Reason) -> None:
        at_s = self._cycle.clock.monotonic_s()
        self._tell(Message(at_s=at_s, level=level, device_id="proof", reason=why))

    async def _read(self) -> None:
        """Take in what was recorded since the last time, a day at a step: a year at once would hold up the
        machine. What cannot be read now is read the next time."""
        await asyncio.to_thread(self._historian.flush)
        now_s = self._cycle.clock.utc_s()
        from_s = now_s - self._keep_s if self._read_to_s is None else self._read_to_s
        while from_s < now_s:
            to_s = min(from_s + DAY_S, now_s)
            try:
                found = await asyncio.to_thread(
                    recorded, self._cycle.site, self._historian.highest, from_s, to_s
                )
            except StorageError:
                return
            for circuit_id, worst in found.items():
                self._worst[circuit_id] = larger(self._worst.get(circuit_id), worst)
            from_s = to_s
            self._read_to_s = max(self._read_to_s or 0.0, min(to_s, now_s - UNWRITTEN_S))
