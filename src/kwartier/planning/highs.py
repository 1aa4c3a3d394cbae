"""HiGHS as we use it: arrays in, arrays out, basis kept, one thread, no output, the same answer each time.

Two objects with different `threads` in one process make the second return nothing without an error; so every
object here has one thread. The class below `highspy.Highs` is used, since that one writes a banner to standard
output before it can be told not to.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs
from numpy.typing import NDArray

from kwartier.planning.program import Floats, Ints, Program

_CONTINUOUS = int(highspy.HighsVarType.kContinuous)
_INTEGER = int(highspy.HighsVarType.kInteger)
_FINAL = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kTimeLimit,
)
_LOWER = highspy.HighsBasisStatus.kLower
_BASIC = highspy.HighsBasisStatus.kBasic
_KEPT = 1_000_000_000
"""No limit, for options of whole numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A solution. `value` per column, `dual` per row, `reduced` (cost) per column."""

    value: Floats
    dual: Floats
    reduced: Floats
    objective: float
    proven: bool
    """The solver says that there is no better one (linear), or none better than its tolerance (mixed)."""
    bound: float
    """No solution is below this."""


class Linear:
    """One linear program; solving it again after a change of bounds or costs starts from the last basis."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._highs = _fresh()
        self._kept: tuple[Program, highspy.HighsBasis] | None = None
        _pass(self._highs, program, None)
        self._highs.setBasis(_first(program))

    def keep(self) -> None:
        """The basis of the last solve is the one that the next program starts from."""
        self._kept = (self.program, self._highs.getBasis())

    def replace(self, program: Program) -> None:
        """Another program; what it shares with the one whose basis was kept starts from there."""
        _pass(self._highs, program, None)
        self._highs.setBasis(_first(program) if self._kept is None else _carried(*self._kept, program))
        self.program = program

    def bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Other bounds of some columns."""
        self._highs.changeColsBounds(len(columns), columns, lower, upper)

    def solve(self, time_limit_s: float) -> Solved | None:
        """None: no solution within the limits, or none at all."""
        self._highs.setOptionValue("time_limit", self.seconds + max(time_limit_s, 0.01))
        self._highs.run()
        if self._highs.getModelStatus() not in _FINAL:
            # figures far apart: once more from nothing, with the objective scaled by a thousandth
            self._highs.setOptionValue("user_objective_scale", -10)
            self._highs.clearSolver()
            self._highs.run()
            self._highs.setOptionValue("user_objective_scale", 0)
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        objective = self._highs.getInfo().objective_function_value
        return Solved(
            value=np.asarray(solution.col_value),
            dual=np.asarray(solution.row_dual),
            reduced=np.asarray(solution.col_dual),
            objective=objective,
            proven=True,
            bound=objective,
        )

    @property
    def seconds(self) -> float:
        """How long this object has worked, by the solver's own watch."""
        return float(self._highs.getRunTime())


def solve_mixed(
    program: Program, whole: Ints, *, start: Floats | None, time_limit_s: float, gap: float, nodes: int
) -> tuple[Solved | None, float]:
    """A program in which the columns `whole` take whole values only; with the seconds it took.

    `start` is a solution to begin with. Ends when the best one is within `gap` (of the objective's unit) of the
    bound, or after `nodes` of the search, which is the same for the same input, or after the time, which is not.
    """
    kinds = np.full(len(program.cost), _CONTINUOUS, dtype=np.int32)
    kinds[whole] = _INTEGER
    highs = _fresh()
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", gap)
    highs.setOptionValue("mip_max_nodes", min(nodes, _KEPT))
    highs.setOptionValue("time_limit", max(time_limit_s, 0.01))
    _pass(highs, program, kinds)
    if start is not None:
        highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    highs.run()
    info = highs.getInfo()
    status = highs.getModelStatus()
    seconds = float(highs.getRunTime())
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, seconds
    value = np.asarray(highs.getSolution().col_value)
    empty = np.zeros(0)
    return Solved(
        value=value,
        dual=empty,
        reduced=empty,
        objective=info.objective_function_value,
        proven=status == highspy.HighsModelStatus.kOptimal,
        bound=info.mip_dual_bound,
    ), seconds


def _first(program: Program) -> highspy.HighsBasis:
    """The basis of doing nothing. From here a solve takes half the time of one from no basis with presolve."""
    basis = highspy.HighsBasis()
    basis.col_status = [_BASIC if each else _LOWER for each in program.basic.tolist()]
    equal = program.row_lower == program.row_upper
    basis.row_status = [_LOWER if each else _BASIC for each in equal.tolist()]
    basis.valid = True
    basis.alien = True
    return basis


def _carried(old: Program, basis: highspy.HighsBasis, new: Program) -> highspy.HighsBasis:
    """A basis of another program, column by column and row by row of the same name. What is new is out of it."""
    if new.same_matrix(old):
        return basis
    carried = highspy.HighsBasis()
    carried.col_status = _statuses(old.column_names, basis.col_status, new.column_names, _LOWER)
    carried.row_status = _statuses(old.row_names, basis.row_status, new.row_names, _BASIC)
    carried.valid = True
    carried.alien = True  # of another program: HiGHS makes a square one of it
    return carried


def _statuses(
    old: NDArray[np.int64],
    status: list[highspy.HighsBasisStatus],
    new: NDArray[np.int64],
    absent: highspy.HighsBasisStatus,
) -> list[highspy.HighsBasisStatus]:
    order = np.argsort(old, kind="stable")
    at = np.minimum(np.searchsorted(old[order], new), len(old) - 1)
    place = order[at]
    known = old[place] == new
    every = [*status, absent]
    return [every[i] for i in np.where(known, place, len(old)).tolist()]


def _fresh() -> _Highs:
    highs = _Highs()
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("random_seed", 0)
    return highs


def _pass(highs: _Highs, program: Program, kinds: Ints | None) -> None:
    highs.passModel(
        len(program.cost),
        len(program.row_lower),
        len(program.value),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        program.cost,
        program.lower,
        program.upper,
        program.row_lower,
        program.row_upper,
        program.start[:-1],
        program.index,
        program.value,
        np.full(len(program.cost), _CONTINUOUS, dtype=np.int32) if kinds is None else kinds,
    )
