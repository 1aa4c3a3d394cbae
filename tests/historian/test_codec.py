"""The codec gives back what it was given, to the bit."""

import enum
import json
import math
import struct
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.control.decision import Decision
from kwartier.control.memory import Memory
from kwartier.historian.codec import codec_of, decode, dumps, encode, loads
from kwartier.metering.quarters import ClosedQuarter, QuarterMemory
from kwartier.site.errors import LocalProtocolError
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.setpoints import Limit, Picture, Wish
from kwartier.site.topology import Site


class Color(enum.StrEnum):
    """An enum."""

    RED = "red"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A small one."""

    value: float


@dataclass(frozen=True, slots=True)
class Other:
    """Another, to be told from Leaf."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Every kind of field."""

    name: str
    one: float
    many: tuple[float, ...] = ()
    three: tuple[float, float, float] | None = None
    mixed: tuple[tuple[str, str | float | int], ...] = ()
    by_name: dict[str, Leaf] = field(default_factory=dict)
    by_number: dict[int, float | None] = field(default_factory=dict)
    either: Leaf | Other | None = None
    color: Color = Color.RED
    mode: Literal["a", "b"] = "a"
    members: frozenset[int] = frozenset()
    child: "Tree | None" = None
    flag: bool | None = None


floats = st.floats(allow_nan=False)
leaves = st.builds(Leaf, floats)
trees = st.recursive(
    st.none(),
    lambda inner: st.builds(
        Tree,
        name=st.text(),
        one=floats,
        many=st.lists(floats).map(tuple),
        three=st.none() | st.tuples(floats, floats, floats),
        mixed=st.lists(st.tuples(st.text(), st.text() | floats | st.integers())).map(tuple),
        by_name=st.dictionaries(st.text(), leaves),
        by_number=st.dictionaries(st.integers(), st.none() | floats),
        either=st.none() | leaves | st.builds(Other, floats),
        mode=st.sampled_from(["a", "b"]),
        members=st.frozensets(st.integers()),
        child=inner,
        flag=st.none() | st.booleans(),
    ),
    max_leaves=4,
).filter(lambda t: t is not None)


def through(cls: type, value: Any) -> Any:
    """A value through JSON text and back."""
    return decode(cls, loads(dumps(encode(value))))


def shown(tree: Tree | None) -> list[str]:
    """Its text, which tells -0.0 from 0.0 and 1 from 1.0; a set has no order to compare."""
    return [] if tree is None else [repr(replace(tree, members=frozenset(), child=None)), *shown(tree.child)]


@settings(deadline=None)
@given(trees)
def test_whatever_goes_in_comes_out(tree: Tree) -> None:
    """Equal, and equal in its text form too (which tells -0.0 from 0.0 and 1 from 1.0)."""
    again = through(Tree, tree)
    assert again == tree
    assert shown(again) == shown(tree)


@settings(deadline=None)
@given(trees, trees)
def test_delta_turns_before_into_after(before: Tree, after: Tree) -> None:
    """A patch of the delta gives the new value to the bit, whatever changed."""
    codec = codec_of(Tree)
    delta = loads(dumps(codec.delta(before, after)))
    patched = codec.patch(before, delta)
    assert patched == after
    assert shown(patched) == shown(after)
    assert codec.same(before, after) == (dumps(codec.encode(before)) == dumps(codec.encode(after)))


@given(st.floats())
def test_floats_keep_every_bit(value: float) -> None:
    """Infinities, subnormals, the sign of zero; NaN stays NaN."""
    again = through(Leaf, Leaf(value)).value
    assert struct.pack("<d", again) == struct.pack("<d", value) or (math.isnan(again) and math.isnan(value))


def test_integer_in_a_float_field_stays_an_integer() -> None:
    """16 and 16.0 print differently in a reason, so the difference is part of a decision."""
    assert repr(through(Leaf, Leaf(16))) == "Leaf(value=16)"
    assert not codec_of(Leaf).same(Leaf(16), Leaf(16.0))
    assert not codec_of(Leaf).same(Leaf(0.0), Leaf(-0.0))


def test_dictionary_keeps_its_order_in_a_delta() -> None:
    """A decision may depend on the order of charge points."""
    a, b = Leaf(1.0), Leaf(2.0)
    before, after = (
        Tree(name="", one=0.0, by_name={"a": a, "b": b}),
        Tree(name="", one=0.0, by_name={"b": b, "a": a}),
    )
    codec = codec_of(Tree)
    assert list(codec.patch(before, codec.delta(before, after)).by_name) == ["b", "a"]


def test_unchanged_reading_costs_nothing_in_a_delta() -> None:
    """Only what changed is written: one field of one charge point."""
    codec = codec_of(Picture)
    points = {
        f"c{n}": ChargePointReading(charge_point_id=f"c{n}", at_s=1.5, state="C2", power_w=3.0)
        for n in range(24)
    }
    before = Picture(now_s=2.0, utc_s=3.0, meters={}, charge_points=points, wishes={})
    spoke = ChargePointReading(charge_point_id="c7", at_s=2.5, state="C2", power_w=3.0)
    after = Picture(now_s=3.0, utc_s=4.0, meters={}, charge_points={**points, "c7": spoke}, wishes={})
    assert json.loads(dumps(codec.delta(before, after))) == {
        "now_s": 3.0,
        "utc_s": 4.0,
        "charge_points": [[["c7", {"at_s": 2.5}]]],
    }


def test_field_added_later_reads_as_its_default() -> None:
    """An absent value that is None by default is not written, so old history outlives a new field."""
    assert encode(Tree(name="x", one=1.0)).keys().isdisjoint({"three", "child", "flag", "either"})


def test_unknown_field_names_the_class_and_the_cure() -> None:
    """History of a newer version is refused in words."""
    with pytest.raises(LocalProtocolError, match="Leaf has no field 'colour'"):
        decode(Leaf, {"value": 1.0, "colour": "red"})


def test_inexact_types_are_refused_when_compiled() -> None:
    """A field that JSON cannot hold exactly is our mistake and found before anything is written."""

    @dataclass(frozen=True)
    class Vague:
        what: object

    with pytest.raises(LocalProtocolError, match="no exact JSON form"):
        codec_of(Vague)


def test_subclass_is_not_cut_down_in_silence() -> None:
    """A value of another class than declared would lose fields; it is refused."""

    @dataclass(frozen=True)
    class More(Leaf):
        more: float = 2.0

    with pytest.raises(LocalProtocolError, match="Leaf was declared, not More"):
        codec_of(Leaf).encode(More(1.0))


@pytest.mark.parametrize(
    "cls",
    [
        Site,
        Picture,
        MeterReading,
        ChargePointReading,
        DeviceFault,
        Wish,
        Limit,
        Memory,
        Decision,
        QuarterMemory,
        ClosedQuarter,
    ],
)
def test_every_recorded_class_has_an_exact_form(cls: type) -> None:
    """All that goes into the journal can be compiled."""
    assert codec_of(cls) is codec_of(cls)
