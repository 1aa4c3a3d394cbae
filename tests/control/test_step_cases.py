"""The step in single cases that went wrong once, or might: one site by hand, one sentence each."""

from dataclasses import replace
from itertools import pairwise
from math import ceil, inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.control.bench import Bench, metered, plain, point

from kwartier.control.memory import after_restart
from kwartier.control.turns import MIN_ON_S, longest_wait_s
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Limit, Wish
from kwartier.site.topology import ChargePoint


def test_a_meter_that_tells_no_currents_is_a_lost_meter() -> None:
    """It goes on speaking, but of power only: held, and after ten seconds at the safe current."""
    bench = Bench([metered("grid", None, 40.0, 8.0)], [point("a", "grid")])
    bench.house["grid"] = 20.0
    bench.run(60)
    assert bench.allowed["a"] == 20.0
    for second in range(1, 40):
        bench.odd_meter["grid"] = MeterReading(meter_id="m-grid", at_s=bench.now_s + 1, power_w=1.0)
        bench.tick()
        assert bench.allowed["a"] <= (20.0 if second < 10 else 8.0)


def test_values_that_come_late_are_as_old_as_they_are() -> None:
    """A line that lags by half a minute never makes its meter fresh."""
    bench = Bench([metered("grid", None, 40.0, 8.0)], [point("a", "grid")])
    for _ in range(60):
        bench.odd_meter["grid"] = MeterReading(
            meter_id="m-grid", at_s=bench.now_s - 30.0, current_a=(0.0, 0.0, 0.0)
        )
        bench.tick()
        assert bench.allowed["a"] <= 8.0


def test_a_value_from_the_future_is_good_for_ten_seconds_only() -> None:
    """A time stamp an hour ahead neither keeps a silent meter fresh nor shuts out the values after it."""
    bench = Bench([metered("grid", None, 40.0, 8.0)], [point("a", "grid")]).run(40)
    bench.odd_meter["grid"] = MeterReading(
        meter_id="m-grid", at_s=bench.now_s + 3600, current_a=(0.0, 0.0, 0.0)
    )
    bench.run(12)
    assert bench.allowed["a"] == 8.0
    bench.odd_meter.clear()
    bench.run(40)
    assert bench.allowed["a"] > 8.0


def test_a_clock_that_goes_back_keeps_no_meter_fresh() -> None:
    """Pictures stamped in the past: time stands still for the step, and never runs the other way."""
    bench = Bench([metered("grid", None, 40.0, 8.0)], [point("a", "grid")]).run(40)
    before = bench.memory.step_s
    bench.silent.add("grid")
    bench.now_s -= 500.0
    bench.tick()
    assert bench.memory.step_s == before
    bench.now_s += 515.0
    bench.tick()
    assert bench.allowed["a"] <= 8.0


def test_a_sub_meter_that_comes_back_still_counts_above() -> None:
    """While it proves itself for ten seconds, its circuit's own load is not lost from the parent's sum."""
    bench = Bench(
        [metered("grid", None, 40.0, 6.0), metered("shop", "grid", 32.0, 6.0)],
        [point("a", "grid"), point("b", "shop")],
    )
    bench.house["shop"] = 20.0
    bench.run(60)
    assert sum(bench.allowed.values()) == 20.0
    bench.silent.add("shop")
    bench.run(30)
    bench.silent.clear()
    for _ in range(30):
        bench.tick()
        assert sum(bench.allowed.values()) <= 20.0


def test_behind_a_lost_sub_meter_a_circuit_counts_as_full_but_for_its_safe_current() -> None:
    """Nothing above it is metered: who shares the supply gets no more than is sure."""
    bench = Bench(
        [plain("grid", None, 40.0), metered("shop", "grid", 32.0, 6.0)],
        [point("a", "grid"), point("b", "shop")],
    )
    bench.house["shop"] = 5.0
    bench.run(60)
    bench.silent.add("shop")
    bench.run(11)
    bench.house["shop"] = 26.0
    bench.run(10)
    assert bench.allowed["b"] <= 6.0
    assert sum(bench.allowed.values()) + 26.0 <= 40.0


def test_a_tighter_limit_on_a_lost_circuit_is_no_room_for_others() -> None:
    """The operator cuts a circuit whose meter is lost to nothing: that does not switch off its other loads."""
    bench = Bench(
        [plain("grid", None, 40.0), metered("shop", "grid", 20.0, 0.0)],
        [point("a", "grid"), point("b", "shop")],
    )
    bench.house["shop"] = 18.0
    bench.run(60)
    bench.silent.add("shop")
    bench.limits = (Limit(circuit_id="shop", value_a=(0.0,) * 3, source="operator"),)
    bench.run(30)
    assert bench.allowed["b"] == 0.0
    assert bench.allowed["a"] + 18.0 <= 40.0


