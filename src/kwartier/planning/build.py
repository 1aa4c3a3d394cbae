"""From a problem to its linear program: the grid's balance of each step first, then the devices, then what holds over
all of them."""

import numpy as np

from kwartier.planning.build_battery import add_battery
from kwartier.planning.build_cars import add_cars
from kwartier.planning.build_loads import add_buffer, add_run
from kwartier.planning.circuits import add_circuits
from kwartier.planning.cuts import add_cuts
from kwartier.planning.model import MONEY, Model, series
from kwartier.planning.peak_rows import PeakColumns, add_peak, capped_peak
from kwartier.planning.penalties import penalties
from kwartier.planning.program import INFINITE, Builder, Ints
from kwartier.planning.quarters import quarters
from kwartier.site.plans import Problem

_PRICE_APART = 0.02
"""EUR per kWh that make two sites as unlike as a kW of load does."""


def build(problem: Problem, *, hold_peak: bool = False) -> Model:
    """The program of a problem that `tidy` has been over. `hold_peak`: a smaller one in which the peak stays what is paid,
    where that can be (`Model.peak_held`)."""
    steps, hours = len(problem.import_price), problem.step_s / 3600.0
    builder = Builder(problem.start_s // problem.step_s)
    model = _grid(builder, problem, steps, hours)
    for battery in problem.batteries:
        add_battery(builder, model, battery)
    add_cars(builder, model)
    for run in problem.runs:
        add_run(builder, model, run)
    for buffer in problem.buffers:
        add_buffer(builder, model, buffer)
    if hold_peak and not len(model.over_import):
        model.peak = _held(builder, model)
    if model.peak is None:
        model.peak = add_peak(builder, problem.peak, model.quarters, model.imports, _over(model), MONEY)
    add_circuits(builder, model, MONEY)
    model.peak_cuts = add_cuts(builder, model)
    _smooth(builder, model)
    model.program = builder.program()
    return model


def _held(builder: Builder, model: Model) -> PeakColumns | None:
    give = sum(battery.discharge_w for battery in model.problem.batteries) / 1000.0
    return capped_peak(
        builder, model.problem.peak, model.quarters, model.imports, model.base_kw - give, MONEY
    )


def _over(model: Model) -> tuple[Ints, Ints]:
    return model.over_import, model.over_import_steps


def _grid(builder: Builder, problem: Problem, steps: int, hours: float) -> Model:
    buy = series(problem.import_price, steps, 0.0)
    sell = series(problem.export_price, steps, 0.0)
    load = series(problem.load_w, steps, 0.0) / 1000.0
    pv = series(problem.pv_w, steps, 0.0) / 1000.0
    in_limit = series(problem.import_limit_w, steps, INFINITE) / 1000.0
    out_limit = series(problem.export_limit_w, steps, INFINITE) / 1000.0
    base = load - pv
    builder.likeness = np.concatenate((buy / _PRICE_APART, base))
    least = load if problem.pv_curtailable else base
    take = _most_taken(problem)
    give = sum(battery.discharge_w for battery in problem.batteries) / 1000.0
    most_import = np.minimum(np.maximum(least + take, 0.0), np.maximum(in_limit, np.maximum(base, 0.0)))
    most_export = np.minimum(np.maximum(-base, 0.0) + give, np.maximum(out_limit, np.maximum(-least, 0.0)))
    cost = hours * MONEY
    worth = penalties(problem, buy, sell)
    imports = builder.add_columns(steps, buy * cost, np.minimum(in_limit, most_import), name="imports")
    exports = builder.add_columns(steps, -sell * cost, np.minimum(out_limit, most_export), name="exports")
    forced = any(run.power_w > 0 for run in problem.runs) or bool(problem.buffers)
    tight_in = np.flatnonzero(np.isfinite(in_limit) & ((base > in_limit) | forced)).astype(np.int32)
    tight_out = np.flatnonzero(-least > out_limit).astype(np.int32)
    over_in = builder.add_columns(len(tight_in), (buy[tight_in] + worth.operator) * cost)
    over_out = builder.add_columns(len(tight_out), (worth.operator - sell[tight_out]) * cost)
    free = np.zeros(steps, dtype=bool)
    if problem.pv_curtailable:
        free = (pv > 0.0) & ((np.minimum(buy, sell) < 0.0) | (pv + give > out_limit))
    curtailed_steps = np.flatnonzero(free).astype(np.int32)
    curtailed = builder.add_columns(
        len(curtailed_steps), 0.0, pv[curtailed_steps], name="curtailed", steps=curtailed_steps
    )
    balance = builder.add_rows(steps, base, base, name="balance")
    builder.put(balance, imports, 1.0)
    builder.put(balance, exports, -1.0)
    builder.put(balance[tight_in], over_in, 1.0)
    builder.put(balance[tight_out], over_out, -1.0)
    builder.put(balance[curtailed_steps], curtailed, -1.0)
    inverted = np.flatnonzero((sell > buy) & (most_import > 0.0) & (most_export > 0.0)).astype(np.int32)
    builder.begin_with(np.where(base >= 0.0, imports, exports))
    rows = builder.add_rows(len(inverted), -INFINITE, 1.0)
    builder.put(rows, imports[inverted], 1.0 / most_import[inverted])
    builder.put(rows, exports[inverted], 1.0 / most_export[inverted])
    return Model(
        problem=problem,
        builder=builder,
        steps=steps,
        hours=hours,
        penalties=worth,
        quarters=quarters(problem.start_s, problem.step_s, steps, problem.peak),
        balance=balance,
        buy=buy,
        sell=sell,
        base_kw=base,
        pv_kw=pv,
        imports=imports,
        exports=exports,
        over_import=over_in,
        over_import_steps=tight_in,
        over_export=over_out,
        over_export_steps=tight_out,
        curtailed=curtailed,
        curtailed_steps=curtailed_steps,
        inverted=inverted,
        import_limit_kw=in_limit,
        most_import_kw=most_import,
        most_export_kw=most_export,
    )


def _most_taken(problem: Problem) -> float:
    """Every device of the plan at its fullest, kW."""
    watts = sum(b.charge_w for b in problem.batteries) + sum(c.max_w for c in problem.cars)
    watts += sum(r.power_w for r in problem.runs) + sum(b.power_w for b in problem.buffers)
    return watts / 1000.0


def _smooth(builder: Builder, model: Model) -> None:
    """A price on each change of a device's power."""
    price = model.problem.smooth_eur_per_kw * MONEY
    if price <= 0.0:
        return
    for battery in model.batteries:
        _changes(builder, [(battery.charge, 1.0), (battery.discharge, -1.0)], price)
    for columns in [*(car.power for car in model.cars), *(buffer.power for buffer in model.buffers)]:
        _changes(builder, [(columns, 1.0)], price)


def _changes(builder: Builder, parts: list[tuple[Ints, float]], price: float) -> None:
    count = len(parts[0][0]) - 1
    if count < 1:
        return
    up, down = builder.add_columns(count, price), builder.add_columns(count, price)
    builder.begin_with(up)
    rows = builder.add_rows(count, 0.0, 0.0)
    builder.put(rows, up, -1.0)
    builder.put(rows, down, 1.0)
    for columns, sign in parts:
        builder.put(rows, columns[1:], sign)
        builder.put(rows, columns[:-1], -sign)
