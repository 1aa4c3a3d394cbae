"""Where a solve begins: the basis of a program that was solved before, or that of doing nothing."""

from collections import Counter
from collections.abc import Callable

import highspy
import numpy as np

from kwartier.planning.program import Block, Floats, Program

_Status = highspy.HighsBasisStatus
_LOWER = _Status.kLower
_BASIC = _Status.kBasic


class Bases:
    """Bases that were kept; a new program starts from that of the program most like it.

    The first ones stay for long: what a basis costs is its first use, by names. Then each round one of them gives way, so that
    they follow the sites as these come.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[_Kept] = []
        self._alike: dict[int, tuple[list[_Kept], Floats]] = {}
        """Those whose likeness has so many figures, and these figures."""
        self._since = self._oldest = 0

    def keep(self, program: Program, basis: Callable[[], highspy.HighsBasis]) -> None:
        """`basis`: of the solve of this program; asked for if it is to be kept."""
        self._since += 1
        if len(self._kept) < self._most:
            self._kept.append(_Kept(program, basis()))
        elif self._since >= self._most:
            self._kept[self._oldest] = _Kept(program, basis())
            self._oldest = (self._oldest + 1) % self._most
        else:
            return
        self._since = 0
        self._alike.clear()

    def start(self, program: Program) -> highspy.HighsBasis:
        """A basis of this program."""
        if not self._kept:
            return nothing_done(program)
        if len(self._kept) == 1:
            return self._kept[0].carried(program)
        figures = len(program.likeness)
        if figures not in self._alike:
            mine = [each for each in self._kept if len(each.program.likeness) == figures]
            self._alike[figures] = mine, np.asarray([each.program.likeness for each in mine])
        alike, likeness = self._alike[figures]
        if not alike:
            return self._kept[self._oldest - 1].carried(program)
        return alike[int(np.abs(likeness - program.likeness).sum(axis=1).argmin())].carried(program)


def nothing_done(program: Program) -> highspy.HighsBasis:
    """The basis of doing nothing. From here a solve takes half the time of one from no basis with presolve."""
    basis = highspy.HighsBasis()
    basis.col_status = [_BASIC if each else _LOWER for each in program.basic.tolist()]
    equal = program.row_lower == program.row_upper
    basis.row_status = [_LOWER if each else _BASIC for each in equal.tolist()]
    basis.valid = True
    basis.alien = True
    return basis


class _Kept:
    """A basis and the program it is of."""

    def __init__(self, program: Program, basis: highspy.HighsBasis) -> None:
        self.program, self._basis = program, basis
        self._columns: _Statuses | None = None
        self._rows: _Statuses | None = None

    def carried(self, new: Program) -> highspy.HighsBasis:
        """A basis of another program, column by column and row by row of the same name. What is new is out of it."""
        old = self.program
        if new.same_matrix(old):
            return self._basis
        if self._columns is None or self._rows is None:
            self._columns = _Statuses(old.column_blocks, self._basis.col_status, _LOWER)
            self._rows = _Statuses(old.row_blocks, self._basis.row_status, _BASIC)
        carried = highspy.HighsBasis()
        carried.col_status = self._columns.of(new.column_blocks)
        carried.row_status = self._rows.of(new.row_blocks)
        carried.valid = True
        carried.alien = True  # of another program: HiGHS makes a square one of it
        return carried


class _Statuses:
    """What is in the basis, by the block's name and the step."""

    def __init__(self, blocks: tuple[Block, ...], status: list[_Status], absent: _Status) -> None:
        self._absent = absent
        self._runs: dict[str, tuple[range, list[_Status]]] = {}
        """Of blocks about steps in a row."""
        self._others: dict[str, dict[int, _Status]] = {}
        names = Counter(block.name for block in blocks)
        first = 0
        for block in blocks:
            mine = status[first : first + block.size]
            first += block.size
            if names[block.name] == 1 and isinstance(block.steps, range):
                self._runs[block.name] = block.steps, mine
            else:
                known = self._others.setdefault(block.name, {})
                for step, each in zip(block.steps, mine, strict=True):
                    known.setdefault(step, each)

    def of(self, blocks: tuple[Block, ...]) -> list[_Status]:
        found: list[_Status] = []
        for block in blocks:
            found += self._of(block)
        return found

    def _of(self, block: Block) -> list[_Status]:
        absent, steps = self._absent, block.steps
        if block.name in self._runs:
            about, status = self._runs[block.name]
            if isinstance(steps, range):
                first = max(steps.start, about.start)
                last = max(first, min(steps.stop, about.stop))
                if first == last:
                    return [absent] * block.size
                before, after = [absent] * (first - steps.start), [absent] * (steps.stop - last)
                return before + status[first - about.start : last - about.start] + after
            return [status[about.index(step)] if step in about else absent for step in steps]
        known = self._others.get(block.name, {})
        return [known.get(step, absent) for step in steps]