def test_solar_behind_a_lost_meter_does_not_widen_the_safe_current() -> None:
    """The safe current is what the chargers draw together, not what is left after the sun."""
    bench = Bench(
        [metered("grid", None, 40.0, 8.0), metered("roof", "grid", 32.0, 6.0)], [point("a", "grid")]
    )
    bench.house["roof"] = -20.0
    bench.run(60)
    bench.silent.add("grid")
    bench.run(11)
    assert bench.allowed["a"] <= 8.0


def test_two_meters_of_different_moments_are_not_mixed() -> None:
    """A sub-meter that is a second behind its parent does not make a falling load count twice."""
    bench = Bench(
        [metered("grid", None, 60.0, 6.0), metered("shop", "grid", 50.0, 6.0)], [point("a", "grid")]
    )
    for _ in range(30):
        for amps in (5.0, 30.0, 30.0, 5.0):
            old = bench._flows("shop")
            bench.house["shop"] = amps
            bench.odd_meter["shop"] = MeterReading(meter_id="m-shop", at_s=bench.now_s + 0.1, current_a=old)
            bench.tick()
    assert bench.allowed["a"] == 30.0


def test_a_stubborn_charge_point_is_found_while_limits_flicker() -> None:
    """A limit that changes each second does not restart the ten seconds that it has to obey."""
    bench = Bench([metered("grid", None, 40.0)], [point("a", "grid"), point("b", "grid")]).run(60)
    bench.draws["a"] = 20.0
    for n in range(25):
        value = 24.0 + n % 2
        bench.limits = (Limit(circuit_id="grid", value_a=(value,) * 3, source="operator"),)
        bench.tick()
    assert bench.why["a"] == "charger_disobeys"
    assert bench.allowed["b"] == 0.0


def test_who_rises_by_himself_is_made_room_for_at_once() -> None:
    """A station that falls to a fallback higher than its grant: the others come down in the same step."""
    bench = Bench([metered("grid", None, 32.0)], [point("a", "grid"), point("b", "grid")]).run(60)
    assert bench.allowed == {"a": 16.0, "b": 16.0}
    bench.draws["a"] = 20.0
    bench.tick()
    assert bench.allowed["b"] <= 12.0


def test_current_on_a_phase_that_is_not_booked_counts() -> None:
    """A car booked on L1 that keeps some current on L2 leaves that much less for others there."""
    bench = Bench([metered("grid", None, 16.0)], [point("a", "grid"), point("b", "grid", (2,))])
    for _ in range(150):
        bench.odd_point["a"] = ChargePointReading(
            charge_point_id="a",
            at_s=bench.now_s + 1,
            state="C2",
            current_a=(bench.allowed["a"], 0.9, 0.0),
            applied_a=bench.allowed["a"],
        )
        bench.tick()
    assert bench.memory.points["a"].wired == (1,)
    assert bench.allowed["b"] <= 15.1


def test_a_little_more_than_told_counts_as_other_load() -> None:
    """A car that drifts 0.6 A above its grant is not called disobedient; its neighbour makes room all the same, within
    the minute that a fuse allows for so little."""
    bench = Bench([metered("grid", None, 32.0)], [point("a", "grid"), point("b", "grid")]).run(60)
    assert bench.allowed == {"a": 16.0, "b": 16.0}
    bench.draws["a"] = 16.6
    bench.run(60)
    assert not bench.memory.points["a"].disobeys
    assert bench.allowed["b"] + 16.6 <= 32.0


@pytest.mark.parametrize("room_a", [20.0, 25.0])
def test_a_car_that_takes_a_twentieth_more_goes_over_once(room_a: float) -> None:
    """Found out and lowered, it is not acquitted and raised again by the order that it had before."""
    bench = Bench([metered("g", None, room_a)], [point("p", "g", (1,))]).run(60)
    above, before_a = [], bench.allowed["p"]
    for _ in range(300):
        bench.draws["p"] = 1.05 * before_a  # a second later than its order
        before_a = bench.allowed["p"]
        bench.tick()
        above.append(bench.drawn_a("p") > room_a)
    assert any(above[:15])
    assert not any(above[15:])
    del bench.draws["p"]
    assert bench.run(330).allowed["p"] == room_a, "kept to itself for ever by one who obeys again"


