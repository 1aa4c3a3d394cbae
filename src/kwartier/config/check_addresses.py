"""Checks of devices and where they are: two on one address, settings of a shared bus, types."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from kwartier.config import slips
from kwartier.config.addresses import P1, Address, battery_address, charge_point_address, meter_address
from kwartier.config.battery_section import BatteryConfig
from kwartier.config.models import P1_OPTIONS, ChargePointConfig, MeterConfig, SiteConfig
from kwartier.config.problems import Finding, KeyPath
from kwartier.devices import catalogue
from kwartier.devices.quantities import Kind
from kwartier.site.errors import ConfigError

Device = TypeVar("Device", MeterConfig, ChargePointConfig, BatteryConfig)
Entry = tuple[KeyPath, MeterConfig | ChargePointConfig | BatteryConfig, Address]
METERS: tuple[Kind, ...] = ("meter",)
CHARGERS: tuple[Kind, ...] = ("charger", "charger-group")
BATTERIES: tuple[Kind, ...] = ("battery",)


def addresses(config: SiteConfig) -> Iterator[Finding]:
    """All findings about types, connection strings and addresses."""
    entries: list[Entry] = []
    for i, meter in enumerate(config.meters):
        known = _choices(meter.type, METERS)
        yield from _placed(("meters", i), meter, known, meter_address, entries)
    for i, point in enumerate(config.charge_points):
        known = _choices(point.type, CHARGERS)
        yield from _placed(("charge_points", i), point, known, charge_point_address, entries)
    for i, entry in enumerate(config.batteries):
        known = _choices(entry.type, BATTERIES)
        yield from _placed(("batteries", i), entry, known, battery_address, entries)
    yield from _shared_addresses(entries)
    yield from _shared_ports(entries)
    yield from _stations(entries)
    yield from _options(config)


def _choices(wanted: str, kinds: tuple[Kind, ...]) -> list[str]:
    """The types to choose from. Only the wanted one where it is among them: to read the whole catalogue takes
    a tenth of a second, and a restart has none to spare."""
    if kinds == METERS and wanted == P1:
        return [P1]
    if wanted in catalogue.ids() and catalogue.load(wanted).kind in kinds:
        return [wanted]
    return [P1] * (kinds == METERS) + [d.id for d in catalogue.everything() if d.kind in kinds]


def _placed(
    at: KeyPath,
    device: Device,
    known: list[str],
    parse: Callable[[Device], Address],
    entries: list[Entry],
) -> Iterator[Finding]:
    if device.type not in known:
        cure = slips.nearest(device.type, known) or f"known: {', '.join(known)}"
        what = f"there is no type {device.type!r} for this"
        yield Finding(severity="error", at=(*at, "type"), what=what, cure=cure)
        return
    try:
        entries.append((at, device, parse(device)))
    except ConfigError as error:
        yield Finding.of((*at, "url"), error)


def _shared_addresses(entries: list[Entry]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for at, device, address in entries:
        place = (address.port, address.device)
        if place in seen:
            what = f"{address} is the address of {seen[place]!r} already"
            cure = "correct the address" + (", the unit or the socket" if address.device else "")
            yield Finding(severity="error", at=(*at, "url"), what=what, cure=cure)
        seen.setdefault(place, device.id)


def _shared_ports(entries: list[Entry]) -> Iterator[Finding]:
    first: dict[str, tuple[str, Address]] = {}
    for at, device, address in entries:
        other_id, other = first.setdefault(address.port, (device.id, address))
        if bool(other.device) != bool(address.device):
            what = f"{address.port} is the port of {other_id!r} already, and one of them needs it alone"
            yield Finding(severity="error", at=(*at, "url"), what=what, cure="give each its own port")
        elif other.settings != address.settings:
            what = f"{address.port} is set to {address.settings} here and to {other.settings} at {other_id!r}"
            cure = "a bus has one speed and parity: set all its devices alike"
            yield Finding(severity="error", at=(*at, "url"), what=what, cure=cure)


def _stations(entries: list[Entry]) -> Iterator[Finding]:
    """All sockets of one station are spoken to by one driver, so they must be of one type."""
    first: dict[str, ChargePointConfig] = {}
    for at, device, address in entries:
        if isinstance(device, ChargePointConfig):
            other = first.setdefault(address.port, device)
            if other.type != device.type:
                what = f"type {device.type!r} differs from {other.type!r} of {other.id!r} at the same station"
                yield Finding(severity="error", at=(*at, "type"), what=what, cure="correct one of the two")
            if other.interval_s != device.interval_s:
                what = f"{device.interval_s:g} s differs from {other.interval_s:g} s of {other.id!r} at the same station"
                cure = "a station is read as a whole: write the same at all its sockets"
                yield Finding(severity="error", at=(*at, "interval_s"), what=what, cure=cure)


def _options(config: SiteConfig) -> Iterator[Finding]:
    for i, meter in enumerate(config.meters):
        given = meter.options.model_fields_set
        is_p1 = meter.type == P1
        for name in sorted(given - P1_OPTIONS if is_p1 else given & P1_OPTIONS):
            what = f"{name!r} is for {'Modbus meters' if is_p1 else 'P1 ports'}, not for type {meter.type!r}"
            at: KeyPath = ("meters", i, "options", name)
            yield Finding(severity="error", at=at, what=what, cure="remove it")
        for name in ("key", "authentication_key"):
            if {name, f"{name}_file"} <= given:
                at = ("meters", i, "options", name)
                what = f"{name} and {name}_file are both given"
                yield Finding(severity="error", at=at, what=what, cure="keep one of the two")
