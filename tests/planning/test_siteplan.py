"""From a site's situation to its plan: goals, slots by hand, modes, what is not known."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.situations import STEPS, battery, car, price, situation

from kwartier.historian.codec import decode, encode
from kwartier.planning.siteplan import Planner
from kwartier.planning.sitescores import scores
from kwartier.planning.situation import Answer, Past, Situation
from kwartier.site.plans import Peak


def planned(**changes: Any) -> Answer:
    """By a planner that keeps nothing."""
    return Planner.new().plan(situation(**changes))


def kwh(power_w: tuple[float, ...], first: int = 0, last: int = STEPS) -> float:
    """At the charge point."""
    return sum(power_w[first:last]) / 4000.0


def test_a_car_charges_when_it_is_cheap_and_in_time() -> None:
    """All of it lies in the hours of 10 cent, costs less than at once, and each step has its reason."""
    answer = planned(cars=(car(),))
    power = answer.cars_w["left"]
    assert kwh(power, 0, 58) == pytest.approx(15.0, abs=0.01)
    assert {price(s) for s, w in enumerate(power) if w > 1} == {0.10}
    assert answer.missing_kwh["left"] == 0
    assert answer.cost_eur["energy"] < answer.at_once_eur
    codes = {why.code for s, why in enumerate(answer.whys["left"]) if power[s] > 1 and why is not None}
    assert codes <= {"plan_cheap", "plan_cheap_peak_paid"}


def test_what_cannot_be_reached_is_named_with_how_much() -> None:
    """2 hours at 7.36 kW are 14.7 kWh."""
    answer = planned(cars=(car(needs_kwh=30.0, due_step=8),))
    assert answer.missing_kwh["left"] == pytest.approx(30 - 14.72, abs=0.02)
    assert any(v.what == "car_goal" and v.id == "left" for v in answer.violations)


def test_a_slot_by_hand_stays_and_the_plan_works_round_it() -> None:
    """Four steps at 3 kW in the evening are 3 kWh; the rest comes when it is cheap; a closed slot stays empty."""
    cheap = [s for s in range(58) if price(s) == 0.10]
    closed = (cheap[0], cheap[0] + 8, 0.0)
    answer = planned(cars=(car(fixed=((4, 8, 3000.0), closed)),))
    power = answer.cars_w["left"]
    assert power[4:8] == (3000.0,) * 4
    assert not any(power[closed[0] : closed[1]])
    assert kwh(power, 0, 58) == pytest.approx(15.0, abs=0.01)


def test_styles() -> None:
    """Late begins no earlier than it must; in one go has no pause; cheapest is cheapest."""
    late = planned(cars=(car(style="late"),)).cars_w["left"]
    assert min(s for s, w in enumerate(late) if w > 1) >= 58 - 10
    whole = planned(cars=(car(style="unbroken"),)).cars_w["left"]
    on = [s for s, w in enumerate(whole) if w > 1]
    assert on == list(range(on[0], on[-1] + 1))
    assert kwh(whole, 0, 58) == pytest.approx(15.0, abs=0.05)


def test_modes_that_do_not_wait_are_reckoned_with() -> None:
    """Fast draws from now on and below the quarter's goal; off draws nothing; sun follows the roof."""
    fast = planned(cars=(car(mode="fast", needs_kwh=0.0, expected_kwh=10.0),)).cars_w["left"]
    assert fast[0] == 7360.0
    assert kwh(fast) == pytest.approx(10.0, abs=0.01)
    held = planned(goal_w=3000.0, cars=(car(mode="fast", needs_kwh=0.0, expected_kwh=10.0),))
    assert held.cars_w["left"][0] < fast[0]
    assert max(held.grid_w) <= 3001.0
    assert not any(planned(cars=(car(mode="off"),)).cars_w["left"])
    sun = planned(cars=(car(mode="sun", needs_kwh=0.0, expected_kwh=20.0),)).cars_w["left"]
    assert all(8 <= (17 + s / 4) % 24 <= 18 for s, w in enumerate(sun) if w > 1)
    assert kwh(sun) > 2