def test_a_car_that_rounds_up_is_not_raised_again_and_again() -> None:
    """Told 15.5 A it draws 16 A, which beside 0.2 A is too much; told 15 A it obeys. One look in five minutes, no more."""
    bench = Bench([metered("g", None, 16.0)], [point("p", "g", (1,))])
    bench.house["g"] = 0.2
    bench.run(60)
    above, before_a = 0, bench.allowed["p"]
    for _ in range(1200):
        bench.draws["p"] = float(ceil(before_a))
        before_a = bench.allowed["p"]
        bench.tick()
        above += bench.drawn_a("p") + 0.2 > 16.0
    assert 0 < above <= 60
    assert bench.allowed["p"] == 15.0
    del bench.draws["p"]
    bench.asks.discard("p")
    bench.run(5)
    assert bench.memory.points["p"].over_a == 0.0, "kept in mind of the next car"


def test_a_silent_charge_point_may_fall_to_its_own_fallback() -> None:
    """It drew 8 A by a person's wish; left to itself it may take the 16 A of its fallback, so they are kept for it."""
    b = replace(point("b", "grid"), fallback_a=16.0)
    bench = Bench([metered("grid", None, 32.0)], [point("a", "grid"), b])
    bench.wishes["b"] = Wish(charge_point_id="b", limit_a=8.0)
    bench.run(90)
    assert bench.allowed == {"a": 24.0, "b": 8.0}
    bench.silent.add("b")
    bench.run(60)
    assert bench.memory.points["b"].silent
    assert bench.allowed["a"] <= 16.0


def test_a_raise_is_a_small_step_every_few_seconds() -> None:
    """From the minimum to 32 A: five amperes at a time, five seconds apart (docs/safety.md, rule 3)."""
    bench = Bench([metered("grid", None, 63.0)], [point("a", "grid")])
    raised, before_a = [], 0.0
    for _ in range(90):
        bench.tick()
        if bench.allowed["a"] > before_a:
            raised.append((bench.now_s, bench.allowed["a"] - before_a))
            before_a = bench.allowed["a"]
    assert before_a == 32.0
    assert raised[0][1] == 6.0
    assert max(step_a for _, step_a in raised[1:]) <= 5.0
    assert min(later - earlier for (earlier, _), (later, _) in pairwise(raised)) >= 5.0


def test_a_car_that_was_stopped_rests_and_keeps_its_place_in_the_queue() -> None:
    """Room that returns at once starts it after a minute, and its waiting counts all the while."""
    bench = Bench([metered("grid", None, 32.0)], [point("a", "grid")]).run(60)
    bench.house["grid"] = 30.0
    bench.run(2)
    assert bench.allowed["a"] == 0.0
    since = bench.memory.points["a"].waiting_s
    bench.house["grid"] = 2.0
    bench.run(40)
    assert (bench.allowed["a"], bench.why["a"]) == (0.0, "resting")
    assert bench.memory.points["a"].waiting_s == since
    bench.run(25)
    assert bench.allowed["a"] >= 6.0


def test_a_restart_gives_no_more_than_before_behind_a_lost_meter() -> None:
    """With 7 A free when the meter died, a restart does not bring the safe current of 12 A."""
    bench = Bench([metered("grid", None, 32.0, 12.0)], [point("a", "grid")])
    bench.house["grid"] = 25.0
    bench.run(60)
    bench.silent.add("grid")
    bench.run(20)
    assert bench.allowed["a"] == 7.0
    bench.memory = after_restart(bench.site, bench.memory, bench.now_s)
    bench.run(30)
    assert bench.allowed["a"] <= 7.0


def test_what_was_measured_stays_booked_over_a_restart() -> None:
    """A charge point that drew 20 A against its orders is booked so until it is heard again."""
    bench = Bench([metered("grid", None, 40.0)], [point("a", "grid")]).run(60)
    bench.draws["a"] = 25.0
    bench.limits = (Limit(circuit_id="grid", value_a=(10.0,) * 3, source="operator"),)
    bench.run(30)
    restarted = after_restart(bench.site, bench.memory, 0.0)
    assert restarted.points["a"].reserved_a == 25.0


