"""The month's peak as a state with a value: traces, surprises, the curve, and the problem made of them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.planning import plan
from kwartier.planning.forecast.band import Band
from kwartier.planning.horizon import (
    ClosedPeak,
    HorizonState,
    PluggedCar,
    Prices,
    Surprises,
    advice_of,
    learn_surprises,
    peak_curve,
    problem_of,
    with_sessions,
)
from kwartier.planning.horizon.peak_value import eur_per_kw_at
from kwartier.planning.horizon.traces import evenly
from kwartier.site.plans import BatteryTask

START_S = 1_709_247_600
SLOTS = np.arange(96)


def learnt(days_w: np.ndarray) -> Surprises:
    return learn_surprises(days_w, capacity_kwh=9.0, charge_w=5000.0, discharge_w=5000.0)


def days(count: int, *, spike_at: int | None = None, spike_w: float = 6000.0) -> np.ndarray:
    table = np.full((count, 96), 400.0)
    if spike_at is not None:
        table[:, spike_at] = spike_w
    return table


@given(
    net=st.lists(st.floats(-4000.0, 6000.0), min_size=1, max_size=60),
    energy_kwh=st.floats(0.1, 80.0),
)
@settings(max_examples=60, deadline=None)
def test_a_stay_is_filled_to_one_level(net: list[float], energy_kwh: float) -> None:
    net_w = np.array(net)
    power = evenly(net_w, energy_kwh, 7400.0, 900)
    most_kwh = 7.4 * 0.25 * len(net)
    assert power.sum() * 0.25 / 1000.0 == pytest.approx(min(energy_kwh, most_kwh), rel=1e-3, abs=1e-3)
    partly = (power > 1.0) & (power < 7399.0)
    level = (net_w + power)[partly]
    assert level.size == 0 or np.ptp(level) < 1.0
    if level.size:
        # who gets nothing lies above the level, who gets everything below
        assert np.all(net_w[power <= 0.0] >= level[0] - 1.0)
        assert np.all(net_w[power >= 7399.0] + 7400.0 <= level[0] + 1.0)


def test_sessions_are_laid_into_the_past_where_they_were() -> None:
    laid = with_sessions(np.full(96, 500.0), [(40, 48, 4.0, 7400.0)])
    assert laid[39] == laid[48] == 500.0
    assert laid[40:48] == pytest.approx(np.full(8, 2500.0), abs=1.0)


def test_a_new_site_is_careful_and_an_old_quiet_one_is_not() -> None:
    new = learnt(np.zeros((0, 96))).prices(2500.0, SLOTS, 4.0)
    old = learnt(days(60)).prices(2500.0, SLOTS, 4.0)
    assert new[0][1].min() > 0.0
    assert old[0][1].max() < 0.1 * new[0][1].min()


def test_a_spike_every_evening_makes_a_reserve_dear_in_the_evening_only() -> None:
    prices = learnt(days(40, spike_at=72)).prices(2500.0, SLOTS, 4.0)
    up_to, lowest = prices[0]
    assert up_to == pytest.approx(0.055 * 9.0)
    assert lowest[72] > 5.0 * lowest[20]
    # 3.5 kW too much for a quarter needs 0.9 kWh: what lies above 2.3 kWh is worth next to nothing
    assert prices[-1][1][72] < 0.02 * lowest[72]


@given(st.integers(0, 2**32 - 1), st.floats(2000.0, 14000.0))
@settings(max_examples=25, deadline=None)
def test_the_fuller_the_battery_the_less_a_kwh_more_is_worth(seed: int, target_w: float) -> None:
    dice = np.random.default_rng(seed)
    table = dice.gamma(1.2, 900.0, (int(dice.integers(1, 12)), 96))
    table[dice.uniform(size=table.shape) < 0.05] = np.nan
    prices = learnt(table).prices(target_w, SLOTS, 4.0)
    assert [up_to for up_to, _ in prices] == sorted(up_to for up_to, _ in prices)
    for (_, lower), (_, upper) in pairwise(prices):
        assert np.all(lower >= upper)
        assert np.all(upper >= 0.0)


def test_where_the_month_is_high_already_the_reserve_is_free() -> None:
    found = learnt(days(40, spike_at=72))
    assert max(price.max() for _, price in found.prices(12_000.0, SLOTS, 4.0)) == pytest.approx(0.0, abs=1e-6)
    assert found.prices(4000.0, SLOTS, 4.0)[0][1][72] < found.prices(2500.0, SLOTS, 4.0)[0][1][72]


def test_yesterday_counts_more_than_two_months_ago() -> None:
    before, lately = days(60), days(60)
    before[:20, 72] = lately[-20:, 72] = 6000.0
    assert (
        learnt(lately).prices(2500.0, SLOTS, 4.0)[0][1][72]
        > 2.0 * learnt(before).prices(2500.0, SLOTS, 4.0)[0][1][72]
    )


def test_a_month_that_ends_high_anyway_makes_a_kilowatt_cheap() -> None:
    closed = [ClosedPeak(6000.0)] * 4
    early = peak_curve(closed, eur_per_kw=4.0, floor_w=2500.0, left=1.0)
    late = peak_curve(closed, eur_per_kw=4.0, floor_w=2500.0, left=0.0)
    assert [from_w for from_w, _ in early] == [2500.0, 6000.0]
    assert early[0][1] == pytest.approx(4.0 * (1 - 4 / 6))
    assert early[1][1] == 4.0
    assert [price for _, price in late] == [4.0, 4.0]
    assert eur_per_kw_at(early, 2500.0, 9.0) == early[0][1]
    assert eur_per_kw_at(early, 7000.0, 9.0) == 4.0
    assert eur_per_kw_at((), 7000.0, 9.0) == 9.0


def test_a_new_site_pays_the_full_price() -> None:
    assert peak_curve([], eur_per_kw=4.0, floor_w=2500.0, left=1.0) == ((2500.0, 4.0),)


@given(st.lists(st.floats(0.0, 20_000.0), max_size=12), st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_the_curve_rises(peaks: list[float], left: float) -> None:
    curve = peak_curve([ClosedPeak(peak) for peak in peaks], eur_per_kw=4.0, floor_w=2500.0, left=left)
    powers, prices = [each[0] for each in curve], [each[1] for each in curve]
    assert powers == sorted(set(powers))
    assert prices == sorted(prices)
    assert 0.0 < prices[0] <= prices[-1] <= 4.0


def battery(soc_kwh: float) -> BatteryTask:
    return BatteryTask(
        id="battery", capacity_kwh=9.0, soc_kwh=soc_kwh, charge_w=5000.0, discharge_w=5000.0,
        charge_efficiency=0.95, discharge_efficiency=0.95,
    )  # fmt: skip


def state(**changes: object) -> HorizonState:
    def flat(value: float) -> Band:
        course = np.full(96, value)
        return Band(START_S, 900, course, course, course)

    price = np.full(96, 0.25)
    price[8:16] = 0.15
    given_values: dict[str, object] = {
        "start_s": START_S,
        "slots": SLOTS,
        "load": flat(500.0),
        "pv": flat(0.0),
        "prices": Prices(import_eur_per_kwh=price, export_eur_per_kwh=np.full(96, 0.05), known_steps=96),
        "peak_so_far_w": 0.0,
        "peak_eur_per_kw": 4.0,
        "batteries": (battery(1.0),),
    }
    return HorizonState(**(given_values | changes))  # type: ignore[arg-type]


def test_what_the_evenings_have_brought_is_kept_in_the_battery() -> None:
    same = Prices(import_eur_per_kwh=np.full(96, 0.25), export_eur_per_kwh=np.full(96, 0.05), known_steps=96)
    held = []
    for spike_at in (None, 72):
        found = learnt(days(60, spike_at=spike_at))
        made = plan(
            problem_of(state(surprises=found, batteries=(battery(0.0),), prices=same, peak_eur_per_kw=0.4))
        )
        held.append(made.devices["battery"].soc_kwh[71])
    assert held[0] < 0.1
    assert held[1] > 0.49


def test_while_the_car_is_there_it_cannot_come() -> None:
    with_cars, alone = learnt(days(40, spike_at=72)), learnt(days(40))
    car = PluggedCar(id="car", energy_kwh=5.0, depart_s=START_S + 80 * 900, max_w=7400.0)
    task = problem_of(state(surprises=with_cars, surprises_of_house=alone, cars=(car,))).batteries[0]
    lowest = task.reserve_levels[0][1]
    assert lowest[72] < 0.1 * lowest[81]


def test_what_may_wait_until_after_the_horizon_waits() -> None:
    def needs(depart_step: int) -> float:
        car = PluggedCar(id="car", energy_kwh=20.0, depart_s=START_S + depart_step * 900, max_w=4000.0)
        cars = problem_of(state(cars=(car,))).cars
        return sum(task.energy_kwh for task in cars)

    assert needs(96) == 20.0
    assert needs(106) == pytest.approx(10.0)
    assert needs(200) == 0.0


def test_the_advice_holds_the_peak_that_the_plan_has_paid_for() -> None:
    car = PluggedCar(id="car", energy_kwh=12.0, depart_s=START_S + 16 * 900, max_w=7400.0, min_w=1380.0)
    made = state(cars=(car,))
    found = plan(problem_of(made))
    advice = advice_of(made, found, version="1")
    assert advice.peak_w == pytest.approx(max(2500.0, found.peak_w))
    assert advice.points_w["car"] == found.devices["car"].power_w
    assert len(advice.values_eur_per_kwh["battery"]) == 96
    assert len(advice.values_eur_per_kwh["car"]) == 1
    assert advice.valid_until_s == START_S + 7200.0


def test_a_car_that_needs_nothing_now_is_told_to_wait() -> None:
    car = PluggedCar(id="car", energy_kwh=1.0, depart_s=START_S + 400 * 900, max_w=7400.0)
    made = state(cars=(car,))
    advice = advice_of(made, plan(problem_of(made)), version="1")
    assert set(advice.points_w["car"]) == {0.0}
