"""Folding what a charge point reports into what is remembered of it.

Nothing here decides a current; it only establishes facts: is it heard, is a car there, what does the car take, on which
phases, has it come down to what it was told.
"""

from kwartier.control.chargers.points import (
    CRAMPED_TURN_S,
    CURRENT_FLOWS_A,
    FOLLOW_S,
    IDLE_TURN_S,
    MARGIN_A,
    OBEY_S,
    SAMPLES_S,
    SETTLE_S,
    SILENT_AFTER_S,
    TOLERANCE_A,
    VALID_S,
    WINDOW_S,
)
from kwartier.control.chargers.starting import NOT_STARTED, Start, advance, owed
from kwartier.control.memory import PointMemory, Sample
from kwartier.site.phases import PHASES, ZERO, PhaseVector, to_site_phases
from kwartier.site.readings import ChargePointReading
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Message
from kwartier.site.topology import ChargePoint


def fold(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading | None, now_s: float
) -> tuple[Message, ...]:
    """Take the newest reading, new or not, into the draft `memory`; returns what to say.

    `reading` must make sense (`safety.sense`). One that is too old is no sign of life; one from the future
    is of now.
    """
    if reading is not None and (at_s := reading.at_s) != memory.seen_s:
        memory.seen_s = at_s
        if at_s > now_s:
            at_s = now_s
        if now_s - at_s <= SILENT_AFTER_S and (not memory.known or at_s > memory.heard_s):
            return _heard(point, memory, reading, at_s, now_s)
    if memory.untold_a and now_s - memory.heard_s > VALID_S:
        memory.untold_a = 0.0
    if not memory.silent and now_s - memory.heard_s > SILENT_AFTER_S:
        memory.silent, memory.idle, memory.cap_a = True, False, None
        told = reason("charge_point_silent", name=point.name, address=point.address)
        return (Message(at_s=now_s, level="warning", device_id=point.id, reason=told),)
    return ()


def _heard(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading, at_s: float, now_s: float
) -> tuple[Message, ...]:
    if memory.plugged:
        if _goes_on(point, memory, reading, at_s, now_s):
            return ()
    elif _quiet(point, memory, reading, at_s, now_s):
        return ()
    told, returned = None, memory.silent
    if returned or not memory.known:
        told = reason("charge_point_connected", name=point.name, address=point.address)
        memory.back_s = now_s
    if not memory.known and reading.setpoint_a is not None:
        # What an earlier run saved may be older than what it told last: the lower of both counts.
        memory.granted_a = min(memory.granted_a, reading.setpoint_a)
    current = to_site_phases(reading.current_a, point.conductors)
    lately = memory.samples
    steady = bool(lately) and lately[-1][1] == current
    if steady:
        current = lately[-1][1]  # the same object: who compares the samples sees it at once
    memory.samples = (*_of_late(lately, at_s), (at_s, current))
    memory.heard_s, memory.silent, memory.known, memory.untold_a = at_s, False, True, 0.0
    memory.state, memory.operative = reading.state, reading.operative
    memory.phases_shown = reading.phases if point.phase_switching else None
    memory.fallback_a = max(point.fallback_a, reading.fallback_a or 0.0)
    if (reading.state[0] in "BCD") != memory.plugged:
        _session(memory, reading)
    draw_a = max(current)
    _habits(point, memory, draw_a, now_s)
    granted_a = memory.granted_a if memory.plugged else 0.0
    if not _nothing_new(memory.start, draw_a, granted_a):
        memory.start = advance(
            memory.start,
            point,
            granted_a=granted_a,
            offered=memory.state == "B2",
            drawing=draw_a >= CURRENT_FLOWS_A,
            now_s=now_s,
            returned=returned,
        )
    known = memory.wired and (steady or len(memory.wired) == len(PHASES))
    if not known or not memory.plugged:
        _wiring(memory, current, draw_a)
    memory.booked_a = _booked(memory, reading, draw_a, at_s)
    messages = () if told is None else (Message(at_s=now_s, level="info", device_id=point.id, reason=told),)
    return messages + _obedience(point, memory, draw_a, now_s)


