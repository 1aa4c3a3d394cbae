"""The guardian, with small programs of real processes in place of the controller."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tie between the processes is Linux'")

PROGRAM = """
import os, signal, sys, time, types
from kwartier.edge.host.guardian import guard
os.environ["WATCHDOG_PID"] = str(os.getpid())  # as systemd does
sys.modules["kwartier.part"] = part = types.ModuleType("kwartier.part")
part.__file__ = {part!r}
print("loaded", os.getpid(), flush=True)

def run(again):
    print("life", os.getpid(), again, os.environ.get("WATCHDOG_PID"), flush=True)
    {body}

sys.exit(guard(run))
"""
LIVES = "time.sleep(60)"
ENDS = "return 3"
CRASHES = "os.kill(os.getpid(), signal.SIGSEGV)"
CRASHES_ONCE = "again or os.kill(os.getpid(), signal.SIGABRT); return 0"


class Guarded:
    """A guardian under test; `lines` are what it and its controllers print."""

    def __init__(self, folder: Path, body: str, part: Path | None = None) -> None:
        program = folder / "program.py"
        program.write_text(PROGRAM.format(body=body, part=str(part)))
        self.process = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)

    def line(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[list[Guarded]]:
    made: list[Guarded] = []
    yield made
    for one in made:
        one.process.kill()
        one.process.wait()
        assert one.process.stdout is not None
        one.process.stdout.close()


def gone(pid: int) -> bool:
    """Dead, or dead and not yet buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_a_killed_controller_is_replaced_by_one_that_knows(guarded: list[Guarded], tmp_path: Path) -> None:
    guarded.append(one := Guarded(tmp_path, LIVES))
    _, guardian = one.line()
    seen: set[str] = set()
    for again in ("False", "True", "True"):
        _, pid, told, watched = one.line()
        assert told == again
        assert pid not in {guardian, *seen}
        assert watched == pid, "systemd's watchdog is fed by the controller"
        seen.add(pid)
        time.sleep(0.05)
        os.kill(int(pid), signal.SIGKILL)
    assert one.process.poll() is None


@pytest.mark.parametrize(("body", "code"), [(ENDS, 3), (CRASHES_ONCE, 0)])
def test_a_controller_that_ends_ends_the_guardian(
    guarded: list[Guarded], tmp_path: Path, body: str, code: int
) -> None:
    guarded.append(one := Guarded(tmp_path, body))
    assert one.process.wait(30) == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_stops_the_guardian_stops_the_controller(
    guarded: list[Guarded], tmp_path: Path, number: signal.Signals
) -> None:
    guarded.append(one := Guarded(tmp_path, LIVES))
    one.line()
    pid = int(one.line()[1])
    one.process.send_signal(number)
    assert one.process.wait(30) in {128 + number, 1, 130}  # the controller of this test has no handlers
    assert gone(pid)


def test_no_controller_outlives_its_guardian(guarded: list[Guarded], tmp_path: Path) -> None:
    guarded.append(one := Guarded(tmp_path, LIVES))
    one.line()
    pid = int(one.line()[1])
    one.process.kill()
    one.process.wait()
    until_s = time.monotonic() + 20
    while not gone(pid):
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_what_keeps_dying_is_loaded_afresh(guarded: list[Guarded], tmp_path: Path) -> None:
    guarded.append(one := Guarded(tmp_path, CRASHES))
    lines = [one.line() for _ in range(12)]
    assert [line[0] for line in lines] == ["loaded", *["life"] * 10, "loaded"]
    assert lines[11][1] == lines[0][1], "the process is the same, so that a service manager sees nothing"
    assert [line[2] for line in lines[1:11]] == ["False", *["True"] * 9]


def test_an_updated_program_is_loaded_afresh(guarded: list[Guarded], tmp_path: Path) -> None:
    part = tmp_path / "part.py"
    part.write_text("")
    guarded.append(one := Guarded(tmp_path, LIVES, part))
    one.line()
    pid = int(one.line()[1])
    time.sleep(0.5)  # it notes the files while the first controller starts
    part.write_text("# newer")
    os.kill(pid, signal.SIGKILL)
    assert one.line()[0] == "loaded"
    assert one.line()[2] == "False"
