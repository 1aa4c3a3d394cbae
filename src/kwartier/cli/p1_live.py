"""The live part of `kwartier p1 listen`; loaded only when the command runs."""

import asyncio
import json
import os
import sys

from kwartier.devices.transports.byte_source import SourceEnded
from kwartier.devices.transports.p1_sources import open_source
from kwartier.devices.transports.steady import keep_reading
from kwartier.edge.host.clock import RealClock
from kwartier.protocols.p1 import Garbled, P1Reader, Telegram, record
from kwartier.site.errors import DeviceUnreachable


class Enough(Exception):
    """As many telegrams as were asked for, the end of a recording, or nobody reads on."""


class Printer:
    """`steady.Listener` that prints telegrams as NDJSON and trouble as sentences."""

    def __init__(
        self, source: str, key: bytes | None, authentication_key: bytes | None, count: int | None
    ) -> None:
        self.telegrams = 0
        self._source = source
        self._reader = P1Reader(key=key, authentication_key=authentication_key)
        self._count = count
        self._fresh = True
        self._said = ""

    def receive(self, data: bytes) -> bool:
        """Print what these bytes complete; whether there was a good telegram."""
        before = self.telegrams
        self._print(self._reader.receive(data))
        return self.telegrams > before

    def lost(self, why: DeviceUnreachable) -> None:
        """Say why, once while nothing changes; the end of a recording is the end of the command."""
        self._print(self._reader.close())
        self._fresh = True
        if str(why) != self._said:
            print(why, file=sys.stderr, flush=True)
        self._said = str(why)
        if isinstance(why, SourceEnded):
            raise Enough

    def _print(self, events: list[Telegram | Garbled]) -> None:
        for event in events:
            if isinstance(event, Garbled):
                self._complain(event)
            else:
                self.telegrams += 1
                self._said = ""
                print(json.dumps(record(event, self._source)), flush=True)
            self._fresh = False
            if self.telegrams == self._count:
                raise Enough

    def _complain(self, piece: Garbled) -> None:
        """A bad piece is a line too, as with `p1 decode`; what stands before the first telegram is the rest
        of one that began before we listened."""
        if self._fresh and piece.error == "no_header":
            return
        print(json.dumps(record(piece, self._source)), flush=True)
        print(
            f"{self._source}: no good telegram ({piece.error}): {piece.detail}", file=sys.stderr, flush=True
        )


def listen_to(url: str, key: bytes | None, authentication_key: bytes | None, count: int | None) -> int:
    """Listen until there is enough or the user stops it; how many good telegrams there were. Raises
    ConfigError for a wrong URL."""
    clock = RealClock()
    source = open_source(url, clock)
    printer = Printer(source.address, key, authentication_key, count)
    try:
        asyncio.run(keep_reading(source, clock, printer))
    except (Enough, KeyboardInterrupt):
        pass
    except BrokenPipeError:
        # Whoever read our lines has left; the interpreter must not fail on its last flush either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return printer.telegrams
