"""Framing: cuts a stream of bytes, in pieces of any size, into frames and has them judged.

A frame begins with `/` at the start of a line and ends with the line of the `!`. What lies between frames
is skipped, or reported as `no_header` when it holds objects. Encrypted frames may stand anywhere between.
The result never depends on how the bytes were cut into pieces; no byte is looked at more than a fixed number
of times and never more than `max_bytes` are held beyond the piece given.
"""

import re

from kwartier.protocols.p1.cipher import (
    LUXEMBOURG_AUTHENTICATION_KEY,
    START,
    Opened,
    Undecodable,
    claimed_length,
    open_frame,
)
from kwartier.protocols.p1.frame import Event, Judge, header_at_end
from kwartier.protocols.p1.telegram import Garbled, GarbledError

_KEY_LENGTH = 16
_NO_END = re.compile(rb"\d{0,3}-\d{1,3}:")
"""Behind a `!` at the start of a line: an object whose first digit was damaged, so no end."""
_PLAIN_END = re.compile(rb"[0-9A-F]{4}\r\n")
_END_IN_LINE = re.compile(rb"[0-9A-Fa-f]{4}[\0 ]?\r?\n")
_HEADER = re.compile(rb"/[A-Za-z]{2}[A-Za-z_]")
_HEADER_ON_LINE = re.compile(rb"\n/[A-Za-z]{2}[A-Za-z_]")


