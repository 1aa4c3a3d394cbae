"""Telegrams made from values, with a checksum of our own making, and where the recordings are."""

import os
from pathlib import Path

import pytest

OWN = Path(__file__).parents[2] / "data" / "p1"
"""The recordings in this repository, with a licence that allows it."""


def shared() -> Path | None:
    """The folder of all recordings, when this machine has it."""
    given = os.environ.get("KWARTIER_SHARED")
    folder = Path(given) if given else Path(__file__).parents[4] / "shared"
    found = folder / "data" / "p1" if (folder / "data").is_dir() else folder
    return found if (found / "MANIFEST.csv").is_file() else None


def arc(data: bytes) -> int:
    """CRC-16/ARC bit by bit, straight from the polynomial: shares nothing with the codec's tables."""
    state = 0
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0xA001 if state & 1 else 0)
    return state


def x25(data: bytes) -> int:
    """CRC-16/X25, bit by bit."""
    state = 0xFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x8408 if state & 1 else 0)
    return state ^ 0xFFFF


class Maker:
    """Writes telegrams as meters do."""

    own = OWN
    arc = staticmethod(arc)
    x25 = staticmethod(x25)

    @staticmethod
    def telegram(*objects: str, header: str = "/TST5\\253769484_A", checksum: str | None = None) -> bytes:
        """A telegram with these lines and a right checksum, or the one given."""
        body = "\r\n".join([header, "", *objects, "!"]).encode("latin-1")
        check = f"{arc(body):04X}" if checksum is None else checksum
        return body + check.encode() + b"\r\n"


@pytest.fixture(scope="session")
def make() -> Maker:
    """See `Maker`."""
    return Maker()


@pytest.fixture(scope="session")
def flemish(make: Maker) -> bytes:
    """A plain Flemish telegram of 2022, three-phase with gas."""
    return make.telegram(
        "0-0:96.1.4(50216)",
        "0-0:96.1.1(3153414733313030303030303030)",
        "0-0:1.0.0(221127175707W)",
        "1-0:1.8.1(003594.884*kWh)",
        "1-0:1.8.2(003113.135*kWh)",
        "1-0:2.8.1(000000.304*kWh)",
        "1-0:2.8.2(000000.149*kWh)",
        "0-0:96.14.0(0002)",
        "1-0:1.7.0(00.401*kW)",
        "1-0:2.7.0(00.000*kW)",
        "1-0:21.7.0(00.233*kW)",
        "1-0:32.7.0(226.1*V)",
        "1-0:31.7.0(001.34*A)",
        "0-0:96.3.10(1)",
        "0-0:17.0.0(999.9*kW)",
        "1-0:31.4.0(999*A)",
        "0-0:96.13.0()",
        "0-1:24.1.0(003)",
        "0-1:96.1.1(37464C4F32313231303630353130)",
        "0-1:24.4.0(1)",
        "0-1:24.2.3(221127175500W)(01581.788*m3)",
        header="/FLU5\\253769484_A",
    )
