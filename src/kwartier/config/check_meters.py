"""Checks of meters: that the meter of a circuit sees what flows there, all of it and nothing else."""

from collections.abc import Iterator

from kwartier.config.addresses import P1, charge_point_address, meter_address
from kwartier.config.check_wiring import beyond
from kwartier.config.layout import Layout
from kwartier.config.models import CircuitConfig, MeterConfig
from kwartier.config.problems import Finding, KeyPath, error
from kwartier.config.wiring import circuit_of
from kwartier.site.errors import ConfigError
from kwartier.site.phases import PHASES

ELSEWHERE = {
    "production": "the solar panels",
    "battery": "the battery",
    "consumption": "one consumer",
}
"""What a meter with this role sees, instead of all that flows through a circuit."""


def meters(layout: Layout) -> Iterator[Finding]:
    """All findings about where meters sit."""
    by_id = {m.id: (i, m) for i, m in enumerate(layout.config.meters)}
    of_circuit: dict[str, list[CircuitConfig]] = {}
    for circuit in layout.config.circuits:
        for meter_id in (circuit.meter, circuit.backup_meter):
            if meter_id in by_id:
                of_circuit.setdefault(meter_id or "", []).append(circuit)
        yield from _backup(layout, circuit)
    chargers = _stations(layout)
    for meter_id, (i, meter) in by_id.items():
        yield from _phases(layout, i, meter)
        for circuit in of_circuit.get(meter_id, []):
            yield from _sees(layout, i, meter, circuit, chargers)
        for other in of_circuit.get(meter_id, [])[1:]:
            yield from _twice(layout, meter_id, of_circuit[meter_id][0], other)


def _backup(layout: Layout, circuit: CircuitConfig) -> Iterator[Finding]:
    at: KeyPath = ("circuits", layout.index[circuit.id], "backup_meter")
    if circuit.backup_meter is not None and circuit.meter is None:
        yield error(at, "there is no meter that it could stand in for", "name it as meter instead")
    elif circuit.backup_meter is not None and circuit.backup_meter == circuit.meter:
        what = f"{circuit.meter!r} cannot stand in for itself"
        yield error(at, what, "name a second meter that sees the same, or leave backup_meter out")


def _phases(layout: Layout, i: int, meter: MeterConfig) -> Iterator[Finding]:
    circuit_id = circuit_of(meter, layout.config)
    conductors = meter.options.conductors
    yield from beyond(layout, ("meters", i, "options", "conductors"), circuit_id, conductors)
    has = len(layout.wires.circuit(circuit_id))
    if meter.phases is not None and meter.phases > has and circuit_id in layout.index:
        what = f"{meter.phases} phases, and its circuit {circuit_id!r} has {has}"
        yield error(("meters", i, "phases"), what, "leave phases out")
    if meter.phases is not None and conductors is not None and len(conductors) != meter.phases:
        what = f"{meter.phases} phases, and conductors {conductors}"
        yield error(("meters", i, "phases"), what, "leave phases out: conductors say how many it measures")


def _sees(
    layout: Layout, i: int, meter: MeterConfig, circuit: CircuitConfig, chargers: dict[str, list[str]]
) -> Iterator[Finding]:
    at: KeyPath = ("circuits", layout.index[circuit.id], "meter")
    if meter.circuit is not None and meter.circuit != circuit.id and meter.circuit in layout.index:
        what = f"{meter.id!r} sits in {meter.circuit!r}, so it does not see all that flows through {circuit.id!r}"
        cure = f"give {circuit.id!r} a meter of its own, or correct circuit at {meter.id!r}"
        yield error(("meters", i, "circuit"), what, cure)
    if meter.role in ELSEWHERE:
        what = f"{meter.id!r} has the role {meter.role}: it sees {ELSEWHERE[meter.role]}, not all that flows here"
        yield error(
            at, what, "name the meter that sees everything that flows through this circuit, or correct role"
        )
    inside = chargers.get(_port(meter))
    if inside:
        what = (
            f"{meter.id!r} has the address of the charging station of {' and '.join(map(repr, inside))}: a meter "
            "behind the circuit's own charger sees that charger and nothing else"
        )
        yield error(at, what, "name the meter that sees everything that flows through this circuit")
    wires, seen = set(layout.wires.circuit(circuit.id)), layout.wires.meter(meter, layout.config)
    unseen = [layout.phase(circuit.id, p) for p in sorted(wires - set(seen))]
    if unseen:
        what = f"{meter.id!r} does not see {' and '.join(unseen)} of it, where 0 A would be reckoned with"
        cure = "use a meter for all phases; a circuit with one phase says phases: [1]"
        yield error(at, what, cure)
    if meter.type == P1 and not unseen and seen != PHASES[: len(seen)]:
        what = f"a P1 port tells the phases of the grid connection, and {circuit.id!r} is wired {list(seen)}"
        yield error(at, what, "use a Modbus meter here")


def _twice(layout: Layout, meter_id: str, first: CircuitConfig, other: CircuitConfig) -> Iterator[Finding]:
    """One meter for two circuits is right only where the one feeds the other and nothing else."""
    top, low = (first, other) if first in layout.path[other.id] else (other, first)
    between = layout.path[low.id]
    at: KeyPath = ("circuits", layout.index[other.id], "meter")
    if top not in between:
        what = f"{meter_id!r} is the meter of {first.id!r} already, and {other.id!r} is another cable"
        yield error(at, what, "give each its own meter")
        return
    chain = {c.id for c in between[: between.index(top) + 1]}
    beside = [c.id for c in layout.behind[top.id] if c.id not in chain and c not in layout.behind[low.id]]
    beside += [p.id for p in layout.config.charge_points if p.circuit in chain - {low.id}]
    if beside:
        what = (
            f"{meter_id!r} cannot see what flows through {top.id!r} and through {low.id!r}: "
            f"{' and '.join(map(repr, beside[:3]))} hangs on the first and not on the second"
        )
        yield error(at, what, "give each its own meter")
    elif layout.wires.circuit(top.id) != layout.wires.circuit(low.id):
        what = f"{meter_id!r} is the meter of {top.id!r} too, whose phases are in another order"
        yield error(at, what, f"leave the meter out here: {top.id!r} is guarded by it and feeds nothing else")


def _stations(layout: Layout) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for point in layout.config.charge_points:
        try:
            found.setdefault(charge_point_address(point).port, []).append(point.id)
        except ConfigError:
            continue  # said where addresses are checked
    return found


def _port(meter: MeterConfig) -> str:
    try:
        return meter_address(meter).port
    except ConfigError:
        return ""
