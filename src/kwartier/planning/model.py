"""A planning problem as a linear program: which column is what, and how steps, devices and limits hang together.

Powers in kW, energies in kWh, money in thousandths (`MONEY`), so that the solver's tolerances are far below a cent.
What cannot be said linearly is left open here and closed by `patterns`: a car's power is anything from 0 to its
maximum, a battery may charge and discharge in one step, the grid likewise. So the optimum of this program is a
bound on every plan.
"""

from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from kwartier.planning.circuits import add_circuits
from kwartier.planning.cuts import add_cuts
from kwartier.planning.peak_rows import PeakColumns, add_peak
from kwartier.planning.penalties import Penalties, penalties
from kwartier.planning.program import INFINITE, Bools, Builder, Floats, Ints, Program
from kwartier.planning.quarters import Quarters, quarters
from kwartier.site.plans import BatteryTask, BufferTask, CarTask, Problem, RunTask, Series

MONEY = 1000.0
"""Objective units in a EUR."""
_PATIENCE = 4
_EARLY = 1e-6
"""Charging later costs so much more, as a part of the mean price, over the whole plan: earliest first where it costs nothing."""


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
    tie_break: float = 0.0
    """More than this the order of steps never adds to the objective, in its unit."""
    builder: Builder
    program: Program = field(init=False)


def series(value: Series | float | None, steps: int, absent: float) -> Floats:
    """One figure per step."""
    if value is None:
        return np.full(steps, absent)
    if isinstance(value, tuple):
        return np.asarray(value, dtype=np.float64) if value else np.full(steps, absent)
    return np.full(steps, float(value))


