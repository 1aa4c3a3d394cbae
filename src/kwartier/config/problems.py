"""What is wrong with a site file: one sentence what, one what to do, and the place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kwartier.site.errors import ConfigError

Severity = Literal["error", "warning"]
KeyPath = tuple[str | int, ...]
"""Where in the document: keys and list indices, `("circuits", 1, "parent")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem before it is known in which line it stands."""

    severity: Severity
    at: KeyPath
    what: str
    cure: str
    pointed: str = ""
    """A formula with a caret under the wrong place, where there is one."""

    @classmethod
    def of(cls, at: KeyPath, error: ConfigError) -> "Finding":
        """An error of another room, whose text is what is wrong, then the cure."""
        text = str(error)
        what, found, cure = text.partition(". ")
        if not found:
            what, _, cure = text.partition("; ")
        return cls(severity="error", at=at, what=what.rstrip("."), cure=cure or "compare with the examples")


def error(at: KeyPath, what: str, cure: str) -> Finding:
    """What makes the file unusable."""
    return Finding(severity="error", at=at, what=what, cure=cure)


def warning(at: KeyPath, what: str, cure: str) -> Finding:
    """What works and deserves a look."""
    return Finding(severity="warning", at=at, what=what, cure=cure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem with its place; line and column count from 1."""

    severity: Severity
    file: str
    line: int
    column: int
    path: str
    """For people: `circuits[garage].parent`."""
    what: str
    cure: str
    pointed: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        text = f"{self.file}:{self.line}:{self.column}: {self.severity}: {where}{self.what}. {_sentence(self.cure)}"
        return text if not self.pointed else text + "\n    " + self.pointed.replace("\n", "\n    ")


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?")) else f"{text}."


class SiteFileError(ConfigError):
    """The site file cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = tuple(problems)
