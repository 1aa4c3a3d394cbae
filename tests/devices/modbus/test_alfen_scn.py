"""A smart charging network as one charge point, against pymodbus' own server."""

import struct

import pytest
from pymodbus.constants import ExcCodes
from tests.devices.modbus.conftest import Bench, FastClock, running

from kwartier.devices import catalogue
from kwartier.devices.drivers.alfen_scn import AlfenScn
from kwartier.devices.transports.bus import TcpBus
from kwartier.devices.transports.modbus import ModbusLink
from kwartier.site.errors import DeviceRefused, LocalProtocolError
from kwartier.site.readings import ChargePointReading
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Setpoint
from kwartier.site.topology import ChargePoint

GARAGE = ChargePoint(id="garage", name="Garage", circuit="grid", conductors=(1, 2, 3), max_a=80)


def f32(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">f", value)))


@pytest.fixture
async def network(scn: Bench, clock: FastClock) -> AlfenScn:
    link = ModbusLink(TcpBus("127.0.0.1", scn.port), clock)
    return AlfenScn(point=GARAGE, device=catalogue.load("alfen-scn"), link=link, clock=clock)


def setpoint(clock: FastClock, current_a: float, *, to: str = "garage", valid_s: float = 60.0) -> Setpoint:
    now_s = clock.monotonic_s()
    return Setpoint(
        charge_point_id=to,
        current_a=current_a,
        phases=None,
        valid_until_s=now_s + valid_s,
        decided_at_s=now_s,
        reason=Reason("test"),
    )


async def test_network_reads_as_one_charge_point(scn: Bench, network: AlfenScn) -> None:
    """The sum per phase, the limits and the shortest validity come in one block read; 1 A makes it charging."""
    async with running(network) as inbox:
        reading = await inbox.reading()
        assert isinstance(reading, ChargePointReading)
        assert (reading.state, reading.current_a) == ("C2", (48.5, 32.25, 0.75))
        assert (reading.setpoint_a, reading.applied_a, reading.valid_for_s) == (60, 60, 54)
        assert (reading.fallback_a, reading.setpoint_used) == (24, True)
        scn.put(200, 1405, f32(1.0) + f32(0.5) + f32(0.0))
        while reading.current_a != (1.0, 0.5, 0.0):
            reading = await inbox.reading()
            assert isinstance(reading, ChargePointReading)
        assert reading.state == "B2"
    assert (1400, 32) in {(r.address, r.count) for r in scn.requests}


async def test_phases_that_differ_are_booked_at_the_largest(scn: Bench, network: AlfenScn) -> None:
    """Where somebody else set different maxima, the largest is what the network may draw."""
    scn.put(200, 1419, f32(70.0))
    async with running(network) as inbox:
        reading = await inbox.reading()
    assert isinstance(reading, ChargePointReading)
    assert reading.setpoint_a == 70


async def test_all_three_phases_in_one_request(scn: Bench, network: AlfenScn, clock: FastClock) -> None:
    """A set-point writes 1417, 1419 and 1421 together."""
    await network.apply(setpoint(clock, 42.5))
    assert scn.writes() == [(200, 1417, f32(42.5) * 3)]


async def test_one_by_one_where_the_station_wants_it(scn: Bench, network: AlfenScn, clock: FastClock) -> None:
    """A station that refuses the joint write gets three whole ones, and is not asked again."""
    scn.refuse_longer_than[1417] = 2
    await network.apply(setpoint(clock, 40.0))
    await network.apply(setpoint(clock, 30.0))
    alone = [write for write in scn.writes() if len(write[2]) == 2]
    assert alone == [(200, a, f32(v)) for v in (40.0, 30.0) for a in (1417, 1419, 1421)]
    assert len(scn.writes()) == 7


async def test_refusals_are_raised(scn: Bench, network: AlfenScn, clock: FastClock) -> None:
    """A network that takes no set-point says so to the one who applies it."""
    scn.refuse[16, 1417] = ExcCodes.ILLEGAL_ADDRESS
    with pytest.raises(DeviceRefused, match="unit 200"):
        await network.apply(setpoint(clock, 40.0))
    scn.refuse[16, 1417] = ExcCodes.DEVICE_BUSY
    with pytest.raises(DeviceRefused, match="busy"):
        await network.apply(setpoint(clock, 40.0))


async def test_what_must_not_be_written(scn: Bench, network: AlfenScn, clock: FastClock) -> None:
    """Expired, foreign and impossible set-points stay off the wire."""
    with pytest.raises(LocalProtocolError, match="expired"):
        await network.apply(setpoint(clock, 10.0, valid_s=0))
    with pytest.raises(LocalProtocolError, match="is not this network"):
        await network.apply(setpoint(clock, 10.0, to="left"))
    with pytest.raises(LocalProtocolError, match="0 to 80 A"):
        await network.apply(setpoint(clock, 81.0))
    assert scn.requests == []


async def test_restart_is_told(scn: Bench, network: AlfenScn) -> None:
    """The station that answers for the network restarted: the maximum must be written again."""
    async with running(network) as inbox:
        await inbox.reading()
        await inbox.reading()
        scn.put(200, 174, [0, 0, 0, 100])
        assert (await inbox.fault("restarted")).device_id == "garage"
