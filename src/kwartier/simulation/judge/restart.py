"""After a start nothing above the safe current is told before a meter was heard and has proven itself: per phase, on the
conductors that the car uses."""

from math import inf

from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.site.topology import ChargePoint

GOOD_S = 8.0
"""Readings for shorter than this are no ground for more (the design asks for 10 s)."""
ROUNDING_A = 1e-6
LEARNS_S = 10.0
"""A car that went on with one conductor may draw from all of them again before that is known."""


class Restart:
    """Adds up the set-points that were sent since the last start."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._guarded = [
            (c, [ground.site.charge_point[i] for i in ground.site.charge_points_behind[c.id]])
            for c in ground.site.circuits
            if c.meter is not None
        ]
        self._sent: dict[str, float] = {}
        self._first_s: dict[str, float] = {}
        self._start_s = -1.0
        self._single_s: dict[str, float] = {}
        """When each car was last seen to use one conductor of its several."""
        self._done = False
        self.findings: list[Finding] = []
        self.starts = 0

    def look(self, dt_s: float) -> None:
        """Judge the set-points of this second."""
        told = self._ground.told
        for fault in self._ground.schedule.active:
            if fault.kind == "car_one_phase":
                self._single_s[fault.target] = self._ground.run_s
        if not told.up:
            return
        if told.started_s != self._start_s:
            self._start_s, self._sent, self._first_s, self._done = told.started_s, {}, {}, False
            self.starts += 1
        if self._done:
            return
        for meter_id in told.readings:
            self._first_s.setdefault(meter_id, self._ground.run_s)
        self._sent.update(told.writes)
        self._done = True
        for circuit, points in self._guarded:
            assert circuit.meter is not None
            first_s = self._first_s.get(circuit.meter)
            if first_s is not None and self._ground.run_s - first_s >= GOOD_S:
                continue
            self._done = False
            for phase in (1, 2, 3):
                sum_a = sum(self._sent.get(p.id, 0.0) for p in points if phase in self._used(p))
                if sum_a > circuit.safe_current_a + ROUNDING_A:
                    what = f"{sum_a:.1f} A told behind {circuit.id!r} L{phase}, safe are {circuit.safe_current_a:g} A"
                    self.findings.append(Finding(rule="restart", at_s=self._ground.run_s, what=what))
                    self._done = True
                    return

    def _used(self, point: ChargePoint) -> tuple[int, ...]:
        """The site phases that a charge point's set-point loads."""
        car = self._ground.plant.socket[point.id].car
        if car is None:
            return point.conductors
        single = self._ground.run_s - self._single_s.get(point.id, -inf) <= LEARNS_S
        return point.conductors[: 1 if single else car.phases]
