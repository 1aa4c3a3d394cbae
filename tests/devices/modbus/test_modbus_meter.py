"""The meter driver, against pymodbus' own server filled from a capture."""

import asyncio
import struct

import pytest
from tests.devices.modbus.conftest import Bench, FastClock, running

from kwartier.devices import catalogue
from kwartier.devices.drivers.modbus_meter import ModbusMeter, StillWatch
from kwartier.devices.drivers.polling import Picture
from kwartier.devices.registry import Registry
from kwartier.devices.transports.bus import TcpBus
from kwartier.devices.transports.modbus import ModbusLink
from kwartier.site.errors import RemoteProtocolError
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Meter

E27 = catalogue.load("socomec-countis-e27")


def u32(value: int) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">I", value)))


def meter_on(bench: Bench, clock: FastClock, **more: object) -> ModbusMeter:
    link = ModbusLink(TcpBus("127.0.0.1", bench.port), clock)
    given: dict[str, object] = {"meter_id": "m", "device": E27, "link": link, "unit": 5, "clock": clock}
    return ModbusMeter(**(given | more))  # type: ignore[arg-type]


async def test_posts_signed_readings(countis: Bench, clock: FastClock) -> None:
    """Unsigned currents come out with the sign of their phase power, every second, dated by the request."""
    async with running(meter_on(countis, clock)) as inbox:
        first, second = await inbox.reading(), await inbox.reading()
    assert isinstance(first, MeterReading)
    assert first.current_a == (10.5, -4.2, 0.02)
    assert first.power_w == 1450
    assert second.at_s - first.at_s >= 0.9
    blocks = [(r.address, r.count) for r in countis.requests]
    assert blocks[:3] == [(50000, 4), (50520, 30), (50946, 8)], "identified once, then two requests a round"
    assert blocks.count((50000, 4)) == 1


async def test_cancelling_closes_the_connection(countis: Bench, clock: FastClock) -> None:
    """When the task goes, so does the connection: the device has few to give."""
    async with running(meter_on(countis, clock)) as inbox:
        await inbox.reading()
        assert countis.open_now == 1
    await asyncio.sleep(0.02)
    assert countis.open_now == 0


async def test_another_device_is_not_believed(countis: Bench, clock: FastClock) -> None:
    """A device that does not say SOCO gives faults that name what it said, and no readings."""
    countis.put(5, 50000, [0x41, 0x42, 0x43, 0x44])
    async with running(meter_on(countis, clock)) as inbox:
        fault = await inbox.fault("nonsense")
        assert "'ABCD'" in fault.what
        assert "SOCO" in fault.what
        assert f"127.0.0.1:{countis.port} unit 5" in fault.what
        countis.put(5, 50000, [0x53, 0x4F, 0x43, 0x4F])
        assert inbox.clear() == []
        await inbox.reading()


@pytest.mark.parametrize(
    ("address", "words", "said"),
    [
        (50530, [0xFFFF, 0xFFFF], r"current_l2_a \(register 50530\) is not available: ff ff ff ff"),
        (50536, [0x8000, 0x0000], r"power_w \(register 50536\) is not available"),
        (50520, [0x0100, 0x0000], r"voltage_l1_v .* is 167772\.16, which cannot be: 01 00 00 00"),
    ],
)
async def test_missing_or_impossible_values_are_nonsense(
    countis: Bench, clock: FastClock, address: int, words: list[int], said: str
) -> None:
    """A current that is not available or a voltage that cannot be never becomes a reading; the bytes are kept."""
    countis.put(5, address, words)
    with pytest.raises(RemoteProtocolError, match=said) as caught:
        await meter_on(countis, clock).read()
    assert caught.value.raw == struct.pack(">2H", *words)


async def test_absent_voltage_is_absent_not_zero(countis: Bench, clock: FastClock) -> None:
    """A value that may be missing is None."""
    countis.put(5, 50524, [0xFFFF, 0xFFFF])
    assert (await meter_on(countis, clock).read()).voltage_v == (230.12, 229.87, None)


