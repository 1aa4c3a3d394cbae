"""What is free is given, first to those of higher priority.

*Held back*: a car takes all that it is offered and could take more, and for `LASTS_S` there has been room for that on its whole
way: `ROOM_A`, and `EACH_A` for every car that could take more there. Everybody else is booked at the larger of offered and
drawn, and the minimum of each car that waits is kept for it.
*Priority*: the same, where what cars of lower priority are offered above their minimum counts as free too.

Judged where nothing has been in trouble for `QUIET_S`, nobody for `UNRULY_S` in a way that looks like disobedience (the cars
beside it may have been stopped), nor this car or its station for `PAST_S` (it may be given its least for a while). Not judged:
points that follow a plan, behind a goal for the quarter-hour or a limit on imbalance, or at sites with batteries, where there is
room that may not be given.
"""

from math import inf

from kwartier.simulation.judge.bookings import booked_flows
from kwartier.simulation.judge.ground import Finding, Ground, eager
from kwartier.site.topology import ChargePoint
from kwartier.site.units import NOMINAL_VOLTAGE_V

ROOM_A = 3.0
EACH_A = 1.0
"""So much for each of those who could take more on a circuit-phase, and `ROOM_A` at least: who are alike are raised alike, in whole
steps."""
LASTS_S = 300.0
QUIET_S = 120.0
UNRULY_S = 600.0
PAST_S = 4000.0
UNRULY = frozenset(
    {"car_ignores", "car_lag", "station_lost_writes", "station_late_writes", "station_half_open"}
)
TAKES_A = 0.99
STEP_A = 0.5
EVERY_S = 10.0


