"""The parts of an object: numbers with units, times, texts, small integers.

Numbers are read from their decimal text in one step, unit included (`00.401*kW` is `float("00.401e3")`),
so that no rounding of a product ever shows.
"""

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

Stamp = tuple[str | None, int | None]
"""A time as ISO 8601 text and as UTC seconds; both None when the meter says "never"."""

NEVER: Stamp = (None, None)


class BadValue(ValueError):
    """A group that is not what its object must hold; the text says what."""


ENERGY = {b"wh": b"e-3", b"kwh": b"", b"mwh": b"e3", b"": b""}
POWER = {b"w": b"", b"kw": b"e3", b"mw": b"e6", b"": b"e3"}
APPARENT = POWER | {b"va": b"", b"kva": b"e3", b"mva": b"e6"}
VOLTAGE = {b"v": b"", b"kv": b"e3", b"mv": b"e-3", b"": b""}
CURRENT = {b"a": b"", b"ka": b"e3", b"ma": b"e-3", b"": b""}
FREQUENCY = {b"hz": b"", b"khz": b"e3", b"mhz": b"e-3", b"": b""}
"""Units in lower case and the power of ten to ours. Some Luxembourg meters leave the unit out: then it is
that of the P1 standards, which always write energy and power in kWh and kW with decimals."""
METERED = {
    b"m3": ("m3", b""),
    b"dm3": ("m3", b"e-3"),
    b"l": ("m3", b"e-3"),
    b"gj": ("GJ", b""),
    b"mj": ("GJ", b"e-3"),
    b"kj": ("GJ", b"e-6"),
    b"wh": ("kWh", b"e-3"),
    b"kwh": ("kWh", b""),
    b"mwh": ("kWh", b"e3"),
}
"""Units of M-Bus devices: what we give out and the power of ten."""

_NUMBER = re.compile(rb" *([+-]?\d{1,15}(?:\.\d{1,9})?) *\*? *([A-Za-z][A-Za-z0-9]{0,5})? *")
_DSMR = re.compile(rb"(\d{6})(\d\d)(\d\d)(\d\d)([SWsw]?)")
_WRITTEN = re.compile(rb"\d\d-\d\d-\d\d \d\d:\d\d:\d\d")
_DLMS = re.compile(rb"[0-9A-Fa-f]{24}")
_UNDEFINED = re.compile(rb"35255255255255255[SW]?")
_EPOCHS = (b"0001010000", b"0001010100", b"7001010000", b"7001010100")
"""First ten digits of what meters send for a time that never was."""


def split_number(raw: bytes) -> tuple[bytes, bytes]:
    """`000123.456*kWh`, or the same glued together, into its digits and its unit in lower case."""
    match = _NUMBER.fullmatch(raw)
    if match is None:
        raise BadValue(f"{show(raw)!r} is no number with a unit")
    return match[1], (match[2] or b"").lower()


def quantity(raw: bytes, units: dict[bytes, bytes]) -> float:
    """A number in the first unit of the name that holds it; `units` gives the power of ten for each."""
    digits, unit = split_number(raw)
    scale = units.get(unit)
    if scale is None or (not unit and b"." not in digits and (b"kwh" in units or b"kw" in units)):
        raise BadValue(f"{show(raw)!r} has no unit that this object can have")
    return float(digits + scale) + 0.0


def integer(raw: bytes, highest: int) -> int:
    """A counter or a code from 0 to `highest`."""
    digits = raw.strip()
    if not digits.isdigit() or len(digits) > 15 or int(digits) > highest:
        raise BadValue(f"{show(raw)!r} is no whole number from 0 to {highest}")
    return int(digits)


