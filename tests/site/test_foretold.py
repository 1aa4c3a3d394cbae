"""What was foretold of a day stays as it was said before the day began."""

from hypothesis import given
from hypothesis import strategies as st

from kwartier.site.foretold import Foretold, foretold

DAY_S = 86_400


def told(start_s: int, values: tuple[float | None, ...], at_s: float = 0.0) -> Foretold:
    """An answer."""
    return Foretold(
        start_s=start_s, fetched_at_s=at_s, source="test", native_step_s=900, columns={"cloud_pct": values}
    )


def test_a_begun_day_keeps_what_was_said_before_it() -> None:
    """Tomorrow's is taken over, today's is not; a hole in the new answer leaves the old; older days fall away."""
    first = foretold(None, told(0, (1.0,) * 192), midnight_s=DAY_S, first_s=0)
    assert first.between("cloud_pct", 0, 2 * DAY_S) == (None,) * 96 + (1.0,) * 96
    newer = told(DAY_S, (2.0,) * 96 + (None, *(3.0,) * 95), at_s=9.0)
    second = foretold(first, newer, midnight_s=2 * DAY_S, first_s=0)
    assert second.between("cloud_pct", DAY_S, 3 * DAY_S) == (1.0,) * 96 + (None, *(3.0,) * 95)
    assert second.fetched_at_s == 9.0
    third = foretold(second, told(2 * DAY_S, (4.0,) * 96), midnight_s=2 * DAY_S, first_s=DAY_S + 450)
    assert third.start_s == DAY_S
    assert third.between("cloud_pct", 0, 2 * DAY_S) == (None,) * 96 + (1.0,) * 96
    assert third.between("pv_w", 0, DAY_S) == ()


@given(
    st.lists(
        st.tuples(st.integers(0, 5 * 96), st.integers(-96, 200), st.integers(0, 300)), min_size=1, max_size=8
    )
)
def test_nothing_said_during_or_after_a_day_stands_for_it(rounds: list[tuple[int, int, int]]) -> None:
    """Whatever comes when: each value was said before the midnight of its day. (Values are the moment at which they were said.)"""
    kept: Foretold | None = None
    for step, offset, length in sorted(rounds):
        now_s = step * 900
        midnight_s = (now_s // DAY_S + 1) * DAY_S
        fresh = told(max(0, now_s + offset * 900), (float(now_s),) * length, at_s=now_s)
        kept = foretold(kept, fresh, midnight_s=midnight_s, first_s=0)
        assert kept.end_s >= fresh.end_s
        for i, value in enumerate(kept.columns["cloud_pct"]):
            day_s = (kept.start_s + i * 900) // DAY_S * DAY_S
            assert value is None or value < day_s
