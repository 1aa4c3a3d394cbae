"""From what is granted towards the share: down at once, up as `raising` says, and why each gets what it gets.

Who cannot be told anything keeps what is booked for him.
"""

from collections.abc import Mapping

from kwartier.control import explain
from kwartier.control.allocation import Allocation
from kwartier.control.chargers import phase_change
from kwartier.control.chargers.points import OBEY_S
from kwartier.control.chargers.probes import offer_spare
from kwartier.control.chargers.raising import Held, Raising, quantised
from kwartier.control.memory import Memory, PointMemory
from kwartier.control.turns import EPS_A, begin_turn, end_turn
from kwartier.control.wishes import claims
from kwartier.control.work import Work
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Setpoint

VALID_S = 5.0
"""How long a set-point may be written to a device after it was decided."""


def follow(work: Work, allocation: Allocation, memory: Memory) -> tuple[Setpoint, ...]:
    """Move from what is granted towards the fair share, and say why."""
    targets, charge_point = dict.fromkeys(work.points, 0.0), work.site.charge_point
    for grant in allocation.grants:
        if grant.current_a > 0:
            targets[grant.id] = quantised(grant.current_a, charge_point[grant.id].min_a)
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
            work.site,
            memory,
            work.points,
            work.phases,
            work.room,
            work.now_s,
            limits,
            work.even,
            {} if work.cells is None else work.cells.booked(),
        )
        held = raising.hand_out(work.candidates, granted, targets)
    reasons = _reasons(work, allocation, granted, targets, held)
    for point_id, why in work.urgent.items():
        if granted[point_id] > 0 and reasons[point_id].code in claims.EXPLAINED_BY_DEPARTURE:
            reasons[point_id] = why
    for point_id, remembered in work.points.items():
        if remembered.switch is not None and (still := phase_change.why_still(remembered)) is not None:
            granted[point_id], reasons[point_id] = 0.0, still
    for point_id, why in work.stops.items():
        if point_id in granted:
            granted[point_id], reasons[point_id] = 0.0, why
    setpoints = []
    now_s, valid_until_s = work.now_s, work.now_s + VALID_S
    for point_id, remembered in work.points.items():
        granted_a, why = granted[point_id], reasons[point_id]
        _remember(remembered, granted_a, why, now_s)
        phases = None if remembered.switch is None else phase_change.told_phases(remembered)
        setpoints.append(
            Setpoint(
                charge_point_id=point_id,
                current_a=granted_a,
                phases=phases,
                valid_until_s=valid_until_s,
                decided_at_s=now_s,
                reason=why,
            )
        )
    return tuple(setpoints)


def _tell_those_beyond(work: Work, granted: dict[str, float], targets: dict[str, float]) -> None:
    """A silent device keeps what it was told, which is booked for it, and one that draws more than it was
    told the least; both nothing where a circuit on their path is too full even so."""
    points = work.points
    beyond = [p for p in work.site.charge_points if (m := points[p.id]).disobeys or m.silent or not m.known]
    if not beyond:
        return
    limits, base = work.room.limit_a, work.room.total_base_a
    sums = work.sums.limits_a() if work.sums.rows else {}
    full = {
        (c, p)
        for c in work.site.circuit
        for p in (1, 2, 3)
        if base[c][p - 1] + work.extra_a[c][p - 1] > limits[c][p - 1] + EPS_A
        or (c in sums and sum(base[c], 0.0) + sum(work.extra_a[c], 0.0) > sums[c] + EPS_A)
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


def _reasons(
    work: Work,
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
    waits = granted_a <= 0 and draft.plugged and why.code in explain.WAITING
    if granted_a != draft.granted_a:
        if granted_a > draft.granted_a:
            draft.raised_s = now_s
        elif waits and why.code != phase_change.CODE:
            draft.stopped_s = now_s
        lately = (t for t in draft.told if t[0] > now_s - OBEY_S)
        draft.told = (*lately, (now_s, draft.granted_a))
        draft.booked_a = max(granted_a, draft.booked_a, draft.granted_a)
        draft.granted_a, draft.changed_s = granted_a, now_s
    if granted_a > 0:
        if draft.started_s is None or draft.waiting_s is not None:
            begin_turn(draft, now_s)
    elif not waits or draft.waiting_s is None or draft.started_s is not None:
        end_turn(draft, waits, now_s)
    if why is not (before := draft.reason):
        if why.code != before.code:
            draft.reason_s = now_s
        draft.reason = why
