"""Behind a lost meter no more than the safe current is told, on each phase, from 15 s after it fell silent (DESIGN 5.5).

Judged are orders, not currents: who still has to follow is no matter here. Only a meter counts that says nothing at
all, or one with a clock that stands still, and has nothing else the matter with it: what else may make of a meter a lost one
is not for sure. Orders to stations out of reach do not count, nor those for a car that has changed of late, or its conductors:
the loop needs its time to see which phases it loads.
"""

from math import inf

from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.site.topology import ChargePoint, Circuit

LATEST_S = 15.0
"""The design's 10 s; a decision, and an order that must be sent again."""
INTERVALS = 2.5
"""A meter that speaks more rarely has so many of its intervals, and the rest of the above."""
LEARNS_S = 15.0
ROUNDING_A = 1e-6
QUIET_KINDS = frozenset({"meter_silent", "meter_frozen", "meter_clock"})


class Safe:
    """Adds up the newest set-points."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        site = ground.site
        self._guarded = [
            (c, c.meter, [site.charge_point[i] for i in site.charge_points_behind[c.id]])
            for c in site.circuits
            if c.meter is not None and c.backup_meter is None
        ]
        self._orders: dict[str, float] = {}
        self._loads: dict[str, tuple[int, int, float]] = {}
        """Per charge point: its car, on how many conductors, and since when, s of the run."""
        self._lost_s: dict[str, float] = {}
        self._blamed: set[str] = set()
        """Circuits that were blamed since their meter is lost."""
        self._start_s = -1.0
        self.findings: list[Finding] = []

    def look(self, dt_s: float) -> None:
        """Judge the set-points that hold in this second."""
        ground, told = self._ground, self._ground.told
        if told.started_s != self._start_s:
            self._start_s, self._orders = told.started_s, {}
        self._orders.update(told.writes)
        if not ground.schedule.active and not self._lost_s:
            return
        for circuit, meter_id, points in self._guarded:
            if not told.up or not self._lost(meter_id):
                self._lost_s.pop(meter_id, None)
                self._blamed.discard(circuit.id)
                continue
            since_s = self._lost_s.setdefault(meter_id, ground.run_s - dt_s)
            interval_s = ground.site.meter[meter_id].interval_s
            most_s = max(LATEST_S, INTERVALS * interval_s + LATEST_S / 3.0)
            self._watch(points, dt_s)
            if ground.run_s - since_s > most_s and circuit.id not in self._blamed:
                self._add_up(circuit, points, ground.run_s - since_s)

    def _lost(self, meter_id: str) -> bool:
        ground = self._ground
        faults = ground.schedule.of(meter_id)
        if not all(f.kind in QUIET_KINDS for f in faults):
            return False
        return any(ground.silences(f) for f in faults)

    def _watch(self, points: list[ChargePoint], dt_s: float) -> None:
        """Take note of who stands where, on how many conductors."""
        ground = self._ground
        for point in points:
            socket = ground.plant.socket[point.id]
            car = socket.car
            used = 0 if car is None else min(car.phases_used, socket.phases, len(point.conductors))
            before = self._loads.get(point.id)
            if before is None or before[:2] != (id(car), used):
                self._loads[point.id] = (id(car), used, ground.run_s - dt_s)

    def _add_up(self, circuit: Circuit, points: list[ChargePoint], lost_s: float) -> None:
        ground = self._ground
        sums_a = [0.0, 0.0, 0.0]
        for point in points:
            _, used, since_s = self._loads.get(point.id, (0, 0, inf))
            if ground.run_s - since_s > LEARNS_S and ground.reachable(point.id):
                for phase in point.conductors[:used]:
                    sums_a[phase - 1] += self._orders.get(point.id, 0.0)
        phase = max((1, 2, 3), key=lambda p: sums_a[p - 1])
        if sums_a[phase - 1] > circuit.safe_current_a + ROUNDING_A:
            self._blamed.add(circuit.id)
            what = (
                f"{sums_a[phase - 1]:.1f} A told behind {circuit.id!r} L{phase}, whose meter is lost for {lost_s:.0f} s; "
                f"safe are {circuit.safe_current_a:g} A"
            )
            self.findings.append(Finding(rule="safe current", at_s=ground.run_s, what=what))
