"""Who drew in a quarter-hour: registers of charge points and meters, from one boundary to the next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

LATE_S = 30.0
"""A quarter that we began to watch later than this after its beginning has no cause that is known."""
MOST_KWH = 150.0
"""No charge point or meter of ours moves more in a quarter (600 kW): beyond, a register was replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Registers at the beginning of the running quarter, kWh."""

    start_s: int
    complete: bool
    """Whether we watched from its beginning."""
    points_kwh: dict[str, float] = field(default_factory=dict)
    meters_kwh: dict[str, float] = field(default_factory=dict)
    """Import less export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What charge points and meters with a role of their own drew in one quarter, kWh; negative: it fed."""

    start_s: int
    points_kwh: dict[str, float]
    meters_kwh: dict[str, float]


def watched(site: Site, picture: Picture, start_s: int, elapsed_s: float) -> Watched:
    """Begin to watch a quarter."""
    return Watched(
        start_s=start_s,
        complete=elapsed_s <= LATE_S,
        points_kwh=_points(picture),
        meters_kwh=_meters(site, picture),
    )


def cause(begun: Watched, site: Site, picture: Picture) -> Cause | None:
    """What flowed until now; None where the beginning was not seen."""
    if not begun.complete:
        return None
    return Cause(
        start_s=begun.start_s,
        points_kwh=_grown(begun.points_kwh, _points(picture), least=0.0),
        meters_kwh=_grown(begun.meters_kwh, _meters(site, picture), least=-MOST_KWH),
    )


def _grown(before: Mapping[str, float], now: Mapping[str, float], least: float) -> dict[str, float]:
    out = {}
    for i, was in before.items():
        if i in now and least <= now[i] - was <= MOST_KWH:
            out[i] = round(now[i] - was, 4)
    return out


def _points(picture: Picture) -> dict[str, float]:
    return {i: r.energy_kwh for i, r in picture.charge_points.items() if r.energy_kwh is not None}


def _meters(site: Site, picture: Picture) -> dict[str, float]:
    """Meters of panels, batteries and single consumers; not those of circuits, which hold all the others."""
    out = {}
    for meter in site.meters:
        if meter.role not in {"production", "battery", "consumption"}:
            continue
        reading = picture.meters.get(meter.id)
        if reading is not None and reading.energy_import_kwh is not None:
            out[meter.id] = reading.energy_import_kwh - (reading.energy_export_kwh or 0.0)
    return out
