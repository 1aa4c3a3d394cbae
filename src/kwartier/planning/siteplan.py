"""From a site's situation to its plan: forecasts, the problem, the solver, and what doing nothing would cost.

Pure: runs in the planner's process at the edge, in a worker of the cloud, in a simulation. A car that charges by its
mode (fast, off, sun) is reckoned with as load; a slot fixed by hand is load too, and the plan works round it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil, isfinite
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.laying import LoadHistory
from kwartier.planning.forecast.load import LoadModel, fit_load
from kwartier.planning.planner import Solver
from kwartier.planning.reasons import Why
from kwartier.planning.situation import STEP_S, Answer, CarWish, Course, Past, Scored, Scores, Situation, Told
from kwartier.site.plans import CarTask, Peak, Plan, Problem, RunTask, Series
from kwartier.site.reasons import Reason

HOURS = STEP_S / 3600.0
DAY_STEPS = 96
SHORTFALL_EUR_PER_KWH = 50.0
SMOOTH_EUR_PER_KW = 0.002
"""Enough against saw-teeth, far less than any difference of prices that matters."""
LATE_MARGIN = 1.15
"""A car that is to charge late begins so much earlier than it would just make it."""
RESERVE_HOURS = 4
RESERVE_EUR_PER_KWH = 0.02
SUN_DAYS = 10
SUN_EDGES = (0.04, 0.96)
"""Of ten days; a new day lies outside of those seen more often than the tenths say."""
LEAST_BAND_W = 50.0
FEW_STEPS = 2
REFIT_S = 86400


@dataclass
class Planner:
    """Plans one situation after another; keeps the solver's basis and the night's fit of the house."""

    solver: Solver
    _model: LoadModel | None = None
    _fitted: tuple[int, int] = (0, 0)

    @classmethod
    def new(cls) -> "Planner":
        """With nothing kept."""
        return cls(Solver())

    def plan(self, situation: Situation) -> Answer:
        """The plan of a situation. Always one: what cannot be kept is named in it."""
        house, sun = self.house(situation), sun_course(situation)
        problem = problem_of(situation, house, sun)
        made = self.solver.plan(problem, time_limit_s=situation.time_limit_s)
        return _answer(situation, problem, made, house, sun)

    def house(self, situation: Situation) -> Course:
        """The load of the house; the fit is kept for a day."""
        zone = ZoneInfo(situation.zone)
        history = LoadHistory(situation.house_start_s, STEP_S, _array(situation.house_w))
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
        return Course(low=_series(band.low), mid=_series(band.mid), high=_series(band.high), basis=band.basis)


def sun_course(situation: Situation) -> Course:
    """The sun as on the days before, per quarter-hour of the day; the band holds eight of ten of them."""
    steps, seen = situation.steps, _array(situation.sun_w)
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
    return Course(low=_series(low), mid=_series(mid), high=_series(high), basis="persistence")


def problem_of(situation: Situation, house: Course, sun: Course) -> Problem:
    """The problem of the planner, with everything that is fixed as load."""
    steps = situation.steps
    load = np.array(house.mid)
    for drawn in fixed_of(situation, house, sun).values():
        load = load + drawn
    cars: list[CarTask] = []
    runs: list[RunTask] = []
    for car in situation.cars:
        if car.mode != "smart":
            continue
        task = car_task(car, steps)
        if task.energy_kwh <= 0.0 and not task.at_once_kwh:
            continue
        whole = run_task(car, task)
        if whole is None:
            cars.append(task)
        else:
            runs.append(whole)
    reserve = reserve_kwh(house, sun)
    worth = end_value(situation)
    batteries = tuple(
        replace(
            b,
            reserve_kwh=tuple(min(b.capacity_kwh, b.min_soc_kwh + r) for r in reserve),
            reserve_eur_per_kwh=RESERVE_EUR_PER_KWH,
            final_value_eur_per_kwh=worth * b.discharge_efficiency,
        )
        for b in situation.batteries
    )
    return Problem(
        start_s=situation.start_s,
        step_s=STEP_S,
        import_price=situation.import_price,
        export_price=situation.export_price,
        load_w=_series(load),
        pv_w=sun.mid,
        import_limit_w=_import_limit(situation, load - np.array(sun.mid)),
        export_limit_w=situation.export_limit_w,
        peak=situation.peak,
        batteries=batteries,
        cars=tuple(cars),
        runs=tuple(runs),
        circuits=situation.circuits,
        smooth_eur_per_kw=SMOOTH_EUR_PER_KW,
    )


def car_task(car: CarWish, steps: int) -> CarTask:
    """What is still to be planned of a car: slots by hand are taken off, and closed."""
    by_hand = sum(
        max(0, min(last, car.due_step) - max(0, first)) * power_w * HOURS / 1000.0
        for first, last, power_w in car.fixed
    )
    closed = tuple(
        sorted({s for first, last, _ in car.fixed for s in range(max(0, first), min(last, steps))})
    )
    energy = max(0.0, car.needs_kwh - by_hand)
    due = min(car.due_step, steps)
    arrive = 0
    if car.style == "late" and car.max_w > 0:
        need = ceil(LATE_MARGIN * energy / (car.max_w / 1000.0 * HOURS))
        arrive = max(0, due - need - len([s for s in closed if s < due]))
    return CarTask(
        id=car.id,
        arrive_step=arrive,
        depart_step=max(due, arrive + 1),
        energy_kwh=energy,
        min_w=car.min_w,
        max_w=car.max_w,
        shortfall_eur_per_kwh=SHORTFALL_EUR_PER_KWH,
        at_once_kwh=min(car.at_once_kwh, energy) if arrive == 0 else 0.0,
        room_kwh=None if car.room_kwh is None else max(energy, car.room_kwh - by_hand),
        closed=closed,
        circuit=car.circuit,
        phases=car.phases,
    )


def run_task(car: CarWish, task: CarTask) -> RunTask | None:
    """A car that is to charge in one go, as an appliance that runs once; None where it cannot."""
    if car.style != "unbroken" or task.closed or task.at_once_kwh or task.energy_kwh <= 0:
        return None
    window = task.depart_step - task.arrive_step
    run = ceil(task.energy_kwh / (car.max_w / 1000.0 * HOURS) - 1e-9)
    if run < 1 or run > window:
        return None
    power_w = max(car.min_w, task.energy_kwh / (run * HOURS) * 1000.0)
    return RunTask(
        id=car.id,
        power_w=min(power_w, car.max_w),
        run_steps=run,
        earliest_step=task.arrive_step,
        latest_step=task.depart_step - run,
        circuit=car.circuit,
    )


def fixed_of(situation: Situation, house: Course, sun: Course) -> dict[str, FloatArray]:
    """What each car draws that is not planned: slots by hand, and modes that do not wait. What the goal of the
    quarter-hours leaves is shared in the order of the list, as far as a forecast can know."""
    room = np.full(situation.steps, np.inf)
    if situation.goal_w is not None:
        room = situation.goal_w - (np.array(house.mid) - np.array(sun.mid))
    surplus = np.maximum(0.0, np.array(sun.mid) - np.array(house.mid))
    out: dict[str, FloatArray] = {}
    for car in situation.cars:
        drawn = fixed_w(car, room, surplus)
        room, surplus = room - drawn, np.maximum(0.0, surplus - drawn)
        out[car.id] = drawn
    return out


def fixed_w(car: CarWish, room_w: FloatArray, surplus_w: FloatArray) -> FloatArray:
    """What one car draws that is not planned, below what is left for it in each step."""
    steps = len(room_w)
    out = np.zeros(steps)
    most = np.minimum(car.max_w, room_w)
    most[most < max(car.min_w, 1.0)] = 0.0
    closed = np.zeros(steps, dtype=bool)
    for first, last, power_w in car.fixed:
        slot = slice(max(0, first), max(0, min(last, steps)))
        out[slot], closed[slot] = np.minimum(power_w, most[slot]), True
    if car.mode in {"smart", "off"}:
        return out
    if car.mode == "sun":
        most = np.where(surplus_w < car.min_w, 0.0, np.minimum(most, surplus_w))
    left_kwh = (car.needs_kwh or car.expected_kwh) - float(out.sum()) * HOURS / 1000.0
    for step in np.flatnonzero(~closed & (most > 0.0)):
        if left_kwh <= 0.0:
            break
        out[step] = min(float(most[step]), left_kwh / HOURS * 1000.0)
        left_kwh -= float(out[step]) * HOURS / 1000.0
    return out


def _import_limit(situation: Situation, net_w: FloatArray) -> Series | None:
    """The connection's limit, and the goal of the quarter-hours where the house itself keeps it."""
    limit, goal = situation.import_limit_w, situation.goal_w
    if goal is None:
        return None if limit is None else (limit,) * situation.steps
    kept = np.maximum(goal, net_w + 1.0)
    return _series(kept if limit is None else np.minimum(kept, limit))


