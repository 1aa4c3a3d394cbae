"""Situations of a house for tests of the site's plan: a cheap night, a dear evening, sun at noon."""

import math
from dataclasses import replace
from typing import Any

from kwartier.planning.situation import STEP_S, CarWish, Situation
from kwartier.site.plans import BatteryTask, Peak

START_S = 1776178800
"""A Tuesday in April, 17:00 in Brussels."""
STEPS = 96
DAYS = 10


def hour(step: int) -> float:
    """Of the local day."""
    return (17.0 + step / 4) % 24


def price(step: int) -> float:
    """30 cent in the evening, 10 at night, 20 otherwise."""
    return 0.30 if 17 <= hour(step) < 22 else 0.10 if 1 <= hour(step) < 5 else 0.20


def situation(**changes: Any) -> Situation:
    """A house of 400 W with sun at noon; ten days are known."""
    past = range(-DAYS * 96, 0)
    made = Situation(
        now_s=START_S + 30.0,
        start_s=START_S,
        zone="Europe/Brussels",
        house_start_s=START_S - DAYS * 96 * STEP_S,
        house_w=tuple(400.0 + 40.0 * math.sin(s) for s in past),
        sun_w=tuple(
            max(0.0, 3000.0 * math.sin((hour(s) - 8) / 10 * math.pi)) if 8 < hour(s) < 18 else 0.0
            for s in past
        ),
        import_price=tuple(price(s) for s in range(STEPS)),
        export_price=(0.02,) * STEPS,
        import_limit_w=17000.0,
        peak=Peak(eur_per_kw=4.5, so_far_w=8000.0, floor_w=2500.0),
    )
    return replace(made, **changes)


def car(**changes: Any) -> CarWish:
    """15 kWh by 7:30."""
    return replace(CarWish(id="left", needs_kwh=15.0, due_step=58, min_w=1380.0, max_w=7360.0), **changes)


def battery(**changes: Any) -> BatteryTask:
    """8 kWh, half full."""
    made = BatteryTask(
        id="cellar", capacity_kwh=8.0, soc_kwh=4.0, min_soc_kwh=0.4, charge_w=3000.0, discharge_w=3000.0,
        charge_efficiency=0.95, discharge_efficiency=0.95, wear_eur_per_kwh=0.01,
    )  # fmt: skip
    return replace(made, **changes)
