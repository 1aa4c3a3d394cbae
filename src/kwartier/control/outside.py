"""Limits from outside that were just there: tighten at once, widen slowly (DESIGN 5.3).

A limit that comes and goes every few seconds, or a formula that swings, would have everybody lowered, raised and lowered again, and
be exceeded each time for as long as stations and cars take. So what was told in the last seconds still counts.
"""

from kwartier.safety.envelope import current_limit
from kwartier.safety.fire_effect import SOURCE as FIRE
from kwartier.site.setpoints import Limit

HOLD_S = 10.0
"""A limit counts for so long after it was last told."""

Held = tuple[tuple[float, Limit], ...]
"""What limits said, without their expiry, with when each last said so, s."""


def hold(before: Held, told: tuple[Limit, ...], now_s: float) -> tuple[tuple[Limit, ...], Held]:
    """What is to be kept now: the limits that are told, and those of the last `HOLD_S` seconds; and what to remember.
    Not those of a fire input: when it is reset, charge points return one by one by a rule of their own.

    A limit counts on as it was: what holds when it runs out is asked only of the newest, which may have been renewed."""
    if not before and not told:
        return (), ()
    said = tuple(
        Limit(circuit_id=limit.circuit_id, value_a=current_limit(limit, now_s), source=limit.source)
        for limit in told
        if limit.source != FIRE
    )
    kept = tuple((at_s, limit) for at_s, limit in before if at_s >= now_s - HOLD_S and limit not in said)
    return told + tuple(limit for _, limit in kept), kept + tuple((now_s, limit) for limit in said)


def told_alike(before: Held, after: Held, before_s: float, after_s: float) -> bool:
    """Whether the same limits were told in two steps at these moments, and none counts any more that was told earlier."""
    return [x for _, x in before] == [x for _, x in after] and (
        all(at_s == before_s for at_s, _ in before) and all(at_s == after_s for at_s, _ in after)
    )
