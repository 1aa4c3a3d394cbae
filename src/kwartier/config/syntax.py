"""What ruamel says of a file that is no YAML, in the words of an installer."""

import re

from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError

from kwartier.config.nesting import TooMuch

Place = tuple[int, int]
"""Line and column, from 1."""

_SAYINGS = (
    # part of ruamel's sentence, what, cure, whether the place is where the piece began that went wrong
    ("\\t", "a tab stands here", "indent with spaces, not with tabs", False),
    (
        "mapping values are not allowed",
        "a colon is not expected here",
        "put text that holds a colon between quotes, and check the indentation of the line before",
        False,
    ),
    (
        "expected <block end>",
        "this line does not start in the column of the lines that it belongs to",
        "indent it as they are, with spaces; each entry of a list starts with '- '",
        False,
    ),
    (
        "could not find expected ':'",
        "this line is no key with its value",
        "write a colon and a space between them, and look for an open quote above",
        True,
    ),
    (
        "unexpected end of stream",
        "a quote that opens here is never closed",
        "close it in the same line",
        True,
    ),
    (
        "expected ',' or ",
        "a bracket that opens here is never closed, or a comma is missing in it",
        "close it, and put commas between its parts",
        True,
    ),
    (
        "single document",
        "a second document starts here",
        "remove the line '---' and what follows it: a site is one file",
        False,
    ),
)


def in_words(error: MarkedYAMLError) -> tuple[Place, str, str]:
    """Place, what and cure. Of ruamel's own sentence only what holds no value of the file, which may be secret."""
    problem = str(error.problem)
    if isinstance(error, DuplicateKeyError):
        name = re.search(r'duplicate key "([^"]*)"', problem)
        key = f"the key {name.group(1)!r}" if name else "a key"
        cure = "keep one of the two, or start the next entry of a list with '- '"
        return _place(error, False), f"{key} stands here twice", cure
    if isinstance(error, TooMuch):
        return (
            _place(error, False),
            problem,
            "look for a bracket that is not closed; compare with the examples",
        )
    for part, what, cure, began in _SAYINGS:
        if part in f"{error.context}, {problem}":
            return _place(error, began), what, cure
    context = f"{error.context}, " if error.context else ""
    what = f"this is no YAML: {context}{error.problem or 'unreadable'}"
    return (
        _place(error, False),
        what,
        "check indentation, colons, brackets and quotes here and in the line before",
    )


def _place(error: MarkedYAMLError, began: bool) -> Place:
    mark = (error.context_mark if began else None) or error.problem_mark or error.context_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
