"""No ampere is granted twice, and nobody is raised by leaps (DESIGN 5.3, 5.4): orders are judged, not currents.

*Granted twice*: a set-point rises although, on its way, the other load and all that cars draw or have been told to draw (the
larger of both) leaves no room for it. The other load is the least of the last `KNOWN_S`, so that nobody has to know what has only
just come on. *Raise*: a set-point that rises by more than `STEP_A`, or twice within `EVERY_S`; or begins with more than its minimum
or what its place needs to begin.

Nothing is judged where a meter that the circuit is reckoned with, or the station, is or was in trouble a moment ago, or while the
controller has just started. What flows to stations out of reach is left out, which is kinder than the truth.
"""

from kwartier.simulation.judge.bases import Bases
from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.site.topology import ChargePoint
from kwartier.site.units import NOMINAL_VOLTAGE_V

STEP_A = 5.0
EVERY_S = 4.0
"""The design's 5 s; decisions are a second apart."""
KNOWN_S = 15.0
ROUNDING_A = 0.5
START_S = 30.0
"""So long after a start what was told before may not be known here."""
BEGIN_A = 14.0
"""What a car that does not begin is offered at most."""


class Raises:
    """Looks at every set-point that is sent."""

    def __init__(self, ground: Ground, bases: Bases) -> None:
        self._ground = ground
        site = ground.site
        self._behind = {
            c.id: [site.charge_point[i] for i in site.charge_points_behind[c.id]] for c in site.circuits
        }
        self._bases = bases
        self._orders: dict[str, float] = {}
        self._raised_s: dict[str, float] = {}
        self._trouble_s: dict[str, float] = {}
        """Per meter or charge point: when it was last in trouble."""
        self._start_s = -1.0
        self.findings: list[Finding] = []
        self.count = 0
        """Raises that were judged."""

    def look(self, dt_s: float) -> None:
        """Judge the set-points of this second."""
        ground, told = self._ground, self._ground.told
        if told.started_s != self._start_s:
            self._start_s, self._orders = told.started_s, {}
        for fault in ground.schedule.active:
            self._trouble_s[fault.target] = ground.run_s
        for point_id, amps in told.writes:
            before_a = self._orders.get(point_id)
            self._orders[point_id] = amps
            if before_a is not None and amps > before_a:
                self._rises(ground.site.charge_point[point_id], before_a, amps)

    def _rises(self, point: ChargePoint, before_a: float, amps: float) -> None:
        ground = self._ground
        raised_s = self._raised_s.get(point.id, -1e9)
        self._raised_s[point.id] = ground.run_s
        if (
            ground.run_s - ground.told.started_s < START_S
            or self._troubled(point.id)
            or ground.settling(point.id)
        ):
            return
        self.count += 1
        begins_a = max(point.min_a, point.start_a or 0.0, BEGIN_A if self._slow(point) else 0.0)
        most_a = before_a + STEP_A if before_a > 0.0 else begins_a
        if amps > most_a + 1e-6:
            self._blame("raise", f"{point.id!r} goes from {before_a:g} to {amps:g} A at once")
        elif before_a > 0.0 and ground.run_s - raised_s < EVERY_S:
            self._blame(
                "raise",
                f"{point.id!r} goes to {amps:g} A {ground.run_s - raised_s:.0f} s after it was raised",
            )
        for circuit_id in ground.site.path[point.circuit]:
            self._add_up(point, circuit_id, amps)

    def _slow(self, point: ChargePoint) -> bool:
        car = self._ground.plant.socket[point.id].car
        return car is not None and car.start_min_a > point.min_a

    def _troubled(self, target: str) -> bool:
        return self._ground.run_s - self._trouble_s.get(target, -1e9) <= KNOWN_S

    def _add_up(self, raised: ChargePoint, circuit_id: str, amps: float) -> None:
        """Whether what is booked behind a circuit fits it."""
        ground = self._ground
        circuit = ground.site.circuit[circuit_id]
        if any(self._troubled(meter_id) for meter_id in ground.meters_of(circuit_id)):
            return
        booked = [0.0, 0.0, 0.0]
        for point in self._behind[circuit_id]:
            socket = ground.plant.socket[point.id]
            car = socket.car
            if car is None or not ground.reachable(point.id):
                continue
            used = min(car.phases_used, socket.phases, len(point.conductors))
            order_a = self._orders.get(point.id, 0.0)
            for i in range(used):
                drawn_a = socket.current_a[i] if socket.closed else 0.0
                booked[point.conductors[i] - 1] += max(order_a, drawn_a)
        least = self._bases.least_a(circuit_id, KNOWN_S)
        rating_a = float("inf") if circuit.fuse is None else circuit.fuse.rating_a
        uses = ground.plant.socket[raised.id]
        count = 0 if uses.car is None else min(uses.car.phases_used, uses.phases, len(raised.conductors))
        for phase in raised.conductors[:count]:
            total_a, limit_a = least[phase - 1] + booked[phase - 1], min(circuit.limit_a[phase - 1], rating_a)
            if total_a > limit_a + ROUNDING_A:
                what = f"{raised.id!r} is raised to {amps:g} A, which with all else makes {total_a:.1f} A of {limit_a:g} A"
                self._blame("granted twice", f"{what} in {circuit_id!r} L{phase}")
                return
        if circuit.contract_w is not None:
            volts = ground.plant.voltage_v
            watts = sum(v * (a + b) for v, a, b in zip(volts, least, booked, strict=True))
            if count and watts > circuit.contract_w + 3.0 * NOMINAL_VOLTAGE_V * ROUNDING_A:
                what = f"{raised.id!r} is raised to {amps:g} A, which with all else makes {watts:.0f} W of"
                self._blame("granted twice", f"{what} {circuit.contract_w:.0f} W in {circuit_id!r}")

    def _blame(self, rule: str, what: str) -> None:
        self.findings.append(Finding(rule=rule, at_s=self._ground.run_s, what=what))
