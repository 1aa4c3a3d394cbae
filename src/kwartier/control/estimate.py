"""From readings to the other load of each metered circuit: all that flows there and is no charger.

    other load = metered current - measured currents of all charge points behind the meter

Two things make the estimate safe against readings that are not of the same moment: a charger is subtracted
with the *largest* of its readings around the meter's, which can make the other load look too small for a
moment only; and the loop works with the largest other load of the last ten seconds (of the last few values
of a meter that speaks rarely), which holds through that moment. A load that rises is seen at once; one that
falls is believed after ten seconds of good data (DESIGN section 5.3).

Before anything is raised the same is asked the other way round, with the *smallest* reading of each charger:
else a load that rises in the second in which a car rises would pass for the car.

Each meter is held by itself, so that where one stands behind another their different moments never mix.

A charge point that was not heard for a while draws something between nothing and what is booked for it. What the meter
shows above the other load of before the silence is taken to be its current, as far as the booking goes: so
it is not counted twice while it draws, and its booking stays whole when it does not.

Without neutral currents meet at angles, so that a meter shows less than the sum of what flows. What is then left
may be less than the other load, never more; the total that follows from it is right as long as the chargers keep
their shares, and by the triangle inequality never too low for raises. It is not taken below zero: a car between
other lines than the one that took up the export would find no room there.
"""

from kwartier.control.battery.flow import Cells
from kwartier.control.chargers.points import booked_on, phases_of
from kwartier.control.memory import CircuitMemory, Memory, PointMemory, Sample, newest
from kwartier.safety.ladder import lost_after_s
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, minimum, sub
from kwartier.site.topology import Circuit, Site
from kwartier.site.values import valueclass

ALIGN_S = 2.5
UNSURE_S = 5.0
"""A charge point not heard for this long may draw something else than it last said."""


@valueclass(frozen=True, slots=True)
class Loads:
    """Per circuit whose meter speaks: the other load to reckon with and the whole present load, A."""

    other_a: dict[str, PhaseVector]
    cautious_a: dict[str, PhaseVector]
    """The other load before raises: the same or more."""
    load_a: dict[str, PhaseVector]
    circuits: dict[str, CircuitMemory]
    """What to remember, of every circuit."""


def estimate(site: Site, memory: Memory, now_s: float, cells: Cells | None = None) -> Loads:
    """What the meters tell, by the values that the ladders believed. A circuit whose meter is silent, or
    that has none, is missing in `other_a` and `load_a`. Batteries are no other load: what they take is booked by
    itself, what they give is taken to end at any moment."""
    other: dict[str, PhaseVector] = {}
    cautious: dict[str, PhaseVector] = {}
    load: dict[str, PhaseVector] = {}
    circuits: dict[str, CircuitMemory] = {}
    for c in site.circuits:
        circuits[c.id] = remembered = memory.circuits[c.id]
        if c.meter is None:
            continue
        ladder = memory.meters[c.meter]
        if not ladder.has_value or ladder.current_a is None:
            continue
        load[c.id] = ladder.current_a
        now_other, swing, unsure = other_load(site, c, memory.points, ladder.current_a, ladder.heard_s, now_s)
        flow = None if cells is None else cells.around(c.id, ladder.heard_s)
        if flow is not None:
            now_other = sub(now_other, flow.least_a)
            swing = add(swing, flow.swing_a)
            unsure = add(unsure, flow.unsure_a)
        if unsure != ZERO:
            now_other = sub(now_other, _clamped(sub(now_other, remembered.quiet_a), unsure))
        if flow is not None:
            now_other = add(now_other, _clamped(sub(remembered.quiet_a, now_other), flow.help_a))
            now_other = add(now_other, flow.unknown_a)
            unsure = add(unsure, add(flow.help_a, flow.unknown_a))
        if site.three_wire:
            now_other = maximum(now_other, ZERO)
        samples = remembered.base
        if not samples or samples[-1][0] != ladder.heard_s:
            samples = (*samples, (ladder.heard_s, now_other))
        hold_s = lost_after_s(site.meter[c.meter])
        while len(samples) > 1 and samples[0][0] <= now_s - hold_s:
            samples = samples[1:]
        other[c.id] = worst = _largest(samples)
        cautious[c.id] = maximum(worst, add(now_other, swing))
        quiet = worst if unsure == ZERO else remembered.quiet_a
        swings = None if c.imbalance_a is None else _swings(remembered, samples, swing)
        circuits[c.id] = CircuitMemory(base=samples, quiet_a=quiet, room_a=remembered.room_a, swings=swings)
    return Loads(other, cautious, load, circuits)


