"""Modbus towards devices: one link per bus, shared by everybody on it.

pymodbus supplies frames, messages and the asyncio protocol. What it lacks for a safety-minded controller is
here: one request at a time with set-points first, a pause between requests, time limits in wall time, a fresh
connection after anything odd, and errors that say who must act, with the bytes.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
)
from pymodbus.transaction import TransactionManager
from pymodbus.transport import CommParams, CommType

from kwartier.devices.backoff import Backoff
from kwartier.devices.blocks import Block
from kwartier.devices.transports.bus import Bus, RtuBus
from kwartier.devices.transports.decoding import decoder
from kwartier.devices.transports.gate import READ, WRITE, Gate
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError, DeviceRefused, DeviceUnreachable, RemoteProtocolError

# Whatever pymodbus would log is in the errors raised here, with more context.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)

CONNECT_S = 3.0
LONGEST_REST_S = 5.0
SERIAL_DRAIN_S = 0.2
"""After a failed exchange on RTU, which has no transaction numbers: let a late answer pass by."""

EXCEPTIONS = {
    1: "does not know this function",
    2: "has no such register",
    3: "does not accept this value or number of registers",
    4: "failed inside",
    5: "needs more time for this",
    6: "is busy",
    8: "has a memory fault",
    10: "the gateway has no path to it",
    11: "the gateway got no answer from it",
}
GATEWAY = frozenset({10, 11})
READS: dict[int, Callable[..., ModbusPDU]] = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}
BITS = frozenset({1, 2})


class ModbusRefused(DeviceRefused):
    """A Modbus exception answer; `code` as in the Modbus application protocol, section 7."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a device likes to be spoken to."""

    timeout_s: float = 1.0
    """Wall time for one request."""
    retries: int = 1
    """Further attempts after no answer or nonsense; never after a refusal."""
    gap_s: float = 0.0
    """Least pause on the bus after a request to this device."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Words (of functions 1 and 2: bits as 0 and 1) that were read and when they were true: the middle of
    the exchange, monotonic."""

    words: tuple[int, ...]
    at_s: float


