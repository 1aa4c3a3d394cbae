"""From readings to the own load of each circuit: what flows that is neither charger nor child circuit.

For a circuit whose meter speaks:

    own load = metered current - currents of the metered circuits below - measured chargers below
                               - assumed loads of unmetered circuits below

so that, added up again over the tree, every metered circuit carries just what its meter says. Two things
make the estimate safe against readings that are not of the same moment: a charger is subtracted with the
*largest* of its readings around the meter's, which can make the own load look too small for a moment
only; and the loop works with the largest own load of the last ten seconds, which holds through that
moment. A load that rises is seen at once; one that falls is believed after ten seconds of good data
(DESIGN section 5.3).

A charge point that was not heard for a while draws something between nothing and what is booked for it. What the meter
shows above the own load of before the silence is taken to be its current, as far as the booking goes: so
it is not counted twice while it draws, and its booking stays whole when it does not.
"""

from dataclasses import dataclass

from kwartier.control.memory import CircuitMemory, Memory, PointMemory
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, minimum, on_phases, sub
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Circuit, Site

HOLD_S = 10.0
ALIGN_S = 2.5
UNSURE_S = 5.0
"""A charge point not heard for this long may draw something else than it last said."""


@dataclass(frozen=True, slots=True)
class Loads:
    """Per circuit: own load to reckon with, and the whole present load where a meter tells it."""

    base_a: dict[str, PhaseVector]
    load_a: dict[str, PhaseVector | None]
    circuits: dict[str, CircuitMemory]


def estimate(site: Site, memory: Memory, meters: dict[str, MeterReading], now_s: float) -> Loads:
    """The own load of each circuit now and the memory of it. Unmetered circuits have their assumed load."""
    live = _live(site, memory, meters)
    base: dict[str, PhaseVector] = {}
    load: dict[str, PhaseVector | None] = {}
    circuits: dict[str, CircuitMemory] = {}
    for c in site.circuits:
        reading = live.get(c.id)
        remembered = memory.circuits[c.id]
        if reading is None:
            base[c.id] = c.base_load_a if c.meter is None else ZERO
            load[c.id] = None
            circuits[c.id] = remembered
            continue
        now_base, unsure = _own_load(site, c, live, memory.points, now_s)
        if unsure != ZERO:
            now_base = sub(now_base, _clamped(sub(now_base, remembered.quiet_a), unsure))
        samples = remembered.base
        if not samples or samples[-1][0] != reading.at_s:
            samples = (*samples, (reading.at_s, now_base))
        samples = tuple(s for s in samples if s[0] > now_s - HOLD_S or s is samples[-1])
        worst = samples[0][1]
        for _, value in samples[1:]:
            worst = maximum(worst, value)
        base[c.id] = worst
        load[c.id] = reading.current_a
        quiet = worst if unsure == ZERO else remembered.quiet_a
        circuits[c.id] = CircuitMemory(base=samples, quiet_a=quiet, room_a=remembered.room_a)
    return Loads(base, load, circuits)


def _live(site: Site, memory: Memory, meters: dict[str, MeterReading]) -> dict[str, MeterReading]:
    out = {}
    for c in site.circuits:
        if c.meter is not None and memory.meters[c.meter].has_value:
            reading = meters.get(c.meter)
            if reading is not None and reading.current_a is not None:
                out[c.id] = reading
    return out


def _own_load(
    site: Site, circuit: Circuit, live: dict[str, MeterReading], points: dict[str, PointMemory], now_s: float
) -> tuple[PhaseVector, PhaseVector]:
    """What is left of the meter's currents, and what may be drawn within that by charge points that are not heard."""
    reading = live[circuit.id]
    left, unsure = reading.current_a or ZERO, ZERO
    to_visit = [circuit.id]
    while to_visit:
        here = to_visit.pop()
        for point_id in site.charge_points_on[here]:
            remembered = points[point_id]
            if remembered.unheard or now_s - remembered.heard_s > UNSURE_S:
                point = site.charge_point[point_id]
                unsure = add(unsure, on_phases(remembered.reserved_a, point.conductors))
            else:
                left = sub(left, measured_around(remembered, reading.at_s))
        for child in site.children[here]:
            below = live.get(child)
            if below is not None and below.current_a is not None:
                left = sub(left, below.current_a)
            else:
                if site.circuit[child].meter is None:
                    left = sub(left, site.circuit[child].base_load_a)
                to_visit.append(child)
    return left, unsure


def _clamped(value: PhaseVector, most: PhaseVector) -> PhaseVector:
    """Per phase between nothing and `most`."""
    return minimum(maximum(value, ZERO), most)


def measured_around(point: PointMemory, at_s: float) -> PhaseVector:
    """The largest measured current per phase around a moment; the newest when there is none so near."""
    worst: PhaseVector | None = None
    for when, value in point.samples:
        if abs(when - at_s) <= ALIGN_S:
            worst = value if worst is None else maximum(worst, value)
    if worst is not None:
        return worst
    return point.samples[-1][1] if point.samples else ZERO


def totals(site: Site, own: dict[str, PhaseVector]) -> dict[str, PhaseVector]:
    """Sum own values up the tree: for each circuit its own and all below."""
    out = dict(own)
    for c in site.bottom_up:
        if c.parent is not None:
            out[c.parent] = add(out[c.parent], out[c.id])
    return out
