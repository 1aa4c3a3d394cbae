"""Reasons say what is so: their figures are those of problem and plan, and each has its words."""

import pytest
from tests.planning.documents import read
from tests.planning.houses import house

from kwartier.planning import plan
from kwartier.planning.reasons import Why
from kwartier.site.plans import BatteryTask, CarTask, Peak, Problem, RunTask
from kwartier.site.texts_plan import PLAN_TEXTS

START_S = 1_768_431_600  # 2026-01-14T23:00:00Z
CAR = CarTask(id="car", arrive_step=0, depart_step=24, energy_kwh=6.0, min_w=1380.0, max_w=7360.0)


def problem(prices: list[float], **more: object) -> Problem:
    fields: dict[str, object] = {
        "start_s": START_S,
        "import_price": tuple(prices),
        "export_price": tuple(min(price, 0.05) for price in prices),
        "load_w": tuple(300.0 for _ in prices),
        **more,
    }
    return Problem(**fields)  # type: ignore[arg-type]


def test_charging_names_the_price_now_and_the_dearer_one() -> None:
    prices = [0.31] * 8 + [0.09] * 8 + [0.28] * 8
    given = problem(prices, cars=(CAR,), peak=Peak(eur_per_kw=4.5, so_far_w=9000.0, floor_w=2500.0))
    why = Why(given, plan(given))
    waits = why.of("car", 0)
    assert waits is not None
    assert waits.code == "plan_waits_price"
    assert dict(waits.params)["next_at"] == "01:00"
    now = why.of("car", 8)
    assert now is not None
    assert now.text() == "A kWh costs 9 cent then, and 31 at 23:00; the month's peak of 9 kW is paid anyway."
    assert "maandpiek van 9 kW" in now.text("nl")


def test_the_peak_is_named_where_it_is_what_one_waits_for() -> None:
    given = problem(
        [0.20] * 24,
        cars=(CAR,),
        load_w=tuple([2400.0] * 6 + [300.0] * 18),
        peak=Peak(eur_per_kw=8.0, floor_w=2500.0),
    )
    made = plan(given)
    why = Why(given, made)
    first = why.of("car", 0)
    assert first is not None
    assert first.code in {"plan_waits_peak", "plan_in_time", "plan_waits_price"}
    assert made.peak_w <= 2500.0 + 1e-3


def test_a_negative_price_and_a_car_that_is_done_and_one_that_is_late() -> None:
    given = problem([0.2] * 4 + [-0.05] * 8 + [0.2] * 12, cars=(CAR,))
    why = Why(given, plan(given))
    charging = why.of("car", 4)
    assert charging is not None
    assert charging.code == "plan_negative"
    done = why.of("car", 20)
    assert done is not None
    assert done.code == "plan_car_done"
    late = problem(
        [0.2] * 24, cars=(CarTask(id="car", arrive_step=0, depart_step=2, energy_kwh=9.0, max_w=7000.0),)
    )
    hurry = Why(late, plan(late)).of("car", 0)
    assert hurry is not None
    assert hurry.code == "plan_departure"


def test_a_battery_says_for_when_it_charges() -> None:
    battery = BatteryTask(
        id="battery", capacity_kwh=5.0, soc_kwh=0.0, charge_w=4000.0, discharge_w=4000.0, final_soc_kwh=0.0
    )
    given = problem([0.1] * 4 + [0.4] * 4, batteries=(battery,), export_price=tuple([0.05] * 8))
    why = Why(given, plan(given))
    found = [why.of("battery", t) for t in range(8)]
    codes = {each.code for each in found if each is not None}
    assert "plan_battery_charges" in codes
    assert "plan_battery_gives" in codes


def test_an_unknown_device_and_step_are_refused() -> None:
    given = problem(
        [0.1] * 4, runs=(RunTask(id="w", power_w=1000.0, run_steps=1, earliest_step=0, latest_step=3),)
    )
    why = Why(given, plan(given))
    with pytest.raises(KeyError):
        why.of("nobody", 0)
    with pytest.raises(IndexError):
        why.of("w", 4)


@pytest.mark.parametrize("seed", [5, 8, 17])
def test_every_reason_of_a_plan_has_words_in_each_language(seed: int) -> None:
    given = read(house(seed))
    made = plan(given)
    why = Why(given, made)
    for device in made.devices:
        for step in range(len(made.grid_w)):
            found = why.of(device, step)
            if found is not None:
                assert found.code in PLAN_TEXTS
                assert found.text("en")
                assert found.text("nl")
