"""A small linear programme in dictionary form: what is left when rows pull in both directions.

A dictionary writes some variables, the basic ones, as a value less multiples of the others, which stand at
zero; no variable is ever below zero. A pivot swaps two. It is dense and plain, meant for tens of variables.
"""

from collections.abc import Iterable, Sequence
from math import inf

EPS = 1e-9
_TINY = 1e-11
_PATIENT = 200
"""Pivots after which the choice that cannot go in circles is made (Bland)."""


class Unsolvable(Exception):
    """The arithmetic came to no end; callers have another way."""


class Dictionary:
    """basic[r] = value[r] - sum over columns j of part[r][j] * free[j]; `free` variables stand at zero."""

    __slots__ = ("basic", "free", "part", "pivots", "value")

    def __init__(
        self,
        free: Sequence[int],
        basic: Sequence[int],
        value: Sequence[float],
        part: Sequence[Sequence[float]],
    ) -> None:
        """Variables are numbers, each its own. Values may be below zero until `make_feasible`."""
        self.free = list(free)
        self.basic = list(basic)
        self.value = list(value)
        self.part = [list(row) for row in part]
        self.pivots = 0

    def values(self, names: Iterable[int]) -> list[float]:
        """What these variables are now."""
        at = {name: r for r, name in enumerate(self.basic)}
        return [self.value[at[name]] if name in at else 0.0 for name in names]

    def make_feasible(self, spare: int) -> bool:
        """Bring all variables to zero or above, where that is possible. `spare`: a number not in use."""
        if min(self.value, default=0.0) >= -_TINY:
            return True
        self.free.append(spare)
        for row in self.part:
            row.append(-1.0)
        self._pivot(min(range(len(self.value)), key=self.value.__getitem__), len(self.free) - 1)
        while spare in self.basic:
            r = self.basic.index(spare)
            column = self._entering(self.part[r], 1.0)
            if self.value[r] <= _TINY or column is None:
                if self.value[r] > EPS:
                    return False
                column = max(range(len(self.free)), key=lambda j: abs(self.part[r][j]))
                if abs(self.part[r][column]) <= _TINY:
                    self._drop_row(r)
                    return True
                self._pivot(r, column)
                break
            leaving = self._leaving(column)
            if leaving is None:
                raise Unsolvable
            if (
                self.value[r] / self.part[r][column]
                <= self.value[leaving] / self.part[leaving][column] + _TINY
            ):
                leaving = r
            self._pivot(leaving, column)
        self.drop_columns([self.free.index(spare)])
        return True

    def maximise(self, name: int) -> int:
        """Make one variable as large as possible; returns its row. It must be bounded."""
        if name not in self.basic:
            column = self.free.index(name)
            leaving = self._leaving(column)
            if leaving is None:
                raise Unsolvable
            self._pivot(leaving, column)
        while True:
            r = self.basic.index(name)
            column_or_none = self._entering(self.part[r], -1.0)
            if column_or_none is None:
                return r
            leaving = self._leaving(column_or_none, keep=r)
            if leaving is None:
                raise Unsolvable
            self._pivot(leaving, column_or_none)

    def add_column(self, name: int, column: Sequence[float]) -> None:
        """A new variable at zero, with its part of each row."""
        self.free.append(name)
        for row, part in zip(self.part, column, strict=True):
            row.append(part)

    def drop_columns(self, columns: Iterable[int]) -> None:
        """Leave variables at zero for good."""
        for column in sorted(columns, reverse=True):
            del self.free[column]
            for row in self.part:
                del row[column]

    def _drop_row(self, r: int) -> None:
        del self.basic[r], self.value[r], self.part[r]

    def freeze(self, r: int) -> None:
        """Keep the variable of a row at its value: for rows that say no more than that."""
        self._drop_row(r)

    def _entering(self, row: Sequence[float], sign: float) -> int | None:
        """The column that moves a row the wanted way."""
        best, most = None, EPS
        for j, part in enumerate(row):
            if sign * part > most:
                if self.pivots > _PATIENT:
                    if best is None or self.free[j] < self.free[best]:
                        best = j
                else:
                    best, most = j, sign * part
        return best

    def _leaving(self, column: int, keep: int = -1) -> int | None:
        """The row that first comes down to zero as a column's variable grows."""
        best, least, size = None, inf, 0.0
        for r, row in enumerate(self.part):
            part = row[column]
            if part <= _TINY * 100 or r == keep:
                continue
            ratio = max(0.0, self.value[r]) / part
            if ratio < least - _TINY or (ratio < least + _TINY and self._before(r, part, best, size)):
                best, least, size = r, min(ratio, least), part
        return best

    def _before(self, r: int, part: float, best: int | None, size: float) -> bool:
        if best is None:
            return True
        return self.basic[r] < self.basic[best] if self.pivots > _PATIENT else part > size

    def _pivot(self, r: int, column: int) -> None:
        self.pivots += 1
        if self.pivots > 20 * _PATIENT:
            raise Unsolvable
        pivot_row = self.part[r]
        by = pivot_row[column]
        pivot_row[column] = 1.0
        scaled = [part / by for part in pivot_row]
        value = self.value[r] / by
        self.part[r], self.value[r] = scaled, value
        for i, row in enumerate(self.part):
            part = row[column]
            if i != r and part:
                row[column] = 0.0
                self.part[i] = [a - part * b for a, b in zip(row, scaled, strict=True)]
                self.value[i] -= part * value
        self.basic[r], self.free[column] = self.free[column], self.basic[r]
