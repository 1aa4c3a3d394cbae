"""A house with cars in watts and seconds: what a meter's quarter-hours see of what `step` decides.

Other load per phase, phase voltages, and cars that follow some seconds late; nothing of it comes from
`kwartier.simulation`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from kwartier.control.decision import Decision
from kwartier.control.memory import Memory, initial
from kwartier.control.step import step
from kwartier.metering.books import Book, fold, page
from kwartier.metering.quarters import QuarterMemory
from kwartier.site.phases import PhaseVector
from kwartier.site.quarters import QuarterSettings
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Limit, Message, Picture, Wish
from kwartier.site.topology import ChargePoint, Circuit, Fuse, Meter, Site

START_S = 1_779_181_200
"""UTC of a quarter's beginning."""
ZONE = ZoneInfo("Europe/Brussels")


def house_site(
    phases: list[tuple[int, ...]],
    *,
    limit_a: float = 40.0,
    quarter: QuarterSettings | None = None,
    contract_w: float | None = None,
    fuse: Fuse | None = None,
    export_limit_w: float | None = None,
    safe_current_a: float = 0.0,
) -> Site:
    """One metered circuit with a charge point on each of the given phases."""
    circuit = Circuit(
        id="grid",
        name="Grid",
        parent=None,
        limit_a=(limit_a,) * 3,
        meter="main",
        quarter=quarter,
        contract_w=contract_w,
        fuse=fuse,
        export_limit_w=export_limit_w,
        safe_current_a=safe_current_a,
    )
    points = tuple(
        ChargePoint(
            id=f"p{n}", name=f"P{n}", circuit="grid", conductors=c, max_a=16.0 if len(c) > 1 else 32.0
        )
        for n, c in enumerate(phases)
    )
    meter = Meter(id="main", name="Main", role="grid", address="x")
    return Site(name="h", circuits=(circuit,), meters=(meter,), charge_points=points)


@dataclass
class PowerHouse:
    """`load_w(t)` is the other load, spread over the phases by `shares`."""

    site: Site
    load_w: Callable[[int], float]
    lag_s: int = 0
    volts: PhaseVector = (230.0, 230.0, 230.0)
    shares: PhaseVector = (1 / 3, 1 / 3, 1 / 3)
    tells_demand: bool = True
    silent: Callable[[int], bool] = lambda _: False
    t: int = 0
    energy_kwh: float = 1000.0
    export_kwh: float = 0.0
    quarter_kwh: float = 0.0
    ended_w: list[float] = field(default_factory=list)
    drawn_a: dict[str, float] = field(default_factory=dict)
    told: dict[str, deque[float]] = field(default_factory=dict)
    charged_kwh: float = 0.0
    stops: dict[str, int] = field(default_factory=dict)
    import_w: float = 0.0
    messages: list[Message] = field(default_factory=list)
    limits: tuple[Limit, ...] = ()
    asks: set[str] = field(default_factory=set)
    stubborn_a: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memory: Memory = initial(self.site, 100.0)
        self.book = Book(quarters=QuarterMemory(meter_id="main"))
        self.asks = {p.id for p in self.site.charge_points}
        self.drawn_a = dict.fromkeys(self.asks, 0.0)
        self.stops = dict.fromkeys(self.asks, 0)
        self.told = {i: deque([0.0] * (self.lag_s + 1), maxlen=self.lag_s + 1) for i in self.asks}
        self.reading: MeterReading | None = None
        self.decision: Decision | None = None

    def base_w(self) -> PhaseVector:
        a, b, c = (self.load_w(self.t) * s for s in self.shares)
        return a, b, c

    def tick(self) -> Decision:
        self._flow()
        now_s, utc_s = 100.0 + self.t, float(START_S + self.t)
        if not self.silent(self.t):
            self._read(now_s, utc_s)
        found = page(self.book)
        points = {i: self._point(i, now_s) for i in self.asks | set(self.drawn_a)}
        picture = Picture(
            now_s=now_s,
            utc_s=utc_s,
            meters={} if self.reading is None else {"main": self.reading},
            charge_points=points,
            wishes={i: Wish(charge_point_id=i, mode="off") for i in self.drawn_a if i not in self.asks},
            limits=self.limits,
            quarters={} if found is None else {"main": found},
        )
        self.decision = decision = step(self.site, self.memory, self.picture(picture))
        self.memory = decision.memory
        self.messages += decision.messages
        for setpoint in decision.setpoints:
            before = self.told[setpoint.charge_point_id][-1]
            self.stops[setpoint.charge_point_id] += before > 0 >= setpoint.current_a
            self.told[setpoint.charge_point_id].append(setpoint.current_a)
        return decision

    def picture(self, picture: Picture) -> Picture:
        """The picture as the step sees it; for houses with more in them."""
        return picture

    def _flow(self) -> None:
        """The second that ends now."""
        self.t += 1
        watts = list(self.base_w())
        for point in self.site.charge_points:
            may_a = self.stubborn_a.get(point.id, self.told[point.id][0])
            self.drawn_a[point.id] = min(may_a, point.max_a) if may_a >= 6.0 else 0.0
            for p in point.conductors:
                watts[p - 1] += self.drawn_a[point.id] * self.volts[p - 1]
                self.charged_kwh += self.drawn_a[point.id] * self.volts[p - 1] / 3.6e6
        self.watts = watts
        self.import_w = sum(watts)
        self.energy_kwh += max(0.0, self.import_w) / 3.6e6
        self.export_kwh += max(0.0, -self.import_w) / 3.6e6
        self.quarter_kwh += max(0.0, self.import_w) / 3.6e6
        if self.t % 900 == 0:
            self.ended_w.append(self.quarter_kwh * 4000)
            self.quarter_kwh = 0.0

    def _read(self, now_s: float, utc_s: float) -> None:
        a, b, c = (w / v for w, v in zip(self.watts, self.volts, strict=True))
        self.reading = MeterReading(
            meter_id="main",
            at_s=now_s,
            current_a=(a, b, c),
            voltage_v=self.volts,
            power_w=self.import_w,
            energy_import_kwh=int(self.energy_kwh * 1000) / 1000,
            energy_export_kwh=int(self.export_kwh * 1000) / 1000,
            meter_time_s=utc_s,
            quarter_demand_w=float(int(self.quarter_kwh * 4000)) if self.tells_demand else None,
        )
        self.book, _ = fold(self.book, self.reading, utc_s, ZONE)

    def _point(self, point_id: str, now_s: float) -> ChargePointReading:
        point, drawn_a = self.site.charge_point[point_id], self.drawn_a[point_id]
        a, b, c = (drawn_a if i < len(point.conductors) else 0.0 for i in range(3))
        return ChargePointReading(
            charge_point_id=point_id,
            at_s=now_s,
            state="C2" if drawn_a > 0 else "B2",
            current_a=(a, b, c),
            applied_a=self.told[point_id][0],
        )

    def run(self, seconds: int) -> "PowerHouse":
        for _ in range(seconds):
            self.tick()
        return self
