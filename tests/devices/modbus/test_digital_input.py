"""Digital inputs: what a contact, a file and a dead module become."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import pytest
from tests.devices.modbus.conftest import FastClock

from kwartier.devices.blocks import Block
from kwartier.devices.capabilities import InputSource
from kwartier.devices.drivers.digital_input import FilePin, ModbusPin, parse_pin
from kwartier.devices.registry import Registry
from kwartier.devices.transports.bus import TcpBus
from kwartier.devices.transports.modbus import Manners, ModbusLink
from kwartier.simulation.emulators import DigitalInputEmulator
from kwartier.site.errors import ConfigError, RemoteProtocolError
from kwartier.site.readings import DeviceFault, InputReading

Posted = list[InputReading | DeviceFault]


@pytest.fixture
async def module() -> AsyncIterator[DigitalInputEmulator]:
    emulator = DigitalInputEmulator()
    await emulator.start()
    yield emulator
    await emulator.stop()


async def listen(source: InputSource, enough: Callable[[Posted], bool], within_s: float = 3.0) -> Posted:
    """What the source posts until it is enough."""
    posted: Posted = []
    task = asyncio.create_task(source.run(posted.append))
    try:
        async with asyncio.timeout(within_s):
            while not enough(posted):
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return posted


def several(posted: Posted) -> bool:
    return len(posted) >= 3


def alarms(posted: Posted) -> list[bool]:
    return [p.alarm for p in posted if isinstance(p, InputReading)]


@pytest.mark.parametrize("kind", ["discrete", "coil"])
@pytest.mark.parametrize("broken", [None, "alarm", "wire"])
async def test_an_open_contact_is_an_alarm(
    module: DigitalInputEmulator, kind: str, broken: str | None
) -> None:
    """Closed is quiet; a panel in alarm and a cut wire both read as alarm."""
    if broken:
        await module.fail(broken)
    source = Registry(FastClock()).input("panel", f"{module.url}&{kind}=0", "open")
    assert set(alarms(await listen(source, several))) == {broken is not None}


async def test_a_normally_open_contact_alarms_when_closed(module: DigitalInputEmulator) -> None:
    """`alarm_when: closed` turns the meaning round."""
    source = Registry(FastClock()).input("panel", f"{module.url}&discrete=0", "closed")
    assert set(alarms(await listen(source, several))) == {True}
    source = Registry(FastClock()).input("panel", f"{module.url}&discrete=1", "closed")
    assert set(alarms(await listen(source, several))) == {False}


async def test_it_is_sampled_five_times_a_second(module: DigitalInputEmulator) -> None:
    """Samples come at least every 0.3 s, so that two of them and a write fit into one second."""
    source = Registry(FastClock()).input("panel", module.pin_url, "open")
    posted = await listen(source, lambda p: len(p) >= 6)
    gaps = [b.at_s - a.at_s for a, b in pairwise(posted)]
    assert max(gaps) < 0.3


@pytest.mark.parametrize(
    ("trouble", "kinds"),
    [
        ("unplug", {"unreachable"}),
        ("silent", {"unreachable"}),
        ("garbage", {"nonsense", "unreachable"}),  # a foreign transaction number reads as no answer
    ],
)
async def test_what_cannot_be_read_is_told_and_tried_again(
    module: DigitalInputEmulator, trouble: str, kinds: set[str]
) -> None:
    """A dead module gives faults and never a quiet sample; once it is back it is heard within seconds."""
    source = Registry(FastClock()).input("panel", module.pin_url, "open")
    await module.fail(trouble)
    posted: Posted = []
    task = asyncio.create_task(source.run(posted.append))
    async with asyncio.timeout(6):
        while len(posted) < 2:
            await asyncio.sleep(0.01)
        assert {p.kind for p in posted if isinstance(p, DeviceFault)} <= kinds
        assert not alarms(posted)
        await module.heal()
        while not alarms(posted):
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_refused_address_is_told(module: DigitalInputEmulator) -> None:
    """An input that the module does not have is a refusal with its name."""
    source = Registry(FastClock()).input("panel", f"{module.url}&discrete=8", "open")
    (first, *_) = await listen(source, several)
    assert isinstance(first, DeviceFault)
    assert (first.kind, "discrete input 8" in first.what) == ("refused", True)


async def test_a_file_is_read_as_a_gpio_line(tmp_path: Path) -> None:
    """0 is open, 1 is closed; what is neither, or is gone, is a fault."""
    line = tmp_path / "value"
    source = Registry(FastClock(5)).input("panel", f"file://{line}", "open")
    posted: Posted = []
    task = asyncio.create_task(source.run(posted.append))

    async def newest() -> InputReading | DeviceFault:
        await asyncio.sleep(0.12)
        posted.clear()
        while not posted:
            await asyncio.sleep(0.01)
        return posted[-1]

    for text, alarm in (("1\n", False), ("0\n", True), ("1", False)):
        line.write_text(text)
        found = await newest()
        assert isinstance(found, InputReading)
        assert found.alarm is alarm
    for text in ("", "2", "11", "yes"):
        line.write_text(text)
        found = await newest()
        assert isinstance(found, DeviceFault)
        assert found.kind == "nonsense"
    line.unlink()
    found = await newest()
    assert isinstance(found, DeviceFault)
    assert found.kind == "unreachable"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_connection_strings() -> None:
    """Each form names its place; unit 1 where none is given."""
    pin = parse_pin("modbus-tcp://192.168.0.7:1502?unit=3&holding=100&bit=4")
    assert isinstance(pin, ModbusPin)
    assert (pin.function, pin.address, pin.bit, pin.place.unit) == (3, 100, 4, 3)
    assert str(pin) == "192.168.0.7:1502 unit 3 holding 100 bit 4"
    assert (
        str(parse_pin("modbus-rtu:///dev/ttyUSB1?discrete=2&baud=19200")) == "/dev/ttyUSB1 unit 1 discrete 2"
    )
    assert parse_pin("file:///sys/class/gpio/gpio17/value") == FilePin(Path("/sys/class/gpio/gpio17/value"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("modbus-tcp://host", "say once which input"),
        ("modbus-tcp://host?coil=0&discrete=1", "say once which input"),
        ("modbus-tcp://host?coil=0&coil=1", "say once which input"),
        ("modbus-tcp://host?coil=x", "coil is a whole number"),
        ("modbus-tcp://host?coil=0&bit=1", "leave bit= out"),
        ("modbus-tcp://host?holding=5", "say which bit"),
        ("modbus-tcp://host?holding=5&bit=16", "bit is a whole number from 0 to 15"),
        ("modbus-tcp://host?coil=0&unti=3", "did you mean 'unit'"),
        ("file://value", "three slashes"),
        ("http://host/", "modbus-tcp://"),
    ],
)
def test_wrong_connection_strings_are_refused_with_an_example(url: str, words: str) -> None:
    """What is wrong, and how it is written."""
    with pytest.raises(ConfigError, match=words) as refused:
        parse_pin(url)
    assert "Example: " in str(refused.value)


async def answering(answer: bytes) -> asyncio.Server:
    """A server that answers every request with this PDU."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(260):
            writer.write(request[:4] + (len(answer) + 1).to_bytes(2) + request[6:7] + answer)
            asked.append(request[7:])
        writer.close()

    asked: list[bytes] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.asked = asked  # type: ignore[attr-defined]
    return server


@pytest.mark.parametrize("function", [1, 2])
async def test_bits_are_asked_and_unpacked_as_the_standard_says(function: int) -> None:
    """The example of the Modbus application protocol, 6.1: 19 bits from address 19 (20-38)."""
    server = await answering(bytes((function, 3, 0xCD, 0x6B, 0x05)))
    link = ModbusLink(TcpBus("127.0.0.1", server.sockets[0].getsockname()[1]), FastClock())
    answer = await link.read(1, Block(19, 19), function=function, manners=Manners())
    assert server.asked == [bytes((function, 0, 19, 0, 19))]  # type: ignore[attr-defined]
    assert answer.words == (1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1)
    with pytest.raises(RemoteProtocolError, match="24 bits instead of 8"):
        await link.read(1, Block(19, 3), function=function, manners=Manners(retries=0))
    link.close()
    server.close()
