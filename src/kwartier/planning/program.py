"""Columns and rows of a linear program as growing numpy arrays: what a modelling layer does, without the layer.

Blocks of columns or rows are added at once and are known by their indices. Nothing here knows about energy.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
INFINITE = float("inf")
_Array = TypeVar("_Array", Floats, Ints)
_ROOM = 2048
"""Places to begin with: enough for a household's columns and rows. It has two coefficients to a column, mostly."""


class Block(NamedTuple):
    """Columns or rows that were added at once. The block of this name in another program is about the same thing."""

    name: str
    size: int
    steps: range | tuple[int, ...]
    """What each is about: the step, counted the same way in each program."""


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
    column_blocks: tuple[Block, ...]
    row_blocks: tuple[Block, ...]
    basic: Bools
    """Columns that carry a plan in which nothing is done: a good point to begin from."""
    likeness: Floats
    """The nearer these figures of two programs, the better the basis of one is as a start of the other."""

    def same_matrix(self, other: "Program") -> bool:
        """Whether a basis of one is a basis of the other: equal coefficients in equal places."""
        return (
            len(self.row_lower) == len(other.row_lower)
            and np.array_equal(self.start, other.start)
            and np.array_equal(self.index, other.index)
            and np.array_equal(self.value, other.value)
        )


class Builder:
    """Collects blocks; `program()` puts them together.

    Figures are written to their place at once, into arrays that double when they are full: an array of its own for each
    block would be half of the time of building a household.
    """

    def __init__(self, first_step: int = 0) -> None:
        """`first_step` tells the step 0 of this program from that of another one, earlier or later."""
        self._first_step = first_step
        self._column_blocks: list[Block] = []
        self._row_blocks: list[Block] = []
        self.columns = self.rows = self._entries = 0
        self._cost, self._lower, self._upper = np.empty(_ROOM), np.empty(_ROOM), np.empty(_ROOM)
        self._row_lower, self._row_upper = np.empty(_ROOM), np.empty(_ROOM)
        self._at_row, self._at_column = np.empty(2 * _ROOM, np.int32), np.empty(2 * _ROOM, np.int32)
        self._value = np.empty(2 * _ROOM)
        self._basic: list[Ints] = []
        self.likeness: Floats = np.zeros(0)
        """See `Program`."""

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
        self._column_blocks.append(self._block(name or f"column {len(self._column_blocks)}", count, steps))
        first, end = self.columns, self.columns + count
        if end > len(self._cost):
            self._cost, self._lower, self._upper = (
                _longer(each, end) for each in (self._cost, self._lower, self._upper)
            )
        self._cost[first:end] = cost
        self._lower[first:end] = lower
        self._upper[first:end] = upper
        self.columns = end
        return np.arange(first, end, dtype=np.int32)

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
        self._row_blocks.append(self._block(name or f"row {len(self._row_blocks)}", count, steps))
        first, end = self.rows, self.rows + count
        if end > len(self._row_lower):
            self._row_lower, self._row_upper = (
                _longer(self._row_lower, end),
                _longer(self._row_upper, end),
            )
        self._row_lower[first:end] = lower
        self._row_upper[first:end] = upper
        self.rows = end
        return np.arange(first, end, dtype=np.int32)

    def _block(self, name: str, count: int, steps: Ints | None) -> Block:
        first = self._first_step
        if steps is None:
            return Block(name, count, range(first, first + count))
        if count and steps[-1] - steps[0] == count - 1 and (np.diff(steps) == 1).all():
            first += int(steps[0])
            return Block(name, count, range(first, first + count))
        return Block(name, count, tuple((steps.astype(np.int64) + first).tolist()))

    def put(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Coefficients, place by place; rows and columns of equal length."""
        first, end = self._entries, self._entries + len(rows)
        if end > len(self._value):
            self._value = _longer(self._value, end)
            self._at_row, self._at_column = _longer(self._at_row, end), _longer(self._at_column, end)
        self._at_row[first:end] = rows
        self._at_column[first:end] = columns
        self._value[first:end] = values
        self._entries = end

    def copy(self) -> "Builder":
        """Another one that goes on from here."""
        other = Builder(self._first_step)
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, np.ndarray | list) else value)
        return other

    def begin_with(self, columns: Ints) -> None:
        """Columns that take up the equations while nothing is done."""
        self._basic.append(columns)

    def set_rows(self, rows: Ints, value: float) -> None:
        """Other figures for rows that were added before."""
        self._row_lower[rows] = value
        self._row_upper[rows] = value

    def cap_columns(self, columns: Ints, most: float) -> Bools:
        """A lower upper bound for columns that were added before; which of them had a higher one."""
        lowered: Bools = self._upper[columns] > most
        self._upper[columns[lowered]] = most
        return lowered

    def add_cost(self, columns: Ints, cost: float) -> None:
        """More cost for columns that were added before."""
        self._cost[columns] += cost

    def program(self) -> Program:
        at_row, at_column = self._at_row[: self._entries], self._at_column[: self._entries]
        order = _by_column(at_row, at_column, max(self.rows, self.columns))
        start = np.zeros(self.columns + 1, dtype=np.int32)
        np.cumsum(np.bincount(at_column, minlength=self.columns), out=start[1:])
        basic = np.zeros(self.columns, dtype=bool)
        for columns in self._basic:
            basic[columns] = True
        return Program(
            basic=basic,
            likeness=self.likeness,
            cost=self._cost[: self.columns].copy(),
            lower=self._lower[: self.columns].copy(),
            upper=self._upper[: self.columns].copy(),
            row_lower=self._row_lower[: self.rows].copy(),
            row_upper=self._row_upper[: self.rows].copy(),
            start=start,
            index=at_row[order],
            value=self._value[: self._entries][order],
            column_blocks=tuple(self._column_blocks),
            row_blocks=tuple(self._row_blocks),
        )


def sums(places: Ints, figures: Floats, count: int) -> Floats:
    """The sum of the figures of each of so many places, added in their order."""
    return np.asarray(np.bincount(places, figures, minlength=count), dtype=np.float64)


def floats(values: Iterable[float], count: int) -> Floats:
    """An array of so many numbers, not to be written to. `struct` reads Python's numbers in a quarter of numpy's time."""
    return np.frombuffer(_doubles(count).pack(*values), dtype=np.float64)


@lru_cache(maxsize=256)
def _doubles(count: int) -> Struct:
    return Struct(f"{count}d")


def _longer(full: _Array, least: int) -> _Array:
    """The same figures with room for so many."""
    longer: _Array = np.empty(max(least, 2 * len(full)), dtype=full.dtype)
    longer[: len(full)] = full
    return longer


def _by_column(at_row: Ints, at_column: Ints, most: int) -> NDArray[np.intp]:
    """Places in the order of columns, and of rows within each. Numbers of 16 bits are sorted in a third of the time."""
    kind = np.uint16 if most <= np.iinfo(np.uint16).max else np.int32
    by_row = np.argsort(at_row.astype(kind), kind="stable")
    return by_row[np.argsort(at_column[by_row].astype(kind), kind="stable")]
