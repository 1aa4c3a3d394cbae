"""Checks across keys: the tree of circuits, references, arithmetic of limits, formulas, addresses.

Each check takes what could be read of the file and yields findings. Entries that pydantic refused are
missing from it; `Broken` knows their ids, so that a slip in one entry does not make every mention of it an
error too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from kwartier.config.check_addresses import addresses
from kwartier.config.check_formulas import formulas
from kwartier.config.fallbacks import worst_phase
from kwartier.config.fire import check_inputs
from kwartier.config.models import CircuitConfig, SiteConfig
from kwartier.config.problems import Finding, KeyPath
from kwartier.config.wiring import Wiring, wiring
from kwartier.site.phases import ZERO, PhaseVector


@dataclass(frozen=True, slots=True)
class Broken:
    """What had to be left out because it could not be read."""

    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids of such entries, per section."""
    circuits: bool = False
    """Whether any circuit is among them: then the tree cannot be judged."""

    def of(self, section: str) -> frozenset[str]:
        """Ids of this section that exist and could not be read."""
        return self.ids.get(section, frozenset())


def check(config: SiteConfig, broken: Broken) -> Iterator[Finding]:
    """All findings across keys, in no particular order."""
    yield from _same_ids(config)
    yield from _references(config, broken)
    if not broken.circuits:
        yield from _tree(config)
    wires = wiring(config)
    yield from _limits(config, wires)
    yield from _charge_points(config, wires)
    yield from formulas(config)
    yield from addresses(config)
    yield from check_inputs(config)


def _error(at: KeyPath, what: str, cure: str) -> Finding:
    return Finding(severity="error", at=at, what=what, cure=cure)


def _warning(at: KeyPath, what: str, cure: str) -> Finding:
    return Finding(severity="warning", at=at, what=what, cure=cure)


def _same_ids(config: SiteConfig) -> Iterator[Finding]:
    """One name, one device: charge points and meters share the names of formulas."""
    for sections in (("circuits",), ("meters", "charge_points", "inputs")):
        seen: dict[str, str] = {}
        for section in sections:
            for i, entry in enumerate(getattr(config, section)):
                if entry.id in seen:
                    what = f"{entry.id!r} is the id of another of the {seen[entry.id]} already"
                    yield _error((section, i, "id"), what, "give each its own id")
                seen.setdefault(entry.id, section.replace("_", " "))


def _references(config: SiteConfig, broken: Broken) -> Iterator[Finding]:
    circuits = [c.id for c in config.circuits]
    meters = [m.id for m in config.meters]
    for i, circuit in enumerate(config.circuits):
        yield from _known(
            "circuit", ("circuits", i, "parent"), circuit.parent, circuits, broken.of("circuits")
        )
        yield from _known("meter", ("circuits", i, "meter"), circuit.meter, meters, broken.of("meters"))
    for i, point in enumerate(config.charge_points):
        at = ("charge_points", i, "circuit")
        yield from _known("circuit", at, point.circuit, circuits, broken.of("circuits"))
    for i, entry in enumerate(config.inputs):
        for j, wanted in enumerate(entry.circuits):
            place: KeyPath = ("inputs", i, "circuits", j)
            yield from _known("circuit", place, wanted, circuits, broken.of("circuits"))


def _known(
    kind: str, at: KeyPath, wanted: str | None, known: list[str], broken: frozenset[str]
) -> Iterator[Finding]:
    if wanted is None or wanted in known or wanted in broken:
        return
    near = get_close_matches(wanted, [*known, *broken], n=1)
    listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    cure = f"the {kind}s of this site are {listed}" if known else f"this site has no {kind}s yet; add one"
    if near:
        cure = f"did you mean {near[0]!r}?"
    yield _error(at, f"there is no {kind} {wanted!r}", cure)


def _tree(config: SiteConfig) -> Iterator[Finding]:
    parents = {c.id: c.parent for c in config.circuits}
    index = {c.id: i for i, c in enumerate(config.circuits)}
    roots = [c.id for c in config.circuits if c.parent is None]
    for extra in roots[1:]:
        what = f"{extra!r} has no parent, but {roots[0]!r} is the grid connection already"
        yield _error(
            ("circuits", index[extra]), what, f"add parent: {roots[0]}, or the circuit that feeds it"
        )
    circles = {frozenset(circle): circle for c in parents if (circle := _circle(c, parents))}
    for circle in circles.values():
        what = f"circuits feed each other in a circle: {' -> '.join([*circle, circle[0]])}"
        cure = "give one of them the circuit that really feeds it as parent"
        yield _error(("circuits", index[circle[0]], "parent"), what, cure)
    if not roots and not circles:
        what = "no circuit is the grid connection"
        cure = (
            "leave out parent at the circuit that the grid feeds"
            if parents
            else "add it: id: grid, limit_a: 40"
        )
        yield _error(("circuits",), what, cure)


def _circle(start: str, parents: Mapping[str, str | None]) -> list[str]:
    """The circle that `start` is part of, beginning with its first id in the alphabet; else empty."""
    walked, up = [start], parents[start]
    while up is not None and up in parents and up not in walked:
        walked.append(up)
        up = parents[up]
    if up != start:
        return []
    first = walked.index(min(walked))
    return walked[first:] + walked[:first]


