"""A turn of fifteen minutes is not cut short where nothing demands it (docs/turns.md).

A car that draws is told 0 A before it has been offered current for `TURN_S`, and had no turn in the hour before that, although its
minimum would fit beside the other load, at its most in the last `LATELY_S`, and the minimums of all others who charge. Judged
where nothing was in trouble for `QUIET_S`, nor its station for `UNRULY_S`. Not judged: points that follow a plan, behind a goal for
the quarter-hour or a limit on imbalance, at sites with batteries, while a car of higher priority stands there, or beside one that
is offered current and does not begin: it may be offered 14 A, for which others stand aside.
"""

from math import inf

from kwartier.simulation.judge.bases import Bases
from kwartier.simulation.judge.ground import Finding, Ground, eager
from kwartier.site.topology import ChargePoint
from kwartier.site.units import NOMINAL_VOLTAGE_V

TURN_S = 840.0
"""A minute less than the design's: starts and stops take their time."""
BROKEN_S = 3600.0
"""A turn that follows another so soon may be what was left of a broken one."""
LATELY_S = 30.0
QUIET_S = 120.0
UNRULY_S = 4000.0
ROOM_A = 1.0


class Turns:
    """Looks at every set-point that is sent."""

    def __init__(self, ground: Ground, bases: Bases) -> None:
        self._ground = ground
        self._bases = bases
        site = ground.site
        self._judged = frozenset(p.id for p in site.charge_points if ground.plain(p) and not site.batteries)
        self._orders: dict[str, float] = {}
        self._had_s: dict[str, float] = {}
        """Of its turn: for how long each has been told more than 0 A."""
        self._ended_s: dict[str, float] = {}
        """When its turn before ended."""
        self._unruly_s: dict[str, float] = {}
        self._trouble_s = -1e9
        self.findings: list[Finding] = []
        self.count = 0
        """Cars that were stopped and judged."""

    def look(self, dt_s: float) -> None:
        """Judge the set-points of this second."""
        ground = self._ground
        if ground.schedule.active or not ground.told.up:
            self._trouble_s = ground.run_s
            for fault in ground.schedule.active:
                if fault.kind.startswith(("station", "car")):
                    self._unruly_s.update(dict.fromkeys(ground.peers(fault.target), ground.run_s))
        for point_id in self._judged:
            socket = ground.plant.socket[point_id]
            if socket.car is None:
                self._had_s.pop(point_id, None)
            elif self._orders.get(point_id, 0.0) > 0.0:
                self._had_s[point_id] = self._had_s.get(point_id, 0.0) + dt_s
        for point_id, amps in ground.told.writes:
            before_a, self._orders[point_id] = self._orders.get(point_id), amps
            if amps == 0.0 and before_a and point_id in self._judged:
                self._stopped(ground.site.charge_point[point_id])

    def _stopped(self, point: ChargePoint) -> None:
        ground = self._ground
        socket = ground.plant.socket[point.id]
        had_s = self._had_s.get(point.id, 0.0)
        began_s, ended_s = ground.run_s - had_s, self._ended_s.get(point.id, -1e9)
        self._had_s[point.id], self._ended_s[point.id] = 0.0, ground.run_s
        if had_s >= TURN_S or began_s - ended_s < BROKEN_S:
            return
        car = socket.car
        if car is None or not eager(car) or socket.current_a[0] == 0.0 or ground.run_s < QUIET_S:
            return
        if ground.run_s - self._trouble_s < QUIET_S or ground.run_s - ground.told.started_s < QUIET_S:
            return
        if ground.run_s - self._unruly_s.get(point.id, -1e9) < UNRULY_S or self._yields(point):
            return
        self.count += 1
        if self._fits(point):
            what = f"{point.id!r} was told 0 A after a turn of {had_s:.0f} s, with room for its minimum"
            self.findings.append(Finding(rule="turn cut short", at_s=ground.run_s, what=what))

    def _yields(self, point: ChargePoint) -> bool:
        """Whether somebody comes first, or does not begin."""
        ground = self._ground
        for other in ground.site.charge_points:
            socket = ground.plant.socket[other.id]
            if socket.car is None or other.id == point.id:
                continue
            if other.priority > point.priority:
                return True
            if socket.current_a[0] == 0.0 and self._orders.get(other.id, 0.0) > 0.0:
                return True
        return False

    def _fits(self, point: ChargePoint) -> bool:
        """Whether its minimum and those of all others who charge would have fitted."""
        ground = self._ground
        site = ground.site
        for up in site.path[point.circuit]:
            circuit = site.circuit[up]
            flows = self._bases.most_a(up, LATELY_S)
            for below in site.circuits:
                if below.meter is None and up in site.path[below.id]:
                    flows = [a + b for a, b in zip(flows, below.base_load_a, strict=True)]
            for other in site.charge_points:
                least_a = self._least_a(other, point)
                if least_a and up in site.path[other.circuit]:
                    for phase in other.conductors:
                        flows[phase - 1] += least_a
            rating_a = inf if circuit.fuse is None else circuit.fuse.rating_a
            for phase in point.conductors:
                if flows[phase - 1] + ROOM_A > min(circuit.limit_a[phase - 1], rating_a):
                    return False
            if circuit.contract_w is not None:
                watts = sum(v * a for v, a in zip(ground.plant.voltage_v, flows, strict=True))
                if watts + 3.0 * NOMINAL_VOLTAGE_V * ROOM_A > circuit.contract_w:
                    return False
        return True

    def _least_a(self, other: ChargePoint, stopped: ChargePoint) -> float:
        """What one must be left who charges, or is about to."""
        socket = self._ground.plant.socket[other.id]
        charges = other.id == stopped.id or self._orders.get(other.id, 0.0) > 0.0 or socket.offered_a > 0.0
        if socket.car is None or not charges:
            return 0.0
        return max(other.min_a, other.start_a or 0.0, socket.car.start_min_a)
