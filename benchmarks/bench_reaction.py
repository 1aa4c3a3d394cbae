"""How fast: overload to back under, loss of the meter to the safe current, fire to 0 A; over real sockets, in real
time, with the whole controller.

    .venv/bin/python benchmarks/bench_reaction.py [--site household|carpark] [--sites 4] [--events 3] [--loss 0 5 20]
    make react        at least a hundred overloads of each site

Several sites run beside each other in this process, each with a controller and devices of its own. Their plants
move in tenths of a second; meters speak once a second, as real ones do, so a change waits up to a second until it
is seen. At an event somebody switches on an appliance that takes the grid connection to at least 110 % of its
limit on one phase. Counted from the moment at which it draws:

told     the first lower set-point stands in a station's register
under    the true current is at or below the limit again; what the station and the car take (0.3 to 1.4 s and 0.5 to
         5 s here, as IEC 61851-1 allows) is in it

With `--at-least` each site goes on until that many overloads have been measured by all of them together. A site that
does not come up to full load in time has missed an event and tries again. Ctrl-C ends one site's kind and tells what has
been measured. What the machine did meanwhile (its load,
the processor time of this process, emulators included) stands beside the figures: most of the slowest reactions on a
busy machine are its own.

With `--loss` so many per cent of the pieces on every line wait for a retransmission (`simulation.emulators.proxy`).
"""

import argparse
import asyncio
import contextlib
import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from random import Random

import structlog

from kwartier.config.building import set_urls
from kwartier.config.inputs import InputConfig
from kwartier.config.loading import load
from kwartier.edge.controller import Controller, Place
from kwartier.edge.host.clock import RealClock
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import AlfenEmulator, DigitalInputEmulator, Emulator
from kwartier.simulation.emulators.proxy import FaultProxy
from kwartier.simulation.plant.car import Car
from kwartier.simulation.scenarios import scenario

PULSE_S = 0.1
SAFE_A = {"household": 10.0, "carpark": 80.0}
STEP_W = {"household": (1500.0, 3200.0), "carpark": (8000.0, 14000.0)}
FULL = 0.85
"""An event comes when the fullest phase of the grid connection carries this share of its limit, or ..."""
STEADY_S, STEADY_A = 10.0, 2.0
"""... when the set-points have not moved by more than this for so long (whole amperes and an inner circuit may keep
a site below that), but never before chargers have `LEAST` of the limit: they are what is to make room."""
LEAST = 0.4
LASTS_S = 14.0
PATIENCE_S = 90.0
MOST_EVENTS = 60
"""Of one site, where a number of all together is asked for."""


@dataclass
class Figures:
    """Seconds, of all sites."""

    told: list[float] = field(default_factory=list)
    under: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    meter_lost: list[float] = field(default_factory=list)
    fire: list[float] = field(default_factory=list)
    missed: int = 0
    """Something else brought the current down, or nothing was to be brought down."""
    not_full: int = 0
    """The site had not come up to full load in time."""