@pytest.mark.parametrize("metered_a", [(nan, 0.0, 0.0), (0.0, inf, 0.0), (-inf, inf, 0.0), None])
@pytest.mark.parametrize("drawn_a", [(nan, 0.0, 0.0), (inf, -inf, 0.0), (-8.0, 0.0, 0.0), (1e6, 0.0, 0.0)])
@pytest.mark.parametrize("state", ["", "Z9", "C2"])
def test_nonsense_never_crashes_a_step_and_never_widens(
    metered_a: tuple[float, float, float] | None, drawn_a: tuple[float, float, float], state: str
) -> None:
    """NaN, infinity, unknown states and wild figures, all at once, in every place of a reading."""
    bench = Bench([metered("grid", None, 40.0, 8.0)], [point("a", "grid"), point("b", "grid", (3,))]).run(90)
    for _ in range(15):
        at_s = bench.now_s + 1.0
        bench.odd_meter["grid"] = MeterReading(meter_id="m-grid", at_s=at_s, current_a=metered_a)
        bench.odd_point["a"] = ChargePointReading(
            charge_point_id="a",
            at_s=at_s,
            state=state,
            current_a=drawn_a,
            applied_a=nan,
            setpoint_a=-1.0,
            fallback_a=inf,
        )
        bench.wishes = {"b": Wish(charge_point_id="b", limit_a=nan)}
        bench.limits = (Limit(circuit_id="nowhere", value_a=(nan,) * 3, source="x"),)
        before = dict(bench.allowed)
        bench.tick()
        assert all(bench.allowed[p] <= before[p] for p in before)
    assert bench.allowed["b"] == 0.0
    assert bench.allowed["a"] <= 32.0


def test_all_silent_at_the_start_and_some_for_ever() -> None:
    """Charge points that are never heard hold their fallback; the others share the rest."""
    silent = [replace(point(f"s{n}", "grid"), fallback_a=6.0) for n in range(3)]
    bench = Bench([metered("grid", None, 32.0, 6.0)], [*silent, point("a", "grid")])
    bench.silent = {"s0", "s1", "s2", "a"}
    bench.run(30)
    assert set(bench.allowed.values()) == {0.0}
    bench.silent.remove("a")
    bench.run(60)
    assert bench.allowed["a"] == 14.0


