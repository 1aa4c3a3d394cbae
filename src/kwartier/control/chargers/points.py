"""What the car at a charge point asks, and what the charge point must be reckoned with.

Nothing here decides a current; it only establishes facts: what does the car take at most, on which phases, what may be
flowing. How they come to be remembered is `hearing`'s.
"""

from collections.abc import Sequence
from functools import lru_cache

from kwartier.control.memory import PointMemory, newest
from kwartier.site.phases import ZERO, PhaseVector, maximum, on_phases, sub
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Wish
from kwartier.site.topology import ChargePoint
from kwartier.site.values import valueclass

SILENT_AFTER_S = 10.0
VALID_S = 60.0
"""Stations are told set-points that hold no longer than this without a new one (DESIGN 5.10)."""
SAMPLES_S = 5.0
WINDOW_S = 30.0
"""A car is judged by the largest current of the running window and of the one before: 30 to 60 s."""
SETTLE_S = 60.0
OBEY_S = 10.0
"""How long after a decrease a charge point and its car may still draw what they were told before."""
OVER_FOR_S = 300.0
"""How long it is kept in mind what a car was found to draw beyond its orders."""
NEVER_S = -1e9
IDLE_TURN_S = 1800.0
"""A car that took nothing and lost its place to others gets a turn like everybody after this long."""
CRAMPED_TURN_S = 900.0
"""The same for one that may only have been offered too little to begin."""
FOLLOW_S = 5.0
"""A car follows its pilot signal within this time (IEC 61851-1)."""
CURRENT_FLOWS_A = 1.0
MARGIN_A = 1.0
TOLERANCE_A = 0.25
"""Between what was told and what a device says it applies: rounding, never more."""
PAUSED_STATES = frozenset({"A1", "A2", "E", "F"})


@valueclass(frozen=True, slots=True)
class Demand:
    """What a car may be given at most, or why nothing."""

    max_a: float
    why: Reason
    """Binding when `max_a` binds; the reason for nothing when it is 0."""


def demand(point: ChargePoint, memory: PointMemory, wish: Wish | None) -> Demand:
    """What this charge point asks now: at most `max_a`, 0 when it asks nothing."""
    if not memory.operative:
        return Demand(0.0, reason("charger_inoperative"))
    state = memory.state
    if state in {"E", "F"}:
        return Demand(0.0, reason("charger_fault", state=state))
    if wish is not None and wish.mode == "off":
        return Demand(0.0, reason("off_by_user"))
    if state in PAUSED_STATES:
        return NO_CAR
    if memory.disobeys:
        return Demand(0.0, reason("charger_disobeys", draw_a=float(max(newest(memory.samples)))))
    most = _most(point, memory, wish)
    if memory.obedience.stage == "trying" and most.max_a > point.min_a:
        return Demand(point.min_a, reason("charger_trying", min_a=float(point.min_a)))
    return most


NO_CAR = Demand(0.0, reason("no_car"))


@lru_cache(typed=True)
def _own_maximum(max_a: float) -> Demand:
    """A charge point's own maximum stays what it is."""
    return Demand(max_a, reason("charger_max", max_a=float(max_a)))


def _most(point: ChargePoint, memory: PointMemory, wish: Wish | None) -> Demand:
    most = _own_maximum(point.max_a)
    if wish is None and memory.cap_a is None:
        return most  # as nearly always
    # Written so that NaN falls on the tight side of each comparison.
    if wish is not None and wish.limit_a is not None and not wish.limit_a >= most.max_a:
        if not wish.limit_a >= point.min_a:
            return Demand(
                0.0, reason("user_limit_too_low", limit_a=float(wish.limit_a), min_a=float(point.min_a))
            )
        most = Demand(wish.limit_a, reason("user_limit", limit_a=float(wish.limit_a)))
    probing = memory.start.stage == "probing"  # what it takes is no sign before it has begun
    if memory.cap_a is not None and memory.cap_a < most.max_a and not probing:
        if memory.idle:
            return Demand(point.min_a, reason("car_idle", min_a=float(point.min_a)))
        return Demand(memory.cap_a, reason("car_takes_less", draw_a=max(newest(memory.samples))))
    return most


