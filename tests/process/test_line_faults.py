"""Lines that go wrong, between the real drivers and the emulated devices: no crash, no wrong value, and all is
well again by itself when the line is."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from kwartier.devices.capabilities import ChargeDriver
from kwartier.devices.registry import Registry
from kwartier.simulation.emulators import AlfenEmulator, P1MeterEmulator
from kwartier.simulation.emulators.proxy import FaultProxy, LineFault
from kwartier.simulation.emulators.telegram import MeterFace
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.scenarios import household
from kwartier.site.errors import KwartierError
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Setpoint
from kwartier.site.topology import Meter

KINDS: tuple[LineFault, ...] = ("delay", "loss", "half_open", "cut", "reset", "flip", "drip", "double")
SPEED = 10.0


class FastClock:
    """Ten seconds in one, so that patience of ten seconds is over in one."""

    def monotonic_s(self) -> float:
        return time.monotonic() * SPEED

    def utc_s(self) -> float:
        return time.time()

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s / SPEED)


async def until(what: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait in real time."""
    async with asyncio.timeout(within_s):
        while not what():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(job: asyncio.Task[None]) -> AsyncIterator[None]:
    """A driver, which must live to the end."""
    try:
        yield
        assert not job.done(), job
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


# -- P1 ----------------------------------------------------------------------------------------------------


@dataclass
class P1Line:
    """A meter that speaks ten times a second, the line, and what the driver made of it."""

    plant: Plant
    proxy: FaultProxy
    emulator: P1MeterEmulator
    readings: list[MeterReading] = field(default_factory=list)
    faults: list[DeviceFault] = field(default_factory=list)
    truth: dict[float, tuple[float, ...]] = field(default_factory=dict)

    async def speak(self, telegrams: int) -> None:
        for _ in range(telegrams):
            self.plant.advance(1.0)
            registers = [int(w) / 1000 for w in self.plant.registers.import_wh]
            powers = self.plant.power_w("grid")
            self.truth[self.plant.now_s] = (*registers, *(round(max(p, 0.0)) for p in powers))
            await self.emulator.tick()
            await asyncio.sleep(0.1)

    def post(self, what: MeterReading | DeviceFault) -> None:
        if isinstance(what, MeterReading):
            self.readings.append(what)
        else:
            self.faults.append(what)

    def assert_true(self) -> None:
        """Every reading is what the meter said, to the last digit."""
        for r in self.readings:
            assert r.meter_time_s is not None
            t1, t2, *powers = self.truth[r.meter_time_s]
            assert (r.energy_import_t1_kwh, r.energy_import_t2_kwh) == (t1, t2)
            assert r.power_phase_w is not None
            said = [round(max(p or 0.0, 0.0)) for p in r.power_phase_w]
            assert said == powers


@contextlib.asynccontextmanager
async def p1_line(seed: int) -> AsyncIterator[P1Line]:
    plant = household(seed=seed).plant
    emulator = P1MeterEmulator(plant, MeterFace(), Random(seed))
    async with emulator, FaultProxy(emulator.port, Random(seed)) as proxy:
        line = P1Line(plant, proxy, emulator)
        meter = Meter(id="main", name="Main", role="grid", address="x")
        driver = Registry(FastClock()).meter(meter, "p1", f"tcp://127.0.0.1:{proxy.port}", {})
        async with running(asyncio.create_task(driver.run(line.post))):
            await until(lambda: bool(emulator.clients))
            yield line


@pytest.mark.parametrize("kind", KINDS)
async def test_p1_no_wrong_value_and_back_by_itself(kind: LineFault) -> None:
    """During each fault every reading that gets through is true; afterwards telegrams come again."""
    async with p1_line(seed=3) as line:
        line.proxy.delay_s = 0.25
        await line.speak(5)
        assert len(line.readings) >= 3
        line.proxy.fail(kind)
        await line.speak(12)
        assert line.proxy.hits > 0
        line.assert_true()
        line.proxy.heal()
        heard = len(line.readings)
        for _ in range(60):
            if len(line.readings) >= heard + 3:
                break
            await line.speak(5)
        assert len(line.readings) >= heard + 3, "the line is well, and nothing is heard"
        line.assert_true()


async def test_p1_half_open_is_noticed_by_silence() -> None:
    """A connection that stays open without a byte is given up, said, and made anew."""
    async with p1_line(seed=4) as line:
        await line.speak(3)
        line.proxy.fail("half_open")
        await line.speak(25)
        assert any(f.kind == "unreachable" for f in line.faults), line.faults


# -- Modbus ------------------------------------------------------------------------------------------------


