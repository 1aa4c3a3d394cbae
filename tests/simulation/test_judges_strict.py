"""What the judges once let pass: each test is a mistake of the controller that no judge charged."""

import pytest
from tests.simulation.hearing import Hearing, fault

from kwartier.simulation.faults import FaultKind, Schedule
from kwartier.simulation.judge.ground import Ground
from kwartier.simulation.stories import story
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import MeterReading


@pytest.mark.parametrize(
    ("told_a", "blamed"),
    [
        ((39.0, 0.0, 0.0), False),  # it hides that the limit is exceeded
        ((49.0, 0.0, 0.0), True),  # less than the truth, and above 40 A all the same
        ((70.0, 0.0, -5.0), True),  # a lie about another phase
        ((-500.0, 0.0, 0.0), False),  # it says that as much is fed back
    ],
)
def test_a_lie_excuses_only_what_it_hides(told_a: PhaseVector, *, blamed: bool) -> None:
    """70 A flow on L1 of 40 A."""
    hearing = Hearing(faults=[fault("meter_scale", 5.0, 65.0, amount=0.7)]).run(5)
    hearing.told.readings["main"] = MeterReading(meter_id="main", at_s=0.0, current_a=told_a)
    hearing.park(70.0)
    assert hearing.run(50).rules == ({"overload"} if blamed else set())


@pytest.mark.parametrize(("told_a", "blamed"), [(15.0, False), (19.0, True)])
def test_a_lie_that_is_above_the_contract_excuses_nobody(told_a: float, *, blamed: bool) -> None:
    """20 A flow where 4 kW (17.4 A) are allowed."""
    hearing = Hearing(
        faults=[fault("meter_scale", 5.0, 65.0, amount=0.7)], circuit={"contract_w": 4000.0}
    ).run(5)
    hearing.told.readings["main"] = MeterReading(meter_id="main", at_s=0.0, current_a=(told_a, 0.0, 0.0))
    hearing.park(20.0)
    assert hearing.run(50).rules == ({"contract"} if blamed else set())


def test_a_meter_that_lies_above_excuses_no_circuit_with_one_of_its_own() -> None:
    """`c1` hangs below another circuit; the meter of the grid connection tells nothing at all."""
    scenario = story("random", seed=5)
    site = scenario.site
    root = site.root
    leaf = next(c for c in site.circuits if c.parent is not None and c.meter is not None)
    assert root.meter is not None
    schedule = Schedule([fault("meter_scale", 0.0, 100.0, target=root.meter)])
    scenario.plant.advance(1.0)
    schedule.at(5.0)
    ground = Ground(scenario, schedule)
    ground.run_s = 50.0
    ground.told.readings[root.meter] = MeterReading(
        meter_id=root.meter, at_s=50.0, current_a=(-9.0, -9.0, -9.0)
    )
    assert ground.blind(root.id, 5.0) == "meter_scale"
    assert ground.blind(leaf.id, 5.0) is None


@pytest.mark.parametrize(
    ("told_a", "faulty", "blamed"), [(28.0, False, True), (28.0, True, True), (18.0, True, False)]
)
def test_phases_too_far_apart_are_found(told_a: float, *, faulty: bool, blamed: bool) -> None:
    """28 A of a car on L1, nothing on L2 and L3, 20 A apart are allowed."""
    lies = [fault("meter_scale", 5.0, 65.0, amount=0.7)] if faulty else []
    hearing = Hearing(faults=lies, circuit={"imbalance_a": 20.0}).run(5)
    hearing.told.readings["main"] = MeterReading(meter_id="main", at_s=0.0, current_a=(told_a, 0.0, 0.0))
    hearing.park(28.0)
    assert not hearing.run(15).rules
    assert hearing.run(10).rules == ({"imbalance"} if blamed else set())
    assert {f.what[:27] for f in hearing.court.findings} <= {"circuit 'grid': L1 lies 28."}


def test_who_draws_on_both_phases_has_no_part_in_how_far_they_lie_apart() -> None:
    """26 A of other load on L1, and a car on all three phases; then one on L1."""
    hearing = Hearing(circuit={"imbalance_a": 20.0})
    hearing.bench.plant.switch_on("grid", 1, 26.0 * 230.0 * 0.97, 1e6)
    hearing.park(8.0, where="right").phases = 3
    assert not hearing.run(60).rules
    hearing.park(6.0)
    assert hearing.run(30).rules == {"imbalance"}


def test_behind_a_lost_meter_nobody_knows_how_far_phases_lie_apart() -> None:
    """As long as it is lost, and not an excuse after that."""
    hearing = Hearing(faults=[fault("meter_silent", 5.0, 100.0)], circuit={"imbalance_a": 20.0}).run(5)
    hearing.park(28.0)
    assert not hearing.run(95).rules
    assert hearing.run(20).rules == {"imbalance"}


