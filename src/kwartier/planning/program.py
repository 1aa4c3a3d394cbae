"""Columns and rows of a linear program as growing numpy arrays: what a modelling layer does, without the layer.

Blocks of columns or rows are added at once and are known by their indices. Nothing here knows about energy.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
INFINITE = float("inf")
_STEP_BITS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """minimise `cost @ x` with `row_lower <= A x <= row_upper` and `lower <= x <= upper`; A column by column."""

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    start: Ints
    """Where each column begins in `index` and `value`, with one more entry for the end."""
    index: Ints
    value: Floats
    column_names: NDArray[np.int64]
    """What a column is, the same in each program: its block and the moment it is about."""
    row_names: NDArray[np.int64]
    basic: Bools
    """Columns that carry a plan in which nothing is done: a good point to begin from."""

    def same_matrix(self, other: "Program") -> bool:
        """Whether a basis of one is a basis of the other: equal coefficients in equal places."""
        return (
            len(self.row_lower) == len(other.row_lower)
            and np.array_equal(self.start, other.start)
            and np.array_equal(self.index, other.index)
            and np.array_equal(self.value, other.value)
        )


class Builder:
    """Collects blocks; `program()` puts them together."""

    def __init__(self, first_step: int = 0) -> None:
        """`first_step` tells the step 0 of this program from that of another one, earlier or later."""
        self._first_step = first_step
        self._column_names: list[NDArray[np.int64]] = []
        self._row_names: list[NDArray[np.int64]] = []
        self.columns = 0
        self.rows = 0
        self._basic: list[Ints] = []
        self._cost: list[Floats] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._row_lower: list[Floats] = []
        self._row_upper: list[Floats] = []
        self._at_row: list[Ints] = []
        self._at_column: list[Ints] = []
        self._value: list[Floats] = []

    def add_columns(
        self,
        count: int,
        cost: Floats | float,
        upper: Floats | float = INFINITE,
        lower: Floats | float = 0.0,
        *,
        name: str = "",
        steps: Ints | None = None,
    ) -> Ints:
        """Indices of `count` new columns, one for each of the `steps` (or of the first ones)."""
        self._column_names.append(self._named(count, name or f"column {len(self._cost)}", steps))
        self._cost.append(_filled(count, cost))
        self._lower.append(_filled(count, lower))
        self._upper.append(_filled(count, upper))
        first = self.columns
        self.columns += count
        return np.arange(first, self.columns, dtype=np.int32)

    def add_rows(
        self,
        count: int,
        lower: Floats | float,
        upper: Floats | float,
        *,
        name: str = "",
        steps: Ints | None = None,
    ) -> Ints:
        """Indices of `count` new rows, one for each of the `steps` (or of the first ones)."""
        self._row_names.append(self._named(count, name or f"row {len(self._row_lower)}", steps))
        self._row_lower.append(_filled(count, lower))
        self._row_upper.append(_filled(count, upper))
        first = self.rows
        self.rows += count
        return np.arange(first, self.rows, dtype=np.int32)

    def _named(self, count: int, name: str, steps: Ints | None) -> NDArray[np.int64]:
        at = np.arange(count, dtype=np.int64) if steps is None else steps.astype(np.int64)
        return (crc32(name.encode()) << _STEP_BITS) + (at + self._first_step) % (1 << _STEP_BITS)

    def put(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Coefficients, place by place; rows and columns of equal length."""
        self._at_row.append(rows)
        self._at_column.append(columns)
        self._value.append(_filled(len(rows), values))

    def copy(self) -> "Builder":
        """Another one that goes on from here."""
        other = Builder()
        other.columns, other.rows = self.columns, self.rows
        for name in (
            "_cost",
            "_lower",
            "_upper",
            "_row_lower",
            "_row_upper",
            "_at_row",
            "_at_column",
            "_value",
            "_basic",
        ):
            setattr(other, name, list(getattr(self, name)))
        return other

    def begin_with(self, columns: Ints) -> None:
        """Columns that take up the equations while nothing is done."""
        self._basic.append(columns)

    def set_rows(self, rows: Ints, value: float) -> None:
        """Other figures for rows of the block added last."""
        first = self.rows - len(self._row_lower[-1])
        self._row_lower[-1][rows - first] = value
        self._row_upper[-1][rows - first] = value

    def add_cost(self, columns: Ints, cost: float) -> None:
        """More cost for columns of the block added last."""
        self._cost[-1][columns - (self.columns - len(self._cost[-1]))] += cost

    def program(self) -> Program:
        at_row, at_column = _joined(self._at_row), _joined(self._at_column)
        order = np.argsort(at_column.astype(np.int64) * (self.rows + 1) + at_row, kind="stable")
        start = np.zeros(self.columns + 1, dtype=np.int32)
        np.cumsum(np.bincount(at_column, minlength=self.columns), out=start[1:])
        basic = np.zeros(self.columns, dtype=bool)
        basic[_joined(self._basic)] = True
        return Program(
            basic=basic,
            cost=np.concatenate(self._cost),
            lower=np.concatenate(self._lower),
            upper=np.concatenate(self._upper),
            row_lower=np.concatenate(self._row_lower),
            row_upper=np.concatenate(self._row_upper),
            start=start,
            index=at_row[order],
            value=np.concatenate(self._value)[order],
            column_names=np.concatenate(self._column_names),
            row_names=np.concatenate(self._row_names),
        )


def _filled(count: int, values: Floats | float) -> Floats:
    if isinstance(values, np.ndarray):
        assert len(values) == count, f"{len(values)} values for {count} places"
        return values
    return np.full(count, values)


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int32, copy=False)
