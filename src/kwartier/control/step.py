"""One step of the fast loop: readings in, set-points with reasons out; a pure function.

    fold readings -> meter ladder -> own loads -> room per circuit -> allocation -> follow it safely

Decreases are taken at once. A raise is handed out only from what is free with every charge point booked
at the largest of what it is granted, what it may still be drawing by its own word, and what it is
measured to draw (DESIGN section 5, rules 3 and 4); it goes up in steps, and not at all while a meter on
its path is late.
"""

from dataclasses import dataclass
from functools import lru_cache

from kwartier.control import explain
from kwartier.control.allocation import Allocation, AllocCharger, AllocCircuit, Tree, allocate
from kwartier.control.decision import CircuitView, Decision
from kwartier.control.estimate import estimate, totals
from kwartier.control.memory import Memory, PointMemory, newest
from kwartier.control.points import Demand, demand, fold, phases_of
from kwartier.control.room import Room, rooms
from kwartier.safety.envelope import ceilings
from kwartier.safety.ladder import climb
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, on_phases, sub
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Message, Picture, Setpoint
from kwartier.site.topology import ChargePoint, Site

VALID_S = 5.0
"""How long a set-point may be written to a device after it was decided."""
QUANTUM_A = 0.5
"""Set-points move in steps of this size, so that a device is not written for every tenth of an ampere."""
RAISE_EVERY_S = 5.0
RAISE_STEP_A = 5.0
REST_S = 60.0
"""A car that was stopped for lack of room starts again after this long at the earliest."""
MIN_ON_S = 900.0
"""A car that got its turn keeps it for this long before one that waits may take its place."""
IDLE_PRIORITY = -1000
"""Subtracted from the priority of a car that takes nothing: it keeps only what nobody else needs."""
EPS_A = 1e-6


@dataclass(slots=True)
class _Work:
    """What one step works on; lives for that step only."""

    site: Site
    now_s: float
    picture: Picture
    points: dict[str, PointMemory]
    demands: dict[str, Demand]
    phases: dict[str, tuple[int, ...]]
    room: Room
    extra_a: dict[str, PhaseVector]
    """Per circuit: booked for silent charge points and for those that ignore their limit."""
    candidates: list[ChargePoint]


def step(site: Site, memory: Memory, picture: Picture) -> Decision:
    """Decide. Arguments are not changed; nothing else is read. Absent readings never raise: they tighten."""
    now_s = picture.now_s
    messages: list[Message] = []
    meters = {}
    for meter in site.meters:
        meters[meter.id], events = climb(memory.meters[meter.id], meter, picture.meters.get(meter.id), now_s)
        messages += [Message(at_s=now_s, level=lv, device_id=meter.id, reason=r) for lv, r in events]
    points = {}
    for point in site.charge_points:
        draft = points[point.id] = memory.points[point.id].copy()
        messages += fold(point, draft, picture.charge_points.get(point.id), now_s)
    memory = Memory(meters=meters, circuits=memory.circuits, points=points, step_s=now_s)
    loads = estimate(site, memory, picture.meters, now_s)
    room = rooms(site, memory, ceilings(site, picture.limits, now_s), loads)
    work = _prepare(site, picture, points, room)
    allocation = _allocate(work)
    setpoints = _follow(work, allocation, memory)
    memory = Memory(meters=meters, circuits=room.circuits, points=work.points, step_s=now_s)
    return Decision(
        memory=memory,
        setpoints=setpoints,
        circuits=_views(work, loads.load_a),
        messages=tuple(messages),
    )


def _prepare(site: Site, picture: Picture, points: dict[str, PointMemory], room: Room) -> _Work:
    demands, phases, candidates = {}, {}, []
    extra = dict.fromkeys(site.circuit, ZERO)
    for point in site.charge_points:
        remembered = points[point.id]
        phases[point.id] = phases_of(point, remembered, picture.now_s)
        if remembered.unheard:
            booked = on_phases(remembered.reserved_a, point.conductors)
            extra[point.circuit] = add(extra[point.circuit], booked)
            continue
        demands[point.id] = demand(
            point, remembered, picture.charge_points.get(point.id), picture.wishes.get(point.id)
        )
        if demands[point.id].max_a > 0:
            candidates.append(point)
        if remembered.disobeys:
            extra[point.circuit] = add(extra[point.circuit], newest(remembered.samples))
    return _Work(site, picture.now_s, picture, points, demands, phases, room, extra, candidates)


