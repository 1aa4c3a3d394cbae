"""Nobody waits for ever, and nobody is left out where there is room.

*Left out*: a car that wants current is offered none although its minimum and 1 A more have been free on its whole
way, with everybody else booked at the larger of offered and drawn, for `ALONE_S`; for `CROWD_S` while others wait
too, and for `UNRULY_CROWD_S` where its station did not do as it was told a while ago. What those who have waited for longer need is not free: room is kept for them (docs/turns.md), so that their turn
comes. Seconds with trouble, and two minutes after it, do not count.

*Starved*: a car that wants current has waited for longer than `FIRST_S` and `EACH_S` for each round of those in its way: how many they
are, divided by how many of them charge. In its way are cars that want current and share with it, directly or through others, a
circuit-phase or a contract on which not all their minimums fit. Each time that half of those who charge are stopped within
`JUMP_S`, as a load that jumps does it, `EACH_S` are given (docs/turns.md: a broken turn goes on). Only seconds count in which its minimum, or what the car needs to begin, would fit if all cars but those
of a higher priority stood aside, and in which nothing on its way is in trouble. What the site file assumes below a
circuit without a meter is taken for its load there. A turn of which it drew less than `TURN_S` is no turn, and a car that is offered
current and draws none waits on. A car that has
ignored its limit is promised nothing: the controller may have barred it. Behind a circuit with a goal for
its quarter-hours or a limit on imbalance nothing is judged: there is room that may not be given.
"""

from math import inf

from kwartier.simulation.judge.bookings import booked_flows
from kwartier.simulation.judge.ground import Finding, Ground, eager
from kwartier.simulation.plant.station import Socket
from kwartier.site.phases import ZERO, PhaseVector, add
from kwartier.site.topology import ChargePoint, Site
from kwartier.site.units import NOMINAL_VOLTAGE_V