def test_the_goal_of_the_quarters_holds_in_the_plan() -> None:
    """What the fast loop keeps, the plan does not promise to pass; a house above it by itself is no violation."""
    answer = planned(goal_w=2500.0, cars=(car(),))
    assert max(answer.grid_w) <= 2501.0
    assert answer.missing_kwh["left"] == 0
    loud = planned(goal_w=100.0)
    assert loud.violations == ()


def test_a_battery_gives_when_it_is_dear_and_within_its_bounds() -> None:
    """And what is in it follows from what it does."""
    answer = planned(batteries=(battery(),))
    power, kept = answer.batteries_w["cellar"], answer.batteries_kwh["cellar"]
    assert sum(power[:20]) < 0
    assert all(0.39 <= value <= 8.01 for value in kept)


@pytest.mark.parametrize("days", [0, 1, 3])
def test_a_house_that_is_hardly_known(days: int) -> None:
    """There is a plan with a wide band, and it says what it rests on."""
    made = situation(cars=(car(),))
    first = len(made.house_w) - days * 96
    made = replace(
        made,
        house_start_s=made.house_start_s + first * 900,
        house_w=made.house_w[first:],
        sun_w=made.sun_w[first:],
    )
    answer = Planner.new().plan(made)
    assert answer.house.basis in {"typical", "little_history"}
    assert kwh(answer.cars_w["left"], 0, 58) == pytest.approx(15.0, abs=0.01)
    if not days:
        assert answer.sun.basis == "none"


def test_same_in_same_out_and_through_the_wire() -> None:
    """Bit for bit, also after another plan, and as JSON."""
    made = situation(cars=(car(),), batteries=(battery(),))
    planner = Planner.new()
    first = planner.plan(made)
    planner.plan(situation(cars=(car(needs_kwh=3.0),)))
    assert replace(Planner.new().plan(decode(Situation, encode(made))), solve_s=0.0) == replace(
        first, solve_s=0.0
    )
    assert decode(Answer, encode(first)) == first


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    needs=st.floats(0, 80),
    due=st.integers(0, 200),
    fixed=st.lists(
        st.tuples(st.integers(-5, 90), st.integers(1, 20), st.sampled_from([0.0, 1380.0, 9000.0])), max_size=2
    ),
    peak=st.floats(0, 9000),
    style=st.sampled_from(["cheapest", "late", "unbroken"]),
    goal=st.none() | st.floats(0, 9000),
)
def test_there_is_always_a_plan(
    needs: float, due: int, fixed: list[tuple[int, int, float]], peak: float, style: Any, goal: float | None
) -> None:
    """Whatever is asked: power within the charge point's, energy not above what was asked and fixed, figures everywhere."""
    slots = tuple((first, first + length, power) for first, length, power in fixed)
    wish = car(needs_kwh=needs, due_step=due, fixed=slots, style=style)
    answer = Planner.new().plan(
        situation(cars=(wish,), goal_w=goal, peak=Peak(eur_per_kw=4.5, so_far_w=peak), time_limit_s=0.5)
    )
    power = answer.cars_w["left"]
    assert len(power) == len(answer.grid_w) == STEPS
    assert all(-0.1 <= w <= 7360.1 or w == pytest.approx(9000.0) for w in power)
    by_hand = sum(max(0, b - max(0, a)) * w / 4000.0 for a, b, w in slots)
    assert kwh(power) <= needs + by_hand + 0.1
    assert 0 <= answer.missing_kwh["left"] <= needs + 1e-6


def test_scores_read_no_later_row() -> None:
    """Poison after a day's midnight changes nothing of that day's forecast."""
    made = situation()
    past = Past(
        now_s=made.now_s,
        zone="Europe/Brussels",
        house_start_s=made.house_start_s,
        house_w=made.house_w,
        sun_w=made.sun_w,
        days=2,
    )
    whole = scores(past)
    poisoned = tuple(v if i < len(made.house_w) - 96 else 9e6 for i, v in enumerate(made.house_w))
    again = scores(replace(past, house_w=poisoned))
    house, house_again = whole.scores[0], again.scores[0]
    assert house.mid_w == house_again.mid_w
    assert house.mae_w is not None
    assert house_again.mae_w is not None
    assert house_again.mae_w > 1000 * house.mae_w
    assert {s.name for s in whole.scores} == {"house", "sun"}
