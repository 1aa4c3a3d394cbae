"""What a plan can do beyond the plain household, each by an example whose answer can be reckoned by hand."""

import numpy as np
import pytest

from kwartier.planning import Solver, plan
from kwartier.site.errors import ConfigError
from kwartier.site.plans import (
    BatteryTask,
    BufferTask,
    CarTask,
    CircuitLimit,
    Peak,
    Plan,
    Problem,
    RunTask,
    Series,
)

START_S = 1_768_431_600  # a full hour
HOUR = 4


def problem(prices: list[float], **more: object) -> Problem:
    fields: dict[str, object] = {
        "start_s": START_S,
        "import_price": tuple(prices),
        "export_price": tuple(min(price, 0.02) for price in prices),
        "load_w": tuple(0.0 for _ in prices),
        **more,
    }
    return Problem(**fields)  # type: ignore[arg-type]


def car(**more: object) -> CarTask:
    fields: dict[str, object] = {
        "id": "car",
        "arrive_step": 0,
        "depart_step": 32,
        "energy_kwh": 8.0,
        "min_w": 2000.0,
        "max_w": 8000.0,
        **more,
    }
    return CarTask(**fields)  # type: ignore[arg-type]


def kwh(power_w: Series, first: int, last: int) -> float:
    return sum(power_w[first:last]) / 4000.0


def whats(made: Plan) -> set[str]:
    return {violation.what for violation in made.violations}


NIGHT = [0.3] * 16 + [0.1] * 16


def test_a_goal_on_the_way_is_met_though_it_costs_more() -> None:
    made = plan(problem(NIGHT, cars=(car(goals=((8, 3.0),)),)))
    power = made.devices["car"].power_w
    assert kwh(power, 0, 8) == pytest.approx(3.0, abs=1e-4)
    assert kwh(power, 16, 32) == pytest.approx(5.0, abs=1e-4)


def test_what_is_wanted_at_once_comes_as_fast_as_it_can() -> None:
    made = plan(problem(NIGHT, cars=(car(at_once_kwh=5.0),), import_limit_w=6000.0))
    power = made.devices["car"].power_w
    assert kwh(power, 0, 4) >= 5.0 - 1e-4
    assert power[0] == pytest.approx(6000.0, abs=0.1)
    assert "at_once" in whats(made)
    assert kwh(power, 16, 32) >= 2.0 - 1e-4


def test_more_than_the_goal_is_charged_where_it_is_worth_it_and_fits() -> None:
    worth = plan(problem(NIGHT, cars=(car(room_kwh=20.0, extra_eur_per_kwh=0.2),)))
    assert worth.devices["car"].delivered_kwh == pytest.approx(20.0, abs=1e-4)
    assert worth.cost_eur["extra"] == pytest.approx(-12.0 * 0.2, abs=1e-4)
    assert worth.cost_eur["energy"] == pytest.approx(2.0, abs=1e-4)
    assert plan(problem(NIGHT, cars=(car(room_kwh=20.0),))).devices["car"].delivered_kwh == pytest.approx(8.0)


def test_a_goal_beyond_the_car_s_battery_is_named_and_charged_up_to_full() -> None:
    made = plan(problem(NIGHT, cars=(car(room_kwh=5.0),)))
    assert made.devices["car"].delivered_kwh == pytest.approx(5.0)
    assert "car_goal" in whats(made)


def test_a_departure_in_the_past_is_named_and_the_rest_is_planned() -> None:
    made = plan(problem(NIGHT, cars=(car(depart_step=-3), car(id="other"))))
    assert made.devices["car"].delivered_kwh == 0.0
    assert any("in the past" in v.cause for v in made.violations if v.id == "car")
    assert made.devices["other"].delivered_kwh == pytest.approx(8.0)


def test_earliest_first_where_it_costs_nothing() -> None:
    made = plan(problem([0.2] * 32, cars=(car(),)))
    assert kwh(made.devices["car"].power_w, 0, 4) == pytest.approx(8.0, abs=1e-4)
    assert made.cost_eur["energy"] == pytest.approx(1.6, abs=1e-6)
    assert made.objective_eur == pytest.approx(1.6, abs=1e-6)


def battery(**more: object) -> BatteryTask:
    fields: dict[str, object] = {
        "id": "battery",
        "capacity_kwh": 10.0,
        "soc_kwh": 0.0,
        "charge_w": 4000.0,
        "discharge_w": 4000.0,
        **more,
    }
    return BatteryTask(**fields)  # type: ignore[arg-type]


DEAR_LATER = [0.1] * 8 + [0.4] * 8


