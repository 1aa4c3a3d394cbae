"""From a type hint to its codec; and the codec of a dataclass."""

import dataclasses
import enum
import types
import typing
from collections import abc
from operator import attrgetter
from typing import Any

from kwartier.historian import codec as c
from kwartier.site.errors import LocalProtocolError

if typing.TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = (str, int, bool, type(None))
_COMPILED: dict[Any, c.Codec] = {}


class Dataclass(c.Scalar):
    """A frozen dataclass, its fields by name."""

    def __init__(self, cls: type) -> None:
        self.plain = False
        self._cls = cls
        self._fields: list[tuple[str, c.Codec, tuple[Any, ...], bool]] = []
        """Name, codec, the value that is left out if there is one, and whether it is JSON as it is."""
        self._values: Callable[[Any], tuple[Any, ...]] = lambda _: ()

    def compile(self) -> None:
        """Look up the fields; apart from construction, so that a class may contain itself."""
        hints = typing.get_type_hints(self._cls)
        fields = dataclasses.fields(self._cls)
        hidden = [f.name for f in fields if not f.init]
        if hidden:
            raise LocalProtocolError(f"{self._cls.__name__}: {hidden} cannot be given when it is built again")
        for f in fields:
            codec = compile_codec(hints[f.name])
            omit = f.default is None or bool(f.metadata.get("omit"))
            self._fields.append((f.name, codec, (f.default,) if omit else (), codec.plain))
        names = [f.name for f in fields]
        if len(names) == 1:
            single = attrgetter(names[0])
            self._values = lambda value: (single(value),)
        elif names:
            self._values = attrgetter(*names)

    def encode(self, value: Any) -> c.Json:
        """An object; fields that are None by default and None now are left out, and so are those that say `omit` in
        their metadata and are as by default."""
        self._check(value)
        return {
            name: v if plain else codec.encode(v)
            for (name, codec, usual, plain), v in zip(self._fields, self._values(value), strict=True)
            if not usual or (v is not usual[0] and (usual[0] is None or v != usual[0]))
        }

    def decode(self, data: c.Json) -> Any:
        """The dataclass; unknown fields are refused by its constructor."""
        known = {name: codec for name, codec, *_ in self._fields}
        try:
            return self._cls(**{name: known[name].decode(v) for name, v in data.items()})
        except KeyError as error:
            raise LocalProtocolError(
                f"{self._cls.__name__} has no field {error}: another version of Kwartier wrote this"
            ) from None

    def same(self, a: Any, b: Any) -> bool:
        """Field by field."""
        if a is b:
            return True
        return type(a) is type(b) and all(
            x is y or codec.same(x, y)
            for (_, codec, _, _), x, y in zip(self._fields, self._values(a), self._values(b), strict=True)
        )

    def delta(self, before: Any, after: Any) -> c.Json:
        """An object of the changed fields."""
        self._check(after)
        return {
            name: codec.delta(x, y)
            for (name, codec, _, _), x, y in zip(
                self._fields, self._values(before), self._values(after), strict=True
            )
            if x is not y and not codec.same(x, y)
        }

    def patch(self, before: Any, delta: c.Json) -> Any:
        """A new object with the changed fields."""
        if not delta:
            return before
        return self._cls(
            **{
                name: codec.patch(v, delta[name]) if name in delta else v
                for (name, codec, _, _), v in zip(self._fields, self._values(before), strict=True)
            }
        )

    def _check(self, value: Any) -> None:
        if type(value) is not self._cls:
            raise LocalProtocolError(f"{self._cls.__name__} was declared, not {type(value).__name__}")


def compile_codec(hint: Any) -> c.Codec:
    """The codec of a type hint; each is made once."""
    known = _COMPILED.get(hint)
    if known is not None:
        return known
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and not typing.get_origin(hint):
        made = Dataclass(hint)
        _COMPILED[hint] = made
        try:
            made.compile()
        except LocalProtocolError:
            del _COMPILED[hint]
            raise
        return made
    _COMPILED[hint] = codec = _build(hint)
    return codec


def _build(hint: Any) -> c.Codec:
    if isinstance(hint, typing.NewType):
        return compile_codec(hint.__supertype__)
    if hint is float:
        return c.Number()
    if hint in _PLAIN or typing.get_origin(hint) is typing.Literal:
        return c.Scalar()
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return c.Enumeration(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return _union(hint, args)
    return _collection(hint, origin, args)


def _collection(hint: Any, origin: Any, args: tuple[Any, ...]) -> c.Codec:
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return c.Sequence(compile_codec(args[0]), tuple)
    if origin is tuple:
        return c.Record([compile_codec(a) for a in args if a != ()])
    if origin in {list, abc.Sequence}:
        return c.Sequence(compile_codec(args[0]), list if origin is list else tuple)
    if origin in {set, frozenset}:
        return c.Members(compile_codec(args[0]), origin)
    if origin in {dict, abc.Mapping}:
        return c.Dictionary(compile_codec(args[0]), compile_codec(args[1]), text_keys=args[0] is str)
    raise LocalProtocolError(f"{hint!r} has no exact JSON form; give the field a concrete type")


def _union(hint: Any, args: tuple[Any, ...]) -> c.Codec:
    inner = [a for a in args if a is not type(None)]
    if len(inner) == 1:
        codec = compile_codec(inner[0])
    elif all(a is float or a in _PLAIN or typing.get_origin(a) is typing.Literal for a in inner):
        codec = c.Number()
    elif all(isinstance(a, type) and dataclasses.is_dataclass(a) for a in inner):
        codec = c.Tagged({a: compile_codec(a) for a in inner})
    else:
        raise LocalProtocolError(f"{hint!r} mixes kinds that JSON cannot tell apart")
    return c.Optional(codec) if len(inner) < len(args) else codec
