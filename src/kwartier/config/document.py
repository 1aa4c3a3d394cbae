"""YAML text with the line and column of every key."""

import re
from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import count
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kwartier.config.problems import Finding, KeyPath, Problem, SiteFileError

MAX_BYTES = 1_000_000
"""A site of 1000 charge points has 200 kB; more than this is no site file."""
MAX_NODES = 200_000
"""Keys and values; a site of 1000 charge points has 10 000."""


class Document:
    """A parsed site file: `plain` holds dicts, lists, numbers and text; `locate` gives findings a line."""

    def __init__(self, file: str, tree: Any) -> None:
        self.file = file
        self._tree = tree
        self.plain = _plain(tree, count(1))

    def locate(self, finding: Finding) -> Problem:
        """The finding with line, column and path in words."""
        line, column = self._place(finding.at)
        return Problem(
            severity=finding.severity,
            file=self.file,
            line=line,
            column=column,
            path=self._words(finding.at),
            what=finding.what,
            cure=finding.cure,
            pointed=finding.pointed,
        )

    def _place(self, at: KeyPath) -> tuple[int, int]:
        """Line and column, from 1, of the deepest part of the path that stands in the file."""
        node, place = self._tree, (0, 0)
        for part in at:
            node, found = _step(node, part)
            if found is None:
                break
            place = found
        return place[0] + 1, place[1] + 1

    def _words(self, at: KeyPath) -> str:
        """`circuits[garage].parent`, or `circuits[#2].parent` where an entry has no id."""
        node, words = self.plain, ""
        for part in at:
            if isinstance(part, int):
                node = node[part] if isinstance(node, list) and part < len(node) else None
                name = node.get("id") if isinstance(node, Mapping) else None
                words += f"[{name}]" if isinstance(name, str) else f"[#{part + 1}]"
            else:
                words += f".{part}" if words else part
                node = node.get(part) if isinstance(node, Mapping) else None
        return words


def parse(file: str, text: str) -> Document:
    """Parse YAML 1.2. Raises SiteFileError with the place of a syntax error."""
    try:
        tree = YAML(typ="rt").load(StringIO(text))
        if isinstance(tree, CommentedMap):
            return Document(file, tree)
    except DuplicateKeyError as error:
        raise SiteFileError([_duplicate(file, error)]) from None
    except MarkedYAMLError as error:
        raise SiteFileError([_syntax(file, error)]) from None
    except YAMLError as error:
        what = f"this is no YAML: {str(error).splitlines()[0]}"
        raise SiteFileError([_at(file, 1, 1, what, "save it as plain text in UTF-8")]) from None
    except RecursionError:
        what = "the keys are nested too deeply, or anchors (&) and aliases (*) multiply"
        raise SiteFileError([_at(file, 1, 1, what, "compare with the examples")]) from None
    what = "the file is empty" if tree is None else "the file does not start with keys such as 'site:'"
    raise SiteFileError([_at(file, 1, 1, what, "start from one of the examples")])


def _step(node: Any, part: str | int) -> tuple[Any, tuple[int, int] | None]:
    """Go one key or index down: the node there and the place of its key, None where there is none."""
    if isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
        return node[part], _position(node.lc.data, part)
    if isinstance(node, CommentedMap):
        for key in node:
            if str(key) == str(part):
                return node[key], _position(node.lc.data, key)
    return None, None


def _position(places: Mapping[Any, Any] | None, key: Any) -> tuple[int, int] | None:
    found = (places or {}).get(key)
    return None if found is None else (found[0], found[1])


def _plain(node: Any, counter: Iterator[int]) -> Any:
    """Without the subclasses that keep comments and quotes. Aliases are written out, so what is counted is
    what comes out: a few lines of aliases to aliases could fill the memory."""
    if next(counter) > MAX_NODES:
        raise RecursionError
    if isinstance(node, Mapping):
        return {str(key): _plain(value, counter) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value, counter) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return str(node)


def _at(file: str, line: int, column: int, what: str, cure: str) -> Problem:
    return Problem(severity="error", file=file, line=line, column=column, path="", what=what, cure=cure)


def _duplicate(file: str, error: DuplicateKeyError) -> Problem:
    """ruamel's own sentence holds the values, which may be secret; only the key is taken from it."""
    mark, name = error.problem_mark, re.search(r'duplicate key "([^"]*)"', str(error.problem))
    key = f"the key {name.group(1)!r}" if name else "a key"
    what = f"{key} stands here twice"
    return _at(file, mark.line + 1, mark.column + 1, what, "keep one of the two")


def _syntax(file: str, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    context = f"{error.context}, " if error.context else ""
    what = f"this is no YAML: {context}{error.problem or 'unreadable'}"
    return _at(file, line, column, what, _syntax_cure(str(error.problem)))


def _syntax_cure(problem: str) -> str:
    if "\\t" in problem or "'\t'" in problem:
        return "indent with spaces, not with tabs"
    if "mapping values are not allowed" in problem:
        return "put text that holds a colon between quotes, and check the indentation of the line before"
    return "check indentation, colons, brackets and quotes here and in the line before"
