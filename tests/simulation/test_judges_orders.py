"""Judges of orders and of shares: raises by leaps, amperes granted twice, room that nobody is given, turns without current."""

from dataclasses import replace

import pytest
from tests.simulation.hearing import Hearing, fault

from kwartier.simulation.faults import FaultKind, Schedule
from kwartier.simulation.judge.ground import Ground
from kwartier.simulation.judge.shares import Shares
from kwartier.simulation.stories import story
from kwartier.simulation.trouble.cars import OddCar


def charging(hearing: Hearing, amps: float, *, where: str = "left", max_a: float = 32.0) -> Hearing:
    """A car on one phase that takes what it is offered, which is told in the steps that are allowed."""
    hearing.park(max_a, where=where)
    socket = hearing.bench.plant.socket[where]
    socket.validity_s = 1e9
    told_a = 0.0
    while told_a < amps:
        told_a = min(amps, told_a + 5.0) if told_a else min(6.0, amps)
        hearing.offer(told_a, where)
        hearing.run(6)
    return hearing


@pytest.mark.parametrize(("more_a", "after_s", "blamed"), [(5.0, 6, False), (5.5, 6, True), (5.0, 2, True)])
def test_a_raise_is_small_and_waits_for_the_one_before(more_a: float, after_s: int, *, blamed: bool) -> None:
    """Five amperes, five seconds apart."""
    hearing = Hearing().run(40)
    hearing.offer(0.0)
    charging(hearing, 6.0)
    hearing.offer(8.0)
    hearing.run(after_s)
    hearing.offer(8.0 + more_a)
    assert hearing.run(5).rules == ({"raise"} if blamed else set())


@pytest.mark.parametrize(
    ("begins_a", "start_a", "blamed"), [(6.0, 6.0, False), (14.0, 6.0, True), (14.0, 14.0, False)]
)
def test_a_car_begins_with_its_least(begins_a: float, start_a: float, *, blamed: bool) -> None:
    """Or with what it needs to begin."""
    hearing = Hearing().run(40)
    hearing.offer(0.0)
    hearing.park(32.0).start_min_a = start_a
    hearing.run(5)
    hearing.offer(begins_a)
    assert hearing.run(5).rules == ({"raise"} if blamed else set())


@pytest.mark.parametrize(
    ("house_a", "trouble", "blamed"),
    [
        (10.0, None, True),
        (6.0, None, False),
        (10.0, "meter_lag", False),
        (10.0, "station_late_writes", False),
    ],
)
def test_the_same_ampere_is_not_granted_twice(
    house_a: float, trouble: FaultKind | None, *, blamed: bool
) -> None:
    """Both on L1 of 40 A, the left one at 16 A and drawing 3 A of it, the right one raised from 11 to 16 A."""
    faults = (
        []
        if trouble is None
        else [
            fault(
                trouble, 100.0, 900.0, target="main" if trouble.startswith("meter") else "right", amount=3.0
            )
        ]
    )
    hearing = Hearing(faults=faults)
    hearing.bench.plant.switch_on("grid", 1, house_a * 230.0 * 0.97, 1e6)
    hearing.run(40)
    hearing.offer(0.0)
    hearing.offer(0.0, "right")
    charging(hearing, 16.0, max_a=3.0)
    hearing.park(32.0, where="right").phases = 3
    hearing.bench.right.validity_s = 1e9
    for told_a in (6.0, 11.0):
        hearing.offer(told_a, "right")
        hearing.run(6)
    hearing.run(100)
    assert not hearing.rules
    hearing.offer(16.0, "right")
    assert hearing.run(5).rules == ({"granted twice"} if blamed else set())


def test_who_cannot_know_of_a_load_yet_is_not_blamed() -> None:
    """20 A come on in the second before a car is raised; 15 s later everybody knows."""
    hearing = Hearing().run(40)
    hearing.offer(0.0)
    charging(hearing, 16.0)
    hearing.bench.plant.switch_on("grid", 1, 23.0 * 230.0 * 0.97, 1e6)
    hearing.offer(21.0)
    assert not hearing.run(4).rules
    hearing.run(20)
    hearing.offer(26.0)
    assert hearing.run(1).rules == {"granted twice"}


def test_a_contract_is_not_granted_twice_either() -> None:
    """16 A on three phases are 11 kW of 10; no phase comes near its 40 A."""
    hearing = Hearing(circuit={"contract_w": 10_000.0}).run(40)
    hearing.offer(0.0, "right")
    hearing.park(4.0, where="right").phases = 3
    hearing.bench.right.validity_s = 1e9
    for told_a in (6.0, 11.0):
        hearing.offer(told_a, "right")
        hearing.run(6)
    assert not hearing.rules
    hearing.offer(16.0, "right")
    assert hearing.run(5).rules == {"granted twice"}


@pytest.mark.parametrize(
    ("house_a", "kind", "blamed"),
    [(0.0, None, True), (32.0, None, False), (0.0, "meter_lag", False), (0.0, "car_over", False)],
)
def test_room_that_nobody_is_given_is_found(house_a: float, kind: FaultKind | None, *, blamed: bool) -> None:
    """Told 6 A where 34 A more are free, or 2 A."""
    faults = (
        [] if kind is None else [fault(kind, 5.0, 900.0, target="left" if kind == "car_over" else "main")]
    )
    hearing = Hearing(faults=faults)
    hearing.bench.plant.switch_on("grid", 1, house_a * 230.0 * 0.97, 1e6)
    hearing.bench.right.safe_a = 0.0
    hearing.run(40)
    hearing.offer(0.0)
    charging(hearing, 6.0)
    assert not hearing.run(280).rules
    assert hearing.run(200).rules == ({"held back"} if blamed else set())


