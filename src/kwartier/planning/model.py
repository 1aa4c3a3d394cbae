"""A planning problem as a linear program: which column is what. `build` makes it.

Powers in kW, energies in kWh, money in thousandths (`MONEY`), so that the solver's tolerances are far below a cent.
What cannot be said linearly is left open here and closed by `patterns`: a car's power is anything from 0 to its
maximum, a battery may charge and discharge in one step, the grid likewise. So the optimum of this program is a
bound on every plan.
"""

from dataclasses import dataclass, field

import numpy as np

from kwartier.planning.peak_rows import PeakColumns
from kwartier.planning.penalties import Penalties
from kwartier.planning.program import Builder, Floats, Ints, Program, floats
from kwartier.planning.quarters import Quarters
from kwartier.site.plans import BatteryTask, BufferTask, CarTask, Problem, RunTask, Series

MONEY = 1000.0
"""Objective units in a EUR."""
NONE: Ints = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Columns that draw power (or give it, `sign` -1) in some steps, at a place of the tree of circuits."""

    columns: Ints
    steps: Ints
    sign: float
    kw: float
    """Per unit of the column."""
    circuit: str | None
    phases: tuple[int, ...]
    most_kw: float
    """The largest power at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryColumns:
    task: BatteryTask
    rows: Ints
    """Of the energy from step to step; their duals are what a kWh inside is worth."""
    charge: Ints
    discharge: Ints
    energy: Ints
    final_missing: Ints
    """One column, or none."""
    low_missing: Ints
    both: Ints
    """Steps in which charging and discharging at once could pay, so that it must be forbidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """Columns that are 0 or in [min_kw, max_kw]: a car or a heat pump in its steps."""

    id: str
    columns: Ints
    steps: Ints
    min_kw: float
    max_kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CarColumns:
    task: CarTask
    row: Ints
    """Of what it needs."""
    power: Ints
    steps: Ints
    missing: Ints
    goals_missing: Ints
    at_once_missing: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumns:
    task: RunTask
    starts: Ints
    """A column per possible start."""
    first: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferColumns:
    task: BufferTask
    power: Ints
    temperature: Ints
    cold: Ints
    hot: Ints


@dataclass(slots=True, kw_only=True)
class Model:
    """The program and where everything stands in it."""

    problem: Problem
    steps: int
    hours: float
    penalties: Penalties
    quarters: Quarters
    balance: Ints
    """Row of each step: import - export - curtailed - devices = load - pv."""
    buy: Floats
    sell: Floats
    base_kw: Floats
    """Load less available sun."""
    pv_kw: Floats
    imports: Ints
    exports: Ints
    over_import: Ints
    over_import_steps: Ints
    over_export: Ints
    over_export_steps: Ints
    curtailed: Ints
    curtailed_steps: Ints
    inverted: Ints
    """Steps in which import and export at once would pay."""
    import_limit_kw: Floats
    most_import_kw: Floats
    most_export_kw: Floats
    batteries: list[BatteryColumns] = field(default_factory=list)
    cars: list[CarColumns] = field(default_factory=list)
    runs: list[RunColumns] = field(default_factory=list)
    buffers: list[BufferColumns] = field(default_factory=list)
    switched: list[Switched] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    peak: PeakColumns | None = None
    peak_cuts: list[Ints] = field(default_factory=list)
    """Per month of `peak.paid`: rows of `cuts` in which what lies above the paid peak stands, or would."""
    tie_break: float = 0.0
    """More than this the order of steps never adds to the objective, in its unit."""
    builder: Builder
    program: Program = field(init=False)

    @property
    def peak_held(self) -> bool:
        """The peak is bounds on imports, which only hold good as long as it does not pay to raise it."""
        return self.peak is not None and len(self.peak.capped) > 0


def series(value: Series | float | None, steps: int, absent: float) -> Floats:
    """One figure per step."""
    if value is None:
        return np.full(steps, absent)
    if isinstance(value, tuple):
        return floats(value, len(value)) if value else np.full(steps, absent)
    return np.full(steps, float(value))
