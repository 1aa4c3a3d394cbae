"""The driver over real connections: it reads, loses, waits and comes back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

import pytest

from kwartier.devices.drivers.p1 import P1Meter
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError
from kwartier.site.readings import DeviceFault, MeterReading
from kwartier.site.topology import Meter


class RecordingClock(Clock, Protocol):
    """The test clock: it notes what it was asked to sleep."""

    slept: list[float]


Item = MeterReading | DeviceFault
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ServeTcp = Callable[[Handler], AbstractAsyncContextManager[int]]
Compose = Callable[..., bytes]
METER = Meter(id="grid", name="Grid", role="grid", address="p1")


@asynccontextmanager
async def running(meter: P1Meter) -> AsyncIterator[asyncio.Queue[Item]]:
    """The driver at work; gives the queue of what it posts."""
    posted: asyncio.Queue[Item] = asyncio.Queue()
    task = asyncio.create_task(meter.run(posted.put_nowait))
    try:
        async with asyncio.timeout(20):
            yield posted
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def next_fault(posted: asyncio.Queue[Item]) -> DeviceFault:
    """Skip readings."""
    while True:
        item = await posted.get()
        if isinstance(item, DeviceFault):
            return item


async def next_reading(posted: asyncio.Queue[Item]) -> MeterReading:
    """Skip faults."""
    while True:
        item = await posted.get()
        if isinstance(item, MeterReading):
            return item


@pytest.fixture
def second(compose: Compose) -> Callable[[int], bytes]:
    """The telegram of second n, whose power is n watts."""
    return lambda n: compose(
        f"1-0:1.7.0(00.{n:03}*kW)", "1-0:2.7.0(00.000*kW)", at=f"26011512{n // 60:02}{n % 60:02}W"
    )


async def test_comes_back_after_resets_and_stalls(
    second: Callable[[int], bytes], serve_tcp: ServeTcp, clock: Clock
) -> None:
    """A gateway that sends half a telegram and resets, then stalls, then works: no reading is wrong, each
    trouble is told, and the readings go on."""
    visits = 0

    async def moody(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        if visits == 1:
            writer.write(second(1) + second(2)[:70])
            await writer.drain()
            writer.transport.abort()
        elif visits == 2:
            writer.write(second(3))
            await reader.read()
        else:
            for n in range(4, 60):
                for start in range(0, len(second(n)), 31):
                    writer.write(second(n)[start : start + 31])
                    await asyncio.sleep(0)
                await asyncio.sleep(0.005)
            await reader.read()
        writer.close()

    async with serve_tcp(moody) as port:
        meter = P1Meter(METER, f"tcp://127.0.0.1:{port}", clock, {})
        async with running(meter) as posted:
            assert (await next_reading(posted)).power_w == 1
            assert (await next_fault(posted)).kind == "unreachable"
            powers = [(await next_reading(posted)).power_w for _ in range(10)]
    assert powers == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert meter.health.reconnects == 2
    assert meter.health.connected


async def test_silent_line_is_given_up_with_a_diagnosis(serve_tcp: ServeTcp, clock: Clock) -> None:
    """A connection that says nothing for 15 s of the clock is closed, told with what to check, and tried
    again."""
    connections: list[int] = []

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        await reader.read()
        writer.close()

    async with serve_tcp(say_nothing) as port:
        began_s = clock.monotonic_s()
        async with running(P1Meter(METER, f"tcp://127.0.0.1:{port}", clock, {})) as posted:
            fault = await next_fault(posted)
            while len(connections) < 2:
                await asyncio.sleep(0.01)
    assert fault.at_s - began_s >= 15
    for hint in ("Mijn Fluvius", "Data Request", "9600 baud 7E1", "cable"):
        assert hint in fault.what


async def test_waits_grow_to_thirty_seconds_and_one_good_telegram_ends_them(
    second: Callable[[int], bytes], serve_tcp: ServeTcp, clock: RecordingClock
) -> None:
    """1, 2, 4, 8, 16, 30, 30 s between attempts; bytes alone do not count as success."""
    visits = 0
    recovered = asyncio.Event()

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        if visits == 8:
            writer.write(second(1))
        elif visits == 9:
            recovered.set()
        else:
            writer.write(b"hello\r\n")
        await writer.drain()
        writer.close()

    async with serve_tcp(handle) as port, running(P1Meter(METER, f"tcp://127.0.0.1:{port}", clock, {})):
        await recovered.wait()
    assert [s for s in clock.slept if not 10 < s <= 15] == [1, 2, 4, 8, 16, 30, 30, 1]


async def test_unreachable_faults_are_not_one_per_attempt(clock: Clock) -> None:
    """A port that does not exist is told at once and then at most once a minute."""
    meter = P1Meter(METER, "serial:///dev/no-such-port", clock, {})
    async with running(meter) as posted:
        first, again = await next_fault(posted), await next_fault(posted)
    assert first.kind == again.kind == "unreachable"
    assert again.at_s - first.at_s >= 60
    assert "more" in again.what


async def test_replay_ends_once_and_is_not_played_again(
    second: Callable[[int], bytes], tmp_path: Path, clock: Clock
) -> None:
    """All telegrams, then one fault, then silence, however often others would try again."""
    path = tmp_path / "recording.txt"
    path.write_bytes(b"".join(second(n) for n in range(3)))
    meter = P1Meter(METER, f"file://{path}", clock, {})
    async with running(meter) as posted:
        found = [await next_reading(posted) for _ in range(3)]
        fault = await next_fault(posted)
        await clock.sleep(50)
        assert posted.empty()
    assert [r.power_w for r in found] == [0, 1, 2]
    assert "replay ended" in fault.what


@pytest.mark.parametrize(
    ("url", "options", "hint"),
    [
        ("p1://nowhere", {}, "no such kind"),
        ("tcp://h:1", {"keys": "x"}, "unknown P1 option keys"),
        ("tcp://h:1", {"key": "xyz"}, "32 hex digits"),
        ("tcp://h:1", {"authentication_key": "00"}, "32 hex digits"),
        ("tcp://h:1", {"checksum": "never"}, "auto, required, strict"),
    ],
)
def test_wrong_settings_are_refused_at_once(
    url: str, options: dict[str, object], hint: str, clock: Clock
) -> None:
    """Before anything is opened."""
    with pytest.raises(ConfigError, match=hint):
        P1Meter(METER, url, clock, options)
