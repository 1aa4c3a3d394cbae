"""A small XML reader for answers from outside: no document type, no entities, no namespaces, bounded in depth and size.

Entities of a document type are how a kilobyte becomes gigabytes (or a file of this machine), and no market document
has any: a document type is refused at sight, in whatever encoding it is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from kwartier.protocols.answers import AnswerError, checked

MAX_DEPTH = 32
MAX_NODES = 400_000


@dataclass(slots=True)
class Node:
    """An element: its name without namespace, its text, what stands in it."""

    name: str
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def first(self, *path: str) -> "Node | None":
        """The first element at a path below this one."""
        found: Node | None = self
        for name in path:
            found = next((c for c in (found.children if found else ()) if c.name == name), None)
        return found

    def all(self, name: str) -> Iterator["Node"]:
        """Each child of this name."""
        return (c for c in self.children if c.name == name)

    def said(self, *path: str) -> str:
        """The text at a path; empty where there is none."""
        found = self.first(*path)
        return "" if found is None else found.text.strip()


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._count = 0

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        node = Node(name.rpartition(":")[2])
        self._count += 1
        if len(self._open) >= MAX_DEPTH or self._count > MAX_NODES:
            raise _Unsafe("nested or long beyond any market document")
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data


class _Unsafe(Exception):
    pass


def _refuse(*_arguments: object) -> None:
    raise _Unsafe("it declares a document type or an entity, which no market document does")


def read_xml(raw: bytes, source: str) -> Node:
    """The root element. Raises AnswerError (`empty`, `html`, `truncated`, `not_xml`, `unsafe_xml`)."""
    checked(raw, source)
    if raw.lstrip()[:1] in {b"{", b"["}:
        raise AnswerError("not_xml", f"{source} answered JSON instead of XML", raw)
    parser = expat.ParserCreate()
    builder = _Builder()
    parser.StartElementHandler = builder.begin
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    html = b"<html" in raw[:1000].lower()
    try:
        parser.Parse(raw, True)
    except _Unsafe as error:
        code = "html" if html else "unsafe_xml"
        what = "a page for people instead of XML" if html else f"refused, {error}"
        raise AnswerError(code, f"{source}: {what}", raw) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise AnswerError(*_broken(error, source, html), raw) from None
    assert builder.root is not None
    if builder.root.name.lower() == "html":
        raise AnswerError("html", f"{source}: a page for people instead of XML", raw)
    return builder.root


def _broken(error: Exception, source: str, html: bool) -> tuple[str, str]:
    if html:
        return "html", f"{source}: a page for people instead of XML"
    ends = {expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]} | {
        expat.errors.codes[name]
        for name in (expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION)
    }
    if isinstance(error, expat.ExpatError) and error.code in ends:
        return "truncated", f"{source}: the answer ends in the middle"
    return "not_xml", f"{source}: no XML ({error})"
