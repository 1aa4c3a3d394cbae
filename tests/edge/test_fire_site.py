"""Fire and emergency inputs over real sockets: from a contact to 0 A at the chargers, on the real clock."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from kwartier.config.building import set_urls
from kwartier.config.inputs import InputConfig
from kwartier.config.loading import load
from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.edge.controller import Controller, Place
from kwartier.edge.host.clock import RealClock
from kwartier.historian.replay import replay
from kwartier.historian.slots import Slots
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import DigitalInputEmulator
from kwartier.simulation.scenarios import scenario
from kwartier.web.live import Document

RESET = {"name": "Ann", "role": "facility manager", "reason": "burnt toast"}


@dataclass
class FireSite:
    """A running household with a fire panel on a digital input module."""

    emulation: Emulation
    panel: DigitalInputEmulator
    controller: Controller
    task: asyncio.Task[None]
    url: str

    @property
    def state(self) -> Document:
        return self.controller.live.state()

    @property
    def input(self) -> Document:
        found: Document = self.controller.fire.inputs()[0]
        return found

    def told_a(self) -> list[float]:
        """What the stations were told, in their own registers; below zero: nothing yet."""
        told = [s.setpoint_a for s in self.emulation.scenario.plant.socket.values()]
        return [-1.0 if a is None else a for a in told]

    def all_stopped(self) -> bool:
        """Whether every station was told 0 A."""
        return all(a == 0 for a in self.told_a())

    async def until(self, what: Callable[[], bool], within_s: float) -> float:
        """Wait in real time; returns how long it took."""
        began = time.monotonic()
        while not what():
            assert time.monotonic() - began <= within_s, (
                f"not within {within_s} s: {self.input} {self.told_a()}"
            )
            await asyncio.sleep(0.005)
        return time.monotonic() - began

    async def charging(self) -> None:
        """Until the input is quiet and the first car may charge."""
        await self.until(lambda: self.input["state"] == "quiet" and max(self.told_a()) >= 6, 30)

    async def crash(self) -> None:
        """End the controller without a word."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@contextlib.asynccontextmanager
async def fire_site(
    history: Path, emulation: Emulation, panel: DigitalInputEmulator, **changes: object
) -> AsyncIterator[FireSite]:
    """The controller of the household on these devices."""
    config = load(Path(str(files("kwartier.config") / "examples" / "household.yaml")))
    entry = {"id": "panel", "name": "Fire panel", "url": panel.pin_url, "return_every_s": 1.0} | changes
    entry = {k: v for k, v in entry.items() if v is not None}
    config = config.model_copy(update={"inputs": [InputConfig.model_validate(entry)]})
    controller = Controller(
        set_urls(config, emulation.urls()),
        clock=RealClock(),
        place=Place(history=history, password=history.with_name("password.json"), port=0),
    )
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(controller.run(ready.set_result))
    site = FireSite(emulation, panel, controller, task, await ready)
    try:
        yield site
    finally:
        await site.crash()


@pytest.fixture
async def devices() -> AsyncIterator[tuple[Emulation, DigitalInputEmulator]]:
    """The household's devices with a panel, on the real clock, at a time at which a car is there."""
    panel = DigitalInputEmulator()
    await panel.start()
    async with Emulation(scenario("household"), RealClock()) as emulation:
        yield emulation, panel
    await panel.stop()


Devices = tuple[Emulation, DigitalInputEmulator]


def latched_on_disk(history: Path) -> bool:
    """Whether another process would find the latch."""
    found = Slots(history.with_name(history.name + ".latch")).load()
    return found is not None and found["inputs"]["panel"]["state"] == "alarm"


@pytest.mark.parametrize("cause", ["alarm", "wire"])
async def test_an_alarm_and_a_broken_wire_reach_the_chargers_within_a_second(
    tmp_path: Path, devices: Devices, cause: str
) -> None:
    """Contact opens -> 0 A stands in every station's register, within one second of the wall's clock."""
    async with fire_site(tmp_path / "h.sqlite", *devices) as site:
        await site.charging()
        await site.panel.fail(cause)
        took_s = await site.until(site.all_stopped, 5)
        assert took_s <= 1.0, f"contact to 0 A in {took_s:.3f} s"
        why = {p["reason"]["code"] for p in site.state["charge_points"]}
        assert why == {"stopped_fire"}
        assert site.state["circuits"][0]["limit_sources"] == ("fire", "fire", "fire")
        assert "Fire alarm (Fire panel): 2 charge points are stopped" in [
            m["en"] for m in site.state["messages"]
        ]


async def test_a_dead_module_stops_charging_too(tmp_path: Path, devices: Devices) -> None:
    """Nobody knows what the panel says, so it counts as an alarm."""
    async with fire_site(tmp_path / "h.sqlite", *devices, silent_after_s=2.0) as site:
        await site.charging()
        await site.panel.fail("unplug")
        took_s = await site.until(site.all_stopped, 6)
        assert 1.5 <= took_s <= 4.0
        assert site.input["state"] == "fault"
        await site.panel.heal()
        await site.until(lambda: site.input["level"] == "quiet", 8)
        assert site.input["stopped"], "latched, although it is heard again"


async def test_a_restart_is_latched_before_its_first_output(tmp_path: Path, devices: Devices) -> None:
    """The panel was reset by itself while Kwartier was down: charging stays stopped until a person resets."""
    history = tmp_path / "h.sqlite"
    async with fire_site(history, *devices) as site:
        await site.charging()
        await site.panel.fail("alarm")
        await site.until(site.all_stopped, 5)
        await site.until(lambda: latched_on_disk(history), 1)
    await devices[1].heal()
    async with fire_site(history, *devices) as site:
        assert site.input["state"] == "alarm"
        assert {p["reason"]["code"] for p in site.state["charge_points"]} == {"stopped_fire"}
        for _ in range(60):
            assert site.all_stopped()
            await asyncio.sleep(0.05)
        assert site.input["level"] == "quiet"


