"""A site by hand, for tests of the step that need no physics: it reports what it is set to."""

from kwartier.control.decision import Decision
from kwartier.control.memory import Memory, initial
from kwartier.control.step import step
from kwartier.site.quarters import QuarterPicture
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Limit, Picture, Wish
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site


def metered(i: str, parent: str | None, limit_a: float, safe_a: float = 0.0) -> Circuit:
    limits = (limit_a,) * 3
    return Circuit(id=i, name=i, parent=parent, limit_a=limits, meter=f"m-{i}", safe_current_a=safe_a)


def plain(i: str, parent: str | None, limit_a: float) -> Circuit:
    return Circuit(id=i, name=i, parent=parent, limit_a=(limit_a,) * 3)


def point(i: str, circuit: str, conductors: tuple[int, ...] = (1, 2, 3)) -> ChargePoint:
    return ChargePoint(id=i, name=i, circuit=circuit, conductors=conductors, max_a=32.0)


class Bench:
    """A site by hand: meters and sockets report what they are set to, sockets follow at once."""

    def __init__(self, circuits: list[Circuit], points: list[ChargePoint]) -> None:
        meters = tuple(
            Meter(id=c.meter, name=c.meter, role="circuit", address="x") for c in circuits if c.meter
        )
        self.site = Site(name="b", circuits=tuple(circuits), meters=meters, charge_points=tuple(points))
        self.now_s, self.pace_s = 100.0, 1.0
        self.memory: Memory = initial(self.site, self.now_s)
        self.house = {c.id: 0.0 for c in circuits}
        self.house_a = (0.0, 0.0, 0.0)
        """Besides, per phase, behind all meters."""
        self.silent: set[str] = set()
        self.odd_meter: dict[str, MeterReading] = {}
        self.odd_point: dict[str, ChargePointReading] = {}
        self.draws: dict[str, float] = {}
        """Sockets that draw something else than they are told."""
        self.allowed = {p.id: 0.0 for p in points}
        self.limits: tuple[Limit, ...] = ()
        self.quarters: dict[str, QuarterPicture] = {}
        self.wishes: dict[str, Wish] = {}
        self.asks = {p.id for p in points}
        self.decision: Decision | None = None
        self.why = {p.id: "" for p in points}
        self.last_texts = {p.id: "" for p in points}
        self._meters: dict[str, MeterReading] = {}
        self._points: dict[str, ChargePointReading] = {}

    def drawn_a(self, point_id: str) -> float:
        return self.draws.get(point_id, self.allowed[point_id] if point_id in self.asks else 0.0)

    def run(self, seconds: int) -> "Bench":
        for _ in range(seconds):
            self.tick()
        return self

    def tick(self) -> Decision:
        self.now_s += self.pace_s
        for c in self.site.circuits:
            if c.meter and c.id not in self.silent:
                self._meters[c.meter] = self.odd_meter.get(c.id) or MeterReading(
                    meter_id=c.meter, at_s=self.now_s, current_a=self._flows(c.id)
                )
        for p in self.site.charge_points:
            if p.id not in self.silent:
                a = [self.drawn_a(p.id) if i < len(p.conductors) else 0.0 for i in range(3)]
                self._points[p.id] = self.odd_point.get(p.id) or ChargePointReading(
                    charge_point_id=p.id,
                    at_s=self.now_s,
                    state="C2" if p.id in self.asks else "A1",
                    current_a=(a[0], a[1], a[2]),
                    applied_a=self.allowed[p.id],
                )
        picture = Picture(
            now_s=self.now_s,
            utc_s=0.0,
            meters=dict(self._meters),
            charge_points=dict(self._points),
            wishes=self.wishes,
            limits=self.limits,
            quarters=self.quarters,
        )
        decision = step(self.site, self.memory, picture)
        self.memory, self.decision = decision.memory, decision
        self.allowed = {s.charge_point_id: s.current_a for s in decision.setpoints}
        self.why = {s.charge_point_id: s.reason.code for s in decision.setpoints}
        self.last_texts = {s.charge_point_id: s.reason.text("en") for s in decision.setpoints}
        return decision

    def _flows(self, circuit_id: str) -> tuple[float, float, float]:
        total = list(self.house_a)
        for c, amps in self.house.items():
            if circuit_id in self.site.path[c]:
                total = [t + amps for t in total]
        for p in self.site.charge_points:
            if circuit_id in self.site.path[p.circuit]:
                for phase in p.conductors:
                    total[phase - 1] += self.drawn_a(p.id)
        return (total[0], total[1], total[2])
