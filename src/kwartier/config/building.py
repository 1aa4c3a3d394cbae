"""Configuration -> site, and what the composition roots need beside it: urls, options, formulas."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kwartier.config.addresses import P1, battery_address, charge_point_address, meter_address
from kwartier.config.battery_section import battery
from kwartier.config.limits import LimitFormula
from kwartier.config.models import (
    ChargePointConfig,
    CircuitConfig,
    FormulaLimit,
    MeterConfig,
    OptionsConfig,
    SiteConfig,
)
from kwartier.config.users import user
from kwartier.config.wiring import Wiring, wiring
from kwartier.protocols.formula import Formula, compile_formula
from kwartier.site.errors import ConfigError
from kwartier.site.phases import PHASES
from kwartier.site.topology import ChargePoint, Circuit, Fuse, Meter, MeterRole, Site
from kwartier.site.units import W_PER_KW


def to_site(config: SiteConfig) -> Site:
    """The site that a checked configuration describes, everything in site phases. The limit of a circuit with
    a formula is its static maximum; the formulas themselves come from `limit_formulas`. Raises ConfigError when
    the file was not checked and is wrong."""
    wires = wiring(config)
    return Site(
        name=config.site.name,
        time_zone=config.site.time_zone,
        currency=config.site.currency,
        circuits=tuple(_circuit(c, wires) for c in config.circuits),
        meters=tuple(_meter(m, wires, config) for m in config.meters),
        charge_points=tuple(_charge_point(p, wires) for p in config.charge_points),
        users=tuple(user(u) for u in config.users),
        three_wire=config.site.three_wire,
        batteries=tuple(
            battery(b, wires.hanging(b.circuit, b.phases), str(battery_address(b))) for b in config.batteries
        ),
    )


def limit_formulas(config: SiteConfig) -> dict[str, LimitFormula]:
    """The limits that are formulas, by circuit id."""
    out: dict[str, LimitFormula] = {}
    wires = wiring(config)
    for circuit in config.circuits:
        formula, most = formula_of(circuit), wires.limit_a(circuit)
        if formula is not None and most is not None:
            limit = circuit.limit_a
            otherwise = limit.else_a if isinstance(limit, FormulaLimit) else 0.0
            out[circuit.id] = LimitFormula(
                circuit_id=circuit.id, formula=formula, max_a=most, else_a=otherwise
            )
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Charge points that one driver speaks to."""

    type: str
    url: str
    sockets: dict[str, int]
    """Charge point id -> socket of the station."""
    interval_s: float
    """How often it is read."""

    @property
    def options(self) -> dict[str, object]:
        """As `devices.Registry` takes them."""
        return {"interval_s": self.interval_s}


def stations(config: SiteConfig) -> tuple[Station, ...]:
    """The charging stations, in the order of the file; connection strings of one place count as one."""
    found: dict[str, Station] = {}
    for point in config.charge_points:
        place = charge_point_address(point).port
        made = Station(type=point.type, url=point.url, sockets={}, interval_s=point.interval_s)
        station = found.setdefault(place, made)
        station.sockets[point.id] = point.socket
    return tuple(found.values())


def set_urls(config: SiteConfig, urls: Mapping[str, str]) -> SiteConfig:
    """A copy in which the named meters, charge points and batteries are elsewhere (the demo's emulators on loopback).
    Raises ConfigError for an id that the site does not have."""
    known = {m.id for m in config.meters} | {p.id for p in config.charge_points}
    known |= {b.id for b in config.batteries}
    if unknown := sorted(set(urls) - known):
        raise ConfigError(
            f"no meter, charge point or battery is called {', '.join(unknown)}; known: {sorted(known)}"
        )
    meters = [m.model_copy(update={"url": urls.get(m.id, m.url)}) for m in config.meters]
    points = [p.model_copy(update={"url": urls.get(p.id, p.url)}) for p in config.charge_points]
    cells = [b.model_copy(update={"url": urls.get(b.id, b.url)}) for b in config.batteries]
    return config.model_copy(update={"meters": meters, "charge_points": points, "batteries": cells})


