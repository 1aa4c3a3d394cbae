"""Rules that meet: each of these was found where two features of the step touch."""

from dataclasses import replace

import pytest
from tests.control.bench import Bench, metered, plain, point
from tests.control.power_house import PowerHouse, house_site

from kwartier.control.chargers.hearing import fold
from kwartier.control.chargers.switching import Seen, Switch, advance
from kwartier.control.memory import PointMemory
from kwartier.control.rows.evenness import sure_of
from kwartier.control.rows.waits import PAUSE_S
from kwartier.control.turns import longest_wait_s
from kwartier.site.quarters import QuarterPicture, QuarterSettings, RunningQuarter
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Wish
from kwartier.site.topology import Fuse


def test_an_empty_socket_still_says_how_many_phases_it_uses() -> None:
    """A car that leaves while its contactor moves does not turn the change into a failed one."""
    socket = replace(point("a", "grid"), phase_switching=True)
    draft = PointMemory(known=True, heard_s=10.0, state="A1", phases_shown=3)
    draft.switch = Switch(stage="switching", told=1, since_s=10.0, shown=3)
    reading = ChargePointReading(charge_point_id="a", at_s=12.0, state="A1", phases=1)
    fold(socket, draft, reading, 12.0)
    assert draft.phases_shown == 1
    seen = Seen(
        now_s=12.0, heard=True, plugged=False, flows=False, shown=draft.phases_shown, read_s=12.0, free=True
    )
    after, told = advance(draft.switch, seen)
    assert (after.stage, told) == ("pausing", "switched")


def test_a_silent_charge_point_is_told_nothing_where_a_contract_is_full_without_it() -> None:
    """It may well hear us. What the phases together may carry binds it as much as what each may."""
    circuit = replace(metered("grid", None, 63.0), contract_w=80 * 253.0)
    bench = Bench([circuit], [point("a", "grid")]).run(60)
    assert bench.allowed["a"] > 20.0
    bench.silent.add("a")
    bench.run(15)
    assert (bench.allowed["a"] > 20.0, bench.why["a"]) == (True, "charger_silent")
    bench.house["grid"] = 28.0
    bench.run(3)
    assert (bench.allowed["a"], bench.why["a"]) == (0.0, "charger_silent")


@pytest.mark.parametrize(
    ("drawn_a", "sure"), [((8.0, 8.0, 7.5), True), ((0.0,) * 3, False), ((8.0, 0.0, 0.0), False)]
)
def test_a_car_that_has_stopped_may_begin_again_on_fewer_phases(
    drawn_a: tuple[float, float, float], sure: bool
) -> None:
    """Cars leave phases within a session: what one drew before it stopped stands against nothing."""
    draft = PointMemory(known=True, plugged=True, wired=(1, 2, 3), samples=((1.0, drawn_a),))
    assert sure_of(draft, (1, 2, 3)) is sure


def test_a_budget_for_one_car_and_a_little_serves_two_in_turn() -> None:
    """The margin for beginning is against flicker; it must not keep the place for him who has it."""
    quarter = QuarterSettings(follow="fixed", fixed_w=1.1 * 6.0 * 230.0 + 300.0)
    house = PowerHouse(house_site([(1,), (1,)], limit_a=63.0, quarter=quarter), lambda _: 300.0)
    longest = dict.fromkeys(house.drawn_a, 0)
    waiting = dict(longest)
    for _ in range(3 * 3600):
        house.tick()
        for p, current_a in house.drawn_a.items():
            waiting[p] = 0 if current_a > 0 else waiting[p] + 1
            longest[p] = max(longest[p], waiting[p])
    assert max(longest.values()) <= longest_wait_s(1, places=1) + PAUSE_S + 60.0


def test_a_silent_car_on_all_phases_hides_no_imbalance() -> None:
    """While it is not heard, what the meter shows on a phase is taken to be its current, as far as that goes; what
    lies between two phases on which it draws alike is there all the same."""
    circuit = replace(metered("grid", None, 63.0), imbalance_a=16.0)
    bench = Bench([circuit], [point("three", "grid"), point("one", "grid", (2,))])
    bench.wishes = {"three": Wish(charge_point_id="three", limit_a=10.0)}
    bench.asks.discard("one")
    bench.run(60)
    bench.draws["three"] = 6.0  # it takes less than it is told
    bench.run(3)
    bench.silent.add("three")
    bench.run(15)
    bench.house_a = (0.0, 12.0, 0.0)  # a load on L2 of which the silent one could draw the half
    bench.run(15)
    bench.asks.add("one")
    bench.run(30)
    assert bench.allowed["one"] == 0.0


@pytest.mark.parametrize(("fixed_w", "told"), [(2500.0, 1), (1200.0, 3)])
def test_a_car_that_a_quarter_keeps_out_on_three_phases_is_tried_on_one(fixed_w: float, told: int) -> None:
    """2.5 kW carry a car on one phase, never one on three: where it can change, it does. 1.2 kW carry neither, and no
    contactor moves for nothing."""
    quarter = QuarterSettings(follow="fixed", fixed_w=fixed_w)
    circuit = replace(metered("grid", None, 63.0), quarter=quarter)
    bench = Bench([circuit], [replace(point("a", "grid"), phase_switching=True)])
    used, reasons = 3, set()
    for n in range(200):
        at_s = bench.now_s + 1.0
        running = RunningQuarter(
            meter_id="m-grid",
            start_s=1_700_000_100 // 900 * 900,
            elapsed_s=float(n),
            energy_kwh=0.0,
            demand_w=0.0,
            projected_w=0.0,
            source="meter",
        )
        bench.quarters = {"m-grid": QuarterPicture(running=running, at_s=at_s)}
        drawn_a = bench.drawn_a("a")
        currents = (drawn_a, *(drawn_a if used == 3 else 0.0,) * 2)
        bench.odd_meter["grid"] = MeterReading(meter_id="m-grid", at_s=at_s, current_a=currents)
        bench.odd_point["a"] = ChargePointReading(
            charge_point_id="a",
            at_s=at_s,
            state="C2" if drawn_a else "B2",
            current_a=currents,
            applied_a=bench.allowed["a"],
            phases=used,
        )
        decision = bench.tick()
        reasons.add(bench.why["a"])
        used = decision.setpoints[0].phases or used
    assert "quarter_budget" in reasons
    switch = bench.memory.points["a"].switch
    assert switch is not None
    assert (switch.told, len(switch.done_s)) == (told, 1 if told == 1 else 0)
    assert (bench.allowed["a"] >= 6.0) == (told == 1), bench.last_texts


def test_a_fuse_above_a_lost_meter_is_no_colder_than_its_rating() -> None:
    """As it is where the lost meter is its own."""
    board = replace(plain("board", None, 40.0), fuse=Fuse(type="B", rating_a=40.0))
    bench = Bench([board, metered("shop", "board", 40.0)], [point("a", "board")]).run(30)
    bench.silent.add("shop")
    bench.run(60)
    assert bench.memory.fuses["board"].largest_a == (40.0, 40.0, 40.0)
