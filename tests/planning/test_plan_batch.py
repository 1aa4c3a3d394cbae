"""Plans of many sites, one after the other: each judged as a plan of its own, whatever was planned before it."""

import json
from typing import Any

import pytest
from tests.planning.contradictions import contradictory
from tests.planning.documents import as_document
from tests.planning.houses import house
from tests.planning.judge import faults, wrong_bill

from kwartier.planning import highs
from kwartier.planning.answer_json import document
from kwartier.planning.batch import GAP, plan_many
from kwartier.planning.planner import Solver
from kwartier.planning.problem_json import read_problem
from kwartier.planning.tidy import tidy
from kwartier.site.plans import Plan, Problem

HOUSES = 40
NEAR_EUR = 1e-3


def read(problem: dict[str, Any]) -> Problem:
    return read_problem(json.dumps(problem), "problem")


def answered(problem: Problem, made: object) -> dict[str, Any]:
    assert isinstance(made, Plan)
    answer: dict[str, Any] = json.loads(json.dumps(document(problem, made), allow_nan=False))
    return answer


def test_each_plan_of_a_batch_keeps_to_physics_and_its_own_figures() -> None:
    documents = [house(seed) for seed in range(HOUSES)]
    problems = [read(each) for each in documents]
    for text, problem, made in zip(documents, problems, plan_many(problems), strict=True):
        answer = answered(problem, made)
        assert faults(text, answer) == []
        assert wrong_bill(text, answer) == []


def test_the_bounds_of_a_batch_hold_for_plans_made_alone() -> None:
    """No bound is above what another way of solving found, on either side."""
    problems = [read(house(seed)) for seed in range(HOUSES)]
    for problem, made in zip(problems, plan_many(problems), strict=True):
        assert isinstance(made, Plan)
        alone = Solver().plan(problem, search=False)
        assert made.bound_eur <= alone.objective_eur + NEAR_EUR
        assert alone.bound_eur <= made.objective_eur + NEAR_EUR
        if made.status == "optimal":
            assert made.objective_eur - made.bound_eur <= GAP * abs(made.objective_eur) + NEAR_EUR


def test_contradictory_sites_do_not_spoil_those_after_them() -> None:
    problems = [read(contradictory(seed)) for seed in range(30)]
    for problem, made in zip(problems, plan_many(problems), strict=True):
        clean, named = tidy(problem)
        answer = answered(problem, made)
        assert faults(as_document(clean), answer) == []
        assert isinstance(made, Plan)
        assert len(made.violations) >= len(named)


def test_what_the_quick_rules_do_not_end_is_solved_with_care(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [read(house(seed)) for seed in range(6)]
    usual = list(plan_many(problems))
    monkeypatch.setattr(highs, "_QUICK_ITERATIONS", 1)
    for one, other in zip(usual, plan_many(problems), strict=True):
        assert isinstance(one, Plan)
        assert isinstance(other, Plan)
        assert other.bound_eur == pytest.approx(one.bound_eur, abs=NEAR_EUR)
        assert other.grid_w


def test_the_same_batch_gives_the_same_plans() -> None:
    problems = [read(house(seed)) for seed in range(12)]
    first, again = list(plan_many(problems)), list(plan_many(problems))
    for one, other in zip(first, again, strict=True):
        assert isinstance(one, Plan)
        assert isinstance(other, Plan)
        assert (one.grid_w, one.objective_eur, one.bound_eur) == (
            other.grid_w,
            other.objective_eur,
            other.bound_eur,
        )
