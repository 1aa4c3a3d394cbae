"""What the fire and emergency inputs do to the site now: who is stopped and why, and which circuits."""

from collections.abc import Iterable
from dataclasses import dataclass

from kwartier.safety.fire import FireInput, FireMemory
from kwartier.site.phases import ZERO
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Limit

SOURCE = "fire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """All inputs together. The strictest counts for each charge point."""

    stops: dict[str, Reason]
    """Charge points that get nothing, whatever else is decided, and why."""
    withheld: frozenset[str]
    """Charge points to which nothing is written yet: it is not known whether they may run."""
    limits: tuple[Limit, ...]
    """0 A for each circuit that is stopped as a whole."""


NOTHING = Effect(stops={}, withheld=frozenset(), limits=())


def effect(inputs: Iterable[tuple[FireInput, FireMemory]]) -> Effect:
    """What all inputs together do. A charge point runs only when every input that guards it allows it."""
    stops: dict[str, Reason] = {}
    withheld: set[str] = set()
    limits: dict[str, Limit] = {}
    for spec, memory in sorted(inputs, key=_gravity):
        for point_id, why in _stops(spec, memory).items():
            stops.setdefault(point_id, why)
        if _whole(memory):
            for circuit_id in spec.circuits:
                limits[circuit_id] = Limit(circuit_id=circuit_id, value_a=ZERO, source=SOURCE)
        if memory.state == "starting":
            withheld.update(spec.charge_points)
    return Effect(stops=stops, withheld=frozenset(withheld - set(stops)), limits=tuple(limits.values()))


def _gravity(entry: tuple[FireInput, FireMemory]) -> int:
    return ("alarm", "fault", "starting", "returning", "quiet").index(entry[1].state)


def _whole(memory: FireMemory) -> bool:
    """Whether everything behind the input is stopped."""
    return memory.state in {"alarm", "fault"} or memory.cut


def _stops(spec: FireInput, memory: FireMemory) -> dict[str, Reason]:
    if memory.state == "alarm":
        code = "stopped_fire" if spec.kind == "fire" else "stopped_emergency"
        why = Reason(code, (("input", spec.name),))
    elif memory.state == "fault":
        why = reason("stopped_input_lost", input=spec.name)
    elif memory.cut:
        why = reason("stopped_input_unheard", input=spec.name)
    elif memory.released is not None:
        return _not_yet(spec, memory.released)
    else:
        return {}
    return dict.fromkeys(spec.charge_points, why)


def _not_yet(spec: FireInput, released: tuple[str, ...]) -> dict[str, Reason]:
    left = [p for p in spec.charge_points if p not in released]
    return {
        point_id: reason("stopped_returning", input=spec.name, before=before)
        for before, point_id in enumerate(left)
    }
