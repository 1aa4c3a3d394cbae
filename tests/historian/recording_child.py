"""A process that records until it is killed: `python recording_child.py DATABASE BEGAN`.

Its meter runs 20 000 times as fast as the wall clock, so a quarter-hour ends every 45 ms; the meter's time
and register depend on the wall clock alone and go on while nobody records.
"""

# ruff: noqa: T201 (a program of its own: it has a clock and speaks to its parent)

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kwartier.historian import Historian
from kwartier.metering.quarters import QuarterMemory, resume, step
from kwartier.site.readings import MeterReading
from kwartier.site.setpoints import Message, Picture, Setpoint

SPEED = 20_000
T0 = 1_790_000_100


class WallClock:
    """The machine's clock."""

    def monotonic_s(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def utc_s(self) -> float:
        """UTC seconds."""
        return time.time()

    async def sleep(self, duration_s: float) -> None:
        """Nobody waits on this clock."""
        raise AssertionError(duration_s)


@dataclass(frozen=True)
class Decision:
    """What is recorded of each cycle."""

    memory: QuarterMemory
    setpoints: tuple[Setpoint, ...] = ()
    circuits: tuple[()] = ()
    messages: tuple[Message, ...] = ()


def reading(began_s: float) -> MeterReading:
    """The meter now: 5 kW, in whole watt-hours."""
    meter_s = T0 + float(int((time.time() - began_s) * SPEED))
    return MeterReading(
        meter_id="p1",
        at_s=meter_s,
        meter_time_s=meter_s,
        energy_import_kwh=100 + int((meter_s - T0) * 5 / 3.6) / 1000,
        energy_export_kwh=0.0,
    )


def main(database: Path, began_s: float) -> None:
    """Record for ever."""
    historian = Historian.open(database, WallClock())
    saved = historian.saved_state_as(QuarterMemory) or QuarterMemory(meter_id="p1")
    memory = resume(saved, historian.newest_quarter("p1"))
    historian.start()
    print("recording", flush=True)
    while True:
        now = reading(began_s)
        memory, closed = step(memory, now, now.at_s)
        for quarter in closed:
            historian.quarter(quarter)
        historian.state(memory)
        picture = Picture(now_s=now.at_s, utc_s=now.at_s, meters={"p1": now}, charge_points={}, wishes={})
        historian.cycle(picture, Decision(memory))
        time.sleep(0.002)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
