"""When would the loop decide something else, if the readings went on as they are? For simulated time that leaps.

Two memories, one before and one after a step, tell: what is equal stands still, what has moved by just the step's
length slides along with the readings, and anything else is not steady. What stands still may be a timer; `TIMERS` says
at which ages of it something can happen. A field that is not known here must be as it is in a fresh memory: whatever
is added to the memory stops the leaps until somebody has thought about it.

A forecast of turns (`turn`) and what a session has charged (`charged_kwh`) count for texts, and for departures that
are known: with one of those in the memory it is never steady. Nothing of this decides anything in a running site.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, replace
from functools import cache
from math import inf
from typing import Any

from kwartier.control import turns
from kwartier.control.chargers import points, raising, starting
from kwartier.control.chargers.obedience import FORGET_S
from kwartier.control.memory import CircuitMemory, Memory, PointMemory, newest
from kwartier.safety import tripping
from kwartier.safety.ladder import ERROR_AFTER_S, GOOD_FOR_S, Ladder, lost_after_s, stale_after_s
from kwartier.site.topology import Site

BEFORE_S, AFTER_S = 4.0, 14.0
"""No leap ends or begins so shortly before or after the moment of a timer: readings are seconds old."""
SLIDES_S = 1e-6

SAME, TIME, SAMPLES, TOLD, FREE = "same", "time", "samples", "told", "free"

LADDER = {
    "status": SAME,
    "heard_s": TIME,
    "seen_at_s": TIME,
    "current_a": SAME,
    "meter_time_s": TIME,
    "good_since_s": TIME,
}
CIRCUIT = {"base": SAMPLES, "quiet_a": SAME, "room_a": SAME, "swings": SAMPLES}
POINT = {
    "granted_a": SAME,
    "booked_a": SAME,
    "changed_s": TIME,
    "raised_s": TIME,
    "told": TOLD,
    "samples": SAMPLES,
    "state": SAME,
    "operative": SAME,
    "back_s": TIME,
    "heard_s": TIME,
    "seen_s": TIME,
    "silent": SAME,
    "known": SAME,
    "fallback_a": SAME,
    "started_s": TIME,
    "waiting_s": TIME,
    "queued_s": TIME,
    "served_s": SAME,
    "alone_s": TIME,
    "obedience": SAME,
    "start": SAME,
    "turn": FREE,
    "charged_kwh": FREE,
    "stopped_s": TIME,
    "drawn_a": SAME,
    "drawn_before_a": SAME,
    "window_s": TIME,
    "cap_a": SAME,
    "idle": SAME,
    "disobeys": SAME,
    "wired": SAME,
    "session": SAME,
    "session_s": TIME,
    "session_energy_kwh": SAME,
    "plugged": SAME,
    "reason": FREE,
    "reason_s": FREE,
}
TOLD_S = max(points.OBEY_S, points.FOLLOW_S) + 2.0 * AFTER_S
"""What was granted earlier than this is of no consequence."""
TIMERS: dict[str, tuple[float, ...]] = {
    "raised_s": (raising.RAISE_EVERY_S, points.SETTLE_S),
    "started_s": (points.SETTLE_S, turns.MIN_ON_S),
    "stopped_s": (raising.REST_S,),
    "back_s": (points.OBEY_S,),
    "heard_s": (5.0, points.SILENT_AFTER_S),
    "waiting_s": (turns.PATIENCE_S, points.IDLE_TURN_S),
    "alone_s": (turns.HOLD_S,),
}
STARTS: dict[str, tuple[float, ...]] = {
    "offered": (starting.BEGIN_S,),
    "probing": (starting.REACH_S, starting.PROBE_S),
    "resting": (starting.PAUSE_S,),
}
"""By the stage of a start: ages of it at which something can happen."""
QUIET_STAGES = frozenset({"obeys", "barred"})
"""Those of disobedience that end by no timer but `FORGET_S`."""


class NotSteady(Exception):
    """Something else than time has changed."""


def steady_until_s(site: Site, before: Memory, after: Memory) -> float:
    """The earliest moment at which a timer could change the decision, with the same readings; the time of `after`
    when it is not steady. `before` and `after`: memories around a step."""
    now_s, length_s = _times(before, after)
    try:
        _check(site, before, after, length_s)
        return max(now_s, min(_moments(site, after, now_s, before), default=inf))
    except NotSteady:
        return now_s


def forward(site: Site, before: Memory, after: Memory, by_s: float) -> Memory:
    """The memory after the same readings have come for `by_s` more seconds; `steady_until_s` must allow it."""
    now_s, length_s = _times(before, after)
    meters = {
        m.id: _slid(before.meters[m.id], after.meters[m.id], LADDER, length_s, by_s) for m in site.meters
    }
    circuits = {
        c.id: _slid(before.circuits[c.id], after.circuits[c.id], CIRCUIT, length_s, by_s)
        for c in site.circuits
    }
    moved = {}
    for p in site.charge_points:
        old, new = before.points[p.id], after.points[p.id]
        moved[p.id] = point = _slid(old, new, POINT, length_s, by_s)
        if new.heard_s != old.heard_s:
            point.window_s += (now_s + by_s - point.window_s) // points.WINDOW_S * points.WINDOW_S
    fuses = {}
    for circuit in site.fused:
        if circuit.id in after.fuses and circuit.fuse is not None:
            old_trip = after.fuses[circuit.id]
            at_s = old_trip.at_s + (now_s + by_s - old_trip.at_s) // tripping.EVERY_S * tripping.EVERY_S
            fuses[circuit.id] = tripping.run(
                old_trip, circuit.fuse, old_trip.largest_a, before_s=at_s, now_s=at_s, utc_s=0.0
            )
    return replace(after, meters=meters, circuits=circuits, points=moved, fuses=fuses, step_s=now_s + by_s)


def unknown_fields() -> dict[str, list[str]]:
    """Fields of the memory that nobody has thought about here, by class."""
    return {
        kind.__name__: [f.name for f in fields(kind) if f.name not in table]
        for kind, table in (
            (Ladder, LADDER),
            (CircuitMemory, CIRCUIT),
            (PointMemory, POINT),
            (Memory, _WHOLE),
        )
    }


_WHOLE = {
    "meters": SAME,
    "circuits": SAME,
    "points": SAME,
    "step_s": SAME,
    "sums": SAME,
    "fuses": SAME,
    "exports": SAME,
}
"""Not among them: `peaks`. A quarter-hour with a goal is never steady."""


def _times(before: Memory, after: Memory) -> tuple[float, float]:
    if before.step_s is None or after.step_s is None:
        return after.step_s or 0.0, 0.0
    return after.step_s, after.step_s - before.step_s


def _check(site: Site, before: Memory, after: Memory, length_s: float) -> None:
    """Raise NotSteady unless everything stands still or slides."""
    if not length_s > 0:
        raise NotSteady
    _as_fresh(Memory, after, _WHOLE)
    for p in site.charge_points:
        _compare(before.points[p.id], after.points[p.id], POINT, length_s)
    for c in site.circuits:
        _compare(before.circuits[c.id], after.circuits[c.id], CIRCUIT, length_s)
    for m in site.meters:
        _compare(before.meters[m.id], after.meters[m.id], LADDER, length_s)
    if before.sums != after.sums or before.exports != after.exports:
        raise NotSteady
    if any(e.turning_s is not None for e in after.exports.values()):
        raise NotSteady
    if any(
        t.urgency != "calm" or t.over_s is not None or t.largest_a != before.fuses[i].largest_a
        for i, t in after.fuses.items()
        if i in before.fuses
    ):
        raise NotSteady


def _compare(old: object, new: object, table: Mapping[str, str], length_s: float) -> None:
    for name, kind in table.items():
        was, now = getattr(old, name), getattr(new, name)
        if kind in {SAME, TOLD}:
            if was != now:
                raise NotSteady
        elif kind == TIME:
            _moved(was, now, length_s)
        elif kind == SAMPLES:
            if was is None or now is None:
                if was is not now:
                    raise NotSteady
                continue
            if len(was) != len(now) or any(a[1] != b[1] for a, b in zip(was, now, strict=True)):
                raise NotSteady
            for a, b in zip(was, now, strict=True):
                if _moved(a[0], b[0], length_s) != _moved(was[-1][0], now[-1][0], length_s):
                    raise NotSteady
    _as_fresh(type(new), new, table)


def _as_fresh(kind: type, value: object, table: Mapping[str, str]) -> None:
    for name, default in _defaults(kind).items():
        if name not in table and getattr(value, name) != default():
            raise NotSteady


@cache
def _defaults(kind: type) -> dict[str, Callable[[], Any]]:
    return {f.name: _default(f) for f in fields(kind)}


def _default(f: Field[Any]) -> Callable[[], Any]:
    if f.default is not MISSING:
        return lambda: f.default
    if f.default_factory is not MISSING:
        return f.default_factory
    return lambda: MISSING


def _moved(was: float | None, now: float | None, length_s: float) -> bool:
    """Whether a time slides (true) or stands still."""
    if was == now:
        return False
    if was is None or now is None or abs(now - was - length_s) > SLIDES_S:
        raise NotSteady
    return True


def _moments(site: Site, after: Memory, now_s: float, before: Memory) -> Iterable[float]:
    """When timers may go off, each as early as a leap must end for it."""
    for m in site.meters:
        old, ladder = before.meters[m.id], after.meters[m.id]
        if ladder.heard_s == old.heard_s:
            ages = (stale_after_s(m), lost_after_s(m), max(ERROR_AFTER_S, lost_after_s(m)))
            yield from _next(ladder.heard_s, ages, now_s)
        elif ladder.status == "recovering":
            yield from _next(ladder.good_since_s, (GOOD_FOR_S,), now_s)
    for kept in after.sums.values():
        yield from (until_s - BEFORE_S for until_s in kept.paused.values() if until_s > now_s - AFTER_S)
    for p in site.charge_points:
        yield from _of_point(before.points[p.id], after.points[p.id], now_s)


def _of_point(old: PointMemory, point: PointMemory, now_s: float) -> Iterable[float]:
    heard = point.heard_s != old.heard_s
    for name, ages in TIMERS.items():
        stamp = getattr(point, name)
        if stamp is not None and stamp == getattr(old, name):
            yield from _next(stamp, ages, now_s)
    if point.started_s is not None and point.served_s:
        yield from _next(point.started_s, (turns.MIN_ON_S - point.served_s,), now_s)
    start = point.start
    for stamp in (start.since_s, start.full_s):
        if stamp is not None:
            yield from _next(stamp, STARTS.get(start.stage, ()), now_s)
    if point.obedience.stage not in QUIET_STAGES:
        yield now_s
    elif point.obedience.offences or point.obedience.disables:
        yield from _next(point.obedience.since_s, (FORGET_S,), now_s)
    if point.told and now_s - point.told[-1][0] < TOLD_S:
        yield now_s
    settled = point.drawn_a == point.drawn_before_a == max(newest(point.samples))
    if heard and not settled:
        yield from _next(point.window_s, (points.WINDOW_S,), now_s)


def _next(stamp_s: float, ages_s: Iterable[float], now_s: float) -> Iterable[float]:
    for age_s in ages_s:
        if now_s < stamp_s + age_s + AFTER_S:
            yield stamp_s + age_s - BEFORE_S


def _slid(old: Any, new: Any, table: Mapping[str, str], length_s: float, by_s: float) -> Any:
    """`new` with all that slides moved on."""
    changes: dict[str, Any] = {}
    for name, kind in table.items():
        was, now = getattr(old, name), getattr(new, name)
        if kind == TIME and now is not None and _moved(was, now, length_s):
            changes[name] = now + by_s
        elif kind == SAMPLES and now and _moved(was[-1][0], now[-1][0], length_s):
            changes[name] = tuple((when + by_s, value) for when, value in now)
    return replace(new, **changes)
