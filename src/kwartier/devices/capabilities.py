"""What a device can do, as protocols of one or two methods. The edge asks for these, never for a brand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kwartier.site.batteries import BatteryReading, BatterySetpoint
from kwartier.site.readings import ChargePointReading, DeviceFault, InputReading, MeterReading
from kwartier.site.setpoints import Setpoint

PostMeter = Callable[[MeterReading | DeviceFault], None]
PostChargePoint = Callable[[ChargePointReading | DeviceFault], None]
PostBattery = Callable[[BatteryReading | DeviceFault], None]
PostInput = Callable[[InputReading | DeviceFault], None]


class MeterSource(Protocol):
    """A meter that speaks."""

    meter_id: str
    address: str
    """Where it is, for messages: `192.168.0.4:502 unit 5`."""

    async def run(self, post: PostMeter) -> None:
        """Post each good new reading, and a fault for each failed attempt. Never returns and never raises
        for device trouble: it backs off on the clock and tries again. Cancelling closes the connection."""
        ...


class ChargeDriver(Protocol):
    """One station (or group) with one or more charge points."""

    charge_point_ids: tuple[str, ...]
    address: str

    async def run(self, post: PostChargePoint) -> None:
        """As `MeterSource.run`, for all charge points of the station."""
        ...

    async def apply(self, setpoint: Setpoint) -> None:
        """Write one set-point now.

        Raises DeviceUnreachable, DeviceRefused or RemoteProtocolError when the device did not take it, and
        LocalProtocolError when the set-point itself must not be written (past its deadline, unknown charge
        point, not a current).
        """
        ...


class BatteryDriver(Protocol):
    """One battery."""

    battery_id: str
    address: str

    async def run(self, post: PostBattery) -> None:
        """As `MeterSource.run`."""
        ...

    async def apply(self, setpoint: BatterySetpoint) -> None:
        """Write one set-point now. Raises as `ChargeDriver.apply`."""
        ...


class InputSource(Protocol):
    """A digital input that is sampled."""

    input_id: str
    address: str

    async def run(self, post: PostInput) -> None:
        """As `MeterSource.run`; an input that cannot be read is tried again at once, not ever more rarely:
        its silence stops the site."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """What a device does by itself when nobody writes to it any more (DESIGN 5.6)."""

    timeout_s: float | None
    """How long a written set-point holds; None: set at the device and to be read from `valid_for_s`."""
    fallback: str | None
    """The quantity in its readings that tells what it falls to (`fallback_a`)."""


@runtime_checkable
class HasWatchdog(Protocol):
    """A driver whose device guards itself. Drivers without it hold the last set-point for ever."""

    watchdog: Watchdog
