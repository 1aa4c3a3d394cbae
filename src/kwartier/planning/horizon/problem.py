"""`HorizonState` -> `site.plans.Problem`."""

import math
from dataclasses import replace

import numpy as np

from kwartier.planning.horizon.night import usable_kwh
from kwartier.planning.horizon.peak_value import eur_per_kw_at
from kwartier.planning.horizon.state import FloatArray, HorizonState, PluggedCar
from kwartier.site.plans import BatteryTask, CarTask, Peak, Problem

END_QUANTILE = 0.35
"""A kWh left at the end spares a later import at one of the cheaper prices, not at the mean."""
_SOON_S = 6 * 3600
_CAREFUL, _CAREFUL_LATER = 0.3, 0.1
"""Of the way from the expected load to its upper edge (P90), for a car that leaves soon or later."""
_CAUTION_SHORTFALL_EUR_PER_KWH = 50.0
"""Above what the last kWh squeezed into one quarter-hour costs in peak (facts of the field: 17 to 28 EUR)."""


def problem_of(state: HorizonState) -> Problem:
    """The next plan's problem: the expected course, with the unforeseen as the worth of a reserve."""
    prices = state.prices
    return Problem(
        start_s=state.start_s,
        step_s=state.step_s,
        import_price=_series(prices.import_eur_per_kwh),
        export_price=_series(prices.export_eur_per_kwh),
        load_w=_series(_careful_load(state)),
        pv_w=_series(np.maximum(state.pv.mid, 0.0)),
        pv_curtailable=state.pv_curtailable,
        import_limit_w=state.import_limit_w,
        peak=Peak(
            eur_per_kw=state.peak_eur_per_kw,
            so_far_w=state.peak_so_far_w,
            floor_w=state.peak_floor_w,
            curve=state.peak_curve,
            month_ends=state.month_ends,
        ),
        batteries=_batteries(state),
        cars=tuple(task for car in state.cars if (task := car_task(state, car)) is not None),
    )


def _careful_load(state: HorizonState) -> FloatArray:
    """The expected load; while a car must be made ready soon, more of it: what is missed by then cannot be made up.

    A quarter-hour that turns out lower is used by the fast loop at once, one that turns out higher drives the car's last
    quarter-hours above the peak.
    """
    load = state.load.mid.copy()
    above = state.load.high - state.load.mid
    for car in state.cars:
        begin, end = (int((at - state.start_s) // state.step_s) for at in (car.arrive_s, car.depart_s))
        part = _CAREFUL if end - max(begin, 0) <= _SOON_S / state.step_s else _CAREFUL_LATER
        stay = slice(max(begin, 0), max(end, 0))
        load[stay] = np.maximum(load[stay], state.load.mid[stay] + part * above[stay])
    return load


def _batteries(state: HorizonState) -> tuple[BatteryTask, ...]:
    """Each with its share of the reserve: equally full they are worth what one battery of their size would be."""
    levels = _reserve(state)
    end = float(np.quantile(state.prices.import_eur_per_kwh, END_QUANTILE))
    total = usable_kwh(state.batteries)
    return tuple(
        replace(
            battery,
            final_value_eur_per_kwh=max(end * battery.discharge_efficiency, 0.0),
            reserve_levels=tuple(
                (battery.min_soc_kwh + up_to * usable_kwh((battery,)) / total, prices)
                for up_to, prices in levels
            )
            if total > 0.0
            else (),
        )
        for battery in state.batteries
    )


def _reserve(state: HorizonState) -> tuple[tuple[float, tuple[float, ...]], ...]:
    if state.surprises is None or state.peak_eur_per_kw <= 0.0:
        return ()
    price = eur_per_kw_at(state.peak_curve, state.target_w, state.peak_eur_per_kw)
    learnt = state.surprises.prices(state.target_w, state.slots, price)
    if state.surprises_of_house is None or not state.cars:
        return tuple((up_to, _series(prices)) for up_to, prices in learnt)
    taken = np.zeros(len(state.slots), dtype=np.int64)
    for car in state.cars:
        begin, end = ((at - state.start_s) / state.step_s for at in (car.arrive_s, car.depart_s))
        if car.departure_said:
            taken[max(0, math.ceil(begin)) : max(0, int(end))] += 1
    alone = state.surprises_of_house.prices(state.target_w, state.slots, price)
    return tuple(
        (up_to, _series(np.where(taken >= state.points, calm, prices)))
        for (up_to, prices), (_, calm) in zip(learnt, alone, strict=True)
    )


def car_task(state: HorizonState, car: PluggedCar) -> CarTask | None:
    """What must be inside by the end of the horizon: the rest may wait until after it. None: nothing is to be planned."""
    steps = len(state.slots)
    arrive = max(0, math.ceil((car.arrive_s - state.start_s) / state.step_s))
    depart = int((car.depart_s - state.start_s) // state.step_s)
    if depart <= arrive or arrive >= steps or car.energy_kwh <= 0.0:
        return None
    energy = max(car.energy_kwh - later_kwh(state, car), min(car.at_once_kwh, car.energy_kwh))
    if energy <= 0.0:
        return None
    return CarTask(
        id=car.id,
        arrive_step=arrive,
        depart_step=min(depart, steps),
        energy_kwh=energy,
        min_w=car.min_w,
        max_w=car.max_w,
        efficiency=car.efficiency,
        shortfall_eur_per_kwh=_CAUTION_SHORTFALL_EUR_PER_KWH,
        at_once_kwh=min(car.at_once_kwh, energy) if arrive == 0 else 0.0,
        closed=tuple(step for step in car.closed if step < steps),
    )


def later_kwh(state: HorizonState, car: PluggedCar) -> float:
    """What a car can still take between the end of the horizon and its departure."""
    steps = len(state.slots)
    depart = int((car.depart_s - state.start_s) // state.step_s)
    open_steps = depart - steps - sum(steps <= step < depart for step in car.closed)
    return max(open_steps, 0) * car.max_w / 1000.0 * state.step_s / 3600.0 * car.efficiency


def _series(values: FloatArray) -> tuple[float, ...]:
    return tuple(values.tolist())
