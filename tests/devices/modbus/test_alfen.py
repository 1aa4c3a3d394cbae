"""The station driver, against pymodbus' own server filled from a capture."""

import asyncio
import math
import struct

import pytest
from pymodbus.constants import ExcCodes
from tests.devices.modbus.conftest import Bench, FastClock, running

from kwartier.devices import catalogue
from kwartier.devices.capabilities import HasWatchdog, Watchdog
from kwartier.devices.drivers.alfen import AlfenStation
from kwartier.devices.transports.bus import TcpBus
from kwartier.devices.transports.modbus import ModbusLink
from kwartier.site.errors import DeviceRefused, DeviceUnreachable, LocalProtocolError
from kwartier.site.readings import ChargePointReading, DeviceFault
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Setpoint
from kwartier.site.topology import ChargePoint

LEFT = ChargePoint(id="left", name="Left", circuit="grid", conductors=(1, 2, 3))
RIGHT = ChargePoint(id="right", name="Right", circuit="grid", conductors=(2,))


def f32(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def u64(value: int) -> list[int]:
    return list(struct.unpack(">4H", struct.pack(">Q", value)))


@pytest.fixture
async def station(alfen: Bench, clock: FastClock) -> AlfenStation:
    return AlfenStation(
        points={1: LEFT, 2: RIGHT},
        device=catalogue.load("alfen-ng9xx"),
        link=ModbusLink(TcpBus("127.0.0.1", alfen.port), clock),
        clock=clock,
    )


def setpoint(
    clock: FastClock, current_a: float, *, to: str = "left", phases: int | None = None, valid_s: float = 60.0
) -> Setpoint:
    now_s = clock.monotonic_s()
    return Setpoint(
        charge_point_id=to,
        current_a=current_a,
        phases=phases,
        valid_until_s=now_s + valid_s,
        decided_at_s=now_s,
        reason=Reason("test"),
    )


async def test_both_sockets_over_one_connection(alfen: Bench, station: AlfenStation) -> None:
    """Both sockets give readings, each in two block reads, over one connection."""
    async with running(station) as inbox:
        left, right = await inbox.reading("left"), await inbox.reading("right")
    assert isinstance(left, ChargePointReading)
    assert isinstance(right, ChargePointReading)
    assert (left.state, left.current_a, left.phases) == ("C2", (15.75, 15.5, 15.625), 3)
    assert (left.setpoint_a, left.applied_a, left.valid_for_s, left.fallback_a) == (16, 16, 47, 6)
    assert (right.state, right.current_a, right.setpoint_a) == ("A1", (0, 0, 0), None)
    assert {(r.unit, r.address, r.count) for r in alfen.requests} == {
        (1, 300, 78),
        (1, 1200, 16),
        (2, 300, 78),
        (2, 1200, 16),
        (200, 174, 4),
    }
    assert alfen.connections == 1


async def test_readings_are_as_old_as_the_measurement(
    alfen: Bench, station: AlfenStation, clock: FastClock
) -> None:
    """Register 301 tells how old the measurement is, and the reading is dated back by it."""
    alfen.put(1, 301, u64(4000))
    async with running(station) as inbox:
        before_s = clock.monotonic_s()
        reading = await inbox.reading("left")
    assert before_s - 4.0 <= reading.at_s <= clock.monotonic_s() - 4.0


async def test_a_station_whose_meter_died_is_no_reading(alfen: Bench, station: AlfenStation) -> None:
    """A measurement older than half a minute, or a meter error, is a fault of that socket only."""
    alfen.put(1, 301, u64(31_000))
    async with running(station) as inbox:
        fault = await inbox.fault("nonsense")
        assert fault.device_id == "left"
        assert "gave no value for 31 s" in fault.what
        await inbox.reading("right")
        alfen.put(1, 301, u64(0))
        alfen.put(1, 300, [8 + 1])
        assert "reports an error" in (await inbox.fault("nonsense")).what
        alfen.put(1, 300, [3])
        await inbox.reading("left")


@pytest.mark.parametrize(
    ("address", "words", "said"),
    [
        (1201, [0x5A39, 0, 0, 0, 0], "'Z9' is no mode 3 state"),
        (320, [0xFFFF, 0xFFFF], "current_l1_a"),
        (322, [0xFFFF, 0xFFFF], "the current of L2 is not available"),
        (1200, [0xFFFF], "operative"),
    ],
)
async def test_unusable_values_are_nonsense(
    alfen: Bench, station: AlfenStation, address: int, words: list[int], said: str
) -> None:
    """An unknown state, or a current missing on a live conductor, never becomes a reading; bytes are kept."""
    alfen.put(1, address, words)
    async with running(station) as inbox:
        fault = await inbox.fault("nonsense")
    assert said in fault.what
    assert struct.pack(f">{len(words)}H", *words).hex() in fault.raw


async def test_setpoint_is_one_float_in_one_request(
    alfen: Bench, station: AlfenStation, clock: FastClock
) -> None:
    """10.7 A goes to 1210 as a float32 in one function 16 request; 0 pauses."""
    await station.apply(setpoint(clock, 10.7))
    await station.apply(setpoint(clock, 0.0, to="right"))
    assert alfen.writes() == [(1, 1210, f32(10.7)), (2, 1210, [0, 0])]
    assert {request.function for request in alfen.requests} == {16}


@pytest.mark.parametrize("valid_s", [0.0, -5.0])
async def test_expired_setpoint_is_never_written(
    alfen: Bench, station: AlfenStation, clock: FastClock, valid_s: float
) -> None:
    """At and after its deadline a set-point is refused, so that the station falls to its safe current."""
    with pytest.raises(LocalProtocolError, match="only a fresh decision"):
        await station.apply(setpoint(clock, 10.0, valid_s=valid_s))
    assert alfen.requests == []


async def test_setpoint_that_expires_in_the_queue_is_not_written(
    alfen: Bench, station: AlfenStation, clock: FastClock
) -> None:
    """The deadline counts in the moment of writing, not in the moment of asking."""
    alfen.delay_s = 0.3
    async with running(station) as inbox:
        await asyncio.sleep(0.05)
        with pytest.raises(LocalProtocolError):
            await station.apply(setpoint(clock, 10.0, valid_s=2.0))
        alfen.delay_s = 0.0
        await inbox.reading("left")
    assert alfen.writes() == []


@pytest.mark.parametrize("current_a", [-1.0, 32.1, math.nan, math.inf])
async def test_impossible_setpoints_are_not_written(
    alfen: Bench, station: AlfenStation, clock: FastClock, current_a: float
) -> None:
    """What no decision may ask for is our own mistake and stays off the wire."""
    with pytest.raises(LocalProtocolError, match="0 to 32 A"):
        await station.apply(setpoint(clock, current_a))
    with pytest.raises(LocalProtocolError, match="'elsewhere' is no charge point"):
        await station.apply(setpoint(clock, 6.0, to="elsewhere"))
    with pytest.raises(LocalProtocolError, match="1 or 3 phases, not 2"):
        await station.apply(setpoint(clock, 6.0, phases=2))
    assert alfen.requests == []


async def test_write_does_not_wait_for_the_polls(
    alfen: Bench, station: AlfenStation, clock: FastClock
) -> None:
    """While a round of polls is under way, a set-point goes out after the one request on the wire."""
    async with running(station):
        alfen.delay_s = 0.05
        await asyncio.sleep(0.12)
        asked = len(alfen.requests)
        await station.apply(setpoint(clock, 10.0))
        ahead = [request.values for request in alfen.requests[asked:]]
        assert ahead.index(f32(10.0)) <= 1
        alfen.delay_s = 0.0


async def test_phases_only_when_they_differ(alfen: Bench, station: AlfenStation, clock: FastClock) -> None:
    """1215 is written when it changes, fewer phases before the current and more phases after it."""
    async with running(station) as inbox:
        await inbox.reading("left")
        await station.apply(setpoint(clock, 16.0, phases=3))
        await station.apply(setpoint(clock, 14.0, phases=1))
        await station.apply(setpoint(clock, 14.0, phases=1))
        await station.apply(setpoint(clock, 6.0, phases=3))
        await station.apply(setpoint(clock, 7.0))
    assert alfen.writes() == [
        (1, 1210, f32(16.0)),
        (1, 1215, [1]),
        (1, 1210, f32(14.0)),
        (1, 1210, f32(14.0)),
        (1, 1210, f32(6.0)),
        (1, 1215, [3]),
        (1, 1210, f32(7.0)),
    ]


async def test_phases_that_may_not_be_written(alfen: Bench, station: AlfenStation, clock: FastClock) -> None:
    """Exception 3 on 1215 is said once and remembered; a current meant for one phase is not raised on three."""
    alfen.refuse[16, 1215] = ExcCodes.ILLEGAL_VALUE
    alfen.put(1, 1210, f32(8.0))
    async with running(station) as inbox:
        await inbox.reading("left")
        await station.apply(setpoint(clock, 24.0, phases=1))
        fault = await inbox.fault("refused")
        assert fault.device_id == "left"
        assert "Allow 1 and 3 phase charging" in fault.what
        await station.apply(setpoint(clock, 24.0, phases=1))
        await station.apply(setpoint(clock, 6.0, phases=1))
        assert not [item for item in inbox.clear() if isinstance(item, DeviceFault)]
    phase_writes = [write for write in alfen.writes() if write[1] == 1215]
    currents = [write[2] for write in alfen.writes() if write[1] == 1210]
    assert len(phase_writes) == 1
    assert currents == [f32(8.0), f32(8.0), f32(6.0)]


async def test_refused_and_unreachable_writes_are_raised(
    alfen: Bench, station: AlfenStation, clock: FastClock
) -> None:
    """Whoever applies a set-point learns that the device did not take it."""
    alfen.refuse[16, 1210] = ExcCodes.ILLEGAL_ADDRESS
    with pytest.raises(DeviceRefused, match="unit 1: write of registers 1210 to 1211"):
        await station.apply(setpoint(clock, 10.0))
    await alfen.stop()
    with pytest.raises(DeviceUnreachable):
        await station.apply(setpoint(clock, 10.0))


async def test_restart_is_told_for_both_sockets(alfen: Bench, station: AlfenStation) -> None:
    """When the running time goes back, both set-points are gone and both are told."""
    async with running(station) as inbox:
        await inbox.reading("left")
        await inbox.reading("right")
        alfen.put(200, 174, u64(3_000))
        faults = [await inbox.fault("restarted"), await inbox.fault("restarted")]
        assert {fault.device_id for fault in faults} == {"left", "right"}
        assert "restarted 3 s ago" in faults[0].what
        alfen.put(200, 174, u64(4_000))
        await inbox.reading("left")
        assert not [item for item in inbox.clear() if isinstance(item, DeviceFault)]


async def test_phases_are_written_again_after_a_restart(
    alfen: Bench, station: AlfenStation, clock: FastClock
) -> None:
    """What was written before a restart is not believed afterwards."""
    async with running(station) as inbox:
        await inbox.reading("left")
        await station.apply(setpoint(clock, 10.0, phases=1))
        alfen.put(1, 1215, [3])
        alfen.put(200, 174, u64(3_000))
        await inbox.fault("restarted")
        await station.apply(setpoint(clock, 10.0, phases=1))
    assert [write for write in alfen.writes() if write[1] == 1215] == [(1, 1215, [1])] * 2


async def test_station_without_running_time(alfen: Bench, station: AlfenStation) -> None:
    """Firmware that refuses the running time costs nothing but the restart notice."""
    alfen.refuse[3, 174] = ExcCodes.ILLEGAL_ADDRESS
    async with running(station) as inbox:
        await inbox.reading("left")
        await inbox.reading("right")
        assert not [item for item in inbox.clear() if isinstance(item, DeviceFault)]


async def test_lost_station_comes_back(alfen: Bench, station: AlfenStation) -> None:
    """A station that went away gives faults for both sockets and readings again when it is back."""
    async with running(station) as inbox:
        await inbox.reading("left")
        port = alfen.port
        await alfen.stop()
        faults = {(await inbox.fault("unreachable")).device_id for _ in range(4)}
        assert faults == {"left", "right"}
        await alfen.serve(port)
        await inbox.reading("left")
        await inbox.reading("right")


def test_capability_for_safety(clock: FastClock) -> None:
    """The station guards itself: its timer is read from the device, its fallback is register 1212."""
    device = catalogue.load("alfen-ng9xx")
    station = AlfenStation(points={1: LEFT}, device=device, link=ModbusLink(TcpBus("h"), clock), clock=clock)
    assert isinstance(station, HasWatchdog)
    assert station.watchdog == Watchdog(timeout_s=None, fallback="fallback_a")
    assert device.registers["fallback_a"].address == 1212
