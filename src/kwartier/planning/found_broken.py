"""Which wishes and limits a plan could not keep, measured on the plan itself, each with its cause."""

from collections.abc import Mapping

import numpy as np

from kwartier.planning.circuits import base_of, inside_of, share
from kwartier.planning.model import Model, series
from kwartier.planning.program import INFINITE, Floats
from kwartier.site.plans import BatteryTask, BufferTask, CarTask, DevicePlan, RunTask, Violation

_GRAIN_W = 0.01
_GRAIN_KWH = 1e-6
_GRAIN_C = 1e-4


def broken(model: Model, grid_w: Floats, devices: Mapping[str, DevicePlan]) -> list[Violation]:
    """In the order of how serious they are."""
    problem = model.problem
    return [
        *_circuits(model, devices),
        *_operator(model, grid_w),
        *(v for task in problem.batteries for v in _battery(task, devices[task.id])),
        *(v for task in problem.cars for v in _car(model, task, devices[task.id])),
        *(v for task in problem.runs for v in _run(task, devices[task.id])),
        *(v for task in problem.buffers for v in _buffer(model, task, devices[task.id])),
    ]


def _operator(model: Model, grid_w: Floats) -> list[Violation]:
    problem, found = model.problem, []
    cases = (
        ("import_limit", grid_w, 1.0, problem.import_limit_w, "the load alone is above the limit"),
        (
            "export_limit",
            -grid_w,
            -1.0,
            problem.export_limit_w,
            "the sun's power cannot be curtailed and has nowhere else to go",
        ),
    )
    for what, flow, sign, limit_w, why_alone in cases:
        if limit_w is None:
            continue
        limit = series(limit_w, model.steps, INFINITE)
        over = flow - limit
        steps = np.flatnonzero(over > _GRAIN_W)
        if len(steps):
            first = int(steps[0])
            alone = sign * 1000.0 * model.base_kw[first] > limit[first]
            found.append(
                Violation(
                    what=what,
                    id="grid",
                    step=first,
                    amount=float(over.max()),
                    unit="W",
                    cause=f"{why_alone if alone else 'it does not fit'}, in {len(steps)} steps",
                )
            )
    return found


def _circuits(model: Model, devices: Mapping[str, DevicePlan]) -> list[Violation]:
    problem, found = model.problem, []
    places = [(task.id, task.circuit, task.phases) for task in problem.batteries]
    places += [(task.id, task.circuit, task.phases) for task in problem.cars]
    places += [(run.id, run.circuit, (1, 2, 3)) for run in problem.runs]
    places += [(buffer.id, buffer.circuit, (1, 2, 3)) for buffer in problem.buffers]
    for circuit in problem.circuits:
        inside = inside_of(problem.circuits, circuit.id)
        for entry, limit_w in enumerate(circuit.limit_w):
            phase = entry + 1 if len(circuit.limit_w) == 3 else None
            base = 1000.0 * base_of(problem.circuits, inside, phase, model.steps)
            flow = base.copy()
            for name, place, phases in places:
                if place in inside:
                    flow += share(phases, phase) * np.asarray(devices[name].power_w)
            steps = np.flatnonzero(flow > limit_w + _GRAIN_W)
            if len(steps):
                alone = bool(base[steps[0]] > limit_w)
                where = "" if phase is None else f" on L{phase}"
                found.append(
                    Violation(
                        what="circuit",
                        id=circuit.id,
                        step=int(steps[0]),
                        amount=float((flow - limit_w).max()),
                        unit="W",
                        cause=f"{'its load alone is' if alone else 'it is'} above the limit{where}, in {len(steps)} steps",
                    )
                )
    return found


