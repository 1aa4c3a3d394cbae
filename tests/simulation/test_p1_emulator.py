"""The emulated P1 port sends telegrams that hold: right sum, right layout, the plant's values."""

import asyncio
import re
from random import Random

import pytest

from kwartier.simulation.bench import BENCH_START_S, Bench, bench, car
from kwartier.simulation.emulators import P1MeterEmulator
from kwartier.simulation.emulators.telegram import Gas, MeterFace, telegram
from kwartier.simulation.scenarios import household


def slow_crc(data: bytes) -> int:
    """CRC-16/ARC bit by bit, written for this test alone."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def values(data: bytes) -> dict[str, list[str]]:
    """OBIS code -> contents of its parentheses; the sum is checked."""
    body, _, rest = data.partition(b"!")
    assert int(rest[:4], 16) == slow_crc(body + b"!")
    assert rest[4:] == b"\r\n"
    assert rest[:4] == rest[:4].upper()
    lines = body.decode("ascii").split("\r\n")
    assert lines[0].startswith("/FLU5")
    assert (lines[1], lines[-1]) == ("", "")
    objects = {line.split("(")[0]: re.findall(r"\(([^)]*)\)", line) for line in lines[2:-1]}
    assert len(objects) == len(lines) - 3, "an object twice"
    return objects


def test_crc_of_the_reference_string() -> None:
    """The published check value of CRC-16/ARC for `123456789` is BB3D."""
    assert slow_crc(b"123456789") == 0xBB3D


def test_telegram_holds_the_plants_values(bench: Bench) -> None:
    """Powers, voltages, currents, registers and time are those of the plant, in the meter's resolution."""
    bench.right.connect(car())
    bench.right.write_setpoint(16.0, bench.plant.now_s)
    bench.run(30)
    gas = Gas()
    gas.tick(bench.plant.now_s)
    told = values(telegram(bench.plant, MeterFace(), gas))
    watts, amps = bench.plant.power_w("grid"), bench.plant.current_a("grid")
    assert told["0-0:96.1.4"] == ["50217"]
    assert told["0-0:1.0.0"] == ["260414120030S"]
    assert told["1-0:1.7.0"] == [f"{round(sum(watts)) / 1000:06.3f}*kW"]
    assert told["1-0:2.7.0"] == ["00.000*kW"]
    for i, (current, power, volts) in enumerate(
        (("31.7.0", "21.7.0", "32.7.0"), ("51.7.0", "41.7.0", "52.7.0"), ("71.7.0", "61.7.0", "72.7.0"))
    ):
        assert told[f"1-0:{current}"] == [f"{amps[i]:06.2f}*A"]
        assert told[f"1-0:{power}"] == [f"{round(watts[i]) / 1000:06.3f}*kW"]
        assert told[f"1-0:{volts}"] == [f"{bench.plant.voltage_v[i]:05.1f}*V"]
    r = bench.plant.registers
    assert told["1-0:1.8.1"] == [f"{int(r.import_wh[0]) / 1000:010.3f}*kWh"]
    assert told["0-0:96.14.0"] == ["0001"]
    assert told["1-0:1.4.0"] == [f"{round(4 * r.quarter_wh) / 1000:06.3f}*kW"]
    assert told["0-0:96.3.10"] == ["1"]
    assert told["0-0:17.0.0"] == ["999.9*kW"]
    assert told["1-0:31.4.0"] == ["999*A"]
    assert told["0-1:24.1.0"] == ["003"]
    assert told["0-1:24.2.3"] == ["260414120000S", "02873.412*m3"]


def test_export_is_told_per_phase() -> None:
    """With sun on L3 and use on the others, the phases tell import and export apart, the total is netted."""
    plant = household(seed=1, start_utc_s=BENCH_START_S).plant
    plant.advance(1.0)
    told = values(telegram(plant, MeterFace(), Gas()))
    watts = plant.power_w("grid")
    assert watts[2] < -500.0
    assert told["1-0:61.7.0"] == ["00.000*kW"]
    assert told["1-0:62.7.0"] == [f"{round(-watts[2]) / 1000:06.3f}*kW"]
    assert told["1-0:2.7.0"] == [f"{round(-sum(watts)) / 1000:06.3f}*kW"]
    assert told["1-0:71.7.0"] == [f"{-plant.current_a('grid')[2]:06.2f}*A"]


