"""Helping a car to begin: some do not start at the least that a pilot signal can offer, only at 8, 9 or 14 A, and
then go down to it without complaint (facts: Alfen KA-01239, cFos configuration page).

    off -> offered -> probing -> drawing -> paused
              ^          |          ^         |
              +-- resting +         +- probing +    (paused too: who was tried so often)
              a few times           each half hour

A car that has been offered current for `BEGIN_S` and does not begin is offered more for `PROBE_S`. Where its charge
point has a `start_a`, or the car has shown in this session that it needs so much, that counts as its minimum until
it draws: others come down to theirs for it. Else it gets `PROBE_A`, from what nobody takes. Where nothing is left over it
is `cramped`: its next turns are turns with so much, for which others stand aside, until it has been tried
`MOST_PROBES` times. A probe is granted and booked like any other current. A car that has drawn since it was given
current, and stops, does so of its own will; nobody stands aside for it, nor for one that was tried so often. But it may have
woken up since, and need more than its minimum to begin: each `AGAIN_S` it is offered that for a minute, from what nobody
takes.
"""

from dataclasses import dataclass, replace
from typing import Literal

from kwartier.site.topology import ChargePoint

BEGIN_S = 30.0
"""A car begins within this time or not at all: contactor, pilot (5 s), a car that wakes up."""
PROBE_A = 14.0
PROBE_S = 60.0
REACH_S = 60.0
"""So long a probe may wait for the others to come down."""
PAUSE_S = 300.0
MOST_PROBES = 3
AGAIN_S = 1800.0

Stage = Literal["off", "offered", "probing", "resting", "drawing", "paused"]
STAGES: tuple[Stage, ...] = ("off", "offered", "probing", "resting", "drawing", "paused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Of the car of this session. Times are monotonic."""

    stage: Stage = "off"
    since_s: float = 0.0
    full_s: float | None = None
    """While probing: since when it has been granted all that it is to be offered."""
    probes: int = 0
    """How often it was offered that much in vain."""
    learned_a: float | None = None
    """What it needed to begin, once it has."""
    cramped: bool = False
    """Whether there was nothing left over when it should have been offered more."""
    again: bool = False
    """While probing: whether it had paused, or been tried often enough: nobody comes down for it."""


NOT_STARTED = Start()


def needs_a(start: Start, point: ChargePoint) -> float:
    """What to offer it so that it begins."""
    return min(point.max_a, start.learned_a or point.start_a or PROBE_A)


def entitled(start: Start, point: ChargePoint) -> bool:
    """Whether others come down to their minimum for it."""
    return not start.again and (start.learned_a is not None or point.start_a is not None)


def owed(start: Start, point: ChargePoint) -> bool:
    """Whether others come down for it, at first to their minimums only, though nobody knows that it needs it."""
    return start.cramped and start.probes < MOST_PROBES and not entitled(start, point)


def advance(
    old: Start,
    point: ChargePoint,
    *,
    granted_a: float,
    offered: bool,
    drawing: bool,
    now_s: float,
    returned: bool = False,
) -> Start:
    """One step, made when the charge point was heard. `offered`: its pilot signal offers current and the car does
    not take it (state B2); `drawing`: current flows; `returned`: it was silent, so that its station may have started anew
    and have stopped the car."""
    if returned and not drawing and old.stage in {"drawing", "paused"}:
        old = replace(old, stage="offered", since_s=now_s)
    if granted_a <= 0:
        if old.stage == "off":
            return old
        broken = old.stage == "probing" and owed(old, point)  # others came down for it: that was a try
        return replace(old, stage="off", since_s=now_s, full_s=None, probes=old.probes + broken, again=False)
    if drawing:
        return _draws(old, point, now_s)
    stage = old.stage
    if stage == "off":
        # One that is known needs no second proof that it does not begin at its minimum.
        known = old.learned_a is not None or (old.cramped and old.probes > 0)
        first: Stage = "probing" if known and old.probes < MOST_PROBES else "offered"
        return replace(old, stage=first, since_s=now_s, full_s=None)
    if stage == "offered":
        if not offered:
            return replace(old, since_s=now_s)
        tired = old.probes >= MOST_PROBES
        ripe = now_s - old.since_s >= (AGAIN_S if tired else BEGIN_S) and _helps(old, point, granted_a)
        return replace(old, stage="probing", since_s=now_s, again=tired) if ripe else old
    if stage == "probing":
        return _probes(old, point, granted_a, now_s)
    if stage == "resting" and now_s - old.since_s >= PAUSE_S:
        return replace(old, stage="offered", since_s=now_s)
    if stage == "drawing" or (stage == "paused" and not offered):
        return replace(old, stage="paused", since_s=now_s)
    if stage == "paused" and now_s - old.since_s >= AGAIN_S and _helps(old, point, granted_a):
        return replace(old, stage="probing", since_s=now_s, again=True)
    return old


def _helps(start: Start, point: ChargePoint, granted_a: float) -> bool:
    """Whether there is anything above what it is offered already."""
    return needs_a(start, point) > granted_a


def _draws(old: Start, point: ChargePoint, now_s: float) -> Start:
    if old.stage == "drawing":
        return old
    learned_a = old.learned_a
    if old.stage == "probing" and old.full_s is not None:
        learned_a = needs_a(old, point)
    return Start(stage="drawing", since_s=now_s, learned_a=learned_a)


def _probes(old: Start, point: ChargePoint, granted_a: float, now_s: float) -> Start:
    full = granted_a >= needs_a(old, point)
    if full and old.full_s is None:
        return replace(old, full_s=now_s)
    if old.again:
        long = now_s - old.since_s >= REACH_S if old.full_s is None else now_s - old.full_s >= PROBE_S
        return replace(old, stage="paused", since_s=now_s, full_s=None, again=False) if long else old
    if old.full_s is not None and now_s - old.full_s >= PROBE_S:
        return replace(old, stage="resting", since_s=now_s, full_s=None, probes=old.probes + 1)
    if old.full_s is None and now_s - old.since_s >= REACH_S:
        if entitled(old, point):
            return replace(old, stage="resting", since_s=now_s)  # there was no room: no try lost
        if old.cramped:
            return replace(
                old, stage="resting", since_s=now_s, probes=old.probes + 1
            )  # there is no more for it
        return replace(old, since_s=now_s, cramped=True)
    return old
