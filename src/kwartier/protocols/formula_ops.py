"""What the operators and functions of a formula do: closures from values to a float.

Every closure returns a finite float or raises FormulaError with the column of its operator. Truth is 1,
untruth 0, and everything but 0 counts as true.
"""

import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence

from kwartier.protocols.formula_text import FormulaError, Token

Values = Mapping[str, float]
Run = Callable[[Values], float]

_MAX = sys.float_info.max
_MAX_WHOLE = 2.0**53
"""Above it a float no longer holds every whole number, so that single bits mean nothing."""


def name(text: str, token: Token) -> Run:
    """Read a value. Keys in lower case are found at once, others by looking through all of them."""
    key, column = token.text, token.column

    def run(values: Values) -> float:
        value = values.get(key)
        if value is None:
            value = find(values, key)
            if value is None:
                raise FormulaError(f"{key} has no value now", "check the device behind it", text, column)
        if -_MAX <= value <= _MAX:
            return value
        raise FormulaError(f"the value of {key} is no finite number", "check what sets it", text, column)

    return run


def find(values: Values, key: str) -> float | None:
    """A value by its lower-case name, however its key is spelled; None when there is none."""
    if key in values:
        return values[key]
    return next((v for k, v in values.items() if k.lower() == key), None)


def exists(key: str) -> Run:
    """1 when there is a value of this name now and it is a number, else 0."""

    def run(values: Values) -> float:
        value = find(values, key)
        return 1.0 if value is not None and -_MAX <= value <= _MAX else 0.0

    return run


def arithmetic(text: str, op: Token, left: Run, right: Run) -> Run:
    """`+ - * / % ^` (also `**`). `%` takes the sign of its left side, as in C and in cFos."""
    do, column = _ARITHMETIC[op.text], op.column

    def run(values: Values) -> float:
        a, b = left(values), right(values)
        try:
            result = do(a, b)
        except ZeroDivisionError:
            raise FormulaError("division by zero", _ZERO_CURE, text, column) from None
        except (OverflowError, ValueError):
            raise FormulaError(_no_answer(op.text, a, b), "bound it with clamp()", text, column) from None
        if -_MAX <= result <= _MAX:
            return result
        raise FormulaError(_no_answer(op.text, a, b), "bound it with clamp()", text, column)

    return run


_ZERO_CURE = "guard it, for example b == 0 ? 0 : a / b"


def _no_answer(op: str, a: float, b: float) -> str:
    return f"{a:g} {op} {b:g} has no answer, or too large a one"


def _remainder(a: float, b: float) -> float:
    if b == 0:
        raise ZeroDivisionError
    return math.fmod(a, b)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": _remainder,
    "^": math.pow,
    "**": math.pow,
}


def bits(text: str, op: Token, left: Run, right: Run) -> Run:
    """`&` and `|` on whole numbers, as in cFos."""
    do: Callable[[int, int], int] = operator.and_ if op.text == "&" else operator.or_
    column = op.column

    def run(values: Values) -> float:
        a, b = left(values), right(values)
        for side in (a, b):
            if side != int(side) or not 0 <= side < _MAX_WHOLE:
                raise FormulaError(
                    f"{op.text} works on the bits of whole numbers from 0, not of {side:g}",
                    "write && or || for logic",
                    text,
                    column,
                )
        return float(do(int(a), int(b)))

    return run


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = frozenset(_COMPARISONS)


def compare(op: Token, left: Run, right: Run) -> Run:
    """`== != < <= > >=`: 1 or 0."""
    do = _COMPARISONS[op.text]
    return lambda values: 1.0 if do(left(values), right(values)) else 0.0


def both(left: Run, right: Run) -> Run:
    """Logical and; the right side is only read when it matters."""
    return lambda values: 1.0 if left(values) and right(values) else 0.0


def either(left: Run, right: Run) -> Run:
    """Logical or; the right side is only read when it matters."""
    return lambda values: 1.0 if left(values) or right(values) else 0.0


def negate(part: Run) -> Run:
    """Logical not."""
    return lambda values: 0.0 if part(values) else 1.0


def minus(part: Run) -> Run:
    """The opposite number."""
    return lambda values: -part(values)


def choose(condition: Run, yes: Run, no: Run) -> Run:
    """`c ? a : b`; only the chosen side is read."""
    return lambda values: yes(values) if condition(values) else no(values)


def constant(value: float) -> Run:
    """A number."""
    return lambda _: value


def call(text: str, token: Token, parts: Sequence[Run]) -> Run:
    """A function of `FUNCTIONS` whose number of arguments has been checked."""
    function, args = token.text, tuple(parts)
    if function == "sqrt":
        return _sqrt(text, token, args[0])
    if function == "clamp":
        return _clamp(text, token, args)
    if function in ("min", "max"):
        pick: Callable[[list[float]], float] = min if function == "min" else max
        return lambda values: pick([part(values) for part in args])
    do: Callable[[float], float] = abs if function == "abs" else _round
    only = args[0]
    return lambda values: do(only(values))


FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (1, 1000),
    "max": (1, 1000),
    "abs": (1, 1),
    "round": (1, 1),
    "sqrt": (1, 1),
    "clamp": (3, 3),
}
"""Function -> least and most arguments. `exists` takes a name and is the parser's affair."""


def _round(value: float) -> float:
    """To the nearest whole number, halves away from zero (as people and C do, unlike Python)."""
    whole = math.trunc(value)
    return float(whole + math.copysign(1, value)) if abs(value - whole) >= 0.5 else float(whole)


def _sqrt(text: str, token: Token, part: Run) -> Run:
    def run(values: Values) -> float:
        value = part(values)
        if value < 0:
            raise FormulaError(
                f"there is no square root of {value:g}", "write sqrt(max(0, ...))", text, token.column
            )
        return math.sqrt(value)

    return run


def _clamp(text: str, token: Token, args: tuple[Run, ...]) -> Run:
    value, low, high = args

    def run(values: Values) -> float:
        a, b = low(values), high(values)
        if a > b:
            raise FormulaError(
                f"clamp from {a:g} to {b:g} is empty", "write clamp(x, low, high)", text, token.column
            )
        return min(max(value(values), a), b)

    return run
