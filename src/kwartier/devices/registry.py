"""From what the site file says about a device to the driver that speaks with it."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import permutations

from kwartier.devices import catalogue
from kwartier.devices.capabilities import ChargeDriver, InputSource, MeterSource
from kwartier.devices.catalogue import Device
from kwartier.devices.drivers.alfen import AlfenStation
from kwartier.devices.drivers.alfen_scn import AlfenScn
from kwartier.devices.drivers.digital_input import AlarmWhen, DigitalInput, ModbusPin, parse_pin
from kwartier.devices.drivers.modbus_meter import ModbusMeter
from kwartier.devices.quantities import Kind
from kwartier.devices.transports.bus import Place, RtuBus, parse_place
from kwartier.devices.transports.modbus import LinkPool, ModbusLink
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError
from kwartier.site.topology import ChargePoint, Meter

_WHERE: dict[Kind, str] = {
    "battery": "a battery: it belongs under `batteries`",
    "meter": "a meter: it belongs under `meters`",
    "charger": "a charger: it belongs under `charge_points`",
    "charger-group": "a group of chargers: it belongs under `charge_points`, as one charge point",
}
_ORDERS = tuple(order for wired in (1, 2, 3) for order in permutations((1, 2, 3), wired))


class Registry:
    """Makes the drivers of one site; devices on the same bus share its link."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links = LinkPool(clock)

    def meter(
        self,
        meter: Meter,
        type: str,  # noqa: A002  (the key in the site file)
        url: str,
        options: Mapping[str, object],
    ) -> MeterSource:
        """The driver of a meter. `type` is `p1` or a catalogue id.

        Options of Modbus meters: `conductors` (site phase of the meter's L1, L2, L3), `invert` (built in
        backwards), `frozen_after_s` (how long unchanged registers are believed, 0 for ever; a test bench with
        fixed values needs that). Raises ConfigError with what is wrong and an example.
        """
        if type == "p1":
            from kwartier.devices.drivers.p1 import P1Meter  # noqa: PLC0415  (loads only when used)

            return P1Meter(meter, url, self._clock, options)
        where = f"meter {meter.id!r}"
        device = _device(where, type, ("meter",))
        _known_options(where, options, ("conductors", "invert", "frozen_after_s"))
        link, unit = self._link(where, device, url)
        return ModbusMeter(
            meter_id=meter.id,
            device=device,
            link=link,
            unit=unit,
            clock=self._clock,
            interval_s=meter.interval_s,
            conductors=_conductors(where, options, meter.phases),
            invert=_flag(where, options, "invert"),
            frozen_after_s=_seconds(where, options, "frozen_after_s", (0, 3600)),
        )

    def charge_points(
        self,
        points: Sequence[ChargePoint],
        type: str,  # noqa: A002  (the key in the site file)
        url: str,
        sockets: Mapping[str, int],
        options: Mapping[str, object],
    ) -> ChargeDriver:
        """The one driver of all charge points of a station. `sockets`: socket number by charge point id.

        Options: `interval_s` (how often it is read, 1 s). Raises ConfigError.
        """
        where = f"charge point {' and '.join(repr(point.id) for point in points)}"
        device = _device(where, type, ("charger", "charger-group"))
        _known_options(where, options, ("interval_s",))
        interval_s = _seconds(where, options, "interval_s", (0.1, 60)) or 1.0
        link, unit = self._link(where, device, url)
        if device.driver == "alfen-scn":
            if len(points) != 1:
                raise ConfigError(f"{where}: {type} is a whole network and needs exactly one charge point")
            if unit != device.protocol.unit:
                raise ConfigError(
                    f"{where}: a network always answers as unit {device.protocol.unit}; leave `unit` out"
                )
            return AlfenScn(
                point=points[0], device=device, link=link, clock=self._clock, interval_s=interval_s
            )
        station_unit = device.station.unit if device.station else None
        if parse_place(url).unit not in {None, station_unit}:
            raise ConfigError(
                f"{where}: leave `unit` out of {url!r}; a station's sockets are told apart by `socket: 1` and `socket: 2`"
            )
        return AlfenStation(
            points=_by_socket(where, points, sockets),
            device=device,
            link=link,
            clock=self._clock,
            interval_s=interval_s,
        )

    def input(self, input_id: str, url: str, alarm_when: AlarmWhen) -> InputSource:
        """The source of a digital input, normally closed where `alarm_when` is `open`. Raises ConfigError."""
        try:
            pin = parse_pin(url)
            link = self._links.link(pin.place.bus) if isinstance(pin, ModbusPin) else None
        except ConfigError as error:
            raise ConfigError(f"input {input_id!r}: {error}") from None
        return DigitalInput(input_id=input_id, pin=pin, link=link, alarm_when=alarm_when, clock=self._clock)

    def _link(self, where: str, device: Device, url: str) -> tuple[ModbusLink, int]:
        protocol = device.protocol
        try:
            place = parse_place(url, port=protocol.port, baud=protocol.baud, parity=protocol.parity)
            _speaks(device, place)
            return self._links.link(place.bus), protocol.unit if place.unit is None else place.unit
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None


