"""Connection strings, and each source against a real peer on loopback."""

import asyncio
import os
import termios
import tty
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import pytest
from websockets.asyncio.server import ServerConnection, serve

from kwartier.devices.transports.byte_source import ByteSource, SourceEnded
from kwartier.devices.transports.p1_sources import open_source
from kwartier.devices.transports.stream import SerialSource
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError, DeviceUnreachable


class RecordingClock(Clock, Protocol):
    """The test clock: it notes what it was asked to sleep."""

    slept: list[float]


Telegram = Callable[[str], bytes]
ReadUntil = Callable[[ByteSource, int], Coroutine[None, None, bytes]]
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ServeTcp = Callable[[Handler], AbstractAsyncContextManager[int]]
CAPTURE = "nl_v50_am550_mini.txt"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("serial:///dev/ttyUSB0?baud=115200", "/dev/ttyUSB0"),
        ("tcp://192.168.1.20:2001", "192.168.1.20:2001"),
        ("tcp://[fe80::1]:2001", "[fe80::1]:2001"),
        ("ws://user:secret@10.0.0.2:81/p1?token=abc", "ws://10.0.0.2:81/p1"),
        ("wss://gateway.example/p1", "wss://gateway.example/p1"),
        ("homewizard://10.0.0.3", "10.0.0.3"),
        ("file:///tmp/some%20telegrams.txt?speed=60", "/tmp/some telegrams.txt"),
    ],
)
def test_address_names_the_place_and_no_secret(url: str, address: str, clock: Clock) -> None:
    """Every kind of connection string opens and shows where it leads, without password or token."""
    assert open_source(url, clock).address == address


def test_speed_of_the_port_sets_its_framing(clock: Clock) -> None:
    """115200 baud is 8N1; 9600 baud is 7E1 as DSMR 2 and 3 have it, unless the URL says otherwise."""
    assert open_source("serial:///dev/p1", clock) == SerialSource("/dev/p1", 115200, 8, "N", 1)
    assert open_source("serial:///dev/p1?baud=9600", clock) == SerialSource("/dev/p1", 9600, 7, "E", 1)
    assert open_source("serial:///dev/p1?baud=9600&bits=8&parity=n&stop=2", clock) == SerialSource(
        "/dev/p1", 9600, 8, "N", 2
    )


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("/dev/ttyUSB0", "serial:///dev/ttyUSB0"),
        ("mqtt://10.0.0.2", "tcp://192.168.1.20:2001"),
        ("serial://dev/ttyUSB0", "three slashes"),
        ("serial:///dev/ttyUSB0?baudrate=9600", "unknown option baudrate"),
        ("serial:///dev/ttyUSB0?baud=fast", "baud must be a number"),
        ("serial:///dev/ttyUSB0?parity=X", "parity N, E or O"),
        ("tcp://192.168.1.20", "host and port"),
        ("tcp://192.168.1.20:99999", "the port must be"),
        ("ws:///p1", "the host is missing"),
        ("homewizard://10.0.0.3/api", "only a host"),
        ("file:///tmp/a.txt?speed=0", "speed must be a number"),
        ("file://tmp/a.txt", "three slashes"),
    ],
)
def test_wrong_connection_strings_are_refused_with_a_cure(url: str, hint: str, clock: Clock) -> None:
    """What is wrong, and how it is written right."""
    with pytest.raises(ConfigError, match=hint):
        open_source(url, clock)


def test_a_refused_connection_string_shows_no_secret(clock: Clock) -> None:
    """The message of a wrong string must not carry its password into a log."""
    with pytest.raises(ConfigError) as caught:
        open_source("tcp://user:hunter2@10.0.0.2?token=hunter2", clock)
    assert "hunter2" not in str(caught.value)


async def test_tcp_gives_the_bytes_as_they_were_sent(
    telegram: Telegram, serve_tcp: ServeTcp, read_until: ReadUntil, clock: Clock
) -> None:
    """A capture sent in odd pieces arrives byte for byte."""
    capture = telegram(CAPTURE)

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(capture), 137):
            writer.write(capture[start : start + 137])
            await writer.drain()
            await asyncio.sleep(0.001)
        await asyncio.sleep(10)

    async with serve_tcp(send) as port:
        assert await read_until(open_source(f"tcp://127.0.0.1:{port}", clock), len(capture)) == capture


