"""HiGHS as we use it: arrays in, arrays out, basis kept, one thread, no output, the same answer each time.

Two objects with different `threads` in one process make the second return nothing without an error; so every
object here has one thread. The class below `highspy.Highs` is used, since that one writes a banner to standard
output before it can be told not to.
"""

from collections import Counter
from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs

from kwartier.planning.program import Block, Floats, Ints, Program, floats

_CONTINUOUS = int(highspy.HighsVarType.kContinuous)
_INTEGER = int(highspy.HighsVarType.kInteger)
_FINAL = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kTimeLimit,
)
_Status = highspy.HighsBasisStatus
_LOWER = highspy.HighsBasisStatus.kLower
_BASIC = highspy.HighsBasisStatus.kBasic
_KEPT = 1_000_000_000
"""No limit, for options of whole numbers."""
_NOTHING: Floats = np.zeros(0)
_QUICK = {"simplex_dual_edge_weight_strategy": 1, "dual_simplex_cost_perturbation_multiplier": 0.0}
"""Devex prices and costs as they are: on small programs two thirds of the time, and some do not end."""
_CAREFUL = {"simplex_dual_edge_weight_strategy": -1, "dual_simplex_cost_perturbation_multiplier": 1.0}
"""What HiGHS does by itself."""
_QUICK_ITERATIONS = 5_000
"""Twenty times what a household takes. What is not done by then is solved with care."""
_KEEP_EVERY = 8
"""Reading a basis takes longer than what the newest one saves over one some households older."""


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
        """`quick`: for many small programs, one after the other. Each alone is then solved faster, from the basis
        of one that may be some programs older."""
        self.program = program
        self._highs = _fresh()
        self._quick = quick
        self._kept: _Kept | None = None
        self._since = 0
        if quick:
            self._options(_QUICK, _QUICK_ITERATIONS)
        _pass(self._highs, program, None)
        self._highs.setBasis(_first(program))

    def keep(self) -> None:
        """The basis of the last solve is the one that the next program starts from."""
        self._since += 1
        if self._kept is None or not self._quick or self._since >= _KEEP_EVERY:
            self._kept = _Kept(self.program, self._highs.getBasis())
            self._since = 0

    def replace(self, program: Program) -> None:
        """Another program; what it shares with the one whose basis was kept starts from there."""
        _pass(self._highs, program, None)
        self._highs.setBasis(_first(program) if self._kept is None else self._kept.carried(program))
        self.program = program

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


def _first(program: Program) -> highspy.HighsBasis:
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
        self._program, self._basis = program, basis
        self._columns: _Statuses | None = None
        self._rows: _Statuses | None = None

    def carried(self, new: Program) -> highspy.HighsBasis:
        """A basis of another program, column by column and row by row of the same name. What is new is out of it."""
        old = self._program
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
            mine = status[first : first + block.count]
            first += block.count
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
                    return [absent] * block.count
                before, after = [absent] * (first - steps.start), [absent] * (steps.stop - last)
                return before + status[first - about.start : last - about.start] + after
            return [status[about.index(step)] if step in about else absent for step in steps]
        known = self._others.get(block.name, {})
        return [known.get(step, absent) for step in steps]


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
