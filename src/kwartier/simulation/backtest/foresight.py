"""Perfect foresight: one exact linear program over the whole period with the true data.

No controller can be cheaper: it knows every load, every hour of sun, every car and every price, may charge a car at any
power from 0 (a real one needs its minimum), and is solved to the interior point's tolerance in one piece, all month
peaks and the battery's course included. It ends with as much in the battery as it began with.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs

from kwartier.planning.program import Builder
from kwartier.simulation.backtest.bill import Run
from kwartier.simulation.backtest.case import HOURS, Case


class ForesightError(RuntimeError):
    """The solver did not come to an end: a mistake in the data (NaN), not in the wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """The optimum as a run, and the bound itself."""

    run: Run
    bound_eur: float


def perfect_foresight(case: Case) -> Foresight:
    """Solve the whole period. A year takes about half a minute. Raises `ForesightError`."""
    house, steps = case.house, case.steps
    builder = Builder()
    every = np.arange(steps, dtype=np.int32)
    most = house.battery_w / 1000.0
    taken = builder.add_columns(steps, case.import_price * HOURS)
    given = builder.add_columns(steps, -case.export_price * HOURS, 1000.0)
    charge = builder.add_columns(steps, 0.0, most)
    wear = house.wear_eur_per_kwh * HOURS / house.discharge_efficiency
    discharge = builder.add_columns(steps, wear, most)
    lowest = np.zeros(steps)
    lowest[-1] = house.battery_kwh / 2.0
    energy = builder.add_columns(steps, 0.0, house.battery_kwh, lowest)
    months = case.calendar.month
    count = int(months[-1]) + 1
    parts = np.minimum(np.bincount(months, minlength=count) * HOURS / 24.0 / 28.0, 1.0)
    peak = builder.add_columns(
        count, house.peak_eur_per_kw_month * parts, np.inf, house.peak_floor_w / 1000.0
    )
    car_steps = [np.arange(stay.first, stay.last, dtype=np.int32) for stay in case.stays]
    joined = np.concatenate(car_steps) if car_steps else np.zeros(0, dtype=np.int32)
    car = builder.add_columns(len(joined), 0.0, house.car_max_w / 1000.0)

    net = (case.load_w - case.pv_w) / 1000.0
    balance = builder.add_rows(steps, net, net)
    builder.put(balance, taken, 1.0)
    builder.put(balance, given, -1.0)
    builder.put(balance, charge, -1.0)
    builder.put(balance, discharge, 1.0)
    builder.put(balance[joined], car, -1.0)
    begin = np.zeros(steps)
    begin[0] = house.battery_kwh / 2.0
    course = builder.add_rows(steps, begin, begin)
    builder.put(course, energy, 1.0)
    builder.put(course[1:], energy[:-1], -1.0)
    builder.put(course, charge, -HOURS * house.charge_efficiency)
    builder.put(course, discharge, HOURS / house.discharge_efficiency)
    under = builder.add_rows(steps, -np.inf, 0.0)
    builder.put(under, taken, 1.0)
    builder.put(under, peak[months[every]], -1.0)
    if case.stays:
        wanted = np.array([stay.energy_kwh for stay in case.stays])
        met = builder.add_rows(len(case.stays), wanted, wanted)
        which = np.repeat(np.arange(len(case.stays)), [len(each) for each in car_steps])
        builder.put(met[which], car, HOURS)
    builder.begin_with(energy)
    value, objective = _solve(builder)

    car_w = np.zeros(steps)
    car_w[joined] = 1000.0 * value[car]
    run = Run(
        name="foresight",
        grid_w=1000.0 * (value[taken] - value[given]),
        car_w=car_w,
        soc_kwh=value[energy],
        discharged_kwh=float(value[discharge].sum()) * HOURS / house.discharge_efficiency,
    )
    return Foresight(run=run, bound_eur=objective)


def _solve(builder: Builder) -> tuple[np.ndarray, float]:
    program = builder.program()
    highs = _Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solver", "ipm")
    highs.setOptionValue("run_crossover", "off")
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(program.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = (
        program.start,
        program.index,
        program.value,
    )
    highs.passModel(lp)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ForesightError(
            f"perfect foresight was not solved ({highs.getModelStatus()}): look for holes in the recorded data"
        )
    return np.array(highs.getSolution().col_value), float(highs.getInfo().objective_function_value)
