"""Limits on a circuit's phases together: the contract in kW, and the quarter-hour as a budget.

Each becomes one more row of the allocation (`AllocCircuit.limit_total_a`); where a circuit has both, the smaller
counts and says so. Sites without such limits never come here.

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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from math import isfinite
from zoneinfo import ZoneInfo

from kwartier.control.estimate import measured_around
from kwartier.control.memory import Memory, PointMemory, SumMemory
from kwartier.control.points import excess
from kwartier.control.quarter import Allowance, PeakMemory, Seen, hold, limit_total_a, why
from kwartier.control.room import Room
from kwartier.control.turns import PATIENCE_S, claim_s
from kwartier.safety.power import Volts, amperes, volts
from kwartier.site.phases import PhaseVector, add
from kwartier.site.readings import MeterReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Circuit, Site
from kwartier.site.units import W_PER_KW

LEAST_ON_S = 300.0
PAUSE_S = 180.0
MORE_TO_BEGIN = 1.15
FLUX_A = 0.5
"""Chargers that changed by more than this around the meter's moment: what else flowed then is not known."""
SAMPLE_EVERY_S = 15.0
"""But once in so long the other load is looked at all the same, with the chargers at their least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SumRow:
    """A limit on the sum of a circuit's phases."""

    source: str
    """`contract` or `quarter`."""
    limit_a: float
    """All included."""
    limit_w: float
    """What it stands for."""
    volts: Volts
    base_a: PhaseVector
    """The other load that it was reckoned with."""
    safe_a: float | None = None
    """Where the meter is lost: what the chargers may draw together, over the phases."""
    held: Reason | None = None
    """In words, for those that a quarter-hour holds back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What a step knows of the limits on sums."""

    rows: dict[str, SumRow] = field(default_factory=dict)
    """The tighter row of each circuit that has one now."""
    allowances: dict[str, Allowance] = field(default_factory=dict)
    """Of each circuit with a goal for its quarter-hours."""
    waits: dict[str, Reason] = field(default_factory=dict)
    """Charge points that may not begin now, and why."""
    peaks: dict[str, PeakMemory] = field(default_factory=dict)
    sums: dict[str, SumMemory] = field(default_factory=dict)

    def limits_a(self) -> dict[str, float]:
        """Per circuit that has one: the limit on its sum."""
        return {i: row.limit_a for i, row in self.rows.items()}


NONE = Sums()


@dataclass(frozen=True, slots=True)
class _Looked:
    """What all rows are made from."""

    site: Site
    memory: Memory
    """With the meters and charge points of this step."""
    picture: Picture
    room: Room
    extra_a: Mapping[str, PhaseVector]
    phases: Mapping[str, tuple[int, ...]]
    now_s: float


def sums(
    site: Site,
    memory: Memory,
    picture: Picture,
    room: Room,
    extra_a: Mapping[str, PhaseVector],
    phases: Mapping[str, tuple[int, ...]],
    begin: Mapping[str, ChargePoint],
    now_s: float,
) -> Sums:
    """All rows of this step. `extra_a`: booked beside the other load, per circuit; `phases`: what each charge point
    is booked on; `begin`: who asks for current, by id."""
    at = _Looked(site, memory, picture, room, extra_a, phases, now_s)
    rows: dict[str, SumRow] = {}
    allowances: dict[str, Allowance] = {}
    peaks: dict[str, PeakMemory] = {}
    bound: set[str] = set()
    kept = memory.sums
    for circuit in site.summed:
        u = _volts(at, circuit)
        base_a = add(room.total_base_a[circuit.id], extra_a[circuit.id])
        if circuit.contract_w is not None:
            row, room_a = _contract(at, circuit, circuit.contract_w, u, base_a)
            rows[circuit.id] = row
            before = kept.get(circuit.id, SumMemory())
            if room_a != before.room_a:
                kept = {**kept, circuit.id: replace(before, room_a=room_a)}
        if circuit.quarter is not None and circuit.quarter.follow != "none":
            found, peaks[circuit.id], allowances[circuit.id] = _quarter(at, circuit, u, base_a)
            if found is not None:
                bound.add(circuit.id)
            if found is not None and (circuit.id not in rows or found.limit_a < rows[circuit.id].limit_a):
                rows[circuit.id] = found
    kept = _rested(kept, now_s)
    waits = _waits(at, allowances, frozenset(bound), kept, begin) if allowances else {}
    return Sums(rows=rows, allowances=allowances, waits=waits, peaks=peaks, sums=kept)


