"""Kinds of values in the site file, each with a refusal that says what to write instead."""

import re
import zoneinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, ValidationInfo
from pydantic_core import PydanticCustomError

from kwartier.config import slips
from kwartier.protocols.formula import FormulaError, compile_formula
from kwartier.site.cards import card_number
from kwartier.site.errors import ConfigError
from kwartier.site.topology import WEIGHTS

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CARD = re.compile(r"[0-9A-Z]{4,36}")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")


def refused(what: str, cure: str, **more: Any) -> PydanticCustomError:
    """A refusal in our own words."""
    return PydanticCustomError("kwartier", what, {"cure": cure, **more})


def _slug(value: str) -> str:
    if _SLUG.fullmatch(value):
        return value
    near = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    hint = f"write {near}" if _SLUG.fullmatch(near) else "write for example garage or board-a"
    raise refused(f"{value!r} is no id: small letters, digits and single hyphens, a letter first", hint)


def _time_zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(value, zoneinfo.available_timezones(), n=1)
        cure = f"did you mean {near[0]}?" if near else "write for example Europe/Brussels"
        raise refused(f"there is no time zone {value!r}", cure) from None
    return value


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name. Raises ConfigError with the nearest one."""
    try:
        return zoneinfo.ZoneInfo(_time_zone(name))
    except PydanticCustomError as error:
        cure = (error.context or {}).get("cure", "")
        raise ConfigError(f"{error.message()}; {cure}") from None


def _reference(value: str) -> str:
    if _REFERENCE.fullmatch(value):
        return value
    raise refused(
        "a secret may not stand in the site file",
        "put it into a file of its own and name that (key_file: p1.key), or into the environment (key: ${P1_KEY})",
    )


def _variable(value: str) -> str:
    if _VARIABLE.fullmatch(value):
        return value
    raise refused(f"{value!r} is no name of a variable", "use letters, digits, _ and points, a letter first")


def _path(value: str, info: ValidationInfo) -> str:
    folder = (info.context or {}).get("folder")
    return str(Path(folder, value)) if folder is not None else value


def _formula(value: str) -> str:
    try:
        compile_formula(value)
    except FormulaError as error:
        what = f"the formula is wrong: {error.what}"
        raise refused(what, error.cure, column=error.column, pointed=error.pointed()) from None
    return value


def _limit_text(value: str) -> str:
    if (cure := slips.number(value, "limit_a")) is not None:
        raise refused(f"expected a number or a formula, found {value!r}", cure)
    return value


def _currency(value: str) -> str:
    if _CURRENCY.fullmatch(value):
        return value
    raise refused(f"{value!r} is no currency: three capitals", "write for example EUR")


def _phases_as_list(value: object) -> object:
    if (cure := slips.phases(value)) is not None:
        raise refused("phases are a list of numbers: 1 for L1, 2 for L2, 3 for L3", cure)
    return value


def _phase_list(value: list[int]) -> list[int]:
    if set(value) - {1, 2, 3} or len(set(value)) != len(value):
        cure = "write [1, 2, 3] for three conductors, [2] for one that hangs on L2"
        raise refused("phases are different ones of 1, 2, 3", cure)
    return value


def _card_as_text(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        what = "this card is read as a number, which loses its leading zeros"
        raise refused(what, 'write it between quotes, as the charge point shows it: "04123456"')
    return value


def _card(value: str) -> str:
    number = card_number(value)
    if _CARD.fullmatch(number):
        return number
    cure = "write its number as the charge point shows it, for example 04A1B2C3"
    raise refused(f"{value!r} is no number of a card: 4 to 36 letters and digits", cure)


def _clock(value: str) -> str:
    if _CLOCK.fullmatch(value):
        return value.rjust(5, "0")
    raise refused(f"{value!r} is no time of the day", "write hours and minutes, for example 17:30")


def _clock_as_text(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise refused(f"{value!r} is no time of the day", "write hours and minutes, for example 17:30")
    return value


def clock_s(clock: str) -> int:
    """Seconds after midnight of a `ClockTime`."""
    hours, minutes = clock.split(":")
    return 3600 * int(hours) + 60 * int(minutes)


def _form_of_limit(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return "<number>"
    if isinstance(value, list):
        return "<phases>"
    if isinstance(value, str):
        return "<formula>"
    return "<mapping>" if isinstance(value, dict) or hasattr(value, "formula") else None


Slug = Annotated[str, AfterValidator(_slug), Field(json_schema_extra={"pattern": f"^{_SLUG.pattern}$"})]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Currency = Annotated[
    str, AfterValidator(_currency), Field(json_schema_extra={"pattern": f"^{_CURRENCY.pattern}$"})
]
SecretReference = Annotated[str, AfterValidator(_reference)]
VariableName = Annotated[str, AfterValidator(_variable)]
FilePath = Annotated[str, Field(min_length=1), AfterValidator(_path)]
"""A file relative to the folder of the site file; absolute once it is loaded."""
FormulaText = Annotated[str, AfterValidator(_formula)]
LimitText = Annotated[str, AfterValidator(_limit_text), AfterValidator(_formula)]
"""A formula in the place of a figure: `40 A` and `"40"` are meant as figures."""
PhaseList = Annotated[
    list[int],
    Field(min_length=1, max_length=3),
    AfterValidator(_phase_list),
    BeforeValidator(_phases_as_list),
]
CardNumber = Annotated[str, AfterValidator(_card), BeforeValidator(_card_as_text)]
"""The number of a card, as `site.cards` writes it."""
ClockTime = Annotated[str, AfterValidator(_clock), BeforeValidator(_clock_as_text)]
"""Local time of the day, `HH:MM`."""
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
USUAL_IMBALANCE_A = 20.0
"""4.6 kVA between phases: VDE-AR-N 4100."""
Imbalance = Annotated[
    Positive,
    BeforeValidator(
        lambda value: USUAL_IMBALANCE_A if value is True else value,
        json_schema_input_type=Positive | Literal[True],
    ),
]
"""How far phases may lie apart, A; `true` for what grid operators ask for."""
Weight = Annotated[float, Field(ge=WEIGHTS[0], le=WEIGHTS[1], allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
ThreePositive = Annotated[list[Positive], Field(min_length=3, max_length=3)]
ThreeFinite = Annotated[list[Finite], Field(min_length=3, max_length=3)]


def _choice(what: str, cure: str) -> Discriminator:
    """Choose among the forms of a current by what stands there; anything else is refused in our words."""
    return Discriminator(
        _form_of_limit,
        custom_error_type="kwartier",
        custom_error_message=what,
        custom_error_context={"cure": cure},
    )


_NUMBERS = _choice("this is neither a number nor a list of three", "write for example 40, or [40, 40, 32]")
PositiveA = Annotated[
    Annotated[Positive, Tag("<number>")] | Annotated[ThreePositive, Tag("<phases>")], _NUMBERS
]
"""One current for all phases or three for L1, L2, L3; above 0."""
AnyA = Annotated[Annotated[Finite, Tag("<number>")] | Annotated[ThreeFinite, Tag("<phases>")], _NUMBERS]
"""As PositiveA, of any sign."""
LIMIT_FORM = _choice(
    "this is neither a number, nor a list of three, nor a formula",
    "write for example 40, or [40, 40, 32], or 55 * AVAIL / 100",
)
TAGS = frozenset({"<number>", "<phases>", "<formula>", "<mapping>"})
"""What pydantic puts into the path of an error inside one of the forms; it stands in no file."""
