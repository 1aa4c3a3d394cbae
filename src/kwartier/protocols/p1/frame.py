"""Judging one frame: is it a telegram, can it be proved to be one, or is it garbled, and why."""

import re

from kwartier.protocols.p1.assemble import Assembler
from kwartier.protocols.p1.crc import TABLE, crc16_arc, crc16_x25
from kwartier.protocols.p1.lines import Entry
from kwartier.protocols.p1.record import values_of
from kwartier.protocols.p1.repair import repaired, repaired_check
from kwartier.protocols.p1.telegram import Crc, Fault, Garbled, GarbledError, Telegram
from kwartier.protocols.p1.values import show

Event = Telegram | Garbled

_CHECK = re.compile(rb"[0-9A-Fa-f]{1,4}")
_OBJECT = re.compile(rb"\d-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}[^\n(]{0,8}\(")
_INNER_HEADER = re.compile(rb"/(?=[A-Za-z]{2}[A-Za-z_])")
_LOST_END = re.compile(rb"\r\n[^\r\n]([0-9A-Fa-f]{4})[\r\n \0]*")
_MARK = re.compile(rb"/(?:[A-Za-z]{3}[0-9-]|LG_)")

_ARC_MAKERS = frozenset(
    b"ACE ADN AUX Ene ENE ESO EST ESY FLU GRE ISK ISk KAM KFM KMP LGF LG_ Lux LUX MCS MT3 NWA SAG SIB XMX".split()
)
"""Makers and operators whose meters are known to print CRC-16/ARC."""
_KNOWN = 256
_SUMMED = frozenset(("version", "version~1", "clock", "clock~1"))
"""Keys of what only telegrams with a checksum tell."""


def header_at_end(data: bytes | bytearray, start: int, end: int) -> int:
    """Where in the line `data[start:end]` a header begins that runs to the line's end; -1 if none does.
    What comes before it on the line is what was left of something else."""
    clear = max(data.rfind(mark, start, end) for mark in (b"(", b")", b"!")) + 1
    match = _MARK.search(data, max(clear, start), end)
    return match.start() if match else -1


def _last_inner_header(data: bytes, end: int) -> int:
    """The last header behind something else on a line of a frame, but not on the frame's first line."""
    found = -1
    line = data.find(b"\n", 0, end) + 1
    while 0 < line < end:
        line_end = data.find(b"\n", line, end)
        found = max(found, header_at_end(data, line, line_end if line_end >= 0 else end))
        line = line_end + 1
    return found