class P1Reader:
    """Reads the P1 port of one meter (or a file of many).

    `key`: the meter's own key (16 bytes) where it encrypts. `authentication_key`: 16 bytes; without it the
    public one of Luxembourg. Raises `ValueError` when a key has another length.
    """

    def __init__(
        self, *, key: bytes | None = None, authentication_key: bytes | None = None, max_bytes: int = 16_384
    ) -> None:
        authentication_key = authentication_key or LUXEMBOURG_AUTHENTICATION_KEY
        for name, value in (("key", key), ("authentication key", authentication_key)):
            if value is not None and len(value) != _KEY_LENGTH:
                raise ValueError(f"the {name} must have 16 bytes, not {len(value)}")
        self.noise_bytes = 0
        """Bytes skipped so far because they belong to no telegram."""
        self._key = key
        self._authentication_key = authentication_key
        self._max = max_bytes
        self._judge = Judge()
        self._counters: dict[bytes, int] = {}
        self._events: list[Event] = []
        self._data = bytearray()
        self._base = 0  # offset in the input of self._data[0]
        self._start = 0  # of the frame, or of what is skipped between frames
        self._at = 0  # everything before it is known to hold no end
        self._inside = False
        self._fresh = True  # self._at is at the start of a line (between frames)
        self._cipher = 0  # where to look on for an encrypted frame
        self._ended = False

    def receive(self, data: bytes) -> list[Event]:
        """Take the next bytes; give the telegrams and garbled pieces they complete."""
        self._data += data
        return self._run()

    def close(self) -> list[Event]:
        """The input has ended: judge what is left. The reader then starts anew with the next bytes."""
        self._ended = True
        events = self._run()
        if self._inside:
            rest = bytes(self._data[self._start :])
            events.append(self._judge.truncated(rest, self._base + self._start, "the input ended"))
        else:
            self._skip(len(self._data))
            events += self._events
            self._events = []
        self._base += len(self._data)
        self._data.clear()
        self._start = self._at = self._cipher = 0
        self._inside = self._ended = False
        self._fresh = True
        return events

    def _run(self) -> list[Event]:
        while self._in_frame() if self._inside else self._between():
            pass
        self._forget()
        events, self._events = self._events, []
        return events

    def _forget(self) -> None:
        done = self._start
        del self._data[:done]
        self._base += done
        self._start = 0
        self._at -= done
        self._cipher = max(self._cipher - done, 0)

    # Between frames

    def _between(self) -> bool:
        """Look at one line. False when more bytes are needed."""
        data = self._data
        if self._fresh and data.startswith(b"/", self._at):
            return self._open(self._at)
        limit = self._start + self._max
        end = data.find(b"\n", self._at, limit)
        cipher = self._next_cipher(end if end >= 0 else min(len(data), limit))
        if cipher is not None:
            return self._encrypted(cipher)
        if end < 0:
            if len(data) >= limit:
                return self._pass(limit, fresh=False, flush=True)
            if not self._ended or self._at == len(data):
                return False
            end = len(data) - 1
        header = header_at_end(data, self._at, end)
        if header >= 0:
            return self._open(header)
        return self._pass(end + 1, fresh=True, flush=data.startswith(b"!", self._at))

    def _pass(self, upto: int, *, fresh: bool, flush: bool) -> bool:
        if flush or upto - self._start >= self._max:
            self._skip(upto)
        self._at = upto
        self._fresh = fresh
        return True

    def _skip(self, upto: int) -> None:
        """What stands from `_start` to `upto` belongs to no frame."""
        if upto > self._start:
            event = self._judge.fragment(bytes(self._data[self._start : upto]), self._base + self._start)
            if event is None:
                self.noise_bytes += upto - self._start
            else:
                self._events.append(event)
            self._start = upto

    def _open(self, at: int) -> bool:
        self._skip(at)
        self._start = at
        self._at = at + 1
        self._inside = True
        return True

    # In a frame

    def _in_frame(self) -> bool:
        """Look as far as the next `!`. False when more bytes are needed."""
        data, start = self._data, self._start
        limit = start + self._max
        bang = data.find(b"!", self._at, limit)
        reach = bang if bang >= 0 else min(len(data), limit)
        cipher = self._next_cipher(reach)
        header = data.find(b"\n/", max(self._at - 1, start), reach if cipher is None else cipher)
        if header >= 0:
            return self._cut(header + 1, "cut by the next telegram's header") and self._open(header + 1)
        if cipher is not None:
            return self._encrypted(cipher)
        if bang >= 0:
            return self._end(bang, limit)
        if len(data) >= limit:
            return self._too_long(limit)
        self._at = reach
        return False

    def _end(self, bang: int, limit: int) -> bool:
        data = self._data
        if data[bang - 1] != 0x0A:
            return self._end_in_line(bang)
        if _PLAIN_END.match(data, bang + 1, limit):
            return self._close_frame(bang, bang + 7, whole=True)
        end = data.find(b"\n", bang, limit) + 1
        whole = end > 0
        if not whole:
            if len(data) >= limit:
                return self._too_long(limit)
            if not self._ended:
                self._at = bang
                return False
            end = len(data)
        tail = bytes(data[bang + 1 : end])
        glued = tail.find(b"/")
        if glued >= 0 and _HEADER.match(tail, glued):
            return self._close_frame(bang, bang + 1 + glued, whole=False)
        if self._is_end(tail, whole):
            return self._close_frame(bang, end, whole=whole)
        self._at = bang + 1
        return True

    def _is_end(self, tail: bytes, whole: bool) -> bool:
        """Whether a line `!` + tail ends the telegram. Without checksum its line end must be like the
        header's, or a damaged empty line would be taken for the end."""
        text = tail.strip(b" \t\r\n\0")
        if text or not whole:
            return _NO_END.match(text) is None
        header_end = self._data.find(b"\n", self._start)
        return (self._data[header_end - 1] == 0x0D) == tail.endswith(b"\r\n")

    def _end_in_line(self, bang: int) -> bool:
        """A gateway lost the line end before `!`: only four digits and a line end make it an end."""
        tail = bytes(self._data[bang + 1 : bang + 8])
        match = _END_IN_LINE.match(tail)
        if match is not None:
            return self._close_frame(bang, bang + 1 + match.end(), whole=True)
        if len(tail) < 7 and not self._ended:
            self._at = bang
            return False
        self._at = bang + 1
        return True

    def _close_frame(self, bang: int, end: int, *, whole: bool) -> bool:
        start = self._start
        self._events += self._judge.frame(
            bytes(self._data[start:end]), bang - start, self._base + start, end - start, at_end=not whole
        )
        if self._data.startswith(b"/", end):  # the next one follows at once, as on a wire
            self._start = end
            self._at = end + 1
            return True
        return self._leave(end)

    def _leave(self, end: int) -> bool:
        self._start = self._at = end
        self._inside = False
        self._fresh = True
        return True

    def _cut(self, at: int, detail: str) -> bool:
        piece = bytes(self._data[self._start : at])
        self._events.append(self._judge.truncated(piece, self._base + self._start, detail))
        return self._leave(at)

    def _too_long(self, limit: int) -> bool:
        piece = bytes(self._data[self._start : limit])
        detail = f"no end within {self._max} bytes"
        self._events.append(
            self._judge.garbled(piece, self._base + self._start, len(piece), "too_long", detail)
        )
        self._leave(limit)
        self._fresh = False
        return True

    # Encrypted frames

    def _next_cipher(self, reach: int) -> int | None:
        """Where an encrypted frame starts before `reach`, or may start when too few bytes are there yet."""
        while True:
            found = self._data.find(START, max(self._cipher, self._start), reach)
            if found < 0:
                self._cipher = max(reach - 1, 0)
                return None
            if claimed_length(self._data, found, self._max) != 0:
                return found
            self._cipher = found + 1

    def _encrypted(self, at: int) -> bool:
        total = claimed_length(self._data, at, self._max)
        if total is None or at + total > len(self._data):
            if not self._ended:
                return False
            if total is None:
                self._cipher = at + 1
                return True
        if self._inside:
            self._cut(at, "cut by an encrypted frame")
        self._skip(at)
        frame = bytes(self._data[at : at + (total or 0)])
        if len(frame) < (total or 0):
            return self._unreadable(frame, "truncated", "the input ended inside an encrypted frame")
        try:
            opened = self._fresh_frame(frame)
        except Undecodable as error:
            return self._unreadable(frame, "undecodable", str(error))
        start, bang = opened.text.find(b"/"), opened.text.rfind(b"!")
        if not 0 <= start < bang:
            return self._unreadable(frame, "undecodable", "the decrypted frame holds no telegram")
        text = opened.text[start:]
        whole = text.endswith(b"\n")
        self._events += self._judge.frame(text, bang - start, self._base + at, len(frame), at_end=not whole)
        return self._leave(at + len(frame))

    def _fresh_frame(self, frame: bytes) -> Opened:
        """The opened frame, if its counter is higher than that of the meter's last one."""
        opened = open_frame(frame, self._key, self._authentication_key)
        last = self._counters.get(opened.title)
        if last is not None and opened.counter <= last:
            raise Undecodable(f"frame counter {opened.counter} after {last}: this frame is a replay")
        self._counters[opened.title] = opened.counter
        return opened

    def _unreadable(self, frame: bytes, error: GarbledError, detail: str) -> bool:
        """Report an encrypted frame, and go on behind it, or inside where something else begins: noise
        can look like the start of a frame."""
        starts = [match.start() + 1 for match in _HEADER_ON_LINE.finditer(frame)]
        inner = frame.find(START, 2)
        while inner >= 0 and not claimed_length(frame, inner, self._max):
            inner = frame.find(START, inner + 1)
        length = min([*starts[:1], *([inner] if inner >= 0 else []), len(frame)])
        offset = self._base + self._start
        self._events.append(Garbled(offset=offset, length=length, error=error, detail=detail, values={}))
        return self._leave(self._start + length)


def decode(
    data: bytes, *, key: bytes | None = None, authentication_key: bytes | None = None, max_bytes: int = 16_384
) -> list[Event]:
    """Telegrams and garbled pieces of a whole capture, in order. Arguments as for `P1Reader`."""
    reader = P1Reader(key=key, authentication_key=authentication_key, max_bytes=max_bytes)
    return reader.receive(data) + reader.close()
