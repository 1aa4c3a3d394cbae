"""Each judge finds what it is there for, and blames nobody for what could not be helped."""

from dataclasses import dataclass, replace

import pytest
from tests.simulation.hearing import Hearing, fault

from kwartier.simulation.bench import BENCH_START_S
from kwartier.simulation.faults import FaultKind
from kwartier.simulation.judge.trip import trip_s
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Fuse


def test_a_car_that_could_have_been_stopped_is_charged() -> None:
    """50 A of a car on a 40 A circuit: 25 % has 30 s."""
    hearing = Hearing()
    hearing.park(50.0)
    assert not hearing.run(33).rules
    assert hearing.run(8).rules == {"overload"}


def test_other_load_alone_is_not_charged_but_a_car_beside_it_is() -> None:
    """Other load above the limit: no finding while no car draws; one when a car goes on charging."""
    hearing = Hearing()
    hearing.bench.plant.switch_on("grid", 1, 46.0 * 230.0 * 0.97, 1e6)
    hearing.offer(0.0)
    hearing.run(200)
    assert not hearing.rules
    assert hearing.court.overload.excused_s["no car left to stop"] > 190
    hearing.park(6.0)
    hearing.bench.left.validity_s = 1e9
    hearing.offer(6.0)
    assert hearing.run(45).rules == {"overload", "granted twice"}


def test_only_the_obedient_part_of_a_stubborn_car_counts() -> None:
    """A car that draws 50 A where it is offered 0 until the station cuts it: nobody could do more; offered
    6 A it is charged, for it could have been offered nothing."""
    hearing = Hearing()
    hearing.bench.left.validity_s = 1e9
    hearing.offer(6.0)
    hearing.park(50.0, ignores=True)
    assert hearing.run(60).rules == {"overload"}
    hearing = Hearing()
    hearing.bench.left.validity_s = 1e9
    hearing.park(50.0, ignores=True)
    hearing.run(4)
    hearing.offer(0.0)
    assert not hearing.run(60).rules


@pytest.mark.parametrize(
    ("kind", "blind_s"), [("meter_silent", 11), ("meter_nonsense", 11), ("meter_frozen", 11)]
)
def test_a_lost_meter_excuses_eleven_seconds_and_no_more(kind: FaultKind, blind_s: int) -> None:
    """What is known to be lost is known ten seconds later."""
    hearing = Hearing(faults=[fault(kind, 1.0, 500.0)])
    hearing.park(90.0)
    hearing.bench.left.max_a = 100.0
    hearing.run(blind_s + 9)
    assert not hearing.rules
    assert hearing.run(4).rules == {"overload"}


def test_a_lie_excuses_only_while_it_hides_something() -> None:
    """A meter without a clock that stands still excuses as long as it tells less than what flows."""
    hearing = Hearing(faults=[fault("meter_frozen", 5.0, 100.0)], kind="socomec-countis-e27")
    hearing.run(4)
    hearing.park(60.0)
    hearing.run(95)
    assert not hearing.rules
    assert hearing.run(15).rules == {"overload"}
    told = Hearing(faults=[fault("meter_scale", 5.0, 100.0, amount=1.4)])
    told.run(5)
    told.told.readings["main"] = MeterReading(meter_id="main", at_s=0.0, current_a=(500.0,) * 3)
    told.park(60.0)
    assert told.run(30).rules == {"overload"}


def test_a_controller_that_is_gone_is_excused_until_the_stations_act() -> None:
    """70 s: then the stations' own timers have run out, and what flows was proven to fit."""
    hearing = Hearing()
    hearing.park(60.0)
    hearing.told.up = False
    hearing.run(70)
    assert not hearing.rules
    assert hearing.run(14).rules == {"overload"}


def test_a_station_out_of_reach_excuses_its_own_car_only() -> None:
    """What it draws counts as other load: the car beside it must go."""
    hearing = Hearing(faults=[fault("station_silent", 1.0, 900.0, target="left")])
    hearing.park(60.0)
    assert not hearing.run(100).rules


def test_a_contract_has_no_tolerance() -> None:
    """20 A of a car where the contract allows 4 kW: charged after fifteen seconds."""
    hearing = Hearing(circuit={"contract_w": 4000.0})
    hearing.park(20.0)
    hearing.run(16)
    assert not hearing.rules
    assert hearing.run(6).rules == {"contract"}


def test_a_limit_from_outside_is_judged() -> None:
    """Nonsense from outside means nothing is allowed."""
    hearing = Hearing(faults=[fault("limit_nonsense", 5.0, 60.0, target="grid")])
    hearing.park(20.0)
    hearing.run(18)
    assert not hearing.rules
    assert hearing.run(6).rules == {"outside limit"}


