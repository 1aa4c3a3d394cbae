"""The fire latch: every state with every event, and what must hold whatever happens."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.safety.fire import (
    QUIET_FOR_S,
    TEST_LONGEST_S,
    BeginTest,
    EndTest,
    Event,
    FireInput,
    FireMemory,
    FireTest,
    Heard,
    NotAllowed,
    Passed,
    Reset,
    after_restart,
    begin,
    state_lost,
    step,
)
from kwartier.safety.fire_effect import effect

SPEC = FireInput(
    id="panel",
    name="Fire panel",
    circuits=("grid",),
    charge_points=("a", "b", "c"),
    silent_after_s=5.0,
    return_every_s=10.0,
    samples=1,
)
NOW_S = 1000.0
BEGUN = begin(NOW_S - 1, 5000.0)
HEARD = replace(BEGUN, level="quiet", raw="quiet", run=1, steady_s=NOW_S - 1, level_s=NOW_S - 100)
ALARMING = replace(HEARD, level="alarm", raw="alarm")
LOST = replace(BEGUN, steady_s=NOW_S - 100)

MEMORIES: dict[str, FireMemory] = {
    "starting": BEGUN,
    "starting, silent": replace(LOST, cut=True),
    "starting, b and c not back": replace(BEGUN, released=("a",)),
    "quiet": replace(HEARD, state="quiet"),
    "quiet, tested": replace(HEARD, state="quiet", test=FireTest(began_s=NOW_S - 10)),
    "quiet, test alarm": replace(ALARMING, state="quiet", test=FireTest(began_s=NOW_S - 10, seen=True)),
    "alarm": replace(ALARMING, state="alarm"),
    "alarm, input quiet": replace(HEARD, state="alarm", told_quiet=True),
    "alarm, input lost": replace(LOST, state="alarm"),
    "fault": replace(LOST, state="fault"),
    "fault, input quiet": replace(HEARD, state="fault", told_quiet=True),
    "returning": replace(HEARD, state="returning", released=("a",), released_s=NOW_S - 1),
}


def reset(name: str = "Ann", role: str = "manager", why: str = "burnt toast", now_s: float = NOW_S) -> Reset:
    return Reset(name=name, role=role, why=why, now_s=now_s, utc_s=now_s)


EVENTS: dict[str, Event] = {
    "quiet": Heard(level="quiet", now_s=NOW_S, utc_s=NOW_S),
    "alarm": Heard(level="alarm", now_s=NOW_S, utc_s=NOW_S),
    "time": Passed(now_s=NOW_S, utc_s=NOW_S),
    "silence": Passed(now_s=NOW_S + 5, utc_s=NOW_S),
    "reset": reset(),
    "test": BeginTest(name="Ann", now_s=NOW_S, utc_s=NOW_S),
    "end": EndTest(now_s=NOW_S, utc_s=NOW_S),
}

NO = "reset_not_needed"
LATER = "test_not_now"
NONE = "test_none"
ACTIVE = "reset_while_alarm"
UNREAD = "reset_while_lost"

# What follows: (state, stopped charge points, messages), or the code of the refusal.
Outcome = tuple[str, str, tuple[str, ...]] | str
TABLE: dict[str, dict[str, Outcome]] = {
    "starting": {
        "quiet": ("quiet", "", ()),
        "alarm": ("alarm", "abc", ("fire_alarm",)),
        "time": ("starting", "", ()),
        "silence": ("starting", "abc", ("input_unheard",)),
        "reset": NO,
        "test": LATER,
        "end": NONE,
    },
    "starting, silent": {
        "quiet": ("returning", "abc", ("input_first_quiet",)),
        "alarm": ("alarm", "abc", ("fire_alarm",)),
        "time": ("starting", "abc", ()),
        "silence": ("starting", "abc", ()),
        "reset": NO,
        "test": LATER,
        "end": NONE,
    },
    "starting, b and c not back": {
        "quiet": ("returning", "bc", ("input_first_quiet",)),
        "alarm": ("alarm", "abc", ("fire_alarm",)),
        "time": ("starting", "bc", ()),
        "silence": ("starting", "abc", ("input_unheard",)),
        "reset": NO,
        "test": LATER,
        "end": NONE,
    },
    "quiet": {
        "quiet": ("quiet", "", ()),
        "alarm": ("alarm", "abc", ("fire_alarm",)),
        "time": ("quiet", "", ()),
        "silence": ("fault", "abc", ("input_lost",)),
        "reset": NO,
        "test": ("quiet", "", ("input_test_begun",)),
        "end": NONE,
    },
    "quiet, tested": {
        "quiet": ("quiet", "", ()),
        "alarm": ("quiet", "", ("input_test_seen",)),
        "time": ("quiet", "", ()),
        "silence": ("fault", "abc", ("input_lost",)),
        "reset": NO,
        "test": LATER,
        "end": ("quiet", "", ("input_test_failed",)),
    },
    "quiet, test alarm": {
        "quiet": ("quiet", "", ("input_test_passed",)),
        "alarm": ("quiet", "", ()),
        "time": ("quiet", "", ()),
        "silence": ("fault", "abc", ("input_lost",)),
        "reset": NO,
        "test": LATER,
        "end": ("alarm", "abc", ("fire_alarm",)),
    },
    "alarm": {
        "quiet": ("alarm", "abc", ("input_quiet_again",)),
        "alarm": ("alarm", "abc", ()),
        "time": ("alarm", "abc", ()),
        "silence": ("alarm", "abc", ()),
        "reset": ACTIVE,
        "test": LATER,
        "end": NONE,
    },
    "alarm, input quiet": {
        "quiet": ("alarm", "abc", ()),
        "alarm": ("alarm", "abc", ()),
        "time": ("alarm", "abc", ()),
        "silence": ("alarm", "abc", ()),
        "reset": ("returning", "abc", ("input_reset",)),
        "test": LATER,
        "end": NONE,
    },
    "alarm, input lost": {
        "quiet": ("alarm", "abc", ("input_quiet_again",)),
        "alarm": ("alarm", "abc", ()),
        "time": ("alarm", "abc", ()),
        "silence": ("alarm", "abc", ()),
        "reset": UNREAD,
        "test": LATER,
        "end": NONE,
    },
    "fault": {
        "quiet": ("fault", "abc", ("input_quiet_again",)),
        "alarm": ("alarm", "abc", ("fire_alarm",)),
        "time": ("fault", "abc", ()),
        "silence": ("fault", "abc", ()),
        "reset": UNREAD,
        "test": LATER,
        "end": NONE,
    },
    "fault, input quiet": {
        "quiet": ("fault", "abc", ()),
        "alarm": ("alarm", "abc", ("fire_alarm",)),
        "time": ("fault", "abc", ()),
        "silence": ("fault", "abc", ()),
        "reset": ("returning", "abc", ("input_reset",)),
        "test": LATER,
        "end": NONE,
    },
    "returning": {
        "quiet": ("returning", "bc", ()),
        "alarm": ("alarm", "abc", ("fire_alarm",)),
        "time": ("returning", "bc", ()),
        "silence": ("fault", "abc", ("input_lost",)),
        "reset": NO,
        "test": LATER,
        "end": NONE,
    },
}


def stopped(memory: FireMemory, spec: FireInput = SPEC) -> str:
    return "".join(sorted(effect([(spec, memory)]).stops))


def test_the_table_holds_every_state_and_every_event() -> None:
    """No pair is left to chance."""
    assert set(TABLE) == set(MEMORIES)
    assert all(set(row) == set(EVENTS) for row in TABLE.values())
    assert {m.state for m in MEMORIES.values()} == {"starting", "quiet", "alarm", "fault", "returning"}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", MEMORIES)
def test_every_state_with_every_event(state: str, event: str) -> None:
    """What follows is what the table says: the state, who is stopped, what people are told, or a refusal."""
    wanted = TABLE[state][event]
    if isinstance(wanted, str):
        with pytest.raises(NotAllowed) as refused:
            step(SPEC, MEMORIES[state], EVENTS[event])
        assert refused.value.why.code == wanted
        return
    memory, messages = step(SPEC, MEMORIES[state], EVENTS[event])
    assert (memory.state, stopped(memory), tuple(m.reason.code for m in messages)) == wanted


@pytest.mark.parametrize("state", MEMORIES)
def test_a_restart_never_opens_a_latch(state: str) -> None:
    """What was latched is latched before anything is heard; what was not is withheld or stopped, never free."""
    before = MEMORIES[state]
    memory = after_restart(before, 3.0, 9000.0)
    after = effect([(SPEC, memory)])
    if before.state in {"alarm", "fault"}:
        assert (memory.state, memory.since_utc_s) == (before.state, before.since_utc_s)
        assert set(after.stops) == {"a", "b", "c"}
    assert set(after.stops) | after.withheld == {"a", "b", "c"}
    assert set(after.stops) >= set(stopped(before)) - after.withheld


def test_a_damaged_memory_is_a_latch() -> None:
    """Nobody knows whether there was an alarm, so charging stays stopped until a person looked."""
    memory, messages = state_lost(SPEC, 0.0, 0.0)
    assert stopped(memory) == "abc"
    assert [m.reason.code for m in messages] == ["input_state_lost"]


def test_one_odd_sample_is_no_alarm_and_two_are() -> None:
    """Two equal samples in a row make a level."""
    spec = replace(SPEC, samples=2)
    memory = replace(MEMORIES["quiet"], run=2)
    states = []
    for i, level in enumerate(("alarm", "quiet", "alarm", "alarm")):
        at_s = NOW_S + i * 0.2
        memory, _ = step(spec, memory, Heard(level=level, now_s=at_s, utc_s=at_s))  # type: ignore[arg-type]
        states.append(memory.state)
    assert states == ["quiet", "quiet", "quiet", "alarm"]


def test_a_chattering_wire_is_a_lost_one() -> None:
    """An input that changes with every sample never says anything steady: after a while it counts as alarm."""
    spec, memory = replace(SPEC, samples=2), replace(MEMORIES["quiet"], run=2)
    for i in range(60):
        at_s = NOW_S + i * 0.2
        memory, _ = step(spec, memory, Heard(level="alarm" if i % 2 else "quiet", now_s=at_s, utc_s=at_s))
        memory, _ = step(spec, memory, Passed(now_s=at_s, utc_s=at_s))
    assert memory.state == "fault"


def test_a_reset_needs_five_quiet_seconds() -> None:
    """Many panels pulse their output: a pause between two pulses is no quiet."""
    memory, _ = step(SPEC, MEMORIES["alarm"], EVENTS["quiet"])
    with pytest.raises(NotAllowed, match="less than 5 s ago"):
        step(SPEC, memory, reset(now_s=NOW_S + QUIET_FOR_S - 0.1))
    memory, _ = step(SPEC, memory, reset(now_s=NOW_S + QUIET_FOR_S))
    assert memory.state == "returning"


@pytest.mark.parametrize(("name", "role", "why"), [("", "r", "w"), ("n", " ", "w"), ("n", "r", "\t")])
def test_a_reset_needs_name_role_and_reason(name: str, role: str, why: str) -> None:
    """Nobody resets an alarm unnamed."""
    with pytest.raises(NotAllowed, match="Say who"):
        step(SPEC, MEMORIES["alarm, input quiet"], reset(name, role, why))


def test_the_journal_tells_who_reset_and_why() -> None:
    """The message of a reset holds name, role and reason."""
    _, (told,) = step(SPEC, MEMORIES["alarm, input quiet"], reset())
    assert told.reason.text() == (
        "Fire panel reset by Ann (manager): burnt toast. Charge points return one by one, one each 10 s."
    )


def test_charge_points_return_one_by_one_those_with_a_car_first() -> None:
    """One each ten seconds; a car that is there goes before an empty place; then all is over."""
    memory, _ = step(SPEC, MEMORIES["alarm, input quiet"], reset())
    seen: list[tuple[float, str]] = []
    for i in range(40):
        at_s = NOW_S + i
        memory, _ = step(SPEC, memory, Heard(level="quiet", now_s=at_s, utc_s=at_s))
        memory, said = step(SPEC, memory, Passed(now_s=at_s, utc_s=at_s, asking={"c"}))
        if not seen or seen[-1][1] != stopped(memory):
            seen.append((at_s - NOW_S, stopped(memory)))
        if said:
            assert [m.reason.code for m in said] == ["input_over"]
    assert seen == [(0.0, "ab"), (10.0, "b"), (20.0, "")]
    assert memory.state == "quiet"


def test_who_waits_is_told_how_many_are_before_him() -> None:
    """While charge points return each knows his place."""
    why = effect([(SPEC, MEMORIES["returning"])]).stops
    assert {i: dict(r.params)["before"] for i, r in why.items()} == {"b": 0, "c": 1}


def test_a_test_ends_by_itself() -> None:
    """A forgotten test says that nothing came and protects again; one whose alarm stays becomes a real alarm."""
    for state, codes, after in (
        ("quiet, tested", ["input_test_failed"], "quiet"),
        ("quiet, test alarm", ["fire_alarm"], "alarm"),
    ):
        memory = replace(MEMORIES[state], test=replace(MEMORIES[state].test, began_s=NOW_S - TEST_LONGEST_S))  # type: ignore[type-var]
        memory, said = step(SPEC, memory, EVENTS["time"])
        assert (memory.state, memory.test, [m.reason.code for m in said]) == (after, None, codes)


def test_a_charge_point_runs_only_when_every_input_allows_it() -> None:
    """Two inputs on one car park: the stricter one counts, and its words are shown."""
    stop = replace(
        SPEC, id="stop", name="Stop button", kind="emergency", charge_points=("b",), circuits=("x",)
    )
    both = effect([(SPEC, MEMORIES["returning"]), (stop, replace(ALARMING, state="alarm"))])
    assert {i: r.code for i, r in both.stops.items()} == {"b": "stopped_emergency", "c": "stopped_returning"}
    assert [(x.circuit_id, x.value_a, x.source) for x in both.limits] == [("x", (0.0, 0.0, 0.0), "fire")]


@pytest.mark.parametrize("state", [s for s in MEMORIES if "alarm" in s.split(",")[0] or "fault" in s])
def test_a_latch_limits_its_circuit_to_nothing(state: str) -> None:
    """Behind a latched input the circuit itself is at 0 A, whoever asks."""
    (limit,) = effect([(SPEC, MEMORIES[state])]).limits
    assert limit.value_a == (0.0, 0.0, 0.0)


happenings = st.lists(
    st.one_of(
        st.sampled_from(["quiet", "quiet", "alarm", "reset", "test", "end", "restart"]),
        st.floats(0.05, 12.0),
    ),
    max_size=80,
)


@given(happenings)
def test_whatever_happens_the_latch_holds_and_nobody_returns_too_early(events: list[str | float]) -> None:
    """After an alarm everything is stopped until a reset; after a reset at most one returns per ten seconds."""
    now_s, memory, latched = NOW_S, MEMORIES["quiet"], False
    free, freed_s = {"a", "b", "c"}, -1e9
    for event in events:
        before = memory.state
        if isinstance(event, float):
            now_s += event
            memory, _ = step(SPEC, memory, Passed(now_s=now_s, utc_s=now_s, asking={"b"}))
        elif event == "restart":
            memory = after_restart(memory, now_s, now_s)
        else:
            choices: dict[str, Event] = {
                "quiet": Heard(level="quiet", now_s=now_s, utc_s=now_s),
                "alarm": Heard(level="alarm", now_s=now_s, utc_s=now_s),
                "reset": reset(now_s=now_s),
                "test": BeginTest(name="x", now_s=now_s, utc_s=now_s),
                "end": EndTest(now_s=now_s, utc_s=now_s),
            }
            try:
                memory, _ = step(SPEC, memory, choices[event])
            except NotAllowed:
                assert event in {"reset", "test", "end"}
            else:
                latched = latched and event != "reset"
        latched = latched or memory.state in {"alarm", "fault"}
        now_free = {"a", "b", "c"} - set(stopped(memory)) - effect([(SPEC, memory)]).withheld
        if latched:
            assert not now_free
        if before == "returning" == memory.state or (before == "returning" and memory.state == "quiet"):
            more = now_free - free
            assert len(more) <= 1
            if more and free:
                assert now_s - freed_s >= SPEC.return_every_s
        if now_free - free:
            freed_s = now_s
        free = now_free