def test_two_batteries_share_the_work_the_less_worn_first() -> None:
    made = plan(
        problem(
            DEAR_LATER,
            load_w=tuple([0.0] * 8 + [2000.0] * 8),
            batteries=(battery(wear_eur_per_kwh=0.2), battery(id="new", capacity_kwh=3.0)),
        )
    )
    assert max(made.devices["new"].soc_kwh) == pytest.approx(3.0, abs=1e-4)
    assert max(made.devices["battery"].soc_kwh) == pytest.approx(1.0, abs=1e-4)
    assert made.cost_eur["wear"] == pytest.approx(0.2, abs=1e-4)


def test_energy_left_at_the_end_has_its_value_and_a_reserve_is_kept() -> None:
    kept = plan(problem(DEAR_LATER, batteries=(battery(soc_kwh=5.0, final_value_eur_per_kwh=0.5),)))
    assert kept.devices["battery"].soc_kwh[-1] == pytest.approx(10.0, abs=1e-4)
    load = tuple([0.0] * 8 + [2000.0] * 8)
    plain = battery(soc_kwh=4.0, reserve_kwh=tuple([2.0] * 16), reserve_eur_per_kwh=1.0)
    held = plan(problem([0.4] * 16, load_w=load, batteries=(plain,)))
    assert min(held.devices["battery"].soc_kwh) == pytest.approx(2.0, abs=1e-4)
    cheap = battery(soc_kwh=4.0, reserve_kwh=tuple([2.0] * 16), reserve_eur_per_kwh=0.001)
    assert min(plan(problem([0.4] * 16, load_w=load, batteries=(cheap,))).devices["battery"].soc_kwh) < 1e-3


def test_a_battery_below_its_minimum_is_charged_first_and_named() -> None:
    made = plan(problem([0.4] * 8 + [0.1] * 8, batteries=(battery(soc_kwh=0.5, min_soc_kwh=2.0),)))
    assert made.devices["battery"].soc_kwh[1] >= 2.0 - 1e-6
    assert "min_soc" in whats(made)


def test_nothing_is_burnt_in_a_battery_at_negative_prices() -> None:
    lossy = battery(charge_efficiency=0.8, discharge_efficiency=0.8, soc_kwh=5.0)
    made = plan(problem([-0.2] * 8, export_price=tuple([-0.2] * 8), batteries=(lossy,)))
    power = made.devices["battery"].power_w
    energy, soc = [], 5.0
    for watts in power:
        soc += watts / 4000.0 * 0.8 if watts > 0 else watts / 4000.0 / 0.8
        energy.append(soc)
    assert energy == pytest.approx(list(made.devices["battery"].soc_kwh), abs=1e-6)
    assert made.status == "optimal"


def test_the_running_quarter_counts_with_what_it_has_already() -> None:
    given = problem(
        [0.2] * 30,
        step_s=300,
        start_s=START_S + 300,
        cars=(car(depart_step=2, energy_kwh=3.0, min_w=0.0, max_w=20_000.0),),
        peak=Peak(eur_per_kw=5.0, so_far_w=4000.0, running_kwh=0.75),
    )
    made = plan(given)
    # a quarter-hour at 4 kW is 1 kWh, 0.75 are in it, 3.0 come: 3.75 kWh are 15 kW
    assert made.peak_w == pytest.approx(15_000.0, abs=1.0)
    assert made.cost_eur["peak"] == pytest.approx(55.0, abs=1e-3)


def test_the_peak_of_a_new_month_begins_at_the_floor() -> None:
    load = tuple([6000.0] * 8 + [6000.0] * 8)
    peak = Peak(eur_per_kw=5.0, so_far_w=5000.0, floor_w=2500.0, month_ends=(8,))
    made = plan(problem([0.2] * 16, load_w=load, peak=peak))
    assert made.cost_eur["peak"] == pytest.approx(5.0 * (1.0 + 3.5), abs=1e-6)


def test_only_windows_of_the_tariff_count() -> None:
    counts = tuple([False] * 8 + [True] * 8)
    made = plan(
        problem(
            [0.2] * 16, load_w=tuple([9000.0] * 8 + [3000.0] * 8), peak=Peak(eur_per_kw=5.0, counts=counts)
        )
    )
    assert made.peak_w == pytest.approx(3000.0)
    assert made.cost_eur["peak"] == pytest.approx(15.0)


def test_the_curve_of_the_peak_s_value_is_followed() -> None:
    curve = ((3000.0, 1.0), (5000.0, 4.0))
    made = plan(problem([0.2] * 8, load_w=tuple([7000.0] * 8), peak=Peak(floor_w=2500.0, curve=curve)))
    assert made.cost_eur["peak"] == pytest.approx(2.0 * 1.0 + 2.0 * 4.0)


