"""A clock that runs thirty times faster, and real telegrams."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kwartier.devices.transports.byte_source import ByteSource

TELEGRAMS = Path(__file__).parents[2] / "data" / "p1"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class FastClock:
    """`site.clock.Clock`: `speed` seconds pass in one."""

    def __init__(self, speed: float = 30.0) -> None:
        self.speed = speed
        self.slept: list[float] = []

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time() * self.speed

    def utc_s(self) -> float:
        return 1_700_000_000 + self.monotonic_s()

    async def sleep(self, duration_s: float) -> None:
        self.slept.append(duration_s)
        await asyncio.sleep(duration_s / self.speed)


class LeapClock:
    """`site.clock.Clock`: every sleep is over at once and has lasted exactly as long as asked."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    def utc_s(self) -> float:
        return 1_700_000_000 + self.now_s

    async def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s
        await asyncio.sleep(0)


@pytest.fixture
def leap_clock() -> LeapClock:
    """For timing to the second where nothing real is waited for."""
    return LeapClock()


@pytest.fixture
def clock() -> FastClock:
    """Thirty seconds in one."""
    return FastClock()


@pytest.fixture
def telegram() -> Callable[[str], bytes]:
    """The bytes of one recorded file."""
    return lambda name: (TELEGRAMS / name).read_bytes()


@pytest.fixture
def serve_tcp() -> Callable[[Serve], object]:
    """A loopback TCP server around a handler; gives its port."""

    @asynccontextmanager
    async def serving(handler: Serve) -> AsyncIterator[int]:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    return serving


@pytest.fixture
def read_until() -> Callable[[ByteSource, int], Coroutine[None, None, bytes]]:
    """Read from a source until so many bytes have come, then close it."""

    async def read(source: ByteSource, count: int) -> bytes:
        found = b""
        chunks = source.chunks()
        async with asyncio.timeout(10):
            while len(found) < count:
                found += await anext(chunks)
        await chunks.aclose()
        return found

    return read


def checksum(data: bytes) -> int:
    """CRC-16/ARC by its definition, bit by bit: not the code under test."""
    state = 0
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ 0xA001 if state & 1 else state >> 1
    return state


@pytest.fixture
def compose() -> Callable[..., bytes]:
    """A telegram of these lines, with the time and the header given, and a right checksum."""

    def composing(*lines: str, at: str = "260115120000W", header: str = "FLU5\\253769484_A") -> bytes:
        clock = [f"0-0:1.0.0({at})"] if at else []
        body = "\r\n".join([f"/{header}", "", *clock, *lines, "!"]).encode()
        return body + b"%04X\r\n" % checksum(body)

    return composing
