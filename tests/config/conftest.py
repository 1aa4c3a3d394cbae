"""A small good site file, and a way to change one thing in it and see what is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kwartier.config import Inspection, inspect

GOOD = """\
site:
  name: House
circuits:
  - id: grid
    limit_a: 40
    meter: main
    safe_current_a: 10
  - id: garage
    parent: grid
    limit_a: 32
meters:
  - id: main
    type: p1
    url: serial:///dev/ttyUSB0
  - id: pv
    type: socomec-countis-e27
    url: modbus-tcp://192.168.0.4?unit=5
charge_points:
  - id: left
    type: alfen-ng9xx
    url: modbus-tcp://192.168.0.10
    circuit: garage
    fallback_a: 6
  - id: right
    type: alfen-ng9xx
    url: modbus-tcp://192.168.0.10:502
    socket: 2
    circuit: garage
    max_a: 16
    fallback_a: 6
"""


@pytest.fixture
def good() -> str:
    """The text of a site file without a problem."""
    return GOOD


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a site file and give its path."""

    def to_file(text: str) -> Path:
        path = tmp_path / "site.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


@pytest.fixture
def changed(write: Callable[[str], Path]) -> Callable[..., Inspection]:
    """Inspect the good site file with some text replaced (each must stand in it) and some appended."""

    def inspection(*changes: tuple[str, str], more: str = "") -> Inspection:
        text = GOOD
        for old, new in changes:
            assert old in text, f"{old!r} does not stand in the good file"
            text = text.replace(old, new, 1)
        return inspect(write(text + more))

    return inspection
