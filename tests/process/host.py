"""The world around a controller that is a process of its own: emulated devices that outlive its death.

The devices live in this process and write down every set-point that reaches them, so that the judge looks
from the chargers' side and uses nothing of what the controller says of itself.

Time may run `speed` times as fast for the plant and for the controller's UTC (`fast_run.py`), so that
quarter-hours end every few seconds. Monotonic time, and with it every deadline, is real.
"""

import asyncio
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from kwartier.config.loading import load
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import AlfenEmulator, P1MeterEmulator, alfen
from kwartier.simulation.plant.car import Car
from kwartier.simulation.scenarios import HOUSEHOLD_START_S, household
from kwartier.site.intervals import QUARTER_S

EXAMPLE = Path(str(files("kwartier.config") / "examples" / "household.yaml"))
FAST_RUN = Path(__file__).with_name("fast_run.py")
SAFE_A = 10.0
"""`safe_current_a` of the example."""
GOOD_FOR_S = 10.0
"""So long the meter must have spoken before a decision above the safe current counts as fresh."""
PULSE_S = 0.25
VALIDITY_S = 60.0


@dataclass(frozen=True, slots=True)
class Write:
    """A set-point that arrived at a socket."""

    at_s: float
    """Monotonic."""
    socket_id: str
    before_a: float | None
    """What its register held."""
    value_a: float


