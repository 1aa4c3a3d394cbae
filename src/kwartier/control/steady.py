"""When would the loop decide something else, if the readings went on as they are? For simulated time that leaps.

Two memories, one before and one after a step, tell: what is equal stands still, what has moved by just the step's
length slides along with the readings, and anything else is not steady. What stands still may be a timer; `TIMERS` says
at which ages of it something can happen. A field that is not known here must be as it is in a fresh memory: whatever
is added to the memory stops the leaps until somebody has thought about it.

The other load of the last seconds (`base`) need not be equal: the loop reckons with the largest of it, of each phase and,
where phases must not lie too far apart, of each difference. So what counts is when a largest one drops out.

A forecast of turns (`turn`) and what a session has charged (`charged_kwh`) count for texts, and for departures that
are known: with one of those in the memory it is never steady. Nothing of this decides anything in a running site.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from functools import cache
from math import inf
from operator import attrgetter
from typing import Any

from kwartier.control import turns
from kwartier.control.allocation.shapes import PAIRS
from kwartier.control.chargers import points, raising, starting
from kwartier.control.chargers.obedience import FORGET_S
from kwartier.control.memory import CircuitMemory, Memory, PointMemory, Sample, newest
from kwartier.control.steady_fuses import STEP_S, carried_all, cooled_s
from kwartier.safety.ladder import ERROR_AFTER_S, GOOD_FOR_S, Ladder, lost_after_s, stale_after_s
from kwartier.site.phases import ZERO, PhaseVector, add
from kwartier.site.topology import Site

BEFORE_S, AFTER_S = 1.0, 2.0
"""No leap ends or begins so shortly before or after the moment of a timer."""
LATE_S = 3.0
"""The same after a moment that is reckoned by the time of readings, which are up to two seconds old."""
SLIDES_S = 1e-6
SAME, TIME, SAMPLES, TOLD, BASE, WINDOW, FREE = "same", "time", "samples", "told", "base", "window", "free"

LADDER = {
    "status": SAME,
    "heard_s": TIME,
    "seen_at_s": TIME,
    "current_a": SAME,
    "meter_time_s": TIME,
    "good_since_s": TIME,
}
CIRCUIT = {"quiet_a": SAME, "room_a": SAME, "base": BASE, "swings": BASE}
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
    "window_s": WINDOW,
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
TOLD_AGES_S = (points.FOLLOW_S, points.OBEY_S)
"""Ages at which what was granted before a decrease ceases to count."""
TIMERS: dict[str, tuple[float, ...]] = {
    "raised_s": (raising.RAISE_EVERY_S, points.SETTLE_S),
    "started_s": (points.SETTLE_S, turns.MIN_ON_S),
    "stopped_s": (raising.REST_S,),
    "back_s": (points.OBEY_S,),
    "heard_s": (5.0, points.SILENT_AFTER_S),
    "waiting_s": (turns.PATIENCE_S, points.CRAMPED_TURN_S, points.IDLE_TURN_S),
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

Span = tuple[float, float]
"""From when until when steps must be taken."""


class NotSteady(Exception):
    """Something else than time has changed."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far the same readings lead to the same decision."""

    until_s: float
    """The earliest moment at which a timer could change it; the time of the last step when it is not steady."""
    again_s: float
    """Before this moment another look finds no more than this one, as far as can be told."""


def outlook(site: Site, before: Memory, after: Memory, least_s: float = 0.0) -> Outlook:
    """What lies ahead. `before` and `after`: memories around a step; `least_s`: what is nearer than this is in the
    way of a leap."""
    now_s, length_s = _times(before, after)
    try:
        _check(site, before, after, length_s)
    except NotSteady:
        return Outlook(now_s, now_s)
    until_s, again_s = inf, now_s
    for start_s, end_s in _spans(site, after, now_s, before):
        if end_s > now_s:
            until_s = min(until_s, start_s)
            if start_s < now_s + least_s:
                again_s = max(again_s, end_s)
    if until_s > now_s + least_s:
        until_s = min(until_s, cooled_s(site, after))
    return Outlook(max(now_s, until_s), again_s)


def steady_until_s(site: Site, before: Memory, after: Memory) -> float:
    """The earliest moment at which a timer could change the decision, with the same readings; the time of `after`
    when it is not steady. `before` and `after`: memories around a step."""
    return outlook(site, before, after).until_s