class Bench:
    """One site with its controller."""

    def __init__(self, name: str, seed: int, folder: Path, loss_pct: float) -> None:
        self.name, self.folder, self.loss = name, folder, loss_pct / 100
        self.dice = Random(seed)
        self.story = scenario(name, seed=seed)
        self.plant = self.story.plant
        self.lowered_s: list[float] = []
        self.over_s: float | None = None
        self.back_s: float | None = None
        self.worst = 0.0
        self._level_a = self._level_s = 0.0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Bench"]:
        """Devices, lines, controller."""
        self.plant._visits = ()
        for socket in self.plant.socket.values():
            phases = len(socket.conductors)
            socket.connect(
                Car(
                    battery_kwh=1e6, soc=0.3, phases=phases, max_a=32.0 if phases == 1 else 16.0,
                    reaction_s=self.dice.uniform(0.5, 5.0), ramp_a_per_s=6.0,
                )
            )  # fmt: skip
        self.emulation = Emulation(self.story, RealClock())
        self.panel = DigitalInputEmulator()
        async with contextlib.AsyncExitStack() as stack:
            for device in (*self.emulation.devices, self.panel):
                await stack.enter_async_context(device)
            self._listen_in()
            urls = {i: await self._line(e, stack) for i, e in self.emulation.emulators.items()}
            config = load(Path(str(files("kwartier.config") / "examples" / f"{self.name}.yaml")))
            entry = InputConfig(id="panel", name="Fire panel", url=self.panel.pin_url)
            config = set_urls(config.model_copy(update={"inputs": [entry]}), urls)
            place = Place(history=self.folder / "h.sqlite", password=None, port=0)
            self.controller = Controller(config, clock=RealClock(), place=place)
            tasks = [
                asyncio.create_task(self._pulse()),
                asyncio.create_task(self.controller.run(lambda _: None)),
            ]
            try:
                yield self
            finally:
                for task in reversed(tasks):
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _line(self, emulator: Emulator, stack: contextlib.AsyncExitStack) -> str:
        if not self.loss:
            return emulator.url
        lines: dict[int, FaultProxy] = self.__dict__.setdefault("_lines", {})
        if emulator.port not in lines:
            lines[emulator.port] = proxy = FaultProxy(emulator.port, self.dice)
            await stack.enter_async_context(proxy)
            proxy.fail("loss", self.loss)
        return emulator.url.replace(f":{emulator.port}", f":{lines[emulator.port].port}")

    def _listen_in(self) -> None:
        for device in self.emulation.devices:
            if isinstance(device, AlfenEmulator):
                vars(device)["write"] = self._noting(device)  # before its own method, for this one device

    def _noting(self, station: AlfenEmulator) -> Callable[[int, int, Sequence[int]], None]:
        write = station.write

        def writing(unit: int, address: int, words: Sequence[int]) -> None:
            socket = station.station.sockets[unit - 1]
            before_a = socket.setpoint_a
            write(unit, address, words)
            if before_a is not None and socket.setpoint_a is not None and socket.setpoint_a < before_a:
                self.lowered_s.append(time.monotonic())

        return writing

    async def _pulse(self) -> None:
        next_s = time.monotonic()
        limit_a = self.plant.site.root.limit_a
        while True:
            next_s = max(next_s + PULSE_S, time.monotonic() - 1.0)
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            self.plant.advance(PULSE_S)
            ratio = max(
                a / b for a, b in zip(self.plant.current_a(self.plant.site.root.id), limit_a, strict=True)
            )
            now_s = time.monotonic()
            if self.over_s is None and ratio >= 1.1:
                self.over_s, self.back_s, self.worst = now_s, None, ratio
            elif self.over_s is not None and self.back_s is None:
                self.worst = max(self.worst, ratio)
                if ratio <= 1.0 + 1e-9:
                    self.back_s = now_s
            for device in self.emulation.devices:
                await device.tick()

    async def events(self, number: int, at_least: int, figures: Figures) -> None:
        """So many overloads, or with `at_least` as many as it takes, up to a bound."""
        for n in range(MOST_EVENTS if at_least else number):
            if at_least and len(figures.under) >= at_least:
                return
            self._level_a, self._level_s = self._told_a(), time.monotonic()
            try:
                await self._until(self._full, PATIENCE_S)
            except TimeoutError as error:
                figures.not_full += 1
                if n < 2:
                    print(f"  not at full load: {error}", flush=True)
                continue
            await asyncio.sleep(self.dice.uniform(1.0, 2.0))
            amps = self.plant.current_a(self.plant.site.root.id)
            phase = max((1, 2, 3), key=lambda p: amps[p - 1])
            self._forget()
            began_s = time.monotonic()
            least = (1.12 * self.plant.site.root.limit_a[0] - amps[phase - 1]) * 230.0
            power_w = max(least, self.dice.uniform(*STEP_W[self.name]))
            self.plant.switch_on("grid", phase, power_w, LASTS_S)
            await asyncio.sleep(LASTS_S)
            told = [t for t in self.lowered_s if t >= began_s]
            if self.over_s is None or self.back_s is None or not told:  # none: something else ended by itself
                figures.missed += 1
                continue
            figures.told.append(told[0] - self.over_s)
            figures.under.append(self.back_s - self.over_s)
            figures.worst.append(self.worst)

    def _forget(self) -> None:
        """Whatever was over before is no part of the next event."""
        self.over_s = self.back_s = None

    def _full(self) -> bool:
        told_a, limit_a = self._told_a(), self.plant.site.root.limit_a[0]
        now_s = time.monotonic()
        if abs(told_a - self._level_a) > STEADY_A:
            self._level_a, self._level_s = told_a, now_s
        if told_a < LEAST * limit_a:
            return False
        highest_a = max(self.plant.current_a(self.plant.site.root.id))
        return highest_a >= FULL * limit_a or now_s - self._level_s >= STEADY_S

    async def lose_meter(self, figures: Figures) -> None:
        """From the last word of the meter to set-points within the safe current."""
        await self.emulation.emulators["main"].fail("silent")
        began_s = time.monotonic()
        await self._until(lambda: self._told_a() <= SAFE_A[self.name] + 0.01, 30.0)
        figures.meter_lost.append(time.monotonic() - began_s)
        await self.emulation.emulators["main"].heal()

    def _told_a(self) -> float:
        """Largest sum of set-points on a phase."""
        sums = [0.0] * 3
        for socket in self.plant.socket.values():
            for phase in socket.conductors:
                sums[phase - 1] += socket.setpoint_a or 0.0
        return max(sums)

    async def fire(self, figures: Figures) -> None:
        """From the contact to 0 A in every register."""
        await self._until(lambda: self._told_a() > 0, 30.0)
        await self.panel.fail("alarm")
        began_s = time.monotonic()
        await self._until(lambda: self._told_a() == 0, 10.0)
        figures.fire.append(time.monotonic() - began_s)

    async def _until(self, what: Callable[[], bool], within_s: float) -> None:
        began_s = time.monotonic()
        while not what():
            if time.monotonic() - began_s > within_s:
                points = self.controller.live.state()["charge_points"]
                why = Counter(p["reason"]["code"] for p in points)
                raise TimeoutError(f"{self._told_a():g} A told after {within_s:g} s: {dict(why)}")
            await asyncio.sleep(0.005)


