"""A recorded decision comes out again bit for bit, and a different one does not go unnoticed."""

import random
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwartier.control.memory import Memory, initial
from kwartier.control.step import step
from kwartier.historian import Historian
from kwartier.historian.blocks import BlockWriter, Cycle, read_block
from kwartier.historian.replay import replay
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.setpoints import Limit, Picture, Wish
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

T0 = 1_790_000_100


def record(database: Path, clock: Any, site: Site, run: Any, memory: Any, cycles: int) -> None:
    """One run of the toy, recorded."""
    historian = Historian.open(database, clock, site=site)
    historian.start()
    run(historian, clock, memory, cycles)
    historian.close()


def test_toy_comes_out_the_same(database: Path, clock: Any, site: Site, run: Any, toy: Any) -> None:
    """Every cycle of several minutes and two runs is replayed from the file alone."""
    toy_step, memory_type = toy
    record(database, clock, site, run, memory_type(), 350)
    record(database, clock, site, run, memory_type(total_a=-0.0), 77)
    result = replay(database, toy_step, memory_type)
    assert (result.cycles, result.same, result.ok) == (427, 427, True)
    assert (result.from_s, result.until_s) == (T0, T0 + 426)
    assert not result.unreadable


def test_part_of_the_time_is_replayed(database: Path, clock: Any, site: Site, run: Any, toy: Any) -> None:
    """`from` counts and `to` does not."""
    record(database, clock, site, run, toy[1](), 300)
    result = replay(database, *toy, from_s=T0 + 90, to_s=T0 + 100)
    assert (result.cycles, result.same, result.from_s, result.until_s) == (10, 10, T0 + 90, T0 + 99)


def test_time_without_history_is_no_success(
    database: Path, clock: Any, site: Site, run: Any, toy: Any
) -> None:
    """Nothing replayed is nothing proved."""
    record(database, clock, site, run, toy[1](), 10)
    assert not replay(database, *toy, from_s=T0 + 1000).ok


def test_last_bit_of_a_memory_shows(database: Path, clock: Any, site: Site, run: Any, toy: Any) -> None:
    """A step that remembers one bit otherwise is a mismatch in each cycle, though its set-points agree."""
    toy_step, memory_type = toy

    def off_by_a_bit(site: Site, memory: Any, picture: Picture) -> Any:
        decision = toy_step(site, memory, picture)
        return replace(decision, memory=replace(decision.memory, total_a=decision.memory.total_a + 1e-15))

    record(database, clock, site, run, memory_type(total_a=1.0), 30)
    result = replay(database, off_by_a_bit, memory_type)
    assert not result.ok
    assert result.same < result.cycles == 30
    assert "set-points are the same" in result.mismatches[0].what


def test_other_setpoint_is_described(database: Path, clock: Any, site: Site, run: Any, toy: Any) -> None:
    """The first ten mismatches say which charge point got what then and gets what now."""
    toy_step, memory_type = toy

    def meaner(site: Site, memory: Any, picture: Picture) -> Any:
        decision = toy_step(site, memory, picture)
        first, *rest = decision.setpoints
        return replace(decision, setpoints=(replace(first, current_a=1.5), *rest))

    record(database, clock, site, run, memory_type(), 70)
    result = replay(database, meaner, memory_type)
    assert (result.cycles, result.same, len(result.mismatches)) == (70, 0, 10)
    assert result.mismatches[0].what.startswith("charge point c0: ")
    assert "now 1.5 A (charger_max)" in result.mismatches[0].what


def test_damaged_minute_costs_one_minute(database: Path, clock: Any, site: Site, run: Any, toy: Any) -> None:
    """The other minutes are replayed; the damaged one is named."""
    record(database, clock, site, run, toy[1](), 300)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE raw SET data = zeroblob(50) WHERE block = 2")
    result = replay(database, *toy)
    assert (result.cycles, result.same) == (240, 240)
    assert [u[:8] for u in result.unreadable] == ["block 2:"]


def test_lost_cycle_begins_a_new_block(clock: Any, picture_at: Any, toy: Any, site: Site) -> None:
    """Where a cycle was dropped the next one carries its own memory, so nothing false is proved."""
    toy_step, memory = toy[0], toy[1]()
    writer, parts = BlockWriter("key"), []
    for n in range(20):
        picture = picture_at(clock.now_s + n)
        decision = toy_step(site, memory, picture)
        if n != 7:
            parts.append(writer.add(Cycle(memory, picture, decision, {}, linked=n != 8)))
        memory = decision.memory
    parts.append(writer.take(end=True))
    read = [read_block([(p.number, p.data)]) for p in parts if p is not None]
    assert [len(b.cycles) for b in read] == [7, 12]
    assert read[1].memory["steps"] == 8


def test_cut_off_block_is_read_as_far_as_it_goes(clock: Any, picture_at: Any, toy: Any, site: Site) -> None:
    """After `kill -9` the parts that were committed can be read, without the block's end."""
    toy_step, memory = toy[0], toy[1]()
    writer, parts = BlockWriter("key"), []
    for n in range(25):
        picture = picture_at(clock.now_s + n)
        decision = toy_step(site, memory, picture)
        writer.add(Cycle(memory, picture, decision, {}, linked=n > 0))
        memory = decision.memory
        if n % 10 == 9:
            part = writer.take()
            assert part is not None
            parts.append((part.number, part.data))
    pictures = [c.picture for c in read_block(parts).cycles]
    assert pictures == [picture_at(clock.now_s + n) for n in range(20)]
    assert len(read_block(parts[:1]).cycles) == 10