class ModbusLink:
    """One bus. Connects on demand; safe to use from many tasks."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self.bus = bus
        self.users = 0
        self._clock = clock
        self._gate = Gate()
        self._wire: _Wire | None = None
        self._backoff = Backoff(maximum_s=LONGEST_REST_S)
        self._rest_until_s = float("-inf")
        self._failure = ""

    @asynccontextmanager
    async def in_use(self) -> AsyncIterator[None]:
        """Count a user; the connection closes when the last one goes."""
        self.users += 1
        try:
            yield
        finally:
            self.users -= 1
            if not self.users:
                self.close()

    async def read(self, unit: int, block: Block, *, function: int, manners: Manners) -> Answer:
        """Read one block of coils (function 1), discrete inputs (2), holding (3) or input (4) registers.

        Raises DeviceUnreachable (no connection, no answer), ModbusRefused (exception answer),
        RemoteProtocolError (an answer that is none, with its bytes).
        """
        kind = READS[function]
        # Bits come in whole bytes, filled up with zeros.
        expected = -(-block.count // 8) * 8 if function in BITS else block.count
        what = "bits" if function in BITS else "registers"

        def values(response: ModbusPDU) -> Sequence[int]:
            return [int(bit) for bit in response.bits] if function in BITS else response.registers

        def check(response: ModbusPDU) -> str | None:
            got = len(values(response))
            return None if got == expected else f"{got} {what} instead of {expected}"

        response, at_s = await self._exchange(
            _Errand(
                where=f"{self.bus} unit {unit}: read of {_named(block, function)}",
                request=lambda: kind(address=block.address, count=block.count, dev_id=unit),
                check=check,
                urgency=READ,
                manners=manners,
            )
        )
        return Answer(tuple(values(response)[: block.count]), at_s)

    async def write(
        self, unit: int, address: int, words: Sequence[int], *, manners: Manners, allowed: Callable[[], None]
    ) -> None:
        """Write registers in one request (function 16), before all waiting reads.

        `allowed` is called in the last moment before each attempt goes out and may raise to call it off: a
        set-point may have passed its deadline while it waited for the bus. Raises as `read`.
        """

        def check(response: ModbusPDU) -> str | None:
            same = (response.address, response.count) == (address, len(words))
            return None if same else f"it confirms {response.count} registers at {response.address}"

        await self._exchange(
            _Errand(
                where=f"{self.bus} unit {unit}: write of {Block(address, len(words))}",
                request=lambda: WriteMultipleRegistersRequest(
                    address=address, registers=list(words), dev_id=unit
                ),
                check=check,
                urgency=WRITE,
                manners=manners,
                allowed=allowed,
            )
        )

    def close(self) -> None:
        """Drop the connection; the next request makes a new one."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    async def _exchange(self, errand: "_Errand") -> tuple[ModbusPDU, float]:
        for _ in range(errand.manners.retries):
            try:
                return await self._attempt(errand)
            except (DeviceUnreachable, RemoteProtocolError):
                continue  # the gate was open in between, so something more urgent may have gone first
        return await self._attempt(errand)

    async def _attempt(self, errand: "_Errand") -> tuple[ModbusPDU, float]:
        await self._gate.enter(errand.urgency)
        rest_s = errand.manners.gap_s
        if isinstance(self.bus, RtuBus):
            rest_s = max(rest_s, self.bus.silence_s)
        whole = True
        try:
            wire = await self._connected()
            errand.allowed()
            whole = False
            started_s = self._clock.monotonic_s()
            response = await wire.ask(errand)
            whole = True
            at_s = (started_s + self._clock.monotonic_s()) / 2
        finally:
            if not whole:  # a late answer must not meet the next request
                self.close()
                rest_s = max(rest_s, SERIAL_DRAIN_S) if isinstance(self.bus, RtuBus) else rest_s
            self._gate.leave(rest_s)
        if isinstance(response, ExceptionResponse):
            raise _refusal(errand.where, response.exception_code)
        return response, at_s

    async def _connected(self) -> "_Wire":
        if self._wire is not None and self._wire.is_active():
            return self._wire
        self.close()
        if self._clock.monotonic_s() < self._rest_until_s:
            raise DeviceUnreachable(self._failure)
        wire = _Wire(self.bus)
        try:
            async with asyncio.timeout(CONNECT_S):
                await wire.open()
            self._wire = wire
        except OSError as error:  # TimeoutError and pyserial's errors are OSErrors too
            why = _why(error)
            cure = (
                "check the cable and the name of the port"
                if isinstance(self.bus, RtuBus)
                else "check the network and that the device allows one more Modbus master"
            )
            self._failure = f"{self.bus}: no connection ({why}); {cure}"
            self._rest_until_s = self._clock.monotonic_s() + self._backoff.next_s()
            raise DeviceUnreachable(self._failure) from error
        finally:
            if self._wire is not wire:
                wire.close()
        self._backoff.reset()
        return wire


class LinkPool:
    """The links of a site, one per bus."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links: dict[str, ModbusLink] = {}

    def link(self, bus: Bus) -> ModbusLink:
        """The link of this bus. Raises ConfigError where two devices want different settings of one port."""
        link = self._links.setdefault(bus.key, ModbusLink(bus, self._clock))
        if link.bus != bus:
            raise ConfigError(
                f"serial port {bus.key}: two devices on it want different settings ({_settings(link.bus)} and "
                f"{_settings(bus)}); all devices on one port need the same baud, parity and stop bits"
            )
        return link


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One request with all that belongs to it."""

    where: str
    """Bus, unit and registers, for messages."""
    request: Callable[[], ModbusPDU]
    check: Callable[[ModbusPDU], str | None]
    """What is wrong with an answer of the right kind, if anything."""
    urgency: int
    manners: Manners
    allowed: Callable[[], None] = lambda: None


