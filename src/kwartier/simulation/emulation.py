"""A scenario brought to life on the loopback: the plant ticks on a clock, every device speaks bytes."""

import asyncio
from random import Random
from types import TracebackType

from kwartier.simulation.emulators import AlfenEmulator, CountisE27Emulator, Emulator, P1MeterEmulator
from kwartier.simulation.emulators.sunspec_storage import SunSpecStorageEmulator
from kwartier.simulation.emulators.telegram import MeterFace
from kwartier.simulation.plant.watcher import Watcher
from kwartier.simulation.scenarios import P1, Scenario
from kwartier.site.clock import Clock

STEP_S = 1.0
MAX_STEPS_AT_ONCE = 60
"""After a longer pause of the program the plant does not catch up: it goes on from where it stood."""


class Emulation:
    """Use it as `async with Emulation(scenario, clock) as site:`; ports are free ones of the loopback.

    `emulators` holds the device of each meter, charge point and battery by id (the two sockets of a station
    share one); `watcher` judges the true currents all along.
    """

    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        self.scenario = scenario
        self.watcher = Watcher(scenario.plant)
        self.emulators: dict[str, Emulator] = _devices(scenario)
        self._clock = clock
        self._pulse: asyncio.Task[None] | None = None

    @property
    def devices(self) -> tuple[Emulator, ...]:
        """Each device once."""
        return tuple({id(e): e for e in self.emulators.values()}.values())

    def urls(self) -> dict[str, str]:
        """Device id -> connection string, once started."""
        return {device_id: emulator.url for device_id, emulator in self.emulators.items()}

    async def start(self) -> None:
        """Open all ports and let time pass."""
        for device in self.devices:
            await device.start()
        self._pulse = asyncio.create_task(self._run(), name="plant")

    async def stop(self) -> None:
        """Stop time and close all ports."""
        if self._pulse is not None:
            self._pulse.cancel()
            await asyncio.gather(self._pulse, return_exceptions=True)
            self._pulse = None
        for device in self.devices:
            await device.stop()

    async def step(self) -> None:
        """Let one second pass (for those who drive time themselves)."""
        self.scenario.plant.advance(STEP_S)
        self.watcher.look(STEP_S)
        for device in self.devices:
            await device.tick()

    async def __aenter__(self) -> "Emulation":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _run(self) -> None:
        next_s = self._clock.monotonic_s() + STEP_S
        while True:
            await self._clock.sleep(next_s - self._clock.monotonic_s())
            behind = int((self._clock.monotonic_s() - next_s) / STEP_S)
            if behind > MAX_STEPS_AT_ONCE:
                next_s += (behind - MAX_STEPS_AT_ONCE) * STEP_S
            while next_s <= self._clock.monotonic_s() + 1e-9:
                await self.step()
                next_s += STEP_S


def _devices(scenario: Scenario) -> dict[str, Emulator]:
    plant = scenario.plant
    dice = Random(scenario.seed)  # noqa: S311 - line noise must be repeatable, not secret
    devices: dict[str, Emulator] = {}
    for meter_id, kind in scenario.meter_types.items():
        if kind == P1:
            devices[meter_id] = P1MeterEmulator(plant, MeterFace(), dice)
        else:
            devices[meter_id] = CountisE27Emulator(plant, meter_id)
    for station in plant.stations:
        emulator = AlfenEmulator(plant, station)
        devices.update(dict.fromkeys((s.id for s in station.sockets), emulator))
    for battery_id in plant.storage:
        devices[battery_id] = SunSpecStorageEmulator(plant, battery_id)
    return devices
