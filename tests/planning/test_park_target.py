"""The month's target of a car park: day curves by hand, and what must hold for the target."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.planning.horizon.park_learner import ParkLearner
from kwartier.planning.horizon.park_target import (
    DayCurve,
    MonthSoFar,
    TargetRule,
    day_curve,
    month_target_w,
    targets_w,
)
from kwartier.planning.horizon.park_visits import Visits

H = 3600


def curve(cars: list[tuple[float, float, float]], targets: list[float], net_w: float = 0.0) -> DayCurve:
    """Cars as (arrives h, leaves h, wants kWh) on a day of constant load less sun."""
    table = np.array(cars)
    return day_curve(
        day=1,
        arrive_s=(table[:, 0] * H).astype(np.int64),
        depart_s=(table[:, 1] * H).astype(np.int64),
        wanted_kwh=table[:, 2],
        max_w=np.full(len(cars), 10_000.0),
        net_w=np.full(96, net_w),
        start_s=0,
        targets=np.array(targets),
    )


def test_a_day_loses_what_its_target_cannot_carry() -> None:
    # two cars, four hours, 20 kWh each: 10 kW carry them, 5 kW carry half
    day = curve([(8, 12, 20), (8, 12, 20)], [5_000, 10_000, 20_000])
    assert day.energy_kwh == 40.0
    assert day.lost_kwh == pytest.approx([20.0, 0.0, 0.0])


def test_load_takes_from_the_target_and_sun_gives() -> None:
    assert curve([(8, 12, 20)], [7_000], net_w=4_000).lost_kwh == pytest.approx([8.0])
    assert curve([(8, 12, 20)], [1_000], net_w=-4_000).lost_kwh == pytest.approx([0.0])
    assert curve([(8, 12, 20)], [1_000], net_w=4_000).lost_kwh == pytest.approx([20.0])


def test_one_that_leaves_early_shares_with_one_that_stays() -> None:
    # equal share of 6 kW: 3 kW each; the first leaves after two hours with 6 of 12 kWh, the other then has 6 kW alone
    assert curve([(8, 10, 12), (8, 12, 18)], [6_000]).lost_kwh == pytest.approx([6.0])


def test_parts_of_a_quarter_hour_count_by_the_second() -> None:
    assert curve([(8.125, 8.225, 5)], [50_000]).lost_kwh == pytest.approx([4.0])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.floats(0.1, 12), st.floats(0.1, 60)),
        min_size=1,
        max_size=12,
    ),
    st.floats(-20_000, 20_000),
)
def test_a_higher_target_never_loses_more(visits: list[tuple[float, float, float]], net_w: float) -> None:
    day = curve(
        [(at, min(24.0, at + stay), wants) for at, stay, wants in visits], list(targets_w(120_000.0)), net_w
    )
    assert (np.diff(day.lost_kwh) <= 1e-6).all()
    assert (day.lost_kwh >= -1e-9).all()
    assert (day.lost_kwh <= day.energy_kwh + 1e-9).all()


def days(count: int, lost: list[float]) -> list[DayCurve]:
    return [DayCurve(day, 100.0, np.array(lost)) for day in range(count)]


ROW = np.array([10.0, 20.0, 30.0, 40.0])
RULE = TargetRule(lost_share=0.01, month_lost_share=0.02, first_share=0.5)


def test_the_lowest_target_that_past_days_could_live_with() -> None:
    past = days(20, [9.0, 2.0, 0.9, 0.0])
    assert month_target_w(past, ROW, MonthSoFar(), 20, RULE) == 30.0


def test_a_park_that_has_seen_little_takes_a_share_of_what_is_installed() -> None:
    assert month_target_w(days(3, [0.0] * 4), ROW, MonthSoFar(), 3, RULE) == 20.0


def test_what_is_paid_is_paid() -> None:
    past = days(20, [0.0] * 4)
    assert month_target_w(past, ROW, MonthSoFar(target_w=33.0), 20, RULE) == 33.0


def test_a_month_that_has_lost_too_much_rises_a_step_a_day() -> None:
    past = days(40, [9.0, 2.0, 0.9, 0.0])
    month = MonthSoFar(target_w=30.0, days_gone=20, days_left=10, energy_kwh=2000.0, lost_kwh=70.0)
    assert month_target_w(past, ROW, month, 40, RULE) == pytest.approx(31.2)


def test_days_that_are_still_to_come_change_nothing() -> None:
    past = days(20, [9.0, 2.0, 0.9, 0.0])
    poison = [DayCurve(day, 100.0, np.array([1e9] * 4)) for day in (20, 21, 30)]
    assert month_target_w(past + poison, ROW, MonthSoFar(), 20, RULE) == 30.0


def empty() -> Visits:
    none = np.zeros(0)
    return Visits(
        arrive_s=none.astype(np.int64),
        depart_s=none.astype(np.int64),
        hour=none,
        weekend=none.astype(bool),
        energy_kwh=none,
        filled=none.astype(bool),
    )


def test_a_learner_begins_a_month_anew_and_never_falls_within_one() -> None:
    learner = ParkLearner(points=10, min_w=1380.0, max_w=7360.0, rule=TargetRule())
    grid = np.zeros(96 * 60)
    grid[96 * 2] = 60_000.0
    seen = [
        learner.new_day(
            day=day,
            month=day // 30,
            days_left=30 - day % 30,
            now_s=day * 86_400,
            visits=empty(),
            net_w=np.zeros(96 * day),
            grid_w=grid[: 96 * day],
            start_s=0,
        )
        for day in range(40)
    ]
    assert seen[:3] == pytest.approx([29_440.0] * 3)
    assert seen[3:30] == pytest.approx([60_000.0] * 27)
    assert seen[30:] == pytest.approx([29_440.0] * 10)


def test_a_park_without_charge_points_is_refused() -> None:
    with pytest.raises(ValueError, match="needs charge points"):
        ParkLearner(points=0, min_w=1380.0, max_w=7360.0, rule=TargetRule())
    with pytest.raises(ValueError, match="must be positive"):
        targets_w(0.0)
