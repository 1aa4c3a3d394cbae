"""What recording costs: `python benchmarks/bench_historian.py [CHARGE_POINTS] [CYCLES]`.

A site in which every charge point and meter reports something new every second, decided by the real control
loop. Prints the cost for the caller per cycle (the cycle's budget is 0.2 ms), the writer's own work per
cycle, the bytes in the file, and the time of the common questions. The times for the caller are while the
writer works beside it on the same interpreter.
"""

import random
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from kwartier.control.memory import Memory, initial
from kwartier.control.step import step
from kwartier.historian import Historian
from kwartier.historian.blocks import BlockWriter, Cycle
from kwartier.historian.charts import quantities
from kwartier.historian.codec import codec_of
from kwartier.historian.replay import replay
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

T0 = 1_790_000_000.0


class Clock:
    """The machine's clock."""

    def monotonic_s(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def utc_s(self) -> float:
        """UTC seconds."""
        return T0

    async def sleep(self, duration_s: float) -> None:
        """Nobody waits on this clock."""
        raise AssertionError(duration_s)


def site_of(count: int) -> Site:
    """A grid connection with two circuits, metered."""
    ids = ("grid", "a", "b")
    return Site(
        name="bench",
        circuits=tuple(
            Circuit(
                id=i, name=i, parent=None if i == "grid" else "grid", limit_a=(160.0,) * 3, meter=f"m-{i}"
            )
            for i in ids
        ),
        meters=tuple(Meter(id=f"m-{i}", name=i, role="circuit", address="bench") for i in ids),
        charge_points=tuple(
            ChargePoint(id=f"cp{n:03}", name=f"CP {n}", circuit=ids[1 + n % 2], conductors=(1, 2, 3))
            for n in range(count)
        ),
    )


def picture_of(site: Site, n: int, dice: random.Random) -> Picture:
    """Everybody speaks; currents wander as real ones do."""
    now_s = 1000.0 + n
    meters = {}
    for m in site.meters:
        load = tuple(round(40 + 20 * dice.random(), 2) for _ in range(3))
        meters[m.id] = MeterReading(
            meter_id=m.id,
            at_s=now_s - 0.2,
            current_a=load,
            power_w=round(sum(load) * 231, 0),
            meter_time_s=T0 + n,
            energy_import_kwh=round(1000 + n * 0.012, 3),
            voltage_v=(231.2, 230.9, round(232 + dice.random(), 1)),
        )
    points = {}
    for p in site.charge_points:
        amps = round(6 + 10 * dice.random(), 2)
        points[p.id] = ChargePointReading(
            charge_point_id=p.id,
            at_s=now_s - dice.random(),
            state="C2",
            current_a=(amps, amps, amps),
            voltage_v=(231.0, 231.0, 231.0),
            power_w=round(amps * 693),
            energy_kwh=round(500 + n * 0.002, 3),
            setpoint_a=16.0,
            applied_a=16.0,
            setpoint_used=True,
            valid_for_s=float(60 - n % 20),
            fallback_a=6.0,
        )
    return Picture(now_s=now_s, utc_s=T0 + n, meters=meters, charge_points=points, wishes={})


def main(count: int, cycles: int) -> None:
    """Measure and print."""
    site, dice = site_of(count), random.Random(1)
    memory = initial(site, 999.0)
    recorded = []
    for n in range(cycles):
        picture = picture_of(site, n, dice)
        decision = step(site, memory, picture)
        recorded.append((memory, picture, decision))
        memory = decision.memory
    print(f"{count} charge points, {cycles} cycles")
    _writer_cost(recorded)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.sqlite"
        historian = Historian.open(path, Clock(), site=site)
        historian.start()
        costs = []
        for n, (before, picture, decision) in enumerate(recorded):
            begin = time.perf_counter()
            historian.cycle(picture, decision, before=before)
            costs.append((time.perf_counter() - begin) * 1e6)
            if n % 20 == 19:
                historian.flush()
        historian.close()
        print(f"caller: median {statistics.median(costs):.1f} us, max {max(costs):.0f} us per cycle")
        size = path.stat().st_size
        print(f"file: {size / cycles:.0f} bytes per cycle, {size / cycles * 86400 / 1e6:.0f} MB a day")
        _questions(historian, path, cycles)


def _writer_cost(recorded: list) -> None:
    codec = codec_of(Picture)
    begin = time.perf_counter()
    for (_, a, _), (_, b, _) in pairwise(recorded):
        codec.delta(a, b)
    delta_ms = (time.perf_counter() - begin) / len(recorded) * 1e3
    writer = BlockWriter("")
    begin = time.perf_counter()
    for n, (before, picture, decision) in enumerate(recorded):
        writer.add(Cycle(before, picture, decision, {}, linked=n > 0))
    block_ms = (time.perf_counter() - begin) / len(recorded) * 1e3
    begin = time.perf_counter()
    for _, picture, decision in recorded:
        list(quantities(picture, decision, {}))
    chart_ms = (time.perf_counter() - begin) / len(recorded) * 1e3
    print(
        f"writer: picture delta {delta_ms:.2f} ms, block with digest {block_ms:.2f} ms, chart {chart_ms:.2f} ms"
    )


def _questions(historian: Historian, path: Path, cycles: int) -> None:
    for words, ask in (
        ("chart of all recorded", lambda: historian.series("meter.m-grid.power_w", T0, T0 + cycles, 60)),
        ("50 decisions", lambda: historian.decisions("cp000", 50)),
        ("50 messages", lambda: historian.messages(50)),
    ):
        begin = time.perf_counter()
        ask()
        print(f"{words}: {(time.perf_counter() - begin) * 1e3:.1f} ms")
    begin = time.perf_counter()
    result = replay(path, step, Memory)
    seconds = time.perf_counter() - begin
    print(f"replay: {result.same} of {result.cycles} the same, {result.cycles / seconds:.0f} cycles/s")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]) if len(sys.argv) > 2 else (24, 1200))
