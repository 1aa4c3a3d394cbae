"""Changing phases: every state with every event, the safety of each path, and the budget."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.control.chargers.points import phases_of
from kwartier.control.chargers.switching import (
    AGAIN_S,
    CONFIRM_S,
    DOWN_AFTER_S,
    MOST_FAILS,
    PAUSE_S,
    PER_DAY,
    PER_HOUR,
    STILL_S,
    STOP_S,
    UP_AFTER_S,
    Seen,
    Stage,
    Switch,
    advance,
    better,
    looked,
)
from kwartier.control.memory import PointMemory
from kwartier.site.topology import ChargePoint

NOW = 100_000.0
SEEN = Seen(now_s=NOW, heard=True, plugged=True, flows=False, shown=3, read_s=NOW, free=True)
EVENTS = {
    "says 3": SEEN,
    "says 1": replace(SEEN, shown=1),
    "says nothing of it": replace(SEEN, shown=None),
    "says nonsense": replace(SEEN, shown=2),
    "draws, says 3": replace(SEEN, flows=True),
    "draws, says 1": replace(SEEN, flows=True, shown=1),
    "silent": replace(SEEN, heard=False),
    "no car": replace(SEEN, plugged=False),
    "another one changes": replace(SEEN, free=False),
    "says 1, before it was told": replace(SEEN, shown=1, read_s=NOW - 1000),
}
STEADY = Switch(since_s=NOW - 5000, shown=3)
ONE = replace(STEADY, told=1, shown=1)
STATES = {
    "on three": STEADY,
    "on three, one would do for a moment": replace(STEADY, fits_s=NOW - DOWN_AFTER_S + 1),
    "on three, one would do for long": replace(STEADY, fits_s=NOW - DOWN_AFTER_S),
    "on three, worn": replace(STEADY, fits_s=NOW - 5000, done_s=(NOW - 9.0,) * PER_HOUR),
    "on one": ONE,
    "on one, three would do for long": replace(ONE, fits_s=NOW - UP_AFTER_S),
    "stopping": replace(STEADY, stage="stopping", since_s=NOW - 1, began_s=NOW - 1),
    "stopping, still": replace(STEADY, stage="stopping", since_s=NOW - STILL_S, began_s=NOW - STILL_S),
    "stopping, for too long": replace(STEADY, stage="stopping", since_s=NOW - 1, began_s=NOW - STOP_S),
    "switching to one": replace(STEADY, stage="switching", told=1, since_s=NOW - 2),
    "switching to one, for too long": replace(STEADY, stage="switching", told=1, since_s=NOW - CONFIRM_S),
    "switching to one, the last try": replace(
        STEADY, stage="switching", told=1, since_s=NOW - CONFIRM_S, fails=MOST_FAILS - 1
    ),
    "switching to three": replace(ONE, stage="switching", told=3, before=1, since_s=NOW - 2),
    "pausing on one": replace(ONE, stage="pausing", since_s=NOW - 1),
    "pausing on one, enough": replace(ONE, stage="pausing", since_s=NOW - PAUSE_S),
    "given up": replace(STEADY, stage="given_up", since_s=NOW - 10, fails=MOST_FAILS),
    "given up long ago": replace(STEADY, stage="given_up", since_s=NOW - AGAIN_S, fails=MOST_FAILS),
}
STEADY_3, STEADY_1 = ("steady", 3), ("steady", 1)
STOP_3, STOP_1, SWITCH_1, SWITCH_3 = ("stopping", 3), ("stopping", 1), ("switching", 1), ("switching", 3)
PAUSE_1, PAUSE_3, LEFT = ("pausing", 1), ("pausing", 3), ("given_up", 3)
Column = tuple[tuple[str, int], ...]
EXPECTED: dict[str, Column] = {
    # in the order of EVENTS: says 3, says 1, nothing, nonsense, draws 3, draws 1, silent, no car, another, old 1
    "on three": (STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1),
    "on three, one would do for a moment": (
        STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1,
    ),
    "on three, one would do for long": (
        STOP_3, STEADY_1, STEADY_3, STEADY_3, STOP_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1,
    ),
    "on three, worn": (STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1),
    "on one": (STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1, STEADY_1, STEADY_3, STEADY_3, STEADY_1),
    "on one, three would do for long": (
        STEADY_3, STOP_1, STEADY_3, STEADY_3, STEADY_3, STOP_1, STEADY_1, STEADY_3, STEADY_3, STOP_1,
    ),
    "stopping": (STOP_3, STOP_3, STOP_3, STOP_3, STOP_3, STOP_3, STEADY_3, STEADY_3, STOP_3, STOP_3),
    "stopping, still": (
        SWITCH_1, SWITCH_1, SWITCH_1, SWITCH_1, STOP_3, STOP_3, STEADY_3, STEADY_3, SWITCH_1, SWITCH_1,
    ),
    "stopping, for too long": (STOP_3, STOP_3, STOP_3, STOP_3, STEADY_3, STEADY_3, STEADY_3, STEADY_3, STOP_3, STOP_3),
    "switching to one": (
        SWITCH_1, PAUSE_1, SWITCH_1, SWITCH_1, SWITCH_1, PAUSE_1, SWITCH_1, SWITCH_1, SWITCH_1, SWITCH_1,
    ),
    "switching to one, for too long": (
        STEADY_3, PAUSE_1, STEADY_3, STEADY_3, STEADY_3, PAUSE_1, STEADY_3, STEADY_3, STEADY_3, STEADY_3,
    ),
    "switching to one, the last try": (LEFT, PAUSE_1, LEFT, LEFT, LEFT, PAUSE_1, LEFT, LEFT, LEFT, LEFT),
    "switching to three": (
        PAUSE_3, SWITCH_3, SWITCH_3, SWITCH_3, PAUSE_3, SWITCH_3, SWITCH_3, PAUSE_3, PAUSE_3, SWITCH_3,
    ),
    "pausing on one": (
        STEADY_3, PAUSE_1, STEADY_3, STEADY_3, STEADY_3, PAUSE_1, PAUSE_1, STEADY_3, STEADY_3, PAUSE_1,
    ),
    "pausing on one, enough": (
        STEADY_3, STEADY_1, STEADY_3, STEADY_3, STEADY_3, STEADY_1, STEADY_1, STEADY_3, STEADY_3, STEADY_1,
    ),
    "given up": (LEFT,) * 10,
    "given up long ago": (STEADY_3,) * 10,
}  # fmt: skip


@pytest.mark.parametrize(("state", "event"), list(product(STATES, EVENTS)))
def test_every_state_with_every_event(state: str, event: str) -> None:
    """What follows is written down for each of them. Only what the device itself says frees a conductor."""
    after, _ = advance(STATES[state], EVENTS[event])
    assert (after.stage, after.told) == EXPECTED[state][list(EVENTS).index(event)]
    if after.on_one:
        heard = EVENTS[event].shown if EVENTS[event].heard else STATES[state].shown
        assert heard == 1


def test_the_table_is_whole() -> None:
    """Each state has a column of each event."""
    assert EXPECTED.keys() == STATES.keys()
    assert all(len(column) == len(EVENTS) for column in EXPECTED.values())


@pytest.mark.parametrize("stage", ["stopping", "switching", "pausing"])
@pytest.mark.parametrize("shown", [3, None])
def test_all_conductors_are_booked_until_the_device_says_that_it_uses_one(
    stage: Stage, shown: int | None
) -> None:
    """Told to use one phase, it may still draw on three."""
    point = ChargePoint(id="p", name="P", circuit="grid", conductors=(2, 3, 1), phase_switching=True)
    memory = PointMemory(
        switch=replace(STEADY, stage=stage, told=1, shown=shown), started_s=NOW - 900, wired=(2,)
    )
    assert phases_of(point, memory, NOW) == (1, 2, 3)
    memory.switch = replace(ONE, stage="pausing")
    assert phases_of(point, memory, NOW) == (2,)


def test_what_is_said() -> None:
    """A success, each failure, and the end of trying; nothing while all goes on."""
    said = {(s, e): advance(STATES[s], EVENTS[e])[1] for s, e in product(STATES, EVENTS)}
    assert said["switching to one", "says 1"] == "switched"
    assert said["switching to one, for too long", "says 3"] == "not_confirmed"
    assert said["switching to one, the last try", "says 3"] == "given_up"
    assert said["stopping, for too long", "draws, says 3"] == "not_stopped"
    assert said["pausing on one", "says 3"] == "not_confirmed"
    assert not any(word for (state, _), word in said.items() if state.startswith(("on", "given")))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([0.0, 0.02, 0.3]))
def test_whatever_happens_contactors_are_spared_and_never_switch_under_load(
    seed: int, trouble: float
) -> None:
    """A device that is slow, refuses, or is changed by others, a car that obeys or not, wishes that come and go:
    never more changes than the budget, none while current flows, none without a stop before it and a pause after."""
    dice = Random(seed)
    switch, now_s, uses = Switch(), 0.0, 3
    pending: list[tuple[float, int]] = []
    told_before, still_s, changes = 3, 0.0, []
    steady_s = 0.0
    wish = True
    for _ in range(3000):
        now_s += dice.choice([1.0, 1.0, 5.0, 60.0])
        if dice.random() < 0.02:
            wish = not wish
        for due_s, number in list(pending):
            if due_s <= now_s:
                uses = number
                pending.remove((due_s, number))
        if dice.random() < trouble / 20:
            uses = dice.choice([1, 3])
        flows = dice.random() < (trouble if switch.moving else 0.5)
        still_s = 0.0 if flows else still_s + 1
        seen = Seen(
            now_s=now_s,
            heard=dice.random() >= trouble / 2,
            plugged=dice.random() >= trouble / 10,
            flows=flows,
            shown=uses,
            read_s=now_s,
            free=True,
        )
        before = switch
        switch, _ = advance(switch, seen)
        if switch.told != told_before:
            if switch.stage == "switching":
                assert before.stage == "stopping" and still_s > 0  # noqa: PT018
                changes.append(now_s)
                pending.append((now_s + dice.choice([0.0, 3.0, 50.0]), switch.told))
            elif switch.shown != switch.told:
                pending.append((now_s, switch.told))
            told_before = switch.told
        if before.stage == "pausing" and switch.stage == "steady":
            assert now_s - steady_s >= PAUSE_S or switch.fails
        if switch.stage != "pausing":
            steady_s = now_s
        assert switch.shown == 1 or not switch.on_one
        if switch.stage == "steady":
            switch = looked(switch, wish, now_s)
    for at_s in changes:
        assert sum(at_s - 3600 < t <= at_s for t in changes) <= PER_HOUR
        assert sum(at_s - 86400 < t <= at_s for t in changes) <= PER_DAY


def test_which_answer_is_better() -> None:
    """To one phase only for one more car; to three where nobody loses his place and it gets more power."""
    assert better({"a": 18.0, "b": 0.0}, {"a": 18.0, "b": 6.0}, "b", fewer=True)
    assert not better({"a": 18.0, "b": 0.0}, {"a": 0.0, "b": 16.0}, "b", fewer=True)
    assert better({"a": 16.0, "b": 6.0}, {"a": 16.0, "b": 18.0}, "b", fewer=False)
    assert better({"a": 16.0, "b": 16.0}, {"a": 11.3, "b": 33.9}, "b", fewer=False)
    assert better({"a": 0.0, "b": 6.0}, {"a": 6.0, "b": 18.0}, "b", fewer=False)
    assert not better({"a": 16.0, "b": 6.0}, {"a": 0.0, "b": 48.0}, "b", fewer=False)
    assert not better({"a": 16.0, "b": 16.0}, {"a": 27.0, "b": 0.0}, "b", fewer=False)
