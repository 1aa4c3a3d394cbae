"""Modes in a closed loop with the step: off, sun, smart and fast; plans in force, too old and absent; goals, slots, minimums."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.control.battery_house import START_S, BatteryHouse, advice, battery_site

from kwartier.control.wishes import sun
from kwartier.control.wishes.claims import Need
from kwartier.control.wishes.price_rules import by_rules
from kwartier.control.wishes.sun_memory import SunMemory
from kwartier.edge.departures import Departures
from kwartier.site.goals import CarFacts, Goal, goal_kwh, goal_moment_s, next_goal
from kwartier.site.modes import mode_of, override_at, with_goal
from kwartier.site.quarters import QuarterSettings
from kwartier.site.setpoints import Mode, Override, Wish
from kwartier.site.topology import ChargePoint, User


def smart_house(
    load_w: Callable[[int], float] = lambda _: 500.0,
    *,
    mode: Mode = "smart",
    quarter: QuarterSettings | None = None,
) -> BatteryHouse:
    """One car on one phase, no battery; the plan is made after the car came."""
    house = BatteryHouse(battery_site([(1,)], (), mode=mode, quarter=quarter), load_w)
    house.run(30)
    return house


def made_now(house: BatteryHouse, points: list[float], **more):  # type: ignore[no-untyped-def]
    return advice(points={"p0": points}, made_s=float(START_S + house.t), **more)


def wish(**more: object) -> dict[str, Wish]:
    return {"p0": Wish(charge_point_id="p0", **more)}  # type: ignore[arg-type]


# -- smart ---------------------------------------------------------------------------------------------------


def test_a_plan_that_waits_waits_and_says_until_when_and_why() -> None:
    house = smart_house()
    house.advice = made_now(house, [0.0, 0.0, 3700.0], prices=[0.31, 0.31, 0.09])
    house.run(20)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "plan_waits")
    assert house.decision is not None
    told = house.decision.setpoints[0].reason.text("en")
    assert "9 instead of 31 cents" in told
    assert ":30" in told


def test_a_plan_that_charges_gives_what_is_planned() -> None:
    house = smart_house()
    house.advice = made_now(house, [3450.0], grid=[3950.0])
    house.run(60)
    assert house.drawn_a["p0"] == pytest.approx(15.0, abs=0.25)
    assert house.why("p0") == "plan_charges"


def test_what_the_house_does_not_take_of_the_planned_grid_goes_to_the_car() -> None:
    """Planned were 2 kW of house beside 3.45 kW of car; the house takes 0.5 kW."""
    house = smart_house()
    house.advice = made_now(house, [3450.0], grid=[5450.0])
    house.run(120)
    assert house.why("p0") == "plan_more"
    assert house.drawn_a["p0"] * 230 == pytest.approx(3450 + 1500, abs=120)


def test_a_car_that_the_plan_does_not_know_charges_until_the_next_one() -> None:
    house = smart_house()
    house.advice = advice(points={"p0": [0.0]}, made_s=START_S - 600.0)
    house.run(30)
    assert house.why("p0") in {"plan_new_car", "rising"}
    assert house.drawn_a["p0"] > 0
    house.advice = made_now(house, [0.0, 3000.0])
    house.run(10)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "plan_waits_until")


def test_a_plan_that_gets_too_old_stops_nobody() -> None:
    house = smart_house()
    house.advice = made_now(house, [3450.0] * 4, grid=[4000.0] * 4, valid_s=60.0)
    house.run(50)
    assert house.drawn_a["p0"] > 0
    drawn = []
    for _ in range(60):
        house.tick()
        drawn.append(house.drawn_a["p0"])
    assert min(drawn) > 0
    assert house.why("p0") == "rules_now"
    house.advice = None
    house.run(20)
    assert house.drawn_a["p0"] == 32.0


def test_when_a_plan_makes_no_sense_rules_hold() -> None:
    house = smart_house()
    house.advice = replace(made_now(house, [float("nan")]), step_s=0)
    house.run(30)
    assert house.drawn_a["p0"] > 0
    house.advice = made_now(house, [float("nan")])
    house.run(10)
    assert house.why("p0") == "rules_now"


def test_a_departure_goes_before_waiting() -> None:
    """30 kWh in four hours need all that the car can take: the plan that waits is wrong."""
    house = smart_house()
    house.advice = made_now(house, [0.0] * 20)
    house.wishes = wish(departs_s=float(START_S + 4.2 * 3600), needs_kwh=30.0)
    house.run(40)
    assert house.drawn_a["p0"] > 0
    assert house.why("p0") == "departure"


def test_the_minimum_comes_at_once() -> None:
    house = smart_house()
    house.advice = made_now(house, [0.0] * 4)
    house.wishes = wish(minimum_kwh=0.1)
    house.run(20)
    assert house.drawn_a["p0"] > 0
    assert house.why("p0") in {"minimum_first", "rising"}
    house.run(120)
    assert house.drawn_a["p0"] == 0
    assert house.point_kwh["p0"] >= 0.1


def test_a_slot_that_a_person_took_over_gives_itself_back() -> None:
    house = smart_house()
    house.advice = made_now(house, [0.0] * 4)
    now_s = float(START_S + house.t)
    house.wishes = wish(
        overrides=(
            Override(from_s=now_s, to_s=now_s + 60, power_w=2300.0),
            Override(from_s=now_s + 60, to_s=now_s + 90, mode="fast"),
        )
    )
    house.run(55)
    assert house.drawn_a["p0"] == pytest.approx(10.0, abs=0.25)
    assert house.why("p0") == "override_power"
    house.run(30)
    assert house.drawn_a["p0"] > 10.5
    house.run(30)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "plan_done")


def test_a_slot_in_which_it_waits() -> None:
    house = smart_house(mode="fast")
    now_s = float(START_S + house.t)
    house.wishes = wish(overrides=(Override(from_s=now_s, to_s=now_s + 60, power_w=0.0),))
    house.run(20)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "override_waits")
    house.run(60)
    assert house.drawn_a["p0"] > 0


def test_sun_that_nobody_foresaw_goes_to_a_car_that_waits_for_dearer_energy() -> None:
    house = smart_house(lambda t: 500.0 if t < 60 else -4000.0)
    house.advice = made_now(
        house, [0.0, 3450.0], grid=[500.0, 4000.0], prices=[0.3, 0.2], export=[0.05, 0.05]
    )
    house.run(200)
    assert house.why("p0") == "sun_charges"
    assert abs(house.import_w) < 300
    dear = smart_house(lambda t: 500.0 if t < 60 else -4000.0)
    dear.advice = made_now(dear, [0.0, 3450.0], grid=[500.0, 4000.0], prices=[0.3, 0.2], export=[0.25, 0.05])
    dear.run(200)
    assert (dear.drawn_a["p0"], dear.why("p0")) == (0.0, "plan_waits")


def test_the_goal_of_the_quarter_follows_a_plan_only_where_that_is_wished() -> None:
    """A peak of 5 kW that the plan pays for: with `plan` the car has it, with `month_peak` it stays at the floor."""
    got = {}
    for follow in ("plan", "month_peak"):
        house = smart_house(mode="fast", quarter=QuarterSettings(follow=follow))
        house.advice = made_now(house, [7000.0] * 4, peak_w=5000.0)
        house.run(880)
        assert house.decision is not None
        allowance = house.decision.circuits[0].allowance
        assert allowance is not None
        got[follow] = allowance.target_w or 0.0
        assert max(house.ended_w, default=0.0) <= got[follow] + 1
    assert got == {"plan": 5000.0, "month_peak": 2500.0}


# -- sun -----------------------------------------------------------------------------------------------------


def test_the_sun_starts_a_car_after_a_minute_and_stops_it_after_three() -> None:
    house = BatteryHouse(battery_site([(1,)], (), mode="sun"), lambda t: -3000.0 if 100 <= t < 400 else 300.0)
    house.run(99)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "sun_waits")
    house.run(40)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "sun_starts_in")
    house.run(160)
    assert house.why("p0") == "sun_charges"
    assert abs(house.import_w) < 120
    house.run(160)
    assert house.why("p0") == "sun_stops_in"
    assert house.drawn_a["p0"] == 6.0
    house.run(200)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "sun_waits")
    assert house.stops["p0"] == 1


def test_without_the_meter_nobody_charges_on_the_sun_for_long() -> None:
    house = BatteryHouse(battery_site([(1,)], (), mode="sun"), lambda _: -3000.0, silent=lambda t: t > 200)
    house.run(195)
    assert house.drawn_a["p0"] > 0
    house.run(220)
    assert (house.drawn_a["p0"], house.why("p0")) == (0.0, "sun_unknown")


@given(
    st.lists(
        st.tuples(st.floats(1000, 5000), st.floats(0, 8000), st.integers(0, 2), st.booleans()), max_size=4
    ),
    st.floats(-5000, 20_000),
)
def test_the_sun_is_shared_and_never_twice(cars: list[tuple[float, float, int, bool]], left_w: float) -> None:
    """What is handed out is what is left over, but for minimums of those that are on their way to a stop."""
    asking = [
        sun.Asks(id=str(n), min_w=least, max_w=least + more, priority=priority)
        for n, (least, more, priority, _) in enumerate(cars)
    ]
    memories = {str(n): SunMemory(on=on) for n, (*_, on) in enumerate(cars)}
    parts = sun.share(asking, memories, left_w, 100.0)
    stopping_w = sum(a.min_w for a in asking if parts[a.id].memory.on and parts[a.id].in_s is not None)
    nearly_w = sum(a.min_w for a in asking) * (1 - sun.NEARLY)
    assert sum(p.power_w for p in parts.values()) <= max(0.0, left_w) + stopping_w + nearly_w + 1e-6
    for asks in asking:
        assert parts[asks.id].power_w == 0 or asks.min_w <= parts[asks.id].power_w <= asks.max_w + 1e-6


# -- the pieces ------------------------------------------------------------------------------------------------


def test_who_decides_the_mode() -> None:
    point = ChargePoint(id="p", name="P", circuit="c", conductors=(1,), mode="sun")
    ann, bob = (User(id=i, name=i, rfid=(), mode=m) for i, m in (("ann", "smart"), ("bob", None)))  # type: ignore[arg-type]
    said = Wish(charge_point_id="p", mode="fast")
    assert [mode_of(point, u, w) for u, w in ((None, None), (ann, None), (bob, None), (ann, said))] == [
        "sun",
        "smart",
        "sun",
        "fast",
    ]
    slots = (Override(from_s=10, to_s=20, mode="off"), Override(from_s=0, to_s=30, power_w=5.0))
    assert [override_at(replace(said, overrides=slots), at) for at in (5, 10, 20, 30)] == [
        slots[1],
        slots[0],
        slots[1],
        None,
    ]


@pytest.mark.parametrize(
    ("prices", "left_kwh", "hours", "power_w", "code"),
    [
        ([0.3, 0.1, 0.1, 0.3], 1.0, 1.0, 0.0, "rules_waits"),
        ([0.1, 0.3, 0.3, 0.3], 1.0, 1.0, 7360.0, "rules_cheap"),
        ([0.3, 0.1, 0.1, 0.3], 6.5, 1.0, 7360.0, "rules_cheap"),
        ([], 2.0, 2.0, 1250.0, "rules_rate"),
        ([], 20.0, 2.0, 7360.0, "rules_now"),
        ([float("nan")], 2.0, 2.0, 1250.0, "rules_rate"),
    ],
)
def test_rules_without_a_plan(
    prices: list[float], left_kwh: float, hours: float, power_w: float, code: str
) -> None:
    last = advice(prices=prices or None, start_s=0) if prices else None
    ruled = by_rules(Need(left_kwh, 10.0), hours * 3600, last, 0.0, 7360.0, "Europe/Brussels")
    assert ruled.power_w == pytest.approx(power_w)
    assert ruled.why.code == code
    ruled.why.text("nl")
    assert by_rules(None, None, last, 0.0, 7360.0, "Europe/Brussels").power_w == 7360.0


def test_goals_in_kwh_and_moments() -> None:
    zone = ZoneInfo("Europe/Brussels")
    car = CarFacts(battery_kwh=60.0, arrival_soc_pct=50.0, efficiency=0.9, kwh_per_100km=20.0)
    assert goal_kwh(Goal(amount=80.0, unit="pct"), car) == pytest.approx(20.0)
    assert goal_kwh(Goal(amount=80.0, unit="pct"), CarFacts(battery_kwh=60.0)) is None
    assert goal_kwh(Goal(amount=10.0), car) == pytest.approx(10.0)
    assert goal_kwh(Goal(amount=90.0, unit="km"), car) == pytest.approx(20.0)
    assert goal_kwh(Goal(amount=1000.0, unit="km"), car) == pytest.approx(30.0 / 0.9)
    assert goal_kwh(Goal(amount=40.0, unit="pct"), car) == 0.0
    # Friday 27 March 2026, 20:00; on Sunday the clock goes forward.
    friday_s = 1_774_638_000.0
    early = Goal(amount=80.0, unit="pct", by_s=27_000, weekdays=(6,))
    sunday = goal_moment_s(early, friday_s, zone)
    assert sunday is not None
    assert (sunday - friday_s) / 3600 == pytest.approx(34.5)
    once = Goal(amount=5.0, once_s=friday_s + 100)
    assert next_goal([early, once], friday_s, zone) == (once, friday_s + 100)
    assert goal_moment_s(once, friday_s + 100, zone) is None
    assert next_goal([], friday_s, zone) is None
    with_it = with_goal(Wish(charge_point_id="p"), early, car, friday_s, zone)
    assert with_it is not None
    assert (with_it.goal, with_it.departs_s) == (early, sunday)
    assert with_it.needs_kwh == pytest.approx(20.0)
    assert with_goal(Wish(charge_point_id="p"), once, car, friday_s + 200, zone) is None


def test_a_weekly_goal_of_a_user_is_a_need() -> None:
    """Known by his card; with 20 kWh in two hours the plan that waits is wrong, with 2 kWh it is not."""
    for kwh, code in ((13.0, "departure"), (2.0, "plan_done")):
        house = smart_house()
        zone = ZoneInfo("Europe/Brussels")
        by = datetime.fromtimestamp(START_S + 7200, zone)
        goal = Goal(amount=kwh, by_s=by.hour * 3600 + by.minute * 60)
        ann = User(id="ann", name="Ann", rfid=("A1",), goals=(goal,))
        house.site = replace(house.site, users=(ann,))
        house.departures = Departures(house.site).at(float(START_S))
        assert house.departures == {"ann": START_S + 7200}
        house.card = "A1"
        house.run(5)
        house.advice = made_now(house, [0.0] * 8)
        house.run(40)
        assert house.why("p0") == code
