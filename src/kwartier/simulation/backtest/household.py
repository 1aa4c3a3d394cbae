"""The walk through the period: plan every hour and at each event, act by it in every quarter-hour."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from kwartier.planning import Solver
from kwartier.planning.horizon import (
    ClosedPeak,
    HorizonState,
    PluggedCar,
    advice_of,
    peak_curve,
    problem_of,
)
from kwartier.planning.horizon.peak_value import USED
from kwartier.simulation.backtest.bill import Run
from kwartier.simulation.backtest.case import HOURS, STEP_S, Case, Stay
from kwartier.simulation.backtest.outlook import PUBLISHED_SLOT, Outlook
from kwartier.simulation.backtest.quarter import Means, Told, act
from kwartier.site.advice import Advice

_BROKEN_W = 200.0
_SOON_STEPS = 8
"""A car that leaves within two hours is planned for anew in each quarter-hour."""
_BATTERY = "battery"
_CAR = "car"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the plan is made; the defaults are the product's."""

    horizon: int = 96
    replan_steps: int = 4
    reserve: bool = True
    """Off: a plain receding horizon, as everybody does it."""
    curve: bool = USED
    """The price of a kW by what the closed months say of this one (`planning.horizon.peak_value`)."""
    perfect: frozenset[str] = frozenset()
    """`load`, `pv`, `price`, `cars`, `peak`: what is known by magic, to see what the knowledge is worth."""
    peaks_w: tuple[float, ...] = ()
    """Of perfect foresight, for `peak`: the target of each month."""
    gap: float = 5e-3
    time_limit_s: float = 5.0


@dataclass(slots=True)
class _Now:
    """What changes from step to step."""

    soc_kwh: float
    peak_w: float = 0.0
    month: int = 0
    first_month: int = 0
    closed: list[ClosedPeak] = field(default_factory=list)
    stay: Stay | None = None
    left_kwh: float = 0.0
    next_stay: int = 0
    missing_kwh: float = 0.0
    stays_short: int = 0
    discharged_kwh: float = 0.0


def run_plan(
    case: Case,
    policy: Policy | None = None,
    *,
    name: str = "plan",
    first: int = 0,
    on_day: Callable[[int], None] | None = None,
) -> Run:
    """Our plan over the whole period, or from the step `first` on, with what lies before as history.

    The run has the steps from `first`; bill it with `cut(case, first, case.steps)`. `on_day` hears of each day that
    begins, for a progress line.
    """
    policy = policy or Policy()
    outlook = Outlook(case, policy.horizon, policy.perfect)
    solver = Solver()
    now = _Now(soc_kwh=case.house.battery_kwh / 2.0, month=-1)
    now.first_month = int(case.calendar.month[first])
    now.next_stay = sum(stay.first < first for stay in case.stays)
    grid, car, socs = np.empty(case.steps), np.zeros(case.steps), np.empty(case.steps)
    seconds: list[float] = []
    advice: Advice | None = None
    expected_w: tuple[float, ...] = ()
    planned_at = first
    broken = False
    for step in range(first, case.steps):
        event = _events(case, now, step)
        due = step - planned_at >= policy.replan_steps or case.calendar.slot[step] == PUBLISHED_SLOT
        if advice is None or event or broken or due:
            if on_day is not None and case.calendar.slot[step] == 0:
                on_day(int(case.calendar.day[step]))
            state = _state(case, policy, outlook, now, step)
            begun = time.perf_counter()
            plan = solver.plan(problem_of(state), gap=policy.gap, time_limit_s=policy.time_limit_s)
            seconds.append(time.perf_counter() - begun)
            advice = advice_of(state, plan, version=str(step))
            expected_w = tuple((state.load.mid - state.pv.mid).tolist())
            planned_at = step
        told = _told(advice, expected_w, step - planned_at)
        net_w = float(case.load_w[step] - case.pv_w[step])
        battery_w, car_w = act(
            net_w,
            told,
            _means(case, now, step),
            float(case.import_price[step]),
            float(case.export_price[step]),
        )
        _settle(case, now, battery_w, car_w)
        grid[step] = net_w + battery_w + car_w
        broken = _broken(now, told, car_w, float(grid[step]), step)
        car[step] = car_w
        socs[step] = now.soc_kwh
        now.peak_w = max(now.peak_w, float(grid[step]))
    _leave(now)
    return Run(
        name=name,
        grid_w=grid[first:],
        car_w=car[first:],
        soc_kwh=socs[first:],
        discharged_kwh=now.discharged_kwh,
        missing_kwh=now.missing_kwh,
        stays_short=now.stays_short,
        plans=len(seconds),
        plan_seconds=tuple(seconds),
    )


def _events(case: Case, now: _Now, step: int) -> bool:
    """A month that begins, a car that comes or goes."""
    event = False
    month = int(case.calendar.month[step])
    if month != now.month:
        if now.month >= 0:
            now.closed.append(ClosedPeak(now.peak_w))
        now.month, now.peak_w, event = month, 0.0, True
    if now.stay is not None and step >= now.stay.last:
        _leave(now)
        event = True
    if now.stay is None and now.next_stay < len(case.stays) and case.stays[now.next_stay].first <= step:
        now.stay = case.stays[now.next_stay]
        now.left_kwh = now.stay.energy_kwh
        now.next_stay += 1
        event = True
    return event


