"""The busiest hours of each demonstration: every circuit keeps its time budget, and the journal decides it again."""

from pathlib import Path

import pytest

from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.historian.replay import replay
from kwartier.simulation.faults import draw_faults
from kwartier.simulation.recording import Recording
from kwartier.simulation.runner import Run, judge
from kwartier.simulation.scenarios import scenario

EVENING_S = 4 * 3600
HOUR_S = 3600
HALF_S = 1800


@pytest.mark.slow
def test_an_evening_of_the_household_with_faults(tmp_path: Path) -> None:
    """Four hours with lost meters and stations: no budget overrun, and all decisions replay to the bit."""
    made = scenario("household", seed=4)
    run = Run(made, faults=draw_faults(made, EVENING_S))
    with Recording(tmp_path / "day.sqlite", run) as take:
        result = judge(run, duration_s=EVENING_S, on_step=take)
    assert result.good, [f.sentence() for f in result.findings]
    assert result.charged_kwh > 5
    again = replay(tmp_path / "day.sqlite", step, Memory)
    assert again.ok, again.mismatches
    assert again.cycles == result.steps


@pytest.mark.slow
def test_a_busy_morning_of_the_car_park(tmp_path: Path) -> None:
    """Two hours and a half with cars coming and going: no budget overrun; half an hour at the busiest replays to the bit."""
    run = Run(scenario("carpark", seed=4))
    judge(run, duration_s=1.5 * HOUR_S)
    with Recording(tmp_path / "busy.sqlite", run) as take:
        judge(run, duration_s=HALF_S, on_step=take)
    result = judge(run, duration_s=HALF_S)
    assert result.good, [f.sentence() for f in result.findings]
    assert result.sessions > 10
    again = replay(tmp_path / "busy.sqlite", step, Memory)
    assert again.ok, again.mismatches
    assert again.cycles == HALF_S
