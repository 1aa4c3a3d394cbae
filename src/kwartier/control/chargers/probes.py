"""What the starts of cars (`starting`) mean for the allocation: higher minimums, and what nobody takes."""

from collections.abc import Mapping, Sequence
from math import inf

from kwartier.control.allocation import Allocation
from kwartier.control.chargers.points import Demand
from kwartier.control.chargers.raising import quantised
from kwartier.control.chargers.starting import MOST_PROBES, Start, entitled, needs_a, owed
from kwartier.control.memory import PointMemory
from kwartier.control.turns import EPS_A
from kwartier.control.wishes import claims
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import ChargePoint, Site


def floors(
    site: Site,
    candidates: Sequence[ChargePoint],
    points: Mapping[str, PointMemory],
    demands: Mapping[str, Demand],
    phases: Mapping[str, tuple[int, ...]],
    free_a: Mapping[str, PhaseVector],
    together_a: Mapping[str, float],
) -> dict[str, float]:
    """Whose minimum is higher than that of his charge point in this step, and what it is.

    A car known not to begin below it is admitted with it. One that is being offered it gets it only where all who
    charge beside it keep their own minimums. For one for which nothing was left over see `_owed_a`.
    """
    out: dict[str, float] = {}
    for point in candidates:
        start = points[point.id].start
        if start.cramped and owed(start, point):
            floor_a = _owed_a(site, point, start, candidates, points, phases, free_a, together_a)
            if point.min_a < floor_a <= demands[point.id].max_a:
                out[point.id] = floor_a
            continue
        if not entitled(start, point):
            continue
        need_a = needs_a(start, point)
        if need_a <= point.min_a or need_a > demands[point.id].max_a:
            continue
        waits = start.stage == "off" and start.learned_a is not None and start.probes < MOST_PROBES
        if not waits and start.stage != "probing":
            continue
        if waits:
            # What it needed once it may not need again: where so much never fits, it is tried with what there is.
            need_a = min(need_a, _room_a(site, point, (), phases, free_a, together_a))
            if need_a > point.min_a:
                out[point.id] = need_a
            continue
        others = [(p, p.min_a) for p in _charging(point, candidates, points)]
        if _room_a(site, point, others, phases, free_a, together_a) >= need_a - EPS_A:
            out[point.id] = need_a
    return out


def _owed_a(
    site: Site,
    point: ChargePoint,
    start: Start,
    candidates: Sequence[ChargePoint],
    points: Mapping[str, PointMemory],
    phases: Mapping[str, tuple[int, ...]],
    free_a: Mapping[str, PhaseVector],
    together_a: Mapping[str, float],
) -> float:
    """As much of what one may need to begin as there is beside what those of higher priority take and the minimums of all
    others who charge; from the second try on beside those of higher priority only, A."""
    if start.stage != "probing" and not (start.stage == "off" and start.probes):
        return 0.0
    mine = claims.rank(site, point, points[point.id])[0]
    beside = []
    for p in _charging(point, candidates, points):
        if claims.rank(site, p, points[p.id])[0] > mine:
            beside.append((p, max(p.min_a, points[p.id].granted_a)))
        elif not start.probes:
            beside.append((p, p.min_a))
    return min(needs_a(start, point), _room_a(site, point, beside, phases, free_a, together_a))


def _room_a(
    site: Site,
    point: ChargePoint,
    beside: Sequence[tuple[ChargePoint, float]],
    phases: Mapping[str, tuple[int, ...]],
    free_a: Mapping[str, PhaseVector],
    together_a: Mapping[str, float],
) -> float:
    """What is left for one on each of his phases beside others who each take so much, in whole steps: to the last digit it
    might just not fit, A."""
    room_a = inf
    for circuit_id in site.path[point.circuit]:
        here = [(phases[p.id], a) for p, a in beside if circuit_id in site.path[p.circuit]]
        for phase in phases[point.id]:
            taken_a = sum((a for theirs, a in here if phase in theirs), 0.0)
            room_a = min(room_a, free_a[circuit_id][phase - 1] - taken_a)
        if circuit_id in together_a:
            taken_a = sum((a * len(theirs) for theirs, a in here), 0.0)
            room_a = min(room_a, (together_a[circuit_id] - taken_a) / len(phases[point.id]))
    return quantised(room_a, 0.0) if room_a < inf else room_a


def _charging(
    point: ChargePoint, candidates: Sequence[ChargePoint], points: Mapping[str, PointMemory]
) -> list[ChargePoint]:
    """The others who charge."""
    return [p for p in candidates if p.id != point.id and points[p.id].started_s is not None]


def offer_spare(
    site: Site,
    candidates: Sequence[ChargePoint],
    points: Mapping[str, PointMemory],
    demands: Mapping[str, Demand],
    phases: Mapping[str, tuple[int, ...]],
    allocation: Allocation,
    targets: dict[str, float],
) -> None:
    """Lift in `targets` those who are being offered more without being entitled to it, from what is left over when
    everybody has his share."""
    probing = [p for p in candidates if points[p.id].start.stage == "probing" and targets[p.id] > 0]
    if not probing:
        return
    slack = {use.id: list(use.slack_a) for use in allocation.circuits}
    sums = {use.id: use.slack_total_a for use in allocation.circuits if use.slack_total_a is not None}
    for point in probing:
        start = points[point.id].start
        need_a = needs_a(start, point)
        more_a = need_a - targets[point.id]
        if entitled(start, point) or more_a <= 0 or need_a > demands[point.id].max_a:
            continue
        rows = [(c, p - 1) for c in site.path[point.circuit] for p in phases[point.id]]
        path, wires = site.path[point.circuit], len(phases[point.id])
        if min(slack[c][i] for c, i in rows) < more_a:
            continue
        if any(sums[c] < more_a * wires for c in path if c in sums):
            continue
        targets[point.id] = need_a
        for c, i in rows:
            slack[c][i] -= more_a
        for c in path:
            if c in sums:
                sums[c] -= more_a * wires
