"""The planner's benchmark against others, each in an environment of its own: the household by EMHASS, the car park by
FlexMeasures."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from plan_problems import car_park, household

from kwartier.planning import Solver
from kwartier.site.plans import BatteryTask, CarTask, Problem

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


def against_flexmeasures(rounds: int = 6, limit_s: float = 40.0) -> None:
    """Ratio of processor times for a first plan of the car park, and what the plans of both cost. Without the cars' least
    power FlexMeasures solves an easier problem (its optimum is below every plan of ours); with it, it needs whole numbers."""
    for least in (False, True):
        problems = [car_park(seed) for seed in range(rounds if not least else rounds // 2)]
        question = {
            "gap": GAP,
            "limit_s": limit_s,
            "least": least,
            # the first one is asked twice: imports and caches are not counted
            "problems": [_car_park_question(problem) for problem in [problems[0], *problems]],
        }
        done = subprocess.run(
            [python_with("flexmeasures"), str(ROOT / "benchmarks" / "peer_flexmeasures.py")],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""},
        )
        if done.returncode:
            print(f"FlexMeasures failed: {done.stderr[-600:]}")
            return
        said = json.loads(done.stdout.splitlines()[-1])
        ratios, own_ms, peer_ms, dearer, missing, beyond = [], [], [], [], [], []
        for problem, plan, seconds in zip(problems, said["plans"][1:], said["seconds"][1:], strict=True):
            began = time.process_time()
            made = Solver().plan(problem, gap=GAP, search=False)
            spent = time.process_time() - began
            own_ms.append(1000.0 * spent)
            peer_ms.append(1000.0 * seconds)
            ratios.append(seconds / spent)
            devices = [plan["battery_w"], *plan["cars_w"]]
            grid = [
                load - sun + sum(each)
                for load, sun, *each in zip(problem.load_w, problem.pv_w, *devices, strict=True)
            ]
            theirs = bill_eur(problem, {"grid_w": grid, "battery_w": plan["battery_w"]})
            dearer.append(100.0 * (made.objective_eur - theirs) / abs(theirs))
            battery, energies = problem.batteries[0], _energies_kwh(problem.batteries[0], plan["battery_w"])
            beyond += [battery.min_soc_kwh - min(energies), max(energies) - battery.capacity_kwh]
            beyond.append((battery.final_soc_kwh or 0.0) - energies[-1])
            missing += [
                car.energy_kwh - car.efficiency * sum(power) / 4000.0
                for car, power in zip(problem.cars, plan["cars_w"], strict=True)
            ]
        figures = {
            "ratio": statistics.median(ratios),
            "own_ms": statistics.median(own_ms),
            "peer_ms": statistics.median(peer_ms),
            "own_dearer_pct_most": max(dearer),
            "peer_missing_kwh": max(missing),
            "peer_battery_beyond_kwh": max(0.0, *beyond),
            "peer_ended_early": sum(plan["ended"] != "optimal" for plan in said["plans"][1:]),
        }
        kind = "with least powers" if least else "without least powers"
        print(
            f"FlexMeasures {said['version']}, car park, {kind}: "
            + ", ".join(f"{k} {v:.4g}" for k, v in figures.items())
        )
        name = "plan_flexmeasures_whole" if least else "plan_flexmeasures"
        print(json.dumps({"benchmark": name, **{k: round(v, 4) for k, v in figures.items()}}))


def _energies_kwh(battery: BatteryTask, power_w: list[float]) -> list[float]:
    """What the battery holds after each step of a plan, reckoned by ourselves: a peer that is given too much would look cheap."""
    energy, found = battery.soc_kwh, []
    for kwh in (power / 4000.0 for power in power_w):
        energy += kwh * battery.charge_efficiency if kwh > 0.0 else kwh / battery.discharge_efficiency
        found.append(energy)
    return found


def _car_park_question(problem: Problem) -> dict[str, object]:
    def fields(task: BatteryTask | CarTask) -> dict[str, object]:
        return {name: getattr(task, name) for name in task.__dataclass_fields__}

    return {
        "import_price": problem.import_price,
        "export_price": problem.export_price,
        "import_limit_w": problem.import_limit_w,
        "load_w": problem.load_w,
        "pv_w": problem.pv_w,
        "eur_per_kw": problem.peak.eur_per_kw,
        "paid_w": max(problem.peak.so_far_w, problem.peak.floor_w),
        "battery": fields(problem.batteries[0]),
        "cars": [fields(car) for car in problem.cars],
    }
