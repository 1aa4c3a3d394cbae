"""The plant of a site without neutral, and the loop on it."""

from random import Random

import pytest

from kwartier.simulation.bench import BENCH_START_S, car
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Socket, Station
from kwartier.simulation.runner import Run
from kwartier.simulation.scenarios import P1, Scenario
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site


def _scenario(limit_a: float = 40.0) -> Scenario:
    """Two one-phase sockets between lines 1 and 2 and between 1 and 3, one with three lines."""
    wires = {"a": (1, 2), "b": (3, 1), "c": (1, 2, 3)}
    site = Site(
        name="Delta",
        three_wire=True,
        circuits=(
            Circuit(
                id="grid", name="Grid", parent=None, limit_a=(limit_a,) * 3, meter="main", safe_current_a=10.0
            ),
        ),
        meters=(Meter(id="main", name="Main", role="grid", address="bench"),),
        charge_points=tuple(
            ChargePoint(id=i, name=i, circuit="grid", conductors=w, fallback_a=6.0) for i, w in wires.items()
        ),
    )
    stations = [Station(i, [Socket(i, w)]) for i, w in wires.items()]
    dice = Random(3)
    plant = Plant(site, stations, start_s=BENCH_START_S, dice=dice, loads={})
    return Scenario(
        name="delta",
        site=site,
        plant=plant,
        start_utc_s=BENCH_START_S,
        seed=3,
        meter_types={"main": P1},
        sockets=dict.fromkeys(wires, 1),
        dice=dice,
    )


@pytest.fixture
def run() -> Run:
    return Run(_scenario())


def test_a_one_phase_car_draws_in_both_lines_and_is_told_of_in_one(run: Run) -> None:
    """230 V stand between the lines: 10 A make 2.3 kW, and flow in both."""
    socket = run.plant.socket["b"]
    socket.connect(car(phases=1))
    for _ in range(60):
        socket.write_setpoint(10.0, run.plant.now_s)
        run.plant.advance(1.0)
    assert socket.current_a == [10.0, 0.0, 0.0]
    assert run.plant.current_a("grid") == (10.0, 0.0, 10.0)
    assert sum(run.plant.power_w("grid")) == pytest.approx(2300, rel=0.03)


def test_a_three_phase_car_has_the_power_of_a_delta(run: Run) -> None:
    """Square root of three x 230 V x 10 A, in all three lines."""
    socket = run.plant.socket["c"]
    socket.connect(car(phases=3))
    for _ in range(60):
        socket.write_setpoint(10.0, run.plant.now_s)
        run.plant.advance(1.0)
    assert run.plant.current_a("grid") == (10.0, 10.0, 10.0)
    assert sum(run.plant.power_w("grid")) == pytest.approx(3984, rel=0.03)


def test_the_loop_keeps_every_line_while_an_oven_comes_and_goes(run: Run) -> None:
    """Three cars and 20 A of oven on the line that they share: nothing overruns its budget, and all charge."""
    for name, phases in (("a", 1), ("b", 1), ("c", 3)):
        run.plant.socket[name].connect(car(phases=phases, max_a=32.0))
    for _ in range(300):
        run.step()
    shares = [max(run.plant.socket[i].current_a) for i in "abc"]
    assert sum(shares) == pytest.approx(40.0, abs=1.0)
    assert min(shares) > 12.0
    run.plant.switch_on("grid", 1, 2650.0, 300.0)
    for _ in range(400):
        run.step()
    assert not run.watcher.violations
    assert run.watcher.excursions >= 1
