"""How much room each circuit has now: its ceiling, and the other load that is reckoned with in it.

A circuit whose meter is not trusted is reckoned to be full but for the safe current: that leaves its own
chargers just that together, and whoever shares a circuit above it no more than is sure. Full is what its
wiring and fuse let through: a tighter limit from outside is no reason to believe that its other loads are smaller.
So what the limit takes away it takes from the safe current, which was proven beside the circuit's own limit
(`safety.proof`) and fits beside no tighter one:

    worst other load + safe current <= own limit
    worst other load + safe current - (own limit - limit from outside) <= limit from outside
"""

from kwartier.control.estimate import Loads
from kwartier.control.memory import CircuitMemory, Memory
from kwartier.safety.envelope import Ceiling, static_ceilings
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, minimum, sub
from kwartier.site.topology import Circuit, Site
from kwartier.site.values import valueclass


@valueclass(frozen=True, slots=True)
class Room:
    """Per circuit id, A per phase."""

    limit_a: dict[str, PhaseVector]
    """To be kept by the other load reckoned with and the chargers together."""
    ceilings: dict[str, Ceiling]
    """What each may carry by its installation and by limits from outside, and who says so."""
    base_a: dict[str, PhaseVector]
    """What each circuit adds itself to the other load of its children. Below zero where those are reckoned
    higher than what its own meter sees."""
    total_base_a: dict[str, PhaseVector]
    """Other load of the circuit and of all below it."""
    cautious_base_a: dict[str, PhaseVector]
    """The same with what it may be at most just now: to be reckoned with before a raise."""
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
    cautious: dict[str, PhaseVector] = {}
    known: dict[str, PhaseVector] = {}
    safe: dict[str, PhaseVector] = {}
    limit = {i: c.limit_a for i, c in ceilings.items()}
    circuits = dict(loads.circuits)
    for c in site.bottom_up:
        ceiling_a, remembered = ceilings[c.id].limit_a, circuits[c.id]
        children = site.children[c.id]
        below = _sum(total, children)
        metered = loads.other_a.get(c.id)
        if c.meter is None:
            total[c.id] = add(c.base_load_a, below)
            cautious[c.id] = add(c.base_load_a, _sum(cautious, children))
            known[c.id] = add(c.base_load_a, _sum(known, children))
        elif metered is not None and memory.meters[c.meter].trusted:
            total[c.id] = known[c.id] = metered
            cautious[c.id] = loads.cautious_a[c.id]
            circuits[c.id] = CircuitMemory(
                base=remembered.base,
                quiet_a=remembered.quiet_a,
                room_a=maximum(ZERO, sub(ceiling_a, metered)),
                swings=remembered.swings,
            )
        else:
            static_a, cap = static_ceilings(site)[c.id].limit_a, _safe(c, remembered)
            safe[c.id] = share = minimum(cap, _beside(c, sub(static_a, ceiling_a)))
            known[c.id] = _sum(known, children) if metered is None else metered
            total[c.id] = maximum(known[c.id], sub(static_a, cap))
            limit[c.id] = add(total[c.id], minimum(share, sub(ceiling_a, known[c.id])))
            cautious[c.id] = maximum(total[c.id], loads.cautious_a.get(c.id, known[c.id]))
        own[c.id] = sub(total[c.id], below)
    return Room(
        limit_a=limit,
        ceilings=ceilings,
        base_a=own,
        total_base_a=total,
        cautious_base_a=cautious,
        known_base_a=known,
        safe_a=safe,
        circuits=circuits,
    )


def _sum(values: dict[str, PhaseVector], circuit_ids: tuple[str, ...]) -> PhaseVector:
    l1 = l2 = l3 = 0.0
    for circuit_id in circuit_ids:
        a, b, c = values[circuit_id]
        l1, l2, l3 = l1 + a, l2 + b, l3 + c
    return (l1, l2, l3)


def _beside(circuit: Circuit, taken_a: PhaseVector) -> PhaseVector:
    """What is left of the safe current, as far as it is proven, beside what limits from outside take away."""
    safe_a = circuit.safe_current_a
    l1, l2, l3 = taken_a
    return (max(0.0, safe_a - l1), max(0.0, safe_a - l2), max(0.0, safe_a - l3))


def _safe(circuit: Circuit, remembered: CircuitMemory) -> PhaseVector:
    cap = (circuit.safe_current_a, circuit.safe_current_a, circuit.safe_current_a)
    return cap if remembered.room_a is None else minimum(cap, remembered.room_a)