class Judge:
    """Judges frames in order. It remembers which meters print a right CRC-16/ARC, so that a damaged
    telegram of theirs is not taken for one without a checksum or with another kind."""

    def __init__(self) -> None:
        self._assembler = Assembler()
        self._summed: set[bytes] = set()

    def frame(self, data: bytes, bang: int, offset: int, length: int, *, at_end: bool = False) -> list[Event]:
        """`data` runs from `/` to the end of the line whose `!` is at `bang`. `offset` and `length` say
        where that was in the input; `at_end`: the input ended before that line did."""
        check = data[bang + 1 :].strip(b" \t\r\n\0")
        match = _CHECK.match(check)
        lines = data[:bang].split(b"\r\n")
        clean = data.count(b"\n", 0, bang) == len(lines) - 1 and lines[-1] == b""
        if clean and match is not None:
            del lines[-1]
            entries, state = self._assembler.lines.measure(lines)
            if TABLE[(state ^ 0x21) & 255] ^ (state >> 8) == int(match[0], 16):  # 0x21: the "!"
                if lines[0] not in self._summed:
                    self._remember(lines[0])
                return [self._assembler.build(lines, entries, offset, length, "ok")]
        if at_end and len(check) < 4 and (check or self._sends_sum(data[:bang])):
            return [self.garbled(data, offset, length, "truncated", "cut in the checksum")]
        if not check:
            return self._without_sum(data, bang, offset, length)
        return self._wrong_sum(data, bang, check, offset, length)

    def _sends_sum(self, text: bytes) -> bool:
        """Whether a checksum belongs to this telegram. Only DSMR 2 and 3 and D0 have none, and they know
        neither version nor clock; with its `!` such a telegram is whole."""
        lines, entries = self._read(text)
        return lines[0] in self._summed or any(entry[3] in _SUMMED for entry in entries)

    def _remember(self, header: bytes) -> None:
        if len(self._summed) >= _KNOWN:
            self._summed.clear()
        self._summed.add(header)

    def _without_sum(self, data: bytes, bang: int, offset: int, length: int) -> list[Event]:
        start = _last_inner_header(data, bang)
        if start > 0:
            return self._split(data, bang, start, offset, length)
        lines, entries = self._read(data[:bang])
        if not any(entry[3] for entry in entries):
            return [self.garbled(data, offset, length, "undecodable", "no object stands between / and !")]
        if lines[0] in self._summed:
            detail = "the checksum is missing, though this meter sends one"
            return [self.garbled(data, offset, length, "crc_mismatch", detail)]
        return [self._assembler.build(lines, entries, offset, length, "absent")]

    def _wrong_sum(self, data: bytes, bang: int, check: bytes, offset: int, length: int) -> list[Event]:
        body = data[: bang + 1]
        state = crc16_arc(body)
        match = _CHECK.match(check)
        if repaired_check(check[:4]) == state:
            fault = Fault(show(check), "bit 7 cleared in the checksum, which then matches")
            return [self._proved(body, "repaired", offset, length, (fault,))]
        if match is None:
            detail = f"the checksum cannot be read: {show(check, 40)!r}"
            return [self.garbled(data, offset, length, "crc_mismatch", detail)]
        given = int(match[0], 16)
        if state == given or self._x25(body, given):
            return [self._proved(body, "ok", offset, length)]
        for start in [m.start() for m in _INNER_HEADER.finditer(body, 1)][-8:]:
            if crc16_arc(body[start:]) == given or self._x25(body[start:], given):
                return self._split(data, bang, start, offset, length)
        mended = repaired(body, given)
        if mended is not None:
            return [self._proved(mended[0], "repaired", offset, length, (mended[1],))]
        detail = f"the telegram says {show(match[0])} and its bytes give {state:04X}"
        return [self.garbled(data, offset, length, "crc_mismatch", detail)]

    def _x25(self, body: bytes, given: int) -> bool:
        """Whether the sum is a CRC-16/X25 and may be one. A second kind of checksum would let one damaged telegram in 65536 through, so it is for Holley
        meters, and for makers unknown to us when every line is in order."""
        if crc16_x25(body) != given:
            return False
        header = body[: body.find(b"\n")].rstrip(b"\r")
        if header.startswith(b"/HLY"):
            return True
        if header[1:4] in _ARC_MAKERS or header in self._summed:
            return False
        return all(entry[5] is None for entry in self._read(body[:-1])[1])

    def _split(self, data: bytes, bang: int, start: int, offset: int, length: int) -> list[Event]:
        """Two telegrams run together: the first was cut, the second begins at `start`."""
        first = self.garbled(data[:start], offset, start, "truncated", "cut by the next telegram's header")
        rest = self.frame(data[start:], bang - start, offset + start, length - start)
        return [first, *rest]

    def _proved(
        self, body: bytes, crc: Crc, offset: int, length: int, faults: tuple[Fault, ...] = ()
    ) -> Telegram:
        lines, entries = self._read(body[:-1])
        return self._assembler.build(lines, entries, offset, length, crc, faults)

    def _read(self, text: bytes) -> tuple[list[bytes], list[Entry]]:
        lines = [line.rstrip(b"\r\0") for line in text.split(b"\n")]
        return lines, [self._assembler.lines[line] for line in lines]

    def truncated(self, data: bytes, offset: int, detail: str) -> Event:
        """A frame without an end; one whose `!` alone was damaged is proved by its checksum."""
        match = _LOST_END.search(data, max(len(data) - 12, 0))
        if match is not None and match.end() == len(data):
            body = data[: match.start() + 2] + b"!"
            if crc16_arc(body) == int(match[1], 16):
                fault = Fault(show(data[match.start() + 2 :].strip()), "the first byte must be '!'")
                return self._proved(body, "repaired", offset, len(data), (fault,))
        return self.garbled(data, offset, len(data), "truncated", detail)

    def fragment(self, data: bytes, offset: int) -> Event | None:
        """Bytes outside any frame: a telegram that lost its header, or None when they hold no object."""
        if _OBJECT.search(data) is None:
            return None
        bang = data.rfind(b"\n!") + 1
        match = _CHECK.match(data, bang + 1)
        if bang and match is not None and data[1:4].isalpha():
            body = b"/" + data[1 : bang + 1]
            if crc16_arc(body) == int(match[0], 16):
                fault = Fault(show(data[: data.find(b"\n")].strip()), "the first byte must be '/'")
                return self._proved(body, "repaired", offset, len(data), (fault,))
        detail = "objects without a header: the beginning of the telegram is missing"
        return self.garbled(data, offset, len(data), "no_header", detail)

    def garbled(self, data: bytes, offset: int, length: int, error: GarbledError, detail: str) -> Garbled:
        """A garbled piece, with what could be read of it for diagnosis."""
        text = data if data.startswith(b"/") else b"/\n" + data
        lines, entries = self._read(text.partition(b"\n!")[0])
        telegram = self._assembler.build(lines, entries, offset, length, "absent")
        return Garbled(offset=offset, length=length, error=error, detail=detail, values=values_of(telegram))
