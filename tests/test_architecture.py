"""Arrows between rooms point down, and rooms that decide read no clock. Shown, not only configured."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/kwartier"
PURE = ("site", "protocols", "safety", "metering", "control", "planning")
FORBIDDEN = {
    "asyncio",
    "logging",
    "random",
    "secrets",
    "select",
    "socket",
    "structlog",
    "subprocess",
    "threading",
    "time",
}
DOWNWARD = "Rooms only import downward (DESIGN section 2) BROKEN"
PURE_ROOMS = "Rooms that decide read no clock, socket, log or dice BROKEN"
APART = "Simulation and drivers share no code, so that they cannot share a mistake BROKEN"
CLOCKS = {"now", "utcnow", "today"}


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package in `folder`/src with our contracts."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--no-logo", "--no-cache", "--config", str(ROOT / ".importlinter")],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package in which an arrow may be bent."""
    shutil.copytree(
        SOURCE, tmp_path / "src/kwartier", ignore=shutil.ignore_patterns("__pycache__", "static", "captures")
    )
    return tmp_path


def test_all_arrows_point_down() -> None:
    """import-linter keeps every contract of .importlinter."""
    ran = _lint_imports(ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ", 0 broken" in ran.stdout


def test_a_copy_without_a_bent_arrow_is_whole(copied: Path) -> None:
    """The copy alone breaks nothing, so that what breaks in the next test is the bent arrow."""
    ran = _lint_imports(copied)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("control/bent.py", "import kwartier.edge", DOWNWARD),
        ("devices/bent.py", "import kwartier.historian", DOWNWARD),
        ("site/bent.py", "from kwartier.protocols import formula", DOWNWARD),
        ("safety/bent.py", "import time", PURE_ROOMS),
        ("protocols/bent.py", "import asyncio", PURE_ROOMS),
        ("simulation/bent.py", "import kwartier.devices", APART),
        ("attic/__init__.py", "ROOM = 'without a place'", "attic"),
    ],
)
def test_a_bent_arrow_is_found(copied: Path, file: str, line: str, words: str) -> None:
    """An upward import, a clock in a pure room, a driver in a simulation, a room without a place: each
    breaks a contract."""
    bent = copied / "src/kwartier" / file
    bent.parent.mkdir(exist_ok=True)
    bent.write_text(f"{line}\n", encoding="utf-8")
    ran = _lint_imports(copied)
    assert ran.returncode != 0
    assert words in ran.stdout + ran.stderr


def _impurities(source: str) -> list[str]:
    """Imports and calls by which a module would read a clock, dice, a socket or a log, wherever in it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            names = []
        found += [name for name in names if name.partition(".")[0] in FORBIDDEN]
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            found.append(f".{node.attr}")
    return found


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=str(path.relative_to(SOURCE)))
        for room in PURE
        for path in (SOURCE / room).rglob("*.py")
    ],
)
def test_a_pure_room_reads_no_clock(path: Path) -> None:
    """No module of a deciding room imports or asks for time, chance, sockets or logs."""
    assert _impurities(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from random import random",
        "def f():\n    import asyncio.events",
        "import datetime as d\nd.datetime.now()",
    ],
)
def test_the_scan_sees_what_it_looks_for(source: str) -> None:
    """The scan finds clocks and dice in every spelling, also inside a function."""
    assert _impurities(source)
