"""The one thread that writes. The cycle hands over and goes on; whatever the disk does happens here.

It reads no clock for its own pace: it wakes once a second (or at once for a quarter-hour, a message, an
urgent state) and commits every tenth time. What cannot be written waits in the backlog and is written when
the disk works again, so that a gap of the disk is no gap in the quarter-hours.
"""

import contextlib
import sqlite3
import threading
from collections import deque
from dataclasses import is_dataclass
from datetime import UTC, datetime
from pathlib import Path

from kwartier.historian import charts
from kwartier.historian.backlog import Backlog, trim
from kwartier.historian.blocks import BlockWriter, Cycle
from kwartier.historian.codec import Json, codec_of, encode
from kwartier.historian.notable import Entry, Notable, message_entry
from kwartier.historian.salvage import salvage
from kwartier.historian.schema import NewerDatabase, is_corrupt, move_aside, open_writer
from kwartier.historian.slots import Slots
from kwartier.historian.status import RecordingStatus, Trouble, code_of, problem_of
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.clock import Clock
from kwartier.site.errors import KwartierError, LocalProtocolError, StorageError
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Message

WAKE_S = 1.0
COMMIT_WAKES = 10
WORTH_TELLING_S = 10.0
"""A shorter wait for somebody else's lock loses nothing and is not worth a line in the journal for ever."""
TRIM_WAKES = 60
MOST_CYCLES = 600
"""Cycles that may wait for the thread; it takes them every second, so this many mean that it hangs."""

_QUARTER = codec_of(ClosedQuarter)


