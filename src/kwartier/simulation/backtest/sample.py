"""A made-up household that needs no data: for the first try, and for tests. Same seed, same household."""

from zoneinfo import ZoneInfo

import numpy as np

from kwartier.simulation.backtest.case import (
    STEP_S,
    Case,
    FloatArray,
    House,
    Stay,
    calendar_of,
)

_START_S = 1_709_247_600
"""1 March 2024, midnight in Brussels."""


def sample_household(*, days: int = 14, seed: int = 1, house: House | None = None) -> Case:
    """Breakfast, supper, an oven now and then, a roof, a car that comes on most evenings, prices with two humps."""
    house = house or House()
    dice = np.random.default_rng(seed)
    zone = ZoneInfo("Europe/Brussels")
    steps = 96 * days
    calendar = calendar_of(_START_S, steps, zone)
    hour = calendar.slot / 4.0
    load = 250.0 + 500.0 * _hump(hour, 7.5, 1.0) + 900.0 * _hump(hour, 19.0, 1.7)
    load = load * dice.lognormal(0.0, 0.35, steps)
    for day in range(days):
        for _ in range(int(dice.integers(1, 4))):
            first = 96 * day + int(np.clip(dice.normal(72, 8), 20, 92))
            load[first : first + int(dice.integers(1, 4))] += dice.uniform(1500.0, 4500.0)
    cloud = np.repeat(dice.uniform(0.15, 1.0, days), 96)
    sun = 3800.0 * np.clip(np.sin(np.pi * (hour - 6.5) / 12.0), 0.0, None) ** 1.3
    pv = sun * cloud * dice.uniform(0.75, 1.0, steps)
    guess = sun * np.clip(cloud + np.repeat(dice.normal(0.0, 0.12, days), 96), 0.1, 1.0) * 0.87
    spot = 0.07 + 0.03 * _hump(hour, 8.0, 1.5) + 0.06 * _hump(hour, 19.5, 2.0) - 0.05 * sun / 3800.0
    spot = spot + np.repeat(dice.normal(0.0, 0.015, days), 96)
    return Case(
        name=f"sample {seed}",
        start_s=_START_S,
        zone=zone,
        house=house,
        load_w=load,
        pv_w=pv,
        pv_intraday_w=guess,
        pv_morning_w=guess,
        pv_week_w=np.full(steps, float(guess.mean())) * (sun > 0.0),
        import_price=1.06 * spot + 0.118,
        export_price=spot - 0.009,
        stays=_stays(dice, days, house),
        calendar=calendar,
    )


def _hump(hour: FloatArray, at: float, width: float) -> FloatArray:
    return np.asarray(np.exp(-0.5 * ((hour - at) / width) ** 2), dtype=np.float64)


def _stays(dice: np.random.Generator, days: int, house: House) -> tuple[Stay, ...]:
    found: list[Stay] = []
    for day in range(days - 1):
        if dice.uniform() < 0.35:
            continue
        first = 96 * day + int(np.clip(dice.normal(73, 5), 60, 90))
        last = 96 * (day + 1) + int(np.clip(dice.normal(30, 3), 20, 40))
        if dice.uniform() < 0.2:
            last = first + int(dice.integers(6, 14))
        most = house.car_max_w / 1000.0 * STEP_S / 3600.0 * (last - first) * 0.999
        found.append(Stay(first=first, last=last, energy_kwh=float(min(dice.gamma(4.0, 3.0), most))))
    return tuple(found)
