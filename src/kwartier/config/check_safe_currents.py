"""Checks of safe currents: what all chargers behind a meter may draw together while it is lost must fit beside
the other loads, and so must those of several meters that are lost at once (they share a network)."""

from collections.abc import Iterator

from kwartier.config.layout import Layout
from kwartier.config.models import CircuitConfig
from kwartier.config.problems import Finding, KeyPath, error, warning
from kwartier.site.units import LINE_TO_MIDDLE_V, NOMINAL_VOLTAGE_V, W_PER_KW


def safe_currents(layout: Layout) -> Iterator[Finding]:
    """All findings about safe currents."""
    for i, circuit in enumerate(layout.config.circuits):
        safe = circuit.safe_current_a
        if circuit.meter is not None and safe is None:
            what = f"there is no safe_current_a, so charging stops while the meter {circuit.meter!r} is lost"
            cure = "add safe_current_a: what all chargers behind it may draw together then, or 0 when that is meant"
            yield warning(("circuits", i, "meter"), what, cure)
        if safe is not None:
            yield from _beside_loads(i, circuit, safe, layout)
            yield from _within_contract(i, circuit, safe, layout)
            yield from _enough(i, circuit, safe, layout)
        yield from _together(i, circuit, layout)


def _beside_loads(i: int, circuit: CircuitConfig, safe_a: float, layout: Layout) -> Iterator[Finding]:
    at: KeyPath = ("circuits", i, "safe_current_a")
    if circuit.meter is None:
        what = "a safe current is for a circuit with a meter, and this one has none"
        yield warning(at, what, "add its meter, or remove safe_current_a")
    limit = layout.limit_a[circuit.id]
    if limit is None:
        return
    phase = min(layout.phases(circuit.id), key=lambda p: limit[p - 1] - layout.base_a[circuit.id][p - 1])
    limit_a, base_a = limit[phase - 1], layout.base_a[circuit.id][phase - 1]
    if safe_a > min(limit[p - 1] for p in layout.phases(circuit.id)):
        least = min(limit[p - 1] for p in layout.phases(circuit.id))
        what = f"{safe_a:g} A is more than the limit of {least:g} A"
        yield error(at, what, "write what is left of the limit beside the largest other load")
    elif base_a <= limit_a < safe_a + base_a:
        what = (
            f"{safe_a:g} A safe current + {base_a:g} A base load behind it = {safe_a + base_a:g} A "
            f"on {layout.phase(circuit.id, phase)}, more than its {limit_a:g} A"
        )
        yield error(at, what, f"write at most {limit_a - base_a:g}, less what else may flow there")


def _within_contract(i: int, circuit: CircuitConfig, safe_a: float, layout: Layout) -> Iterator[Finding]:
    """A contract binds the sum of the phases, and what cars draw on the safe current must fit in it too."""
    if circuit.contract_kw is None or circuit.meter is None:
        return
    volts = LINE_TO_MIDDLE_V if layout.config.site.three_wire else NOMINAL_VOLTAGE_V
    phases, base = layout.phases(circuit.id), layout.base_a[circuit.id]
    cars_a, base_a = sum(_drawn_a(circuit, p, layout) for p in phases), sum(base[p - 1] for p in phases)
    total_kw = (cars_a + base_a) * volts / W_PER_KW
    if base_a * volts / W_PER_KW <= circuit.contract_kw < total_kw:
        beside = f" + {base_a:g} A base load" if base_a else ""
        what = (
            f"{safe_a:g} A safe current is {cars_a:g} A{beside} over all phases x {volts:.0f} V = {total_kw:.2f} kW, "
            f"more than the contract of {circuit.contract_kw:g} kW"
        )
        yield error(("circuits", i, "safe_current_a"), what, "lower it, less what else may flow there")


def _enough(i: int, circuit: CircuitConfig, safe_a: float, layout: Layout) -> Iterator[Finding]:
    points = layout.points[circuit.id]
    least = min(points, key=lambda p: p.min_a, default=None)
    if least is not None and 0 < safe_a < least.min_a:
        what = f"{safe_a:g} A is less than the {least.min_a:g} A at which {least.id!r} begins, so nobody charges on it"
        yield warning(("circuits", i, "safe_current_a"), what, "raise it, or write 0 when that is meant")


def _together(i: int, circuit: CircuitConfig, layout: Layout) -> Iterator[Finding]:
    """Several metered circuits behind one that has no meter: its limit must carry all their safe currents."""
    limit = layout.limit_a[circuit.id]
    if circuit.meter is not None or limit is None:
        return
    metered = [c for c in layout.behind[circuit.id] if c.safe_current_a and _nearest(c, circuit, layout)]
    if len(metered) < 2:
        return
    for phase in layout.phases(circuit.id):
        shares = [(c.id, _drawn_a(c, phase, layout)) for c in metered]
        base = layout.base_a[circuit.id][phase - 1]
        total = sum(share for _, share in shares) + base
        if total > limit[phase - 1] >= base:
            parts = [f"{share:g} A ({name})" for name, share in shares if share]
            parts += [f"{base:g} A base load"] if base else []
            what = (
                f"while the meters behind it are lost, the safe currents {' + '.join(parts)} = {total:g} A on "
                f"{layout.phase(circuit.id, phase)} are more than its {limit[phase - 1]:g} A"
            )
            cure = "lower these safe_current_a, or give this circuit a meter and a safe current of its own"
            yield error(("circuits", i, "limit_a"), what, cure)
            return


def _nearest(metered: CircuitConfig, above: CircuitConfig, layout: Layout) -> bool:
    """Whether no other meter with a safe current sits between."""
    for circuit in layout.path[metered.id][1:]:
        if circuit.id == above.id:
            return True
        if circuit.meter is not None:
            return False
    return False


def _drawn_a(circuit: CircuitConfig, phase: int, layout: Layout) -> float:
    """What a circuit's chargers draw at most of its safe current on a phase."""
    most = sum(p.max_a for p in layout.points[circuit.id] if phase in layout.wires.point(p))
    return min(circuit.safe_current_a or 0.0, most)