async def test_tcp_end_is_a_sentence(serve_tcp: ServeTcp, clock: Clock) -> None:
    """A server that closes, one that resets and one that is not there are each told in words."""

    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"/")
        await writer.drain()
        writer.transport.abort()

    async with serve_tcp(close) as port:
        with pytest.raises(DeviceUnreachable, match="closed the connection"):
            await anext(open_source(f"tcp://127.0.0.1:{port}", clock).chunks())
    with pytest.raises(DeviceUnreachable, match=r"cannot connect to 127\.0\.0\.1"):
        await anext(open_source(f"tcp://127.0.0.1:{port}", clock).chunks())
    async with serve_tcp(reset) as port:
        with pytest.raises(DeviceUnreachable, match=r"127\.0\.0\.1"):
            async for _ in open_source(f"tcp://127.0.0.1:{port}", clock).chunks():
                pass


async def test_closing_the_source_closes_the_connection(serve_tcp: ServeTcp, clock: Clock) -> None:
    """A gateway that serves one client at a time must see us leave."""
    gone = asyncio.Event()

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"/")
        with suppress(OSError):
            await reader.read()
        gone.set()
        writer.close()

    async with serve_tcp(send) as port:
        chunks = open_source(f"tcp://127.0.0.1:{port}", clock).chunks()
        assert await anext(chunks) == b"/"
        await chunks.aclose()
        async with asyncio.timeout(5):
            await gone.wait()


async def test_serial_port_gives_the_bytes(telegram: Telegram, read_until: ReadUntil, clock: Clock) -> None:
    """A port (a pseudo terminal) is set to 115200 baud raw and read byte for byte."""
    master, slave = os.openpty()
    tty.setraw(slave)
    capture = telegram(CAPTURE)
    source = open_source(f"serial://{os.ttyname(slave)}", clock)
    reading = asyncio.create_task(read_until(source, len(capture)))
    try:
        async with asyncio.timeout(5):
            while termios.tcgetattr(slave)[4] != termios.B115200:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        for start in range(0, len(capture), 61):
            await asyncio.sleep(0.002)
            os.write(master, capture[start : start + 61])
        assert await reading == capture
    finally:
        reading.cancel()
        os.close(master)
        os.close(slave)


async def test_serial_port_that_is_unplugged_or_absent_is_a_sentence(clock: Clock) -> None:
    """The cable goes away while it is read, and is not there when it is opened again."""
    master, slave = os.openpty()
    name = os.ttyname(slave)
    chunks = open_source(f"serial://{name}", clock).chunks()
    first = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0.05)
    os.write(master, b"/\n")
    assert (await first).startswith(b"/")
    os.close(slave)
    os.close(master)
    with pytest.raises(DeviceUnreachable, match=name):
        async with asyncio.timeout(5):
            await anext(chunks)
    with pytest.raises(DeviceUnreachable, match="there is no /dev/no-such-port"):
        await anext(open_source("serial:///dev/no-such-port", clock).chunks())