def _broken(now: _Now, told: Told, car_w: float, grid_w: float, step: int) -> bool:
    """Whether the next quarter-hour needs a new plan: the car got less than planned or is soon to leave, or the peak was passed."""
    if grid_w > told.peak_w + _BROKEN_W:
        return True
    if now.stay is None:
        return False
    return car_w < told.car_w - _BROKEN_W or now.stay.last - step <= _SOON_STEPS


def _leave(now: _Now) -> None:
    if now.stay is not None:
        now.missing_kwh += max(now.left_kwh, 0.0)
        now.stays_short += now.left_kwh > 0.05 * now.stay.energy_kwh
        now.stay, now.left_kwh = None, 0.0


def _state(case: Case, policy: Policy, outlook: Outlook, now: _Now, step: int) -> HorizonState:
    house, start_s = case.house, case.start_s + step * STEP_S
    months = case.calendar.month[outlook.steps(step)]
    peak_w = now.peak_w
    if "peak" in policy.perfect:
        peak_w = max(peak_w, policy.peaks_w[now.month - now.first_month])
    of_month = np.flatnonzero(case.calendar.month == now.month)
    left = (of_month[-1] - step + 1) / len(of_month)
    with_cars, alone = outlook.surprises(step) if policy.reserve else (None, None)
    if "cars" in policy.perfect:  # who knows when cars come is not surprised by them
        with_cars = None if "load" in policy.perfect else alone
    return HorizonState(
        start_s=start_s,
        slots=outlook.slots(step),
        load=outlook.load(step),
        pv=outlook.pv(step),
        prices=outlook.prices(step),
        peak_so_far_w=peak_w,
        peak_floor_w=house.peak_floor_w,
        peak_eur_per_kw=house.peak_eur_per_kw_month,
        peak_curve=peak_curve(
            now.closed,
            eur_per_kw=house.peak_eur_per_kw_month,
            floor_w=house.peak_floor_w,
            left=float(left),
        )
        if policy.curve
        else (),
        month_ends=tuple((np.flatnonzero(np.diff(months)) + 1).tolist()),
        batteries=(house.battery(_BATTERY, now.soc_kwh),),
        cars=tuple(_cars(case, policy, now, step)),
        surprises=with_cars,
        surprises_of_house=alone,
    )


def _cars(case: Case, policy: Policy, now: _Now, step: int) -> Iterable[PluggedCar]:
    house = case.house
    coming = case.stays[now.next_stay :] if "cars" in policy.perfect else ()
    end = step + policy.horizon
    for place, stay in enumerate((*(() if now.stay is None else (now.stay,)), *coming)):
        if stay.first >= end:
            break
        yield PluggedCar(
            id=_CAR if stay is now.stay else f"{_CAR}-{place}",
            energy_kwh=now.left_kwh if stay is now.stay else stay.energy_kwh,
            arrive_s=case.start_s + stay.first * STEP_S,
            depart_s=case.start_s + stay.last * STEP_S,
            max_w=house.car_max_w,
            min_w=house.car_min_w,
        )


def _told(advice: Advice, expected_w: tuple[float, ...], place: int) -> Told:
    def of(series: Mapping[str, tuple[float, ...]], name: str, index: int) -> float:
        values = series.get(name, ())
        return values[min(index, len(values) - 1)] if values else 0.0

    return Told(
        battery_w=of(advice.batteries_w, _BATTERY, place),
        car_w=of(advice.points_w, _CAR, place),
        net_w=expected_w[place],
        battery_eur_per_kwh=of(advice.values_eur_per_kwh, _BATTERY, place),
        car_eur_per_kwh=of(advice.values_eur_per_kwh, _CAR, 0),
        peak_w=advice.peak_w,
    )


def _means(case: Case, now: _Now, step: int) -> Means:
    house = case.house
    room = (house.battery_kwh - now.soc_kwh) / house.charge_efficiency / HOURS * 1000.0
    held = now.soc_kwh * house.discharge_efficiency / HOURS * 1000.0
    wanted = now.left_kwh / HOURS * 1000.0
    must = 0.0
    if now.stay is not None:
        later = house.car_max_w * (now.stay.last - step - 1)
        must = min(max(wanted - later, 0.0), house.car_max_w)
    return Means(
        charge_w=min(house.battery_w, room),
        discharge_w=min(house.battery_w, held),
        charge_efficiency=house.charge_efficiency,
        discharge_efficiency=house.discharge_efficiency,
        wear_eur_per_kwh=house.wear_eur_per_kwh,
        car_present=now.stay is not None,
        car_min_w=house.car_min_w,
        car_max_w=min(house.car_max_w, max(wanted, 0.0)),
        car_must_w=must,
    )


def _settle(case: Case, now: _Now, battery_w: float, car_w: float) -> None:
    house = case.house
    if battery_w >= 0.0:
        now.soc_kwh += battery_w / 1000.0 * HOURS * house.charge_efficiency
    else:
        out = -battery_w / 1000.0 * HOURS / house.discharge_efficiency
        now.soc_kwh -= out
        now.discharged_kwh += out
    now.soc_kwh = min(max(now.soc_kwh, 0.0), house.battery_kwh)
    now.left_kwh = max(now.left_kwh - car_w / 1000.0 * HOURS, 0.0)
