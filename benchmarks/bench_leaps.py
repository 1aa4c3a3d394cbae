"""What leaping over time in which nothing changes saves: the same seeds with faults both ways, in turn.

    .venv/bin/python benchmarks/bench_leaps.py [--hours 2]

Processor time and decisions of a run that leaps, beside one that decides each second (`Run(..., every_second=True)`).
Ends with 1 when the two did not give the same set-points at the same seconds.
"""

import argparse
import gc
import sys
import time

from kwartier.cli import PATIENT_GC
from kwartier.control.decision import Decision
from kwartier.simulation.faults import draw_faults
from kwartier.simulation.runner import Run, judge
from kwartier.simulation.stories import story
from kwartier.site.setpoints import Picture

SEEDS = (
    ("random", 2),
    ("random", 3),
    ("random", 19),
    ("random", 25),
    ("household-steps", 11),
    ("carpark-steps", 4),
)
Change = tuple[float, str, float]


def course(name: str, seed: int, hours: float, *, every_second: bool) -> tuple[float, int, list[Change]]:
    """Processor time (s), decisions, and each change of a set-point: when, whose, A."""
    made = story(name, seed=seed)
    run = Run(made, faults=draw_faults(made, 3600.0 * hours), every_second=every_second)
    changes: list[Change] = []
    known: dict[str, float] = {}

    def note(picture: Picture, decision: Decision) -> None:
        for setpoint in decision.setpoints:
            if known.get(setpoint.charge_point_id) != setpoint.current_a:
                known[setpoint.charge_point_id] = setpoint.current_a
                changes.append((picture.now_s, setpoint.charge_point_id, setpoint.current_a))

    began_s = time.process_time()
    result = judge(run, duration_s=3600.0 * hours, on_step=note)
    return time.process_time() - began_s, result.steps, changes


def main() -> None:
    """Print a line for each seed, and all together."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=2.0)
    hours = parser.parse_args().hours
    gc.set_threshold(*PATIENT_GC)
    sums, same = [0.0, 0.0, 0.0, 0.0], True
    for name, seed in SEEDS:
        leapt_s, few, leapt = course(name, seed, hours, every_second=False)
        stepped_s, many, stepped = course(name, seed, hours, every_second=True)
        same = same and leapt == stepped
        sums = [a + b for a, b in zip(sums, (stepped_s, leapt_s, many, few), strict=True)]
        print(
            f"{name} {seed}: {many / few:.1f} x fewer decisions ({few}), {stepped_s / leapt_s:.1f} x less processor time "
            f"({leapt_s:.2f} s), set-points {'the same' if leapt == stepped else 'DIFFER'}"
        )
    print(f"all: {sums[2] / sums[3]:.1f} x fewer decisions, {sums[0] / sums[1]:.1f} x less processor time")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
