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

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from math import inf

from kwartier.control import outside, steady_cells, turns
from kwartier.control.allocation.shapes import PAIRS
from kwartier.control.battery.memory import BatteryMemory
from kwartier.control.chargers import points, raising, starting
from kwartier.control.chargers.obedience import BARRED_S, FORGET_S
from kwartier.control.memory import CircuitMemory, Memory, PointMemory, Sample, newest
from kwartier.control.steady_fuses import STEP_S, carried_all, cooled_s
from kwartier.control.steady_parts import (
    BASE,
    FREE,
    LATE_S,
    SAME,
    SAMPLES,
    SLIDES_S,
    TIME,
    TOLD,
    WINDOW,
    NotSteady,
    Parts,
    Span,
    around,
    as_fresh,
    compare,
    slid,
)
from kwartier.control.wishes import sun
from kwartier.control.wishes.sun_memory import FlowMemory
from kwartier.safety.ladder import ERROR_AFTER_S, GOOD_FOR_S, Ladder, lost_after_s, stale_after_s
from kwartier.site.phases import ZERO, PhaseVector, add
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

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
    "over_a": SAME,
    "over_s": TIME,
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
    "sun": SAME,
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
    "over_s": (points.OVER_FOR_S,),
    "back_s": (points.OBEY_S,),
    "heard_s": (5.0, points.SILENT_AFTER_S),
    "waiting_s": (turns.PATIENCE_S, points.CRAMPED_TURN_S, points.IDLE_TURN_S),
    "alone_s": (turns.HOLD_S,),
}
STARTS: dict[str, tuple[float, ...]] = {
    "offered": (starting.BEGIN_S,),
    "probing": (starting.REACH_S, starting.PROBE_S),
    "resting": (starting.PAUSE_S,),
    "paused": (starting.AGAIN_S,),
}
"""By the stage of a start: ages of it at which something can happen."""
QUIET_STAGES = frozenset({"obeys", "barred"})
"""Those of disobedience that end by no timer but `FORGET_S` and `BARRED_S`."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far the same readings lead to the same decision."""

    until_s: float
    """The earliest moment at which a timer could change it; the time of the last step when it is not steady."""
    again_s: float
    """Before this moment another look finds no more than this one, as far as can be told."""


def outlook(
    site: Site, before: Memory, after: Memory, least_s: float = 0.0, picture: Picture | None = None
) -> Outlook:
    """What lies ahead. `before` and `after`: memories around a step; `least_s`: what is nearer than this is in the
    way of a leap; `picture`: what that step saw, needed where there are batteries or modes."""
    now_s, length_s = _times(before, after)
    try:
        _check(site, before, after, length_s, picture)
    except NotSteady:
        return Outlook(now_s, now_s)
    until_s, again_s = inf, now_s
    for start_s, end_s in _spans(site, after, now_s, before, picture):
        if end_s > now_s:
            until_s = min(until_s, start_s)
            if start_s < now_s + least_s:
                again_s = max(again_s, end_s)
    if until_s > now_s + least_s:
        until_s = min(until_s, cooled_s(site, after))
    return Outlook(max(now_s, until_s), again_s)


def steady_until_s(site: Site, before: Memory, after: Memory, picture: Picture | None = None) -> float:
    """The earliest moment at which a timer could change the decision, with the same readings; the time of `after`
    when it is not steady. See `outlook`."""
    return outlook(site, before, after, picture=picture).until_s


def forward(site: Site, before: Memory, after: Memory, by_s: float) -> Memory:
    """The memory after the same readings have come for `by_s` more seconds; `steady_until_s` must allow it."""
    now_s, length_s = _times(before, after)
    end_s = now_s + by_s
    meters = {}
    for m in site.meters:
        ladder = after.meters[m.id]
        meters[m.id] = replace(ladder, **slid(before.meters[m.id], ladder, _LADDER, length_s, by_s))
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
        for name, value in slid(known, point, _POINT, length_s, by_s).items():
            setattr(point, name, value)
        if known.heard_s != after.points[p.id].heard_s:
            point.window_s += (end_s - point.window_s) // points.WINDOW_S * points.WINDOW_S
    fuses = carried_all(site, after, by_s)
    return replace(
        after,
        meters=meters,
        circuits=circuits,
        points=moved,
        fuses=fuses,
        batteries=steady_cells.batteries_after(before, after, length_s, by_s),
        flow=steady_cells.flow_after(before.flow, after.flow, now_s, by_s),
        outside=tuple((at_s + by_s, limit) for at_s, limit in after.outside),
        step_s=end_s,
    )


