"""Batteries, the flow of the site and a plan in time that leaps (`control.steady`): what of them stands still, and until
when.

How full a battery is goes on changing while it charges. It decides by thresholds alone, and whoever makes time leap must stop
before one of them (`thresholds_pct`); so must he before what a battery can take or give becomes another.

The smoothed rest of the site closes in on the newest one and never stands still for long. It only counts where a car
charges on a plan or on the sun, and there only where it decides: `_rest_counts`. It is reckoned ahead second by second, to the
last bit, so that whatever counts later is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kwartier.control.battery.memory import OBEY_S, SILENT_AFTER_S, STEP_PCT, UNSURE_S, BatteryMemory
from kwartier.control.chargers.points import phases_of
from kwartier.control.memory import Memory
from kwartier.control.site_flow import drawn_w, smoothed
from kwartier.control.steady_fuses import STEP_S
from kwartier.control.steady_parts import (
    FREE,
    LATE_S,
    SAME,
    SAMPLES,
    TIME,
    TOLD,
    NotSteady,
    Parts,
    Span,
    around,
    compare,
    slid,
)
from kwartier.control.wishes.advice import AHEAD_S, in_force
from kwartier.control.wishes.modes import WORTH_PART, play_a_part
from kwartier.control.wishes.sun_memory import FlowMemory
from kwartier.safety.power import Volts, volts
from kwartier.site.batteries import Battery
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Site

BATTERY = {
    "granted_w": SAME,
    "told": TOLD,
    "samples": SAMPLES,
    "soc_pct": FREE,
    "state": SAME,
    "charge_w": SAME,
    "discharge_w": SAME,
    "heard_s": TIME,
    "seen_s": TIME,
    "silent": SAME,
    "known": SAME,
    "full": SAME,
    "empty": SAME,
    "spared": SAME,
    "changed_s": TIME,
    "reason": FREE,
    "reason_s": FREE,
}
FLOW = {"newest_w": SAME, "at_s": TIME, "rest_w": FREE}
_BATTERY = Parts(BATTERY)
DIGITS = 6
"""Readings are so many decimals of a second old."""


def thresholds_pct(battery: Battery) -> tuple[float, ...]:
    """The states of charge at which something else is decided, %."""
    return (
        battery.max_soc_pct,
        battery.max_soc_pct - STEP_PCT,
        battery.min_soc_pct,
        battery.min_soc_pct + STEP_PCT,
        battery.reserve_soc_pct,
        battery.reserve_soc_pct + STEP_PCT,
        battery.first_soc_pct,
    )


def check(site: Site, before: Memory, after: Memory, length_s: float, picture: Picture | None) -> None:
    """Raise NotSteady unless batteries and the flow of the site stand still or slide, or change where that decides
    nothing."""
    old, new = before.batteries or {}, after.batteries or {}
    if old.keys() != new.keys() or (before.flow is None) != (after.flow is None):
        raise NotSteady
    if picture is None:
        if new or after.flow is not None:
            raise NotSteady
        return
    for battery_id, memory in new.items():
        compare(old[battery_id], memory, _BATTERY, length_s)
        if (old[battery_id].soc_pct is None) != (memory.soc_pct is None):
            raise NotSteady
    was, now = before.flow, after.flow
    if was is None or now is None:
        return
    if was.newest_w != now.newest_w or not (was.at_s == now.at_s or _slides(was, now, length_s)):
        raise NotSteady
    if was.rest_w != now.rest_w and _rest_counts(site, now, after, picture):
        raise NotSteady


def spans(before: Memory, after: Memory, picture: Picture | None) -> Iterable[Span]:
    """When timers of batteries and of a plan may go off."""
    for battery_id, memory in (after.batteries or {}).items():
        assert before.batteries is not None
        if memory.heard_s == before.batteries[battery_id].heard_s:
            yield from around(memory.heard_s, (UNSURE_S, SILENT_AFTER_S))
        for until_s, power_w in memory.told:
            if power_w != memory.granted_w:
                yield from around(until_s, (OBEY_S,), LATE_S)
    if picture is None or picture.advice is None or not picture.advice.step_s > 0:
        return
    advice, utc_s = picture.advice, picture.utc_s
    step_s = advice.start_s + (utc_s - advice.start_s) // advice.step_s * advice.step_s
    for at_s in (advice.made_s - AHEAD_S, advice.valid_until_s, step_s, step_s + advice.step_s):
        yield from around(picture.now_s, (at_s - utc_s,))


def batteries_after(
    before: Memory, after: Memory, length_s: float, by_s: float
) -> dict[str, BatteryMemory] | None:
    """The batteries after the same readings of `by_s` more seconds, but for how full they are then."""
    if after.batteries is None or before.batteries is None:
        return after.batteries
    return {
        i: replace(memory, **slid(before.batteries[i], memory, _BATTERY, length_s, by_s))
        for i, memory in after.batteries.items()
    }


def fuller(memory: Memory, soc_pct: Mapping[str, float]) -> Memory:
    """The same with how full batteries say that they are, by id."""
    if memory.batteries is None:
        return memory
    known = {
        i: replace(m, soc_pct=soc_pct[i]) if i in soc_pct and m.soc_pct is not None else m
        for i, m in memory.batteries.items()
    }
    return replace(memory, batteries=known)


def flow_after(
    before: FlowMemory | None, after: FlowMemory | None, now_s: float, by_s: float
) -> FlowMemory | None:
    """The flow of the site at `by_s` after `now_s`, with the same reading each second."""
    if before is None or after is None or before.at_s == after.at_s:
        return after
    old_s, rest_w, at_s = round(now_s - after.at_s, DIGITS), after.rest_w, after.at_s
    for k in range(1, round(by_s / STEP_S) + 1):
        next_s = now_s + k * STEP_S - old_s
        rest_w = smoothed(rest_w, after.newest_w, next_s - at_s)
        at_s = next_s
    return FlowMemory(rest_w=rest_w, newest_w=after.newest_w, at_s=at_s)


def _slides(was: FlowMemory, now: FlowMemory, length_s: float) -> bool:
    return abs(now.at_s - was.at_s - length_s) < 10.0**-DIGITS


def _rest_counts(site: Site, flow: FlowMemory, after: Memory, picture: Picture) -> bool:
    """Whether it may make a difference where the smoothed rest is between now and where it goes to: the newest one."""
    if not play_a_part(site, picture):
        return False
    if site.users or picture.wishes:
        return True
    ready = [p for p in site.charge_points if p.mode != "fast" and after.points[p.id].plugged]
    if not ready:
        return False
    if any(p.mode != "smart" for p in ready):
        return True
    reading = picture.meters.get(site.root.meter or "")
    u = volts(None if reading is None else reading.voltage_v, three_wire=site.three_wire)
    fast_w = sum(drawn_w(after.points[p.id], flow.at_s, u) for p in site.charge_points if p.mode == "fast")
    smart_w = sum(drawn_w(after.points[p.id], flow.at_s, u) for p in ready)
    lowest_w = min(flow.rest_w, flow.newest_w) + fast_w
    highest_w = max(flow.rest_w, flow.newest_w) + fast_w + smart_w
    return _sun_counts(ready, after, u, -lowest_w) or _plan_counts(
        ready, after, picture, u, (lowest_w, highest_w)
    )


def _sun_counts(ready: Sequence[ChargePoint], after: Memory, u: Volts, most_w: float) -> bool:
    """Whether the sun decides; `most_w`: the most that can be left over. It does not as long as none charges on it
    or is about to, and that is too little for each."""
    for point in ready:
        memory = after.points[point.id]
        if memory.sun is not None and (memory.sun.on or memory.sun.since_s is not None):
            return True
        phases = phases_of(point, memory, after.step_s or 0.0)
        if most_w >= point.min_a * u.likely_v * len(phases):
            return True
    return False


def _plan_counts(
    ready: Sequence[ChargePoint], after: Memory, picture: Picture, u: Volts, rest_w: tuple[float, float]
) -> bool:
    """Whether it decides how much those get that charge as a plan says: they share what is taken less from the grid than
    was planned. `rest_w`: what is taken beside them and batteries, at least and at most."""
    now = in_force(picture)
    if now is None or now.grid_w is None:
        return False
    cells_w = sum(m.newest_w for m in (after.batteries or {}).values() if not m.unheard)
    planned = {p.id: now.power_w(now.advice.points_w, p.id) or 0.0 for p in ready}
    whole_w = max(1.0, sum(max(0.0, w) for w in planned.values()))
    lowest_w, highest_w = rest_w
    for point in ready:
        planned_w = planned[point.id]
        if planned_w <= 0:
            continue  # it waits
        others_w = sum(min(0.0, w) for i, w in planned.items() if i != point.id)
        if now.grid_w - lowest_w - cells_w - planned_w - others_w <= 0:
            continue  # nothing beyond its plan
        each_w = u.likely_v * len(point.conductors)  # for an ampere, at most
        sure_w = max(0.0, now.grid_w - highest_w - cells_w - whole_w) * planned_w / whole_w
        if sure_w <= WORTH_PART * point.min_a * each_w:
            sure_w = 0.0
        if planned_w + sure_w > point.max_a * each_w:
            continue  # all that it can take
        return True
    return False
