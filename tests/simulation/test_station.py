"""Sockets and stations behave as the maker of the station and IEC 61851-1 say."""

import pytest

from kwartier.simulation.bench import Bench, bench, car
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.station import Scn


def charge(bench: Bench, current_a: float, seconds: int = 30) -> None:
    """Write the left socket's set-point, then let time pass."""
    bench.left.write_setpoint(current_a, bench.plant.now_s)
    bench.run(seconds)


def test_states_follow_car_and_offer(bench: Bench) -> None:
    """A without a car, B with one that waits, C with one that charges; 1 without pilot, 2 with."""
    charge(bench, 0.0)
    assert bench.left.state == "A1"
    bench.left.connect(car(phases=1))
    bench.run(5)
    assert bench.left.state == "B1"
    charge(bench, 10.0, 2)
    assert bench.left.state == "B2"
    bench.run(10)
    assert bench.left.state == "C2"
    charge(bench, 0.0, 2)
    assert bench.left.state == "C1"
    bench.run(5)
    assert bench.left.state == "B1"


def test_safe_current_holds_until_told_and_after_validity(bench: Bench) -> None:
    """A set-point holds for the validity time only; before and after it the safe current is applied."""
    bench.left.connect(car(phases=1))
    bench.run(30)
    assert bench.left.current_a == [6.0, 0.0, 0.0]
    charge(bench, 16.0, 40)
    assert bench.left.current_a[0] == 16.0
    bench.run(30)
    assert not bench.left.setpoint_holds(bench.plant.now_s)
    assert bench.left.current_a[0] == 6.0


@pytest.mark.parametrize("current_a", [0.0, 3.0, 5.9])
def test_below_six_amperes_pauses(bench: Bench, current_a: float) -> None:
    """IEC 61851-1 cannot offer less than 6 A: anything below stops the car."""
    bench.left.connect(car(phases=1))
    charge(bench, 16.0)
    charge(bench, current_a, 10)
    assert bench.left.applied_a == 0.0
    assert bench.left.current_a == [0.0, 0.0, 0.0]


def test_contactor_opens_under_a_car_that_does_not_stop(bench: Bench) -> None:
    """A car that ignores the pilot is cut off 6 s after the pilot stops."""
    stubborn = Car(battery_kwh=60, soc=0.5, phases=1, max_a=32.0, ignores_limit=True, reaction_s=1.0)
    bench.left.connect(stubborn)
    charge(bench, 16.0)
    assert bench.left.current_a[0] == 32.0
    charge(bench, 0.0, 4)
    assert bench.left.current_a[0] == 32.0
    bench.run(5)
    assert bench.left.current_a[0] == 0.0


def test_raises_wait_decreases_do_not(bench: Bench) -> None:
    """The pilot rises at most every 5 s, and falls within 2 s."""
    charge(bench, 10.0, 10)
    charge(bench, 12.0, 2)
    assert bench.left.offered_a == 12.0
    charge(bench, 14.0, 2)
    assert bench.left.offered_a == 12.0
    bench.run(4)
    assert bench.left.offered_a == 14.0
    charge(bench, 6.0, 2)
    assert bench.left.offered_a == 6.0


def test_reboot_forgets_set_points(bench: Bench) -> None:
    """After a reboot the station has no set-point, applies its safe current and counts its time anew."""
    bench.left.connect(car(phases=1))
    charge(bench, 16.0)
    bench.station.reboot(bench.plant.now_s)
    bench.run(10)
    assert bench.left.state == "F"
    assert bench.left.current_a[0] == 0.0
    bench.run(40)
    assert bench.left.setpoint_a is None
    assert bench.left.current_a[0] == 6.0


def test_phase_switch_pauses_first(bench: Bench) -> None:
    """From three conductors to one goes through a pause of 10 s."""
    bench.right.connect(car())
    bench.right.write_setpoint(16.0, bench.plant.now_s)
    bench.run(30)
    assert bench.right.current_a == [16.0, 16.0, 16.0]
    bench.right.switch_phases(1, bench.plant.now_s)
    bench.run(8)
    assert bench.right.current_a == [0.0, 0.0, 0.0]
    bench.run(12)
    assert bench.right.current_a == [16.0, 0.0, 0.0]


def test_energy_is_power_over_time(bench: Bench) -> None:
    """An hour at 16 A on three phases counts about 10.9 kWh, and 90 % of it reaches the battery."""
    guest = car(soc=0.2)
    bench.right.connect(guest)
    for _ in range(240):
        bench.right.write_setpoint(16.0, bench.plant.now_s)
        bench.run(15)
    energy_wh = sum(bench.right.energy_wh)
    assert energy_wh == pytest.approx(3 * 16 * 229 * 0.99, rel=0.02)
    assert guest.soc == pytest.approx(0.2 + energy_wh * 0.9 / 60_000)


def test_network_shares_its_maximum() -> None:
    """An enabled network of 20 A on L1 gives two cars there 10 A each; at 10 A the second one waits."""
    scn = Scn("park", enabled=True)
    b = bench(scn=scn)
    b.left.connect(car(phases=1))
    b.right.connect(car())
    for socket in (b.left, b.right):
        socket.validity_s = 600.0
        socket.write_setpoint(32.0, b.plant.now_s)
    for phase in (1, 2, 3):
        scn.write_max(phase, 20.0, b.plant.now_s)
    b.run(30)
    assert (b.left.current_a[0], b.right.current_a[0]) == (10.0, 10.0)
    assert scn.consumption_a() == [20.0, 10.0, 10.0]
    for phase in (1, 2, 3):
        scn.write_max(phase, 10.0, b.plant.now_s)
    b.run(30)
    assert (b.left.current_a[0], b.right.current_a[0]) == (10.0, 0.0)
