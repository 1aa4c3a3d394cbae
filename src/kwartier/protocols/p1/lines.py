"""What lines say and what they add to the checksum, remembered."""

import re
from collections.abc import Sequence
from typing import Any

from kwartier.protocols.p1.crc import TABLE, Shift, crc16_arc, shift_tables
from kwartier.protocols.p1.objects import Key, parse_line, plain_object
from kwartier.protocols.p1.telegram import Fault
from kwartier.protocols.p1.values import Stamp, stamp

Entry = tuple[int, list[int], list[int], Key | None, Any, Fault | None]
"""One line: its own sum (line end included), the shift over its length, and what it says."""

_Plan = tuple[int, list[int], list[int], int, str, bytes]
"""Sum before the digits, shift over and sum of what is behind them, field, power of ten."""

_LINES = 8192
_PLANS = 256
_LONGEST = 2048
_LENGTHS = 256
_MINUTES = 64
_DIGITS = 12
_POINT = 0x2E


class LineMemory(dict[bytes, Entry]):
    """What lines say, by the line without its CR LF; a line not met yet is read when it is asked for.

    Holds at most 8192 lines of at most 2 kB; a full memory starts anew. Lines of one plain number, which
    change every second, go a short way: one plan for each code and unit knows the field, the power of ten
    and the sums of what stands before and behind the digits.
    """

    def __init__(self) -> None:
        super().__init__()
        self._shifts: dict[int, Shift] = {}
        self._plans: dict[tuple[bytes, bytes], _Plan | None] = {}
        self._clock = _ClockLines()

    def measure(self, lines: Sequence[bytes]) -> tuple[list[Entry], int]:
        """The entries of lines that each ended in CR LF, and the checksum over all of them."""
        entries = list(map(self.__getitem__, lines))
        state = 0
        for own, low, high, _, _, _ in entries:
            state = low[state & 255] ^ high[state >> 8] ^ own
        return entries, state

    def __missing__(self, line: bytes) -> Entry:
        code, _, rest = line.partition(b"(")
        digits, _, unit = rest.partition(b"*")
        try:
            plan = self._plans[code, unit]
        except KeyError:
            plan = self._plan(code, unit)
        length = len(line) + 2
        shift = self._shifts.get(length) or self._shift(length)
        entry: Entry
        if code == b"0-0:1.0.0" and (clock := self._clock.read(line)) is not None:
            return (clock[0], *shift, "clock", clock[1], None)  # never comes back: not worth remembering
        # digits with at most one point, and that between them: what meters write for a register
        if (
            plan is not None
            and digits.replace(b".", b"", 1).isdigit()
            and len(digits) <= _DIGITS
            and digits[0] != _POINT != digits[-1]
        ):
            before, low, high, behind, key, scale = plan
            state = before
            for byte in digits:
                state = TABLE[(state ^ byte) & 255] ^ (state >> 8)
            own = low[state & 255] ^ high[state >> 8] ^ behind
            entry = (own, *shift, key, float(digits + scale), None)
        else:
            entry = (crc16_arc(line + b"\r\n"), *shift, *self._parsed(line))
        if length <= _LONGEST:
            if len(self) >= _LINES:
                self.clear()
            self[line] = entry
        return entry

    def _parsed(self, line: bytes) -> tuple[Key | None, object, Fault | None]:
        return (None, None, None) if line.startswith(b"/") else parse_line(line)

    def _plan(self, code: bytes, unit: bytes) -> _Plan | None:
        """The plan for lines `code(digits*unit`, `unit` with its parenthesis; None when there is none."""
        plain = plain_object(code, unit)
        plan: _Plan | None = None
        if plain is not None:
            end = b"*" + unit + b"\r\n"
            plan = (crc16_arc(code + b"("), *self._shift(len(end)), crc16_arc(end), *plain)
        if len(self._plans) >= _PLANS:
            self._plans.clear()
        if len(code) + len(unit) < _PLANS:
            self._plans[code, unit] = plan
        return plan

    def _shift(self, length: int) -> Shift:
        if length not in self._shifts and len(self._shifts) >= _LENGTHS:
            self._shifts.clear()
        shift = self._shifts[length] = self._shifts.get(length) or shift_tables(length)
        return shift


class _ClockLines:
    """Reads `0-0:1.0.0(YYMMDDhhmmssW)`, new every second: all but the seconds is remembered, and so is each
    of the 120 ends."""

    def __init__(self) -> None:
        self._minutes: dict[bytes, tuple[int, str, int]] = {}
        self._ends: dict[bytes, tuple[int, str, int]] = {}
        self._low, self._high = shift_tables(len(b"07W)\r\n"))

    def read(self, line: bytes) -> tuple[int, Stamp] | None:
        """The line's sum (line end included) and its time; None for one written in another way."""
        minute, end = line[:-4], line[-4:]
        before = self._minutes.get(minute) or self._minute(minute)
        behind = self._ends.get(end) or self._end(end)
        if before is None or behind is None:
            return None
        state = before[0]
        own = self._low[state & 255] ^ self._high[state >> 8] ^ behind[0]
        return own, (before[1] + behind[1], before[2] + behind[2])

    def _minute(self, minute: bytes) -> tuple[int, str, int] | None:
        if _MINUTE.fullmatch(minute) is None:
            return None
        text, utc_s = stamp(minute[-10:] + b"00W")
        if text is None or utc_s is None:
            return None
        if len(self._minutes) >= _MINUTES:
            self._minutes.clear()
        known = self._minutes[minute] = (crc16_arc(minute), text[:17], utc_s + 3600)
        return known

    def _end(self, end: bytes) -> tuple[int, str, int] | None:
        if _SECOND.fullmatch(end) is None:
            return None
        hours = 2 if end[2:3] == b"S" else 1
        text = f"{end[:2].decode()}+0{hours}:00"
        known = self._ends[end] = (crc16_arc(end + b"\r\n"), text, int(end[:2]) - hours * 3600)
        return known


_MINUTE = re.compile(rb"0-0:1\.0\.0\(\d{10}")
_SECOND = re.compile(rb"[0-5]\d[SW]\)")
