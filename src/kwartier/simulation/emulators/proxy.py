"""A line that goes wrong: a TCP proxy between a driver and a device, with faults on demand.

It knows nothing of the bytes that pass. What it does comes from its dice; only how the operating system cuts
the stream into pieces is not in its hands.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from random import Random
from types import TracebackType
from typing import Literal, Self, get_args

from kwartier.simulation.emulators.server import HOST
from kwartier.site.errors import LocalProtocolError

LineFault = Literal["delay", "loss", "half_open", "cut", "reset", "flip", "drip", "double"]
"""delay      each piece comes `delay_s` late
loss       lost packets, as a program sees them: a piece waits for its retransmission (0.2 s, then twice as long)
half_open  everything is swallowed, nobody hangs up; new connections too
cut        a piece ends in the middle and the connection with it
reset      the connection is reset (RST)
flip       a bit of a piece is turned over
drip       byte by byte
double     a piece comes twice (no TCP does that; converters to serial lines do)"""

PIECE = 4096
RETRANSMIT_S = 0.2
"""Linux waits at least this long for an acknowledgement (RFC 6298 says a second)."""
LONGEST_RETRANSMIT_S = 3.2
DRIP_S = 0.001


class FaultProxy:
    """Listens on a free port of the loopback and passes on to `port`. `async with FaultProxy(port, dice)`.

    `share` is how often a piece is hit, `delay_s` is for `delay`; `first_bytes` narrows `flip` to the beginning
    of a piece (0: all of it). `hits` counts.
    """

    def __init__(self, port: int, dice: Random) -> None:
        self.port = 0
        self.target_port = port
        self.fault: LineFault | None = None
        self.share = 1.0
        self.delay_s = 0.5
        self.first_bytes = 0
        self.hits = 0
        self._dice = dice
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the port."""
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def fail(self, fault: LineFault, share: float = 1.0) -> None:
        """Begin a fault, in place of any that lasts."""
        if fault not in get_args(LineFault):
            raise LocalProtocolError(
                f"a line has no fault {fault!r}; it can do {', '.join(get_args(LineFault))}"
            )
        self.fault, self.share = fault, share

    def heal(self) -> None:
        """End the fault. Connections that it spoiled stay as they are: what was swallowed does not come back."""
        self.fault = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pipes.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await asyncio.open_connection(HOST, self.target_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pipe(reader, far))
                both.create_task(self._pipe(far_reader, writer))
        except* (OSError, _HungUp):
            pass  # one end hung up, by itself or by a fault: both ends are cut below
        except* asyncio.CancelledError:
            pass  # the proxy stops: likewise
        finally:
            self._pipes.discard(task)
            for end in (writer, far):
                if end is not None:
                    end.transport.abort()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(PIECE):
            if self.fault is not None and self._dice.random() < self.share:
                self.hits += 1
                await self._spoil(self.fault, data, writer)
            else:
                writer.write(data)
                await writer.drain()
        raise _HungUp

    async def _spoil(self, fault: LineFault, data: bytes, writer: asyncio.StreamWriter) -> None:
        handler: dict[LineFault, Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]] = {
            "delay": self._late,
            "loss": self._lost,
            "half_open": self._swallow,
            "cut": self._cut,
            "reset": self._reset,
            "flip": self._flip,
            "drip": self._drip,
            "double": self._double,
        }
        await handler[fault](data, writer)
        await writer.drain()

    async def _late(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.delay_s)
        writer.write(data)

    async def _lost(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        wait_s = RETRANSMIT_S
        await asyncio.sleep(wait_s)
        while self._dice.random() < self.share and wait_s < LONGEST_RETRANSMIT_S:
            wait_s *= 2
            await asyncio.sleep(wait_s)
        writer.write(data)

    async def _swallow(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        """Nothing arrives."""

    async def _cut(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data[: self._dice.randrange(len(data))])
        await writer.drain()
        await asyncio.sleep(0.01)
        raise _HungUp

    async def _reset(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _HungUp

    async def _flip(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        spoiled = bytearray(data)
        at = self._dice.randrange(min(len(data), self.first_bytes or len(data)))
        spoiled[at] ^= 1 << self._dice.randrange(8)
        writer.write(bytes(spoiled))

    async def _drip(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for i in range(len(data)):
            writer.write(data[i : i + 1])
            await asyncio.sleep(DRIP_S)

    async def _double(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data + data)


class _HungUp(Exception):
    """One side of a connection is gone."""
