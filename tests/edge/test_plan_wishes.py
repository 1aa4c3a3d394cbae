"""What somebody asks of a car, in words and in kWh; and the plan by blocks."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.edge.plan.asked import wished
from kwartier.edge.plan.blocks import LEAST_W, before, finish_step, levels, spans
from kwartier.edge.plan.wishes import settled
from kwartier.site.goals import CarFacts
from kwartier.site.setpoints import Override, Wish
from kwartier.web.plan import Unfit
from kwartier.web.plan_schemas import GoalChange

ZONE = ZoneInfo("Europe/Brussels")
NOW_S = datetime(2026, 10, 24, 17, 0, tzinfo=ZONE).timestamp()
"""A Saturday; the clock goes back in the night."""


def ask(before_: Wish | None = None, taken_kwh: float = 0.0, **asked: Any) -> Wish:
    """By somebody at 17:00."""
    start = before_ or Wish(charge_point_id="left")
    return wished(start, GoalChange(**asked), now_s=NOW_S, zone=ZONE, taken_kwh=taken_kwh, usual=None)


def test_per_cent_become_kwh_at_the_charge_point() -> None:
    """From 35 to 80 % of 40 kWh are 18 kWh in the battery and 20 at the charge point; at 7:30 on the wall."""
    wish = ask(target=80, unit="pct", at="07:30", battery_kwh=40, level_pct=35)
    assert wish.needs_kwh == pytest.approx(20.0)
    assert wish.departs_s is not None
    assert datetime.fromtimestamp(wish.departs_s, ZONE) == datetime(2026, 10, 25, 7, 30, tzinfo=ZONE)
    assert wish.departs_s - NOW_S == 15.5 * 3600, "the night has an hour more"


def test_the_level_now_counts_what_came_already() -> None:
    """50 % now after 10 kWh at the charge point: it came with 27.5 %, and the goal counts from there."""
    wish = ask(taken_kwh=10.0, target=80, unit="pct", at="07:30", battery_kwh=40, level_pct=50)
    assert wish.car is not None
    assert wish.car.arrival_soc_pct == pytest.approx(27.5)
    assert wish.needs_kwh is not None
    assert wish.needs_kwh - 10.0 == pytest.approx(0.3 * 40 / 0.9)


def test_kilometres_and_weekdays() -> None:
    """100 km at 18 kWh; on Mondays the next one is the day after tomorrow."""
    wish = ask(target=100, unit="km", at="07:30", weekdays=[0])
    assert wish.needs_kwh == pytest.approx(20.0)
    assert wish.departs_s is not None
    assert datetime.fromtimestamp(wish.departs_s, UTC).date() == date(2026, 10, 26)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"target": 120, "unit": "pct", "at": "07:30"}, "full at 100 %"),
        ({"target": 80, "unit": "pct", "at": "07:30"}, "size of the car's battery"),
        ({"target": 80, "unit": "pct", "at": "07:30", "battery_kwh": 40}, "state of charge now"),
        (
            {"target": 30, "unit": "pct", "at": "07:30", "battery_kwh": 40, "level_pct": 35},
            "holds 35 % already",
        ),
        ({"target": 80, "unit": "kwh", "at": "07:30", "battery_kwh": 60}, "80 kWh does not fit"),
        ({"target": 20, "unit": "kwh"}, "needs a time"),
        ({"target": 20, "unit": "kwh", "at": "07:30", "on": "2026-10-24"}, "24/10 07:30 has passed"),
    ],
)
def test_what_can_never_be_is_refused_in_words(asked: dict[str, Any], words: str) -> None:
    """In both languages."""
    with pytest.raises(Unfit, match=words.replace("?", "")) as refused:
        ask(**asked)
    assert refused.value.why.text("nl")


def test_a_mode_alone_leaves_the_goal() -> None:
    """And a goal keeps what is known of the car."""
    first = ask(target=20, unit="kwh", at="07:30", battery_kwh=60)
    second = ask(first, mode="fast")
    assert (second.goal, second.mode) == (first.goal, "fast")
    assert second.car is not None
    assert second.car.battery_kwh == 60


def test_what_is_over_goes() -> None:
    """A goal that was once, and slots whose time has passed."""
    wish = ask(target=20, unit="kwh", at="18:00")
    kept = Override(from_s=NOW_S + 9000, to_s=NOW_S + 9900, power_w=0.0)
    slots = (Override(from_s=NOW_S, to_s=NOW_S + 900, power_w=3000.0), kept)
    wish = settled(_with(wish, slots), (), NOW_S + 7200, ZONE, CarFacts())
    assert (wish.goal, wish.departs_s, wish.needs_kwh) == (None, None, None)
    assert wish.overrides == (kept,)


def _with(wish: Wish, slots: tuple[Override, ...]) -> Wish:
    return replace(wish, overrides=slots)


POWERS = st.lists(st.sampled_from([0.0, 0.0, 30.0, 1400.0, 7400.0, -900.0]), max_size=40)


@settings(max_examples=80, deadline=None)
@given(power=POWERS, bridged=st.integers(0, 2), slot=st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_blocks_hold_all_that_runs_and_nothing_else(
    power: list[float], bridged: int, slot: tuple[int, int]
) -> None:
    """They do not overlap, each has one sign, and every step with power lies in one."""
    found = spans(tuple(power), bridged, (slot,))
    inside = [step for first, last in found for step in range(first, last)]
    assert len(inside) == len(set(inside))
    assert {s for s, w in enumerate(power) if abs(w) >= LEAST_W} <= set(inside)
    for first, last in found:
        assert 0 <= first < last <= len(power)
        assert abs(power[first]) >= LEAST_W
        assert abs(power[last - 1]) >= LEAST_W
        assert len({w > 0 for w in power[first:last] if abs(w) >= LEAST_W}) == 1


def test_levels_before_and_after_now_meet() -> None:
    """Backwards over what was measured since the car came, forwards over what is planned."""
    past = before(50.0, [None, 4000.0, 4000.0], 40.0, 0.9, 2)
    assert past == [None, pytest.approx(47.8, abs=0.06), 50.0]
    assert levels(50.0, [4000.0, None, 160000.0], 40.0, 0.9) == [pytest.approx(52.2, abs=0.06)] * 2 + [100.0]
    assert levels(None, [1.0], 40.0, 0.9) == [None]
    assert finish_step((4000.0, 4000.0, 0.0), 1.9) == 2
    assert finish_step((4000.0,), 5.0) is None
