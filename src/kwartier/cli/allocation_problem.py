"""Reads the problem of `kwartier allocate` (DESIGN 6.4): all that is wrong with it, each with its place."""

import json
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from kwartier.control.allocation import AllocCharger, AllocCircuit, tree_of
from kwartier.site.errors import ConfigError
from kwartier.site.phases import PhaseVector

_CIRCUIT_KEYS = ("id", "parent", "limit_a", "base_load_a", "limit_total_a", "imbalance_a")
_CHARGER_KEYS = ("id", "circuit", "phases", "min_a", "max_a", "weight", "priority", "waiting_s")
_SHOWN = 20
_LARGEST = 1e6
"""No current, weight or priority on earth is above this; beyond it binary fractions lose nanoamperes."""
_LONGEST_S = 1e12
_T = TypeVar("_T")


class ProblemError(ConfigError):
    """Everything found wrong, a line each."""


def read_problem(text: str, source: str) -> tuple[list[AllocCircuit], list[AllocCharger]]:
    """Circuits and chargers out of JSON. `source` names the input in errors.

    Raises ProblemError.
    """
    reader = _Reader()
    try:
        document = json.loads(text, parse_constant=reader.constant, object_pairs_hook=reader.pairs)
    except json.JSONDecodeError as error:
        raise ProblemError(f"{source}: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ProblemError(f"{source}: no JSON of this kind is nested so deep") from None
    circuits, chargers = reader.problem(document)
    if not reader.errors:
        try:
            tree_of(circuits)
        except ConfigError as error:
            reader.errors.append(f"circuits: {error}")
    if reader.errors:
        more = len(reader.errors) - _SHOWN
        lines = reader.errors[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
        raise ProblemError("\n".join(f"{source}: {line}" for line in lines))
    return circuits, chargers


class _Reader:
    """Collects errors instead of stopping at the first; values that are wrong become harmless ones."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def wrong(self, path: str, expected: str, value: object) -> None:
        shown = json.dumps(value, ensure_ascii=False, default=str)
        self.errors.append(
            f"{path}: expected {expected}, not {shown if len(shown) <= 60 else shown[:57] + '...'}"
        )

    def constant(self, name: str) -> float:
        self.errors.append(f"{name} is no number that JSON knows; give a finite one")
        return 0.0

    def pairs(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        out = dict(pairs)
        if len(out) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            self.errors.append(f"an object has the key {twice[0]!r} twice; keep one")
        return out

    # -- values

    def keys(self, path: str, value: object, known: Iterable[str]) -> Mapping[str, object]:
        """The object at `path`; its keys must be known ones."""
        if not isinstance(value, dict):
            self.wrong(path or "the document", "an object", value)
            return {}
        names = list(known)
        for key in value:
            if key not in names:
                near = get_close_matches(key, names, n=1)
                cure = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
                self.errors.append(f"{f'{path}.' if path else ''}{key}: unknown key; {cure}")
        return value

    def array(self, path: str, value: object) -> list[object]:
        if isinstance(value, list):
            return value
        self.wrong(path, "an array", value)
        return []

    def string(self, path: str, value: object) -> str:
        if isinstance(value, str) and value:
            return value
        self.wrong(path, "a string that is not empty", value)
        return ""

    def number(self, path: str, value: object, least: float, most: float = _LARGEST) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            return float(value)
        self.wrong(path, f"a number from {least:,.9g} to {most:,.0f}", value)
        return 1.0

    def integer(self, path: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.wrong(path, "a whole number", value)
        return 0

    def vector(self, path: str, value: object, least: float) -> PhaseVector:
        if not isinstance(value, list) or len(value) != 3:
            self.wrong(path, "three numbers, for L1, L2 and L3", value)
            return (0.0, 0.0, 0.0)
        l1, l2, l3 = (self.number(f"{path}[{i}]", item, least) for i, item in enumerate(value))
        return (l1, l2, l3)

    def phases(self, path: str, value: object) -> tuple[int, ...]:
        whole = isinstance(value, list) and all(type(item) is int for item in value)
        if (
            isinstance(value, list)
            and whole
            and value
            and len(set(value)) == len(value)
            and set(value) <= {1, 2, 3}
        ):
            return tuple(value)
        self.wrong(path, "one to three different ones of 1, 2, 3", value)
        return (1,)

    def required(self, path: str, given: Mapping[str, object], *names: str) -> bool:
        missing = [name for name in names if name not in given]
        self.errors += [f"{path}: {name!r} is missing" for name in missing]
        return not missing

    # -- the document

    def problem(self, document: object) -> tuple[list[AllocCircuit], list[AllocCharger]]:
        given = self.keys("", document, ("circuits", "chargers"))
        if not isinstance(document, dict) or not self.required("the document", given, "circuits", "chargers"):
            return [], []
        circuits = self.all("circuits", given["circuits"], self.circuit)
        chargers = self.all("chargers", given["chargers"], self.charger)
        self.unique("circuits", [c.id for c in circuits])
        self.unique("chargers", [c.id for c in chargers])
        ids = [c.id for c in circuits]
        for i, circuit in enumerate(circuits):
            if circuit.parent is not None:
                self.reference(f"circuits[{i}].parent", circuit.parent, ids)
        for i, charger in enumerate(chargers):
            self.reference(f"chargers[{i}].circuit", charger.circuit, ids)
        return circuits, chargers

    def all(self, path: str, value: object, read: Callable[[str, object], _T | None]) -> list[_T]:
        made = [read(f"{path}[{i}]", item) for i, item in enumerate(self.array(path, value))]
        return [item for item in made if item is not None]

    def circuit(self, path: str, value: object) -> AllocCircuit | None:
        given = self.keys(path, value, _CIRCUIT_KEYS)
        if not isinstance(value, dict) or not self.required(path, given, "id", "limit_a"):
            return None
        parent, total = given.get("parent"), given.get("limit_total_a")
        uneven = given.get("imbalance_a")
        return AllocCircuit(
            id=self.string(f"{path}.id", given["id"]),
            parent=None if parent is None else self.string(f"{path}.parent", parent),
            limit_a=self.vector(f"{path}.limit_a", given["limit_a"], 0.0),
            base_load_a=self.vector(
                f"{path}.base_load_a", given.get("base_load_a", [0.0, 0.0, 0.0]), -_LARGEST
            ),
            limit_total_a=None if total is None else self.number(f"{path}.limit_total_a", total, 0.0),
            imbalance_a=None if uneven is None else self.number(f"{path}.imbalance_a", uneven, 0.0),
        )

    def charger(self, path: str, value: object) -> AllocCharger | None:
        given = self.keys(path, value, _CHARGER_KEYS)
        if not isinstance(value, dict) or not self.required(
            path, given, "id", "circuit", "phases", "min_a", "max_a"
        ):
            return None
        return AllocCharger(
            id=self.string(f"{path}.id", given["id"]),
            circuit=self.string(f"{path}.circuit", given["circuit"]),
            phases=self.phases(f"{path}.phases", given["phases"]),
            min_a=self.number(f"{path}.min_a", given["min_a"], 0.0),
            max_a=self.number(f"{path}.max_a", given["max_a"], 0.0),
            weight=self.number(f"{path}.weight", given.get("weight", 1.0), 1.0 / _LARGEST),
            priority=self.integer(f"{path}.priority", given.get("priority", 0)),
            waiting_s=self.number(f"{path}.waiting_s", given.get("waiting_s", 0.0), 0.0, _LONGEST_S),
        )

    def unique(self, path: str, ids: list[str]) -> None:
        first: dict[str, int] = {}
        for i, name in enumerate(ids):
            if name and first.setdefault(name, i) != i:
                self.errors.append(
                    f"{path}[{i}].id: {name!r} is also the id of {path}[{first[name]}]; use another"
                )

    def reference(self, path: str, name: str, ids: list[str]) -> None:
        if name and name not in ids:
            near = get_close_matches(name, ids, n=1)
            cure = f"did you mean {near[0]!r}?" if near else "give the id of one in circuits"
            self.errors.append(f"{path}: {name!r} is no circuit; {cure}")
