"""From a site's situation to its plan: forecasts, the problem, the solver, and what doing nothing would cost.

Pure: runs in the planner's process at the edge, in a worker of the cloud, in a simulation. A car that charges by its
mode (fast, off, sun) is reckoned with as load; a slot fixed by hand is load too, and the plan works round it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.forecast.band import Band
from kwartier.planning.forecast.laying import LoadHistory
from kwartier.planning.forecast.load import LoadModel, fit_load
from kwartier.planning.forecast.ml import BoostedModel
from kwartier.planning.planner import Solver
from kwartier.planning.reasons import Why
from kwartier.planning.sitecourses import (
    NAIVE_DAYS,
    as_before,
    by_temperature,
    course,
    expected_sun,
    heard_of,
)
from kwartier.planning.siteproblem import (
    HOURS,
    Night,
    array,
    fixed_of,
    fixed_w,
    later_kwh,
    night_of,
    problem_of,
    series,
)
from kwartier.planning.situation import STEP_S, Answer, Course, Situation, Told
from kwartier.site.plans import Plan, Problem, Series
from kwartier.site.reasons import Reason

REFIT_S = 86400


@dataclass
class Planner:
    """Plans one situation after another; keeps the solver's basis, the night's fit of the house and its surprises."""

    solver: Solver
    boosted: BoostedModel | None = None
    """What the last night has trained; None: nothing, or the extra is not installed."""
    _model: LoadModel | None = None
    _fitted: tuple[int, int] = (0, 0)
    _night: Night | None = None
    _learnt: tuple[object, ...] = ()

    @classmethod
    def new(cls) -> "Planner":
        """With nothing kept."""
        return cls(Solver())

    def plan(self, situation: Situation) -> Answer:
        """The plan of a situation. Always one: what cannot be kept is named in it."""
        house, sun = self.house(situation), expected_sun(situation)
        problem = problem_of(situation, house, sun, self.night(situation))
        made = self.solver.plan(problem, time_limit_s=situation.time_limit_s)
        return _answer(situation, problem, made, house, sun)

    def night(self, situation: Situation) -> Night | None:
        """What a low battery risks; kept for a day."""
        known = (
            situation.house_start_s,
            datetime.fromtimestamp(situation.start_s, ZoneInfo(situation.zone)).toordinal(),
            situation.stays,
            situation.peak.eur_per_kw > 0.0,
            *((b.id, b.capacity_kwh, b.min_soc_kwh, b.charge_w, b.discharge_w) for b in situation.batteries),
        )
        if self._learnt != known:
            self._night, self._learnt = night_of(situation), known
        return self._night

    def house(self, situation: Situation) -> Course:
        """The load of the house, by the forecast that did best lately; the fit is kept for a day."""
        zone = ZoneInfo(situation.zone)
        history = LoadHistory(situation.house_start_s, STEP_S, array(situation.house_w))
        band = self._stronger(situation, history, zone)
        if band is not None:
            return course(band)
        known = (situation.house_start_s, int(situation.now_s // REFIT_S))
        if self._model is None or self._fitted != known:
            self._model, self._fitted = fit_load(history, now_s=situation.start_s, zone=zone), known
        return course(
            self._model.predict(
                history,
                now_s=situation.start_s,
                steps=situation.steps,
                zone=zone,
                yearly_kwh=situation.yearly_kwh,
            )
        )

    def _stronger(self, situation: Situation, history: LoadHistory, zone: ZoneInfo) -> Band | None:
        """Another forecast of the house where the scores say so; None: the edge model's, also where the other cannot be made."""
        used, now_s, steps = situation.used.get("house"), situation.start_s, situation.steps
        if used == "boosted" and self.boosted is not None and self.boosted.fits(history, now_s):
            return self.boosted.predict(history, now_s=now_s, steps=steps, zone=zone)
        if used == "temperature":
            return by_temperature(
                history, heard_of(situation.sky, now_s + steps * STEP_S), now_s, steps, zone
            )
        if used in NAIVE_DAYS:
            return as_before(history.power_w, now_s, steps, used)
        return None


