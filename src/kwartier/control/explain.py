"""Saying why each charge point is granted what it is granted."""

from collections.abc import Mapping

from kwartier.control.allocation import Allocation, Grant
from kwartier.control.chargers.points import Demand
from kwartier.control.chargers.raising import REST_S, RESTING, Held
from kwartier.control.chargers.starting import needs_a
from kwartier.control.forecast import in_min
from kwartier.control.memory import PointMemory
from kwartier.control.room import Room
from kwartier.control.rows import totals as total_rows
from kwartier.control.rows.totals import Sums
from kwartier.safety.envelope import static_ceilings
from kwartier.site.phases import PhaseVector
from kwartier.site.reasons import Reason, reason
from kwartier.site.topology import ChargePoint, Circuit, Site

NO_ROOM = frozenset({"circuit_no_room", "safe_no_room", "safe_narrowed_no_room"})
"""After which a car may be told when its turn comes."""
WAITING = (
    frozenset(
        {
            "circuit_no_room",
            "turn_in",
            "safe_no_room",
            "safe_narrowed_no_room",
            "imbalance_no_room",
            "waiting_for_decrease",
            "held_stale",
            "resting",
            "switching_phases",
            "group_cut",
            "group_returning",
        }
    )
    | total_rows.WAITING
)
"""Reasons of a car that asks for current and has none: its waiting counts."""


def reasons(
    *,
    site: Site,
    room: Room,
    demands: Mapping[str, Demand],
    allocation: Allocation,
    points: Mapping[str, PointMemory],
    granted: Mapping[str, float],
    targets: Mapping[str, float],
    held: Mapping[str, Held],
    extra_a: Mapping[str, PhaseVector],
    now_s: float,
    sums: Sums = total_rows.NONE,
) -> dict[str, Reason]:
    """The reason of every charge point."""
    grants = {g.id: g for g in allocation.grants}
    sharers = _sharers(site, allocation)
    words: dict[tuple[str, int, float | None], Reason] = {}

    def bound(point: ChargePoint, grant: Grant) -> Reason:
        """What binds before the same row is the same for all who charge, and for all who do not with one minimum."""
        if grant.phase is None or grant.against is not None:
            return _bound(site, room, point, grant, demands[point.id], sharers, extra_a, sums)
        row = (grant.limited_by, grant.phase, None if grant.current_a > 0 else point.min_a)
        known = words.get(row)
        if known is None:
            known = words[row] = _bound(site, room, point, grant, demands[point.id], sharers, extra_a, sums)
        return known

    out: dict[str, Reason] = {}
    for point in site.charge_points:
        point_id = point.id
        remembered, grant, granted_a = points[point_id], grants.get(point_id), granted[point_id]
        if remembered.silent:
            age_s = round(now_s - remembered.heard_s)
            out[point_id] = reason("charger_silent", age_s=age_s, reserved_a=float(remembered.reserved_a))
        elif not remembered.known:
            out[point_id] = reason("starting")
        elif grant is None:
            out[point_id] = demands[point_id].why
        elif point_id in held:
            out[point_id] = _held(site, held[point_id], remembered, granted_a, targets[point_id], now_s)
        elif 0 < granted_a < targets[point_id]:
            out[point_id] = reason("rising", target_a=float(targets[point_id]))
        else:
            why = bound(point, grant)
            if remembered.start.stage == "probing" and granted_a >= needs_a(remembered.start, point):
                why = reason("probing", offer_a=float(granted_a))
            if granted_a <= 0 and why.code in NO_ROOM:
                minutes = in_min(remembered.turn, now_s)
                if minutes is not None:
                    why = _turn_in(site, point, grant, minutes)
            out[point_id] = why
    return out


def _held(
    site: Site, held: Held, remembered: PointMemory, granted_a: float, target_a: float, now_s: float
) -> Reason:
    """What holds back a raise."""
    if held.meter is not None:
        return reason("held_stale", current_a=float(granted_a), meter=site.meter[held.meter].name)
    if held.by == RESTING:
        rested_s = now_s if remembered.stopped_s is None else remembered.stopped_s + REST_S
        return reason("resting", in_s=round(max(1.0, rested_s - now_s)))
    return reason("waiting_for_decrease", target_a=float(target_a))


