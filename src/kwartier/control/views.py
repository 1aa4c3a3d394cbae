"""What a step saw of each circuit, for people and the record."""

from collections.abc import Mapping

from kwartier.control import guards as fuses
from kwartier.control.battery.flow import Cells
from kwartier.control.decision import CircuitView, Protection
from kwartier.control.estimate import totals
from kwartier.control.guards import Guards
from kwartier.control.memory import PointMemory
from kwartier.control.room import Room
from kwartier.control.rows import totals as total_rows
from kwartier.control.rows.totals import Sums
from kwartier.site.phases import ZERO, PhaseVector, add, on_phases, sub
from kwartier.site.topology import Circuit, Site


def views(
    site: Site,
    room: Room,
    metered_a: Mapping[str, PhaseVector],
    points: Mapping[str, PointMemory],
    phases: Mapping[str, tuple[int, ...]],
    guards: Guards = fuses.NONE,
    sums: Sums = total_rows.NONE,
    cells: Cells | None = None,
) -> tuple[CircuitView, ...]:
    """One view per circuit. `metered_a`: the present load where a meter tells it."""
    drawn, granted = dict.fromkeys(site.circuit, ZERO), dict.fromkeys(site.circuit, ZERO)
    for point in site.charge_points:
        remembered, here = points[point.id], point.circuit
        samples, granted_a = remembered.samples, remembered.granted_a
        if samples and (draws := samples[-1][1]) != ZERO:
            a, b, c = draws
            d1, d2, d3 = drawn[here]
            drawn[here] = (d1 + a, d2 + b, d3 + c)
        if remembered.silent or not remembered.known:
            granted[here] = add(granted[here], on_phases(remembered.reserved_a, point.conductors))
        elif granted_a:
            uses = phases[point.id]
            g1, g2, g3 = granted[here]
            granted[here] = (
                g1 + granted_a if 1 in uses else g1,
                g2 + granted_a if 2 in uses else g2,
                g3 + granted_a if 3 in uses else g3,
            )
    if cells is not None:
        for battery in site.batteries:
            drawn[battery.circuit] = add(drawn[battery.circuit], cells.drawn_a(battery))
    load, granted = _flowing(site, metered_a, drawn), totals(site, granted)
    if cells is not None:
        for circuit_id, mine in cells.booked().items():
            granted[circuit_id] = add(granted[circuit_id], mine)
    protected = bool(sums.rows or guards.fuses or guards.export_limits)
    return tuple(
        [
            _view(
                c,
                room,
                granted[c.id],
                load[c.id],
                c.id in metered_a,
                _protection(c, guards, sums) if protected else None,
                sums,
            )
            for c in site.circuits
        ]
    )


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


def _view(
    c: Circuit,
    room: Room,
    granted: PhaseVector,
    load: PhaseVector,
    metered: bool,
    protection: Protection | None,
    sums: Sums,
) -> CircuitView:
    limit, base = room.limit_a[c.id], room.total_base_a[c.id]
    slack = sub(sub(limit, base), granted)
    if c.id in room.safe_a:
        # Shown as people see it: not as a full circuit, but as one that may carry little.
        known = room.known_base_a[c.id]
        limit, base = sub(limit, sub(base, known)), known
    return CircuitView(
        circuit_id=c.id,
        limit_a=limit,
        sources=room.ceilings[c.id].sources,
        load_a=load,
        metered=metered,
        base_a=base,
        granted_a=granted,
        slack_a=slack,
        safe=c.id in room.safe_a,
        protection=protection,
        allowance=sums.allowances.get(c.id),
    )


def _protection(c: Circuit, guards: Guards, sums: Sums) -> Protection | None:
    """None for the many circuits that have nothing of the kind."""
    row, trip, export = sums.rows.get(c.id), guards.fuses.get(c.id), guards.export_limits.get(c.id)
    if row is None and trip is None and export is None:
        return None
    return Protection(
        total_limit_a=None if row is None else row.limit_a,
        total_source=None if row is None else row.source,
        total_limit_w=None if row is None else row.limit_w,
        fuse_used_pct=None if trip is None else trip.used_pct,
        fuse_margin_pct=None if trip is None else trip.margin_pct,
        fuse_urgency=None if trip is None else trip.urgency,
        fuse_worst_pct=None if trip is None else trip.worst_pct,
        fuse_worst_utc_s=None if trip is None else trip.worst_utc_s,
        fuse_worst_phase=None if trip is None else trip.worst_phase,
        export_w=None if export is None else export.export_w,
        export_limit_w=None if export is None else export.limit_w,
        export_over=None if export is None else export.over,
    )
