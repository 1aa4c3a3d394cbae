"""From a site's situation to the planner's problem: the policy of `planning.horizon`, which the backtest proves, and what a
site has besides: goals, slots by hand, modes that do not wait, limits, a goal for each quarter-hour.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.forecast.band import Band, FloatArray
from kwartier.planning.forecast.wall import wall_steps
from kwartier.planning.horizon import (
    ClosedPeak,
    HorizonState,
    PastStay,
    PluggedCar,
    Prices,
    Surprises,
    learn_night,
    peak_curve,
)
from kwartier.planning.horizon import car_task as horizon_car
from kwartier.planning.horizon import problem_of as horizon_problem
from kwartier.planning.horizon.park_share import equal_share
from kwartier.planning.horizon.peak_value import USED
from kwartier.planning.situation import STEP_S, CarWish, Course, Situation
from kwartier.site.plans import CarTask, Problem, RunTask, Series

HOURS = STEP_S / 3600.0
DAY_STEPS = 96
SMOOTH_EUR_PER_KW = 0.002
"""Enough against saw-teeth, far less than any difference of prices that matters."""
LATE_MARGIN = 1.15
"""A car that is to charge late begins so much earlier than it would just make it."""

Night = tuple[Surprises, Surprises]
"""What is learnt once a day: of the house with its cars, and of the house alone."""


def night_of(situation: Situation) -> Night | None:
    """Learn from the local days that are over. None: nothing can be learnt for, without a battery or a price of the peak."""
    if not situation.batteries or situation.peak.eur_per_kw <= 0.0:
        return None
    house = array(situation.house_w)
    sun = np.zeros(len(house))
    seen = array(situation.sun_w)[: len(house)]
    sun[: len(seen)] = np.nan_to_num(seen, nan=0.0)
    zone = ZoneInfo(situation.zone)
    wall = wall_steps(situation.house_start_s, STEP_S, len(house), zone)
    today = int(wall_steps(situation.start_s, STEP_S, 1, zone)[0]) // DAY_STEPS
    over = int(np.searchsorted(wall // DAY_STEPS, today))
    stays = []
    for stay in situation.stays:
        first = ceil((stay.plugged_s - situation.house_start_s) / STEP_S)
        last = int((stay.gone_s - situation.house_start_s) // STEP_S)
        if first >= 0 and last <= over:
            stays.append(PastStay(first, last, stay.energy_kwh, stay.max_w))
    days = wall[:over]
    return learn_night(
        house[:over] - sun[:over], stays, days // DAY_STEPS, days % DAY_STEPS, situation.batteries
    )


def state_of(situation: Situation, house: Course, sun: Course, night: Night | None) -> HorizonState:
    """A site as the policy sees it; what modes and slots by hand draw comes on top of its load."""
    zone, steps = ZoneInfo(situation.zone), situation.steps
    peak = situation.peak
    curve = peak.curve
    if USED and not curve and peak.eur_per_kw > 0.0:
        curve = peak_curve(
            [ClosedPeak(peak_w) for peak_w in situation.closed_peaks_w],
            eur_per_kw=peak.eur_per_kw,
            floor_w=peak.floor_w,
            left=month_left(situation.start_s, zone),
        )
    with_cars, alone = night or (None, None)
    return HorizonState(
        start_s=situation.start_s,
        step_s=STEP_S,
        slots=wall_steps(situation.start_s, STEP_S, steps, zone) % DAY_STEPS,
        load=_band(house, situation.start_s),
        pv=_band(sun, situation.start_s),
        prices=Prices(
            import_eur_per_kwh=np.array(situation.import_price),
            export_eur_per_kwh=np.array(situation.export_price),
            known_steps=situation.known_steps,
        ),
        peak_so_far_w=peak.so_far_w,
        peak_floor_w=peak.floor_w,
        peak_eur_per_kw=peak.eur_per_kw,
        peak_curve=curve,
        month_ends=peak.month_ends,
        batteries=situation.batteries,
        cars=tuple(plugged_car(car, situation.start_s) for car in situation.cars if car.mode == "smart"),
        surprises=with_cars,
        surprises_of_house=alone,
        points=max(situation.points, 1),
    )


def problem_of(situation: Situation, house: Course, sun: Course, night: Night | None) -> Problem:
    """The problem of the planner, with everything that is fixed as load."""
    state = state_of(situation, house, sun, night)
    problem = horizon_problem(state)
    load = np.array(problem.load_w)
    for drawn in fixed_of(situation, house, sun).values():
        load = load + drawn
    cars: list[CarTask] = []
    runs: list[RunTask] = []
    for car in situation.cars:
        task = car_task(state, car)
        if task is None:
            continue
        whole = run_task(car, task)
        if whole is None:
            cars.append(task)
        else:
            runs.append(whole)
    return replace(
        problem,
        load_w=series(load),
        import_limit_w=_import_limit(situation, load - np.array(sun.mid)),
        export_limit_w=situation.export_limit_w,
        peak=replace(situation.peak, curve=state.peak_curve),
        cars=tuple(cars),
        runs=tuple(runs),
        circuits=situation.circuits,
        smooth_eur_per_kw=SMOOTH_EUR_PER_KW,
    )


def month_left(start_s: int, zone: ZoneInfo) -> float:
    """The part of the local month that is still to come."""
    at = datetime.fromtimestamp(start_s, zone)
    begin = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (begin + timedelta(days=32)).replace(day=1)
    whole_s = end.timestamp() - begin.timestamp()
    return min(max((end.timestamp() - start_s) / whole_s, 0.0), 1.0)


def plugged_car(car: CarWish, start_s: int) -> PluggedCar:
    """What is still to be planned of a car: slots by hand are taken off, and closed."""
    due = max(car.due_step, 1)
    by_hand = sum(
        max(0, min(last, car.due_step) - max(0, first)) * power_w * HOURS / 1000.0
        for first, last, power_w in car.fixed
    )
    closed = tuple(sorted({step for first, last, _ in car.fixed for step in range(max(0, first), last)}))
    energy = max(0.0, car.needs_kwh - by_hand)
    arrive = 0
    if car.style == "late" and car.max_w > 0:
        need = ceil(LATE_MARGIN * energy / (car.max_w / 1000.0 * HOURS))
        arrive = min(max(0, due - need - len([s for s in closed if s < due])), due - 1)
    return PluggedCar(
        id=car.id,
        energy_kwh=energy,
        arrive_s=float(start_s + arrive * STEP_S),
        depart_s=float(start_s + due * STEP_S),
        min_w=car.min_w,
        max_w=car.max_w,
        at_once_kwh=car.at_once_kwh,
        closed=closed,
        departure_said=car.departure_said,
    )


def car_task(state: HorizonState, car: CarWish) -> CarTask | None:
    """The part of a car that the plan decides on; None: there is none, or all of it may wait until after the horizon."""
    if car.mode != "smart":
        return None
    plugged = plugged_car(car, state.start_s)
    task = horizon_car(state, plugged)
    if task is None:
        return None
    if car.style == "unbroken":
        # in one go: what has begun is not left for later
        task = replace(task, energy_kwh=plugged.energy_kwh)
    by_hand = car.needs_kwh - plugged.energy_kwh
    return replace(
        task,
        room_kwh=None if car.room_kwh is None else max(task.energy_kwh, car.room_kwh - by_hand),
        circuit=car.circuit,
        phases=car.phases,
    )


def later_kwh(car: CarWish, steps: int) -> float:
    """What a car can still take between the end of the plan and its departure."""
    return max(0, car.due_step - steps) * car.max_w / 1000.0 * HOURS


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
    if situation.park:
        return _shared(situation, room, surplus)
    out: dict[str, FloatArray] = {}
    for car in situation.cars:
        drawn = fixed_w(car, room, surplus)
        room, surplus = room - drawn, np.maximum(0.0, surplus - drawn)
        out[car.id] = drawn
    return out


def _shared(situation: Situation, room_w: FloatArray, surplus_w: FloatArray) -> dict[str, FloatArray]:
    """Cars of a park that charge at once, each with an equal share of what the goal of the quarter-hours leaves."""
    drawn = {car.id: np.zeros(situation.steps) for car in situation.cars}
    fast = [car for car in situation.cars if car.mode == "fast" and not car.fixed]
    for car in situation.cars:
        if car not in fast:
            drawn[car.id] = fixed_w(car, room_w, surplus_w)
            room_w = room_w - drawn[car.id]
            surplus_w = np.maximum(0.0, surplus_w - drawn[car.id])
    rest = np.array([car.needs_kwh or car.expected_kwh for car in fast])
    low, high = np.array([car.min_w for car in fast]), np.array([car.max_w for car in fast])
    for step in range(situation.steps):
        draws = np.flatnonzero(rest > 1e-6)
        if not len(draws):
            break
        share = equal_share(float(room_w[step]), low[draws], high[draws])
        share = np.minimum(share, rest[draws] / HOURS * 1000.0)
        rest[draws] -= share * HOURS / 1000.0
        for place, power_w in zip(draws.tolist(), share.tolist(), strict=True):
            drawn[fast[place].id][step] = power_w
    return drawn


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
    return series(kept if limit is None else np.minimum(kept, limit))


def _band(course: Course, start_s: int) -> Band:
    low, mid, high = (np.array(values, dtype=np.float64) for values in (course.low, course.mid, course.high))
    return Band(start_s, STEP_S, low, mid, high, course.basis)


def array(values: tuple[float | None, ...]) -> FloatArray:
    """NaN where nothing was measured."""
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def series(values: FloatArray) -> Series:
    """To a tenth."""
    return tuple(round(float(v), 1) for v in values)
