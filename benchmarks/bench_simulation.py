"""How fast simulated time passes, and how long a decision takes on a large site.

    .venv/bin/python benchmarks/bench_simulation.py [--rounds 3] [--only sites|steps]
    PYTHONPATH=build/native .venv/bin/python benchmarks/bench_simulation.py     what `make native` has compiled

sites   simulated seconds per second of processor time, one step per simulated second, of both made-up sites:
        plant, readings, `control.step`, set-points, watcher. Two minutes at each of eight hours of one day, so that
        cars that charge, sleep and are away all have their part; the mean is that of the day.
steps   milliseconds of processor time of one `control.step` for 100 and 1 000 charge points on five levels of circuits,
        all with a car that wants current: with room for all, and scarce so that the minimums do not fit on any level,
        with one minimum and with three. Readings and other load move each second.

Processor time of this thread alone, and of each piece the shortest of `--rounds` runs of the same piece: other
programs on the machine make pieces longer, never shorter. Run it on an idle machine all the same.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from random import Random

from kwartier.cli import PATIENT_GC
from kwartier.control.memory import initial
from kwartier.control.step import __file__ as step_file
from kwartier.control.step import step
from kwartier.simulation.runner import Run
from kwartier.simulation.scenarios import CARPARK_START_S, HOUSEHOLD_START_S, Scenario, carpark, household
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

HOURS = range(0, 24, 3)
ROTATIONS = ((1, 2, 3), (2, 3, 1), (3, 1, 2), (1,), (2,), (3,))
SITES: dict[str, tuple[Callable[..., Scenario], float, float]] = {
    "household": (household, HOUSEHOLD_START_S, 10_000),
    "carpark": (carpark, CARPARK_START_S, 2_000),
}


def bench_site(name: str, rounds: int, seconds: int = 120, warm: int = 600) -> dict[int, float]:
    """Microseconds of a simulated second, by hours after the start of the story."""
    make, start_s, _ = SITES[name]
    out = {}
    for hours in HOURS:
        times = []
        for _ in range(rounds):
            run = Run(make(seed=1, start_utc_s=start_s + 3600 * hours), every_second=True)
            for _ in range(warm):
                run.step()
            pieces = []
            for _ in range(seconds // 20):
                began = time.thread_time()
                for _ in range(20):
                    run.step()
                pieces.append((time.thread_time() - began) / 20)
            times.append(pieces)
        out[hours] = 1e6 * statistics.mean(min(same) for same in zip(*times, strict=True))
    return out


def big_site(points: int, share: float, minimums: tuple[float, ...]) -> Site:
    """Five levels of circuits, a meter at the root. Each circuit carries `share` of the minimums behind it, more or
    less, and no less than 16 A."""
    dice = Random(7)
    fan = (2, 2, 2, 2) if points <= 100 else (3, 4, 3, 5)
    levels = [["grid"]]
    parent: dict[str, str | None] = {"grid": None}
    for width in fan:
        levels.append([f"{up}.{n}" for up in levels[-1] for n in range(width)])
        parent |= {name: name.rpartition(".")[0] for name in levels[-1]}
    charge_points = tuple(
        ChargePoint(
            id=f"p{i}",
            name=f"P{i}",
            circuit=levels[-1][i % len(levels[-1])],
            conductors=dice.choice(ROTATIONS),
            min_a=dice.choice(minimums),
            fallback_a=6.0,
        )
        for i in range(points)
    )
    wanted = {(name, phase): 0.0 for name in parent for phase in (1, 2, 3)}
    for point in charge_points:
        at: str | None = point.circuit
        while at is not None:
            for phase in point.conductors:
                wanted[at, phase] += point.min_a
            at = parent[at]
    circuits = []
    for name, up in parent.items():
        factor = share * dice.uniform(0.6, 1.4)
        l1, l2, l3 = (max(16.0, round(factor * wanted[name, phase], 1)) for phase in (1, 2, 3))
        meter = "main" if up is None else None
        circuits.append(Circuit(id=name, name=name, parent=up, limit_a=(l1, l2, l3), meter=meter))
    return Site(
        name="bench",
        circuits=tuple(circuits),
        meters=(Meter(id="main", name="Main", role="grid", address="x"),),
        charge_points=charge_points,
    )


def bench_steps(site: Site, rounds: int, steps: int = 150, warm: int = 60) -> list[float]:
    """Milliseconds of each step after the first ones, the shortest of the same step in `rounds` runs."""
    runs = []
    for _ in range(rounds):
        dice, memory, times = Random(3), initial(site, 0.0), []
        for second in range(1, steps + warm):
            picture = _picture(site, {i: m.granted_a for i, m in memory.points.items()}, float(second), dice)
            began = time.thread_time()
            memory = step(site, memory, picture).memory
            times.append(1e3 * (time.thread_time() - began))
        runs.append(times[warm:])
    return [min(same) for same in zip(*runs, strict=True)]


def _picture(site: Site, granted: dict[str, float], now_s: float, dice: Random) -> Picture:
    """Every car draws what it is granted; the other load moves by a few ampere."""
    total = [dice.uniform(0.0, 5.0) for _ in range(3)]
    points = {}
    for point in site.charge_points:
        allowed_a = granted[point.id]
        currents = [allowed_a if i < len(point.conductors) else 0.0 for i in range(3)]
        for phase in point.conductors:
            total[phase - 1] += allowed_a
        points[point.id] = ChargePointReading(
            charge_point_id=point.id,
            at_s=now_s,
            state="C2" if allowed_a else "B2",
            current_a=(currents[0], currents[1], currents[2]),
            applied_a=allowed_a,
            setpoint_a=allowed_a,
        )
    main = MeterReading(meter_id="main", at_s=now_s, current_a=(total[0], total[1], total[2]))
    return Picture(now_s=now_s, utc_s=1.8e9 + now_s, meters={"main": main}, charge_points=points, wishes={})


def main() -> None:
    """Print both parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("sites", "steps"))
    asked = parser.parse_args()
    gc.set_threshold(*PATIENT_GC)  # as the commands do
    print("interpreted" if str(step_file).endswith(".py") else "compiled (scripts/native.py)")
    if asked.only != "steps":
        for name, (_, _, goal) in SITES.items():
            times = bench_site(name, asked.rounds)
            day_us = statistics.mean(times.values())
            hours = ", ".join(f"+{h} h {us:.0f}" for h, us in times.items())
            print(f"{name}: {1e6 / day_us:.0f} x real time over the day (goal: {goal:.0f} x)")
            print(f"  {day_us:.0f} us per simulated second; from the start of the story: {hours}")
    if asked.only != "sites":
        for points in (100, 1000):
            for what, share, minimums in (
                ("room for all", 8.0, (6.0,)),
                ("scarce on all levels", 0.8, (6.0,)),
                ("scarce, three minimums", 0.8, (6.0, 8.0, 10.0)),
            ):
                ordered = sorted(bench_steps(big_site(points, share, minimums), asked.rounds))
                p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
                print(
                    f"step, {points} charge points, {what}: p50 {statistics.median(ordered):.1f} ms, "
                    f"p99 {p99:.1f} ms, max {ordered[-1]:.1f} ms"
                )


if __name__ == "__main__":
    main()