def reserve_kwh(house: Course, sun: Course) -> Series:
    """What the house may take more than expected in the coming hours: the width of the band above the middle."""
    excess = np.maximum(0.0, np.array(house.high) - np.array(house.mid)) * HOURS / 1000.0
    reach = RESERVE_HOURS * 4
    padded = np.concatenate([excess, np.zeros(reach)])
    ahead = np.convolve(padded, np.ones(reach), mode="valid")[1 : len(excess) + 1]
    del sun
    return _series(0.5 * ahead)


def end_value(situation: Situation) -> float:
    """A kWh left in a battery at the end is worth a usual import price, less what it loses on the way."""
    if not situation.import_price:
        return 0.0
    return float(np.quantile(np.array(situation.import_price), 0.4))


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
        cars_w[car.id] = _series(power)
        delivered = float(power[: min(car.due_step, steps)].sum()) * HOURS / 1000.0
        missing[car.id] = round(max(0.0, car.needs_kwh - delivered), 3) if car.mode == "smart" else 0.0
    gap = None
    if isfinite(made.bound_eur):
        gap = max(0.0, made.objective_eur - made.bound_eur)
    return Answer(
        status=made.status,
        gap_eur=None if gap is None else round(gap, 4),
        solve_s=round(made.solve_seconds, 4),
        house=house,
        sun=sun,
        grid_w=_series(np.array(made.grid_w)),
        cars_w=cars_w,
        batteries_w={b.id: _series(np.array(made.devices[b.id].power_w)) for b in problem.batteries},
        batteries_kwh={
            b.id: tuple(round(v, 3) for v in made.devices[b.id].soc_kwh) for b in problem.batteries
        },
        marginal_eur_per_kwh=tuple(round(v, 5) for v in made.marginal_eur_per_kwh),
        cost_eur={name: round(value, 4) for name, value in made.cost_eur.items()},
        peak_w=round(made.peak_w, 1),
        at_once_eur=round(_at_once(situation, problem, house, sun), 4),
        missing_kwh=missing,
        whys=_whys(problem, made, ZoneInfo(situation.zone)),
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
        seen = _array(values)
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
        low_w=_series(low),
        mid_w=_series(mid),
        high_w=_series(high),
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


def _array(values: tuple[float | None, ...]) -> FloatArray:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _series(values: FloatArray) -> Series:
    return tuple(round(float(v), 1) for v in values)
