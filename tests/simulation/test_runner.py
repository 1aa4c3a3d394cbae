"""Plant and controller together: no circuit overruns its time budget, with and without faults."""

from itertools import pairwise

import pytest

from kwartier.simulation.faults import HABITS, Fault, draw_faults
from kwartier.simulation.runner import Run, simulate
from kwartier.simulation.scenarios import carpark, household, scenario
from kwartier.simulation.sensing import e27_reading, p1_reading
from kwartier.site.errors import ConfigError


def test_household_evening_keeps_its_budgets() -> None:
    """An hour and a half of a family coming home: nothing overrun, the cars charge, energy adds up."""
    made = household(seed=1)
    result = simulate(made, duration_s=5400)
    assert result.good, [f.sentence() for f in result.findings]
    assert result.steps == 5400
    assert result.sessions == 2
    assert result.charged_kwh > 10.0
    assert result.quarter_peak_w > 5000.0
    assert result.import_kwh > result.charged_kwh / 2


def test_same_seed_same_verdict() -> None:
    """A run is repeatable to the last digit."""
    first = simulate(household(seed=9), duration_s=1200)
    second = simulate(household(seed=9), duration_s=1200)
    assert (first.import_kwh, first.charged_kwh, first.writes) == (
        second.import_kwh,
        second.charged_kwh,
        second.writes,
    )


@pytest.mark.parametrize("kind", ["meter_silent", "meter_frozen"])
def test_lost_grid_meter_ends_in_the_safe_current(kind: str) -> None:
    """A minute after the meter is lost all cars together draw no more than the safe current of 10 A per
    phase; it is said aloud, and lifted some time after the meter speaks again."""
    made = household(seed=1)
    fault = Fault(kind=kind, target="main", start_s=1800.0, end_s=2100.0)  # type: ignore[arg-type]
    run = Run(made, faults=[fault])
    cars: list[tuple[float, ...]] = []
    codes: set[str] = set()
    for _ in range(2400):
        _, decision = run.step()
        codes |= {m.reason.code for m in decision.messages if m.device_id == "main"}
        cars.append(run.plant.current_a("garage"))
    assert max(cars[1790]) > 10.5
    for amps in cars[1860:2100]:
        assert max(amps) <= 10.0 + 1e-6
    assert max(cars[-1]) > 10.5
    assert {"meter_connected"} < codes
    assert not run.watcher.violations


def test_oven_at_the_limit_makes_the_cars_yield() -> None:
    """With L1 well used by two cars, 20 A more of house load on L1 for ten minutes stays inside the budget."""
    made = household(seed=1)
    run = Run(made)
    for _ in range(1800):
        run.step()
    before_a = run.plant.socket["left"].current_a[0]
    assert run.plant.current_a("grid")[0] > 30.0
    run.plant.switch_on("grid", 1, 4600.0, 600.0)
    for _ in range(60):
        run.step()
    assert run.plant.current_a("grid")[0] <= 40.0
    assert run.plant.socket["left"].current_a[0] < before_a
    assert run.watcher.excursions >= 1
    assert not run.watcher.violations


def test_silent_station_falls_back_by_its_own_timer() -> None:
    """Nobody reaches the station: a minute later both sockets offer their safe current."""
    made = household(seed=1)
    run = Run(made, faults=[Fault(kind="station_silent", target="left", start_s=1800.0, end_s=2400.0)])
    for _ in range(1795):
        run.step()
    assert run.plant.socket["right"].offered_a > 6.0
    for _ in range(80):
        run.step()
    assert [run.plant.socket[s].offered_a for s in ("left", "right")] == [6.0, 6.0]
    assert not run.watcher.violations


def test_carpark_morning_with_faults() -> None:
    """Forty minutes of staff arriving, with the meter and stations lost in turn: no budget overrun."""
    made = carpark(seed=2)
    for _ in range(1800):
        made.plant.advance(1.0)
    faults = draw_faults(made, 2400.0, mean_gap_s=120.0)
    assert len(faults) > 8
    result = simulate(made, duration_s=2400, faults=faults)
    assert result.good, [f.sentence() for f in result.findings]
    assert result.sessions >= 5


def test_faults_are_drawn_from_the_seed() -> None:
    """The same seed draws the same faults, in order; in ten days every kind that can be, one in ten minutes, and
    many while another is active."""
    duration_s = 864_000.0
    first, second = draw_faults(carpark(seed=4), duration_s), draw_faults(carpark(seed=4), duration_s)
    assert first == second
    not_there = {"meter_clock", "fire_alarm", "fire_wire"}  # no P1 meter, no input, no battery, no plan
    not_there |= {"battery_silent", "battery_refuses", "plan_lost", "plan_wrong"}
    assert {f.kind for f in first} == set(HABITS) - not_there
    assert all(0 < f.start_s < duration_s + 3600 and f.end_s > f.start_s for f in first)
    assert list(first) == sorted(first, key=lambda f: f.start_s)
    assert len(first) == pytest.approx(duration_s / 600.0, rel=0.1)
    assert sum(b.start_s < a.end_s for a, b in pairwise(first)) > 200


def test_readings_are_blurred_as_the_meters_are() -> None:
    """P1: 1 W and 0.01 A with the sign of the phase power; E27: 10 W."""
    plant = household(seed=1, start_utc_s=household().start_utc_s - 10_000).plant
    for _ in range(30):
        plant.advance(1.0)
    main = p1_reading(plant, "main", 50.0)
    assert main.current_a is not None
    truth = plant.current_a("grid")
    assert main.current_a[2] < 0 > truth[2]
    for told, true in zip(main.current_a, truth, strict=True):
        assert told == pytest.approx(true, abs=0.0051)
    assert main.at_s < 50.0
    pv = e27_reading(plant, "pv", 50.0)
    assert pv.power_w is not None
    assert pv.power_w % 10 == 0
    assert pv.power_w < 0


def test_unknown_scenario_is_a_sentence() -> None:
    """A wrong name lists the right ones."""
    with pytest.raises(ConfigError, match="household, carpark"):
        scenario("factory")