@pytest.fixture
def car_park() -> Site:
    """Two circuits behind a grid connection, eight charge points."""
    limit = (63.0, 63.0, 63.0)
    return Site(
        name="park",
        circuits=(
            Circuit(id="grid", name="Grid", parent=None, limit_a=limit, meter="p1", safe_current_a=20.0),
            Circuit(
                id="a", name="A", parent="grid", limit_a=(32.0, 32.0, 32.0), meter="ma", safe_current_a=8
            ),
            Circuit(id="b", name="B", parent="grid", limit_a=(40.0, 40.0, 40.0)),
        ),
        meters=(
            Meter(id="p1", name="P1", role="grid", address="file"),
            Meter(id="ma", name="A", role="circuit", address="file"),
        ),
        charge_points=tuple(
            ChargePoint(
                id=f"c{n}",
                name=f"C{n}",
                circuit="ab"[n % 2],
                conductors=((1, 2, 3), (2, 3, 1), (3,))[n % 3],
                fallback_a=6.0,
            )
            for n in range(8)
        ),
    )


def pictures_of(site: Site, dice: random.Random, cycles: int) -> list[Picture]:
    """A site in which everything happens: silence, faults, wishes, limits, cars that come and go."""
    meters: dict[str, MeterReading] = {}
    points: dict[str, ChargePointReading] = {}
    wishes: dict[str, Wish] = {}
    out = []
    for n in range(cycles):
        now_s = 1000.0 + n + dice.random() / 50
        for meter in site.meters:
            if dice.random() < 0.9:
                load = tuple(dice.choice((-0.0, 1.0, dice.uniform(-5, 50))) for _ in range(3))
                meters = {
                    **meters,
                    meter.id: MeterReading(
                        meter_id=meter.id,
                        at_s=now_s - 0.1,
                        current_a=load,  # type: ignore[arg-type]
                        meter_time_s=now_s,
                    ),
                }
        for point in site.charge_points:
            if dice.random() < 0.8:
                state = dice.choice(("A1", "B2", "C2", "C2", "C2", "F"))
                drawn_a = dice.uniform(0, 32) if state == "C2" else 0.0
                points = {
                    **points,
                    point.id: ChargePointReading(
                        charge_point_id=point.id, at_s=now_s, state=state, current_a=(drawn_a, drawn_a, 0.0)
                    ),
                }
        if dice.random() < 0.05:
            wished = dice.choice(site.charge_points).id
            wishes = {**wishes, wished: Wish(charge_point_id=wished, limit_a=dice.choice((None, 10, 7.5)))}
        limits: tuple[Limit, ...] = ()
        if dice.random() < 0.3:
            limits = (Limit(circuit_id="grid", value_a=(20.0, 20.0, dice.uniform(0, 60)), source="dso"),)
        faults: tuple[DeviceFault, ...] = ()
        if dice.random() < 0.1:
            faults = (DeviceFault(device_id="c1", at_s=now_s, kind="nonsense", what="?", raw="00ff"),)
        out.append(
            Picture(
                now_s=now_s,
                utc_s=T0 - 1000 + now_s,
                meters=meters,
                charge_points=points,
                wishes=wishes,
                limits=limits,
                faults=faults,
            )
        )
    return out


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_real_step_comes_out_the_same(
    car_park: Site, clock: Any, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Whatever happens at a site, the journal reproduces every decision of the control loop bit for bit."""
    database = tmp_path_factory.mktemp("replay") / "h.sqlite"
    historian = Historian.open(database, clock, site=car_park)
    historian.start()
    memory = initial(car_park, 999.0)
    for picture in pictures_of(car_park, random.Random(seed), 150):
        decision = step(car_park, memory, picture)
        historian.cycle(picture, decision, before=memory)
        memory = decision.memory
    assert historian.flush()
    assert historian.status().ok
    historian.close()
    result = replay(database, step, Memory)
    assert (result.cycles, result.same, result.unreadable) == (150, 150, ()), result.mismatches


def test_site_is_asked_for_when_the_journal_has_none(
    database: Path, clock: Any, site: Site, run: Any, toy: Any
) -> None:
    """History recorded without its site is replayed with one that is given."""
    historian = Historian.open(database, clock)
    historian.start()
    run(historian, clock, toy[1](), 20)
    historian.close()
    assert "journal holds no site" in replay(database, *toy).unreadable[0]
    assert replay(database, *toy, site=site).ok


def test_cycle_without_known_memory_is_not_replayed(
    database: Path, clock: Any, site: Site, picture_at: Callable[[float], Picture], toy: Any
) -> None:
    """The first cycle may come without the memory before it; all that follow are proved."""
    historian = Historian.open(database, clock, site=site)
    historian.start()
    memory = toy[1]()
    for n in range(20):
        picture = picture_at(1000.0 + n)
        decision = toy[0](site, memory, picture)
        historian.cycle(picture, decision)
        memory = decision.memory
    historian.close()
    result = replay(database, *toy)
    assert (result.cycles, result.same) == (19, 19)
