"""The emulated Alfen station answers and behaves as the maker's document says, to an independent master."""

import math
import struct
from collections.abc import Awaitable, Callable

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException

from kwartier.simulation.bench import Bench, bench, car
from kwartier.simulation.emulators import AlfenEmulator, Emulator
from kwartier.simulation.plant.station import Scn

Connect = Callable[[Emulator], Awaitable[AsyncModbusTcpClient]]
GONE = (ModbusIOException, ConnectionException)


def number(words: list[int], at: int = 0, form: str = ">f") -> float:
    """A value of two (`>f`, `>I`) or four (`>d`, `>Q`) registers."""
    size = struct.calcsize(form) // 2
    value: float = struct.unpack(form, struct.pack(f">{size}H", *words[at : at + size]))[0]
    return value


def text(words: list[int]) -> str:
    """Characters, two per register, up to the NUL."""
    return b"".join(w.to_bytes(2, "big") for w in words).rstrip(b"\0").decode()


async def read(client: AsyncModbusTcpClient, unit: int, address: int, count: int) -> list[int]:
    """Holding registers, function code 3."""
    answer = await client.read_holding_registers(address, count=count, device_id=unit)
    assert not answer.isError(), answer
    return list(answer.registers)


async def write_float(client: AsyncModbusTcpClient, unit: int, address: int, *values: float) -> int | None:
    """Floats in one request of function code 16; the exception code, None when taken."""
    words = [w for v in values for w in struct.unpack(">2H", struct.pack(">f", v))]
    answer = await client.write_registers(address, words, device_id=unit)
    return answer.exception_code if answer.isError() else None


async def test_station_table(bench: Bench, connect: Connect) -> None:
    """Unit 200 tells who it is, its clock, uptime, sockets."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    bench.run(90)
    words = await read(client, 200, 100, 79)
    assert text(words[:17]) == "ALF_bench"
    assert text(words[17:22]) == "Alfen NV"
    assert text(words[40:57]) == "NG920"
    assert words[68:74] == [2026, 4, 14, 10, 1, 30]
    assert number(words, 74, ">Q") == 90_000
    assert words[78] == 120
    words = await read(client, 200, 1100, 6)
    assert number(words) == 64.0
    assert words[5] == 2
    await station.stop()


async def test_socket_meter(bench: Bench, connect: Connect) -> None:
    """A charging socket tells currents, voltages, powers, energies; what it does not measure is not a number."""
    bench.right.connect(car())
    bench.right.write_setpoint(16.0, bench.plant.now_s)
    bench.run(40)
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    words = await read(client, 2, 300, 125)
    assert number(words, 1, ">Q") == 0
    for i in range(3):
        assert number(words, 6 + 2 * i) == pytest.approx(bench.plant.voltage_v[(1, 2, 0)[i]], abs=0.01)
        assert number(words, 20 + 2 * i) == 16.0
        assert number(words, 38 + 2 * i) == pytest.approx(bench.right.power_w[i], rel=1e-6)
    assert number(words, 26) == 48.0
    assert number(words, 36) == 50.0
    assert number(words, 44) == pytest.approx(sum(bench.right.power_w), rel=1e-6)
    assert number(words, 74, ">d") == pytest.approx(sum(bench.right.energy_wh))
    assert words[18:20] == [0xFFFF, 0xFFFF]
    assert math.isnan(number(words, 54))
    await station.stop()


async def test_one_phase_socket_has_no_voltage_on_l2(bench: Bench, connect: Connect) -> None:
    """What a one-phase socket cannot measure reads as all ones."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    words = await read(await connect(station), 1, 306, 6)
    assert not math.isnan(number(words))
    assert words[2:] == [0xFFFF] * 4
    await station.stop()


async def test_set_point_counts_down_to_the_safe_current(bench: Bench, connect: Connect) -> None:
    """1210 holds for 60 s as 1208 and 1214 show, 1206 follows within 2 s, then 1212 applies."""
    bench.left.connect(car(phases=1))
    bench.run(10)
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    words = await read(client, 1, 1200, 16)
    assert (words[0], words[14]) == (1, 0)
    assert number(words, 12) == 6.0
    assert number(words, 6) == 6.0
    assert await write_float(client, 1, 1210, 13.0) is None
    bench.run(2)
    words = await read(client, 1, 1200, 16)
    assert number(words, 10) == 13.0
    assert number(words, 6) == 13.0
    assert number(words, 8, ">I") == 58
    assert words[14] == 1
    bench.run(20)
    assert text(await read(client, 1, 1201, 5)) == "C2"
    assert bench.left.current_a[0] == 13.0
    bench.run(40)
    words = await read(client, 1, 1200, 16)
    assert number(words, 8, ">I") == 0
    assert words[14] == 0
    assert number(words, 6) == 6.0
    bench.run(5)
    assert bench.left.current_a[0] == 6.0
    await station.stop()


async def test_states_are_those_of_the_document(bench: Bench, connect: Connect) -> None:
    """No car reads as plain `A`; a paused car as `B1`."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    assert text(await read(client, 1, 1201, 5)) == "A"
    bench.left.connect(car(phases=1))
    assert await write_float(client, 1, 1210, 0.0) is None
    bench.run(8)
    assert text(await read(client, 1, 1201, 5)) == "B1"
    assert number(await read(client, 1, 1206, 2)) == 0.0
    await station.stop()


async def test_half_a_value_is_refused(bench: Bench, connect: Connect) -> None:
    """A set-point comes whole in one request, finite and not negative; else exception 3 and nothing changes."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    assert (await client.write_register(1210, 0x4150, device_id=1)).exception_code == 3
    assert (await client.write_registers(1210, [0x4150], device_id=1)).exception_code == 3
    for nonsense in (math.nan, math.inf, -1.0):
        assert await write_float(client, 1, 1210, nonsense) == 3
    assert bench.left.setpoint_a is None
    assert (await client.write_registers(1212, [0, 0], device_id=1)).exception_code == 2
    assert (await client.read_holding_registers(1216, count=1, device_id=1)).exception_code == 2
    assert (await client.read_holding_registers(1200, count=1, device_id=3)).exception_code == 11
    await station.stop()


