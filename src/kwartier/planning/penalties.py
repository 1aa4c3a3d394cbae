"""What breaking a wish or a limit costs in the model: always more than what stands below it in the order
fuse, operator, final charge, car goal, peak, money, comfort. Derived from the tariff of the problem."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.program import Floats
from kwartier.site.plans import Problem

_APART = 3.0
"""Losses on the way through a battery make a kWh here cost up to two elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalties:
    """EUR per kWh, `skipped` per appliance."""

    goal: float
    final: float
    operator: float
    circuit: float
    skipped: float


def penalties(problem: Problem, buy: Floats, sell: Floats) -> Penalties:
    """A kWh squeezed into one quarter-hour raises its mean by 4 kW."""
    peak = problem.peak
    per_kw = max(peak.eur_per_kw, *(price for _, price in peak.curve), 0.0) if peak.curve else peak.eur_per_kw
    per_kw += peak.excess_eur_per_kw
    dearest = float(max(np.abs(buy).max(), np.abs(sell).max()))
    wear = max((battery.wear_eur_per_kwh for battery in problem.batteries), default=0.0)
    car = max((car.shortfall_eur_per_kwh for car in problem.cars), default=0.0)
    goal = max(car, 2.0 * (4.0 * per_kw + 2.0 * dearest + wear), 1.0)
    final = _APART * goal
    operator = _APART * final
    energy = max((run.power_w * run.run_steps for run in problem.runs), default=0.0) / 1000.0
    return Penalties(
        goal=goal,
        final=final,
        operator=operator,
        circuit=_APART * operator,
        skipped=final * max(1.0, energy * problem.step_s / 3600.0),
    )
