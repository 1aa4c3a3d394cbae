"""What the site needs beside cars and batteries, from the meter of the grid connection: the ground on which the sun is
shared, plans are compared with what happens, and batteries balance.

    rest = grid - what all charge points drew then - what batteries took then

Each is read at the meter's own moment, so that a car or a battery that changes is no change of the rest.
"""

from math import isfinite

from kwartier.control.battery.flow import Cells, around_w
from kwartier.control.estimate import measured_around
from kwartier.control.memory import Memory, PointMemory
from kwartier.control.wishes.sun_memory import FlowMemory
from kwartier.safety.power import UNKNOWN, Volts, volts
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

SMOOTH_S = 15.0
ANEW_S = 60.0
"""After a gap of so long it begins anew."""


def flow(
    site: Site, before: FlowMemory | None, memory: Memory, picture: Picture, cells: Cells | None
) -> FlowMemory | None:
    """The next value; None while the meter of the grid connection is not trusted, or there is none."""
    meter_id = site.root.meter
    if meter_id is None or not memory.meters[meter_id].trusted:
        return None
    ladder, reading = memory.meters[meter_id], picture.meters.get(meter_id)
    if reading is None:
        return None
    at_s = ladder.heard_s
    if before is not None and before.at_s == at_s:
        return before
    u = volts(reading.voltage_v, three_wire=site.three_wire)
    grid_w = reading.power_w
    if grid_w is None or not isfinite(grid_w):
        if ladder.current_a is None:
            return None
        grid_w = sum(ladder.current_a) * u.likely_v
    newest_w = grid_w - sum(drawn_w(memory.points[p.id], at_s, u) for p in site.charge_points)
    if cells is not None:
        newest_w -= sum(sum(around_w(m, at_s)) / 2 for m in cells.memory.values() if not m.unheard)
    if before is None or not 0 < at_s - before.at_s <= ANEW_S:
        return FlowMemory(rest_w=newest_w, newest_w=newest_w, at_s=at_s)
    rest_w = smoothed(before.rest_w, newest_w, at_s - before.at_s)
    return FlowMemory(rest_w=rest_w, newest_w=newest_w, at_s=at_s)


def smoothed(before_w: float, newest_w: float, passed_s: float) -> float:
    """The rest after the newest value was true for so long."""
    return before_w + (newest_w - before_w) * passed_s / (passed_s + SMOOTH_S)


def drawn_w(remembered: PointMemory, at_s: float, u: Volts = UNKNOWN) -> float:
    """What a charge point drew around a moment, W: the middle of what it told."""
    if remembered.unheard or not remembered.samples:
        return 0.0
    most, least = measured_around(remembered.samples, at_s)
    return (sum(most, 0.0) + sum(least, 0.0)) / 2 * u.likely_v