class _Wire(TransactionManager):
    """One connection: pymodbus' request-response engine, made to fail at once where it would wait."""

    def __init__(self, bus: Bus) -> None:
        # `timeout_connect` is pymodbus' own limit for everything; ours (asyncio.timeout) always fire first.
        if isinstance(bus, RtuBus):
            params = CommParams(
                comm_type=CommType.SERIAL,
                host=bus.path,
                baudrate=bus.baud,
                parity=bus.parity,
                stopbits=bus.stop_bits,
                bytesize=bus.data_bits,
                timeout_connect=3600,
            )
            framer: FramerBase = FramerRTU(decoder())
        else:
            params = CommParams(comm_type=CommType.TCP, host=bus.host, port=bus.port, timeout_connect=3600)
            framer = FramerSocket(decoder())
        super().__init__(params, framer, 0, False, self._trace, None, None)
        self._received = bytearray()
        self._asked = False

    async def open(self) -> None:
        """Connect. Raises OSError with the reason (pymodbus' own `connect` only says no)."""
        self.transport, _ = await self.call_create()
        await asyncio.sleep(0)  # a serial transport sets itself up in the next turn of the loop

    async def ask(self, errand: _Errand) -> ModbusPDU:
        """One request and its answer (an exception answer too)."""
        where, timeout_s, request = errand.where, errand.manners.timeout_s, errand.request()
        self._received.clear()
        self._asked = True
        try:
            async with asyncio.timeout(timeout_s):
                response = await self.execute(False, request)
        except TimeoutError:
            raise self._silence(where, f"within {timeout_s:g} s") from None
        except ConnectionException:
            raise self._silence(where, "before the connection was closed") from None
        except ModbusException as error:
            raise self._nonsense(where, error.string) from None
        finally:
            self._asked = False
        if isinstance(response, ExceptionResponse):
            return response
        if response.function_code != request.function_code:
            raise self._nonsense(where, f"an answer to function {response.function_code}")
        if odd := errand.check(response):
            raise self._nonsense(where, odd)
        return response

    def callback_data(self, data: bytes, addr: tuple[str, int] | None = None) -> int:
        """As pymodbus', but an answer that cannot be decoded fails the request instead of the event loop."""
        try:
            return super().callback_data(data, addr)
        except ModbusException as error:
            self._fail(error)
            return len(data)

    def callback_disconnected(self, exc: Exception | None) -> None:
        """As pymodbus', but whoever waits for an answer learns it now."""
        super().callback_disconnected(exc)
        self._fail(ConnectionException("closed"))

    def _fail(self, error: ModbusException) -> None:
        if self._asked and not self.response_future.done():
            self.response_future.set_exception(error)

    def _trace(self, sending: bool, data: bytes) -> bytes:
        if not sending:
            self._received[:] = data  # pymodbus hands over all bytes not yet understood
        return data

    def _silence(self, where: str, when: str) -> DeviceUnreachable | RemoteProtocolError:
        if self._received:
            return self._nonsense(where, f"no whole answer {when}")
        return DeviceUnreachable(
            f"{where}: no answer {when}; check the cable, the unit number and that it is switched on"
        )

    def _nonsense(self, where: str, what: str) -> RemoteProtocolError:
        raw = bytes(self._received)
        return RemoteProtocolError(f"{where}: the answer makes no sense ({what}): {raw.hex(' ')}", raw)


def _named(block: Block, function: int) -> str:
    if function not in BITS:
        return str(block)
    kind = "coil" if function == 1 else "discrete input"
    return f"{kind} {block.address}" if block.count == 1 else f"{block.count} {kind}s from {block.address}"


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError) and error.errno is None:
        return f"no answer within {CONNECT_S:g} s"
    if isinstance(error, ConnectionError) and error.errno is not None:
        return os.strerror(error.errno)  # asyncio's own text repeats the address
    return str(error)


def _refusal(where: str, code: int) -> DeviceUnreachable | ModbusRefused:
    words = EXCEPTIONS.get(code, "refuses, for a reason of its own")
    if code in GATEWAY:
        return DeviceUnreachable(f"{where}: {words} (exception {code}); check the unit number and its wiring")
    return ModbusRefused(f"{where}: the device {words} (exception {code})", code)


def _settings(bus: Bus) -> str:
    return (
        f"{bus.baud} baud {bus.data_bits}{bus.parity}{bus.stop_bits}" if isinstance(bus, RtuBus) else str(bus)
    )
