"""A battery with its inverter: follows set-points late and in a ramp, loses some on the way, and has a timer of its own."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, inf

LEAST_W = 30.0
"""Below this its inverter rests."""
STANDBY_W = 8.0
FULLER_PCT = 95.0
"""Above this it takes less and less."""
TOLD_PCT, TOLD_W = 0.1, 10.0
"""In what steps it tells how full it is, and powers."""
MARGIN_S = 2.0
"""So near to another state each second counts."""


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

    def quiet_s(self, now_s: float, counts_pct: Iterable[float]) -> float:
        """For how long it goes on as it does from `now_s` on when it is told nothing else, and refreshed or not before
        its timer ends; never beyond a state of charge of `counts_pct`. 0: no second is like the one before."""
        if any(power_w != self.setpoint_w for _, power_w in self._pending):
            return 0.0
        wanted_w = self._wanted_w(now_s)
        if wanted_w != self.total_w and max(abs(wanted_w), abs(self.total_w)) >= LEAST_W:
            return 0.0
        each_pct = 100.0 * self._into_wh(self.total_w, 1.0) / self.capacity_wh
        if each_pct == 0.0:
            return inf
        quiet_s = inf
        for at_pct in self._edges_pct(each_pct > 0.0, counts_pct):
            away_s = (at_pct - 100.0 * self.soc) / each_pct
            if away_s > -MARGIN_S:
                quiet_s = min(quiet_s, away_s - MARGIN_S)
        return max(0.0, quiet_s)

    def refreshed(self, at_s: float) -> None:
        """It has been told the same again until `at_s`."""
        self.valid_until_s = at_s + self.timer_s

    def tick(self, now_s: float, dt_s: float) -> None:
        """Let time pass; more than a second only as `quiet_s` allows."""
        while self._pending and self._pending[0][0] <= now_s:
            self.setpoint_w = self._pending.pop(0)[1]
        wanted_w = self._wanted_w(now_s)
        step_w = self.ramp_w_per_s * dt_s
        flowing_w = self.total_w + max(-step_w, min(step_w, wanted_w - self.total_w))
        if abs(flowing_w) < LEAST_W and abs(wanted_w) < LEAST_W:
            flowing_w = 0.0
        seconds = max(1, round(dt_s))
        part = self._into_wh(flowing_w, dt_s / seconds) / self.capacity_wh
        for _ in range(seconds):  # so that the last bit too is as after so many seconds
            self.soc = min(1.0, max(0.0, self.soc + part))
        self.total_w = flowing_w
        drawn_w = flowing_w + STANDBY_W
        for i in range(3):
            self.power_w[i] = drawn_w / len(self.conductors) if i + 1 in self.conductors else 0.0

    def _edges_pct(self, fuller: bool, counts_pct: Iterable[float]) -> Iterable[float]:
        """The states of charge at which it tells or does something else; told are tenths of a per cent."""
        yield from (0.0, FULLER_PCT)
        for at_pct in counts_pct:
            yield from (at_pct - TOLD_PCT / 2.0, at_pct, at_pct + TOLD_PCT / 2.0)
        can_w = self.can_charge_w
        if can_w < self.charge_w:
            # It tells what it can take in steps, and takes no more than that.
            steps = (can_w / TOLD_W) - 0.5
            for most_w in (TOLD_W * ((floor(steps) if fuller else ceil(steps)) + 0.5), self.total_w):
                yield 100.0 - (100.0 - FULLER_PCT) * most_w / self.charge_w

    def _wanted_w(self, now_s: float) -> float:
        wanted_w = self.setpoint_w if now_s < self.valid_until_s else 0.0
        if self.refuses:
            wanted_w = self.total_w
        return min(self.can_charge_w, max(-self.can_discharge_w, wanted_w))

    def _into_wh(self, flowing_w: float, dt_s: float) -> float:
        """What goes into the cells meanwhile."""
        charge, discharge = self.efficiency
        return (flowing_w * charge if flowing_w > 0 else flowing_w / discharge) * dt_s / 3600.0
