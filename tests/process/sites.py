"""A household on loopback sockets and the real clock, with the controller in this process."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kwartier.config.building import set_urls
from kwartier.config.loading import load
from kwartier.edge.controller import Controller, Place
from kwartier.edge.host.clock import RealClock
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.scenarios import household
from kwartier.site.setpoints import Wish
from kwartier.web.live import Document

LATE_S = 2.6
"""Longest time between two cycles: twice their period and a little."""


class SteppedClock(RealClock):
    """The real clock, whose UTC a test can set."""

    set_s = 0.0

    def utc_s(self) -> float:
        return time.time() + self.set_s


@dataclass
class RealSite:
    """A running site and its parts."""

    controller: Controller
    plant: Plant
    clock: SteppedClock
    url: str

    @property
    def state(self) -> Document:
        return self.controller.live.state()

    def said(self, words: str) -> int:
        """How many messages hold these words."""
        return sum(words in m["en"] for m in self.state["messages"])

    async def until(self, what: Callable[[], bool], within_s: float = 30.0) -> float:
        """Wait in real time; returns how long it took."""
        began = time.monotonic()
        while not what():
            assert time.monotonic() - began <= within_s, f"not within {within_s} s: {self.state}"
            await asyncio.sleep(0.01)
        return time.monotonic() - began

    async def obeys(self, within_s: float = 5.0) -> None:
        """A person stops a car and lets it charge again, and the station is told both in time."""
        socket, wish = self.plant.socket["left"], self.controller.live.wish
        wish(Wish(charge_point_id="left", mode="off"))
        await self.until(lambda: socket.setpoint_a == 0, within_s)
        wish(Wish(charge_point_id="left"))
        await self.until(lambda: (socket.setpoint_a or 0) >= 6, within_s)

    @contextlib.asynccontextmanager
    async def no_cycle_late(self) -> AsyncIterator[None]:
        """Watch the cycle meanwhile."""
        health = self.controller.cycle.health
        gaps, last = [0.0], time.monotonic()

        async def look() -> None:
            nonlocal last
            number = health.number
            while True:
                await asyncio.sleep(0.02)
                now = time.monotonic()
                gaps.append(now - last)
                if health.number != number:
                    number, last = health.number, now

        failures = health.failures
        task = asyncio.create_task(look())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert max(gaps) <= LATE_S, f"no cycle for {max(gaps):.2f} s"
        assert health.failures == failures


@contextlib.asynccontextmanager
async def real_site(history: Path) -> AsyncIterator[RealSite]:
    """Start it, with one car, and wait until that has its first current."""
    story, clock = household(), SteppedClock()
    clock.set_s = story.start_utc_s - time.time()  # the meter's time, too
    story.plant._visits = ()
    story.plant.socket["left"].connect(Car(battery_kwh=1e6, soc=0.3, phases=1, max_a=16.0))
    config = load(Path(str(files("kwartier.config") / "examples" / "household.yaml")))
    async with Emulation(story, clock) as emulation:
        controller = Controller(
            set_urls(config, emulation.urls()),
            clock=clock,
            place=Place(history=history, password=None, port=0),
        )
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(controller.run(ready.set_result))
        try:
            site = RealSite(controller, story.plant, clock, await ready)
            await site.until(lambda: (story.plant.socket["left"].setpoint_a or 0) >= 6)
            yield site
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
