"""Changing phases as a part of the step: what `switching` decides, with the step's own words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kwartier.control.allocation import Allocation, Grant
from kwartier.control.chargers import switching
from kwartier.control.chargers.points import CURRENT_FLOWS_A
from kwartier.control.chargers.switching import LOOK_EVERY_S, UP_MARGIN_A, Seen, Switch, Told
from kwartier.control.memory import PointMemory, newest
from kwartier.site.once import once_per_site
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level, Message
from kwartier.site.topology import ChargePoint, Site

CODE = "switching_phases"
STARVED = frozenset({"no_room", "imbalance_no_room", "base_load"})


def can_change(point: ChargePoint) -> bool:
    """Whether there is anything to change."""
    return point.phase_switching and len(point.conductors) == 3


@once_per_site
def _able(site: Site) -> tuple[ChargePoint, ...]:
    return tuple(p for p in site.charge_points if can_change(p))


def advance(site: Site, points: Mapping[str, PointMemory], now_s: float) -> list[Message]:
    """Bring the changes of all charge points forward by a step, in the drafts; returns what to say."""
    able = _able(site)
    out: list[Message] = []
    if not able:
        return out
    moving = {p.id for p in able if (s := points[p.id].switch) is not None and s.moving}
    for point in able:
        draft = points[point.id]
        before = draft.switch or Switch(since_s=now_s)
        seen = Seen(
            now_s=now_s,
            heard=not draft.unheard,
            plugged=draft.plugged,
            flows=max(newest(draft.samples)) >= CURRENT_FLOWS_A,
            shown=draft.phases_shown,
            read_s=draft.heard_s,
            free=not moving,
        )
        after, told = switching.advance(before, seen)
        draft.switch = after
        if after.moving:
            moving.add(point.id)
        if before.on_one and not after.on_one:
            draft.wired = ()  # what was seen on one phase tells nothing of three
        if told:
            out.append(_message(point, after, before, told, now_s))
    return out


def _message(point: ChargePoint, after: Switch, before: Switch, told: Told, now_s: float) -> Message:
    level: Level = "info" if told == "switched" else "warning"
    if told == "switched":
        what = reason("phases_switched", name=point.name, phases=after.told)
    elif told == "given_up":
        what = reason("phases_given_up", name=point.name, again_h=round(switching.AGAIN_S / 3600))
    elif told == "not_stopped":
        what = reason(
            "phases_not_stopped",
            name=point.name,
            phases=before.target,
            tries=after.fails,
            most=switching.MOST_FAILS,
        )
    else:
        what = reason(
            "phases_not_confirmed",
            name=point.name,
            phases=before.target,
            tries=after.fails,
            most=switching.MOST_FAILS,
        )
    return Message(at_s=now_s, level=level, device_id=point.id, reason=what)


def stands_out(remembered: PointMemory) -> bool:
    """Whether it is on its way to one phase: it had nothing, and needs nothing kept for it meanwhile."""
    switch = remembered.switch
    return switch is not None and switch.moving and switch.target == 1


def why_still(remembered: PointMemory) -> Reason | None:
    """The reason for 0 A of one that is changing."""
    switch = remembered.switch
    return reason(CODE, phases=switch.target) if switch is not None and switch.moving else None


def told_phases(remembered: PointMemory) -> int | None:
    """What its set-point says of phases; None leaves them alone."""
    switch = remembered.switch
    return None if switch is None or switch.shown is None else switch.told


def next_to_try(
    points: Mapping[str, PointMemory],
    candidates: Iterable[ChargePoint],
    allocation: Allocation,
    now_s: float,
    kept_out: Iterable[ChargePoint] = (),
) -> ChargePoint | None:
    """Whom to share out once more the other way: of those who get nothing on three phases or are on one, the
    one that was tried longest ago. Those for whom it is out of the question are noted to have no wish. `kept_out`:
    those who get nothing because they may not begin."""
    codes = {g.id: g.code for g in allocation.grants} | {p.id: "no_room" for p in kept_out}
    chosen: ChargePoint | None = None
    oldest_s = now_s - LOOK_EVERY_S
    for point in candidates:
        remembered = points[point.id]
        switch = remembered.switch
        if switch is None or switch.stage != "steady" or switch.shown is None or point.id not in codes:
            continue
        if switch.told == 3 and codes[point.id] not in STARVED:
            if switch.fits_s is not None:
                remembered.switch = switching.looked(switch, False, switch.looked_s)
        elif switch.looked_s <= oldest_s and (chosen is None or switch.looked_s < oldest_s):
            chosen, oldest_s = point, switch.looked_s
    return chosen


def other_way(point: ChargePoint, remembered: PointMemory) -> tuple[ChargePoint, tuple[int, ...]]:
    """The charge point and its phases as they would be after a change. Towards three its minimum is a little
    higher, so that it does not come back at once."""
    if remembered.switch is not None and remembered.switch.told == 1:
        return replace(point, min_a=point.min_a + UP_MARGIN_A), tuple(sorted(point.conductors))
    return point, (point.conductors[0],)


def dismiss(remembered: PointMemory, now_s: float) -> None:
    """Note in the draft that the other way is no better."""
    if remembered.switch is not None:
        remembered.switch = switching.looked(remembered.switch, False, now_s)


def compare(
    point: ChargePoint,
    remembered: PointMemory,
    now: tuple[Sequence[Grant], Mapping[str, tuple[int, ...]]],
    other: tuple[Sequence[Grant], Mapping[str, tuple[int, ...]]],
    now_s: float,
) -> None:
    """Note in the draft whether the other answer is better. Each: grants, and the phases of each charger."""
    switch = remembered.switch
    if switch is None:
        return
    shares, other_shares = (
        {g.id: g.current_a * len(phases[g.id]) for g in grants} for grants, phases in (now, other)
    )
    is_better = switching.better(shares, other_shares, point.id, fewer=switch.told == 3)
    remembered.switch = switching.looked(switch, is_better, now_s)
