"""Rows that every plan keeps by itself, but a car at half its minimum power does not. They bring the linear bound
close to the true optimum.

While a device is on (power `x >= least`), the import of the step is at most `paid` plus what lies above it, so the
batteries must give `x - (paid - base)`. While it is off they need nothing. Over both:
`discharge + above >= x - (paid - base) * on`, and as `on <= x / least`, without whole numbers
`discharge + above >= x * (1 - (paid - base) / least)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kwartier.planning.program import INFINITE, Builder, Floats, Ints

if TYPE_CHECKING:
    from kwartier.planning.model import Model, Switched


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cap:
    """Imports of these steps are at most `room_kw` plus the base load plus `above`."""

    steps: Ints
    room_kw: Floats
    above: Ints


def add_cuts(builder: Builder, model: Model) -> None:
    """To the linear program."""
    for cap in _caps(model):
        for switched in model.switched:
            at, room = _meeting(cap, switched, model.steps)
            part = 1.0 - np.maximum(room, 0.0) / switched.min_kw
            useful = part > 1e-3
            _rows(builder, model, cap, switched, at[useful], part[useful])


def add_whole_cuts(builder: Builder, model: Model, on: tuple[Ints, ...]) -> None:
    """To the program with whole numbers; `on` are the columns that say whether a device is on."""
    for cap in _caps(model):
        for switched, chosen in zip(model.switched, on, strict=True):
            at, room = _meeting(cap, switched, model.steps)
            useful = (room < switched.min_kw) & (room > 0.0)
            rows = _rows(builder, model, cap, switched, at[useful], np.ones(int(useful.sum())))
            builder.put(rows, chosen[at[useful]], room[useful])


def _rows(builder: Builder, model: Model, cap: _Cap, switched: Switched, at: Ints, part: Floats) -> Ints:
    """`discharge + above - part * power >= 0` in some steps of a device."""
    rows = builder.add_rows(len(at), 0.0, INFINITE)
    builder.put(rows, switched.columns[at], -part)
    for battery in model.batteries:
        builder.put(rows, battery.discharge[switched.steps[at]], 1.0)
    for column in cap.above:
        builder.put(rows, np.repeat(column, len(rows)), 1.0)
    return rows


def _meeting(cap: _Cap, switched: Switched, steps: int) -> tuple[Ints, Floats]:
    """Which of a device's columns lie in steps of the cap, and the room there."""
    room = np.full(steps, INFINITE)
    room[cap.steps] = cap.room_kw
    mine = room[switched.steps]
    at = np.flatnonzero(np.isfinite(mine)).astype(np.int32)
    return at, mine[at]


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