def _turn_in(site: Site, point: ChargePoint, grant: Grant, minutes: int) -> Reason:
    """It waits for others; its time comes."""
    circuit = site.circuit[grant.limited_by].name
    return reason(
        "turn_in", in_min=minutes, circuit=circuit, phase=grant.phase or 1, min_a=float(point.min_a)
    )


def _sharers(site: Site, allocation: Allocation) -> dict[str, int]:
    """How many charge points that are given current hang behind each circuit."""
    out = dict.fromkeys(site.circuit, 0)
    charge_point = site.charge_point
    for grant in allocation.grants:
        if grant.current_a > 0:
            out[charge_point[grant.id].circuit] += 1
    for circuit in site.bottom_up:
        if circuit.parent is not None:
            out[circuit.parent] += out[circuit.id]
    return out


def _bound(
    site: Site,
    room: Room,
    point: ChargePoint,
    grant: Grant,
    asked: Demand,
    sharers: Mapping[str, int],
    extra_a: Mapping[str, PhaseVector],
    sums: Sums,
) -> Reason:
    """What binds a grant that has arrived at its fair share."""
    if grant.total and grant.limited_by in sums.rows:
        circuit, row = site.circuit[grant.limited_by], sums.rows[grant.limited_by]
        return total_rows.words(row, circuit, site, grant.current_a, sharers[circuit.id])
    if grant.phase is None or grant.limited_by not in site.circuit:
        return asked.why
    if grant.against is not None:
        return _uneven(site.circuit[grant.limited_by], point, grant)
    circuit, i = site.circuit[grant.limited_by], grant.phase - 1
    if circuit.id in room.safe_a:
        return _lost(site, circuit, room, i, grant.current_a > 0)
    limit = float(room.limit_a[circuit.id][i])
    other = room.total_base_a[circuit.id][i] + extra_a[circuit.id][i]
    if grant.current_a <= 0:
        return reason(
            "circuit_no_room",
            circuit=circuit.name,
            phase=grant.phase,
            min_a=float(point.min_a),
            limit_a=limit,
            other_a=float(other),
        )
    if sharers[circuit.id] == 1:
        return reason(
            "circuit_limit_alone",
            circuit=circuit.name,
            phase=grant.phase,
            limit_a=limit,
            source=room.ceilings[circuit.id].sources[i],
            other_a=float(other),
        )
    return reason(
        "circuit_limit",
        circuit=circuit.name,
        phase=grant.phase,
        limit_a=limit,
        source=room.ceilings[circuit.id].sources[i],
        other_a=float(other),
        sharers=sharers[circuit.id],
    )


def _lost(site: Site, circuit: Circuit, room: Room, i: int, charges: bool) -> Reason:
    """The safe current of a circuit whose meter is lost, or what a limit from outside leaves of it on phase `i` + 1."""
    meter = site.meter[circuit.meter].name if circuit.meter else circuit.name
    safe_a, ceiling = float(room.safe_a[circuit.id][i]), room.ceilings[circuit.id]
    if ceiling.limit_a[i] >= static_ceilings(site)[circuit.id].limit_a[i]:
        code = "safe_current" if charges else "safe_no_room"
        return reason(code, circuit=circuit.name, meter=meter, safe_a=safe_a)
    return reason(
        "safe_narrowed" if charges else "safe_narrowed_no_room",
        circuit=circuit.name,
        meter=meter,
        limit_a=float(ceiling.limit_a[i]),
        source=ceiling.sources[i],
        safe_a=safe_a,
    )


def _uneven(circuit: Circuit, point: ChargePoint, grant: Grant) -> Reason:
    """Phases would lie too far apart."""
    phase, against, limit_a = grant.phase or 1, grant.against or 1, float(circuit.imbalance_a or 0.0)
    if grant.admitted:
        return reason("imbalance", circuit=circuit.name, phase=phase, against=against, limit_a=limit_a)
    return reason(
        "imbalance_no_room",
        circuit=circuit.name,
        phase=phase,
        against=against,
        limit_a=limit_a,
        min_a=float(point.min_a),
    )
