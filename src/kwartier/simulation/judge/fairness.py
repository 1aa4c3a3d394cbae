"""Equal cars at the same place get the same over time.

Two charge points on the same circuit, wired alike, of the same size, weight and priority. Counted are seconds in which
both cars take all that they are offered (or wait), nothing on their way is in trouble, and neither slept. After `LEAST_S`
of such time the ampere-hours per conductor of the two must not lie further apart than `SHARE` of the larger and `TURNS_AH`
(two turns).
"""

from dataclasses import dataclass
from itertools import combinations

from kwartier.simulation.judge.ground import Finding, Ground, eager
from kwartier.site.topology import ChargePoint

LEAST_S = 7200.0
SHARE = 0.2
TURNS_AH = 16.0
TAKES_A = 0.99
"""A car that goes in whole amperes takes less by up to so much; one that is at its own most is offered an ampere more."""
EVERY_S = 10.0
MOST_PAIRS = 60


@dataclass(slots=True)
class _Pair:
    one: ChargePoint
    two: ChargePoint
    cars: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    one_ah: float = 0.0
    two_ah: float = 0.0
    blamed: bool = False


class Fairness:
    """Looks every ten seconds."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        alike: dict[tuple[object, ...], list[ChargePoint]] = {}
        for p in ground.site.charge_points:
            if p.mode != "fast":
                continue  # what a plan gives to two is not meant to be alike
            key = (p.circuit, tuple(sorted(p.conductors)), p.conductors[0], p.max_a, p.weight, p.priority)
            alike.setdefault(key, []).append(p)
        pairs = [_Pair(a, b) for group in alike.values() for a, b in combinations(group, 2)]
        self._pairs = pairs[:MOST_PAIRS]
        self._pending_s = 0.0
        self.findings: list[Finding] = []
        self.pairs = 0
        """Pairs that were compared for long enough."""
        self.worst_ah = 0.0

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        self._pending_s += dt_s
        if self._pending_s < EVERY_S:
            return
        dt_s, self._pending_s = self._pending_s, 0.0
        ground = self._ground
        if not self._pairs or ground.schedule.active or not ground.told.up:
            return
        hungry = {p.id: car for p in ground.site.charge_points if (car := self._hungry(p)) is not None}
        for pair in self._pairs:
            one, two = hungry.get(pair.one.id), hungry.get(pair.two.id)
            if one is None or two is None or self._conductors(pair.one) != self._conductors(pair.two):
                continue  # a car on one phase has not the neighbours of a car on three
            if pair.cars != (one, two):
                pair.cars, pair.seconds, pair.one_ah, pair.two_ah, pair.blamed = (
                    (one, two),
                    0.0,
                    0.0,
                    0.0,
                    False,
                )
            self._count(pair, dt_s)

    def _conductors(self, point: ChargePoint) -> int:
        car = self._ground.plant.socket[point.id].car
        return 0 if car is None else car.phases

    def _hungry(self, point: ChargePoint) -> int | None:
        """Its car, by identity, when it takes all that it is offered or waits."""
        socket = self._ground.plant.socket[point.id]
        car = socket.car
        if car is None or not eager(car) or not self._ground.reachable(point.id):
            return None
        waits = socket.offered_a == 0.0 == socket.current_a[0]
        takes = socket.closed and abs(socket.current_a[0] - socket.offered_a) <= TAKES_A
        return id(car) if waits or takes else None

    def _count(self, pair: _Pair, dt_s: float) -> None:
        plant = self._ground.plant
        pair.seconds += dt_s
        pair.one_ah += plant.socket[pair.one.id].current_a[0] * dt_s / 3600.0
        pair.two_ah += plant.socket[pair.two.id].current_a[0] * dt_s / 3600.0
        if pair.seconds < LEAST_S:
            return
        if pair.seconds - dt_s < LEAST_S:
            self.pairs += 1
        apart_ah = abs(pair.one_ah - pair.two_ah)
        self.worst_ah = max(self.worst_ah, apart_ah)
        if apart_ah > TURNS_AH + SHARE * max(pair.one_ah, pair.two_ah) and not pair.blamed:
            pair.blamed = True
            what = (
                f"{pair.one.id!r} got {pair.one_ah:.1f} Ah and {pair.two.id!r} {pair.two_ah:.1f} Ah "
                f"in {pair.seconds / 3600:.1f} h in which both took all they were given"
            )
            self.findings.append(Finding(rule="fairness", at_s=self._ground.run_s, what=what))
