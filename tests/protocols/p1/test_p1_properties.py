"""What must hold for any input: pieces, garbage, damage, and every value a meter can send."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwartier.protocols.p1 import Garbled, P1Reader, Telegram, decode, record
from kwartier.protocols.p1.lines import LineMemory
from kwartier.protocols.p1.objects import parse_line

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

ALPHABET = [
    b"/FLU5\\253769484_A\r\n\r\n",
    b"/HLY5/D545-METER\r\n",
    b"/",
    b"!",
    b"!ABCD\r\n",
    b"!\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"\xdb\x08",
    b"\xdb\x08SAGg\0\0\0\1\x82\x00\x20\x30",
    b"1-0:1.7.0(00.401*kW)",
    b"0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n",
    b"(00124.477)\r\n",
    b"0-0:98.1.0(2)(1-0:1.6.0)",
    b"(",
    b")",
    b"\xef\xbf\xbd",
    b"\0",
    b"0-0:1.0.0(221127175707W)\r\n",
]
noise = st.lists(st.one_of(st.sampled_from(ALPHABET), st.binary(max_size=12)), max_size=40).map(b"".join)


def in_pieces(data: bytes, cuts: list[int], **given_keys: Any) -> list[Telegram | Garbled]:
    """Decode with the input cut at these places."""
    reader = P1Reader(**given_keys)
    events: list[Telegram | Garbled] = []
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    for start, end in pairwise(places):
        events += reader.receive(data[start:end])
    return events + reader.close()


@settings(quick, max_examples=150)
@given(
    parts=st.lists(st.one_of(noise, st.just(None)), max_size=6),
    cuts=st.lists(st.integers(0, 5000), max_size=30),
)
def test_any_cutting_gives_the_same(flemish: bytes, parts: list[bytes | None], cuts: list[int]) -> None:
    """The result depends on the bytes alone, never on the pieces they came in."""
    data = b"".join(flemish if part is None else part for part in parts)
    whole = decode(data, max_bytes=900)
    assert in_pieces(data, cuts, max_bytes=900) == whole
    if len(data) < 3000:
        assert in_pieces(data, list(range(len(data))), max_bytes=900) == whole


@settings(quick, max_examples=150)
@given(before=noise)
def test_no_garbage_hides_the_next_but_one_telegram(flemish: bytes, before: bytes) -> None:
    """Whatever comes first, of three telegrams after it at least two are read."""
    events = decode(before + b"\r\n" + flemish * 3)
    assert sum(isinstance(event, Telegram) and event.power_import_w == 401.0 for event in events) >= 2


@quick
@given(pieces=st.lists(st.one_of(st.binary(max_size=400), noise), max_size=20))
def test_memory_stays_bounded(pieces: list[bytes]) -> None:
    """A reader never holds more than a few times its limit, whatever comes, and never raises."""
    reader = P1Reader(max_bytes=512)
    for piece in pieces * 3:
        reader.receive(piece)
        assert len(reader._data) <= 2 * 512 + len(piece)
    reader.close()


@pytest.mark.parametrize(
    "unit",
    [
        b"!",
        b"/",
        b"\n/",
        b"\n!",
        b"(",
        b"\xdb\x08",
        b"/AAA5",
        b"\r\n/AAA5\r\n",
        b"1-0:1.8.1(",
        b"\n!AAAA/AAA5(",
        b"\xff",
    ],
)
def test_hostile_input_takes_linear_work(unit: bytes) -> None:
    """Repetitions that could make a scanner go back and forth are read at a bounded cost and kept small."""
    reader = P1Reader()
    piece = unit * (20_000 // len(unit))
    for _ in range(5):
        reader.receive(piece)
        assert len(reader._data) <= 2 * 16_384
    reader.close()


@settings(quick, max_examples=400)
@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_one_changed_byte_never_gives_a_wrong_telegram(flemish: bytes, place: int, change: int) -> None:
    """After any change of one byte, what is called good says what the meter said."""
    _never_wrong(flemish, place % len(flemish), change)


def test_no_changed_bits_give_a_wrong_telegram(flemish: bytes) -> None:
    """The same for two bits of every byte of a telegram, one of them bit 7."""
    for place in range(len(flemish)):
        _never_wrong(flemish, place, 1 << place % 7)
        _never_wrong(flemish, place, 0x80)


def _never_wrong(data: bytes, place: int, change: int) -> None:
    damaged = bytearray(data)
    damaged[place] ^= change
    for event in decode(bytes(damaged)):
        if isinstance(event, Telegram):
            said = record(event, "") | {"faults": [], "crc": "", "length": 0, "offset": 0}
            whole = record(decode(data)[0], "") | {"faults": [], "crc": "", "length": 0, "offset": 0}
            assert said == whole
            assert event.crc != "absent"


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    """Numbers as a meter's register holds them."""
    return st.integers(0, 10 ** (digits + places) - 1).map(lambda value: Decimal(value).scaleb(-places))


