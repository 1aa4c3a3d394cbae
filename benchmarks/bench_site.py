"""The running site: the whole cycle, the reaction from telegram to write, memory and start.

    .venv/bin/python benchmarks/bench_site.py [--points 100] [--steps 20]

cycle     `Cycle.tick` with everything that hangs on it (step, set-points to writers, quarter accounts, hand-over to
          the historian, the live document as JSON) for a site of that many charge points, all charging
reaction  a household over real loopback sockets in real time: from the last byte of the telegram that shows a new
          load to the arrival of the lower set-point's write request at the station
core      `kwartier run` on the same devices as a process of its own: CPU until the first answer, memory

Medians, 99th percentiles and maxima of one run; the machine is shared, so look at several runs.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kwartier.config.building import set_urls
from kwartier.config.loading import load
from kwartier.control.memory import initial
from kwartier.edge.account import Account
from kwartier.edge.alarms import AlarmBook
from kwartier.edge.blackboard import Blackboard
from kwartier.edge.controller import Controller, Place
from kwartier.edge.cycle import Cycle
from kwartier.edge.fire import FireWatch
from kwartier.edge.host.clock import RealClock
from kwartier.edge.views.live import Live
from kwartier.historian.historian import Historian
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators.alfen import AlfenEmulator
from kwartier.simulation.emulators.p1_meter import P1MeterEmulator
from kwartier.simulation.scenarios import household
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

EXAMPLE = Path(str(files("kwartier.config") / "examples" / "household.yaml"))


class StepClock:
    """A clock that moves a second when it is told."""

    now_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    def utc_s(self) -> float:
        return 1_795_000_000.0 + self.now_s

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(0)


def big_site(points: int) -> Site:
    """One meter, two boards, four groups each, sockets with rotated wiring."""
    boards = [Circuit(id=f"b{i}", name=f"B{i}", parent="grid", limit_a=(points * 2.5,) * 3) for i in range(2)]
    groups = [
        Circuit(id=f"g{i}", name=f"G{i}", parent=f"b{i % 2}", limit_a=(points * 0.8,) * 3) for i in range(8)
    ]
    grid = Circuit(
        id="grid", name="Grid", parent=None, limit_a=(points * 4.0,) * 3, meter="main", safe_current_a=100.0
    )
    rotations = ((1, 2, 3), (2, 3, 1), (3, 1, 2), (1,), (2,))
    return Site(
        name="bench",
        circuits=(grid, *boards, *groups),
        meters=(Meter(id="main", name="Main", role="grid", address="x"),),
        charge_points=tuple(
            ChargePoint(
                id=f"p{i}", name=f"P{i}", circuit=f"g{i % 8}", conductors=rotations[i % 5], fallback_a=6.0
            )
            for i in range(points)
        ),
    )


def bench_cycle(points: int, rounds: int = 300) -> list[float]:
    """CPU seconds of each tick, all cars charging, the other load moving."""
    site, clock = big_site(points), StepClock()
    times = []
    with tempfile.TemporaryDirectory() as folder:
        historian = Historian.open(Path(folder) / "h.sqlite", clock, site=site)
        historian.start()
        zone = ZoneInfo(site.time_zone)
        fire = FireWatch(
            (), clock=clock, path=Path(folder) / "latch", tell=historian.message, wake=lambda: None, zone=zone
        )
        book = AlarmBook(
            historian,
            clock=clock,
            zone=zone,
            names={},
            tell=historian.message,
            proof_problems=lambda: None,
        )
        cycle = Cycle(
            site=site,
            clock=clock,
            memory=initial(site, 0.0),
            board=Blackboard(),
            writers={},
            account=Account(site, {}, historian.quarter),
            limits=lambda _: (),
            fire=fire,
        )
        live = Live(
            cycle=cycle,
            historian=historian,
            writers={},
            keep=lambda _urgent: None,
            fire=fire,
            alarms=book.look,
        )
        cycle.listeners.append(live.after_cycle)
        for second in range(rounds):
            clock.now_s += 1.0
            _feed(cycle, clock.now_s, points * (0.5 + 0.1 * (second % 7)))
            began = time.thread_time()
            cycle.tick()
            times.append(time.thread_time() - began)
        historian.close()
    return times[60:]


def _feed(cycle: Cycle, now_s: float, base_a: float) -> None:
    total = [base_a] * 3
    for point in cycle.site.charge_points:
        allowed = cycle.memory.points[point.id].granted_a
        current = [allowed if i < len(point.conductors) else 0.0 for i in range(3)]
        for value, phase in zip(current, point.conductors, strict=False):
            total[phase - 1] += value
        cycle.board.post(
            ChargePointReading(
                charge_point_id=point.id,
                at_s=now_s,
                state="C2" if allowed else "B2",
                current_a=(current[0], current[1], current[2]),
                applied_a=allowed,
                setpoint_a=allowed,
            )
        )
    cycle.board.post(
        MeterReading(
            meter_id="main",
            at_s=now_s,
            current_a=(total[0], total[1], total[2]),
            power_w=230.0 * sum(total),
            energy_import_kwh=now_s / 10,
        )
    )


async def bench_reaction(steps: int) -> list[float]:
    """Seconds from telegram to write, for loads that switch on in a household."""
    story, clock = household(), RealClock()
    sent: list[float] = []
    written: list[tuple[float, float]] = []
    send, write = P1MeterEmulator._bytes, AlfenEmulator.write

    def sending(self: P1MeterEmulator) -> bytes:
        data = send(self)
        sent.append(time.perf_counter())
        return data

    def writing(self: AlfenEmulator, unit: int, address: int, words: Sequence[int]) -> None:
        written.append((time.perf_counter(), story.plant.now_s))
        write(self, unit, address, words)

    P1MeterEmulator._bytes, AlfenEmulator.write = sending, writing  # type: ignore[method-assign]
    out = []
    with tempfile.TemporaryDirectory() as folder:
        async with Emulation(story, clock) as emulation:
            config = set_urls(load(EXAMPLE), emulation.urls())
            place = Place(history=Path(folder) / "h.sqlite", password=None, port=0)
            controller = Controller(config, clock=clock, place=place)
            task = asyncio.create_task(controller.run(lambda _url: None))
            while controller.live.state()["charge_points"][0]["allowed_a"] < 30:
                await asyncio.sleep(0.5)
            for _ in range(steps):
                out += [await _one_step(story.plant, sent, written, controller)]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    return out


async def _one_step(plant, sent, written, controller) -> float:  # type: ignore[no-untyped-def]
    """Switch on 6 kW on L1 and time the first lower set-point after the telegram that shows it."""
    limit = controller.live.state()["charge_points"][0]["allowed_a"]
    plant.switch_on("grid", 1, 6000.0, 4.0)
    seen = len(written)
    while len(written) == seen or controller.live.state()["charge_points"][0]["allowed_a"] >= limit:
        await asyncio.sleep(0.001)
    arrived = written[seen][0]
    telegram = max(t for t in sent if t < arrived)
    while controller.live.state()["charge_points"][0]["allowed_a"] < 20:  # so that the next load binds again
        await asyncio.sleep(0.2)
    return arrived - telegram


async def bench_core() -> dict[str, float]:
    """CPU until the first answer and memory after 15 s of `kwartier run`."""
    story, clock = household(), RealClock()
    with tempfile.TemporaryDirectory() as folder:
        async with Emulation(story, clock) as emulation:
            text = EXAMPLE.read_text()
            config = load(EXAMPLE)
            urls = emulation.urls()
            for device in (*config.meters, *config.charge_points):
                text = text.replace(device.url, urls[device.id])
            path = Path(folder) / "site.yaml"
            path.write_text(text)
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "kwartier", "run", str(path), "--port", "18099", cwd=folder,
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            began = time.perf_counter()
            await asyncio.to_thread(_until_answer, "http://127.0.0.1:18099/api/v1/state")
            answer_s, cpu_s = time.perf_counter() - began, _cpu_s(process.pid)
            await asyncio.sleep(15)
            steady_s = _cpu_s(process.pid)
            await asyncio.sleep(10)
            steady_s = (_cpu_s(process.pid) - steady_s) / 10
            memory_mb = _memory_mb(process.pid)
            process.terminate()
            await process.wait()
    return {
        "first_answer_wall_s": answer_s,
        "first_answer_cpu_s": cpu_s,
        "memory_mb": memory_mb,
        "cpu": steady_s,
    }


def _until_answer(url: str) -> None:
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=1).read()
            return
        time.sleep(0.02)


def _both(guardian: int) -> list[int]:
    """The guardian and its controller."""
    children = Path(f"/proc/{guardian}/task/{guardian}/children").read_text().split()
    return [guardian, *map(int, children)]


def _cpu_s(guardian: int) -> float:
    stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in _both(guardian)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def _memory_mb(guardian: int) -> float:
    """Proportional: what both share counts once."""
    rolled = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in _both(guardian)]
    lines = [next(x for x in text.splitlines() if x.startswith("Pss:")) for text in rolled]
    return sum(int(line.split()[1]) for line in lines) / 1024


def _told(name: str, values: list[float], goal_ms: float) -> None:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    figures = f"median {statistics.median(values) * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms, max {ordered[-1] * 1e3:.2f} ms"
    print(f"{name}: {figures} (goal: < {goal_ms:g} ms)")


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--steps", type=int, default=5)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _told(f"cycle, {asked.points} charge points, CPU", bench_cycle(asked.points), 10)
    _told("telegram's last byte to Modbus write", asyncio.run(bench_reaction(asked.steps)), 50)
    core = asyncio.run(bench_core())
    print(
        f"core: first answer after {core['first_answer_cpu_s']:.2f} s CPU (goal: < 1.5), "
        f"{core['first_answer_wall_s']:.2f} s wall; {core['memory_mb']:.0f} MB in memory, guardian and controller (goal: <= 90); "
        f"{core['cpu'] * 100:.1f} % of a core while it runs"
    )


if __name__ == "__main__":
    main()
