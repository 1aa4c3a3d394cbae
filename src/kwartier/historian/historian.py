"""The historian as edge and web see it. Everything that records returns at once and never raises."""

import fcntl
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from kwartier.historian import queries
from kwartier.historian.blocks import Cycle, Decided
from kwartier.historian.codec import Json, decode, dumps, encode
from kwartier.historian.notable import message_entry
from kwartier.historian.noted import Noted, noted
from kwartier.historian.slots import Slots
from kwartier.historian.status import RecordingStatus
from kwartier.historian.writer import Writer
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.clock import Clock
from kwartier.site.errors import LocalProtocolError, StorageError
from kwartier.site.setpoints import Message, Picture
from kwartier.site.topology import Site

RAW_DAYS = 14.0
KEEP_DAYS = 400.0
CLOSE_S = 10.0

T = TypeVar("T")


@dataclass(slots=True)
class _Lock:
    """An advisory lock that dies with its process."""

    descriptor: int | None

    @staticmethod
    def take(path: Path) -> "_Lock":
        """Raises StorageError when another process holds it. Where no lock file can be made nothing can be
        recorded either, and the writer says so."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return _Lock(None)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            database = path.with_suffix("")
            raise StorageError(
                f"another Kwartier (process {holder}) records in {database}. Stop it, or give this one its own "
                "historian.path."
            ) from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass  # a full disk: the lock holds without the number in it
        return _Lock(descriptor)

    def release(self) -> None:
        """Let go."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


