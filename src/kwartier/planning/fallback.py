"""A plan without a solver: cars charge as soon as they may, batteries rest. For the day that the solver finds nothing."""

import numpy as np

from kwartier.planning.answer import answer
from kwartier.planning.circuits import base_of, inside_of, share
from kwartier.planning.model import CarColumns, Model, series
from kwartier.planning.program import INFINITE, Floats
from kwartier.site.plans import Plan, Violation


def plan(model: Model, violations: list[Violation]) -> Plan:
    """Within the limits, without a thought for money."""
    value = np.zeros(len(model.program.cost))
    limit = series(model.problem.import_limit_w, model.steps, INFINITE) / 1000.0
    room = limit - np.maximum(model.base_kw, 0.0)
    rooms = _circuit_rooms(model)
    for run in model.runs:
        length = run.task.run_steps
        for start, column in enumerate(run.starts):
            here = slice(run.first + start, run.first + start + length)
            if (room[here] >= run.task.power_w / 1000.0).all():
                value[column] = 1.0
                room[here] -= run.task.power_w / 1000.0
                break
        else:
            value[run.skipped] = 1.0
    for car in model.cars:
        _charge(model, car, value, room, rooms)
    out_limit = series(model.problem.export_limit_w, model.steps, INFINITE) / 1000.0
    too_much = np.maximum(-model.base_kw - out_limit, 0.0)
    if model.problem.pv_curtailable:
        value[model.curtailed] = too_much[model.curtailed_steps]
    said = Violation(
        what="input",
        id="",
        step=None,
        amount=0.0,
        unit="",
        cause="the solver found no plan for these figures: cars charge as soon as they may, batteries rest",
    )
    return answer(
        model, value, None, gap=INFINITE, proven_gap=0.0, seconds=0.0, violations=[*violations, said]
    )


def _circuit_rooms(model: Model) -> list[tuple[set[str], int | None, Floats]]:
    circuits = model.problem.circuits
    rooms = []
    for circuit in circuits:
        inside = inside_of(circuits, circuit.id)
        for entry, limit_w in enumerate(circuit.limit_w):
            phase = entry + 1 if len(circuit.limit_w) == 3 else None
            rooms.append((inside, phase, limit_w / 1000.0 - base_of(circuits, inside, phase, model.steps)))
    return rooms


def _charge(
    model: Model,
    car: CarColumns,
    value: Floats,
    room: Floats,
    rooms: list[tuple[set[str], int | None, Floats]],
) -> None:
    task = car.task
    gain = model.hours * task.efficiency
    left = task.energy_kwh
    mine = [(share(task.phases, phase), each) for inside, phase, each in rooms if task.circuit in inside]
    for column, step in zip(car.power.tolist(), car.steps.tolist(), strict=True):
        power = min(task.max_w / 1000.0, left / gain, room[step])
        for part, each in mine:
            if part:
                power = min(power, each[step] / part)
        if power <= 0.0 or power < task.min_w / 1000.0:
            continue
        value[column] = power
        left -= power * gain
        room[step] -= power
        for part, each in mine:
            each[step] -= part * power
