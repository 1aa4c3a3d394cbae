"""Answers of services on the internet: JSON that may be anything, and moments in many writings.

What cannot be used at all is one error with a code; what is wrong with parts of it is a fault beside the rest.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from kwartier.site.errors import RemoteProtocolError

MAX_BYTES = 4_000_000
"""A year of quarter-hours of one zone stays below; more is no answer to what was asked."""
SANE_S = (946_684_800, 4_102_444_800)
"""Moments of this century; anything else is a number that was no moment."""
SHOWN_BYTES = 200


class AnswerError(RemoteProtocolError):
    """An answer of a service that cannot be used at all.

    `code`: `empty`, `too_long`, `undecodable`, `html`, `truncated`, `not_json`, `not_xml`, `unsafe_xml`, `unknown_form`,
    `no_data` (fine, but there is nothing yet), `refused` (the service says why in the text).
    """

    def __init__(self, code: str, message: str, raw: bytes = b"") -> None:
        super().__init__(message, raw[:SHOWN_BYTES])
        self.code = code


def checked(raw: bytes, source: str) -> bytes:
    """The answer if it has a size that can be. Raises AnswerError."""
    if len(raw) > MAX_BYTES:
        raise AnswerError("too_long", f"{source} answered more than {MAX_BYTES} bytes", raw)
    if not raw.strip():
        raise AnswerError("empty", f"{source} answered nothing")
    return raw


def read_json(raw: bytes, source: str) -> Any:
    """Any JSON value; NaN and Infinity are let through as floats and found later. Raises AnswerError."""
    checked(raw, source)
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise AnswerError("undecodable", f"{source}: no text in UTF-8 at byte {error.start}", raw) from None
    if text.startswith("<"):
        raise AnswerError("html", f"{source} answered a page for people instead of JSON", raw)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text) or "Unterminated" in error.msg or _cut(text, error.pos):
            raise AnswerError("truncated", f"{source}: the answer ends in the middle", raw) from None
        raise AnswerError(
            "not_json", f"{source}: no JSON in line {error.lineno}, column {error.colno}", raw
        ) from None
    except (RecursionError, ValueError):  # nested a thousand deep, or a number of thousands of digits
        raise AnswerError("not_json", f"{source}: JSON that no price list looks like", raw) from None


def _cut(text: str, position: int) -> bool:
    """Whether only the beginning of a word (`tru`, `-`, `12.`) follows."""
    rest = text[position:].strip()
    return rest in {"-", "t", "tr", "tru", "f", "fa", "fal", "fals", "n", "nu", "nul"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, and whether it said by itself where on earth."""

    utc_s: int
    zoned: bool


class WallClock:
    """Reads moments; where they have no time zone, those of one list on the clock of `zone`.

    In autumn one hour comes twice without saying which: the second time that a moment of it comes, it is the later one.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._seen: set[datetime] = set()

    def read(self, value: object) -> Moment | None:
        """ISO 8601 text (`Z`, an offset, or none; any number of decimals), or epoch seconds or milliseconds.
        None: no moment."""
        found = self.peek(value)
        if found is None or found.zoned:
            return found
        later = self._parsed(value)
        assert later is not None
        if later in self._seen:
            return _moment(later.replace(tzinfo=self._zone, fold=1), zoned=False)
        self._seen.add(later)
        return found

    def peek(self, value: object) -> Moment | None:
        """As `read`, without taking note of it."""
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return _epoch(value)
        found = self._parsed(value)
        if found is None:
            return None
        zoned = found.tzinfo is not None
        return _moment(found if zoned else found.replace(tzinfo=self._zone), zoned=zoned)

    @staticmethod
    def _parsed(value: object) -> datetime | None:
        if not isinstance(value, str):
            return None
        try:
            return datetime.fromisoformat(_shortened(value.strip()))
        except ValueError:
            return None


def _moment(found: datetime, *, zoned: bool) -> Moment | None:
    try:
        utc_s = int(found.astimezone(UTC).timestamp())
    except (OverflowError, ValueError):
        return None
    return Moment(utc_s, zoned) if SANE_S[0] <= utc_s < SANE_S[1] else None


def _shortened(text: str) -> str:
    """Without more than six decimals of a second, which is what .NET writes."""
    head, point, tail = text.partition(".")
    if not point:
        return text
    digits = 0
    while digits < len(tail) and tail[digits].isdigit():
        digits += 1
    return f"{head}.{tail[: min(digits, 6)].ljust(6, '0')}{tail[digits:]}" if digits else text


def _epoch(value: float) -> Moment | None:
    """Seconds or milliseconds, told apart by their size."""
    for scale in (1, 1000):
        if SANE_S[0] * scale <= value < SANE_S[1] * scale:
            return Moment(int(value // scale), zoned=True)
    return None


def number(value: object) -> float | None:
    """A finite number, also as text; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return None
    if not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) < float("inf") else None


def field(document: object, name: str, kind: type, source: str) -> Any:
    """A field of the answer that must be there with its type. Raises AnswerError that says what came instead."""
    if not isinstance(document, dict):
        raise AnswerError("unknown_form", f"{source}: expected an object, found {_kind(document)}")
    found = document.get(name)
    if not isinstance(found, kind):
        told = told_error(document)
        if told:
            raise AnswerError("refused", f"{source} says: {told}")
        raise AnswerError(
            "unknown_form", f"{source}: expected {name!r} as a {kind.__name__}, found {_kind(found)}"
        )
    return found


def told_error(document: dict[str, Any]) -> str:
    """What an answer says when it is a refusal: `error`, `message`, `reason`, `detail` or `title`."""
    for name in ("reason", "message", "detail", "title", "error", "errors"):
        text = document.get(name)
        if isinstance(text, dict):
            text = text.get("text") or text.get("message")
        if isinstance(text, str) and text:
            return text[:SHOWN_BYTES]
    return ""


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
