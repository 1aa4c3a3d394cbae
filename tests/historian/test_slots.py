"""The state survives whatever happens to its files."""

import os
import resource
from pathlib import Path

import pytest

from kwartier.historian.slots import Slots
from kwartier.site.errors import StorageError


def test_newest_state_is_loaded(tmp_path: Path) -> None:
    """Saved in turns, the last one counts."""
    slots = Slots(tmp_path / "state")
    for n in range(5):
        slots.save({"n": n})
    assert Slots(tmp_path / "state").load() == {"n": 4}


def test_nothing_saved_is_none(tmp_path: Path) -> None:
    """A first start has no state, and that is no damage."""
    slots = Slots(tmp_path / "state")
    assert slots.load() is None
    assert slots.damaged == 0


@pytest.mark.parametrize("cut", [0, 10, 60, 65])
def test_torn_write_leaves_the_state_before(tmp_path: Path, cut: int) -> None:
    """A write that broke off anywhere is noticed, and the one before it is used."""
    slots = Slots(tmp_path / "state")
    slots.save({"n": 1})
    slots.save({"n": 2})
    newest = tmp_path / "state-a"
    data = bytearray(newest.read_bytes())
    data[cut : cut + 40] = os.urandom(40)
    newest.write_bytes(data)
    again = Slots(tmp_path / "state")
    assert again.load() == {"n": 1}
    assert again.damaged == 1
    again.save({"n": 3})
    assert Slots(tmp_path / "state").load() == {"n": 3}


def test_both_slots_damaged_is_no_state(tmp_path: Path) -> None:
    """Rubbish is never taken for a state."""
    for name in ("state-a", "state-b"):
        (tmp_path / name).write_bytes(os.urandom(200))
    slots = Slots(tmp_path / "state")
    assert slots.load() is None
    assert slots.damaged == 2


def test_large_state_makes_its_slot_grow(tmp_path: Path) -> None:
    """A document beyond the first size is kept whole."""
    document = {"random": os.urandom(90_000).hex()}
    slots = Slots(tmp_path / "state")
    slots.save(document)
    assert Slots(tmp_path / "state").load() == document


def test_full_disk_does_not_stop_the_state(tmp_path: Path) -> None:
    """The slots hold their space: when files may not grow any more, the state is still saved; a file that
    cannot be made says so and leaves what was there."""
    slots = Slots(tmp_path / "state")
    slots.save({"n": 1})
    slots.save({"n": 2})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        slots.save({"n": 3})
        with pytest.raises(StorageError, match="state-a: File too large"):
            slots.save({"random": os.urandom(90_000).hex()})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert Slots(tmp_path / "state").load() == {"n": 3}