def test_contracted_power_and_what_lies_above() -> None:
    peak = Peak(eur_per_kw=1.0, contracted_w=5000.0, excess_eur_per_kw=10.0)
    made = plan(problem([0.2] * 8, load_w=tuple([7000.0] * 8), peak=peak))
    assert made.cost_eur["peak"] == pytest.approx(7.0 + 20.0)
    flat = plan(problem([0.3] * 16 + [0.1] * 4, cars=(car(depart_step=20, energy_kwh=20.0),), peak=peak))
    assert flat.peak_w <= 5000.0 + 1.0


def test_the_third_largest_quarter_is_billed() -> None:
    load = tuple([1000.0] * 4 + [9000.0] * 2 + [4000.0] + [1000.0] * 9)
    peak = Peak(eur_per_kw=5.0, largest_w=(3000.0, 2000.0, 2000.0))
    made = plan(problem([0.2] * 16, load_w=load, peak=peak))
    assert made.cost_eur["peak"] == pytest.approx(5.0 * (4.0 - 2.0))
    assert made.bound_eur <= made.objective_eur


def test_under_a_maximum_tariff_the_peak_costs_no_more_than_the_ceiling() -> None:
    load = tuple([500.0] * 8)
    peak = Peak(eur_per_kw=5.0, floor_w=2500.0, ceiling_eur_per_kwh=0.3, imported_kwh=5.0)
    # the floor alone is 12.50; at 5 kWh the ceiling is 1.50, so each kWh more costs 0.30 and a kW nothing
    made = plan(problem([0.2] * 8, load_w=load, cars=(car(depart_step=8),), peak=peak))
    bought = 1.0 + 8.0
    assert made.objective_eur == pytest.approx(0.2 * bought + 0.3 * bought, abs=1e-4)
    assert made.cost_eur["peak"] == pytest.approx(0.3 * bought, abs=1e-4)
    large = Peak(eur_per_kw=5.0, floor_w=2500.0, ceiling_eur_per_kwh=0.3, imported_kwh=5000.0)
    assert plan(problem([0.2] * 8, load_w=load, peak=large)).cost_eur["peak"] == pytest.approx(0.0, abs=1e-6)


def test_nested_circuits_hold_per_phase() -> None:
    circuits = (
        CircuitLimit(id="main", parent=None, limit_w=(5000.0, 5000.0, 5000.0)),
        CircuitLimit(
            id="garage",
            parent="main",
            limit_w=(4000.0,) * 3,
            base_load_w=(tuple([1000.0] * 16), tuple([0.0] * 16), tuple([0.0] * 16)),
        ),
    )
    cars = (
        car(
            id="a", depart_step=16, circuit="garage", phases=(1,), min_w=1000.0, max_w=7000.0, energy_kwh=20.0
        ),
        car(
            id="b",
            depart_step=16,
            circuit="garage",
            phases=(1, 2, 3),
            min_w=3000.0,
            max_w=11_000.0,
            energy_kwh=20.0,
        ),
        car(id="c", depart_step=16, circuit="main", phases=(2,), min_w=1000.0, max_w=7000.0, energy_kwh=20.0),
    )
    made = plan(problem([0.2] * 16, cars=cars, circuits=circuits))
    a, b, c = (np.asarray(made.devices[name].power_w) for name in "abc")
    assert (a + b / 3 + 1000.0).max() <= 4000.0 + 0.01
    assert (b / 3 + c).max() <= 5000.0 + 0.01
    assert "car_goal" in whats(made)
    assert "circuit" not in whats(made)


def test_a_circuit_whose_load_is_above_its_limit_is_named_and_gives_no_power() -> None:
    circuits = (
        CircuitLimit(id="garage", parent=None, limit_w=(4000.0,), base_load_w=(tuple([5000.0] * 8),)),
    )
    made = plan(problem([0.2] * 8, cars=(car(circuit="garage", depart_step=8),), circuits=circuits))
    assert max(made.devices["car"].power_w) == 0.0
    assert {"circuit", "car_goal"} <= whats(made)


def test_limits_per_step_and_a_load_above_its_limit() -> None:
    limit = tuple([1000.0] * 8 + [9000.0] * 8)
    made = plan(problem([0.1] * 8 + [0.3] * 8, import_limit_w=limit, cars=(car(depart_step=16),)))
    assert kwh(made.devices["car"].power_w, 8, 16) == pytest.approx(8.0, abs=1e-4)
    over = plan(problem([0.1] * 8, load_w=tuple([3000.0] * 8), import_limit_w=2000.0))
    assert over.grid_w == tuple([3000.0] * 8)
    assert whats(over) == {"import_limit"}


def test_sun_that_must_be_taken_above_the_export_limit_is_named() -> None:
    sun = tuple([5000.0] * 8)
    made = plan(problem([0.1] * 8, pv_w=sun, export_limit_w=3000.0))
    assert whats(made) == {"export_limit"}
    curtailed = plan(problem([0.1] * 8, pv_w=sun, export_limit_w=3000.0, pv_curtailable=True))
    assert curtailed.violations == ()
    assert curtailed.pv_used_w == pytest.approx(tuple([3000.0] * 8))


