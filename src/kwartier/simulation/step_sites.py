"""The two demonstration sites with loads that switch but do not wander, at any day of the year, so that years of them
can be run: time may leap over what does not change."""

from collections.abc import Sequence
from functools import partial
from random import Random

from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.loads import building_day, household_day
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Socket, Station
from kwartier.simulation.plant.visits import Visit, VisitPlan, Visits
from kwartier.simulation.random_site import fire_input, start_of
from kwartier.simulation.scenarios import (
    BRUSSELS,
    COUNTIS_E27,
    P1,
    Scenario,
    carpark_site,
    commuter,
    household_site,
    one_phase_car,
    three_phase_car,
    workplace,
)
from kwartier.simulation.steps import CLOUDS, Appliance, PlannedSteps, StepLoad
from kwartier.simulation.trouble.cars import OddCar

PV_A = 20.0


def household_steps(*, seed: int = 1) -> Scenario:
    """The house of `household`, its sun in steps of passing clouds."""
    dice = _dice(f"household {seed}")
    site = household_site()
    start_s = start_of(dice)
    left = Socket("left", (1,), reaction_s=dice.uniform(0.3, 1.0))
    right = Socket("right", (2, 3, 1), max_a=16.0, reaction_s=dice.uniform(0.3, 1.0))
    home = PlannedSteps(household_day, _dice(dice.random()), BRUSSELS, floor_w=(140.0, 60.0, 90.0))
    panels = Appliance(
        phases=(3,), amps=-PV_A, least=0.1, on_s=CLOUDS[0], off_s=60.0, from_h=9.0, until_h=17.0
    )
    sun = StepLoad((panels,), _dice(dice.random()), BRUSSELS, floor_a=(0.0, 0.0, 0.0))
    plant = Plant(
        site,
        [Station("home", (left, right))],
        start_s=start_s,
        dice=_dice(dice.random()),
        loads={"grid": [home, sun]},
        visits=[
            Visits(left, _odd(commuter(16.1, 0.3, one_phase_car)), _dice(dice.random()), BRUSSELS),
            Visits(right, _odd(commuter(16.6, 0.07, three_phase_car)), _dice(dice.random()), BRUSSELS),
        ],
        voltage_noise_v=0.0,
    )
    return Scenario(
        name="household-steps",
        site=site,
        plant=plant,
        start_utc_s=start_s,
        seed=seed,
        meter_types={"main": P1},
        sockets={"left": 1, "right": 2},
        dice=_dice(dice.random()),
        fire=fire_input(site),
        changes=(home, sun),
    )


def carpark_steps(*, seed: int = 1) -> Scenario:
    """The car park of `carpark`."""
    dice = _dice(f"carpark {seed}")
    site = carpark_site()
    start_s = start_of(dice)
    sockets = [
        Socket(p.id, p.conductors, reaction_s=dice.uniform(0.4, 1.4), safe_a=p.fallback_a)
        for p in site.charge_points
    ]
    pairs = zip(sockets[::2], sockets[1::2], strict=True)
    office = PlannedSteps(building_day, _dice(dice.random()), BRUSSELS, floor_w=(2600.0, 2300.0, 2450.0))
    plant = Plant(
        site,
        [Station(f"s{i:02d}", pair) for i, pair in enumerate(pairs, start=1)],
        start_s=start_s,
        dice=_dice(dice.random()),
        loads={"grid": [office]},
        visits=[Visits(s, _odd(workplace), _dice(dice.random()), BRUSSELS) for s in sockets],
        voltage_noise_v=0.0,
    )
    return Scenario(
        name="carpark-steps",
        site=site,
        plant=plant,
        start_utc_s=start_s,
        seed=seed,
        meter_types={"main": COUNTIS_E27},
        sockets={s.id: 1 + i % 2 for i, s in enumerate(sockets)},
        dice=_dice(dice.random()),
        fire=fire_input(site),
        changes=(office,),
    )


def _dice(seed: float | str) -> Random:
    return Random(seed)  # noqa: S311 - a simulation must be repeatable, not secret


def _odd(plan: VisitPlan) -> VisitPlan:
    """The same traffic with cars that can be made to misbehave."""
    return partial(_odd_visits, plan)


def _odd_visits(plan: VisitPlan, dice: Random, midnight_s: float, weekend: bool) -> Sequence[Visit]:
    return [(round(a), round(b), _odd_car(car)) for a, b, car in plan(dice, midnight_s, weekend)]


def _odd_car(car: Car) -> OddCar:
    return OddCar(
        battery_kwh=car.battery_kwh,
        soc=car.soc,
        phases=car.phases,
        max_a=car.max_a,
        reaction_s=car.reaction_s,
        ramp_a_per_s=car.ramp_a_per_s,
        whole_amps=car.whole_amps,
        start_min_a=car.start_min_a,
        efficiency=car.efficiency,
    )