def _largest(samples: tuple[Sample, ...]) -> PhaseVector:
    """The largest value per phase of at least one."""
    most1, most2, most3 = samples[0][1]
    for _, (a, b, c) in samples:
        if a > most1:
            most1 = a
        if b > most2:
            most2 = b
        if c > most3:
            most3 = c
    return (most1, most2, most3)


def _swings(remembered: CircuitMemory, samples: tuple[Sample, ...], swing: PhaseVector) -> tuple[Sample, ...]:
    """How unsure each of the samples is: as it was when it was taken."""
    known = dict(remembered.swings or ())
    return tuple((at_s, known.get(at_s, swing)) for at_s, _ in samples)


def other_load(
    site: Site,
    circuit: Circuit,
    points: dict[str, PointMemory],
    metered_a: PhaseVector,
    at_s: float,
    now_s: float,
) -> tuple[PhaseVector, PhaseVector, PhaseVector]:
    """What is left of the meter's currents, how much more it may be because the chargers changed just then, and
    what may be drawn within that by charge points that are not heard."""
    l1, l2, l3 = metered_a
    swing, unsure = ZERO, ZERO
    for point_id in site.charge_points_behind[circuit.id]:
        remembered = points[point_id]
        if remembered.silent or not remembered.known or now_s - remembered.heard_s > UNSURE_S:
            point = site.charge_point[point_id]
            phases = phases_of(point, remembered, now_s)
            unsure = add(unsure, booked_on(point, remembered, phases, remembered.granted_a))
            continue
        samples = remembered.samples
        most = least = newest(samples)
        for _, value in samples:
            if value != least:
                most, least = measured_around(samples, at_s)
                break
        if most == ZERO and least == ZERO:
            continue  # an idle socket, as most are most of the time
        a1, a2, a3 = most
        l1, l2, l3 = l1 - a1, l2 - a2, l3 - a3
        if least != most:
            swing = add(swing, sub(most, least))
    return (l1, l2, l3), swing, unsure


def _clamped(value: PhaseVector, most: PhaseVector) -> PhaseVector:
    """Per phase between nothing and `most`."""
    return minimum(maximum(value, ZERO), most)


def measured_around(samples: tuple[Sample, ...], at_s: float) -> tuple[PhaseVector, PhaseVector]:
    """The largest and the smallest measured current per phase around a moment; the newest when there is none
    so near."""
    steady = newest(samples)
    for _, value in samples:
        if value != steady:
            break
    else:
        return steady, steady
    most: PhaseVector | None = None
    least = ZERO
    for when, value in samples:
        if -ALIGN_S <= when - at_s <= ALIGN_S:
            if most is None:
                most = least = value
            elif value != most:
                most, least = maximum(most, value), minimum(least, value)
    if most is None:
        most = least = steady
    return most, least


def totals(site: Site, own: dict[str, PhaseVector]) -> dict[str, PhaseVector]:
    """Sum own values up the tree: for each circuit its own and all below."""
    out = dict(own)
    for c in site.bottom_up:
        if c.parent is not None and (here := out[c.id]) != ZERO:
            out[c.parent] = add(out[c.parent], here)
    return out