async def one_site(
    name: str, seed: int, events: int, at_least: int, loss_pct: float, figures: Figures
) -> None:
    """All that is measured, at one site."""
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(name, seed, Path(folder), loss_pct).running() as bench:
            await bench.events(events, at_least, figures)
            await bench.lose_meter(figures)
            await bench.fire(figures)


async def measure(
    name: str, sites: int, events: int, at_least: int, loss_pct: float, figures: Figures
) -> None:
    """Several sites at once; a site that breaks is told and the others go on."""
    found = await asyncio.gather(
        *(one_site(name, seed, events, at_least, loss_pct, figures) for seed in range(1, sites + 1)),
        return_exceptions=True,
    )
    for error in found:
        if error is not None:
            print(f"  a site was given up: {error!r}", flush=True)


def told(what: str, values: Sequence[float]) -> None:
    """One line."""
    if not values:
        print(f"  {what}: nothing measured")
        return
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    print(
        f"  {what}: {len(values)} times, p50 {ordered[len(ordered) // 2]:.2f} s, p99 {p99:.2f} s, max {ordered[-1]:.2f} s"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--site", choices=("household", "carpark"), action="append")
    parser.add_argument("--sites", type=int, default=4)
    parser.add_argument("--events", type=int, default=3)
    parser.add_argument("--at-least", type=int, default=0, metavar="N")
    parser.add_argument("--loss", type=float, nargs="+", default=[0.0])
    asked = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for name in asked.site or ("household", "carpark"):
        for loss_pct in asked.loss:
            load, began_s, used_s = os.getloadavg()[1], time.monotonic(), time.process_time()
            figures = Figures()
            with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C: what has been measured until then
                asyncio.run(measure(name, asked.sites, asked.events, asked.at_least, loss_pct, figures))
            took_s = time.monotonic() - began_s
            worst = f", up to {100 * max(figures.worst):.0f} % of the limit" if figures.worst else ""
            print(f"{name}, {loss_pct:g} % loss{worst}; {asked.sites} sites at once for {took_s:.0f} s")
            print(
                f"  {figures.missed} events missed their mark, {figures.not_full} times a site was not at full load; "
                f"load (5 min) {load:.1f} before, {os.getloadavg()[1]:.1f} after, on {os.cpu_count()} cores; this process "
                f"used {(time.process_time() - used_s) / took_s:.2f} of one"
            )
            told("overload to a lower set-point in a register", figures.told)
            told("overload to back under", figures.under)
            told("meter silent to the safe current written", figures.meter_lost)
            told("fire contact to 0 A in every register", figures.fire)


if __name__ == "__main__":
    main()
