"""The historian records what it is given, answers, and comes to no harm from its disk."""

import os
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kwartier.historian import Historian
from kwartier.historian import backlog as backlog_module
from kwartier.historian import writer as writer_module
from kwartier.historian.blocks import BlockId, Part
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.errors import StorageError
from kwartier.site.readings import DeviceFault
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Message
from kwartier.site.topology import Site

Make = Callable[[int], ClosedQuarter]
T0 = 1_790_000_100


@pytest.fixture
def historian(database: Path, clock: Any, site: Site) -> Iterator[Historian]:
    """A started historian on a healthy disk."""
    historian = Historian.open(database, clock, site=site)
    historian.start()
    yield historian
    historian.close()


def starts(historian: Historian) -> list[int]:
    """Which of the numbered quarters are known."""
    return [(q.start_s - T0) // 900 for q in historian.quarters("p1", 0, 9e9)]


def test_recorded_quarters_come_back_equal(historian: Historian, quarter: Make) -> None:
    """Every field of a quarter-hour is kept."""
    given = [quarter(n) for n in range(5)]
    for q in given:
        historian.quarter(q)
    assert historian.flush()
    assert historian.quarters("p1", T0 + 900, T0 + 3600) == given[1:4]
    assert historian.newest_quarter("p1") == given[4]
    assert historian.quarters("other", 0, 9e9) == []


def test_same_quarter_twice_is_kept_once_and_first(historian: Historian, quarter: Make) -> None:
    """A quarter that is handed over again after a restart changes nothing."""
    historian.quarter(quarter(1))
    historian.quarter(quarter(1))
    assert historian.flush()
    assert starts(historian) == [1]


def test_history_refuses_to_be_changed(historian: Historian, quarter: Make, database: Path) -> None:
    """The journal and the quarter-hours are append-only for everybody who opens the file."""
    historian.quarter(quarter(1))
    historian.message(Message(at_s=1.0, level="info", device_id="site", reason=reason("started")))
    assert historian.flush()
    with sqlite3.connect(database) as other:
        for sentence in (
            "UPDATE quarter SET import_kwh = 0",
            "DELETE FROM quarter",
            "UPDATE journal SET data = ''",
            "DELETE FROM journal",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                other.execute(sentence)


def test_messages_and_faults_come_back_newest_first(
    historian: Historian, picture_at: Any, toy: Any, site: Site, clock: Any
) -> None:
    """A fault that is repeated in the same words is journalled once in ten minutes."""
    step, memory_type = toy
    memory = memory_type()
    for n in range(700):
        fault = DeviceFault(device_id="c1", at_s=clock.now_s, kind="unreachable", what="no answer")
        picture = picture_at(clock.now_s)
        picture = type(picture)(
            now_s=picture.now_s,
            utc_s=picture.utc_s,
            meters=picture.meters,
            charge_points=picture.charge_points,
            wishes={},
            faults=(fault,) if n in {0, 30, 60, 699} else (),
        )
        decision = step(site, memory, picture)
        historian.cycle(picture, decision)
        memory = decision.memory
        clock.now_s += 1
        if n % 100 == 0:
            assert historian.flush()
    historian.message(Message(at_s=5.0, level="error", device_id="c2", reason=reason("started")))
    assert historian.flush()
    assert [f.fault.at_s for f in historian.faults(10)] == [1699.0, 1000.0]
    said = historian.messages(3)
    assert (said[0].message.device_id, said[0].message.level) == ("c2", "error")
    assert [m.message.at_s for m in said[1:]] == [1690.0, 1680.0]


def test_decisions_tell_what_a_charge_point_was_allowed_and_why(
    historian: Historian, run: Any, clock: Any, toy: Any
) -> None:
    """Newest first; starts and stops always, other changes once a minute at most."""
    run(historian, clock, toy[1](), 400)
    assert historian.flush()
    found = historian.decisions("c0", 100)
    assert 400 / 60 - 1 <= len(found) <= 400 / 60 + 20
    assert found[0].at_s > found[-1].at_s
    assert found[0].reason.code == "charger_max"
    switched = [a for a, b in pairwise(found) if (a.current_a > 0) != (b.current_a > 0)]
    others = [d.at_s for d in found if d not in switched]
    assert all(a - b >= 60 for a, b in pairwise(others))


def test_chart_has_mean_and_extremes_of_each_minute(
    historian: Historian, run: Any, clock: Any, toy: Any
) -> None:
    """`grid_w` rises by one each second: the mean of a minute is its middle. Old readings are not charted."""
    run(historian, clock, toy[1](), 700)
    historian.close()
    first = T0 // 60 * 60
    minutes = historian.series("grid_w", first, first + 700, 60)
    assert [(s.start_s - first) // 60 for s in minutes] == list(range(12))
    assert (minutes[1].mean, minutes[1].low, minutes[1].high) == (1089.5, 1060.0, 1119.0)
    five = historian.series("grid_w", first, first + 700, 300)
    assert [(s.mean, s.low, s.high) for s in five[:2]] == [(1149.5, 1000.0, 1299.0), (1449.5, 1300.0, 1599.0)]
    assert "charge_point.c0.current_a" in historian.series_names()
    assert "charge_point.c2.current_a" not in historian.series_names()


def test_the_highest_value_is_found_with_its_time(
    historian: Historian, run: Any, clock: Any, toy: Any
) -> None:
    """In five-minute and in minute rows alike, and how much is recorded; a name without values is left out."""
    run(historian, clock, toy[1](), 700)
    historian.close()
    first = T0 // 60 * 60
    found = historian.highest(["grid_w", "charge_point.c2.current_a"], first, first + 700)
    assert set(found) == {"grid_w"}
    assert (found["grid_w"].value, found["grid_w"].at_s) == (1699.0, first + 660)
    assert found["grid_w"].recorded_s == 720
    assert historian.highest(["grid_w"], first, first + 120)["grid_w"].value >= 1119.0
    assert historian.highest(["grid_w"], 0, first - 3600) == {}


def test_minute_of_a_restart_is_merged(database: Path, clock: Any, site: Site, run: Any, toy: Any) -> None:
    """Both halves of a minute in which Kwartier was restarted count in its mean."""
    for cycles in (30, 30):
        historian = Historian.open(database, clock, site=site)
        historian.start()
        run(historian, clock, toy[1](), cycles)
        historian.close()
    steps = historian.series("grid_w", T0 - 60, T0 + 600, 60)
    assert [(s.mean, s.low, s.high) for s in steps] == [(1029.5, 1000.0, 1059.0)]


def test_unknown_series_and_too_many_steps_are_refused(
    historian: Historian, run: Any, clock: Any, toy: Any
) -> None:
    """A question without an answer is told apart from an empty time."""
    run(historian, clock, toy[1](), 70)
    assert historian.flush()
    with pytest.raises(KeyError, match="nothing called 'x'"):
        historian.series("x", 0, 60, 60)
    with pytest.raises(ValueError, match="more than 10000 steps"):
        historian.series("grid_w", 0, 1e9, 60)
    assert historian.series("grid_w", 0, 6000, 60) == []


def test_state_comes_back_after_a_restart(database: Path, clock: Any, toy: Any) -> None:
    """As an object of its class, or as JSON; of another shape it is no state."""
    memory = toy[1](steps=3, total_a=0.1 + 0.2, seen=((-0.0, "x"),))
    historian = Historian.open(database, clock)
    historian.start()
    historian.state(memory, urgent=True)
    assert historian.flush()
    historian.close()
    again = Historian.open(database, clock)
    assert again.saved_state_as(toy[1]) == memory
    assert again.saved_state_as(ClosedQuarter) is None
    again.close()


def test_two_processes_on_one_file_are_refused(historian: Historian, database: Path, clock: Any) -> None:
    """The second one is told who holds the file and what to do."""
    with pytest.raises(StorageError, match=rf"process {os.getpid()}\) records in .*history.sqlite\. Stop it"):
        Historian.open(database, clock)


def test_closed_historian_frees_its_file(database: Path, clock: Any) -> None:
    """After `close` another may record there."""
    Historian.open(database, clock).close()
    Historian.open(database, clock).close()


def test_handing_over_never_blocks_and_counts_what_is_lost(
    database: Path, clock: Any, run: Any, toy: Any, quarter: Make
) -> None:
    """With a writer that hangs (here: never started) the cycle goes on and the loss is counted."""
    historian = Historian.open(database, clock)
    memory = toy[1]()
    for _ in range(9):
        memory = run_without_flush(historian, clock, run, memory)
    for n in range(100):
        historian.quarter(quarter(n))
    status = historian.status()
    assert status.dropped == 9 * 99 - writer_module.MOST_CYCLES
    assert status.unrecorded_quarters == 100
    assert len(historian.quarters("p1", 0, 9e9)) == 100
    historian.close()


def run_without_flush(historian: Historian, clock: Any, run: Any, memory: Any) -> Any:
    """99 cycles, starting where no flush is due."""
    clock.now_s = clock.now_s // 200 * 200 + 1
    return run(historian, clock, memory, 99)


def test_locked_database_is_told_and_caught_up(
    historian: Historian, database: Path, quarter: Make, clock: Any
) -> None:
    """While another program holds the file all waits in memory; afterwards nothing is missing."""
    historian.quarter(quarter(0))
    assert historian.flush()
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for n in range(1, 97):
        historian.quarter(quarter(n))
    assert historian.flush()
    status = historian.status()
    assert not status.ok
    assert status.problem is not None
    assert "Another program holds" in status.problem
    assert "96 quarter-hours wait in memory" in status.problem
    assert starts(historian) == list(range(97))
    other.execute("ROLLBACK")
    other.close()
    clock.now_s += 300
    assert historian.flush()
    assert historian.status().ok
    assert historian.status().unrecorded_quarters == 0
    assert starts(historian) == list(range(97))
    assert historian.flush()
    why = historian.messages(1)[0].message.reason
    assert (why.code, why.text()[:32]) == ("recording_caught_up", "Recording again after 5 minutes;")


def test_full_disk_is_told_and_caught_up(
    database: Path, clock: Any, site: Site, quarter: Make, run: Any, toy: Any
) -> None:
    """Files that may not grow (as on a full disk): recording stops in words and is caught up."""
    historian = Historian.open(database, clock, site=site)
    historian.start()
    historian.state({"n": 1}, urgent=True)
    assert historian.flush()
    historian.state({"n": 2}, urgent=True)
    assert historian.flush()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (98_304, before[1]))
    try:
        memory = run(historian, clock, toy[1](), 1500)
        for n in range(96):
            historian.quarter(quarter(n))
        assert historian.flush()
        status = historian.status()
        assert not status.ok
        assert status.problem is not None
        assert "are not being recorded" in status.problem
        assert status.unrecorded_quarters == 96
        assert starts(historian) == list(range(96))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    run(historian, clock, memory, 10)
    assert historian.flush()
    assert historian.status().ok
    historian.close()
    assert starts(historian) == list(range(96))


def test_quarters_survive_a_death_while_the_database_cannot_be_written(
    database: Path, clock: Any, quarter: Make
) -> None:
    """What waits in memory is kept with the state, so that a crash on a full disk loses no quarter-hour."""
    historian = Historian.open(database, clock)
    historian.start()
    assert historian.flush()
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for n in range(5):
        historian.quarter(quarter(n))
    historian.state({"n": 7})
    assert historian.flush()
    historian.close()
    other.close()
    again = Historian.open(database, clock)
    assert again.saved_state() == {"n": 7}
    again.start()
    assert again.flush()
    assert starts(again) == [0, 1, 2, 3, 4]
    assert again.status().unrecorded_quarters == 0
    again.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_tiny_disk_and_read_only_disk(tmp_path: Path, clock: Any, quarter: Make, run: Any, toy: Any) -> None:
    """A real file system without space, then read-only, then healthy again: told each time, nothing lost."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "none", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not allow mounting")
    try:
        historian = Historian.open(disk / "h.sqlite", clock)
        historian.start()
        assert historian.flush()
        (disk / "filler").write_bytes(bytes(150_000))
        memory = run(historian, clock, toy[1](), 3000)
        historian.quarter(quarter(0))
        assert historian.flush()
        assert "disk with" in (historian.status().problem or "")
        (disk / "filler").unlink()
        subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
        assert historian.flush()
        assert historian.status().ok
        historian.close()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        historian = Historian.open(disk / "h.sqlite", clock)
        historian.start()
        historian.quarter(quarter(1))
        run(historian, clock, memory, 20)
        assert historian.flush()
        status = historian.status()
        assert "cannot be written" in (status.problem or "")
        assert starts(historian) == [0, 1]
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        assert historian.flush()
        assert historian.status().ok
        historian.close()
        assert starts(historian) == [0, 1]
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_missing_folder_is_made(tmp_path: Path, clock: Any, quarter: Make) -> None:
    """`var/history.sqlite` works in a fresh folder."""
    historian = Historian.open(tmp_path / "a" / "b" / "h.sqlite", clock)
    historian.start()
    historian.quarter(quarter(0))
    assert historian.flush()
    assert starts(historian) == [0]
    historian.close()


@pytest.mark.parametrize("damage", ["header", "pages", "schema", "empty-log"])
def test_damaged_database_is_moved_aside_and_said(
    database: Path, clock: Any, quarter: Make, run: Any, toy: Any, damage: str
) -> None:
    """Nothing is deleted: the damaged file stays beside the new one, and people are told."""
    historian = Historian.open(database, clock)
    historian.start()
    run(historian, clock, toy[1](), 600)
    for n in range(20):
        historian.quarter(quarter(n))
    historian.close()
    data = bytearray(database.read_bytes())
    if damage == "header":
        data[:16] = b"not a database!!"
    elif damage == "pages":
        data[4096 * 2 : 4096 * 8] = os.urandom(4096 * 6)
    elif damage == "schema":
        data[100:4096] = os.urandom(3996)
    else:
        data = bytearray(os.urandom(5000))
    database.write_bytes(data)
    historian = Historian.open(database, clock)
    historian.start()
    historian.quarter(quarter(20))
    assert historian.flush()
    status = historian.status()
    assert status.ok
    assert [n.code for n in status.notices] == ["recording_moved_aside"]
    assert "was damaged" in status.notices[0].text()
    assert starts(historian)[-1] == 20
    assert historian.flush()
    assert "recording_moved_aside" in {m.message.reason.code for m in historian.messages(2)}
    historian.close()
    (aside,) = [p for p in database.parent.iterdir() if ".corrupt-" in p.name]
    assert aside.read_bytes() == bytes(data)


def test_what_can_be_read_of_a_damaged_database_is_saved(
    database: Path, clock: Any, quarter: Make, run: Any, toy: Any
) -> None:
    """Damage in the one-second history costs no quarter-hour, no decision and no message."""
    historian = Historian.open(database, clock)
    historian.start()
    given = [quarter(n) for n in range(96)]
    for q in given:
        historian.quarter(q)
    run(historian, clock, toy[1](), 600)
    historian.close()
    decided, said = historian.decisions("c0", 1000), historian.messages(1000)
    with sqlite3.connect(database) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'raw'").fetchone()
    with database.open("r+b") as file:
        file.seek(4096 * (page - 1))
        file.write(os.urandom(4096))
    historian = Historian.open(database, clock)
    historian.start()
    assert historian.flush()
    assert "with 96 quarter-hours and" in historian.status().notices[0].text()
    assert historian.quarters("p1", 0, 9e9) == given
    assert historian.decisions("c0", 1000) == decided
    assert historian.messages(1000)[1:] == said
    historian.close()


def test_decision_without_exact_form_is_told_and_the_rest_recorded(
    historian: Historian, picture_at: Any, toy: Any, site: Site, quarter: Make
) -> None:
    """A memory that cannot be written is our mistake: said on screen, while all else goes on."""
    decision = toy[0](site, toy[1](), picture_at(1000.0))
    broken = type(decision)(memory=object(), setpoints=decision.setpoints)
    historian.cycle(picture_at(1000.0), broken, before=object())
    historian.quarter(quarter(0))
    assert historian.flush()
    assert [n.code for n in historian.status().notices] == ["recording_failed"]
    assert historian.status().dropped == 1
    assert starts(historian) == [0]
    assert historian.decisions("c0", 1)


def test_damage_found_while_running_is_moved_aside(
    historian: Historian, database: Path, quarter: Make, run: Any, clock: Any, toy: Any
) -> None:
    """Pages that go bad under a running Kwartier are found by the next reader, and recording goes on."""
    run(historian, clock, toy[1](), 600)
    historian.quarter(quarter(0))
    assert historian.flush()
    with sqlite3.connect(database) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(StorageError, match="cannot be read"):
        historian.messages(5)
    assert historian.flush()
    historian.quarter(quarter(1))
    assert historian.flush()
    assert starts(historian) == [1]
    assert [n.code for n in historian.status().notices] == ["recording_moved_aside"]


def test_history_of_a_newer_kwartier_is_left_alone(database: Path, clock: Any, quarter: Make) -> None:
    """An older program never touches what it does not know; it says so."""
    with sqlite3.connect(database) as newer:
        newer.execute("PRAGMA user_version = 99")
        newer.execute("CREATE TABLE future (x)")
    historian = Historian.open(database, clock)
    historian.start()
    historian.quarter(quarter(0))
    assert historian.flush()
    assert "was written by a newer Kwartier" in (historian.status().problem or "")
    historian.close()
    with sqlite3.connect(database) as newer:
        assert newer.execute("SELECT name FROM sqlite_schema").fetchall() == [("future",)]
    assert [p.name for p in database.parent.iterdir() if "corrupt" in p.name] == []


def test_old_one_second_history_goes_and_the_rest_stays(
    database: Path, clock: Any, run: Any, toy: Any, quarter: Make
) -> None:
    """After two weeks blocks and minutes are let go, a little at a time; quarter-hours and journal never."""
    historian = Historian.open(database, clock)
    historian.start()
    run(historian, clock, toy[1](), 1500)
    historian.quarter(quarter(0))
    historian.close()
    with sqlite3.connect(database, isolation_level=None) as connection:
        (blocks,) = connection.execute("SELECT count(DISTINCT block) FROM raw").fetchone()
        (entries,) = connection.execute("SELECT count(*) FROM journal").fetchone()
        assert blocks >= 25
        backlog_module.trim(connection, T0 + 15 * 86400, 14, 400)
        assert connection.execute("SELECT count(DISTINCT block) FROM raw").fetchone() == (blocks - 10,)
        for _ in range(5):
            backlog_module.trim(connection, T0 + 15 * 86400, 14, 400)
        assert connection.execute("SELECT count(*) FROM raw").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM chart WHERE step_s = 60").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM chart WHERE step_s = 300").fetchone()[0] >= 4
        assert connection.execute("SELECT count(*) FROM quarter").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM journal").fetchone() == (entries,)


def test_backlog_keeps_a_day_of_quarters_and_lets_the_oldest_seconds_go(quarter: Make) -> None:
    """Memory is bounded: raw history first, and what is lost is counted."""
    backlog = backlog_module.Backlog()
    backlog.quarters.extend((0.0, quarter(n)) for n in range(backlog_module.MOST_QUARTERS + 3))
    part = Part(
        block=BlockId(),
        number=0,
        from_s=0.0,
        until_s=10.0,
        cycles=10,
        data=bytes(1024 * 1024),
    )
    backlog.parts.extend([part] * 9)
    backlog.bound()
    assert len(backlog.quarters) == backlog_module.MOST_QUARTERS >= 96 * 200
    assert backlog.quarters[0][1] == quarter(3)
    assert len(backlog.parts) == 8
    assert backlog.dropped == 13
