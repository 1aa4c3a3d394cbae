"""The link, against pymodbus' own server on loopback."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from pymodbus.constants import ExcCodes
from tests.devices.modbus.conftest import Bench, FastClock

from kwartier.devices.blocks import Block
from kwartier.devices.transports.bus import TcpBus
from kwartier.devices.transports.modbus import LinkPool, Manners, ModbusLink, ModbusRefused
from kwartier.site.errors import DeviceUnreachable, LocalProtocolError, RemoteProtocolError

QUICK = Manners(timeout_s=0.3, retries=1)
ONCE = Manners(timeout_s=0.3, retries=0)
VOLTAGES = Block(50520, 6)


def freely() -> None:
    """Nothing calls the write off."""


@pytest.fixture
async def link(countis: Bench, clock: FastClock) -> ModbusLink:
    return ModbusLink(TcpBus("127.0.0.1", countis.port), clock)


async def volts(link: ModbusLink, manners: Manners = QUICK, unit: int = 5) -> tuple[int, ...]:
    return (await link.read(unit, VOLTAGES, function=3, manners=manners)).words


async def test_reads_and_dates_the_answer(countis: Bench, link: ModbusLink, clock: FastClock) -> None:
    """Words come as the device holds them; their time lies between asking and answering."""
    countis.delay_s = 0.02
    before_s = clock.monotonic_s()
    answer = await link.read(5, VOLTAGES, function=3, manners=Manners())
    after_s = clock.monotonic_s()
    assert answer.words == (0, 23012, 0, 22987, 0, 23155)
    assert before_s < answer.at_s < after_s
    assert answer.at_s == pytest.approx((before_s + after_s) / 2, abs=(after_s - before_s) / 4)


async def test_function_4_is_asked_as_such(countis: Bench, link: ModbusLink) -> None:
    """Input registers are read with function 4."""
    await link.read(5, VOLTAGES, function=4, manners=QUICK)
    assert [request.function for request in countis.requests] == [4]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (ExcCodes.ILLEGAL_ADDRESS, "no such register"),
        (ExcCodes.ILLEGAL_VALUE, "does not accept"),
        (ExcCodes.DEVICE_BUSY, r"is busy \(exception 6\)"),
    ],
)
async def test_exceptions_are_refusals_in_words(
    countis: Bench, link: ModbusLink, code: ExcCodes, words: str
) -> None:
    """An exception answer is a refusal that names bus, unit and registers, is not tried again, and keeps the
    connection."""
    countis.refuse[3, 50520] = code
    with pytest.raises(ModbusRefused, match=words) as caught:
        await volts(link)
    assert f"127.0.0.1:{countis.port} unit 5: read of registers 50520 to 50525" in str(caught.value)
    assert caught.value.code == code
    assert len(countis.requests) == 1
    countis.refuse.clear()
    await volts(link)
    assert countis.connections == 1


async def test_a_unit_that_is_not_there_is_unreachable(countis: Bench, link: ModbusLink) -> None:
    """A gateway that finds nobody means: no answer from the device, check the unit."""
    with pytest.raises(DeviceUnreachable, match=r"unit 6: read .* got no answer .* check the unit number"):
        await volts(link, unit=6)


async def test_silence_is_unreachable_after_bounded_attempts(countis: Bench, link: ModbusLink) -> None:
    """No answer within the time limit is tried once more and then said; afterwards the link works again."""
    countis.mangle = lambda data: b""
    with pytest.raises(DeviceUnreachable, match=r"no answer within 0\.3 s; check the cable"):
        await volts(link)
    assert len(countis.requests) == 2
    countis.mangle = None
    assert await volts(link)


async def test_one_lost_answer_is_made_up_for(countis: Bench, link: ModbusLink) -> None:
    """A single lost answer costs a time-out, not a reading."""

    def lose_one(data: bytes) -> bytes:
        countis.mangle = None
        return b""

    countis.mangle = lose_one
    assert (await volts(link))[1] == 23012
    assert countis.connections == 2, "after silence the next attempt starts on a fresh connection"


def cut(data: bytes) -> bytes:
    return data[:-3]


def shorter_than_asked(data: bytes) -> bytes:
    return data[:4] + bytes([0, data[5] - 2, data[6], data[7], data[8] - 2]) + data[9:-2]


def wrong_count_byte(data: bytes) -> bytes:
    return data[:8] + b"\xff" + data[9:]


def other_unit(data: bytes) -> bytes:
    return data[:6] + b"\x07" + data[7:]


def other_function(data: bytes) -> bytes:
    return data[:7] + b"\x04" + data[8:]


def unknown_function(data: bytes) -> bytes:
    return data[:7] + b"\x63" + data[8:]


def not_modbus(data: bytes) -> bytes:
    return b"HTTP/1.1 400 Bad Request\r\n\r\n"


@pytest.mark.parametrize(
    "mangle",
    [cut, shorter_than_asked, wrong_count_byte, other_unit, other_function, unknown_function, not_modbus],
)
async def test_garbled_answers_keep_their_bytes(
    countis: Bench, link: ModbusLink, mangle: Callable[[bytes], bytes]
) -> None:
    """An answer that is none is never turned into values; its bytes are in the error; the next request works."""
    sent: list[bytes] = []

    def keep(data: bytes) -> bytes:
        sent.append(mangle(data))
        return sent[-1]

    countis.mangle = keep
    with pytest.raises(
        RemoteProtocolError, match=r"unit 5: read of registers 50520 to 50525.*makes no sense"
    ) as caught:
        await volts(link, ONCE)
    assert caught.value.raw == sent[0]
    assert sent[0].hex(" ") in str(caught.value)
    countis.mangle = None
    assert (await volts(link))[1] == 23012


async def test_late_answer_never_meets_the_next_request(countis: Bench, link: ModbusLink) -> None:
    """An answer that comes after its time limit is not taken for the answer to the next request."""
    countis.delay_s = 0.4
    with pytest.raises(DeviceUnreachable):
        await link.read(5, Block(50528, 6), function=3, manners=ONCE)
    countis.delay_s = 0.0
    for _ in range(10):
        assert await volts(link) == (0, 23012, 0, 22987, 0, 23155)
        await asyncio.sleep(0.02)


async def test_nobody_there(unused_tcp_port: int) -> None:
    """A refused connection says so, and for a while further requests fail at once without trying."""
    clock = FastClock(3)
    link = ModbusLink(TcpBus("127.0.0.1", unused_tcp_port), clock)
    with pytest.raises(
        DeviceUnreachable,
        match=rf"127\.0\.0\.1:{unused_tcp_port}: no connection \(Connection refused\).*one more Modbus master",
    ):
        await volts(link)
    bench = Bench({5: {1: 0}})
    await bench.serve(unused_tcp_port)
    with pytest.raises(DeviceUnreachable):
        await volts(link)
    assert bench.connections == 0, "the link rests after a failed attempt"
    await clock.sleep(1.5)
    with pytest.raises(ModbusRefused):
        await volts(link)
    await bench.stop()


async def test_reconnects_when_the_device_hangs_up(countis: Bench, clock: FastClock) -> None:
    """A device that closed the connection (restart, 60 s of silence) is simply connected again."""
    link = ModbusLink(TcpBus("127.0.0.1", countis.port), clock)
    await volts(link)
    countis.mangle = lambda data: b""
    asking = asyncio.create_task(volts(link, Manners(timeout_s=5, retries=0)))
    await asyncio.sleep(0.02)
    started_s = asyncio.get_running_loop().time()
    for connection in list(countis.server.active_connections.values()):
        connection.close()
    with pytest.raises(DeviceUnreachable, match="connection was closed"):
        await asking
    assert asyncio.get_running_loop().time() - started_s < 1, "a closed connection is noticed at once"
    countis.mangle = None
    assert (await volts(link, ONCE))[1] == 23012


async def test_write_passes_waiting_reads(countis: Bench, link: ModbusLink) -> None:
    """A set-point waits for at most the request on the wire, not for the polls that queue behind it."""
    countis.delay_s = 0.02
    reads = [asyncio.create_task(volts(link)) for _ in range(8)]
    await asyncio.sleep(0.03)
    await link.write(5, 50528, [0, 1], manners=QUICK, allowed=freely)
    done = sum(task.done() for task in reads)
    assert done <= 3
    await asyncio.gather(*reads)
    order = [request.values is not None for request in countis.requests]
    assert order.index(True) <= 3
    assert len(order) == 9


async def test_one_request_at_a_time(countis: Bench, link: ModbusLink) -> None:
    """Requests of many tasks never overlap on the bus, and share one connection."""
    countis.delay_s = 0.005
    await asyncio.gather(*(volts(link) for _ in range(10)))
    times = [request.at_s for request in countis.requests]
    assert all(b - a >= 0.005 for a, b in pairwise(times))
    assert countis.connections == 1


async def test_pause_between_requests(countis: Bench, link: ModbusLink) -> None:
    """A device that needs a pause gets it, and the one who asked does not wait for it."""
    slow = Manners(gap_s=0.25)
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    await volts(link, slow)
    assert loop.time() - started_s < 0.2
    await volts(link, slow)
    first, second = (request.at_s for request in countis.requests)
    assert second - first >= 0.25


async def test_write_is_one_request(countis: Bench, link: ModbusLink) -> None:
    """A value of two registers goes out in one function 16 request."""
    await link.write(5, 50528, [0x4180, 0x0000], manners=QUICK, allowed=freely)
    (request,) = countis.requests
    assert (request.function, request.address, request.values) == (16, 50528, [0x4180, 0])


async def test_write_can_be_called_off_in_the_queue(countis: Bench, link: ModbusLink) -> None:
    """What expires while it waits for the bus is not written."""
    countis.delay_s = 0.15
    reading = asyncio.create_task(volts(link))
    await asyncio.sleep(0.03)
    expired = False

    def allowed() -> None:
        if expired:
            raise LocalProtocolError("too late")

    writing = asyncio.create_task(link.write(5, 50528, [0, 1], manners=QUICK, allowed=allowed))
    await asyncio.sleep(0.03)
    expired = True
    with pytest.raises(LocalProtocolError):
        await writing
    await reading
    assert countis.writes() == []
    assert (await volts(link))[1] == 23012
    assert countis.connections == 1, "calling off a write is no reason to hang up"


async def test_a_false_confirmation_is_nonsense(countis: Bench, link: ModbusLink) -> None:
    """A write that the device confirms for another register has not been confirmed."""
    countis.mangle = lambda data: data[:-1] + b"\x09"
    with pytest.raises(RemoteProtocolError, match="it confirms 9 registers at 50528"):
        await link.write(5, 50528, [0, 1], manners=ONCE, allowed=freely)


async def test_cancelling_frees_the_bus(countis: Bench, link: ModbusLink) -> None:
    """Tasks cancelled on the wire or in the queue leave the bus to the others."""
    countis.delay_s = 0.15
    tasks = [asyncio.create_task(volts(link)) for _ in range(4)]
    await asyncio.sleep(0.03)
    for task in (tasks[0], tasks[2]):
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [True, False, True, False]
    assert results[1] == (0, 23012, 0, 22987, 0, 23155)


async def test_pool_shares_and_closes(countis: Bench, clock: FastClock) -> None:
    """Devices on one bus share one connection; it closes when the last of them goes."""
    pool = LinkPool(clock)
    one, other = pool.link(TcpBus("127.0.0.1", countis.port)), pool.link(TcpBus("127.0.0.1", countis.port))
    assert one is other
    async with one.in_use():
        async with other.in_use():
            await volts(one)
            assert one.users == 2
        await volts(one)
        assert countis.connections == 1
    await asyncio.sleep(0.02)
    assert (one.users, countis.open_now) == (0, 0)