@quick
@given(
    energy=decimals(6, 3),
    power=decimals(2, 3),
    voltage=decimals(3, 1),
    current=decimals(3, 2),
    gas=decimals(5, 3),
    time_s=st.integers(946_684_800 + 86_400 * 400, 4_102_444_800 - 86_400),
    summer=st.booleans(),
)
def test_values_come_back_exactly(
    make: Any,
    energy: Decimal,
    power: Decimal,
    voltage: Decimal,
    current: Decimal,
    gas: Decimal,
    time_s: int,
    summer: bool,
) -> None:
    """Every value written in the telegram's format is read back as the nearest number, units included."""
    local = datetime.fromtimestamp(time_s, UTC) + timedelta(hours=2 if summer else 1)
    raw = f"{local:%y%m%d%H%M%S}" + ("S" if summer else "W")
    [event] = decode(
        make.telegram(
            f"0-0:1.0.0({raw})",
            f"1-0:1.8.1({energy:010.3f}*kWh)",
            f"1-0:2.8.1({energy * 1000:09.0f}*Wh)",
            f"1-0:1.7.0({power:06.3f}*kW)",
            f"1-0:32.7.0({voltage:05.1f}*V)",
            f"1-0:31.7.0({current:06.2f}*A)",
            "0-1:24.1.0(003)",
            f"0-1:24.2.3({raw})({gas:09.3f}*m3)",
        )
    )
    assert isinstance(event, Telegram)
    assert event.crc == "ok"
    assert (event.time_s, event.timestamp) == (
        time_s,
        local.strftime("%Y-%m-%dT%H:%M:%S") + ("+02:00" if summer else "+01:00"),
    )
    assert event.energy_import_t1_kwh == event.energy_export_t1_kwh == float(energy)
    assert event.power_import_w == float(power * 1000)
    assert (event.voltage_l1_v, event.current_l1_a) == (float(voltage), float(current))
    assert [device.value for device in event.mbus] == [float(gas)]


@quick
@given(junk=st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="/!"), max_size=40))
def test_a_bad_line_never_costs_another(make: Any, junk: str) -> None:
    """Any line of text between two objects leaves both as they are."""
    lines = ("1-0:1.7.0(00.401*kW)", f"9-9:{junk}", "1-0:32.7.0(226.1*V)")
    [event] = decode(make.telegram(*lines))
    assert isinstance(event, Telegram)
    assert (event.power_import_w, event.voltage_l1_v) == (401.0, 226.1)


@quick
@given(orders=st.lists(st.permutations(range(5)), min_size=2, max_size=6))
def test_order_and_history_do_not_matter(make: Any, orders: list[list[int]]) -> None:
    """A reader that has seen other orders and telegrams reads each one as a new reader would."""
    lines = [
        "1-0:1.8.1(003594.884*kWh)",
        "1-0:32.7.0(226.1*V)",
        "0-0:96.13.0(48)",
        "0-0:96.3.10(1)",
        "0-1:24.1.0(003)",
    ]
    telegrams = [make.telegram(*(lines[index] for index in order[: 2 + len(orders) % 4])) for order in orders]
    reader = P1Reader()
    for telegram in telegrams:
        [seen] = reader.receive(telegram)
        [alone] = decode(telegram)
        assert record(seen, "") | {"offset": 0} == record(alone, "")


numbers = st.from_regex(rb"\A[0-9.+ -]{0,8}\*?[kKmVWAwhH]{0,3}\Z")
codes = st.sampled_from(
    [b"1-0:1.7.0", b"1-0:1.8.1", b"1-0:32.7.0", b"1-0:31.7.0", b"0-0:1.0.0", b"9-9:9.9.9"]
)
clocks = st.from_regex(rb"\A[0-9]{12}[SWsw]?\Z")


@settings(quick, max_examples=400)
@given(code=codes, value=st.one_of(numbers, clocks), end=st.sampled_from([b")", b"", b"))", b") "]))
def test_the_short_way_says_what_the_long_way_says(make: Any, code: bytes, value: bytes, end: bytes) -> None:
    """A line read by a remembered plan has the value, the fault and the sum of one read in full."""
    line = code + b"(" + value + end
    memory = LineMemory()
    for _ in range(2):
        own, _, _, key, said, fault = memory[line]
        assert own == make.arc(line + b"\r\n")
        assert (key, said, fault) == tuple(parse_line(line))
