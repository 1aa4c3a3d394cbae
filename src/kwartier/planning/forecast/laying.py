"""Histories, and how they are laid on the local clock. Here it is seen to that nothing at or after now is read."""

from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.clean import cleaned
from kwartier.planning.forecast.wall import DAY_S, IntArray, wall_steps

_LONGEST_DAYS = 7


@dataclass(frozen=True)
class LoadHistory:
    """Measured power, one mean per step, NaN where nothing was measured."""

    start_s: int
    """UTC, a multiple of `step_s`."""
    step_s: int
    """300, 900, 1800 or 3600: two hours must be whole steps."""
    power_w: FloatArray
    """Shape (n,). Import positive; negative where it is a net load."""
    temperature_c: FloatArray | None = None
    """Outside, shape (n,), for the models that use it."""

    def __post_init__(self) -> None:
        """Refuse a grid that cannot be laid on the local clock."""
        if self.step_s <= 0 or 7200 % self.step_s:
            raise ValueError(
                f"a step of {self.step_s} s does not divide two hours: average the history to 900 s"
            )
        if self.start_s % self.step_s:
            raise ValueError(
                f"history starts at {self.start_s}, between two steps: begin at a multiple of {self.step_s} s"
            )
        if self.temperature_c is not None and self.temperature_c.shape != self.power_w.shape:
            raise ValueError(
                "temperature_c needs one entry per entry of power_w; put NaN where it is not known"
            )


@dataclass(frozen=True)
class Laid:
    """A history on the local clock, and the steps that are asked for."""

    step_s: int
    start_s: int
    past_w: FloatArray
    """On the wall clock, up to just before `ahead[0]`."""
    ahead: IntArray
    """Wall steps of the band."""


def lay(history: LoadHistory, recent: LoadHistory | None, now_s: int, steps: int, zone: tzinfo) -> Laid:
    """Lay a history, and what is newer of `recent`, on the local clock, up to the step that runs at `now_s`.

    Raises `ValueError` for steps that differ and for more than a week ahead.
    """
    step_s = history.step_s
    start_s = now_s - now_s % step_s
    if not 0 < steps <= _LONGEST_DAYS * DAY_S // step_s:
        raise ValueError(
            f"{steps} steps of {step_s} s: a load is forecast for one step to {_LONGEST_DAYS} days"
        )
    if recent is not None and recent.step_s != step_s:
        raise ValueError(
            f"recent is in steps of {recent.step_s} s, the history in {step_s} s: average it first"
        )
    parts = [history] if recent is None else [history, recent]
    first_s = min([part.start_s for part in parts if len(part.power_w)] or [start_s])
    count = max((start_s - first_s) // step_s, 0)
    power = np.full(count, np.nan)
    for part in parts:
        _lay_over(power, first_s, part)
    ahead = wall_steps(start_s, step_s, steps, zone)
    if not count:
        return Laid(step_s, start_s, power, ahead)
    wall = wall_steps(first_s, step_s, count, zone)
    past = np.full(max(int(ahead[0] - wall[0]), 0), np.nan)
    place = wall - wall[0]
    inside = place < len(past)  # the hour that comes twice in autumn may lie ahead of the clock's own past
    past[place[inside]] = cleaned(power, step_s)[inside]
    return Laid(step_s, start_s, past, ahead)


def _lay_over(power: FloatArray, first_s: int, part: LoadHistory) -> None:
    """Put the known values of a part where they belong, up to the end of `power`."""
    offset = (part.start_s - first_s) // part.step_s
    values = part.power_w[: max(len(power) - offset, 0)]
    target = power[offset : offset + len(values)]
    known = ~np.isnan(values)
    target[known] = values[known]
