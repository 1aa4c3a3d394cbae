"""The meter ladder: what silence, a frozen clock and a return mean."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.safety.ladder import Ladder, begin, climb
from kwartier.site.readings import MeterReading
from kwartier.site.topology import Meter

METER = Meter(id="main", name="Main", role="grid", address="10.0.0.1:502")


def heard(at_s: float, meter_time_s: float | None = None) -> MeterReading:
    return MeterReading(meter_id="main", at_s=at_s, meter_time_s=meter_time_s)


def run(
    times: list[tuple[float, MeterReading | None]], meter: Meter = METER, begin_s: float = 0.0
) -> list[tuple[float, str, list[str]]]:
    """Climb through (now, newest reading) pairs; returns (now, status, messages)."""
    memory, out = begin(begin_s), []
    for now_s, reading in times:
        memory, events = climb(memory, meter, reading, now_s)
        out.append((now_s, memory.status, [f"{level}: {why.text('en')}" for level, why in events]))
    return out


def speaking(until_s: float, *, since_s: float = 0.0) -> list[tuple[float, MeterReading | None]]:
    return [(t, heard(t)) for t in range_s(since_s, until_s)]


def silent(after_s: float, until_s: float) -> list[tuple[float, MeterReading | None]]:
    return [(t, heard(after_s)) for t in range_s(after_s + 1, until_s)]


def range_s(first: float, last: float) -> list[float]:
    return [first + i for i in range(int(last - first) + 1)]


def test_a_speaking_meter_is_trusted_after_ten_good_seconds() -> None:
    """Good data for 10 s lifts the safe current, not one second less."""
    steps = {now: status for now, status, _ in run(speaking(20))}
    assert steps[9] == "recovering"
    assert steps[10] == "fresh"


def test_what_was_true_before_the_start_proves_nothing() -> None:
    """After a power cut a gateway gives what it heard four seconds before: the ten good seconds begin with us."""
    steps = {
        now: status for now, status, _ in run([(20.0, heard(16.0)), *speaking(35, since_s=21)], begin_s=20.0)
    }
    assert steps[20] == steps[29] == "recovering"
    assert steps[30] == "fresh"


def test_silence_goes_down_the_ladder_with_the_messages_of_the_field() -> None:
    """Stale at 5 s, lost with a warning at 10 s, error at 120 s: exactly once each."""
    steps = run(speaking(20) + silent(20, 300))
    status = {now: s for now, s, _ in steps}
    assert [status[t] for t in (24, 25, 29, 30, 139, 140, 300)] == [
        "fresh", "stale", "stale", "lost", "lost", "error", "error",
    ]  # fmt: skip
    said = [(now, text) for now, _, texts in steps for text in texts if now > 0]
    assert said == [
        (30, "warning: Communication warning for meter Main"),
        (140, "error: Communication error for meter Main"),
    ]


def test_it_recovers_by_itself_and_says_through_which_address() -> None:
    """The first new value is announced; ten good seconds later the meter is trusted again."""
    steps = run(speaking(20) + silent(20, 200) + speaking(220, since_s=201))
    status = {now: s for now, s, _ in steps}
    texts = {now: t for now, _, t in steps if t}
    assert texts[201] == ["info: Meter Main connected via 10.0.0.1:502"]
    assert (status[201], status[210], status[211]) == ("recovering", "recovering", "fresh")


def test_a_frozen_meter_is_a_lost_meter() -> None:
    """Telegrams that keep coming with an unchanged meter clock count as silence."""
    alive = [(float(t), heard(t, meter_time_s=1000.0 + t)) for t in range(21)]
    frozen = [(float(t), heard(t, meter_time_s=1020.0)) for t in range(21, 40)]
    status = {now: s for now, s, _ in run([*alive, *frozen])}
    assert (status[20], status[25], status[30]) == ("fresh", "stale", "lost")


def test_a_short_hiccup_only_forbids_raises() -> None:
    """Seven silent seconds: stale, then fresh at once, and no message."""
    steps = run(speaking(20) + silent(20, 27) + speaking(30, since_s=28))
    status = {now: s for now, s, _ in steps}
    assert (status[27], status[28]) == ("stale", "fresh")
    assert not any(texts for now, _, texts in steps if now > 0)


def test_silence_while_recovering_brings_the_warning_back() -> None:
    """A meter that flickers never gets the safe current lifted."""
    steps = run(speaking(20) + silent(20, 40) + speaking(43, since_s=41) + silent(43, 60))
    status = {now: s for now, s, _ in steps}
    assert "fresh" not in [s for now, s, _ in steps if now > 25]
    assert status[60] == "lost"


def test_a_meter_never_heard_is_treated_as_lost() -> None:
    """No reading since the start: warning at 10 s, error at 120 s."""
    said = [(now, texts) for now, _, texts in run([(float(t), None) for t in range(130)]) if texts]
    assert [now for now, _ in said] == [10, 120]


def test_a_meter_that_speaks_every_ten_seconds_is_not_lost_between_its_words() -> None:
    """DSMR 4 and older: patience grows with the interval."""
    slow = Meter(id="main", name="Main", role="grid", address="x", interval_s=10.0)
    steps = run([(float(t), heard(t - t % 10)) for t in range(120)], slow)
    assert {s for now, s, _ in steps if now > 30} == {"fresh"}


def test_a_value_that_is_old_when_it_comes_is_as_old_as_it_is() -> None:
    """A line that lags 7 s makes the meter stale, one that lags 30 s loses it."""
    lagging: list[tuple[float, MeterReading | None]] = [(t, heard(t - 7)) for t in range_s(21, 60)]
    assert {s for now, s, _ in run(speaking(20) + lagging) if now > 24} == {"stale"}
    dead = run([(t, heard(t - 30)) for t in range_s(1, 200)])
    assert {s for _, s, _ in dead} == {"lost"}


def test_a_value_from_the_future_is_of_now() -> None:
    """It ages like any other, and the values after it are heard."""
    ahead: list[tuple[float, MeterReading | None]] = [(t, heard(5000)) for t in range_s(21, 40)]
    status = {now: s for now, s, _ in run(speaking(20) + ahead + speaking(60, since_s=41))}
    assert (status[21], status[26], status[31]) == ("fresh", "stale", "lost")
    assert (status[41], status[51]) == ("recovering", "fresh")


def test_a_value_older_than_the_newest_is_not_new() -> None:
    """Out of order: it neither refreshes the meter nor replaces its currents."""
    memory, _ = climb(begin(0.0), METER, heard(9.0), 9.0)
    after, _ = climb(memory, METER, heard(8.0), 9.5)
    assert (after.heard_s, after.status) == (9.0, "recovering")


def test_a_gap_that_no_step_saw_is_a_loss_too() -> None:
    """The program stood still for a minute: its first value afterwards has to prove itself."""
    steps = run([*speaking(20), *speaking(95, since_s=80)])
    status = {now: s for now, s, _ in steps}
    assert (status[20], status[80], status[89], status[90]) == ("fresh", "recovering", "recovering", "fresh")


def test_the_currents_remembered_are_those_of_the_newest_good_value() -> None:
    """A frozen meter's later words change nothing."""
    good = MeterReading(meter_id="main", at_s=5.0, current_a=(1.0, 2.0, 3.0), meter_time_s=77.0)
    frozen = MeterReading(meter_id="main", at_s=6.0, current_a=(9.0, 9.0, 9.0), meter_time_s=77.0)
    memory, _ = climb(begin(0.0), METER, good, 5.0)
    memory, _ = climb(memory, METER, frozen, 6.0)
    assert memory.current_a == (1.0, 2.0, 3.0)


