"""Checks of phases: boards, charge points and nets of three wires."""

from collections.abc import Iterator, Sequence

from kwartier.config.layout import Layout
from kwartier.config.models import ChargePointConfig, CircuitConfig, FormulaLimit
from kwartier.config.problems import Finding, KeyPath, error


def wires(layout: Layout) -> Iterator[Finding]:
    """All findings about phases of circuits and charge points."""
    three_wire = layout.config.site.three_wire
    for i, circuit in enumerate(layout.config.circuits):
        if circuit.parent is None:
            yield from _root(i, circuit, three_wire)
        else:
            at: KeyPath = ("circuits", i, "phases")
            yield from beyond(layout, at, circuit.parent, circuit.phases)
        yield from _three_figures(i, circuit, len(layout.phases(circuit.id)))
        if three_wire and circuit.parent is not None and len(layout.phases(circuit.id)) == 1:
            what = "a board of a net without neutral has two lines or three"
            yield error(("circuits", i, "phases"), what, "write both lines, for example phases: [1, 2]")
    for i, point in enumerate(layout.config.charge_points):
        yield from beyond(layout, ("charge_points", i, "phases"), point.circuit, point.phases)
        if three_wire:
            yield from _between_lines(i, point, layout)


def beyond(
    layout: Layout, at: KeyPath, circuit_id: str | None, phases: Sequence[int] | None
) -> Iterator[Finding]:
    """Phases of something that what feeds it does not have. Numbers are those of the circuit."""
    if circuit_id not in layout.index or phases is None:
        return
    has = len(layout.wires.circuit(circuit_id))
    missing = [p for p in phases if p > has]
    if missing:
        own = {1: "one phase, its L1", 2: "two phases, its L1 and L2"}[has]
        what = f"L{missing[0]}: {circuit_id!r} has {own}; phases are counted on the circuit that feeds"
        straight = list(range(1, min(has, len(phases)) + 1))
        yield error(at, what, f"leave phases out, or write {straight}")


def _root(i: int, circuit: CircuitConfig, three_wire: bool) -> Iterator[Finding]:
    at: KeyPath = ("circuits", i, "phases")
    phases = circuit.phases
    if phases is None:
        return
    if phases != list(range(1, len(phases) + 1)):
        what = f"{phases}: the phases of the grid connection are those of the site, in their order"
        cure = (
            "leave phases out, or write [1] for a house with one phase; turn the boards and chargers instead"
        )
        yield error(at, what, cure)
    elif three_wire and len(phases) < 3:
        what = f"three_wire: true, and {len(phases)} of the three lines"
        cure = "leave phases out; a house that has two of the three lines has one phase: phases: [1], no three_wire"
        yield error(at, what, cure)


def _three_figures(i: int, circuit: CircuitConfig, phases: int) -> Iterator[Finding]:
    if phases == 3:
        return
    limit = circuit.limit_a
    figures: list[tuple[str, object]] = [("limit_a", limit), ("base_load_a", circuit.base_load_a)]
    if isinstance(limit, FormulaLimit):
        figures[0] = ("limit_a", limit.max_a)
    for key, value in figures:
        if isinstance(value, list):
            what = f"three figures for a circuit with {'one phase' if phases == 1 else 'two phases'}"
            yield error(("circuits", i, key), what, "write one number, for example 20")


def _between_lines(i: int, point: ChargePointConfig, layout: Layout) -> Iterator[Finding]:
    if len(layout.wires.point(point)) == 1:
        what = "without neutral (three_wire) a one-phase charger hangs between two lines and loads both"
        yield error(("charge_points", i, "phases"), what, "write the two lines, for example phases: [1, 2]")
    if point.phase_switching:
        what = "without neutral (three_wire) a charger with three lines has no single phase to charge on"
        cure = "remove phase_switching; a charger for one-phase cars hangs between two lines: phases: [1, 2]"
        yield error(("charge_points", i, "phase_switching"), what, cure)
