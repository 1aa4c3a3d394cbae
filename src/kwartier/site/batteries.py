"""Batteries in the vocabulary: how one is built in, what it reports, and what it is told.

Power is that of its alternating side: positive charges, negative discharges. Energy is that of its cells.
"""

from dataclasses import dataclass
from typing import Literal

from kwartier.site.reasons import Reason
from kwartier.site.values import valueclass

BatteryState = Literal["ready", "standby", "off", "fault"]
"""ready: it follows set-points. standby: it would after it is woken, and takes 0 W. off, fault: it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """A battery with its inverter, steered in watts. Its power is taken to lie evenly on its conductors."""

    id: str
    name: str
    circuit: str
    conductors: tuple[int, ...] = (1, 2, 3)
    """Site phase of each of its conductors (see `site.phases`)."""
    address: str = ""
    capacity_kwh: float
    """Usable, between empty and full as it tells its state of charge."""
    charge_w: float
    """The most that it takes, W."""
    discharge_w: float
    """The most that it gives, W (a figure above 0)."""
    min_soc_pct: float = 5.0
    """It is never discharged below this."""
    reserve_soc_pct: float = 0.0
    """Between `min_soc_pct` and this it only helps against a peak; the house does not get it otherwise. 0: none."""
    max_soc_pct: float = 100.0
    """It is never charged above this."""
    first_soc_pct: float = 0.0
    """Below this it has the sun's surplus before cars that charge on it."""
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    wear_eur_per_kwh: float = 0.0
    """For each kWh that leaves the cells."""
    fallback_w: float | None = 0.0
    """The power it goes to by itself when nobody speaks to it; None: it then steers itself and may take or give all
    that it can."""
    feeds_cars: bool = True
    """Whether it may discharge into cars; else it covers the other load alone."""
    may_export: bool = False
    """Whether a plan may let it feed the grid."""

    def __post_init__(self) -> None:
        for name, value in (("capacity_kwh", self.capacity_kwh), ("charge_w", self.charge_w)):
            if not value > 0:
                raise ValueError(f"{name} must be above 0")
        if not self.discharge_w >= 0:
            raise ValueError("discharge_w must not be negative")
        if not 0 <= self.min_soc_pct < self.max_soc_pct <= 100:
            raise ValueError("0 <= min_soc_pct < max_soc_pct <= 100 must hold")
        if not 0 <= self.reserve_soc_pct <= 100 or not 0 <= self.first_soc_pct <= 100:
            raise ValueError("reserve_soc_pct and first_soc_pct lie between 0 and 100")
        if not (0 < self.charge_efficiency <= 1 and 0 < self.discharge_efficiency <= 1):
            raise ValueError("efficiencies lie above 0 and up to 1")
        if self.fallback_w is not None and not -self.discharge_w <= self.fallback_w <= self.charge_w:
            raise ValueError("fallback_w must lie between -discharge_w and charge_w")

    @property
    def fallback_charge_w(self) -> float:
        """The most that it may take by itself when nobody speaks to it."""
        return self.charge_w if self.fallback_w is None else max(0.0, self.fallback_w)

    @property
    def fallback_discharge_w(self) -> float:
        """The most that it may give by itself then, a figure of 0 or more."""
        return self.discharge_w if self.fallback_w is None else max(0.0, -self.fallback_w)


@valueclass(frozen=True, slots=True, kw_only=True)
class BatteryReading:
    """One picture of a battery."""

    battery_id: str
    at_s: float
    """Monotonic time at which it was true, as well as the driver can know."""
    power_w: float | None = None
    """Positive charges."""
    soc_pct: float | None = None
    """By its own word, 0 to 100."""
    state: BatteryState = "ready"
    charge_w: float | None = None
    """What it says it can take now (cold or full cells); None: what it was built for."""
    discharge_w: float | None = None
    """What it says it can give now, a figure of 0 or more."""
    setpoint_w: float | None = None
    """The power that it says it was told."""
    valid_for_s: float | None = None
    """How long that still holds by its own timer."""


@valueclass(frozen=True, slots=True, kw_only=True)
class BatterySetpoint:
    """What one battery is to do. It must not be refreshed past `valid_until_s` (DESIGN 5.6)."""

    battery_id: str
    power_w: float
    """Positive charges."""
    valid_until_s: float
    """Monotonic."""
    decided_at_s: float
    reason: Reason
