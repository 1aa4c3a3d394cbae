"""How much room each circuit has now: its ceiling, and the other load that is reckoned with in it.

A circuit whose meter is not trusted is reckoned to be full but for the safe current: that leaves its own
chargers just that together, and whoever shares a circuit above it no more than is sure.
"""

from dataclasses import dataclass, replace

from kwartier.control.estimate import Loads
from kwartier.control.memory import CircuitMemory, Memory
from kwartier.safety.envelope import Ceiling, Sources
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, minimum, sub
from kwartier.site.topology import Circuit, Site


@dataclass(frozen=True, slots=True)
class Room:
    """Per circuit id, A per phase."""

    limit_a: dict[str, PhaseVector]
    sources: dict[str, Sources]
    base_a: dict[str, PhaseVector]
    """What each circuit adds itself to the other load of its children. Below zero where those are reckoned
    higher than what its own meter sees."""
    total_base_a: dict[str, PhaseVector]
    """Other load of the circuit and of all below it."""
    known_base_a: dict[str, PhaseVector]
    """The same without what is only reckoned because a meter is lost."""
    safe_a: dict[str, PhaseVector]
    """Circuits whose meter is not trusted: what their chargers may draw together."""
    circuits: dict[str, CircuitMemory]


def rooms(site: Site, memory: Memory, ceilings: dict[str, Ceiling], loads: Loads) -> Room:
    """Turn ceilings and loads into limits. Behind a meter that is lost, waiting or recovering, the
    chargers share the safe current, and never more than what was free when it was last trusted."""
    own: dict[str, PhaseVector] = {}
    total: dict[str, PhaseVector] = {}
    known: dict[str, PhaseVector] = {}
    safe: dict[str, PhaseVector] = {}
    circuits = dict(loads.circuits)
    for c in site.bottom_up:
        ceiling_a, remembered = ceilings[c.id].limit_a, circuits[c.id]
        below, known_below = ZERO, ZERO
        for child in site.children[c.id]:
            below, known_below = add(below, total[child]), add(known_below, known[child])
        metered = loads.other_a.get(c.id)
        if c.meter is None:
            total[c.id], known[c.id] = add(c.base_load_a, below), add(c.base_load_a, known_below)
        elif metered is not None and memory.meters[c.meter].trusted:
            total[c.id] = known[c.id] = metered
            circuits[c.id] = replace(remembered, room_a=maximum(ZERO, sub(ceiling_a, metered)))
        else:
            safe[c.id] = cap = _safe(c, remembered)
            known[c.id] = known_below if metered is None else metered
            total[c.id] = maximum(known[c.id], sub(ceiling_a, cap))
        own[c.id] = sub(total[c.id], below)
    return Room(
        limit_a={i: c.limit_a for i, c in ceilings.items()},
        sources={i: c.sources for i, c in ceilings.items()},
        base_a=own,
        total_base_a=total,
        known_base_a=known,
        safe_a=safe,
        circuits=circuits,
    )


def _safe(circuit: Circuit, remembered: CircuitMemory) -> PhaseVector:
    cap = (circuit.safe_current_a, circuit.safe_current_a, circuit.safe_current_a)
    return cap if remembered.room_a is None else minimum(cap, remembered.room_a)
