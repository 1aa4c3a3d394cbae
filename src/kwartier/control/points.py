"""Folding what a charge point reports into what is remembered of it, and saying what its car asks.

Nothing here decides a current; it only establishes facts: is it heard, is a car there, what does the
car take, on which phases, has it come down to what it was told.
"""

from dataclasses import dataclass, replace

from kwartier.control.memory import PointMemory, newest
from kwartier.site.phases import to_site_phases
from kwartier.site.readings import ChargePointReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Message, Wish
from kwartier.site.topology import ChargePoint

SILENT_AFTER_S = 10.0
SAMPLES_S = 5.0
WINDOW_S = 30.0
"""A car is judged by the largest current of the running window and of the one before: 30 to 60 s."""
SETTLE_S = 60.0
OBEY_S = 10.0
IDLE_TURN_S = 1800.0
"""A car that took nothing and lost its place to others gets a turn like everybody after this long."""
CURRENT_FLOWS_A = 1.0
MARGIN_A = 1.0
TOLERANCE_A = 0.25
"""Between what was told and what a device says it applies: rounding, never more."""
PAUSED_STATES = frozenset({"A1", "A2", "E", "F"})


@dataclass(frozen=True, slots=True)
class Demand:
    """What a car may be given at most, or why nothing."""

    max_a: float
    why: Reason
    """Binding when `max_a` binds; the reason for nothing when it is 0."""


def fold(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading | None, now_s: float
) -> tuple[PointMemory, tuple[Message, ...]]:
    """Take in the newest reading, new or not."""
    if reading is not None and (not memory.known or reading.at_s > memory.heard_s):
        return _heard(point, memory, reading, now_s)
    if not memory.silent and now_s - memory.heard_s > SILENT_AFTER_S:
        lost = replace(memory, silent=True, idle=False, cap_a=None)
        told = reason("charge_point_silent", name=point.name, address=point.address)
        return lost, (Message(at_s=now_s, level="warning", device_id=point.id, reason=told),)
    return memory, ()


def demand(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading | None, wish: Wish | None
) -> Demand:
    """What this charge point asks now: at most `max_a`, 0 when it asks nothing."""
    if reading is None:
        return Demand(0.0, reason("starting"))
    if not reading.operative:
        return Demand(0.0, reason("charger_inoperative"))
    if reading.state in {"E", "F"}:
        return Demand(0.0, reason("charger_fault", state=reading.state))
    if wish is not None and wish.mode == "off":
        return Demand(0.0, reason("off_by_user"))
    if reading.state in PAUSED_STATES:
        return Demand(0.0, reason("no_car"))
    if memory.disobeys:
        return Demand(0.0, reason("charger_disobeys", draw_a=float(max(newest(memory.samples)))))
    return _most(point, memory, wish)


def _most(point: ChargePoint, memory: PointMemory, wish: Wish | None) -> Demand:
    most = Demand(point.max_a, reason("charger_max", max_a=float(point.max_a)))
    if wish is not None and wish.limit_a is not None and wish.limit_a < most.max_a:
        if wish.limit_a < point.min_a:
            return Demand(
                0.0, reason("user_limit_too_low", limit_a=float(wish.limit_a), min_a=float(point.min_a))
            )
        most = Demand(wish.limit_a, reason("user_limit", limit_a=float(wish.limit_a)))
    if memory.cap_a is not None and memory.cap_a < most.max_a:
        if memory.idle:
            return Demand(point.min_a, reason("car_idle", min_a=float(point.min_a)))
        return Demand(memory.cap_a, reason("car_takes_less", draw_a=max(newest(memory.samples))))
    return most


def phases_of(point: ChargePoint, memory: PointMemory, now_s: float) -> tuple[int, ...]:
    """Site phases to book for this charge point: all its conductors, until the car has shown for a
    minute on which ones it draws. A current on another one counts from the reading that shows it."""
    settled = memory.started_s is not None and now_s - memory.started_s >= SETTLE_S
    if settled and memory.wired:
        return memory.wired
    return tuple(sorted(point.conductors))


