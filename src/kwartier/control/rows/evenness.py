"""How far the phases of a circuit lie apart, as the step reckons it: for the allocation and before raises.

What a phase carries counts at the most, what stands against it at the least (VDE-AR-N 4100 wants a limit kept
that nobody could restore in time once it is broken, so it is planned on grants):

- a car counts with the larger of what it is granted and what it draws where it loads a phase, and with the
  smaller of the two, seen over the last seconds, where it stands against another: a car that has not begun,
  has not been heard for a moment, or has left, stands against nothing;
- a car on several phases draws the same on each, once it has shown that it does; until then it may be one that
  draws on its first conductor only;
- other load counts with the largest difference of the last ten seconds, each moment by itself;
- behind a lost meter nothing of the other load stands against a car; behind one that never spoke there is no
  room for anybody who loads one phase more than another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kwartier.control.allocation.balance import Sides, sides_of
from kwartier.control.allocation.shapes import PAIRS, AllocCharger, AllocCircuit
from kwartier.control.chargers.points import CURRENT_FLOWS_A, MARGIN_A, beyond, booked_on
from kwartier.control.estimate import UNSURE_S, other_load
from kwartier.control.memory import Memory, PointMemory, newest
from kwartier.control.room import Room
from kwartier.site.phases import ZERO, PhaseVector, add
from kwartier.site.topology import ChargePoint, Circuit, Site

QUANTUM_A = 0.5
"""Set-points move in steps of this size, so that a device is not written for every tenth of an ampere. What
stands against a phase is rounded down to it."""
UNKNOWN_A = 1e6
_EPS_A = 1e-6

Six = tuple[float, float, float, float, float, float]


def sure_of(remembered: PointMemory, phases: Sequence[int]) -> bool:
    """Whether its car is known to draw on all of `phases` alike: it does so now. One that has stopped may begin
    again on fewer."""
    if len(phases) == 1:
        return True
    drawn = newest(remembered.samples)
    flows = [drawn[p - 1] for p in phases]
    return min(flows) >= CURRENT_FLOWS_A and max(flows) - min(flows) <= MARGIN_A


def firm_a(remembered: PointMemory, phases: Sequence[int], now_s: float) -> float:
    """What of its grant flows for certain on each of its phases."""
    if remembered.unheard or now_s - remembered.heard_s > UNSURE_S or not remembered.samples:
        return 0.0
    least = min(min(value[p - 1] for p in phases) for _, value in remembered.samples)
    return int(max(0.0, min(least, remembered.granted_a)) / QUANTUM_A + _EPS_A) * QUANTUM_A


@dataclass(slots=True)
class Evenness:
    """Of the circuits that have a limit on it. Made once a step; `hand_out` of raises uses it up."""

    site: Site
    points: Mapping[str, PointMemory]
    phases: Mapping[str, tuple[int, ...]]
    sides: dict[str, Sides]
    """Which pairs each charge point behind such a circuit loads and relieves."""
    firm_a: dict[str, float]
    uneven_a: dict[str, Six]
    """Per such circuit: the difference of each pair at most, without those who are allocated."""
    swing_a: dict[str, PhaseVector]
    """How much more its other load may be just now."""
    slack: dict[str, list[float]]
    """Per such circuit and pair: what raises may use."""

    def conductors(self, point_id: str) -> tuple[int, ...]:
        """The phases of a charge point in the order of its conductors: a car that goes on with one keeps the first."""
        phases = self.phases[point_id]
        ordered = self.site.charge_point[point_id].conductors
        if len(ordered) == len(phases):
            return ordered
        return tuple(p for p in ordered if p in phases)

    def circuit(self, circuit: AllocCircuit) -> AllocCircuit:
        """A circuit of the allocation with what it needs of this."""
        uneven = self.uneven_a.get(circuit.id)
        if uneven is None:
            return circuit
        return replace(circuit, imbalance_a=self.site.circuit[circuit.id].imbalance_a, uneven_a=uneven)

    def charger(self, charger: AllocCharger) -> AllocCharger:
        """A charger of the allocation likewise."""
        if charger.id not in self.sides:
            return charger
        wires = self.conductors(charger.id)
        sure = sure_of(self.points[charger.id], wires)
        return replace(charger, phases=wires, firm_a=self.firm_a[charger.id], sure=sure)

    def prepare(self, granted: Mapping[str, float]) -> None:
        """Reckon what is free for raises, with everybody at `granted` or at what he may still draw."""
        for circuit_id, uneven in self.uneven_a.items():
            limit_a, swing = self.site.circuit[circuit_id].imbalance_a or 0.0, self.swing_a[circuit_id]
            pairs = zip(uneven, PAIRS, strict=True)
            free = [limit_a - u - swing[p - 1] - swing[q - 1] for u, (p, q) in pairs]
            for point_id in self.site.charge_points_behind[circuit_id]:
                remembered = self.points[point_id]
                if remembered.unheard:
                    continue  # in `uneven_a` already
                point, sides = self.site.charge_point[point_id], self.sides[point_id]
                booked = booked_on(point, remembered, self.phases[point_id], granted[point_id])
                for k in sides.loads:
                    free[k] -= booked[PAIRS[k][0] - 1]
                for k in sides.relieves:
                    free[k] += min(granted[point_id], self.firm_a[point_id])
            self.slack[circuit_id] = free

    def rows(self, point: ChargePoint, booked: PhaseVector) -> list[tuple[float, float]]:
        """What is free on each row that a charge point loads, and what it is booked with there."""
        sides = self.sides.get(point.id)
        if sides is None:
            return []
        path = self.site.path[point.circuit]
        return [
            (free[k], booked[PAIRS[k][0] - 1])
            for circuit_id, free in self.slack.items()
            if circuit_id in path
            for k in sides.loads
        ]

    def take(self, point: ChargePoint, more: PhaseVector) -> None:
        """A raise was handed out."""
        sides = self.sides.get(point.id)
        if sides is None:
            return
        for circuit_id in self.site.path[point.circuit]:
            free = self.slack.get(circuit_id)
            for k in sides.loads if free is not None else ():
                self.slack[circuit_id][k] -= more[PAIRS[k][0] - 1]

    def trim(self, targets: dict[str, float], allocated: Iterable[str]) -> None:
        """Take back what rounding set-points down undid: one who stands against others may have lost a part of
        a step that they rest on. Twice, for the one who comes down may stand against a third."""
        members = [i for i in allocated if i in self.sides]
        for circuit_id, uneven in (*self.uneven_a.items(), *self.uneven_a.items()):
            behind = set(self.site.charge_points_behind[circuit_id])
            mine = [i for i in members if i in behind]
            limit_a = self.site.circuit[circuit_id].imbalance_a or 0.0
            for k in range(6):
                loading = [i for i in mine if k in self.sides[i].loads and targets[i] > 0]
                relief = sum(min(targets[i], self.firm_a[i]) for i in mine if k in self.sides[i].relieves)
                while loading:
                    over = uneven[k] - relief + sum(targets[i] for i in loading) - limit_a
                    if over <= _EPS_A:
                        break
                    top = max(loading, key=lambda i: targets[i])
                    least = self.site.charge_point[top].min_a
                    lower = targets[top] - QUANTUM_A
                    targets[top] = lower if lower >= least else 0.0
                    loading = [i for i in loading if targets[i] > 0]


def evenness(
    site: Site,
    memory: Memory,
    room: Room,
    points: Mapping[str, PointMemory],
    phases: Mapping[str, tuple[int, ...]],
    now_s: float,
) -> Evenness | None:
    """What the phases of each circuit with a limit on it are reckoned to lie apart; None where none has one."""
    minding = [c for c in site.circuits if c.imbalance_a is not None]
    if not minding:
        return None
    made = Evenness(site, points, phases, {}, {}, {}, {}, {})
    for c in minding:
        for point_id in site.charge_points_behind[c.id]:
            if point_id not in made.sides:
                remembered, wires = points[point_id], made.conductors(point_id)
                if remembered.unheard:
                    wires = site.charge_point[point_id].conductors
                made.sides[point_id] = sides_of(wires, sure=sure_of(remembered, wires))
                made.firm_a[point_id] = firm_a(remembered, wires, now_s)
    for c in minding:
        own = _of_circuit(site, memory, room, c, now_s)
        extra = [_beyond(site, made, points, phases, c.id, k, now_s) for k in range(6)]
        a, b, d, e, f, g = (o + x for o, x in zip(own, extra, strict=True))
        made.uneven_a[c.id] = (a, b, d, e, f, g)
        swing = (
            max(0.0, w - t) for w, t in zip(room.cautious_base_a[c.id], room.total_base_a[c.id], strict=True)
        )
        s1, s2, s3 = swing
        made.swing_a[c.id] = (s1, s2, s3)
    return made


def _of_circuit(site: Site, memory: Memory, room: Room, circuit: Circuit, now_s: float) -> list[float]:
    """The difference of each pair by other load alone. Readings of different moments make it look too small for a
    moment only, when a car has just changed (see `estimate`); the largest of the last seconds holds through that."""
    if circuit.meter is None:
        own = circuit.base_load_a
        out = [max(0.0, own[p - 1]) - min(0.0, own[q - 1]) for p, q in PAIRS]
        for child in site.children[circuit.id]:
            below = _of_circuit(site, memory, room, site.circuit[child], now_s)
            out = [a + b for a, b in zip(out, below, strict=True)]
        return out
    remembered = room.circuits[circuit.id]
    if not remembered.base:
        return [UNKNOWN_A] * 6
    unsure = dict(remembered.swings or ())
    pairs = [(value, add(value, unsure.get(at_s, ZERO))) for at_s, value in remembered.base]
    worst = [max(least[p - 1] - most[q - 1] for least, most in pairs) for p, q in PAIRS]
    worst = _with_unheard(site, memory, circuit, worst, now_s)
    return worst if memory.meters[circuit.meter].trusted else [max(0.0, w) for w in worst]


def _with_unheard(
    site: Site, memory: Memory, circuit: Circuit, worst: list[float], now_s: float
) -> list[float]:
    """What the meter shows between two phases is there, whoever it is. A charge point on both that is not heard is
    taken out of either by a guess (see `estimate`), and the two guesses need not be alike, as its currents are."""
    both = {
        pair
        for point_id in site.charge_points_behind[circuit.id]
        if (seen := memory.points[point_id]).unheard or now_s - seen.heard_s > UNSURE_S
        for pair in PAIRS
        if set(pair) <= set(site.charge_point[point_id].conductors)
    }
    ladder = memory.meters[circuit.meter or ""]
    if not both or ladder.current_a is None or not ladder.has_value:
        return worst
    told, _, _ = other_load(site, circuit, memory.points, ladder.current_a, ladder.heard_s, now_s)
    return [
        max(w, told[p - 1] - told[q - 1]) if (p, q) in both else w
        for w, (p, q) in zip(worst, PAIRS, strict=True)
    ]


def _beyond(
    site: Site,
    made: Evenness,
    points: Mapping[str, PointMemory],
    phases: Mapping[str, tuple[int, ...]],
    circuit_id: str,
    k: int,
    now_s: float,
) -> float:
    """What charge points put between two phases besides what they are granted: those that are not heard by what
    they may draw, the others by what they draw beyond their orders, and by drawing not quite alike."""
    p, q = PAIRS[k]
    total = 0.0
    for point_id in site.charge_points_behind[circuit_id]:
        remembered = points[point_id]
        if remembered.unheard:
            total += remembered.reserved_a if k in made.sides[point_id].loads else 0.0
            continue
        if not remembered.samples:
            continue
        drawn = (
            newest(remembered.samples) if remembered.disobeys else beyond(remembered, phases[point_id], now_s)
        )
        total += max(0.0, drawn[p - 1] - drawn[q - 1])
        now = newest(remembered.samples)
        if p in phases[point_id] and q in phases[point_id] and k not in made.sides[point_id].loads:
            total += max(0.0, now[p - 1] - now[q - 1])
    return total
