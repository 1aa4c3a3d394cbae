"""The journal of messages, page by page, out of a real file."""

import sqlite3
from pathlib import Path

import pytest
from tests.historian.conftest import HandClock

from kwartier.historian import Historian
from kwartier.historian.codec import dumps, encode
from kwartier.historian.noted import Noted
from kwartier.site.errors import StorageError
from kwartier.site.readings import DeviceFault
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Level, Message

ALL: tuple[Level, ...] = ("info", "warning", "error")


@pytest.fixture
def historian(tmp_path: Path) -> Historian:
    """Thirty messages of three levels and two devices among a thousand decisions, and two faults."""
    clock = HandClock()
    made = Historian.open(tmp_path / "history.sqlite", clock)
    made.start()
    for number in range(30):
        clock.now_s += 10
        made.message(
            Message(
                at_s=clock.now_s,
                level=ALL[number % 3],
                device_id="ab"[number % 2],
                reason=reason("wish_fast", name=f"n{number}"),
            )
        )
    assert made.flush()
    made.close()
    with sqlite3.connect(tmp_path / "history.sqlite") as connection:
        for number in range(1000):
            row = (1.0, "decision", "a", dumps({"current_a": number, "phases": None, "reason": {}}))
            connection.execute("INSERT INTO journal (at_s, kind, subject, data) VALUES (?, ?, ?, ?)", row)
        for kind in ("unreachable", "refused"):
            fault = dumps(encode(DeviceFault(device_id="b", at_s=1.0, kind=kind, what="no!")))
            row = (2.0, "fault", "b", fault)
            connection.execute("INSERT INTO journal (at_s, kind, subject, data) VALUES (?, ?, ?, ?)", row)
    return made


def names(found: list[Noted]) -> list[str]:
    return [dict(line.message.reason.params).get("name", line.message.reason.code) for line in found]  # type: ignore[misc]


def test_pages_join_without_a_gap_or_a_double(historian: Historian) -> None:
    """Newest first, seven at a time, until there are no more: each line once; unreachable devices are left to
    the messages that say so."""
    found: list[Noted] = []
    before = None
    while page := historian.noted(7, before=before, levels=ALL, device_id=None):
        found += page
        before = page[-1].seq
    assert names(found) == ["device_fault", *(f"n{n}" for n in range(29, -1, -1))]


@pytest.mark.parametrize(
    ("levels", "device", "count"),
    [
        (("error",), None, 10),
        (("warning",), None, 11),
        (("info", "error"), "a", 10),
        ((), None, 0),
        (ALL, "c", 0),
    ],
)
def test_filters(historian: Historian, levels: tuple[str, ...], device: str | None, count: int) -> None:
    """By level and device; a fault counts as a warning."""
    found = historian.noted(100, before=None, levels=levels, device_id=device)
    assert len(found) == count
    assert {line.message.level for line in found} <= set(levels)


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    """A history that is not there raises for who asks, and nothing else."""
    historian = Historian.open(tmp_path / "none.sqlite", HandClock())
    with pytest.raises(StorageError):
        historian.noted(1, before=None, levels=ALL, device_id=None)
