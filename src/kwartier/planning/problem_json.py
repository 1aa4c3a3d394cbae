"""Reads the problem of `kwartier plan` (DESIGN 6.5): all that is wrong with its form, each with its place.

Only the form is judged here: what is missing, of the wrong kind, unknown or of the wrong length. Figures that cannot
be (null, NaN, a battery fuller than full) become a plan with a named violation; that is `tidy`'s work. The keys of
devices, circuits and the peak are the fields of `site.plans`, read by their types.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, TypeVar, get_type_hints

from kwartier.planning.tidy import check_shape
from kwartier.site.errors import ConfigError
from kwartier.site.plans import (
    BatteryTask,
    BufferTask,
    CarTask,
    CircuitLimit,
    Peak,
    Problem,
    RunTask,
    Series,
)

_SHOWN = 20
_FURTHEST = 10**9
_T = TypeVar("_T")

LISTS: dict[str, tuple[str, type]] = {
    "batteries": ("batteries", BatteryTask),
    "evs": ("cars", CarTask),
    "loads": ("runs", RunTask),
    "buffers": ("buffers", BufferTask),
    "circuits": ("circuits", CircuitLimit),
}
"""Key of the document -> field of the problem, and what it holds."""
_DEVICES = ("batteries", "evs", "loads", "buffers")
_PLAIN = (
    "import_price",
    "export_price",
    "load_w",
    "pv_w",
    "pv_curtailable",
    "import_limit_w",
    "export_limit_w",
    "peak",
    "smooth_eur_per_kw",
)
_KNOWN = ("start", "step_minutes", *_PLAIN, *LISTS)


class ProblemError(ConfigError):
    """Everything found wrong, a line each."""


def read_problem(text: str, source: str) -> Problem:
    """A problem out of JSON. `source` names the input in errors.

    Raises ProblemError.
    """
    reader = _Reader()
    try:
        document = json.loads(text, object_pairs_hook=reader.pairs)
    except json.JSONDecodeError as error:
        raise ProblemError(f"{source}: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ProblemError(f"{source}: no JSON of this kind is nested so deep") from None
    except ValueError as error:  # a whole number of thousands of digits
        raise ProblemError(f"{source}: {error}") from None
    problem = reader.problem(document)
    if problem is not None and not reader.errors:
        try:
            check_shape(problem)
        except ConfigError as error:
            reader.errors.append(str(error))
    if problem is None or reader.errors:
        more = len(reader.errors) - _SHOWN
        lines = reader.errors[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
        raise ProblemError("\n".join(f"{source}: {line}" for line in lines))
    return problem


def plain_id(name: str) -> str:
    """The id as the document has it."""
    kind, _, rest = name.partition("/")
    return rest if kind in LISTS and rest else name


def _tell_apart(values: dict[str, Any]) -> None:
    """A battery and a car may have one id in the document, each in its list; in a plan they are told apart."""
    seen = Counter(name for key in _DEVICES for name in {task.id for task in values[LISTS[key][0]]})
    for key in _DEVICES:
        field = LISTS[key][0]
        values[field] = tuple(
            replace(task, id=f"{key}/{task.id}") if seen[task.id] > 1 else task for task in values[field]
        )


class _Reader:
    """Collects errors instead of stopping at the first; values that are wrong become harmless ones."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._readers: dict[Any, Callable[[str, object], object]] = {
            float: self.number,
            int: self.integer,
            bool: self.boolean,
            str: self.string,
            Series: self.series,
            float | None: self.optional,
            str | None: self.name,
            Series | float: self.either,
            Series | float | None: self.limit,
            tuple[int, ...]: self.integers,
            tuple[bool, ...] | None: self.booleans,
            tuple[tuple[int, float], ...]: self.goals,
            tuple[tuple[float, float], ...]: self.points,
            tuple[Series, ...]: self.many_series,
            Peak: self.peak,
        }

    def wrong(self, path: str, expected: str, value: object) -> None:
        shown = json.dumps(value, ensure_ascii=False, default=str)
        self.errors.append(
            f"{path}: expected {expected}, not {shown if len(shown) <= 60 else shown[:57] + '...'}"
        )

    def pairs(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        out = dict(pairs)
        if len(out) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            self.errors.append(f"an object has the key {twice[0]!r} twice; keep one")
        return out

    # -- values

    def number(self, path: str, value: object) -> float:
        """A number; null is one that is not known, and told of later."""
        if value is None:
            return math.nan
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                return math.inf if value > 0 else -math.inf
        self.wrong(path, "a number", value)
        return 0.0

    def integer(self, path: str, value: object) -> int:
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
            return int(max(-_FURTHEST, min(_FURTHEST, value)))
        self.wrong(path, "a whole number", value)
        return 0

    def boolean(self, path: str, value: object) -> bool:
        if isinstance(value, bool):
            return value
        self.wrong(path, "true or false", value)
        return False

    def string(self, path: str, value: object) -> str:
        if isinstance(value, str) and value:
            return value
        self.wrong(path, "a string that is not empty", value)
        return ""

    def name(self, path: str, value: object) -> str | None:
        return None if value is None else self.string(path, value)

    def optional(self, path: str, value: object) -> float | None:
        return None if value is None else self.number(path, value)

    def array(self, path: str, value: object) -> list[object]:
        if isinstance(value, list):
            return value
        self.wrong(path, "an array", value)
        return []

    def each(self, path: str, value: object, read: Callable[[str, object], _T]) -> tuple[_T, ...]:
        return tuple(read(f"{path}[{i}]", item) for i, item in enumerate(self.array(path, value)))

    def series(self, path: str, value: object) -> Series:
        return () if value is None else self.each(path, value, self.number)

    def either(self, path: str, value: object) -> Series | float:
        return self.series(path, value) if isinstance(value, list) else self.number(path, value)

    def limit(self, path: str, value: object) -> Series | float | None:
        return None if value is None else self.either(path, value)

    def integers(self, path: str, value: object) -> tuple[int, ...]:
        return self.each(path, value, self.integer)

    def booleans(self, path: str, value: object) -> tuple[bool, ...] | None:
        return None if value is None else self.each(path, value, self.boolean)

    def many_series(self, path: str, value: object) -> tuple[Series, ...]:
        return self.each(path, value, self.series)

    def point(self, path: str, value: object) -> tuple[float, float]:
        pair = self.series(path, value)
        if len(pair) == 2:
            return (pair[0], pair[1])
        self.wrong(path, "an array of two numbers", value)
        return (0.0, 0.0)

    def points(self, path: str, value: object) -> tuple[tuple[float, float], ...]:
        return self.each(path, value, self.point)

    def goals(self, path: str, value: object) -> tuple[tuple[int, float], ...]:
        return tuple(
            (self.integer(f"{path}[{i}][0]", step), kwh)
            for i, (step, kwh) in enumerate(self.points(path, value))
        )

    def moment(self, path: str, value: object) -> int:
        text = self.string(path, value)
        try:
            at = datetime.fromisoformat(text) if text else None
        except ValueError:
            at = None
            self.wrong(path, "a date and time such as 2026-01-15T00:00:00+01:00", value)
        if at is None:
            return 0
        if at.tzinfo is None:
            self.errors.append(
                f"{path}: {text!r} has no offset from UTC, so no hour of the clock; write +01:00 or Z behind it"
            )
            return 0
        return round(at.timestamp())

    # -- objects

    def keys(self, path: str, value: object, known: tuple[str, ...]) -> Mapping[str, object] | None:
        """The object at `path`; its keys must be known ones."""
        if not isinstance(value, dict):
            self.wrong(path or "the document", "an object", value)
            return None
        for key in value:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                cure = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                self.errors.append(f"{f'{path}.' if path else ''}{key}: unknown key; {cure}")
        return value

    def made(self, path: str, value: object, kind: type[_T]) -> _T | None:
        """A value class out of an object; each field is read as what it is."""
        known = fields(kind)  # type: ignore[arg-type]
        hints = get_type_hints(kind)
        given = self.keys(path, value, tuple(field.name for field in known))
        if given is None:
            return None
        values: dict[str, Any] = {}
        whole = True
        for field in known:
            if field.name in given:
                values[field.name] = self._readers[hints[field.name]](
                    f"{path}.{field.name}", given[field.name]
                )
            elif field.default is MISSING and field.default_factory is MISSING:
                if hints[field.name] == str | None:
                    values[field.name] = None
                    continue
                self.errors.append(f"{path}: {field.name!r} is missing")
                whole = False
        return kind(**values) if whole else None

    def peak(self, path: str, value: object) -> Peak:
        made = None if value is None else self.made(path, value, Peak)
        return Peak() if made is None else made

    def problem(self, document: object) -> Problem | None:
        given = self.keys("", document, _KNOWN)
        if given is None:
            return None
        missing = [name for name in ("start", "import_price", "load_w") if name not in given]
        if missing:
            self.errors += [f"the document: {name!r} is missing" for name in missing]
            return None
        hints = get_type_hints(Problem)
        values: dict[str, Any] = {
            name: self._readers[hints[name]](name, given[name]) for name in _PLAIN if name in given
        }
        if given.get("export_price") is None:
            values["export_price"] = tuple(0.0 for _ in values["import_price"])
        if given.get("pv_curtailable", True) is None:
            values["pv_curtailable"] = False
        for key, (name, kind) in LISTS.items():
            items = given.get(key)
            made = [
                self.made(f"{key}[{i}]", item, kind) for i, item in enumerate(self.array(key, items or []))
            ]
            values[name] = tuple(filter(None, made))
        _tell_apart(values)
        return Problem(start_s=self.moment("start", given["start"]), step_s=self.step_s(given), **values)

    def step_s(self, given: Mapping[str, object]) -> int:
        step = self.number("step_minutes", given.get("step_minutes", 15))
        if math.isfinite(step) and 1 <= round(60.0 * step) <= 86_400:
            return round(60.0 * step)
        self.wrong("step_minutes", "minutes from 1/60 to 1440", given.get("step_minutes"))
        return 900
