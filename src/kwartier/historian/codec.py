"""Frozen dataclasses to plain JSON values and back, exactly, by their type hints.

Compiled once per class. What comes back equals what went in bit for bit: Python's JSON writes the shortest
text that reads back as the same float (and keeps -0.0, infinities and the difference between 16 and 16.0).
A dataclass becomes an object of its fields by name; a field that is None by default and is None is left out,
so that a class may gain such a field without old blocks becoming unreadable.

`delta` gives what changed between two values of one type and `patch` applies it: a cycle in which one of
24 charge points spoke costs one reading.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, cast

from kwartier.site.errors import LocalProtocolError

Json = Any
"""What the json module reads and writes."""

T = TypeVar("T")


class Codec(Protocol):
    """Encodes values of one type. `same` is equality to the bit; `delta` may only be asked for values
    that are not the same."""

    plain: bool
    """Whether values are JSON as they are (tuples are written as lists): nothing to do."""

    def encode(self, value: Any) -> Json:
        """Value to JSON."""
        ...

    def decode(self, data: Json) -> Any:
        """JSON to value."""
        ...

    def same(self, a: Any, b: Any) -> bool:
        """Whether both encode alike."""
        ...

    def delta(self, before: Any, after: Any) -> Json:
        """What turns `before` into `after`."""
        ...

    def patch(self, before: Any, delta: Json) -> Any:
        """`before` with the delta applied."""
        ...


class Scalar:
    """str, int, bool, None, Literal: JSON as they are."""

    plain = True

    def encode(self, value: Any) -> Json:
        """As it is."""
        return value

    def decode(self, data: Json) -> Any:
        """As it is."""
        return data

    def same(self, a: Any, b: Any) -> bool:
        """Equal and of one type: 1 is not True, 16 is not 16.0."""
        return a is b or (a == b and type(a) is type(b))

    def delta(self, before: Any, after: Any) -> Json:
        """The new value."""
        del before
        return self.encode(after)

    def patch(self, before: Any, delta: Json) -> Any:
        """The new value."""
        del before
        return self.decode(delta)


class Number(Scalar):
    """Floats (and whatever else scalar stands in such a field): a zero has a sign, NaN is itself."""

    def same(self, a: Any, b: Any) -> bool:
        """Equal to the bit."""
        if a is b:
            return True
        if type(a) is not type(b):
            return False
        if a == b:
            return bool(a) or not isinstance(a, float) or math.copysign(1, a) == math.copysign(1, b)
        return isinstance(a, float) and math.isnan(a) and math.isnan(b)


class Enumeration(Scalar):
    """A member of an enum, by its value."""

    plain = False

    def __init__(self, cls: Callable[[Any], Any]) -> None:
        self._cls = cls

    def encode(self, value: Any) -> Json:
        """Its value."""
        return value.value

    def decode(self, data: Json) -> Any:
        """The member."""
        return self._cls(data)


class Sequence(Scalar):
    """`tuple[X, ...]` and `list[X]`."""

    def __init__(self, item: Codec, make: Callable[[Any], Any]) -> None:
        self._item = item
        self._make = make
        self.plain = item.plain and make is tuple

    def encode(self, value: Any) -> Json:
        """A list."""
        if self.plain:
            return value
        encode = self._item.encode
        return [encode(v) for v in value]

    def decode(self, data: Json) -> Any:
        """The tuple or list."""
        decode = self._item.decode
        return self._make(decode(d) for d in data)

    def same(self, a: Any, b: Any) -> bool:
        """Item by item."""
        if a is b:
            return True
        return len(a) == len(b) and all(map(self._item.same, a, b))


class Members(Sequence):
    """Sets, in the order of their JSON text: a set has no order of its own."""

    def encode(self, value: Any) -> Json:
        """A sorted list."""
        return sorted(super().encode(value), key=dumps)

    def same(self, a: Any, b: Any) -> bool:
        """Equal sets of the same encodings."""
        return a is b or dumps(self.encode(a)) == dumps(self.encode(b))


class Record(Scalar):
    """`tuple[A, B, C]`."""

    def __init__(self, items: list[Codec]) -> None:
        self._items = items
        self.plain = all(i.plain for i in items)
        self._flat = all(type(i) in {Scalar, Number} for i in items)

    def encode(self, value: Any) -> Json:
        """A list."""
        if self.plain:
            return value
        return [c.encode(v) for c, v in zip(self._items, value, strict=True)]

    def decode(self, data: Json) -> Any:
        """The tuple."""
        if self._flat:
            return tuple(data)
        return tuple(c.decode(d) for c, d in zip(self._items, data, strict=True))

    def same(self, a: Any, b: Any) -> bool:
        """Item by item."""
        if a is b:
            return True
        return all(c.same(x, y) for c, x, y in zip(self._items, a, b, strict=True))


class Optional(Scalar):
    """`X | None`."""

    def __init__(self, inner: Codec) -> None:
        self._inner = inner
        self.plain = inner.plain

    def encode(self, value: Any) -> Json:
        """null or X."""
        return None if value is None else self._inner.encode(value)

    def decode(self, data: Json) -> Any:
        """None or X."""
        return None if data is None else self._inner.decode(data)

    def same(self, a: Any, b: Any) -> bool:
        """Both None or both the same X."""
        if a is b:
            return True
        return a is not None and b is not None and self._inner.same(a, b)


class Tagged(Scalar):
    """A union of dataclasses: `[class name, object]`."""

    def __init__(self, by_type: Mapping[type, Codec]) -> None:
        self.plain = False
        self._by_type = dict(by_type)
        self._by_name = {cls.__name__: codec for cls, codec in by_type.items()}

    def encode(self, value: Any) -> Json:
        """Name and object."""
        codec = self._by_type.get(type(value))
        if codec is None:
            raise LocalProtocolError(f"{type(value).__name__} is none of {sorted(self._by_name)}")
        return [type(value).__name__, codec.encode(value)]

    def decode(self, data: Json) -> Any:
        """The dataclass that the name says."""
        name, inner = data
        return self._by_name[name].decode(inner)

    def same(self, a: Any, b: Any) -> bool:
        """Same class and same fields."""
        return a is b or (type(a) is type(b) and self._by_type[type(a)].same(a, b))


class Dictionary(Scalar):
    """`dict[K, V]`: an object where keys are strings, else a list of pairs. Order is kept: a decision may
    depend on it."""

    def __init__(self, key: Codec, value: Codec, *, text_keys: bool) -> None:
        self.plain = False
        self._key = key
        self._value = value
        self._text_keys = text_keys

    def encode(self, value: Any) -> Json:
        """Object or pairs."""
        encode = self._value.encode
        if self._text_keys:
            return {k: encode(v) for k, v in value.items()}
        return [[self._key.encode(k), encode(v)] for k, v in value.items()]

    def decode(self, data: Json) -> Any:
        """The dict, in its order."""
        decode = self._value.decode
        if self._text_keys:
            return {k: decode(v) for k, v in data.items()}
        return {self._key.decode(k): decode(v) for k, v in data}

    def same(self, a: Any, b: Any) -> bool:
        """Same keys in the same order with the same values."""
        if a is b:
            return True
        if len(a) != len(b) or list(a) != list(b):
            return False
        same = self._value.same
        return all(same(v, b[k]) for k, v in a.items())

    def delta(self, before: Any, after: Any) -> Json:
        """`[changed]` where the keys are those of before; else the whole as object or pairs in `[null, whole]`."""
        if list(before) != list(after):
            return [None, self.encode(after)]
        codec, changed = self._value, []
        for (key, old), new in zip(before.items(), after.values(), strict=True):
            if old is not new and not codec.same(old, new):
                changed.append([self._key.encode(key), codec.delta(old, new)])
        return [changed]

    def patch(self, before: Any, delta: Json) -> Any:
        """The new dict."""
        if delta[0] is None:
            return self.decode(delta[1])
        out = dict(before)
        for key, change in delta[0]:
            k = self._key.decode(key)
            out[k] = self._value.patch(out[k], change)
        return out


def dumps(data: Json) -> str:
    """Canonical JSON text: no spaces, keys in the order given."""
    return _ENCODER.encode(data)


def loads(text: str | bytes) -> Json:
    """JSON text to values; the same floats come back."""
    return json.loads(text)


def codec_of(cls: type) -> Codec:
    """The codec of a class, compiled at the first call.

    Raises LocalProtocolError for a type that has no exact JSON form (an object, a callable, Any).
    """
    from kwartier.historian.codec_types import compile_codec  # noqa: PLC0415 (the two know each other)

    return compile_codec(cls)


def encode(value: Any) -> Json:
    """Encode by the value's own class."""
    return codec_of(type(value)).encode(value)


def decode(cls: type[T], data: Json) -> T:
    """Decode an object of a known class."""
    return cast("T", codec_of(cls).decode(data))


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
