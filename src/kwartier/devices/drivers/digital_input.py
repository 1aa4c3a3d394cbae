"""A digital input: the contact of a fire panel or an emergency button, sampled five times a second.

modbus-tcp://192.168.0.7?unit=1&discrete=0      a discrete input (function 2)
modbus-tcp://192.168.0.7?unit=1&coil=0          a coil (function 1)
modbus-tcp://192.168.0.7?holding=100&bit=3      a bit of a holding register (function 3), 0 is the lowest
modbus-rtu:///dev/ttyUSB1?input=100&bit=3       a bit of an input register (function 4)
file:///sys/class/gpio/gpio17/value             a file that holds 1 (closed) or 0 (open)

1 means that the contact is closed and current flows. A normally closed contact therefore reads 1 while all
is well, and 0 for an alarm, a broken wire and an input module without its loop voltage alike.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from kwartier.devices.blocks import Block
from kwartier.devices.capabilities import PostInput
from kwartier.devices.drivers.polling import DEVICE_TROUBLE, fault, mind_cancelling
from kwartier.devices.transports.bus import Place, parse_place
from kwartier.devices.transports.modbus import Manners, ModbusLink
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError, DeviceUnreachable, RemoteProtocolError
from kwartier.site.readings import InputReading

AlarmWhen = Literal["open", "closed"]
SAMPLE_S = 0.2
"""Two samples make a level, and it must be at the chargers within a second."""
FILE_S = 1.0
"""Wall time in which a file must be read: it may lie on a network that hangs."""
LONGEST_TEXT = 64
MANNERS = Manners(timeout_s=0.5, retries=0)
"""The next sample is the retry."""

FUNCTIONS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
EXAMPLE = "modbus-tcp://192.168.0.7:502?unit=1&discrete=0, or file:///sys/class/gpio/gpio17/value"


@dataclass(frozen=True, slots=True)
class ModbusPin:
    """Where an input is on a Modbus device."""

    place: Place
    function: int
    address: int
    bit: int

    def __str__(self) -> str:
        kind = next(name for name, number in FUNCTIONS.items() if number == self.function)
        bit = f" bit {self.bit}" if self.function in {3, 4} else ""
        return f"{self.place} {kind} {self.address}{bit}"


@dataclass(frozen=True, slots=True)
class FilePin:
    """A file whose first character tells."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


def parse_pin(url: str) -> ModbusPin | FilePin:
    """Read a connection string. Raises ConfigError with what is wrong and an example."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc or not parts.path.startswith("/") or parts.query:
            raise _bad(url, "a file needs a full path, so three slashes, and nothing after it")
        return FilePin(Path(parts.path))
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    own = [(key, value) for key, value in pairs if key in FUNCTIONS or key == "bit"]
    rest = urlencode([pair for pair in pairs if pair not in own])
    place = parse_place(urlunsplit(parts._replace(query=rest)))
    kinds = [key for key, _ in own if key in FUNCTIONS]
    if len(kinds) != 1 or len(own) != len(dict(own)):
        raise _bad(url, f"say once which input it is: {', '.join(f'{k}=0' for k in FUNCTIONS)}")
    given, kind = dict(own), kinds[0]
    if "bit" in given and kind in {"coil", "discrete"}:
        raise _bad(url, f"a {kind} is one bit; leave bit= out")
    if kind in {"holding", "input"} and "bit" not in given:
        raise _bad(url, "say which bit of the register, for example bit=0 for the lowest")
    return ModbusPin(
        Place(place.bus, 1 if place.unit is None else place.unit),
        FUNCTIONS[kind],
        _number(url, kind, given[kind], 65535),
        _number(url, "bit", given.get("bit", "0"), 15),
    )


def _number(url: str, key: str, text: str, highest: int) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > highest:
        raise _bad(url, f"{key} is a whole number from 0 to {highest}, not {text!r}")
    return int(text)


def _bad(url: str, what: str) -> ConfigError:
    return ConfigError(f"connection {url!r}: {what}. Example: {EXAMPLE}")


class DigitalInput:
    """An input that is sampled (InputSource). `link` is needed for a ModbusPin only."""

    def __init__(
        self,
        *,
        input_id: str,
        pin: ModbusPin | FilePin,
        link: ModbusLink | None,
        alarm_when: AlarmWhen,
        clock: Clock,
    ) -> None:
        self.input_id = input_id
        self.address = str(pin)
        self._pin = pin
        self._link = link
        self._alarm_when = alarm_when
        self._clock = clock

    async def run(self, post: PostInput) -> None:
        """Sample for ever (InputSource.run)."""
        if self._link is None:
            await self._sample(post)
        else:
            async with self._link.in_use():
                await self._sample(post)

    async def _sample(self, post: PostInput) -> NoReturn:
        while True:
            started_s = self._clock.monotonic_s()
            try:
                closed, at_s = await self._closed()
            except DEVICE_TROUBLE as error:
                post(fault(self.input_id, self._clock.monotonic_s(), error))
            else:
                alarm = closed == (self._alarm_when == "closed")
                post(InputReading(input_id=self.input_id, at_s=at_s, alarm=alarm))
            mind_cancelling()
            took_s = self._clock.monotonic_s() - started_s
            await self._clock.sleep(max(SAMPLE_S / 4, SAMPLE_S - took_s))

    async def _closed(self) -> tuple[bool, float]:
        """Whether the contact is closed, and when that was true."""
        pin = self._pin
        if isinstance(pin, FilePin):
            return await _read_file(pin.path), self._clock.monotonic_s()
        assert self._link is not None
        assert pin.place.unit is not None
        answer = await self._link.read(
            pin.place.unit, Block(pin.address, 1), function=pin.function, manners=MANNERS
        )
        return bool(answer.words[0] >> pin.bit & 1), answer.at_s


async def _read_file(path: Path) -> bool:
    """Raises DeviceUnreachable, RemoteProtocolError."""
    try:
        async with asyncio.timeout(FILE_S):
            text = await asyncio.to_thread(_head, path)
    except TimeoutError:
        raise DeviceUnreachable(f"{path} could not be read within {FILE_S:g} s") from None
    except OSError as error:
        raise DeviceUnreachable(
            f"{path} cannot be read: {error.strerror}; check the path and its rights"
        ) from None
    if text.strip() not in {b"0", b"1"}:
        raise RemoteProtocolError(f"{path} holds neither 0 nor 1", text)
    return text.strip() == b"1"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST_TEXT)
