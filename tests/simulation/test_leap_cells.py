"""Batteries and plans in time that leaps: until when a battery goes on as it does, and what ends a leap."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kwartier.control import steady, steady_cells, steady_parts
from kwartier.control.battery.memory import BatteryMemory
from kwartier.control.memory import Memory
from kwartier.control.site_flow import smoothed
from kwartier.control.wishes.advice import AHEAD_S
from kwartier.control.wishes.sun_memory import FlowMemory, SunMemory
from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.runner import Run
from kwartier.simulation.sensing import P1_DELAY_S, storage_reading
from kwartier.simulation.stories import story
from kwartier.site.setpoints import Picture

COUNTS_PCT = (90.0, 89.0, 10.0, 11.0, 30.0)
Told = tuple[tuple[bool, ...], float | None, float | None, float | None]


def storage_at(soc_pct: float, power_w: float, capacity_kwh: float) -> Storage:
    """One that has settled on a power."""
    cells = Storage(
        "b",
        (1, 2, 3),
        capacity_kwh=capacity_kwh,
        charge_w=6000.0,
        discharge_w=5000.0,
        soc=soc_pct / 100.0,
        timer_s=1e9,
    )
    cells.write(power_w, 0.0)
    for second in range(1, 6):
        cells.tick(float(second), 1.0)
    return cells


def told(cells: Storage) -> Told:
    """What it tells that can decide something: on which side of each threshold it is, its power, what it can do."""
    reading = storage_reading(cells, 0.0, 0.0)
    assert reading.soc_pct is not None
    sides = tuple(s for at in COUNTS_PCT for s in (reading.soc_pct >= at, reading.soc_pct <= at))
    return sides, reading.power_w, reading.charge_w, reading.discharge_w


@given(st.floats(0.0, 100.0), st.floats(-6000.0, 7000.0), st.floats(0.5, 40.0), st.integers(1, 900))
@example(100.0 - 5.0 * 2004.0 / 6000.0, 2000.0, 400.0, 900)  # what it can take comes down to what it takes
def test_a_battery_goes_on_as_it_does_for_as_long_as_it_says(
    soc_pct: float, power_w: float, capacity_kwh: float, most_s: int
) -> None:
    """Each second until then it tells the same of all that counts, and one leap there leaves it as the seconds do."""
    cells = storage_at(soc_pct, power_w, capacity_kwh)
    quiet_s = min(most_s, int(min(1e6, cells.quiet_s(5.0, COUNTS_PCT))))
    assume(quiet_s > 0)
    leapt = storage_at(soc_pct, power_w, capacity_kwh)
    leapt.tick(5.0 + quiet_s, float(quiet_s))
    seen = []
    for second in range(1, quiet_s + 1):
        cells.tick(5.0 + second, 1.0)
        seen.append((told(cells), cells.total_w))
    assert all(a == b for a, b in pairwise(seen))
    assert (leapt.soc, leapt.total_w, leapt.power_w) == (cells.soc, cells.total_w, cells.power_w)


def test_a_battery_that_is_told_something_else_is_not_quiet() -> None:
    """As long as it waits for that, or is on its way; and one at rest is quiet for ever."""
    cells = storage_at(50.0, 2000.0, 10.0)
    assert 60.0 < cells.quiet_s(5.0, COUNTS_PCT) < 9000.0
    cells.write(-1000.0, 5.0)
    assert cells.quiet_s(5.0, COUNTS_PCT) == 0.0
    cells.tick(6.0, 1.0)
    assert cells.setpoint_w == -1000.0 < cells.total_w
    assert cells.quiet_s(6.0, COUNTS_PCT) == 0.0
    assert storage_at(50.0, 0.0, 10.0).quiet_s(5.0, COUNTS_PCT) == float("inf")


@given(st.floats(-2e4, 2e4), st.floats(-2e4, 2e4), st.integers(1000, 2_000_000), st.integers(1, 900))
def test_the_rest_of_the_site_is_reckoned_ahead_to_the_last_bit(
    rest_w: float, newest_w: float, now_s: int, by_s: int
) -> None:
    """As the steps between would have done it, with readings that are a tenth of a second old."""
    before = FlowMemory(rest_w=rest_w, newest_w=newest_w, at_s=now_s - 1.0 - P1_DELAY_S)
    after = FlowMemory(rest_w=rest_w, newest_w=newest_w, at_s=now_s - P1_DELAY_S)
    found = steady_cells.flow_after(before, after, float(now_s), float(by_s))
    for second in range(1, by_s + 1):
        at_s = now_s + second - P1_DELAY_S
        rest_w = smoothed(rest_w, newest_w, at_s - after.at_s)
        after = FlowMemory(rest_w=rest_w, newest_w=newest_w, at_s=at_s)
    assert found == after


@pytest.fixture(scope="module")
def settled() -> tuple[Run, Picture]:
    """A site with batteries and a plan in which all stands still, with what the last step saw."""
    run = Run(story("random-cells", seed=7), every_second=True)
    picture, _ = run.step()
    for _ in range(400):
        taken = run.advance()
        assert taken is not None
        picture = taken[0]
    assert until(run, picture) > run.now_s + 10.0
    return run, picture


def until(run: Run, picture: Picture) -> float:
    return steady.steady_until_s(run.site, run.before, run.memory, picture)


def test_a_plan_that_ends_ends_a_leap(settled: tuple[Run, Picture]) -> None:
    """When it is no longer valid, or not made yet by a clock that was set back."""
    run, picture = settled
    assert picture.advice is not None
    ends = replace(picture.advice, valid_until_s=picture.utc_s + 9.0)
    assert until(run, replace(picture, advice=ends)) == run.now_s + 9.0 - steady_parts.BEFORE_S
    begins = replace(picture.advice, made_s=picture.utc_s + AHEAD_S + 7.0)
    assert until(run, replace(picture, advice=begins)) == run.now_s + 7.0 - steady_parts.BEFORE_S


def test_what_a_battery_was_told_before_ends_a_leap(settled: tuple[Run, Picture]) -> None:
    """It is booked with that for ten seconds; and one that falls silent is soon reckoned with otherwise."""
    run, picture = settled
    assert run.memory.batteries is not None
    assert run.before.batteries is not None
    some = next(iter(run.memory.batteries))
    told_s = run.now_s - 4.0

    def with_told(batteries: dict[str, BatteryMemory]) -> dict[str, BatteryMemory]:
        mine = replace(batteries[some], told=((told_s, batteries[some].granted_w + 500.0),))
        return {**batteries, some: mine}

    before = replace(run.before, batteries=with_told(run.before.batteries))
    after = replace(run.memory, batteries=with_told(run.memory.batteries))
    until_s = steady.steady_until_s(run.site, before, after, picture)
    assert until_s == told_s + 10.0 - steady_parts.BEFORE_S
    silent = {**run.memory.batteries, some: run.before.batteries[some]}
    until_s = steady.steady_until_s(run.site, run.before, replace(run.memory, batteries=silent), picture)
    heard_s = run.before.batteries[some].heard_s
    assert until_s == heard_s + 5.0 - steady_parts.BEFORE_S


def test_without_what_it_saw_a_site_with_batteries_is_not_steady(settled: tuple[Run, Picture]) -> None:
    run, _ = settled
    assert steady.steady_until_s(run.site, run.before, run.memory) == run.now_s


def test_the_smoothed_rest_counts_only_where_it_decides(settled: tuple[Run, Picture]) -> None:
    """For a car on the sun or soon on it, and for one that charges as a plan says and could get more."""
    run, picture = settled
    advice, some = picture.advice, run.site.charge_points[0]
    assert advice is not None
    site = replace(
        run.site,
        charge_points=tuple(
            replace(p, mode="smart" if p.id == some.id else "fast") for p in run.site.charge_points
        ),
    )
    full_w = 2.0 * 230.0 * some.max_a * len(some.conductors)

    def leaps(
        *, plugged: bool = True, on: bool = False, rest_w: float = 500.0, planned_w: float = 0.0
    ) -> bool:
        """Whether it is steady while the rest falls to 100 W less than `rest_w`, with a grid planned at 8 kW, of which
        another car has 3.7."""

        def made(memory: Memory, now_w: float) -> Memory:
            assert memory.flow is not None
            point = replace(memory.points[some.id], plugged=plugged, sun=SunMemory(on=on))
            flow = replace(memory.flow, rest_w=now_w, newest_w=rest_w - 100.0)
            return replace(memory, points={**memory.points, some.id: point}, flow=flow)

        plan = replace(
            advice,
            made_s=picture.utc_s,
            valid_until_s=picture.utc_s + 600.0,
            points_w={some.id: (planned_w,) * len(advice.grid_w)},
            grid_w=(8000.0,) * len(advice.grid_w),
        )
        before, after = made(run.before, rest_w + 1.0), made(run.memory, rest_w)
        seen = replace(picture, advice=plan)
        return steady.steady_until_s(site, before, after, seen) > run.now_s + 5.0

    assert leaps()
    assert leaps(plugged=False, on=True, rest_w=-30e3, planned_w=2000.0)
    assert not leaps(on=True)
    assert not leaps(rest_w=-30e3)
    assert not leaps(planned_w=2000.0)
    assert leaps(planned_w=full_w)
    assert leaps(planned_w=2000.0, rest_w=30e3)
