"""Modbus RTU over real serial ports (two pseudo terminals back to back), against pymodbus' serial server."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable

import pytest
from pymodbus.server import ModbusSerialServer
from tests.devices.modbus.conftest import Bench, FastClock, captured, running

from kwartier.devices.blocks import Block
from kwartier.devices.registry import Registry
from kwartier.devices.transports.bus import RtuBus
from kwartier.devices.transports.modbus import Manners, ModbusLink
from kwartier.site.errors import DeviceUnreachable, RemoteProtocolError
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Meter


class Cable:
    """A null modem: what goes in at one end comes out at the other, changed by `noise`."""

    def __init__(self) -> None:
        self.ends = [os.openpty(), os.openpty()]
        self.ports = [os.ttyname(slave) for _, slave in self.ends]
        for _, slave in self.ends:
            tty.setraw(slave)
        self.noise: Callable[[bytes], bytes] = bytes
        loop = asyncio.get_running_loop()
        (a, _), (b, _) = self.ends
        loop.add_reader(a, lambda: os.write(b, os.read(a, 1024)))
        loop.add_reader(b, lambda: os.write(a, self.noise(os.read(b, 1024))))

    def pull(self) -> None:
        for pair in self.ends:
            asyncio.get_running_loop().remove_reader(pair[0])
            for end in pair:
                os.close(end)


@pytest.fixture
async def bus() -> AsyncIterator[tuple[Bench, Cable]]:
    """Two meters on one RS485 bus: units 1 and 2, 9600 baud."""
    registers = captured("eastron-sdm630")
    bench = Bench({1: registers[1], 2: dict(registers[1])})
    cable = Cable()
    server = ModbusSerialServer(
        [bench.device(1), bench.device(2)], port=cable.ports[1], baudrate=9600, ignore_missing_devices=True
    )
    await server.serve_forever(background=True)
    yield bench, cable
    await server.shutdown()  # type: ignore[no-untyped-call]
    cable.pull()


async def test_two_meters_on_one_bus(bus: tuple[Bench, Cable], clock: FastClock) -> None:
    """Two meters of a make are read over one serial port, each with its own unit and function 4."""
    bench, cable = bus
    bench.put(2, 0x0006, [0x41A0, 0x0000])  # 20 A
    registry = Registry(clock)
    url = f"modbus-rtu://{cable.ports[0]}?baud=9600&unit="
    meters = [
        registry.meter(Meter(id=i, name=i, role="circuit", address=i), "eastron-sdm630", url + i, {})
        for i in "12"
    ]
    async with running(meters[0]) as first, running(meters[1]) as second:
        one, other = await first.reading(), await second.reading()
    assert isinstance(one, MeterReading)
    assert isinstance(other, MeterReading)
    assert one.current_a == (10.5, -4.25, 0.5)
    assert other.current_a == (20.0, -4.25, 0.5)
    assert {(r.unit, r.function) for r in bench.requests} == {(1, 4), (2, 4)}


async def test_noise_on_the_line(bus: tuple[Bench, Cable], clock: FastClock) -> None:
    """A frame whose checksum is wrong is never a reading; the bytes are kept and the line recovers."""
    _, cable = bus
    link = ModbusLink(RtuBus(cable.ports[0]), clock)
    once = Manners(timeout_s=0.2, retries=0)
    cable.noise = lambda data: data.replace(b"\x41\x28", b"\x41\x29")
    with pytest.raises(RemoteProtocolError, match="no whole answer") as caught:
        await link.read(1, Block(6, 2), function=4, manners=once)
    assert caught.value.raw[:7] == bytes.fromhex("01 04 04 41 29 00 00")
    cable.noise = bytes
    assert (await link.read(1, Block(6, 2), function=4, manners=once)).words == (0x4128, 0)
    link.close()


async def test_a_dead_unit_leaves_the_bus_to_the_others(bus: tuple[Bench, Cable], clock: FastClock) -> None:
    """A unit that does not answer costs its own time limit only."""
    _, cable = bus
    link = ModbusLink(RtuBus(cable.ports[0]), clock)
    once = Manners(timeout_s=0.2, retries=0)
    cable.noise = lambda data: b"" if data.startswith(b"\x01") else data
    with pytest.raises(DeviceUnreachable, match=r"unit 1: .* no answer within"):
        await link.read(1, Block(6, 2), function=4, manners=once)
    assert (await link.read(2, Block(6, 2), function=4, manners=once)).words == (0x4128, 0)
    link.close()


async def test_a_port_that_is_not_there(clock: FastClock) -> None:
    """A missing serial port is named, with the cure."""
    link = ModbusLink(RtuBus("/dev/ttyNONE0"), clock)
    with pytest.raises(
        DeviceUnreachable, match=r"/dev/ttyNONE0: no connection .*check the cable and the name"
    ):
        await link.read(1, Block(6, 2), function=4, manners=Manners())


def test_frames_are_kept_apart() -> None:
    """The pause between frames is 3.5 characters, and 1.75 ms on fast lines."""
    assert RtuBus("p", 9600).silence_s == pytest.approx(0.00401, abs=1e-5)
    assert RtuBus("p", 115200).silence_s == 0.00175
