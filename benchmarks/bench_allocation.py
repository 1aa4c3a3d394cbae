"""Allocation: ours against acnportal's round robin, in one run, alternating.

    .venv/bin/python benchmarks/bench_allocation.py [--rounds 5] [--no-peer] [--json]

The peer is acnportal 0.3.3 (BSD-3-Clause), installed on demand into an environment of its own under
build/bench/. It runs on its own model of the Caltech car park: 54 cars plugged in at once, each asking 20 kWh at
7 kW; `RoundRobin` in its default (0.1 A steps, stations that take any current from 0 to 32 A) and with the site's
own stations, which take whole steps only. Timed is one `schedule()` call. Ours shares current among the same number
of chargers, on a tree of five levels with three phases, rotated wiring, one-phase cars, weights, 6 A minimums, each
time from scratch. The networks differ: theirs has a delta-wye transformer and 8 constraints, ours 93.

Medians over the rounds; the ratio is peer / ours.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from random import Random

from kwartier.control.allocation import AllocCharger, AllocCircuit, allocate, tree_of

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / "build" / "bench" / "acnportal"
PEER_VERSION = "0.3.3"
ROTATIONS = [(1, 2, 3), (2, 3, 1), (3, 1, 2), (1,), (2,), (3,)]

PEER_CODE = """
import sys, time, warnings
from datetime import datetime, timezone
warnings.simplefilter("ignore")
from acnportal.acnsim import Simulator, EventQueue, PluginEvent, EV, Battery
from acnportal.acnsim.network.sites import caltech_acn
from acnportal.algorithms import RoundRobin, first_come_first_served

def prepare(basic):
    network = caltech_acn(basic_evse=basic)
    events = EventQueue([
        PluginEvent(0, EV(0, 144, 20, station, f"ev{i}", Battery(40, 10, 7)))
        for i, station in enumerate(network.station_ids)
    ])
    algorithm = RoundRobin(first_come_first_served)
    simulator = Simulator(network, algorithm, events, datetime(2026, 1, 5, tzinfo=timezone.utc), period=5, verbose=False)
    for event in events.get_current_events(0):
        event_ev = event.ev
        network.plugin(event_ev)
    sessions = algorithm.interface.active_sessions()
    assert len(sessions) == 54, len(sessions)
    return algorithm, sessions

ready = {"continuous": prepare(True), "stepped": prepare(False)}
print("ready", flush=True)
for line in sys.stdin:
    algorithm, sessions = ready[line.strip()]
    started = time.perf_counter()
    schedule = algorithm.schedule(sessions)
    spent = time.perf_counter() - started
    print(spent, sum(float(rates[0]) for rates in schedule.values()), flush=True)
"""


class Peer:
    """acnportal in a process of its own that runs one step each time it is asked."""

    def __init__(self) -> None:
        python = PEER / "bin" / "python"
        if not python.exists():
            print(f"installing acnportal {PEER_VERSION} into {PEER.relative_to(ROOT)} ...", file=sys.stderr)
            venv.create(PEER, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", f"acnportal=={PEER_VERSION}"]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
        clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        self._process = subprocess.Popen(
            [str(python), "-c", PEER_CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean,
        )
        assert self._answer() == ["ready"]

    def _answer(self) -> list[str]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit("the peer stopped; see its message above")
        return line.split()

    def run(self, variant: str) -> float:
        """Seconds of one step."""
        assert self._process.stdin is not None
        print(variant, file=self._process.stdin, flush=True)
        return float(self._answer()[0])

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


Site = tuple[list[AllocCircuit], list[AllocCharger]]


def site(chargers: int, fan: tuple[int, ...], low: float, high: float, seed: int = 1) -> Site:
    """Five levels (the root and four below). Each circuit-phase carries between `low` and `high` times the
    minimums behind it, and at least 16 A."""
    random = Random(seed)
    levels = [["grid"]]
    parent: dict[str, str | None] = {"grid": None}
    for width in fan:
        levels.append([f"{up}.{n}" for up in levels[-1] for n in range(width)])
        parent |= {name: name.rpartition(".")[0] for name in levels[-1]}
    cars = [
        AllocCharger(
            f"c{i}",
            levels[-1][i % len(levels[-1])],
            random.choice(ROTATIONS),
            min_a=6.0,
            max_a=random.choice([16.0, 20.0, 32.0]),
            weight=random.choice([1.0, 1.0, 1.0, 2.0]),
            waiting_s=float(random.randrange(3600)),
        )
        for i in range(chargers)
    ]
    minimums = {(name, p): 0.0 for name in parent for p in (1, 2, 3)}
    for car in cars:
        at: str | None = car.circuit
        while at is not None:
            for p in car.phases:
                minimums[at, p] += car.min_a
            at = parent[at]
    circuits = []
    for name, up in parent.items():
        factor = random.uniform(low, high)
        l1, l2, l3 = (max(16.0, round(factor * minimums[name, p], 1)) for p in (1, 2, 3))
        base = (round(random.uniform(-2, 2), 1),) * 3 if name in levels[-1] else (0.0, 0.0, 0.0)
        circuits.append(AllocCircuit(name, up, (l1, l2, l3), base))
    return circuits, cars


def ours(problem: Site) -> Callable[[], float]:
    """A step with the tree made beforehand, as the control loop does."""
    circuits, cars = problem
    tree = tree_of(circuits)

    def step() -> float:
        started = time.perf_counter()
        allocate(circuits, cars, tree=tree)
        return time.perf_counter() - started

    step()
    return step


def main() -> None:
    """Print the medians, the ratios and the goals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-peer", action="store_true", help="only our own figures")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    small, large = (2, 2, 2, 2), (3, 4, 3, 5)
    problems = {
        "54 chargers": site(54, small, 1.2, 3.0),
        "54 chargers, scarce": site(54, small, 0.5, 1.3),
        "1000 chargers": site(1000, large, 1.2, 3.0),
        "1000 chargers, scarce": site(1000, large, 0.5, 1.3),
    }
    steps = {name: ours(problem) for name, problem in problems.items()}
    peer = None if options.no_peer else Peer()
    spent: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for name, step in steps.items():
            spent.setdefault(name, []).extend(step() for _ in range(5))
        if peer is not None:
            for variant in ("continuous", "stepped"):
                spent.setdefault(f"acnportal round robin, {variant}", []).append(peer.run(variant))
    if peer is not None:
        peer.close()
    report({name: 1e3 * statistics.median(times) for name, times in spent.items()}, problems, options.json)


def report(median_ms: dict[str, float], problems: dict[str, Site], as_json: bool) -> None:
    """Medians, admissions and ratios."""
    admitted = {n: sum(g.admitted for g in allocate(*p).grants) for n, p in problems.items()}
    proven = {n: allocate(*p).exact for n, p in problems.items()}
    ratios = {
        f"{name} / 54 chargers": value / median_ms["54 chargers"]
        for name, value in median_ms.items()
        if name.startswith("acnportal")
    }
    if as_json:
        print(json.dumps({"median_ms": median_ms, "admitted": admitted, "proven": proven, "ratio": ratios}))
        return
    for name, value in median_ms.items():
        more = (
            f"   {admitted[name]} admitted{'' if proven[name] else ' (not proven)'}"
            if name in admitted
            else ""
        )
        print(f"{name:40s} {value:10.2f} ms{more}")
    for name, value in ratios.items():
        print(f"{name:56s} {value:8.0f} x")


if __name__ == "__main__":
    main()