@pytest.mark.parametrize(
    ("kind", "blamed"), [("meter_silent", True), ("meter_frozen", True), ("meter_lag", False)]
)
def test_more_than_the_safe_current_behind_a_lost_meter_is_found(kind: FaultKind, *, blamed: bool) -> None:
    """32 A told and drawn all along, far below the limit; 10 A are safe."""
    hearing = Hearing(faults=[fault(kind, 30.0, 3600.0, amount=1.0)]).run(25)
    hearing.bench.left.validity_s = 1e9
    hearing.offer(32.0)
    hearing.park(32.0)
    assert not hearing.run(19).rules
    assert hearing.run(20).rules == ({"safe current"} if blamed else set())
    assert len(hearing.court.findings) == blamed


@pytest.mark.parametrize(("phases", "blamed"), [(1, False), (3, True)])
def test_orders_behind_a_lost_meter_add_up_on_the_phases_that_cars_use(phases: int, *, blamed: bool) -> None:
    """Twice 6 A on L1, or each on its own phase; a car that has just come has its time to show which."""
    hearing = Hearing(faults=[fault("meter_silent", 12.0, 900.0)])
    hearing.park(6.0)
    hearing.run(40)
    hearing.offer(6.0)
    hearing.offer(6.0, "right")
    hearing.park(6.0, where="right").phases = phases
    assert not hearing.run(15).rules
    assert hearing.run(5).rules == ({"safe current"} if blamed else set())


def test_what_a_station_out_of_reach_was_told_last_is_not_told_behind_a_lost_meter() -> None:
    """It cannot be told anything else."""
    away = fault("station_silent", 28.0, 900.0, target="left")
    hearing = Hearing(faults=[fault("meter_silent", 30.0, 900.0), away])
    hearing.park(6.0)
    hearing.run(20)
    hearing.offer(32.0)
    assert not hearing.run(100).rules


@pytest.mark.parametrize(("after_s", "blamed"), [(0, True), (5, True), (10, False)])
def test_charge_points_return_one_by_one_after_a_reset(after_s: int, *, blamed: bool) -> None:
    """The second at the earliest ten seconds after the first may."""
    hearing = Hearing(faults=[fault("fire_alarm", 20.0, 30.0, target="fire")], fire=True).run(19)
    hearing.offer(0.0)
    hearing.offer(0.0, "right")
    hearing.run(30)
    hearing.told.resets = 1
    hearing.offer(6.0)
    hearing.run(after_s)
    hearing.offer(6.0, "right")
    assert hearing.run(5).rules == ({"fire return"} if blamed else set())


@pytest.mark.parametrize(("tries", "blamed"), [(False, True), (True, False)])
def test_a_station_that_hears_late_excuses_only_who_has_told_it(*, tries: bool, blamed: bool) -> None:
    """Each write comes 8 s late. 60 A of 40 A flow: whoever tells less is excused until that has come, nobody else."""
    hearing = Hearing(faults=[fault("station_late_writes", 5.0, 125.0, target="left", amount=8.0)])
    hearing.bench.left.validity_s = 1e9
    hearing.run(10)
    hearing.park(60.0)
    hearing.run(3)
    if tries:
        hearing.told.writes.append(("left", 6.0))
    hearing.run(8)
    assert not hearing.rules
    if tries:
        hearing.bench.left.write_setpoint(6.0, hearing.bench.plant.now_s)
    assert hearing.run(15).rules == ({"overload"} if blamed else set())


def test_an_order_may_be_overtaken_by_an_older_one_that_was_late() -> None:
    """The delay ends, and what was told before comes after what is told now."""
    hearing = Hearing(faults=[fault("station_late_writes", 5.0, 15.0, target="left", amount=8.0)])
    hearing.park(60.0)
    hearing.run(16)
    assert hearing.court.ground.reachable("left")
    hearing.told.writes.append(("left", 6.0))
    hearing.run(1)
    assert not hearing.court.ground.reachable("left")
    assert not hearing.run(17).court.ground.reachable("left")
    assert hearing.run(2).court.ground.reachable("left")


@pytest.mark.parametrize(("again_s", "blamed"), [(64.0, True), (80.0, False)])
def test_a_meter_that_falls_silent_again_before_it_was_trusted_blinds_nobody_anew(
    again_s: float, *, blamed: bool
) -> None:
    """Back for four seconds it is not believed yet, for twenty it is. 60 A of 40 A may flow for ten seconds."""
    silences = [fault("meter_silent", 5.0, 60.0), fault("meter_silent", again_s, 300.0)]
    hearing = Hearing(faults=silences).run(int(again_s))
    hearing.bench.left.validity_s = 1e9
    hearing.park(60.0)
    assert ("overload" in hearing.run(13).rules) is blamed


def test_a_lost_meter_tells_no_lies() -> None:
    """What it said last, times a scale, is nothing to go by: 60 A of 40 A flow, a minute after it fell silent."""
    lies = [fault("meter_silent", 5.0, 300.0), fault("meter_scale", 5.0, 300.0, amount=0.5)]
    hearing = Hearing(faults=lies).run(65)
    hearing.bench.left.validity_s = 1e9
    hearing.told.readings["main"] = MeterReading(meter_id="main", at_s=4.0, current_a=(0.0, 0.0, 0.0))
    hearing.park(60.0)
    assert "overload" in hearing.run(13).rules