def stamp(raw: bytes) -> Stamp:
    """`YYMMDDhhmmss` with S (UTC+2), W (UTC+1) or nothing, the same as `YY-MM-DD hh:mm:ss` (ACE4000), or a
    DLMS clock of 24 hex digits.

    The flag is taken as a fixed offset, not through a zone: it is right in the repeated hour and survives
    a meter whose flag does not fit the date. A time no calendar has (month 25, 63-25-25) is "never".
    """
    if _WRITTEN.fullmatch(raw):
        raw = raw.translate(None, b"- :")
    match = _DSMR.fullmatch(raw)
    if match is None:
        if _DLMS.fullmatch(raw):
            return _dlms(bytes.fromhex(raw.decode("ascii")))
        if _UNDEFINED.fullmatch(raw):
            return NEVER
        raise BadValue(f"{show(raw)!r} is no time")
    if raw[:10] in _EPOCHS:
        return NEVER
    day, hour, minute, second, flag = match.groups()
    found = _day(day)
    seconds = (int(hour) * 60 + int(minute)) * 60 + int(second)
    if found is None or hour > b"23" or minute > b"59" or second > b"59":
        return NEVER
    text = f"{found[0]}T{raw[6:8].decode()}:{raw[8:10].decode()}:{raw[10:12].decode()}"
    if not flag:
        return text, None
    if flag in b"Ww":
        return text + "+01:00", found[1] + seconds - 3600
    return text + "+02:00", found[1] + seconds - 7200


@lru_cache(maxsize=512)
def _day(yymmdd: bytes) -> tuple[str, int] | None:
    """A date as text and as UTC seconds of its midnight; None for one that no calendar has."""
    try:
        day = date(2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
    except ValueError:
        return None
    return day.isoformat(), (day.toordinal() - _EPOCH) * 86400


_EPOCH = date(1970, 1, 1).toordinal()


def _dlms(clock: bytes) -> Stamp:
    """Octets of a DLMS clock [IEC 62056-6-2 clause 4.1.6.1]: year, month, day, weekday, h, m, s, 1/100,
    deviation in minutes, status. The blue book counts the deviation from local time to UTC (negative east
    of Greenwich), the Metcom MCS301 the other way; every country with a P1 port lies east, so its
    amount is what counts. 0x8000: not specified."""
    minutes = abs(int.from_bytes(clock[9:11], "big", signed=True))
    try:
        offset = None if minutes == 0x8000 else timezone(timedelta(minutes=minutes))
        year, (hour, minute, second) = int.from_bytes(clock[:2], "big"), clock[5:8]
        at = datetime(year, clock[2], clock[3], hour, minute, second, tzinfo=offset)
    except ValueError:
        return NEVER
    return at.isoformat(), None if offset is None else int(at.timestamp())


def is_stamp(raw: bytes) -> bool:
    """Whether a group is written as a time (defined or not)."""
    return bool(
        _DSMR.fullmatch(raw) or _WRITTEN.fullmatch(raw) or _UNDEFINED.fullmatch(raw) or _DLMS.fullmatch(raw)
    )


def identifier(raw: bytes) -> str | None:
    """An id: ASCII sent as hex digits, or the characters themselves where they are no hex of ASCII.
    None when empty, blank or all dashes (an EAN that was never set)."""
    text = raw.decode("ascii").strip()
    decoded = _unhex(text)
    if decoded is not None and all(32 <= byte < 127 for byte in decoded):
        text = decoded.decode("ascii").strip()
    return text if text.strip("-") else None


def message(raw: bytes) -> str | None:
    """A text for people, sent as hex digits of UTF-8 or Latin-1, or as it is (DSMR 2.2 in the field)."""
    text = raw.decode("ascii").strip()
    decoded = _unhex(text)
    if decoded is None:
        return text or None
    try:
        return decoded.decode("utf-8").strip("\0 ") or None
    except UnicodeDecodeError:
        return decoded.decode("latin-1").strip("\0 ") or None


def _unhex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def show(raw: bytes, longest: int = 1024) -> str:
    """Bytes as text for people: ASCII as it is, the rest as `\\xNN`."""
    return raw[:longest].decode("ascii", "backslashreplace")
