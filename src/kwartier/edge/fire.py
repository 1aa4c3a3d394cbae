"""The fire and emergency inputs of a running site: samples in, stops out, the latch on disk.

The latch has a small file of its own beside the history: an update of Kwartier or a damaged database must
not open it. It is read before the first output and written at each change, in a thread.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kwartier.historian.codec import decode, encode
from kwartier.historian.slots import Slots
from kwartier.safety.fire import (
    BeginTest,
    EndTest,
    Event,
    FireInput,
    FireMemory,
    Heard,
    Level,
    Passed,
    Reset,
    after_restart,
    begin,
    state_lost,
    step,
)
from kwartier.safety.fire_effect import Effect, effect
from kwartier.site.clock import Clock
from kwartier.site.errors import LocalProtocolError, StorageError
from kwartier.site.readings import DeviceFault, InputReading
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Message, Picture
from kwartier.web.live import Document

SAVE_AGAIN_S = 5.0
PLUGGED = "BCD"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptInputs:
    """The durable document."""

    inputs: dict[str, FireMemory]


class FireWatch:
    """Runs the latch of every input. Implements `web.fire.FireSite`.

    `tell` gets each message, `wake` asks for a step of the cycle at once. `pushed`: inputs that a program
    tells over HTTP.
    """

    def __init__(
        self,
        inputs: Sequence[FireInput],
        *,
        clock: Clock,
        path: Path,
        tell: Callable[[Message], None],
        wake: Callable[[], None],
        zone: ZoneInfo,
        pushed: Collection[str] = (),
    ) -> None:
        self._specs = {spec.id: spec for spec in inputs}
        self._clock = clock
        self._tell = tell
        self._wake = wake
        self._zone = zone
        self._pushed = frozenset(pushed)
        self._faults: dict[str, DeviceFault] = {}
        self._said: list[Message] = []
        self._slots = Slots(path)
        self._writing = threading.Lock()
        self._failing = False
        self._changed = asyncio.Event()
        self._memories = self._load() if inputs else {}
        self._effect = self._now()
        self._saved = self._durable()

    def _load(self) -> dict[str, FireMemory]:
        """What an earlier run knew; a latch wherever that cannot be read."""
        now_s, utc_s = self._clock.monotonic_s(), self._clock.utc_s()
        known: Mapping[str, FireMemory] = {}
        lost = False
        try:
            found = self._slots.load()
            lost = found is None and self._slots.damaged > 0
            known = {} if found is None else decode(KeptInputs, found).inputs
        except (LocalProtocolError, TypeError, ValueError, KeyError, AttributeError):
            lost = True
        # An input that the site file no longer names (renamed, or taken out) may have been latched: who is new to the file
        # takes that over, so that no change of a file opens a latch.
        orphans = [m for i, m in known.items() if i not in self._specs and m.state in {"alarm", "fault"}]
        memories = {}
        for spec in self._specs.values():
            if lost:
                memories[spec.id], said = state_lost(spec, now_s, utc_s)
                self._said += said
            elif spec.id in known:
                memories[spec.id] = after_restart(known[spec.id], now_s, utc_s)
            elif orphans:
                memories[spec.id] = after_restart(orphans[0], now_s, utc_s)
            else:
                memories[spec.id] = begin(now_s, utc_s)
        return memories

    # -- towards the cycle ---------------------------------------------------------------------------------

    @property
    def withheld(self) -> frozenset[str]:
        """Charge points to which nothing is written yet."""
        return self._effect.withheld

    def look(self, picture: Picture) -> Picture:
        """The picture with the stops and limits of all inputs; lets time pass for them."""
        if not self._specs:
            return picture
        asking = frozenset(i for i, r in picture.charge_points.items() if r.state[0] in PLUGGED)
        for input_id in self._specs:
            self._happen(input_id, Passed(now_s=picture.now_s, utc_s=picture.utc_s, asking=asking))
        said, self._said = self._said, []
        for message in said:
            self._tell(message)
        return replace(picture, limits=picture.limits + self._effect.limits, stops=self._effect.stops)

    def post(self, what: InputReading | DeviceFault) -> None:
        """Take a sample or a fault from a driver."""
        if isinstance(what, DeviceFault):
            self._faults[what.device_id] = what
            return
        self._faults.pop(what.input_id, None)
        level: Level = "alarm" if what.alarm else "quiet"
        self._happen(what.input_id, Heard(level=level, now_s=what.at_s, utc_s=self._clock.utc_s()))

    # -- towards people and programs (web.fire.FireSite) ----------------------------------------------------

    def inputs(self) -> list[Document]:
        """All inputs as they are now."""
        return [self._describe(spec, self._memories[spec.id]) for spec in self._specs.values()]

    def hear(self, input_id: str, level: Level) -> None:
        """A program says what its input says. Raises KeyError, ValueError (the input is wired)."""
        spec = self._known(input_id)
        if input_id not in self._pushed:
            raise ValueError(f"{spec.name} is wired; only its contact can say what it says.")
        self._happen(input_id, Heard(level=level, **self._times()))

    def reset(self, input_id: str, name: str, role: str, why: str) -> None:
        """A person on site opens the latch. Raises KeyError, NotAllowed."""
        self._known(input_id)
        self._happen(input_id, Reset(name=name, role=role, why=why, **self._times()))

    def test(self, input_id: str, name: str, *, active: bool) -> None:
        """Begin or end the test without cut. Raises KeyError, NotAllowed."""
        self._known(input_id)
        times = self._times()
        self._happen(input_id, BeginTest(name=name, **times) if active else EndTest(**times))

    def _times(self) -> dict[str, float]:
        return {"now_s": self._clock.monotonic_s(), "utc_s": self._clock.utc_s()}

    def _known(self, input_id: str) -> FireInput:
        try:
            return self._specs[input_id]
        except KeyError:
            raise KeyError(f"This site has no input {input_id!r}; /api/v1/inputs lists them.") from None

    def _describe(self, spec: FireInput, memory: FireMemory) -> Document:
        now_s = self._clock.monotonic_s()
        fault = self._faults.get(spec.id)
        back = len(spec.charge_points) if memory.released is None else len(memory.released)
        stopped = memory.state in {"alarm", "fault"} or memory.cut
        return {
            "id": spec.id,
            "name": spec.name,
            "kind": spec.kind,
            "state": memory.state,
            "level": memory.level,
            "since": datetime.fromtimestamp(memory.since_utc_s, self._zone).isoformat(timespec="seconds"),
            "age_s": round(max(0.0, now_s - memory.steady_s), 1),
            "stopped": stopped,
            "circuits": spec.circuits,
            "charge_points": len(spec.charge_points),
            "returned": 0 if stopped else back,
            "return_every_s": spec.return_every_s,
            "testing": memory.test is not None,
            "http": spec.id in self._pushed,
            "fault": None if fault is None else {"kind": fault.kind, "what": fault.what, "raw": fault.raw},
        }

    # -- what happens --------------------------------------------------------------------------------------

    def _happen(self, input_id: str, event: Event) -> None:
        before = self._memories[input_id]
        self._memories[input_id], said = step(self._specs[input_id], before, event)
        self._said += said
        now = self._now()
        if now != self._effect or (said and not isinstance(event, Passed)):
            self._effect = now
            self._wake()
        if self._durable() != self._saved:
            self._changed.set()

    def _now(self) -> Effect:
        return effect([(spec, self._memories[i]) for i, spec in self._specs.items()])

    def _durable(self) -> dict[str, tuple[object, ...]]:
        """What must be on disk; the rest is learnt anew."""
        return {i: (m.state, m.since_utc_s, m.released, m.cut) for i, m in self._memories.items()}

    # -- the latch on disk -----------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Save each change at once, for ever; what cannot be saved is tried again."""
        if self._specs:
            await asyncio.to_thread(self._reserve)
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not await asyncio.to_thread(self.save):
                await self._clock.sleep(SAVE_AGAIN_S)
                self._changed.set()

    def _reserve(self) -> None:
        """Room on the disk now, so that a full disk later does not matter."""
        try:
            self._slots.reserve()
        except StorageError as error:
            log.warning("the fire latch has no room on disk", why=str(error))

    def save(self) -> bool:
        """Write the latch if it changed; whether it is on disk. For any thread."""
        with self._writing:
            durable = self._durable()
            if durable == self._saved:
                return True
            try:
                self._slots.save(encode(KeptInputs(inputs=dict(self._memories))))
            except StorageError as error:
                self._not_saved(str(error))
                return False
            self._saved, self._failing = durable, False
            return True

    def _not_saved(self, why: str) -> None:
        if not self._failing:
            told = reason("latch_not_saved", why=why)
            now_s = self._clock.monotonic_s()
            self._said.append(Message(at_s=now_s, level="error", device_id="latch", reason=told))
        self._failing = True
