"""A household of emulated devices with its site file, to be probed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from kwartier.cli.check_probe import document
from kwartier.config.loading import load
from kwartier.config.schema import FILE
from kwartier.edge.base_load import charted
from kwartier.edge.host.clock import PacedClock, RealClock
from kwartier.edge.probe import probe
from kwartier.historian import Historian
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.plant.station import Socket
from kwartier.simulation.scenarios import HOUSEHOLD_START_S, household
from kwartier.site.clock import Clock
from kwartier.site.phases import PhaseVector
from kwartier.site.setpoints import Picture

SPEED = 20.0


class Place:
    """The devices on the loopback, their clock, the site file and the history it names."""

    def __init__(self, emulation: Emulation, clock: Clock, folder: Path) -> None:
        self.emulation = emulation
        self.clock = clock
        self.file = folder / "site.yaml"
        self.history = folder / "history.sqlite"
        self.write(lambda text: text)

    @property
    def sockets(self) -> dict[str, Socket]:
        """The sockets as they really are."""
        return self.emulation.scenario.plant.socket

    def write(self, change: Callable[[str], str]) -> None:
        """Write the example with the addresses of the emulators, changed."""
        text = (FILE.parent / "examples" / "household.yaml").read_text(encoding="utf-8")
        urls = self.emulation.urls()
        text = text.replace("serial:///dev/ttyUSB0", urls["main"])
        text = text.replace("modbus-tcp://192.168.0.4:502?unit=5", urls["pv"])
        text = text.replace("modbus-tcp://192.168.0.10:502", urls["left"])
        self.file.write_text(change(text) + f"historian: {{path: {self.history}}}\n", encoding="utf-8")

    async def proof(self, *, write_test: bool = False, seconds: float = 6.0) -> dict[str, Any]:
        """The proof as the command's JSON has it."""
        report = await probe(
            load(self.file), clock=self.clock, seconds=seconds, write_test=write_test, history=self.history
        )
        return document(report)

    def record(self, load_a: PhaseVector) -> None:
        """Make a history in which the house drew this much for two minutes an hour ago."""
        historian = Historian.open(self.history, self.clock)
        historian.start()
        for i in range(3):
            picture = Picture(
                now_s=self.clock.monotonic_s() + 60 * i,
                utc_s=self.clock.utc_s() - 3600 + 60 * i,
                meters={},
                charge_points={},
                wishes={},
            )
            historian.cycle(picture, _Idle(), values=charted({"grid": load_a}))
        historian.close()


class _Idle:
    """A decision without anything to record."""

    memory = None
    setpoints = ()
    circuits = ()
    messages = ()


def total_a(proof: dict[str, Any], circuit: str, phase: int) -> float | None:
    """The sum without Kwartier of a circuit on a phase."""
    found: list[float | None] = [
        r["total_a"]
        for r in proof["rows"]
        if (r["circuit_id"], tuple(r["phases"]), r["case"]) == (circuit, (phase,), "alone")
    ]
    assert len(found) == 1
    return found[0]


def codes(proof: dict[str, Any]) -> list[str]:
    """What is wrong, by code."""
    return [p["code"] for p in proof["problems"]]


@contextlib.asynccontextmanager
async def paced(folder: Path) -> AsyncIterator[Place]:
    """A household whose time runs faster."""
    clock = PacedClock(start_utc_s=HOUSEHOLD_START_S, speed=SPEED)
    pace = asyncio.create_task(clock.run())
    try:
        async with Emulation(household(), clock) as emulation:
            yield Place(emulation, clock, folder)
    finally:
        pace.cancel()
        await asyncio.gather(pace, return_exceptions=True)


@contextlib.asynccontextmanager
async def real(folder: Path) -> AsyncIterator[Place]:
    """A household in real time, for a command that has a clock of its own."""
    clock = RealClock()
    async with Emulation(household(), clock) as emulation:
        yield Place(emulation, clock, folder)