ALONE_S = 300.0
CROWD_S = 1800.0
UNRULY_S = 4000.0
"""Whose station did not do as it was told may be barred, and be tried once each half hour, for so long after that."""
UNRULY_CROWD_S = 2700.0
UNRULY = frozenset({"station_lost_writes", "station_late_writes", "station_half_open"})
QUIET_S = 120.0
FIRST_S = 2700.0
EACH_S = 1200.0
TURN_S = 120.0
JUMP_S = 15.0
FEW = 4
"""Of so few cars half is nothing unusual."""
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
        self._judged = frozenset(p.id for p in ground.site.charge_points if ground.plain(p))
        self._assumed_a = _assumed(ground.site)
        self._stood_s: dict[str, float] = {}
        """How long each has stood without current."""
        self._free_s: dict[str, float] = {}
        self._waited_s: dict[str, float] = {}
        self._share: dict[str, float] = {}
        """How much of its bound each has waited."""
        self._bound_s: dict[str, float] = {}
        """What its bound was last."""
        self._charging: list[tuple[float, int]] = []
        """How many charged in the last seconds, oldest first."""
        self._turn_s: dict[str, float] = {}
        self._car: dict[str, int] = {}
        self._trouble_s = -1e9
        self._unruly_s: dict[str, float] = {}
        """Per charge point: when its station last did not do as it was told."""
        self._pending_s = 0.0
        self._blamed: set[str] = set()
        self.findings: list[Finding] = []
        self.longest_s = 0.0
        self.longest_share = 0.0
        """Longest wait as a part of its bound."""
        self.left = 0
        """Cars that left, or fell asleep, when they had waited for `FIRST_S` or more."""

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        ground = self._ground
        if ground.schedule.active or not ground.told.up:
            self._trouble_s = ground.run_s
            for fault in ground.schedule.active:
                if fault.kind in UNRULY:
                    self._unruly_s.update(dict.fromkeys(ground.peers(fault.target), ground.run_s))
        self._pending_s += dt_s
        if self._pending_s < EVERY_S:
            return
        dt_s, self._pending_s = self._pending_s, 0.0
        hungry = [p for p in ground.site.charge_points if self._wants(p)]
        self._note_jump(sum(self._draws(p) for p in hungry))
        if all(self._draws(p) for p in hungry):
            self._free_s.clear()
            self._count_turns(hungry, dt_s)
            return
        flows = booked_flows(ground)
        waiting = [p for p in hungry if self._stopped(p) and p.id in self._judged]
        for point in waiting:
            self._stood_s[point.id] = self._stood_s.get(point.id, 0.0) + dt_s
        for point in waiting:
            self._left_out(point, flows, waiting, dt_s)
        crowds: dict[int, list[set[str]]] = {}
        for point in hungry:
            if not self._stopped(point):
                self._free_s.pop(point.id, None)
                self._stood_s.pop(point.id, None)
            if not self._draws(point) and point.id in self._judged:
                rank = point.priority
                if rank not in crowds:
                    crowds[rank] = self._crowds(hungry, rank)
                self._starved(point, [p for p in hungry if _together(p, point, crowds[rank])], dt_s)
        self._count_turns([p for p in hungry if self._draws(p)], dt_s)

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
        self.left += self._waited_s.get(point_id, 0.0) >= FIRST_S
        for each in (self._free_s, self._waited_s, self._share, self._turn_s, self._stood_s):
            each.pop(point_id, None)
        self._blamed.discard(point_id)

    def _stopped(self, point: ChargePoint) -> bool:
        return self._ground.plant.socket[point.id].applied_a == 0.0

    def _note_jump(self, charge: int) -> None:
        """Give time where many were stopped at once."""
        run_s, lately = self._ground.run_s, self._charging
        while lately and lately[0][0] < run_s - JUMP_S:
            lately.pop(0)
        if any(many >= FEW and charge <= many / 2.0 for _, many in lately):
            lately.clear()
            for point_id, share in self._share.items():
                self._share[point_id] = max(0.0, share - EACH_S / self._bound_s[point_id])
        lately.append((run_s, charge))

    def _draws(self, point: ChargePoint) -> bool:
        return self._ground.plant.socket[point.id].current_a[0] > 0.0

    def _count_turns(self, running: list[ChargePoint], dt_s: float) -> None:
        for point in running:
            if point.id in self._waited_s:
                self._turn_s[point.id] = self._turn_s.get(point.id, 0.0) + dt_s
                if self._turn_s[point.id] >= TURN_S:
                    self._waited_s.pop(point.id, None)
                    self._share.pop(point.id, None)
                    self._turn_s.pop(point.id, None)
                    self._blamed.discard(point.id)

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
        if ground.run_s - self._unruly_s.get(point.id, -1e9) <= UNRULY_S:
            most_s = UNRULY_CROWD_S
        if self._free_s[point.id] > most_s and point.id not in self._blamed:
            self._blamed.add(point.id)
            what = f"{point.id!r} gets nothing with its minimum free for {self._free_s[point.id]:.0f} s"
            self.findings.append(Finding(rule="left out", at_s=ground.run_s, what=what))

    def _kept_a(self, ahead: list[ChargePoint], circuit_id: str, phase: int) -> float:
        """What is kept on a circuit-phase for those who have waited for longer."""
        path = self._ground.site.path
        return sum(p.min_a for p in ahead if phase in p.conductors and circuit_id in path[p.circuit])

    def _starved(self, point: ChargePoint, crowd: list[ChargePoint], dt_s: float) -> None:
        ground = self._ground
        socket = ground.plant.socket[point.id]
        self._turn_s.pop(point.id, None)
        if not self._could(point, socket):
            return
        running = sum(self._draws(p) and p.priority <= point.priority for p in crowd)
        bound_s = self._bound_s[point.id] = FIRST_S + EACH_S * (len(crowd) - 1) / max(1, running)
        self._waited_s[point.id] = waited_s = self._waited_s.get(point.id, 0.0) + dt_s
        share = self._share[point.id] = self._share.get(point.id, 0.0) + dt_s / bound_s
        self.longest_s = max(self.longest_s, waited_s)
        self.longest_share = max(self.longest_share, share)
        if share > 1.0 and point.id not in self._blamed:
            self._blamed.add(point.id)
            what = (
                f"{point.id!r} has waited {waited_s / 60:.0f} min with {len(crowd) - 1} other cars in its way, "
                f"of which {running} charge now"
            )
            self.findings.append(Finding(rule="starved", at_s=ground.run_s, what=what))

    def _crowds(self, hungry: list[ChargePoint], rank: int) -> list[set[str]]:
        """Those who stand in each other's way, directly or through others, for one of this priority: for it those above
        come down from nothing."""
        ground = self._ground
        site = ground.site
        crowds: list[set[str]] = []
        for circuit in site.circuits:
            behind = [p for p in hungry if circuit.id in site.path[p.circuit]]
            if len(behind) < 2:
                continue
            flows, least = ground.plant.current_a(circuit.id), [0.0, 0.0, 0.0]
            rows: list[set[str]] = [set(), set(), set()]
            for point in behind:
                socket = ground.plant.socket[point.id]
                least_a = point.min_a if socket.car is None else max(point.min_a, socket.car.start_min_a)
                for i, phase in enumerate(point.conductors):
                    rows[phase - 1].add(point.id)
                    more_a = least_a + ROOM_A - (socket.current_a[i] if socket.closed else 0.0)
                    least[phase - 1] += more_a if point.priority <= rank else max(0.0, more_a)
            assumed = self._assumed_a[circuit.id]
            for i in range(3):
                if len(rows[i]) > 1 and flows[i] + assumed[i] + least[i] > self._limit_a[circuit.id][i]:
                    crowds = _joined(crowds, rows[i])
        return crowds

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


def _joined(crowds: list[set[str]], more: set[str]) -> list[set[str]]:
    """With one more, which brings together all that it touches."""
    touched = [c for c in crowds if not c.isdisjoint(more)]
    return [*(c for c in crowds if c.isdisjoint(more)), more.union(*touched)]


def _together(one: ChargePoint, other: ChargePoint, crowds: list[set[str]]) -> bool:
    return one.id == other.id or any(one.id in c and other.id in c for c in crowds)


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