def _heard(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading, now_s: float
) -> tuple[PointMemory, tuple[Message, ...]]:
    messages = []
    if memory.silent or not memory.known:
        told = reason("charge_point_connected", name=point.name, address=point.address)
        messages.append(Message(at_s=now_s, level="info", device_id=point.id, reason=told))
    current = to_site_phases(reading.current_a, point.conductors)
    samples = (*(s for s in memory.samples if s[0] > reading.at_s - SAMPLES_S), (reading.at_s, current))
    memory = replace(
        memory,
        samples=samples,
        heard_s=reading.at_s,
        silent=False,
        known=True,
        fallback_a=max(point.fallback_a, reading.fallback_a or 0.0),
    )
    memory = _session(memory, reading)
    memory = _habits(point, memory, reading, max(current), now_s)
    flowing = {i for i, a in enumerate(current, start=1) if a >= CURRENT_FLOWS_A}
    memory = replace(memory, wired=tuple(sorted({*memory.wired, *flowing})) if memory.plugged else ())
    memory = replace(memory, booked_a=_booked(point, memory, reading))
    return _obedience(point, memory, max(current), now_s, messages)


def _session(memory: PointMemory, reading: ChargePointReading) -> PointMemory:
    plugged = reading.state[0] in "BCD"
    if plugged == memory.plugged:
        return memory
    if plugged:
        memory = replace(
            memory, session=memory.session + 1, session_energy_kwh=reading.energy_kwh, session_s=reading.at_s
        )
    return replace(
        memory,
        plugged=plugged,
        wired=(),
        cap_a=None,
        idle=False,
        drawn_a=0.0,
        drawn_before_a=0.0,
        waiting_s=None,
    )


def _habits(
    point: ChargePoint, memory: PointMemory, reading: ChargePointReading, draw_a: float, now_s: float
) -> PointMemory:
    """Learn what the car takes of what it is given, so that the rest can be lent out."""
    if now_s - memory.window_s >= WINDOW_S:
        memory = replace(memory, drawn_before_a=memory.drawn_a, drawn_a=draw_a, window_s=now_s)
    elif draw_a > memory.drawn_a:
        memory = replace(memory, drawn_a=draw_a)
    drawn = max(memory.drawn_a, memory.drawn_before_a)
    settled = memory.granted_a > 0 and now_s - max(memory.raised_s, memory.started_s or now_s) >= SETTLE_S
    if memory.cap_a is not None and draw_a > memory.granted_a - MARGIN_A / 2:
        return replace(memory, cap_a=None, idle=False)
    if settled and drawn < memory.granted_a - 1.5 * MARGIN_A:
        idle = drawn < CURRENT_FLOWS_A
        return replace(memory, cap_a=max(point.min_a, drawn + MARGIN_A), idle=idle)
    turn = memory.waiting_s is not None and now_s - memory.waiting_s >= IDLE_TURN_S
    if memory.idle and (turn or draw_a >= CURRENT_FLOWS_A):
        return replace(memory, cap_a=None, idle=False)
    return memory


def _booked(point: ChargePoint, memory: PointMemory, reading: ChargePointReading) -> float:
    """What the device may draw by its own word; a decrease counts once a reading made after it shows it."""
    if reading.at_s <= memory.changed_s:
        return max(memory.booked_a, memory.granted_a)
    if not memory.plugged:
        return memory.granted_a
    told = reading.applied_a if reading.applied_a is not None else reading.setpoint_a
    if told is None:
        told = max(newest(memory.samples))
    told = min(told, point.max_a)
    return memory.granted_a if told <= memory.granted_a + TOLERANCE_A else told


def _obedience(
    point: ChargePoint, memory: PointMemory, draw_a: float, now_s: float, messages: list[Message]
) -> tuple[PointMemory, tuple[Message, ...]]:
    allowed = memory.granted_a
    over = draw_a > allowed * 1.05 + MARGIN_A
    disobeys = over and (memory.disobeys or now_s - memory.changed_s > OBEY_S)
    if disobeys and not memory.disobeys:
        told = reason(
            "charge_point_disobeys", name=point.name, draw_a=float(draw_a), allowed_a=float(allowed)
        )
        messages.append(Message(at_s=now_s, level="warning", device_id=point.id, reason=told))
    return replace(memory, disobeys=disobeys), tuple(messages)
