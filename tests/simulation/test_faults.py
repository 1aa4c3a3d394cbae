"""Each kind of fault does what it says."""

from dataclasses import replace
from math import isnan

import pytest

from kwartier.simulation.bench import bench
from kwartier.simulation.faults import HABITS, Fault, FaultKind, Schedule
from kwartier.simulation.plant.car import Car
from kwartier.simulation.runner import Run
from kwartier.simulation.scenarios import P1, household
from kwartier.simulation.step_sites import household_steps
from kwartier.simulation.trouble.cars import CarTrouble, OddCar
from kwartier.simulation.trouble.meters import MeterLine
from kwartier.simulation.trouble.outside import limits
from kwartier.simulation.trouble.stations import StationLines
from kwartier.site.readings import MeterReading


def fault(
    kind: FaultKind, target: str, amount: float = 0.0, *, start_s: float = 10, end_s: float = 60
) -> Fault:
    return Fault(kind=kind, target=target, start_s=start_s, end_s=end_s, amount=amount)


def told(kind: FaultKind, amount: float = 0.0, seconds: int = 5) -> list[MeterReading | None]:
    """What the bench's P1 meter tells each second once a fault has begun, with a load that grows by 1 A a second."""
    b = bench()
    line = MeterLine(b.plant, "main", P1)
    out = []
    trouble = fault(kind, "main", amount)
    for s in range(40 + seconds):
        b.plant.switch_on("grid", 1, 230.0 * 0.97, 1e6)
        b.run(1)
        out.append(line.read(100.0 + s, [trouble] if s >= 40 else []))
    return out[40:]


def l1(readings: list[MeterReading | None]) -> list[float]:
    return [round(r.current_a[0]) for r in readings if r is not None and r.current_a is not None]


def test_meters_in_trouble() -> None:
    """The truth is 41, 42, 43 ... A."""
    assert l1(told("meter_clock", 3600.0)) == [41, 42, 43, 44, 45]
    assert told("meter_silent") == [None] * 5
    assert l1(told("meter_frozen")) == [40] * 5
    assert l1(told("meter_spike", 9999.0)) == [9999] * 5
    assert l1(told("meter_spike", 20.0))[0] == pytest.approx(20 * 41, abs=10)
    assert l1(told("meter_scale", 0.0)) == [0] * 5
    assert l1(told("meter_phase", 1.0)) == [0] * 5
    assert l1(told("meter_lag", 3.0)) == l1(told("meter_late", 3.0)) == [38, 39, 40, 41, 42]
    assert set(l1(told("meter_repeat"))) == {36, 37, 38, 39, 40}


def test_what_broken_meters_say_of_time() -> None:
    """Who lags silently claims that it is now; who says so does not; a clock may be off; repeated telegrams have
    the times that they had."""
    for kind, age_s in (
        ("meter_lag", 0.1),
        ("meter_late", 15.1),
        ("meter_frozen", 0.1),
        ("meter_repeat", 0.1),
    ):
        (first, *_) = told(kind, 15.0)  # type: ignore[arg-type]
        assert first is not None
        assert 140.0 - first.at_s == pytest.approx(age_s)
    honest, off = told("meter_lag", 0.0)[0], told("meter_clock", 3600.0)[0]
    assert honest is not None
    assert off is not None
    assert honest.meter_time_s is not None
    assert off.meter_time_s == honest.meter_time_s + 3600.0
    frozen = told("meter_frozen")
    assert len({r.meter_time_s for r in frozen if r}) == 1
    times = {r.meter_time_s for r in told("meter_repeat") if r}
    assert len(times) == 5
    assert max(t for t in times if t) < frozen[0].meter_time_s + 1.0  # type: ignore[union-attr, operator]


def test_nonsense_is_of_three_kinds() -> None:
    """NaN, nothing, infinity."""
    kinds = [r.current_a for r in told("meter_nonsense", seconds=3) if r is not None]
    assert None in kinds
    assert any(k is not None and isnan(k[0]) for k in kinds)
    assert any(k is not None and k[0] == float("inf") for k in kinds)


def lines() -> tuple[Run, StationLines]:
    run = Run(household())
    run.step()
    return run, run.stations