def _allocate(work: _Work) -> Allocation:
    """The fair share of everybody who asks, with nothing in transit."""
    chargers = []
    for point in work.candidates:
        remembered = work.points[point.id]
        chargers.append(
            AllocCharger(
                id=point.id,
                circuit=point.circuit,
                phases=work.phases[point.id],
                min_a=point.min_a,
                max_a=work.demands[point.id].max_a,
                weight=point.weight,
                priority=point.priority + (IDLE_PRIORITY if remembered.idle else 0),
                waiting_s=_claim_s(remembered, work.now_s),
            )
        )
    circuits = [
        AllocCircuit(
            id=c.id,
            parent=c.parent,
            limit_a=work.room.limit_a[c.id],
            base_load_a=add(work.room.base_a[c.id], work.extra_a[c.id]),
        )
        for c in work.site.circuits
    ]
    return allocate(circuits, chargers, tree=_tree(work.site.parents))


@lru_cache(maxsize=8)
def _tree(parents: tuple[tuple[str, str | None], ...]) -> Tree:
    """The tree of a site does not change while it runs."""
    return Tree(parents)


def _claim_s(remembered: PointMemory, now_s: float) -> float:
    """How strong a claim on a place is. Who has just got his turn keeps it; then who waits longest."""
    if remembered.started_s is not None:
        return 1e9 if now_s - remembered.started_s < MIN_ON_S else 0.0
    return now_s - remembered.waiting_s if remembered.waiting_s is not None else 0.0


def _follow(work: _Work, allocation: Allocation, memory: Memory) -> tuple[Setpoint, ...]:
    """Move from what is granted towards the fair share, and say why."""
    targets = dict.fromkeys(work.points, 0.0)
    for grant in allocation.grants:
        targets[grant.id] = _quantised(grant.current_a, work.site.charge_point[grant.id].min_a)
    granted = {i: min(work.points[i].granted_a, targets[i]) for i in work.points}
    for point_id in work.points:
        if work.points[point_id].unheard:
            granted[point_id] = targets[point_id] = _held_for_silent(work, point_id)
        elif work.points[point_id].disobeys:
            least = min(work.points[point_id].granted_a, work.site.charge_point[point_id].min_a)
            granted[point_id] = targets[point_id] = least
    held = _raise(work, memory, granted, targets)
    reasons = explain.reasons(
        site=work.site,
        room=work.room,
        memory=memory,
        demands=work.demands,
        allocation=allocation,
        points=work.points,
        granted=granted,
        targets=targets,
        held=held,
        extra_a=work.extra_a,
        now_s=work.now_s,
    )
    setpoints = []
    for point in work.site.charge_points:
        _remember(work.points[point.id], granted[point.id], reasons[point.id], work.now_s)
        setpoints.append(
            Setpoint(
                charge_point_id=point.id,
                current_a=granted[point.id],
                phases=None,
                valid_until_s=work.now_s + VALID_S,
                decided_at_s=work.now_s,
                reason=reasons[point.id],
            )
        )
    return tuple(setpoints)


def _quantised(current_a: float, min_a: float) -> float:
    if current_a <= 0:
        return 0.0
    return max(min_a, int((current_a + EPS_A) / QUANTUM_A) * QUANTUM_A)


def _held_for_silent(work: _Work, point_id: str) -> float:
    """A silent device keeps what it was told, which is booked for it, unless its circuits are full."""
    granted = work.points[point_id].granted_a
    point = work.site.charge_point[point_id]
    total = totals(work.site, {c: add(work.room.base_a[c], work.extra_a[c]) for c in work.site.circuit})
    for circuit_id in work.site.path[point.circuit]:
        limit = work.room.limit_a[circuit_id]
        if any(total[circuit_id][p - 1] > limit[p - 1] + EPS_A for p in point.conductors):
            return 0.0
    return granted


def _raise(
    work: _Work, memory: Memory, granted: dict[str, float], targets: dict[str, float]
) -> dict[str, str]:
    """Hand out raises from what is truly free; returns for each that was held back what held it."""
    held: dict[str, str] = {}
    wanting = [p for p in work.candidates if targets[p.id] > granted[p.id]]
    if not wanting:
        return held
    slack = _free(work, granted)
    wanting.sort(key=lambda p: (granted[p.id] > 0, -_claim_s(work.points[p.id], work.now_s), granted[p.id]))
    for point in wanting:
        late = _late_meter(work.site, memory, point)
        if late is not None:
            held[point.id] = late
            continue
        wish = _wanted_step(work, point, granted[point.id], targets[point.id])
        if wish <= 0:
            continue
        booked = _booked(work, point, granted[point.id])
        phases = work.phases[point.id]
        rows = [(c, p - 1) for c in work.site.path[point.circuit] for p in phases]
        room = min(slack[c][i] + booked[i] for c, i in rows)
        if room + EPS_A < wish:
            wish = _quantised(max(0.0, room), 0.0)
            if wish <= granted[point.id] or wish < point.min_a:
                held[point.id] = ""
                continue
        granted[point.id] = wish
        more = maximum(ZERO, sub(_booked(work, point, wish), booked))
        for c in work.site.path[point.circuit]:
            for i in range(3):
                slack[c][i] -= more[i]
    return held


