"""How near a fuse came to its trip: kept exactly, told once, and never loosening anything."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.safety.export import BACK_AFTER_S, OVER_AFTER_S, ExportLimit, ExportMemory, watch
from kwartier.safety.fuse import WARM, step, used_pct
from kwartier.safety.power import UNKNOWN, amperes, volts
from kwartier.safety.tripping import PATIENCE_S, TripMemory, begin, margin_pct, resumed, run
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import Fuse

B16 = Fuse(type="B", rating_a=16.0)
GG63 = Fuse(type="gG", rating_a=63.0)


def through(fuse: Fuse, currents: list[float], memory: TripMemory | None = None) -> list[TripMemory]:
    """One second each, on L2."""
    found = [memory or begin(0.0)]
    for t, a in enumerate(currents, 1):
        found.append(run(found[-1], fuse, (0.0, a, 0.0), before_s=t - 1.0, now_s=float(t), utc_s=1e9 + t))
    return found[1:]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([B16, GG63]), st.lists(st.floats(0, 1.6), min_size=1, max_size=60))
def test_what_is_kept_is_never_cooler_than_the_integral_itself(fuse: Fuse, multiples: list[float]) -> None:
    """The short way round calm seconds reckons with the largest current in them, never with less."""
    exact = WARM
    for t, memory in enumerate(through(fuse, [m * fuse.rating_a for m in multiples])):
        exact = step(exact, fuse, multiples[t] * fuse.rating_a, 1.0)
        if memory.at_s == t + 1.0:
            assert memory.poles[1].heat >= exact.heat - 1e-9
            assert memory.used_pct[1] >= used_pct(exact, fuse) - 1e-6


def test_the_margin_is_nothing_at_the_rated_current_and_all_at_a_trip() -> None:
    """So that a circuit that is used as it should be tells nothing."""
    assert max(m.margin_pct for m in through(B16, [16.0] * 600)) == 0.0
    hot = through(B16, [16.0 * 1.3] * 20)
    assert hot[-1].margin_pct == 100.0
    assert margin_pct(hot[-1].poles[0], B16) == 0.0


def test_a_breaker_is_hurried_at_once_a_fuse_that_stands_it_is_not() -> None:
    """An MCB may trip within seconds where the design gives 30; a gG fuse stands them."""
    assert through(B16, [16.0 * 1.3])[-1].urgency == "hurry"
    assert all(m.urgency == "calm" for m in through(GG63, [63.0 * 1.3] * 25))
    assert all(m.urgency == "calm" for m in through(B16, [16.0 * 1.05] * 300))


def test_it_stops_all_only_when_the_minimum_did_not_help_and_comes_back() -> None:
    """Ten seconds above the rating with the trip due: 0 A; calm again when it is under its rating and cool."""
    found = through(B16, [20.8] * 30 + [15.0] * 60)
    kinds = [m.urgency for m in found]
    assert kinds[0] == "hurry"
    first = kinds.index("stop")
    assert first >= PATIENCE_S
    assert kinds[29] == "stop"
    assert kinds[-1] == "calm"
    assert "hurry" not in kinds[first:]
    assert found[-1].worst_pct == 100.0
    assert found[-1].worst_phase == 2
    assert found[-1].worst_utc_s is not None
    assert found[-1].worst_utc_s <= 1e9 + 30


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 2.0), min_size=2, max_size=80))
def test_each_state_follows_only_from_those_it_may(multiples: list[float]) -> None:
    """calm to stop only through hurry, unless one step shows both; stop never to hurry; told never repeats."""
    found = [begin(0.0), *through(B16, [16.0 * m for m in multiples])]
    for before, after in pairwise(found):
        assert (before.urgency, after.urgency) not in {("stop", "hurry"), ("calm", "stop")}
        assert after.worst_pct >= before.worst_pct
        assert after.told >= before.told or after.told == 0


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_a_current_that_is_no_number_counts_as_any(bad: float) -> None:
    """It never cools anything."""
    assert through(B16, [bad])[-1].urgency == "hurry"


def test_a_restart_starts_warm_and_remembers_the_worst() -> None:
    """Nobody knows what flowed meanwhile."""
    old = through(B16, [20.8] * 12)[-1]
    new = resumed(old, 500.0)
    assert (new.worst_pct, new.poles, new.urgency) == (old.worst_pct, (WARM,) * 3, "calm")


# -- feeding in ---------------------------------------------------------------------------------------


def exported(looks: Sequence[float | None], limit_w: float = 5000.0) -> list[bool]:
    memory, out = ExportMemory(), []
    for t, export_w in enumerate(looks):
        memory = watch(memory, limit_w, export_w, float(t))
        out.append(memory.over)
    return out


def test_feeding_in_is_told_after_ten_seconds_and_taken_back_after_a_minute_well_below() -> None:
    """A cloud's edge is no message, and a value just below the limit no all-clear."""
    assert not any(exported([5100.0] * int(OVER_AFTER_S)))
    over = exported([5100.0] * 11 + [4900.0] * 300)
    assert over[10]
    assert over[-1]
    back = exported([5100.0] * 11 + [4700.0] * 70)
    assert not back[-1]
    assert back[11 + int(BACK_AFTER_S) - 1]


