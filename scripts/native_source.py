"""The source of a module as the compiler mypyc can make good use of it: the same statements, dataclasses written out.

What mypyc 2 does not do by itself, each of which would cost exactness or most of the gain:

- The `__init__` of a dataclass stays interpreted: here it is written out, and so compiled.
- `cached_property` becomes a plain property that reckons each time: here it keeps what it found.
- Of an annotation such as `dict[str, float]` only `dict` is left at run time, too little for the codecs of the journal:
  here it is noted after the class.
- Compiled objects have no `__dict__`: a `copy` that goes through it is written out field by field. So is one that begins with
  `__new__`, which goes the long way of Python's calls.
"""

import ast

HELPER = '''

def annotated(cls: type, texts: dict[str, str]) -> None:
    """Put back what the compiler leaves out of the annotations of a dataclass."""
    cls.__annotations__.update(texts)
    for name, text in texts.items():
        cls.__dict__["__dataclass_fields__"][name].type = text
'''
"""Goes into `site/values.py`, which is not compiled."""

Fields = dict[str, list[ast.AnnAssign]]
"""Of dataclasses, by name."""


def fields_of(text: str) -> Fields:
    """The fields of each dataclass in a module."""
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    return {node.name: _fields(node) for node in classes if _decorator(node) is not None}


def rewritten(text: str, known: Fields) -> str:
    """The module for the compiler. `known`: the fields of dataclasses that classes in it may inherit from."""
    return _Module(text, known).rewritten()


class _Module:
    def __init__(self, text: str, known: Fields) -> None:
        self.lines = [line.encode() for line in text.splitlines(keepends=True)]
        self.body = ast.parse(text).body
        self.known = known
        self.edits: list[tuple[int, int, int, int, str]] = []
        """First line and column, last line and column, what comes there; columns are of bytes."""

    def rewritten(self) -> str:
        notes = []
        for node in self.body:
            if isinstance(node, ast.ClassDef) and (decorator := _decorator(node)) is not None:
                self._class(node, decorator)
                texts = {_name(field): ast.unparse(field.annotation) for field in _fields(node)}
                notes.append(f"annotated({node.name}, {texts!r})\n")
            if isinstance(node, ast.ImportFrom) and node.module == "kwartier.site.values":
                self._replace(node, "from dataclasses import dataclass")
        for line, column, end_line, end_column, new in sorted(self.edits, reverse=True):
            rest = self.lines[end_line - 1][end_column:]
            self.lines[line - 1 : end_line] = [self.lines[line - 1][:column] + new.encode() + rest]
        if notes:
            notes.insert(0, "\nfrom kwartier.site.values import annotated\n")
        return b"".join(self.lines).decode() + "".join(notes)

    def _replace(self, node: ast.expr | ast.stmt, new: str, *, after: bool = False) -> None:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        end = (node.end_lineno, node.end_col_offset)
        first = end if after else (node.lineno, node.col_offset)
        self.edits.append((*first, *end, new))

    def _class(self, node: ast.ClassDef, decorator: ast.Call | ast.Name) -> None:
        options = _options(decorator)
        kept = {"init": False}
        if options.get("frozen") and options.get("eq", True):
            kept["unsafe_hash"] = True
        kept |= {k: v for k, v in options.items() if k in {"kw_only", "order", "eq"}}
        self._replace(decorator, f"dataclass({', '.join(f'{k}={v}' for k, v in kept.items())})")
        inherited = [f for b in node.bases if isinstance(b, ast.Name) for f in self.known.get(b.id, [])]
        fields = [*inherited, *_fields(node)]
        methods = {m.name: m for m in node.body if isinstance(m, ast.FunctionDef)}
        if "copy" in methods and any(way in ast.unparse(methods["copy"]) for way in ("__dict__", "__new__")):
            given = ", ".join(f"{_name(f)}=self.{_name(f)}" for f in fields)
            for old in methods["copy"].body[1:-1]:  # after its docstring
                self._replace(old, "pass")
            self._replace(methods["copy"].body[-1], f"return {node.name}({given})")
        cached = [m for m in methods.values() if "cached_property" in map(ast.unparse, m.decorator_list)]
        for method in cached:
            self._cached(method)
        # Before the methods, or the checker takes an assignment there for the definition of what is kept.
        data = [part for part in node.body if not isinstance(part, ast.FunctionDef)]
        made = _init(fields, cached, by_name=bool(options.get("kw_only")), checked="__post_init__" in methods)
        self._replace(data[-1], made, after=True)

    def _cached(self, method: ast.FunctionDef) -> None:
        name, kind = method.name, method.returns
        assert kind is not None
        self._replace(
            method.decorator_list[0],
            f"property\n    def {name}(self) -> {ast.unparse(kind)!r}:\n        kept = self._kept_{name}\n"
            f"        if kept is None:\n            kept = self._kept_{name} = self._find_{name}()\n"
            f"        return kept\n",
        )
        # Then the decorator is gone from the method itself, which gets another name.
        line = method.lineno
        at = self.lines[line - 1].index(b"def ") + len("def ")
        self.edits.append((line, at, line, at + len(name), f"_find_{name}"))


def _init(fields: list[ast.AnnAssign], cached: list[ast.FunctionDef], *, by_name: bool, checked: bool) -> str:
    """`by_name`: fields are given by name only; `checked`: there is a `__post_init__`."""
    needed, optional, sets = [], [], []
    for field in fields:
        name, kind, value = _name(field), ast.unparse(field.annotation), field.value
        default, factory = value, None
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
            given = {k.arg: k.value for k in value.keywords}
            assert "init" not in given
            default, factory = given.get("default"), given.get("default_factory")
        if factory is not None:
            made = {"dict": "{}", "list": "[]"}.get(ast.unparse(factory), f"{ast.unparse(factory)}()")
            optional.append(f"{name}: {kind + ' | None'!r} = None")
            sets.append(f"self.{name} = {made} if {name} is None else {name}")
            continue
        sets.append(f"self.{name} = {name}")
        if default is None:
            assert by_name or not optional
            needed.append(f"{name}: {kind!r}")
        else:
            optional.append(f"{name}: {kind!r} = {ast.unparse(default)}")
    for method in cached:
        assert method.returns is not None
        sets.append(f"self._kept_{method.name}: {ast.unparse(method.returns) + ' | None'!r} = None")
    if checked:
        sets.append("self.__post_init__()")
    # Those without a default come first: the compiler stumbles over another order, even of names.
    parameters = ["self", *(["*"] if by_name and fields else []), *needed, *optional]
    return f"\n\n    def __init__({', '.join(parameters)}) -> None:\n        " + "\n        ".join(
        sets or ["pass"]
    )


def _decorator(node: ast.ClassDef) -> ast.Call | ast.Name | None:
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Name) and called.id in {"dataclass", "valueclass"}:
            assert isinstance(decorator, ast.Call | ast.Name)
            return decorator
    return None


def _options(decorator: ast.Call | ast.Name) -> dict[str, bool]:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    return {k.arg: bool(ast.literal_eval(k.value)) for k in keywords if k.arg is not None}


def _fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    parts = [part for part in node.body if isinstance(part, ast.AnnAssign)]
    return [part for part in parts if "ClassVar" not in ast.unparse(part.annotation)]


def _name(field: ast.AnnAssign) -> str:
    return ast.unparse(field.target)
