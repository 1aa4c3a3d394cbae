"""The running site and the backtest plan by one policy: for the same situation they solve the same problem."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from tests.planning.situations import STEPS, battery, car, situation

from kwartier.edge.plan.inputs import gather
from kwartier.edge.plan.made import Made, advice_of
from kwartier.historian.codec import decode, encode
from kwartier.planning.horizon import HorizonState
from kwartier.planning.horizon import problem_of as horizon_problem
from kwartier.planning.siteplan import Planner
from kwartier.planning.siteproblem import SMOOTH_EUR_PER_KW, month_left, night_of, problem_of, state_of
from kwartier.planning.situation import STEP_S, CarWish, Course, Situation, StayThen
from kwartier.simulation.backtest import household
from kwartier.simulation.backtest.case import Case
from kwartier.simulation.backtest.household import Policy, run_plan
from kwartier.simulation.backtest.sample import sample_household
from kwartier.site.plans import Peak, Problem
from kwartier.site.reasons import reason

PEAK = Peak(eur_per_kw=4.5, so_far_w=2600.0, floor_w=2500.0)


class Nothing:
    """No history."""

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """None."""
        return {}


def seen_by_the_site(case: Case, state: HorizonState) -> Situation:
    """What the edge would tell its planner at this moment: recorded means, stays that are over, the car by its wish."""
    now = (state.start_s - case.start_s) // STEP_S
    return Situation(
        now_s=state.start_s + 5.0,
        start_s=state.start_s,
        zone=str(case.zone),
        house_start_s=case.start_s,
        house_w=tuple(case.load_w[:now].tolist()),
        sun_w=tuple(case.pv_w[:now].tolist()),
        import_price=tuple(state.prices.import_eur_per_kwh.tolist()),
        export_price=tuple(state.prices.export_eur_per_kwh.tolist()),
        known_steps=state.prices.known_steps,
        stays=tuple(
            StayThen(
                plugged_s=case.start_s + stay.first * STEP_S,
                gone_s=case.start_s + stay.last * STEP_S,
                energy_kwh=stay.energy_kwh,
                max_w=case.house.car_max_w,
            )
            for stay in case.stays
            if stay.last <= now
        ),
        peak=Peak(
            eur_per_kw=state.peak_eur_per_kw,
            so_far_w=state.peak_so_far_w,
            floor_w=state.peak_floor_w,
            month_ends=state.month_ends,
        ),
        batteries=state.batteries,
        cars=tuple(
            CarWish(
                id=each.id,
                needs_kwh=each.energy_kwh,
                due_step=int((each.depart_s - state.start_s) // STEP_S),
                min_w=each.min_w,
                max_w=each.max_w,
            )
            for each in state.cars
        ),
    )


def course(band: object) -> Course:
    """A forecast of the backtest as the site tells it."""
    low, mid, high = (tuple(getattr(band, name).tolist()) for name in ("low", "mid", "high"))
    return Course(low=low, mid=mid, high=high, basis="history")


def same(site: Problem, backtest: Problem) -> None:
    """All that the policy says; the site adds only what keeps a plan smooth."""
    assert site.load_w == pytest.approx(backtest.load_w, abs=0.051)
    for mine, its in zip(site.batteries, backtest.batteries, strict=True):
        assert replace(mine, reserve_levels=()) == replace(its, reserve_levels=())
        assert [up_to for up_to, _ in mine.reserve_levels] == [up_to for up_to, _ in its.reserve_levels]
        for (_, here), (_, there) in zip(mine.reserve_levels, its.reserve_levels, strict=True):
            assert here == pytest.approx(there, abs=1e-12)
    assert site.smooth_eur_per_kw == SMOOTH_EUR_PER_KW
    left = replace(site, load_w=(), batteries=(), smooth_eur_per_kw=0.0)
    assert left == replace(backtest, load_w=(), batteries=())


def test_a_site_plans_as_the_backtest_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """At every plan of a week: reserve by what the nights have taught, careful load, what may wait, end value, peak."""
    case = sample_household(days=8, seed=3)
    seen: list[Problem] = []

    def both(state: HorizonState) -> Problem:
        found = horizon_problem(state)
        asked = decode(Situation, encode(seen_by_the_site(case, state)))
        same(problem_of(asked, course(state.load), course(state.pv), night_of(asked)), found)
        seen.append(found)
        return found

    monkeypatch.setattr(household, "problem_of", both)
    run_plan(case, Policy(replan_steps=12), first=96)
    assert len(seen) > 40
    assert any(problem.cars for problem in seen)
    lowest = {problem.batteries[0].reserve_levels[0][1][0] for problem in seen}
    assert len(lowest) > 5  # the reserve follows the hour and the peak
    assert not any(problem.batteries[0].reserve_kwh for problem in seen)


def test_the_worker_solves_that_problem() -> None:
    """From the situation to the answer: with a price of the peak a nearly empty battery fills for what may come; without one
    nothing is risked."""
    low = battery(soc_kwh=0.5, min_soc_kwh=0.5)
    flat = (0.25,) * STEPS
    made = situation(batteries=(low,), import_price=flat, sun_w=(), peak=PEAK)
    guarded = Planner.new().plan(made)
    free = Planner.new().plan(replace(made, peak=Peak(floor_w=2500.0)))
    assert max(guarded.batteries_kwh["cellar"]) > 0.9
    assert max(free.batteries_kwh["cellar"]) == pytest.approx(0.5, abs=0.01)
    told = {why.code for why in guarded.whys["cellar"] if why is not None}
    assert "plan_battery_reserve" in told
    assert night_of(replace(made, peak=Peak())) is None
    assert night_of(replace(made, batteries=())) is None


def test_what_a_kwh_is_worth_goes_along_with_the_advice() -> None:
    """As the backtest hands it down: for the battery at the end of each step, for the car one figure."""
    made = situation(cars=(car(),), batteries=(battery(),), peak=PEAK)
    answer = Planner.new().plan(made)
    inputs = gather(
        Nothing(), None, None, now_s=made.now_s, zone=ZoneInfo(made.zone), devices={}, peak_so_far_w=None,
        floor_w=2500.0, eur_per_kw_year=None, lost=False,
    )  # fmt: skip
    told = Made(
        number=3, made_s=made.now_s, cause=reason("plan_first"), inputs=inputs, situation=made, answer=answer
    )
    advice = advice_of(told)
    assert len(advice.values_eur_per_kwh["cellar"]) == STEPS
    assert len(advice.values_eur_per_kwh["left"]) == 1
    assert 0.05 < advice.values_eur_per_kwh["cellar"][0] < 0.6
    assert advice.peak_w == max(2600.0, answer.peak_w)


def test_nothing_is_needed() -> None:
    """No history at all, one price all day, no sun: the reserve is that of a new site, and there is a plan."""
    made = situation(house_w=(), sun_w=(), batteries=(battery(),), cars=(car(),), peak=PEAK)
    bare = replace(made, house_start_s=made.start_s, import_price=(0.3,) * STEPS, export_price=(0.0,) * STEPS)
    answer = Planner.new().plan(bare)
    assert answer.missing_kwh["left"] == 0
    planner = Planner.new()
    task = problem_of(bare, planner.house(bare), answer.sun, planner.night(bare)).batteries[0]
    assert min(task.reserve_levels[0][1]) > 0.0
    gaps = replace(
        made, house_w=(None,) * 960, sun_w=(None,) * 960, house_start_s=made.start_s - 960 * STEP_S
    )
    night, new = night_of(gaps), night_of(bare)
    assert night is not None
    assert new is not None
    assert (night[0].expected_w == new[0].expected_w).all()


def test_two_batteries_keep_what_one_of_their_size_would() -> None:
    """Each its share, above what must stay in it."""
    half = battery(capacity_kwh=4.2, min_soc_kwh=0.2, charge_w=1500.0, discharge_w=1500.0)
    one = battery(capacity_kwh=8.4, min_soc_kwh=0.4)

    def tasks(made: Situation) -> Problem:
        planner = Planner.new()
        flat = Course(low=(400.0,) * STEPS, mid=(400.0,) * STEPS, high=(600.0,) * STEPS, basis="history")
        return problem_of(made, flat, flat, planner.night(made))

    whole = tasks(situation(batteries=(one,), peak=PEAK)).batteries[0]
    parts = tasks(situation(batteries=(half, replace(half, id="attic")), peak=PEAK)).batteries
    assert whole.reserve_levels[0][0] == pytest.approx(0.4 + 0.055 * 8.0)
    for part in parts:
        for (up_to, prices), (all_up_to, all_prices) in zip(
            part.reserve_levels, whole.reserve_levels, strict=True
        ):
            assert up_to == pytest.approx(all_up_to / 2)
            assert prices == pytest.approx(all_prices)


def test_a_car_can_come_while_a_cable_is_free_or_nobody_said_when_he_leaves() -> None:
    """The reserve for cars that come is there until the last cable is taken for certain."""
    stays = tuple(
        StayThen(
            plugged_s=situation().start_s - day * 86400.0,
            gone_s=situation().start_s - day * 86400.0 + 5400.0,
            energy_kwh=9.0,
            max_w=7360.0,
        )
        for day in range(1, 10)
    )

    def lowest(cars: tuple[CarWish, ...] = (), points: int = 1) -> float:
        made = replace(situation(batteries=(battery(),), stays=stays, peak=PEAK), cars=cars, points=points)
        planner = Planner.new()
        house, flat = (
            planner.house(made),
            Course(low=(0.0,) * STEPS, mid=(0.0,) * STEPS, high=(0.0,) * STEPS, basis="none"),
        )
        return problem_of(made, house, flat, planner.night(made)).batteries[0].reserve_levels[0][1][4]

    calm = lowest(cars=(car(due_step=40),))
    assert lowest() > 2 * calm
    assert lowest(cars=(car(due_step=40),), points=2) == lowest()
    assert lowest(cars=(car(due_step=96, departure_said=False),)) == lowest()


def test_what_may_wait_until_after_the_plan_waits() -> None:
    """A goal in two days needs nothing tonight and is not missing; what is wanted at once is; in one go stays in one go."""
    far = car(due_step=STEPS + 60)
    answer = Planner.new().plan(situation(cars=(far,)))
    assert max(answer.cars_w["left"]) == 0.0
    assert answer.missing_kwh["left"] == 0
    now = Planner.new().plan(situation(cars=(replace(far, at_once_kwh=3.0),)))
    assert sum(now.cars_w["left"]) / 4000.0 == pytest.approx(3.0, abs=0.01)
    soon = replace(far, due_step=STEPS + 4)
    assert sum(Planner.new().plan(situation(cars=(soon,))).cars_w["left"]) / 4000.0 == pytest.approx(
        15.0 - 7.36, abs=0.01
    )
    whole = Planner.new().plan(situation(cars=(replace(soon, style="unbroken"),))).cars_w["left"]
    on = [step for step, power_w in enumerate(whole) if power_w > 1.0]
    assert on == list(range(on[0], on[-1] + 1))
    assert sum(whole) / 4000.0 == pytest.approx(15.0, abs=0.05)
    never = Planner.new().plan(situation(cars=(replace(soon, needs_kwh=400.0),)))
    assert never.missing_kwh["left"] == pytest.approx(400.0 - 100 * 7.36 / 4, abs=0.1)


def test_a_learnt_curve_of_the_peak_is_kept() -> None:
    """Whoever hands down a value of the month's peak finds it in the problem and in the reserve's price."""
    made = situation(batteries=(battery(),), peak=replace(PEAK, curve=((2500.0, 2.25), (6000.0, 4.5))))
    planner = Planner.new()
    house = planner.house(made)
    halved, full = (
        problem_of(each, house, house, planner.night(each)) for each in (made, replace(made, peak=PEAK))
    )
    assert halved.peak == made.peak
    assert halved.batteries[0].reserve_levels[0][1] == pytest.approx(
        [price / 2 for price in full.batteries[0].reserve_levels[0][1]]
    )


def test_the_slots_of_the_day_and_the_rest_of_the_month_follow_the_wall() -> None:
    """The day the clock goes forward has no slots 8 to 11."""
    zone = situation().zone
    made = situation(start_s=1774738800)  # 29 March 2026, 00:00 in Brussels
    flat = Course(low=(0.0,) * STEPS, mid=(0.0,) * STEPS, high=(0.0,) * STEPS, basis="none")
    slots = state_of(made, flat, flat, None).slots.tolist()
    assert slots[:10] == [0, 1, 2, 3, 4, 5, 6, 7, 12, 13]
    assert month_left(1774738800, ZoneInfo(zone)) == pytest.approx((3 * 24 - 1) / (31 * 24 - 1))
