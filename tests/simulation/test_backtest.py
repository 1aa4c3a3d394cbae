"""The backtest: the fast loop's quarter, bills, rules, perfect foresight, and that the plan never sees what is to come."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.simulation.backtest import rules
from kwartier.simulation.backtest.bill import Run, bill
from kwartier.simulation.backtest.case import Case, House, Stay, calendar_of, cut, stays_of
from kwartier.simulation.backtest.compare import compare
from kwartier.simulation.backtest.foresight import ForesightError, perfect_foresight
from kwartier.simulation.backtest.household import Policy, run_plan
from kwartier.simulation.backtest.minute import minutes, replay
from kwartier.simulation.backtest.outlook import Outlook
from kwartier.simulation.backtest.page import page
from kwartier.simulation.backtest.quarter import Means, Told, act
from kwartier.simulation.backtest.recorded import DataError, household
from kwartier.simulation.backtest.report import document, lines
from kwartier.simulation.backtest.sample import sample_household

DATA = Path(os.environ.get("KWARTIER_DATA", Path(__file__).parents[3] / "shared" / "data"))
QUIET = Told(
    battery_w=0.0, car_w=0.0, net_w=500.0, battery_eur_per_kwh=0.2, car_eur_per_kwh=0.2, peak_w=2500.0
)
READY = Means(
    charge_w=5000.0,
    discharge_w=5000.0,
    charge_efficiency=0.95,
    discharge_efficiency=0.95,
    wear_eur_per_kwh=0.02,
    car_present=True,
    car_min_w=1380.0,
    car_max_w=7400.0,
    car_must_w=0.0,
)


@pytest.fixture(scope="module")
def sample() -> Case:
    return sample_household(days=4, seed=3)


# --- the quarter-hour -------------------------------------------------------------------------------------------------


def test_a_load_that_was_not_foreseen_is_taken_from_the_battery_above_the_peak_only() -> None:
    assert act(6000.0, QUIET, READY, 0.1, 0.05) == (-3500.0, 0.0)
    assert act(2000.0, QUIET, READY, 0.1, 0.05)[0] <= 500.0


def test_dear_import_is_covered_cheap_import_is_stored_up_to_the_peak() -> None:
    alone = replace(READY, car_present=False)
    assert act(2000.0, QUIET, alone, 0.40, 0.05)[0] == -2000.0
    assert act(2000.0, QUIET, alone, 0.05, 0.01)[0] == 500.0


def test_at_equal_value_the_plan_is_followed_and_the_battery_takes_what_is_new() -> None:
    gives_from = 0.2 / 0.95 + 0.02
    told = replace(QUIET, battery_w=-300.0)
    assert act(700.0, told, READY, gives_from, 0.05)[0] == pytest.approx(-500.0)


def test_sun_is_stored_unless_it_sells_better() -> None:
    assert act(-1500.0, QUIET, READY, 0.25, 0.05)[0] == 1500.0
    assert act(-1500.0, QUIET, READY, 0.25, 0.195)[0] == 0.0


def test_the_cheaper_helper_goes_first_and_a_car_that_must_leave_keeps_what_it_needs() -> None:
    told = replace(QUIET, car_w=2000.0, car_eur_per_kwh=0.1)
    assert act(1000.0, told, READY, 0.1, 0.05) == (0.0, 1500.0)
    dear = replace(told, car_eur_per_kwh=0.9)
    battery, car = act(1000.0, dear, replace(READY, car_max_w=2000.0), 0.1, 0.05)
    assert (battery, car) == (-500.0, 2000.0)
    empty = replace(READY, discharge_w=0.0, car_must_w=6000.0)
    assert act(1000.0, told, empty, 0.1, 0.05)[1] == 6000.0


@given(
    net_w=st.floats(-6000.0, 12_000.0),
    told=st.builds(
        Told,
        battery_w=st.floats(-5000.0, 5000.0),
        car_w=st.one_of(st.just(0.0), st.floats(1380.0, 7400.0)),
        net_w=st.floats(-6000.0, 9000.0),
        battery_eur_per_kwh=st.floats(-0.1, 1.0),
        car_eur_per_kwh=st.floats(-0.1, 20.0),
        peak_w=st.floats(2500.0, 9000.0),
    ),
    charge_w=st.floats(0.0, 5000.0),
    discharge_w=st.floats(0.0, 5000.0),
    must_w=st.one_of(st.just(0.0), st.floats(0.0, 7400.0)),
    price=st.floats(-0.2, 0.8),
)
@settings(max_examples=150, deadline=None)
def test_a_quarter_goes_above_the_peak_only_with_everything_spent(
    net_w: float, told: Told, charge_w: float, discharge_w: float, must_w: float, price: float
) -> None:
    means = replace(READY, charge_w=charge_w, discharge_w=discharge_w, car_must_w=must_w)
    battery, car = act(net_w, told, means, price, price - 0.1)
    assert -discharge_w - 1e-6 <= battery <= charge_w + 1e-6
    assert must_w - 1e-6 <= car <= 7400.0 + 1e-6
    assert car == 0.0 or car >= 1380.0 or must_w > 0.0
    if net_w + battery + car > told.peak_w + 1e-6:
        assert battery <= -discharge_w + 1e-6
        assert car <= must_w + 1e-6


# --- cases and bills --------------------------------------------------------------------------------------------------


def test_stays_lie_on_whole_quarters_and_hold_no_more_than_they_can() -> None:
    found = stays_of([(100.0, 7200.0, 99.0), (3600.0, 9000.0, 1.0), (-5000.0, 900.0, 1.0)], 0, 96, 7400.0)
    assert [(stay.first, stay.last) for stay in found] == [(1, 8), (8, 10)]
    assert found[0].energy_kwh == pytest.approx(7 * 7.4 / 4 * 0.999)


def test_the_local_clock_knows_its_short_and_its_long_day() -> None:
    zone = sample_household(days=2).zone
    spring = calendar_of(1_711_839_600, 92 + 96, zone)  # 31 March 2024, 23 hours
    assert np.bincount(spring.day).tolist() == [92, 96]
    autumn = calendar_of(1_729_980_000, 100 + 96, zone)  # 27 October 2024, 25 hours
    assert np.bincount(autumn.day).tolist() == [100, 96]
    assert spring.month[-1] == 1


def test_a_bill_worked_out_by_hand(sample: Case) -> None:
    steps = 30 * 96
    case = replace(
        sample,
        load_w=np.zeros(steps),
        pv_w=np.zeros(steps),
        import_price=np.full(steps, 0.3),
        export_price=np.full(steps, 0.1),
        stays=(),
        calendar=calendar_of(sample.start_s, steps, sample.zone),
    )
    grid = np.zeros(steps)
    grid[0], grid[1] = 8000.0, -4000.0
    run = Run(name="x", grid_w=grid, car_w=np.zeros(steps), soc_kwh=np.full(steps, 3.5), discharged_kwh=5.0)
    found = bill(case, run)
    assert found.energy_eur == pytest.approx(2.0 * 0.3 - 1.0 * 0.1)
    assert found.capacity_eur == pytest.approx(8.0 * 50.0 / 12.0)
    assert found.wear_eur == pytest.approx(0.1)
    assert found.battery_eur == pytest.approx(0.3)  # one kWh less than at the start
    assert found.month_peaks_w == (8000.0,)
    quiet = bill(case, replace(run, grid_w=np.zeros(steps)))
    assert quiet.month_peaks_w == (2500.0,)


# --- controllers ------------------------------------------------------------------------------------------------------


def test_rules_deliver_everything_and_the_cheapest_hours_are_not_dearer(sample: Case) -> None:
    wanted = sum(stay.energy_kwh for stay in sample.stays)
    at_once, cheapest = rules.charge_at_once(sample), rules.charge_cheapest(sample)
    assert at_once.sum() / 4000.0 == pytest.approx(wanted)
    assert cheapest.sum() / 4000.0 == pytest.approx(wanted)
    assert cheapest @ sample.import_price <= at_once @ sample.import_price + 1e-9


def test_nobody_is_cheaper_than_foresight_and_the_plan_is_physical(sample: Case) -> None:
    found = compare(sample, {"plain": Policy(reserve=False)})
    best = found.bills["foresight"].total_eur
    assert perfect_foresight(sample).bound_eur == pytest.approx(best, abs=0.01)
    for name, each in found.bills.items():
        assert each.total_eur >= best - 0.01, name
    run = found.runs["plan"]
    house = sample.house
    battery_w = run.grid_w - (sample.load_w - sample.pv_w) - run.car_w
    assert np.abs(battery_w).max() <= house.battery_w + 1e-6
    gained = np.where(
        battery_w > 0.0, battery_w * house.charge_efficiency, battery_w / house.discharge_efficiency
    )
    soc = house.battery_kwh / 2.0 + np.cumsum(gained) / 4000.0
    assert np.allclose(soc, run.soc_kwh, atol=1e-6)
    assert soc.min() >= -1e-6
    assert soc.max() <= house.battery_kwh + 1e-6
    assert found.bills["plan"].met_pct > 99.0
    present = np.zeros(sample.steps, dtype=bool)
    for stay in sample.stays:
        present[stay.first : stay.last] = True
    assert np.all(run.car_w[~present] == 0.0)
    assert found.bills["plan"].capacity_eur < found.bills["self_consumption"].capacity_eur
    told = document(found)
    assert told["share_of_saving"] == pytest.approx(found.share("plan"), abs=1e-4)
    assert len(lines(found)) == 2 + len(found.bills)
    drawn = page([found], "Sample <1>")
    assert "Sample &lt;1&gt;" in drawn
    assert drawn.count("<svg") == 2
    assert "src=" not in drawn


def test_the_same_case_gives_the_same_run() -> None:
    case = sample_household(days=2, seed=5)
    one, two = run_plan(case), run_plan(case)
    assert np.array_equal(one.grid_w, two.grid_w)


def test_the_outlook_reads_nothing_of_the_future(sample: Case) -> None:
    now = 2 * 96 + 60  # three in the afternoon: prices of tomorrow are there
    known = 4 * 96
    stays = tuple(stay for stay in sample.stays if stay.last <= 2 * 96)
    poisoned = replace(
        sample,
        load_w=np.where(np.arange(sample.steps) >= now, np.nan, sample.load_w),
        pv_w=np.where(np.arange(sample.steps) >= now, np.nan, sample.pv_w),
        import_price=np.where(np.arange(sample.steps) >= known, np.nan, sample.import_price),
        export_price=np.where(np.arange(sample.steps) >= known, np.nan, sample.export_price),
        stays=stays,
    )
    honest, blind = Outlook(sample, 96), Outlook(poisoned, 96)
    assert np.array_equal(honest.load(now).mid, blind.load(now).mid)
    assert np.array_equal(honest.pv(now).mid, blind.pv(now).mid)
    for one, two in zip(honest.surprises(now), blind.surprises(now), strict=True):
        assert np.array_equal(one.expected_w, two.expected_w)
    assert honest.prices(now).known_steps == 96
    early = 2 * 96 + 40  # ten in the morning
    late = np.arange(sample.steps) >= 3 * 96
    veiled = replace(
        sample,
        import_price=np.where(late, np.nan, sample.import_price),
        export_price=np.where(late, np.nan, sample.export_price),
    )
    told = Outlook(veiled, 96).prices(early)
    assert told.known_steps == 56
    assert not np.isnan(told.import_eur_per_kwh).any()
    assert np.array_equal(told.import_eur_per_kwh, Outlook(sample, 96).prices(early).import_eur_per_kwh)


def test_a_part_of_a_case_is_a_case(sample: Case) -> None:
    part = cut(sample, 96, 3 * 96)
    assert part.steps == 2 * 96
    assert part.start_s == sample.start_s + 86_400
    assert all(0 <= stay.first < stay.last <= part.steps for stay in part.stays)


def test_holes_in_the_data_are_named_by_foresight(sample: Case) -> None:
    with pytest.raises(ForesightError, match="holes"):
        perfect_foresight(replace(sample, load_w=np.full(sample.steps, np.nan)))


# --- minutes ----------------------------------------------------------------------------------------------------------


def test_minutes_keep_the_mean_of_their_quarter_hour() -> None:
    quarters = np.array([0.0, 500.0, 4000.0])
    found = minutes(quarters, 0.45, 7)
    assert found.reshape(3, 15).mean(axis=1) == pytest.approx(quarters)
    assert found.min() >= 0.0
    assert np.ptp(found[15:30]) > 50.0
    assert np.array_equal(found, minutes(quarters, 0.45, 7))


def test_the_real_loop_lives_through_recorded_minutes() -> None:
    case = sample_household(days=2, seed=3)
    evening = cut(case, 0, 96 + 76)
    oven = evening.load_w.copy()
    oven[96 + 73] = 5500.0
    evening = replace(evening, load_w=oven, stays=(Stay(first=96 + 70, last=96 + 76, energy_kwh=1.0),))
    part, run = replay(evening, 96 + 70)
    assert part.steps == 6
    battery_w = run.grid_w - (part.load_w - part.pv_w) - run.car_w
    # what the cells lost or got is what flowed, with efficiency and standby
    assert (run.soc_kwh[-1] - 4.5) == pytest.approx(
        float(np.where(battery_w > 0, battery_w * 0.95, battery_w / 0.95).sum()) / 4000.0, abs=0.15
    )
    assert run.grid_w[3] < 2800.0, "the battery holds the quarter-hour of the oven near the floor"
    assert run.car_w.sum() / 4000.0 + run.missing_kwh == pytest.approx(1.0, abs=0.05)


# --- recorded data ----------------------------------------------------------------------------------------------------


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="be_dayahead_15min"):
        household(tmp_path, "htw39", "AdO1-3")


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded data in {DATA}")
def test_a_recorded_household_is_read() -> None:
    case = household(DATA, "htw39", "AdO1-3", first=date(2024, 1, 8), end=date(2024, 1, 15))
    assert case.steps == 7 * 96
    assert 50.0 < case.load_w.sum() / 4000.0 < 200.0
    assert case.pv_w.max() < 5000.0
    assert all(stay.energy_kwh > 0.0 for stay in case.stays)
    with pytest.raises(DataError, match="no driver"):
        household(DATA, "htw39", "nobody", first=date(2024, 1, 8), end=date(2024, 1, 15))
    with pytest.raises(DataError, match="htw42"):
        household(DATA, "htw00", "AdO1-3", first=date(2024, 1, 8), end=date(2024, 1, 15))
    with pytest.raises(DataError, match="--from"):
        household(DATA, "htw39", "AdO1-3", first=date(2019, 1, 8), end=date(2019, 1, 15))


def test_another_house_is_another_house() -> None:
    small = sample_household(days=2, seed=5, house=House(battery_kwh=2.0))
    run = run_plan(small)
    assert run.soc_kwh.max() <= 2.0 + 1e-9
