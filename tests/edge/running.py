"""A whole site in one process: emulated devices on loopback sockets, the real controller, paced time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kwartier.config.building import set_urls
from kwartier.config.loading import load
from kwartier.config.models import SiteConfig
from kwartier.edge.controller import Controller, Place
from kwartier.edge.host.clock import PacedClock
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.scenarios import Scenario
from kwartier.simulation.stories import story
from kwartier.web.live import Document

SPEED = 30.0


@dataclass
class LiveSite:
    """A running demonstration and its parts."""

    clock: PacedClock
    emulation: Emulation
    controller: Controller
    task: asyncio.Task[None]
    url: str

    @property
    def state(self) -> Document:
        return self.controller.live.state()

    @property
    def meter(self) -> Document:
        found: Document = self.state["meters"][0]
        return found

    @property
    def scenario(self) -> Scenario:
        return self.emulation.scenario

    def allowed_a(self) -> dict[str, float]:
        return {p["id"]: p["allowed_a"] for p in self.state["charge_points"]}

    async def until(self, what: Callable[[], bool], within_s: float) -> float:
        """Wait in simulated time until something holds; returns how long it took."""
        began_s = self.clock.monotonic_s()
        while not what():
            waited_s = self.clock.monotonic_s() - began_s
            assert waited_s <= within_s, f"not within {within_s} s: {self.state}"
            await self.clock.sleep(0.5)
        return self.clock.monotonic_s() - began_s

    async def crash(self) -> None:
        """End the controller without a word, as `kill -9` would."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@contextlib.asynccontextmanager
async def live_site(
    name: str,
    history: Path,
    speed: float = SPEED,
    change: Callable[[SiteConfig], SiteConfig] = lambda config: config,
    planning: bool = False,
) -> AsyncIterator[LiveSite]:
    """Start a site, its file changed first, and wait until its web server answers. `planning`: with the planner's
    process, which takes a second of its own."""
    scene = story(name)
    clock = PacedClock(start_utc_s=scene.start_utc_s, speed=speed)
    pace = asyncio.create_task(clock.run())
    config = change(load(Path(str(files("kwartier.config") / "examples" / f"{name}.yaml"))))
    async with Emulation(scene, clock) as emulation:
        controller = Controller(
            set_urls(config, emulation.urls()),
            clock=clock,
            place=Place(history=history, password=None, port=0),
            planning=planning,
        )
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(controller.run(ready.set_result))
        try:
            yield LiveSite(clock, emulation, controller, task, await ready)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            pace.cancel()
            await asyncio.gather(pace, return_exceptions=True)
