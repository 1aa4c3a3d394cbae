"""The controller's own health: recording and the clock, as state machines (docs/safety.md, the loss ladder).

Neither may touch a set-point: limits and deadlines use monotonic time, and nothing waits for a disk. What they
decide is only when people are told, once, and when they are told that it is over.

    recording   working -> failing -> failed -> working      10 s of patience: a lock that passes is no news
    clock       steady <-> stepped                           a jump against monotonic time of 2 s or more
    meter clock agrees -> doubted -> differs -> agrees       60 s apart for 60 s; under 30 s it agrees again

A `stepped` clock is steady again with the next look: a step is an event, not a condition.
"""

from dataclasses import dataclass, replace
from typing import Literal

RecordingStatus = Literal["working", "failing", "failed"]
Told = Literal["failed", "resumed"]
FAILED_AFTER_S = 10.0

STEP_S = 2.0

ClockStatus = Literal["agrees", "doubted", "differs"]
ClockTold = Literal["differs", "agrees"]
DIFFERS_S = 60.0
AGREES_S = 30.0
DIFFERS_FOR_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Whether what happens is being recorded. Times are monotonic."""

    status: RecordingStatus = "working"
    since_s: float = 0.0


def recorded(memory: Recording, *, ok: bool, lasting: bool, now_s: float) -> tuple[Recording, Told | None]:
    """One look at the recorder.

    `ok`: the last attempt was written. `lasting`: the trouble is of a kind that does not pass by itself (a full or
    read-only disk, not a lock), so that people are told at once.
    """
    if ok:
        if memory.status == "working":
            return memory, None
        return Recording(status="working", since_s=now_s), "resumed" if memory.status == "failed" else None
    if memory.status == "failed":
        return memory, None
    since_s = memory.since_s if memory.status == "failing" else now_s
    if lasting or now_s - since_s >= FAILED_AFTER_S:
        return Recording(status="failed", since_s=since_s), "failed"
    return Recording(status="failing", since_s=since_s), None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostClock:
    """UTC less monotonic time at the last look; None before the first."""

    offset_s: float | None = None


def looked_at(memory: HostClock, now_s: float, utc_s: float) -> tuple[HostClock, float | None]:
    """One look at both clocks; returns by how much UTC was set since the last one, if it was."""
    offset_s = utc_s - now_s
    moved_s = 0.0 if memory.offset_s is None else offset_s - memory.offset_s
    return HostClock(offset_s=offset_s), moved_s if abs(moved_s) >= STEP_S else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterClock:
    """How a meter's clock compares with ours."""

    status: ClockStatus = "agrees"
    since_s: float = 0.0


def compared(memory: MeterClock, apart_s: float, now_s: float) -> tuple[MeterClock, ClockTold | None]:
    """A reading whose meter time is `apart_s` from our UTC of that moment."""
    far, near = abs(apart_s) >= DIFFERS_S, abs(apart_s) < AGREES_S
    if memory.status == "agrees":
        return (MeterClock(status="doubted", since_s=now_s) if far else memory), None
    if memory.status == "doubted":
        if not far:
            return MeterClock(status="agrees", since_s=now_s), None
        if now_s - memory.since_s >= DIFFERS_FOR_S:
            return replace(memory, status="differs"), "differs"
        return memory, None
    if near:
        return MeterClock(status="agrees", since_s=now_s), "agrees"
    return memory, None
