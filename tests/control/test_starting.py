"""Cars that do not begin at 6 A: offered more for a minute, booked like any other current, few times."""

from dataclasses import replace
from itertools import product

import pytest
from tests.control.test_step import World, site

from kwartier.control.chargers.points import CRAMPED_TURN_S, IDLE_TURN_S, Demand
from kwartier.control.chargers.probes import floors
from kwartier.control.chargers.starting import (
    AGAIN_S,
    BEGIN_S,
    MOST_PROBES,
    PAUSE_S,
    PROBE_A,
    PROBE_S,
    REACH_S,
    STAGES,
    Stage,
    Start,
    advance,
    entitled,
)
from kwartier.control.memory import initial
from kwartier.control.turns import PATIENCE_S, longest_wait_s
from kwartier.simulation.plant.car import Car
from kwartier.site.reasons import reason
from kwartier.site.topology import ChargePoint, Site

NOW = 50_000.0
POINT = ChargePoint(id="p", name="P", circuit="c", conductors=(1,))

# stage, (granted 14 A, 6 A or nothing), what the car does -> next stage before its time, and after it
EXPECTED: dict[tuple[Stage, float, str], tuple[Stage, Stage]] = {}
for stage_, granted_, does_ in product(STAGES, (0.0, 6.0, 14.0), ("draws", "waits", "sleeps")):
    if granted_ == 0:
        outcome: tuple[Stage, Stage] = ("off", "off")
    elif does_ == "draws":
        outcome = ("drawing", "drawing")
    elif stage_ == "off":
        outcome = ("offered", "offered")
    elif stage_ == "offered":
        outcome = ("offered", "probing" if does_ == "waits" and granted_ < 14 else "offered")
    elif stage_ == "probing":
        outcome = ("probing", "resting" if granted_ >= 14 else "probing")
    elif stage_ == "resting":
        outcome = ("resting", "offered")
    elif stage_ == "paused":
        outcome = ("paused", "probing" if does_ == "waits" and granted_ < 14 else "paused")
    else:
        outcome = ("paused", "paused")
    EXPECTED[stage_, granted_, does_] = outcome


@pytest.mark.parametrize("key", sorted(EXPECTED))
def test_every_stage_with_everything_that_can_happen(key: tuple[Stage, float, str]) -> None:
    """All 54, each just after it began and long after; one for which nothing was left over tries once more."""
    stage, granted_a, does = key
    late_s = AGAIN_S if stage == "paused" else PAUSE_S + 1
    for ago_s, expected in ((1.0, EXPECTED[key][0]), (late_s, EXPECTED[key][1])):
        full_s = NOW - ago_s if stage == "probing" and granted_a >= 14 else None
        old = Start(stage=stage, since_s=NOW - ago_s, full_s=full_s)
        new = advance(
            old, POINT, granted_a=granted_a, offered=does == "waits", drawing=does == "draws", now_s=NOW
        )
        assert new.stage == expected


def test_a_probe_without_room_costs_no_try_and_one_in_vain_does() -> None:
    """Only what was really offered counts."""

    def after(start: Start, granted_a: float) -> Start:
        return advance(start, POINT, granted_a=granted_a, offered=True, drawing=False, now_s=NOW)

    starved = Start(stage="probing", since_s=NOW - REACH_S)
    assert after(starved, 6.0).probes == 0
    vain = Start(stage="probing", since_s=NOW - 99, full_s=NOW - PROBE_S)
    assert after(vain, 14.0).probes == 1
    cramped = after(starved, 6.0)
    assert cramped.cramped
    assert cramped.stage == "probing"
    again = replace(cramped, since_s=NOW - REACH_S)
    assert (after(again, 6.0).stage, after(again, 6.0).probes) == ("resting", 1)
    stopped = advance(cramped, POINT, granted_a=0.0, offered=True, drawing=False, now_s=NOW)
    assert (stopped.stage, stopped.probes) == ("off", 1)
    tired = Start(stage="offered", since_s=NOW - AGAIN_S + 1, probes=MOST_PROBES)
    assert after(tired, 6.0).stage == "offered"
    again = after(replace(tired, since_s=NOW - AGAIN_S), 6.0)
    assert (again.stage, again.again, entitled(again, replace(POINT, start_a=14.0))) == (
        "probing",
        True,
        False,
    )
    assert after(replace(again, full_s=NOW - PROBE_S), 14.0).stage == "paused"
    assert after(replace(again, since_s=NOW - REACH_S), 6.0).stage == "paused"


class Lot(World):
    """A world with one simulated car that needs more to begin; the others draw what they are told."""

    def attach(self, car: Car, at: str = "p0") -> "Lot":
        self.car, self.at = car, at
        self.takes_a = self._takes
        return self

    def _takes(self, point: str, allowed_a: float) -> float:
        if point != self.at:
            return allowed_a
        closed = self.car.wants_current(allowed_a, self.now_s)
        drawn_a = self.car.draw(closed, 1.0)
        self.cars[point] = "C2" if closed else ("B2" if allowed_a >= 6 else "B1")
        return drawn_a

    def _drawn_a(self, point: str) -> float:
        return self.takes_a(point, self.applied_a.get(point, 0.0)) if self.cars[point][0] in "BCD" else 0.0