def after(
    found: Sums,
    site: Site,
    before: Mapping[str, PointMemory],
    points: Mapping[str, PointMemory],
    now_s: float,
) -> Sums:
    """Note who was stopped by a quarter-hour in this step, so that he pauses."""
    stopped = [
        i
        for i, remembered in points.items()
        if remembered.granted_a <= 0 < before[i].granted_a and remembered.reason.code in QUARTER_CODES
    ]
    if not stopped:
        return found
    kept = dict(found.sums)
    for i in stopped:
        for circuit_id in site.path[site.charge_point[i].circuit]:
            if circuit_id in found.allowances:
                old = kept.get(circuit_id, SumMemory())
                kept[circuit_id] = replace(old, paused={**old.paused, i: now_s + PAUSE_S})
    return replace(found, sums=kept)


QUARTER_CODES = frozenset(
    {"quarter_budget", "quarter_base_over", "quarter_overrun", "quarter_unknown", "quarter_next"}
)


WAITING = QUARTER_CODES | {"contract_no_room", "fuse_hurry", "fuse_stop"}
"""Reasons of one who asks for current and has none for a limit on power or a fuse: its waiting counts."""


def words(row: SumRow, circuit: Circuit, site: Site, current_a: float, sharers: int) -> Reason:
    """Why a charge point behind this row gets what it gets."""
    if row.held is not None:
        return row.held
    if row.safe_a is not None and circuit.meter is not None:
        code = "safe_current" if current_a > 0 else "safe_no_room"
        return reason(code, circuit=circuit.name, meter=site.meter[circuit.meter].name, safe_a=row.safe_a / 3)
    other_kw = round(sum(row.base_a) * row.volts.most_v / W_PER_KW, 1)
    limit_kw = round(row.limit_w / W_PER_KW, 1)
    if current_a <= 0:
        return reason("contract_no_room", circuit=circuit.name, limit_kw=limit_kw, other_kw=other_kw)
    return reason(
        "contract_limit", circuit=circuit.name, limit_kw=limit_kw, other_kw=other_kw, sharers=sharers
    )


def _volts(at: _Looked, circuit: Circuit) -> Volts:
    """By the circuit's own meter, else by the grid connection's, while it is trusted."""
    for meter_id in (circuit.meter, at.site.root.meter):
        if meter_id is not None and at.memory.meters[meter_id].trusted:
            reading = at.picture.meters.get(meter_id)
            if reading is not None and any(v is not None for v in reading.voltage_v):
                return volts(reading.voltage_v, three_wire=at.site.three_wire)
    return volts(None, three_wire=at.site.three_wire)


def _contract(
    at: _Looked, circuit: Circuit, contract_w: float, u: Volts, base_a: PhaseVector
) -> tuple[SumRow, float | None]:
    """The row, and the room for chargers to remember: on meter loss they never get more than there was."""
    remembered = at.memory.sums.get(circuit.id, SumMemory()).room_a
    safe = at.room.safe_a.get(circuit.id)
    if safe is None:
        limit_a = amperes(contract_w, base_a, u)
        room_a = max(0.0, limit_a - sum(at.room.total_base_a[circuit.id])) if circuit.meter else None
        return SumRow(source="contract", limit_a=limit_a, limit_w=contract_w, volts=u, base_a=base_a), room_a
    share_a = min(sum(safe), contract_w / u.most_v)
    if remembered is not None:
        share_a = min(share_a, remembered)
    limit_a = sum(at.room.total_base_a[circuit.id]) + share_a
    return SumRow(
        source="contract", limit_a=limit_a, limit_w=contract_w, volts=u, base_a=base_a, safe_a=share_a
    ), remembered


