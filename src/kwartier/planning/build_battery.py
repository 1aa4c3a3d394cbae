"""A battery in the model: its energy from step to step, what is missing of its goals, and when it must not burn energy."""

import numpy as np

from kwartier.planning.model import MONEY, NONE, BatteryColumns, Flow, Model, series
from kwartier.planning.program import INFINITE, Bools, Builder, Ints
from kwartier.site.plans import BatteryTask


def add_battery(builder: Builder, model: Model, task: BatteryTask) -> None:
    steps, hours = model.steps, model.hours
    all_steps = np.arange(steps, dtype=np.int32)
    most_in, most_out = task.charge_w / 1000.0, task.discharge_w / 1000.0
    charge = builder.add_columns(steps, 0.0, most_in, name=f"{task.id} charge")
    wear = task.wear_eur_per_kwh * hours / task.discharge_efficiency * MONEY
    discharge = builder.add_columns(steps, wear, most_out, name=f"{task.id} discharge")
    low = min(task.min_soc_kwh, task.soc_kwh)
    energy = builder.add_columns(steps, 0.0, task.capacity_kwh, low, name=f"{task.id} energy")
    rows = builder.add_rows(steps, 0.0, 0.0, name=f"{task.id} energy")
    builder.put(rows, energy, 1.0)
    builder.put(rows[1:], energy[:-1], -1.0)
    builder.put(rows, charge, -hours * task.charge_efficiency)
    builder.put(rows, discharge, hours / task.discharge_efficiency)
    builder.set_rows(rows[:1], task.soc_kwh)
    builder.begin_with(energy)
    missing, low_missing = NONE, NONE
    builder.add_cost(energy[-1:], -task.final_value_eur_per_kwh * MONEY)
    if task.final_soc_kwh is not None and task.final_soc_kwh > low:
        missing = builder.add_columns(1, model.penalties.final * MONEY)
        row = builder.add_rows(1, task.final_soc_kwh, INFINITE)
        builder.put(row, energy[-1:], 1.0)
        builder.put(row, missing, 1.0)
    if low < task.min_soc_kwh:
        low_missing = builder.add_columns(steps, model.penalties.goal * hours * MONEY)
        row = builder.add_rows(steps, task.min_soc_kwh, INFINITE)
        builder.put(row, energy, 1.0)
        builder.put(row, low_missing, 1.0)
    if task.reserve_kwh and task.reserve_eur_per_kwh > 0.0:
        kept = np.minimum(series(task.reserve_kwh, steps, 0.0), task.capacity_kwh)
        short = builder.add_columns(steps, task.reserve_eur_per_kwh * MONEY)
        row = builder.add_rows(steps, kept, INFINITE)
        builder.put(row, energy, 1.0)
        builder.put(row, short, 1.0)
    if task.reserve_levels:
        _reserve_levels(builder, task, energy)
    both = NONE
    if most_in > 0.0 and most_out > 0.0:
        both = _burning(model)
        row = builder.add_rows(len(both), -INFINITE, 1.0, name=f"{task.id} both", steps=both)
        builder.put(row, charge[both], 1.0 / most_in)
        builder.put(row, discharge[both], 1.0 / most_out)
    model.batteries.append(
        BatteryColumns(
            task=task,
            rows=rows,
            charge=charge,
            discharge=discharge,
            energy=energy,
            final_missing=missing,
            low_missing=low_missing,
            both=both,
        )
    )
    for columns, sign, most in ((charge, 1.0, most_in), (discharge, -1.0, most_out)):
        builder.put(model.balance, columns, -sign)
        model.flows.append(
            Flow(
                columns=columns,
                steps=all_steps,
                sign=sign,
                kw=1.0,
                circuit=task.circuit,
                phases=task.phases,
                most_kw=most,
            )
        )


def _reserve_levels(builder: Builder, task: BatteryTask, energy: Ints) -> None:
    """One column per level and step for what is missing of it; the dearest is the lowest level, so the order is kept."""
    steps = len(energy)
    top = min(task.reserve_levels[-1][0], task.capacity_kwh)
    row = builder.add_rows(steps, top, INFINITE, name=f"{task.id} reserve")
    builder.put(row, energy, 1.0)
    below = 0.0
    for place, (up_to, prices) in enumerate(task.reserve_levels):
        width = min(up_to, task.capacity_kwh) - below
        if width <= 0.0:
            break
        price = series(prices, steps, 0.0) * MONEY
        short = builder.add_columns(steps, price, width, name=f"{task.id} reserve {place}")
        builder.put(row, short, 1.0)
        below += width


def _burning(model: Model) -> Ints:
    """Steps in which burning energy in a battery could pay: a price below nothing, or sun with nowhere to go."""
    problem, steps = model.problem, model.steps
    pays: Bools = np.minimum(model.buy, model.sell) < 0.0
    if not problem.pv_curtailable:
        pays |= -model.base_kw > series(problem.export_limit_w, steps, INFINITE) / 1000.0
    if problem.circuits or (
        problem.batteries and any(b.final_value_eur_per_kwh < 0 for b in problem.batteries)
    ):
        pays |= True
    return np.flatnonzero(pays).astype(np.int32)