def test_stations_in_trouble() -> None:
    """Silent, half open, losing and late writes, time-outs, a reboot."""
    run, stations = lines()
    socket = run.plant.socket["left"]

    def during(kind: FaultKind, amount: float = 0.0) -> Fault:
        trouble = fault(kind, "right", amount)  # the other socket of the same station
        stations.begin(trouble)
        return trouble

    trouble = during("station_silent")
    assert not stations.write("left", 9.0, None)
    assert stations.read(2000.0) == {}
    stations.end(trouble)
    assert stations.write("left", 9.0, None)
    assert socket.setpoint_a == 9.0
    trouble = during("station_lost_writes")
    assert stations.write("left", 12.0, None)
    assert socket.setpoint_a == 9.0
    assert set(stations.read(2000.0)) == {"left", "right"}
    stations.end(trouble)
    trouble = during("station_half_open")
    run.plant.socket["left"].setpoint_a = 31.0
    before = stations.read(2001.0)["left"]
    assert before.setpoint_a == 9.0
    assert before.at_s == 2001.0
    assert stations.write("left", 13.0, None)
    assert socket.setpoint_a == 31.0
    stations.end(trouble)
    trouble = during("station_late_writes", 3.0)
    assert stations.write("left", 14.0, None)
    for _ in range(2):
        run.plant.advance(1.0)
        stations.tick()
    assert socket.setpoint_a == 31.0
    run.plant.advance(1.0)
    stations.tick()
    assert socket.setpoint_a == 14.0
    stations.end(trouble)
    trouble = during("station_timeouts", 0.5)
    through = sum(stations.write("left", 14.0, None) for _ in range(200))
    assert 60 < through < 140
    stations.end(trouble)
    assert stations.calm
    during("station_reboot")
    assert stations.silent("left")
    assert socket.setpoint_a is None


def car() -> OddCar:
    return OddCar(battery_kwh=60.0, soc=0.3, phases=3, max_a=16.0, reaction_s=1.0, ramp_a_per_s=50.0)


@pytest.mark.parametrize(
    ("kind", "amount", "drawn"),
    [
        ("car_rounds_up", 0.0, [10.0] * 3),
        ("car_ignores", 0.0, [16.0] * 3),
        ("car_one_phase", 0.0, [9.4, 0.0, 0.0]),
        ("car_over", 0.05, [9.87] * 3),
        ("car_sleeps", 0.0, [0.0] * 3),
        ("car_start_14", 14.0, [9.4] * 3),
        ("car_lag", 9.0, [9.4] * 3),
        ("car_leaves", 0.0, [0.0] * 3),
    ],
)
def test_cars_in_trouble(kind: FaultKind, amount: float, drawn: list[float]) -> None:
    """A car that is offered 9.4 A; afterwards all is as it was."""
    b = bench()
    b.right.validity_s = 1e9
    b.right.connect(car())
    b.right.write_setpoint(9.4, b.plant.now_s)
    b.run(20)
    assert b.right.current_a == pytest.approx([9.4] * 3)
    trouble, cars = fault(kind, "right", amount), CarTrouble(b.plant)
    cars.begin(trouble)
    b.run(20)
    assert b.right.current_a == pytest.approx(drawn)
    cars.end(trouble)
    b.run(20)
    assert b.right.current_a == pytest.approx([0.0] * 3 if kind == "car_leaves" else [9.4] * 3)


def test_a_car_may_not_begin_below_fourteen_amperes_or_follow_late() -> None:
    """The two that show only on a change."""
    b = bench()
    cars = CarTrouble(b.plant)
    b.right.validity_s = 1e9
    b.right.connect(car())
    cars.begin(fault("car_start_14", "right", 14.0))
    b.right.write_setpoint(9.4, b.plant.now_s)
    b.run(20)
    assert b.right.current_a == [0.0] * 3
    b.right.write_setpoint(14.0, b.plant.now_s)
    b.run(20)
    assert b.right.current_a == pytest.approx([14.0] * 3)
    cars.begin(fault("car_lag", "right", 9.0))
    b.right.write_setpoint(7.0, b.plant.now_s)
    b.run(8)
    assert b.right.current_a == pytest.approx([14.0] * 3)
    b.run(4)
    assert b.right.current_a == pytest.approx([7.0] * 3)


