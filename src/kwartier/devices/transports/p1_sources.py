"""From a connection string to a source of P1 bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from kwartier.devices.transports.byte_source import ByteSource
from kwartier.devices.transports.homewizard import HomeWizardSource
from kwartier.devices.transports.replay import ReplaySource
from kwartier.devices.transports.stream import SerialSource, TcpSource
from kwartier.devices.transports.websocket import WebSocketSource
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError

EXAMPLES = {
    "serial": "serial:///dev/ttyUSB0?baud=115200",
    "tcp": "tcp://192.168.1.20:2001",
    "ws": "ws://192.168.1.20:81/p1",
    "wss": "wss://gateway.example/p1",
    "homewizard": "homewizard://192.168.1.20",
    "file": "file:///var/lib/kwartier/telegrams.txt?speed=1",
}


def open_source(url: str, clock: Clock) -> ByteSource:
    """The source that `url` names; nothing is opened yet. Raises `ConfigError` with what is wrong and an
    example. Replays and polling follow `clock`."""
    try:
        parts = urlsplit(url)
        make = _MAKERS[parts.scheme]
    except (KeyError, ValueError):
        known = ", ".join(EXAMPLES.values())
        raise ConfigError(
            f"P1 source {_shown(url)}: no such kind of connection; write one of {known}"
        ) from None
    return make(parts, clock)


def _serial(parts: SplitResult, _clock: Clock) -> ByteSource:
    if parts.netloc or len(parts.path) < 2:
        raise _wrong(parts, "the path of the port must follow three slashes")
    query = _query(parts, {"baud", "bits", "parity", "stop"})
    baud = int(_number(parts, query, "baud", 115200, minimum=300))
    old = baud <= 9600  # DSMR 2 and 3 speak 9600 baud 7E1
    bits = query.get("bits", "7" if old else "8")
    parity = query.get("parity", "E" if old else "N").upper()
    stop = query.get("stop", "1")
    if bits not in {"7", "8"} or parity not in {"N", "E", "O"} or stop not in {"1", "2"}:
        raise _wrong(parts, "bits must be 7 or 8, parity N, E or O, stop 1 or 2")
    return SerialSource(
        unquote(parts.path),
        baud,
        cast("Literal[7, 8]", int(bits)),
        cast("Literal['N', 'E', 'O']", parity),
        cast("Literal[1, 2]", int(stop)),
    )


def _tcp(parts: SplitResult, _clock: Clock) -> ByteSource:
    _query(parts, set())
    port = _port(parts)
    if not parts.hostname or port is None:
        raise _wrong(parts, "host and port are both needed")
    return TcpSource(parts.hostname, port)


def _websocket(parts: SplitResult, _clock: Clock) -> ByteSource:
    _port(parts)
    if not parts.hostname:
        raise _wrong(parts, "the host is missing")
    return WebSocketSource(parts.geturl())


def _homewizard(parts: SplitResult, clock: Clock) -> ByteSource:
    _query(parts, set())
    _port(parts)
    if not parts.hostname or parts.path.strip("/"):
        raise _wrong(parts, "only a host (and a port) is expected")
    return HomeWizardSource(parts.netloc.rpartition("@")[2], clock)


def _file(parts: SplitResult, clock: Clock) -> ByteSource:
    if parts.netloc or len(parts.path) < 2:
        raise _wrong(parts, "the path of the file must follow three slashes")
    query = _query(parts, {"speed"})
    speed = _number(parts, query, "speed", 1.0, minimum=0.001)
    return ReplaySource(Path(unquote(parts.path)), clock, speed)


_MAKERS: dict[str, Callable[[SplitResult, Clock], ByteSource]] = {
    "serial": _serial,
    "tcp": _tcp,
    "ws": _websocket,
    "wss": _websocket,
    "homewizard": _homewizard,
    "file": _file,
}


def _query(parts: SplitResult, known: set[str]) -> dict[str, str]:
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(query) - known)
    if unknown:
        allowed = ", ".join(sorted(known)) or "none"
        raise _wrong(parts, f"unknown option {', '.join(unknown)} (known: {allowed})")
    return query


def _number(parts: SplitResult, query: dict[str, str], name: str, usual: float, *, minimum: float) -> float:
    try:
        value = float(query.get(name, usual))
    except ValueError:
        value = float("nan")
    if not minimum <= value <= 1e7:
        raise _wrong(parts, f"{name} must be a number of at least {minimum:g}, not {query.get(name)!r}")
    return value


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise _wrong(parts, "the port must be a number from 1 to 65535") from None


def _wrong(parts: SplitResult, what: str) -> ConfigError:
    return ConfigError(f"P1 source {_shown(parts.geturl())}: {what}; for example {EXAMPLES[parts.scheme]}")


def _shown(url: str) -> str:
    """The URL as a message may show it: without user and password, and without what may be a token."""
    head, scheme_end, rest = url.partition("://")
    if not scheme_end:
        return repr(url)
    place, slash, path = rest.partition("?")[0].partition("/")
    return repr(f"{head}://{place.rpartition('@')[2]}{slash}{path}")
