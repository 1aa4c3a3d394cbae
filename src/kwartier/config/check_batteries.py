"""Checks of batteries: whether what they may draw by themselves fits, and what cannot be kept beside them."""

from collections.abc import Iterator

from kwartier.config.battery_section import BatteryConfig
from kwartier.config.fallbacks import fallback_on, worst_phase
from kwartier.config.layout import Layout
from kwartier.config.problems import Finding, error, warning
from kwartier.site.units import NOMINAL_VOLTAGE_V, W_PER_KW


def batteries(layout: Layout) -> Iterator[Finding]:
    """All findings about batteries."""
    by_id = {c.id: c for c in layout.config.circuits}
    root = next((c for c in layout.config.circuits if c.parent is None), None)
    for i, entry in enumerate(layout.config.batteries):
        if entry.circuit not in layout.path:
            continue
        wires = layout.wires.hanging(entry.circuit, entry.phases)
        if root is not None and root.meter is None:
            what = (
                f"the grid connection {root.id!r} has no meter, so nobody knows when {entry.id!r} is of use"
            )
            yield error(("batteries", i, "circuit"), what, "add the meter of the grid connection")
        for circuit in layout.path[entry.circuit]:
            if by_id[circuit.id].imbalance_a is not None and len(wires) < 3:
                what = f"{entry.id!r} hangs on fewer than three phases behind imbalance_a of {circuit.id!r}"
                cure = "Kwartier cannot keep both: connect it on three phases, or remove imbalance_a"
                yield error(("batteries", i, "phases"), what, cure)
        yield from _alone(layout, i, entry)
    if layout.config.batteries:
        for circuit in layout.config.circuits:
            yield from _left_alone(layout, circuit.id)


def draw_a(layout: Layout, entry: BatteryConfig, phase: int) -> float:
    """What a battery draws on a site phase at the most, A."""
    wires = layout.wires.hanging(entry.circuit, entry.phases)
    if phase not in wires:
        return 0.0
    return entry.charge_kw * W_PER_KW / NOMINAL_VOLTAGE_V / len(wires)


def _alone(layout: Layout, i: int, entry: BatteryConfig) -> Iterator[Finding]:
    """One that could never charge at full power."""
    for circuit in layout.path[entry.circuit]:
        limit = layout.limit_a[circuit.id]
        for phase in layout.phases(circuit.id):
            wanted_a = draw_a(layout, entry, phase)
            if limit is not None and wanted_a > limit[phase - 1]:
                what = (
                    f"charge_kw {entry.charge_kw:g} is {wanted_a:.1f} A on {layout.phase(circuit.id, phase)}, more than "
                    f"the {limit[phase - 1]:g} A of {circuit.id!r}"
                )
                yield warning(
                    ("batteries", i, "charge_kw"), what, "it will be held to what the circuit leaves"
                )
                return


def _left_alone(layout: Layout, circuit_id: str) -> Iterator[Finding]:
    """What batteries that steer themselves and the chargers' own fallbacks draw together when nobody speaks to them."""
    limit = layout.limit_a[circuit_id]
    behind = {c.id for c in layout.behind[circuit_id]}
    alone = [b for b in layout.config.batteries if b.fallback == "self" and b.circuit in behind]
    if limit is None or not alone:
        return
    chargers = worst_phase(layout, circuit_id)
    if chargers.total_a > limit[chargers.phase - 1]:
        return  # said where chargers are checked
    for phase in layout.phases(circuit_id):
        mine_a, others = sum(draw_a(layout, b, phase) for b in alone), fallback_on(layout, circuit_id, phase)
        if mine_a > 0 and others.total_a + mine_a > limit[phase - 1]:
            names = ", ".join(b.id for b in alone)
            what = (
                f"without Kwartier the chargers fall back to {others.words} on {layout.phase(circuit_id, phase)}, and "
                f"{names} may take {mine_a:.1f} A by itself beside them: more than the {limit[phase - 1]:g} A of the circuit"
            )
            cure = "set the battery to stop when nobody speaks to it (fallback: stop), or lower the chargers' own safe current"
            yield error(("circuits", layout.index[circuit_id], "limit_a"), what, cure)
            return
