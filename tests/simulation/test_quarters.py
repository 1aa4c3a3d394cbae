"""A simulated house with a goal for its quarter-hours, a contract and a breaker, and a meter that fails."""

from dataclasses import replace
from pathlib import Path

from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.historian.replay import replay
from kwartier.simulation.faults import Fault
from kwartier.simulation.recording import Recording
from kwartier.simulation.runner import Run, judge
from kwartier.simulation.scenarios import household
from kwartier.site.quarters import QuarterSettings
from kwartier.site.topology import Fuse

TARGET_W = 6000.0


def test_a_goal_is_held_and_the_journal_decides_it_again(tmp_path: Path) -> None:
    """Half an hour of the evening with a lost and a frozen meter: under the target, and replayed to the bit."""
    made = household(seed=3)
    root = replace(
        made.site.root,
        quarter=QuarterSettings(follow="fixed", fixed_w=TARGET_W),
        contract_w=9200.0,
        export_limit_w=5000.0,
        fuse=Fuse(type="C", rating_a=40.0),
    )
    circuits = tuple(root if c.id == root.id else c for c in made.site.circuits)
    made = replace(made, site=replace(made.site, circuits=circuits))
    faults = (
        Fault(kind="meter_silent", target="main", start_s=500.0, end_s=560.0),
        Fault(kind="meter_frozen", target="main", start_s=1200.0, end_s=1290.0),
    )
    run = Run(made, faults=faults)
    with Recording(tmp_path / "half.sqlite", run) as take:
        result = judge(run, duration_s=2000.0, on_step=take)
    assert result.good
    assert result.quarter_peak_w <= TARGET_W
    assert run.memory.peaks["grid"].samples
    assert run.memory.fuses["grid"].worst_pct == 0.0
    again = replay(tmp_path / "half.sqlite", step, Memory)
    assert again.ok, again.mismatches
    assert again.cycles == 2000
