"""Charging on what would else be fed back: who of those that want the sun has it, and how much.

    left over = -(rest) - what other cars draw - what goes to a battery first

A car begins when its minimum has been left over for `START_S`, and stops when it has not for `STOP_S`; meanwhile it has
its minimum. Who charges shares what is left over beyond the minimums by priority, then equally.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kwartier.control.wishes.sun_memory import SunMemory

START_S = 60.0
STOP_S = 180.0
NEARLY = 0.95
"""One that charges goes on with so much of its minimum: else the last watts would stop it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """One that wants the sun."""

    id: str
    min_w: float
    max_w: float
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What it gets."""

    memory: SunMemory
    power_w: float
    """0: it waits."""
    left_w: float
    """What was left over for it."""
    in_s: float | None = None
    """Until it begins or stops, where the sun stays as it is."""


def share(
    asking: Sequence[Asks], memories: Mapping[str, SunMemory | None], left_w: float, now_s: float
) -> dict[str, Part]:
    """Pure. `left_w`: what is left over for all of them together, below 0 where the grid gives."""
    out: dict[str, Part] = {}
    order = sorted(asking, key=lambda a: (-a.priority, not _of(memories, a).on))
    free_w = left_w
    for asks in order:
        memory = _of(memories, asks)
        enough = free_w >= asks.min_w * (NEARLY if memory.on else 1.0)
        memory, in_s = _next(memory, enough, now_s)
        out[asks.id] = Part(
            memory=memory, power_w=asks.min_w if memory.on else 0.0, left_w=max(0.0, free_w), in_s=in_s
        )
        if memory.on or enough:
            free_w -= asks.min_w
    for priority in sorted({a.priority for a in order}, reverse=True):
        level = [a for a in order if a.priority == priority and out[a.id].memory.on]
        while level and free_w > 1.0:
            each_w = free_w / len(level)
            for asks in level:
                part = out[asks.id]
                more_w = min(each_w, asks.max_w - part.power_w)
                out[asks.id] = replace(part, power_w=part.power_w + more_w)
                free_w -= more_w
            level = [a for a in level if a.max_w - out[a.id].power_w > 1.0]
    return out


def _of(memories: Mapping[str, SunMemory | None], asks: Asks) -> SunMemory:
    return memories.get(asks.id) or SunMemory()


def _next(memory: SunMemory, enough: bool, now_s: float) -> tuple[SunMemory, float | None]:
    """Begin after a while of enough, stop after a while of too little."""
    if memory.on == enough:
        return (memory if memory.since_s is None else replace(memory, since_s=None)), None
    since_s = now_s if memory.since_s is None else memory.since_s
    left_s = (STOP_S if memory.on else START_S) - (now_s - since_s)
    if left_s <= 0:
        return SunMemory(on=not memory.on), None
    return replace(memory, since_s=since_s), left_s
