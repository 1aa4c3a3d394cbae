"""Holding back who asks: what a fuse near its trip and a tight quarter-hour take from the demands of a step.

It only ever takes: a demand becomes smaller, or nothing with a reason.
"""

from collections.abc import Mapping

from kwartier.control import guards as fuses
from kwartier.control.chargers.points import Demand
from kwartier.control.guards import Guards
from kwartier.control.memory import PointMemory
from kwartier.control.rows.totals import Sums
from kwartier.site.reasons import reason
from kwartier.site.topology import ChargePoint, Site


def by_fuses(
    site: Site,
    guards: Guards,
    points: Mapping[str, PointMemory],
    demands: dict[str, Demand],
    candidates: list[ChargePoint],
) -> list[ChargePoint]:
    """Behind a fuse in a hurry: the minimum, and nobody begins; nothing at all where that did not help.
    Changes `demands`; returns who still asks."""
    out = []
    for point in candidates:
        circuit_id = guards.urgent.get(point.id)
        if circuit_id is None:
            out.append(point)
            continue
        name = site.circuit[circuit_id].name
        if fuses.stopped(guards, point.id):
            demands[point.id] = Demand(0.0, reason("fuse_stop", circuit=name))
        elif points[point.id].granted_a <= 0:
            demands[point.id] = Demand(0.0, reason("fuse_hurry", circuit=name))
        else:
            if demands[point.id].max_a > point.min_a:
                demands[point.id] = Demand(point.min_a, reason("fuse_hurry", circuit=name))
            out.append(point)
    return out


def by_quarters(sums: Sums, demands: dict[str, Demand], candidates: list[ChargePoint]) -> list[ChargePoint]:
    """Who may not begin in what is left of a quarter-hour asks for nothing. Changes `demands`."""
    for point_id, why in sums.waits.items():
        demands[point_id] = Demand(0.0, why)
    return [p for p in candidates if p.id not in sums.waits]
