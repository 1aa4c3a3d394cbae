"""Repairs: only what the checksum proves and the grammar demands."""

from typing import Any

import pytest

from kwartier.protocols.p1 import Garbled, Telegram, decode, record
from kwartier.protocols.p1.crc import crc16_arc, single_byte_changes


def repaired(data: bytes) -> Telegram:
    """The one telegram of `data`, which must have been repaired."""
    [event] = decode(data)
    assert isinstance(event, Telegram), event
    assert event.crc == "repaired"
    return event


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"0-0:96.14.0(", b"0-0:96.1\xb4.0("),
        (b"0-0:96.14.0(", b"0-0:96.1\xef\xbf\xbd.0("),
        (b"1-0:1.7.0(", b"1,0:1.7.0("),
        (b"1-0:1.7.0(", b"1%0:1.7.0("),
        (b"(00.401*kW)", b"(00.4p1*kW)"),
        (b"(00.401*kW)", b"(00.401*\xebW)"),
        (b"(00.401*kW)\r\n", b"(00.401*kW)\x8d\n"),
        (b"(00.401*kW)\r\n", b"(00.401*kW)\r\x8a"),
        (b"_A\r\n\r\n", b"_A\r\n\rx"),
        (b"(226.1*V)", b"(226.1*V!"),
        (b"\r\n!", b"\r\n#"),
        (b"/FLU5", b"\xafFLU5"),
    ],
)
def test_one_damaged_byte_is_put_back(flemish: bytes, old: bytes, new: bytes) -> None:
    """A byte the grammar cannot have is replaced by the one the checksum asks for, and it is said."""
    assert flemish.count(old) == 1
    event = repaired(flemish.replace(old, new))
    [whole] = decode(flemish)
    assert record(event, "")["power_import_w"] == record(whole, "")["power_import_w"] == 401.0
    assert {**record(event, ""), "faults": [], "crc": "ok", "length": 0} == {**record(whole, ""), "length": 0}
    assert len(event.faults) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"_A\r\n\r\n", b"_A\r\n"),
        lambda data: data.replace(b"_A\r\n\r\n", b"_A\r\n\r\n\r\n"),
        lambda data: data.replace(b"\\", b"\\\\"),
        lambda data: data.replace(b"*kW)\r\n", b"*kW)\0\r\n"),
        lambda data: data.replace(b")\r\n", b")  \r\n"),
        lambda data: data.replace(b"_A\r\n\r\n", b"_A\n").replace(b"\r\n", b"\n").replace(b"\\", b"\\\\"),
    ],
    ids=["lf", "no-blank", "two-blanks", "backslash", "nul", "blanks", "all"],
)
def test_what_gateways_do_is_undone(flemish: bytes, change: Any) -> None:
    """Line ends, the empty line and the backslash are put back when the checksum then verifies."""
    event = repaired(change(flemish))
    assert event.power_import_w == 401.0
    assert event.identification == "FLU5\\253769484_A"


def test_checksum_with_bit_7_set_is_read(flemish: bytes) -> None:
    """A damaged checksum proves itself when clearing bit 7 makes it match."""
    data = bytearray(flemish)
    data[-4] |= 0x80
    assert repaired(bytes(data)).power_import_w == 401.0


def test_a_changed_digit_is_never_repaired(flemish: bytes) -> None:
    """A wrong digit among digits breaks no grammar, so the telegram is refused, with its values shown."""
    [event] = decode(flemish.replace(b"(00.401*kW)", b"(00.901*kW)"))
    assert isinstance(event, Garbled)
    assert event.error == "crc_mismatch"
    assert event.values["power_import_w"] == 901.0


def test_two_damaged_bytes_are_not_repaired(flemish: bytes) -> None:
    """One repair cannot prove two errors."""
    data = flemish.replace(b"(00.401*kW)", b"(0x.4y1*kW)")
    assert [type(event) for event in decode(data)] == [Garbled]


def test_every_explanation_by_one_byte_is_found() -> None:
    """Walking the sum back names the place and the change of any single damaged byte."""
    message = bytes(range(32, 127)) * 3
    for place in (0, 1, 100, len(message) - 1):
        for change in (1, 0x80, 0xFF):
            damaged = message[:place] + bytes((message[place] ^ change,)) + message[place + 1 :]
            difference = crc16_arc(message) ^ crc16_arc(damaged)
            assert (place, change) in set(single_byte_changes(len(message), difference))