def turns(bench: Bench, seconds: int) -> tuple[dict[str, float], dict[str, float]]:
    """The longest wait and the shortest turn that was ended, per charge point."""
    bench.pace_s = 4.0
    since = {p: (bench.allowed[p] > 0, bench.now_s) for p in bench.allowed}
    waited = dict.fromkeys(bench.allowed, 0.0)
    shortest = dict.fromkeys(bench.allowed, inf)
    for _ in range(seconds // 4):
        bench.tick()
        for p, current_a in bench.allowed.items():
            on, from_s = since[p]
            if on != (current_a > 0):
                if on:
                    shortest[p] = min(shortest[p], bench.now_s - from_s)
                since[p] = (not on, bench.now_s)
            elif not on:
                waited[p] = max(waited[p], bench.now_s - from_s)
    return waited, shortest


def test_a_three_phase_car_gets_its_turn_among_one_phase_cars() -> None:
    """The most cars at once would be the three on one phase each, for ever; each gets its turn in time, and
    keeps it."""
    bench = Bench(
        [plain("grid", None, 8.0)],
        [point("three", "grid"), *(point(f"one{n}", "grid", (n,)) for n in (1, 2, 3))],
    )
    waited, shortest = turns(bench, 6000)
    assert max(waited.values()) <= 2 * MIN_ON_S + 120.0
    assert min(shortest.values()) >= MIN_ON_S


def test_many_cars_of_all_kinds_all_get_their_turns() -> None:
    """Seven cars for two places: nobody waits longer than the queue is long, whatever the order."""
    kinds = [(1, 2, 3), (1,), (2,), (3,), (1, 2), (3, 1, 2), (1,)]
    bench = Bench([plain("grid", None, 7.0)], [point(f"p{n}", "grid", k) for n, k in enumerate(kinds)])
    waited, _ = turns(bench, 16000)
    assert max(waited.values()) <= longest_wait_s(len(kinds) - 1, places=1)


def test_a_full_car_of_higher_priority_does_not_keep_another_out() -> None:
    """Both minimums do not fit. The first car is full and takes nothing: it makes way, and stays out of the way when it
    is told 0 A, as it draws "all" of that too. After half an hour it has a turn to see whether it wants to charge."""
    full = ChargePoint(id="full", name="full", circuit="grid", conductors=(1, 2, 3), max_a=32.0, priority=1)
    bench = Bench([metered("grid", None, 10.0)], [full, point("hungry", "grid")]).run(10)
    bench.draws["full"] = 0.0
    bench.run(240)
    charged_s = 0
    for _ in range(1500):
        bench.tick()
        charged_s += bench.allowed["hungry"] >= 6.0
    assert charged_s > 1400
    del bench.draws["full"]
    bench.run(900)
    assert bench.allowed["full"] >= 6.0


@given(
    house_a=st.floats(0.0, 32.0),
    limit_a=st.floats(0.0, 40.0),
    before=st.booleans(),
    phase=st.sampled_from((1, 2, 3)),
)
def test_a_limit_from_outside_holds_while_the_meter_is_lost(
    house_a: float, limit_a: float, before: bool, phase: int
) -> None:
    """Whatever the other load does unseen, up to what the safe current was proven beside (32 of 40 A), whether the limit
    comes before or after the meter is lost: the cars add nothing above it. The limit may be on one phase only."""
    bench = Bench([metered("grid", None, 40.0, 8.0)], [point("a", "grid"), point("b", "grid", (1,))])
    value = [40.0, 40.0, 40.0]
    value[phase - 1] = limit_a
    limits = (Limit(circuit_id="grid", value_a=(value[0], value[1], value[2]), source="operator"),)
    bench.run(40)
    if before:
        bench.limits = limits
        bench.run(40)
    bench.silent.add("grid")
    bench.run(12)
    bench.limits = limits
    bench.house["grid"] = house_a
    bench.run(20)
    drawn = [bench.allowed["a"] + (bench.allowed["b"] if p == 1 else 0.0) for p in (1, 2, 3)]
    assert drawn[phase - 1] == 0.0 or drawn[phase - 1] + house_a <= limit_a + 1e-6
    assert max(drawn) <= 8.0
    if limit_a == 40.0:
        assert max(drawn) >= 6.0


def test_who_gets_less_than_the_safe_current_is_told_why() -> None:
    bench = Bench([metered("grid", None, 40.0, 12.0)], [point("a", "grid")])
    bench.run(40)
    bench.silent.add("grid")
    bench.limits = (Limit(circuit_id="grid", value_a=(37.0,) * 3, source="operator"),)
    bench.run(30)
    assert bench.allowed["a"] == 9.0
    assert bench.why["a"] == "safe_narrowed"
    assert "limited to 37 A (operator): only 9 A" in bench.last_texts["a"]
    bench.limits = (Limit(circuit_id="grid", value_a=(20.0,) * 3, source="operator"),)
    bench.run(30)
    assert bench.allowed["a"] == 0.0
    assert bench.why["a"] == "safe_narrowed_no_room"


def test_who_was_told_something_by_a_run_of_which_nothing_is_kept_is_booked_for_a_minute() -> None:
    """Durable memory is lost, one station is not heard: it may go on with what it was told until its time runs out."""
    bench = Bench([plain("grid", None, 40.0)], [point("a", "grid"), point("b", "grid")])
    bench.silent.add("b")
    bench.run(58)
    assert bench.allowed["a"] <= 40.0 - 32.0
    bench.run(30)
    assert bench.allowed["a"] == 32.0
    bench.memory = after_restart(bench.site, bench.memory, bench.now_s)
    bench.run(30)
    assert bench.allowed["a"] == 32.0


def test_a_limit_that_comes_and_goes_is_kept_throughout() -> None:
    """Tighten at once, widen slowly: what was told in the last ten seconds counts. After that the room is there again."""
    bench = Bench([metered("g", None, 32.0)], [point("p", "g", (1,))]).run(60)
    limit = Limit(circuit_id="g", value_a=(10.0, 10.0, 10.0), source="grid operator")
    for _ in range(10):
        bench.limits = (limit,)
        bench.run(3)
        assert bench.allowed["p"] <= 10.0
        bench.limits = ()
        for _ in range(4):
            bench.tick()
            assert bench.allowed["p"] <= 10.0
    assert bench.run(60).allowed["p"] == 32.0
    bench.limits = (replace(limit, source="fire"),)
    bench.tick()
    bench.limits = ()
    assert bench.run(6).allowed["p"] > 10.0, "a fire input has a return of its own"


def test_a_limit_that_is_renewed_in_time_does_not_run_out() -> None:
    """Told anew each five seconds for eight, else nothing may be drawn: an older word that would have run out by now
    counts as it was. When nobody renews it any more, it runs out."""
    bench = Bench([metered("g", None, 32.0)], [point("p", "g", (1,))]).run(60)
    for second in range(40):
        if second % 5 == 0:
            bench.limits = (
                Limit(
                    circuit_id="g",
                    value_a=(10.0, 10.0, 10.0),
                    source="grid operator",
                    valid_until_s=bench.now_s + 8.0,
                    after_a=(0.0, 0.0, 0.0),
                ),
            )
        bench.tick()
        assert bench.allowed["p"] == 10.0
    assert bench.run(9).allowed["p"] == 0.0
