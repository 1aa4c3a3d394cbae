"""The smallest site: one circuit of 40 A, one meter, one duo station, nobody there. To try devices on."""

from dataclasses import dataclass
from random import Random

from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Scn, Socket, Station
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

BENCH_START_S = 1_776_160_800.0
"""2026-04-14T10:00:00Z: a Tuesday, 12:00 in Brussels, at the start of a quarter."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A plant and its parts. `left` hangs on L1, `right` on L2 L3 L1 and can switch phases."""

    plant: Plant
    station: Station
    left: Socket
    right: Socket

    def run(self, seconds: int) -> None:
        """Let time pass, second by second."""
        for _ in range(seconds):
            self.plant.advance(1.0)


def bench(*, start_s: float = BENCH_START_S, scn: Scn | None = None) -> Bench:
    """Set one up. The main meter (`main`) may be read as a P1 meter or as a Countis E27."""
    site = Site(
        name="Bench",
        circuits=(Circuit(id="grid", name="Grid", parent=None, limit_a=(40.0,) * 3, meter="main"),),
        meters=(Meter(id="main", name="Main", role="grid", address="bench"),),
        charge_points=(
            ChargePoint(id="left", name="Left", circuit="grid", conductors=(1,), fallback_a=6.0),
            ChargePoint(id="right", name="Right", circuit="grid", conductors=(2, 3, 1), fallback_a=6.0),
        ),
    )
    left, right = Socket("left", (1,)), Socket("right", (2, 3, 1), phase_switching=True)
    station = Station("bench", (left, right), scn)
    dice = Random(7)  # noqa: S311 - voltage noise must be repeatable, not secret
    return Bench(Plant(site, [station], start_s=start_s, dice=dice, loads={}), station, left, right)


def car(*, phases: int = 3, max_a: float = 16.0, soc: float = 0.5, reaction_s: float = 3.0) -> Car:
    """A plain car of 60 kWh."""
    return Car(battery_kwh=60.0, soc=soc, phases=phases, max_a=max_a, reaction_s=reaction_s)
