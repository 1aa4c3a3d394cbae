"""Where devices are: one address per connection string, so that two devices on one are found.

What a connection string may hold is the affair of the transports; their refusals are passed on.
"""

from dataclasses import dataclass

from kwartier.config.battery_section import BatteryConfig
from kwartier.config.models import ChargePointConfig, MeterConfig
from kwartier.devices import catalogue
from kwartier.devices.transports.bus import RtuBus, parse_place
from kwartier.devices.transports.p1_sources import open_source
from kwartier.site.errors import ConfigError

P1 = "p1"


@dataclass(frozen=True, slots=True)
class Address:
    """A place that only one device can have."""

    port: str
    """A host with its TCP port, or a serial port."""
    device: str
    """Which device on the port: `unit 5`, `socket 2`; empty when it has the port alone."""
    settings: str = ""
    """What all devices on the port must agree on (a serial bus)."""

    def __str__(self) -> str:
        return f"{self.port} {self.device}".rstrip()


def meter_address(meter: MeterConfig) -> Address:
    """The address of a meter whose type is known. Raises ConfigError when the connection string is wrong."""
    return _p1_address(meter.url) if meter.type == P1 else _modbus_address(meter.type, meter.url, None)


def charge_point_address(point: ChargePointConfig) -> Address:
    """The address of a charge point: its socket at its station. Raises ConfigError as above."""
    return _modbus_address(point.type, point.url, point.socket)


def battery_address(entry: BatteryConfig) -> Address:
    """The address of a battery. Raises ConfigError as above."""
    return _modbus_address(entry.type, entry.url, None)


def _modbus_address(device_id: str, url: str, socket: int | None) -> Address:
    usual = catalogue.load(device_id).protocol
    place = parse_place(url, port=usual.port, baud=usual.baud, parity=usual.parity)
    bus, settings, scheme = place.bus, "", "modbus-tcp"
    if isinstance(bus, RtuBus):
        settings, scheme = f"{bus.baud} baud {bus.data_bits}{bus.parity}{bus.stop_bits}", "modbus-rtu"
    if scheme not in usual.transports:
        raise ConfigError(
            f"{device_id!r} does not speak {scheme}. Write {' or '.join(usual.transports)}:// here"
        )
    unit = usual.unit if place.unit is None else place.unit
    return Address(bus.key, f"unit {unit}" if socket is None else f"socket {socket}", settings)


def _p1_address(url: str) -> Address:
    return Address(open_source(url, StillClock()).address, "")


class StillClock:
    """Enough for what is made to check its text and never runs."""

    def monotonic_s(self) -> float:
        return 0.0

    def utc_s(self) -> float:
        return 0.0

    async def sleep(self, duration_s: float) -> None:
        raise AssertionError(f"what is only checked waits for {duration_s} s")
