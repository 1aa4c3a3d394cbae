"""How telegrams are found in a stream, whatever stands between them."""

from typing import Any

import pytest

from kwartier.protocols.p1 import Garbled, P1Reader, Telegram, decode


def good(data: bytes) -> list[Telegram]:
    """The good telegrams of a capture."""
    return [event for event in decode(data) if isinstance(event, Telegram)]


def bad(data: bytes) -> list[Garbled]:
    """The garbled pieces of a capture."""
    return [event for event in decode(data) if isinstance(event, Garbled)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbf", b""),
        (b"\r\n\r\n", b"\r\n"),
        (b"\x00\xff\xfe noise without a line end ", b""),
        (b"", b"\xff" * 33 + b"\r\n"),
        (b"", b"  25803103\r\n" + b"\xff" * 33),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b""),
    ],
)
def test_noise_around_a_telegram_is_skipped(flemish: bytes, before: bytes, after: bytes) -> None:
    """Only the telegram comes out, with its own place in the input."""
    [event] = decode(before + flemish + after)
    assert isinstance(event, Telegram)
    assert (event.offset, event.length, event.crc) == (len(before), len(flemish), "ok")


def test_noise_is_counted(flemish: bytes) -> None:
    """The bytes that belong to no telegram are counted for the line's health."""
    reader = P1Reader()
    reader.receive(b"\xff" * 10 + b"\r\n" + flemish + b"\r\n")
    reader.close()
    assert reader.noise_bytes == 14


def test_checksum_digits_as_met_in_the_field(flemish: bytes) -> None:
    """Lower case, NUL before the line end, a lone LF, text behind it and no line end at all are read."""
    body, check = flemish[:-6], flemish[-6:-2]
    for tail in (check.lower() + b"\r\n", check + b"\0\r\n", check + b"\n", check + b" trailing\r\n", check):
        [event] = decode(body + tail)
        assert isinstance(event, Telegram)
        assert event.crc == "ok"


def test_unpadded_checksum_is_read(make: Any) -> None:
    """A sum below 0x1000 may come in three digits (WarmteLink)."""
    for serial in range(1000):
        data = make.telegram("1-0:1.7.0(00.401*kW)", header=f"/TST5{serial:x}")
        if data[-6:-5] == b"0":
            break
    [event] = decode(data[:-6] + data[-5:])
    assert isinstance(event, Telegram)
    assert event.crc == "ok"


def test_telegram_without_checksum_is_read_and_says_so(make: Any) -> None:
    """DSMR 2.2 has none; its gas value stands on the next line."""
    [event] = decode(
        make.telegram(
            "1-0:1.8.1(00185.000*kWh)",
            "0-1:24.1.0(3)",
            "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)",
            "(00124.477)",
            checksum="",
        )
    )
    assert isinstance(event, Telegram)
    assert event.crc == "absent"
    assert [(d.kind, d.value, d.unit, d.at) for d in event.mbus] == [
        ("gas", 124.477, "m3", "2012-05-17T02:00:00")
    ]
    assert event.faults == ()


def test_old_telegram_is_whole_at_its_bang(make: Any) -> None:
    """DSMR 2 and 3 send nothing behind the `!`, so a file may end there; a telegram with a version or a clock
    lacks its checksum then."""
    old = ("1-0:1.8.1(00001.234*kWh)", "1-0:1.7.0(0000.98*kW)")
    for line_end in (b"\r\n", b"\n"):
        [event] = decode(make.telegram(*old, checksum="").strip().replace(b"\r\n", line_end))
        assert isinstance(event, Telegram)
        assert (event.crc, event.power_import_w) == ("absent", 980.0)
        for line in ("1-3:0.2.8(42)", "0-0:1.0.0(221127175707W)"):
            data = make.telegram(line, *old, checksum="").strip().replace(b"\r\n", line_end)
            [event] = decode(data)
            assert isinstance(event, Garbled)
            assert (event.error, event.values["power_import_w"]) == ("truncated", 980.0)


