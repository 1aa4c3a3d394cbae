"""What could be known in a second of what flows. *Blind seconds* do not count: nothing of what happens can be known then.

| fault | blind |
|---|---|
| meter silent, nonsense, late by its own word; frozen with a clock | from its beginning for 11 s at most: then the safe current must hold |
| meter that lies: scale, lost phase, repeated or (without a clock) frozen values | while it tells more than 0.3 A less than what flows, of the phase in question, and that is no more than its limit, or would be once cars have followed |
| meter that lags by seconds and does not say so | as many seconds as it lags |
| controller gone or standing still | from its beginning for 70 s at most: then the stations' own timers must have acted |

Only the meter that a circuit is reckoned with makes it blind: its own; for a circuit without one, those next below it
and the next one above.

A meter that falls silent again before it was trusted is still lost, and blinds nobody anew. One that is lost tells no
lies either: what it said last is nothing to go by.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from kwartier.simulation.faults import Fault, Schedule
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.scenarios import P1, Scenario
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Circuit

METER_BLIND_S = 11.0
CONTROLLER_BLIND_S = 70.0
LIE_A = 0.3
SILENT_KINDS = frozenset({"meter_silent", "meter_nonsense", "meter_late"})
LYING_KINDS = frozenset({"meter_scale", "meter_phase", "meter_repeat", "meter_spike", "meter_frozen"})
MUTE_KINDS = frozenset({"meter_silent", "meter_nonsense"})
"""Nothing comes that could be taken for a reading, whatever else is the matter."""
TRUSTED_S = 9.0
"""A meter that has been back for less is surely not trusted yet: a second less than the design's ten."""

Measure = Callable[[PhaseVector], float]
"""What is judged of the currents of three phases, A: that of one, their sum, how far two lie apart."""


@dataclass(slots=True)
class Told:
    """What the runner says of the controller in this second."""

    up: bool = True
    writes: list[tuple[str, float]] = field(default_factory=list)
    """Set-points that were sent in this second."""
    readings: dict[str, MeterReading] = field(default_factory=dict)
    """The newest reading of each meter that reached the controller since it started."""
    started_s: float = 0.0
    """When it started last, seconds of the run."""
    resets: int = 0
    """How often somebody has reset the fire input."""


class Sight:
    """What could be known. `look_on` first, then ask."""

    def __init__(self, scenario: Scenario, schedule: Schedule) -> None:
        self.scenario = scenario
        self.plant: Plant = scenario.plant
        self.site = scenario.site
        self.schedule = schedule
        self.run_s = 0.0
        self.told = Told()
        self._down_s: float | None = None
        self._lost: dict[str, tuple[float, float]] = {}
        """Per meter: from when until when it was lost last, or will be by what has begun, s of the run."""
        self._metered = {c.id: self._reckoned_with(c) for c in self.site.circuits}
        """The circuits whose meters tell what flows in each: itself; of one without a meter those below, and the next above."""

    def look_on(self, run_s: float, told: Told) -> None:
        """Take note of the second that ended at `run_s`."""
        self.run_s, self.told = run_s, told
        self._down_s = None if told.up else (run_s if self._down_s is None else self._down_s)
        for fault in self.schedule.begun:
            if self._loses(fault):
                since_s, until_s = self._lost.get(fault.target, (-inf, -inf))
                if fault.start_s > until_s + TRUSTED_S or not told.up or told.started_s > since_s:
                    since_s = fault.start_s
                self._lost[fault.target] = (since_s, max(until_s, fault.end_s))

    def _told_by(self, circuit_id: str) -> tuple[str, ...]:
        found: list[str] = []
        for child in self.site.circuits:
            if child.parent == circuit_id:
                found += [child.id] if child.meter is not None else self._told_by(child.id)
        return tuple(found)

    def _reckoned_with(self, circuit: Circuit) -> tuple[tuple[str, str], ...]:
        """Circuits with their meters."""
        if circuit.meter is not None:
            return ((circuit.id, circuit.meter),)
        above = [up for up in self.site.path[circuit.id] if self.site.circuit[up].meter is not None]
        ids = (*self._told_by(circuit.id), *above[:1])
        return tuple((i, meter_id) for i in ids if (meter_id := self.site.circuit[i].meter) is not None)

    def down(self) -> bool:
        """Whether the controller is not there, for so short a time that stations hold what it said."""
        return self._down_s is not None and self.run_s - self._down_s <= CONTROLLER_BLIND_S

    def blind(
        self, circuit_id: str, since_s: float, measure: Measure = sum, most_a: float = inf
    ) -> str | None:
        """Why nothing could be known in this second of what flows in a circuit; None: it could. `since_s`:
        when the trouble that is judged began. `measure`: what is judged of the currents, and `most_a`: its limit."""
        if self.down():
            return "controller gone"
        if self.told.up and self.run_s - self.told.started_s < 2.0:
            return "controller just started"
        for up, meter_id in self._metered[circuit_id]:
            # What one of several tells is no sign that the limit is kept: its lie hides something in any case.
            most_here_a = most_a if up == circuit_id else inf
            why = self._unheard(meter_id, since_s) or self._lie(up, meter_id, measure, most_here_a)
            if why is not None:
                return why
        return None

    def _unheard(self, meter_id: str, since_s: float) -> str | None:
        for fault in self.schedule.of(meter_id):
            since_lost_s, _ = self._lost.get(meter_id, (fault.start_s, fault.end_s))
            if not self._loses(fault):
                since_lost_s = fault.start_s
            if self.silences(fault) and self.run_s - since_lost_s <= METER_BLIND_S:
                return fault.kind
            if fault.kind == "meter_lag" and self.run_s - since_s <= fault.amount:
                return fault.kind
        return None

    def meters_of(self, circuit_id: str) -> list[str]:
        """The meters that a circuit is reckoned with: its own, or those below it and the next above."""
        return [meter_id for _, meter_id in self._metered[circuit_id]]

    def silences(self, fault: Fault) -> bool:
        """Whether the meter that it befalls is to be taken for lost."""
        if fault.kind == "meter_frozen":
            return self.scenario.meter_types[fault.target] == P1
        return fault.kind in SILENT_KINDS

    def _loses(self, fault: Fault) -> bool:
        """Whether the meter that it befalls is lost for sure, and soon."""
        late = fault.kind == "meter_late" and fault.amount < METER_BLIND_S
        return fault.target in self.scenario.meter_types and self.silences(fault) and not late

    def _lie(self, circuit_id: str, meter_id: str, measure: Measure, most_a: float) -> str | None:
        """The fault by which a meter now tells less than what flows, and nothing above the limit."""
        faults = self.schedule.of(meter_id)
        if any(fault.kind in MUTE_KINDS for fault in faults):
            return None
        for fault in faults:
            if fault.kind in LYING_KINDS and not self.silences(fault):
                told = self.told.readings.get(meter_id)
                if told is None or told.current_a is None:
                    return fault.kind
                if measure(told.current_a) >= measure(self.plant.current_a(circuit_id)) - LIE_A:
                    continue
                if measure(self.followed(circuit_id, told.current_a)) <= most_a:
                    return fault.kind
        return None

    def followed(self, circuit_id: str, told_a: PhaseVector) -> PhaseVector:
        """What a meter tells of a circuit, less what has been taken away from cars that still have to follow."""
        return told_a