@given(st.lists(st.tuples(st.floats(0.1, 30), st.booleans()), min_size=1, max_size=60))
def test_it_is_never_trusted_on_old_values(moves: list[tuple[float, bool]]) -> None:
    """Whatever the rhythm: after a step without a value for 10 s the ladder does not say `fresh` or `stale`."""
    now_s, newest, memory = 0.0, None, begin(0.0)
    for pause_s, speaks in moves:
        now_s += pause_s
        if speaks:
            newest = heard(now_s)
        memory, _ = climb(memory, METER, newest, now_s)
        if now_s - (newest.at_s if newest else 0.0) >= 10:
            assert not memory.trusted
            assert not memory.has_value


@given(st.sampled_from(["waiting", "recovering", "fresh", "stale", "lost", "error"]), st.floats(0, 500))
def test_silence_never_climbs_up(status: str, age_s: float) -> None:
    """Every state with no new value stays or goes down."""
    order = ["fresh", "recovering", "stale", "waiting", "lost", "error"]
    memory = Ladder(status=status, heard_s=0.0, seen_at_s=0.0)
    after, _ = climb(memory, METER, heard(0.0), age_s)
    assert order.index(after.status) >= order.index(status)


STATES = ("waiting", "recovering", "fresh", "stale", "lost", "error")
EVENTS: dict[str, tuple[float, MeterReading | None]] = {
    # when it is looked at, and what has come since the value of 1000 s (the meter's clock then was 50 s)
    "quiet 4 s": (1004.0, None),
    "quiet 5 s": (1005.0, None),
    "quiet 10 s": (1010.0, None),
    "quiet 120 s": (1120.0, None),
    "new after 1 s": (1001.0, heard(1001.0, 51.0)),
    "new after 6 s": (1006.0, heard(1006.0, 56.0)),
    "new after 10 s": (1010.0, heard(1010.0, 60.0)),
    "frozen 4 s": (1004.0, heard(1004.0, 50.0)),
    "frozen 10 s": (1010.0, heard(1010.0, 50.0)),
    "new, 6 s old": (1008.0, heard(1002.0, 52.0)),
    "new, 12 s old": (1014.0, heard(1002.0, 52.0)),
    "older than known": (1004.0, heard(999.0, 49.0)),
}
AFTER = {
    # one line an event; what follows on waiting, recovering, fresh, stale, lost, error
    "quiet 4 s": "waiting recovering fresh stale lost error",
    "quiet 5 s": "waiting lost stale stale lost error",
    "quiet 10 s": "lost lost lost lost lost error",
    "quiet 120 s": "error error error error error error",
    "new after 1 s": "recovering recovering fresh fresh recovering recovering",
    "new after 6 s": "recovering recovering fresh fresh recovering recovering",
    "new after 10 s": "recovering recovering recovering recovering recovering recovering",
    "frozen 4 s": "waiting recovering fresh stale lost error",
    "frozen 10 s": "lost lost lost lost lost error",
    "new, 6 s old": "waiting lost stale stale lost error",
    "new, 12 s old": "lost lost lost lost lost error",
    "older than known": "waiting recovering fresh stale lost error",
}


@pytest.mark.parametrize(("status", "event"), list(product(STATES, EVENTS)))
def test_every_state_with_every_event(status: str, event: str) -> None:
    """What follows, and that people are told exactly where a meter is lost, in error, or back."""
    seen_s = None if status == "waiting" else 1000.0
    before = Ladder(status=status, heard_s=1000.0, seen_at_s=seen_s, meter_time_s=50.0, good_since_s=998.0)
    now_s, reading = EVENTS[event]
    after, said = climb(before, METER, reading, now_s)
    assert after.status == AFTER[event].split()[STATES.index(status)]
    codes = [why.code for _, why in said]
    down = {"waiting": 0, "recovering": 0, "fresh": 0, "stale": 0, "lost": 1, "error": 2}
    fell = ["meter_warning", "meter_error"][down[status] : down[after.status]]
    back = after.status == "recovering" != status
    assert codes == (["meter_connected"] if back else fell)
