"""Figures of the planner: processor time of one core, medians, in one run.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/bench_plan.py [--peers] [--households 1000]

`--peers` installs EMHASS and FlexMeasures in environments of their own under `var/bench` (once; needs the network; or where
`KWARTIER_PEERS` says) and lets them solve the household and the car park in processes of their own, in the same run.
"""

import argparse
import gc
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from plan_peers import against_emhass, against_flexmeasures
from plan_problems import car_park, household

from kwartier.cli import PATIENT_GC
from kwartier.planning import Solver, plan
from kwartier.planning.batch import plan_many
from kwartier.planning.build import build
from kwartier.planning.model import Model
from kwartier.planning.tidy import tidy
from kwartier.site.plans import Plan, Problem

ROOT = Path(__file__).parents[1]
Made = TypeVar("Made")


def spent_ms(work: Callable[[Problem], Made], problem: Problem) -> tuple[float, Made]:
    """Processor time of some work on a problem, and what came of it."""
    began = time.process_time()
    made = work(problem)
    return 1000.0 * (time.process_time() - began), made


def built(problem: Problem) -> Model:
    return build(tidy(problem)[0])


def without_search(solver: Solver) -> Callable[[Problem], Plan]:
    def work(problem: Problem) -> Plan:
        return solver.plan(problem, search=False)

    return work


def moved_on(problem: Problem, turn: int) -> Problem:
    """The same site with a newer forecast: load +-5 %, sun +-10 %."""
    dice = random.Random(turn)
    return replace(
        problem,
        load_w=tuple(w * dice.uniform(0.95, 1.05) for w in problem.load_w),
        pv_w=tuple(w * dice.uniform(0.9, 1.1) for w in problem.pv_w),
    )


def told(name: str, figures: dict[str, float]) -> None:
    print(f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in figures.items()))
    print(json.dumps({"benchmark": f"plan_{name}", **{k: round(v, 5) for k, v in figures.items()}}))


def gap_pct(made: Plan) -> float:
    return 100.0 * (made.objective_eur - made.bound_eur) / max(abs(made.objective_eur), 0.1)


def one_kind(name: str, make: Callable[[int], Problem], rounds: int) -> None:
    """Cold and again: a first plan, and one with the last basis."""
    problems = [make(seed) for seed in range(rounds)]
    building = [spent_ms(built, problem)[0] for problem in problems]
    cold, warm, gaps, missing = [], [], [], []
    for problem in problems:
        work = without_search(Solver())
        turns = [spent_ms(work, each) for each in (problem, *(moved_on(problem, turn) for turn in range(4)))]
        cold.append(turns[0][0])
        warm += [spent for spent, _ in turns[1:]]
        gaps += [gap_pct(made) for _, made in turns]
        missing += [sum(d.shortfall_kwh for d in made.devices.values()) for _, made in turns]
    told(
        name,
        {
            "build_ms": statistics.median(building),
            "cold_ms": statistics.median(cold),
            "again_ms": statistics.median(warm),
            "again_best_ms": min(warm),
            "gap_pct_median": statistics.median(gaps),
            "gap_pct_worst": max(gaps),
            "missing_kwh": max(missing),
        },
    )


def proven(rounds: int) -> None:
    """With the search in whole numbers: how long until the proof stands."""
    times, statuses = [], []
    for seed in range(rounds):
        spent, made = spent_ms(plan, household(100 + seed))
        times.append(spent)
        statuses.append(made.status == "optimal")
    told(
        "household_proven",
        {
            "median_ms": statistics.median(times),
            "slowest_ms": max(times),
            "optimal_pct": 100.0 * statistics.mean(statuses),
        },
    )


def fleet(count: int) -> None:
    """In turns with a plan of its own for each, so that both meet the same load of the machine."""
    problems = [household(seed) for seed in range(count)]
    made: list[object] = []
    seconds = single = 0.0
    batch = plan_many(problems)
    for problem in problems:
        began = time.process_time()
        made.append(next(batch))
        between = time.process_time()
        Solver().plan(problem, search=False)
        seconds += between - began
        single += time.process_time() - between
    gaps = [gap_pct(each) for each in made if isinstance(each, Plan)]
    told(
        "fleet",
        {
            "households": count,
            "per_second": count / seconds,
            "single_per_second": count / single,
            "ratio": single / seconds,
            "gap_pct_mean": statistics.mean(gaps),
            "gap_pct_worst": max(gaps),
        },
    )


def memory() -> None:
    """A child that plans a car park and a household, as at a site: the most it ever had resident.

    By the child's own page tables: what `getrusage` says of a child begins at the most that its parent ever had.
    """
    code = (
        "import sys; sys.path.insert(0, 'benchmarks')\n"
        "from plan_problems import car_park, household\n"
        "from kwartier.planning import plan\n"
        "plan(household(0)); plan(car_park(0)); plan(household(100))\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    told("child", {"rss_mb": int(out.stdout.split()[-1]) / 1024.0})


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    gc.set_threshold(*PATIENT_GC)  # as the commands do
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--households", type=int, default=1000)
    wanted = parser.parse_args()
    one_kind("household", household, 12)
    one_kind("car_park", car_park, 6)
    proven(12)
    fleet(wanted.households)
    memory()
    if wanted.peers:
        against_emhass(moved_on)
        against_flexmeasures()
    print(f"processor time of all this: {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s")


if __name__ == "__main__":
    main()
