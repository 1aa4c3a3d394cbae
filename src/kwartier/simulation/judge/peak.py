"""Quarter-hours with a goal: none above it on account of cars.

By what is claimed of the budget (docs/power-and-trip-limits.md): while the other load is never above the target less
the reserve, no quarter is above the target; while it is never above the target, none is above target and reserve.
Quarters in which the other load alone was above the target, or in which a meter on the way, a station, a car or the
controller was in trouble, are counted apart: there the energy that flows cannot be what was told.
"""

from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.site.intervals import QUARTER_S
from kwartier.site.topology import Circuit

RESERVE = 0.15
ROUNDING_W = 60.0
"""Registers of 10 Wh."""
AFTER_S = 90.0
"""What a trouble leaves behind."""


class Peak:
    """One account for each circuit with a goal."""

    def __init__(self, ground: Ground) -> None:
        self._accounts = [
            _Account(ground, c) for c in ground.site.circuits if c.quarter is not None and c.meter is not None
        ]
        self._ground = ground
        self._trouble_s = -1e9

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        if not self._accounts:
            return
        ground = self._ground
        if not ground.told.up or any(_disturbs(f.kind) for f in ground.schedule.active):
            self._trouble_s = ground.run_s
        troubled = ground.run_s - self._trouble_s <= AFTER_S or ground.run_s < 2 * QUARTER_S
        for account in self._accounts:
            account.look(dt_s, troubled)

    @property
    def findings(self) -> list[Finding]:
        """Of all circuits."""
        return [f for account in self._accounts for f in account.findings]

    @property
    def judged(self) -> int:
        """Quarters that could be judged."""
        return sum(account.judged for account in self._accounts)

    @property
    def apart(self) -> int:
        """Quarters that could not."""
        return sum(account.apart for account in self._accounts)

    @property
    def worst(self) -> float:
        """The highest judged quarter as a part of its target."""
        return max((account.worst for account in self._accounts), default=0.0)


def _disturbs(kind: str) -> bool:
    return kind not in {"disk_full", "car_leaves", "car_one_phase", "car_start_14", "car_sleeps"}


class _Account:
    def __init__(self, ground: Ground, circuit: Circuit) -> None:
        self._ground = ground
        self._circuit = circuit
        self._start_s = -1
        self._energy_wh = 0.0
        self._base_w = 0.0
        self._troubled = True
        self._month_peak_w = 0.0
        self.findings: list[Finding] = []
        self.judged = self.apart = 0
        self.worst = 0.0

    def look(self, dt_s: float, troubled: bool) -> None:
        plant = self._ground.plant
        start_s = int((plant.now_s - dt_s / 2.0) // QUARTER_S) * QUARTER_S
        if start_s != self._start_s:
            if self._start_s >= 0:
                self._close()
            self._start_s, self._energy_wh, self._base_w, self._troubled = start_s, 0.0, 0.0, False
        watts = plant.power_w(self._circuit.id)
        total_w = sum(watts)
        self._energy_wh += max(0.0, total_w) * dt_s / 3600.0
        behind = self._ground.site.charge_points_behind[self._circuit.id]
        cars_w = sum(sum(plant.socket[i].power_w) for i in behind)
        self._base_w = max(self._base_w, total_w - cars_w - self._ground.cells_w(self._circuit.id))
        self._troubled = self._troubled or troubled

    def _close(self) -> None:
        goal = self._circuit.quarter
        assert goal is not None
        demand_w = 4.0 * self._energy_wh
        fixed = goal.follow == "fixed"
        target_w = (goal.fixed_w or 0.0) if fixed else max(goal.floor_w, self._month_peak_w)
        self._month_peak_w = max(self._month_peak_w, demand_w)
        reserve_w = RESERVE * target_w if goal.reserve_w is None else goal.reserve_w
        if goal.follow == "none" or self._troubled or self._base_w > target_w:
            self.apart += 1
            return
        self.judged += 1
        self.worst = max(self.worst, demand_w / target_w)
        most_w = target_w if self._base_w <= target_w - reserve_w else target_w + reserve_w
        if demand_w > most_w + ROUNDING_W:
            what = (
                f"circuit {self._circuit.id!r}: a quarter of {demand_w:.0f} W where {target_w:.0f} W was the goal and "
                f"the other load at most {self._base_w:.0f} W"
            )
            self.findings.append(Finding(rule="peak", at_s=self._ground.run_s, what=what))