def test_an_unknown_value_changes_nothing() -> None:
    """Neither way."""
    assert not any(exported([5100.0] * 9 + [None] + [5100.0] * 9))
    assert all(exported([5100.0] * 11 + [4000.0] * 50 + [nan] + [4000.0] * 50)[10:])


def test_what_an_inverter_would_be_told() -> None:
    """Not known is not nothing."""
    limit = ExportLimit(circuit_id="g", limit_w=5000.0, source="export_limit", export_w=6200.0, over=True)
    assert limit.excess_w == 1200.0
    unknown = ExportLimit(circuit_id="g", limit_w=5000.0, source="x", export_w=None, over=False)
    assert unknown.excess_w is None


# -- watts to amperes ---------------------------------------------------------------------------------


@given(
    st.tuples(st.floats(190, 270), st.floats(190, 270), st.floats(190, 270)),
    st.tuples(st.floats(-60, 60), st.floats(-60, 60), st.floats(-60, 60)),
    st.tuples(st.floats(0, 32), st.floats(0, 32), st.floats(0, 32)),
    st.floats(1000, 60_000),
)
def test_what_fits_in_amperes_fits_in_watts(
    u: PhaseVector, base_a: PhaseVector, cars_a: PhaseVector, limit_w: float
) -> None:
    """For any voltages that are believed, and any phase that feeds."""
    at = volts(u)
    limit_a = amperes(limit_w, base_a, at)
    if sum(base_a) + sum(cars_a) <= limit_a:
        total = [b + c for b, c in zip(base_a, cars_a, strict=True)]
        assert sum(a * v for a, v in zip(total, u, strict=True)) <= limit_w + 1e-6


@pytest.mark.parametrize(
    "told", [None, (None, None, None), (nan, 230.0, 230.0), (0.0, 0.0, 0.0), (23.0,) * 3]
)
def test_voltages_that_cannot_be_leave_what_a_public_net_may_have(told: PhaseVector | None) -> None:
    """253 V; never a low voltage that would widen the limit."""
    assert volts(told) == UNKNOWN
    assert volts(told, three_wire=True).most_v >= 253 / 3**0.5


def test_without_neutral_three_lines_make_less() -> None:
    """16 A on three lines at 230 V between them: 6.4 kW, not 11; what feeds there takes nothing off."""
    at = volts((230.0, 230.0, 230.0), three_wire=True)
    assert 3 * 16 * at.most_v == pytest.approx(3**0.5 * 230 * 16, rel=0.02)
    assert 3 * 16 * at.most_v >= 3**0.5 * 230 * 16
    assert amperes(5000.0, (-20.0, 0.0, 0.0), at) + 20.0 == pytest.approx(5000.0 / at.most_v)