def _battery(task: BatteryTask, plan: DevicePlan) -> list[Violation]:
    found = []
    least = task.min_soc_kwh - _GRAIN_KWH
    if min(plan.soc_kwh) < least:
        low = [t for t, kwh in enumerate(plan.soc_kwh) if kwh < least]
        found.append(
            Violation(
                what="min_soc",
                id=task.id,
                step=low[0],
                amount=task.min_soc_kwh - min(plan.soc_kwh),
                unit="kWh",
                cause=f"it starts below its minimum and is there for {len(low)} steps",
            )
        )
    if task.final_soc_kwh is not None and plan.soc_kwh[-1] < task.final_soc_kwh - _GRAIN_KWH:
        found.append(
            Violation(
                what="final_soc",
                id=task.id,
                step=len(plan.soc_kwh) - 1,
                amount=task.final_soc_kwh - plan.soc_kwh[-1],
                unit="kWh",
                cause="it cannot be charged so far within its power and the limits",
            )
        )
    return found


def _car(model: Model, task: CarTask, plan: DevicePlan) -> list[Violation]:
    gain = model.hours * task.efficiency / 1000.0
    first, last = max(0, task.arrive_step), min(model.steps, task.depart_step)
    possible = max(0, last - first) * task.max_w * gain
    found = []
    if plan.shortfall_kwh > _GRAIN_KWH:
        if task.depart_step <= 0:
            cause = "its departure is in the past"
        elif last <= first:
            cause = "it is not there within the plan"
        elif possible < task.energy_kwh - _GRAIN_KWH:
            cause = f"at full power all the time it gets {possible:.2f} kWh before it leaves"
        elif task.energy_kwh < task.min_w * gain:
            cause = "one step at its minimum is already more than it may still take"
        else:
            cause = (
                "limits, or other goals, leave too little; or its missing energy costs less than charging it"
            )
        found.append(
            Violation(
                what="car_goal",
                id=task.id,
                step=max(last - 1, 0),
                amount=plan.shortfall_kwh,
                unit="kWh",
                cause=cause,
            )
        )
    if not task.goals and task.at_once_kwh <= 0.0:
        return found
    so_far = np.concatenate([[0.0], np.cumsum(plan.power_w)]) * gain
    for step, kwh in task.goals:
        late = kwh - float(so_far[min(max(step, 0), model.steps)])
        if late > _GRAIN_KWH:
            found.append(
                Violation(
                    what="car_goal",
                    id=task.id,
                    step=step,
                    amount=late,
                    unit="kWh",
                    cause="this much of the goal comes later than wished",
                )
            )
    return found + _at_once(task, so_far, first, last, task.max_w * gain)


def _at_once(task: CarTask, so_far: Floats, first: int, last: int, fastest_kwh: float) -> list[Violation]:
    if task.at_once_kwh <= 0.0 or last <= first or fastest_kwh <= 0.0:
        return []
    room = task.energy_kwh if task.room_kwh is None else max(task.room_kwh, task.energy_kwh)
    wanted = min(task.at_once_kwh, room)
    for step in range(first, last):
        due = min(wanted, (step - first + 1) * fastest_kwh)
        late = due - float(so_far[step + 1] - so_far[first])
        if late > _GRAIN_KWH:
            return [
                Violation(
                    what="at_once",
                    id=task.id,
                    step=step,
                    amount=late,
                    unit="kWh",
                    cause="limits, or its minimum power, do not let it charge so fast",
                )
            ]
    return []


def _run(task: RunTask, plan: DevicePlan) -> list[Violation]:
    if plan.start_step is not None or task.run_steps <= 0:
        return []
    return [
        Violation(
            what="run_once",
            id=task.id,
            step=None,
            amount=task.power_w,
            unit="W",
            cause="there is no start at which it fits into the plan and its window",
        )
    ]


def _buffer(model: Model, task: BufferTask, plan: DevicePlan) -> list[Violation]:
    temperature = np.asarray(plan.temperature_c)
    low, high = series(task.low_c, model.steps, 0.0), series(task.high_c, model.steps, 0.0)
    outside = np.maximum(low - temperature, temperature - high)
    steps = np.flatnonzero(outside > _GRAIN_C)
    if not len(steps):
        return []
    first = int(steps[0])
    side = "below" if low[first] - temperature[first] > _GRAIN_C else "above"
    return [
        Violation(
            what="comfort",
            id=task.id,
            step=first,
            amount=float(outside.max()),
            unit="degC",
            cause=f"{side} its band in {len(steps)} steps: the power does not suffice, or comfort costs more than it is worth",
        )
    ]