def _of_late(samples: tuple[Sample, ...], at_s: float) -> tuple[Sample, ...]:
    """Those of the last seconds."""
    first, oldest_s = 0, at_s - SAMPLES_S
    for when_s, _ in samples:
        if when_s > oldest_s:
            break
        first += 1
    return samples[first:] if first else samples


def _nothing_new(start: Start, draw_a: float, granted_a: float) -> bool:
    """Whether a car goes on as it did: it draws what it is given, or is given nothing."""
    if granted_a > 0:
        return start.stage == "drawing" and draw_a >= CURRENT_FLOWS_A
    return start.stage == "off"


def _quiet(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading, at_s: float, now_s: float
) -> bool:
    """Take in the reading of a socket without a car, where there was none before and nothing to settle: what
    `_heard` would make of it, in half the time. False, and nothing done, where that is not so."""
    if (
        reading.state[0] in "BCD"
        or memory.silent
        or not memory.known
        or any(reading.current_a)
        or memory.granted_a > 0.0
        or memory.cap_a is not None
        or memory.idle
        or memory.disobeys
    ):
        return False
    memory.samples = (*_of_late(memory.samples, at_s), (at_s, ZERO))
    memory.heard_s, memory.wired = at_s, ()
    memory.state, memory.operative = reading.state, reading.operative
    memory.phases_shown = reading.phases if point.phase_switching else None
    memory.fallback_a = max(point.fallback_a, reading.fallback_a or 0.0)
    if now_s - memory.window_s >= WINDOW_S:
        memory.drawn_before_a, memory.drawn_a, memory.window_s = memory.drawn_a, 0.0, now_s
    memory.booked_a = memory.told_since_a(at_s)
    return True


def _goes_on(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading, at_s: float, now_s: float
) -> bool:
    """The same for a car that goes on as it did, taking what it is given or waiting: what `_heard` would make of it, in
    less than half the time. False, and nothing done, where that is not so."""
    lately, granted_a = memory.samples, memory.granted_a
    if (
        reading.state != memory.state
        or not lately
        or memory.cap_a is not None
        or memory.silent
        or memory.disobeys
        or memory.idle
        or not memory.known
    ):
        return False
    told, current = memory.told, lately[-1][1]
    draw_a = max(current)
    if (
        (told and told[-1][0] >= at_s - OBEY_S)
        or to_site_phases(reading.current_a, point.conductors) != current
        or draw_a > granted_a + TOLERANCE_A
        or not _nothing_new(memory.start, draw_a, granted_a)
        or (draw_a >= CURRENT_FLOWS_A and not memory.wired)
        or min(memory.drawn_a, memory.drawn_before_a, draw_a) < granted_a - 1.5 * MARGIN_A
    ):
        return False
    memory.samples = (*_of_late(lately, at_s), (at_s, current))
    memory.heard_s, memory.operative = at_s, reading.operative
    memory.phases_shown = reading.phases if point.phase_switching else None
    told_a = reading.fallback_a
    memory.fallback_a = point.fallback_a if told_a is None or told_a < point.fallback_a else told_a
    if now_s - memory.window_s >= WINDOW_S:
        memory.drawn_before_a, memory.drawn_a, memory.window_s = memory.drawn_a, draw_a, now_s
    elif draw_a > memory.drawn_a:
        memory.drawn_a = draw_a
    word_a = reading.applied_a if reading.applied_a is not None else reading.setpoint_a
    memory.booked_a = word_a if word_a is not None and word_a > granted_a + TOLERANCE_A else granted_a
    return True


def _session(memory: PointMemory, reading: ChargePointReading) -> None:
    """Somebody has plugged in or out."""
    plugged = not memory.plugged
    if plugged:
        memory.session += 1
        memory.session_energy_kwh, memory.session_s = reading.energy_kwh, memory.heard_s
    memory.plugged, memory.wired = plugged, ()
    memory.waiting_s = memory.stopped_s = memory.queued_s = None
    memory.served_s, memory.alone_s = 0.0, -1e9
    memory.start = NOT_STARTED
    memory.charged_kwh, memory.user, memory.departs_s, memory.urgent = None, None, None, False
    memory.sun = None
    memory.over_a, memory.over_s = 0.0, -1e9
    memory.cap_a, memory.idle, memory.drawn_a, memory.drawn_before_a = None, False, 0.0, 0.0


