"""What flows when Kwartier is dead and every charger does what it does by itself (DESIGN 5.10)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kwartier.config.models import SiteConfig
from kwartier.config.wiring import Wiring
from kwartier.site.phases import PHASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """The sum in a circuit on one phase, in A, and how it is made up: `4 x 6 A + 2 A base load = 26 A`."""

    phase: int
    total_a: float
    words: str


def worst_phase(config: SiteConfig, wires: Wiring, circuit_id: str) -> Fallback:
    """The phase of a circuit with the largest sum of fallbacks and base loads that the file states. What a
    meter measures beside that is not known here."""
    return max((_fallback(config, wires, circuit_id, phase) for phase in PHASES), key=lambda f: f.total_a)


def _fallback(config: SiteConfig, wires: Wiring, circuit_id: str, phase: int) -> Fallback:
    parents = {c.id: c.parent for c in config.circuits}
    loads = [
        wires.base_load_a(c)[phase - 1] for c in config.circuits if _is_behind(c.id, circuit_id, parents)
    ]
    chargers = Counter(
        p.fallback_a
        for p in config.charge_points
        if phase in wires.point(p) and _is_behind(p.circuit, circuit_id, parents)
    )
    total = sum(loads) + sum(each * n for each, n in chargers.items())
    parts = [f"{n} x {each:g} A" for each, n in sorted(chargers.items(), reverse=True)]
    if any(loads):
        parts.append(f"{sum(loads):g} A base load")
    return Fallback(phase=phase, total_a=total, words=f"{' + '.join(parts) or '0 A'} = {total:g} A")


def _is_behind(circuit_id: str, above: str, parents: Mapping[str, str | None]) -> bool:
    """Whether current to `circuit_id` flows through `above`; the tree may still be wrong (a circle)."""
    here: str | None = circuit_id
    for _ in range(len(parents) + 1):
        if here == above or here is None:
            break
        here = parents.get(here)
    return here == above
