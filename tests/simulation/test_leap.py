"""Leaping over time in which nothing happens changes nothing: the licence for the soak's speed."""

from dataclasses import replace
from typing import Any

import pytest

from kwartier.control import steady, turns
from kwartier.control.memory import Memory
from kwartier.simulation.faults import draw_faults
from kwartier.simulation.runner import Result, Run, judge
from kwartier.simulation.stories import story

HOUR_S = 3600.0
EXACT = (
    "over",
    "excused_s",
    "alarms",
    "starts",
    "quarters",
    "quarter_quality",
    "worst_budget_pct",
    "worst_trip_pct",
)


def course(name: str, seed: int, hours: float, *, every_second: bool) -> tuple[list[Any], Result, Run]:
    """Every change of a set-point with its time, and the verdict."""
    made = story(name, seed=seed)
    faults = draw_faults(made, hours * HOUR_S)
    run = Run(made, faults=faults, every_second=every_second)
    changes: list[Any] = []
    known: dict[str, float] = {}

    def note(picture: Any, decision: Any) -> None:
        for s in decision.setpoints:
            if known.get(s.charge_point_id) != s.current_a:
                known[s.charge_point_id] = s.current_a
                changes.append((picture.now_s, s.charge_point_id, s.current_a))

    result = judge(run, duration_s=hours * HOUR_S, on_step=note)
    return changes, result, run


def compare(name: str, seed: int, hours: float) -> float:
    """Run both ways; returns how many times fewer decisions were taken."""
    leapt, quick, _ = course(name, seed, hours, every_second=False)
    stepped, slow, _ = course(name, seed, hours, every_second=True)
    assert leapt == stepped
    assert quick.writes == slow.writes
    assert quick.sessions == slow.sessions
    assert [f.sentence() for f in quick.findings] == [f.sentence() for f in slow.findings]
    for key in EXACT:
        assert quick.figures[key] == slow.figures[key], key
    assert quick.charged_kwh == pytest.approx(slow.charged_kwh, abs=1e-6)
    assert quick.import_kwh == pytest.approx(slow.import_kwh, abs=1e-6)
    assert [m.reason.code for m in quick.messages] == [m.reason.code for m in slow.messages]
    return slow.steps / quick.steps


@pytest.mark.parametrize("seed", [2, 3, 5, 9, 202, 204])
def test_leaping_changes_nothing_at_random_sites(seed: int) -> None:
    """An hour and a half with faults: the same set-points at the same seconds, the same writes, the same verdict."""
    compare("random", seed, 1.5)


@pytest.mark.parametrize(
    ("name", "seed"), [("household-steps", 1), ("household-steps", 7), ("carpark-steps", 4)]
)
def test_leaping_changes_nothing_at_the_demonstration_sites(name: str, seed: int) -> None:
    """The same at the house (three hours) and the car park (half an hour)."""
    compare(name, seed, 3.0 if "house" in name else 0.5)


def test_a_quiet_night_is_leapt_over() -> None:
    """Without cars and faults some seconds in each quarter-hour are enough."""
    made = story("household-steps", seed=1)
    run = Run(made)
    for socket in made.plant.socket.values():
        socket.disconnect()
    made.plant.visits = made.plant._visits = ()
    result = judge(run, duration_s=12 * HOUR_S)
    assert result.steps < 12 * 500
    assert result.figures["quarters"] == 48


def test_what_nobody_has_thought_about_is_never_leapt_over() -> None:
    """A field of the memory that the table does not know stops the leaps as soon as it is not as in a fresh one;
    so do departures, cards, changes of phases, goals for the quarter-hour, modes and batteries."""
    known = {name for names in steady.unknown_fields().values() for name in names}
    assert known <= {
        "user",
        "departs_s",
        "urgent",
        "peaks",
        "switch",
        "phases_shown",
        "sun",
        "batteries",
        "flow",
    }, "think about the new field in control/steady.py"
    run = Run(story("household-steps", seed=1), every_second=True)
    for _ in range(400):
        run.advance()
    before, after = run.before, run.memory
    assert after.step_s is not None
    assert steady.steady_until_s(run.site, before, after) > after.step_s + 10
    left = {**after.points, "left": replace(after.points["left"], urgent=True)}
    odd = replace(after, points=left)
    assert steady.steady_until_s(run.site, before, odd) == after.step_s


def test_a_timer_ends_a_leap() -> None:
    """A car that waits since so long that its patience ends in 60 s: no leap beyond that."""
    run = Run(story("household-steps", seed=1), every_second=True)
    for _ in range(400):
        run.advance()
    before, after = run.before, run.memory
    assert after.step_s is not None
    stamp_s = after.step_s - turns.PATIENCE_S + 60.0

    def waits(memory: Memory) -> Memory:
        left = replace(memory.points["left"], waiting_s=stamp_s)
        return replace(memory, points={**memory.points, "left": left})

    until_s = steady.steady_until_s(run.site, waits(before), waits(after))
    assert until_s == after.step_s + 60.0 - steady.BEFORE_S
