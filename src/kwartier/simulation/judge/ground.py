"""What is true in a second, and what a controller could have known and done.

Some overloads nobody can prevent, and the design says so. They are told apart by arithmetic, not waved away:

*Obedient current* of a car: what it draws, up to the largest current that its station offered in the last 6 s (a
car may take 5 s to follow), where writes reach its station. Only while obedient current flows in a row that is
over its limit does its clock run: it could have been taken away.

What could be known is `sight`'s.

A car that draws less than it is offered, the other load alone above the limit, or a station out of reach never
excuse the current of others.
"""

from collections import deque
from dataclasses import dataclass
from math import inf

from kwartier.simulation.faults import Fault, Schedule
from kwartier.simulation.judge.sight import Sight, Told
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.station import Socket
from kwartier.simulation.scenarios import Scenario
from kwartier.simulation.trouble.cars import OddCar
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import ChargePoint

FOLLOW_S = 6.0
SETTLE_S = 15.0
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


class Ground(Sight):
    """Shared by all judges. `look` first, then ask."""

    def __init__(self, scenario: Scenario, schedule: Schedule) -> None:
        super().__init__(scenario, schedule)
        self._offers: dict[str, deque[tuple[float, float]]] = {
            i: deque([(0.0, s.offered_a)]) for i, s in self.plant.socket.items()
        }
        self._reach_s: dict[str, float] = {}
        """Until when each charge point's station may be out of reach."""
        self._lates: dict[str, list[Fault]] = {}
        """Per charge point: what has delayed its orders."""
        self._orders: dict[str, float] = {}
        """The newest set-point sent to each, A, since the controller is there without a break."""
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

    def look(self, run_s: float, told: Told) -> None:
        """Take note of the second that ended at `run_s`."""
        self.look_on(run_s, told)
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

    def plain(self, point: ChargePoint) -> bool:
        """Whether its current hangs on limits only: not on a plan, a goal for the quarter-hour or a limit on imbalance."""
        circuits = [self.site.circuit[c] for c in self.site.path[point.circuit]]
        return point.mode == "fast" and all(
            c.imbalance_a is None and (c.quarter is None or c.quarter.follow == "none") for c in circuits
        )

    def peers(self, point_id: str) -> list[str]:
        """The charge points of the same station, itself included."""
        return self._peers[point_id]

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

    def followed(self, circuit_id: str, told_a: PhaseVector) -> PhaseVector:
        """See `Sight`."""
        a, b, c = (
            told_a[phase - 1]
            - sum(
                max(0.0, socket.current_a[i] - socket.offered_a)
                for socket, i in self._rows[circuit_id, phase]
                if socket.closed
            )
            for phase in (1, 2, 3)
        )
        return a, b, c

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
        return sum(max(0.0, amps) for amps in self._cells_a(circuit_id, phase))

    def giving_cells_a(self, circuit_id: str, phase: int) -> float:
        """What batteries behind a circuit give on a phase that could have been held back, A."""
        return sum(max(0.0, -amps) for amps in self._cells_a(circuit_id, phase))

    def _cells_a(self, circuit_id: str, phase: int) -> list[float]:
        batteries = self.site.batteries_behind[circuit_id]
        if not batteries:
            return []
        out_of_reach = {f.target for f in self.schedule.active if f.kind.startswith("battery")}
        volts = self.plant.voltage_v[phase - 1]
        storage = self.plant.storage
        return [storage[b.id].power_w[phase - 1] / volts for b in batteries if b.id not in out_of_reach]

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


def eager(car: Car) -> bool:
    """Whether a car would take what it is offered, and no more, as far as it depends on itself."""
    return not car.full and not (isinstance(car, OddCar) and (car.asleep or car.stubborn))