def _limits(config: SiteConfig, wires: Wiring) -> Iterator[Finding]:
    static = {c.id: wires.limit_a(c) for c in config.circuits}
    for i, circuit in enumerate(config.circuits):
        limit = static[circuit.id]
        if limit is None:
            what = "a formula alone does not bound the circuit when a variable is wrong"
            cure = (
                'add a fuse with its rating_a, or write limit_a: {formula: "...", max_a: 63} '
                "with what the circuit may carry at most"
            )
            yield _error(("circuits", i, "limit_a"), what, cure)
            continue
        yield from _limit_and_fuse(i, circuit, limit)
        yield from _limit_and_parent(i, circuit, limit, static)
        base = wires.base_load_a(circuit)
        yield from _meter_and_safe_current(i, circuit, limit, base)
        yield from _base_load(i, circuit, limit, base)


def _limit_and_fuse(i: int, circuit: CircuitConfig, limit_a: PhaseVector) -> Iterator[Finding]:
    if circuit.fuse is not None and max(limit_a) > circuit.fuse.rating_a:
        what = f"{max(limit_a):g} A is more than the {circuit.fuse.rating_a:g} A of the fuse"
        yield _error(("circuits", i, "limit_a"), what, f"write at most {circuit.fuse.rating_a:g}")


def _limit_and_parent(
    i: int, circuit: CircuitConfig, limit_a: PhaseVector, static: Mapping[str, PhaseVector | None]
) -> Iterator[Finding]:
    above = static.get(circuit.parent or "")
    if above is None:
        return
    for phase, (own, parents) in enumerate(zip(limit_a, above, strict=True), start=1):
        if own > parents:
            what = f"{own:g} A on L{phase} is more than the {parents:g} A of {circuit.parent!r} that feeds it"
            cure = f"this works, for {circuit.parent!r} limits it too; check that neither figure is a slip"
            yield _warning(("circuits", i, "limit_a"), what, cure)
            return


def _meter_and_safe_current(
    i: int, circuit: CircuitConfig, limit_a: PhaseVector, base_a: PhaseVector
) -> Iterator[Finding]:
    safe = circuit.safe_current_a
    if circuit.meter is not None and safe is None:
        what = f"there is no safe_current_a, so charging stops while the meter {circuit.meter!r} is lost"
        cure = (
            "add safe_current_a: what all chargers behind it may draw together then, or 0 when that is meant"
        )
        yield _warning(("circuits", i, "meter"), what, cure)
    if safe is not None and circuit.meter is None:
        what = "a safe current is for a circuit with a meter, and this one has none"
        yield _warning(("circuits", i, "safe_current_a"), what, "add its meter, or remove safe_current_a")
    if safe is not None and safe > min(limit_a):
        what = f"{safe:g} A is more than the limit of {min(limit_a):g} A"
        cure = "write what is left of the limit beside the largest other load"
        yield _error(("circuits", i, "safe_current_a"), what, cure)
    if circuit.parent is None and circuit.meter is None and base_a == ZERO:
        what = "nothing measures the grid connection and it has no base_load_a, so only chargers are counted"
        yield _warning(("circuits", i), what, "add its meter, or base_load_a with the largest other load")


def _base_load(
    i: int, circuit: CircuitConfig, limit_a: PhaseVector, base_a: PhaseVector
) -> Iterator[Finding]:
    at: KeyPath = ("circuits", i, "base_load_a")
    if circuit.meter is not None and base_a != ZERO:
        yield _warning(at, "the load of a circuit with a meter is measured", "remove base_load_a")
    for phase, (load, limit) in enumerate(zip(base_a, limit_a, strict=True), start=1):
        if load >= limit:
            what = f"{load:g} A on L{phase} leaves nothing of the {limit:g} A for charging"
            yield _warning(at, what, "check both figures")


def _charge_points(config: SiteConfig, wires: Wiring) -> Iterator[Finding]:
    circuits = {c.id: c for c in config.circuits}
    for i, point in enumerate(config.charge_points):
        if point.max_a < point.min_a:
            what = f"max_a {point.max_a:g} A is below min_a {point.min_a:g} A"
            yield _error(("charge_points", i, "max_a"), what, "write max_a above min_a, which is 6 or more")
        elif point.fallback_a > point.max_a:
            what = f"{point.fallback_a:g} A is more than its max_a of {point.max_a:g} A"
            cure = "set the charger's own safe current to at most max_a, and write that figure"
            yield _error(("charge_points", i, "fallback_a"), what, cure)
        circuit = circuits.get(point.circuit)
        limit = wires.limit_a(circuit) if circuit is not None else None
        if limit is not None and (least := min(limit[p - 1] for p in wires.point(point))) < point.min_a:
            what = (
                f"its circuit {point.circuit!r} carries {least:g} A, less than its min_a of {point.min_a:g} A"
            )
            yield _error(
                ("charge_points", i, "circuit"), what, "it could never charge: raise limit_a or move it"
            )
    yield from _fallbacks(config, wires)


def _fallbacks(config: SiteConfig, wires: Wiring) -> Iterator[Finding]:
    """What the devices draw together when the controller is dead must fit (DESIGN 5.10)."""
    for i, circuit in enumerate(config.circuits):
        limit = wires.limit_a(circuit)
        worst = worst_phase(config, wires, circuit.id)
        if limit is None or worst.total_a <= limit[worst.phase - 1]:
            continue
        what = (
            f"without Kwartier the chargers fall back to {worst.words} on L{worst.phase}, "
            f"more than the {limit[worst.phase - 1]:g} A of the circuit"
        )
        cure = "lower the safe current that is set in the chargers, and fallback_a with it"
        yield _warning(("circuits", i, "limit_a"), what, cure)