def test_lost_checksum_of_a_meter_that_sends_one_is_no_absent_checksum(flemish: bytes) -> None:
    """Once a meter has shown a right checksum, a telegram without one is refused."""
    events = decode(flemish + flemish[:-6] + b"\r\n")
    assert isinstance(events[1], Garbled)
    assert events[1].error == "crc_mismatch"


@pytest.mark.parametrize("cut", [5, 25, 100, 233, 400])
@pytest.mark.parametrize("line_end", [b"", b"\r\n"])
def test_cut_telegram_costs_only_itself(flemish: bytes, cut: int, line_end: bytes) -> None:
    """A telegram cut anywhere, with or without a line end, does not take the next one with it."""
    piece = flemish[:cut] + line_end
    events = decode(piece + flemish)
    assert isinstance(events[-1], Telegram)
    assert (events[-1].offset, events[-1].length) == (len(piece), len(flemish))
    assert [event.error for event in events[:-1] if isinstance(event, Garbled)] in (
        ["truncated"],
        ["crc_mismatch"],
    )


def test_telegram_glued_behind_a_checksum_is_found(flemish: bytes) -> None:
    """A lost line end after the checksum costs nothing."""
    assert len(good(flemish[:-2] + flemish)) == 2


def test_missing_beginning_is_reported(flemish: bytes) -> None:
    """Objects without a header are one garbled piece with their values for diagnosis."""
    fragment = flemish[flemish.index(b"1-0:1.8.1") :]
    [event] = bad(fragment)
    assert event.error == "no_header"
    assert event.values["power_import_w"] == 401.0
    assert (event.offset, event.length) == (0, len(fragment))


def test_missing_end_is_reported(flemish: bytes) -> None:
    """A telegram that just stops is truncated."""
    [event] = bad(flemish[:-20])
    assert (event.error, event.length) == ("truncated", len(flemish) - 20)


def test_endless_telegram_is_given_up_at_the_limit(flemish: bytes) -> None:
    """After `max_bytes` without an end the piece is reported and the next telegram is still found."""
    reader = P1Reader(max_bytes=2000)
    events = reader.receive(b"/TST5\r\n" + b"1-0:1.7.0(00.401*kW)\r\n" * 300 + flemish) + reader.close()
    assert isinstance(events[0], Garbled)
    assert (events[0].error, events[0].length) == ("too_long", 2000)
    assert isinstance(events[-1], Telegram)


def test_slash_and_bang_in_a_text_are_no_frame_marks(make: Any) -> None:
    """A message that is not hex may hold `/` and `!`."""
    [event] = decode(make.telegram("0-0:96.13.0(test-/-test! 10/20!ABCD)", "1-0:1.7.0(00.401*kW)"))
    assert isinstance(event, Telegram)
    assert event.text == "test-/-test! 10/20!ABCD"


def test_end_on_the_last_objects_line_is_found(make: Any) -> None:
    """A gateway that loses the line end before `!` loses no telegram when the sum proves it."""
    body = b"/TST5\r\n\r\n1-0:1.7.0(00.401*kW)!"
    [event] = decode(body + b"%04X\r\n" % make.arc(body))
    assert isinstance(event, Telegram)
    assert event.power_import_w == 401.0


def test_x25_checksum_of_a_holley_meter_is_accepted(make: Any) -> None:
    """Holley meters print CRC-16/X25; a meter known for CRC-16/ARC may not."""
    for header, accepted in (("/HLY5/D545-METER", True), ("/FLU5\\253769484_A", False)):
        data = make.telegram("1-0:1.7.0(00.401*kW)", "1-0:15.8.0(00007137.694*kWh )", header=header)
        body = data[:-6]
        [event] = decode(body + b"%04X\r\n" % make.x25(body))
        assert isinstance(event, Telegram) is accepted


def test_reader_can_go_on_after_close(flemish: bytes) -> None:
    """After a lost connection the same reader reads on, with offsets of the whole input."""
    reader = P1Reader()
    first = reader.receive(flemish[:100]) + reader.close()
    second = reader.receive(flemish)
    assert [type(event) for event in first + second] == [Garbled, Telegram]
    assert second[0].offset == 100
