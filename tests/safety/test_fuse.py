"""Breakers and fuses against the figures of their standards."""

from math import exp, inf, log1p, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.safety.fuse import (
    COLD,
    WARM,
    FuseMemory,
    budget_s,
    design_budget_s,
    earliest_trip_s,
    step,
    time_left_s,
    used_pct,
)
from kwartier.site.topology import Fuse, FuseType

TYPES: tuple[FuseType, ...] = ("B", "C", "D", "gG")
FUSES = st.builds(
    Fuse,
    type=st.sampled_from(TYPES),
    rating_a=st.sampled_from(
        [6.0, 10.0, 16.0, 25.0, 32.0, 35.0, 40.0, 63.0, 80.0, 125.0, 224.0, 250.0, 400.0]
    ),
)
MEMORIES = st.builds(FuseMemory, heat=st.floats(0, 3), strain=st.floats(0, 1))
MULTIPLES = st.floats(0, 12)
RUNS = st.lists(st.tuples(st.floats(0, 4), st.floats(0.01, 600)), max_size=12)


def after(fuse: Fuse, multiple: float, seconds: float, memory: FuseMemory = COLD) -> float:
    return used_pct(step(memory, fuse, multiple * fuse.rating_a, seconds), fuse)


@pytest.mark.parametrize(
    ("kind", "rating_a", "multiple", "stands_s"),
    [
        ("B", 16, 1.13, 3600),
        ("C", 63, 1.13, 3600),
        ("D", 80, 1.13, 7200),
        ("B", 32, 2.55, 1),
        ("C", 40, 2.55, 1),
        ("B", 16, 3, 0.1),
        ("C", 16, 5, 0.1),
        ("D", 16, 10, 0.1),
        ("gG", 63, 1.25, 3600),
        ("gG", 160, 1.25, 7200),
        ("gG", 250, 1.25, 10800),
        ("gG", 500, 1.25, 14400),
        ("gG", 25, 52 / 25, 10),
        ("gG", 63, 160 / 63, 10),
        ("gG", 250, 3, 10),
    ],
)
def test_it_stands_what_its_standard_says_it_must(
    kind: FuseType, rating_a: float, multiple: float, stands_s: float
) -> None:
    """From cold, the figures of the standard's tests come out: not tripped just before, perhaps from then on."""
    fuse = Fuse(type=kind, rating_a=rating_a)
    assert earliest_trip_s(fuse, multiple * rating_a) == pytest.approx(stands_s, rel=1e-6)
    assert after(fuse, multiple, 0.999 * stands_s) < 100
    assert after(fuse, multiple, 1.001 * stands_s) == 100


@pytest.mark.parametrize(
    ("kind", "rating_a", "multiple", "seconds"),
    [
        ("B", 16, 1.45, 3600),
        ("C", 80, 1.45, 7200),
        ("B", 25, 2.55, 60),
        ("D", 63, 2.55, 120),
        ("B", 16, 5, 0.1),
        ("C", 16, 10, 0.1),
        ("D", 16, 20, 0.1),
        ("gG", 63, 1.6, 3600),
        ("gG", 160, 1.6, 7200),
        ("gG", 630, 1.6, 14400),
    ],
)
def test_where_the_standard_says_it_trips_it_is_never_called_fine(
    kind: FuseType, rating_a: float, multiple: float, seconds: float
) -> None:
    """The upper edge of the band lies far above ours."""
    assert after(Fuse(type=kind, rating_a=rating_a), multiple, seconds) == 100


@pytest.mark.parametrize("kind", TYPES)
def test_above_what_the_tests_cover_it_may_trip_at_once(kind: FuseType) -> None:
    """No time at all is claimed for a short circuit, nor for a current that is no number."""
    fuse = Fuse(type=kind, rating_a=40)
    for current_a in (10.01 * 40, -500.0, inf, nan):
        assert earliest_trip_s(fuse, current_a) == 0
        assert used_pct(step(COLD, fuse, current_a, 0.001), fuse) == 100


@given(FUSES, MULTIPLES, MULTIPLES)
def test_more_current_never_takes_longer(fuse: Fuse, one: float, other: float) -> None:
    """The curve falls."""
    low, high = sorted((one * fuse.rating_a, other * fuse.rating_a))
    assert earliest_trip_s(fuse, high) <= earliest_trip_s(fuse, low) * (1 + 1e-9)


@given(FUSES, MEMORIES, MULTIPLES, MULTIPLES, st.floats(0.001, 1e5))
def test_more_current_never_leaves_it_less_used(
    fuse: Fuse, memory: FuseMemory, one: float, other: float, dt_s: float
) -> None:
    """After any past, over any time."""
    low, high = sorted((one, other))
    assert after(fuse, low, dt_s, memory) <= after(fuse, high, dt_s, memory) + 1e-9


@given(FUSES, MEMORIES, MEMORIES, MULTIPLES, st.floats(0.001, 1e5))
def test_a_worse_past_is_never_forgotten_faster(
    fuse: Fuse, one: FuseMemory, other: FuseMemory, multiple: float, dt_s: float
) -> None:
    """Who starts hotter and more strained stays at least as used."""
    worse = FuseMemory(max(one.heat, other.heat), max(one.strain, other.strain))
    assert after(fuse, multiple, dt_s, one) <= after(fuse, multiple, dt_s, worse) + 1e-9