@dataclass(slots=True)
class Life:
    """One run of the controller, from the call that started it or from the death of the one before."""

    process: subprocess.Popen[bytes]
    """Its guardian."""
    began_s: float
    standing_a: dict[str, float | None]
    """What the sockets' registers held when it began."""
    first_write: int
    """Index of its first set-point in `Host.writes`."""
    ended_s: float | None = None
    before: int | None = None
    """The process id of the controller before it, where the guardian lived on."""

    @property
    def warm(self) -> bool:
        """Whether only the controller had been killed."""
        return self.before is not None

    def controller(self) -> int | None:
        """Its process id; None while there is none."""
        guardian = self.process.pid
        try:
            found = Path(f"/proc/{guardian}/task/{guardian}/children").read_text().split()
        except OSError:
            return None
        return next((int(pid) for pid in found if int(pid) != self.before), None)

    def cpu_s(self) -> float:
        """Processor time so far, with the guardian's where that had to start."""
        pids = [self.controller(), None if self.warm else self.process.pid]
        return sum(_cpu_s(pid) for pid in pids if pid is not None)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Host:
    """A household behind 40 A with two thirsty cars. Use as `async with Host(folder) as host:`."""

    folder: Path
    speed: float = 1.0
    seed: int = 1
    writes: list[Write] = field(default_factory=list)
    telegrams: list[tuple[float, float]] = field(default_factory=list)
    """Monotonic time and meter time of each telegram that somebody was there to hear."""
    registers_kwh: dict[int, float] = field(default_factory=dict)
    """The import register at each quarter's start."""
    emulation: Emulation = field(init=False)
    site_file: Path = field(init=False)
    port: int = field(init=False)
    _began_s: float = field(init=False)
    _wall_s: float = field(init=False)
    _pulse: asyncio.Task[None] = field(init=False)

    async def __aenter__(self) -> Self:
        story = household(seed=self.seed)
        plant = story.plant
        plant._visits = ()
        for socket_, phases in (("left", 1), ("right", 3)):
            plant.socket[socket_].validity_s = VALIDITY_S * self.speed
            plant.socket[socket_].connect(
                Car(battery_kwh=1e6, soc=0.3, phases=phases, max_a=32.0 if phases == 1 else 16.0)
            )
        alfen.SILENCE_S = 60.0 * self.speed
        self.emulation = Emulation(story, _NoClock())
        for device in self.emulation.devices:
            await device.start()
        self._listen_in()
        self._began_s, self._wall_s = time.monotonic(), time.time()
        self._pulse = asyncio.create_task(self._run(), name="plant")
        self.port = _free_port()
        self.site_file = self._write_site_file()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pulse.cancel()
        await asyncio.gather(self._pulse, return_exceptions=True)
        for device in self.emulation.devices:
            await device.stop()

    # -- the controller ---------------------------------------------------------------------------------

    @property
    def history(self) -> Path:
        """The controller's history."""
        return self.folder / "history.sqlite"

    def start(self) -> Life:
        """Start the controller."""
        command = [sys.executable, "-m", "kwartier"]
        if self.speed != 1.0:
            command = [
                sys.executable,
                str(FAST_RUN),
                repr(self._wall_s),
                repr(HOUSEHOLD_START_S),
                repr(self.speed),
            ]
        command += ["run", str(self.site_file), "--port", str(self.port)]
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        env["PYTHONPYCACHEPREFIX"] = str(self.folder.parent / "compiled")  # as an installed program has them
        began_s = time.monotonic()
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=env, stdout=log, stderr=log)
        return Life(process, began_s, self._standing(), len(self.writes))

    async def kill(self, life: Life) -> None:
        """`kill -9` of the guardian, with which the controller dies."""
        controller = life.controller()
        os.kill(life.process.pid, signal.SIGKILL)
        await asyncio.to_thread(life.process.wait)
        if controller is not None:
            await _gone(controller)
        life.ended_s = time.monotonic()

    async def crash(self, life: Life) -> Life | None:
        """`kill -9` of the controller alone; the life that the guardian starts. None when there was no
        controller yet."""
        controller = life.controller()
        if controller is None:
            return None
        began_s = time.monotonic()
        os.kill(controller, signal.SIGKILL)
        await _gone(controller)
        life.ended_s = time.monotonic()
        return Life(life.process, began_s, self._standing(), len(self.writes), before=controller)

    def _standing(self) -> dict[str, float | None]:
        return {i: s.setpoint_a for i, s in self.emulation.scenario.plant.socket.items()}

    async def end(self, life: Life) -> int:
        """Ask it to end; returns its exit code."""
        life.process.terminate()
        code = await asyncio.to_thread(life.process.wait, 20)
        life.ended_s = time.monotonic()
        return code

    def writes_of(self, life: Life, until: int | None = None) -> Sequence[Write]:
        """What it wrote."""
        return self.writes[life.first_write : until]

    def fresh_from_s(self, life: Life) -> float:
        """Monotonic time before which no decision of this life can rest on ten seconds of good data."""
        index = bisect_right(self.telegrams, (life.began_s, 0.0))
        if index == len(self.telegrams):
            return float("inf")
        return self.telegrams[index][0] + GOOD_FOR_S

    # -- the world ----------------------------------------------------------------------------------------

    def _listen_in(self) -> None:
        plant = self.emulation.scenario.plant
        station = self.emulation.emulators["left"]
        meter = self.emulation.emulators["main"]
        assert isinstance(station, AlfenEmulator)
        assert isinstance(meter, P1MeterEmulator)
        write, make = station.write, meter._bytes

        def writing(unit: int, address: int, words: Sequence[int]) -> None:
            if address == 1210:
                socket_ = station.station.sockets[unit - 1]
                value: float = struct.unpack(">f", struct.pack(">2H", *words))[0]
                self.writes.append(Write(time.monotonic(), socket_.id, socket_.setpoint_a, value))
            write(unit, address, words)

        def making() -> bytes:
            data = make()
            if data:
                self.telegrams.append((time.monotonic(), plant.now_s))
            return data

        station.write = writing  # type: ignore[method-assign]
        meter._bytes = making  # type: ignore[method-assign]

    async def _run(self) -> None:
        plant, next_s = self.emulation.scenario.plant, self._began_s
        while True:
            next_s = max(next_s + (PULSE_S if self.speed > 1 else 1.0), time.monotonic() - 1.0)
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            target_s = HOUSEHOLD_START_S + (time.monotonic() - self._began_s) * self.speed
            while plant.now_s + 1.0 <= target_s:
                plant.advance(1.0)
                if plant.now_s % QUARTER_S == 0:
                    self.registers_kwh[int(plant.now_s)] = (
                        sum(int(w) for w in plant.registers.import_wh) / 1000
                    )
            for device in self.emulation.devices:
                await device.tick()

    def _write_site_file(self) -> Path:
        text, config, urls = EXAMPLE.read_text(), load(EXAMPLE), self.emulation.urls()
        for meter in config.meters:
            text = text.replace(meter.url, urls[meter.id])
        text = text.replace(config.charge_points[0].url, urls["left"])
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "site.yaml"
        path.write_text(text + "\nhistorian:\n  path: history.sqlite\n")
        return path


async def _gone(pid: int) -> None:
    """Wait until a process is dead (buried or not), and what it had sent has been read."""
    stat = Path(f"/proc/{pid}/stat")
    while True:
        try:
            if stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                break
        except OSError:
            break
        await asyncio.sleep(0.001)
    for _ in range(3):
        await asyncio.sleep(0)


class _NoClock:
    """The emulation is not run by itself here."""

    def monotonic_s(self) -> float:
        return time.monotonic()

    def utc_s(self) -> float:
        return time.time()

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
