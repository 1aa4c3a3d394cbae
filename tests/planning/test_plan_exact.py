"""Plans are feasible and as cheap as an exact solver's that shares no code with the planner."""

import pytest
from tests.planning.documents import planned
from tests.planning.exact import optimum_eur
from tests.planning.houses import house
from tests.planning.judge import faults, wrong_bill


@pytest.mark.parametrize(
    ("seed", "steps", "step_minutes", "inverted"),
    [
        (5, 64, 15, False),  # two cars, a battery, an appliance
        (8, 64, 15, False),
        (17, 64, 15, False),
        (105, 96, 15, False),
        (110, 96, 15, False),
        (112, 60, 15, False),
        (301, 48, 5, False),  # three steps to a quarter
        (307, 48, 5, False),
        (401, 30, 60, False),  # four quarters to a step
        (402, 30, 60, False),
        (201, 16, 15, True),  # selling dearer than buying
        (203, 16, 15, True),
    ],
)
def test_as_cheap_as_the_exact_solver(seed: int, steps: int, step_minutes: float, inverted: bool) -> None:
    problem = house(seed, steps=steps, step_minutes=step_minutes, inverted=inverted)
    answer = planned(problem)
    assert faults(problem, answer) == []
    assert wrong_bill(problem, answer) == []
    best = optimum_eur(problem)
    allowed = 1e-3 * abs(best) + 1e-4
    assert answer["objective_eur"] <= best + allowed
    assert answer["bound_eur"] <= best + 1e-4 * abs(best) + 1e-5
    assert answer["status"] == "optimal"


def test_the_same_input_gives_the_same_plan_bit_for_bit() -> None:
    problem = house(112, steps=60)
    first, second = planned(problem), planned(problem)
    del first["solve_seconds"], second["solve_seconds"]
    assert first == second
