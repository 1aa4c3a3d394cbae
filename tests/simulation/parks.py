"""Small car parks for the tests of their backtest."""

import numpy as np

from kwartier.simulation.backtest.park_case import Case, clock, month_number, month_start_s


def park(
    cars: list[tuple[float, float, float]],
    *,
    days: int = 1,
    start: str = "2024-06",
    load_w: float = 0.0,
    pv_w: float = 0.0,
    spot: float = 0.1,
    points: int = 8,
) -> Case:
    """Cars as (arrives h after the start, stays h, wants kWh)."""
    start_s = month_start_s(month_number(start))
    quarters = days * 96
    local_day, month = clock(start_s, quarters)
    table = np.array(sorted(cars), dtype=np.float64).reshape(-1, 3)
    arrive = start_s + (table[:, 0] * 3600).astype(np.int64)
    return Case(
        start_s=start_s,
        local_day=local_day,
        month=month,
        spot_eur_per_kwh=np.full(quarters, spot),
        load_w=np.full(quarters, load_w),
        pv_w=np.full(quarters, pv_w),
        arrive_s=arrive,
        depart_s=arrive + (table[:, 1] * 3600).astype(np.int64),
        wanted_kwh=table[:, 2],
        hour=table[:, 0] % 24,
        weekend=(local_day[(table[:, 0] * 4).astype(np.int64)] - 1) % 7 >= 5,
        point=np.arange(len(table)) % points,
        points=points,
    )


def workplace(days: int, seed: int, *, points: int = 8, load_w: float = 3_000.0) -> Case:
    """Workdays of a small car park: most come before nine and stay, some come for lunch; every tenth wants much."""
    dice = np.random.default_rng(seed)
    cars = []
    for day in range(days):
        if (day + 5) % 7 >= 5:  # 1 June 2024 is a Saturday
            continue
        for _ in range(points - 2):
            wants = float(np.minimum(60.0, dice.gamma(2.0, 6.0) * (3.0 if dice.random() < 0.1 else 1.0)))
            cars.append((day * 24 + dice.normal(8.0, 0.7), max(0.5, dice.normal(8.5, 1.5)), wants))
        cars += [(day * 24 + dice.uniform(11, 13), dice.uniform(1, 4), dice.uniform(3, 15)) for _ in range(2)]
    reach = [(at, stay, min(wants, stay * 5.5)) for at, stay, wants in cars]
    return park(reach, days=days, load_w=load_w, points=points)
