"""From the solver's figures to a plan that is true to the last digit: powers as they may be set, energies that follow
from them, the grid as the sum of it all, the bill from the tariff. Nothing here trusts the solver's own sums."""

from dataclasses import dataclass, field

import numpy as np

from kwartier.planning.found_broken import broken
from kwartier.planning.model import (
    MONEY,
    BatteryColumns,
    BufferColumns,
    CarColumns,
    Model,
    RunColumns,
    series,
)
from kwartier.planning.program import Floats, floats, sums
from kwartier.planning.quarters import charge_eur
from kwartier.site.plans import DevicePlan, Plan, Violation

_DIGITS = 6
"""Powers to a millionth of a watt: what is finer is the solver's noise."""
_NOTHING_KWH = 1e-7
_GRAIN_KWH = 1e-9
_NEAR_EUR = 5e-5
"""Where a plan costs next to nothing, a part of it means nothing."""


@dataclass(slots=True, kw_only=True)
class Costs:
    """EUR, by what for."""

    parts: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, amount: float) -> None:
        self.parts[name] = self.parts.get(name, 0.0) + amount


def answer(
    model: Model,
    value: Floats,
    dual: Floats | None,
    *,
    reduced: Floats | None = None,
    gap: float,
    proven_gap: float,
    seconds: float,
    violations: list[Violation],
) -> Plan:
    """The plan of a solution. `gap`: how far the solution may be from the best, in the model's money;
    `proven_gap`: the relative one up to which a plan is called optimal. `reduced`: costs of columns, needed where the model
    holds the peak."""
    problem, hours = model.problem, model.hours
    costs = Costs(parts=dict.fromkeys(("energy", "peak", "wear", "shortfall"), 0.0))
    devices: dict[str, DevicePlan] = {}
    drawn = np.zeros(model.steps)
    for battery in model.batteries:
        devices[battery.task.id], power = _battery(battery, value, dual, hours, costs)
        drawn += power
    for car in model.cars:
        devices[car.task.id], power = _car(model, car, value, dual, costs)
        drawn += power
    for run in model.runs:
        devices[run.task.id] = _run(model, run, value)
        drawn += np.asarray(devices[run.task.id].power_w)
    for buffer in model.buffers:
        devices[buffer.task.id] = _buffer(model, buffer, value, costs)
        drawn += np.asarray(devices[buffer.task.id].power_w)
    available = 1000.0 * model.pv_kw
    used = available.copy()
    used[model.curtailed_steps] -= 1000.0 * value[model.curtailed]
    used = np.minimum(np.maximum(used, 0.0), available).round(_DIGITS)
    grid = (floats(problem.load_w, model.steps) - used + drawn).round(_DIGITS) + 0.0
    _bill(model, grid, costs)
    _smoothing(model, devices, costs)
    objective = float(sum(costs.parts.values()))
    marginal, peak_part = prices(model, value, dual, reduced)
    missing = max(0.0, gap) / MONEY
    near = missing <= max(proven_gap * abs(objective), _NEAR_EUR)
    return Plan(
        status="optimal" if near else "feasible",
        start_s=problem.start_s,
        step_s=problem.step_s,
        objective_eur=objective,
        bound_eur=objective - missing,
        cost_eur=costs.parts,
        grid_w=tuple(grid.tolist()),
        pv_used_w=tuple(used.tolist()),
        devices=devices,
        peak_w=1000.0 * max(_peaks(model, grid), default=0.0),
        marginal_eur_per_kwh=tuple(marginal.tolist()),
        peak_eur_per_kwh=tuple(peak_part.tolist()),
        violations=(*violations, *broken(model, grid, devices)),
        solve_seconds=seconds,
    )


def prices(
    model: Model, value: Floats, dual: Floats | None, reduced: Floats | None = None
) -> tuple[Floats, Floats]:
    """What one more kWh of load costs in each step, and the peak's part of it, EUR per kWh."""
    if dual is None or not len(dual):
        return model.buy, np.zeros(model.steps)
    marginal = dual[model.balance] / (model.hours * MONEY)
    part = np.zeros(model.steps)
    if model.peak is not None:
        found = model.quarters
        worth = -dual[model.peak.rows]
        if reduced is not None and model.peak_held:
            worth = np.maximum(-reduced[model.peak.capped], 0.0)
        per_quarter = sums(model.peak.quarter, worth, found.count)
        each = found.weight * per_quarter[found.quarter] / (model.hours * MONEY)
        part = sums(found.step, each, model.steps)
        part[value[model.imports] <= 0.0] = 0.0
    return marginal.round(9) + 0.0, part.round(9) + 0.0