def device_options(
    meter: MeterConfig, config: SiteConfig, env: Mapping[str, str] = os.environ
) -> dict[str, object]:
    """What the driver needs besides the address, as `devices.Registry` takes it: `conductors` are site phases.
    `key` and `authentication_key` are hexadecimal text, taken from the environment or from files. Raises
    ConfigError that names the place and never the secret."""
    options: OptionsConfig = meter.options
    plain = {"checksum", "invert", "frozen_after_s"}
    out: dict[str, object] = options.model_dump(include=plain, exclude_none=True)
    wires = wiring(config).meter(meter, config)
    if meter.type != P1 and wires != PHASES[: len(wires)]:
        out["conductors"] = list(wires)
    for name, reference, file in (
        ("key", options.key, options.key_file),
        ("authentication_key", options.authentication_key, options.authentication_key_file),
    ):
        if reference is not None:
            out[name] = _from_environment(reference, env)
        elif file is not None:
            out[name] = read_secret(file)
    return out


def _from_environment(reference: str, env: Mapping[str, str]) -> str:
    variable = reference[2:-1]
    if not (value := env.get(variable, "").strip()):
        raise ConfigError(f"the environment variable {variable} is not set. Set it before kwartier starts")
    return value


def read_secret(file: str) -> str:
    """The text of a secret's file without white space around it. Raises ConfigError."""
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(
            f"the file {file} cannot be read: {reason}. Create it, readable by kwartier"
        ) from None
    if not text:
        raise ConfigError(f"the file {file} is empty. Put the secret into it, alone on one line")
    return text


def formula_of(circuit: CircuitConfig) -> Formula | None:
    """The compiled formula of a circuit's limit, None where it is a figure."""
    limit = circuit.limit_a
    if isinstance(limit, FormulaLimit):
        return compile_formula(limit.formula)
    return compile_formula(limit) if isinstance(limit, str) else None


def _circuit(circuit: CircuitConfig, wires: Wiring) -> Circuit:
    limit = wires.limit_a(circuit)
    if limit is None:
        raise ConfigError(f"circuit {circuit.id!r}: its formula needs max_a or a fuse that bounds it")
    return Circuit(
        id=circuit.id,
        name=circuit.name or circuit.id,
        parent=circuit.parent,
        phases=tuple(sorted(wires.circuit(circuit.id))),
        limit_a=limit,
        contract_w=_w(circuit.contract_kw),
        fuse=None if circuit.fuse is None else Fuse(type=circuit.fuse.type, rating_a=circuit.fuse.rating_a),
        meter=circuit.meter,
        backup_meter=circuit.backup_meter,
        safe_current_a=circuit.safe_current_a or 0.0,
        base_load_a=wires.base_load_a(circuit),
        export_limit_w=_w(circuit.export_limit_kw),
        imbalance_a=circuit.imbalance_a,
        quarter=None if circuit.quarter is None else circuit.quarter.settings(),
    )


def _w(power_kw: float | None) -> float | None:
    return None if power_kw is None else power_kw * W_PER_KW


def _meter(meter: MeterConfig, wires: Wiring, config: SiteConfig) -> Meter:
    return Meter(
        id=meter.id,
        name=meter.name or meter.id,
        role=meter.role or _usual_role(meter.id, config),
        address=str(meter_address(meter)),
        interval_s=meter.interval_s,
        phases=len(wires.meter(meter, config)),
    )


def _usual_role(meter_id: str, config: SiteConfig) -> MeterRole:
    of_circuits = [c for c in config.circuits if meter_id in {c.meter, c.backup_meter}]
    if not of_circuits:
        return "consumption"
    return "grid" if any(c.parent is None for c in of_circuits) else "circuit"


def _charge_point(point: ChargePointConfig, wires: Wiring) -> ChargePoint:
    return ChargePoint(
        id=point.id,
        name=point.name or point.id,
        circuit=point.circuit,
        conductors=wires.point(point),
        address=str(charge_point_address(point)),
        min_a=point.min_a,
        max_a=point.max_a,
        weight=point.weight,
        priority=point.priority,
        fallback_a=point.fallback_a,
        phase_switching=point.phase_switching,
        start_a=point.start_a,
        mode=point.mode,
    )
