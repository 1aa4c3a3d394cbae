"""The live state document: what the screen, the API and the stream show, made once a cycle.

Plain JSON values; the fields are described in `web.schemas`. Nothing is decided here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from kwartier.control.decision import Decision
from kwartier.control.memory import PointMemory, newest
from kwartier.control.wishes.claims import user
from kwartier.edge.views.battery import batteries_w, battery_document, remembered
from kwartier.edge.views.circuit import circuit_document
from kwartier.edge.views.moments import iso
from kwartier.site.batteries import Battery
from kwartier.site.modes import mode_of
from kwartier.site.quarters import RunningQuarter
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.reasons import LANGUAGES, Reason, without_names
from kwartier.site.setpoints import Message, Picture, Wish
from kwartier.site.topology import ChargePoint, Meter, Site

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What the document tells besides the decision."""

    version: str
    demo: Document | None = None
    clock_speed: float = 1.0
    cycle: Document = field(default_factory=dict)
    faults: Mapping[str, DeviceFault] = field(default_factory=dict)
    health: Mapping[str, Document] = field(default_factory=dict)
    """How the lines of those meters do that count it, by meter."""
    quarter: RunningQuarter | None = None
    goal: Document = field(default_factory=dict)
    """The running quarter against its target (`peaks.goal`)."""
    month_peak: tuple[float, float] | None = None
    """Watts and UTC seconds."""
    messages: Iterable[tuple[float, Message]] = ()
    """UTC time and message, newest first."""
    recording: Document = field(default_factory=lambda: {"ok": True, "problem": None, "queued": 0})


Flow = dict[str, float | None]


def document(site: Site, picture: Picture, decision: Decision, flow: Flow, extras: Extras) -> Document:
    """The whole document of one cycle; `flow` as `power_flow` gives it."""
    zone = ZoneInfo(site.time_zone)
    points = [_point(site, p, picture, decision, extras, zone) for p in site.charge_points]
    meters = [_meter(m, picture, decision, extras, zone) for m in site.meters]
    return {
        "site": {
            "name": site.name,
            "time_zone": site.time_zone,
            "currency": site.currency,
            "demo": extras.demo is not None,
            "version": extras.version,
        },
        "at": iso(picture.utc_s, zone),
        "at_s": picture.utc_s,
        "clock_speed": extras.clock_speed,
        "cycle": extras.cycle,
        "flow": flow,
        "circuits": [
            circuit_document(site, site.circuit[v.circuit_id], v, picture, zone) for v in decision.circuits
        ],
        "meters": meters,
        "charge_points": points,
        "batteries": [_battery(b, picture, decision, extras, zone) for b in site.batteries],
        "quarter": _quarter(extras, zone),
        "messages": [_message(at, m, zone) for at, m in extras.messages],
        "recording": extras.recording,
        "demo": extras.demo,
    }


@lru_cache(maxsize=4096)
def words(why: Reason) -> Document:
    """A reason in every language, with its code and figures. Not to be changed: it is kept for the next
    cycle, because most reasons stay the same."""
    return {"code": why.code, "params": dict(why.params), **{lang: why.text(lang) for lang in LANGUAGES}}


def power_flow(site: Site, picture: Picture, decision: Decision) -> Flow:
    """Power of the big four, W, positive into each; None where nothing tells it.

    The house is what remains of the grid: grid - production - chargers - battery. Batteries are told by their meters, and
    where there is none by themselves.
    """
    grid_w = _power_of(site, "grid", picture, decision)
    if grid_w is None and site.root.meter is not None:
        grid_w = _metered_w(site.root.meter, picture, decision)
    production_w = _power_of(site, "production", picture, decision)
    battery_w = _power_of(site, "battery", picture, decision)
    if battery_w is None:
        battery_w = batteries_w(site, picture, decision)
    drawn_w = [_drawn_w(r, decision.memory.points[i]) for i, r in picture.charge_points.items()]
    chargers_w = None if None in drawn_w and not any(drawn_w) else sum(w for w in drawn_w if w is not None)
    house_w = None
    untold = battery_w is None and bool(site.batteries)  # it may give what the house seems not to need
    if grid_w is not None and None not in drawn_w and chargers_w is not None and not untold:
        house_w = grid_w - (production_w or 0.0) - (battery_w or 0.0) - chargers_w
    return {
        "grid_w": grid_w,
        "production_w": production_w,
        "chargers_w": chargers_w,
        "battery_w": battery_w,
        "house_w": house_w,
    }


def _power_of(site: Site, role: str, picture: Picture, decision: Decision) -> float | None:
    found = [_metered_w(m.id, picture, decision) for m in site.meters if m.role == role]
    known = [w for w in found if w is not None]
    return sum(known) if known else None


def _metered_w(meter_id: str, picture: Picture, decision: Decision) -> float | None:
    if not decision.memory.meters[meter_id].has_value:
        return None
    reading = picture.meters.get(meter_id)
    return None if reading is None else reading.power_w


def _drawn_w(reading: ChargePointReading, remembered: PointMemory) -> float | None:
    """None where a car may draw that nobody hears of."""
    if remembered.silent:
        return None if remembered.plugged else 0.0
    if reading.power_w is not None:
        return reading.power_w
    return sum(
        a * (v if v is not None else 230.0) for a, v in zip(reading.current_a, reading.voltage_v, strict=True)
    )


