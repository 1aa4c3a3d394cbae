"""Formula text to tokens, and the error that both compiling and evaluating a formula raise."""

import re
from dataclasses import dataclass
from typing import Literal

from kwartier.site.errors import KwartierError

MAX_LENGTH = 1000
"""Characters. The longest formula in the wild that we know of has 200."""

KEYWORDS = frozenset({"and", "or", "not", "if", "else", "true", "false"})

Kind = Literal["number", "name", "op", "end"]

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
_OP = re.compile(r"&&|\|\||\*\*|[<>=!]=|[-+*/%^&|<>!?:(),]")

_CURES = {
    "=": "write == to compare two values",
    "[": "use round brackets",
    "]": "use round brackets",
    "{": "use round brackets",
    "}": "use round brackets",
    ";": "separate arguments with a comma",
    "'": "formulas hold numbers and names only, no text",
    '"': "formulas hold numbers and names only, no text",
    "$": "write names without a dollar sign",
    "×": "write * to multiply",
    "÷": "write / to divide",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
}


class FormulaError(KwartierError):
    """A formula that cannot be compiled, or that has no answer for these values.

    `column` counts from 1; `what` says what is wrong, `cure` what to do.
    """

    def __init__(self, what: str, cure: str, text: str, column: int) -> None:
        super().__init__(f"formula {text!r}, column {column}: {what}; {cure}")
        self.what = what
        self.cure = cure
        self.text = text
        self.column = column

    def pointed(self) -> str:
        """The formula on one line and a caret under the place that is meant on the next."""
        shown = re.sub(r"\s", " ", self.text)
        return f"{shown}\n{' ' * (self.column - 1)}^"


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a name or keyword in lower case, an operator, or the end; `column` counts from 1."""

    kind: Kind
    text: str
    column: int

    def __str__(self) -> str:
        return "the end of the formula" if self.kind == "end" else repr(self.text)


def tokenize(text: str) -> list[Token]:
    """Cut a formula into tokens; the last one is the end. Raises FormulaError."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"the formula has {len(text)} characters, more than {MAX_LENGTH}",
            "shorten it",
            text[:40] + "...",
            1,
        )
    tokens: list[Token] = []
    at = _skip_space(text, 0)
    while at < len(text):
        token, at = _next_token(text, at)
        tokens.append(token)
        at = _skip_space(text, at)
    tokens.append(Token("end", "", len(text) + 1))
    return tokens


def _skip_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _next_token(text: str, at: int) -> tuple[Token, int]:
    if number := _NUMBER.match(text, at):
        _refuse_glued(text, number.end(), number.group())
        return Token("number", number.group(), at + 1), number.end()
    if name := _NAME.match(text, at):
        word = name.group().lower()
        return Token("op" if word in KEYWORDS else "name", word, at + 1), name.end()
    if op := _OP.match(text, at):
        return Token("op", op.group(), at + 1), op.end()
    cure = _CURES.get(text[at], "remove it")
    raise FormulaError(f"{text[at]!r} means nothing in a formula", cure, text, at + 1)


def _refuse_glued(text: str, at: int, number: str) -> None:
    """`16A` and `1.2.3` are slips; reading them as two tokens would only give a worse message."""
    if at < len(text) and (text[at].isalnum() or text[at] in "._"):
        raise FormulaError(
            f"{text[at]!r} stands right behind the number {number}",
            "write the number alone, without unit, and an operator before a name",
            text,
            at + 1,
        )
