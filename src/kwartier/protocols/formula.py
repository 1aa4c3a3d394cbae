"""The formula language of limits: `55 * AVAIL / 100`, `main.power_w > 9000 ? 16 : 32`.

It reads what people write for cFos (`c ? a : b`, `&&`, `||`, `!`, `^` for powers, `&` and `|` for bits)
and what people who know Python write (`a if c else b`, `and`, `or`, `not`, `**`). A formula is compiled
once to closures; it is never handed to `eval`. Names are case-insensitive.

Where C and Python disagree on the order of operators, brackets are asked for instead of guessing, for a
limit must mean the same to whoever reads it: `a < b < c` and `a & b == c` are refused.
Source of the operators: cFos Charging Manager documentation, page "Formulas".
"""

import difflib
from dataclasses import dataclass, field

from kwartier.protocols import formula_ops as ops
from kwartier.protocols.formula_ops import Run, Values
from kwartier.protocols.formula_text import FormulaError, Token, tokenize

__all__ = ["Formula", "FormulaError", "compile_formula"]

MAX_DEPTH = 100
"""Levels of operators inside each other; a sum of 100 terms without brackets is 99 deep."""

_TERNARY, _OR, _AND, _NOT, _COMPARE, _BIT_OR, _BIT_AND, _SUM, _PRODUCT, _UNARY, _POWER = range(1, 12)