def _wiring(memory: PointMemory, current: PhaseVector, draw_a: float) -> None:
    """Note the phases on which the car of this session draws."""
    if not memory.plugged:
        memory.wired = ()
        return
    if draw_a < CURRENT_FLOWS_A:
        return
    for phase, flowing_a in zip(PHASES, current, strict=True):
        if flowing_a >= CURRENT_FLOWS_A and phase not in memory.wired:
            memory.wired = tuple(sorted((*memory.wired, phase)))


def _habits(point: ChargePoint, memory: PointMemory, draw_a: float, now_s: float) -> None:
    """Learn what the car takes of what it is given, so that the rest can be lent out."""
    if now_s - memory.window_s >= WINDOW_S:
        memory.drawn_before_a, memory.drawn_a, memory.window_s = memory.drawn_a, draw_a, now_s
    elif draw_a > memory.drawn_a:
        memory.drawn_a = draw_a
    if memory.cap_a is not None or memory.idle:
        flows = draw_a >= CURRENT_FLOWS_A
        # Who is told 0 A draws all that he is given: that is no sign that a full car wants to charge again.
        asks = (
            memory.cap_a is not None
            and draw_a > memory.granted_a - MARGIN_A / 2
            and (flows or not memory.idle)
        )
        rests_s = CRAMPED_TURN_S if memory.idle and owed(memory.start, point) else IDLE_TURN_S
        turn = memory.waiting_s is not None and now_s - memory.waiting_s >= rests_s
        if asks or (memory.idle and (turn or flows)):
            memory.cap_a, memory.idle = None, False
            return
    little_a = memory.granted_a - 1.5 * MARGIN_A
    if memory.granted_a <= 0 or memory.drawn_a >= little_a or memory.drawn_before_a >= little_a:
        return  # as nearly always
    since_s = max(memory.raised_s, memory.started_s if memory.started_s is not None else now_s)
    if now_s - since_s >= SETTLE_S:
        drawn_a = max(memory.drawn_a, memory.drawn_before_a)
        memory.cap_a, memory.idle = max(point.min_a, drawn_a + MARGIN_A), drawn_a < CURRENT_FLOWS_A


def _booked(memory: PointMemory, reading: ChargePointReading, drawn_a: float, at_s: float) -> float:
    """What the device may draw by its own word, or by what it was told since it gave that word."""
    since_s = at_s
    if not memory.plugged:
        return memory.told_since_a(since_s)
    word_a = reading.applied_a if reading.applied_a is not None else reading.setpoint_a
    if word_a is None:
        # It tells nothing: what is measured is all there is, once it has had the time to follow.
        word_a, since_s = drawn_a, at_s - OBEY_S
    elif drawn_a > memory.granted_a + TOLERANCE_A:
        # Its car is still coming down, or even on its way up to what it was told before.
        since_s = at_s - FOLLOW_S
    told_a = memory.told_since_a(since_s) if memory.told else memory.granted_a
    return told_a if word_a <= told_a + TOLERANCE_A else word_a


def _obedience(point: ChargePoint, memory: PointMemory, draw_a: float, now_s: float) -> tuple[Message, ...]:
    """Notice a charge point that draws more than it was told, and tell it once. What it may still be coming
    down from excuses it the first time, not once it is known."""
    known = memory.disobeys
    if not known and (draw_a <= memory.granted_a * 1.05 + MARGIN_A or now_s - memory.back_s <= OBEY_S):
        return ()  # as nearly always; or it has only just been told something by us
    allowed_a = memory.granted_a if known else memory.told_since_a(now_s - OBEY_S)
    memory.disobeys = draw_a > allowed_a * 1.05 + MARGIN_A
    if known or not memory.disobeys:
        return ()
    told = reason("charge_point_disobeys", name=point.name, draw_a=float(draw_a), allowed_a=float(allowed_a))
    return (Message(at_s=now_s, level="warning", device_id=point.id, reason=told),)
