"""The envelope: the minimum over sources, each with who says so and when it runs out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.safety.envelope import ceilings, current_limit, static_ceiling
from kwartier.site.setpoints import Limit
from kwartier.site.topology import Circuit, Fuse, Site

GRID = Circuit(id="grid", name="Grid", parent=None, limit_a=(40.0, 40.0, 40.0))
SITE = Site(name="s", circuits=(GRID,))

amperes = st.floats(-1e3, 1e3) | st.sampled_from([math.nan, math.inf, -math.inf])
vectors = st.tuples(amperes, amperes, amperes)
limits = st.builds(
    Limit,
    circuit_id=st.sampled_from(["grid", "nowhere"]),
    value_a=vectors,
    source=st.sampled_from(["operator", "fire"]),
    valid_until_s=st.none() | st.floats(0, 100),
    after_a=st.none() | vectors,
)


def test_the_smallest_source_wins_on_each_phase_and_is_named() -> None:
    """Per phase the tightest source is in force and says so."""
    limit = Limit(circuit_id="grid", value_a=(50.0, 20.0, 0.0), source="operator")
    ceiling = ceilings(SITE, [limit], 0.0)["grid"]
    assert ceiling.limit_a == (40.0, 20.0, 0.0)
    assert ceiling.sources == ("static", "operator", "operator")


def test_a_limit_that_runs_out_never_says_more_than_before() -> None:
    """After its time the tighter of the two values holds."""
    limit = Limit(
        circuit_id="grid",
        value_a=(20.0, 20.0, 20.0),
        source="x",
        valid_until_s=10.0,
        after_a=(6.0, 30.0, 20.0),
    )
    assert current_limit(limit, 9.9) == (20.0, 20.0, 20.0)
    assert current_limit(limit, 10.0) == (6.0, 20.0, 20.0)


def test_a_fuse_is_a_source_and_a_contract_binds_no_single_phase() -> None:
    """A fuse caps each phase; a contract in W has a row of its own for their sum."""
    fused = Circuit(
        id="g",
        name="g",
        parent=None,
        limit_a=(40.0,) * 3,
        contract_w=17_250.0,
        fuse=Fuse(type="gG", rating_a=32.0),
    )
    ceiling = static_ceiling(fused)
    assert ceiling.limit_a == (32.0, 32.0, 32.0)
    assert ceiling.sources == ("fuse", "fuse", "fuse")


@given(st.lists(limits, max_size=5), st.floats(0, 200))
def test_nothing_from_outside_ever_widens_the_static_limit(extra: list[Limit], now_s: float) -> None:
    """Whatever is sent, NaN and infinity included, the ceiling stays between 0 and the static limit."""
    ceiling = ceilings(SITE, extra, now_s)["grid"]
    assert all(0.0 <= v <= 40.0 for v in ceiling.limit_a)


@given(st.lists(limits, min_size=1, max_size=5), st.floats(0, 200))
def test_one_limit_more_never_gives_more(extra: list[Limit], now_s: float) -> None:
    """Adding a source can only tighten."""
    fewer = ceilings(SITE, extra[1:], now_s)["grid"].limit_a
    assert all(a <= b for a, b in zip(ceilings(SITE, extra, now_s)["grid"].limit_a, fewer, strict=True))


@given(limits, st.floats(0, 200), st.floats(0, 200))
def test_time_alone_never_widens_a_limit(limit: Limit, one_s: float, other_s: float) -> None:
    """A limit from outside is at a later moment never wider than at an earlier one."""
    early, late = sorted((one_s, other_s))
    before = ceilings(SITE, [limit], early)["grid"].limit_a
    assert all(a <= b for a, b in zip(ceilings(SITE, [limit], late)["grid"].limit_a, before, strict=True))


@pytest.mark.parametrize("nonsense", [math.nan, -math.inf, -1.0])
def test_a_limit_that_makes_no_sense_allows_nothing(nonsense: float) -> None:
    """No number, or less than none, is 0 A on that phase and says nothing of the others."""
    limit = Limit(circuit_id="grid", value_a=(nonsense, 20.0, 50.0), source="operator")
    ceiling = ceilings(SITE, [limit], 0.0)["grid"]
    assert ceiling.limit_a == (0.0, 20.0, 40.0)
    assert ceiling.sources == ("operator", "operator", "static")
