"""The envelope: what each circuit may carry now, per phase, and who says so.

The limit of a circuit is the minimum over its sources (DESIGN section 5.1): the static limit of the
installation, its fuse, and limits from outside (formulas, grid operator, fire). A source that runs
out leaves a value that is never higher than what it said before.
"""

from collections.abc import Iterable
from math import isnan

from kwartier.site.once import once_per_site
from kwartier.site.phases import PhaseVector, minimum
from kwartier.site.setpoints import Limit
from kwartier.site.topology import Circuit, Site
from kwartier.site.values import valueclass

Sources = tuple[str, str, str]


@valueclass(frozen=True, slots=True)
class Ceiling:
    """What a circuit may carry now, A per phase, and which source says so on each phase."""

    limit_a: PhaseVector
    sources: Sources


def current_limit(limit: Limit, now_s: float) -> PhaseVector:
    """What a limit says now: its value, or after its time the tighter of its two values."""
    if limit.valid_until_s is None or now_s < limit.valid_until_s or limit.after_a is None:
        return limit.value_a
    return minimum(limit.value_a, limit.after_a)


def static_ceiling(circuit: Circuit) -> Ceiling:
    """Installation and fuse. A contract in W binds the sum of the phases: it has a row of its own
    (`control.rows.totals`)."""
    limit, sources = circuit.limit_a, ("static", "static", "static")
    if circuit.fuse is not None:
        rating = circuit.fuse.rating_a
        limit, sources = _tighten(limit, sources, (rating, rating, rating), "fuse")
    return Ceiling(limit, sources)


@once_per_site
def static_ceilings(site: Site) -> dict[str, Ceiling]:
    """That of every circuit."""
    return {c.id: static_ceiling(c) for c in site.circuits}


def ceilings(site: Site, limits: Iterable[Limit], now_s: float) -> dict[str, Ceiling]:
    """The ceiling of every circuit. Limits for unknown circuits are ignored: they name nothing to protect."""
    out = static_ceilings(site).copy()
    for extra in limits:
        base = out.get(extra.circuit_id)
        if base is not None:
            limit, sources = _tighten(base.limit_a, base.sources, current_limit(extra, now_s), extra.source)
            out[extra.circuit_id] = Ceiling(limit, sources)
    return out


def _tighten(
    limit: PhaseVector, sources: Sources, value: PhaseVector, source: str
) -> tuple[PhaseVector, Sources]:
    # NaN and negative values mean "nothing is allowed": a limit that makes no sense must not widen.
    new = [max(0.0, v) if not isnan(v) else 0.0 for v in value]
    a, b, c = (min(o, n) for n, o in zip(new, limit, strict=True))
    s1, s2, s3 = (source if n < o else s for n, o, s in zip(new, limit, sources, strict=True))
    return (a, b, c), (s1, s2, s3)
