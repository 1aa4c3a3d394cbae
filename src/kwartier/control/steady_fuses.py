"""What currents that go on as they are do to fuses meanwhile. For simulated time that leaps (`control.steady`)."""

from math import inf

from kwartier.control.guards import flowing
from kwartier.control.memory import Memory
from kwartier.safety.tripping import EVERY_S, TripMemory, run
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import Fuse, Site

STEP_S = 1.0
LOOKS_S = 60
"""How far ahead the cooling of a fuse is reckoned."""


def carried_all(site: Site, memory: Memory, by_s: float) -> dict[str, TripMemory]:
    """All fuses after `by_s` more seconds of the same currents, as steps of a second reckon them."""
    if not memory.fuses or memory.step_s is None:
        return memory.fuses
    flows, now_s = flowing(site, memory), memory.step_s
    return {
        c.id: carried(memory.fuses[c.id], c.fuse, flows[c.id], now_s, now_s + by_s)
        for c in site.fused
        if c.fuse is not None
    }


def cooled_s(site: Site, memory: Memory) -> float:
    """The last moment up to which the fuses that run towards their trip, or cool down again, restrain nobody more or less
    and nothing is to be told of them; a minute ahead at most. Others do so by no time of their own."""
    hot = [c for c in site.fused if c.id in memory.fuses and _each_second(memory.fuses[c.id])]
    if not hot or memory.step_s is None:
        return inf
    flows, now_s = flowing(site, memory), memory.step_s
    for circuit in hot:
        trip = memory.fuses[circuit.id]
        assert circuit.fuse is not None
        for k in range(LOOKS_S):
            at_s = now_s + k * STEP_S
            new = _second(trip, circuit.fuse, flows[circuit.id], at_s + STEP_S)
            if new.urgency != trip.urgency or new.told != trip.told:
                return at_s
            trip = new
    return now_s + LOOKS_S


def _each_second(trip: TripMemory) -> bool:
    """Whether it is drawn up each second."""
    return trip.urgency != "calm" or trip.over_s is not None


def carried(trip: TripMemory, fuse: Fuse, current_a: PhaseVector, now_s: float, end_s: float) -> TripMemory:
    """A fuse at `end_s`, when the same current flows in each second from `now_s` on."""
    if _each_second(trip):
        while now_s < end_s:
            now_s += STEP_S
            trip = _second(trip, fuse, current_a, now_s)
        return trip
    a, b, c = current_a
    next_s = trip.at_s + EVERY_S
    if next_s <= end_s and trip.largest_a != (abs(a), abs(b), abs(c)):
        # Once more with the largest current of the seconds before.
        trip = _second(trip, fuse, current_a, next_s)
    at_s = trip.at_s + (end_s - trip.at_s) // EVERY_S * EVERY_S
    return run(trip, fuse, current_a, before_s=trip.at_s, now_s=at_s, utc_s=0.0)


def _second(trip: TripMemory, fuse: Fuse, current_a: PhaseVector, now_s: float) -> TripMemory:
    return run(trip, fuse, current_a, before_s=now_s - STEP_S, now_s=now_s, utc_s=0.0)
