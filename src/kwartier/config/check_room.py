"""Checks of what must fit into a circuit whatever happens: its stated loads, one charger at its least beside
them, and what the chargers draw by themselves when nobody controls them (DESIGN 5.10)."""

from collections.abc import Iterator

from kwartier.config.fallbacks import worst_phase
from kwartier.config.layout import Layout
from kwartier.config.models import ChargePointConfig, CircuitConfig
from kwartier.config.problems import Finding, error
from kwartier.site.phases import PhaseVector, sub


def room(layout: Layout) -> Iterator[Finding]:
    """All findings about what cannot fit."""
    full = {c.id for c in layout.config.circuits if _loads(layout, c)}
    for circuit in layout.config.circuits:
        yield from _loads(layout, circuit)
        if circuit.id not in full:
            yield from _nobody(layout, circuit)
            yield from _fallbacks(layout, circuit)
    for i, point in enumerate(layout.config.charge_points):
        yield from _never(layout, i, point, full)


def room_a(layout: Layout, circuit: CircuitConfig) -> PhaseVector | None:
    """What is left of a circuit beside the stated loads behind it."""
    limit = layout.limit_a[circuit.id]
    return None if limit is None else sub(limit, layout.base_a[circuit.id])


def arithmetic(layout: Layout, circuit: CircuitConfig, phase: int) -> str:
    """`32 A - 28 A base load = 4 A on L2`, or `5 A on L1` where there is no base load."""
    limit, base = layout.limit_a[circuit.id], layout.base_a[circuit.id][phase - 1]
    limit_a = 0.0 if limit is None else limit[phase - 1]
    where = layout.phase(circuit.id, phase)
    if base == 0:
        return f"{limit_a:g} A on {where}"
    return f"{limit_a:g} A - {base:g} A base load = {limit_a - base:g} A on {where}"


def _loads(layout: Layout, circuit: CircuitConfig) -> list[Finding]:
    limit, base = layout.limit_a[circuit.id], layout.base_a[circuit.id]
    for phase in layout.phases(circuit.id):
        if limit is not None and base[phase - 1] > limit[phase - 1]:
            loads = [(c.id, layout.wires.base_load_a(c)[phase - 1]) for c in layout.behind[circuit.id]]
            parts = " + ".join(f"{load:g} A ({name})" for name, load in loads if load > 0)
            what = (
                f"the base loads {parts} = {base[phase - 1]:g} A on {layout.phase(circuit.id, phase)} "
                f"are more than its {limit[phase - 1]:g} A, without any car"
            )
            cure = "correct limit_a or the base_load_a of these circuits"
            return [error(("circuits", layout.index[circuit.id], "limit_a"), what, cure)]
    return []


def _least(layout: Layout, circuit: CircuitConfig, point: ChargePointConfig) -> tuple[float, int]:
    """The room that a charge point has in a circuit on the worst of its phases, and that phase."""
    left = room_a(layout, circuit)
    assert left is not None
    return min((left[phase - 1], phase) for phase in layout.wires.point(point))


def _fits(layout: Layout, circuit: CircuitConfig, point: ChargePointConfig) -> bool:
    return layout.limit_a[circuit.id] is None or _least(layout, circuit, point)[0] >= point.min_a


def _nobody(layout: Layout, circuit: CircuitConfig) -> Iterator[Finding]:
    points = layout.points[circuit.id]
    if not points or any(_fits(layout, circuit, p) for p in points):
        return
    nearest = max(points, key=lambda p: _least(layout, circuit, p)[0] - p.min_a)
    _, phase = _least(layout, circuit, nearest)
    what = (
        f"not even one charger fits: {arithmetic(layout, circuit, phase)}, "
        f"less than the {nearest.min_a:g} A that {nearest.id!r} needs at least"
    )
    cure = "nobody behind it could ever charge: raise limit_a, or move the chargers or the other load"
    yield error(("circuits", layout.index[circuit.id], "limit_a"), what, cure)


def _never(layout: Layout, i: int, point: ChargePointConfig, full: set[str]) -> Iterator[Finding]:
    """One that can never charge where others on the same circuit can."""
    for circuit in layout.path.get(point.circuit, ()):
        if circuit.id in full or not any(_fits(layout, circuit, p) for p in layout.points[circuit.id]):
            return  # said at the circuit
    for circuit in layout.path.get(point.circuit, ()):
        if not _fits(layout, circuit, point):
            _, phase = _least(layout, circuit, point)
            what = f"in {circuit.id!r} {arithmetic(layout, circuit, phase)} is less than its min_a of {point.min_a:g} A"
            cure = "it could never charge: raise limit_a there, or move it"
            yield error(("charge_points", i, "circuit"), what, cure)
            return


def _fallbacks(layout: Layout, circuit: CircuitConfig) -> Iterator[Finding]:
    """What the devices draw together when the controller is dead must fit."""
    limit = layout.limit_a[circuit.id]
    worst = worst_phase(layout, circuit.id)
    if limit is None or worst.total_a <= limit[worst.phase - 1]:
        return
    what = (
        f"without Kwartier the chargers fall back to {worst.words} on {layout.phase(circuit.id, worst.phase)}, "
        f"more than the {limit[worst.phase - 1]:g} A of the circuit"
    )
    cure = "lower the safe current that is set in the chargers, and fallback_a with it"
    yield error(("circuits", layout.index[circuit.id], "limit_a"), what, cure)
