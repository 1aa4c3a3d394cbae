"""Recorded time again, in minutes, with the real loop in the loop.

The quarter-hours of the backtest are means; a real controller meets kettles and clouds. Here each recorded quarter-hour
is broken into minutes that vary by chance and keep its mean; a plant with a meter, a charging station, a car and a
battery that obey late and roughly lives through them, `control.step` decides every four seconds, and the plan is made anew in
each quarter-hour from what the meter has shown. Only what the plant truly did is billed.
"""

from dataclasses import replace
from random import Random

import numpy as np

from kwartier.planning import Solver
from kwartier.planning.horizon import HorizonState, PluggedCar, advice_of, problem_of
from kwartier.simulation.backtest.bill import Run
from kwartier.simulation.backtest.case import STEP_S, Case, FloatArray, Stay, cut
from kwartier.simulation.backtest.outlook import Outlook
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.loads import Load
from kwartier.simulation.plant.local_time import midnight_after
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.solar import Photovoltaics
from kwartier.simulation.plant.station import Socket, Station
from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.plant.visits import Visit, VisitPlan, Visits
from kwartier.simulation.runner import Run as LoopRun
from kwartier.simulation.scenarios import COUNTIS_E27, P1, Scenario
from kwartier.site.advice import Advice
from kwartier.site.batteries import Battery
from kwartier.site.quarters import QuarterSettings
from kwartier.site.setpoints import Wish
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

HORIZON = 96
DECIDE_S = 4
"""A meter that is not looked at for five seconds counts as stale."""
_BATTERY, _CAR = "battery", "car"
_SWINGS = 0.45
"""Standard deviation of the logarithm of a minute's load around its quarter-hour: kettles come and go."""
_CLOUDS = 0.12
_WHOLE_KWH = 80.0


class RecordedLoad(Load):
    """A load that follows minutes, evenly on three phases."""

    def __init__(self, minutes_w: FloatArray, start_s: int) -> None:
        self._course = _Course(minutes_w, start_s)
        self.power_w = [0.0, 0.0, 0.0]

    def tick(self, now_s: float) -> None:
        """Be at `now_s`, UTC."""
        self.power_w[:] = [self._course.at(now_s) / 3.0] * 3


class RecordedSun(Photovoltaics):
    """A roof that follows minutes, evenly on three phases."""

    def __init__(self, minutes_w: FloatArray, start_s: int) -> None:
        self._course = _Course(minutes_w, start_s)
        self.power_w = [0.0, 0.0, 0.0]

    def tick(self, now_s: float, dt_s: float) -> None:
        """Be at `now_s`, UTC."""
        self.power_w[:] = [-self._course.at(now_s) / 3.0] * 3