def _speaks(device: Device, place: Place) -> None:
    scheme = "modbus-rtu" if isinstance(place.bus, RtuBus) else "modbus-tcp"
    if scheme not in device.protocol.transports:
        raise ConfigError(f"{device.id} speaks {' or '.join(device.protocol.transports)}, not {scheme}")


def _device(where: str, device_id: str, kinds: Sequence[Kind]) -> Device:
    try:
        device = catalogue.load(device_id)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    if device.kind not in kinds:
        raise ConfigError(f"{where}: {device_id} is {_WHERE[device.kind]}")
    return device


def _by_socket(
    where: str, points: Sequence[ChargePoint], sockets: Mapping[str, int]
) -> dict[int, ChargePoint]:
    out: dict[int, ChargePoint] = {}
    for point in points:
        socket = sockets.get(point.id, 1 if len(points) == 1 else None)
        if socket is None:
            raise ConfigError(f"{where}: say which socket {point.id!r} is, for example `socket: 2`")
        if socket not in {1, 2}:
            raise ConfigError(f"{where}: a station has sockets 1 and 2; {point.id!r} says {socket}")
        if socket in out:
            raise ConfigError(f"{where}: both are socket {socket}; one must be the other socket")
        out[socket] = point
    return out


def _known_options(where: str, options: Mapping[str, object], known: Sequence[str]) -> None:
    for key in options:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
            raise ConfigError(f"{where}: unknown option {key!r}{hint}")


def _conductors(where: str, options: Mapping[str, object], phases: int) -> tuple[int, ...]:
    given = options.get("conductors")
    if given is None:
        return (1, 2, 3)[:phases]
    order = tuple(given) if isinstance(given, (list, tuple)) else ()
    if order not in _ORDERS:
        raise ConfigError(
            f"{where}: conductors are one to three different site phases in the order of the meter's L1, L2, L3, "
            f"for example [2, 3, 1]; not {given!r}"
        )
    return order


def _flag(where: str, options: Mapping[str, object], key: str) -> bool:
    given = options.get(key, False)
    if not isinstance(given, bool):
        raise ConfigError(f"{where}: {key} is true or false, not {given!r}")
    return given


def _seconds(
    where: str, options: Mapping[str, object], key: str, between: tuple[float, float]
) -> float | None:
    given = options.get(key)
    if given is None:
        return None
    if (
        isinstance(given, bool)
        or not isinstance(given, (int, float))
        or not between[0] <= given <= between[1]
    ):
        raise ConfigError(
            f"{where}: {key} is a number of seconds from {between[0]:g} to {between[1]:g}, not {given!r}"
        )
    return float(given)
