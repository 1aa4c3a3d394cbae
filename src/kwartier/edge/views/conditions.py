"""What is wrong at this moment, read off the state document: pure, so that a test can hold it to recorded ones."""

from collections.abc import Iterator
from dataclasses import dataclass

from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level
from kwartier.web.live import Document

OVER_A = 0.05
DISOBEYS = frozenset({"charger_disobeys", "charger_disabled", "charger_barred"})
"""Reasons of a charge point that takes more than it is given."""
WORST_FIRST: dict[Level, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong now, and stays one thing while `kind` and `device_id` do."""

    kind: str
    device_id: str
    device: str
    """What it is called."""
    level: Level
    reason: Reason
    age_s: float = 0.0
    """For how long already, as far as a device tells."""
    lasting_s: float = 0.0
    """It is worth telling once it has lasted so long."""


def conditions(document: Document, proof_problems: int | None) -> Iterator[Condition]:
    """Everything that is wrong. `proof_problems`: findings of the newest fail-safe proof; None: none was made."""
    yield from _inputs(document)
    yield from _meters(document)
    yield from _circuits(document)
    yield from _points(document)
    yield from _batteries(document)
    recording = document["recording"]
    if not recording["ok"]:
        yield Condition(
            kind="recording",
            device_id="historian",
            device="historian",
            level="error",
            reason=_unrecorded(recording),
        )
    if proof_problems:
        why = reason("alarm_proof_failed", count=proof_problems)
        yield Condition(kind="proof", device_id="proof", device="proof", level="error", reason=why)


def _inputs(document: Document) -> Iterator[Condition]:
    for entry in document.get("inputs", ()):
        name, count = entry["name"], entry["charge_points"]
        state = entry["kind"] if entry["state"] == "alarm" else entry["state"]
        if state == "fire":
            yield _input(entry, reason("alarm_fire", input=name, count=count))
        elif state == "emergency":
            yield _input(entry, reason("alarm_emergency", input=name, count=count))
        elif state == "fault":
            yield _input(entry, reason("alarm_input_lost", input=name, count=count))
        elif state == "starting" and entry["stopped"]:
            yield _input(entry, reason("alarm_input_unheard", input=name, count=count))
        elif entry["testing"]:
            yield _input(entry, reason("alarm_input_testing", input=name), "warning")


def _input(entry: Document, why: Reason, level: Level = "error") -> Condition:
    return Condition(kind=why.code, device_id=entry["id"], device=entry["name"], level=level, reason=why)


def _meters(document: Document) -> Iterator[Condition]:
    safe = {c["meter"]: c for c in document["circuits"] if c["safe"]}
    for meter in document["meters"]:
        if meter["status"] not in {"lost", "error"}:
            continue
        circuit = safe.get(meter["id"])
        level: Level = "warning"
        why = reason("alarm_meter_lost", meter=meter["name"])
        if circuit is not None:
            level, current_a = "error", float(circuit["safe_current_a"])
            why = reason(
                "alarm_meter_safe", meter=meter["name"], circuit=circuit["name"], current_a=current_a
            )
        age_s = meter["age_s"] or 0.0
        yield Condition(
            kind="meter", device_id=meter["id"], device=meter["name"], level=level, reason=why, age_s=age_s
        )


def _circuits(document: Document) -> Iterator[Condition]:
    for circuit in document["circuits"]:
        if circuit["load_a"] is None or not circuit["metered"]:
            continue
        by = [
            (load_a - limit_a, phase, load_a, limit_a)
            for phase, (load_a, limit_a) in enumerate(
                zip(circuit["load_a"], circuit["limit_a"], strict=True), 1
            )
            if load_a is not None
        ]
        over_a, phase, load_a, limit_a = max(by, default=(0.0, 0, 0.0, 0.0))
        if over_a > OVER_A:
            why = reason(
                "alarm_over_limit",
                circuit=circuit["name"],
                phase=phase,
                load_a=float(load_a),
                limit_a=float(limit_a),
            )
            yield Condition(
                kind="over",
                device_id=circuit["id"],
                device=circuit["name"],
                level="warning",
                reason=why,
                lasting_s=10.0,
            )


def _points(document: Document) -> Iterator[Condition]:
    for point in document["charge_points"]:
        name, state = point["name"], point["state"]
        if point["status"] == "silent":
            why = reason("alarm_point_silent", name=name)
            age_s = point["age_s"] or 0.0
            yield Condition(
                kind="silent", device_id=point["id"], device=name, level="warning", reason=why, age_s=age_s
            )
        elif point["reason"]["code"] in DISOBEYS:
            level: Level = "error" if point["reason"]["code"] == "charger_barred" else "warning"
            why = reason("alarm_point_disobeys", name=name)
            yield Condition(kind="disobeys", device_id=point["id"], device=name, level=level, reason=why)
        elif state in {"E", "F"}:
            why = reason("alarm_point_fault", name=name, state=state)
            yield Condition(kind="fault", device_id=point["id"], device=name, level="warning", reason=why)


def _batteries(document: Document) -> Iterator[Condition]:
    for battery in document.get("batteries", ()):
        name = battery["name"]
        if battery["status"] == "silent":
            yield Condition(
                kind="silent",
                device_id=battery["id"],
                device=name,
                level="warning",
                reason=reason("alarm_battery_silent", name=name),
                age_s=battery["age_s"] or 0.0,
            )
        elif battery["state"] in {"off", "fault"}:
            why = reason("alarm_battery_fault", name=name, state=battery["state"])
            yield Condition(kind="fault", device_id=battery["id"], device=name, level="warning", reason=why)


def _unrecorded(recording: Document) -> Reason:
    told = recording.get("why")
    if told is not None:
        return Reason(told["code"], tuple(told["params"].items()))
    return reason("alarm_not_recording", problem=recording["problem"] or "")
