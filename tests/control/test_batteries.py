"""Batteries in a closed loop with the step: what they are told, what is booked for them, what no limit ever sees of them."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.control.battery_house import START_S, BatteryHouse, advice, battery_site, cell

from kwartier.control.battery.flow import Cells
from kwartier.control.battery.memory import BatteryMemory
from kwartier.control.estimate import ALIGN_S, estimate
from kwartier.control.memory import CircuitMemory, after_restart, initial
from kwartier.control.step import step
from kwartier.safety.ladder import Ladder
from kwartier.safety.power import UNKNOWN
from kwartier.site.phases import PhaseVector
from kwartier.site.quarters import QuarterSettings
from kwartier.site.setpoints import Limit, Mode, Picture
from kwartier.site.topology import Circuit, Fuse

EPS_A = 1e-6
Parts = list[tuple[int, float]]
"""Seconds, and what the house takes in them, W (or a part of the most)."""
LOADS = st.lists(st.tuples(st.integers(1, 25), st.floats(-9000, 9000)), min_size=1, max_size=6)
CARS = st.lists(st.sampled_from([(1, 2, 3), (2, 3, 1), (1,), (2,), (3,)]), max_size=2)
POWERS = st.lists(st.floats(-9000, 9000) | st.just(float("nan")), min_size=1, max_size=3)
SHARES = st.sampled_from([(1 / 3, 1 / 3, 1 / 3), (1.0, 0.0, 0.0), (0.5, 0.0, 0.5)])


def course(parts: Parts) -> Callable[[int], float]:
    levels = [watts for seconds, watts in parts for _ in range(seconds)]
    return lambda t: levels[t % len(levels)]


def house_a(house: BatteryHouse) -> PhaseVector:
    """What the house itself draws now."""
    a, b, c = (house.load_w(house.t) * s / v for s, v in zip(house.shares, house.volts, strict=True))
    return a, b, c


@settings(max_examples=20, deadline=None)
@example(
    [(5, 0.0), (2, 1.0)],
    [(1, 2, 3)],
    0,
    (1 / 3, 1 / 3, 1 / 3),
    (1, 2, 3),
    10.0,
    None,
    "smart",
    50.0,
    18,
    False,
)
@given(
    LOADS,
    CARS,
    st.integers(0, 4),
    SHARES,
    st.sampled_from([(1, 2, 3), (2,), (3, 1)]),
    st.sampled_from([10.0, 16.0, 25.0]),
    st.none() | st.tuples(POWERS, POWERS, POWERS),
    st.sampled_from(["smart", "sun", "fast"]),
    st.sampled_from([4.0, 50.0, 99.9]),
    st.integers(0, 80),
    st.booleans(),
)
def test_no_circuit_is_told_more_than_it_carries(
    parts: Parts,
    cars: list[tuple[int, ...]],
    lag_s: int,
    shares: PhaseVector,
    wires: tuple[int, ...],
    limit_a: float,
    plan: tuple[list[float], list[float], list[float]] | None,
    mode: Mode,
    soc_pct: float,
    silent_from: int,
    dead: bool,
) -> None:
    """Whatever a plan says and a battery does: house, cars as told, and the battery at what it takes or was told to take
    fit into each phase at the moment at which they are told; what it gives is no help. Only behind what one gives
    that has fallen silent a load may hide that comes on meanwhile: nobody can tell that from a battery that gives less.
    A load that comes on in the second in which a car changes may pass for the car for a moment (`control.estimate`)."""
    battery = cell(conductors=wires, fallback_w=0.0)
    house = BatteryHouse(
        battery_site(cars, (battery,), mode=mode, limit_a=limit_a),
        course(parts),
        lag_s,
        soc_pct=soc_pct,
        shares=shares,
    )
    house.cells["b"].dead = dead
    if plan is not None:
        grid, powers, each = plan
        points = {p.id: each for p in house.site.charge_points}
        house.advice = advice(points=points, batteries={"b": powers}, grid=grid, made_s=START_S - 1.0)
    above_s = [0, 0, 0]
    for t in range(80):
        house.cells["b"].silent = silent_from <= t < silent_from + 30
        decision = house.tick()
        cells = house.cells["b"]
        hidden_w = max(0.0, -cells.power_w) if cells.silent else 0.0
        takes_w = max(0.0, cells.power_w if cells.silent else house.told_w())
        for phase in (1, 2, 3):
            own_a = house_a(house)[phase - 1]
            mine_a = takes_w / 230.0 / len(wires) if phase in wires else 0.0
            cars_a = sum(
                s.current_a
                for s in decision.setpoints
                if phase in house.site.charge_point[s.charge_point_id].conductors
            )
            hidden_a = hidden_w / 230.0 / len(wires) if phase in wires else 0.0
            fits = cars_a == 0 or own_a + cars_a + mine_a <= limit_a + hidden_a + EPS_A
            above_s[phase - 1] = 0 if fits else above_s[phase - 1] + 1
            assert above_s[phase - 1] <= ALIGN_S
            assert cells.silent or mine_a == 0 or own_a + cars_a + mine_a <= limit_a + EPS_A
        for setpoint in decision.setpoints:
            setpoint.reason.text("nl")
        for told in decision.batteries:
            assert told.reason.text("en")
            assert told.reason.text("nl")
            assert -5000 <= told.power_w <= 5000
            assert told.valid_until_s - told.decided_at_s <= 5.0


@settings(max_examples=10, deadline=None)
@given(LOADS, st.floats(-5000, 5000), st.sampled_from(["smart", "fast", "sun"]), st.integers(0, 60))
def test_a_plan_that_is_lost_makes_no_room(parts: Parts, held_w: float, mode: Mode, began_s: int) -> None:
    """The same site with and without its plan: no limit is wider without it, on any phase or over all of them."""
    site = battery_site(
        [(1,), (2, 3, 1)], mode=mode, limit_a=20.0, quarter=QuarterSettings(follow="plan"), contract_w=9000.0
    )
    house = BatteryHouse(site, course(parts))
    house.advice = advice(
        points={"p0": [5000.0], "p1": [9000.0]}, batteries={"b": [held_w]}, grid=[4000.0], peak_w=5000.0
    )
    house.run(30 + began_s)
    other = deepcopy(house)
    other.advice = None
    (with_it,), (without,) = house.tick().circuits, other.tick().circuits
    assert without.limit_a == with_it.limit_a
    assert with_it.protection is not None
    assert without.protection is not None
    limit_a, before_a = without.protection.total_limit_a, with_it.protection.total_limit_a
    assert limit_a is not None  # none would be the widest of all
    assert before_a is not None
    assert limit_a <= before_a + 1e-6


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(*[st.floats(-40, 40)] * 3),
    st.floats(-5000, 5000),
    st.floats(-5000, 5000),
    st.sampled_from([(1, 2, 3), (3,)]),
    st.sampled_from([0.0, None, 1000.0, -1000.0]),
)
def test_a_word_that_is_lost_makes_no_room(
    metered_a: PhaseVector,
    drawn_w: float,
    told_w: float,
    wires: tuple[int, ...],
    fallback_w: float | None,
) -> None:
    """The same currents with a battery that is heard, that fell silent, and that was never heard: other load and what is
    booked for the battery together are never less for its silence."""
    battery = cell(conductors=wires, fallback_w=fallback_w)
    site = battery_site([], (battery,))
    heard = BatteryMemory(granted_w=told_w, samples=((99.0, drawn_w),), heard_s=99.0, known=True)
    ladder = Ladder(status="fresh", heard_s=99.0, current_a=metered_a)
    sums, quiet = [], (0.0, 0.0, 0.0)
    for memory in (heard, replace(heard, silent=True, heard_s=80.0), replace(heard, known=False, samples=())):
        cells = Cells(site, {"b": memory}, UNKNOWN, 100.0)
        before = replace(
            initial(site, 0.0), meters={"main": ladder}, circuits={"grid": CircuitMemory(quiet_a=quiet)}
        )
        other = estimate(site, before, 100.0, cells).other_a["grid"]
        quiet = other if memory is heard else quiet
        sums.append([a + b for a, b in zip(other, cells.booked_a(battery), strict=True)])
    assert all(silent >= known - 1e-6 for known, silent in zip(sums[0], sums[1], strict=True))
    # Never heard: what it takes is in the meter's word already, and what it gives is taken to end.
    assert all(never >= own - 1e-6 for own, never in zip(metered_a, sums[2], strict=True))
    if drawn_w < 0:
        assert all(never >= known - 1e-6 for known, never in zip(sums[0], sums[2], strict=True))


@settings(max_examples=4, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(-1, 1)), min_size=1, max_size=6),
    st.sampled_from([0.0, 5.2, 60.0]),
    st.booleans(),
    st.integers(0, 5),
    st.sampled_from([2500.0, 6000.0]),
)
def test_no_battery_makes_a_quarter_pass_its_target(
    parts: Parts, soc_pct: float, dead: bool, lag_s: int, target: float
) -> None:
    """As without one: a load never above target less reserve, cars and a battery that charges by plan at any power."""
    worst_w = 0.85 * target
    levels = [8000 * x if x < 0 else worst_w * x for seconds, x in parts for _ in range(seconds)]
    site = battery_site(
        [(1,), (1, 2, 3)], limit_a=63.0, quarter=QuarterSettings(follow="fixed", fixed_w=target)
    )
    house = BatteryHouse(site, lambda t: levels[t % len(levels)], lag_s, soc_pct=soc_pct)
    house.cells["b"].dead = dead
    house.advice = advice(batteries={"b": [5000.0, -5000.0]}, grid=[9000.0, 0.0])
    house.run(900)
    assert max(house.ended_w) <= target + 60.0


# -- without a plan ------------------------------------------------------------------------------------------


def test_without_a_plan_it_takes_what_is_left_over_and_gives_what_is_needed() -> None:
    house = BatteryHouse(battery_site([]), lambda t: -3000.0 if t < 150 else 2000.0)
    house.run(140)
    assert abs(house.import_w) < 60
    assert house.why() == "battery_sun"
    house.run(60)
    assert abs(house.import_w) < 60
    assert house.why() == "battery_house"


def test_it_does_not_swing() -> None:
    """A step of the house is followed in seconds, without passing it by a fifth."""
    house = BatteryHouse(battery_site([]), lambda t: 0.0 if t < 60 else 4000.0)
    house.cells["b"].lag_s = 3
    house.run(120)
    after = house.net_w[61:]
    assert min(after) > -800
    assert max(abs(w) for w in after[30:]) < 100


@pytest.mark.parametrize(
    ("soc_pct", "load_w", "code"),
    [
        (5.0, 2000.0, "battery_empty"),
        (15.0, 2000.0, "battery_reserve"),
        (100.0, -2000.0, "battery_full"),
        (50.0, 0.0, "battery_idle"),
    ],
)
def test_where_it_has_nothing_to_give_or_no_room(soc_pct: float, load_w: float, code: str) -> None:
    house = BatteryHouse(battery_site([], (cell(reserve_soc_pct=20.0),)), lambda _: load_w, soc_pct=soc_pct)
    house.run(40)
    assert (house.told_w(), house.why()) == (0.0, code)


def test_the_reserve_is_for_peaks() -> None:
    """The house does not get it; the quarter-hour does."""
    quarter = QuarterSettings(follow="fixed", fixed_w=2500.0)
    site = battery_site([], (cell(reserve_soc_pct=80.0),), quarter=quarter)
    house = BatteryHouse(site, lambda t: 1500.0 if t < 60 else 6000.0)
    house.run(55)
    assert house.told_w() == 0.0
    house.run(845)
    assert house.why() == "battery_peak"
    assert house.ended_w[0] <= 2510.0


def test_it_gives_way_before_a_car_is_told_less() -> None:
    """Room for the car or the battery: the battery takes what the car leaves, and nothing where it leaves nothing."""
    site = battery_site([(1, 2, 3)], limit_a=23.0)
    house = BatteryHouse(site, lambda _: 500.0)
    house.advice = advice(batteries={"b": [5000.0]}, grid=[17_000.0])
    house.asks = set()
    house.run(60)
    assert house.told_w() > 4900
    house.asks = {"p0"}
    house.run(60)
    assert house.drawn_a["p0"] == 16.0
    assert 4000 < house.told_w() < 4500
    assert house.why() == "battery_makes_room"
    tight = BatteryHouse(battery_site([(1, 2, 3)], limit_a=17.0), lambda _: 500.0)
    tight.advice = house.advice
    tight.run(90)
    assert tight.drawn_a["p0"] == 16.0
    assert tight.told_w() < 200.0
    assert tight.why() == "battery_makes_room"


def test_cars_are_not_fed_where_that_is_not_wanted() -> None:
    house = BatteryHouse(battery_site([(1, 2, 3)], (cell(feeds_cars=False),)), lambda _: 1000.0)
    house.run(90)
    assert house.drawn_a["p0"] == 16.0
    assert house.told_w() == pytest.approx(-1000.0, abs=60)


def test_two_of_them_share_and_each_has_its_bounds() -> None:
    cells = (cell(), cell(id="c", charge_w=1000.0, discharge_w=1000.0, conductors=(2,)))
    house = BatteryHouse(battery_site([], cells), lambda _: -4800.0)
    house.run(60)
    assert house.told_w("b") == pytest.approx(4000.0, abs=80)
    assert house.told_w("c") == pytest.approx(800.0, abs=40)


# -- with a plan ---------------------------------------------------------------------------------------------


def test_a_plan_that_keeps_it_keeps_it_but_takes_unforeseen_sun() -> None:
    house = BatteryHouse(battery_site([]), lambda t: 2000.0 if t < 60 else -1500.0)
    house.advice = advice(batteries={"b": [0.0]}, grid=[2000.0])
    house.run(55)
    assert (house.told_w(), house.why()) == (0.0, "battery_held")
    house.run(40)
    assert house.why() == "battery_sun"
    assert abs(house.import_w) < 60


def test_planned_charging_says_what_is_really_taken() -> None:
    """As much as planned from the grid; less where less sun is left over; more where more is. Never the plan's figure for
    what it does not do."""
    loads = {0: 1000.0, 60: -1000.0, 120: -4000.0}
    house = BatteryHouse(battery_site([]), lambda t: loads[max(at for at in loads if at <= t)])
    house.advice = advice(batteries={"b": [2000.0]}, grid=[3000.0])
    house.run(55)
    assert (house.why(), house.told_w()) == ("battery_planned_charge", 2000.0)
    house.advice = advice(batteries={"b": [2000.0]}, grid=[0.0])
    for until, taken_kw in ((115, 1.0), (175, 4.0)):
        house.run(until - house.t)
        assert house.decision is not None
        why = house.decision.batteries[0].reason
        assert why.code == "battery_sun_planned"
        assert house.told_w() == pytest.approx(1000 * taken_kw, abs=100)
        told = dict(why.params)
        assert told["plan_kw"] == 2.0
        assert told["surplus_kw"] == pytest.approx(taken_kw, abs=0.1)


def test_a_plan_to_give_holds_the_grid_where_it_was_planned() -> None:
    house = BatteryHouse(battery_site([]), lambda t: 3000.0 if t < 60 else 1500.0)
    house.advice = advice(batteries={"b": [-2000.0]}, grid=[1000.0])
    house.run(55)
    assert house.import_w == pytest.approx(1000.0, abs=60)
    house.run(40)
    assert house.import_w == pytest.approx(1000.0, abs=60)
    assert house.why() == "battery_planned_discharge"


def test_only_with_leave_a_plan_feeds_the_grid_and_never_beyond_the_limit() -> None:
    plan = advice(batteries={"b": [-4000.0]}, grid=[-3500.0])
    shy = BatteryHouse(battery_site([]), lambda _: 500.0)
    shy.advice = plan
    shy.run(60)
    assert min(shy.net_w) > -200
    assert min(shy.net_w[30:]) > -60
    bold = BatteryHouse(battery_site([], (cell(may_export=True),), export_limit_w=2000.0), lambda _: 500.0)
    bold.advice = plan
    bold.run(60)
    assert bold.import_w == pytest.approx(-2000.0, abs=60)
    assert bold.why() == "battery_export_limit"


def test_when_the_plan_is_too_old_it_balances() -> None:
    house = BatteryHouse(battery_site([]), lambda _: 1000.0)
    house.advice = advice(batteries={"b": [3000.0] * 4}, grid=[4000.0] * 4, valid_s=120.0)
    house.run(50)
    assert house.told_w() == pytest.approx(3000.0, abs=60)
    house.run(60)
    assert abs(house.import_w) < 60


# -- silence and the like --------------------------------------------------------------------------------------


def test_a_silent_battery_is_booked_as_load_and_never_as_help() -> None:
    """It charged with 3 kW when it fell silent: that stays reserved, also when the meter shows that it stopped."""
    house = BatteryHouse(battery_site([(1, 2, 3)], limit_a=18.0), lambda _: 0.0)
    house.advice = advice(batteries={"b": [2000.0]}, grid=[12_000.0])
    house.asks = set()
    house.run(60)
    house.cells["b"].silent, house.cells["b"].held_w = True, 0.0
    house.asks = {"p0"}
    house.run(60)
    assert house.why() == "battery_silent"
    assert [m.reason.code for m in house.messages if m.reason.code.startswith("battery")] == [
        "battery_connected",
        "battery_silent_told",
    ]
    assert house.decision is not None
    assert house.cells["b"].power_w == 0.0
    assert 14.0 < house.decision.setpoints[0].current_a <= 18.0 - 2000.0 / 230.0 / 3 + 0.01
    giving = BatteryHouse(battery_site([(1, 2, 3)], limit_a=20.0), lambda _: 6000.0)
    giving.run(60)
    assert giving.told_w() < -4000
    for t in range(80):
        giving.cells["b"].silent = t >= 20
        decision = giving.tick()
        assert decision.setpoints[0].current_a + 6000.0 / 230.0 / 3 <= 20.0 + 0.01


def test_after_a_restart_it_is_booked_until_it_is_heard() -> None:
    house = BatteryHouse(battery_site([(1, 2, 3)], limit_a=20.0), lambda _: 0.0)
    house.advice = advice(batteries={"b": [4000.0]}, grid=[4000.0])
    house.asks = set()
    house.run(60)
    house.memory = after_restart(house.site, house.memory, 100.0 + house.t)
    house.cells["b"].silent = True
    decision = house.tick()
    assert (house.told_w(), house.why()) == (0.0, "battery_starting")
    assert decision.circuits[0].granted_a[0] >= 4000.0 / 230.0 / 3 - 0.1
    house.cells["b"].silent = False
    house.run(40)
    assert house.told_w() > 3900


def test_a_restart_forgets_nothing_that_an_unheard_battery_may_take() -> None:
    """Told to stop in the second in which it fell silent: it may go on with what it was told before, restart or not."""
    house = BatteryHouse(battery_site([(1, 2, 3)], limit_a=20.0), lambda _: 0.0)
    house.advice = advice(batteries={"b": [4000.0]}, grid=[4000.0])
    house.asks = set()
    house.run(60)
    house.advice, house.cells["b"].silent = None, True
    house.run(30)
    (battery,) = house.site.batteries
    for _ in range(2):
        assert house.told_w() == 0.0
        assert house.memory.batteries is not None
        assert house.memory.batteries["b"].taking_w(battery) >= 4000.0
        house.memory = after_restart(house.site, house.memory, 100.0 + house.t)
        house.run(30)
    house.cells["b"].silent, house.cells["b"].dead = False, True
    house.run(30)
    assert house.memory.batteries is not None
    assert house.memory.batteries["b"].taking_w(battery) < 1.0


def test_without_the_meter_it_is_told_nothing() -> None:
    house = BatteryHouse(battery_site([]), lambda _: 3000.0, silent=lambda t: t > 60)
    house.run(58)
    assert house.told_w() < -2900
    house.run(20)
    assert (house.told_w(), house.why()) == (0.0, "battery_blind")


def test_a_circuit_that_may_carry_nothing_stops_it() -> None:
    house = BatteryHouse(battery_site([]), lambda _: -3000.0)
    house.run(40)
    house.limits = (Limit(circuit_id="grid", value_a=(0.0, 0.0, 0.0), source="fire"),)
    house.tick()
    assert (house.told_w(), house.why()) == (0.0, "battery_stopped")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "fault"}, "battery_fault"),
        ({"soc_pct": None}, "battery_soc_unknown"),
        ({"soc_pct": float("nan")}, "battery_soc_unknown"),
        ({"power_w": float("nan")}, "battery_silent"),
        ({"power_w": 1e9}, "battery_silent"),
        ({"charge_w": 0.0}, "battery_idle"),
        ({"charge_w": float("nan")}, "battery_sun"),
    ],
)
def test_a_word_that_makes_no_sense(changes: dict[str, Any], code: str) -> None:
    house = BatteryHouse(battery_site([]), lambda _: -2000.0)
    for _ in range(20):
        house._flow()
        house._read(100.0 + house.t, float(START_S + house.t))
        picture = _picture(house)
        broken = replace(picture.batteries["b"], **changes)
        decision = step(house.site, house.memory, replace(picture, batteries={"b": broken}))
        house.memory = decision.memory
    (told,) = decision.batteries
    assert told.reason.code == code
    assert (told.power_w > 0) == (code == "battery_sun")


def _picture(house: BatteryHouse) -> Picture:
    assert house.reading is not None
    return house.picture(
        Picture(
            now_s=100.0 + house.t,
            utc_s=float(START_S + house.t),
            meters={"main": house.reading},
            charge_points={},
            wishes={},
        )
    )


def test_a_battery_on_a_board_without_a_meter_shows_in_its_load_and_in_its_fuse() -> None:
    """The board's load is reckoned from what hangs on it."""
    site = battery_site([])
    board = Circuit(
        id="board", name="Board", parent="grid", limit_a=(16.0,) * 3, fuse=Fuse(type="B", rating_a=16.0)
    )
    site = replace(
        site,
        circuits=(*site.circuits, board),
        batteries=(cell(circuit="board", conductors=(2,), charge_w=5000.0),),
    )
    house = BatteryHouse(site, lambda _: -9000.0)
    decision = house.run(60).decision
    assert decision is not None
    view = next(c for c in decision.circuits if c.circuit_id == "board")
    assert view.load_a[1] == pytest.approx(house.cells["b"].power_w / 230.0, abs=0.2)
    assert 14.0 < view.granted_a[1] <= 16.0
    assert house.why() == "battery_makes_room"
    assert decision.memory.fuses["board"].largest_a[1] > 14.0
