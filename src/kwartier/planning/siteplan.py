"""From a site's situation to its plan: forecasts, the problem, the solver, and what doing nothing would cost.

Pure: runs in the planner's process at the edge, in a worker of the cloud, in a simulation. A car that charges by its
mode (fast, off, sun) is reckoned with as load; a slot fixed by hand is load too, and the plan works round it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.laying import LoadHistory
from kwartier.planning.forecast.load import LoadModel, fit_load
from kwartier.planning.planner import Solver
from kwartier.planning.reasons import Why
from kwartier.planning.siteproblem import (
    DAY_STEPS,
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
from kwartier.planning.situation import STEP_S, Answer, Course, Past, Scored, Scores, Situation, Told
from kwartier.site.plans import Peak, Plan, Problem, Series
from kwartier.site.reasons import Reason

SUN_DAYS = 10
SUN_EDGES = (0.04, 0.96)
"""Of ten days; a new day lies outside of those seen more often than the tenths say."""
LEAST_BAND_W = 50.0
FEW_STEPS = 2
REFIT_S = 86400


@dataclass
class Planner:
    """Plans one situation after another; keeps the solver's basis, the night's fit of the house and its surprises."""

    solver: Solver
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
        house, sun = self.house(situation), sun_course(situation)
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
        """The load of the house; the fit is kept for a day."""
        zone = ZoneInfo(situation.zone)
        history = LoadHistory(situation.house_start_s, STEP_S, array(situation.house_w))
        known = (situation.house_start_s, int(situation.now_s // REFIT_S))
        if self._model is None or self._fitted != known:
            self._model, self._fitted = fit_load(history, now_s=situation.start_s, zone=zone), known
        band = self._model.predict(
            history,
            now_s=situation.start_s,
            steps=situation.steps,
            zone=zone,
            yearly_kwh=situation.yearly_kwh,
        )
        return Course(low=series(band.low), mid=series(band.mid), high=series(band.high), basis=band.basis)


def sun_course(situation: Situation) -> Course:
    """The sun as on the days before, per quarter-hour of the day; the band holds eight of ten of them."""
    steps, seen = situation.steps, array(situation.sun_w)
    nothing = (0.0,) * steps
    if not len(seen) or not np.isfinite(seen).any():
        return Course(low=nothing, mid=nothing, high=nothing, basis="none")
    ahead = np.arange(steps)
    back = np.arange(1, SUN_DAYS + 1)[:, None] * DAY_STEPS - ahead[None, :] % DAY_STEPS
    back = np.where(back <= 0, back + DAY_STEPS, back)
    place = len(seen) - back
    rows = np.where(place >= 0, seen[np.clip(place, 0, None)], np.nan)
    rows = rows[np.isfinite(rows).any(axis=1)]
    if not len(rows):
        return Course(low=nothing, mid=nothing, high=nothing, basis="none")
    filled = np.where(np.isfinite(rows), rows, np.nanmean(rows, axis=0)[None, :])
    filled = np.nan_to_num(filled)
    low, high = np.quantile(filled, SUN_EDGES, axis=0)
    mid = np.clip(filled.mean(axis=0), low, high)
    return Course(low=series(low), mid=series(mid), high=series(high), basis="persistence")


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


def scores(past: Past) -> Scores:
    """Forecast each of the last days anew from what was known at its midnight, and hold it against what came."""
    zone = ZoneInfo(past.zone)
    found = []
    for name, values in (("house", past.house_w), ("sun", past.sun_w)):
        seen = array(values)
        if not len(seen) or not np.isfinite(seen).any():
            continue
        found.append(_scored(name, seen, past, zone))
    return Scores(scores=tuple(s for s in found if s is not None))


def _scored(name: str, seen: FloatArray, past: Past, zone: ZoneInfo) -> Scored | None:
    whole = len(seen) // DAY_STEPS
    days = min(past.days, whole - 1)
    if days < 1:
        return None
    begin = len(seen) - days * DAY_STEPS
    rows: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for day in range(days):
        cut = begin + day * DAY_STEPS
        at_s = past.house_start_s + cut * STEP_S
        if name == "house":
            history = LoadHistory(past.house_start_s, STEP_S, seen[:cut])
            model = fit_load(history, now_s=at_s, zone=zone)
            band = model.predict(history, now_s=at_s, steps=DAY_STEPS, zone=zone)
            rows.append((band.low, band.mid, band.high))
            continue
        course = sun_course(_only_sun(seen[:cut], at_s))
        rows.append((np.array(course.low), np.array(course.mid), np.array(course.high)))
    low, mid, high = (np.concatenate([row[i] for row in rows]) for i in range(3))
    truth = seen[begin:]
    steps = np.arange(begin, len(seen))
    yesterday = seen[steps - DAY_STEPS]
    week = np.where(steps >= 7 * DAY_STEPS, seen[np.maximum(0, steps - 7 * DAY_STEPS)], np.nan)
    inside = np.isfinite(truth)
    if name == "sun":
        inside &= (high > LEAST_BAND_W) | (truth > LEAST_BAND_W)
    errors = {"edge": _mae(truth, mid), "yesterday": _mae(truth, yesterday), "last_week": _mae(truth, week)}
    best = min(errors, key=lambda k: float("inf") if errors[k] is None else float(errors[k] or 0.0))
    good = np.isfinite(truth)
    rmse = float(np.sqrt(np.mean((truth[good] - mid[good]) ** 2))) if good.any() else None
    covered = (
        float(np.mean((truth >= low - 1.0) & (truth <= high + 1.0), where=inside)) if inside.any() else None
    )
    return Scored(
        name=name,
        days=days,
        mae_w=errors["edge"],
        rmse_w=None if rmse is None else round(rmse, 1),
        covered_pct=None if covered is None else round(100 * covered, 1),
        yesterday_mae_w=errors["yesterday"],
        last_week_mae_w=errors["last_week"],
        start_s=past.house_start_s + begin * STEP_S,
        low_w=series(low),
        mid_w=series(mid),
        high_w=series(high),
        measured_w=tuple(None if not np.isfinite(v) else round(float(v), 1) for v in truth),
        best=best,
    )


def _only_sun(seen: FloatArray, at_s: int) -> Situation:
    flat = (0.0,) * DAY_STEPS
    return Situation(
        now_s=at_s, start_s=at_s, zone="UTC", house_start_s=0, house_w=(), sun_w=tuple(float(v) for v in seen),
        import_price=flat, export_price=flat, peak=Peak(),
    )  # fmt: skip


def _mae(truth: FloatArray, guess: FloatArray) -> float | None:
    both = np.isfinite(truth) & np.isfinite(guess)
    return round(float(np.mean(np.abs(truth[both] - guess[both]))), 1) if both.any() else None
