"""One step of the fast loop: readings in, set-points with reasons out; a pure function.

    fold readings -> meter ladder -> own loads -> room per circuit -> allocation -> follow it safely

Decreases are taken at once; raises as `raising` says. Where not everybody's minimum fits, `turns` says who
stands aside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kwartier.control import backup, claims, explain, phase_change, restraint, total_rows
from kwartier.control import guards as fuses
from kwartier.control.allocation import (
    Allocation,
    AllocCharger,
    AllocCircuit,
    CircuitUse,
    Grant,
    Tree,
    allocate,
)
from kwartier.control.decision import Decision
from kwartier.control.discipline import discipline
from kwartier.control.estimate import Loads, estimate, totals
from kwartier.control.evenness import Evenness, evenness
from kwartier.control.forecast import keep_forecast
from kwartier.control.guards import Guards, guards
from kwartier.control.memory import Memory, PointMemory, newest
from kwartier.control.obedience import OBEDIENT
from kwartier.control.points import OBEY_S, Demand, demand, excess, fold, phases_of
from kwartier.control.probes import floors, offer_spare
from kwartier.control.raising import Held, Raising, quantised
from kwartier.control.room import Room, rooms
from kwartier.control.total_rows import Sums, sums
from kwartier.control.turns import EPS_A, begin_turn, claim_s, end_turn, stand_aside
from kwartier.control.views import views
from kwartier.safety import sense
from kwartier.safety.envelope import ceilings
from kwartier.safety.ladder import Ladder, climb
from kwartier.site.once import once_per_site
from kwartier.site.phases import ZERO, PhaseVector, add, on_phases, sub
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Message, Picture, Setpoint
from kwartier.site.topology import ChargePoint, Site

VALID_S = 5.0
"""How long a set-point may be written to a device after it was decided."""
IDLE_PRIORITY = -1000
"""Subtracted from the priority of a car that takes nothing: it keeps only what nobody else needs."""


@dataclass(slots=True)
class _Work:
    """What one step works on; lives for that step only."""

    site: Site
    now_s: float
    points: dict[str, PointMemory]
    demands: dict[str, Demand]
    phases: dict[str, tuple[int, ...]]
    room: Room
    extra_a: dict[str, PhaseVector]
    """Per circuit, those below it included: booked for charge points that are not heard, and drawn by others
    beyond what they were told."""
    own_extra_a: dict[str, PhaseVector]
    """The same of the charge points that hang directly on it."""
    candidates: list[ChargePoint]
    stops: Mapping[str, Reason]
    """Charge points that get nothing, whatever else holds (DESIGN 5.2)."""
    urgent: Mapping[str, Reason] = field(default_factory=dict)
    """Charge points that are a level higher for their departure, and why."""
    sums: Sums = total_rows.NONE
    """The limits on phases together."""
    even: Evenness | None = None
    """How far phases lie apart, where a circuit has a limit on that."""


def step(site: Site, memory: Memory, picture: Picture) -> Decision:
    """Decide. Arguments are not changed; nothing else is read. Absent readings never raise: they tighten,
    and so do those that make no sense. A clock that goes back stands still for us."""
    now_s = picture.now_s if memory.step_s is None else max(picture.now_s, memory.step_s)
    messages: list[Message] = []
    meters = _climb(site, memory, picture, now_s, messages)
    points = {}
    remembered, readings, three_wire = memory.points, picture.charge_points, site.three_wire
    for point in site.charge_points:
        draft = points[point.id] = remembered[point.id].copy()
        reading = sense.of_charge_point(readings.get(point.id), point.max_a, three_wire=three_wire)
        if told := fold(point, draft, reading, now_s):
            messages += told
        if draft.plugged:
            claims.recognise(site, draft, reading, picture)
    messages += phase_change.advance(site, points, now_s)
    before, reckoned = memory, meters
    if site.backed_up:
        messages += backup.messages(site, memory.meters, meters, now_s)
        reckoned, picture = backup.stand_in(site, meters, picture)
    memory = Memory(
        meters=reckoned,
        circuits=before.circuits,
        points=points,
        step_s=now_s,
        peaks=before.peaks,
        sums=before.sums,
        fuses=before.fuses,
        exports=before.exports,
    )
    loads = estimate(site, memory, now_s)
    room = rooms(site, memory, ceilings(site, picture.limits, now_s), loads)
    work = _prepare(site, picture, points, room, now_s)
    messages += _discipline(work, picture)
    guarded = _restrain(work, memory, before.step_s, picture, loads)
    foretold, work.urgent = claims.look_ahead(site, work.candidates, points, work.demands, picture, now_s)
    messages += foretold
    work.even = evenness(site, memory, room, points, work.phases, now_s)
    allocation = _allocate(work)
    _try_other_way(work, allocation, memory)
    setpoints = _follow(work, allocation, memory)
    work.sums = total_rows.after(work.sums, site, before.points, points, now_s)
    return Decision(
        memory=Memory(
            meters=meters,
            circuits=room.circuits,
            points=points,
            step_s=now_s,
            peaks=work.sums.peaks,
            sums=work.sums.sums,
            fuses=guarded.fuses,
            exports=guarded.exports,
        ),
        setpoints=setpoints,
        circuits=views(site, room, loads.load_a, points, work.phases, guarded, work.sums),
        messages=(*messages, *guarded.messages),
    )


def _climb(
    site: Site, memory: Memory, picture: Picture, now_s: float, messages: list[Message]
) -> dict[str, Ladder]:
    meters = {}
    for meter in site.meters:
        reading = sense.of_meter(
            picture.meters.get(meter.id), guards=meter.id in site.guarding, three_wire=site.three_wire
        )
        meters[meter.id], events = climb(memory.meters[meter.id], meter, reading, now_s)
        messages += [Message(at_s=now_s, level=lv, device_id=meter.id, reason=r) for lv, r in events]
    return meters


def _prepare(site: Site, picture: Picture, points: dict[str, PointMemory], room: Room, now_s: float) -> _Work:
    demands, phases, candidates = {}, {}, []
    extra = dict.fromkeys(site.circuit, ZERO)
    for point in site.charge_points:
        remembered = points[point.id]
        uses = phases[point.id] = phases_of(point, remembered, now_s)
        if remembered.silent or not remembered.known:
            beyond = on_phases(remembered.reserved_a, point.conductors)
        else:
            demands[point.id] = asked = demand(point, remembered, picture.wishes.get(point.id))
            out = point.id in picture.stops or phase_change.stands_out(remembered)
            if asked.max_a > 0 and not out:
                candidates.append(point)
            beyond = newest(remembered.samples) if remembered.disobeys else excess(remembered, uses, now_s)
        if beyond is not ZERO and beyond != ZERO:
            extra[point.circuit] = add(extra[point.circuit], beyond)
    return _Work(
        site, now_s, points, demands, phases, room, totals(site, extra), extra, candidates, picture.stops
    )


def _discipline(work: _Work, picture: Picture) -> tuple[Message, ...]:
    """Stop those who do not obey, and where it must be those beside them."""
    if not any(draft.disobeys or draft.obedience is not OBEDIENT for draft in work.points.values()):
        return ()
    room = work.room
    booked = {c: add(room.total_base_a[c], work.extra_a[c]) for c in work.site.circuit}
    found = discipline(work.site, work.points, picture.wishes, booked, room.limit_a, work.now_s)
    if found.stops:
        work.stops = {**found.stops, **picture.stops}
        work.candidates = [p for p in work.candidates if p.id not in work.stops]
    return found.messages


def _restrain(work: _Work, memory: Memory, before_s: float | None, picture: Picture, loads: Loads) -> Guards:
    """What fuses, contracts and quarter-hours take from those who ask; sites without them pass by."""
    site, guarded = work.site, fuses.NONE
    if site.fused or site.export_limited:
        guarded = guards(site, memory, before_s, picture, loads, work.now_s)
        if guarded.urgent:
            work.candidates = restraint.by_fuses(site, guarded, work.points, work.demands, work.candidates)
    if site.summed:
        asking = {p.id: p for p in work.candidates}
        work.sums = sums(site, memory, picture, work.room, work.extra_a, work.phases, asking, work.now_s)
        if work.sums.waits:
            work.candidates = restraint.by_quarters(work.sums, work.demands, work.candidates)
    return guarded


def _allocate(work: _Work) -> Allocation:
    """The fair share of everybody who asks, with nothing in transit."""
    if not work.candidates:
        return Allocation((), ())
    room, site = work.room, work.site
    free = {c: sub(sub(room.limit_a[c], room.total_base_a[c]), work.extra_a[c]) for c in site.circuit}
    limits = work.sums.limits_a() if work.sums.rows else {}
    together = {c: limit - sum(room.total_base_a[c]) - sum(work.extra_a[c]) for c, limit in limits.items()}
    least = floors(site, work.candidates, work.points, work.demands, work.phases, free, together)
    chargers = []
    for point in work.candidates:
        remembered = work.points[point.id]
        priority, weight = claims.rank(site, point, remembered)
        chargers.append(
            AllocCharger(
                id=point.id,
                circuit=point.circuit,
                phases=work.phases[point.id],
                min_a=least.get(point.id, point.min_a),
                max_a=work.demands[point.id].max_a,
                weight=weight,
                priority=priority + (IDLE_PRIORITY if _asleep(remembered) else 0),
                waiting_s=claim_s(remembered, work.now_s),
            )
        )
    if work.even is not None:
        chargers = [work.even.charger(c) for c in chargers]
    tree = _tree(site)
    turns = [c for c in chargers if work.points[c.id].reason.code != "imbalance_no_room"]
    aside = stand_aside(tree, turns, free, work.points, work.now_s, together)
    if aside:
        keep_forecast(site, turns, aside, free, work.points, work.now_s, together)
    circuits = [
        AllocCircuit(i, parent, room.limit_a[i], add(room.base_a[i], work.own_extra_a[i]), limits.get(i))
        for i, parent in site.parents
    ]
    if work.even is not None:
        circuits = [work.even.circuit(c) for c in circuits]
    if not aside:
        probing = any(work.points[p.id].start.stage == "probing" for p in work.candidates)
        return allocate(circuits, chargers, tree=tree, uses=probing)  # only `offer_spare` asks what is left
    shared = allocate(circuits, [c for c in chargers if c.id not in aside], tree=tree)
    slack = {use.id: use for use in shared.circuits}
    known: dict[tuple[str, tuple[int, ...]], tuple[str, int]] = {}
    nothing = tuple([_nothing(site, c, slack, known) for c in chargers if c.id in aside])
    return Allocation((*shared.grants, *nothing), shared.circuits, shared.exact)


def _asleep(remembered: PointMemory) -> bool:
    return remembered.idle and remembered.start.stage != "probing"


def _try_other_way(work: _Work, allocation: Allocation, memory: Memory) -> None:
    """Share out once more with one charge point on one phase instead of three, or the reverse, and note which
    is better (`switching`)."""
    point = phase_change.next_to_try(work.points, work.candidates, allocation, work.now_s)
    if point is None:
        return
    turned, phases = phase_change.other_way(point, work.points[point.id])
    other = replace(
        work,
        points={i: remembered.copy() for i, remembered in work.points.items()},  # a trial leaves no notes
        phases=work.phases | {point.id: phases},
        candidates=[turned if p is point else p for p in work.candidates],
    )
    if work.even is not None:
        other.even = evenness(work.site, memory, work.room, other.points, other.phases, work.now_s)
    phase_change.compare(
        point,
        work.points[point.id],
        (allocation.grants, work.phases),
        (_allocate(other).grants, other.phases),
        work.now_s,
    )


def _nothing(
    site: Site,
    charger: AllocCharger,
    slack: Mapping[str, CircuitUse],
    known: dict[tuple[str, tuple[int, ...]], tuple[str, int]],
) -> Grant:
    """The answer to one who stands aside. `known`: what was found before for others in the same place."""
    place = (charger.circuit, charger.phases)
    found = known.get(place)
    if found is None:
        found = known[place] = _shortest(site, charger, slack)
    circuit_id, phase = found
    return Grant(charger.id, 0.0, circuit_id, phase or None, "no_room", False, not phase)


def _shortest(site: Site, charger: AllocCharger, slack: Mapping[str, CircuitUse]) -> tuple[str, int]:
    """The circuit and phase on his path that is shortest of room, or the phases together (0) where those are
    shorter."""
    path = site.path[charger.circuit]
    rows = ((slack[c].slack_a[p - 1], c, p) for c in path for p in charger.phases)
    room_a, circuit_id, phase = min(rows, key=lambda row: row[0])
    for c in path:
        together_a = slack[c].slack_total_a
        if together_a is not None and together_a / len(charger.phases) < room_a:
            room_a, circuit_id, phase = together_a / len(charger.phases), c, 0
    return circuit_id, phase


@once_per_site
def _tree(site: Site) -> Tree:
    """The tree of a site does not change while it runs."""
    return Tree(site.parents)


def _follow(work: _Work, allocation: Allocation, memory: Memory) -> tuple[Setpoint, ...]:
    """Move from what is granted towards the fair share, and say why."""
    targets = dict.fromkeys(work.points, 0.0)
    for grant in allocation.grants:
        targets[grant.id] = quantised(grant.current_a, work.site.charge_point[grant.id].min_a)
    if work.candidates:
        offer_spare(work.site, work.candidates, work.points, work.demands, work.phases, allocation, targets)
    if work.even is not None:
        work.even.trim(targets, [grant.id for grant in allocation.grants])
    granted = {
        i: target if (target := targets[i]) < remembered.granted_a else remembered.granted_a
        for i, remembered in work.points.items()
    }
    _tell_those_beyond(work, granted, targets)
    held: Mapping[str, Held] = {}
    if any(targets[p.id] > granted[p.id] for p in work.candidates):
        limits = work.sums.limits_a() if work.sums.rows else {}
        raising = Raising(
            work.site, memory, work.points, work.phases, work.room, work.now_s, limits, work.even
        )
        held = raising.hand_out(work.candidates, granted, targets)
    reasons = _reasons(work, allocation, granted, targets, held)
    for point_id, why in work.urgent.items():
        if granted[point_id] > 0 and reasons[point_id].code in claims.EXPLAINED_BY_DEPARTURE:
            reasons[point_id] = why
    for point_id, remembered in work.points.items():
        if remembered.switch is not None and (still := phase_change.why_still(remembered)) is not None:
            granted[point_id], reasons[point_id] = 0.0, still
    for point_id in work.points.keys() & work.stops.keys():
        granted[point_id], reasons[point_id] = 0.0, work.stops[point_id]
    setpoints = []
    now_s, valid_until_s = work.now_s, work.now_s + VALID_S
    for point_id, remembered in work.points.items():
        granted_a, why = granted[point_id], reasons[point_id]
        _remember(remembered, granted_a, why, now_s)
        setpoints.append(
            Setpoint(
                charge_point_id=point_id,
                current_a=granted_a,
                phases=None if remembered.switch is None else phase_change.told_phases(remembered),
                valid_until_s=valid_until_s,
                decided_at_s=now_s,
                reason=why,
            )
        )
    return tuple(setpoints)


def _tell_those_beyond(work: _Work, granted: dict[str, float], targets: dict[str, float]) -> None:
    """A silent device keeps what it was told, which is booked for it, and one that draws more than it was
    told the least; both nothing where a circuit on their path is too full even so."""
    beyond = [p for p in work.site.charge_points if _out_of_hand(work.points[p.id])]
    if not beyond:
        return
    limits, base = work.room.limit_a, work.room.total_base_a
    sums = work.sums.limits_a() if work.sums.rows else {}
    full = {
        (c, p)
        for c in work.site.circuit
        for p in (1, 2, 3)
        if base[c][p - 1] + work.extra_a[c][p - 1] > limits[c][p - 1] + EPS_A
        or (c in sums and sum(base[c]) + sum(work.extra_a[c]) > sums[c] + EPS_A)
    }
    for point in beyond:
        remembered = work.points[point.id]
        if remembered.unheard:
            most = remembered.granted_a
        elif remembered.disobeys and work.demands[point.id].why.code == "charger_disobeys":
            most = min(remembered.granted_a, point.min_a)
        else:
            continue
        if full and any((c, p) in full for c in work.site.path[point.circuit] for p in point.conductors):
            most = 0.0
        granted[point.id] = targets[point.id] = most


def _out_of_hand(remembered: PointMemory) -> bool:
    return remembered.disobeys or remembered.silent or not remembered.known


def _reasons(
    work: _Work,
    allocation: Allocation,
    granted: Mapping[str, float],
    targets: Mapping[str, float],
    held: Mapping[str, Held],
) -> dict[str, Reason]:
    return explain.reasons(
        site=work.site,
        room=work.room,
        demands=work.demands,
        allocation=allocation,
        points=work.points,
        granted=granted,
        targets=targets,
        held=held,
        extra_a=work.extra_a,
        now_s=work.now_s,
        sums=work.sums,
    )


def _remember(draft: PointMemory, granted_a: float, why: Reason, now_s: float) -> None:
    """Take what was decided into the draft."""
    waits = draft.plugged and why.code in explain.WAITING
    if granted_a != draft.granted_a:
        if granted_a > draft.granted_a:
            draft.raised_s = now_s
        elif granted_a <= 0 and waits and why.code != phase_change.CODE:
            draft.stopped_s = now_s
        lately = (t for t in draft.told if t[0] > now_s - OBEY_S)
        draft.told = (*lately, (now_s, draft.granted_a))
        draft.booked_a = max(granted_a, draft.booked_a, draft.granted_a)
        draft.granted_a, draft.changed_s = granted_a, now_s
    if granted_a > 0:
        begin_turn(draft, now_s)
    else:
        end_turn(draft, waits, now_s)
    if why.code != draft.reason.code:
        draft.reason_s = now_s
    draft.reason = why
