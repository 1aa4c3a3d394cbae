"""Values as 16-bit register words, high word first."""

import struct


def u16(value: float) -> tuple[int, ...]:
    """One unsigned word."""
    return (int(value) & 0xFFFF,)


def u32(value: float) -> tuple[int, ...]:
    """Two words, two's complement when negative."""
    v = int(value) & 0xFFFFFFFF
    return (v >> 16, v & 0xFFFF)


def u64(value: float) -> tuple[int, ...]:
    """Four words."""
    v = int(value)
    return ((v >> 48) & 0xFFFF, (v >> 32) & 0xFFFF, (v >> 16) & 0xFFFF, v & 0xFFFF)


def f32(value: float) -> tuple[int, ...]:
    """IEEE 754 single."""
    return struct.unpack(">2H", struct.pack(">f", value))


def f64(value: float) -> tuple[int, ...]:
    """IEEE 754 double."""
    return struct.unpack(">4H", struct.pack(">d", value))


def text(value: str, registers: int) -> tuple[int, ...]:
    """Two characters to a register, filled up with NUL."""
    return struct.unpack(f">{registers}H", value.encode("ascii").ljust(2 * registers, b"\0"))


def spaced(value: str) -> tuple[int, ...]:
    """One character to a register, as Socomec writes its name."""
    return tuple(value.encode("ascii"))


def unavailable(registers: int) -> tuple[int, ...]:
    """All ones: not a number."""
    return (0xFFFF,) * registers


def put(table: dict[int, int], address: int, words: tuple[int, ...]) -> None:
    """Lay words into a table."""
    for i, word in enumerate(words):
        table[address + i] = word
