"""A car that can be made to misbehave for a while, and whose taper goes in steps of an ampere.

`car_lag`        it follows the pilot after `amount` seconds (IEC 61851-1 allows 5)
`car_rounds_up`  it takes the next whole ampere above what is offered
`car_ignores`    it draws its own maximum whatever is offered
`car_one_phase`  it goes on with one conductor
`car_over`       it draws `amount` (a share) more than it is offered
`car_start_14`   it does not begin below 14 A
`car_leaves`     somebody pulls the cable
`car_sleeps`     it draws nothing, and says so by opening its switch
"""

from dataclasses import dataclass
from math import ceil

from kwartier.simulation.faults import Fault
from kwartier.simulation.plant.car import MIN_CURRENT_A, Car
from kwartier.simulation.plant.plant import Plant


@dataclass(slots=True, kw_only=True)
class OddCar(Car):
    """As `Car`, with troubles; its current is constant but at moments that can be foreseen."""

    over: float = 0.0
    rounds_up: bool = False
    asleep: bool = False
    stubborn: bool = False
    """It has ignored its limit during this stay: nothing is promised to it any more."""

    @property
    def phases_used(self) -> int:
        """Conductors it draws from now."""
        return 1 if self.single_phase_fallback else self.phases

    def wants_current(self, offered_a: float, now_s: float) -> bool:
        """As `Car`; not while it sleeps."""
        wants = Car.wants_current(self, offered_a, now_s)
        return wants and not self.asleep

    def draw(self, closed: bool, dt_s: float) -> float:
        """Current per conductor, A."""
        if not closed:
            self.current_a = 0.0
            return 0.0
        target_a = self.target_a()
        if target_a <= self.current_a:
            self.current_a = target_a
        else:
            self.current_a = min(target_a, self.current_a + self.ramp_a_per_s * dt_s)
        return self.current_a

    def target_a(self) -> float:
        """What it is on its way to."""
        if self.ignores_limit:
            return self.max_a
        target_a = min(self._seen_a, self.max_a, self.most_a())
        if self.whole_amps:
            target_a = float(int(target_a))
        if self.rounds_up:
            target_a = min(self.max_a, float(ceil(target_a)))
        return target_a * (1.0 + self.over)

    def most_a(self) -> float:
        """What its battery takes now: near full it goes down ampere by ampere."""
        if self.soc <= self.taper_from:
            return self.max_a
        room = (1.0 - self.soc) / (1.0 - self.taper_from)
        return max(MIN_CURRENT_A, float(ceil(self.max_a * room)))

    def settled(self, offered_a: float) -> bool:
        """Whether it follows the pilot already and has reached what it is on its way to."""
        if self._due_s is not None or self._seen_a != offered_a:
            return False
        return self.current_a in {0.0, self.target_a()}

    def steady_kwh(self) -> float:
        """How much may go into the battery before it takes another current."""
        if self.soc < self.taper_from:
            next_soc = self.taper_from
        else:
            next_a = self.most_a() - 1.0
            next_soc = 1.0 - (1.0 - self.taper_from) * next_a / self.max_a
            if next_a < MIN_CURRENT_A:
                next_soc = 1.0
        return max(0.0, (next_soc - self.soc) * self.battery_kwh / self.efficiency)


class CarTrouble:
    """Applies faults to the cars that stand at sockets. A car that came later is as it is."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._before: dict[Fault, tuple[OddCar, float]] = {}

    def begin(self, fault: Fault) -> None:
        """A fault begins."""
        socket = self._plant.socket[fault.target]
        car = socket.car
        if fault.kind == "car_leaves":
            socket.disconnect()
        if not isinstance(car, OddCar):
            return
        before = 0.0
        match fault.kind:
            case "car_lag":
                before, car.reaction_s = car.reaction_s, fault.amount
            case "car_rounds_up":
                car.rounds_up = True
            case "car_ignores":
                car.ignores_limit = car.stubborn = True
            case "car_one_phase":
                car.single_phase_fallback = True
            case "car_over":
                car.over = fault.amount
            case "car_start_14":
                before, car.start_min_a = car.start_min_a, min(fault.amount, car.max_a)
            case "car_sleeps":
                car.asleep = True
            case _:
                return
        self._before[fault] = (car, before)

    def end(self, fault: Fault) -> None:
        """A fault ends."""
        if fault not in self._before:
            return
        car, before = self._before.pop(fault)
        for other, (its_car, _) in self._before.items():
            if other.kind == fault.kind and its_car is car:
                # It goes on; what was before both is left to the one that ends last.
                if other.start_s >= fault.start_s:
                    self._before[other] = (car, before)
                return
        match fault.kind:
            case "car_lag":
                car.reaction_s = before
            case "car_rounds_up":
                car.rounds_up = False
            case "car_ignores":
                car.ignores_limit = False
            case "car_one_phase":
                car.single_phase_fallback = False
            case "car_over":
                car.over = 0.0
            case "car_start_14":
                car.start_min_a = before
            case _:
                car.asleep = False
