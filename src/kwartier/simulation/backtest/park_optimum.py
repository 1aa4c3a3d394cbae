"""Perfect foresight for a car park: one exact linear programme over the whole span with the true sessions, load, sun and prices.

Columns: kWh per session and quarter-hour (at most `max_w` for the seconds it is there), import and export per quarter-hour, one peak per
month. Rows: each session gets its energy; import - export - cars = load - sun; 4 x import <= the month's peak.
Charging power may be anything from 0 to `max_w`, without the minimum of 6 A: so its cost is a bound from below, that no controller can beat.
Export is worth less than import costs, so both never happen at once.
"""

from dataclasses import dataclass, replace

import highspy
import numpy as np
from highspy._core import _Highs  # the public class prints a banner to standard output

from kwartier.planning.horizon.park_visits import Floats, Ints
from kwartier.simulation.backtest.park_case import QUARTER_S, Case

_FREE = 1e30


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The cheapest way to give every session its energy."""

    cost_eur: float
    energy_eur: float
    peak_w: dict[int, float]
    """Per month."""
    cars_w: Floats
    """Per quarter-hour, `(quarters,)`."""


def reachable_kwh(case: Case) -> Floats:
    """What each session can take at most: its wish, or `max_w` over its stay within the case."""
    stay_s = np.minimum(case.depart_s, case.end_s) - case.arrive_s
    return np.asarray(np.minimum(case.wanted_kwh, np.maximum(0, stay_s) * case.max_w / 3.6e6))


def optimum(case: Case, energy_kwh: Floats | None = None) -> Optimum:
    """Solve it, for the energies that are wanted or for those given (equal energy with a controller).

    Raises:
        RuntimeError: the solver did not prove an optimum.
    """
    if energy_kwh is not None:
        case = replace(case, wanted_kwh=energy_kwh)
    wanted = reachable_kwh(case)
    session, quarter, most = _slots(case)
    slots, count, quarters = len(session), len(wanted), case.quarters
    months, month = np.unique(case.month, return_inverse=True)
    balance, peak_row = count + np.arange(quarters), count + quarters + np.arange(quarters)
    every, ones = np.arange(quarters), np.ones(quarters)
    start = slots + quarters * 2
    # (row, column, value) of every entry, then sorted by column
    row = np.concatenate((session, count + quarter, balance, peak_row, balance, peak_row))
    column = np.concatenate(
        (
            np.arange(slots),
            np.arange(slots),
            slots + every,
            slots + every,
            slots + quarters + every,
            start + month,
        )
    )
    value = np.concatenate((np.ones(slots), -np.ones(slots), ones, 4.0 * ones, -ones, -ones))
    order = np.lexsort((row, column))
    columns = start + len(months)
    contract = case.contract
    buy = case.spot_eur_per_kwh + contract.import_extra_eur_per_kwh
    sell = case.spot_eur_per_kwh - contract.export_less_eur_per_kwh
    net = (case.load_w - case.pv_w) / 4000.0
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = columns, count + 2 * quarters
    programme.col_cost_ = np.concatenate(
        (np.zeros(slots), buy, -sell, np.full(len(months), contract.peak_eur_per_kw_month))
    )
    programme.col_lower_ = np.zeros(columns)
    programme.col_upper_ = np.concatenate((most, np.full(columns - slots, _FREE)))
    programme.row_lower_ = np.concatenate((wanted, net, np.full(quarters, -_FREE)))
    programme.row_upper_ = np.concatenate((wanted, net, np.zeros(quarters)))
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = np.concatenate(
        ([0], np.cumsum(np.bincount(column, minlength=columns)))
    ).astype(np.int32)
    programme.a_matrix_.index_ = row[order].astype(np.int32)
    programme.a_matrix_.value_ = value[order]
    solver = _Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("parallel", "off")
    solver.passModel(programme)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(
            f"perfect foresight was not solved: {solver.modelStatusToString(solver.getModelStatus())}"
        )
    answer = np.array(solver.getSolution().col_value)
    bought, sold = answer[slots : slots + quarters], answer[slots + quarters : start]
    return Optimum(
        cost_eur=float(solver.getInfo().objective_function_value),
        energy_eur=float(bought @ buy - sold @ sell),
        peak_w={int(name): float(kw) * 1000.0 for name, kw in zip(months, answer[start:], strict=True)},
        cars_w=np.asarray(np.bincount(quarter, answer[:slots], quarters) * 4000.0, dtype=np.float64),
    )


def _slots(case: Case) -> tuple[Ints, Ints, Floats]:
    """Session, quarter-hour and most kWh of every pair that has time in common."""
    first = (case.arrive_s - case.start_s) // QUARTER_S
    last = np.minimum((case.depart_s - 1 - case.start_s) // QUARTER_S, case.quarters - 1)
    length = np.maximum(0, last - first + 1)
    session = np.repeat(np.arange(len(length)), length)
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    quarter = first[session] + offset
    begin_s = case.start_s + quarter * QUARTER_S
    there_s = np.minimum(case.depart_s[session], begin_s + QUARTER_S) - np.maximum(
        case.arrive_s[session], begin_s
    )
    return session, quarter, there_s * case.max_w / 3.6e6