@pytest.mark.parametrize(
    ("ranks", "blamed"),
    [({"left": 1}, True), ({}, False), ({"right": 1}, True), ({"left": 1, "right": 1}, False)],
)
def test_who_comes_first_is_given_what_others_have_above_their_least(
    ranks: dict[str, int], *, blamed: bool
) -> None:
    """39 A of 40 A: 13 A for the left one, 26 A for the right one; each could do with 6 A and take 32 A."""
    hearing = Hearing(priority=ranks).run(40)
    hearing.offer(0.0)
    hearing.offer(0.0, "right")
    charging(hearing, 13.0)
    hearing.park(32.0, where="right").phases = 3
    hearing.bench.right.validity_s = 1e9
    for told_a in (6.0, 11.0, 16.0, 21.0, 26.0):
        hearing.offer(told_a, "right")
        hearing.run(6)
    assert not hearing.run(240).rules
    assert hearing.run(200).rules == ({"priority"} if blamed else set())


@pytest.mark.parametrize(("begins_at_a", "blamed"), [(6.0, False), (8.0, True)])
def test_current_that_a_car_does_not_take_is_no_turn(begins_at_a: float, *, blamed: bool) -> None:
    """Offered 6 A for an hour, which is too little for some to begin; alone, it has waited for 45 minutes then."""
    hearing = Hearing(circuit={"limit_a": (8.0, 8.0, 8.0)} if begins_at_a == 6.0 else None).run(40)
    hearing.offer(0.0)
    hearing.park(32.0).start_min_a = begins_at_a
    hearing.bench.left.validity_s = 1e9
    hearing.offer(6.0)
    assert not hearing.run(2600).rules
    assert hearing.run(1000).rules == ({"starved"} if blamed else set())


@pytest.mark.parametrize(
    ("house_a", "after_s", "kind", "blamed"),
    [
        (0.0, 300, None, True),
        (36.0, 300, None, False),  # no room any more
        (0.0, 900, None, False),  # it has had its turn
        (0.0, 300, "meter_lag", False),
        (0.0, 300, "car_over", False),
    ],
)
def test_a_turn_is_not_cut_short_without_need(
    house_a: float, after_s: int, kind: FaultKind | None, *, blamed: bool
) -> None:
    """A car that draws 6 A of 40 A is told 0 A."""
    faults = (
        [] if kind is None else [fault(kind, 5.0, 2000.0, target="left" if kind == "car_over" else "main")]
    )
    hearing = Hearing(faults=faults).run(125)
    hearing.bench.right.safe_a = 0.0
    hearing.offer(0.0)
    charging(hearing, 6.0)
    hearing.run(after_s)
    if house_a:
        hearing.bench.plant.switch_on("grid", 1, house_a * 230.0 * 0.97, 1e6)
        hearing.run(2)
    hearing.offer(0.0)
    hearing.run(2)
    assert ("turn cut short" in hearing.rules) is blamed


def test_a_turn_may_be_cut_short_for_a_car_of_higher_priority() -> None:
    """Which then charges instead."""
    hearing = Hearing(priority={"right": 1}).run(125)
    hearing.offer(0.0)
    charging(hearing, 6.0)
    hearing.park(32.0, where="right").phases = 3
    hearing.run(60)
    hearing.offer(0.0)
    assert "turn cut short" not in hearing.run(2).rules


@pytest.mark.parametrize(("cars", "blamed"), [(12, False), (3, True)])
def test_what_is_free_is_shared_alike_before_anybody_is_held_back(cars: int, *, blamed: bool) -> None:
    """So many cars of one kind at 6 A each, and 10 A more are free on each phase: less than an ampere for each of twelve, more than
    three for each of three (carpark-steps 124)."""
    scenario = story("carpark-steps", seed=1)
    plant, ground = scenario.plant, Ground(scenario, Schedule([]))
    for socket in plant.socket.values():
        socket.disconnect()
        socket.safe_a = 0.0
    for point in scenario.site.charge_points[:cars]:
        plant.socket[point.id].safe_a = 6.0
        plant.socket[point.id].connect(
            OddCar(battery_kwh=900.0, soc=0.1, phases=3, max_a=32.0, reaction_s=0.0, ramp_a_per_s=99.0)
        )
    for _ in range(20):
        plant.advance(1.0)
    root = scenario.site.root
    most_a = max(plant.current_a(root.id)) + 10.0
    grid = replace(root, limit_a=(most_a, most_a, most_a))
    others = (replace(c, limit_a=(999.0,) * 3) for c in scenario.site.circuits if c is not root)
    ground.site = replace(scenario.site, circuits=(grid, *others))
    shares = Shares(ground)
    ground.run_s = 500.0
    for _ in range(40):
        shares.look(10.0)
    assert ({f.rule for f in shares.findings} == {"held back"}) is blamed


@pytest.mark.parametrize(
    ("before", "beside", "blamed"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_a_turn_may_be_the_rest_of_a_broken_one_or_make_way_for_one_who_does_not_begin(
    *, before: bool, beside: bool, blamed: bool
) -> None:
    """Told 0 A after a minute; a turn just before it, or another car that is offered current and draws none (87, 1837)."""
    hearing = Hearing().run(125)
    hearing.bench.right.safe_a = 0.0
    hearing.offer(0.0)
    if before:
        charging(hearing, 6.0)
        hearing.run(800)
        hearing.offer(0.0)
        hearing.run(60)
    known = len(hearing.court.findings)
    if beside:
        hearing.park(32.0, where="right").start_min_a = 14.0
        hearing.offer(6.0, "right")
    charging(hearing, 6.0)
    hearing.run(60)
    hearing.offer(0.0)
    hearing.run(2)
    assert ("turn cut short" in {f.rule for f in hearing.court.findings[known:]}) is blamed