class _Course:
    def __init__(self, minutes_w: FloatArray, start_s: int) -> None:
        self._minutes_w = minutes_w
        self._start_s = start_s

    def at(self, now_s: float) -> float:
        place = int((now_s - self._start_s) // 60)
        return float(self._minutes_w[min(max(place, 0), len(self._minutes_w) - 1)])


def minutes(quarters_w: FloatArray, spread: float, seed: int) -> FloatArray:
    """Fifteen values for each one, with its mean, never of the other sign. Same seed, same minutes."""
    dice = np.random.default_rng(seed)
    shape = dice.lognormal(0.0, spread, (len(quarters_w), 15))
    shape /= shape.mean(axis=1, keepdims=True)
    return np.asarray((shape * quarters_w[:, None]).ravel(), dtype=np.float64)


def household_site(case: Case) -> Site:
    """One grid connection, a roof, a battery, and a car on one phase of up to 32 A."""
    house = case.house
    return Site(
        name=case.name,
        circuits=(
            Circuit(
                id="grid",
                name="Grid",
                parent=None,
                limit_a=(40.0,) * 3,
                meter="main",
                safe_current_a=8.0,
                quarter=QuarterSettings(follow="plan"),
            ),
        ),
        meters=(
            Meter(id="main", name="Digital meter", role="grid", address="P1"),
            Meter(id="pv", name="Solar panels", role="production", address="Countis E27"),
        ),
        charge_points=(
            ChargePoint(
                id=_CAR,
                name="Car",
                circuit="grid",
                conductors=(1,),
                max_a=32.0,
                fallback_a=6.0,
                mode="smart",
            ),
        ),
        batteries=(
            Battery(
                id=_BATTERY,
                name="Battery",
                circuit="grid",
                capacity_kwh=house.battery_kwh,
                charge_w=house.battery_w,
                discharge_w=house.battery_w,
                min_soc_pct=0.0,
                charge_efficiency=house.charge_efficiency,
                discharge_efficiency=house.discharge_efficiency,
                wear_eur_per_kwh=house.wear_eur_per_kwh,
                may_export=True,
            ),
        ),
    )


class _Loop(LoopRun):
    """The plant moves every second, the loop decides every four: a quarter of the computing."""

    def _up(self) -> bool:
        return super()._up() and int(self.now_s) % DECIDE_S == 0


class _Planner:
    """Makes the plan of each quarter-hour; knows of the plant only what a meter, a battery and a station tell."""

    def __init__(self, case: Case, first: int) -> None:
        self._case = case
        self._outlook = Outlook(case, HORIZON)
        self._solver = Solver()
        self._first = first
        self._began_wh: dict[int, float] = {}
        self.met_kwh: dict[int, float] = {}
        """Per stay, by its first step: what it has got."""

    def stay_at(self, utc_s: float) -> Stay | None:
        """Who is there at a moment."""
        step = int((utc_s - self._case.start_s) // STEP_S)
        return next(
            (stay for stay in self._case.stays if self._first <= stay.first <= step < stay.last), None
        )

    def left_kwh(self, plant: Plant, stay: Stay) -> float:
        """What the car that is there still needs."""
        given_wh = sum(plant.socket[_CAR].energy_wh)
        began_wh = self._began_wh.setdefault(stay.first, given_wh)
        self.met_kwh[stay.first] = (given_wh - began_wh) / 1000.0
        return max(0.0, stay.energy_kwh - self.met_kwh[stay.first])

    def advise(self, plant: Plant, utc_s: float) -> Advice:
        """For `Scenario.advise`."""
        case, house = self._case, self._case.house
        step = min(int((utc_s - case.start_s) // STEP_S), case.steps - 1)
        stay = self.stay_at(utc_s)
        cars: tuple[PluggedCar, ...] = ()
        if stay is not None:
            left = self.left_kwh(plant, stay)
            cars = (
                PluggedCar(
                    id=_CAR,
                    energy_kwh=left,
                    depart_s=case.start_s + stay.last * STEP_S,
                    max_w=house.car_max_w,
                    min_w=house.car_min_w,
                ),
            )
        with_cars, alone = self._outlook.surprises(step)
        state = HorizonState(
            start_s=case.start_s + step * STEP_S,
            slots=self._outlook.slots(step),
            load=self._outlook.load(step),
            pv=self._outlook.pv(step),
            prices=self._outlook.prices(step),
            peak_so_far_w=plant.registers.month_peak_w,
            peak_floor_w=house.peak_floor_w,
            peak_eur_per_kw=house.peak_eur_per_kw_month,
            batteries=(house.battery(_BATTERY, plant.storage[_BATTERY].soc * house.battery_kwh),),
            cars=cars,
            surprises=with_cars,
            surprises_of_house=alone,
        )
        plan = self._solver.plan(problem_of(state), gap=5e-3, time_limit_s=5.0)
        return replace(advice_of(state, plan, version=str(step)), made_s=utc_s)


def replay(case: Case, first: int, *, seed: int = 1) -> tuple[Case, Run]:
    """The steps from `first` to the end of the case, in seconds. What lies before is history for the forecasts.

    Returns the part of the case and what happened in it, in quarter-hours. The car's missing energy is what it had not
    got when it left.
    """
    dice = Random(seed)  # noqa: S311 - a simulation must be repeatable, not secret
    start_s = case.start_s + first * STEP_S
    site, house = household_site(case), case.house
    planner = _Planner(case, first)
    load = RecordedLoad(minutes(case.load_w, _SWINGS, seed), case.start_s)
    sun = RecordedSun(minutes(case.pv_w, _CLOUDS, seed + 1), case.start_s)
    socket = Socket(_CAR, (1,), max_a=32.0, reaction_s=0.7)
    plant = Plant(
        site,
        [Station("home", (socket,))],
        start_s=float(start_s),
        dice=Random(dice.getrandbits(64)),  # noqa: S311
        loads={"grid": [load]},
        photovoltaics={"pv": ("grid", sun)},
        visits=[Visits(socket, _visits(case, start_s), Random(seed), case.zone)],  # noqa: S311
        storages={
            "grid": [
                Storage(
                    _BATTERY,
                    (1, 2, 3),
                    capacity_kwh=house.battery_kwh,
                    charge_w=house.battery_w,
                    discharge_w=house.battery_w,
                    soc=0.5,
                    charge_efficiency=house.charge_efficiency,
                    discharge_efficiency=house.discharge_efficiency,
                )
            ]
        },
    )
    scenario = Scenario(
        name="replay",
        site=site,
        plant=plant,
        start_utc_s=float(start_s),
        seed=seed,
        meter_types={"main": P1, "pv": COUNTIS_E27},
        sockets={_CAR: 1},
        dice=Random(dice.getrandbits(64)),  # noqa: S311
        advise=planner.advise,
    )
    loop = _Loop(scenario, every_second=True)
    return cut(case, first, case.steps), _walk(case, first, loop, planner)


def _visits(case: Case, start_s: int) -> VisitPlan:
    def plan(_dice: Random, midnight_s: float, _weekend: bool) -> list[Visit]:
        found: list[Visit] = []
        for stay in case.stays:
            in_s, out_s = (float(case.start_s + step * STEP_S) for step in (stay.first, stay.last))
            if max(midnight_s, start_s) <= in_s < midnight_after(midnight_s, case.zone):
                found.append((in_s, out_s, _car(stay)))
        return found

    return plan


def _car(stay: Stay) -> Car:
    """One that is full when it has what the recorded one took."""
    efficiency = 0.9
    whole = max(_WHOLE_KWH, 1.2 * stay.energy_kwh)
    return Car(
        battery_kwh=whole,
        soc=1.0 - stay.energy_kwh * efficiency / whole,
        phases=1,
        max_a=32.0,
        taper_from=0.9999,
        efficiency=efficiency,
    )


def _walk(case: Case, first: int, loop: LoopRun, planner: _Planner) -> Run:
    steps = case.steps - first
    grid, car, socs = np.zeros(steps), np.zeros(steps), np.zeros(steps)
    plant = loop.plant
    registers, socket, cells = plant.registers, plant.socket[_CAR], plant.storage[_BATTERY]
    discharged_wh = 0.0
    before = (sum(registers.import_wh), sum(registers.export_wh), sum(socket.energy_wh))
    for place in range(steps):
        stay = planner.stay_at(case.start_s + (first + place) * STEP_S)
        for _ in range(STEP_S):
            if stay is not None and stay.first >= first:
                departs_s = float(case.start_s + stay.last * STEP_S)
                loop.wishes[_CAR] = Wish(charge_point_id=_CAR, departs_s=departs_s, needs_kwh=stay.energy_kwh)
            loop.advance()
            if cells.total_w < 0.0:
                discharged_wh -= cells.total_w / 3600.0 / cells.efficiency[1]
        after = (sum(registers.import_wh), sum(registers.export_wh), sum(socket.energy_wh))
        grid[place] = 4.0 * ((after[0] - before[0]) - (after[1] - before[1]))
        car[place] = 4.0 * (after[2] - before[2])
        socs[place] = cells.soc * case.house.battery_kwh
        before = after
        if stay is not None:
            planner.left_kwh(plant, stay)
    whole = [stay for stay in case.stays if stay.first >= first]
    missing = [max(0.0, stay.energy_kwh - planner.met_kwh.get(stay.first, 0.0)) for stay in whole]
    return Run(
        name="one minute",
        grid_w=grid,
        car_w=car,
        soc_kwh=socs,
        discharged_kwh=discharged_wh / 1000.0,
        missing_kwh=sum(missing),
        stays_short=sum(short > 0.05 * stay.energy_kwh for short, stay in zip(missing, whole, strict=True)),
    )
