"""Batteries in the state document, and the power that they take together."""

from zoneinfo import ZoneInfo

from kwartier.control.battery.memory import BatteryMemory, begin
from kwartier.control.decision import Decision
from kwartier.edge.views.moments import iso
from kwartier.site.batteries import Battery
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site
from kwartier.web.live import Document


def batteries_w(site: Site, picture: Picture, decision: Decision) -> float | None:
    """What all of them take by their own word, W; negative: they give. None where there is none, or one is not heard."""
    known = [remembered(battery, picture, decision) for battery in site.batteries]
    if not known or any(memory.unheard for memory in known):
        return None
    return sum(memory.newest_w for memory in known)


def remembered(battery: Battery, picture: Picture, decision: Decision) -> BatteryMemory:
    """What the step remembers of it."""
    return (decision.memory.batteries or {}).get(battery.id) or begin(picture.now_s)


def battery_document(
    battery: Battery,
    picture: Picture,
    decision: Decision,
    zone: ZoneInfo,
    *,
    why: Document,
    fault: Document | None,
) -> Document:
    """One battery as of this cycle. `why`: its reason in words; `fault`: what it last got wrong."""
    memory = remembered(battery, picture, decision)
    reading = picture.batteries.get(battery.id)
    soc_pct = memory.soc_pct
    return {
        "id": battery.id,
        "name": battery.name,
        "circuit": battery.circuit,
        "address": battery.address,
        "phases": battery.conductors,
        "status": "silent" if memory.silent else "ok" if memory.known else "waiting",
        "age_s": None if reading is None else round(max(0.0, picture.now_s - reading.at_s), 1),
        "state": memory.state or None,
        "power_w": None if memory.unheard else round(memory.newest_w, 1),
        "soc_pct": None if soc_pct is None else round(soc_pct, 1),
        "stored_kwh": None if soc_pct is None else round(battery.capacity_kwh * soc_pct / 100.0, 2),
        "setpoint_w": round(memory.granted_w, 1),
        "reserved_w": round(memory.taking_w(battery), 1),
        "valid_for_s": None if reading is None else reading.valid_for_s,
        "capacity_kwh": battery.capacity_kwh,
        "charge_w": battery.charge_w,
        "discharge_w": battery.discharge_w,
        "min_soc_pct": battery.min_soc_pct,
        "reserve_soc_pct": battery.reserve_soc_pct,
        "max_soc_pct": battery.max_soc_pct,
        "reason": why,
        "reason_since": iso(picture.utc_s - (picture.now_s - memory.reason_s), zone),
        "fault": fault,
    }
