"""The household of the planner's benchmark, solved by EMHASS in an environment of its own, in turns with us."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from plan_problems import household

from kwartier.planning import Solver
from kwartier.site.plans import Problem

ROOT = Path(__file__).parents[1]
BENCH = ROOT / "var" / "bench"
GAP = 1e-3


def python_with(package: str) -> str:
    """The interpreter of an environment that has a package; made when it is not there."""
    place = Path(os.environ.get("KWARTIER_PEERS", BENCH)) / package
    python = place / "bin" / "python"
    if not python.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", package], check=True)
    return str(python)


def bill_eur(problem: Problem, plan: dict[str, list[float]]) -> float:
    """What a plan costs, by the words of the design; missing energy of the car not counted, as none is missing."""
    battery, peak = problem.batteries[0], problem.peak
    energy = sum(
        (max(w, 0.0) * buy - max(-w, 0.0) * sell) / 4000.0
        for w, buy, sell in zip(plan["grid_w"], problem.import_price, problem.export_price, strict=True)
    )
    above = max(0.0, max(plan["grid_w"]) - max(peak.so_far_w, peak.floor_w)) / 1000.0
    leaving = sum(max(-w, 0.0) for w in plan["battery_w"]) / 4000.0 / battery.discharge_efficiency
    return energy + peak.eur_per_kw * above + battery.wear_eur_per_kwh * leaving


def against_emhass(moved: Callable[[Problem, int], Problem], rounds: int = 3, turns: int = 5) -> None:
    """Ratio of processor times for plans again, with a newer forecast, and the objectives of both."""
    python = python_with("emhass")
    ratios, own_ms, peer_ms, better = [], [], [], []
    version = "?"
    for seed in range(rounds):
        first = replace(household(seed), pv_curtailable=False)
        problems = [first, *(moved(first, turn) for turn in range(turns))]
        battery, car = first.batteries[0], first.cars[0]
        question = {
            "import_price": first.import_price,
            "export_price": first.export_price,
            "import_limit_w": first.import_limit_w,
            "export_limit_w": first.export_limit_w,
            "eur_per_kw": first.peak.eur_per_kw,
            "paid_w": max(first.peak.so_far_w, first.peak.floor_w),
            "gap": GAP,
            "battery": {
                name: getattr(battery, name) for name in battery.__dataclass_fields__ if name != "phases"
            },
            "car": {
                name: getattr(car, name)
                for name in ("arrive_step", "depart_step", "energy_kwh", "efficiency", "max_w")
            },
            "turns": [{"load_w": p.load_w, "pv_w": p.pv_w} for p in problems],
        }
        done = subprocess.run(
            [python, str(ROOT / "benchmarks" / "peer_emhass.py")],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""},
        )
        if done.returncode:
            print(f"EMHASS failed: {done.stderr[-600:]}")
            return
        said = json.loads(done.stdout.splitlines()[-1])
        version = said["version"]
        solver = Solver()
        mine = []
        for problem, plan, seconds in zip(problems, said["plans"], said["seconds"], strict=True):
            began = time.process_time()
            made = solver.plan(problem, gap=GAP, search=False)
            mine.append(time.process_time() - began)
            # the peer charges whole quarters at full power, so the car may get a little more: no cheaper for us
            better.append(bill_eur(problem, plan) - made.objective_eur)
            if len(mine) > 1:
                own_ms.append(1000.0 * mine[-1])
                peer_ms.append(1000.0 * seconds)
                ratios.append(seconds / mine[-1])
    figures = {
        "ratio": statistics.median(ratios),
        "own_ms": statistics.median(own_ms),
        "peer_ms": statistics.median(peer_ms),
        "own_cheaper_eur_least": min(better),
        "own_cheaper_eur_median": statistics.median(better),
    }
    print(
        f"EMHASS {version}, cached, household of 192 steps: "
        + ", ".join(f"{k} {v:.4g}" for k, v in figures.items())
    )
    print(json.dumps({"benchmark": "plan_emhass", **{k: round(v, 4) for k, v in figures.items()}}))
