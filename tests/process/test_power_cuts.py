"""The power goes at any moment of writing: the state is the old or the new one, the fire latch is never lost,
quarter-hours are there once.

A process that dies keeps what it wrote; a machine that dies may lose or tear whatever was not synced. The first
tests therefore note every write and every sync and lay out the disk as it may look after a power cut at each of
them; the others end a process before and after each single operation.
"""

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.clocks import StillClock
from tests.process.quarters import closed

from kwartier.edge.fire import FireWatch
from kwartier.historian import schema, slots
from kwartier.historian.historian import Historian
from kwartier.historian.queries import quarters
from kwartier.historian.slots import Slots
from kwartier.metering.quarters import ClosedQuarter
from kwartier.safety.fire import FireInput
from kwartier.site.readings import InputReading

# -- what may be left on a disk ----------------------------------------------------------------------------


@dataclass
class NotingOs:
    """`os` for `slots`, which notes what is written and what is synced."""

    events: list[tuple[str, str, int, bytes]] = field(default_factory=list)
    _names: dict[int, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        path = Path(path)
        if flags & os.O_CREAT and not path.exists():
            self.events.append(("made", path.name, 0, b""))
        descriptor = os.open(path, flags, mode)
        self._names[descriptor] = path.name if path.is_file() else ""
        return descriptor

    def pwrite(self, descriptor: int, data: memoryview, offset: int) -> int:
        self.events.append(("write", self._names[descriptor], offset, bytes(data)))
        return os.pwrite(descriptor, data, offset)

    def fsync(self, descriptor: int) -> None:
        name = self._names[descriptor]
        self.events.append(("sync" if name else "sync folder", name, 0, b""))
        os.fsync(descriptor)

    def mark(self, what: str) -> None:
        """Note that the caller knows something to be durable now."""
        self.events.append(("mark", what, 0, b""))


Image = dict[str, bytes]
TORN = (None, 0.5, 512)
"""A write that was not synced arrives whole, or its first half, or its first sector."""


@dataclass
class Disk:
    """A disk that knows what is durable on it and what is not yet."""

    durable: dict[str, bytearray] = field(default_factory=dict)
    pending: list[tuple[str, int, bytes]] = field(default_factory=list)
    loose: set[str] = field(default_factory=set)
    """Files whose name is not durable."""
    marks: list[str] = field(default_factory=list)

    def happens(self, what: str, name: str, offset: int, data: bytes) -> None:
        """One event."""
        if what == "made":
            self.durable[name] = bytearray()
            self.loose.add(name)
        elif what == "write":
            self.pending.append((name, offset, data))
        elif what == "sync":
            for other, at, piece in self.pending:
                if other == name:
                    _put(self.durable[name], at, piece)
            self.pending = [p for p in self.pending if p[0] != name]
        elif what == "sync folder":
            self.loose.clear()
        else:
            self.marks.append(name)

    def after_power_cut(self) -> Iterator[Image]:
        """Each way in which it may look."""
        for arrived in itertools.product((False, *TORN), repeat=len(self.pending)):
            disk = {name: bytearray(data) for name, data in self.durable.items()}
            for how, (name, at, piece) in zip(arrived, self.pending, strict=True):
                if how is not False:
                    _put(disk[name], at, piece[: _length(how, len(piece))])
            yield {n: bytes(d) for n, d in disk.items()}
            if self.loose:
                yield {n: bytes(d) for n, d in disk.items() if n not in self.loose}


def images(events: Sequence[tuple[str, str, int, bytes]]) -> Iterator[tuple[list[str], Image]]:
    """After each event: what is marked, and each way in which the disk may look after a power cut."""
    disk = Disk()
    for event in events:
        disk.happens(*event)
        for image in disk.after_power_cut():
            yield disk.marks, image


def _length(how: float | None, whole: int) -> int:
    if how is None:
        return whole
    return int(how) if how > 1 else int(whole * how)


def _put(file: bytearray, offset: int, data: bytes) -> None:
    if len(file) < offset + len(data):
        file.extend(bytes(offset + len(data) - len(file)))
    file[offset : offset + len(data)] = data


def lay_out(image: Image, folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    for name, data in image.items():
        (folder / name).write_bytes(data)


@pytest.fixture
def noting(monkeypatch: pytest.MonkeyPatch) -> NotingOs:
    """Every write of `slots` is noted."""
    found = NotingOs()
    monkeypatch.setattr(slots, "os", found)
    return found


def test_a_power_cut_leaves_the_old_or_the_new_state(tmp_path: Path, noting: NotingOs) -> None:
    """At each write and sync of six saves, one of them larger than the reserved room."""
    disk, after = tmp_path / "disk", tmp_path / "after"
    disk.mkdir()
    after.mkdir()
    writing = Slots(disk / "state")
    writing.reserve()
    for number in range(1, 7):
        filler = os.urandom(90_000).hex() if number == 4 else "x" * number
        writing.save({"number": number, "filler": filler})
        noting.mark(str(number))
    seen = set()
    count = 0
    for marks, image in images(noting.events):
        lay_out(image, after)
        found = Slots(after / "state").load()
        known = int(marks[-1]) if marks else 0
        number = 0 if found is None else found["number"]
        assert number in {known, known + 1}, f"after save {known} the disk holds {number}"
        seen.add((known, number))
        count += 1
    assert {(n, n + 1) for n in range(6)} <= seen, "each new state is found before it is known to be durable"
    assert count > 60


def watch(folder: Path) -> FireWatch:
    return FireWatch(
        [FireInput(id="panel", name="Panel", charge_points=("left",), circuits=("grid",))],
        clock=StillClock(),
        path=folder / "h.latch",
        tell=lambda _: None,
        wake=lambda: None,
        zone=ZoneInfo("Europe/Brussels"),
    )


def test_a_power_cut_never_opens_the_fire_latch(tmp_path: Path, noting: NotingOs) -> None:
    """Once the alarm is on disk every later power cut finds it there; before, it is the old state or a latch."""
    disk, after = tmp_path / "disk", tmp_path / "after"
    disk.mkdir()
    after.mkdir()
    fire = watch(disk)
    fire._reserve()
    for level, mark in ((False, "quiet"), (True, "alarm")):
        for tenth in range(1, 40):
            at_s = 100.0 + 10 * level + tenth / 4
            StillClock.now_s = at_s
            fire.post(InputReading(input_id="panel", at_s=at_s, alarm=level))
        assert fire.save()
        noting.mark(mark)
    assert fire.inputs()[0]["state"] == "alarm"
    states = set()
    for marks, image in images(noting.events):
        lay_out(image, after)
        state = watch(after).inputs()[0]["state"]
        states.add((tuple(marks), state))
        if "alarm" in marks:
            assert state == "alarm"
    assert (("quiet", "alarm"), "alarm") in states
    assert len(states) >= 3


# -- each single operation ------------------------------------------------------------------------------------


@dataclass
class Countdown:
    """Ends the process at the n-th operation."""

    left: int

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(9)


class DyingOs:
    """`os` for `slots`: before and after each call the process may end."""

    def __init__(self, countdown: Countdown) -> None:
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        value = getattr(os, name)
        if name not in {"open", "pwrite", "fsync", "close"}:
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            self._countdown.tick()
            result = value(*args, **kwargs)
            self._countdown.tick()
            return result

        return call


def dying_sqlite(countdown: Countdown) -> Any:
    """`sqlite3` for `schema`: before and after each statement the process may end."""

    class Dying(sqlite3.Connection):
        def _around(self, call: Callable[..., Any], *args: Any) -> Any:
            countdown.tick()
            result = call(*args)
            countdown.tick()
            return result

        def execute(self, *args: Any) -> Any:
            return self._around(super().execute, *args)

        def executemany(self, *args: Any) -> Any:
            return self._around(super().executemany, *args)

        def executescript(self, *args: Any) -> Any:
            return self._around(super().executescript, *args)

    class Module:
        def __getattr__(self, name: str) -> Any:
            return getattr(sqlite3, name)

        def connect(self, *args: Any, **kwargs: Any) -> sqlite3.Connection:
            return sqlite3.connect(*args, factory=Dying, **kwargs)

    return Module()


QUARTERS = 4


def record(database: Path, first: int) -> None:
    """Record quarters one after the other, each with the state that builds on it, in this thread."""
    historian = Historian.open(database, StillClock())
    writer = historian._writer
    writer._slots.reserve()
    for number in range(first, QUARTERS):
        historian.quarter(closed(number, "p1"))
        historian.state({"recorded": number})
        writer._guarded_round(commit=True)
    writer._guarded_round(commit=True, last=True)
    writer._drop_connection()
    historian.close()


def dies_at(database: Path, operation: int) -> bool:
    """Record in a process that ends at that operation; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            countdown = Countdown(operation)
            slots.os = DyingOs(countdown)  # type: ignore[attr-defined, assignment]
            schema.sqlite3 = dying_sqlite(countdown)  # type: ignore[attr-defined]
            record(database, 0)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, 9}, f"the process failed at operation {operation}"
    return code == 9


def test_a_death_at_any_operation_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Before and after each statement and each file operation; then a new process goes on."""
    operation = 0
    while True:
        operation += 1
        database = tmp_path / str(operation) / "h.sqlite"
        if not dies_at(database, operation):
            break
        again = Historian.open(database, StillClock())
        state = again.saved_state()
        known = -1 if state is None else state["recorded"]
        on_disk = {q.start_s for q in _quarters(database)}
        waiting = {q.start_s for q in again._writer.waiting_quarters()}
        there = on_disk | waiting
        assert there == {closed(n, "p1").start_s for n in range(len(there))}, f"operation {operation}: a hole"
        assert len(there) > known, f"operation {operation}: the state builds on a quarter that is not there"
        again.close()
        record(database, len(there))
        found = _quarters(database)
        assert [q.start_s for q in found] == [closed(n, "p1").start_s for n in range(QUARTERS)]
        assert not [p.name for p in database.parent.iterdir() if "corrupt" in p.name]
    assert operation > 100


def _quarters(database: Path) -> list[ClosedQuarter]:
    try:
        return quarters(database, "p1", 0, 9e12)
    except Exception:
        return []  # no file, or none of its tables yet


def test_a_torn_log_of_the_database_holds_all_that_was_committed(tmp_path: Path) -> None:
    """The log that SQLite appends to, cut off at every 256 bytes after the last commit: the committed
    quarter-hours are there, and the next one is there or not."""
    database = tmp_path / "h.sqlite"
    log = tmp_path / "h.sqlite-wal"
    historian = Historian.open(database, StillClock())
    writer = historian._writer
    sizes = []
    for number in range(3):
        historian.quarter(closed(number, "p1"))
        writer._guarded_round(commit=True)
        sizes.append(log.stat().st_size)
    whole, main = log.read_bytes(), database.read_bytes()
    after = tmp_path / "after"
    after.mkdir()
    found = set()
    for size in (*range(sizes[1], sizes[2], 256), sizes[2]):
        lay_out({"h.sqlite": main, "h.sqlite-wal": whole[:size]}, after)
        number = len(quarters(after / "h.sqlite", "p1", 0, 9e12))
        assert number in {2, 3}
        found.add(number)
    assert found == {2, 3}
    writer._drop_connection()
    historian.close()
