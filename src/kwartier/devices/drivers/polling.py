"""The loop that every polled device lives in, and one unit of a Modbus device with its register map."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from kwartier.devices.backoff import Backoff
from kwartier.devices.blocks import Block
from kwartier.devices.catalogue import Device, RegisterEntry
from kwartier.devices.readout import Readout, Values
from kwartier.devices.registers import encode
from kwartier.devices.transports.modbus import Manners, ModbusLink
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable, KwartierError, RemoteProtocolError
from kwartier.site.readings import DeviceFault

DEVICE_TROUBLE = (DeviceUnreachable, DeviceRefused, RemoteProtocolError)


def fault(device_id: str, at_s: float, error: KwartierError) -> DeviceFault:
    """What an error is called in the journal."""
    kind = "unreachable" if isinstance(error, DeviceUnreachable) else "refused"
    raw = ""
    if isinstance(error, RemoteProtocolError):
        kind, raw = "nonsense", error.raw.hex()
    return DeviceFault(device_id=device_id, at_s=at_s, kind=kind, what=str(error), raw=raw)


async def poll(
    clock: Clock,
    interval_s: float,
    once: Callable[[], Awaitable[None]],
    trouble: Callable[[KwartierError], None],
) -> NoReturn:
    """Call `once` every `interval_s`; after device trouble tell `trouble` and back off (1, 2, 4 .. 30 s).

    A round that takes longer than the interval delays the next one; missed rounds are not made up for.
    """
    backoff = Backoff()
    while True:
        started_s = clock.monotonic_s()
        try:
            await once()
        except DEVICE_TROUBLE as error:
            trouble(error)
            mind_cancelling()
            await clock.sleep(backoff.next_s())
            continue
        backoff.reset()
        mind_cancelling()
        await clock.sleep(max(0.0, started_s + interval_s - clock.monotonic_s()))


def mind_cancelling() -> None:
    """Until Python 3.12 `asyncio.wait_for`, which pymodbus uses, swallows a cancellation that comes in the
    same moment as the answer; without this a driver that was told to end would poll on for ever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@dataclass(frozen=True, slots=True)
class Picture:
    """All quantities of a unit in one round of requests."""

    values: Values
    words: Mapping[Block, Sequence[int]]
    at_s: float
    """Monotonic time at which the oldest of them was true (the middle of its request)."""


class ModbusUnit:
    """One unit of a catalogue device on a link."""

    def __init__(
        self, link: ModbusLink, unit: int, device: Device, entries: Mapping[str, RegisterEntry]
    ) -> None:
        protocol = device.protocol
        self.link = link
        self.unit = unit
        self.address = f"{link.bus} unit {unit}"
        self.readout = Readout.of(device, entries)
        self._function = protocol.function
        self._manners = Manners(timeout_s=protocol.timeout_s, retries=protocol.retries, gap_s=protocol.gap_s)

    async def read(self) -> Picture:
        """One round. Raises what the link raises, and RemoteProtocolError for values that cannot be."""
        words: dict[Block, Sequence[int]] = {}
        at_s = float("inf")
        for block in self.readout.blocks:
            answer = await self.link.read(self.unit, block, function=self._function, manners=self._manners)
            words[block] = answer.words
            at_s = min(at_s, answer.at_s)
        try:
            return Picture(self.readout.decode(words), words, at_s)
        except RemoteProtocolError as error:
            raise RemoteProtocolError(f"{self.address}: {error}", error.raw) from None

    async def write(
        self, quantities: Sequence[str], value: float, allowed: Callable[[], None] = lambda: None
    ) -> None:
        """Write one value to these adjoining registers in one request. Raises what the link raises."""
        words: list[int] = []
        start = self.readout.registers[quantities[0]].address
        for name in quantities:
            register = self.readout.registers[name]
            assert self.readout.entries[name].writable, f"{name} is not writable"
            assert register.address == start + len(words), f"{quantities} do not adjoin"
            words += encode(register, value)
        await self.link.write(self.unit, start, words, manners=self._manners, allowed=allowed)
