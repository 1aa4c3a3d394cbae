"""Plans of many sites, one after the other: each judged as a plan of its own, whatever was planned before it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.planning.contradictions import contradictory
from tests.planning.documents import as_document
from tests.planning.houses import house
from tests.planning.judge import faults, wrong_bill

from kwartier.planning import highs, planner
from kwartier.planning.answer_json import document
from kwartier.planning.batch import GAP, plan_many
from kwartier.planning.build import build
from kwartier.planning.peak_rows import peak_stays
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


def test_a_peak_held_at_what_is_paid_is_held_only_where_that_is_the_optimum() -> None:
    """The smaller program's own proof, against the program in which the peak may rise."""
    stayed = rose = 0
    for seed in range(HOUSES):
        problem = tidy(read(house(seed, cars=1 + seed % 2)))[0]
        for so_far_w in (0.0, 1500.0, 4000.0):
            peak = replace(problem.peak, eur_per_kw=4.5, so_far_w=so_far_w, floor_w=500.0)
            held = build(replace(problem, peak=peak), hold_peak=True)
            if not held.peak_held:
                continue
            assert held.peak is not None
            full = highs.Linear(build(replace(problem, peak=peak)).program).solve(10.0)
            assert full is not None
            lean = highs.Linear(held.program).solve(10.0)
            if lean is None:
                rose += 1
                continue
            assert lean.objective >= full.objective - NEAR_EUR
            if peak_stays(held.peak, lean.dual, lean.reduced, held.peak_cuts):
                assert lean.objective == pytest.approx(full.objective, abs=NEAR_EUR)
                stayed += 1
            else:
                assert lean.objective > full.objective + NEAR_EUR
                rose += 1
    assert stayed > 10
    assert rose > 10


def test_a_site_whose_peak_must_rise_gets_the_plan_of_one_that_may(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [read(house(seed)) for seed in range(12)]
    problems = [
        replace(p, peak=replace(p.peak, eur_per_kw=1.0, so_far_w=0.0, floor_w=700.0)) for p in problems
    ]
    tried = list(plan_many(problems))
    monkeypatch.setattr(planner, "_ROSE", 0)
    monkeypatch.setattr(planner, "_RETRY", 10**9)
    risen = 0
    for one, other in zip(tried, plan_many(problems), strict=True):
        assert isinstance(one, Plan)
        assert isinstance(other, Plan)
        assert one.bound_eur == pytest.approx(other.bound_eur, abs=NEAR_EUR)
        risen += one.peak_w > 701.0
    assert risen > 6