def _quarter(
    at: _Looked, circuit: Circuit, u: Volts, base_a: PhaseVector
) -> tuple[SumRow | None, PeakMemory, Allowance]:
    assert circuit.quarter is not None
    before = at.memory.peaks.get(circuit.id, PeakMemory())
    most_w, keep_w = _most_w(at, circuit, u, base_a), _keep_w(at, circuit, u)
    seen = _seen(at, circuit, u, before, most_w, keep_w)
    peak, allowance = hold(circuit.quarter, before, seen, at.now_s)
    if allowance.power_w is None or allowance.power_w >= most_w > 0:
        return None, peak, allowance  # it binds nobody
    limit_a = limit_total_a(allowance, base_a, u.most_v)
    assert limit_a is not None
    row = SumRow(
        source="quarter",
        limit_a=limit_a,
        limit_w=allowance.power_w,
        volts=u,
        base_a=base_a,
        held=why(allowance, _zone(at.site.time_zone)),
    )
    return row, peak, allowance


def _seen(at: _Looked, circuit: Circuit, u: Volts, before: PeakMemory, most_w: float, keep_w: float) -> Seen:
    assert circuit.meter is not None or circuit.quarter is not None
    told = at.picture.quarters.get(circuit.meter or "")
    if told is None or told.running is None or circuit.meter is None:
        return Seen(running=None, at_s=at.now_s, import_w=None, charging_w=0.0, most_w=most_w)
    ladder = at.memory.meters[circuit.meter]
    # What the meter's own clock vouches for: a frozen telegram is as old as its first copy.
    at_s = min(told.at_s, at.now_s) if ladder.seen_at_s is None else min(told.at_s, ladder.heard_s, at.now_s)
    least_w, swing_a = _charging(at, circuit, u, at_s)
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
    )


def _import_w(reading: MeterReading | None, u: Volts) -> float | None:
    if reading is None:
        return None
    if reading.power_w is not None:
        return reading.power_w if isfinite(reading.power_w) else None
    if reading.current_a is None or not isfinite(sum(reading.current_a)):
        return None
    return sum(reading.current_a) * u.most_v


def _charging(at: _Looked, circuit: Circuit, u: Volts, at_s: float) -> tuple[float, float]:
    """What those that do as they are told drew at the meter's moment, W at least, and how much they changed
    around it, A. Those that are not heard or disobey are other load: they are not held by any budget."""
    total_a = swing_a = 0.0
    for point_id in at.site.charge_points_behind[circuit.id]:
        remembered = at.memory.points[point_id]
        if remembered.unheard or remembered.disobeys or not remembered.samples:
            continue
        most, least = measured_around(remembered.samples, at_s)
        if least is not most:
            swing_a += sum(most) - sum(least)
        total_a += sum(least)
        if total_a > 0:
            total_a = max(0.0, total_a - sum(excess(remembered, at.phases[point_id], at.now_s)))
    return total_a * u.likely_v, swing_a


def _most_w(at: _Looked, circuit: Circuit, u: Volts, base_a: PhaseVector) -> float:
    """What the chargers could draw together by the limits per phase and their own maximum."""
    limit_a = at.room.limit_a[circuit.id]
    free_a = sum(max(0.0, limit - base) for limit, base in zip(limit_a, base_a, strict=True))
    own_a = sum(
        p.max_a * len(p.conductors)
        for p in map(at.site.charge_point.__getitem__, at.site.charge_points_behind[circuit.id])
    )
    return min(free_a, own_a) * u.most_v


def _keep_w(at: _Looked, circuit: Circuit, u: Volts) -> float:
    """What those that charge now need at least."""
    return u.most_v * sum(
        at.site.charge_point[i].min_a * len(at.phases[i])
        for i in at.site.charge_points_behind[circuit.id]
        if at.memory.points[i].granted_a > 0
    )


def _waits(
    at: _Looked,
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
        u = _volts(at, circuit)
        paused = kept.get(circuit_id, SumMemory()).paused
        running_w = _keep_w(at, circuit, u)
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
            zone = _zone(at.site.time_zone)
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


def _rested(kept: dict[str, SumMemory], now_s: float) -> dict[str, SumMemory]:
    """Without the pauses that are over."""
    if not any(s.paused for s in kept.values()):
        return kept
    return {
        i: replace(s, paused={p: until for p, until in s.paused.items() if until > now_s}) if s.paused else s
        for i, s in kept.items()
    }


@lru_cache(maxsize=8)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)