def _answer(situation: Situation, problem: Problem, made: Plan, house: Course, sun: Course) -> Answer:
    steps = situation.steps
    cars_w: dict[str, Series] = {}
    missing: dict[str, float] = {}
    drawn = fixed_of(situation, house, sun)
    for car in situation.cars:
        power = drawn[car.id]
        planned = made.devices.get(car.id)
        if planned is not None:
            power = power + np.array(planned.power_w)
        cars_w[car.id] = series(power)
        delivered = float(power[: min(car.due_step, steps)].sum()) * HOURS / 1000.0
        later = later_kwh(car, steps)
        missing[car.id] = (
            round(max(0.0, car.needs_kwh - delivered - later), 3) if car.mode == "smart" else 0.0
        )
    gap = None
    if isfinite(made.bound_eur):
        gap = max(0.0, made.objective_eur - made.bound_eur)
    return Answer(
        status=made.status,
        gap_eur=None if gap is None else round(gap, 4),
        solve_s=round(made.solve_seconds, 4),
        house=house,
        sun=sun,
        grid_w=series(np.array(made.grid_w)),
        cars_w=cars_w,
        batteries_w={b.id: series(np.array(made.devices[b.id].power_w)) for b in problem.batteries},
        batteries_kwh={
            b.id: tuple(round(v, 3) for v in made.devices[b.id].soc_kwh) for b in problem.batteries
        },
        marginal_eur_per_kwh=tuple(round(v, 5) for v in made.marginal_eur_per_kwh),
        cost_eur={name: round(value, 4) for name, value in made.cost_eur.items()},
        peak_w=round(made.peak_w, 1),
        at_once_eur=round(_at_once(situation, problem, house, sun), 4),
        missing_kwh=missing,
        whys=_whys(problem, made, ZoneInfo(situation.zone)),
        values_eur_per_kwh={
            i: tuple(round(v, 5) for v in device.value_eur_per_kwh)
            for i, device in made.devices.items()
            if device.value_eur_per_kwh
        },
        violations=tuple(
            Told(what=v.what, id=v.id, step=v.step, amount=round(v.amount, 4), unit=v.unit)
            for v in made.violations
        ),
    )


def _whys(problem: Problem, made: Plan, zone: ZoneInfo) -> dict[str, tuple[Reason | None, ...]]:
    """In words of the site's clock."""
    start = datetime.fromtimestamp(problem.start_s, zone).date()

    def clock(at_s: float) -> str:
        at = datetime.fromtimestamp(at_s, zone)
        return f"{at:%H:%M}" if at.date() == start else f"{at:%d/%m %H:%M}"

    # What a limit or a peak makes a kWh worth in a full step is no price that a person would recognise.
    top = max(problem.import_price)
    told = replace(made, marginal_eur_per_kwh=tuple(min(m, top) for m in made.marginal_eur_per_kwh))
    why = Why(problem, told, clock)
    ids = [t.id for t in problem.cars] + [t.id for t in problem.batteries] + [t.id for t in problem.runs]
    return {i: tuple(why.of(i, step) for step in range(len(made.grid_w))) for i in ids}


def _at_once(situation: Situation, problem: Problem, house: Course, sun: Course) -> float:
    """Energy and peak of the same time with each car at full power from now on; batteries serve self-consumption."""
    steps = situation.steps
    net = np.array(house.mid) - np.array(sun.mid)
    free, surplus = np.full(steps, np.inf), np.maximum(0.0, -net)
    for car in situation.cars:
        net = net + fixed_w(
            replace(car, mode="fast" if car.mode == "smart" else car.mode, fixed=()), free, surplus
        )
    for battery in situation.batteries:
        stored = battery.soc_kwh
        for step in range(steps):
            if net[step] < 0:
                room_w = (battery.capacity_kwh - stored) / battery.charge_efficiency / HOURS * 1000.0
                power = max(0.0, min(-net[step], battery.charge_w, room_w))
                stored += power * HOURS / 1000.0 * battery.charge_efficiency
            else:
                there_w = (stored - battery.min_soc_kwh) * battery.discharge_efficiency / HOURS * 1000.0
                power = -max(0.0, min(net[step], battery.discharge_w, there_w))
                stored += power * HOURS / 1000.0 / battery.discharge_efficiency
            net[step] += power
    taken, given = np.maximum(net, 0.0), np.maximum(-net, 0.0)
    energy = (
        float((taken * np.array(problem.import_price) - given * np.array(problem.export_price)).sum())
        * HOURS
        / 1000.0
    )
    peak = situation.peak
    above = max(0.0, float(taken.max(initial=0.0)) - max(peak.so_far_w, peak.floor_w)) / 1000.0
    return energy + peak.eur_per_kw * above
