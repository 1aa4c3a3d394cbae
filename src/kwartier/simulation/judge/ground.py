"""What is true in a second, and what a controller could have known and done.

Some overloads nobody can prevent, and the design says so. They are told apart by arithmetic, not waved away:

*Obedient current* of a car: what it draws, up to the largest current that its station offered in the last 6 s (a
car may take 5 s to follow), where writes reach its station. Only while obedient current flows in a row that is
over its limit does its clock run: it could have been taken away.

*Blind seconds* do not count: nothing of what happens can be known then.

| fault | blind |
|---|---|
| meter silent, nonsense, late by its own word; frozen with a clock | from its beginning for 11 s at most: then the safe current must hold |
| meter that lies: scale, lost phase, repeated or (without a clock) frozen values | while it tells more than 0.3 A less than what flows, of the phase in question, and no more than its limit |
| meter that lags by seconds and does not say so | as many seconds as it lags |
| controller gone or standing still | from its beginning for 70 s at most: then the stations' own timers must have acted |

Only the meter that a circuit is reckoned with makes it blind: its own; for a circuit without one, those next below it
and the next one above.

A car that draws less than it is offered, the other load alone above the limit, or a station out of reach never
excuse the current of others.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from kwartier.simulation.faults import Fault, Schedule
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Socket
from kwartier.simulation.scenarios import P1, Scenario
from kwartier.simulation.trouble.cars import OddCar
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Circuit

FOLLOW_S = 6.0
SETTLE_S = 15.0
METER_BLIND_S = 11.0
CONTROLLER_BLIND_S = 70.0
LIE_A = 0.3
SILENT_KINDS = frozenset({"meter_silent", "meter_nonsense", "meter_late"})
LYING_KINDS = frozenset({"meter_scale", "meter_phase", "meter_repeat", "meter_spike", "meter_frozen"})
STATION_AFTER_S = {
    "station_silent": 6.0,
    "station_reboot": 8.0,
    "station_timeouts": 6.0,
    "station_lost_writes": 12.0,
    "station_half_open": 12.0,
}
"""For how long after a fault a station may not yet have got what it was told."""
LATE_S = 6.0
"""So long after a late order has come its station and its car may still be following it."""
OVERTAKEN_S = 12.0
"""Once orders are no longer late, an older one may still come after a newer one: the loop sees that and repeats it."""

Measure = Callable[[PhaseVector], float]
"""What is judged of the currents of three phases, A: that of one, their sum, how far two lie apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that must not have happened and is charged to the controller."""

    rule: str
    at_s: float
    """Seconds since the start of the run."""
    what: str

    def sentence(self) -> str:
        """One line, for people."""
        return f"{self.rule} at {self.at_s:.0f} s: {self.what}"


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


class Ground:
    """Shared by all judges. `look` first, then ask."""

    def __init__(self, scenario: Scenario, schedule: Schedule) -> None:
        self.scenario = scenario
        self.plant: Plant = scenario.plant
        self.site = scenario.site
        self.schedule = schedule
        self.run_s = 0.0
        self.told = Told()
        self._offers: dict[str, deque[tuple[float, float]]] = {
            i: deque([(0.0, s.offered_a)]) for i, s in self.plant.socket.items()
        }
        self._reach_s: dict[str, float] = {}
        """Until when each charge point's station may be out of reach."""
        self._lates: dict[str, list[Fault]] = {}
        """Per charge point: what has delayed its orders."""
        self._orders: dict[str, float] = {}
        """The newest set-point sent to each, A, since the controller is there without a break."""
        self._down_s: float | None = None
        self._peers = {
            s.id: [o.id for o in station.sockets] for station in self.plant.stations for s in station.sockets
        }
        self._rows: dict[tuple[str, int], list[tuple[Socket, int]]] = {
            (c.id, p): [] for c in self.site.circuits for p in (1, 2, 3)
        }
        for point in self.site.charge_points:
            socket = self.plant.socket[point.id]
            for i, phase in enumerate(point.conductors):
                for up in self.site.path[point.circuit]:
                    self._rows[up, phase].append((socket, i))

        self._metered = {c.id: self._reckoned_with(c) for c in self.site.circuits}
        """The circuits whose meters tell what flows in each: itself; of one without a meter those below, and the next above."""

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

    def look(self, run_s: float, told: Told) -> None:
        """Take note of the second that ended at `run_s`."""
        self.run_s, self.told = run_s, told
        for point_id, socket in self.plant.socket.items():
            offers = self._offers[point_id]
            if offers[-1][1] != socket.offered_a:
                offers.append((run_s, socket.offered_a))
            elif len(offers) == 1:
                continue
            while len(offers) > 1 and offers[1][0] <= run_s - FOLLOW_S:
                offers.popleft()
        for fault in (*self.schedule.begun, *self.schedule.ended):
            self._reach(fault)
        self._down_s = None if told.up else (run_s if self._down_s is None else self._down_s)
        self._take_orders()

    def _take_orders(self) -> None:
        if not self.told.up or self.run_s - self.told.started_s < 1.0:
            self._orders.clear()
        for point_id, amps in self.told.writes:
            changed = self._orders.get(point_id) != amps
            self._orders[point_id] = amps
            if changed and point_id in self._lates:
                self._ordered_late(point_id)

    def _ordered_late(self, point_id: str) -> None:
        """Something new was told to a charge point to which orders are late, or were a moment ago."""
        self._lates[point_id] = [f for f in self._lates[point_id] if self.run_s <= f.end_s + f.amount]
        for fault in self._lates[point_id]:
            late = self.run_s < fault.end_s
            until_s = (self.run_s + LATE_S if late else fault.end_s + OVERTAKEN_S) + fault.amount
            self._reach_s[point_id] = max(self._reach_s.get(point_id, 0.0), until_s)

    def _reach(self, fault: Fault) -> None:
        if fault.kind == "station_late_writes" and fault in self.schedule.begun:
            for point_id in self._peers[fault.target]:
                self._lates.setdefault(point_id, []).append(fault)
        after_s = STATION_AFTER_S.get(fault.kind)
        if after_s is not None:
            for point_id in self._peers[fault.target]:
                until_s = fault.end_s + after_s
                self._reach_s[point_id] = max(self._reach_s.get(point_id, 0.0), until_s)

    # -- sockets ---------------------------------------------------------------------------------------

    def reachable(self, point_id: str) -> bool:
        """Whether its station gets what it is told."""
        return self._reach_s.get(point_id, 0.0) < self.run_s

    @property
    def next_s(self) -> float:
        """Up to when the same stations are within reach, by the faults so far; seconds of the run."""
        ends_s = (s for until_s in self._reach_s.values() for s in (until_s, until_s + SETTLE_S - 1.0))
        return min((s for s in ends_s if s >= self.run_s), default=inf)

    def settling(self, point_id: str) -> bool:
        """Whether its station was out of reach a moment ago."""
        return self.run_s - self._reach_s.get(point_id, -1e9) < SETTLE_S

    def offered_lately_a(self, point_id: str) -> float:
        """The most that its station offered in the last seconds."""
        return max(a for _, a in self._offers[point_id])

    def obedient_a(self, circuit_id: str, phase: int) -> float:
        """What cars behind a circuit draw on a phase that could have been taken away, A.

        While the controller is gone nobody takes anything away: what stations fall back to must fit, and does not
        answer for a car that draws more than it is offered."""
        total = 0.0
        for socket, i in self._rows[circuit_id, phase]:
            if socket.closed and socket.current_a[i] > 0.0 and self.reachable(socket.id):
                total += min(socket.current_a[i], self.offered_lately_a(socket.id))
        if not self.told.up and (beyond_a := self.beyond_a(circuit_id, phase)) > 0.0:
            circuit = self.site.circuit[circuit_id]
            limit_a = min(circuit.limit_a[phase - 1], inf if circuit.fuse is None else circuit.fuse.rating_a)
            if self.plant.current_a(circuit_id)[phase - 1] - beyond_a <= limit_a:
                return 0.0
        return total

    def uneven_a(self, circuit_id: str, phase: int, other: int) -> float:
        """What cars behind a circuit draw on a phase and not on another one that could have been taken away, A."""
        against = {socket.id: socket.current_a[i] for socket, i in self._rows[circuit_id, other]}
        total = 0.0
        for socket, i in self._rows[circuit_id, phase]:
            if socket.closed and socket.current_a[i] > 0.0 and self.reachable(socket.id):
                obedient_a = min(socket.current_a[i], self.offered_lately_a(socket.id))
                total += max(0.0, obedient_a - against.get(socket.id, 0.0))
        return total

    def beyond_a(self, circuit_id: str, phase: int) -> float:
        """What cars behind a circuit draw on a phase above what they are offered, A."""
        return sum(
            max(0.0, socket.current_a[i] - self.offered_lately_a(socket.id))
            for socket, i in self._rows[circuit_id, phase]
            if socket.closed and socket.current_a[i] > 0.0 and self.reachable(socket.id)
        )

    def cells_w(self, circuit_id: str) -> float:
        """What batteries behind a circuit take now, W (below 0: they give)."""
        return sum(sum(self.plant.storage[b.id].power_w) for b in self.site.batteries_behind[circuit_id])

    def charging_cells_a(self, circuit_id: str, phase: int) -> float:
        """What batteries behind a circuit take on a phase that could have been taken away, A."""
        out_of_reach = {f.target for f in self.schedule.active if f.kind.startswith("battery")}
        volts = self.plant.voltage_v[phase - 1]
        return sum(
            max(0.0, self.plant.storage[b.id].power_w[phase - 1]) / volts
            for b in self.site.batteries_behind[circuit_id]
            if b.id not in out_of_reach
        )

    def cars_a(self, circuit_id: str, phase: int) -> float:
        """What all cars behind a circuit draw on a phase, A."""
        return sum(s.current_a[i] for s, i in self._rows[circuit_id, phase] if s.closed)

    def aside_a(self, circuit_id: str, phase: int, priority: int) -> float:
        """What obedient cars of this priority or less draw behind a circuit on a phase, A."""
        total = 0.0
        for socket, i in self._rows[circuit_id, phase]:
            if (
                socket.closed
                and self.site.charge_point[socket.id].priority <= priority
                and self.reachable(socket.id)
            ):
                total += min(socket.current_a[i], self.offered_lately_a(socket.id))
        return total

    # -- what could be known ---------------------------------------------------------------------------

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
            passed_s = self.run_s - fault.start_s
            if self.silences(fault) and passed_s <= METER_BLIND_S:
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

    def _lie(self, circuit_id: str, meter_id: str, measure: Measure, most_a: float) -> str | None:
        """The fault by which a meter now tells less than what flows, and nothing above the limit."""
        for fault in self.schedule.of(meter_id):
            if fault.kind in LYING_KINDS and not self.silences(fault):
                told = self.told.readings.get(meter_id)
                if told is None or told.current_a is None:
                    return fault.kind
                told_a = measure(told.current_a)
                if told_a < measure(self.plant.current_a(circuit_id)) - LIE_A and told_a <= most_a:
                    return fault.kind
        return None


def eager(car: Car) -> bool:
    """Whether a car would take what it is offered, and no more, as far as it depends on itself."""
    return not car.full and not (isinstance(car, OddCar) and (car.asleep or car.stubborn))