_METER_VALUES = (
    "power_w", "current_a", "voltage_v", "power_phase_w", "energy_import_kwh", "energy_export_kwh",
    "energy_import_t1_kwh", "energy_import_t2_kwh", "energy_export_t1_kwh", "energy_export_t2_kwh",
    "frequency_hz", "tariff", "quarter_demand_w", "month_peak_w", "breaker", "power_failures",
    "long_power_failures", "gas_m3", "water_m3",
)  # fmt: skip


def _meter(meter: Meter, picture: Picture, decision: Decision, extras: Extras, zone: ZoneInfo) -> Document:
    ladder = decision.memory.meters[meter.id]
    reading: MeterReading | None = picture.meters.get(meter.id)
    out: Document = {
        "id": meter.id,
        "name": meter.name,
        "role": meter.role,
        "address": meter.address,
        "status": ladder.status,
        "age_s": None if ladder.seen_at_s is None else round(max(0.0, picture.now_s - ladder.heard_s), 1),
        "health": extras.health.get(meter.id),
        "fault": _fault(extras.faults.get(meter.id)),
    }
    for name in _METER_VALUES:
        out[name] = None if reading is None else getattr(reading, name)
    for name in ("voltage_v", "power_phase_w"):
        out[name] = out[name] or (None, None, None)
    out["currents_estimated"] = reading is not None and reading.currents_estimated
    out["meter_time"] = _moment(None if reading is None else reading.meter_time_s, zone)
    out["month_peak_at"] = _moment(None if reading is None else reading.month_peak_at_s, zone)
    return out


def _moment(utc_s: float | None, zone: ZoneInfo) -> str | None:
    return None if utc_s is None else iso(utc_s, zone)


def _fault(fault: DeviceFault | None) -> Document | None:
    return None if fault is None else {"kind": fault.kind, "what": fault.what, "raw": fault.raw}


def _point(
    site: Site, point: ChargePoint, picture: Picture, decision: Decision, extras: Extras, zone: ZoneInfo
) -> Document:
    remembered = decision.memory.points[point.id]
    reading = picture.charge_points.get(point.id)
    wish = picture.wishes.get(point.id, Wish(charge_point_id=point.id))
    status = "silent" if remembered.silent else "ok" if remembered.known else "waiting"
    session_kwh = None
    if reading is not None and remembered.plugged and reading.energy_kwh is not None:
        began = remembered.session_energy_kwh
        session_kwh = None if began is None else round(max(0.0, reading.energy_kwh - began), 3)
    began_at = None
    if remembered.plugged and remembered.session_s is not None:
        began_at = iso(picture.utc_s - (picture.now_s - remembered.session_s), zone)
    drawn_w = None if reading is None else _drawn_w(reading, remembered)
    return {
        "id": point.id,
        "name": point.name,
        "circuit": point.circuit,
        "phases": point.conductors,
        "status": status,
        "age_s": None if reading is None else round(max(0.0, picture.now_s - reading.at_s), 1),
        "address": point.address,
        "state": None if reading is None else reading.state,
        "plugged": remembered.plugged,
        "measured_a": newest(remembered.samples),
        "allowed_a": remembered.granted_a,
        "applied_a": None if reading is None else reading.applied_a,
        "confirmed": remembered.known and remembered.booked_a <= remembered.granted_a,
        "power_w": None if drawn_w is None else round(drawn_w, 1),
        "energy_kwh": None if reading is None else reading.energy_kwh,
        "session_kwh": session_kwh,
        "session_start": began_at,
        "mode": mode_of(point, user(site, remembered), wish),
        "limit_a": wish.limit_a,
        "departs_at": _moment(wish.departs_s, zone),
        "needs_kwh": wish.needs_kwh,
        "min_a": point.min_a,
        "max_a": point.max_a,
        "fallback_a": remembered.fallback_a,
        "valid_for_s": None if reading is None else reading.valid_for_s,
        "priority": point.priority,
        "reason": words(remembered.reason),
        "reason_since": iso(picture.utc_s - (picture.now_s - remembered.reason_s), zone),
        "fault": _fault(extras.faults.get(point.id)),
    }


def _battery(
    battery: Battery, picture: Picture, decision: Decision, extras: Extras, zone: ZoneInfo
) -> Document:
    why = words(remembered(battery, picture, decision).reason)
    fault = _fault(extras.faults.get(battery.id))
    return battery_document(battery, picture, decision, zone, why=why, fault=fault)


def _quarter(extras: Extras, zone: ZoneInfo) -> Document | None:
    quarter = extras.quarter
    if quarter is None:
        return None
    peak_w, peak_at_s = extras.month_peak or (None, None)
    return {
        "start": iso(quarter.start_s, zone),
        "end": iso(quarter.start_s + 900, zone),
        "elapsed_s": round(quarter.elapsed_s, 1),
        "energy_kwh": round(quarter.energy_kwh, 4),
        "demand_w": round(quarter.demand_w, 1),
        "projected_w": round(quarter.projected_w, 1),
        "month_peak_w": peak_w,
        "month_peak_at": _moment(peak_at_s, zone),
        "source": "meter" if quarter.source == "meter" else "registers",
        **extras.goal,
    }


def _message(utc_s: float, message: Message, zone: ZoneInfo) -> Document:
    told = without_names(message.reason)  # everybody on the network reads the document
    return {
        "at": iso(utc_s, zone),
        "level": message.level,
        "device_id": message.device_id,
        "code": told.code,
        **{lang: told.text(lang) for lang in LANGUAGES},
    }