def _series_w(kw: Floats) -> Floats:
    return (1000.0 * kw).round(_DIGITS) + 0.0


def _battery(
    battery: BatteryColumns, value: Floats, dual: Floats | None, hours: float, costs: Costs
) -> tuple[DevicePlan, Floats]:
    task = battery.task
    charge, discharge = value[battery.charge], value[battery.discharge]
    gained = task.charge_efficiency * charge - discharge / task.discharge_efficiency
    wanted = np.where(gained >= 0.0, gained / task.charge_efficiency, gained * task.discharge_efficiency)
    power = _series_w(np.minimum(np.maximum(wanted, -task.discharge_w / 1000.0), task.charge_w / 1000.0))
    energy = _follow(battery, power, hours)
    if energy.max() > task.capacity_kwh + _GRAIN_KWH or energy.min() < _least(battery) - _GRAIN_KWH:
        power = _within(battery, power, hours)
        energy = _follow(battery, power, hours)
    leaving = np.maximum(-power, 0.0) / 1000.0 * hours / task.discharge_efficiency
    costs.add("wear", task.wear_eur_per_kwh * float(leaving.sum()))
    if task.final_value_eur_per_kwh:
        costs.add("final_value", -task.final_value_eur_per_kwh * float(energy[-1]))
    if task.reserve_kwh and task.reserve_eur_per_kwh > 0.0:
        short = np.maximum(np.minimum(np.asarray(task.reserve_kwh), task.capacity_kwh) - energy, 0.0)
        costs.add("reserve", task.reserve_eur_per_kwh * float(short.sum()))
    below = 0.0
    for up_to, prices in task.reserve_levels:
        top = min(up_to, task.capacity_kwh)
        missing = np.clip(top - np.maximum(energy, below), 0.0, None)
        costs.add("reserve", float(missing @ np.asarray(prices)))
        below = top
    plan = DevicePlan(
        power_w=tuple(power.tolist()),
        soc_kwh=tuple(energy.tolist()),
        value_eur_per_kwh=() if dual is None else _values(-dual[battery.rows]),
    )
    return plan, power


def _values(dual: Floats) -> tuple[float, ...]:
    return tuple(((dual / MONEY).round(_DIGITS) + 0.0).tolist())


def _least(battery: BatteryColumns) -> float:
    return min(battery.task.min_soc_kwh, battery.task.soc_kwh)


def _follow(battery: BatteryColumns, power_w: Floats, hours: float) -> Floats:
    """Energy at the end of each step."""
    task = battery.task
    kwh = power_w / 1000.0 * hours
    inside = np.where(kwh >= 0.0, kwh * task.charge_efficiency, kwh / task.discharge_efficiency)
    return task.soc_kwh + np.cumsum(inside)


def _within(battery: BatteryColumns, power_w: Floats, hours: float) -> Floats:
    """The same powers without the last grain that rounding put above full or below empty."""
    task, energy, least = battery.task, battery.task.soc_kwh, _least(battery)
    kept = power_w.copy()
    for t, power in enumerate(power_w.tolist()):
        kwh = power / 1000.0 * hours
        after = energy + (kwh * task.charge_efficiency if kwh >= 0.0 else kwh / task.discharge_efficiency)
        if after > task.capacity_kwh and power > 0.0:
            kept[t] = max(0.0, (task.capacity_kwh - energy) / (task.charge_efficiency * hours) * 1000.0)
            after = task.capacity_kwh
        elif after < least and power < 0.0:
            kept[t] = -max(0.0, (energy - least) * task.discharge_efficiency / hours * 1000.0)
            after = least
        energy = after
    return kept