def forward(site: Site, before: Memory, after: Memory, by_s: float) -> Memory:
    """The memory after the same readings have come for `by_s` more seconds; `steady_until_s` must allow it."""
    now_s, length_s = _times(before, after)
    end_s = now_s + by_s
    meters = {}
    for m in site.meters:
        ladder = after.meters[m.id]
        meters[m.id] = replace(ladder, **_slid(before.meters[m.id], ladder, _LADDER, length_s, by_s))
    circuits = {}
    for c in site.circuits:
        old, new = before.circuits[c.id], after.circuits[c.id]
        if c.meter is not None and new.base and new.base[-1][0] != old.base[-1][0]:
            keep_s = end_s - lost_after_s(site.meter[c.meter])
            base, swings = (_gone_on(series, by_s, keep_s) for series in (new.base, new.swings))
            new = replace(new, base=base or (), swings=swings)
        circuits[c.id] = new
    moved = {}
    for p in site.charge_points:
        known = before.points[p.id]
        moved[p.id] = point = after.points[p.id].copy()
        for name, value in _slid(known, point, _POINT, length_s, by_s).items():
            setattr(point, name, value)
        if known.heard_s != after.points[p.id].heard_s:
            point.window_s += (end_s - point.window_s) // points.WINDOW_S * points.WINDOW_S
    fuses = carried_all(site, after, by_s)
    return replace(after, meters=meters, circuits=circuits, points=moved, fuses=fuses, step_s=end_s)


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
    """Raise NotSteady unless everything stands still or slides. Only between steps of a second can be told how the
    readings go on."""
    if abs(length_s - STEP_S) > SLIDES_S or site.backed_up:
        raise NotSteady
    _as_fresh(Memory, after, tuple(_WHOLE))
    for p in site.charge_points:
        _compare(before.points[p.id], after.points[p.id], _POINT, length_s)
    for c in site.circuits:
        _compare(before.circuits[c.id], after.circuits[c.id], _CIRCUIT, length_s)
    for m in site.meters:
        _compare(before.meters[m.id], after.meters[m.id], _LADDER, length_s)
    if before.sums != after.sums or before.exports != after.exports:
        raise NotSteady
    if any(e.turning_s is not None for e in after.exports.values()):
        raise NotSteady


class _Parts:
    """The fields of a table by what must become of them: got in one call, for they are many and asked for often."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.known = tuple(table)
        self.still = attrgetter(*(name for name, kind in table.items() if kind in {SAME, TOLD}))
        self.times = tuple(name for name, kind in table.items() if kind == TIME)
        self.when = attrgetter(*self.times) if len(self.times) > 1 else lambda _: ()
        self.others = tuple((name, kind) for name, kind in table.items() if kind in {WINDOW, SAMPLES, BASE})


_LADDER, _CIRCUIT, _POINT = _Parts(LADDER), _Parts(CIRCUIT), _Parts(POINT)


def _compare(old: Any, new: Any, parts: _Parts, length_s: float) -> None:
    if parts.still(old) != parts.still(new):
        raise NotSteady
    for was_s, now_s in zip(parts.when(old), parts.when(new), strict=True):
        if was_s is not now_s:
            _moved(was_s, now_s, length_s)
    for name, kind in parts.others:
        was, now = getattr(old, name), getattr(new, name)
        if was is now:
            continue
        if kind == WINDOW:
            if was != now and now - was != points.WINDOW_S:
                raise NotSteady
        elif kind == SAMPLES:
            _same_samples(was, now, length_s)
        else:
            _same_base(was, now, length_s)
    _as_fresh(type(new), new, parts.known)


def _same_samples(was: tuple[Sample, ...] | None, now: tuple[Sample, ...] | None, length_s: float) -> None:
    """All values alike, and all times slide or none does."""
    if was is None or now is None:
        raise NotSteady
    if len(was) != len(now) or any(a[1] != b[1] for a, b in zip(was, now, strict=True)):
        raise NotSteady
    for a, b in zip(was, now, strict=True):
        if _moved(a[0], b[0], length_s) != _moved(was[-1][0], now[-1][0], length_s):
            raise NotSteady


def _same_base(was: tuple[Sample, ...] | None, now: tuple[Sample, ...] | None, length_s: float) -> None:
    """The newest value alike, of a meter that speaks on; of one that does not, all of it."""
    if was == now:
        return
    if not was or not now or was[-1][1] != now[-1][1] or not _moved(was[-1][0], now[-1][0], length_s):
        raise NotSteady


def _as_fresh(kind: type, value: object, known: tuple[str, ...]) -> None:
    for name, default in _others(kind, known):
        if getattr(value, name) != default():
            raise NotSteady


@cache
def _others(kind: type, known: tuple[str, ...]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """Fields beside those that are known, with what they are in a fresh memory."""
    return tuple((f.name, _default(f)) for f in fields(kind) if f.name not in known)


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


def _spans(site: Site, after: Memory, now_s: float, before: Memory) -> Iterable[Span]:
    """When timers may go off, each with the time around it in which no leap may be."""
    for m in site.meters:
        old, ladder = before.meters[m.id], after.meters[m.id]
        if ladder.heard_s == old.heard_s:
            ages = (stale_after_s(m), lost_after_s(m), max(ERROR_AFTER_S, lost_after_s(m)))
            yield from _around(ladder.heard_s, ages)
        elif ladder.status == "recovering":
            yield from _around(ladder.good_since_s, (GOOD_FOR_S,), LATE_S)
    uneven = any(c.imbalance_a is not None for c in site.circuits)
    for c in site.circuits:
        if c.meter is not None:
            hold_s = lost_after_s(site.meter[c.meter])
            yield from _of_base(before.circuits[c.id], after.circuits[c.id], hold_s, uneven)
    for kept in after.sums.values():
        for until_s in kept.paused.values():
            yield from _around(until_s, (0.0,))
    for p in site.charge_points:
        yield from _of_point(before.points[p.id], after.points[p.id], now_s)


def _of_base(old: CircuitMemory, new: CircuitMemory, hold_s: float, uneven: bool) -> Iterable[Span]:
    """When the largest other load of the last seconds drops out, by phase, and by difference of two where those count."""
    if not new.base:
        return
    if old.base == new.base:
        if len(new.base) > 1:
            yield from _around(new.base[0][0], (hold_s,))
        return
    swings = dict(new.swings or ())
    rows: list[tuple[float, tuple[float, ...]]] = list(new.base)
    if uneven:
        rows = [(at_s, _differences(value, swings.get(at_s, ZERO))) for at_s, value in new.base]
    last = rows[-1][1]
    for k, most in enumerate(map(max, zip(*(row for _, row in rows), strict=True))):
        if most > last[k]:
            yield from _around(max(at_s for at_s, row in rows if row[k] == most), (hold_s,))


def _differences(value: PhaseVector, swing: PhaseVector) -> tuple[float, ...]:
    """Each phase of a moment's other load, and by how much one may be above another."""
    most = add(value, swing)
    return (*value, *(value[p - 1] - most[q - 1] for p, q in PAIRS))


