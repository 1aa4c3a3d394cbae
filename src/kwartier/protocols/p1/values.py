"""The parts of an object: numbers with units, times, texts, small integers.

Numbers are read from their decimal text in one step, unit included (`00.401*kW` is `float("00.401e3")`),
so that no rounding of a product ever shows.
"""

import re
from datetime import date

Stamp = tuple[str | None, int | None]
"""A time as ISO 8601 text and as UTC seconds; both None when the meter says "never"."""

NEVER: Stamp = (None, None)


class BadValue(ValueError):
    """A group that is not what its object must hold; the text says what."""


ENERGY = {b"wh": b"e-3", b"kwh": b"", b"mwh": b"e3"}
POWER = {b"w": b"", b"kw": b"e3", b"mw": b"e6"}
APPARENT = POWER | {b"va": b"", b"kva": b"e3", b"mva": b"e6"}
VOLTAGE = {b"v": b"", b"kv": b"e3", b"mv": b"e-3"}
CURRENT = {b"a": b"", b"ka": b"e3", b"ma": b"e-3"}
FREQUENCY = {b"hz": b"", b"khz": b"e3", b"mhz": b"e-3"}
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
    if scale is None:
        raise BadValue(f"{show(raw)!r} has no unit that this object can have")
    return float(digits + scale) + 0.0


def integer(raw: bytes, highest: int) -> int:
    """A counter or a code from 0 to `highest`."""
    digits = raw.strip()
    if not digits.isdigit() or len(digits) > 15 or int(digits) > highest:
        raise BadValue(f"{show(raw)!r} is no whole number from 0 to {highest}")
    return int(digits)


def stamp(raw: bytes) -> Stamp:
    """`YYMMDDhhmmss` with S (UTC+2), W (UTC+1) or nothing, or a DLMS clock of 24 hex digits.

    The flag is taken as a fixed offset, not through a zone: it is right in the repeated hour and survives
    a meter whose flag does not fit the date. A time no calendar has (month 25, 63-25-25) is "never".
    """
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
    offset = {b"S": 7200, b"W": 3600, b"": None}[flag.upper()]
    return _moment(2000 + int(day[:2]), int(day[2:4]), int(day[4:]), int(hour), int(minute), int(second), offset)


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int, offset: int | None) -> Stamp:
    if hour > 23 or minute > 59 or second > 59:
        return NEVER
    try:
        days = date(year, month, day).toordinal() - 719163
    except ValueError:
        return NEVER
    text = f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    if offset is None:
        return text, None
    zone = f"+{offset // 3600:02}:{offset % 3600 // 60:02}"
    return text + zone, ((days * 24 + hour) * 60 + minute) * 60 + second - offset


def _dlms(clock: bytes) -> Stamp:
    """Octets of a DLMS clock [IEC 62056-6-2 clause 4.1.6.1]: year, month, day, weekday, h, m, s, 1/100,
    deviation in minutes, status. The blue book counts the deviation from local time to UTC (negative east
    of Greenwich), the Metcom MCS301 the other way; every country with a P1 port lies east, so its
    amount is what counts. 0x8000: not specified."""
    deviation = int.from_bytes(clock[9:11], "big", signed=True)
    offset = None if deviation == -0x8000 else abs(deviation) * 60
    year = int.from_bytes(clock[:2], "big")
    if offset is not None and offset > 14 * 3600:
        return NEVER
    return _moment(year, clock[2], clock[3], clock[5], clock[6], clock[7], offset) if year < 2100 else NEVER


def is_stamp(raw: bytes) -> bool:
    """Whether a group is written as a time (defined or not)."""
    return bool(_DSMR.fullmatch(raw) or _UNDEFINED.fullmatch(raw) or _DLMS.fullmatch(raw))


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
