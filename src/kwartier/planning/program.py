"""Columns and rows of a linear program as growing numpy arrays: what a modelling layer does, without the layer.

Blocks of columns or rows are added at once and are known by their indices. Nothing here knows about energy.
"""

from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
INFINITE = float("inf")
_STEP_BITS = 30
_Block = tuple[int, str, Ints | None]
"""How many, what, and the steps they are about (None: the first ones)."""
_Figures = list[tuple[int, Floats | float]]
"""Blocks of figures: how many, and each of them or one for all. Filled in at the end, all at once: an array of its own
for each block is a third of the time of building a household."""


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
        self._column_names: list[_Block] = []
        self._row_names: list[_Block] = []
        self.columns = 0
        self.rows = 0
        self._basic: list[Ints] = []
        self._cost: _Figures = []
        self._lower: _Figures = []
        self._upper: _Figures = []
        self._row_lower: _Figures = []
        self._row_upper: _Figures = []
        self._at_row: list[Ints] = []
        self._at_column: list[Ints] = []
        self._value: _Figures = []

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
        self._column_names.append((count, name or f"column {len(self._cost)}", steps))
        self._cost.append(_block(count, cost))
        self._lower.append(_block(count, lower))
        self._upper.append(_block(count, upper))
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
        self._row_names.append((count, name or f"row {len(self._row_lower)}", steps))
        self._row_lower.append(_block(count, lower))
        self._row_upper.append(_block(count, upper))
        first = self.rows
        self.rows += count
        return np.arange(first, self.rows, dtype=np.int32)

    def _named(self, blocks: list["_Block"]) -> NDArray[np.int64]:
        at = np.concatenate([_up_to(count) if steps is None else steps for count, _, steps in blocks])
        names = np.asarray([crc32(name.encode()) for _, name, _ in blocks], dtype=np.int64)
        counts = [count for count, _, _ in blocks]
        made: NDArray[np.int64] = np.repeat(names << _STEP_BITS, counts)
        made += (at + self._first_step) % (1 << _STEP_BITS)
        return made

    def put(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Coefficients, place by place; rows and columns of equal length."""
        self._at_row.append(rows)
        self._at_column.append(columns)
        self._value.append(_block(len(rows), values))

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
        at = rows - (self.rows - self._row_lower[-1][0])
        for blocks in (self._row_lower, self._row_upper):
            _own(blocks)[at] = value

    def add_cost(self, columns: Ints, cost: float) -> None:
        """More cost for columns of the block added last."""
        at = columns - (self.columns - self._cost[-1][0])
        _own(self._cost)[at] += cost

    def program(self) -> Program:
        at_row, at_column = _joined(self._at_row), _joined(self._at_column)
        order = _by_column(at_row, at_column, max(self.rows, self.columns))
        start = np.zeros(self.columns + 1, dtype=np.int32)
        np.cumsum(np.bincount(at_column, minlength=self.columns), out=start[1:])
        basic = np.zeros(self.columns, dtype=bool)
        basic[_joined(self._basic)] = True
        return Program(
            basic=basic,
            cost=_flat(self._cost, self.columns),
            lower=_flat(self._lower, self.columns),
            upper=_flat(self._upper, self.columns),
            row_lower=_flat(self._row_lower, self.rows),
            row_upper=_flat(self._row_upper, self.rows),
            start=start,
            index=at_row[order],
            value=_flat(self._value, len(order))[order],
            column_names=self._named(self._column_names),
            row_names=self._named(self._row_names),
        )


@lru_cache(maxsize=64)
def _up_to(count: int) -> NDArray[np.int64]:
    every = np.arange(count, dtype=np.int64)
    every.setflags(write=False)
    return every


def _block(count: int, values: Floats | float) -> tuple[int, Floats | float]:
    if isinstance(values, np.ndarray):
        assert len(values) == count, f"{len(values)} values for {count} places"
    return count, values


def _flat(blocks: _Figures, total: int) -> Floats:
    every = np.empty(total)
    first = 0
    for count, values in blocks:
        every[first : first + count] = values
        first += count
    return every


def _own(blocks: _Figures) -> Floats:
    """The last block as an array that may be written to."""
    count, values = blocks[-1]
    mine = np.full(count, values)
    blocks[-1] = (count, mine)
    return mine


def _by_column(at_row: Ints, at_column: Ints, most: int) -> NDArray[np.intp]:
    """Places in the order of columns, and of rows within each. Numbers of 16 bits are sorted in a third of the time."""
    kind = np.uint16 if most <= np.iinfo(np.uint16).max else np.int32
    by_row = np.argsort(at_row.astype(kind), kind="stable")
    return by_row[np.argsort(at_column[by_row].astype(kind), kind="stable")]


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int32, copy=False)
