"""A battery with its inverter: follows set-points late and in a ramp, loses some on the way, and has a timer of its own."""

from collections.abc import Sequence

LEAST_W = 30.0
"""Below this its inverter rests."""
STANDBY_W = 8.0


class Storage:
    """`power_w` is what it takes from its circuit, per site phase; negative: it gives."""

    def __init__(
        self,
        battery_id: str,
        conductors: Sequence[int],
        *,
        capacity_kwh: float,
        charge_w: float,
        discharge_w: float,
        soc: float = 0.5,
        charge_efficiency: float = 0.95,
        discharge_efficiency: float = 0.95,
        reaction_s: float = 1.0,
        ramp_w_per_s: float = 2500.0,
        timer_s: float = 60.0,
    ) -> None:
        self.id = battery_id
        self.conductors = tuple(conductors)
        self.capacity_wh = 1000.0 * capacity_kwh
        self.charge_w = charge_w
        self.discharge_w = discharge_w
        self.soc = soc
        self.efficiency = (charge_efficiency, discharge_efficiency)
        self.reaction_s = reaction_s
        self.ramp_w_per_s = ramp_w_per_s
        self.timer_s = timer_s
        self.setpoint_w = 0.0
        self.valid_until_s = float("-inf")
        self.refuses = False
        """It does not do as it is told: it stays where it is."""
        self.total_w = 0.0
        self.power_w = [0.0, 0.0, 0.0]
        self._pending: list[tuple[float, float]] = []

    def write(self, power_w: float, now_s: float) -> None:
        """A set-point arrives."""
        self._pending.append((now_s + self.reaction_s, power_w))
        self.valid_until_s = now_s + self.timer_s

    @property
    def can_charge_w(self) -> float:
        """What its cells take now: less and less above 95 %."""
        return self.charge_w * max(0.0, min(1.0, (1.0 - self.soc) / 0.05))

    @property
    def can_discharge_w(self) -> float:
        return self.discharge_w if self.soc > 0.0 else 0.0

    def tick(self, now_s: float, dt_s: float) -> None:
        """Let time pass."""
        while self._pending and self._pending[0][0] <= now_s:
            self.setpoint_w = self._pending.pop(0)[1]
        wanted_w = self.setpoint_w if now_s < self.valid_until_s else 0.0
        if self.refuses:
            wanted_w = self.total_w
        wanted_w = min(self.can_charge_w, max(-self.can_discharge_w, wanted_w))
        step_w = self.ramp_w_per_s * dt_s
        flowing_w = self.total_w + max(-step_w, min(step_w, wanted_w - self.total_w))
        if abs(flowing_w) < LEAST_W and abs(wanted_w) < LEAST_W:
            flowing_w = 0.0
        charge, discharge = self.efficiency
        into_wh = (flowing_w * charge if flowing_w > 0 else flowing_w / discharge) * dt_s / 3600.0
        self.soc = min(1.0, max(0.0, self.soc + into_wh / self.capacity_wh))
        self.total_w = flowing_w
        drawn_w = flowing_w + STANDBY_W
        for i in range(3):
            self.power_w[i] = drawn_w / len(self.conductors) if i + 1 in self.conductors else 0.0
