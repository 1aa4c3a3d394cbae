"""The writer: fresh decisions only, changes at once, decreases first, failures retried."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from kwartier.edge.writer import REFRESH_S, Writer
from kwartier.site.errors import DeviceRefused, DeviceUnreachable
from kwartier.site.readings import DeviceFault
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Setpoint


@dataclass
class HandClock:
    """A clock that moves when it is told."""

    now_s: float = 100.0

    def monotonic_s(self) -> float:
        return self.now_s

    def utc_s(self) -> float:
        return self.now_s

    async def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s
        await asyncio.sleep(0)


@dataclass
class Station:
    """Takes set-points, or not."""

    charge_point_ids: tuple[str, ...] = ("a", "b")
    address: str = "station"
    taken: list[tuple[str, float]] = field(default_factory=list)
    error: Exception | None = None

    async def run(self, post: object) -> None:
        raise AssertionError("the writer reads nothing")

    async def apply(self, setpoint: Setpoint) -> None:
        if self.error is not None:
            raise self.error
        self.taken.append((setpoint.charge_point_id, setpoint.current_a))


class Bench:
    """A writer with its station and clock."""

    def __init__(self) -> None:
        self.clock, self.station = HandClock(), Station()
        self.faults: list[DeviceFault] = []
        self.writer = Writer(self.station, self.clock, self.faults.append)

    async def decide(
        self, point: str, current_a: float, *, valid_s: float = 5.0, phases: int | None = None
    ) -> None:
        now_s = self.clock.now_s
        self.writer.decide(
            Setpoint(
                charge_point_id=point,
                current_a=current_a,
                phases=phases,
                valid_until_s=now_s + valid_s,
                decided_at_s=now_s,
                reason=reason("no_car"),
            )
        )

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    bench = Bench()
    task = asyncio.create_task(bench.writer.run())
    try:
        yield bench
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_change_is_written_at_once_and_once() -> None:
    """The same decision each second is one write until the refresh is due."""
    async with running() as bench:
        for _ in range(int(REFRESH_S)):
            await bench.decide("a", 10.0)
            await bench.settle()
            bench.clock.now_s += 1
        assert bench.station.taken == [("a", 10.0)]
        await bench.decide("a", 10.0)
        await bench.settle()
        assert bench.station.taken == [("a", 10.0), ("a", 10.0)]


async def test_a_change_of_phases_is_a_change() -> None:
    """Written at once, though the current stays as it is."""
    async with running() as bench:
        for phases in (3, 3, 1, 1):
            await bench.decide("a", 0.0, phases=phases)
            await bench.settle()
            bench.clock.now_s += 1
        assert bench.station.taken == [("a", 0.0), ("a", 0.0)]


async def test_a_stale_decision_is_never_written() -> None:
    """Past its deadline a set-point stays unwritten, so that the device's own timer runs out (DESIGN 5.6)."""
    async with running() as bench:
        await bench.decide("a", 10.0, valid_s=0.0)
        await bench.settle()
        assert bench.station.taken == []


async def test_a_stalled_cycle_stops_the_refresh() -> None:
    """Without a new decision nothing is refreshed, however long we wait."""
    async with running() as bench:
        await bench.decide("a", 10.0)
        await bench.settle()
        for _ in range(10):
            bench.clock.now_s += REFRESH_S
            bench.writer.forget("a")
            await bench.settle()
        assert bench.station.taken == [("a", 10.0)]


async def test_decreases_go_before_increases() -> None:
    """When both change, the lower one is written first."""
    async with running() as bench:
        await bench.decide("a", 16.0)
        await bench.decide("b", 6.0)
        await bench.settle()
        bench.station.taken.clear()
        bench.clock.now_s += 1
        await bench.decide("b", 16.0)
        await bench.decide("a", 6.0)
        await bench.settle()
        assert bench.station.taken == [("a", 6.0), ("b", 16.0)]


async def test_a_failed_write_is_told_and_tried_again_with_the_newest_decision() -> None:
    """A station that does not answer gets the decision of the moment, not the one that failed."""
    async with running() as bench:
        bench.station.error = DeviceUnreachable("no answer from station")
        await bench.decide("a", 16.0)
        await bench.settle()
        assert [(f.kind, f.what) for f in bench.faults] == [("unreachable", "no answer from station")]
        bench.station.error = None
        bench.clock.now_s += 1.5
        await bench.decide("a", 8.0)
        await bench.settle()
        assert bench.station.taken == [("a", 8.0)]


async def test_a_refusal_is_told_as_such() -> None:
    """Exception answers are not confused with silence."""
    async with running() as bench:
        bench.station.error = DeviceRefused("no licence")
        await bench.decide("a", 16.0)
        await bench.settle()
        assert bench.faults[0].kind == "refused"


async def test_what_a_device_lost_is_written_again() -> None:
    """After a reboot the same value counts as new."""
    async with running() as bench:
        await bench.decide("a", 10.0)
        await bench.settle()
        bench.writer.forget("a")
        await bench.decide("a", 10.0)
        await bench.settle()
        assert bench.station.taken == [("a", 10.0)] * 2
