"""HiGHS as we use it: arrays in, arrays out, basis kept, one thread, no output, the same answer each time.

Two objects with different `threads` in one process make the second return nothing without an error; so every
object here has one thread. The class below `highspy.Highs` is used, since that one writes a banner to standard
output before it can be told not to.
"""

from dataclasses import dataclass
from functools import lru_cache

import highspy
import numpy as np
from highspy._core import _Highs

from kwartier.planning.basis import Bases, nothing_done
from kwartier.planning.program import Floats, Ints, Program, floats

_CONTINUOUS = int(highspy.HighsVarType.kContinuous)
_INTEGER = int(highspy.HighsVarType.kInteger)
_FINAL = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kTimeLimit,
)
_KEPT = 1_000_000_000
"""No limit, for options of whole numbers."""
_NOTHING: Floats = np.zeros(0)
_QUICK = {"simplex_dual_edge_weight_strategy": 1, "dual_simplex_cost_perturbation_multiplier": 0.0}
"""Devex prices and costs as they are: on small programs two thirds of the time, and some do not end."""
_CAREFUL = {"simplex_dual_edge_weight_strategy": -1, "dual_simplex_cost_perturbation_multiplier": 1.0}
"""What HiGHS does by itself."""
_SMALL = 1_250
"""Columns of a program up to which the quick rules are quicker: a household. On car parks they take twice the steps."""
_QUICK_ITERATIONS = 5_000
"""Twenty times what a household takes. What is not done by then is solved with care."""
_BASES = 16
"""Kept of many small programs. The likest of 16 saves a quarter of a first solve over the newest; that of 64 a little more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A solution. `value` per column; `dual` per row and `reduced` (cost) per column are read when asked for: the
    way from the solver's lists to arrays costs as much as a tenth of a warm solve."""

    value: Floats
    objective: float
    bound: float
    """No solution is below this."""
    solution: highspy.HighsSolution | None = None
    """A copy; None: there are no duals (whole numbers)."""

    @property
    def dual(self) -> Floats:
        return _NOTHING if self.solution is None else _listed(self.solution.row_dual)

    @property
    def reduced(self) -> Floats:
        return _NOTHING if self.solution is None else _listed(self.solution.col_dual)


class Linear:
    """One linear program; solving it again after a change of bounds or costs starts from the last basis."""

    def __init__(self, program: Program, *, quick: bool = False) -> None:
        """`quick`: for many programs of different sites, one after the other, each from the basis of the likest one."""
        self.program = program
        self._highs = _fresh()
        self._quick = False
        self._bases = Bases(_BASES if quick else 1)
        self._loaded(program)
        self._highs.setBasis(nothing_done(program))

    def keep(self) -> None:
        """The basis of the last solve is one that later programs may start from."""
        self._bases.keep(self.program, self._highs.getBasis)

    def replace(self, program: Program) -> None:
        """Another program; what it shares with the likest one whose basis was kept starts from there."""
        self._loaded(program)
        self._highs.setBasis(self._bases.start(program))
        self.program = program

    def _loaded(self, program: Program) -> None:
        small = len(program.cost) <= _SMALL
        if small != self._quick:
            self._quick = small
            self._options(_QUICK if small else _CAREFUL, _QUICK_ITERATIONS if small else _KEPT)
        _pass(self._highs, program, None)

    def bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Other bounds of some columns."""
        self._highs.changeColsBounds(len(columns), columns, lower, upper)

    def solve(self, time_limit_s: float) -> Solved | None:
        """None: no solution within the limits, or none at all."""
        self._highs.setOptionValue("time_limit", self.seconds + max(time_limit_s, 0.01))
        self._highs.run()
        if self._quick and self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._options(_CAREFUL, _KEPT)
            self._highs.clearSolver()
            self._run()
            self._options(_QUICK, _QUICK_ITERATIONS)
        elif self._highs.getModelStatus() not in _FINAL:
            self._again()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        objective = self._highs.getObjectiveValue()
        value = _listed(solution.col_value)
        return Solved(value=value, objective=objective, bound=objective, solution=solution)

    def _run(self) -> None:
        self._highs.run()
        if self._highs.getModelStatus() not in _FINAL:
            self._again()

    def _again(self) -> None:
        """Figures far apart: once more from nothing, with the objective scaled by a thousandth."""
        self._highs.setOptionValue("user_objective_scale", -10)
        self._highs.clearSolver()
        self._highs.run()
        self._highs.setOptionValue("user_objective_scale", 0)

    def _options(self, named: dict[str, float], iterations: int) -> None:
        for name, value in named.items():
            self._highs.setOptionValue(name, value)
        self._highs.setOptionValue("simplex_iteration_limit", iterations)

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
    seconds = float(highs.getRunTime())
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, seconds
    value = _listed(highs.getSolution().col_value)
    return Solved(value=value, objective=info.objective_function_value, bound=info.mip_dual_bound), seconds


def _listed(numbers: list[float]) -> Floats:
    return floats(numbers, len(numbers))


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
        _continuous(len(program.cost)) if kinds is None else kinds,
    )


@lru_cache(maxsize=64)
def _continuous(columns: int) -> Ints:
    return np.full(columns, _CONTINUOUS, dtype=np.int32)
