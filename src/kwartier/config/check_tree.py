"""Checks of names: ids that are used twice, references, and whether the circuits make a tree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from kwartier.config.models import SiteConfig
from kwartier.config.problems import Finding, KeyPath, error


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


def same_ids(config: SiteConfig) -> Iterator[Finding]:
    """One name, one device: charge points and meters share the names of formulas."""
    for sections in (("circuits",), ("meters", "charge_points", "inputs", "batteries"), ("users",)):
        seen: dict[str, str] = {}
        for section in sections:
            for i, entry in enumerate(getattr(config, section)):
                if entry.id in seen:
                    what = f"{entry.id!r} is the id of another of the {seen[entry.id]} already"
                    yield error((section, i, "id"), what, "give each its own id")
                seen.setdefault(entry.id, section.replace("_", " "))


def references(config: SiteConfig, broken: Broken) -> Iterator[Finding]:
    circuits = [c.id for c in config.circuits]
    meters = [m.id for m in config.meters]
    for i, circuit in enumerate(config.circuits):
        yield from _known(
            "circuit", ("circuits", i, "parent"), circuit.parent, circuits, broken.of("circuits")
        )
        for key, wanted in (("meter", circuit.meter), ("backup_meter", circuit.backup_meter)):
            yield from _known("meter", ("circuits", i, key), wanted, meters, broken.of("meters"))
    for i, meter in enumerate(config.meters):
        at: KeyPath = ("meters", i, "circuit")
        yield from _known("circuit", at, meter.circuit, circuits, broken.of("circuits"))
    for i, point in enumerate(config.charge_points):
        at = ("charge_points", i, "circuit")
        yield from _known("circuit", at, point.circuit, circuits, broken.of("circuits"))
    for i, cells in enumerate(config.batteries):
        at = ("batteries", i, "circuit")
        yield from _known("circuit", at, cells.circuit, circuits, broken.of("circuits"))
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
    yield error(at, f"there is no {kind} {wanted!r}", cure)


def tree(config: SiteConfig) -> Iterator[Finding]:
    parents = {c.id: c.parent for c in config.circuits}
    index = {c.id: i for i, c in enumerate(config.circuits)}
    roots = [c.id for c in config.circuits if c.parent is None]
    for extra in roots[1:]:
        what = f"{extra!r} has no parent, but {roots[0]!r} is the grid connection already"
        yield error(("circuits", index[extra]), what, f"add parent: {roots[0]}, or the circuit that feeds it")
    circles = {frozenset(circle): circle for c in parents if (circle := _circle(c, parents))}
    for circle in circles.values():
        what = f"circuits feed each other in a circle: {' -> '.join([*circle, circle[0]])}"
        cure = "give one of them the circuit that really feeds it as parent"
        yield error(("circuits", index[circle[0]], "parent"), what, cure)
    if not roots and not circles:
        what = "no circuit is the grid connection"
        cure = (
            "leave out parent at the circuit that the grid feeds"
            if parents
            else "add it: id: grid, limit_a: 40"
        )
        yield error(("circuits",), what, cure)


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
