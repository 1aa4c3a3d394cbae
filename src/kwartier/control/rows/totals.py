"""Limits on a circuit's phases together: the contract in kW, and the quarter-hour as a budget.

Each becomes one more row of the allocation (`AllocCircuit.limit_total_a`); where a circuit has both, the smaller
counts and says so. Sites without such limits never come here.

Those of contracts are made in `contract`, those of quarter-hours in `quarter`; who may not begin now for a
quarter-hour's sake says `quarter_waits`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kwartier.control.battery.flow import Cells
from kwartier.control.memory import Memory, PointMemory, SumMemory
from kwartier.control.room import Room
from kwartier.control.rows.budget import Allowance, PeakMemory
from kwartier.control.rows.contract import contract_row
from kwartier.control.rows.quarter import quarter_row
from kwartier.control.rows.sums import Looked, SumRow, volts_of
from kwartier.control.rows.waits import PAUSE_S, waits_of
from kwartier.site.phases import PhaseVector, add
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Circuit, Site
from kwartier.site.units import W_PER_KW

QUARTER_CODES = frozenset(
    {"quarter_budget", "quarter_base_over", "quarter_overrun", "quarter_unknown", "quarter_next"}
)
WAITING = QUARTER_CODES | {"contract_no_room", "fuse_hurry", "fuse_stop"}
"""Reasons of one who asks for current and has none for a limit on power or a fuse: its waiting counts."""


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


def sums(
    site: Site,
    memory: Memory,
    picture: Picture,
    room: Room,
    extra_a: Mapping[str, PhaseVector],
    phases: Mapping[str, tuple[int, ...]],
    begin: Mapping[str, ChargePoint],
    now_s: float,
    cells: Cells | None = None,
) -> Sums:
    """All rows of this step. `extra_a`: booked beside the other load, per circuit; `phases`: what each charge point
    is booked on; `begin`: who asks for current, by id."""
    at = Looked(site, memory, picture, room, extra_a, phases, now_s, cells)
    rows: dict[str, SumRow] = {}
    allowances: dict[str, Allowance] = {}
    peaks: dict[str, PeakMemory] = {}
    bound: set[str] = set()
    kept = memory.sums
    for circuit in site.summed:
        u = volts_of(at, circuit)
        base_a = add(room.total_base_a[circuit.id], extra_a[circuit.id])
        if circuit.contract_w is not None:
            row, room_a = contract_row(at, circuit, circuit.contract_w, u, base_a)
            rows[circuit.id] = row
            before = kept.get(circuit.id, SumMemory())
            if room_a != before.room_a:
                kept = {**kept, circuit.id: replace(before, room_a=room_a)}
        if circuit.quarter is not None and circuit.quarter.follow != "none":
            found, peaks[circuit.id], allowances[circuit.id] = quarter_row(at, circuit, u, base_a)
            if found is not None:
                bound.add(circuit.id)
            if found is not None and (circuit.id not in rows or found.limit_a < rows[circuit.id].limit_a):
                rows[circuit.id] = found
    kept = _rested(kept, now_s)
    waits = waits_of(at, allowances, frozenset(bound), kept, begin) if allowances else {}
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


def _rested(kept: dict[str, SumMemory], now_s: float) -> dict[str, SumMemory]:
    """Without the pauses that are over."""
    if not any(s.paused for s in kept.values()):
        return kept
    return {
        i: replace(s, paused={p: until for p, until in s.paused.items() if until > now_s}) if s.paused else s
        for i, s in kept.items()
    }
