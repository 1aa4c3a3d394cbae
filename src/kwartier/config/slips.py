"""What people write in the place of a value, and what they meant by it: never taken for it, only proposed."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

_FIGURE = re.compile(r"(?:3\s*[x×]\s*)?([+-]?\d+(?:[.,]\d+)?)\s*([A-Za-z%]*)")
_PHASES = re.compile(r"[\[(]?\s*l?[123](?:[\s,;/+-]*l?[123]){0,2}\s*[\])]?", re.IGNORECASE)
_YES_NO = {"yes": "true", "on": "true", "ja": "true", "no": "false", "off": "false", "nee": "false"}
UNITS = {"a": "A", "kw": "kW", "s": "s", "eur": "EUR"}
"""Units that a key may end in, and how people write them."""


def number(text: str, key: str) -> str | None:
    """The cure for a number with a comma, a unit or quotes (`17,25 kW`, `"8080"`, `3x40A`) under `key`;
    None where the text is no such figure."""
    found = _FIGURE.fullmatch(text.strip())
    if found is None:
        return None
    figure, unit = found[1].replace(",", "."), found[2]
    own = UNITS.get(key.rpartition("_")[2])
    if unit and unit.lower() != (own or "").lower():
        return f"write the number alone, in {own}" if own else "write the number alone"
    return f"write {figure}, with a point for decimals and without a unit or quotes"


def truth(text: str) -> str | None:
    """The cure for a yes or no; None for other text."""
    meant = _YES_NO.get(text.strip().lower())
    return None if meant is None else f"write {meant}; {text.strip()} is a word like any other in YAML 1.2"


def phases(value: object) -> str | None:
    """The cure for phases that are not written as a list of numbers: `L1,L2`, `3`, `[L2, L3, L1]`; None
    where the value is no such thing."""
    if isinstance(value, int) and not isinstance(value, bool):
        one = f"write [{value}] for one phase that hangs on L{value}"
        return {1: one, 2: one, 3: "write [1, 2, 3] for three phases, and [3] for one on L3"}.get(value)
    if isinstance(value, list):
        if not any(isinstance(part, str) for part in value):
            return None
        value = ",".join(str(part) for part in value)
    if not isinstance(value, str) or _PHASES.fullmatch(value.strip()) is None:
        return None
    return f"write [{', '.join(re.findall('[123]', value))}]"


def nearest(wanted: str, known: Sequence[str]) -> str | None:
    """Which of the known words was meant: `P1` is `p1`, `alfen` one of those that begin so. A question."""
    small = wanted.lower()
    found = [k for k in known if k.lower() == small] or [
        k for k in known if small and k.lower().startswith(small)
    ]
    found = found or get_close_matches(small, known, n=1)
    return f"did you mean {' or '.join(repr(k) for k in found)}?" if found else None
