"""Writing set-points to batteries, by the rules of `edge.writer`: on change at once, again while the decision is fresh, never
past its deadline. When the cycle stalls, the device's own timer runs out."""

import asyncio
from collections.abc import Callable, Iterable

from kwartier.devices.capabilities import BatteryDriver
from kwartier.edge.writer import REFRESH_S, RETRY_S
from kwartier.site.batteries import BatterySetpoint
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable, LocalProtocolError, RemoteProtocolError
from kwartier.site.readings import DeviceFault


class BatteryWriter:
    """Keeps one battery at what was decided for it."""

    def __init__(self, driver: BatteryDriver, clock: Clock, post: Callable[[DeviceFault], None]) -> None:
        self._driver = driver
        self._clock = clock
        self._post = post
        self._wanted: BatterySetpoint | None = None
        self._written: tuple[float, float] | None = None
        self._retry_s = float("-inf")
        self._wake = asyncio.Event()
        self.writes = 0

    def decide(self, setpoint: BatterySetpoint) -> None:
        """Take note of the newest decision; returns at once."""
        self._wanted = setpoint
        if self._due(setpoint):
            self._wake.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._wanted is not None and self._due(self._wanted):
                await self._write(self._wanted)

    def _due(self, setpoint: BatterySetpoint) -> bool:
        now_s = self._clock.monotonic_s()
        if now_s >= setpoint.valid_until_s or now_s < self._retry_s:
            return False
        if self._written is None or self._written[1] != setpoint.power_w:
            return True
        return now_s - self._written[0] >= REFRESH_S

    async def _write(self, setpoint: BatterySetpoint) -> None:
        try:
            await self._driver.apply(setpoint)
        except (DeviceUnreachable, DeviceRefused, RemoteProtocolError, LocalProtocolError) as error:
            now_s = self._clock.monotonic_s()
            self._written, self._retry_s = None, now_s + RETRY_S
            kind = {DeviceUnreachable: "unreachable", DeviceRefused: "refused"}.get(type(error), "nonsense")
            self._post(DeviceFault(device_id=setpoint.battery_id, at_s=now_s, kind=kind, what=str(error)))
            return
        self.writes += 1
        self._written = (self._clock.monotonic_s(), setpoint.power_w)


def battery_writers(
    drivers: Iterable[BatteryDriver], clock: Clock, post: Callable[[DeviceFault], None]
) -> dict[str, BatteryWriter]:
    """One for each battery."""
    return {driver.battery_id: BatteryWriter(driver, clock, post) for driver in drivers}
