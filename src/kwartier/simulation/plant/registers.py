"""The grid operator's meter: energy registers, the running quarter, the month's peak, thirteen months."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.local_time import local, tariff
from kwartier.site.intervals import QUARTER_S, quarter_of


@dataclass(frozen=True, slots=True)
class MonthPeak:
    """One entry of 0-0:98.1.0: when the month closed, when its highest quarter ended, how high, W."""

    closed_at_s: float
    at_s: float
    peak_w: float


class GridRegisters:
    """Counts what flows through the connection, netted over the phases (e-MUCS 1.4, note 3)."""

    def __init__(self, start_s: float, zone: ZoneInfo) -> None:
        self._zone = zone
        self.import_wh = [0.0, 0.0]
        """Tariff 1 (normal) and 2 (low)."""
        self.export_wh = [0.0, 0.0]
        self.quarter_wh = 0.0
        self.quarter = quarter_of(start_s)
        self.month_peak_w = 0.0
        self.month_peak_at_s = start_s
        self.history: list[MonthPeak] = []
        self.tariff = tariff(start_s, zone)

    @property
    def quarter_demand_w(self) -> float:
        """1-0:1.4.0: energy imported in this quarter so far, times four."""
        return self.quarter_wh * 4.0

    def tick(self, now_s: float, dt_s: float, power_w: float) -> None:
        """Count `power_w` over the `dt_s` seconds that end at `now_s` (UTC)."""
        energy_wh = power_w * dt_s / 3600.0
        if energy_wh >= 0.0:
            self.import_wh[self.tariff - 1] += energy_wh
            self.quarter_wh += energy_wh
        else:
            self.export_wh[self.tariff - 1] -= energy_wh
        if now_s >= self.quarter.end_s:
            self._close_quarter(now_s)

    def _close_quarter(self, now_s: float) -> None:
        end_s = self.quarter.end_s
        if self.quarter_demand_w > self.month_peak_w:
            self.month_peak_w = self.quarter_demand_w
            self.month_peak_at_s = float(end_s)
        self.quarter_wh = 0.0
        self.quarter = quarter_of(now_s)
        self.tariff = tariff(now_s, self._zone)
        before, after = local(end_s - QUARTER_S, self._zone), local(end_s, self._zone)
        if before.month != after.month:
            self.history.append(MonthPeak(end_s, self.month_peak_at_s, self.month_peak_w))
            del self.history[:-13]
            self.month_peak_w = 0.0
            self.month_peak_at_s = float(end_s)