def lot(points: int, limit_a: float, start_a: float | None, needs_a: float) -> Lot:
    plain = site(points, limit_a)
    first, *rest = plain.charge_points
    made: Site = replace(plain, charge_points=(replace(first, start_a=start_a), *rest))
    cars = {f"p{n}": "C2" for n in range(1, points)} | {"p0": "A1"}
    world = Lot(made, cars=cars)
    world.attach(Car(battery_kwh=50, soc=0.3, phases=3, max_a=32.0, start_min_a=needs_a))
    world.run(60)
    world.cars["p0"] = "B2"
    return world


@pytest.mark.parametrize(("stage", "begins_anew"), [("drawing", True), ("paused", True), ("resting", False)])
def test_who_was_silent_may_have_stopped_the_car(stage: Stage, *, begins_anew: bool) -> None:
    """A station that starts anew stops its car, which did not stop of its own will."""
    old = Start(stage=stage, since_s=NOW - 5.0, probes=1)

    def then(*, returned: bool, drawing: bool = False) -> str:
        return advance(
            old, POINT, granted_a=7.5, offered=True, drawing=drawing, now_s=NOW, returned=returned
        ).stage

    assert (then(returned=True) == "offered") is begins_anew
    assert then(returned=False) == ("resting" if stage == "resting" else "paused")
    assert then(returned=True, drawing=True) == "drawing"


def test_a_car_whose_station_was_silent_is_helped_to_begin_anew() -> None:
    """Its station has started anew; the car does not go on with what it is offered."""
    world = lot(2, 30.0, None, 6.0)
    world.run(120)
    assert world.car.current_a > 0
    del world.cars["p0"]
    world.run(15)
    world.car.current_a, world.car.start_min_a = 0.0, 99.0
    world.cars["p0"] = "B2"
    world.run(3)
    assert world.memory.points["p0"].start.stage == "offered"


def test_others_come_down_for_a_car_that_is_known_to_need_it() -> None:
    """30 A for three cars: each would get 10; the one with start_a gets 14 for a moment, then all get 10."""
    world = lot(3, 32.0, 14.0, 14.0)
    most = 0.0
    for _ in range(100):
        world.tick()
        assert sum(world.allowed_a.values()) <= 30.0 + 1e-9
        most = max(most, world.allowed_a["p0"])
        assert min(world.allowed_a["p1"], world.allowed_a["p2"]) >= 6.0
    assert most == 14.0
    assert world.car.current_a > 0
    world.run(90)
    assert world.allowed_a == {"p0": 10.0, "p1": 10.0, "p2": 10.0}


def test_a_try_takes_nothing_from_others_without_start_a() -> None:
    """Nobody said that this car needs more: with room to spare it is offered 14 A, without it waits at its share for its
    first minute and a half."""
    full = lot(3, 26.0, None, 14.0)
    for _ in range(int(BEGIN_S + REACH_S)):
        full.tick()
        assert min(full.allowed_a["p1"], full.allowed_a["p2"]) >= 8.0
        assert full.allowed_a["p0"] <= 9.0
    spare = lot(2, 30.0, None, 12.0)
    spare.takes_a = lambda p, a: Lot._takes(spare, p, min(a, 7.0) if p == "p1" else a)
    spare.run(300)
    assert spare.car.current_a > 0


def test_where_nothing_is_left_over_others_come_down_to_their_minimums() -> None:
    """24 A for three: 8 A each is too little for a car that begins at 10, and 12 A are there beside the others' 6."""
    full = lot(3, 26.0, None, 10.0)
    for _ in range(600):
        full.tick()
        assert min(full.allowed_a["p1"], full.allowed_a["p2"]) >= 6.0
        assert sum(full.allowed_a.values()) <= 24.0 + 1e-9
    assert full.car.current_a > 0
    assert full.allowed_a == {"p0": 8.0, "p1": 8.0, "p2": 8.0}


def test_those_of_higher_priority_keep_what_they_take() -> None:
    """36 A for three, of which the first in rank takes 20: the car that begins at 10 A has them beside the other's 6."""
    made = lot(3, 38.0, None, 10.0)
    first, second, third = made.site.charge_points
    made.site = replace(made.site, charge_points=(first, replace(second, priority=1, max_a=20.0), third))
    made.run(20)
    most_a = 0.0
    for _ in range(400):
        made.tick()
        most_a = max(most_a, made.allowed_a["p0"])
        assert made.allowed_a["p1"] == 20.0
        assert made.allowed_a["p2"] >= 6.0
    assert made.car.current_a > 0
    assert most_a <= 10.0


