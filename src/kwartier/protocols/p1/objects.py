"""One line of a telegram: which object it is, and its value in our units.

An object is found by its five numbers, never by a pattern: 0-0:96.3.10 is the breaker and 0-1:96.3.10 a
relay. Group F (`*255`, in old specifications `.255`) is allowed and ignored. A line yields `(key, value, fault)`; the key is a field of
`Telegram`, or a tuple for what is collected (`("mbus", 1, "reading")`, `("relay", 2)`,
`("unknown", "1-0:32.32.0")`), or None where there is no value. A `~` and a number after a field's name
rank a substitute that counts only when nothing better was sent.

Sources: DSMR 2.2, 3.0, 4.2.2, 5.0.2; e-MUCS-P1 1.4, 1.7.1, 2.1.1; Luxembourg Smarty 1.1.3; Swedish H1 2.0;
telegrams of meters in ten countries.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from kwartier.protocols.p1.history import peak_history
from kwartier.protocols.p1.telegram import Fault
from kwartier.protocols.p1.values import (
    APPARENT,
    CURRENT,
    ENERGY,
    FREQUENCY,
    METERED,
    NEVER,
    POWER,
    VOLTAGE,
    BadValue,
    Stamp,
    identifier,
    integer,
    is_stamp,
    message,
    quantity,
    show,
    split_number,
    stamp,
)

Key = str | tuple[str, int] | tuple[str, str] | tuple[str, int, str]
Groups = list[bytes]
Reading = tuple[float | None, str | None, Stamp]
"""Value, unit and capture time of an M-Bus device."""


class Line(NamedTuple):
    """What one line says."""

    key: Key | None
    value: object
    fault: Fault | None = None


CONTINUATION = "continuation"
"""Key of a line that belongs to the one before it (gas of DSMR 2.2 and 3.0), or goes on on the next one."""

_CODE = rb"(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\*\d{1,3}|\.255)? *"
_OBJECT = re.compile(_CODE + rb"((?:\([ -'*-~]*\))+)")
_BROKEN = re.compile(_CODE + rb"(?:\([ -'*-~]*\))*\([ -'*-~]*")
_BEGINS = re.compile(rb"[ \t]*" + _CODE + rb"\(")
_LIST = re.compile(rb"[ \t]*\d{1,3}-\d{1,3}:(?:24\.3\.0|9[89]\.\d{1,3}\.\d{1,3})\D")
"""Objects of many values, which some send on several lines: hourly readings, histories, logs."""
_BLANK = Line(None, None)


def plain_object(code: bytes, unit: bytes) -> tuple[str, bytes] | None:
    """For a line `code(digits*unit` of one plain number (`unit` with its parenthesis): the field and the
    power of ten that `parse_line` would use. None where only `parse_line` can tell."""
    name, units = _PLAIN.get(code, ("", {}))
    scale = units.get(unit[:-1].lower()) if len(unit) > 1 and unit[-1:] == b")" else None
    return None if scale is None else (name, scale)


def parse_line(line: bytes) -> Line:
    """Read one line, without its line end. Never raises: what cannot be read is a fault."""
    line = line.strip(b" \t\0")
    if not line:
        return _BLANK
    match = _OBJECT.fullmatch(line)
    if match is None:
        if line.startswith(b"(") and line.endswith(b")"):
            return Line(CONTINUATION, None, Fault(show(line), "this line continues no other"))
        if _BROKEN.fullmatch(line):
            return Line(CONTINUATION, None, Fault(show(line), "the last value has no end"))
        return Line(None, None, Fault(show(line), "this line is no object: it needs A-B:C.D.E(value)"))
    a, b, c, d, e = map(int, match.group(1, 2, 3, 4, 5))
    groups = match[6][1:-1].split(b")(")
    unknown = Line(("unknown", f"{a}-{b}:{c}.{d}.{e}"), match[6].decode("ascii"))
    try:
        if (a, b, c, d, e) == (0, 0, 98, 1, 0):
            return _history(line, groups) or unknown
        return _read(a, b, c, d, e, groups) or unknown
    except BadValue as error:
        return Line(None, None, Fault(show(line), str(error)))


def continues(line: bytes, before: bytes) -> bool:
    """Whether `line` goes on with the object that `before` began: specifications and some meters break a long
    text or list, and DSMR 2.2 and 3.0 put the gas value on a line of its own."""
    if _BEGINS.match(line) or not _BEGINS.match(before):
        return False
    if before.rfind(b"(") > before.rfind(b")"):
        return True
    return line.startswith(b"(") and _LIST.match(before) is not None


def _history(line: bytes, groups: Groups) -> Line | None:
    peaks, complaint = peak_history(groups)
    if peaks is None:
        return None
    return Line("peak_history", peaks, Fault(show(line), complaint) if complaint else None)


def _read(a: int, b: int, c: int, d: int, e: int, groups: Groups) -> Line | None:
    entry = _TABLE.get((a, b, c, d, e))
    if entry is None and a == b == 1 and (entry := _TABLE.get((1, 0, c, d, e))) is not None:
        # Switzerland counts under 1-1; where both are sent, 1-0 counts
        entry = (f"{entry[0].partition('~')[0]}~5", entry[1])
    if entry is not None:
        name, read = entry
        if name == "limiter":
            return Line(*_limiter(groups))
        value = read(groups)
        if isinstance(value, list):  # the fuse: one limit, or two
            return Line(name, value[0]) if len(value) == 1 else Line("fuse_limits", value)
        return Line(name, value)
    if (a, b) == (7, 0):  # gas before DSMR 3.0
        part = _GAS.get((c, d, e))
        return Line(("mbus", OLD_GAS, part[0]), part[1](groups)) if part is not None else None
    if a == 0 and b > 0:
        if (c, d, e) == (96, 3, 10):
            return Line(("relay", b), integer(groups[0], 9))
        part = _MBUS.get((c, d, e))
        if part is not None:
            return Line(("mbus", b, part[0]), part[1](groups))
    return None


def _one(groups: Groups, units: dict[bytes, bytes]) -> float:
    if len(groups) != 1:
        raise BadValue(f"one value was expected, not {len(groups)}")
    return quantity(groups[0], units)


def _energy(groups: Groups) -> float:
    return _one(groups, ENERGY)


def _power(groups: Groups) -> float:
    return _one(groups, POWER)


def _voltage(groups: Groups) -> float:
    return _one(groups, VOLTAGE)


def _current(groups: Groups) -> float:
    return _one(groups, CURRENT)


def _frequency(groups: Groups) -> float:
    return _one(groups, FREQUENCY)


def _identifier(groups: Groups) -> str | None:
    return identifier(groups[0])


def _version(groups: Groups) -> str | None:
    # ORES and Sibelga send hex of ASCII; the plain numbers (50, 50217) could be taken for hex too
    raw = groups[0].strip()
    return identifier(raw) if len(raw) > 6 else raw.decode("ascii") or None


def _message(groups: Groups) -> str | None:
    return message(groups[0])


def _clock(groups: Groups) -> Stamp:
    return stamp(groups[0])


def _number(highest: int) -> Callable[[Groups], int]:
    def read(groups: Groups) -> int:
        return integer(groups[0], highest)

    return read


def _month_peak(groups: Groups) -> tuple[float, Stamp]:
    """1.6.0: time and value; Iskraemeco meters of ORES send the value first."""
    times = [group for group in groups if is_stamp(group)]
    rest = [group for group in groups if not is_stamp(group)]
    if len(rest) != 1 or len(times) > 1:
        raise BadValue("a time and a power were expected")
    return quantity(rest[0], POWER), stamp(times[0]) if times else NEVER


_LIMITER_OFF = frozenset((99.999, 999.0, 999.9, 999.99, 999.999, 9999.0))
"""In kW or kVA: F4(1,1), F5(3,3) and DSMR 2.2 write "no limit" as all nines."""
_FUSE_OFF = frozenset((999.0, 999.9, 999.99, 9999.0))


def _limiter(groups: Groups) -> tuple[str, float | None]:
    digits, unit = split_number(groups[0])
    if unit and unit in CURRENT:
        amps = quantity(groups[0], CURRENT)
        return "limiter_a", None if amps in _FUSE_OFF else amps
    watts = quantity(groups[0], APPARENT)
    return "limiter_w", None if float(digits) in _LIMITER_OFF else watts


def _fuse(groups: Groups) -> list[float | None]:
    """Import limit, then export limit: Luxembourg sends two groups, Sibelga two values in one."""
    parts = [part for group in groups for part in group.split(b",")]
    amps = [abs(quantity(part, CURRENT)) for part in parts[:2]]
    return [None if value in _FUSE_OFF else value for value in amps]


def _device_type(groups: Groups) -> int | None:
    return integer(groups[0], 255) if groups[0].strip() else None


def _valve(groups: Groups) -> int | None:
    return integer(groups[0], 2) if groups[0].strip() else None


def _reading(groups: Groups) -> Reading:
    """24.2.x: capture time and value. Nought without a time is a channel that was never read."""
    at = stamp(groups[0]) if len(groups) > 1 or is_stamp(groups[0]) else NEVER
    last = groups[-1].strip()
    if not last or is_stamp(groups[-1]):
        return None, None, at
    return _metered(last, b"", at)


def _gas(groups: Groups) -> Reading:
    """7-0:23.1.0 of DSMR 2.2 as printed: time and value; the ACE4000 sends the value first."""
    times = [group for group in groups if is_stamp(group)]
    rest = [group for group in groups if not is_stamp(group)]
    if len(rest) != 1 or len(times) > 1:
        raise BadValue("a time and a volume were expected")
    return _metered(rest[0].strip(), b"m3", stamp(times[0]) if times else NEVER)


def _hourly(groups: Groups) -> Reading:
    """24.3.0 of DSMR 2.2 and 3.0: time, status, period, number, object, unit, value (which the meter
    sends on a line of its own)."""
    if len(groups) < 7:
        raise BadValue("the value of this reading, which stands on the next line, is missing")
    return _metered(groups[6].strip(), groups[5].strip().lower(), stamp(groups[0]))


def _metered(raw: bytes, unit: bytes, at: Stamp) -> Reading:
    digits, own = split_number(raw)
    unit = own or unit
    if unit and unit not in METERED:
        raise BadValue(f"{show(raw)!r} has no unit that a meter on the M-Bus can have")
    name, scale = METERED[unit] if unit else (None, b"")
    value = float(digits + scale) + 0.0
    if not value and at == NEVER:
        return None, name, at
    return value, name, at


Table = dict[tuple[int, int, int, int, int], tuple[str, Callable[[Groups], object]]]

_MBUS: dict[tuple[int, int, int], tuple[str, Callable[[Groups], object]]] = {
    (24, 1, 0): ("device_type", _device_type),
    (96, 1, 0): ("id~1", _identifier),
    (96, 1, 1): ("id", _identifier),
    (96, 1, 2): ("ean", _identifier),
    (24, 4, 0): ("valve", _valve),
    (24, 2, 1): ("reading", _reading),
    (24, 2, 3): ("reading~1", _reading),
    (24, 3, 0): ("reading~2", _hourly),
}

OLD_GAS = -7
"""Stands for the M-Bus channel of a gas meter that is sent as medium 7 (`7-0:23.1.0`), without a channel."""
_GAS: dict[tuple[int, int, int], tuple[str, Callable[[Groups], object]]] = {
    (0, 0, 0): ("id", _identifier),
    (23, 1, 0): ("reading", _gas),
    (24, 4, 0): ("valve", _valve),
}


_PHASES = ((1, 31, 32, 21, 22, 36), (2, 51, 52, 41, 42, 56), (3, 71, 72, 61, 62, 76))
"""Phase, then group C of its current, voltage, import, export and (German D0) signed net power."""


def _table() -> Table:
    table: Table = {
        (0, 0, 1, 0, 0): ("clock", _clock),
        (0, 0, 1, 1, 0): ("clock~1", _clock),  # WarmteLink
        (1, 3, 0, 2, 8): ("version", _version),
        (0, 0, 96, 1, 4): ("version~1", _version),
        (0, 0, 96, 1, 1): ("meter_id", _identifier),
        (0, 0, 96, 1, 0): ("meter_id~1", _identifier),
        (0, 0, 96, 1, 255): ("meter_id~2", _identifier),  # EasyMeter
        (0, 0, 42, 0, 0): ("meter_id~3", _identifier),  # Luxembourg, Hungary: logical device name
        (0, 0, 96, 1, 2): ("ean", _identifier),
        (0, 0, 96, 14, 0): ("tariff", _number(9999)),
        (1, 0, 1, 8, 0): ("energy_import_kwh", _energy),
        (1, 0, 2, 8, 0): ("energy_export_kwh", _energy),
        (1, 0, 1, 7, 0): ("power_import_w", _power),
        (1, 0, 2, 7, 0): ("power_export_w", _power),
        (1, 0, 16, 7, 0): ("power_net_w", _power),  # German D0: signed
        (1, 0, 1, 4, 0): ("quarter_demand_w", _power),
        (1, 0, 1, 6, 0): ("month_peak", _month_peak),
        (1, 0, 14, 7, 0): ("frequency_hz", _frequency),
        (0, 0, 96, 3, 10): ("breaker", _number(2)),
        (0, 0, 17, 0, 0): ("limiter", _limiter),
        (1, 0, 31, 4, 0): ("fuse_a", _fuse),
        (1, 0, 94, 32, 1): ("grid_type", _number(9999)),
        (0, 0, 96, 7, 21): ("power_failures", _number(10**9)),
        (0, 0, 96, 7, 9): ("long_power_failures", _number(10**9)),
        (0, 0, 96, 13, 0): ("text", _message),
        (0, 0, 96, 13, 1): ("message_code", _message),
    }
    for tariff in range(1, 6):
        table[1, 0, 1, 8, tariff] = (f"energy_import_t{tariff}_kwh", _energy)
        table[1, 0, 2, 8, tariff] = (f"energy_export_t{tariff}_kwh", _energy)
    for phase, current, voltage, imported, exported, net in _PHASES:
        table[1, 0, current, 7, 0] = (f"current_l{phase}_a", _current)
        table[1, 0, voltage, 7, 0] = (f"voltage_l{phase}_v", _voltage)
        table[1, 0, imported, 7, 0] = (f"power_import_l{phase}_w", _power)
        table[1, 0, exported, 7, 0] = (f"power_export_l{phase}_w", _power)
        table[1, 0, net, 7, 0] = (f"power_net_l{phase}_w", _power)
    return table


_TABLE = _table()
_UNITS = {_energy: ENERGY, _power: POWER, _voltage: VOLTAGE, _current: CURRENT}
_PLAIN = {
    b"%d-%d:%d.%d.%d" % code: (name, _UNITS[read]) for code, (name, read) in _TABLE.items() if read in _UNITS
}
"""Codes of objects that hold one number, as every meter writes them."""