def test_a_fuse_trips_in_the_watcher_before_a_budget_ends() -> None:
    """A B characteristic at four times its rating is gone at once."""
    hearing = Hearing(circuit={"fuse": Fuse(type="B", rating_a=20.0)})
    hearing.park(70.0)
    assert hearing.run(8).rules == {"trip"}


def test_charts_fall_and_never_trip_below_the_rating() -> None:
    """More current, less time; up to 1.13 (1.25) times for ever."""
    for kind in ("B", "C", "D", "gG"):
        fuse = Fuse(type=kind, rating_a=20.0)
        assert trip_s(fuse, 22.0) == float("inf")
        times = [trip_s(fuse, 20.0 * m) for m in (1.3, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 12.0)]
        assert times == sorted(times, reverse=True)
        assert trip_s(fuse, 20.0 * 1.45) > 50.0


def test_a_set_point_below_the_minimum_is_found() -> None:
    """5.9 A is neither nothing nor enough."""
    hearing = Hearing()
    hearing.offer(5.9)
    assert hearing.run(1).rules == {"minimum"}


def test_more_than_the_safe_current_after_a_start_is_found() -> None:
    """Before the meter was heard for long, 10 A are safe together."""
    hearing = Hearing()
    hearing.run(60)
    hearing.told.started_s, hearing.told.readings = hearing.run_s, {}
    hearing.offer(8.0)
    hearing.offer(6.0, "right")
    assert hearing.run(1).rules == {"restart"}


def test_a_fire_alarm_must_end_in_nothing() -> None:
    """A set-point that stays after the alarm is found a second later; a reset ends it."""
    hearing = Hearing(faults=[fault("fire_alarm", 50.0, 60.0, target="fire")], fire=True).run(10)
    hearing.offer(16.0)
    hearing.park(16.0)
    hearing.run(39)
    assert not hearing.rules
    assert hearing.run(3).rules == {"fire"}
    told = Hearing(faults=[fault("fire_alarm", 50.0, 60.0, target="fire")], fire=True)
    told.bench.left.safe_a = told.bench.right.safe_a = 0.0
    told.run(49)
    told.offer(0.0)
    told.run(50)
    told.told.resets = 1
    told.bench.left.validity_s = 1e9
    told.offer(6.0)
    assert not told.run(60).rules


@pytest.mark.parametrize("acts", [True, False])
def test_what_stations_did_while_the_controller_stood_still_is_its_fault_only_if_it_lasts(acts: bool) -> None:
    """During an alarm the controller stands still, the stations go to their own safe current: it has four seconds."""
    hearing = Hearing(faults=[fault("fire_alarm", 20.0, 30.0, target="fire")], fire=True).run(19)
    hearing.offer(0.0)
    hearing.offer(0.0, "right")
    hearing.run(30)
    hearing.told.up = False
    hearing.run(120)
    assert hearing.bench.left.offered_a > 0.0
    hearing.told.up = True
    hearing.run(1)
    assert not hearing.rules
    if acts:
        hearing.offer(0.0)
        hearing.offer(0.0, "right")
    assert hearing.run(8).rules == (set() if acts else {"fire"})


def test_an_input_that_says_nothing_must_stop_all_too() -> None:
    """Five seconds, and two."""
    hearing = Hearing(faults=[fault("fire_wire", 20.0, 60.0, target="fire")], fire=True).run(10)
    hearing.offer(16.0)
    hearing.run(16)
    assert not hearing.rules
    assert hearing.run(5).rules == {"fire"}


def test_a_car_left_out_beside_free_room_is_found() -> None:
    """Five minutes with nothing although all is free."""
    hearing = Hearing()
    hearing.bench.left.validity_s = 1e9
    hearing.bench.right.safe_a = 0.0
    hearing.offer(0.0)
    hearing.park(16.0)
    assert not hearing.run(290).rules
    assert hearing.run(60).rules == {"left out"}


def test_a_car_that_waits_beside_another_that_never_stops_is_found() -> None:
    """No room while the other charges, but it would have room if that one stood aside."""
    hearing = Hearing(circuit={"limit_a": (9.0, 9.0, 9.0)})
    for socket in (hearing.bench.left, hearing.bench.right):
        socket.validity_s = 1e9
    hearing.offer(0.0, "right")
    hearing.offer(8.0)
    hearing.park(8.0)
    car = hearing.park(8.0, where="right")
    car.phases = 3
    hearing.run(60 * 60)
    assert not hearing.rules
    assert "starved" in hearing.run(15 * 60).rules