class Shares:
    """Looks every ten seconds."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        site = ground.site
        self._points = [] if site.batteries else [p for p in site.charge_points if ground.plain(p)]
        self._limit_a = {
            c.id: tuple(min(a, inf if c.fuse is None else c.fuse.rating_a) for a in c.limit_a)
            for c in site.circuits
        }
        self._since_s: dict[tuple[str, str], float] = {}
        """Per charge point and rule: for how long it has been so."""
        self._car: dict[str, int] = {}
        self._well_s = QUIET_S
        """From when on all is well, as far as is known."""
        self._past_s: dict[str, float] = {}
        """Per charge point: when it, or its station, was last in trouble."""
        self._pending_s = 0.0
        self._wanting: list[ChargePoint] = []
        """Who could take more now."""
        self.findings: list[Finding] = []
        self.judged_s = 0.0
        """Seconds of cars that could take more, summed up."""

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        ground = self._ground
        if ground.schedule.active or not ground.told.up:
            self._well_s = max(self._well_s, ground.run_s + QUIET_S)
            for fault in ground.schedule.active:
                if fault.kind in UNRULY:
                    self._well_s = max(self._well_s, ground.run_s + UNRULY_S)
                if fault.kind.startswith(("station", "car")):
                    for point_id in ground.peers(fault.target):
                        self._past_s[point_id] = ground.run_s
        self._pending_s += dt_s
        if self._pending_s < EVERY_S or not self._points:
            return
        dt_s, self._pending_s = self._pending_s, 0.0
        if ground.run_s < self._well_s:
            self._since_s.clear()
            return
        wanting = [p for p in self._points if self._wants_more(p)]
        if not wanting:
            self._since_s.clear()
            return
        flows = booked_flows(ground)
        self._keep_for_waiting(flows)
        self._wanting = [p for p in ground.site.charge_points if self._could_take_more(p, STEP_A)]
        for point in wanting:
            self.judged_s += dt_s
            self._judge(point, "held back", self._room_a(point, flows), dt_s)
            lower = self._lower(point)
            if lower:
                self._judge(point, "priority", self._room_a(point, flows, lower), dt_s)

    @property
    def next_s(self) -> float:
        """Up to when the last trouble counts as it does now; seconds of the run."""
        run_s = self._ground.run_s
        ends_s = (self._well_s, *(past_s + PAST_S for past_s in self._past_s.values()))
        return min((s - 1.0 for s in ends_s if s > run_s), default=inf)

    def _wants_more(self, point: ChargePoint) -> bool:
        socket = self._ground.plant.socket[point.id]
        car = socket.car
        past_s = self._past_s.get(point.id, -1e9)
        more = self._could_take_more(point, ROOM_A) and self._ground.run_s - past_s >= PAST_S
        if not more or self._car.get(point.id) != id(car):
            self._car[point.id] = id(car)
            for key in [k for k in self._since_s if k[0] == point.id]:
                del self._since_s[key]
        return more

    def _could_take_more(self, point: ChargePoint, more_a: float) -> bool:
        socket = self._ground.plant.socket[point.id]
        car = socket.car
        return (
            car is not None
            and eager(car)
            and socket.operative
            and socket.closed
            and self._ground.reachable(point.id)
            and 0.0 <= socket.offered_a - socket.current_a[0] <= TAKES_A
            and min(car.max_a, point.max_a) >= socket.offered_a + more_a
        )

    def _keep_for_waiting(self, flows: dict[str, list[float]]) -> None:
        """Add the least of each that waits to what is booked."""
        ground = self._ground
        for point in ground.site.charge_points:
            socket = ground.plant.socket[point.id]
            if socket.car is None or socket.applied_a > 0.0:
                continue
            least_a = max(point.min_a, point.start_a or 0.0, socket.car.start_min_a)
            for up in ground.site.path[point.circuit]:
                for phase in point.conductors:
                    flows[up][phase - 1] += least_a

    def _lower(self, point: ChargePoint) -> list[tuple[ChargePoint, float]]:
        """Those of lower priority that charge, each with what it is offered above its least."""
        out = []
        for other in self._ground.site.charge_points:
            if other.priority >= point.priority:
                continue
            socket = self._ground.plant.socket[other.id]
            offered_a = max(socket.applied_a, socket.offered_a)
            if socket.car is not None and self._ground.reachable(other.id) and offered_a > other.min_a:
                out.append((other, offered_a - other.min_a))
        return out

    def _room_a(
        self,
        point: ChargePoint,
        flows: dict[str, list[float]],
        lower: list[tuple[ChargePoint, float]] | None = None,
    ) -> float:
        """How much more it could be given, where its share of what others could take as well counts `ROOM_A / EACH_A` fold: so
        one bound holds for both."""
        ground = self._ground
        room_a = inf
        for up in ground.site.path[point.circuit]:
            free = [limit - flow for limit, flow in zip(self._limit_a[up], flows[up], strict=True)]
            contract_w = ground.site.circuit[up].contract_w
            together_a = inf if contract_w is None else contract_w / NOMINAL_VOLTAGE_V - sum(flows[up])
            for other, more_a in lower or ():
                if up in ground.site.path[other.circuit]:
                    car = ground.plant.socket[other.id].car
                    used = 0 if car is None else min(car.phases_used, len(other.conductors))
                    for phase in other.conductors[:used]:
                        free[phase - 1] += more_a
                        together_a += more_a
            here = [p.conductors for p in self._wanting if up in ground.site.path[p.circuit]]
            together_a /= sum(map(len, here))
            for phase in point.conductors:
                each_a = free[phase - 1] / sum(phase in conductors for conductors in here)
                room_a = min(room_a, free[phase - 1], ROOM_A * min(each_a, together_a) / EACH_A)
        return room_a

    def _judge(self, point: ChargePoint, rule: str, room_a: float, dt_s: float) -> None:
        key = (point.id, rule)
        if room_a < ROOM_A:
            self._since_s.pop(key, None)
            return
        before_s = self._since_s.get(key, 0.0)
        lasted_s = self._since_s[key] = before_s + dt_s
        if before_s <= LASTS_S < lasted_s:
            offered_a = self._ground.plant.socket[point.id].offered_a
            what = f"{point.id!r} is offered {offered_a:g} A and could have {room_a:.1f} A more, for {lasted_s:.0f} s"
            self.findings.append(Finding(rule=rule, at_s=self._ground.run_s, what=what))