def test_history_of_thirteen_months() -> None:
    """The household's meter remembers thirteen months, oldest first, each closed at a local midnight."""
    plant = household(seed=1).plant
    told = values(telegram(plant, MeterFace(), Gas()))["0-0:98.1.0"]
    assert told[:3] == ["13", "1-0:1.6.0", "1-0:1.6.0"]
    closed = told[3::3]
    assert closed[0] == "250401000000S"
    assert closed[-1] == "260401000000S"
    assert closed == sorted(closed)
    assert all(re.fullmatch(r"\d\d\.\d{3}\*kW", kw) for kw in told[5::3])


def test_newer_meters_say_more(bench: Bench) -> None:
    """A 50221 telegram has grid type, EAN, four relays and finer limits."""
    face = MeterFace(
        version="50221", limiter_kw=4.5, fuse_a=40.0, breaker=2, relays=(1, 0, 0, 1), message="hi"
    )
    told = values(telegram(bench.plant, face, Gas()))
    assert told["1-0:94.32.1"] == ["400"]
    assert bytes.fromhex(told["0-0:96.1.2"][0]).decode() == face.ean
    assert told["0-0:17.0.0"] == ["04.500*kW"]
    assert told["1-0:31.4.0"] == ["040.00*A"]
    assert told["0-0:96.3.10"] == ["2"]
    assert [told[f"0-{n}:96.3.10"] for n in (1, 2, 3, 4)] == [["1"], ["0"], ["0"], ["1"]]
    assert told["0-0:96.13.0"] == ["6869"]


def test_winter_time_flag() -> None:
    """In the repeated hour of October the flag tells the two 2:30s apart."""
    first_s = 1_792_888_200.0  # 2026-10-25T00:30:00Z
    for start_s, told in ((first_s, "261025023000S"), (first_s + 3600, "261025023000W")):
        plant = bench(start_s=start_s).plant
        assert values(telegram(plant, MeterFace(), Gas()))["0-0:1.0.0"] == [told]


class Line:
    """A P1 port with one listener."""

    def __init__(self, b: Bench) -> None:
        self.bench = b
        self.meter = P1MeterEmulator(b.plant, MeterFace(), Random(1))

    async def open(self) -> None:
        """Start and connect."""
        await self.meter.start()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.meter.port)
        while not self.meter.clients:
            await asyncio.sleep(0.001)

    async def second(self) -> bytes:
        """Let a second pass; what came over the line (empty: nothing within 0.1 s)."""
        self.bench.run(1)
        await self.meter.tick()
        try:
            async with asyncio.timeout(0.1):
                return await self.reader.read(10_000)
        except TimeoutError:
            return b""

    async def close(self) -> None:
        """Hang up and stop."""
        self.writer.close()
        await self.meter.stop()


async def test_one_telegram_a_second_to_every_client(bench: Bench) -> None:
    """Two listeners get the same telegram; a tick without a new second sends nothing."""
    line = Line(bench)
    await line.open()
    other, other_writer = await asyncio.open_connection("127.0.0.1", line.meter.port)
    while len(line.meter.clients) < 2:
        await asyncio.sleep(0.001)
    data = await line.second()
    assert values(data)["0-0:1.0.0"] == ["260414120001S"]
    assert await other.read(10_000) == data
    await line.meter.tick()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await line.reader.read(1)
    other_writer.close()
    await line.close()


async def test_faults_of_the_line(bench: Bench) -> None:
    """Frozen repeats, silent says nothing, cut and noise spoil the sum, unplug closes; healing resumes."""
    line = Line(bench)
    await line.open()
    await line.meter.fail("freeze")
    frozen = await line.second()
    assert values(frozen)["0-0:1.0.0"] == ["260414120001S"]
    assert await line.second() == frozen
    await line.meter.fail("silent")
    assert await line.second() == b""
    await line.meter.fail("cut")
    cut = await line.second()
    assert cut
    assert b"!" not in cut
    await line.meter.fail("noise")
    body, _, told = (await line.second()).partition(b"!")
    assert told[:4] != b"%04X" % slow_crc(body + b"!")
    await line.meter.fail("unplug")
    assert await line.second() == b""
    assert line.reader.at_eof()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", line.meter.port)
    port = line.meter.port
    await line.meter.heal()
    assert line.meter.port == port
    line.writer.close()
    line.reader, line.writer = await asyncio.open_connection("127.0.0.1", port)
    while not line.meter.clients:
        await asyncio.sleep(0.001)
    assert values(await line.second())
    await line.close()
