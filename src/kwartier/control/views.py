"""What a step saw of each circuit, for people and the record."""

from collections.abc import Mapping

from kwartier.control.decision import CircuitView
from kwartier.control.estimate import totals
from kwartier.control.memory import PointMemory, newest
from kwartier.control.room import Room
from kwartier.site.phases import ZERO, PhaseVector, add, on_phases, sub
from kwartier.site.topology import Circuit, Site


def views(
    site: Site,
    room: Room,
    metered_a: Mapping[str, PhaseVector],
    points: Mapping[str, PointMemory],
    phases: Mapping[str, tuple[int, ...]],
) -> tuple[CircuitView, ...]:
    """One view per circuit. `metered_a`: the present load where a meter tells it."""
    drawn, granted = dict.fromkeys(site.circuit, ZERO), dict.fromkeys(site.circuit, ZERO)
    for point in site.charge_points:
        remembered = points[point.id]
        here = point.circuit
        drawn[here] = add(drawn[here], newest(remembered.samples))
        if remembered.unheard:
            booked = on_phases(remembered.reserved_a, point.conductors)
        else:
            booked = on_phases(remembered.granted_a, phases[point.id])
        granted[here] = add(granted[here], booked)
    load, granted = _flowing(site, metered_a, drawn), totals(site, granted)
    return tuple(_view(c, room, granted[c.id], load[c.id], c.id in metered_a) for c in site.circuits)


def _flowing(
    site: Site, metered_a: Mapping[str, PhaseVector], drawn: Mapping[str, PhaseVector]
) -> dict[str, PhaseVector]:
    """The present load of each circuit: metered, or what is known of the things behind it."""
    load: dict[str, PhaseVector] = {}
    for c in site.bottom_up:
        metered = metered_a.get(c.id)
        if metered is None:
            metered = drawn[c.id] if c.meter is not None else add(drawn[c.id], c.base_load_a)
            for child in site.children[c.id]:
                metered = add(metered, load[child])
        load[c.id] = metered
    return load


def _view(c: Circuit, room: Room, granted: PhaseVector, load: PhaseVector, metered: bool) -> CircuitView:
    limit, base = room.limit_a[c.id], room.total_base_a[c.id]
    slack = sub(sub(limit, base), granted)
    if c.id in room.safe_a:
        # Shown as people see it: not as a full circuit, but as one that may carry little.
        known = room.known_base_a[c.id]
        limit, base = sub(limit, sub(base, known)), known
    return CircuitView(
        circuit_id=c.id,
        limit_a=limit,
        sources=room.sources[c.id],
        load_a=load,
        metered=metered,
        base_a=base,
        granted_a=granted,
        slack_a=slack,
        safe=c.id in room.safe_a,
    )