@dataclass
class Station:
    """A charging station that stands still, so that every true reading of it is the same."""

    plant: Plant
    proxy: FaultProxy
    driver: ChargeDriver
    readings: list[ChargePointReading] = field(default_factory=list)
    faults: list[DeviceFault] = field(default_factory=list)
    written: list[float] = field(default_factory=list)

    def post(self, what: ChargePointReading | DeviceFault) -> None:
        if isinstance(what, ChargePointReading):
            self.readings.append(what)
        else:
            self.faults.append(what)

    def wrong(self) -> list[ChargePointReading]:
        """Readings that are not what the station holds."""
        out = []
        for r in self.readings:
            s = self.plant.socket[r.charge_point_id]
            true = (s.state, tuple(s.current_a), s.applied_a)
            said = (r.state, tuple(r.current_a), r.applied_a)
            if (true[0], [round(a, 3) for a in true[1]], true[2]) != (
                said[0], [round(a, 3) for a in said[1]], said[2],
            ):  # fmt: skip
                out.append(r)
        return out

    async def tell(self, current_a: float) -> bool:
        """Write a set-point; whether the driver says that it arrived."""
        now_s = FastClock().monotonic_s()
        setpoint = Setpoint(
            charge_point_id="left",
            current_a=current_a,
            phases=None,
            valid_until_s=now_s + 5.0 * SPEED,
            decided_at_s=now_s,
            reason=reason("starting"),
        )
        try:
            await self.driver.apply(setpoint)
        except KwartierError:
            return False
        return True


@contextlib.asynccontextmanager
async def station(seed: int) -> AsyncIterator[Station]:
    story = household(seed=seed)
    story.plant._visits = ()
    for socket, phases in (("left", 1), ("right", 3)):
        story.plant.socket[socket].connect(Car(battery_kwh=1e6, soc=0.3, phases=phases, max_a=16.0))
    for _ in range(30):
        story.plant.advance(1.0)
    assert story.plant.socket["left"].current_a[0] >= 5
    emulator = AlfenEmulator(story.plant, story.plant.stations[0])
    async with emulator, FaultProxy(emulator.port, Random(seed)) as proxy:
        points = list(story.site.charge_points)
        url = f"modbus-tcp://127.0.0.1:{proxy.port}"
        driver = Registry(FastClock()).charge_points(points, "alfen-ng9xx", url, {"left": 1, "right": 2}, {})
        found = Station(story.plant, proxy, driver)
        write = emulator.write

        def writing(unit: int, address: int, words: tuple[int, ...]) -> None:
            write(unit, address, words)
            found.written.append(story.plant.socket["left"].setpoint_a or -1.0)

        emulator.write = writing  # type: ignore[method-assign,assignment]
        async with running(asyncio.create_task(driver.run(found.post))):
            await until(lambda: len(found.readings) > 3)
            yield found


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "flip"])
async def test_modbus_no_wrong_value_and_back_by_itself(kind: LineFault) -> None:
    """As for P1. A set-point that the driver says is written was written, and no other value ever was."""
    async with station(seed=5) as site:
        site.proxy.delay_s = 0.3
        site.proxy.fail(kind, share=0.5)
        told = [a for a in (9.0, 7.0, 8.0) if await site.tell(a)]
        await asyncio.sleep(2.0)
        assert site.proxy.hits > 0
        assert set(told) <= set(site.written) <= {9.0, 7.0, 8.0}
        assert not site.wrong()
        site.proxy.heal()
        heard = len(site.readings)
        await until(lambda: len(site.readings) >= heard + 4)
        assert not site.wrong()
        await until_told(site, 6.5)


async def until_told(site: Station, current_a: float) -> None:
    """Until a set-point gets through, as the writer tries again every second."""
    async with asyncio.timeout(20):
        while not await site.tell(current_a):
            await asyncio.sleep(0.1)
    assert site.plant.socket["left"].setpoint_a == current_a


async def test_modbus_flipped_headers_never_become_a_value() -> None:
    """Transaction, protocol, length, unit, function: a bit turned over in any of them costs an answer, and
    no value comes of it. (One in the value itself cannot be noticed: Modbus TCP has no checksum.)"""
    async with station(seed=6) as site:
        site.proxy.first_bytes = 8
        site.proxy.fail("flip", share=0.3)
        await asyncio.sleep(6.0)
        site.proxy.heal()
        assert site.proxy.hits > 3
        assert not site.wrong()
        heard = len(site.readings)
        await until(lambda: len(site.readings) >= heard + 4)
        assert not site.wrong()


async def test_modbus_flipped_anywhere_crashes_nothing() -> None:
    """Whatever a bit does: the driver lives, says what is odd, and is well when the line is."""
    async with station(seed=7) as site:
        site.proxy.fail("flip")
        await asyncio.sleep(4.0)
        site.proxy.heal()
        heard = len(site.readings)
        await until(lambda: len(site.readings) >= heard + 4)
        await until_told(site, 8.5)
