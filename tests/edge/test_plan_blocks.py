"""What a block of the plan costs: every kWh is paid for once, wherever it comes from."""

import pytest

from kwartier.edge.plan.blocks import Block, blocks
from kwartier.planning.situation import Answer, CarWish, Course, Situation
from kwartier.site.plans import BatteryTask, Peak

TAKEN, GIVEN = 0.25, 0.05
STEPS = 4


def plan(grid_w: float, car_w: float, battery_w: float) -> dict[str, Block]:
    """An hour in which these powers stand still; the house and the roof are what is left."""
    nothing = Course(low=(0.0,) * STEPS, mid=(0.0,) * STEPS, high=(0.0,) * STEPS, basis="none")
    situation = Situation(
        now_s=0.0,
        start_s=0,
        zone="Europe/Brussels",
        house_start_s=0,
        house_w=(),
        sun_w=(),
        import_price=(TAKEN,) * STEPS,
        export_price=(GIVEN,) * STEPS,
        peak=Peak(),
        batteries=(BatteryTask(id="cells", capacity_kwh=10.0, soc_kwh=5.0),),
        cars=(CarWish(id="car", needs_kwh=5.0, due_step=STEPS, min_w=0.0, max_w=11_000.0),),
    )
    answer = Answer(
        status="optimal",
        gap_eur=0.0,
        solve_s=0.0,
        house=nothing,
        sun=nothing,
        grid_w=(grid_w,) * STEPS,
        cars_w={"car": (car_w,) * STEPS},
        batteries_w={"cells": (battery_w,) * STEPS},
        batteries_kwh={},
        marginal_eur_per_kwh=(),
        values_eur_per_kwh={},
        cost_eur={},
        peak_w=0.0,
        at_once_eur=0.0,
        missing_kwh={},
        violations=(),
        whys={},
    )
    return {block.device_id: block for block in blocks(situation, answer)}


@pytest.mark.parametrize(
    ("grid_w", "car_w", "battery_w", "sun_pct", "car_eur", "battery_eur"),
    [
        (2000.0, 2000.0, 0.0, 0.0, 2 * TAKEN, None),
        (0.0, 2000.0, 0.0, 100.0, 2 * GIVEN, None),
        (500.0, 2000.0, 0.0, 75.0, 0.5 * TAKEN + 1.5 * GIVEN, None),
        (0.0, 2000.0, -2000.0, 0.0, 2 * TAKEN, -2 * TAKEN),
        (0.0, 2000.0, -3000.0, 0.0, 2 * TAKEN, -3 * TAKEN),
        (500.0, 2000.0, -500.0, 50.0, TAKEN + GIVEN, -0.5 * TAKEN),
        (-1000.0, 2000.0, 1000.0, 100.0, 2 * GIVEN, GIVEN),
        (3000.0, 2000.0, 1000.0, 0.0, 2 * TAKEN, TAKEN),
    ],
    ids=["grid", "roof", "both", "battery", "battery-and-house", "all", "roof-for-two", "grid-for-two"],
)
def test_what_comes_from_where(
    grid_w: float,
    car_w: float,
    battery_w: float,
    sun_pct: float,
    car_eur: float,
    battery_eur: float | None,
) -> None:
    """A kWh out of the battery costs the car what the battery is credited with, and is no sun."""
    found = plan(grid_w, car_w, battery_w)
    assert found["car"].sun_pct == pytest.approx(sun_pct)
    assert found["car"].cost == pytest.approx(car_eur)
    assert (None if battery_eur is None else found["cells"].cost) == battery_eur
