"""Value classes: as cheap as plain dataclasses, and otherwise like frozen ones."""

from dataclasses import fields, is_dataclass, replace

import pytest

from kwartier.site.readings import InputReading
from kwartier.site.values import valueclass


def reading(*, alarm: bool) -> InputReading:
    return InputReading(input_id="fire", at_s=1.0, alarm=alarm)


def test_a_value_is_compared_hashed_and_replaced_by_its_fields() -> None:
    """Two with the same fields are one and the same to a set or a dictionary."""
    assert is_dataclass(InputReading)
    assert [f.name for f in fields(InputReading)] == ["input_id", "at_s", "alarm"]
    assert {reading(alarm=True), reading(alarm=True)} == {replace(reading(alarm=False), alarm=True)}


def test_a_value_has_only_its_fields() -> None:
    """A slip in a name makes no new attribute."""
    with pytest.raises(AttributeError):
        reading(alarm=True).alarmed = True  # type: ignore[attr-defined]


def test_a_value_class_says_in_its_source_that_it_is_frozen() -> None:
    """What the type checker is told and what the reader sees is the same."""
    with pytest.raises(TypeError, match="frozen=True"):
        valueclass(frozen=False)
