"""What the linear program leaves open: which steps a car charges in at all, which way a battery and the grid
flow where both ways at once would pay, when an appliance starts. A pattern closes all of it by bounds alone."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.cuts import add_whole_cuts
from kwartier.planning.model import Model, Switched
from kwartier.planning.program import Bools, Builder, Floats, Ints, Program

_TINY_KW = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """All decisions that are not figures."""

    on: tuple[Bools, ...]
    """Per `Model.switched`, per step of it."""
    charging: tuple[Bools, ...]
    """Per battery, per step of `both`: it may charge, else discharge."""
    importing: Bools
    """Per step of `Model.inverted`."""
    starts: tuple[int | None, ...]
    """Per run: which of its possible starts; None: left out."""


def fits(model: Model, value: Floats) -> bool:
    """Whether a solution of the linear program is a plan as it stands."""
    for switched in model.switched:
        power = value[switched.columns]
        if ((power > _TINY_KW) & (power < switched.min_kw - _TINY_KW)).any():
            return False
    for run in model.runs:
        part = value[run.starts]
        if ((part > _TINY_KW) & (part < 1.0 - _TINY_KW)).any():
            return False
    for battery in model.batteries:
        if not len(battery.both):
            continue
        charge, discharge = value[battery.charge[battery.both]], value[battery.discharge[battery.both]]
        if ((charge > _TINY_KW) & (discharge > _TINY_KW)).any():
            return False
    if not len(model.inverted):
        return True
    inward, outward = value[model.imports[model.inverted]], value[model.exports[model.inverted]]
    return not ((inward > _TINY_KW) & (outward > _TINY_KW)).any()


def read(model: Model, value: Floats) -> Pattern:
    """The pattern of a solution that fits."""
    return Pattern(
        on=tuple(value[s.columns] >= 0.5 * s.min_kw for s in model.switched),
        charging=tuple(_charging(value, b.charge, b.discharge, b.both) for b in model.batteries),
        importing=value[model.imports[model.inverted]] >= value[model.exports[model.inverted]],
        starts=tuple(_start(value, run.starts, run.skipped) for run in model.runs),
    )


def rounded(model: Model, value: Floats, *, cautious: bool) -> Pattern:
    """A pattern near a solution that does not fit.

    A car keeps the steps in which it has its minimum. It takes the others too, fullest first, as long as it has the energy
    for all the minimums (`cautious`: none): it has a little power in a step because that little is cheap there, mostly the
    sun's surplus, and what the minimum takes beyond that is given back in its other steps and by the battery.
    """
    near = read(model, value)
    on = tuple(_rounded_on(s, value[s.columns], cautious=cautious) for s in model.switched)
    return Pattern(on=on, charging=near.charging, importing=near.importing, starts=near.starts)


def _charging(value: Floats, charge: Ints, discharge: Ints, both: Ints) -> Bools:
    return value[charge[both]] >= value[discharge[both]]


def _start(value: Floats, starts: Ints, skipped: int) -> int | None:
    if not len(starts):
        return None
    part = value[starts]
    best = int(part.argmax())
    return best if part[best] > 0.0 and value[skipped] < 1.0 - _TINY_KW else None


def _rounded_on(switched: Switched, power: Floats, *, cautious: bool) -> Bools:
    on = power >= switched.min_kw - _TINY_KW
    part = ~on & (power > _TINY_KW)
    if cautious or not part.any():
        return on
    spare = float(power[part].sum()) + float((power[on] - switched.min_kw).sum())
    most = int((spare + _TINY_KW) // switched.min_kw)
    at = np.flatnonzero(part)
    on[at[np.argsort(-power[at], kind="stable")[:most]]] = True
    return on


def decide_some(model: Model, value: Floats, lower: Floats, upper: Floats) -> None:
    """Narrows bounds by the clearest decisions of a solution that does not fit: of each device's undecided steps the
    fuller third is switched on, the emptier third off; directions and starts as they are."""
    for switched in model.switched:
        columns, power = switched.columns, value[switched.columns]
        part = np.flatnonzero((power > _TINY_KW) & (power < switched.min_kw - _TINY_KW))
        if not len(part):
            continue
        order = part[np.argsort(-power[part], kind="stable")]
        third = max(1, len(order) // 3)
        lower[columns[order[:third]]] = switched.min_kw
        if len(order) > 1:
            upper[columns[order[-third:]]] = 0.0
    near = read(model, value)
    for battery, charging in zip(model.batteries, near.charging, strict=True):
        charge, discharge = battery.charge[battery.both], battery.discharge[battery.both]
        torn = (value[charge] > _TINY_KW) & (value[discharge] > _TINY_KW)
        upper[charge[torn & ~charging]] = 0.0
        upper[discharge[torn & charging]] = 0.0
    inward, outward = model.imports[model.inverted], model.exports[model.inverted]
    torn = (value[inward] > _TINY_KW) & (value[outward] > _TINY_KW)
    share = value[inward] / np.maximum(model.most_import_kw[model.inverted], _TINY_KW)
    upper[inward[torn & (share < 0.5)]] = 0.0
    upper[outward[torn & (share >= 0.5)]] = 0.0


def limits(model: Model, pattern: Pattern) -> tuple[Floats, Floats]:
    """Lower and upper bounds of all columns under a pattern."""
    lower, upper = model.program.lower.copy(), model.program.upper.copy()
    for switched, on in zip(model.switched, pattern.on, strict=True):
        lower[switched.columns] = np.where(on, switched.min_kw, 0.0)
        upper[switched.columns] = np.where(on, switched.max_kw, 0.0)
    for battery, charging in zip(model.batteries, pattern.charging, strict=True):
        if len(charging):
            upper[battery.charge[battery.both[~charging]]] = 0.0
            upper[battery.discharge[battery.both[charging]]] = 0.0
    if len(pattern.importing):
        upper[model.imports[model.inverted[~pattern.importing]]] = 0.0
        upper[model.exports[model.inverted[pattern.importing]]] = 0.0
    for run, start in zip(model.runs, pattern.starts, strict=True):
        upper[run.starts] = 0.0
        if start is None:
            lower[run.skipped] = 1.0
        else:
            lower[run.starts[start]] = upper[run.starts[start]] = 1.0
    return lower, upper


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """The whole problem with its decisions as whole numbers; the first columns are those of the linear program."""

    program: Program
    whole: Ints
    _on: tuple[Ints, ...]
    _charging: tuple[Ints, ...]
    _importing: Ints

    def start(self, value: Floats, pattern: Pattern) -> Floats:
        """A solution of the linear program under a pattern, as one of this program."""
        full = np.zeros(len(self.program.cost))
        full[: len(value)] = value
        for columns, chosen in zip(self._on, pattern.on, strict=True):
            full[columns] = chosen
        for columns, chosen in zip(self._charging, pattern.charging, strict=False):
            full[columns] = chosen
        if len(self._importing):
            full[self._importing] = pattern.importing
        return full


def mixed(model: Model, *, directions: bool) -> Mixed:
    """Adds the whole numbers to the linear program. Without `directions` only those of devices: that batteries and
    the grid flow one way at a time is then left to luck, which it mostly has."""
    builder: Builder = model.builder.copy()
    on, charging = [], []
    for switched in model.switched:
        count = len(switched.columns)
        chosen = builder.add_columns(count, 0.0, 1.0)
        rows = builder.add_rows(count, -np.inf, 0.0)
        builder.put(rows, switched.columns, 1.0)
        builder.put(rows, chosen, -switched.max_kw)
        rows = builder.add_rows(count, 0.0, np.inf)
        builder.put(rows, switched.columns, 1.0)
        builder.put(rows, chosen, -switched.min_kw)
        on.append(chosen)
    if on:
        add_whole_cuts(builder, model, np.concatenate(on))
    for battery in model.batteries:
        most_in, most_out = battery.task.charge_w / 1000.0, battery.task.discharge_w / 1000.0
        if not directions:
            continue
        charging.append(
            _either(builder, battery.charge[battery.both], battery.discharge[battery.both], most_in, most_out)
        )
    at = model.inverted if directions else model.inverted[:0]
    importing = _either(
        builder, model.imports[at], model.exports[at], model.most_import_kw[at], model.most_export_kw[at]
    )
    starts = [run.starts for run in model.runs]
    return Mixed(
        program=builder.program(),
        whole=np.concatenate([*on, *charging, importing, *starts]).astype(np.int32),
        _on=tuple(on),
        _charging=tuple(charging),
        _importing=importing,
    )


def _either(
    builder: Builder, one: Ints, other: Ints, most_one: Floats | float, most_other: Floats | float
) -> Ints:
    """`one` may flow where the new column is 1, `other` where it is 0."""
    count = len(one)
    chosen = builder.add_columns(count, 0.0, 1.0)
    rows = builder.add_rows(count, -np.inf, 0.0)
    builder.put(rows, one, 1.0)
    builder.put(rows, chosen, -most_one)
    rows = builder.add_rows(count, -np.inf, most_other)
    builder.put(rows, other, 1.0)
    builder.put(rows, chosen, most_other)
    return chosen
