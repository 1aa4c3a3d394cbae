"""How near the fuse of a circuit came to its trip, kept from step to step, and what follows from it.

`fuse` says what a current does to a device; here the currents of a circuit are run through it. What counts for
people and for the loop is the *margin*: 0 % is what the rated current alone ends at, 100 % is where a device that
only just passes its tests may have tripped.

    calm    --time left before a trip < time that the design gives for this overload--> hurry
    hurry   --the trip may have come, and it is over its rating since PATIENCE_S--> stop
    hurry, stop --at most the rating, and the margin below CALM_PCT--> calm

In `hurry` the chargers behind go to their minimum at once and none begins, in `stop` all go to 0: whoever is still
over by then has not done as it was told. Neither ever gives anybody more. Pure.
"""

from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

from kwartier.safety.fuse import WARM, FuseMemory, curve, design_budget_s, step, time_left_s, used_pct
from kwartier.site.phases import ZERO, PhaseVector, maximum
from kwartier.site.topology import Fuse

CLOSE_PCT, NEAR_PCT = 80.0, 50.0
"""Margins used at which a warning, and a note, are given."""
CALM_PCT = 25.0
"""Below this margin the next note is for something new."""
EVERY_S = 5.0
"""While nothing is above its rating, the integral is drawn up so often, with the largest current since then."""
PATIENCE_S = 10.0
"""Cars and stations have followed by then (they take 7 to 12 s in the worst case; most 5)."""

Urgency = Literal["calm", "hurry", "stop"]
Poles = tuple[FuseMemory, FuseMemory, FuseMemory]


@dataclass(frozen=True, slots=True, kw_only=True)
class TripMemory:
    """What the currents so far have done to the three poles of a device."""

    poles: Poles = (WARM, WARM, WARM)
    at_s: float = 0.0
    """Up to when they are drawn up."""
    largest_a: PhaseVector = ZERO
    """Per phase since then."""
    used_pct: PhaseVector = ZERO
    """How near to a trip each pole was then; the rated current alone ends at 64 to 78 %."""
    margin_pct: float = 0.0
    """Of the pole that is nearest."""
    urgency: Urgency = "calm"
    over_s: float | None = None
    """Since when a phase is above the rating."""
    told: Literal[0, 1, 2] = 0
    """0: nothing; 1: noted; 2: warned."""
    worst_pct: float = 0.0
    """The largest margin ever used, and when and where."""
    worst_utc_s: float | None = None
    worst_phase: int = 0
    worst_a: float = 0.0


def begin(now_s: float) -> TripMemory:
    """Nothing is known: it is taken to have carried its rated current."""
    return TripMemory(at_s=now_s)


def resumed(old: TripMemory, now_s: float) -> TripMemory:
    """After a restart: warm, with what was the worst so far."""
    return TripMemory(
        at_s=now_s,
        worst_pct=old.worst_pct,
        worst_utc_s=old.worst_utc_s,
        worst_phase=old.worst_phase,
        worst_a=old.worst_a,
    )


def run(
    memory: TripMemory, fuse: Fuse, current_a: PhaseVector, *, before_s: float, now_s: float, utc_s: float
) -> TripMemory:
    """One step on. `current_a`: what flows since `before_s`, the step before, either sign."""
    l1, l2, l3 = (abs(a) if isfinite(a) else 1e9 for a in current_a)
    over = max(l1, l2, l3) > fuse.rating_a
    largest_a = memory.largest_a
    if not over and memory.urgency == "calm" and memory.over_s is None and now_s - memory.at_s < EVERY_S:
        if l1 <= largest_a[0] and l2 <= largest_a[1] and l3 <= largest_a[2]:
            return memory
        return replace(memory, largest_a=maximum(largest_a, (l1, l2, l3)))
    flowing = (l1, l2, l3)
    earlier_s = max(0.0, min(before_s, now_s) - memory.at_s)
    later_s = max(0.0, now_s - max(before_s, memory.at_s))
    a, b, c = (
        step(step(pole, fuse, most, earlier_s), fuse, now, later_s)
        for pole, most, now in zip(memory.poles, largest_a, flowing, strict=True)
    )
    poles = (a, b, c)
    margins = [margin_pct(pole, fuse) for pole in poles]
    margin = max(margins)
    since_s = None if not over else (now_s if memory.over_s is None else memory.over_s)
    found = replace(
        memory,
        poles=poles,
        at_s=now_s,
        largest_a=flowing,
        used_pct=(used_pct(a, fuse), used_pct(b, fuse), used_pct(c, fuse)),
        margin_pct=margin,
        over_s=since_s,
        urgency=_urgency(memory.urgency, fuse, poles, flowing, margin, since_s, now_s),
        told=_told(memory.told, margin),
    )
    if margin <= memory.worst_pct:
        return found
    i = margins.index(margin)
    return replace(found, worst_pct=margin, worst_utc_s=utc_s, worst_phase=i + 1, worst_a=flowing[i])


def margin_pct(pole: FuseMemory, fuse: Fuse) -> float:
    """How much of what lies between its rated current and a trip is used, 0 to 100."""
    beyond = (pole.heat - 1.0) / (curve(fuse).trip_heat - 1.0)
    return min(100.0, 100.0 * max(beyond, pole.strain, 0.0))


def _urgency(
    before: Urgency,
    fuse: Fuse,
    poles: Poles,
    current_a: PhaseVector,
    margin: float,
    over_s: float | None,
    now_s: float,
) -> Urgency:
    if over_s is None:
        return before if before != "calm" and margin >= CALM_PCT else "calm"
    if before == "stop" or (margin >= 100.0 and now_s - over_s >= PATIENCE_S):
        return "stop"
    for pole, flowing_a in zip(poles, current_a, strict=True):
        overload_pct = 100.0 * (flowing_a / fuse.rating_a - 1.0)
        if overload_pct > 0 and time_left_s(pole, fuse, flowing_a) < design_budget_s(overload_pct):
            return "hurry"
    return before


def _told(before: Literal[0, 1, 2], margin: float) -> Literal[0, 1, 2]:
    if margin < CALM_PCT:
        return 0
    if margin >= CLOSE_PCT:
        return 2
    return 1 if before == 0 and margin >= NEAR_PCT else before
