"""`kwartier replay` as a user runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kwartier.cli.app import app
from kwartier.control.memory import initial
from kwartier.control.step import step
from kwartier.historian import Historian
from kwartier.site.readings import MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site


class StillClock:
    """A clock that stands still."""

    def monotonic_s(self) -> float:
        """Monotonic seconds."""
        return 1000.0

    def utc_s(self) -> float:
        """UTC seconds."""
        return 1_790_000_000.0

    async def sleep(self, duration_s: float) -> None:
        """Nobody waits on this clock."""
        raise AssertionError(duration_s)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A minute and a half of history of the real control loop."""
    site = Site(
        name="home",
        circuits=(Circuit(id="grid", name="Grid", parent=None, limit_a=(25.0, 25.0, 25.0), meter="p1"),),
        meters=(Meter(id="p1", name="P1", role="grid", address="file"),),
        charge_points=(ChargePoint(id="car", name="Car", circuit="grid", conductors=(1, 2, 3)),),
    )
    path = tmp_path / "history.sqlite"
    historian = Historian.open(path, StillClock(), site=site)
    historian.start()
    memory = initial(site, 1000.0)
    for n in range(90):
        meter = MeterReading(
            meter_id="p1", at_s=1000.0 + n, current_a=(n / 7, 2.0, 1.0), meter_time_s=float(n)
        )
        picture = Picture(
            now_s=1000.0 + n, utc_s=1_790_000_000.0 + n, meters={"p1": meter}, charge_points={}, wishes={}
        )
        decision = step(site, memory, picture)
        historian.cycle(picture, decision, before=memory)
        memory = decision.memory
    historian.close()
    return path


def run(*arguments: object) -> Any:
    """Run the command."""
    return CliRunner().invoke(app, ["replay", *map(str, arguments)])


def test_verdict_in_words(database: Path) -> None:
    """All the same: exit code 0 and one sentence."""
    result = run(database)
    assert result.exit_code == 0
    assert result.stdout == (
        "90 of 90 decisions from 2026-09-21T14:13:20+00:00 to 2026-09-21T14:14:49+00:00 "
        "come out the same, bit for bit\n"
    )


def test_verdict_for_programs(database: Path) -> None:
    """`--json` gives the figures; times without an offset are UTC."""
    result = run(database, "--json", "--from", "2026-09-21T14:14:00", "--to", "2026-09-21T16:14:10+02:00")
    found = json.loads(result.stdout)
    assert (found["ok"], found["cycles"], found["same"]) == (True, 10, 10)


def test_nothing_in_that_time_is_a_negative_answer(database: Path) -> None:
    """Nothing replayed is not a success."""
    result = run(database, "--from", "2030-01-01")
    assert result.exit_code == 1
    assert "nothing to replay" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.sqlite"], "there is no history in missing.sqlite"),
        (["--from", "noon"], "'noon' is no ISO 8601"),
    ],
)
def test_misuse_is_a_sentence(database: Path, arguments: list[str], words: str) -> None:
    """Exit code 2, and what to write instead."""
    result = run(*arguments) if len(arguments) == 1 else run(database, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_file_that_is_no_history_is_a_sentence(tmp_path: Path) -> None:
    """Any other file is refused without a traceback."""
    other = tmp_path / "other.sqlite"
    other.write_text("hello " * 1000)
    result = run(other)
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
