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

from kwartier.planning.program import INFINITE, Builder, Floats, Ints

if TYPE_CHECKING:
    from kwartier.planning.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cap:
    """Imports of these steps are at most `room_kw` plus the base load plus `above`."""

    steps: Ints
    room_kw: Floats
    above: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Devices:
    """The columns of all switched devices, one after the other."""

    columns: Ints
    steps: Ints
    min_kw: Floats


def add_cuts(builder: Builder, model: Model) -> None:
    """To the linear program."""
    if not model.switched:
        return
    devices = _devices(model)
    for cap in _caps(model):
        room = _room(cap, devices, model.steps)
        part = 1.0 - np.maximum(room, 0.0) / devices.min_kw
        at = np.flatnonzero(part > 1e-3).astype(np.int32)
        _rows(builder, model, cap, devices, at, part[at])


def add_whole_cuts(builder: Builder, model: Model, on: Ints) -> None:
    """To the program with whole numbers; `on` are the columns that say whether a device is on, one after the other."""
    if not model.switched:
        return
    devices = _devices(model)
    for cap in _caps(model):
        room = _room(cap, devices, model.steps)
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
    steps, place = np.unique(devices.steps[at], return_inverse=True)
    rows = builder.add_rows(len(steps), 0.0, INFINITE, name=f"cut {len(cap.above)}", steps=steps)
    of_column = rows[place]
    builder.put(of_column, devices.columns[at], -part)
    for battery in model.batteries:
        builder.put(rows, battery.discharge[steps], 1.0)
    for column in cap.above:
        builder.put(rows, np.repeat(column, len(rows)), 1.0)
    return of_column


def _room(cap: _Cap, devices: _Devices, steps: int) -> Floats:
    """What the cap leaves a device in each of its steps; without end where the cap does not hold."""
    room = np.full(steps, INFINITE)
    room[cap.steps] = cap.room_kw
    return room[devices.steps]


def _caps(model: Model) -> list[_Cap]:
    none = np.zeros(0, dtype=np.int32)
    upper = model.import_limit_kw.copy()
    upper[model.over_import_steps] = INFINITE
    hard = np.flatnonzero(np.isfinite(upper)).astype(np.int32)
    found = [_Cap(steps=hard, room_kw=upper[hard] - model.base_kw[hard], above=none)]
    if model.peak is not None:
        found += [
            _Cap(
                steps=paid.steps,
                room_kw=paid.base_kw - model.base_kw[paid.steps],
                above=paid.above,
            )
            for paid in model.peak.paid
        ]
    return found
