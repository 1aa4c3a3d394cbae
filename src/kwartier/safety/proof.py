"""The fail-safe proof (DESIGN section 5.10): what flows in each circuit when nobody controls any more.

Two cases, each per circuit and phase, and once for all phases together where the circuit has a contract in kW:

`alone`       Kwartier is gone and every charger does what it does by itself:
              sum of their own fallback currents, after rotation, + worst other load <= limit
`meter_lost`  Kwartier lives but the circuit's meter is gone, so that its chargers share its safe current:
              safe current + worst other load <= limit

What is not known is never taken to be nothing: a charger that does not tell its fallback counts with its
maximum and is a problem; a circuit whose other load is not known has rows without a sum that are not ok.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum, isfinite
from typing import Literal

from kwartier.safety.envelope import Sources, static_ceiling
from kwartier.site.phases import PHASES, ZERO, PhaseVector, add, maximum
from kwartier.site.readings import ChargePointReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.topology import ChargePoint, Circuit, Site
from kwartier.site.units import LINE_TO_MIDDLE_V, NOMINAL_VOLTAGE_V

Case = Literal["alone", "meter_lost"]

SAME_A = 0.05
"""Between what the site file says and what a device tells: rounding, never more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sum against one limit."""

    circuit_id: str
    case: Case
    phases: tuple[int, ...]
    """One site phase; all of the circuit's for a contract, whose limit is on their sum."""
    chargers: tuple[tuple[float, int], ...]
    """How the chargers' part is made up: (A, how many conductors draw it), largest first."""
    chargers_a: float
    base_a: float | None
    """Worst other load; None when it is not known."""
    total_a: float | None
    limit_a: float
    source: str
    """What sets the limit: `static`, `fuse` or `contract`."""

    @property
    def ok(self) -> bool:
        """Whether the sum is known and fits."""
        return self.total_a is not None and self.total_a <= self.limit_a


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The verdict with its arithmetic."""

    rows: tuple[Row, ...]
    """Parents before their children."""
    ok: bool
    problems: tuple[Reason, ...]
    """Everything for which the proof fails: at least one when `ok` is false, none when it is true."""
    notes: tuple[Reason, ...]
    """What deserves a look and does not make it fail."""


def prove(
    site: Site, fallbacks: Mapping[str, float | None], base_loads: Mapping[str, PhaseVector | None]
) -> Proof:
    """Add up and judge.

    `fallbacks`: what each charge point says it falls to by itself, A; absent, None, NaN or negative: it does
    not tell. `base_loads`: for each circuit with a meter the worst load per phase that flows through it
    beside all chargers below it, A, its child circuits included. Export counts as no load. Circuits without
    a meter have what the site file assumes plus what their children have.
    """
    counted = {p.id: _counted_a(p, fallbacks.get(p.id)) for p in site.charge_points}
    base = _totals(site, base_loads)
    rows = tuple(
        row
        for circuit in sorted(site.circuits, key=lambda c: site.path[c.id][::-1])
        for row in _rows(site, circuit, counted, base[circuit.id])
    )
    problems = (*_base_problems(site, base_loads), *_over(site, rows), *_fallback_problems(site, fallbacks))
    return Proof(rows=rows, ok=not problems, problems=problems, notes=tuple(_higher(site, fallbacks)))


def told_fallback_a(reading: ChargePointReading) -> float | None:
    """What a device says it falls back to, to a hundredth: registers are 32-bit floats, and 13.8 A must not
    become 13.800000191."""
    return None if reading.fallback_a is None else round(reading.fallback_a, 2)


def phase_words(phases: tuple[int, ...]) -> str:
    """`L2`, or `L1+L2+L3`."""
    return "+".join(f"L{phase}" for phase in phases)


def _known(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) and value >= 0 else None


def _counted_a(point: ChargePoint, told: float | None) -> float:
    known = _known(told)
    return max(point.fallback_a, point.max_a if known is None else known)


def _totals(site: Site, measured: Mapping[str, PhaseVector | None]) -> dict[str, PhaseVector | None]:
    """Worst load beside chargers at each circuit, all below included; None where it is not known."""
    total: dict[str, PhaseVector | None] = {}
    stated: dict[str, PhaseVector] = {}
    for circuit in site.bottom_up:
        own = circuit.base_load_a if circuit.meter is None else ZERO
        below = [total[child] for child in site.children[circuit.id]]
        stated[circuit.id] = _sum([own, *(stated[child] for child in site.children[circuit.id])])
        if circuit.meter is not None:
            seen = _load(measured.get(circuit.id))
            # What the site file assumes below the meter, 0 A at least, may not have run yet.
            total[circuit.id] = None if seen is None else maximum(seen, stated[circuit.id])
        else:
            known = [load for load in below if load is not None]
            total[circuit.id] = _sum([own, *known]) if len(known) == len(below) else None
    return total


def _load(value: PhaseVector | None) -> PhaseVector | None:
    if value is None or not all(isfinite(v) for v in value):
        return None
    return value


def _sum(loads: list[PhaseVector]) -> PhaseVector:
    out = ZERO
    for load in loads:
        out = add(out, maximum(load, ZERO))
    return out


def _rows(
    site: Site, circuit: Circuit, counted: Mapping[str, float], base: PhaseVector | None
) -> Iterator[Row]:
    points = [site.charge_point[i] for i in site.charge_points_behind[circuit.id]]
    alone = [Counter(counted[p.id] for p in points if phase in p.conductors) for phase in PHASES]
    volts = LINE_TO_MIDDLE_V if site.three_wire else NOMINAL_VOLTAGE_V
    yield from _against_limits(circuit, "alone", alone, base, volts)
    if circuit.meter is None or not points:
        return
    most = [fsum(p.max_a for p in points if phase in p.conductors) for phase in PHASES]
    shared = [Counter([min(circuit.safe_current_a, m)] if m else []) for m in most]
    yield from _against_limits(circuit, "meter_lost", shared, base, volts)


def _against_limits(
    circuit: Circuit, case: Case, chargers: list[Counter[float]], base: PhaseVector | None, volts: float
) -> Iterator[Row]:
    limit, sources = _electrical(circuit)
    for phase in circuit.phases:
        base_a = None if base is None else base[phase - 1]
        yield _row(circuit, case, (phase,), chargers[phase - 1], base_a, limit[phase - 1], sources[phase - 1])
    if circuit.contract_w is not None:
        together = chargers[0] + chargers[1] + chargers[2]
        base_a = None if base is None else fsum(base)
        limit_a = circuit.contract_w / volts
        yield _row(circuit, case, circuit.phases, together, base_a, limit_a, "contract")


def _electrical(circuit: Circuit) -> tuple[PhaseVector, Sources]:
    """Cable and fuse, per phase. The contract has a row of its own."""
    ceiling = static_ceiling(circuit)
    return ceiling.limit_a, ceiling.sources


def _row(
    circuit: Circuit,
    case: Case,
    phases: tuple[int, ...],
    chargers: Counter[float],
    base_a: float | None,
    limit_a: float,
    source: str,
) -> Row:
    parts = tuple(sorted(chargers.items(), reverse=True))
    currents = [each for each, n in parts for _ in range(n)]
    return Row(
        circuit_id=circuit.id,
        case=case,
        phases=phases,
        chargers=parts,
        chargers_a=fsum(currents),
        base_a=base_a,
        total_a=None if base_a is None else fsum([*currents, base_a]),
        limit_a=limit_a,
        source=source,
    )


def _base_problems(site: Site, measured: Mapping[str, PhaseVector | None]) -> Iterator[Reason]:
    for circuit in site.circuits:
        if circuit.meter is not None and _load(measured.get(circuit.id)) is None:
            yield reason("proof_load_unknown", circuit=circuit.name, meter=site.meter[circuit.meter].name)


def _over(site: Site, rows: tuple[Row, ...]) -> Iterator[Reason]:
    for row in rows:
        if row.total_a is None or row.base_a is None or row.ok:
            continue
        yield Reason(
            "proof_over" if row.case == "alone" else "proof_safe_current",
            (
                ("circuit", site.circuit[row.circuit_id].name),
                ("phases", phase_words(row.phases)),
                ("chargers_a", row.chargers_a),
                ("base_a", row.base_a),
                ("total_a", row.total_a),
                ("limit_a", row.limit_a),
            ),
        )


def _fallback_problems(site: Site, fallbacks: Mapping[str, float | None]) -> Iterator[Reason]:
    for point in site.charge_points:
        told = _known(fallbacks.get(point.id))
        if told is None:
            yield reason("proof_fallback_unknown", name=point.name, max_a=float(point.max_a))
        elif told > point.fallback_a + SAME_A:
            yield reason(
                "proof_fallback_low", name=point.name, told_a=told, configured_a=float(point.fallback_a)
            )


def _higher(site: Site, fallbacks: Mapping[str, float | None]) -> Iterator[Reason]:
    for point in site.charge_points:
        told = _known(fallbacks.get(point.id))
        if told is not None and told < point.fallback_a - SAME_A:
            yield reason(
                "proof_fallback_high", name=point.name, told_a=told, configured_a=float(point.fallback_a)
            )
