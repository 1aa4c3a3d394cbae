"""The ladder of `obedience` at a whole site: what to say of each charge point, whom it stops, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from kwartier.control.allocation.shapes import PAIRS
from kwartier.control.chargers.obedience import OBEDIENT, Event, Obedience, Over, Word, judge, released
from kwartier.control.chargers.points import CURRENT_FLOWS_A
from kwartier.control.memory import PointMemory, newest
from kwartier.site.phases import PHASES, PhaseVector
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level, Message, Wish
from kwartier.site.topology import ChargePoint, Site
from kwartier.site.units import NOMINAL_VOLTAGE_V

EPS_A = 1e-6
LEVELS: dict[Event, Level] = {
    "disabled": "warning",
    "cut": "error",
    "released": "info",
    "trying": "info",
    "believed": "info",
    "barred": "error",
}


@dataclass(frozen=True, slots=True)
class Discipline:
    """Who gets nothing in this step on account of somebody's disobedience, and what to tell."""

    stops: dict[str, Reason]
    messages: tuple[Message, ...]


NOTHING = Discipline({}, ())


def discipline(
    site: Site,
    points: Mapping[str, PointMemory],
    wishes: Mapping[str, Wish],
    booked_a: Mapping[str, PhaseVector],
    limit_a: Mapping[str, PhaseVector],
    now_s: float,
) -> Discipline:
    """Climb the ladder of each charge point (drafts in `points`). `booked_a` is per circuit the other load with
    all that silent and disobedient charge points draw or may draw; above `limit_a` a circuit is over."""
    stops: dict[str, Reason] = {}
    messages: list[Message] = []
    for point in site.charge_points:
        draft = points[point.id]
        old = draft.obedience
        if old.stage == "obeys" and not draft.disobeys and not old.offences and not old.disables:
            continue
        over = _over(site, point, draft, booked_a, limit_a)
        group = site.charge_points_behind[old.circuit] if old.circuit in site.circuit else ()
        word = _word(draft, wishes.get(point.id))
        beyond = draft.disobeys and _beyond(site, point, draft, booked_a)
        draft.obedience, event = judge(old, word, over, now_s, max(0, len(group) - 1), beyond=beyond)
        if event is not None:
            told = _message(site, point, draft, old, event)
            messages.append(Message(at_s=now_s, level=LEVELS[event], device_id=point.id, reason=told))
    for point in site.charge_points:
        if points[point.id].obedience is not OBEDIENT:
            _stop(site, point, points, stops, now_s)
    return Discipline(stops, tuple(messages)) if stops or messages else NOTHING


def _word(draft: PointMemory, wish: Wish | None) -> Word:
    if draft.unheard:
        return "silent"
    if draft.disobeys:
        return "over"
    if not draft.plugged and max(newest(draft.samples)) < CURRENT_FLOWS_A:
        return "gone"
    return "pardoned" if wish is not None and wish.mode == "off" else "obeys"


def _over(
    site: Site,
    point: ChargePoint,
    draft: PointMemory,
    booked_a: Mapping[str, PhaseVector],
    limit_a: Mapping[str, PhaseVector],
) -> Over | None:
    """The smallest circuit on its path that is over on a phase on which it draws, or may draw unheard."""
    drawn = newest(draft.samples)
    mine = [p for p in PHASES if drawn[p - 1] >= CURRENT_FLOWS_A or (draft.unheard and p in point.conductors)]
    for circuit_id in site.path[point.circuit]:
        booked, limit = booked_a[circuit_id], limit_a[circuit_id]
        excess = [booked[p - 1] - limit[p - 1] for p in mine]
        if excess and max(excess) > EPS_A:
            worst = max(mine, key=lambda p: booked[p - 1] - limit[p - 1]) - 1
            allowed = max(limit[worst], EPS_A)
            return Over(circuit_id, 100.0 * (booked[worst] / allowed - 1.0))
    return None


def _beyond(site: Site, point: ChargePoint, draft: PointMemory, booked_a: Mapping[str, PhaseVector]) -> bool:
    """Whether a circuit on its path is above a limit on its phases together, or on how far they lie apart, on its
    account and by what cannot be held back alone."""
    drawn = newest(draft.samples)
    for circuit_id in site.path[point.circuit]:
        circuit, booked = site.circuit[circuit_id], booked_a[circuit_id]
        if circuit.contract_w is not None and sum(booked) * NOMINAL_VOLTAGE_V > circuit.contract_w:
            return True
        if circuit.imbalance_a is None:
            continue
        for p, q in PAIRS:
            apart = booked[p - 1] - booked[q - 1] > circuit.imbalance_a
            if apart and drawn[p - 1] - drawn[q - 1] >= CURRENT_FLOWS_A:
                return True
    return False


def _stop(
    site: Site, point: ChargePoint, points: Mapping[str, PointMemory], stops: dict[str, Reason], now_s: float
) -> None:
    """Take it and its group off, as far as its stage says so."""
    state = points[point.id].obedience
    if state.stage == "barred":
        stops[point.id] = reason("charger_barred", tries=state.disables)
    elif state.stopped:
        stops[point.id] = reason("charger_disabled", draw_a=float(max(newest(points[point.id].samples))))
    if state.circuit not in site.circuit:
        return
    circuit = site.circuit[state.circuit]
    others = [i for i in site.charge_points_behind[circuit.id] if i != point.id]
    for place, other in enumerate(others):
        if state.stage == "cut":
            stops.setdefault(other, reason("group_cut", culprit=point.name, circuit=circuit.name))
        elif not released(state, place, now_s):
            stops.setdefault(other, reason("group_returning", culprit=point.name, circuit=circuit.name))


def _message(site: Site, point: ChargePoint, draft: PointMemory, old: Obedience, event: Event) -> Reason:
    draw_a = float(max(newest(draft.samples)))
    new = draft.obedience
    if event == "disabled":
        return reason("obedience_disabled", name=point.name, draw_a=draw_a)
    if event == "cut":
        assert new.circuit is not None
        circuit = site.circuit[new.circuit].name
        return reason("obedience_cut", name=point.name, draw_a=draw_a, circuit=circuit)
    if event == "released":
        circuit = site.circuit[old.circuit].name if old.circuit in site.circuit else "?"
        code = "obedience_calm" if new.stage == "disabled" else "obedience_released"
        return reason(code, name=point.name, circuit=circuit)
    if event == "trying":
        return reason("obedience_trying", name=point.name, min_a=float(point.min_a))
    if event == "barred":
        return reason("obedience_barred", name=point.name, tries=new.disables)
    return reason("obedience_believed", name=point.name)
