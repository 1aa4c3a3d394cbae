"""Whatever the figures: a plan, consistent with physics and with what it says of itself.

`KWARTIER_PLANS=10000` runs as many problems as that; `make test` a few hundred.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planning.contradictions import contradictory
from tests.planning.documents import as_document
from tests.planning.judge import faults, wrong_bill

from kwartier.planning import plan
from kwartier.planning.answer_json import document
from kwartier.planning.problem_json import read_problem
from kwartier.planning.tidy import tidy
from kwartier.site.errors import ConfigError

COUNT = int(os.environ.get("KWARTIER_PLANS", "150"))
TIME_LIMIT_S = 2.0


def problems_of(seed: int) -> list[str]:
    """What is wrong with the plan of a contradictory problem."""
    given_problem = read_problem(json.dumps(contradictory(seed)), "problem")
    made = plan(given_problem, time_limit_s=TIME_LIMIT_S)
    answer = json.loads(json.dumps(document(given_problem, made), allow_nan=False))
    clean, named = tidy(given_problem)
    wrong = faults(as_document(clean), answer)
    if not any(car.goals for car in clean.cars):
        wrong += wrong_bill(as_document(clean), answer)
    if len(made.violations) < len(named):
        wrong.append("a figure was replaced and not named")
    return wrong


@pytest.mark.parametrize("chunk", range(10))
def test_a_plan_comes_back_every_time(chunk: int) -> None:
    failed = {seed: wrong for seed in range(chunk, COUNT, 10) if (wrong := problems_of(seed))}
    assert failed == {}


@given(seed=st.integers(min_value=10**6, max_value=2**31))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_plan_comes_back_for_any_seed(seed: int) -> None:
    assert problems_of(seed) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda x: st.lists(x, max_size=3)
    )
)
@settings(max_examples=30, deadline=None)
def test_anything_in_the_place_of_prices_is_a_plan_or_a_clear_error(value: object) -> None:
    problem = contradictory(4)
    problem["import_price"] = value
    text = json.dumps(problem)
    try:
        given_problem = read_problem(text, "problem")
    except ConfigError:
        with pytest.raises(ConfigError, match=r"^problem: .*(import_price|entries)"):
            read_problem(text, "problem")
        return
    assert plan(given_problem, time_limit_s=TIME_LIMIT_S).grid_w