class Historian:
    """Records cycles, quarter-hours, messages and state; answers questions about the past.

    `open` takes the lock and reads the state; `start` begins to write; `close` writes what is left.
    """

    def __init__(self, writer: Writer, lock: _Lock, state: Json | None, site: Site | None) -> None:
        self._writer = writer
        self._lock = lock
        self._state = state
        self._site = site
        self._before: Any = None
        self._linked = False
        self._started = False

    @classmethod
    def open(
        cls,
        path: str | Path,
        clock: Clock,
        *,
        site: Site | None = None,
        raw_days: float = RAW_DAYS,
        keep_days: float = KEEP_DAYS,
    ) -> "Historian":
        """Open the history in `path` (made when it does not exist, its folder too).

        `site` is kept in the journal, so that a replay needs nothing but the file. One-second history and
        minutes are kept for `raw_days`, five-minute charts for `keep_days`; quarter-hours, decisions and
        messages for ever. Raises StorageError only when another process records in the same file; any
        other trouble shows in `status`.
        """
        path = Path(path)
        lock = _Lock.take(path.with_name(path.name + ".lock"))
        key = "" if site is None else _key_of(site)
        slots = Slots(path.with_name(path.name + ".state"))
        saved = slots.load()
        writer = Writer(path, clock, slots, site=key, raw_days=raw_days, keep_days=keep_days)
        state = None if saved is None else writer.restore(saved)
        return cls(writer, lock, state, site)

    def start(self) -> None:
        """Begin to write, in a thread of its own."""
        if self._site is not None:
            now_s = self._writer.clock.utc_s()
            self._writer.put_entry((now_s, "site", _key_of(self._site), dumps(encode(self._site))))
        self._started = True
        self._writer.start()

    def close(self) -> None:
        """Write what is left and end; gives up after ten seconds when the disk hangs."""
        if not self._started or self._writer.stop(CLOSE_S):
            self._lock.release()

    # -- recording: returns at once, never raises ---------------------------------------------------------

    def cycle(
        self,
        picture: Picture,
        decision: Decided,
        *,
        before: object = None,
        values: Mapping[str, float | None] | None = None,
    ) -> None:
        """Record a cycle. Its parts must never be changed afterwards.

        `before`: the memory that the decision was made with, where it is not that of the cycle before (the
        first cycle; a memory changed by hand). `values`: more quantities for the charts, by name with the
        unit last (`grid_w`).
        """
        memory = self._before if before is None else before
        linked = self._linked and memory is self._before
        self._linked = self._writer.put_cycle(
            Cycle(memory, picture, decision, dict(values) if values else {}, linked)
        )
        self._before = decision.memory

    def quarter(self, closed: ClosedQuarter) -> None:
        """Record a closed quarter-hour, durably, within the second; hand over the state that builds on it
        afterwards."""
        self._writer.put_quarter(closed)

    def message(self, message: Message) -> None:
        """Record a message that no decision holds, durably."""
        self._writer.put_entry(message_entry(self._writer.clock.utc_s(), message))

    def state(self, state: object, *, urgent: bool = False) -> None:
        """Keep this state: a frozen dataclass (see `codec`) or plain JSON values. Saved within ten seconds,
        `urgent` (a fire latch) within milliseconds."""
        self._writer.put_state(state, urgent=urgent)

    # -- what is known ------------------------------------------------------------------------------------

    def status(self) -> RecordingStatus:
        """How recording goes, for the screen."""
        return self._writer.status()

    def flush(self, timeout_s: float = CLOSE_S) -> bool:
        """Wait until what was handed over is written or could not be; blocks, so not for the cycle."""
        return self._writer.flush(timeout_s)

    def saved_state(self) -> Json | None:
        """The state document as it was when this historian was opened; None when there was none."""
        return self._state

    def saved_state_as(self, cls: type[T]) -> T | None:
        """The same as an object of a dataclass; None also when another version wrote another shape."""
        if self._state is None:
            return None
        try:
            return decode(cls, self._state)
        except (LocalProtocolError, TypeError, ValueError, KeyError, AttributeError):
            return None

    def quarters(self, meter_id: str, from_s: float, to_s: float) -> list[ClosedQuarter]:
        """Quarter-hours of a meter that start in `[from_s, to_s)`, oldest first, those that wait for the
        disk included. Raises StorageError only when nothing at all is known."""
        waiting = [
            q
            for q in self._writer.waiting_quarters()
            if q.meter_id == meter_id and from_s <= q.start_s < to_s
        ]
        try:
            found = queries.quarters(self._writer.path, meter_id, from_s, to_s)
        except StorageError as error:
            self._tell(error)
            if not waiting:
                raise
            found = []
        known = {q.start_s: q for q in [*waiting, *found]}
        return [known[start_s] for start_s in sorted(known)]

    def newest_quarter(self, meter_id: str) -> ClosedQuarter | None:
        """The quarter-hour of a meter that was recorded last, for `metering.quarters.resume`; None when
        there is none or the history cannot be read."""
        waiting = [q for q in self._writer.waiting_quarters() if q.meter_id == meter_id]
        if waiting:
            return waiting[-1]
        try:
            return queries.newest_quarter(self._writer.path, meter_id)
        except StorageError as error:
            self._tell(error)
            return None

    def series(self, name: str, from_s: float, to_s: float, step_s: float) -> list[queries.Step]:
        """A charted quantity; see `queries.series`."""
        return self._ask(lambda: queries.series(self._writer.path, name, from_s, to_s, step_s))

    def highest(self, names: Collection[str], from_s: float, to_s: float) -> dict[str, queries.Highest]:
        """The largest value of each quantity; see `queries.highest`."""
        return self._ask(lambda: queries.highest(self._writer.path, names, from_s, to_s))

    def series_names(self) -> list[str]:
        """All quantities that were ever charted."""
        return self._ask(lambda: queries.series_names(self._writer.path))

    def decisions(self, charge_point_id: str, limit: int) -> list[queries.PastDecision]:
        """The newest changes of what a charge point was allowed, newest first."""
        return self._ask(lambda: queries.decisions(self._writer.path, charge_point_id, limit))

    def messages(self, limit: int) -> list[queries.PastMessage]:
        """The newest messages, newest first."""
        return self._ask(lambda: queries.messages(self._writer.path, limit))

    def noted(
        self, limit: int, *, before: int | None, levels: Collection[str], device_id: str | None
    ) -> list[Noted]:
        """Messages and faults page by page; see `noted.noted`."""
        return self._ask(
            lambda: noted(self._writer.path, limit, before=before, levels=levels, device_id=device_id)
        )

    def faults(self, limit: int) -> list[queries.PastFault]:
        """The newest faults of devices, newest first."""
        return self._ask(lambda: queries.faults(self._writer.path, limit))

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except StorageError as error:
            self._tell(error)
            raise

    def _tell(self, error: StorageError) -> None:
        if isinstance(error, queries.DamagedHistory):
            self._writer.suspect()


def _key_of(site: Site) -> str:
    return blake2b(dumps(encode(site)).encode(), digest_size=8).hexdigest()
