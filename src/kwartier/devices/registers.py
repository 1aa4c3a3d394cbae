"""Modbus registers to values and back. Pure.

A register map says per quantity: where, which type, which word order, which scale and sign, and which raw
patterns mean "not available".
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kwartier.site.errors import LocalProtocolError, RemoteProtocolError

RegisterType = Literal["u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "string"]
WordOrder = Literal["big", "little"]
Value = float | int | str

_WORDS = {"u16": 1, "s16": 1, "u32": 2, "s32": 2, "u64": 4, "s64": 4, "f32": 2, "f64": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One quantity in the map. value = sign * (raw * scale + offset)."""

    address: int
    """Protocol address, 0-based as sent."""
    type: RegisterType
    word_order: WordOrder = "big"
    """Which 16-bit word comes first; bytes inside a word are always high byte first."""
    scale: float = 1.0
    offset: float = 0.0
    sign: Literal[1, -1] = 1
    invalid: tuple[int, ...] = ()
    """Raw patterns (unsigned) that mean "not available". NaN always does."""
    length: int = 0
    """Registers of a string."""
    chars_per_register: Literal[1, 2] = 2

    def __post_init__(self) -> None:
        if (self.type == "string") != (self.length > 0):
            raise ValueError(
                f"register {self.address}: a length in registers belongs to strings, and to all of them"
            )

    @property
    def count(self) -> int:
        """How many 16-bit registers it takes."""
        return self.length or _WORDS[self.type]


def decode(register: Register, words: Sequence[int]) -> Value | None:
    """The value that these words hold; None where they say "not available".

    Raises RemoteProtocolError for an infinite number or a string that is no ASCII.
    """
    assert len(words) == register.count, f"{len(words)} words for {register}"
    if register.type == "string":
        return _text(register, words)
    raw = _raw(register, words)
    if raw in register.invalid:
        return None
    number = _number(register.type, raw)
    if isinstance(number, float) and not math.isfinite(number):
        if math.isnan(number):
            return None
        raise RemoteProtocolError(f"register {register.address} holds {number}", to_bytes(words))
    if register.scale == 1 and register.offset == 0:
        return register.sign * number
    return register.sign * (_scaled(number, register.scale) + register.offset)


def encode(register: Register, value: float) -> list[int]:
    """The words to write. Raises LocalProtocolError where the value does not fit the register."""
    if register.type == "string":
        raise LocalProtocolError(f"register {register.address} is a string; Kwartier writes numbers only")
    if not math.isfinite(value):
        raise LocalProtocolError(f"register {register.address}: {value} is no number to write")
    number = (register.sign * value - register.offset) / register.scale
    size = 2 * register.count
    try:
        if register.type in {"f32", "f64"}:
            data = struct.pack(">f" if size == 4 else ">d", number)
        else:
            data = round(number).to_bytes(size, "big", signed=register.type.startswith("s"))
    except OverflowError:
        raise LocalProtocolError(
            f"register {register.address}: {value} does not fit {register.type}"
        ) from None
    words = list(struct.unpack(f">{register.count}H", data))
    return words if register.word_order == "big" else words[::-1]


def to_bytes(words: Sequence[int]) -> bytes:
    """The words as they were on the wire."""
    return struct.pack(f">{len(words)}H", *words)


def _raw(register: Register, words: Sequence[int]) -> int:
    ordered = words if register.word_order == "big" else words[::-1]
    return int.from_bytes(to_bytes(ordered), "big")


def _number(kind: RegisterType, raw: int) -> float | int:
    if kind == "f32":
        return float(struct.unpack(">f", raw.to_bytes(4, "big"))[0])
    if kind == "f64":
        return float(struct.unpack(">d", raw.to_bytes(8, "big"))[0])
    bits = 16 * _WORDS[kind]
    return raw - (1 << bits) if kind.startswith("s") and raw >> (bits - 1) else raw


def _scaled(number: float, scale: float) -> float:
    divisor = _divisor(scale)
    return number * scale if divisor is None else number / divisor


@cache
def _divisor(scale: float) -> int | None:
    """100 for 0.01: dividing by it gives the decimal that the meter shows, multiplying by 0.01 does not."""
    whole = round(1 / scale)
    return whole if whole and math.isclose(whole * scale, 1, rel_tol=1e-12) else None


def _text(register: Register, words: Sequence[int]) -> str | None:
    data = to_bytes(words)
    if all(word == 0xFFFF for word in words):
        return None
    if register.chars_per_register == 1:
        if any(data[0::2]):
            raise RemoteProtocolError(f"registers {register.address}.. hold no text", data)
        data = data[1::2]
    text = data.split(b"\0", 1)[0]
    if not all(32 <= byte < 127 for byte in text):
        raise RemoteProtocolError(f"registers {register.address}.. hold no text", data)
    return text.decode("ascii").strip()
