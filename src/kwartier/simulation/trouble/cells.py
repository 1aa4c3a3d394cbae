"""Batteries and plans in trouble.

`battery_silent`   it is not reached: no readings, no writes; its own timer runs
`battery_refuses`  it stays at the power that it has
`plan_lost`        no new plan comes; the last one grows old
`plan_wrong`       plans with all powers times `amount`
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kwartier.simulation.faults import Fault
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.scenarios import Scenario
from kwartier.simulation.sensing import soc_told_pct, storage_reading
from kwartier.site.advice import Advice
from kwartier.site.batteries import BatteryReading

PLAN_EVERY_S = 900.0


class Cells:
    """The lines to the batteries, and whoever makes plans."""

    def __init__(self, scenario: Scenario) -> None:
        self._plant: Plant = scenario.plant
        self._advise = scenario.advise
        self._silent: set[str] = set()
        self._next_s = float("-inf")
        self._factor = 1.0
        self._lost = False
        self.advice: Advice | None = None

    def happen(self, active: Iterable[Fault]) -> None:
        """Faults begin or end: `active` are those that hold now."""
        faults = list(active)
        self._silent = {f.target for f in faults if f.kind == "battery_silent"}
        refusing = {f.target for f in faults if f.kind == "battery_refuses"}
        for storage in self._plant.storage.values():
            storage.refuses = storage.id in refusing
        self._lost = any(f.kind == "plan_lost" for f in faults)
        factor = next((f.amount for f in faults if f.kind == "plan_wrong"), 1.0)
        if factor != self._factor:
            self._factor, self._next_s = factor, float("-inf")

    def read(self, now_s: float) -> dict[str, BatteryReading]:
        """What those that are reached tell."""
        return {
            i: storage_reading(storage, self._plant.now_s, now_s)
            for i, storage in self._plant.storage.items()
            if i not in self._silent
        }

    def write(self, battery_id: str, power_w: float) -> bool:
        """Whether it arrived."""
        if battery_id in self._silent:
            return False
        self._plant.storage[battery_id].write(power_w, self._plant.now_s)
        return True

    def deaf(self, battery_id: str) -> bool:
        """Whether it is not reached now."""
        return battery_id in self._silent

    def leap(self, again_s: Mapping[str, float]) -> None:
        """As if each had been told the same again, last at `again_s` (the plant's clock)."""
        for battery_id, at_s in again_s.items():
            self._plant.storage[battery_id].refreshed(at_s)

    def soc_pct(self) -> dict[str, float]:
        """How full those that are reached say they are."""
        return {i: soc_told_pct(s) for i, s in self._plant.storage.items() if i not in self._silent}

    def plan(self, utc_s: float) -> Advice | None:
        """The newest plan; a new one each quarter of an hour."""
        if self._advise is not None and not self._lost and utc_s >= self._next_s:
            self._next_s = (utc_s // PLAN_EVERY_S + 1) * PLAN_EVERY_S
            made = self._advise(self._plant, utc_s)
            self.advice = made if self._factor == 1.0 else _times(made, self._factor)
        return self.advice


def _times(advice: Advice, factor: float) -> Advice:
    points = {i: tuple(factor * w for w in series) for i, series in advice.points_w.items()}
    cells = {i: tuple(factor * w for w in series) for i, series in advice.batteries_w.items()}
    return replace(
        advice, points_w=points, batteries_w=cells, grid_w=tuple(factor * w for w in advice.grid_w)
    )
