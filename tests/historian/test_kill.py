"""`kill -9` at any moment loses no quarter-hour and doubles none."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kwartier.historian.queries import quarters
from kwartier.historian.replay import blocks
from kwartier.historian.slots import Slots

CHILD = Path(__file__).with_name("recording_child.py")
KILLS = 100


def killed_once(database: Path, began_s: float, dice: random.Random) -> None:
    """Let a process record for up to 0.1 s after it began to, then kill it."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(database), str(began_s)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "recording\n", "the child could not start on what the last one left"
    time.sleep(dice.uniform(0, 0.1))
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()


def assert_whole(database: Path) -> int:
    """The file is sound, and the quarter-hours follow each other without gap, doubling or lost energy."""
    if not database.exists():
        return 0  # killed before the file was made
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        if connection.execute("PRAGMA user_version").fetchone() == (0,):
            return 0  # killed before its tables were made
    found = quarters(database, "p1", 0, 9e12)
    register = found[0].register_import_kwh - found[0].import_kwh if found else 0.0
    for number, quarter in enumerate(found):
        assert quarter.start_s == found[0].start_s + 900 * number
        assert round(quarter.register_import_kwh - register, 6) == quarter.import_kwh
        assert quarter.quality in {"measured", "interpolated", "partial"}
        register = quarter.register_import_kwh
    return len(found)


@pytest.mark.parametrize("seed", [1])
def test_kill_9_loses_and_doubles_no_quarter(database: Path, seed: int) -> None:
    """A hundred kills at random moments: after each the file is sound and every quarter is there once."""
    dice, began_s, known = random.Random(seed), time.time(), 0
    for _ in range(KILLS):
        killed_once(database, began_s, dice)
        now_known = assert_whole(database)
        assert now_known >= known, "a recorded quarter-hour is gone"
        known = now_known
    assert known > KILLS
    assert not [p for p in database.parent.iterdir() if "corrupt" in p.name]
    read = list(blocks(database, 0, 9e12))
    assert read
    assert not [b for b in read if isinstance(b, str)]
    saved = Slots(database.with_name(database.name + ".state")).load()
    assert saved is not None
    assert saved["state"]["meter_id"] == "p1"