async def test_websocket_takes_binary_and_text(
    telegram: Telegram, read_until: ReadUntil, clock: Clock
) -> None:
    """Binary messages pass as they are; in text one character is one byte, a lost one is one wrong byte."""
    capture = telegram(CAPTURE)

    async def send(connection: ServerConnection) -> None:
        await connection.send(capture[:500])
        await connection.send(capture[500:].decode("latin-1") + "\N{REPLACEMENT CHARACTER}")
        await connection.wait_closed()

    async with serve(send, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        source = open_source(f"ws://127.0.0.1:{port}/p1", clock)
        assert await read_until(source, len(capture) + 1) == capture + b"?"
    with pytest.raises(DeviceUnreachable, match=f"ws://127.0.0.1:{port}/p1"):
        await anext(source.chunks())


async def test_websocket_that_closes_is_a_sentence(clock: Clock) -> None:
    """A gateway that ends the connection in good order is still a lost one."""

    async def leave(connection: ServerConnection) -> None:
        await connection.close()

    async with serve(leave, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(DeviceUnreachable, match="closed the connection"):
            await anext(open_source(f"ws://127.0.0.1:{port}", clock).chunks())


def http_answers(answers: list[bytes], asked: list[bytes]) -> Handler:
    """A HomeWizard that gives these answers in turn on kept-alive connections."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while answers:
                asked.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(answers.pop(0))
                await writer.drain()
        writer.close()

    return handle


def ok(body: bytes) -> bytes:
    """A 200 answer."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def test_homewizard_asks_each_second_for_one_telegram(
    telegram: Telegram, serve_tcp: ServeTcp, clock: RecordingClock
) -> None:
    """Each answer is one telegram with its line end put back, chunked or not, a second apart."""
    text = telegram("nl_v50_am550_2017_first_day.txt").rstrip()
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
        len(text),
        text,
    )
    asked: list[bytes] = []
    async with serve_tcp(http_answers([ok(text), chunked], asked)) as port:
        chunks = open_source(f"homewizard://127.0.0.1:{port}", clock).chunks()
        async with asyncio.timeout(10):
            assert [await anext(chunks), await anext(chunks)] == [text + b"\r\n"] * 2
        await chunks.aclose()
    assert all(request.startswith(b"GET /api/v1/telegram HTTP/1.1") for request in asked)
    assert len(clock.slept) == 1
    assert 0 <= clock.slept[0] <= 1.0


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "Local API"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "only a HomeWizard P1 meter"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "status 500"),
        (ok(b"x" * 70000), "70000 bytes"),
        (b"what?\r\n\r\n", "does not answer"),
    ],
)
async def test_homewizard_that_refuses_is_a_sentence(
    answer: bytes, hint: str, serve_tcp: ServeTcp, clock: Clock
) -> None:
    """Each way to refuse says what to do."""
    async with serve_tcp(http_answers([answer], [])) as port:
        with pytest.raises(DeviceUnreachable, match=hint):
            async with asyncio.timeout(10):
                await anext(open_source(f"homewizard://127.0.0.1:{port}", clock).chunks())


def stamped(*times: str) -> bytes:
    """Minimal telegrams with these meter times."""
    return b"".join(b"/X\r\n\r\n0-0:1.0.0(%b)\r\n!\r\n" % time.encode() for time in times)


async def replayed(path: Path, leap_clock: Clock, speed: str = "1") -> tuple[list[bytes], list[float]]:
    """All pieces of a replay and the times, on the clock, at which they came."""
    pieces: list[bytes] = []
    times: list[float] = []

    async def play() -> None:
        async for piece in open_source(f"file://{path}?speed={speed}", leap_clock).chunks():
            pieces.append(piece)
            times.append(leap_clock.monotonic_s())

    with pytest.raises(SourceEnded, match="replay ended"):
        await play()
    return pieces, [t - times[0] for t in times]


async def test_replay_follows_the_telegrams_own_time(tmp_path: Path, leap_clock: Clock) -> None:
    """Gaps are those of the meter's clock, also over the hour that comes twice; a clock set back or absent
    counts as a second, a night as a minute."""
    recording = stamped(
        "261025025955S",
        "261025020005W",
        "261025020002W",
        "",
        "261025020012W",
        "261026020012W",
        "999999999999W",
    )
    path = tmp_path / "recording.txt"
    path.write_bytes(b"cut off\r\n" + recording)
    pieces, times = await replayed(path, leap_clock)
    assert b"".join(pieces) == b"cut off\r\n" + recording
    assert [b - a for a, b in pairwise(times)] == [1, 10, 1, 1, 10, 60, 1]


async def test_replay_speed_divides_the_gaps(tmp_path: Path, leap_clock: Clock) -> None:
    """At 60 a minute takes a second of the clock."""
    path = tmp_path / "recording.txt"
    path.write_bytes(stamped("260101000000W", "260101000100W"))
    _, times = await replayed(path, leap_clock, "60")
    assert times == [0, 1]


async def test_replay_without_a_file_or_without_telegrams(tmp_path: Path, leap_clock: Clock) -> None:
    """A missing file is told apart from one that is played out; a file of noise stays bounded pieces."""
    with pytest.raises(DeviceUnreachable, match="cannot read the recording"):
        await anext(open_source(f"file://{tmp_path}/none.txt", leap_clock).chunks())
    path = tmp_path / "noise.bin"
    path.write_bytes(b"\x00" * 200_000)
    pieces, _ = await replayed(path, leap_clock)
    assert b"".join(pieces) == b"\x00" * 200_000
    assert max(map(len, pieces)) <= 65536