async def test_kill_nine_after_the_alarm_keeps_the_latch(tmp_path: Path, devices: Devices) -> None:
    """The latch is on disk within a second of the alarm: nothing that is saved on the way out is needed."""
    history = tmp_path / "h.sqlite"
    copy = tmp_path / "copy"
    copy.mkdir()
    async with fire_site(history, *devices) as site:
        await site.charging()
        await site.panel.fail("alarm")
        await site.until(lambda: latched_on_disk(history), 1)
        for path in tmp_path.glob("h.sqlite.latch-*"):
            (copy / path.name).write_bytes(path.read_bytes())
    await devices[1].heal()
    async with fire_site(copy / "h.sqlite", *devices) as site:
        assert site.input["state"] == "alarm"


async def test_a_quiet_restart_writes_nothing_before_the_input_was_heard(
    tmp_path: Path, devices: Devices
) -> None:
    """While it is not known whether the panel is quiet, stations are neither raised nor stopped; when it
    stays silent they are stopped, and its first quiet word lets them return without anybody."""
    async with fire_site(tmp_path / "h.sqlite", *devices) as site:
        await site.charging()
        told = site.told_a()
    await devices[1].fail("silent")
    async with fire_site(tmp_path / "h.sqlite", *devices, silent_after_s=5.0) as site:
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            assert site.told_a() == told
            await asyncio.sleep(0.05)
        await site.until(site.all_stopped, 8)
        await devices[1].heal()
        await site.until(lambda: site.input["state"] == "quiet", 12)
        await site.until(lambda: max(site.told_a()) >= 6, 30)


async def test_reset_on_site_and_return_one_by_one(tmp_path: Path, devices: Devices) -> None:
    """Refused while the input says alarm and without the password; then one charge point returns per pause."""
    async with (
        fire_site(tmp_path / "h.sqlite", *devices, return_every_s=3.0) as site,
        httpx.AsyncClient(base_url=site.url) as client,
    ):
        await client.post("/api/v1/setup", json={"password": "correct horse battery"})
        await site.charging()
        await site.panel.fail("alarm")
        await site.until(lambda: site.input["stopped"], 3)
        refused = await client.post("/api/v1/inputs/panel/reset", json=RESET)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:kwartier:problem:not-now")
        await site.panel.heal()
        await site.until(lambda: site.input["level"] == "quiet", 3)
        assert (await client.post("/api/v1/inputs/panel/reset", json=RESET)).status_code == 409, (
            "not yet 5 s quiet"
        )
        await asyncio.sleep(5.1)
        async with httpx.AsyncClient(base_url=site.url) as stranger:
            assert (await stranger.post("/api/v1/inputs/panel/reset", json=RESET)).status_code == 401
        done = await client.post("/api/v1/inputs/panel/reset", json=RESET)
        assert (done.status_code, done.json()["state"]) == (200, "returning")
        began = time.monotonic()
        await site.until(lambda: site.input["returned"] == 1, 3)
        waits = [p for p in site.state["charge_points"] if p["reason"]["code"] == "stopped_returning"]
        assert len(waits) == 1
        await site.until(lambda: site.input["state"] == "quiet", 6)
        assert time.monotonic() - began >= 2.9
        told = [m["en"] for m in site.state["messages"]]
        assert any("reset by somebody (facility manager): burnt toast" in text for text in told), (
            "everybody on the network may look; only the journal and those who are logged in have the name"
        )
        await site.until(lambda: max(site.told_a()) >= 6, 30)


async def test_over_http_with_a_token_and_a_heartbeat(tmp_path: Path, devices: Devices) -> None:
    """A program with a token says quiet again and again; its alarm and its silence both stop charging."""
    async with (
        fire_site(tmp_path / "h.sqlite", *devices, url=None, http=True, silent_after_s=3.0) as site,
        httpx.AsyncClient(base_url=site.url) as client,
    ):
        await client.post("/api/v1/setup", json={"password": "correct horse battery"})
        token = (await client.post("/api/v1/tokens", json={"name": "panel"})).json()["token"]
        async with httpx.AsyncClient(base_url=site.url) as program:
            says = "/api/v1/inputs/panel"
            assert (await program.post(says, json={"state": "quiet"})).status_code == 401
            assert site.input["level"] is None
            program.headers["Authorization"] = f"Bearer {token}"

            async def beat() -> None:
                while True:
                    assert (await program.post(says, json={"state": "quiet"})).status_code == 200
                    await asyncio.sleep(0.5)

            heart = asyncio.create_task(beat())
            await site.charging()
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
            took_s = await site.until(site.all_stopped, 6)
            assert took_s >= 2
            assert site.input["state"] == "fault"
            await program.post(says, json={"state": "alarm"})
            assert site.input["state"] == "alarm"


async def test_the_journal_replays_an_alarm(tmp_path: Path, devices: Devices) -> None:
    """The stops are part of the recorded picture: the same decisions come out again, bit for bit."""
    history = tmp_path / "h.sqlite"
    async with fire_site(history, *devices) as site:
        await site.charging()
        await site.panel.fail("alarm")
        await site.until(site.all_stopped, 5)
        await asyncio.sleep(1.5)
    result = replay(history, step, Memory)
    assert (result.ok, result.mismatches) == (True, ())
