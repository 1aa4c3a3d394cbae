"""How much room each circuit has now: its ceiling, its own load, and the safe current on meter loss."""

from dataclasses import dataclass, replace

from kwartier.control.estimate import Loads, totals
from kwartier.control.memory import CircuitMemory, Memory
from kwartier.safety.envelope import Ceiling
from kwartier.site.phases import ZERO, PhaseVector, add, minimum, sub
from kwartier.site.topology import Site


@dataclass(frozen=True, slots=True)
class Room:
    """Per circuit id, A per phase."""

    limit_a: dict[str, PhaseVector]
    sources: dict[str, tuple[str, str, str]]
    base_a: dict[str, PhaseVector]
    """Own load, without chargers and child circuits."""
    total_base_a: dict[str, PhaseVector]
    """Own load of the circuit and of all below it."""
    safe_a: dict[str, PhaseVector]
    """Circuits whose meter is not trusted: what their chargers may draw together."""
    circuits: dict[str, CircuitMemory]


def rooms(site: Site, memory: Memory, ceilings: dict[str, Ceiling], loads: Loads) -> Room:
    """Turn ceilings and loads into limits. Behind a meter that is lost, waiting or recovering, the
    chargers share the safe current, and never more than what was free when it was last trusted."""
    total_base = totals(site, loads.base_a)
    limit: dict[str, PhaseVector] = {}
    sources: dict[str, tuple[str, str, str]] = {}
    safe: dict[str, PhaseVector] = {}
    circuits: dict[str, CircuitMemory] = {}
    for c in site.circuits:
        ceiling = ceilings[c.id]
        limit[c.id], sources[c.id] = ceiling.limit_a, ceiling.sources
        remembered = loads.circuits[c.id]
        if c.meter is not None and memory.meters[c.meter].trusted:
            free = sub(ceiling.limit_a, total_base[c.id])
            remembered = replace(remembered, room_a=(max(0.0, free[0]), max(0.0, free[1]), max(0.0, free[2])))
        elif c.meter is not None:
            cap = (c.safe_current_a, c.safe_current_a, c.safe_current_a)
            if remembered.room_a is not None:
                cap = minimum(cap, remembered.room_a)
            safe[c.id] = cap
            # The cap is for the chargers alone: what children measure as other load comes on top of it.
            below = sub(total_base[c.id], loads.base_a[c.id])
            with_loads = add(cap, (max(0.0, below[0]), max(0.0, below[1]), max(0.0, below[2])))
            limit[c.id] = minimum(limit[c.id], with_loads)
        circuits[c.id] = remembered
    base = {c.id: ZERO if c.id in safe else loads.base_a[c.id] for c in site.circuits}
    return Room(limit, sources, base, totals(site, base), safe, circuits)
