"""The problems of `bench_plan.py`: a household, a car park, a thousand households. Reproducible, no data needed."""

import random
from math import exp, pi, sin

from kwartier.site.plans import BatteryTask, CarTask, Peak, Problem

START_S = 1_768_431_600
STEPS = 192


def _hours() -> list[float]:
    return [t / 4.0 % 24 for t in range(STEPS)]


def _prices(dice: random.Random) -> tuple[tuple[float, ...], tuple[float, ...]]:
    dip = dice.choice([0.0, 0.08, 0.15])
    spot = [
        0.09
        + 0.05 * exp(-(((h - 19) / 2.5) ** 2))
        + 0.035 * exp(-(((h - 8) / 1.5) ** 2))
        - dip * exp(-(((h - 13.5) / 2.5) ** 2))
        + dice.gauss(0.0, 0.006)
        for h in _hours()
    ]
    buy = tuple(1.06 * (1.02 * s + 0.004) + 0.12 for s in spot)
    return buy, tuple(min(0.95 * s - 0.009, b) for s, b in zip(spot, buy, strict=True))


def household(seed: int = 0) -> Problem:
    """Two days in quarter-hours: a car with a least power, a battery, sun, the month's peak so far."""
    dice = random.Random(seed)
    buy, sell = _prices(dice)
    arrive = dice.randrange(60, 84)
    cloud = dice.uniform(0.2, 1.0)
    kwp = dice.choice([3.0, 5.0, 8.0])
    return Problem(
        start_s=START_S,
        import_price=buy,
        export_price=sell,
        load_w=tuple(
            250.0 + dice.expovariate(1 / 250.0) + 900.0 * dice.random() * exp(-(((h - 19) / 2.0) ** 2))
            for h in _hours()
        ),
        pv_w=tuple(max(0.0, 1000.0 * kwp * cloud * sin((h - 7) / 11 * pi)) for h in _hours()),
        pv_curtailable=True,
        import_limit_w=17_250.0,
        export_limit_w=10_000.0,
        peak=Peak(eur_per_kw=4.5, so_far_w=dice.choice([2500.0, 3100.0, 4500.0]), floor_w=2500.0),
        batteries=(
            BatteryTask(
                id="battery",
                capacity_kwh=10.0,
                soc_kwh=5.0,
                min_soc_kwh=1.0,
                final_soc_kwh=5.0,
                charge_w=5000.0,
                discharge_w=5000.0,
                charge_efficiency=0.95,
                discharge_efficiency=0.95,
                wear_eur_per_kwh=0.02,
            ),
        ),
        cars=(
            CarTask(
                id="car",
                arrive_step=arrive,
                depart_step=arrive + 52,
                energy_kwh=dice.uniform(5.0, 25.0),
                min_w=1380.0,
                max_w=7360.0,
                efficiency=0.9,
            ),
        ),
    )


def car_park(seed: int = 0, cars: int = 20) -> Problem:
    """Two working days, 20 cars with 1.38 kW at least, 90 kWh of battery, 60 kWp, a peak of 30 kW so far."""
    dice = random.Random(seed)
    buy, sell = _prices(dice)
    tasks = []
    for i in range(cars):
        day = 96 * (i % 2)
        arrive = day + dice.randrange(28, 40)
        depart = min(STEPS, arrive + dice.randrange(24, 40))
        energy = min(dice.uniform(5.0, 25.0), 0.9 * (depart - arrive) * 7.36 / 4)
        tasks.append(
            CarTask(
                id=f"car{i:02d}",
                arrive_step=arrive,
                depart_step=depart,
                energy_kwh=energy,
                min_w=1380.0,
                max_w=7360.0,
            )
        )
    return Problem(
        start_s=START_S,
        import_price=buy,
        export_price=sell,
        load_w=tuple(
            8000.0 + 12_000.0 * exp(-(((h - 13) / 4.0) ** 2)) + 1500.0 * dice.random() for h in _hours()
        ),
        pv_w=tuple(max(0.0, 60_000.0 * dice.uniform(0.2, 0.5) * sin((h - 7) / 11 * pi)) for h in _hours()),
        pv_curtailable=False,
        import_limit_w=110_000.0,
        peak=Peak(eur_per_kw=10.0, so_far_w=20_000.0, floor_w=2500.0),
        batteries=(
            BatteryTask(
                id="battery",
                capacity_kwh=90.0,
                soc_kwh=45.0,
                final_soc_kwh=45.0,
                charge_w=50_000.0,
                discharge_w=50_000.0,
                charge_efficiency=0.95,
                discharge_efficiency=0.95,
                wear_eur_per_kwh=0.02,
            ),
        ),
        cars=tuple(tasks),
    )
