"""The emulated Countis E27 answers as the map of the real one says, to an independent master."""

from collections.abc import Awaitable, Callable

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException

from kwartier.simulation.bench import Bench, car
from kwartier.simulation.emulators import CountisE27Emulator, Emulator
from kwartier.simulation.scenarios import HOUSEHOLD_START_S, household

Connect = Callable[[Emulator], Awaitable[AsyncModbusTcpClient]]


def u32(words: list[int], at: int) -> int:
    """Two words, high one first."""
    return words[at] << 16 | words[at + 1]


def s32(words: list[int], at: int) -> int:
    """As `u32`, signed."""
    value = u32(words, at)
    return value - (1 << 32) if value >> 31 else value


async def read(client: AsyncModbusTcpClient, address: int, count: int, unit: int = 5) -> list[int]:
    """Holding registers, function code 3."""
    answer = await client.read_holding_registers(address, count=count, device_id=unit)
    assert not answer.isError(), answer
    return list(answer.registers)


async def test_it_identifies_itself(bench: Bench, connect: Connect) -> None:
    """50000 spells SOCO with a character per register, 50058 starts with COUNTIS E27."""
    meter = CountisE27Emulator(bench.plant, "main")
    await meter.start()
    client = await connect(meter)
    assert await read(client, 50000, 4) == [0x53, 0x4F, 0x43, 0x4F]
    name = b"".join(w.to_bytes(2, "big") for w in await read(client, 50058, 8))
    assert name.startswith(b"COUNTIS E27")
    await meter.stop()


async def test_one_block_holds_all_a_balancer_needs(bench: Bench, connect: Connect) -> None:
    """50520 to 50573 in one read: voltages 0.01 V, currents 1 mA, powers 10 W, averages, frequency."""
    bench.right.connect(car(phases=2))
    bench.run(30)
    meter = CountisE27Emulator(bench.plant, "main")
    await meter.start()
    words = await read(await connect(meter), 50520, 54)
    volts, amps, watts = bench.plant.voltage_v, bench.plant.current_a("grid"), bench.plant.power_w("grid")
    assert amps[0] == 0.0
    assert amps[1] == 6.0
    for i in range(3):
        assert u32(words, 2 * i) == round(100 * volts[i])
        assert u32(words, 8 + 2 * i) == round(1000 * amps[i])
        assert s32(words, 24 + 2 * i) == round(watts[i] / 10)
    assert u32(words, 6) == 50_000
    assert s32(words, 16) == round(sum(watts) / 10)
    assert u32(words, 48) == round(1000 * sum(amps) / 3)
    assert u32(words, 52) == round(100 * sum(volts) / 3)
    await meter.stop()


async def test_sun_is_negative_power_with_unsigned_current(connect: Connect) -> None:
    """Behind an inverter, power is negative on L3, current positive, and energy counts as exported."""
    scenario = household(seed=1, start_utc_s=HOUSEHOLD_START_S - 10_000)
    for _ in range(900):
        scenario.plant.advance(1.0)
    meter = CountisE27Emulator(scenario.plant, "pv")
    await meter.start()
    client = await connect(meter)
    words = await read(client, 50520, 54)
    power_w = scenario.plant.taps["pv"].power_w[2]
    assert power_w < -1000.0
    assert s32(words, 28) == round(power_w / 10)
    assert s32(words, 24) == s32(words, 26) == 0
    assert u32(words, 12) == round(-1000 * power_w / scenario.plant.voltage_v[2])
    energies = await read(client, 50946, 8)
    assert u32(energies, 0) == 0
    assert u32(energies, 6) == int(scenario.plant.taps["pv"].export_wh / 10) > 10
    await meter.stop()


@pytest.mark.parametrize(("address", "count"), [(50519, 1), (50573, 2), (49999, 2), (0, 1), (50004, 1)])
async def test_outside_the_map_is_refused(bench: Bench, connect: Connect, address: int, count: int) -> None:
    """A read that touches anything outside the map gets exception 2."""
    meter = CountisE27Emulator(bench.plant, "main")
    await meter.start()
    answer = await (await connect(meter)).read_holding_registers(address, count=count, device_id=5)
    assert answer.isError()
    assert answer.exception_code == 2
    await meter.stop()


async def test_it_only_reads_and_only_as_unit_5(bench: Bench, connect: Connect) -> None:
    """Other function codes get exception 1, other units exception 11."""
    meter = CountisE27Emulator(bench.plant, "main")
    await meter.start()
    client = await connect(meter)
    assert (await client.read_input_registers(50520, count=2, device_id=5)).exception_code == 1
    assert (await client.write_register(50520, 1, device_id=5)).exception_code == 1
    assert (await client.read_holding_registers(50520, count=2, device_id=1)).exception_code == 11
    await meter.stop()


async def test_faults_of_the_meter(bench: Bench, connect: Connect) -> None:
    """Frozen values stand still; a silent meter times out; garbage never passes as an answer; then it heals."""
    meter = CountisE27Emulator(bench.plant, "main")
    await meter.start()
    client = await connect(meter)
    await meter.fail("freeze")
    before = await read(client, 50520, 6)
    bench.run(5)
    await meter.tick()
    assert await read(client, 50520, 6) == before
    await meter.heal()
    await meter.tick()
    assert await read(client, 50520, 6) != before
    for fault in ("silent", "garbage", "unplug"):
        await meter.fail(fault)
        with pytest.raises((ModbusIOException, ConnectionException)):
            await read(await connect(meter) if fault != "unplug" else client, 50520, 6)
    await meter.heal()
    assert await read(await connect(meter), 50000, 1) == [0x53]
    await meter.stop()


async def test_number_of_clients_is_limited(bench: Bench, connect: Connect) -> None:
    """A fifth master is turned away, the four keep being served."""
    meter = CountisE27Emulator(bench.plant, "main")
    await meter.start()
    clients = [await connect(meter) for _ in range(4)]
    for client in clients:
        await read(client, 50520, 2)
    fifth = await connect(meter)
    with pytest.raises((ModbusIOException, ConnectionException)):
        await read(fifth, 50520, 2)
    for client in clients:
        await read(client, 50520, 2)
    await meter.stop()
