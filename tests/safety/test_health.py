"""Recording and clocks: every state with every event."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.safety.health import (
    HostClock,
    MeterClock,
    Recording,
    RecordingStatus,
    compared,
    looked_at,
    recorded,
)

RECORDING = {
    # state, ok, lasting, for how long it lasts already -> state, told
    ("working", "ok", 0): ("working", None),
    ("working", "ok", 99): ("working", None),
    ("working", "passing", 0): ("failing", None),
    ("working", "passing", 99): ("failing", None),
    ("working", "lasting", 0): ("failed", "failed"),
    ("working", "lasting", 99): ("failed", "failed"),
    ("failing", "ok", 0): ("working", None),
    ("failing", "ok", 99): ("working", None),
    ("failing", "passing", 0): ("failing", None),
    ("failing", "passing", 99): ("failed", "failed"),
    ("failing", "lasting", 0): ("failed", "failed"),
    ("failing", "lasting", 99): ("failed", "failed"),
    ("failed", "ok", 0): ("working", "resumed"),
    ("failed", "ok", 99): ("working", "resumed"),
    ("failed", "passing", 0): ("failed", None),
    ("failed", "passing", 99): ("failed", None),
    ("failed", "lasting", 0): ("failed", None),
    ("failed", "lasting", 99): ("failed", None),
}


def test_the_recording_table_is_complete() -> None:
    """No state-event pair is left out."""
    assert set(RECORDING) == set(
        product(("working", "failing", "failed"), ("ok", "passing", "lasting"), (0, 99))
    )


@pytest.mark.parametrize("pair", RECORDING)
def test_recording(pair: tuple[RecordingStatus, str, int]) -> None:
    """What each event does in each state, and what people are told."""
    state, event, lasts_s = pair
    memory, said = recorded(
        Recording(status=state, since_s=100.0),
        ok=event == "ok",
        lasting=event == "lasting",
        now_s=100.0 + lasts_s,
    )
    assert (memory.status, said) == RECORDING[pair]


@given(st.lists(st.tuples(st.sampled_from(["ok", "passing", "lasting"]), st.floats(0.1, 30)), max_size=60))
def test_people_are_told_in_turns(events: list[tuple[str, float]]) -> None:
    """After a failure comes its end before the next failure; never twice the same."""
    memory, now_s, last = Recording(), 0.0, "resumed"
    for event, wait_s in events:
        now_s += wait_s
        memory, said = recorded(memory, ok=event == "ok", lasting=event == "lasting", now_s=now_s)
        if said is not None:
            assert said != last
            last = said


@pytest.mark.parametrize(
    ("known", "moved_s", "told_s"),
    [
        (False, 0.0, None),
        (False, 7200.0, None),
        (True, 0.0, None),
        (True, 1.9, None),
        (True, 3600.0, 3600.0),
        (True, -3600.0, -3600.0),
    ],
)
def test_the_host_clock(known: bool, moved_s: float, told_s: float | None) -> None:
    """A step is told by how much; what drifts is not; the first look knows nothing to compare with."""
    memory, said = looked_at(HostClock(offset_s=1000.0 if known else None), 50.0, 1050.0 + moved_s)
    assert said == (None if told_s is None else pytest.approx(told_s))
    assert memory.offset_s == pytest.approx(1000.0 + moved_s)
    assert looked_at(memory, 51.0, 1051.0 + moved_s)[1] is None, "told once"


METER = {
    # state, how far apart, for how long -> state, told
    ("agrees", 0, 0): ("agrees", None),
    ("agrees", 0, 99): ("agrees", None),
    ("agrees", 45, 0): ("agrees", None),
    ("agrees", 45, 99): ("agrees", None),
    ("agrees", 80, 0): ("doubted", None),
    ("agrees", 80, 99): ("doubted", None),
    ("doubted", 0, 0): ("agrees", None),
    ("doubted", 0, 99): ("agrees", None),
    ("doubted", 45, 0): ("agrees", None),
    ("doubted", 45, 99): ("agrees", None),
    ("doubted", 80, 0): ("doubted", None),
    ("doubted", 80, 99): ("differs", "differs"),
    ("differs", 0, 0): ("agrees", "agrees"),
    ("differs", 0, 99): ("agrees", "agrees"),
    ("differs", 45, 0): ("differs", None),
    ("differs", 45, 99): ("differs", None),
    ("differs", 80, 0): ("differs", None),
    ("differs", 80, 99): ("differs", None),
}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("pair", METER)
def test_the_meters_clock(pair: tuple[str, int, int], sign: int) -> None:
    """What each distance does in each state, ahead and behind."""
    assert set(METER) == set(product(("agrees", "doubted", "differs"), (0, 45, 80), (0, 99)))
    state, apart_s, lasts_s = pair
    memory = MeterClock(status=state, since_s=100.0)  # type: ignore[arg-type]
    memory, said = compared(memory, float(sign * apart_s), 100.0 + lasts_s)
    assert (memory.status, said) == METER[pair]
