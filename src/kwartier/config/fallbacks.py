"""What flows when Kwartier is dead and every charger does what it does by itself (DESIGN 5.10)."""

from collections import Counter
from dataclasses import dataclass

from kwartier.config.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """The sum in a circuit on one phase, in A, and how it is made up: `4 x 6 A + 2 A base load = 26 A`."""

    phase: int
    total_a: float
    words: str


def worst_phase(layout: Layout, circuit_id: str) -> Fallback:
    """The phase of a circuit with the largest sum of fallbacks and base loads that the file states, for its
    limit. What a meter measures beside that is not known here."""
    limit = layout.limit_a[circuit_id] or (0.0, 0.0, 0.0)
    found = [fallback_on(layout, circuit_id, phase) for phase in layout.phases(circuit_id)]
    return max(found, key=lambda f: f.total_a - limit[f.phase - 1])


def fallback_on(layout: Layout, circuit_id: str, phase: int) -> Fallback:
    """What the chargers and the stated loads of a circuit draw on one phase."""
    load = layout.base_a[circuit_id][phase - 1]
    points = layout.points[circuit_id]
    chargers = Counter(p.fallback_a for p in points if phase in layout.wires.point(p))
    total = load + sum(each * n for each, n in chargers.items())
    parts = [f"{n} x {each:g} A" for each, n in sorted(chargers.items(), reverse=True)]
    if load:
        parts.append(f"{load:g} A base load")
    return Fallback(phase=phase, total_a=total, words=f"{' + '.join(parts) or '0 A'} = {total:g} A")