def test_heat_is_made_when_it_is_cheap_and_stays_within_its_band() -> None:
    boiler = BufferTask(
        id="boiler",
        power_w=3000.0,
        min_w=1500.0,
        temperature_c=55.0,
        low_c=50.0,
        high_c=65.0,
        ambient_c=20.0,
        heat_kwh_per_c=0.2,
        loss_w_per_c=2.0,
        demand_w=tuple([300.0] * 32),
        cop=2.5,
        discomfort_eur_per_ch=5.0,
    )
    made = plan(problem([0.4] * 4 + [0.1] * 4 + [0.4] * 24, buffers=(boiler,)))
    found = made.devices["boiler"]
    assert min(found.temperature_c) >= 50.0 - 1e-3
    assert max(found.temperature_c) <= 65.0 + 1e-3
    assert all(w == 0.0 or 1500.0 - 0.01 <= w <= 3000.0 + 0.01 for w in found.power_w)
    assert kwh(found.power_w, 4, 8) > 0.7
    now = 55.0
    for watts, told in zip(found.power_w, found.temperature_c, strict=True):
        now += (2.5 * watts - 300.0 - 2.0 * (now - 20.0)) / 4000.0 / 0.2
        assert told == pytest.approx(now, abs=1e-6)


def test_an_appliance_runs_in_its_cheapest_window_and_is_left_out_where_it_has_none() -> None:
    washing = RunTask(id="washing", power_w=2000.0, run_steps=4, earliest_step=2, latest_step=20)
    made = plan(problem([0.3] * 10 + [0.1] * 4 + [0.3] * 10, runs=(washing,)))
    assert made.devices["washing"].start_step == 10
    never = RunTask(id="never", power_w=2000.0, run_steps=4, earliest_step=30, latest_step=40)
    left = plan(problem([0.3] * 10, runs=(never,)))
    assert left.devices["never"].start_step is None
    assert "run_once" in whats(left)


def test_a_price_on_changes_takes_the_saw_teeth_away() -> None:
    prices = [0.2 + 0.0005 * (t % 2) for t in range(32)]
    sawing = plan(problem(prices, cars=(car(energy_kwh=20.0, min_w=0.0),)))
    calm = plan(problem(prices, cars=(car(energy_kwh=20.0, min_w=0.0),), smooth_eur_per_kw=0.005))

    def changes(made: Plan) -> float:
        return float(np.abs(np.diff(made.devices["car"].power_w)).sum())

    assert changes(calm) < 0.5 * changes(sawing)
    assert calm.cost_eur["energy"] - sawing.cost_eur["energy"] < 0.02


def test_marginal_prices_say_what_a_kwh_more_would_cost() -> None:
    peak = Peak(eur_per_kw=5.0, so_far_w=2500.0)
    load = [1000.0] * 4 + [4000.0] + [1000.0] * 3
    given = problem([0.2] * 8, load_w=tuple(load), peak=peak)
    made = plan(given)
    assert made.marginal_eur_per_kwh[0] == pytest.approx(0.2)
    assert made.marginal_eur_per_kwh[4] == pytest.approx(0.2 + 4 * 5.0)
    assert made.peak_eur_per_kwh[4] == pytest.approx(20.0)
    load[4] += 100.0
    more = plan(problem([0.2] * 8, load_w=tuple(load), peak=peak))
    assert more.objective_eur - made.objective_eur == pytest.approx(0.025 * 20.2, abs=1e-6)


def test_a_solver_that_is_kept_makes_plans_as_good() -> None:
    kept = Solver()
    for shift in range(6):
        prices = [0.2 + 0.1 * np.sin((t + shift) / 5.0) for t in range(48 - shift)]
        given = problem(
            [float(price) for price in prices],
            start_s=START_S + 900 * shift,
            cars=(car(arrive_step=0, depart_step=30 - shift),),
            batteries=(battery(soc_kwh=3.0),),
            peak=Peak(eur_per_kw=5.0, floor_w=2500.0),
            load_w=tuple([700.0] * (48 - shift)),
        )
        again, fresh = plan(given, warm=kept), plan(given)
        assert again.objective_eur == pytest.approx(fresh.objective_eur, rel=1e-3, abs=1e-4)


def test_what_is_no_problem_is_refused_with_its_place() -> None:
    with pytest.raises(ConfigError, match=r"load_w: 3 entries for 2 steps"):
        plan(problem([0.1, 0.2], load_w=(0.0, 0.0, 0.0)))
    with pytest.raises(ConfigError, match="two of them"):
        plan(problem([0.1] * 40, cars=(car(), car())))
