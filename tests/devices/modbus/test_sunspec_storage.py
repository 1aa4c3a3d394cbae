"""The driver of SunSpec storage against the emulator over loopback, and what it makes of registers that cannot be."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.devices.modbus.conftest import FastClock

from kwartier.devices.capabilities import BatteryDriver
from kwartier.devices.drivers import sunspec_models as sunspec
from kwartier.devices.registry import Registry
from kwartier.edge.battery_writer import BatteryWriter
from kwartier.simulation.emulators import SunSpecStorageEmulator
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.stories import story
from kwartier.site.batteries import BatteryReading, BatterySetpoint
from kwartier.site.errors import ConfigError, DeviceUnreachable, LocalProtocolError, RemoteProtocolError
from kwartier.site.readings import DeviceFault
from kwartier.site.reasons import reason

CLOCK = FastClock()
Posted = BatteryReading | DeviceFault


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Plant, SunSpecStorageEmulator, BatteryDriver, list[Posted]]]:
    """The battery of the story on loopback, with its driver polling fast."""
    made = story("household-battery", seed=1)
    emulator = SunSpecStorageEmulator(made.plant, "cellar")
    posted: list[Posted] = []
    async with emulator:
        driver = Registry(CLOCK).battery(
            made.site.battery["cellar"], "sunspec-storage", emulator.url, interval_s=0.05
        )
        task = asyncio.create_task(driver.run(posted.append))
        try:
            yield made.plant, emulator, driver, posted
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


def setpoint(power_w: float, valid_s: float = 5.0) -> BatterySetpoint:
    now_s = CLOCK.monotonic_s()
    return BatterySetpoint(
        battery_id="cellar",
        power_w=power_w,
        valid_until_s=now_s + valid_s,
        decided_at_s=now_s,
        reason=reason("battery_house"),
    )


def newest(posted: list[Posted]) -> BatteryReading | None:
    last = posted[-1] if posted else None
    return last if isinstance(last, BatteryReading) else None


async def test_it_finds_the_models_and_reads_the_battery() -> None:
    async with running() as (plant, _, driver, posted):
        await until(lambda: newest(posted) is not None)
        told = newest(posted)
        assert told is not None
        assert told.soc_pct == pytest.approx(100 * plant.storage["cellar"].soc, abs=0.02)
        assert (told.power_w, told.state, told.charge_w, told.setpoint_w) == (0.0, "ready", 5000.0, None)
        assert "unit 1" in driver.address


@pytest.mark.parametrize("power_w", [1800.0, -2400.0, 0.0])
async def test_what_is_written_is_done_and_told(power_w: float) -> None:
    async with running() as (plant, emulator, driver, posted):
        await until(lambda: newest(posted) is not None)
        await driver.apply(setpoint(power_w))
        cells = plant.storage["cellar"]
        for _ in range(8):
            plant.advance(1.0)
        await emulator.tick()
        assert cells.total_w == pytest.approx(power_w, abs=2.0)
        assert cells.timer_s == 60.0
        count = len(posted)
        await until(lambda: len(posted) > count + 1)
        told = newest(posted)
        assert told is not None
        assert told.power_w == pytest.approx(power_w, abs=2.0)
        assert told.setpoint_w == pytest.approx(power_w, abs=1.0)
        for _ in range(70):
            plant.advance(1.0)
        assert abs(cells.total_w) < 1, "its own timer ran out"


async def test_what_must_not_be_written_is_not() -> None:
    async with running() as (_, emulator, driver, posted):
        with pytest.raises(LocalProtocolError, match="before it was heard"):
            await driver.apply(setpoint(0.0))
        await until(lambda: newest(posted) is not None)
        before = dict(emulator.registers(1))
        for wrong, said in (
            (setpoint(0.0, valid_s=-1.0), "expired"),
            (setpoint(float("nan")), "not written"),
            (setpoint(9000.0), "not written"),
            (replace(setpoint(0.0), battery_id="attic"), "not this battery"),
        ):
            with pytest.raises(LocalProtocolError, match=said):
                await driver.apply(wrong)
        controls = range(40212 + 5, 40212 + 18)
        assert all(emulator.registers(1)[at] == before[at] for at in controls)


async def test_it_is_found_again_after_an_outage() -> None:
    async with running() as (_, emulator, driver, posted):
        await until(lambda: newest(posted) is not None)
        await emulator.fail("unplug")
        await until(lambda: isinstance(posted[-1], DeviceFault))
        with pytest.raises(DeviceUnreachable, match="does not answer"):
            await driver.apply(setpoint(0.0))
        await emulator.heal()
        await until(lambda: newest(posted) is not None)


async def test_the_writer_writes_on_change_and_never_late() -> None:
    async with running() as (plant, _, driver, posted):
        await until(lambda: newest(posted) is not None)
        faults: list[DeviceFault] = []
        writer = BatteryWriter(driver, CLOCK, faults.append)
        task = asyncio.create_task(writer.run())
        writer.decide(setpoint(1000.0))
        await until(lambda: writer.writes == 1)
        writer.decide(setpoint(1000.0))
        writer.decide(setpoint(3000.0, valid_s=-0.1))
        await asyncio.sleep(0.1)
        assert writer.writes == 1
        writer.decide(setpoint(9000.0))
        await until(lambda: len(faults) == 1)
        assert faults[0].kind == "nonsense"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert plant.storage["cellar"].timer_s == 60.0


# -- registers ---------------------------------------------------------------------------------------------


def storage(**words: int) -> list[int]:
    names = {
        "most": 2,
        "control": 5,
        "soc": 8,
        "status": 11,
        "revert": 15,
        "grid": 17,
        "most_sf": 18,
        "soc_sf": 22,
        "rate_sf": 25,
    }
    usual = {
        "most": 5000,
        "control": 0,
        "soc": 5000,
        "status": 6,
        "revert": 0,
        "grid": 0,
        "most_sf": 0,
        "soc_sf": 0xFFFE,
        "rate_sf": 0xFFFE,
    }
    out = [124, 24, *[0xFFFF] * 24]
    for name, word in (usual | words).items():
        out[names[name]] = word
    return out


def test_what_is_written_in_words() -> None:
    """2 000 of 5 000 W are 40 %, in hundredths; the other rate is its negative; then both bounds are made to hold."""
    rates, grid, control = sunspec.writes(storage(), 2000.0, 60, "here")
    assert (rates.offset, rates.words) == (12, (0x10000 - 4000, 4000, 0, 60))
    assert (grid.offset, grid.words) == (17, (1,))
    assert (control.offset, control.words) == (5, (3,))
    (rates,) = sunspec.writes(storage(control=3, revert=0xFFFF), -2000.0, 60, "here")
    assert rates.words == (4000, 0x10000 - 4000)
    for broken in (storage(most=0xFFFF), storage(most=0), storage(rate_sf=0x8000), storage(most_sf=99)):
        with pytest.raises(RemoteProtocolError, match="WChaMax"):
            sunspec.writes(broken, 100.0, 60, "here")


def test_registers_that_cannot_be() -> None:
    battery = story("household-battery").site.battery["cellar"]
    assert sunspec.reading(battery, storage(soc=0xFFFF), 0.0, 1.0, "here").soc_pct is None
    assert sunspec.reading(battery, storage(status=1), 0.0, 1.0, "here").state == "off"
    with pytest.raises(RemoteProtocolError, match="a state of charge of 200 %"):
        sunspec.reading(battery, storage(soc=20_000), 0.0, 1.0, "here")
    with pytest.raises(RemoteProtocolError, match="has moved"):
        sunspec.reading(battery, [103, *storage()[1:]], 0.0, 1.0, "here")
    with pytest.raises(RemoteProtocolError, match="no model 124"):
        sunspec.check_places({1: 40002, 103: 40070}, "here")
    with pytest.raises(RemoteProtocolError, match="tells the battery's power"):
        sunspec.check_places({124: 40002}, "here")
    assert sunspec.mppt_power_w([160, 48, *[0] * 48]) is None


def test_only_a_battery_is_a_battery() -> None:
    site = story("household-battery").site
    with pytest.raises(ConfigError, match="it belongs under `charge_points`"):
        Registry(CLOCK).battery(site.battery["cellar"], "alfen-ng9xx", "modbus-tcp://127.0.0.1:1")