def unknown_fields() -> dict[str, list[str]]:
    """Fields of the memory that nobody has thought about here, by class."""
    return {
        kind.__name__: [f.name for f in fields(kind) if f.name not in table]
        for kind, table in (
            (Ladder, LADDER),
            (CircuitMemory, CIRCUIT),
            (PointMemory, POINT),
            (BatteryMemory, steady_cells.BATTERY),
            (FlowMemory, steady_cells.FLOW),
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
    "batteries": SAME,
    "flow": SAME,
    "outside": SAME,
}
"""Not among them: `peaks`. A quarter-hour with a goal is never steady."""


def _times(before: Memory, after: Memory) -> tuple[float, float]:
    if before.step_s is None or after.step_s is None:
        return after.step_s or 0.0, 0.0
    return after.step_s, after.step_s - before.step_s


def _check(site: Site, before: Memory, after: Memory, length_s: float, picture: Picture | None) -> None:
    """Raise NotSteady unless everything stands still or slides. Only between steps of a second can be told how the
    readings go on."""
    if abs(length_s - STEP_S) > SLIDES_S or site.backed_up:
        raise NotSteady
    as_fresh(Memory, after, tuple(_WHOLE))
    for p in site.charge_points:
        compare(before.points[p.id], after.points[p.id], _POINT, length_s)
    for c in site.circuits:
        compare(before.circuits[c.id], after.circuits[c.id], _CIRCUIT, length_s)
    for m in site.meters:
        compare(before.meters[m.id], after.meters[m.id], _LADDER, length_s)
    if not outside.told_alike(before.outside, after.outside, before.step_s or 0.0, after.step_s or 0.0):
        raise NotSteady
    if before.sums != after.sums or before.exports != after.exports:
        raise NotSteady
    if any(e.turning_s is not None for e in after.exports.values()):
        raise NotSteady
    steady_cells.check(site, before, after, length_s, picture)


_LADDER, _CIRCUIT, _POINT = Parts(LADDER), Parts(CIRCUIT), Parts(POINT)


def _spans(
    site: Site, after: Memory, now_s: float, before: Memory, picture: Picture | None
) -> Iterable[Span]:
    """When timers may go off, each with the time around it in which no leap may be."""
    for m in site.meters:
        old, ladder = before.meters[m.id], after.meters[m.id]
        if ladder.heard_s == old.heard_s:
            ages = (stale_after_s(m), lost_after_s(m), max(ERROR_AFTER_S, lost_after_s(m)))
            yield from around(ladder.heard_s, ages)
        elif ladder.status == "recovering":
            yield from around(ladder.good_since_s, (GOOD_FOR_S,), LATE_S)
    uneven = any(c.imbalance_a is not None for c in site.circuits)
    for c in site.circuits:
        if c.meter is not None:
            hold_s = lost_after_s(site.meter[c.meter])
            yield from _of_base(before.circuits[c.id], after.circuits[c.id], hold_s, uneven)
    for kept in after.sums.values():
        for until_s in kept.paused.values():
            yield from around(until_s, (0.0,))
    for p in site.charge_points:
        yield from _of_point(before.points[p.id], after.points[p.id], now_s)
    yield from steady_cells.spans(before, after, picture)


def _of_base(old: CircuitMemory, new: CircuitMemory, hold_s: float, uneven: bool) -> Iterable[Span]:
    """When the largest other load of the last seconds drops out, by phase, and by difference of two where those count."""
    if not new.base:
        return
    if old.base == new.base:
        if len(new.base) > 1:
            yield from around(new.base[0][0], (hold_s,))
        return
    swings = dict(new.swings or ())
    rows: list[tuple[float, tuple[float, ...]]] = list(new.base)
    if uneven:
        rows = [(at_s, _differences(value, swings.get(at_s, ZERO))) for at_s, value in new.base]
    last = rows[-1][1]
    for k, most in enumerate(map(max, zip(*(row for _, row in rows), strict=True))):
        if most > last[k]:
            yield from around(max(at_s for at_s, row in rows if row[k] == most), (hold_s,))


def _differences(value: PhaseVector, swing: PhaseVector) -> tuple[float, ...]:
    """Each phase of a moment's other load, and by how much one may be above another."""
    most = add(value, swing)
    return (*value, *(value[p - 1] - most[q - 1] for p, q in PAIRS))


def _of_point(old: PointMemory, point: PointMemory, now_s: float) -> Iterable[Span]:
    heard = point.heard_s != old.heard_s
    for name, ages in TIMERS.items():
        stamp = getattr(point, name)
        if stamp is not None and stamp == getattr(old, name):
            yield from around(stamp, ages)
    if point.started_s is not None and point.served_s:
        yield from around(point.started_s, (turns.MIN_ON_S - point.served_s,))
    start = point.start
    for stamp in (start.since_s, start.full_s):
        if stamp is not None:
            yield from around(stamp, STARTS.get(start.stage, ()))
    if point.obedience.stage not in QUIET_STAGES:
        yield now_s, now_s + STEP_S
    elif point.obedience.offences or point.obedience.disables:
        yield from around(point.obedience.since_s, (FORGET_S,))
        if point.obedience.quiet_s is not None:
            yield from around(point.obedience.quiet_s, (BARRED_S,))
    if point.sun is not None and point.sun.since_s is not None:
        yield from around(point.sun.since_s, (sun.STOP_S if point.sun.on else sun.START_S,))
    for until_s, current_a in point.told:
        if current_a > point.granted_a:
            yield from around(until_s, TOLD_AGES_S)
    drawn_a = max(newest(point.samples))
    if heard and not point.drawn_a == point.drawn_before_a == drawn_a:
        yield from around(point.window_s, (points.WINDOW_S,))


def _gone_on(series: tuple[Sample, ...] | None, by_s: float, keep_s: float) -> tuple[Sample, ...] | None:
    """What was kept each second, after so many seconds more of the newest value; but for the newest none of `keep_s` or
    before."""
    if series is None:
        return None
    heard_s, value = series[-1]
    all_of_it = (*series, *((heard_s + k * STEP_S, value) for k in range(1, round(by_s / STEP_S) + 1)))
    return tuple(sample for sample in all_of_it[:-1] if sample[0] > keep_s) + all_of_it[-1:]
