"""Nobody waits for ever, and nobody is left out where there is room.

*Left out*: a car that wants current is offered none although its minimum and 1 A more have been free on its whole
way, with everybody else booked at the larger of offered and drawn, for `ALONE_S`; for `CROWD_S` while others wait
too. What those who have waited for longer need is not free: room is kept for them (docs/turns.md), so that their turn
comes. Seconds with trouble, and two minutes after it, do not count.

*Starved*: a car that wants current has waited for longer than `FIRST_S` and `EACH_S` more for each other car that
wants some at the site. Only seconds count in which its minimum, or what the car needs to begin, would fit if all cars but those
of a higher priority stood aside, and in which nothing on its way is in trouble. What the site file assumes below a
circuit without a meter is taken for its load there. A turn shorter than `TURN_S` is no turn. A car that has
ignored its limit is promised nothing: the controller may have barred it. Behind a circuit with a goal for
its quarter-hours or a limit on imbalance nothing is judged: there is room that may not be given.
"""

from math import inf

from kwartier.simulation.judge.ground import Finding, Ground, eager
from kwartier.simulation.plant.station import Socket
from kwartier.site.phases import ZERO, PhaseVector, add
from kwartier.site.topology import ChargePoint, Site
from kwartier.site.units import NOMINAL_VOLTAGE_V

ALONE_S = 300.0
CROWD_S = 1800.0
QUIET_S = 120.0
FIRST_S = 2700.0
EACH_S = 1200.0
TURN_S = 120.0
ROOM_A = 1.0
EVERY_S = 5.0


