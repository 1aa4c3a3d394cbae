"""Rows that every plan keeps by itself, but a car at half its minimum power does not. They bring the linear bound
close to the true optimum.

While a device is on (power `x >= least`), the import of the step is at most `paid` plus what lies above it, so the
batteries must give `x - room`, with `room = paid - base`. While it is off they need nothing. Summed over the devices of a
step: `discharge + above >= sum(x - room * on)`, as more than one of them has the room only once. And as
`on <= x / least`, without whole numbers `discharge + above >= sum(x * (1 - room / least))`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kwartier.planning.peak_rows import NOTHING
from kwartier.planning.program import INFINITE, Builder, Floats, Ints

if TYPE_CHECKING:
    from kwartier.planning.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cap:
    """Imports are at most `room_kw` plus the base load plus `above`; without end in steps in which there is no limit."""

    room_kw: Floats
    above: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Devices:
    """The columns of all switched devices, one after the other."""

    columns: Ints
    steps: Ints
    min_kw: Floats


def add_cuts(builder: Builder, model: Model) -> list[Ints]:
    """To the linear program; the rows of each month of `PeakColumns.paid`."""
    if not model.switched:
        return [] if model.peak is None else [NOTHING] * len(model.peak.paid)
    devices, made = _devices(model), []
    for cap in _caps(model):
        room = cap.room_kw[devices.steps]
        part = 1.0 - np.maximum(room, 0.0) / devices.min_kw
        at = np.flatnonzero(part > 1e-3).astype(np.int32)
        first = builder.rows
        _rows(builder, model, cap, devices, at, part[at])
        made.append(np.arange(first, builder.rows, dtype=np.int32))
    return made[1:]


def add_whole_cuts(builder: Builder, model: Model, on: Ints) -> None:
    """To the program with whole numbers; `on` are the columns that say whether a device is on, one after the other."""
    if not model.switched:
        return
    devices = _devices(model)
    for cap in _caps(model):
        room = cap.room_kw[devices.steps]
        at = np.flatnonzero((room < devices.min_kw) & (room > 0.0)).astype(np.int32)
        rows = _rows(builder, model, cap, devices, at, np.ones(len(at)))
        builder.put(rows, on[at], room[at])


def _devices(model: Model) -> _Devices:
    return _Devices(
        columns=np.concatenate([switched.columns for switched in model.switched]),
        steps=np.concatenate([switched.steps for switched in model.switched]),
        min_kw=np.concatenate([np.full(len(s.columns), s.min_kw) for s in model.switched]),
    )


def _rows(builder: Builder, model: Model, cap: _Cap, devices: _Devices, at: Ints, part: Floats) -> Ints:
    """`discharge + above - sum(part * power) >= 0` in the steps of some of the columns; the row of each column."""
    if not len(at):
        return at
    row_of = np.full(model.steps, -1, dtype=np.int32)
    row_of[devices.steps[at]] = 0
    steps = np.flatnonzero(row_of == 0).astype(np.int32)
    rows = builder.add_rows(len(steps), 0.0, INFINITE, name=f"cut {len(cap.above)}", steps=steps)
    row_of[steps] = rows
    of_column = row_of[devices.steps[at]]
    builder.put(of_column, devices.columns[at], -part)
    for battery in model.batteries:
        builder.put(rows, battery.discharge[steps], 1.0)
    for column in cap.above:
        builder.put(rows, np.repeat(column, len(rows)), 1.0)
    return of_column


def _caps(model: Model) -> list[_Cap]:
    upper = model.import_limit_kw.copy()
    upper[model.over_import_steps] = INFINITE
    found = [_Cap(room_kw=upper - model.base_kw, above=NOTHING)]
    for paid in () if model.peak is None else model.peak.paid:
        room = np.full(model.steps, INFINITE)
        room[paid.steps] = paid.base_kw - model.base_kw[paid.steps]
        found.append(_Cap(room_kw=room, above=paid.above))
    return found
