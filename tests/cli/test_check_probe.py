"""`kwartier check --probe` as an installer meets it: emulated devices on real sockets, in real time."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.edge.probing import Place, codes, real, total_a
from typer.testing import CliRunner

from kwartier.cli.app import app
from kwartier.config.schema import FILE


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A household with nobody there."""
    async with real(tmp_path) as found:
        yield found


async def run(place: Place, *options: str) -> tuple[int, str, str]:
    """The command in a thread, while the devices go on here."""
    arguments = ["check", str(place.file), "--probe", "--seconds", "4", *options]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


async def test_a_site_that_fits_passes_with_its_arithmetic(place: Place) -> None:
    """Exit code 0; each circuit and phase stands there; nothing was written to any device."""
    code, out, err = await run(place)
    assert (code, err) == (0, ""), out
    assert out.rstrip().endswith("PASS: without Kwartier every limit is kept, with the other load of now.")
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert "garage L1 2 x 6 chargers + 0 other = 12 A of 32 A ok" in rows
    assert "--write-test" in out, "it says what was not shown"
    assert {socket.setpoint_a for socket in place.sockets.values()} == {None}


async def test_a_sum_above_the_limit_is_a_negative_answer(place: Place) -> None:
    """Stations set to 32 A behind a cable of 32 A: the sums are given, and the file that says 6 A is wrong."""
    for socket in place.sockets.values():
        socket.safe_a = 32.0
    (code, out, _), (json_code, answer, _) = await run(place), await run(place, "--json")
    assert code == json_code == 1
    assert "TOO MUCH by 32 A" in out
    assert "FAIL: not proven, 4 problems." in out
    document = json.loads(answer)
    proof = document["proof"]
    assert document["ok"] is proof["ok"] is False
    assert codes(proof) == ["proof_over", "proof_over", "proof_fallback_low", "proof_fallback_low"]
    assert (total_a(proof, "garage", 1), total_a(proof, "garage", 2)) == (64.0, 32.0)
    low = proof["problems"][2]
    assert low["params"] == {"name": "Left socket", "told_a": 32.0, "configured_a": 6.0}
    for language in ("en", "nl"):
        assert "32 A" in low[language]
        assert "6 A" in low[language]


async def test_a_write_test_is_shown(place: Place) -> None:
    """What was written, how long it holds, and that the charger uses it."""
    code, out, _ = await run(place, "--write-test")
    assert code == 0, out
    assert out.count("6 A written by this test for ") == 2
    assert out.count("s at most, used") == 2


def test_write_test_without_probe_is_misuse() -> None:
    """Nobody writes by accident."""
    result = CliRunner().invoke(
        app, ["check", str(FILE.parent / "examples" / "household.yaml"), "--write-test"]
    )
    assert result.exit_code == 2
    assert "--probe" in result.stderr


def test_a_wrong_file_is_told_and_nothing_is_probed(tmp_path: Path) -> None:
    """Exit code 1 as without --probe, and no proof in the answer."""
    path = tmp_path / "site.yaml"
    path.write_text("site: {name: x}\ncircuits:\n  - {id: grid, limit_a: 0}\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(path), "--probe", "--json"])
    assert result.exit_code == 1
    assert "proof" not in json.loads(result.stdout)
