"""The baselines: what houses do today."""

import numpy as np

from kwartier.simulation.backtest.bill import Run
from kwartier.simulation.backtest.case import HOURS, Case, FloatArray


def charge_at_once(case: Case) -> FloatArray:
    """Each car takes what it can from the moment it is plugged in. Shape (steps,), W."""
    return _charged(case, by_price=False)


def charge_cheapest(case: Case) -> FloatArray:
    """Each car takes the cheapest quarter-hours of its stay, as usual planners do. Shape (steps,), W."""
    return _charged(case, by_price=True)


def _charged(case: Case, *, by_price: bool) -> FloatArray:
    car = np.zeros(case.steps)
    for stay in case.stays:
        steps = np.arange(stay.first, stay.last)
        if by_price:
            steps = steps[np.argsort(case.import_price[steps], kind="stable")]
        left = stay.energy_kwh
        for step in steps.tolist():
            power = min(case.house.car_max_w, left / HOURS * 1000.0)
            car[step] = power
            left -= power * HOURS / 1000.0
            if left <= 1e-9:
                break
    return car


def self_consumption(case: Case, car_w: FloatArray, name: str) -> Run:
    """The battery takes every surplus and covers every load, and knows nothing else."""
    house = case.house
    net = case.load_w - case.pv_w + car_w
    soc, discharged = house.battery_kwh / 2.0, 0.0
    grid, socs = np.empty(case.steps), np.empty(case.steps)
    for step, need in enumerate(net.tolist()):
        if need < 0.0:
            room = (house.battery_kwh - soc) / house.charge_efficiency / HOURS * 1000.0
            power = min(-need, house.battery_w, room)
            soc += power / 1000.0 * HOURS * house.charge_efficiency
        else:
            held = soc * house.discharge_efficiency / HOURS * 1000.0
            power = -min(need, house.battery_w, held)
            out = -power / 1000.0 * HOURS / house.discharge_efficiency
            soc -= out
            discharged += out
        grid[step] = need + power
        socs[step] = soc
    return Run(name=name, grid_w=grid, car_w=car_w, soc_kwh=socs, discharged_kwh=discharged)


def without_battery(case: Case) -> Run:
    """The sun and a car charged at once."""
    car = charge_at_once(case)
    return Run(
        name="uncontrolled",
        grid_w=case.load_w - case.pv_w + car,
        car_w=car,
        soc_kwh=np.full(case.steps, case.house.battery_kwh / 2.0),
        discharged_kwh=0.0,
    )