def _of_point(old: PointMemory, point: PointMemory, now_s: float) -> Iterable[Span]:
    heard = point.heard_s != old.heard_s
    for name, ages in TIMERS.items():
        stamp = getattr(point, name)
        if stamp is not None and stamp == getattr(old, name):
            yield from _around(stamp, ages)
    if point.started_s is not None and point.served_s:
        yield from _around(point.started_s, (turns.MIN_ON_S - point.served_s,))
    start = point.start
    for stamp in (start.since_s, start.full_s):
        if stamp is not None:
            yield from _around(stamp, STARTS.get(start.stage, ()))
    if point.obedience.stage not in QUIET_STAGES:
        yield now_s, now_s + STEP_S
    elif point.obedience.offences or point.obedience.disables:
        yield from _around(point.obedience.since_s, (FORGET_S,))
    for until_s, current_a in point.told:
        if current_a > point.granted_a:
            yield from _around(until_s, TOLD_AGES_S)
    drawn_a = max(newest(point.samples))
    if heard and not point.drawn_a == point.drawn_before_a == drawn_a:
        yield from _around(point.window_s, (points.WINDOW_S,))


def _around(stamp_s: float, ages_s: Iterable[float], after_s: float = AFTER_S) -> Iterable[Span]:
    for age_s in ages_s:
        yield stamp_s + age_s - BEFORE_S, stamp_s + age_s + after_s


def _slid(old: Any, new: Any, parts: _Parts, length_s: float, by_s: float) -> dict[str, Any]:
    """What slides of `new`, moved on."""
    changes: dict[str, Any] = {}
    for name, was, now in zip(parts.times, parts.when(old), parts.when(new), strict=True):
        if was is not now and _moved(was, now, length_s):
            changes[name] = now + by_s
    for name, kind in parts.others:
        was, now = getattr(old, name), getattr(new, name)
        if kind == SAMPLES and was is not now and now and _moved(was[-1][0], now[-1][0], length_s):
            changes[name] = tuple((when + by_s, value) for when, value in now)
    return changes


def _gone_on(series: tuple[Sample, ...] | None, by_s: float, keep_s: float) -> tuple[Sample, ...] | None:
    """What was kept each second, after so many seconds more of the newest value; but for the newest none of `keep_s` or
    before."""
    if series is None:
        return None
    heard_s, value = series[-1]
    all_of_it = (*series, *((heard_s + k * STEP_S, value) for k in range(1, round(by_s / STEP_S) + 1)))
    return tuple(sample for sample in all_of_it[:-1] if sample[0] > keep_s) + all_of_it[-1:]
