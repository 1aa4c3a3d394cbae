"""The budget of a quarter-hour as a row on the sum of a circuit's phases: what `quarter.hold` sees, and what it allows."""

from dataclasses import replace
from math import isfinite

from kwartier.control.chargers.points import excess
from kwartier.control.estimate import measured_around
from kwartier.control.rows.budget import Allowance, PeakMemory, Seen, hold, limit_total_a, why
from kwartier.control.rows.sums import Looked, SumRow, needed_w, zone_of
from kwartier.control.wishes.advice import in_force
from kwartier.safety.power import Volts
from kwartier.site.phases import ZERO, PhaseVector, sub
from kwartier.site.quarters import QuarterSettings
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Circuit

FLUX_A = 0.5
"""Chargers that changed by more than this around the meter's moment: what else flowed then is not known."""
SAMPLE_EVERY_S = 15.0
"""But once in so long the other load is looked at all the same, with the chargers at their least."""


def quarter_row(
    at: Looked, circuit: Circuit, u: Volts, base_a: PhaseVector
) -> tuple[SumRow | None, PeakMemory, Allowance]:
    """The row, None where the budget binds nobody; what to remember; and what the quarter-hour allows."""
    assert circuit.quarter is not None
    before = at.memory.peaks.get(circuit.id, PeakMemory())
    most_w, keep_w = _most_w(at, circuit, u, base_a), needed_w(at, circuit, u)
    seen = _seen(at, circuit, u, before, most_w, keep_w)
    peak, allowance = hold(_goal(at, circuit, circuit.quarter), before, seen, at.now_s)
    if allowance.power_w is None or allowance.power_w >= most_w > 0:
        return None, peak, allowance  # it binds nobody
    # What batteries take is part of what the quarter-hour allows, not beside it.
    cells_a = ZERO if at.cells is None else at.cells.booked().get(circuit.id, ZERO)
    limit_a = limit_total_a(allowance, sub(base_a, cells_a), u.most_v)
    assert limit_a is not None
    row = SumRow(
        source="quarter",
        limit_a=limit_a,
        limit_w=allowance.power_w,
        volts=u,
        base_a=base_a,
        held=why(allowance, zone_of(at.site.time_zone)),
    )
    return row, peak, allowance


def _goal(at: Looked, circuit: Circuit, settings: QuarterSettings) -> QuarterSettings:
    """With `follow: plan` a plan in force may raise the goal to the peak that it pays for, never above the contract;
    it never lowers it: what this month has had already costs nothing more."""
    if settings.follow != "plan":
        return settings
    now = in_force(at.picture)
    if now is None or not isfinite(now.advice.peak_w):
        return settings
    most_w = now.advice.peak_w if circuit.contract_w is None else min(now.advice.peak_w, circuit.contract_w)
    return replace(settings, floor_w=max(settings.floor_w, most_w))


def _seen(at: Looked, circuit: Circuit, u: Volts, before: PeakMemory, most_w: float, keep_w: float) -> Seen:
    assert circuit.meter is not None or circuit.quarter is not None
    told = at.picture.quarters.get(circuit.meter or "")
    if told is None or told.running is None or circuit.meter is None:
        return Seen(running=None, at_s=at.now_s, import_w=None, charging_w=0.0, most_w=most_w)
    ladder = at.memory.meters[circuit.meter]
    # What the meter's own clock vouches for: a frozen telegram is as old as its first copy.
    at_s = min(told.at_s, at.now_s) if ladder.seen_at_s is None else min(told.at_s, ladder.heard_s, at.now_s)
    least_w, swing_a = _charging(at, circuit, u, at_s)
    cells_w = 0.0 if at.cells is None else at.cells.power_w(circuit.id, at_s)
    if cells_w:
        least_w += cells_w
    reading = at.picture.meters.get(circuit.meter)
    import_w = _import_w(reading, u) if ladder.has_value else None
    if swing_a > FLUX_A and before.samples and at_s - before.samples[-1][0] < SAMPLE_EVERY_S:
        import_w = None
    return Seen(
        running=told.running,
        at_s=at_s,
        import_w=import_w,
        charging_w=least_w,
        peak=told.peak,
        most_w=most_w,
        keep_w=keep_w,
        help_w=max(0.0, -cells_w),
    )


def _import_w(reading: MeterReading | None, u: Volts) -> float | None:
    if reading is None:
        return None
    if reading.power_w is not None:
        return reading.power_w if isfinite(reading.power_w) else None
    if reading.current_a is None or not isfinite(sum(reading.current_a)):
        return None
    return sum(reading.current_a) * u.most_v


def _charging(at: Looked, circuit: Circuit, u: Volts, at_s: float) -> tuple[float, float]:
    """What those that do as they are told drew at the meter's moment, W at least, and how much they changed
    around it, A. Those that are not heard or disobey are other load: they are not held by any budget."""
    total_a = swing_a = 0.0
    for point_id in at.site.charge_points_behind[circuit.id]:
        remembered = at.memory.points[point_id]
        if remembered.unheard or remembered.disobeys or not remembered.samples:
            continue
        most, least = measured_around(remembered.samples, at_s)
        if least is not most:
            swing_a += sum(most, 0.0) - sum(least, 0.0)
        total_a += sum(least)
        if total_a > 0:
            total_a = max(0.0, total_a - sum(excess(remembered, at.phases[point_id], at.now_s)))
    return total_a * u.likely_v, swing_a


def _most_w(at: Looked, circuit: Circuit, u: Volts, base_a: PhaseVector) -> float:
    """What the chargers could draw together by the limits per phase and their own maximum."""
    limit_a = at.room.limit_a[circuit.id]
    free_a = sum(max(0.0, limit - base) for limit, base in zip(limit_a, base_a, strict=True))
    own_a = sum(
        p.max_a * len(p.conductors)
        for p in map(at.site.charge_point.__getitem__, at.site.charge_points_behind[circuit.id])
    )
    if at.cells is not None:
        own_a += sum(b.charge_w for b in at.site.batteries_behind[circuit.id]) / u.feeds_v
    return min(free_a, own_a) * u.most_v
