"""The court of judges before a bench on which the test plays the controller."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from kwartier.safety.fire import FireInput
from kwartier.simulation.bench import BENCH_START_S, Bench, bench
from kwartier.simulation.faults import Fault, FaultKind, Schedule
from kwartier.simulation.judge.court import Court
from kwartier.simulation.judge.sight import Told
from kwartier.simulation.scenarios import Scenario
from kwartier.simulation.trouble.cars import OddCar
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Circuit, Site


class Hearing:
    """The bench before the court: the test plays the controller."""

    def __init__(
        self,
        *,
        faults: Iterable[Fault] = (),
        kind: str = "p1",
        fire: bool = False,
        circuit: dict[str, Any] | None = None,
        priority: dict[str, int] | None = None,
    ) -> None:
        self.bench: Bench = bench()
        plant = self.bench.plant
        grid: Circuit = replace(plant.site.root, safe_current_a=10.0, **(circuit or {}))
        ranks = priority or {}
        points = tuple(replace(p, priority=ranks.get(p.id, 0)) for p in plant.site.charge_points)
        site: Site = replace(plant.site, circuits=(grid,), charge_points=points)
        plant.site = site
        scenario = Scenario(
            name="bench",
            site=site,
            plant=plant,
            start_utc_s=BENCH_START_S,
            seed=1,
            meter_types={"main": kind},
            sockets={"left": 1, "right": 2},
            dice=Random(1),
            fire=FireInput(id="fire", name="F", circuits=("grid",), charge_points=("left", "right"))
            if fire
            else None,
        )
        self.schedule = Schedule(faults)
        self.court = Court(scenario, self.schedule)
        self.told = Told()
        self.run_s = 0.0
        for socket in (self.bench.left, self.bench.right):
            socket.max_a = socket.safe_a = 80.0

    def park(self, amps: float, *, where: str = "left", ignores: bool = False) -> OddCar:
        car = OddCar(battery_kwh=900.0, soc=0.1, phases=1, max_a=amps, reaction_s=0.0, ramp_a_per_s=99.0)
        car.ignores_limit = ignores
        self.bench.plant.socket[where].connect(car)
        return car

    def offer(self, amps: float, where: str = "left") -> None:
        self.bench.plant.socket[where].write_setpoint(amps, self.bench.plant.now_s)
        self.told.writes.append((where, amps))

    def run(self, seconds: int) -> "Hearing":
        for _ in range(seconds):
            self.bench.run(1)
            self.run_s += 1.0
            self.schedule.at(self.run_s)
            flows = self.bench.plant.current_a("grid")
            if "meter" not in {f.kind.split("_")[0] for f in self.schedule.active}:
                self.told.readings["main"] = MeterReading(meter_id="main", at_s=self.run_s, current_a=flows)
            self.court.look(self.run_s, 1.0, self.told)
            self.told.writes = []
        return self

    @property
    def rules(self) -> set[str]:
        return {f.rule for f in self.court.findings}


def fault(kind: FaultKind, start_s: float, end_s: float, target: str = "main", amount: float = 0.0) -> Fault:
    return Fault(kind=kind, target=target, start_s=start_s, end_s=end_s, amount=amount)
