"""YAML text with the line and column of every key."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from io import StringIO
from itertools import count
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kwartier.config.nesting import BoundedScanner
from kwartier.config.problems import Finding, KeyPath, Problem, SiteFileError
from kwartier.config.syntax import in_words

_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
MAX_BYTES = 500_000
"""A site of 1000 charge points has 200 kB; more than this is no site file."""
MAX_LINE = 5000
"""Characters of one line; a list of 1000 ids on one line has 5000."""
MAX_NODES = 50_000
"""Keys and values; a site of 1000 charge points has 13 000."""


class Document:
    """A parsed site file: `plain` holds dicts, lists, numbers and text; `locate` gives findings a line."""

    def __init__(self, file: str, tree: Any) -> None:
        self.file = file
        self._tree = tree
        self.plain = _plain(tree, count(1))
        self._keys: dict[int, dict[str, Any]] = {}

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
            node, found = self._step(node, part)
            if found is None:
                break
            place = found
        return place[0] + 1, place[1] + 1

    def _step(self, node: Any, part: str | int) -> tuple[Any, tuple[int, int] | None]:
        """Go one key or index down: the node there and the place of its key, None where there is none."""
        if isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            return node[part], _position(node.lc.data, part)
        if isinstance(node, CommentedMap):
            keys = self._keys.setdefault(id(node), {}) or {str(key): key for key in node}
            self._keys[id(node)] = keys
            if str(part) in keys:
                key = keys[str(part)]
                return node[key], _position(node.lc.data, key)
        return None, None

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
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > MAX_LINE:
            what = f"this line has {len(line)} characters, so this is no site file"
            raise SiteFileError([_at(file, number, 1, what, "start from one of the examples")])
    yaml = YAML(typ="rt")
    yaml.Scanner = BoundedScanner
    try:
        tree = yaml.load(StringIO(text))
        if isinstance(tree, CommentedMap):
            return Document(file, tree)
    except MarkedYAMLError as error:
        place, what, cure = in_words(error)
        raise SiteFileError([_at(file, *place, what, cure)]) from None
    except YAMLError as error:
        what = f"this is no YAML: {str(error).splitlines()[0]}"
        raise SiteFileError([_at(file, 1, 1, what, "save it as plain text in UTF-8")]) from None
    except ValueError as error:  # YAML makes dates of what looks like one
        found = next((n for n, t in enumerate(text.splitlines(), start=1) if _no_date(t)), 1)
        cure = "write a date that exists, for example 2026-01-31, or put quotes around it"
        raise SiteFileError([_at(file, found, 1, f"this is no date: {error}", cure)]) from None
    except RecursionError:
        what = f"there are more than {MAX_NODES} keys and values, or anchors (&) and aliases (*) multiply"
        raise SiteFileError([_at(file, 1, 1, what, "compare with the examples")]) from None
    what = "the file is empty" if tree is None else "the file does not start with keys such as 'site:'"
    raise SiteFileError([_at(file, 1, 1, what, "start from one of the examples")])


def _no_date(line: str) -> bool:
    """Whether something in a line looks like a date and is none."""
    for found in _DATE.finditer(line):
        try:
            date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return True
    return False


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
