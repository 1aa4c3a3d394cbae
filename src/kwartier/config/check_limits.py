"""Checks of a circuit's own figures: its limit against its fuse, what feeds it, and its stated other load."""

from collections.abc import Iterator

from kwartier.config.layout import Layout
from kwartier.config.models import CircuitConfig
from kwartier.config.problems import Finding, KeyPath, error, warning
from kwartier.site.phases import ZERO, PhaseVector


def limits(layout: Layout) -> Iterator[Finding]:
    """All findings about limits and base loads."""
    for i, circuit in enumerate(layout.config.circuits):
        limit = layout.limit_a[circuit.id]
        if limit is None:
            what = "a formula alone does not bound the circuit when a variable is wrong"
            cure = (
                'add a fuse with its rating_a, or write limit_a: {formula: "...", max_a: 63} '
                "with what the circuit may carry at most"
            )
            yield error(("circuits", i, "limit_a"), what, cure)
        else:
            yield from _limit_and_fuse(i, circuit, limit)
            yield from _limit_and_parent(i, circuit, limit, layout)
        yield from _base_load(i, circuit, layout)


def _limit_and_fuse(i: int, circuit: CircuitConfig, limit_a: PhaseVector) -> Iterator[Finding]:
    if circuit.fuse is not None and max(limit_a) > circuit.fuse.rating_a:
        what = f"{max(limit_a):g} A is more than the {circuit.fuse.rating_a:g} A of the fuse"
        yield error(("circuits", i, "limit_a"), what, f"write at most {circuit.fuse.rating_a:g}")


def _limit_and_parent(
    i: int, circuit: CircuitConfig, limit_a: PhaseVector, layout: Layout
) -> Iterator[Finding]:
    above = layout.limit_a.get(circuit.parent or "")
    if above is None:
        return
    for phase in layout.phases(circuit.id):
        own, parents = limit_a[phase - 1], above[phase - 1]
        if own > parents:
            where = layout.phase(circuit.id, phase)
            what = f"{own:g} A on {where} is more than the {parents:g} A of {circuit.parent!r} that feeds it"
            cure = f"this works, for {circuit.parent!r} limits it too; check that neither figure is a slip"
            yield warning(("circuits", i, "limit_a"), what, cure)
            return


def _base_load(i: int, circuit: CircuitConfig, layout: Layout) -> Iterator[Finding]:
    at: KeyPath = ("circuits", i, "base_load_a")
    base = layout.wires.base_load_a(circuit)
    if min(base) < 0:
        what = f"{min(base):g} A would be room for charging that is gone when the sun is"
        yield error(at, what, "write the largest load, 0 or more; only a meter can show that something feeds")
        return
    if circuit.meter is not None and base != ZERO:
        yield warning(at, "the load of a circuit with a meter is measured", "remove base_load_a")
    if circuit.parent is None and circuit.meter is None and base == ZERO:
        what = "nothing measures the grid connection and it has no base_load_a, so only chargers are counted"
        yield warning(("circuits", i), what, "add its meter, or base_load_a with the largest other load")
