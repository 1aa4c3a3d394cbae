"""Leaping over time in which nothing happens changes nothing: the licence for the soak's speed."""

from typing import Any

import pytest

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


@pytest.mark.parametrize("seed", range(4))
def test_leaping_changes_nothing_at_random_sites(seed: int) -> None:
    """Three hours with faults: the same set-points at the same seconds, the same writes, the same verdict."""
    compare("random", 100 + seed, 3.0)
