"""Pydantic's errors in the words of an installer: what was expected, what stands there, what to do."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from kwartier import __version__
from kwartier.config import slips
from kwartier.config.fields import TAGS
from kwartier.config.models import UNSUPPORTED, SiteConfig
from kwartier.config.problems import Finding, KeyPath

_EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list, one entry a line that starts with '- '",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "finite_number": "a finite number",
    "literal_error": "one of {expected}",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "string_too_short": "some text",
    "string_pattern_mismatch": "text of the form {pattern}",
}


def findings(error: ValidationError) -> Iterator[Finding]:
    """One finding per error of pydantic, in its order."""
    for details in error.errors(include_url=False):
        yield _finding(details)


def _finding(details: ErrorDetails) -> Finding:
    at = key_path(details["loc"])
    context: dict[str, Any] = details.get("ctx", {})
    kind = details["type"]
    if kind == "kwartier":
        pointed = str(context.get("pointed", ""))
        what, cure = details["msg"], str(context["cure"])
        return Finding(severity="error", at=at, what=what, cure=cure, pointed=pointed)
    if kind == "extra_forbidden":
        return _unknown_key(at)
    if kind == "missing":
        what = f"the key {at[-1]!r} is missing"
        return Finding(severity="error", at=at, what=what, cure=f"add {at[-1]}: {_meaning(at)}")
    expected = _EXPECTED[kind].format(**context) if kind in _EXPECTED else details["msg"]
    what = f"expected {expected}, found {_shown(at, details['input'])}"
    cure = _slip(kind, at, details["input"], context) or f"write here: {_meaning(at)}"
    return Finding(severity="error", at=at, what=what, cure=cure)


def _slip(kind: str, at: KeyPath, found: object, context: dict[str, Any]) -> str | None:
    """The cure for a usual slip of the pen."""
    if not isinstance(found, str):
        return None
    if kind in {"float_type", "int_type"}:
        return slips.number(found, next((p for p in reversed(at) if isinstance(p, str)), ""))
    if kind == "bool_type":
        return slips.truth(found)
    if kind == "literal_error":
        return slips.nearest(found, re.findall(r"'([^']*)'", str(context["expected"])))
    return None


def key_path(loc: tuple[int | str, ...]) -> KeyPath:
    """The path in the file, without the marks that pydantic adds."""
    return tuple(part for part in loc if part not in TAGS and part != "[key]")


def _unknown_key(at: KeyPath) -> Finding:
    key = str(at[-1])
    if len(at) == 1 and key in UNSUPPORTED:
        what = f"{key!r} is not supported by this version of Kwartier ({__version__})"
        return Finding(severity="error", at=at, what=what, cure="remove it or make it a comment")
    known = list(_model_at(at[:-1]).model_fields)
    near = get_close_matches(key.lower(), known, n=1, cutoff=0.6)
    cure = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    return Finding(severity="error", at=at, what=f"there is no key {key!r} here", cure=cure)


def _shown(at: KeyPath, value: object) -> str:
    """What stands there, shortened; a secret is not shown."""
    if at[-1] == "options" or any(word in str(part) for part in at for word in ("key", "password", "url")):
        return "something else"
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _meaning(at: KeyPath) -> str:
    if at[0] == "variables" and len(at) > 1:
        return "a number, for example 100"
    field = _field_at(at)
    return field.description if field is not None and field.description else "what the examples show"


def _field_at(at: KeyPath) -> FieldInfo | None:
    names = [part for part in at if isinstance(part, str)]
    return _model_at(tuple(names[:-1])).model_fields.get(names[-1]) if names else None


def _model_at(at: KeyPath) -> type[BaseModel]:
    """The model that describes the mapping at this path."""
    model: type[BaseModel] = SiteConfig
    for part in at:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models_in(model.model_fields[part]), model)
    return model


def _models_in(field: FieldInfo) -> Iterator[type[BaseModel]]:
    waiting: list[Any] = [field.annotation]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
        waiting.extend(get_args(kind))
