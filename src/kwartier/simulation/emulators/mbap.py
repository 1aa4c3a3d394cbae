"""A Modbus TCP server of our own: function codes 1 and 2 on bits, 3, 6 and 16 on a table of registers."""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from typing import ClassVar

from kwartier.simulation.emulators.server import Emulator

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
NO_SUCH_UNIT = 11
SLOW_S = 1.5
"""How late a `slow` device answers, in wall time: clients' timeouts are wall time too."""


class ModbusException(Exception):
    """A request is answered with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class ModbusEmulator(Emulator):
    """Answers Modbus requests. Subclasses give `registers(unit)` and, if they can be told anything,
    `write(unit, address, words)`; both may raise `ModbusException`.

    Faults besides those of `Emulator`: `slow` answers late, `garbage` spoils every answer.
    """

    faults: ClassVar[tuple[str, ...]] = (*Emulator.faults, "slow", "garbage")
    unit_in_url: int | None = None

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.requests = 0
        self._spoiled = 0

    @property
    def url(self) -> str:
        """`modbus-tcp://127.0.0.1:PORT`, with the unit where the device has just one."""
        unit = "" if self.unit_in_url is None else f"?unit={self.unit_in_url}"
        return f"modbus-tcp://127.0.0.1:{self.port}{unit}"

    def registers(self, unit: int) -> Mapping[int, int]:
        """Readable registers: address -> 16-bit word."""
        raise NotImplementedError

    def bits(self, unit: int, function: int) -> Sequence[int]:
        """Coils (function 1) or discrete inputs (function 2), from address 0."""
        raise ModbusException(ILLEGAL_FUNCTION)

    def write(self, unit: int, address: int, words: Sequence[int]) -> None:
        """Take what a client writes in one request."""
        raise ModbusException(ILLEGAL_FUNCTION)

    def heard(self, writer: asyncio.StreamWriter) -> None:
        """A request came in on this connection."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests one after the other."""
        while True:
            header = await reader.readexactly(7)
            transaction, protocol, length, unit = struct.unpack(">HHHB", header)
            if protocol != 0 or not 2 <= length <= 254:
                return
            pdu = await reader.readexactly(length - 1)
            self.requests += 1
            self.heard(writer)
            if self.fault == "silent":
                continue
            if self.fault == "slow":
                await asyncio.sleep(SLOW_S)
            answer = self._answer(unit, pdu)
            frame = struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer
            writer.write(self._spoil(frame) if self.fault == "garbage" else frame)
            await writer.drain()

    def _answer(self, unit: int, pdu: bytes) -> bytes:
        function = pdu[0]
        handler = {
            1: self._read_bits,
            2: self._read_bits,
            3: self._read,
            6: self._write_single,
            16: self._write_several,
        }.get(function)
        if handler is None:
            return bytes((function | 0x80, ILLEGAL_FUNCTION))
        try:
            return handler(unit, pdu)
        except ModbusException as refusal:
            return bytes((function | 0x80, refusal.code))

    def _read(self, unit: int, pdu: bytes) -> bytes:
        if len(pdu) != 5:
            raise ModbusException(ILLEGAL_VALUE)
        address, count = struct.unpack(">HH", pdu[1:])
        if not 1 <= count <= 125:
            raise ModbusException(ILLEGAL_VALUE)
        table = self.registers(unit)
        try:
            words = [table[a] for a in range(address, address + count)]
        except KeyError:
            raise ModbusException(ILLEGAL_ADDRESS) from None
        return struct.pack(f">BB{count}H", 3, 2 * count, *words)

    def _read_bits(self, unit: int, pdu: bytes) -> bytes:
        table = self.bits(unit, pdu[0])
        if len(pdu) != 5:
            raise ModbusException(ILLEGAL_VALUE)
        address, count = struct.unpack(">HH", pdu[1:])
        if not 1 <= count <= 2000:
            raise ModbusException(ILLEGAL_VALUE)
        if address + count > len(table):
            raise ModbusException(ILLEGAL_ADDRESS)
        packed = bytearray(-(-count // 8))
        for i, bit in enumerate(table[address : address + count]):
            packed[i // 8] |= bit << i % 8
        return bytes((pdu[0], len(packed))) + packed

    def _write_single(self, unit: int, pdu: bytes) -> bytes:
        if len(pdu) != 5:
            raise ModbusException(ILLEGAL_VALUE)
        address, word = struct.unpack(">HH", pdu[1:])
        self.write(unit, address, (word,))
        return pdu

    def _write_several(self, unit: int, pdu: bytes) -> bytes:
        if len(pdu) < 6:
            raise ModbusException(ILLEGAL_VALUE)
        address, count, size = struct.unpack(">HHB", pdu[1:6])
        if not 1 <= count <= 123 or size != 2 * count or len(pdu) != 6 + size:
            raise ModbusException(ILLEGAL_VALUE)
        self.write(unit, address, struct.unpack(f">{count}H", pdu[6:]))
        return pdu[:5]

    def _spoil(self, frame: bytes) -> bytes:
        """Three ways in turn: a foreign transaction, a wrong byte count, bytes that are no frame."""
        self._spoiled += 1
        kind = self._spoiled % 3
        if kind == 0:
            return bytes((frame[0] ^ 0x5A, *frame[1:]))
        if kind == 1:
            return frame[:8] + bytes((frame[8] ^ 0x03,)) + frame[9:]
        return b"\xff\x00\xff" * 5
