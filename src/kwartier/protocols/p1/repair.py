"""Repairs that a checksum proves.

Two kinds, both tried only on a telegram whose sum is wrong. Gateways and text editors change line ends,
drop the empty line or double the backslash: the original form is put back. And a line may damage one byte:
walking the wrong sum back gives, for each place, the one value that would make it right; it is taken only
where the line breaks the grammar as received and obeys it with that value. So a wrong digit among digits is
never "repaired", and when two repairs would verify neither is believed.
"""

import re
from collections.abc import Iterator

from kwartier.protocols.p1.crc import crc16_arc, single_byte_changes
from kwartier.protocols.p1.objects import parse_line
from kwartier.protocols.p1.telegram import Fault
from kwartier.protocols.p1.values import show

_HEADER = re.compile(rb"/[A-Za-z]{2}[A-Za-z_][ -~]*")
_REPLACEMENT = b"\xef\xbf\xbd"
_CLEAR_BIT_7 = bytes(byte & 127 for byte in range(256))
_CHECK = re.compile(rb"[0-9A-Fa-f]{4}")


def repaired(body: bytes, given: int) -> tuple[bytes, Fault] | None:
    """The one body near `body` (from `/` to `!`) whose checksum is `given`, and what was done."""
    found: dict[bytes, Fault] = {}
    for candidate, fault in _line_ends(body):
        if crc16_arc(candidate) == given:
            found.setdefault(candidate, fault)
    for candidate, fault in _one_byte(body, given):
        found.setdefault(candidate, fault)
    return found.popitem() if len(found) == 1 else None


def repaired_check(check: bytes) -> int | None:
    """A checksum field with bit 7 set somewhere, read without it. Proves itself when it then matches."""
    cleared = check.translate(_CLEAR_BIT_7)
    return int(cleared, 16) if cleared != check and _CHECK.fullmatch(cleared) else None


def _line_ends(body: bytes) -> Iterator[tuple[bytes, Fault]]:
    """Forms of the body with line ends, empty line, NULs, trailing blanks and backslash as they belong."""
    lines = [line.rstrip(b"\r\0").replace(b"\0", b"") for line in body.split(b"\n")]
    if lines[-1] != b"!" or len(lines) < 3:
        return
    header, *objects = lines
    full = [line for line in objects if line.strip()]
    trimmed = [line.strip() for line in full]
    single = header.replace(b"\\\\", b"\\")
    forms = (
        (lines, "line ends put back to CR LF"),
        ([header, b"", *full], "one empty line put back after the header"),
        ([header, b"", *trimmed], "blanks around lines taken away"),
        ([single, *objects], "doubled backslash in the header made single"),
        ([single, b"", *trimmed], "header, empty line and line ends put back"),
        ([header, *full], "empty lines taken away"),
    )
    for form, what in forms:
        candidate = b"\r\n".join(form)
        if candidate != body:
            yield candidate, Fault(show(header), f"{what}: the checksum then verifies")


def _one_byte(body: bytes, given: int) -> Iterator[tuple[bytes, Fault]]:
    if body.count(_REPLACEMENT) == 1:
        place = body.index(_REPLACEMENT)
        # a logger wrote U+FFFD for the byte it could not read
        short = body.replace(_REPLACEMENT, b"\xff")
        changes = [c for c in single_byte_changes(len(short), crc16_arc(short) ^ given) if c[0] == place]
        yield from _plausible(short, changes)
        return
    yield from _plausible(body, single_byte_changes(len(body), crc16_arc(body) ^ given))
    if not body.isascii():
        start = body.find(b"\n") + 1
        candidate = body[:start] + body[start:].translate(_CLEAR_BIT_7)
        if candidate != body and crc16_arc(candidate) == given and not _bad_lines(candidate, 0, len(body)):
            yield candidate, Fault("", "bit 7 cleared on every byte that had it: the checksum then verifies")


def _plausible(
    body: bytes, changes: Iterator[tuple[int, int]] | list[tuple[int, int]]
) -> Iterator[tuple[bytes, Fault]]:
    """Of all changes of one byte that make the sum right, those that turn bad lines into good ones."""
    for place, change in changes:
        byte = bytes((body[place] ^ change,))
        candidate = body[:place] + byte + body[place + 1 :]
        start = body.rfind(b"\r\n", 0, max(place - 1, 0)) + 2
        start = 0 if start == 1 else start
        end = body.find(b"\r\n", place + 2)
        end = len(body) if end < 0 else end + 2
        if _bad_lines(body, start, end) and not _bad_lines(candidate, start, end):
            line = show(body[start:end].strip())
            yield (
                candidate,
                Fault(
                    line,
                    f"byte 0x{body[place]:02X} at offset {place} of the telegram must be {show(byte)!r}: "
                    "the line then is an object and the checksum verifies",
                ),
            )


def _bad_lines(body: bytes, start: int, end: int) -> int:
    """How many lines of `body[start:end]` (cut at line ends) break the grammar."""
    lines = body[start:end].split(b"\r\n")
    bad = 0
    if start == 0:
        bad += _HEADER.fullmatch(lines[0]) is None
        bad += len(lines) < 2 or lines[1] != b""
        del lines[:2]
    if end == len(body) and lines:
        bad += lines.pop() != b"!"
    return bad + sum(parse_line(line).fault is not None for line in lines)
