"""The greater part of a day of each demonstration: every circuit keeps its time budget, and the journal decides it again."""

from pathlib import Path

import pytest

from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.historian.replay import replay
from kwartier.simulation.faults import draw_faults
from kwartier.simulation.recording import Recording
from kwartier.simulation.runner import Run, judge
from kwartier.simulation.scenarios import scenario

HALF_DAY_S = 43200
HOUR_S = 3600


@pytest.mark.slow
def test_half_a_day_of_the_household_with_faults(tmp_path: Path) -> None:
    """Twelve hours, an evening and a morning, with lost meters and stations: no budget overrun, and all decisions replay to the bit."""
    made = scenario("household", seed=4)
    run = Run(made, faults=draw_faults(made, HALF_DAY_S))
    with Recording(tmp_path / "day.sqlite", run) as take:
        result = judge(run, duration_s=HALF_DAY_S, on_step=take)
    assert result.good, [f.sentence() for f in result.findings]
    assert result.charged_kwh > 10
    again = replay(tmp_path / "day.sqlite", step, Memory)
    assert again.ok, again.mismatches
    assert again.cycles == result.steps


@pytest.mark.slow
def test_a_working_day_of_the_car_park(tmp_path: Path) -> None:
    """Ten hours with cars coming and going: no budget overrun; the two busiest hours replay to the bit."""
    run = Run(scenario("carpark", seed=4))
    judge(run, duration_s=1.5 * HOUR_S)
    with Recording(tmp_path / "busy.sqlite", run) as take:
        judge(run, duration_s=2 * HOUR_S, on_step=take)
    result = judge(run, duration_s=6.5 * HOUR_S)
    assert result.good, [f.sentence() for f in result.findings]
    assert result.sessions > 20
    again = replay(tmp_path / "busy.sqlite", step, Memory)
    assert again.ok, again.mismatches
    assert again.cycles == 2 * HOUR_S
