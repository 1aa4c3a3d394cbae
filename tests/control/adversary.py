"""A small world that means ill, drawn from one seed, and a watcher that knows its true currents.

Nothing of it comes from `kwartier.simulation`: it is a second opinion on what cars, stations and meters do.
Every device has a delay of its own; what the controller reads is what was true that long ago.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from math import inf, nan
from random import Random

from tests.control.adversary_features import SWITCH_S, Account, reserved_a, with_everything

from kwartier.control.decision import Decision
from kwartier.control.memory import after_restart, initial
from kwartier.control.step import step
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Limit, Picture, Wish
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

ROTATIONS = ((1, 2, 3), (2, 3, 1), (3, 1, 2), (1,), (2,), (3,), (1, 2), (3, 2))
STATION_TIMER_S = 60.0
CONTRACT_V = 253.0
BOOT_S = 8.0
UNDER_LOAD_S = 6.0
CARDS = (None, "A1", "b2")
Row = tuple[str, int]


@dataclass
class Car:
    """Follows the pilot late; may ignore it, take little, or sleep."""

    conductors: int
    max_a: float
    lag_s: int
    ignores: bool = False
    asleep: bool = False
    pilot: deque[float] = field(default_factory=deque)

    def draw_a(self, applied_a: float) -> float:
        self.pilot.append(applied_a)
        late = self.pilot.popleft() if len(self.pilot) > self.lag_s else 0.0
        if self.asleep:
            return 0.0
        if self.ignores:
            return self.max_a if applied_a > 0 else 0.0
        return min(late, self.max_a) if late >= 6.0 else 0.0


@dataclass
class Socket:
    """One charge point: a set-point in, a current out, a timer of its own, a network that may fail."""

    point: ChargePoint
    delay_s: int
    tells: bool
    """Whether it says what it applies."""
    wires: int = 3
    """How many of its conductors its contactor connects."""
    told_wires: int = 3
    told_wires_s: float = -inf
    torn: int = 0
    """Times that its contactor changed under load."""
    energy_kwh: float = 100.0
    narrowed_s: float = -inf
    """When its car last left conductors of its own accord."""
    car: Car | None = None
    told: deque[float] = field(default_factory=deque)
    setpoint_a: float = 0.0
    written_s: float = -inf
    applied_a: float = 0.0
    drawn_a: float = 0.0
    open_s: float | None = None
    deaf_until_s: float = -inf
    booting_until_s: float = -inf

    def deaf(self, now_s: float) -> bool:
        return now_s < max(self.deaf_until_s, self.booting_until_s)

    def write(self, current_a: float, now_s: float, phases: int | None = None) -> None:
        if self.deaf(now_s):
            return
        self.setpoint_a, self.written_s = current_a, now_s
        if phases is not None and phases != self.told_wires:
            self.told_wires, self.told_wires_s = phases, now_s

    def reboot(self, now_s: float) -> None:
        self.setpoint_a, self.written_s, self.booting_until_s = 0.0, -inf, now_s + BOOT_S

    def advance(self, now_s: float) -> None:
        self.told.append(self.setpoint_a)
        late = self.told.popleft() if len(self.told) > self.delay_s else self.applied_a
        holds = now_s - self.written_s <= STATION_TIMER_S
        self.applied_a = late if holds else self.point.fallback_a
        if self.told_wires != self.wires and now_s - self.told_wires_s >= SWITCH_S:
            self.torn += self.drawn_a > 0
            self.wires = self.told_wires
        if now_s < self.booting_until_s:
            self.applied_a = 0.0
        self.open_s = None if self.applied_a > 0 else (now_s if self.open_s is None else self.open_s)
        cut = self.open_s is not None and now_s - self.open_s >= UNDER_LOAD_S
        before_a = self.drawn_a
        self.drawn_a = 0.0 if self.car is None else self.car.draw_a(self.applied_a)
        if self.applied_a == 0 and before_a == 0:
            self.drawn_a = 0.0  # no car starts without a pilot
        if self.car is not None and self.car.ignores and self.applied_a == 0 and not cut:
            self.drawn_a = before_a
        self.energy_kwh += self.drawn_a * len(self.phases()) * 230.0 / 3.6e6

    def phases(self) -> tuple[int, ...]:
        """Site phases on which its car draws."""
        return self.point.conductors[: min(self.car.conductors, self.wires)] if self.car is not None else ()

    def state(self) -> str:
        if self.car is None:
            return "A1"
        return "C2" if self.drawn_a > 0 else ("B2" if self.applied_a > 0 else "B1")


@dataclass
class Frame:
    """What was true at one moment."""

    at_s: float
    base: dict[Row, float]
    """Other load of each circuit-phase, all below included."""
    cars: dict[Row, float]
    drawn: dict[str, tuple[float, str, float]]
    """Per charge point: what it draws, its state, what it applies."""
    flows: dict[str, int]
    """On how many conductors."""


def draw_site(dice: Random, *, metered_root: bool | None = None) -> Site:
    """A random tree of up to five levels with meters here and there."""
    circuits: list[Circuit] = []
    meters: list[Meter] = []
    for n in range(dice.randint(1, 7)):
        level = [c for c in circuits if _depth(c, circuits) < 5]
        parent = dice.choice(level) if level else None
        top = 63.0 if parent is None else min(parent.limit_a)
        limit = dice.choice([top, 0.8 * top, 0.6 * top]) if n else dice.choice([25.0, 40.0, 63.0])
        phases = (limit, limit, limit * dice.choice([1.0, 1.0, 0.75]))
        meter = None
        if (metered_root if parent is None and metered_root is not None else dice.random() < 0.5) or (
            parent is None and metered_root is None and dice.random() < 0.6
        ):
            meter = f"m{n}"
            meters.append(Meter(id=meter, name=meter.upper(), role="circuit", address=f"tcp {n}"))
        circuits.append(
            Circuit(
                id=f"c{n}",
                name=f"C{n}",
                parent=parent.id if parent else None,
                limit_a=phases,
                meter=meter,
                safe_current_a=dice.choice([0.0, 6.0, 8.0, 13.0]) if meter else 0.0,
                base_load_a=(0.0, 0.0, 0.0) if meter else (dice.choice([0.0, 1.0, 3.0]),) * 3,
            )
        )
    points = []
    for n in range(dice.randint(1, 8)):
        most = dice.choice([16.0, 32.0])
        points.append(
            ChargePoint(
                id=f"p{n}",
                name=f"P{n}",
                circuit=dice.choice(circuits).id,
                conductors=dice.choice(ROTATIONS),
                max_a=most,
                weight=dice.choice([1.0, 1.0, 3.0, 0.1]),
                priority=dice.choice([0, 0, 0, 5]),
                fallback_a=dice.choice([0.0, 0.0, 6.0]),
            )
        )
    return Site(name="x", circuits=tuple(circuits), meters=tuple(meters), charge_points=tuple(points))


def with_contracts(site: Site, dice: Random) -> Site:
    """The same site, some of its metered circuits with a contract that is less than their wiring carries. No
    meter here tells a voltage, so an ampere makes `CONTRACT_V` at most."""
    circuits = []
    for c in site.circuits:
        share = dice.choice([0.25, 0.4, 0.6, None]) if c.meter else None
        least_a = 3 * (c.safe_current_a + 5.0)
        contract_w = None if share is None else max(least_a, share * sum(c.limit_a)) * CONTRACT_V
        circuits.append(replace(c, contract_w=contract_w))
    return replace(site, circuits=tuple(circuits))


def contract_a(circuit: Circuit) -> float:
    """What its phases may carry together."""
    return inf if circuit.contract_w is None else circuit.contract_w / CONTRACT_V


def _depth(circuit: Circuit, circuits: list[Circuit]) -> int:
    up = next((c for c in circuits if c.id == circuit.parent), None)
    return 1 if up is None else 1 + _depth(up, circuits)


class World:
    """The site, its devices, and what a controller is shown of them."""

    def __init__(
        self, seed: int, *, calm: bool = False, contracts: bool = False, everything: bool = False
    ) -> None:
        self.dice = dice = Random(seed)
        self.site = draw_site(dice)
        if contracts or everything:
            self.site = with_contracts(self.site, Random(seed))
        if everything:
            self.site = with_everything(self.site, Random(seed))
        self.calm = calm
        self.now_s = 5000.0
        self.memory = initial(self.site, self.now_s)
        self.sockets = {
            p.id: Socket(p, delay_s=dice.randint(0, 1), tells=dice.random() < 0.8)
            for p in self.site.charge_points
        }
        self.delay_s = {i: dice.choice([0, 0, 1]) for i in (*self.site.meter, *self.site.charge_point)}
        self.frames: deque[Frame] = deque(maxlen=4)
        self.house = {c.id: [0.0, 0.0, 0.0] for c in self.site.circuits}
        self.spare = self._spare()
        self.jumped_s = dict.fromkeys(self.site.circuit, -inf)
        self.meter_fault: dict[str, tuple[str, float]] = {}
        self.heard_s = dict.fromkeys(self.site.meter, -inf)
        """When each meter last gave a value that a controller may believe."""
        self.meters: dict[str, MeterReading] = {}
        self.points: dict[str, ChargePointReading] = {}
        self.wishes: dict[str, Wish] = {}
        self.limits: tuple[Limit, ...] = ()
        self.restarted_s = -inf
        root = self.site.root
        self.account = Account.begin(root, Random(seed)) if root.quarter is not None else None
        self.quarter_s = -inf
        """When the account was last told."""
        self.ended_w: float | None = None

    def _spare(self) -> dict[str, float]:
        """How large the own load of each circuit may be, so that the loads of the site alone, with the safe
        current on top, never fill a circuit: what is above a limit is then the cars' doing."""
        spare = dict.fromkeys(self.site.circuit, inf)
        for c in self.site.circuits:
            below = [d.id for d in self.site.circuits if c.id in self.site.path[d.id]]
            assumed = sum(max(self.site.circuit[i].base_load_a) for i in below)
            most = min(*c.limit_a, contract_a(c) / 3, reserved_a(c) / 3)
            free = max(0.0, most - c.safe_current_a - assumed)
            for i in below:
                spare[i] = min(spare[i], free / len(below))
        return spare

    # -- what happens ----------------------------------------------------------------------------------

    def advance(self) -> Frame:
        """One second of weather, people and cars."""
        self.now_s += 1.0
        dice = self.dice
        for c in self.site.circuits:
            house = self.house[c.id]
            if c.meter is None:
                self.house[c.id] = list(c.base_load_a)
            elif dice.random() < 0.04 and self.now_s - self.jumped_s[c.id] > 20.0:
                self.jumped_s[c.id] = self.now_s
                self.house[c.id] = [dice.uniform(-0.5, 1.0) * self.spare[c.id] for _ in range(3)]
            else:
                self.house[c.id] = [a + dice.gauss(0, 0.01) * (abs(a) > 0.5) for a in house]
        for socket in self.sockets.values():
            self._people(socket)
            socket.advance(self.now_s)
        frame = self._frame()
        self.frames.append(frame)
        if self.account is not None:
            root = self.account.circuit.id
            self.ended_w = self.account.count([frame.base[root, p] + frame.cars[root, p] for p in (1, 2, 3)])
        return frame

    def _people(self, socket: Socket) -> None:
        dice = self.dice
        if dice.random() < 0.01:
            if socket.car is not None:
                socket.car, socket.drawn_a = None, 0.0
            else:
                socket.car = Car(
                    conductors=dice.randint(1, len(socket.point.conductors)),
                    max_a=dice.choice([7.0, 16.0, 32.0]),
                    lag_s=dice.randint(0, 5),
                    ignores=not self.calm and dice.random() < 0.1,
                    asleep=dice.random() < 0.1,
                )
        elif socket.car is not None and dice.random() < 0.005:
            socket.car.asleep = not socket.car.asleep
        elif socket.car is not None and dice.random() < 0.004:
            socket.car.conductors = dice.randint(1, socket.car.conductors)
            socket.narrowed_s = self.now_s
        if self.calm:
            return
        if dice.random() < 0.003:
            socket.deaf_until_s = self.now_s + dice.choice([3.0, 7.0, 20.0, 90.0])
        if dice.random() < 0.002:
            socket.reboot(self.now_s)

    def _frame(self) -> Frame:
        base: dict[Row, float] = {(c, p): 0.0 for c in self.site.circuit for p in (1, 2, 3)}
        cars = dict(base)
        for c, amps in self.house.items():
            for up in self.site.path[c]:
                for p in (1, 2, 3):
                    base[up, p] += amps[p - 1]
        drawn, flows = {}, {}
        for socket in self.sockets.values():
            drawn[socket.point.id] = (socket.drawn_a, socket.state(), socket.applied_a)
            flows[socket.point.id] = len(socket.phases())
            for up in self.site.path[socket.point.circuit]:
                for p in socket.phases():
                    cars[up, p] += socket.drawn_a
        return Frame(self.now_s, base, cars, drawn, flows)

    # -- what is seen ----------------------------------------------------------------------------------

    def look(self) -> Picture:
        """What the drivers would have put on the blackboard."""
        for meter in self.site.meters:
            self._read_meter(meter.id)
        for socket in self.sockets.values():
            if not socket.deaf(self.now_s):
                self.points[socket.point.id] = self._read_point(socket)
        self._outside()
        quarters = {}
        if self.account is not None and self.account.circuit.meter in self.meters:
            quarters[self.account.circuit.meter] = self.account.picture(self.now_s)
        shown_s = self.now_s - (3.0 if not self.calm and self.dice.random() < 0.01 else 0.0)
        return Picture(
            now_s=shown_s,
            utc_s=1.7e9 + self.now_s,
            meters={**self.meters, "nobody": MeterReading(meter_id="nobody", at_s=self.now_s)},
            charge_points=dict(self.points),
            wishes=dict(self.wishes),
            limits=self.limits,
            quarters=quarters,
            departures={"u1": 1.7e9 + 5000.0 + 3600.0, "u2": 1.7e9 + 5000.0 + 600.0},
        )

    def _read_meter(self, meter_id: str) -> None:
        kind, until_s = self.meter_fault.get(meter_id, ("", -inf))
        if self.now_s >= until_s:
            kind = ""
            if not self.calm and self.dice.random() < 0.006:
                kind = self.dice.choice(["silent", "frozen", "blind", "nan", "late"])
                length_s = self.dice.choice([2.0, 7.0, 12.0, 30.0, 150.0])
                self.meter_fault[meter_id] = (kind, self.now_s + length_s)
        if kind == "silent":
            return
        frame = self.frames[max(0, len(self.frames) - 1 - self.delay_s[meter_id])]
        circuit = next(c.id for c in self.site.circuits if c.meter == meter_id)
        l1, l2, l3 = (frame.base[circuit, p] + frame.cars[circuit, p] for p in (1, 2, 3))
        before = self.meters.get(meter_id)
        reading = MeterReading(
            meter_id=meter_id, at_s=frame.at_s, current_a=(l1, l2, l3), meter_time_s=1.7e9 + frame.at_s
        )
        if kind == "frozen" and before is not None:
            # the same telegram again and again, stamped anew by the driver
            reading = MeterReading(
                meter_id=meter_id,
                at_s=frame.at_s,
                current_a=before.current_a,
                meter_time_s=before.meter_time_s,
            )
        elif kind == "blind":
            reading = MeterReading(meter_id=meter_id, at_s=frame.at_s, power_w=1000.0)
        elif kind == "nan":
            reading = MeterReading(meter_id=meter_id, at_s=frame.at_s, current_a=(l1, nan, inf))
        elif kind == "late":
            # a line that lags: values keep coming, each of them a quarter of a minute old
            reading = MeterReading(meter_id=meter_id, at_s=frame.at_s - 15.0, current_a=(0.0, 0.0, 0.0))
        elif kind == "":
            self.heard_s[meter_id] = frame.at_s
        self.meters[meter_id] = reading

    def _read_point(self, socket: Socket) -> ChargePointReading:
        frame = self.frames[max(0, len(self.frames) - 1 - self.delay_s[socket.point.id])]
        drawn_a, state, applied_a = frame.drawn[socket.point.id]
        flows = frame.flows[socket.point.id]
        a, b, c = (drawn_a if i < flows else 0.0 for i in range(3))
        return ChargePointReading(
            charge_point_id=socket.point.id,
            at_s=frame.at_s + (1000.0 if not self.calm and self.dice.random() < 0.002 else 0.0),
            state=state,
            current_a=(a, b, c),
            applied_a=applied_a if socket.tells else None,
            fallback_a=socket.point.fallback_a,
            phases=(1 if socket.wires == 1 else 3) if socket.point.phase_switching else None,
            energy_kwh=socket.energy_kwh,
            rfid=None if socket.car is None else CARDS[int(socket.car.max_a) % 3],
        )

    def _outside(self) -> None:
        dice = self.dice
        if self.calm:
            return
        if dice.random() < 0.01:
            self.wishes[dice.choice(self.site.charge_points).id] = Wish(
                charge_point_id="x", limit_a=dice.choice([None, nan, -3.0, 5.9, 9.3, inf, 12.0])
            )
        if dice.random() < 0.01:
            circuit = dice.choice(self.site.circuits).id
            value = dice.choice([nan, 0.0, 10.0, 20.0, inf])
            chosen = Limit(circuit_id=circuit, value_a=(value,) * 3, source="operator")
            self.limits = dice.choice([(), (chosen,)])

    # -- the controller --------------------------------------------------------------------------------

    def decide(self) -> Decision:
        """One step, with an occasional restart before it, and its set-points written."""
        picture = self.look()
        if not self.calm and self.dice.random() < 0.002:
            self.memory = after_restart(self.site, self.memory, self.now_s)
            self.restarted_s = self.now_s
        decision = step(self.site, self.memory, picture)
        self.memory = decision.memory
        for setpoint in decision.setpoints:
            if setpoint.reason.code != "starting":
                self.sockets[setpoint.charge_point_id].write(setpoint.current_a, self.now_s, setpoint.phases)
        return decision
