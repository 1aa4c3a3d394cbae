"""The share of each who asks: who stands aside, what the others get, and whether another number of phases is better.

It wishes only: what is told of it, and when, is `follow`'s.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from kwartier.control.allocation import (
    Allocation,
    AllocCharger,
    AllocCircuit,
    CircuitUse,
    Grant,
    allocate,
)
from kwartier.control.chargers import phase_change
from kwartier.control.chargers.points import demand
from kwartier.control.chargers.probes import floors
from kwartier.control.forecast import Queue, keep_forecast
from kwartier.control.memory import Memory
from kwartier.control.rows import totals as total_rows
from kwartier.control.rows.evenness import evenness
from kwartier.control.turns import claim_s, stand_aside, tree_of_site
from kwartier.control.wishes import claims
from kwartier.control.work import Work
from kwartier.site.modes import mode_of
from kwartier.site.phases import add, sub
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Site

IDLE_PRIORITY = -1000
"""Subtracted from the priority of a car that takes nothing: it keeps only what nobody else needs."""


def share_out(work: Work) -> Allocation:
    """The fair share of everybody who asks, with nothing in transit."""
    if not work.candidates:
        return Allocation((), ())
    room, site = work.room, work.site
    free = {c: sub(sub(room.limit_a[c], room.total_base_a[c]), work.extra_a[c]) for c in site.circuit}
    limits = work.sums.limits_a() if work.sums.rows else {}
    together = {c: limit - sum(room.total_base_a[c]) - sum(work.extra_a[c]) for c, limit in limits.items()}
    least = floors(site, work.candidates, work.points, work.demands, work.phases, free, together)
    chargers = _chargers(work, least)
    if work.even is not None:
        chargers = [work.even.charger(c) for c in chargers]
    tree = tree_of_site(site)
    turns = [c for c in chargers if work.points[c.id].reason.code != "imbalance_no_room"]
    aside = stand_aside(tree, turns, free, work.points, work.now_s, together)
    if aside:
        keep_forecast(Queue(site, turns, aside, free, work.points, work.now_s, together))
    limit_a, base_a, own_extra_a = room.limit_a, room.base_a, work.own_extra_a
    circuits = [
        AllocCircuit(i, parent, limit_a[i], add(base_a[i], own_extra_a[i]), limits.get(i))
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


def _chargers(work: Work, least_a: Mapping[str, float]) -> list[AllocCharger]:
    """Those who ask, as the allocator wants them. `least_a`: minimums other than those of the charge points."""
    site, points, phases, demands, now_s = work.site, work.points, work.phases, work.demands, work.now_s
    out = []
    for point in work.candidates:
        point_id = point.id
        remembered = points[point_id]
        if remembered.user is None and not remembered.urgent:
            priority, weight = point.priority, point.weight
        else:
            priority, weight = claims.rank(site, point, remembered)
        if remembered.idle and remembered.start.stage != "probing":
            priority += IDLE_PRIORITY
        out.append(
            AllocCharger(
                point_id,
                point.circuit,
                phases[point_id],
                least_a.get(point_id, point.min_a),
                demands[point_id].max_a,
                weight,
                priority,
                claim_s(remembered, now_s),
            )
        )
    return out


def try_other_way(work: Work, allocation: Allocation, memory: Memory, picture: Picture) -> None:
    """Share out once more with one charge point on one phase instead of three, or the reverse, and note which
    is better (`switching`). Those whom a quarter-hour keeps out on three phases are asked too."""
    kept_out = _kept_out(work, picture)
    point = phase_change.next_to_try(
        work.points, [*work.candidates, *kept_out], allocation, work.now_s, kept_out
    )
    if point is None:
        return
    turned, phases = phase_change.other_way(point, work.points[point.id])
    other = replace(
        work,
        points={i: remembered.copy() for i, remembered in work.points.items()},  # a trial leaves no notes
        phases=work.phases | {point.id: phases},
        candidates=[turned if p is point else p for p in work.candidates],
    )
    if point in kept_out and not _let_in(other, point, memory, picture):
        phase_change.dismiss(work.points[point.id], work.now_s)
        return
    if work.even is not None:
        other.even = evenness(work.site, memory, work.room, other.points, other.phases, work.now_s)
    phase_change.compare(
        point,
        work.points[point.id],
        (allocation.grants, work.phases),
        (share_out(other).grants, other.phases),
        work.now_s,
    )


def _kept_out(work: Work, picture: Picture) -> list[ChargePoint]:
    """Who may not begin for a quarter-hour's sake, could change his phases, and has nothing else to wait for."""
    out = []
    for point_id, why in work.sums.waits.items():
        point, remembered = work.site.charge_point[point_id], work.points[point_id]
        if why.code not in total_rows.QUARTER_CODES or not phase_change.can_change(point):
            continue
        mode = mode_of(point, claims.user(work.site, remembered), picture.wishes.get(point_id))
        if mode == "fast" and point_id not in work.stops:
            out.append(point)
    return out


def _let_in(other: Work, point: ChargePoint, memory: Memory, picture: Picture) -> bool:
    """Add one whom his quarter-hour keeps out to those who ask in a trial, on the phases that he has in it; False where
    it keeps him out on them too."""
    asked = demand(point, other.points[point.id], picture.wishes.get(point.id))
    other.demands = {**other.demands, point.id: asked}
    other.candidates = [*other.candidates, point]
    asking = {p.id: p for p in other.candidates}
    other.sums = total_rows.sums(
        other.site,
        memory,
        picture,
        other.room,
        other.extra_a,
        other.phases,
        asking,
        other.now_s,
        other.cells,
    )
    return asked.max_a > 0 and point.id not in other.sums.waits


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
    uses = [slack[c] for c in site.path[charger.circuit]]
    room_a, circuit_id, phase = inf, charger.circuit, charger.phases[0]
    for use in uses:
        for p in charger.phases:
            if use.slack_a[p - 1] < room_a:
                room_a, circuit_id, phase = use.slack_a[p - 1], use.id, p
    for use in uses:
        together_a = use.slack_total_a
        if together_a is not None and together_a / len(charger.phases) < room_a:
            room_a, circuit_id, phase = together_a / len(charger.phases), use.id, 0
    return circuit_id, phase