async def test_phases_only_where_allowed(bench: Bench, connect: Connect) -> None:
    """1215 takes 1 or 3 on the socket with the installer's checkbox, else exception 3."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    assert (await client.write_register(1215, 1, device_id=1)).exception_code == 3
    assert (await client.write_register(1215, 2, device_id=2)).exception_code == 3
    assert not (await client.write_register(1215, 1, device_id=2)).isError()
    assert await read(client, 2, 1215, 1) == [1]
    await station.stop()


async def test_network_block(connect: Connect) -> None:
    """1400 to 1431: totals per site phase, maxima written together, their timers, the safe current."""
    b = bench(scn=Scn("SCNpark", safe_a=10.0, enabled=True))
    b.left.connect(car(phases=1))
    b.right.connect(car())
    b.left.write_setpoint(32.0, b.plant.now_s)
    b.right.write_setpoint(32.0, b.plant.now_s)
    station = AlfenEmulator(b.plant, b.station)
    await station.start()
    client = await connect(station)
    assert await write_float(client, 200, 1417, 20.0, 18.0, 16.0) is None
    b.run(30)
    words = await read(client, 200, 1400, 32)
    assert text(words[:4]) == "SCNpark"
    assert words[4] == 2
    assert [number(words, i) for i in (5, 7, 9)] == [20.0, 10.0, 10.0]
    assert [number(words, i) for i in (11, 13, 15)] == [20.0, 18.0, 16.0]
    assert [number(words, i) for i in (17, 19, 21)] == [20.0, 18.0, 16.0]
    assert [number(words, i, ">I") for i in (23, 25, 27)] == [30.0, 30.0, 30.0]
    assert number(words, 29) == 10.0
    assert words[31] == 1
    b.run(31)
    assert [number(await read(client, 200, a, 2)) for a in (1411, 1413, 1415)] == [10.0, 10.0, 10.0]
    assert await write_float(client, 200, 1421, 1.0, 2.0) == 3
    await station.stop()


async def test_two_masters_and_no_more(bench: Bench, connect: Connect) -> None:
    """A third connection is closed, the first two stay."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    first, second = await connect(station), await connect(station)
    await read(first, 200, 1105, 1)
    await read(second, 200, 1105, 1)
    third = await connect(station)
    with pytest.raises(GONE):
        await read(third, 200, 1105, 1)
    assert await read(first, 200, 1105, 1) == [2]
    await station.stop()


async def test_silence_of_a_minute_ends_the_connection(bench: Bench, connect: Connect) -> None:
    """Who says nothing for 60 s is dropped; who asks now and then is not."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    talker, sleeper = await connect(station), await connect(station)
    await read(talker, 200, 1105, 1)
    await read(sleeper, 200, 1105, 1)
    for _ in range(2):
        bench.run(21)
        await station.tick()
        await read(talker, 200, 1105, 1)
    assert sleeper.connected
    bench.run(21)
    await station.tick()
    with pytest.raises(GONE):  # whether or not its end has heard of it yet: nobody answers any more
        await read(sleeper, 200, 1105, 1)
    assert await read(talker, 200, 1105, 1) == [2]
    await station.stop()


async def test_reboot_loses_set_points_and_comes_back(bench: Bench, connect: Connect) -> None:
    """A reboot closes the connection, forgets set-points, restarts the uptime; then the port is open again."""
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    bench.run(100)
    await write_float(client, 1, 1210, 16.0)
    await station.fail("reboot")
    with pytest.raises(GONE):
        await read(client, 1, 1210, 2)
    for _ in range(40):
        bench.run(1)
        await station.tick()
    client = await connect(station)
    assert number(await read(client, 1, 1210, 2)) == 6.0
    assert (await read(client, 1, 1214, 1)) == [0]
    assert number(await read(client, 200, 174, 4), 0, ">Q") < 15_000
    await station.stop()


async def test_lost_inner_meter_shows_by_its_age(bench: Bench, connect: Connect) -> None:
    """When the meter inside stops, its values stand still and 301 tells for how long; control goes on."""
    bench.left.connect(car(phases=1))
    bench.run(10)
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    client = await connect(station)
    await station.fail("freeze")
    await write_float(client, 1, 1210, 16.0)
    bench.run(20)
    words = await read(client, 1, 300, 26)
    assert number(words, 1, ">Q") == 20_000
    assert number(words, 20) == 6.0
    assert bench.left.current_a[0] == 16.0
    assert number(await read(client, 1, 1206, 2)) == 16.0
    await station.heal()
    assert number(await read(client, 1, 320, 2)) == 16.0
    await station.stop()


async def test_unplugged_station_falls_back_by_itself(bench: Bench, connect: Connect) -> None:
    """Without its network the station keeps the set-point for the validity time, then the safe current."""
    bench.left.connect(car(phases=1))
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    await write_float(await connect(station), 1, 1210, 16.0)
    await station.fail("unplug")
    bench.run(50)
    assert bench.left.current_a[0] == 16.0
    bench.run(20)
    assert bench.left.current_a[0] == 6.0
    await station.stop()