async def test_silence_backs_off_and_recovers(countis: Bench, clock: FastClock) -> None:
    """A silent meter gives one fault per attempt, at growing distances, and readings again when it is back."""
    async with running(meter_on(countis, clock)) as inbox:
        await inbox.reading()
        countis.delay_s = 1.2  # slower than the time limit of one second
        faults = [await inbox.fault("unreachable") for _ in range(2)]
        assert "no answer within 1 s" in faults[0].what
        countis.delay_s = 0.0
        reading = await inbox.reading()
        assert reading.at_s > faults[1].at_s


async def test_frozen_registers_are_a_lost_meter(countis: Bench, clock: FastClock) -> None:
    """The same registers for ten seconds end the readings with a fault; the first change brings them back."""
    async with running(meter_on(countis, clock)) as inbox:
        first = await inbox.reading()
        fault = await inbox.fault("nonsense")
        assert "stands still" in fault.what
        assert 9.5 <= fault.at_s - first.at_s <= 60
        inbox.clear()
        countis.put(5, 50520, u32(23013))
        reading = await inbox.reading()
        assert isinstance(reading, MeterReading)
        assert reading.voltage_v[0] == 230.13


async def test_frozen_check_can_be_switched_off(countis: Bench, clock: FastClock) -> None:
    """A test bench with fixed values reads for ever with `frozen_after_s: 0`."""
    async with running(meter_on(countis, clock, frozen_after_s=0.0)) as inbox:
        first = await inbox.reading()
        while (last := await inbox.next()).at_s < first.at_s + 20:
            assert isinstance(last, MeterReading)


def picture(power_w: float, import_kwh: float, at_s: float) -> Picture:
    return Picture({"power_w": power_w, "energy_import_kwh": import_kwh}, {}, at_s)


def test_energy_counter_that_should_have_moved() -> None:
    """Without a time limit of its own, unchanged registers are frozen when power should have moved the counter:
    55 kW and steps of 10 Wh betray it in two seconds, 100 W in eighteen minutes."""
    for power_w, honest_s, frozen_s in ((55_200.0, 1.9, 2.0), (100.0, 1070.0, 1085.0)):
        watch = StillWatch(None, {"energy_import_kwh": 0.01})
        assert not watch.stands_still(picture(power_w, 10.0, 0.0))
        assert not watch.stands_still(picture(power_w, 10.0, honest_s))
        assert watch.stands_still(picture(power_w, 10.0, frozen_s))


def test_no_power_no_suspicion() -> None:
    """A circuit that carries nothing may show the same registers all night."""
    watch = StillWatch(None, {"energy_import_kwh": 0.01})
    assert not any(watch.stands_still(picture(0.0, 10.0, at_s)) for at_s in range(0, 40_000, 1000))


async def test_wired_otherwise_and_backwards(countis: Bench, clock: FastClock) -> None:
    """A meter whose L1, L2, L3 hang on phases 2, 3, 1 and that was built in backwards reads right."""
    reading = await meter_on(countis, clock, conductors=(2, 3, 1), invert=True).read()
    assert reading.current_a == (-0.02, -10.5, 4.2)
    assert reading.power_w == -1450
    assert reading.power_phase_w == (0.0, -2410.0, 960.0)
    assert reading.voltage_v == (231.55, 230.12, 229.87)
    assert (reading.energy_import_kwh, reading.energy_export_kwh) == (890.12, 12345.67)


async def test_one_phase_meter(countis: Bench, clock: FastClock) -> None:
    """A meter on one phase tells of that phase only."""
    reading = await meter_on(countis, clock, conductors=(3,)).read()
    assert reading.current_a == (0.0, 0.0, 10.5)
    assert reading.voltage_v == (None, None, 230.12)


async def test_two_meters_share_a_bus(countis: Bench, clock: FastClock) -> None:
    """Two meters behind one gateway use one connection and keep their own readings."""
    registry = Registry(clock)
    url = f"{countis.url}?unit=5"
    meters = [Meter(id=i, name=i, role="circuit", address=url) for i in ("a", "b")]
    a, b = (registry.meter(meter, "socomec-countis-e27", url, {}) for meter in meters)
    async with running(a) as first, running(b) as second:
        one, other = await first.reading(), await second.reading()
    assert isinstance(one, MeterReading)
    assert isinstance(other, MeterReading)
    assert (one.meter_id, other.meter_id) == ("a", "b")
    assert countis.connections == 1
