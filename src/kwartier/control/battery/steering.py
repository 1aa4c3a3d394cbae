"""Batteries in a step: who can be steered, what is wanted, what limits leave, what is told, and why.

Down at once: towards 0 W a set-point follows in the same step wherever a limit asks for it. Else it moves by a part of the
way, so that readings of different moments do not make it swing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite

from kwartier.control.battery import limits, wants
from kwartier.control.battery.flow import Cells
from kwartier.control.battery.memory import OBEY_S, BatteryMemory
from kwartier.control.battery.wants import NEAR_W, Able, Wanted
from kwartier.control.guards import Guards
from kwartier.control.memory import Memory
from kwartier.control.site_flow import drawn_w
from kwartier.control.wishes.advice import Now, clock, in_force
from kwartier.control.work import Work
from kwartier.metering.budget import W_S_PER_KWH
from kwartier.site.batteries import Battery, BatterySetpoint
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Picture
from kwartier.site.units import W_PER_KW

VALID_S = 5.0
"""How long a set-point may be written to a device after it was decided."""
GAIN = 0.4
"""The part of the way that it goes in a second; with readings a second or two old this does not swing."""
STILL_W = 30.0
"""A change of less than this is not worth a message to the device."""
LEAST_LEFT_S = 30.0
"""Towards the end of a quarter-hour what is left of it is not divided by less."""


@dataclass(slots=True)
class _Step:
    work: Work
    memory: Memory
    picture: Picture
    guards: Guards
    cells: Cells
    plan: Now | None
    leaves: limits.Leaves
    passed_s: float
    """Since the step before, between 0 and 2."""

    @property
    def zone(self) -> str:
        return self.work.site.time_zone


def decide(
    work: Work, memory: Memory, picture: Picture, guards: Guards, before_s: float | None
) -> tuple[tuple[BatterySetpoint, ...], dict[str, BatteryMemory] | None]:
    """Set-points of all batteries and what to remember of them; books in `work` what they may take besides. `memory`:
    with the meters, charge points and the flow of this step; `before_s`: when the step before was."""
    cells = work.cells
    if cells is None:
        return (), None
    passed_s = 1.0 if before_s is None else min(2.0, max(0.0, work.now_s - before_s))
    step = _Step(
        work, memory, picture, guards, cells, in_force(picture), limits.leaves(work, cells), passed_s
    )
    counted = {b.id: cells.booked_a(b) for b in work.site.batteries}
    told: dict[str, tuple[float, Reason]] = {}
    ables: list[Able] = []
    for battery in work.site.batteries:
        why = _unable(step, battery)
        if why is not None:
            told[battery.id] = (0.0, why)
            step.leaves.take(
                cells, battery, cells.amperes(battery, cells.memory[battery.id].taking_w(battery))
            )
        else:
            ables.append(_able(step, battery))
    if ables:
        told.update(_steered(step, ables))
    setpoints = []
    for battery in work.site.batteries:
        power_w, why = told[battery.id]
        cells.memory[battery.id] = _remembered(cells.memory[battery.id], power_w, why, work.now_s)
        setpoints.append(
            BatterySetpoint(
                battery_id=battery.id,
                power_w=power_w,
                valid_until_s=work.now_s + VALID_S,
                decided_at_s=work.now_s,
                reason=why,
            )
        )
    work.book_batteries(counted)
    return tuple(setpoints), cells.memory


def _unable(step: _Step, battery: Battery) -> Reason | None:
    """Why one is told 0 W whatever is wanted."""
    memory = step.cells.memory[battery.id]
    if memory.unheard and not memory.silent:
        return reason("battery_starting")
    if memory.silent:
        age_s = round(step.work.now_s - memory.heard_s)
        reserved_kw = round(memory.taking_w(battery) / W_PER_KW, 1)
        return reason("battery_silent", age_s=age_s, reserved_kw=reserved_kw)
    if memory.state in {"off", "fault"}:
        return reason("battery_fault", state=memory.state)
    if memory.soc_pct is None:
        return reason("battery_soc_unknown")
    circuit_id = limits.barred(step.work, battery)
    if circuit_id is not None:
        circuit, source = (
            step.work.site.circuit[circuit_id].name,
            step.work.room.ceilings[circuit_id].sources[0],
        )
        return reason("battery_stopped", circuit=circuit, source=source)
    unheard = limits.blind(step.work, step.memory, battery)
    if unheard is not None and unheard[1]:
        return reason("battery_blind", meter=step.work.site.meter[unheard[0]].name)
    if step.memory.flow is None:
        root = step.work.site.root
        name = root.name if root.meter is None else step.work.site.meter[root.meter].name
        return reason("battery_blind", meter=name)
    return None


def _able(step: _Step, battery: Battery) -> Able:
    memory = step.cells.memory[battery.id]
    planned_w = None if step.plan is None else step.plan.power_w(step.plan.advice.batteries_w, battery.id)
    gives_w = 0.0 if memory.empty else memory.discharge_w
    spared = memory.spared and planned_w is None  # a plan keeps its own reserve
    return Able(
        battery=battery,
        charge_w=0.0 if memory.full else memory.charge_w,
        discharge_w=0.0 if spared else gives_w,
        peak_w=gives_w,
        planned_w=planned_w,
    )


def _steered(step: _Step, ables: list[Able]) -> dict[str, tuple[float, Reason]]:
    flow = step.memory.flow
    assert flow is not None
    site = step.work.site
    planned = step.plan is not None and any(a.planned_w is not None for a in ables)
    cars_w = sum(drawn_w(step.work.points[p.id], flow.at_s, step.cells.volts) for p in site.charge_points)
    asked_w = cars_w
    if all(a.battery.feeds_cars for a in ables):
        asked_w = max(cars_w, sum(step.leaves.asked_a[site.root.id]) * step.cells.volts.likely_v)
    found = wants.want(
        ables,
        wants.Site(
            rest_w=flow.newest_w,
            cars_w=cars_w,
            grid_w=step.plan.grid_w if planned and step.plan is not None else None,
            most_w=_most_w(step),
            asked_w=asked_w,
        ),
    )
    out: dict[str, tuple[float, Reason]] = {}
    given: dict[str, float] = {}
    net_w = flow.newest_w + cars_w
    for able in ables:
        power_w, why = _told(step, able, found, net_w, given)
        out[able.battery.id] = power_w, why
        if power_w < 0:
            net_w += power_w
            for circuit_id in site.path[able.battery.circuit]:
                given[circuit_id] = given.get(circuit_id, 0.0) - power_w
    return out


def _most_w(step: _Step) -> float | None:
    """What the grid may give on average until the quarter ends, by the goal of the grid connection; where it has none,
    the peak that a plan in force keeps to."""
    allowance = step.work.sums.allowances.get(step.work.site.root.id)
    if allowance is not None:
        if allowance.target_w is None:
            return None
        return max(0.0, allowance.left_kwh * W_S_PER_KWH / max(allowance.left_s, LEAST_LEFT_S))
    if step.plan is None or not step.plan.advice.peak_w > 0 or not isfinite(step.plan.advice.peak_w):
        return None
    return step.plan.advice.peak_w


def _told(
    step: _Step, able: Able, found: Wanted, net_w: float, given: Mapping[str, float]
) -> tuple[float, Reason]:
    """Its set-point: on the way to what is wanted, within what limits leave."""
    battery, cells = able.battery, step.cells
    memory = cells.memory[battery.id]
    wanted_w = found.power_w[battery.id]
    why = _why(step, able, found, wanted_w)
    before_w = memory.granted_w
    unheard = limits.blind(step.work, step.memory, battery)
    power_w = before_w + (wanted_w - before_w) * min(1.0, GAIN * step.passed_s)
    if (found.peak and wanted_w < power_w) or abs(wanted_w - power_w) < 2 * NEAR_W:
        power_w = wanted_w
    if unheard is not None:  # late: nothing grows
        power_w = min(max(before_w, 0.0), max(min(before_w, 0.0), power_w))
    power_w = min(able.charge_w, max(-able.peak_w, power_w))
    if abs(wanted_w) < NEAR_W and abs(before_w) < 2 * NEAR_W:
        power_w = 0.0
    elif abs(wanted_w - before_w) < STILL_W and -able.peak_w <= before_w <= able.charge_w:
        power_w = before_w
    if power_w > 0:
        return _taking(step, battery, power_w, why)
    return _giving(step, able, power_w, why, net_w, given)


def _taking(step: _Step, battery: Battery, power_w: float, why: Reason) -> tuple[float, Reason]:
    cells, site = step.cells, step.work.site
    before_w = max(0.0, cells.memory[battery.id].granted_w)
    keep_a, by = step.leaves.room_a(cells, battery, more=False)
    more_a, by_more = step.leaves.room_a(cells, battery, more=True)
    held_w = min(before_w, cells.watts(battery, keep_a))
    most_w = max(held_w, cells.watts(battery, more_a))
    if limits.hurried(step.work, step.guards, battery):
        most_w = 0.0
    if power_w > most_w:
        power_w, by = most_w, by_more if more_a < keep_a else by
        left_kw = round(power_w / W_PER_KW, 1)
        row = step.work.sums.rows.get(by)
        if row is not None and row.source == "quarter":
            target_w = step.work.sums.allowances[by].target_w or 0.0
            why = reason("battery_quarter_full", left_kw=left_kw, target_kw=round(target_w / W_PER_KW, 1))
        else:
            why = reason("battery_makes_room", left_kw=left_kw, circuit=site.circuit[by].name)
    # What it may still take by what it was told before is booked, not only what it is told now.
    booked_w = max(power_w, cells.memory[battery.id].taking_w(battery))
    step.leaves.take(cells, battery, cells.amperes(battery, booked_w))
    return power_w, why


def _giving(
    step: _Step, able: Able, power_w: float, why: Reason, net_w: float, given: Mapping[str, float]
) -> tuple[float, Reason]:
    battery, cells = able.battery, step.cells
    taking_w = cells.memory[battery.id].taking_w(battery)
    step.leaves.take(cells, battery, cells.amperes(battery, taking_w))
    planned_out = battery.may_export and able.planned_w is not None and able.planned_w < 0
    most_w, by = limits.feeding_w(step.work, step.memory, step.picture, cells, battery, given)
    if not planned_out:
        most_w = min(most_w, max(0.0, net_w))
    if -power_w > most_w:
        if by is not None and planned_out:
            circuit = step.work.site.circuit[by].name
            why = reason("battery_export_limit", left_kw=round(most_w / W_PER_KW, 1), circuit=circuit)
        power_w = -most_w if most_w > 0 else 0.0
    return power_w, why


def _why(step: _Step, able: Able, found: Wanted, wanted_w: float) -> Reason:
    """What decides what is wanted of it."""
    memory = step.cells.memory[able.battery.id]
    soc_pct = float(round(memory.soc_pct or 0.0))
    if found.peak and wanted_w < -NEAR_W:
        return reason("battery_peak", target_kw=round((_target_w(step) or 0.0) / W_PER_KW, 1))
    flow, now = step.memory.flow, step.plan
    assert flow is not None
    if now is not None and able.planned_w is not None:
        until = clock(now.end_s, step.zone)
        if wanted_w > NEAR_W and able.planned_w > NEAR_W:
            return _why_takes(able, found, now, wanted_w, _target_w(step), until)
        if wanted_w < -NEAR_W:
            grid_kw = round((now.grid_w or 0.0) / W_PER_KW, 1)
            return reason("battery_planned_discharge", grid_kw=grid_kw, until=until)
        if abs(wanted_w) <= NEAR_W and able.discharge_w > 0 and flow.newest_w > NEAR_W:
            return reason("battery_held", soc_pct=soc_pct)
    if wanted_w > NEAR_W:
        return reason("battery_sun", surplus_kw=round(wanted_w / W_PER_KW, 1))
    if wanted_w < -NEAR_W:
        return reason("battery_house")
    if memory.full and flow.newest_w < 0:
        return reason("battery_full", soc_pct=soc_pct)
    if memory.empty and flow.newest_w > 0:
        return reason("battery_empty", soc_pct=soc_pct)
    if memory.spared and flow.newest_w > 0:
        return reason("battery_reserve", soc_pct=soc_pct)
    return reason("battery_idle")


def _why_takes(
    able: Able, found: Wanted, now: Now, wanted_w: float, target_w: float | None, until: str
) -> Reason:
    """A plan has it take something, and it takes that, more or less."""
    planned_w = able.planned_w or 0.0
    taken_kw, plan_kw = (round(w / W_PER_KW, 1) for w in (wanted_w, planned_w))
    if found.peak and wanted_w < planned_w - 2 * NEAR_W:
        return reason(
            "battery_quarter_full", left_kw=taken_kw, target_kw=round((target_w or 0.0) / W_PER_KW, 1)
        )
    short = wanted_w < planned_w - 2 * NEAR_W
    if wanted_w > planned_w + 2 * NEAR_W or (
        short and (now.grid_w or 0.0) <= NEAR_W and wanted_w < able.charge_w
    ):
        return reason("battery_sun_planned", surplus_kw=taken_kw, plan_kw=plan_kw, until=until)
    return reason("battery_planned_charge", plan_kw=min(taken_kw, plan_kw), until=until)


def _target_w(step: _Step) -> float | None:
    allowance = step.work.sums.allowances.get(step.work.site.root.id)
    if allowance is not None:
        return allowance.target_w
    return None if step.plan is None else step.plan.advice.peak_w


def _remembered(memory: BatteryMemory, power_w: float, why: Reason, now_s: float) -> BatteryMemory:
    told, changed_s = memory.told, memory.changed_s
    if power_w != memory.granted_w:
        told = (*(t for t in told if t[0] > now_s - 2 * OBEY_S), (now_s, memory.granted_w))
        changed_s = now_s
    reason_s = now_s if why.code != memory.reason.code else memory.reason_s
    return replace(memory, granted_w=power_w, told=told, changed_s=changed_s, reason=why, reason_s=reason_s)
