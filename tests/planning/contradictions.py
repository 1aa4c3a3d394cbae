"""Problems as they should never be: each figure may be absurd, each wish may contradict another."""

import math
import random
from typing import Any


def contradictory(seed: int) -> dict[str, Any]:
    """A document with the form of a problem and no guarantee of sense."""
    dice = random.Random(seed)
    steps = dice.choice([1, 2, 5, 13, 24, 48])
    step_minutes = dice.choice([1, 5, 7, 15, 15, 15, 30, 60])

    def figure(usual: float) -> float | None:
        kind = dice.random()
        if kind < 0.86:
            return usual * dice.uniform(0.0, 2.0)
        return dice.choice(
            [0.0, -usual, None, math.nan, math.inf, -math.inf, 1e15, -1e15, 1e-12, usual * 1000]
        )

    def row(usual: float, low: float = 0.0) -> list[float | None]:
        if dice.random() < 0.7:
            return [low + dice.uniform(0.0, usual) for _ in range(steps)]
        return [figure(usual) for _ in range(steps)]

    def step() -> int:
        return dice.choice([dice.randrange(-3, steps + 4), dice.randrange(0, steps + 1), -1000, 10**7])

    problem: dict[str, Any] = {
        "start": dice.choice(
            ["2026-01-15T00:00:00+01:00", "2026-03-29T01:52:00+01:00", "2025-10-26T00:05:00Z"]
        ),
        "step_minutes": step_minutes,
        "import_price": row(0.5, dice.choice([0.0, -0.3])),
        "export_price": row(0.3, dice.choice([0.0, -0.2])),
        "load_w": row(4000.0),
        "pv_w": row(dice.choice([0.0, 6000.0])),
        "pv_curtailable": dice.random() < 0.5,
        "peak": {"eur_per_kw": figure(5.0), "so_far_w": figure(3000.0), "floor_w": figure(2500.0)},
        "batteries": [],
        "evs": [],
        "loads": [],
    }
    if dice.random() < 0.7:
        problem["import_limit_w"] = figure(6000.0)
    if dice.random() < 0.7:
        problem["export_limit_w"] = dice.choice([figure(3000.0), row(3000.0)])
    for i in range(dice.randrange(3)):
        problem["batteries"].append(
            {
                "id": f"battery{i}",
                "capacity_kwh": figure(8.0),
                "soc_kwh": figure(5.0),
                "min_soc_kwh": figure(1.0),
                "final_soc_kwh": figure(5.0),
                "charge_w": figure(4000.0),
                "discharge_w": figure(4000.0),
                "charge_efficiency": dice.choice([0.95, 1.0, 0.0, 95.0, None, 0.5]),
                "discharge_efficiency": dice.choice([0.95, 1.0, -1.0, 1.2, 0.3]),
                "wear_eur_per_kwh": figure(0.05),
            }
        )
    for i in range(dice.randrange(4)):
        problem["evs"].append(
            {
                "id": f"car{i}",
                "arrive_step": step(),
                "depart_step": step(),
                "energy_kwh": figure(15.0),
                "min_w": figure(1400.0),
                "max_w": figure(6000.0),
                "efficiency": dice.choice([0.9, 1.0, 0.0, None, 90.0]),
                "shortfall_eur_per_kwh": figure(30.0),
                "room_kwh": dice.choice([None, figure(20.0)]),
                "at_once_kwh": dice.choice([0.0, figure(3.0)]),
                "goals": [[step(), figure(5.0)]] if dice.random() < 0.3 else [],
            }
        )
    for i in range(dice.randrange(3)):
        problem["loads"].append(
            {
                "id": f"load{i}",
                "power_w": figure(2000.0),
                "run_steps": dice.choice([1, 2, 4, 0, -1, 10**6]),
                "earliest_step": step(),
                "latest_step": step(),
            }
        )
    return problem
