"""Where a Modbus bus is and how its link is written in a site file.

modbus-tcp://192.168.0.4:502?unit=5
modbus-rtu:///dev/ttyUSB1?baud=9600&parity=N&unit=5
"""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import SplitResult, parse_qsl, urlsplit

from kwartier.site.errors import ConfigError

TCP_EXAMPLE = "modbus-tcp://192.168.0.4:502?unit=5"
RTU_EXAMPLE = "modbus-rtu:///dev/ttyUSB1?baud=9600&parity=N&unit=5"


@dataclass(frozen=True, slots=True)
class TcpBus:
    """Modbus TCP."""

    host: str
    port: int = 502

    @property
    def key(self) -> str:
        """Devices with the same key share one connection."""
        return str(self)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class RtuBus:
    """Modbus RTU on a serial port. All devices on the port share its settings."""

    path: str
    baud: int = 9600
    parity: str = "N"
    stop_bits: int = 1
    data_bits: int = 8

    @property
    def key(self) -> str:
        """Devices with the same key share one port."""
        return self.path

    @property
    def silence_s(self) -> float:
        """The pause of 3.5 characters that ends a frame, at least 1.75 ms (Modbus over serial line 2.5.1.1)."""
        return max(3.5 * 11 / self.baud, 0.00175)

    def __str__(self) -> str:
        return self.path


Bus = TcpBus | RtuBus


@dataclass(frozen=True, slots=True)
class Place:
    """A bus and, where it is given, the unit (device address) on it."""

    bus: Bus
    unit: int | None

    def __str__(self) -> str:
        return f"{self.bus}" if self.unit is None else f"{self.bus} unit {self.unit}"


def parse_place(url: str, *, port: int = 502, baud: int = 9600, parity: str = "N") -> Place:
    """Read a connection string; `port`, `baud` and `parity` are the device's own defaults.

    Raises ConfigError with what is wrong and an example of the right form.
    """
    try:
        parts = urlsplit(url)
        number = parts.port
    except ValueError as error:
        raise _bad(url, f"{error}", TCP_EXAMPLE) from None
    match parts.scheme:
        case "modbus-tcp":
            return _tcp(url, parts, port if number is None else number)
        case "modbus-rtu":
            return _rtu(url, parts, baud, parity)
        case _:
            what = f"it starts with {parts.scheme + '://'!r}" if parts.scheme else "it has no scheme"
            raise _bad(url, f"{what}; a Modbus device needs modbus-tcp:// or modbus-rtu://", TCP_EXAMPLE)


def _tcp(url: str, parts: SplitResult, port: int) -> Place:
    if not parts.hostname:
        raise _bad(url, "the host is missing", TCP_EXAMPLE)
    if parts.username is not None or parts.path not in {"", "/"} or parts.fragment:
        raise _bad(url, "only host, port and ?unit= belong in it", TCP_EXAMPLE)
    query = _query(url, parts, ("unit",), TCP_EXAMPLE)
    if port == 0:
        raise _bad(url, "port 0 cannot be reached", TCP_EXAMPLE)
    return Place(TcpBus(parts.hostname, port), _unit(url, query, TCP_EXAMPLE))


def _rtu(url: str, parts: SplitResult, baud: int, parity: str) -> Place:
    if parts.netloc:
        raise _bad(url, "the serial port needs a full path, so three slashes", RTU_EXAMPLE)
    if parts.path in {"", "/"}:
        raise _bad(url, "the serial port is missing", RTU_EXAMPLE)
    query = _query(url, parts, ("baud", "parity", "stopbits", "databits", "unit"), RTU_EXAMPLE)
    number = _reader(url, query, RTU_EXAMPLE)
    chosen = query.get("parity", parity).upper()
    if chosen not in {"N", "E", "O"}:
        raise _bad(url, f"parity is N (none), E (even) or O (odd), not {chosen!r}", RTU_EXAMPLE)
    bus = RtuBus(
        path=parts.path,
        baud=number("baud", baud, 300, 4_000_000),
        parity=chosen,
        stop_bits=number("stopbits", 1, 1, 2),
        data_bits=number("databits", 8, 7, 8),
    )
    return Place(bus, _unit(url, query, RTU_EXAMPLE))


def _query(url: str, parts: SplitResult, known: tuple[str, ...], example: str) -> dict[str, str]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs):
        raise _bad(url, "it says one thing twice after the question mark", example)
    for key in query:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
            raise _bad(url, f"{key!r} is not known{hint}", example)
    return query


def _reader(url: str, query: dict[str, str], example: str) -> Callable[[str, int, int, int], int]:
    def number(key: str, default: int, lowest: int, highest: int) -> int:
        text = query.get(key)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise _bad(url, f"{key} is a whole number from {lowest} to {highest}, not {text!r}", example)
        return int(text)

    return number


def _unit(url: str, query: dict[str, str], example: str) -> int | None:
    if "unit" not in query:
        return None
    return _reader(url, query, example)("unit", 1, 0, 255)


def _bad(url: str, what: str, example: str) -> ConfigError:
    return ConfigError(f"connection {url!r}: {what}. Example: {example}")
