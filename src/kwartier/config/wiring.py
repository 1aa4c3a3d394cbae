"""Where everything hangs, in site phases.

In the site file whoever wires a board speaks of that board: `phases` of a circuit are those of the circuit
above, `phases` of a charge point and `conductors` of a meter those of their own circuit, and three figures of
a circuit are its own L1, L2, L3. Inside a `Site` there are site phases only, which are those of the grid
connection; here the one becomes the other. Site phase of conductor k:

    site(circuit)[k] = site(circuit above)[circuit.phases[k]]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kwartier.config.models import ChargePointConfig, CircuitConfig, FormulaLimit, MeterConfig, SiteConfig
from kwartier.site.phases import PHASES, PhaseVector, on_phases

Wires = tuple[int, ...]
"""The site phase of each conductor, in the order L1, L2, L3."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """The wires of every circuit that the file names."""

    circuits: Mapping[str, Wires]

    def circuit(self, circuit_id: str | None) -> Wires:
        """The wires of a circuit; all three for one that the file does not have."""
        return self.circuits.get(circuit_id or "", PHASES)

    def point(self, point: ChargePointConfig) -> Wires:
        """The wires of a charge point."""
        return _through(self.circuit(point.circuit), point.phases)

    def hanging(self, circuit_id: str, phases: Sequence[int] | None) -> Wires:
        """The wires of whatever hangs with these phases on a circuit; None: with all of them."""
        return _through(self.circuit(circuit_id), phases)

    def meter(self, meter: MeterConfig, config: SiteConfig) -> Wires:
        """The wires of a meter: those of its circuit, in the order and number that its own keys say."""
        above = self.circuit(circuit_of(meter, config))
        if meter.options.conductors is not None:
            return _through(above, meter.options.conductors)
        return above if meter.phases is None else above[: meter.phases]

    def limit_a(self, circuit: CircuitConfig) -> PhaseVector | None:
        """What a circuit may carry at most, A per site phase; None where a formula has neither max_a nor a
        fuse. On a phase that the circuit does not have the figure is the same and binds nothing."""
        limit = circuit.limit_a
        if isinstance(limit, FormulaLimit):
            limit = limit.max_a
        elif isinstance(limit, str):
            if circuit.fuse is None:
                return None
            limit = circuit.fuse.rating_a
        return self._vector(circuit, limit) if isinstance(limit, list) else _everywhere(limit)

    def base_load_a(self, circuit: CircuitConfig) -> PhaseVector:
        """The stated other load of a circuit, A per site phase; none on a phase that it does not have."""
        base = circuit.base_load_a
        if isinstance(base, list):
            return self._vector(circuit, base)
        return on_phases(float(base), self.circuit(circuit.id))

    def _vector(self, circuit: CircuitConfig, values: Sequence[float]) -> PhaseVector:
        out = [float(value) for value in values]
        for phase, value in zip(self.circuit(circuit.id), values, strict=False):
            out[phase - 1] = float(value)
        return (out[0], out[1], out[2])


def wiring(config: SiteConfig) -> Wiring:
    """Follow the wires down the tree. Where the file is still wrong (a circle, an unknown circuit, a phase
    that the circuit above does not have) something is made of it: the checks say what is wrong."""
    by_id = {c.id: c for c in config.circuits}
    known: dict[str, Wires] = {}
    for circuit in config.circuits:
        path: list[CircuitConfig] = []
        here: CircuitConfig | None = circuit
        while here is not None and here.id not in known and here not in path:
            path.append(here)
            here = by_id.get(here.parent or "")
        wires = known.get(here.id, PHASES) if here is not None else PHASES
        for below in reversed(path):
            known[below.id] = wires = _through(wires, below.phases)
    return Wiring(known)


def circuit_of(meter: MeterConfig, config: SiteConfig) -> str | None:
    """The circuit whose phases a meter's conductors are counted on: the one that it is the meter of, else
    the one that it names, else the grid connection. None while the file has none."""
    measured = next((c.id for c in config.circuits if meter.id in {c.meter, c.backup_meter}), None)
    if measured is not None:
        return measured
    return meter.circuit or next((c.id for c in config.circuits if c.parent is None), None)


def _through(above: Wires, phases: Sequence[int] | None) -> Wires:
    """The wires of what hangs with these phases on those wires."""
    if phases is None:
        return above
    return tuple(above[p - 1] for p in phases if p <= len(above)) or above


def _everywhere(value: float) -> PhaseVector:
    return (float(value), float(value), float(value))
