"""Households by a seed: prices with the shape of a dynamic contract, sun, a family, cars with a least power, a battery."""

import random
from math import exp, pi, sin
from typing import Any


def house(
    seed: int, *, steps: int = 64, cars: int | None = None, step_minutes: float = 15, inverted: bool = False
) -> dict[str, Any]:
    """A problem that can be solved without breaking any limit."""
    dice = random.Random(seed)
    hour = [(6 + t * step_minutes / 60.0) % 24 for t in range(steps)]
    dip = dice.choice([0.0, 0.0, 0.1, 0.2])
    spot = [
        0.09 + 0.06 * sin((h - 9) / 24 * 4 * pi) + dice.gauss(0, 0.01) - dip * exp(-(((h - 13) / 3) ** 2))
        for h in hour
    ]
    fees = dice.uniform(0.02, 0.15)
    buy = [1.08 * s + fees for s in spot]
    sell = [
        s + dice.uniform(-0.05, 0.2) if inverted else min(s - 0.01, b) for s, b in zip(spot, buy, strict=True)
    ]
    kwp = dice.choice([0, 3, 6])
    cloud = dice.uniform(0.3, 1.0)
    problem: dict[str, Any] = {
        "start": "2026-01-15T06:00:00+01:00",
        "step_minutes": step_minutes,
        "import_price": [round(p, 5) for p in buy],
        "export_price": [round(p, 5) for p in sell],
        "load_w": [
            round(250 + dice.expovariate(1 / 300) + 900 * exp(-(((h - 19) / 2) ** 2)) * dice.random(), 1)
            for h in hour
        ],
        "pv_w": [round(1000 * kwp * cloud * max(0.0, sin((h - 7) / 12 * pi)), 1) for h in hour],
        "pv_curtailable": dice.random() < 0.5,
        "import_limit_w": 17250,
        "export_limit_w": 10000,
        "peak": {
            "eur_per_kw": dice.choice([0.0, 4.5, 7.1]),
            "so_far_w": dice.choice([0, 3100, 5000]),
            "floor_w": 2500,
        },
        "batteries": [],
        "evs": [],
        "loads": [],
    }
    if dice.random() < 0.8:
        size = dice.choice([5.0, 10.0])
        soc = round(dice.uniform(0.1, 1.0) * size, 2)
        problem["batteries"].append(
            {
                "id": "battery",
                "capacity_kwh": size,
                "soc_kwh": soc,
                "min_soc_kwh": 0.05 * size,
                "final_soc_kwh": min(soc, size / 2),
                "charge_w": 5000,
                "discharge_w": 5000,
                "charge_efficiency": 0.95,
                "discharge_efficiency": 0.95,
                "wear_eur_per_kwh": dice.choice([0.0, 0.02]),
            }
        )
    for i in range(dice.randint(0, 2) if cars is None else cars):
        arrive = dice.randrange(0, steps // 2)
        depart = min(steps, arrive + dice.randrange(8, 32))
        least, most = dice.choice([(1380, 7360), (4140, 11000), (0, 7400)])
        most_kwh = 0.9 * (depart - arrive) * most * step_minutes / 60_000
        problem["evs"].append(
            {
                "id": f"car{i}",
                "arrive_step": arrive,
                "depart_step": depart,
                "energy_kwh": round(dice.uniform(1.5, min(25.0, most_kwh)), 2),
                "min_w": least,
                "max_w": most,
                "efficiency": dice.choice([0.9, 1.0]),
                "shortfall_eur_per_kwh": dice.choice([2.0, 50.0]),
            }
        )
    if dice.random() < 0.5:
        problem["loads"].append(
            {
                "id": "washing",
                "power_w": 2000,
                "run_steps": 4,
                "earliest_step": 4,
                "latest_step": dice.randrange(8, steps - 4),
            }
        )
    return problem
