"""Nested circuits in the model: what flows into each of them, per phase or over the phases together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwartier.planning.program import INFINITE, Builder, Floats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwartier.planning.model import Flow, Model
    from kwartier.site.plans import CircuitLimit


def add_circuits(builder: Builder, model: Model, money: float) -> None:
    """Rows for circuits and steps in which the limit could be passed at all; the rest need none."""
    circuits = model.problem.circuits
    for circuit in circuits:
        inside = inside_of(circuits, circuit.id)
        flows = [flow for flow in model.flows if flow.circuit in inside]
        for entry, limit_w in enumerate(circuit.limit_w):
            phase = entry + 1 if len(circuit.limit_w) == 3 else None
            base = base_of(circuits, inside, phase, model.steps)
            _limit(builder, model, flows, base, limit_w / 1000.0, phase, money)


def inside_of(circuits: Sequence[CircuitLimit], top: str) -> set[str]:
    """The circuit and all below it."""
    inside = {top}
    grown = True
    while grown:
        below = {circuit.id for circuit in circuits if circuit.parent in inside} | inside
        grown, inside = len(below) > len(inside), below
    return inside


def base_of(circuits: Sequence[CircuitLimit], inside: set[str], phase: int | None, steps: int) -> Floats:
    """Fixed load of these circuits on one phase, or over all, kW. A load told over all is shared evenly."""
    total = np.zeros(steps)
    for circuit in circuits:
        if circuit.id not in inside:
            continue
        for entry, base in enumerate(circuit.base_load_w):
            load = np.asarray(base, dtype=np.float64) / 1000.0
            if phase is None or (len(circuit.base_load_w) == 3 and entry + 1 == phase):
                total += load
            elif len(circuit.base_load_w) == 1:
                total += load / 3.0
    return total


def share(phases: tuple[int, ...], phase: int | None) -> float:
    """Which part of a device's power a phase carries."""
    if phase is None:
        return 1.0
    return 1.0 / len(phases) if phase in phases else 0.0


def _limit(
    builder: Builder,
    model: Model,
    flows: list[Flow],
    base_kw: Floats,
    limit_kw: float,
    phase: int | None,
    money: float,
) -> None:
    most = base_kw.copy()
    parts = [share(flow.phases, phase) for flow in flows]
    for flow, part in zip(flows, parts, strict=True):
        if flow.sign > 0.0 and part:
            most[np.unique(flow.steps)] += flow.most_kw * part
    tight = np.flatnonzero(most > limit_kw).astype(np.int32)
    if not len(tight):
        return
    rows = builder.add_rows(len(tight), -INFINITE, limit_kw - base_kw[tight])
    row_of = np.full(model.steps, -1, dtype=np.int32)
    row_of[tight] = rows
    for flow, part in zip(flows, parts, strict=True):
        here = row_of[flow.steps] >= 0
        if part and here.any():
            builder.put(row_of[flow.steps[here]], flow.columns[here], flow.sign * flow.kw * part)
    missing = builder.add_columns(len(tight), model.penalties.circuit * model.hours * money)
    builder.put(rows, missing, -1.0)
