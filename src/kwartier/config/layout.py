"""The site file as it hangs together: what is behind what, in site phases, for the checks.

The file may still be wrong. Entries that could not be read are missing, and a circle leads nowhere.
"""

from dataclasses import dataclass

from kwartier.config.models import ChargePointConfig, CircuitConfig, SiteConfig
from kwartier.config.wiring import Wires, Wiring, wiring
from kwartier.site.phases import ZERO, PhaseVector, add, maximum


@dataclass(frozen=True, slots=True)
class Layout:
    """Keys are circuit ids; "behind" a circuit is what its current flows to, itself included."""

    config: SiteConfig
    wires: Wiring
    index: dict[str, int]
    """Where a circuit stands in the file."""
    path: dict[str, tuple[CircuitConfig, ...]]
    """A circuit and those that feed it, as far as they are known."""
    behind: dict[str, list[CircuitConfig]]
    points: dict[str, list[ChargePointConfig]]
    """The charge points behind."""
    limit_a: dict[str, PhaseVector | None]
    base_a: dict[str, PhaseVector]
    """The stated other load of all that is behind, export not counted."""

    def phases(self, circuit_id: str) -> Wires:
        """The site phases of a circuit, in their order."""
        return tuple(sorted(self.wires.circuit(circuit_id)))

    def phase(self, circuit_id: str, phase: int) -> str:
        """How whoever wires a circuit calls a site phase of it: `L2`, or `L1 (L2 of the site)`."""
        wires = self.wires.circuit(circuit_id)
        own = wires.index(phase) + 1 if phase in wires else phase
        return f"L{phase}" if own == phase else f"L{own} (L{phase} of the site)"


def layout(config: SiteConfig) -> Layout:
    """Follow all cables once."""
    wires, by_id = wiring(config), {c.id: c for c in config.circuits}
    path = {c.id: _up(c, by_id) for c in config.circuits}
    behind: dict[str, list[CircuitConfig]] = {c.id: [] for c in config.circuits}
    points: dict[str, list[ChargePointConfig]] = {c.id: [] for c in config.circuits}
    base = dict.fromkeys(behind, ZERO)
    for circuit in config.circuits:
        load = maximum(ZERO, wires.base_load_a(circuit))
        for above in path[circuit.id]:
            behind[above.id].append(circuit)
            base[above.id] = add(base[above.id], load)
    for point in config.charge_points:
        for above in path.get(point.circuit, ()):
            points[above.id].append(point)
    return Layout(
        config=config,
        wires=wires,
        index={c.id: i for i, c in enumerate(config.circuits)},
        path=path,
        behind=behind,
        points=points,
        limit_a={c.id: wires.limit_a(c) for c in config.circuits},
        base_a=base,
    )


def _up(circuit: CircuitConfig, by_id: dict[str, CircuitConfig]) -> tuple[CircuitConfig, ...]:
    found, here = [circuit], by_id.get(circuit.parent or "")
    ids = {circuit.id}
    while here is not None and here.id not in ids:
        found.append(here)
        ids.add(here.id)
        here = by_id.get(here.parent or "")
    return tuple(found)