class Writer:
    """`put_*`, `wake` and `status` may be called from any thread and never block; the rest is its own."""

    def __init__(
        self, path: Path, clock: Clock, slots: Slots, *, site: str, raw_days: float, keep_days: float
    ) -> None:
        self.path = path
        self.clock = clock
        self.backlog = Backlog()
        self.notices: list[Reason] = []
        self._slots = slots
        self._keep = (raw_days, keep_days)
        self._cycles: deque[Cycle] = deque()
        self._quarters: deque[ClosedQuarter] = deque()
        self._entries: deque[Entry] = deque()
        self._states: deque[object] = deque(maxlen=1)
        self._state: object = None
        self._state_is_new = False
        self._refused = 0
        self._wake = threading.Event()
        self._stopping = False
        self._suspect = False
        self._flushed: deque[threading.Event] = deque()
        self._blocks = BlockWriter(site)
        self._minutes = charts.MinuteBuffer()
        self._notable = Notable()
        self._connection: sqlite3.Connection | None = None
        self._trouble: Trouble | None = None
        self._state_trouble: Trouble | None = None
        self._spilled = False
        self._thread = threading.Thread(target=self._run, name="historian", daemon=True)

    # -- any thread -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to write; the file is opened, checked and made there."""
        self._wake.set()
        self._thread.start()

    def restore(self, saved: Json) -> Json:
        """Take back what the state file held for us; returns the state document. Before `start`."""
        try:
            self._quarters.extend([_QUARTER.decode(q) for q in saved["quarters"]])
            self._spilled = bool(saved["quarters"])
            self._state = saved["state"]
        except (LocalProtocolError, TypeError, KeyError) as error:
            what = f"its state is of another version: {error}"
            self.notices.append(
                reason("recording_failed", path=str(self.path), quarters=0, dropped=1, detail=what)
            )
        return self._state

    def put_cycle(self, cycle: Cycle) -> bool:
        """Hand over a cycle; False when there was no room for it."""
        if len(self._cycles) >= MOST_CYCLES:
            self._refused += 1
            return False
        self._cycles.append(cycle)
        return True

    def put_quarter(self, quarter: ClosedQuarter) -> None:
        """Hand over a quarter-hour; it is committed at once."""
        self._quarters.append(quarter)
        self._wake.set()

    def put_entry(self, entry: Entry) -> None:
        """Hand over a journal entry; it is committed at once."""
        self._entries.append(entry)
        self._wake.set()

    def put_state(self, state: object, *, urgent: bool) -> None:
        """Hand over the state document; the newest one counts."""
        self._states.append(state)
        if urgent:
            self._wake.set()

    def suspect(self) -> None:
        """A reader met damage: look at the whole file."""
        self._suspect = True
        self._wake.set()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything handed over so far was tried to be written; False when it took longer."""
        if not self._thread.is_alive():
            return False
        done = threading.Event()
        self._flushed.append(done)
        self._wake.set()
        return done.wait(timeout_s)

    def stop(self, timeout_s: float) -> bool:
        """Write what is there and end; False when the disk hangs."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def waiting_quarters(self) -> list[ClosedQuarter]:
        """Quarter-hours that are not on disk yet."""
        for _ in range(3):
            with contextlib.suppress(RuntimeError):  # the thread changed the queue while we copied it
                return [q for _, q in self.backlog.quarters] + list(self._quarters)
        return []

    def status(self) -> RecordingStatus:
        """How recording goes."""
        trouble = self._trouble or self._state_trouble
        quarters = len(self.backlog.quarters) + len(self._quarters)
        dropped = self._refused + self.backlog.dropped
        queued = len(self._cycles) + len(self._quarters) + len(self._entries) + len(self.backlog)
        notices = tuple(self.notices)
        if trouble is None:
            return RecordingStatus(
                ok=True, queued=queued, unrecorded_quarters=quarters, dropped=dropped, notices=notices
            )
        why = problem_of(trouble, str(self.path), quarters, dropped)
        return RecordingStatus(
            ok=False,
            reason=why,
            problem=why.text(),
            since_s=trouble.since_s,
            queued=queued,
            unrecorded_quarters=quarters,
            dropped=dropped,
            notices=notices,
        )

    # -- the writer's thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        wakes = 0
        with contextlib.suppress(StorageError):  # the first save meets the same trouble and tells it
            self._slots.reserve()
        while not self._stopping:
            called = self._wake.wait(WAKE_S)
            self._wake.clear()
            wakes += 1
            due = called or wakes % COMMIT_WAKES == 0 or self._trouble is not None
            self._guarded_round(commit=due, tidy=wakes % TRIM_WAKES == 0)
        self._guarded_round(commit=True, last=True)
        self._drop_connection()

    def _guarded_round(self, *, commit: bool, tidy: bool = False, last: bool = False) -> None:
        waiting = [self._flushed.popleft() for _ in range(len(self._flushed))]
        try:
            self._round(commit=commit, tidy=tidy, last=last)
        except Exception as error:  # the thread's border: a writer that died of our mistake would be silent
            self._trouble = Trouble(
                "recording_failed", f"{type(error).__name__}: {error}", self.clock.utc_s()
            )
        for done in waiting:
            done.set()

    def _round(self, *, commit: bool, tidy: bool, last: bool) -> None:
        # The state is taken first: whatever quarters it builds on were handed over before it.
        if commit and self._states:
            self._state, self._state_is_new = self._states.popleft(), True
        self._take(last=last)
        if commit:
            self._commit()
            self._save_state()
        if tidy and self._connection is not None and self._trouble is None:
            with contextlib.suppress(sqlite3.Error):  # the next commit meets the same trouble and tells it
                trim(self._connection, self.clock.utc_s(), *self._keep)

    def _take(self, *, last: bool) -> None:
        """Move what was handed over into the backlog."""
        backlog = self.backlog
        while self._cycles:
            cycle = self._cycles.popleft()
            backlog.entries.extend(self._notable.of(cycle))
            done = self._minutes.add(
                cycle.picture.utc_s, charts.quantities(cycle.picture, cycle.decision, cycle.values)
            )
            if done is not None:
                backlog.minutes.append(done)
            try:
                part = self._blocks.add(cycle)
            except (KwartierError, TypeError, ValueError, AttributeError) as error:
                self._give_up_block(error)
                continue
            if part is not None:
                backlog.parts.append(part)
        now_s = self.clock.utc_s()
        while self._quarters:
            backlog.quarters.append((now_s, self._quarters.popleft()))
        while self._entries:
            backlog.entries.append(self._entries.popleft())
        if last and (rest := self._minutes.take()) is not None:
            backlog.minutes.append(rest)
        if last:
            self._end_block()
        backlog.bound()

    def _commit(self) -> None:
        part = self._blocks.take()
        if part is not None:
            self.backlog.parts.append(part)
        try:
            if self._connection is None:
                self._connection = open_writer(self.path)
            if self._suspect:
                self._suspect = False
                _check_all(self._connection)
            if len(self.backlog):
                self.backlog.store(self._connection)
        except (sqlite3.Error, NewerDatabase, OSError) as error:
            self._failed(error)
            return
        if self._trouble is not None:
            self._recovered(self._trouble)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, sqlite3.Error) and is_corrupt(error):
            self._start_anew(str(error))
            return
        code = "recording_newer" if isinstance(error, NewerDatabase) else code_of(error)
        since_s = self._trouble.since_s if self._trouble is not None else self.clock.utc_s()
        self._trouble = Trouble(code, str(error), since_s)
        if code != "recording_locked":
            self._drop_connection()

    def _start_anew(self, detail: str) -> None:
        """Move a damaged file aside, say so, and begin a new one with what waits."""
        self._drop_connection()
        self._end_block()
        now_s = self.clock.utc_s()
        stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
        try:
            aside = move_aside(self.path, stamp)
            self._connection = open_writer(self.path)
            saved = salvage(aside, self._connection)
            why = reason(
                "recording_moved_aside",
                path=str(self.path),
                aside=str(aside),
                detail=detail,
                quarters=saved.quarters,
                entries=saved.entries,
            )
            self.notices.append(why)
            self.backlog.entries.append(message_entry(now_s, self._message(why)))
            self.backlog.store(self._connection)
        except (sqlite3.Error, OSError) as error:
            since_s = self._trouble.since_s if self._trouble is not None else now_s
            self._trouble = Trouble(code_of(error), str(error), since_s)
            self._drop_connection()
            return
        self._trouble = None

    def _recovered(self, trouble: Trouble) -> None:
        self._trouble = None
        now_s = self.clock.utc_s()
        if now_s - trouble.since_s < WORTH_TELLING_S:
            return
        why = reason(
            "recording_caught_up",
            minutes=round(max(now_s - trouble.since_s, 0) / 60),
            dropped=self._refused + self.backlog.dropped,
        )
        self.backlog.entries.append(message_entry(now_s, self._message(why)))

    def _message(self, why: Reason) -> Message:
        return Message(at_s=self.clock.monotonic_s(), level="warning", device_id="historian", reason=why)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _give_up_block(self, error: Exception) -> None:
        """A decision that has no exact form is our own mistake: say it, and keep everything else going."""
        self.backlog.dropped += 1
        self._blocks = BlockWriter(self._blocks.site)
        why = reason("recording_failed", path=str(self.path), quarters=0, dropped=1, detail=str(error))
        if why not in self.notices:
            self.notices.append(why)

    def _end_block(self) -> None:
        part = self._blocks.take(end=True)
        if part is not None:
            self.backlog.parts.append(part)

    def _save_state(self) -> None:
        """Save the state after the quarters that it builds on, and with those that are not on disk."""
        spill = [_QUARTER.encode(q) for _, q in self.backlog.quarters]
        if not (self._state_is_new or spill or self._spilled):
            self._state_trouble = None
            return
        state = self._state
        try:
            document: Json = encode(state) if is_dataclass(state) else state
            self._slots.save({"state": document, "quarters": spill})
        except KwartierError as error:
            since_s = self._state_trouble.since_s if self._state_trouble else self.clock.utc_s()
            self._state_trouble = Trouble("recording_state_failed", str(error), since_s)
            return
        self._state_is_new = False
        self._spilled = bool(spill)
        self._state_trouble = None


def _check_all(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")