def _wanted_step(work: _Work, point: ChargePoint, granted_a: float, target_a: float) -> float:
    """The next value on the way up, 0 when it is not yet time."""
    remembered = work.points[point.id]
    if granted_a <= 0:
        rested = work.now_s - remembered.changed_s >= REST_S or remembered.waiting_s is None
        return min(target_a, point.min_a) if rested else 0.0
    if work.now_s - remembered.raised_s < RAISE_EVERY_S:
        return 0.0
    return min(target_a, granted_a + RAISE_STEP_A)


def _late_meter(site: Site, memory: Memory, point: ChargePoint) -> str | None:
    for circuit_id in site.path[point.circuit]:
        meter = site.circuit[circuit_id].meter
        if meter is not None and memory.meters[meter].status == "stale":
            return meter
    return None


def _booked(work: _Work, point: ChargePoint, granted_a: float) -> PhaseVector:
    """What a charge point must be reckoned with now: granted, still drawn by its word, or measured."""
    remembered = work.points[point.id]
    if remembered.unheard:
        return ZERO  # in extra_a
    by_word = on_phases(max(granted_a, remembered.booked_a), work.phases[point.id])
    return maximum(by_word, newest(remembered.samples))


def _free(work: _Work, granted: dict[str, float]) -> dict[str, list[float]]:
    """Per circuit and phase: limit less own load less everything booked."""
    own = dict(work.room.base_a)
    for point in work.site.charge_points:
        remembered = work.points[point.id]
        if remembered.unheard:
            own[point.circuit] = add(own[point.circuit], on_phases(remembered.reserved_a, point.conductors))
        else:
            own[point.circuit] = add(own[point.circuit], _booked(work, point, granted[point.id]))
    total = totals(work.site, own)
    return {c: [a - b for a, b in zip(work.room.limit_a[c], total[c], strict=True)] for c in total}


def _remember(draft: PointMemory, granted_a: float, why: Reason, now_s: float) -> None:
    """Take what was decided into the draft."""
    if granted_a != draft.granted_a:
        if granted_a > draft.granted_a:
            draft.raised_s = now_s
        draft.booked_a = max(granted_a, draft.booked_a, draft.granted_a)
        draft.granted_a, draft.changed_s = granted_a, now_s
    if granted_a > 0:
        draft.waiting_s = None
        if draft.started_s is None:
            draft.started_s = now_s
    else:
        draft.started_s = None
        asks = draft.plugged and why.code in explain.WAITING
        if not asks:
            draft.waiting_s = None
        elif draft.waiting_s is None:
            draft.waiting_s = now_s
    if why.code != draft.reason.code:
        draft.reason_s = now_s
    draft.reason = why


def _views(work: _Work, load_a: dict[str, PhaseVector | None]) -> tuple[CircuitView, ...]:
    measured, granted = dict(work.room.base_a), dict.fromkeys(work.site.circuit, ZERO)
    for point in work.site.charge_points:
        remembered = work.points[point.id]
        measured[point.circuit] = add(measured[point.circuit], newest(remembered.samples))
        booked = on_phases(
            remembered.reserved_a if remembered.unheard else remembered.granted_a,
            work.phases[point.id],
        )
        granted[point.circuit] = add(granted[point.circuit], booked)
    measured, granted = totals(work.site, measured), totals(work.site, granted)
    views = []
    for c in work.site.circuits:
        limit = work.room.limit_a[c.id]
        base = work.room.total_base_a[c.id]
        metered = load_a[c.id]
        views.append(
            CircuitView(
                circuit_id=c.id,
                limit_a=limit,
                sources=work.room.sources[c.id],
                load_a=measured[c.id] if metered is None else metered,
                metered=metered is not None,
                base_a=base,
                granted_a=granted[c.id],
                slack_a=sub(sub(limit, base), granted[c.id]),
                safe=c.id in work.room.safe_a,
            )
        )
    return tuple(views)
