"""What goes wrong in a simulated run, and when: drawn from dice."""

from dataclasses import dataclass
from typing import Literal

from kwartier.simulation.plant.station import BOOT_S
from kwartier.simulation.scenarios import Scenario

FaultKind = Literal["meter_silent", "meter_frozen", "station_silent", "station_reboot"]
MEAN_GAP_S = 2.5 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something is wrong with `target` from `start_s` until `end_s`, seconds after the start of the run.

    `meter_silent` no new readings; `meter_frozen` the same reading again and again with a new arrival
    time; `station_silent` no readings and writes fail; `station_reboot` the station loses its set-points.
    Targets are meter ids, or charge point ids for whose station they stand.
    """

    kind: FaultKind
    target: str
    start_s: float
    end_s: float


def draw_faults(scenario: Scenario, duration_s: float) -> tuple[Fault, ...]:
    """Faults for a run: each kind at least once, then one in 2.5 hours on average, for 0.5 to 10 minutes."""
    dice = scenario.dice
    grid_meter = scenario.site.root.meter
    points = [p.id for p in scenario.site.charge_points]
    out: list[Fault] = []
    kinds: list[FaultKind] = ["station_silent", "station_reboot"]
    if grid_meter is not None:
        kinds += ["meter_silent"]
        if scenario.meter_types[grid_meter] == "p1":
            kinds += ["meter_frozen"]
    for kind in kinds:
        at_s = dice.uniform(0.1, 0.7) * min(MEAN_GAP_S, duration_s)
        while at_s < duration_s:
            lasts_s = BOOT_S if kind == "station_reboot" else dice.uniform(30.0, 600.0)
            target = grid_meter if kind.startswith("meter") and grid_meter else dice.choice(points)
            out.append(Fault(kind=kind, target=target, start_s=at_s, end_s=at_s + lasts_s))
            at_s += lasts_s + dice.expovariate(1.0 / MEAN_GAP_S)
    return tuple(sorted(out, key=lambda f: f.start_s))