@given(FUSES, MEMORIES, st.floats(1.0001, 12), st.floats(0.01, 1e5), st.floats(0.01, 0.99))
def test_above_the_rating_use_only_grows_towards_a_trip(
    fuse: Fuse, memory: FuseMemory, multiple: float, dt_s: float, part: float
) -> None:
    """While an overload lasts that is not cooler than the past, it never looks better than before."""
    memory = FuseMemory(min(memory.heat, multiple**2), memory.strain)
    assert after(fuse, multiple, part * dt_s, memory) <= after(fuse, multiple, dt_s, memory) + 1e-9


@given(FUSES, MEMORIES, MULTIPLES, st.floats(0.01, 1e4), st.floats(0.01, 0.99))
def test_the_length_of_steps_makes_no_difference(
    fuse: Fuse, memory: FuseMemory, multiple: float, dt_s: float, part: float
) -> None:
    """Two steps give what one gives: a cycle of 10 s sees what one of 1 s sees of a steady current."""
    current_a = multiple * fuse.rating_a
    whole = step(memory, fuse, current_a, dt_s)
    halves = step(step(memory, fuse, current_a, part * dt_s), fuse, current_a, (1 - part) * dt_s)
    assert used_pct(halves, fuse) == pytest.approx(used_pct(whole, fuse), abs=1e-6)


@given(FUSES, RUNS, st.floats(1.001, 12))
def test_the_time_left_is_when_it_may_trip(
    fuse: Fuse, run: list[tuple[float, float]], multiple: float
) -> None:
    """After any past: not before that time, and from then on perhaps."""
    memory = COLD
    for past, dt_s in run:
        memory = step(memory, fuse, past * fuse.rating_a, dt_s)
    left_s = time_left_s(memory, fuse, multiple * fuse.rating_a)
    if left_s > 1e-6:
        assert after(fuse, multiple, 0.999 * left_s, memory) < 100
        assert after(fuse, multiple, 1.001 * left_s + 1e-6, memory) >= 100 - 1e-4


@given(FUSES, RUNS)
def test_up_to_its_rating_nothing_ever_uses_it_up(fuse: Fuse, run: list[tuple[float, float]]) -> None:
    """Currents up to the rating, in any order and for any time, leave room."""
    memory = WARM
    for past, dt_s in run:
        memory = step(memory, fuse, min(past, 1.0) * fuse.rating_a, dt_s)
        assert used_pct(memory, fuse) < 79
        assert time_left_s(memory, fuse, fuse.rating_a) == inf


@given(FUSES, RUNS)
def test_it_agrees_with_small_steps_of_the_heat_equation(fuse: Fuse, run: list[tuple[float, float]]) -> None:
    """Against the plain integral of the heat equation in the range where the equation holds."""
    limit = 1.13 if fuse.type != "gG" else 1.25
    warm = earliest_trip_s(fuse, 2.0 * fuse.rating_a)
    # 4 (1 - exp(-warm / c)) = limit^2 gives the time constant back from the curve.
    constant_s = -warm / log1p(-limit * limit / 4.0)
    memory, heat = COLD, 0.0
    for past, long_s in run:
        multiple, dt_s = min(past, 2.0), long_s / 100
        memory = step(memory, fuse, multiple * fuse.rating_a, dt_s)
        heat = multiple**2 + (heat - multiple**2) * exp(-dt_s / constant_s)
    assert memory.heat == pytest.approx(heat, rel=1e-6, abs=1e-9)


def test_it_cools_within_minutes() -> None:
    """A breaker that may just have tripped counts as cold again; an hour above its rating takes an hour."""
    fuse = Fuse(type="C", rating_a=32)
    hot = step(COLD, fuse, 2.55 * 32, 1.01)
    assert used_pct(hot, fuse) == 100
    assert used_pct(step(hot, fuse, 0, 30), fuse) < 1
    strained = step(COLD, fuse, 1.05 * 32, 3600)
    assert used_pct(strained, fuse) == 100
    assert used_pct(step(strained, fuse, 0, 1800), fuse) == pytest.approx(50)
    assert step(hot, fuse, 100.0, 0.0) == hot


def test_the_budgets_of_the_design_are_kept() -> None:
    """13 %: 60 s, 45 %: 30 s, more: 10 s."""
    expected = {0: inf, -5: inf, 1: 60, 13: 60, 13.1: 30, 45: 30, 45.1: 10, 500: 10, nan: 10}
    assert {pct: design_budget_s(pct) for pct in expected} == expected


@given(FUSES, MEMORIES, st.floats(0.01, 2000))
def test_a_budget_is_never_longer_than_the_design_nor_than_the_device_stands(
    fuse: Fuse, memory: FuseMemory, overload_pct: float
) -> None:
    """Both hold, from any past."""
    budget = budget_s(fuse, overload_pct, memory)
    assert budget <= design_budget_s(overload_pct)
    assert budget <= time_left_s(memory, fuse, (1 + overload_pct / 100) * fuse.rating_a)


def test_a_fuse_allows_the_design_budgets_and_a_breaker_in_general_does_not() -> None:
    """Of a breaker at 1.2 and 1.45 the standard promises some 10 and 4 s from cold; a gG fuse stands all."""
    fuse, breaker = Fuse(type="gG", rating_a=63), Fuse(type="C", rating_a=63)
    assert [budget_s(fuse, pct) for pct in (13, 45, 100)] == [60, 30, 10]
    assert budget_s(breaker, 12.9) == 60
    assert budget_s(breaker, 20) == pytest.approx(10.0, abs=0.1)
    assert budget_s(breaker, 45) == pytest.approx(4.3, abs=0.1)
    assert budget_s(breaker, 45, WARM) < budget_s(breaker, 45)