@dataclass(frozen=True)
class Quarter:
    meter_id: str
    start_s: int
    import_kwh: float
    register_import_kwh: float
    quality: str = "measured"
    export_kwh: float | None = 0.0


def test_lost_doubled_and_wrong_quarters_are_found() -> None:
    """A chain of quarters; then one missing, one twice, one with energy that no register had."""
    start = int(BENCH_START_S)
    good = [Quarter("main", start + 900 * n, 0.1, 1.0 + 0.1 * n) for n in range(5)]
    for closed, what in (
        (good, ""),
        ([*good[:2], *good[3:]], "straight to"),
        ([*good[:3], good[2], *good[3:]], "twice"),
        ([*good[:2], replace(good[2], import_kwh=0.3), *good[3:]], "counted are"),
    ):
        hearing = Hearing()
        hearing.court.close(closed)
        told = " ".join(f.what for f in hearing.court.findings)
        assert what in told
        assert bool(told) is bool(what)


def test_energy_that_did_not_flow_is_found() -> None:
    """The plant's own registers know better."""
    hearing = Hearing()
    hearing.offer(0.0)
    hearing.offer(0.0, "right")
    hearing.run(1801)
    start = int(BENCH_START_S)
    hearing.court.close([Quarter("main", start + 900, 0.5, 0.5)])
    assert hearing.rules == {"quarter"}


def _again_and_again(hearing: Hearing, amps: float, *, above_s: int, below_s: int) -> Hearing:
    """Four times a car that draws so much, and after it one that draws little."""
    for _ in range(4):
        hearing.park(amps)
        hearing.run(above_s)
        hearing.park(5.0)
        hearing.run(below_s)
    return hearing


def test_a_second_below_the_limit_does_not_begin_anew() -> None:
    """A time budget that was used comes back slowly: seven seconds of every eight are too much after a few times."""
    assert _again_and_again(Hearing(), 60.0, above_s=7, below_s=1).rules == {"overload"}


def test_nor_does_one_below_a_contract() -> None:
    """A contract of 4 kW, kept for one second of every fifteen."""
    hearing = Hearing(circuit={"contract_w": 4000.0})
    assert _again_and_again(hearing, 20.0, above_s=13, below_s=2).rules == {"contract"}


def test_a_budget_comes_back() -> None:
    """Two minutes give all of it back: above again and again, each time for less than its budget, is nobody's fault."""
    assert not _again_and_again(Hearing(), 60.0, above_s=7, below_s=120).rules


def _scaled(quarters: list[Quarter], imported: float, exported: float) -> list[Quarter]:
    """As if the meter's registers told more than they had: the chain is whole."""
    out, register = [], 0.0
    for q in quarters:
        register += q.import_kwh * imported
        more = (q.export_kwh or 0.0) * exported
        out.append(
            replace(q, import_kwh=q.import_kwh * imported, register_import_kwh=register, export_kwh=more)
        )
    return out


def test_accounts_that_are_empty_short_or_scaled_are_found() -> None:
    """Whatever they call themselves: what they lack, and what never flowed."""
    hearing = Hearing()
    hearing.offer(0.0)
    hearing.offer(0.0, "right")
    plant, honest = hearing.bench.plant, list[Quarter]()
    plant.switch_on("grid", 1, 40.0, 6 * 900.0)
    hearing.run(1)
    start, was = int(BENCH_START_S), (0.0, 0.0)
    for n in range(12):
        if n == 6:
            plant.switch_on("grid", 1, -40.0, 1e6)
        hearing.run(900)
        now = (sum(plant.registers.import_wh) / 1000, sum(plant.registers.export_wh) / 1000)
        quality = "partial"
        honest.append(
            Quarter("main", start + 900 * n, now[0] - was[0], now[0], quality, export_kwh=now[1] - was[1])
        )
        was = now
    hearing.run(200)
    quarters = hearing.court.quarters
    empty = [replace(q, import_kwh=0.0, export_kwh=0.0, register_import_kwh=1.0) for q in honest]
    for closed, what in (
        (honest, ""),
        ([], "had passed"),
        (honest[:8], "had passed"),
        (_scaled(honest, 1.10, 1.0), "import of all"),
        (_scaled(honest, 1.0, 2.0), "export of all"),
        (empty, "import of all"),
    ):
        quarters.findings.clear()
        hearing.court.close(closed)
        told = " ".join(f.what for f in quarters.findings)
        assert what in told
        assert bool(told) is bool(what), told
