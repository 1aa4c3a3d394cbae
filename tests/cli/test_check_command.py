"""`kwartier check` and `kwartier schema` as a user meets them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kwartier.cli.app import app
from kwartier.config.schema import FILE

EXAMPLES = FILE.parent / "examples"


def _run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, args)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_a_right_file_is_in_order() -> None:
    """Exit code 0, and the tree with what is drawn when Kwartier is off."""
    code, out, err = _run("check", str(EXAMPLES / "carpark.yaml"))
    assert (code, err) == (0, "")
    assert "in order (7 circuits, 1 meter, 24 charge points)" in out
    tree = [line.partition(":")[0] for line in out.splitlines()[1:]]
    assert tree[:4] == ["  grid", "    board-a", "      a-north", "      a-south"]
    assert "24 x 6 A = 144 A when Kwartier is off" in out


def test_a_wrong_file_is_a_negative_answer(tmp_path: Path) -> None:
    """Exit code 1, the problems on the error stream and as JSON."""
    path = tmp_path / "site.yaml"
    path.write_text("site: {name: x}\ncircuits:\n  - {id: grid, limit_a: 0}\n", encoding="utf-8")
    code, out, err = _run("check", str(path))
    assert code == 1
    assert f"{path}:3:16: error: circuits[grid].limit_a: expected a number above 0, found 0." in err
    assert "1 error" in out
    code, out, _ = _run("check", "--json", str(path))
    document = json.loads(out)
    assert code == 1
    assert document["ok"] is False
    assert document["problems"][0]["line"] == 3


def test_warnings_leave_the_answer_positive(tmp_path: Path) -> None:
    """A file that works but deserves a look has exit code 0 and says so."""
    path = tmp_path / "site.yaml"
    path.write_text("site: {name: x}\ncircuits:\n  - {id: grid, limit_a: 40}\n", encoding="utf-8")
    code, out, err = _run("check", str(path))
    assert code == 0
    assert "warning" in err
    assert "in order, 1 warning" in out


def test_turned_boards_are_shown_where_they_end_up(tmp_path: Path) -> None:
    """The installer sees on which site phases a board hangs, its limits in its own order."""
    path = tmp_path / "site.yaml"
    path.write_text(
        "site: {name: x}\ncircuits:\n  - {id: grid, limit_a: 40, base_load_a: 1}\n"
        "  - {id: hall, parent: grid, phases: [2, 3, 1], limit_a: [32, 25, 20]}\n"
        "  - {id: shed, parent: hall, phases: [2], limit_a: 16}\n",
        encoding="utf-8",
    )
    code, out, _ = _run("check", str(path))
    assert code == 0
    assert "    hall: limit 32/25/20 A on L2, L3, L1 of the site" in out
    assert "      shed: limit 16 A on L3 of the site" in out


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"a" * 1_000_001])
def test_what_cannot_be_read_is_misuse(tmp_path: Path, content: bytes | None) -> None:
    """No such file, a file that is no text, a file too large: exit code 2 and one sentence."""
    path = tmp_path / "site.yaml"
    if content is not None:
        path.write_bytes(content)
    code, out, err = _run("check", str(path))
    assert (code, out) == (2, "")
    assert err.startswith(str(path))
    assert "Traceback" not in err


def test_the_schema_is_printed() -> None:
    """`kwartier schema` prints the committed schema, byte for byte."""
    assert _run("schema") == (0, FILE.read_text(encoding="utf-8"), "")
