"""Fuses and feed-in in a step: currents run through the trip integral, what follows for the charge points behind,
and what people are told. The rules are in `safety.tripping` and `safety.export`.
"""

from dataclasses import dataclass, field
from math import isfinite

from kwartier.control.estimate import Loads
from kwartier.control.memory import Memory, PointMemory, newest
from kwartier.safety.export import ExportLimit, ExportMemory, watch
from kwartier.safety.power import LEAST_V, volts
from kwartier.safety.tripping import TripMemory, begin, run
from kwartier.site.phases import PhaseVector, add, maximum, on_phases
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Level, Message, Picture
from kwartier.site.topology import Circuit, Fuse, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What fuses and feed-in say in this step."""

    fuses: dict[str, TripMemory] = field(default_factory=dict)
    exports: dict[str, ExportMemory] = field(default_factory=dict)
    export_limits: dict[str, ExportLimit] = field(default_factory=dict)
    urgent: dict[str, str] = field(default_factory=dict)
    """Charge points behind a fuse that runs towards its trip: the circuit that is nearest to it."""
    messages: tuple[Message, ...] = ()


NONE = Guards()


def guards(
    site: Site, memory: Memory, before_s: float | None, picture: Picture, loads: Loads, now_s: float
) -> Guards:
    """`memory`: with the meters and charge points of this step; `before_s`: when the step before was."""
    messages: list[Message] = []
    fuses = {}
    urgent: dict[str, str] = {}
    for circuit in site.fused:
        assert circuit.fuse is not None
        old = memory.fuses.get(circuit.id) or begin(now_s)
        flowing_a = _flowing(site, memory, loads, circuit, circuit.fuse)
        before = now_s if before_s is None else before_s
        new = run(old, circuit.fuse, flowing_a, before_s=before, now_s=now_s, utc_s=picture.utc_s)
        fuses[circuit.id] = new
        if new is old:
            continue
        messages += _fuse_messages(circuit, circuit.fuse, old, new, now_s)
    for circuit in site.fused:
        mine = fuses[circuit.id].urgency
        if mine != "calm":
            for point_id in site.charge_points_behind[circuit.id]:
                if point_id not in urgent or mine == "stop":
                    urgent[point_id] = circuit.id
    exports, limits = _exports(site, memory, picture, now_s, messages)
    return Guards(fuses=fuses, exports=exports, export_limits=limits, urgent=urgent, messages=tuple(messages))


def flowing(site: Site, memory: Memory) -> dict[str, PhaseVector]:
    """The current through each circuit with a fuse by what is remembered, A, as a step reckons it."""
    ladders = {c.id: memory.meters[c.meter] for c in site.circuits if c.meter is not None}
    load_a = {i: x.current_a for i, x in ladders.items() if x.has_value and x.current_a is not None}
    loads = Loads({}, {}, load_a, {})
    return {c.id: _flowing(site, memory, loads, c, c.fuse) for c in site.fused if c.fuse is not None}


def _flowing(site: Site, memory: Memory, loads: Loads, circuit: Circuit, fuse: Fuse) -> PhaseVector:
    """The current through a circuit: metered, else reckoned from what is known below it. While its meter, or one
    that it is reckoned from, is lost nobody knows; its rated current at least, so that it is no colder afterwards
    than before."""
    metered = loads.load_a.get(circuit.id)
    known = metered if metered is not None else _below(site, memory, loads, circuit)
    return known if _told(site, memory, circuit) else maximum((fuse.rating_a,) * 3, known)


def _told(site: Site, memory: Memory, circuit: Circuit) -> bool:
    """Whether its meter is trusted; where it has none, the first ones below it."""
    if circuit.meter is not None:
        return memory.meters[circuit.meter].trusted
    return all(_told(site, memory, site.circuit[child]) for child in site.children[circuit.id])


def _below(site: Site, memory: Memory, loads: Loads, circuit: Circuit) -> PhaseVector:
    total = circuit.base_load_a
    for point_id in site.charge_points_on[circuit.id]:
        total = add(total, _drawn(site, memory.points[point_id], point_id))
    for battery in site.batteries:
        if battery.circuit == circuit.id and memory.batteries is not None:
            taking_w = memory.batteries[battery.id].taking_w(battery)
            taking_a = taking_w / LEAST_V / len(battery.conductors)
            total = add(total, on_phases(taking_a, battery.conductors))
    for child in site.children[circuit.id]:
        metered = loads.load_a.get(child)
        total = add(
            total, metered if metered is not None else _below(site, memory, loads, site.circuit[child])
        )
    return total


def _drawn(site: Site, remembered: PointMemory, point_id: str) -> PhaseVector:
    if remembered.unheard:
        return on_phases(remembered.reserved_a, site.charge_point[point_id].conductors)
    return newest(remembered.samples)


def _fuse_messages(
    circuit: Circuit, fuse: Fuse, old: TripMemory, new: TripMemory, now_s: float
) -> list[Message]:
    out = []
    rating = f"{fuse.type}{fuse.rating_a:g}"
    if new.told > old.told:
        code = "fuse_close" if new.told == 2 else "fuse_near"
        told = reason(code, circuit=circuit.name, fuse=rating, margin_pct=round(new.margin_pct))
        level: Level = "warning" if new.told == 2 else "info"
        out.append(Message(at_s=now_s, level=level, device_id=circuit.id, reason=told))
    if new.urgency != old.urgency and new.urgency == "stop":
        told = reason("fuse_stopped", circuit=circuit.name, fuse=rating)
        out.append(Message(at_s=now_s, level="error", device_id=circuit.id, reason=told))
    if new.urgency == "calm" and old.urgency == "stop":
        told = reason("fuse_calm", circuit=circuit.name, fuse=rating)
        out.append(Message(at_s=now_s, level="info", device_id=circuit.id, reason=told))
    return out


def _exports(
    site: Site, memory: Memory, picture: Picture, now_s: float, messages: list[Message]
) -> tuple[dict[str, ExportMemory], dict[str, ExportLimit]]:
    states: dict[str, ExportMemory] = {}
    limits: dict[str, ExportLimit] = {}
    for circuit in site.export_limited:
        limit_w = circuit.export_limit_w or 0.0
        export_w = _export_w(site, circuit, memory, picture)
        old = memory.exports.get(circuit.id, ExportMemory())
        new = states[circuit.id] = watch(old, limit_w, export_w, now_s)
        limits[circuit.id] = ExportLimit(
            circuit_id=circuit.id, limit_w=limit_w, source="export_limit", export_w=export_w, over=new.over
        )
        if new.over != old.over:
            level: Level = "warning" if new.over else "info"
            told = reason(
                "export_over" if new.over else "export_within",
                circuit=circuit.name,
                limit_kw=round(limit_w / 1000, 1),
                export_kw=round((export_w or 0.0) / 1000, 1),
            )
            messages.append(Message(at_s=now_s, level=level, device_id=circuit.id, reason=told))
    return states, limits


def _export_w(site: Site, circuit: Circuit, memory: Memory, picture: Picture) -> float | None:
    """What it feeds back; None where its meter is not trusted, or it has none, or tells no power on a net without
    neutral: there currents have no sign."""
    if circuit.meter is None or not memory.meters[circuit.meter].trusted:
        return None
    reading = picture.meters.get(circuit.meter)
    if reading is None:
        return None
    if reading.power_w is not None and isfinite(reading.power_w):
        return -reading.power_w
    current_a = memory.meters[circuit.meter].current_a
    return (
        None if current_a is None or site.three_wire else -sum(current_a) * volts(reading.voltage_v).likely_v
    )


def stopped(guards: Guards, point_id: str) -> bool:
    """Whether a fuse before this charge point asks for nothing at all."""
    circuit_id = guards.urgent.get(point_id)
    return circuit_id is not None and guards.fuses[circuit_id].urgency == "stop"