class Waiting:
    """Looks every five seconds: nothing here is quicker."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._limit_a = {
            c.id: _limit(c.limit_a, c.fuse.rating_a if c.fuse else None, c.contract_w)
            for c in ground.site.circuits
        }
        self._other_rules = {
            c.id
            for c in ground.site.circuits
            if c.imbalance_a is not None or (c.quarter is not None and c.quarter.follow != "none")
        }
        self._assumed_a = _assumed(ground.site)
        self._stood_s: dict[str, float] = {}
        """How long each has stood without current."""
        self._free_s: dict[str, float] = {}
        self._waited_s: dict[str, float] = {}
        self._turn_s: dict[str, float] = {}
        self._car: dict[str, int] = {}
        self._trouble_s = -1e9
        self._pending_s = 0.0
        self._blamed: set[str] = set()
        self.findings: list[Finding] = []
        self.longest_s = 0.0
        self.longest_share = 0.0
        """Longest wait as a part of its bound."""

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        ground = self._ground
        if ground.schedule.active or not ground.told.up:
            self._trouble_s = ground.run_s
        self._pending_s += dt_s
        if self._pending_s < EVERY_S:
            return
        dt_s, self._pending_s = self._pending_s, 0.0
        hungry = [p for p in ground.site.charge_points if self._wants(p)]
        if not any(self._stopped(p) for p in hungry):
            self._free_s.clear()
            self._count_turns(hungry, dt_s)
            return
        flows = self._flows()
        waiting = [p for p in hungry if self._stopped(p) and not self._ruled_otherwise(p)]
        for point in waiting:
            self._stood_s[point.id] = self._stood_s.get(point.id, 0.0) + dt_s
        for point in waiting:
            self._left_out(point, flows, waiting, dt_s)
            self._starved(point, len(hungry) - 1, dt_s)
        self._count_turns([p for p in hungry if not self._stopped(p)], dt_s)

    @property
    def next_s(self) -> float:
        """Up to when the last trouble counts as it does now; seconds of the run."""
        calm_s = self._trouble_s + QUIET_S
        return calm_s - 1.0 if self._trouble_s < self._ground.run_s < calm_s else inf

    def _wants(self, point: ChargePoint) -> bool:
        socket = self._ground.plant.socket[point.id]
        car = socket.car
        if car is None or not eager(car) or not socket.operative:
            self._forget(point.id)
            return False
        if self._car.get(point.id) != id(car):
            self._forget(point.id)
            self._car[point.id] = id(car)
        return True

    def _forget(self, point_id: str) -> None:
        for each in (self._free_s, self._waited_s, self._turn_s, self._stood_s):
            each.pop(point_id, None)
        self._blamed.discard(point_id)

    def _ruled_otherwise(self, point: ChargePoint) -> bool:
        """Whether its room hangs on a quarter-hour or on other phases too, or its time on a plan: not reckoned here."""
        return point.mode != "fast" or not self._other_rules.isdisjoint(self._ground.site.path[point.circuit])

    def _stopped(self, point: ChargePoint) -> bool:
        return self._ground.plant.socket[point.id].applied_a == 0.0

    def _count_turns(self, running: list[ChargePoint], dt_s: float) -> None:
        for point in running:
            self._free_s.pop(point.id, None)
            self._stood_s.pop(point.id, None)
            if point.id in self._waited_s:
                self._turn_s[point.id] = self._turn_s.get(point.id, 0.0) + dt_s
                if self._turn_s[point.id] >= TURN_S:
                    self._waited_s.pop(point.id, None)
                    self._turn_s.pop(point.id, None)
                    self._blamed.discard(point.id)

    def _flows(self) -> dict[str, list[float]]:
        """Per circuit-phase the true load with every socket at the larger of offered and drawn."""
        ground = self._ground
        out = {c.id: list(ground.plant.current_a(c.id)) for c in ground.site.circuits}
        for c in ground.site.circuits:
            base = c.base_load_a if c.meter is None else None
            if base is not None:
                # it counts with what is assumed of it, everywhere above too
                for up in ground.site.path[c.id]:
                    for i in range(3):
                        out[up][i] += base[i]
        for point in ground.site.charge_points:
            socket = ground.plant.socket[point.id]
            for i, phase in enumerate(point.conductors):
                drawn = socket.current_a[i] if socket.closed else 0.0
                more = max(0.0, max(socket.applied_a, socket.offered_a) - drawn)
                for up in ground.site.path[point.circuit]:
                    out[up][phase - 1] += more
        return out

    def _left_out(
        self, point: ChargePoint, flows: dict[str, list[float]], waiting: list[ChargePoint], dt_s: float
    ) -> None:
        ground = self._ground
        calm = ground.run_s - self._trouble_s >= QUIET_S
        least_a = max(point.min_a, point.start_a or 0.0) + ROOM_A
        ahead = [p for p in waiting if self._stood_s[p.id] > self._stood_s[point.id]] if calm else []
        room = calm and all(
            self._limit_a[up][phase - 1] - flows[up][phase - 1] - self._kept_a(ahead, up, phase) >= least_a
            for up in ground.site.path[point.circuit]
            for phase in point.conductors
        )
        if not room:
            self._free_s.pop(point.id, None)
            return
        self._free_s[point.id] = self._free_s.get(point.id, 0.0) + dt_s
        plant = ground.plant.socket
        standing = sum(plant[p.id].car is not None and self._stopped(p) for p in ground.site.charge_points)
        most_s = ALONE_S if standing == 1 else CROWD_S
        if self._free_s[point.id] > most_s and point.id not in self._blamed:
            self._blamed.add(point.id)
            what = f"{point.id!r} gets nothing with its minimum free for {self._free_s[point.id]:.0f} s"
            self.findings.append(Finding(rule="left out", at_s=ground.run_s, what=what))

    def _kept_a(self, ahead: list[ChargePoint], circuit_id: str, phase: int) -> float:
        """What is kept on a circuit-phase for those who have waited for longer."""
        path = self._ground.site.path
        return sum(p.min_a for p in ahead if phase in p.conductors and circuit_id in path[p.circuit])

    def _starved(self, point: ChargePoint, others: int, dt_s: float) -> None:
        ground = self._ground
        socket = ground.plant.socket[point.id]
        self._turn_s.pop(point.id, None)
        if not self._could(point, socket):
            return
        waited_s = self._waited_s[point.id] = self._waited_s.get(point.id, 0.0) + dt_s
        bound_s = FIRST_S + EACH_S * others
        self.longest_s = max(self.longest_s, waited_s)
        self.longest_share = max(self.longest_share, waited_s / bound_s)
        if waited_s > bound_s and point.id not in self._blamed:
            self._blamed.add(point.id)
            what = f"{point.id!r} has waited {waited_s / 60:.0f} min with {others} other cars at the site"
            self.findings.append(Finding(rule="starved", at_s=ground.run_s, what=what))

    def _could(self, point: ChargePoint, socket: Socket) -> bool:
        """Whether its minimum would fit now if others stood aside, and nothing is in trouble."""
        ground = self._ground
        if not ground.reachable(socket.id) or not ground.told.up:
            return False
        for fault in ground.schedule.active:
            if fault.kind.split("_", maxsplit=1)[0] in {"limit", "fire", "meter"}:
                return False
        if ground.run_s - self._trouble_s < QUIET_S and ground.scenario.fire is not None:
            return False
        least_a = point.min_a if socket.car is None else max(point.min_a, socket.car.start_min_a)
        for up in ground.site.path[point.circuit]:
            assumed = self._assumed_a[up]
            for phase in point.conductors:
                flows_a = ground.plant.current_a(up)[phase - 1]
                could_a = ground.aside_a(up, phase, point.priority)
                if self._limit_a[up][phase - 1] - (flows_a + assumed[phase - 1] - could_a) < least_a + ROOM_A:
                    return False
        return True


def _assumed(site: Site) -> dict[str, PhaseVector]:
    """What the site file assumes of other load at each circuit without a meter and below it, as far as no meter sees
    it, A per phase."""
    out: dict[str, PhaseVector] = {}
    for circuit in site.bottom_up:
        out[circuit.id] = ZERO
        if circuit.meter is None:
            out[circuit.id] = circuit.base_load_a
            for child in site.children[circuit.id]:
                out[circuit.id] = add(out[circuit.id], out[child])
    return out


def _limit(
    limit_a: tuple[float, float, float], rating_a: float | None, contract_w: float | None
) -> list[float]:
    """What a circuit may carry per phase, its contract spread evenly."""
    share_a = float("inf") if contract_w is None else contract_w / 3.0 / NOMINAL_VOLTAGE_V
    return [min(a, share_a, float("inf") if rating_a is None else rating_a) for a in limit_a]
