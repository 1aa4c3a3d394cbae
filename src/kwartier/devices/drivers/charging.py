"""What drivers of chargers share: checks before a set-point goes out, and noticing a restart."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from kwartier.devices.capabilities import Watchdog
from kwartier.devices.catalogue import Device
from kwartier.devices.drivers.polling import ModbusUnit, poll
from kwartier.devices.transports.modbus import ModbusLink
from kwartier.site.clock import Clock
from kwartier.site.errors import KwartierError, LocalProtocolError
from kwartier.site.readings import DeviceFault
from kwartier.site.setpoints import Setpoint

OUTAGE_S = 5.0
"""After so long without an answer, the running time must have grown along or there was a restart."""


def checked_current_a(setpoint: Setpoint, max_a: float) -> float:
    """The current to write. Raises LocalProtocolError for what no decision may ask for."""
    current_a = setpoint.current_a
    if not math.isfinite(current_a) or not 0 <= current_a <= max_a + 0.01:
        raise LocalProtocolError(
            f"{setpoint.charge_point_id}: a set-point of {current_a} A is not written; it must be 0 to {max_a:g} A"
        )
    return current_a


def refuse_late(setpoint: Setpoint, clock: Clock) -> None:
    """Raise LocalProtocolError once the deadline of the set-point has passed (DESIGN 5.6)."""
    late_s = clock.monotonic_s() - setpoint.valid_until_s
    if late_s >= 0:
        raise LocalProtocolError(
            f"{setpoint.charge_point_id}: the set-point expired {late_s:.1f} s ago and is not written; only a "
            "fresh decision may refresh a device"
        )


def watchdog_of(device: Device) -> Watchdog:
    """What the catalogue says the device does by itself."""
    safety = device.safety
    if safety is None:
        return Watchdog(timeout_s=None, fallback=None)
    return Watchdog(timeout_s=safety.watchdog_s, fallback=safety.fallback)


def restart_fault(charge_point_id: str, clock: Clock, what: str) -> DeviceFault:
    """Tells that set-points must be written again."""
    return DeviceFault(device_id=charge_point_id, at_s=clock.monotonic_s(), kind="restarted", what=what)


@dataclass(slots=True)
class RestartWatch:
    """Reads how long the station runs; where that goes back, the station restarted and lost its set-points."""

    unit: ModbusUnit
    _uptime_ms: float = -1.0
    _at_s: float = 0.0

    @classmethod
    def of(cls, link: ModbusLink, device: Device) -> "RestartWatch | None":
        """None where the catalogue knows no running time for the device."""
        if device.station is None or "uptime_ms" not in device.station.registers:
            return None
        return cls(ModbusUnit(link, device.station.unit, device, device.station.registers))

    async def run(self, clock: Clock, interval_s: float, restarted: Callable[[str], None]) -> None:
        """Poll for ever; `restarted` is called with a sentence."""

        async def once() -> None:
            picture = await self.unit.read()
            uptime_ms = picture.values["uptime_ms"]
            if isinstance(uptime_ms, (int, float)) and self.goes_back(uptime_ms, picture.at_s):
                restarted(
                    f"{self.unit.address}: the station restarted {uptime_ms / 1000:.0f} s ago and lost its "
                    "set-points; they are written again"
                )

        def quiet(_: KwartierError) -> None:
            """The sockets meet the same trouble and tell it."""

        await poll(clock, interval_s, once, quiet)

    def goes_back(self, uptime_ms: float, at_s: float) -> bool:
        """Whether the station restarted since the last call; after an outage even where it runs longer now
        than it did then."""
        before_ms, silent_s = self._uptime_ms, at_s - self._at_s
        self._uptime_ms, self._at_s = uptime_ms, at_s
        if before_ms < 0:
            return False
        grown_ms = silent_s * 1000 * 0.9 if silent_s > OUTAGE_S else 0.0
        return uptime_ms < before_ms + grown_ms
