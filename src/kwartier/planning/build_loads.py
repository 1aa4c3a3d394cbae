"""Appliances that run once and thermal buffers in the model."""

import numpy as np

from kwartier.planning.model import MONEY, BufferColumns, Flow, Model, RunColumns, Switched, series
from kwartier.planning.program import INFINITE, Builder
from kwartier.site.plans import BufferTask, RunTask


def add_run(builder: Builder, model: Model, task: RunTask) -> None:
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


def add_buffer(builder: Builder, model: Model, task: BufferTask) -> None:
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
