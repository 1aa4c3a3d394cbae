"""Who may not begin now for a quarter-hour's sake.

A car cannot charge below its minimum, so that a tight quarter-hour makes cars pause. So that contactors do not
flap, a car that would begin behind such a circuit begins only

- with a sixth more than its minimum and the minimums of those that charge, so that a flicker does not stop it;
  one whose turn it is (`turns.PATIENCE_S`) only needs that of its own minimum, and the minimum alone while
  another charges, whose place it can take: else a budget for one car and a little would serve the same for ever;
- with at least `LEAST_ON_S` to go, or where the next quarter-hour can go on with it;
- `PAUSE_S` after the budget last stopped it.

None of this ever keeps a car on: where the budget does not carry it, it stops at once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from kwartier.control.memory import SumMemory
from kwartier.control.rows.budget import Allowance, why
from kwartier.control.rows.sums import Looked, needed_w, volts_of, zone_of
from kwartier.control.turns import PATIENCE_S, claim_s
from kwartier.site.reasons import Reason, reason
from kwartier.site.topology import ChargePoint

LEAST_ON_S = 300.0
PAUSE_S = 180.0
MORE_TO_BEGIN = 1.15


def waits_of(
    at: Looked,
    allowances: Mapping[str, Allowance],
    bound: frozenset[str],
    kept: Mapping[str, SumMemory],
    begin: Mapping[str, ChargePoint],
) -> dict[str, Reason]:
    """Who may not begin now. `bound`: the circuits whose budget is less than what else they leave."""
    out: dict[str, Reason] = {}
    for circuit_id, allowance in allowances.items():
        if allowance.power_w is None:
            continue
        circuit = at.site.circuit[circuit_id]
        u = volts_of(at, circuit)
        paused = kept.get(circuit_id, SumMemory()).paused
        running_w = needed_w(at, circuit, u)
        for point_id in at.site.charge_points_behind[circuit_id]:
            point = begin.get(point_id)
            if point is None or point_id in out:
                continue
            remembered = at.memory.points[point_id]
            if remembered.granted_a > 0:
                continue
            least_w = point.min_a * len(at.phases[point_id]) * u.most_v
            if claim_s(remembered, at.now_s) < PATIENCE_S:
                need_w = MORE_TO_BEGIN * least_w + running_w
            else:  # it takes a place that is in use: no flicker that this one bears
                need_w = least_w if running_w > 0 else MORE_TO_BEGIN * least_w
            zone = zone_of(at.site.time_zone)
            found = (
                why(allowance, zone) if circuit_id in bound and (allowance.power_w or 0.0) < need_w else None
            )
            found = found or _wait(allowance, need_w, paused.get(point_id), at.now_s, zone)
            if found is not None:
                out[point_id] = found
    return out


def _wait(
    allowance: Allowance, need_w: float, paused_until_s: float | None, now_s: float, zone: tzinfo
) -> Reason | None:
    if paused_until_s is not None:
        return reason("resting", in_s=round(max(1.0, paused_until_s - now_s)))
    later = allowance.next_w is not None and allowance.next_w >= need_w
    if allowance.end_s is None or later or allowance.left_s >= LEAST_ON_S:
        return None
    until = datetime.fromtimestamp(allowance.end_s, UTC).astimezone(zone).strftime("%H:%M")
    return reason("quarter_next", until=until)