def _car(
    model: Model, car: CarColumns, value: Floats, dual: Floats | None, costs: Costs
) -> tuple[DevicePlan, Floats]:
    task, hours = car.task, model.hours
    power = np.zeros(model.steps)
    kw: Floats = np.minimum(np.maximum(value[car.power], 0.0), task.max_w / 1000.0)
    if task.min_w > 0.0:
        kw = np.where(kw < 0.5 * task.min_w / 1000.0, 0.0, np.maximum(kw, task.min_w / 1000.0))
    power[car.steps] = _series_w(np.where(kw < 1e-7, 0.0, kw))
    inside = power / 1000.0 * hours * task.efficiency
    delivered = float(inside.sum())
    missing = task.energy_kwh - delivered
    missing = missing if missing > _NOTHING_KWH else 0.0
    costs.add("shortfall", task.shortfall_eur_per_kwh * missing)
    so_far = np.concatenate([[0.0], np.cumsum(inside)]) if task.goals else inside
    for step, kwh in task.goals:
        late = kwh - float(so_far[min(max(step, 0), model.steps)])
        if late > _NOTHING_KWH:
            costs.add("shortfall", task.shortfall_eur_per_kwh * late)
    if task.extra_eur_per_kwh and delivered > task.energy_kwh:
        costs.add("extra", -task.extra_eur_per_kwh * (delivered - task.energy_kwh))
    plan = DevicePlan(
        power_w=tuple(power.tolist()),
        delivered_kwh=delivered,
        shortfall_kwh=missing,
        value_eur_per_kwh=() if dual is None else _values(dual[car.row]),
    )
    return plan, power


def _run(model: Model, run: RunColumns, value: Floats) -> DevicePlan:
    power = np.zeros(model.steps)
    if not len(run.starts) or value[run.skipped] > 0.5:
        return DevicePlan(power_w=tuple(power.tolist()))
    start = run.first + int(value[run.starts].argmax())
    power[start : start + run.task.run_steps] = run.task.power_w
    return DevicePlan(power_w=tuple(power.tolist()), start_step=start)


def _buffer(model: Model, buffer: BufferColumns, value: Floats, costs: Costs) -> DevicePlan:
    task, hours, steps = buffer.task, model.hours, model.steps
    kw = np.clip(value[buffer.power], 0.0, task.power_w / 1000.0)
    if task.min_w > 0.0:
        kw = np.where(kw < 0.5 * task.min_w / 1000.0, 0.0, np.maximum(kw, task.min_w / 1000.0))
    power = _series_w(np.where(kw < 1e-7, 0.0, kw))
    heat = power * series(task.cop, steps, 1.0) - series(task.demand_w, steps, 0.0)
    ambient = series(task.ambient_c, steps, 0.0)
    temperature, now = np.zeros(steps), task.temperature_c
    for t in range(steps):
        now += (heat[t] - task.loss_w_per_c * (now - ambient[t])) / 1000.0 * hours / task.heat_kwh_per_c
        temperature[t] = now
    low, high = series(task.low_c, steps, 0.0), series(task.high_c, steps, 0.0)
    outside = np.maximum(low - temperature, 0.0) + np.maximum(temperature - high, 0.0)
    costs.add("comfort", task.discomfort_eur_per_ch * hours * float(outside.sum()))
    return DevicePlan(power_w=tuple(power.tolist()), temperature_c=tuple(temperature.tolist()))


def _bill(model: Model, grid_w: Floats, costs: Costs) -> None:
    problem, per_w = model.problem, model.hours / 1000.0
    bought = np.maximum(grid_w, 0.0)
    selling = np.maximum(-grid_w, 0.0) * model.sell
    costs.add("energy", float((bought * model.buy - selling).sum()) * per_w)
    costs.add("peak", charge_eur(model.quarters, bought / 1000.0, problem.peak))


def _smoothing(model: Model, devices: dict[str, DevicePlan], costs: Costs) -> None:
    price = model.problem.smooth_eur_per_kw
    if price <= 0.0:
        return
    windows = {car.task.id: car.steps for car in model.cars}
    for name in (
        [b.task.id for b in model.batteries]
        + [c.task.id for c in model.cars]
        + [b.task.id for b in model.buffers]
    ):
        power = np.asarray(devices[name].power_w)
        power = power[windows[name]] if name in windows else power
        costs.add("smooth", price * float(np.abs(np.diff(power)).sum()) / 1000.0)


def _peaks(model: Model, grid_w: Floats) -> list[float]:
    means, found = model.quarters.means_kw(np.maximum(grid_w, 0.0) / 1000.0), model.quarters
    months = int(found.month.max()) + 1 if found.count else 0
    return [float(means[found.month == month].max()) for month in range(months)]