def phases_of(point: ChargePoint, memory: PointMemory, now_s: float) -> tuple[int, ...]:
    """Site phases to book for this charge point: all its conductors, until the car has shown for a
    minute on which ones it draws. A current on another one counts from the reading that shows it. One that
    was changed to one phase, and says so, uses its first conductor."""
    if (switch := memory.switch) is not None:
        if switch.on_one:
            return (point.conductors[0],)
        if switch.moving:
            return tuple(sorted(point.conductors))
    started_s = memory.started_s
    if started_s is not None and now_s - started_s >= SETTLE_S and (wired := memory.wired):
        return wired
    return _ascending(point.conductors)


@lru_cache
def _ascending(phases: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(phases))


def booked_on(
    point: ChargePoint, memory: PointMemory, phases: Sequence[int], granted_a: float
) -> PhaseVector:
    """What a charge point must be reckoned with, per site phase, when it is granted so much: that, what it may
    still draw by its own word, or what it is measured to draw; all that it can while it is unheard."""
    if memory.unheard:
        return on_phases(max(memory.reserved_a, granted_a), point.conductors)
    by_word = on_phases(max(granted_a, memory.booked_a), phases)
    return maximum(by_word, newest(memory.samples))


def beyond(memory: PointMemory, phases: Sequence[int], now_s: float) -> PhaseVector:
    """What a charge point must be reckoned to draw, per site phase, besides what it is granted: `excess`, and on the
    phases booked for it at least what it was found to draw beyond its orders in the last minutes."""
    found = excess(memory, phases, now_s)
    return maximum(found, on_phases(memory.over_a, phases)) if memory.over_a else found


def note_excess(memory: PointMemory, phases: Sequence[int], now_s: float) -> PhaseVector:
    """`beyond`, and keep it in mind in the draft `memory`.

    A car that rounds up to whole amperes does so at one order and not at the next lower one, and one that draws a
    twentieth more seems to obey while its order of before may still excuse it. Acquitted by that, it would be raised
    and lowered for ever, each time for as long as an order may be ignored. No more is kept than what is not
    disobedience yet: against that there are other measures (`obedience`)."""
    found = excess(memory, phases, now_s)
    if found == ZERO and memory.over_a == 0.0:
        return ZERO  # as nearly always
    over_a = min(max(found[p - 1] for p in phases), 0.05 * memory.granted_a + MARGIN_A)
    if over_a > 0.0 and over_a >= memory.over_a:
        memory.over_a, memory.over_s = over_a, now_s
    elif now_s - memory.over_s >= OVER_FOR_S:
        memory.over_a, memory.over_s = over_a, now_s if over_a > 0.0 else NEVER_S
    return maximum(found, on_phases(memory.over_a, phases))


def excess(memory: PointMemory, phases: Sequence[int], now_s: float) -> PhaseVector:
    """What a charge point draws, per site phase, that it was not told in the last seconds: on a phase that was not
    booked, by a rounding up, or against its orders. It counts as other load at once."""
    samples = memory.samples
    if not samples:
        return ZERO
    drawn = steady = samples[-1][1]
    for _, value in samples:
        if value != steady:
            drawn = maximum(drawn, value)
    if drawn == ZERO:
        return ZERO
    told, told_a = memory.told, memory.granted_a
    if told and told[-1][0] >= now_s - OBEY_S:
        told_a = memory.told_since_a(now_s - OBEY_S)
    a, b, c = drawn
    told1_a = told_a if 1 in phases else 0.0
    told2_a = told_a if 2 in phases else 0.0
    told3_a = told_a if 3 in phases else 0.0
    if a <= told1_a and b <= told2_a and c <= told3_a:
        return ZERO  # as nearly always
    return maximum(ZERO, sub(drawn, (told1_a, told2_a, told3_a)))
