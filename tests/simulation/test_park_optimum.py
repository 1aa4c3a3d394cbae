"""Perfect foresight: cases that one can solve by hand, and that no controller beats it."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.parks import park, workplace

from kwartier.simulation.backtest.park import energy_eur
from kwartier.simulation.backtest.park_case import Case
from kwartier.simulation.backtest.park_controllers import (
    ConstantPower,
    FixedTarget,
    Learnt,
    LeastLaxity,
    Uncontrolled,
)
from kwartier.simulation.backtest.park_optimum import optimum, reachable_kwh
from kwartier.simulation.backtest.park_replay import Controller, replay


def only_peak(case: Case) -> float:
    (peak_w,) = optimum(case).peak_w.values()
    return peak_w


def test_one_car_is_spread_over_its_stay() -> None:
    assert only_peak(park([(8, 4, 8)])) == pytest.approx(2000.0)


def test_a_car_that_can_wait_makes_room_for_one_that_cannot() -> None:
    # 4 kWh in the first hour by one alone, then 12 kWh in three hours by the other
    assert only_peak(park([(8, 1, 4), (8, 4, 12)])) == pytest.approx(4000.0)


def test_load_stands_below_the_cars_and_sun_lifts_them() -> None:
    assert only_peak(park([(8, 4, 8)], load_w=3000.0)) == pytest.approx(5000.0)
    assert only_peak(park([(8, 4, 8)], pv_w=1500.0)) == pytest.approx(500.0)


def test_what_cannot_be_had_is_not_asked_for() -> None:
    case = park([(8, 0.5, 60)])
    assert reachable_kwh(case).tolist() == pytest.approx([3.68])
    assert only_peak(case) == pytest.approx(7360.0)


def test_cheap_hours_are_used_as_far_as_the_peak_is_worth() -> None:
    case = park([(8, 2, 4)])
    spot = case.spot_eur_per_kwh.copy()
    spot[36:40] -= 20.0  # the second hour is 20 EUR/kWh cheaper: more than a kW of peak costs
    cheap = optimum(replace(case, spot_eur_per_kwh=spot))
    assert cheap.cars_w[36:40] == pytest.approx([4000.0] * 4)
    assert cheap.cars_w[32:36] == pytest.approx([0.0] * 4)


def test_no_controller_is_cheaper_than_perfect_foresight_at_equal_energy() -> None:
    seed = 1
    case = workplace(14, seed)
    spot = np.random.default_rng(seed).normal(0.08, 0.05, case.quarters)
    case = replace(case, spot_eur_per_kwh=spot, pv_w=np.maximum(0.0, spot * 2e4))
    target = dict.fromkeys(case.months, 15_000.0)
    ways: list[Controller] = [
        Uncontrolled(case),
        ConstantPower(case),
        FixedTarget(case, target),
        LeastLaxity(case, target),
        Learnt(case),
    ]
    for way in ways:
        outcome = replay(case, way, 900)
        peak_kw = outcome.grid_w.max() / 1000.0
        cost = energy_eur(case, outcome.grid_w) + peak_kw * case.contract.peak_eur_per_kw_month
        best = optimum(case, outcome.taken_kwh)
        assert best.cost_eur <= cost + 1e-6, type(way).__name__
        assert best.cars_w.sum() / 4000.0 == pytest.approx(outcome.taken_kwh.sum())
