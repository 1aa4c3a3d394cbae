"""Cars in the model: power in their windows, and what is missing of their goals."""

from itertools import accumulate
from zlib import crc32

import numpy as np

from kwartier.planning.model import MONEY, NONE, CarColumns, Flow, Model, Switched
from kwartier.planning.program import INFINITE, Builder, Ints
from kwartier.site.plans import CarTask

_PATIENCE = 4
_EARLY = 1e-6
"""Charging later costs so much more, as a part of the mean price, over the whole plan: earliest first where it costs nothing."""


def add_cars(builder: Builder, model: Model) -> None:
    """All cars at once: a car park has many, and each call of numpy has its price."""
    tasks, hours = model.problem.cars, model.hours
    if not tasks:
        return
    first = [max(0, task.arrive_step) for task in tasks]
    last = [min(model.steps, task.depart_step) for task in tasks]
    windows = [np.arange(a, max(a, b), dtype=np.int32) for a, b in zip(first, last, strict=True)]
    windows = [_open(window, task) for window, task in zip(windows, tasks, strict=True)]
    counts = [len(window) for window in windows]
    steps = np.concatenate(windows)
    most = np.asarray([task.max_w for task in tasks]) / 1000.0
    gain = hours * np.asarray([task.efficiency for task in tasks])
    wanted = np.asarray([task.energy_kwh for task in tasks])
    price = np.asarray([task.shortfall_eur_per_kwh for task in tasks])
    extra_price = np.asarray([task.extra_eur_per_kwh for task in tasks])
    room = np.asarray([_room_kwh(task) for task in tasks])
    mean = max(float(np.abs(model.buy).mean()), 1e-3)
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
    ends = list(accumulate(counts))
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


def _open(window: Ints, task: CarTask) -> Ints:
    """Without the steps that somebody closed."""
    return window[np.isin(window, task.closed, invert=True)] if task.closed else window


def _room_kwh(task: CarTask) -> float:
    return task.energy_kwh if task.room_kwh is None else max(task.room_kwh, task.energy_kwh)


def _goals(
    builder: Builder, model: Model, task: CarTask, power: Ints, steps: Ints, last: int
) -> tuple[Ints, Ints]:
    """Rows for goals on the way and for what is to be charged at once; the columns of what is missing there."""
    gain = model.hours * task.efficiency
    goals = [(min(step, last), kwh) for step, kwh in task.goals if kwh > 0.0]
    missing, at_once = NONE, NONE
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
