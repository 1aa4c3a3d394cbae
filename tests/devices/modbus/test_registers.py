"""Registers to values and back."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.devices.registers import Register, RegisterType, WordOrder, decode, encode
from kwartier.site.errors import LocalProtocolError, RemoteProtocolError

WIDTH: dict[RegisterType, int] = {"u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64}
orders: st.SearchStrategy[WordOrder] = st.sampled_from(["big", "little"])


@given(st.sampled_from(sorted(WIDTH)), orders, st.data())
def test_whole_numbers_come_back(kind: RegisterType, order: WordOrder, data: st.DataObject) -> None:
    """Every whole number of every integer type survives writing and reading, in both word orders."""
    bits = WIDTH[kind]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if kind.startswith("s") else (0, (1 << bits) - 1)
    # floats carry 53 bits; wider whole numbers are read but never written
    value = data.draw(st.integers(max(low, -(1 << 53)), min(high, 1 << 53)))
    register = Register(address=1, type=kind, word_order=order)
    words = encode(register, value)
    assert len(words) == register.count
    assert decode(register, words) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), orders)
def test_floats_come_back(value: float, order: WordOrder) -> None:
    """Every float32 survives writing and reading as f32 and as f64."""
    for register in (
        Register(address=1, type="f32", word_order=order),
        Register(address=1, type="f64", word_order=order),
    ):
        assert decode(register, encode(register, value)) == value


@given(st.integers(0, 0xFFFFFFFF), st.sampled_from([0.1, 0.01, 0.001]))
def test_decimal_scale_is_exact(raw: int, scale: float) -> None:
    """A scale of a tenth, hundredth or thousandth gives the decimal that the meter shows, not a neighbour."""
    register = Register(address=1, type="u32", scale=scale)
    digits = {0.1: 1, 0.01: 2, 0.001: 3}[scale]
    assert decode(register, [raw >> 16, raw & 0xFFFF]) == float(f"{raw}e-{digits}")


KINDS: list[RegisterType] = ["u16", "s32", "u64", "s64", "f32", "f64", "string"]


@given(st.lists(st.integers(0, 0xFFFF), min_size=4, max_size=4), st.sampled_from(KINDS))
def test_any_words_decode_or_are_refused(words: list[int], kind: RegisterType) -> None:
    """No pattern of words makes the codec fail otherwise than with an error that keeps the bytes."""
    register = Register(address=1, type=kind, length=4 if kind == "string" else 0)
    held = words[: register.count]
    value: float | int | str | None = None
    refused = b""
    try:
        value = decode(register, held)
    except RemoteProtocolError as error:
        refused = error.raw
    assert refused in {b"", struct.pack(f">{len(held)}H", *held)}
    assert value is None or isinstance(value, str) or math.isfinite(value)


@pytest.mark.parametrize(
    ("register", "words", "value"),
    [
        (Register(address=1, type="s32"), [0xFFFF, 0xFFA0], -96),
        (Register(address=1, type="s32", word_order="little"), [0xFFA0, 0xFFFF], -96),
        (Register(address=1, type="f32"), [0x4180, 0x0000], 16.0),
        (Register(address=1, type="f32"), [0xFFFF, 0xFFFF], None),
        (Register(address=1, type="u32", invalid=(0xFFFFFFFF,)), [0xFFFF, 0xFFFF], None),
        (Register(address=1, type="s16", invalid=(0x8000,)), [0x8000], None),
        (Register(address=1, type="u16", scale=0.5, offset=-40, sign=-1), [100], -10),
        (
            Register(address=1, type="string", length=4, chars_per_register=1),
            [0x53, 0x4F, 0x43, 0x4F],
            "SOCO",
        ),
        (Register(address=1, type="string", length=5), [0x4332, 0, 0, 0, 0], "C2"),
        (Register(address=1, type="string", length=2), [0xFFFF, 0xFFFF], None),
    ],
)
def test_known_patterns(register: Register, words: list[int], value: float | str | None) -> None:
    """Patterns out of the manufacturers' tables read as they say."""
    assert decode(register, words) == value


def test_infinity_and_noise_are_nonsense() -> None:
    """An infinite current or text that is none is refused, with its bytes."""
    with pytest.raises(RemoteProtocolError) as caught:
        decode(Register(address=320, type="f32"), [0x7F80, 0])
    assert caught.value.raw == b"\x7f\x80\0\0"
    with pytest.raises(RemoteProtocolError, match="no text"):
        decode(Register(address=1201, type="string", length=1), [0x80FF])
    with pytest.raises(RemoteProtocolError, match="no text"):
        decode(Register(address=1, type="string", length=1, chars_per_register=1), [0x5353])


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, 65536])
def test_what_does_not_fit_is_not_written(value: float) -> None:
    """A value outside the register's type is our own mistake and never reaches the wire."""
    with pytest.raises(LocalProtocolError):
        encode(Register(address=1215, type="u16"), value)


def test_float_too_large_is_not_written() -> None:
    """A number beyond float32 is refused instead of becoming infinite."""
    with pytest.raises(LocalProtocolError, match="does not fit f32"):
        encode(Register(address=1210, type="f32"), 1e39)


def test_text_is_never_written() -> None:
    """Strings are read only."""
    with pytest.raises(LocalProtocolError, match="numbers only"):
        encode(Register(address=1, type="string", length=1), 1)


def test_length_belongs_to_strings() -> None:
    """A number with a length, or a string without, is a wrong map."""
    with pytest.raises(ValueError, match="length"):
        Register(address=1, type="u16", length=2)
    with pytest.raises(ValueError, match="length"):
        Register(address=1, type="string")