def test_the_step_car_tapers_at_moments_that_it_foretells() -> None:
    """Near full its current falls ampere by ampere, each time just when `steady_kwh` has gone in; a common car of the
    same size is full within a tenth of the same time."""
    odd = replace(car(), soc=0.895, max_a=16.0)
    odd._seen_a = 16.0
    common = Car(battery_kwh=60.0, soc=0.895, phases=3, max_a=16.0, ramp_a_per_s=50.0)
    common._seen_a = 16.0
    steps = 0
    while not odd.full:
        before, left = odd.draw(True, 1.0), odd.steady_kwh()
        odd.store(1000.0 * left * 0.999)
        assert odd.draw(True, 1.0) == before
        odd.store(1000.0 * left * 0.001 + 1e-6)
        steps += 1
        falls = odd.draw(True, 1.0) < before
        assert falls or steps in {1, 12}
    assert steps == 12
    hours = 0.0
    while not common.full:
        common.store(3 * 230.0 * common.draw(True, 60.0) / 60.0)
        hours += 1 / 60
    assert 0.5 < hours < 1.5


def test_limits_from_outside() -> None:
    """They flicker, run out, or say nothing."""
    site = household().site
    flicker = fault("limit_flicker", "garage", 0.5)
    seen = [bool(limits(site, [flicker], 10.0 + s, 500.0)) for s in range(14)]
    assert seen == [True, True, True, False, False, False, False] * 2
    (expires,) = limits(site, [fault("limit_expires", "garage", 0.5)], 20.0, 520.0)
    assert expires.value_a == site.circuit["garage"].limit_a
    assert expires.after_a == (16.0,) * 3
    assert expires.valid_until_s == 535.0
    (nonsense,) = limits(site, [fault("limit_nonsense", "garage")], 20.0, 520.0)
    assert isnan(nonsense.value_a[0])


def test_a_schedule_tells_what_begins_and_ends() -> None:
    """In the order of time, also where one begins and ends between two looks."""
    a, b = fault("pause", "controller"), fault("disk_full", "controller", start_s=59, end_s=61)
    c = fault("limit_nonsense", "grid", start_s=20, end_s=20.5)
    schedule = Schedule([b, c, a])
    assert not schedule.at(9.0)
    assert schedule.at(10.0)
    assert (schedule.begun, schedule.active, schedule.next_s) == ((a,), (a,), 20.0)
    assert schedule.at(30.0)
    assert (schedule.begun, schedule.ended, schedule.active) == ((c,), (c,), (a,))
    assert schedule.at(60.0)
    assert (schedule.ended, schedule.active, schedule.begins_s) == ((a,), (b,), float("inf"))


def test_a_power_cut_is_survived_from_what_was_stored() -> None:
    """Gone for half a minute, with a full disk for the minute before: it starts from the memory of before, its
    sockets fall back meanwhile, and no more than the safe current is told at first."""
    made = household_steps(seed=1)
    full = fault("disk_full", "controller", start_s=1700, end_s=1850)
    cut = fault("power_cut", "controller", start_s=1800, end_s=1830)
    run = Run(made, faults=[full, cut], every_second=True)
    while run.run_s < 1699:
        run.advance()
    stored = run.controller._disk.at_s
    while run.run_s < 1829:
        taken = run.advance()
        assert (taken is None) == (run.run_s >= 1800)
    assert run.controller._disk.at_s - stored <= 10.0
    run.step()
    assert run.controller.starts == 2
    assert sum(s.current_a for s in run.step()[1].setpoints if s.charge_point_id == "right") <= 10.0
    assert not run.court.findings


def test_a_pause_leaves_all_as_it_was() -> None:
    """The program stands still; it does not start anew."""
    run = Run(household_steps(seed=1), faults=[fault("pause", "controller")], every_second=True)
    taken = [run.advance() for _ in range(80)]
    assert [i for i, t in enumerate(taken) if t is None] == list(range(9, 59))
    assert run.controller.starts == 1


def test_every_kind_has_a_habit() -> None:
    """None is forgotten in the drawing."""
    assert set(HABITS) == set(FaultKind.__args__)  # type: ignore[attr-defined]
