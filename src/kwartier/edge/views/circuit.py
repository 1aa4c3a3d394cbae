"""A circuit in the state document: limits with who says so and until when, loads, and what protects it besides."""

from zoneinfo import ZoneInfo

from kwartier.control.decision import CircuitView, Protection
from kwartier.edge.views.moments import iso
from kwartier.site.setpoints import Limit, Picture
from kwartier.site.topology import Circuit, Site
from kwartier.web.live import Document


def circuit_document(
    site: Site, circuit: Circuit, view: CircuitView, picture: Picture, zone: ZoneInfo
) -> Document:
    """One circuit as of this cycle."""
    protection, fuse = view.protection, circuit.fuse
    return {
        "id": circuit.id,
        "name": circuit.name,
        "parent": circuit.parent,
        "level": len(site.path[circuit.id]) - 1,
        "phases": circuit.phases,
        "limit_a": view.limit_a,
        "limit_sources": view.sources,
        "limit_until": _until(circuit.id, view, picture, zone),
        "load_a": view.load_a,
        "metered": view.metered,
        "base_a": view.base_a,
        "granted_a": view.granted_a,
        "slack_a": view.slack_a,
        "meter": circuit.meter,
        "safe": view.safe,
        "safe_current_a": circuit.safe_current_a,
        "contract_w": circuit.contract_w,
        "imbalance_limit_a": circuit.imbalance_a,
        "fuse": None if fuse is None else {"type": fuse.type, "rating_a": fuse.rating_a},
        "protection": None if protection is None else _protection(protection, zone),
    }


def _until(
    circuit_id: str, view: CircuitView, picture: Picture, zone: ZoneInfo
) -> tuple[str | None, str | None, str | None] | None:
    """When the limit that holds on each phase runs out; None where none does."""
    ending = [x for x in picture.limits if x.circuit_id == circuit_id and x.valid_until_s is not None]
    if not ending:
        return None
    first, second, third = (_ends(ending, source, picture, zone) for source in view.sources)
    return first, second, third


def _ends(ending: list[Limit], source: str, picture: Picture, zone: ZoneInfo) -> str | None:
    at_s = [x.valid_until_s for x in ending if x.source == source and x.valid_until_s is not None]
    ahead = [s for s in at_s if s > picture.now_s]
    return iso(picture.utc_s + min(ahead) - picture.now_s, zone) if ahead else None


def _protection(found: Protection, zone: ZoneInfo) -> Document:
    """Sums of phases, fuse and feed-in of a circuit that has them."""
    worst_s = found.fuse_worst_utc_s
    return {
        "total_limit_a": _tenths(found.total_limit_a),
        "total_limit_w": _tenths(found.total_limit_w),
        "total_source": found.total_source,
        "fuse_used_pct": None if found.fuse_used_pct is None else [round(p, 1) for p in found.fuse_used_pct],
        "fuse_margin_pct": _tenths(found.fuse_margin_pct),
        "fuse_urgency": found.fuse_urgency,
        "fuse_worst_pct": _tenths(found.fuse_worst_pct),
        "fuse_worst_at": None if worst_s is None else iso(worst_s, zone),
        "fuse_worst_phase": found.fuse_worst_phase or None,
        "export_w": _tenths(found.export_w),
        "export_limit_w": found.export_limit_w,
        "export_over": found.export_over,
    }


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
