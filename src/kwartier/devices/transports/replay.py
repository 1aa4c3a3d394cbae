"""P1 bytes from a recording, at the pace of the telegrams' own clock."""

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import inf
from pathlib import Path
from typing import BinaryIO

from kwartier.devices.transports.byte_source import SourceEnded
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceUnreachable

_TIME = re.compile(rb"^0-0:1\.0\.0\((\d{12})([SW]?)\)", re.MULTILINE)
USUAL_GAP_S = 1.0
LONGEST_GAP_S = 60.0
"""A longer pause in the recording is cut to this: nobody waits for a night without telegrams."""
MAX_PIECE_BYTES = 65536
SUMMER, WINTER = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class ReplaySource:
    """A file of telegrams. `speed` 1 is real time on the given clock, 60 a minute in a second."""

    path: Path
    clock: Clock
    speed: float = 1.0
    silent_after_s: float = inf

    @property
    def address(self) -> str:
        """The path of the file."""
        return str(self.path)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield one telegram at a time, with whatever stands around it."""
        try:
            with self.path.open("rb") as file:
                last_s: float | None = None
                due_s = self.clock.monotonic_s()
                for number, piece in enumerate(_pieces(file)):
                    time_s = _time_s(piece)
                    due_s += _gap_s(last_s, time_s) / self.speed if number else 0.0
                    await self.clock.sleep(max(0.0, due_s - self.clock.monotonic_s()))
                    yield piece
                    last_s = time_s if time_s is not None else last_s
        except OSError as error:
            raise DeviceUnreachable(f"cannot read the recording {self.path}: {error.strerror}") from error
        raise SourceEnded(f"replay ended: {self.path} has no more telegrams")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Cut before each line that starts with "/", and where a piece would grow beyond all telegrams."""
    piece = b""
    for line in iter(lambda: file.readline(MAX_PIECE_BYTES), b""):
        if piece and (line.startswith(b"/") or len(piece) + len(line) > MAX_PIECE_BYTES):
            yield piece
            piece = b""
        piece += line
    if piece:
        yield piece


def _time_s(piece: bytes) -> float | None:
    found = _TIME.search(piece)
    if found is None:
        return None
    try:
        local = datetime.strptime(found[1].decode(), "%y%m%d%H%M%S").replace(
            tzinfo=SUMMER if found[2] == b"S" else WINTER
        )
    except ValueError:
        return None
    return local.timestamp()


def _gap_s(last_s: float | None, time_s: float | None) -> float:
    """Seconds between two telegrams; a meter without a clock, or whose clock was set back, is taken to
    have sent after the usual second."""
    if last_s is None or time_s is None or time_s < last_s:
        return USUAL_GAP_S
    return min(time_s - last_s, LONGEST_GAP_S)
