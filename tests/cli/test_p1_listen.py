"""`kwartier p1 listen`: records out, sentences beside them, a clean end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from kwartier.cli.p1_listen import listen

RECORDING = Path(__file__).parents[1] / "data" / "p1" / "nl_v50_am550_mini.txt"
PROGRAM = "import typer; from kwartier.cli.p1_listen import listen; typer.run(listen)"
app = typer.Typer()
app.command()(listen)


def run(*arguments: str) -> tuple[int, list[dict[str, object]], str]:
    """Exit code, records, error output."""
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_prints_each_telegram_and_says_when_a_recording_ended() -> None:
    """The two whole telegrams of the capture as `p1 decode` gives them; the cut ones are no telegrams."""
    code, records, errors = run(f"file://{RECORDING}?speed=1000")
    good = [r for r in records if r["ok"]]
    assert code == 0
    assert [r["timestamp"] for r in good] == ["2019-03-24T15:05:19+01:00", "2019-03-24T15:05:20+01:00"]
    assert good[0]["source"] == str(RECORDING)
    assert "replay ended" in errors


def test_stops_after_the_count() -> None:
    """--count 1 ends at the first good telegram, without complaint."""
    code, records, errors = run(f"file://{RECORDING}?speed=1000", "--count", "1")
    assert (code, len(records), errors) == (0, 1, "")


def test_no_good_telegram_is_a_negative_answer(tmp_path: Path) -> None:
    """Exit code 1, and the damaged one is shown and told."""
    path = tmp_path / "bad.txt"
    path.write_bytes(RECORDING.read_bytes()[-900:].replace(b"*kWh", b"*kXh"))
    code, records, errors = run(f"file://{path}?speed=1000")
    assert code == 1
    assert not any(r["ok"] for r in records)
    assert "no good telegram" in errors


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(("mqtt://x",), "no such kind"), (("tcp://h:1", "--key", "12"), "--key must be 32 hex digits")],
)
def test_misuse_is_a_sentence(arguments: tuple[str, ...], hint: str) -> None:
    """Exit code 2 and how to write it."""
    code, records, errors = run(*arguments)
    assert (code, records) == (2, [])
    assert hint in errors


def test_ctrl_c_ends_without_a_traceback(tmp_path: Path) -> None:
    """The first telegram comes at once; the interrupt while waiting for the second is a normal end."""
    path = tmp_path / "slow.txt"
    path.write_bytes(RECORDING.read_bytes()[RECORDING.read_bytes().index(b"\n/") + 1 :])
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, f"file://{path}?speed=0.01"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["ok"]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    """As with `| head -1`: no traceback when the pipe breaks."""
    command = f"{sys.executable} -c '{PROGRAM}' 'file://{RECORDING}?speed=2' | head -1"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=False)
    assert json.loads(result.stdout)["ok"]
    assert "Traceback" not in result.stderr
    assert "Exception" not in result.stderr


def test_the_same_trouble_is_told_once() -> None:
    """A port that stays away is tried again and again, but is no stream of equal sentences."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "serial:///dev/no-such-port"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        time.sleep(1.5)  # one more attempt, after a second
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert "there is no /dev/no-such-port" in first
    assert (rest, process.returncode) == ("", 1)