_INFIX = {
    "?": _TERNARY,
    "if": _TERNARY,
    "or": _OR,
    "||": _OR,
    "and": _AND,
    "&&": _AND,
    **dict.fromkeys(ops.COMPARISONS, _COMPARE),
    "|": _BIT_OR,
    "&": _BIT_AND,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
    "^": _POWER,
    "**": _POWER,
}


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled formula."""

    text: str
    names: frozenset[str]
    """Names whose values it may read, in lower case."""
    asked: frozenset[str]
    """Names that it asks for with `exists()`, in lower case: these may be missing."""
    run: Run = field(repr=False, compare=False)

    def evaluate(self, values: Values) -> float:
        """The answer for these values (units are the formula's own). Keys of `values` may be in any
        case; lower case is found fastest. Raises FormulaError when a value is missing or there is no
        finite answer."""
        return float(self.run(values))


def compile_formula(text: str) -> Formula:
    """Compile once, evaluate often. Raises FormulaError that points at the column and tells the cure."""
    parser = _Parser(text)
    part = parser.whole()
    return Formula(text, frozenset(parser.names), frozenset(parser.asked), part.run)


@dataclass(frozen=True, slots=True)
class _Part:
    """A compiled piece: how deep it is, and the loosest operator in it that no bracket protects."""

    run: Run
    depth: int
    level: int = _POWER + 1


class _Parser:
    """Precedence climbing (Pratt) over the tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.nesting = 0
        self.names: set[str] = set()
        self.asked: set[str] = set()

    def whole(self) -> _Part:
        if self.peek().kind == "end":
            raise self.error("the formula is empty", "write a number or a formula", self.peek())
        part = self.expression(0)
        rest = self.peek()
        if rest.kind != "end":
            raise self.error(f"{rest} is not expected here", _cure_for_rest(rest), rest)
        return part

    def expression(self, level: int) -> _Part:
        """Everything that binds at least as tightly as `level`."""
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            raise self.too_deep(self.peek())
        left = self.prefix(level)
        while (op := self.peek()).kind == "op" and _INFIX.get(op.text, -1) >= level:
            self.at += 1
            left = self.infix(left, op)
            if left.depth > MAX_DEPTH:
                raise self.too_deep(op)
        self.nesting -= 1
        return left

    def prefix(self, level: int) -> _Part:
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "name":
            return self.call(token) if self.peek().text == "(" else self.name(token)
        if token.text in ("true", "false"):
            return _Part(ops.constant(float(token.text == "true")), 1)
        if token.text == "(":
            inner = self.expression(0)
            self.expect(")", token)
            return _Part(inner.run, inner.depth)
        if token.text == "not" and level > _NOT:
            raise self.error("'not' stands behind an operator", "put brackets around it: (not a)", token)
        if token.text in ("-", "+", "!", "not"):
            return self.unary(token)
        raise self.error(f"a value is missing before {token}", "put a number or a name here", token)

    def number(self, token: Token) -> _Part:
        value = float(token.text)
        if value == float("inf"):
            raise self.error(f"{token.text} is too large a number", "write a smaller one", token)
        return _Part(ops.constant(value), 1)

    def name(self, token: Token) -> _Part:
        self.names.add(token.text)
        return _Part(ops.name(self.text, token), 1)

    def unary(self, op: Token) -> _Part:
        level = _NOT if op.text == "not" else _UNARY
        inner = self.expression(level)
        if op.text == "+":
            return _Part(inner.run, inner.depth, level)
        make = ops.minus if op.text == "-" else ops.negate
        return _Part(make(inner.run), inner.depth + 1, level)

    def call(self, token: Token) -> _Part:
        bracket = self.take()
        if token.text == "exists":
            return self.exists(bracket)
        if token.text not in ops.FUNCTIONS:
            raise self.error(f"there is no function {token.text}()", _nearest_function(token.text), token)
        args = self.arguments(bracket)
        least, most = ops.FUNCTIONS[token.text]
        if not least <= len(args) <= most:
            count = str(least) if least == most else f"{least} or more"
            raise self.error(
                f"{token.text}() has {len(args)} argument(s)", f"give it {count}, apart by commas", token
            )
        depth = 1 + max(arg.depth for arg in args)
        return _Part(ops.call(self.text, token, [arg.run for arg in args]), depth)

    def arguments(self, bracket: Token) -> list[_Part]:
        if self.peek().text == ")":
            self.at += 1
            return []
        args = [self.expression(0)]
        while self.peek().text == ",":
            self.at += 1
            args.append(self.expression(0))
        self.expect(")", bracket)
        return args

    def exists(self, bracket: Token) -> _Part:
        token = self.take()
        if token.kind != "name":
            raise self.error("exists() asks for a name", "write for example exists(AVAIL)", token)
        self.expect(")", bracket)
        self.asked.add(token.text)
        return _Part(ops.exists(token.text), 1)

    def infix(self, left: _Part, op: Token) -> _Part:
        level = _INFIX[op.text]
        if level == _TERNARY:
            return self.ternary(left, op)
        # The right side of a power takes its own sign and further powers: 2 ^ -3 ^ 2 is 2 ^ (-(3 ^ 2)).
        right = self.expression(_UNARY if level == _POWER else level + 1)
        if level == _COMPARE:
            self.refuse_unclear(left, right, op)
        return _Part(self.operation(op, left, right), 1 + max(left.depth, right.depth), level)

    def operation(self, op: Token, left: _Part, right: _Part) -> Run:
        level = _INFIX[op.text]
        if level == _OR:
            return ops.either(left.run, right.run)
        if level == _AND:
            return ops.both(left.run, right.run)
        if level == _COMPARE:
            return ops.compare(op, left.run, right.run)
        make = ops.bits if level in (_BIT_AND, _BIT_OR) else ops.arithmetic
        return make(self.text, op, left.run, right.run)

    def ternary(self, left: _Part, op: Token) -> _Part:
        middle = self.expression(_TERNARY if op.text == "?" else _OR)
        self.expect(":" if op.text == "?" else "else", op)
        last = self.expression(_TERNARY)
        condition, yes = (left, middle) if op.text == "?" else (middle, left)
        depth = 1 + max(left.depth, middle.depth, last.depth)
        return _Part(ops.choose(condition.run, yes.run, last.run), depth, _TERNARY)

    def refuse_unclear(self, left: _Part, right: _Part, op: Token) -> None:
        levels = {left.level, right.level}
        if _COMPARE in levels:
            cure = "write a < b && b < c"
            raise self.error("two comparisons in a row mean different things to different people", cure, op)
        if levels & {_BIT_AND, _BIT_OR}:
            cure = "put brackets around it: (flags & 4) == 4"
            raise self.error("bits and a comparison stand together without brackets", cure, op)

    def expect(self, text: str, opened: Token) -> None:
        token = self.take()
        if token.text != text or token.kind == "end":
            what = f"{text!r} is missing for the {opened.text!r} in column {opened.column}"
            raise self.error(f"{what}; here stands {token}", _cure_for_rest(token, f"add {text!r}"), token)

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def too_deep(self, token: Token) -> FormulaError:
        cure = "split the sum with brackets, or use a variable"
        return self.error(f"more than {MAX_DEPTH} operators inside each other", cure, token)

    def error(self, what: str, cure: str, token: Token) -> FormulaError:
        return FormulaError(what, cure, self.text, token.column)


def _cure_for_rest(token: Token, otherwise: str = "remove it") -> str:
    if token.text == ",":
        return "write decimals with a point: 1.5"
    if token.text == ")":
        return "remove it, or add the '(' that it closes"
    if token.kind in ("number", "name") or token.text == "(":
        return "put an operator before it, for example *"
    return otherwise


def _nearest_function(name: str) -> str:
    known = [*ops.FUNCTIONS, "exists"]
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}()?" if near else f"known are {', '.join(known)}"
