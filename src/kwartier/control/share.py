"""The share of each who asks: who stands aside, what the others get, and whether another number of phases is better.

It wishes only: what is told of it, and when, is `follow`'s.
"""

from collections.abc import Mapping
from dataclasses import replace

from kwartier.control.allocation import (
    Allocation,
    AllocCharger,
    AllocCircuit,
    CircuitUse,
    Grant,
    allocate,
)
from kwartier.control.chargers import phase_change
from kwartier.control.chargers.probes import floors
from kwartier.control.forecast import Queue, keep_forecast
from kwartier.control.memory import Memory, PointMemory
from kwartier.control.rows.evenness import evenness
from kwartier.control.turns import claim_s, stand_aside, tree_of_site
from kwartier.control.wishes import claims
from kwartier.control.work import Work
from kwartier.site.phases import add, sub
from kwartier.site.topology import Site

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
    tree = tree_of_site(site)
    turns = [c for c in chargers if work.points[c.id].reason.code != "imbalance_no_room"]
    aside = stand_aside(tree, turns, free, work.points, work.now_s, together)
    if aside:
        keep_forecast(Queue(site, turns, aside, free, work.points, work.now_s, together))
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


def try_other_way(work: Work, allocation: Allocation, memory: Memory) -> None:
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
        (share_out(other).grants, other.phases),
        work.now_s,
    )


def _asleep(remembered: PointMemory) -> bool:
    return remembered.idle and remembered.start.stage != "probing"


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