def build(problem: Problem) -> Model:
    """The program of a problem that `tidy` has been over."""
    steps, hours = len(problem.import_price), problem.step_s / 3600.0
    builder = Builder(problem.start_s // problem.step_s)
    model = _grid(builder, problem, steps, hours)
    for battery in problem.batteries:
        _battery(builder, model, battery)
    _cars(builder, model)
    for run in problem.runs:
        _run(builder, model, run)
    for buffer in problem.buffers:
        _buffer(builder, model, buffer)
    model.peak = add_peak(builder, problem.peak, model.quarters, model.imports, _over(model), MONEY)
    add_circuits(builder, model, MONEY)
    add_cuts(builder, model)
    _smooth(builder, model)
    model.program = builder.program()
    return model


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
    least = load if problem.pv_curtailable else base
    take = _most_taken(problem)
    give = sum(battery.discharge_w for battery in problem.batteries) / 1000.0
    fullest = load if problem.pv_curtailable else base
    most_import = np.minimum(np.maximum(fullest + take, 0.0), np.maximum(in_limit, np.maximum(base, 0.0)))
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


def _battery(builder: Builder, model: Model, task: BatteryTask) -> None:
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
    missing, low_missing = _NONE, _NONE
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
    both = _NONE
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


_NONE = np.zeros(0, dtype=np.int32)


def _burning(model: Model) -> Ints:
    """Steps in which burning energy in a battery could pay: a price below nothing, or sun with nowhere to go."""
    problem, steps = model.problem, model.steps
    worst = np.minimum(series(problem.import_price, steps, 0.0), series(problem.export_price, steps, 0.0))
    pays: Bools = worst < 0.0
    out_limit = series(problem.export_limit_w, steps, INFINITE) / 1000.0
    if not problem.pv_curtailable:
        pays |= -model.base_kw > out_limit
    if problem.circuits or (
        problem.batteries and any(b.final_value_eur_per_kwh < 0 for b in problem.batteries)
    ):
        pays |= True
    return np.flatnonzero(pays).astype(np.int32)


def _open(window: Ints, task: CarTask) -> Ints:
    """Without the steps that somebody closed."""
    return window[np.isin(window, task.closed, invert=True)] if task.closed else window


def _cars(builder: Builder, model: Model) -> None:
    """All cars at once: a car park has many, and each call of numpy has its price."""
    tasks, hours = model.problem.cars, model.hours
    if not tasks:
        return
    first = [max(0, task.arrive_step) for task in tasks]
    last = [min(model.steps, task.depart_step) for task in tasks]
    windows = [np.arange(a, max(a, b), dtype=np.int32) for a, b in zip(first, last, strict=True)]
    windows = [_open(window, task) for window, task in zip(windows, tasks, strict=True)]
    counts = np.asarray([len(window) for window in windows])
    steps = np.concatenate(windows)
    most = np.asarray([task.max_w for task in tasks]) / 1000.0
    gain = hours * np.asarray([task.efficiency for task in tasks])
    wanted = np.asarray([task.energy_kwh for task in tasks])
    price = np.asarray([task.shortfall_eur_per_kwh for task in tasks])
    extra_price = np.asarray([task.extra_eur_per_kwh for task in tasks])
    room = np.asarray([_room_kwh(task) for task in tasks])
    mean = max(float(np.abs(series(model.problem.import_price, model.steps, 0.0)).mean()), 1e-3)
    later = _EARLY * mean * hours * MONEY / model.steps
    model.tie_break += _EARLY * mean * MONEY * float((room / gain).sum()) * hours
    offsets = np.asarray([(crc32(task.id.encode()) % 4096) << 16 for task in tasks])
    power = builder.add_columns(
        len(steps),
        later * steps.astype(np.float64),
        np.repeat(most, counts),
        name="cars",
        steps=steps + np.repeat(offsets, counts),
    )
    missing = builder.add_columns(len(tasks), price * MONEY, wanted)
    builder.begin_with(missing)
    extra = builder.add_columns(len(tasks), -extra_price * MONEY, room - wanted)
    rows = builder.add_rows(len(tasks), wanted, wanted)
    builder.put(np.repeat(rows, counts), power, np.repeat(gain, counts))
    builder.put(rows, missing, 1.0)
    builder.put(rows, extra, -1.0)
    builder.put(model.balance[steps], power, -1.0)
    ends = np.cumsum(counts)
    for i, (task, window) in enumerate(zip(tasks, windows, strict=True)):
        mine = power[ends[i] - counts[i] : ends[i]]
        goals, at_once = _goals(builder, model, task, mine, window, last[i])
        model.cars.append(
            CarColumns(
                task=task,
                row=rows[i : i + 1],
                power=mine,
                steps=window,
                missing=missing[i : i + 1],
                goals_missing=goals,
                at_once_missing=at_once,
            )
        )
        model.flows.append(
            Flow(
                columns=mine,
                steps=window,
                sign=1.0,
                kw=1.0,
                circuit=task.circuit,
                phases=task.phases,
                most_kw=task.max_w / 1000.0,
            )
        )
        if task.min_w > 0.0 and len(window):
            model.switched.append(
                Switched(
                    id=task.id,
                    columns=mine,
                    steps=window,
                    min_kw=task.min_w / 1000.0,
                    max_kw=task.max_w / 1000.0,
                )
            )


def _room_kwh(task: CarTask) -> float:
    return task.energy_kwh if task.room_kwh is None else max(task.room_kwh, task.energy_kwh)


def _goals(
    builder: Builder, model: Model, task: CarTask, power: Ints, steps: Ints, last: int
) -> tuple[Ints, Ints]:
    """Rows for goals on the way and for what is to be charged at once; the columns of what is missing there."""
    gain = model.hours * task.efficiency
    goals = [(min(step, last), kwh) for step, kwh in task.goals if kwh > 0.0]
    missing, at_once = _NONE, _NONE
    if goals:
        missing = builder.add_columns(len(goals), task.shortfall_eur_per_kwh * MONEY)
        for column, (step, kwh) in zip(missing, goals, strict=True):
            _by(builder, power[steps < step], gain, column, kwh)
    if task.at_once_kwh > 0.0 and task.max_w > 0.0 and len(steps):
        wanted = min(task.at_once_kwh, _room_kwh(task))
        fastest = np.minimum(np.arange(1, len(steps) + 1) * task.max_w / 1000.0 * gain, wanted)
        full = int(np.searchsorted(fastest, wanted - 1e-9)) + 1
        until = min(_PATIENCE * full, len(steps))  # limits may make it slower than it could be
        at_once = builder.add_columns(until, model.penalties.goal * model.hours * MONEY)
        for count, column in enumerate(at_once, start=1):
            _by(builder, power[:count], gain, column, float(fastest[count - 1]))
    return missing, at_once


def _by(builder: Builder, power: Ints, gain: float, missing: np.int32, kwh: float) -> None:
    """So much energy through these columns, or it is missing."""
    row = builder.add_rows(1, kwh, INFINITE)
    builder.put(np.repeat(row, len(power)), power, gain)
    builder.put(row, np.asarray([missing], dtype=np.int32), 1.0)


def _run(builder: Builder, model: Model, task: RunTask) -> None:
    first = max(0, task.earliest_step)
    last = min(task.latest_step, model.steps - task.run_steps)
    count = max(0, last - first + 1)
    starts = builder.add_columns(count, 0.0, 1.0)
    skipped = builder.add_columns(1, model.penalties.skipped * MONEY, 1.0)
    builder.begin_with(skipped)
    row = builder.add_rows(1, 1.0, 1.0)
    builder.put(np.repeat(row, count), starts, 1.0)
    builder.put(row, skipped, 1.0)
    model.runs.append(RunColumns(task=task, starts=starts, first=first, skipped=int(skipped[0])))
    ahead = np.arange(task.run_steps, dtype=np.int32)
    running = np.repeat(starts, task.run_steps)
    at = (first + np.arange(count, dtype=np.int32)[:, None] + ahead).ravel().astype(np.int32)
    builder.put(model.balance[at], running, -task.power_w / 1000.0)
    model.flows.append(
        Flow(
            columns=running,
            steps=at,
            sign=1.0,
            kw=task.power_w / 1000.0,
            circuit=task.circuit,
            phases=(1, 2, 3),
            most_kw=task.power_w / 1000.0,
        )
    )


def _buffer(builder: Builder, model: Model, task: BufferTask) -> None:
    """The band is soft; temperatures follow exactly."""
    steps, hours = model.steps, model.hours
    most, least = task.power_w / 1000.0, task.min_w / 1000.0
    cop = series(task.cop, steps, 1.0)
    leak = task.loss_w_per_c / 1000.0 * hours / task.heat_kwh_per_c
    power = builder.add_columns(steps, 0.0, most, name=f"{task.id} power")
    temperature = builder.add_columns(steps, 0.0, INFINITE, -INFINITE, name=f"{task.id} temperature")
    builder.begin_with(temperature)
    price = task.discomfort_eur_per_ch * hours * MONEY
    cold, hot = builder.add_columns(steps, price), builder.add_columns(steps, price)
    drawn = series(task.demand_w, steps, 0.0) / 1000.0 * hours / task.heat_kwh_per_c
    fixed = leak * series(task.ambient_c, steps, 0.0) - drawn
    fixed[0] += (1.0 - leak) * task.temperature_c
    rows = builder.add_rows(steps, fixed, fixed)
    builder.put(rows, temperature, 1.0)
    builder.put(rows[1:], temperature[:-1], leak - 1.0)
    builder.put(rows, power, -cop * hours / task.heat_kwh_per_c)
    row = builder.add_rows(steps, series(task.low_c, steps, 0.0), INFINITE)
    builder.put(row, temperature, 1.0)
    builder.put(row, cold, 1.0)
    row = builder.add_rows(steps, -INFINITE, series(task.high_c, steps, 0.0))
    builder.put(row, temperature, 1.0)
    builder.put(row, hot, -1.0)
    model.buffers.append(BufferColumns(task=task, power=power, temperature=temperature, cold=cold, hot=hot))
    all_steps = np.arange(steps, dtype=np.int32)
    builder.put(model.balance, power, -1.0)
    model.flows.append(
        Flow(
            columns=power,
            steps=all_steps,
            sign=1.0,
            kw=1.0,
            circuit=task.circuit,
            phases=(1, 2, 3),
            most_kw=most,
        )
    )
    if least > 0.0:
        model.switched.append(Switched(id=task.id, columns=power, steps=all_steps, min_kw=least, max_kw=most))


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