@pytest.mark.parametrize("others", [1, 2, 3])
def test_a_car_that_begins_at_14_a_only_gets_its_turn_too(others: int) -> None:
    """14 A in all: it can begin only while nobody else charges. It waits no longer than any car might, and a quarter-hour
    more for the try that was too small."""
    full = lot(others + 1, 16.0, None, 14.0)
    waited_s = 0
    while full.car.current_a <= 0:
        full.tick()
        waited_s += 1
        assert sum(full.allowed_a.values()) <= 14.0 + 1e-9
        assert waited_s <= longest_wait_s(others, 1) + CRAMPED_TURN_S + PATIENCE_S


def test_a_car_that_takes_nothing_costs_the_others_minutes_only() -> None:
    """Asleep, full, or broken: nobody can know. Others stand aside for it in three tries at most, and then it has a minute
    each half hour, like every car that takes nothing."""
    full = lot(2, 16.0, None, 99.0)
    full.run(2 * 3600)
    assert full.memory.points["p0"].start.probes == MOST_PROBES
    offers, lost_s, before_a = 0, 0, 0.0
    for _ in range(4 * 3600):
        full.tick()
        offers += full.allowed_a["p0"] > 0 and before_a <= 0
        lost_s += full.allowed_a["p1"] < 14.0
        before_a = full.allowed_a["p0"]
    assert 7 <= offers <= 8
    assert lost_s <= offers * 90


def test_a_car_that_never_begins_is_tried_a_few_times() -> None:
    """It needs 99 A: three minutes at 14 A for which the other comes down, no more in this session. Where it lost its place to
    another in between, it has its next turn half an hour later, as every car that takes nothing."""
    world = lot(2, 24.0, 14.0, 99.0)
    seconds = 0
    for _ in range(int(MOST_PROBES * (IDLE_TURN_S + PAUSE_S + PROBE_S + 120) + 600)):
        world.tick()
        seconds += world.reasons["p0"] == "probing"
    assert 0.7 * MOST_PROBES * PROBE_S <= seconds <= MOST_PROBES * (PROBE_S + 5)
    assert world.memory.points["p0"].start.probes == MOST_PROBES


def test_what_a_car_needed_once_does_not_keep_it_out_where_so_much_never_fits() -> None:
    """It began at 14 A, was stopped by the house, and would begin at 6 A now: the 10 A that there are, it is tried with."""
    world = lot(1, 32.0, None, 14.0)
    world.run(200)
    remembered = world.memory.points["p0"]
    learned = replace(remembered, start=replace(remembered.start, learned_a=14.0))
    world.memory = replace(world.memory, points={"p0": learned})
    world.house_a, world.car.start_min_a = 40.0, 6.0
    world.run(100)
    assert world.car.current_a == 0.0
    world.house_a = 22.0
    world.run(200)
    assert world.car.current_a == 10.0


def test_what_there_is_is_a_whole_number_of_steps() -> None:
    """33.77 A over three phases are 11.256666... each, which to the last digit might just not fit: 11 A."""
    plain = site(1)
    (point,) = plain.charge_points
    remembered = replace(initial(plain, NOW).points["p0"], start=Start(learned_a=14.0))
    floors_a = floors(
        plain,
        [point],
        {"p0": remembered},
        {"p0": Demand(max_a=32.0, why=reason("starting"))},
        {"p0": (1, 2, 3)},
        {"grid": (19.26, 19.08, 19.43), "garage": (32.0, 32.0, 32.0)},
        {"grid": 33.77},
    )
    assert floors_a == {"p0": 11.0}


@pytest.mark.parametrize("awake", [True, False])
def test_a_car_that_stopped_by_itself_is_offered_more_each_half_hour_from_what_nobody_takes(
    *, awake: bool
) -> None:
    """It was full, or asleep, was left its 6 A, and needs 8 A to begin again. Nobody comes down for it."""
    world = lot(2, 30.0, None, 8.0)
    world.takes_a = lambda p, a: Lot._takes(world, p, min(a, 7.0) if p == "p1" else a)
    world.run(300)
    assert world.car.current_a > 0
    soc, world.car.soc = world.car.soc, 1.0
    world.run(120)
    assert (world.car.current_a, world.allowed_a["p0"]) == (0.0, 6.0)
    if awake:
        world.car.soc = soc
    offered = 0
    for _ in range(2 * int(AGAIN_S + PROBE_S)):
        world.tick()
        offered += world.allowed_a["p0"] > 6.0
        assert world.allowed_a["p1"] >= 7.0
    assert (world.car.current_a > 0) is awake
    assert awake or PROBE_S <= offered <= 2 * (PROBE_S + 15.0)


def test_a_car_that_has_begun_at_the_minimum_is_never_probed() -> None:
    """What most cars do."""
    world = lot(3, 26.0, 14.0, 6.0)
    for _ in range(300):
        world.tick()
        assert world.reasons["p0"] != "probing"
    assert world.memory.points["p0"].start.learned_a is None


def test_the_offer_is_14_a() -> None:
    """As Alfen's network does it for a minute with each new session."""
    assert (PROBE_A, PROBE_S) == (14.0, 60.0)
