"""What the slow loop tells the fast one: a plan as advice, with an expiry and with prices.

Advice never widens a limit. Where it is absent or too old the fast loop goes on by rules, never stops.
Prices come along so that the fast loop can deal by itself with what the forecast got wrong.
"""

from collections.abc import Mapping
from dataclasses import field

from kwartier.site.plans import Series
from kwartier.site.values import valueclass


@valueclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A plan for the fast loop. Times are UTC, since a plan is made for hours of the clock."""

    version: str
    """Tells two plans apart, on screen and in the journal."""
    made_s: float
    valid_until_s: float
    """From here on rules hold instead."""
    start_s: int
    step_s: int
    points_w: Mapping[str, Series]
    """Per charge point: planned power. A charge point that is not named goes by its mode alone."""
    why: Mapping[str, tuple[str, ...]]
    """Per device and step: the code of the reason (`site.texts`), empty where there is none."""
    batteries_w: Mapping[str, Series]
    """Per battery: planned power, positive charges."""
    batteries_kwh: Mapping[str, Series]
    """Planned energy at the end of each step."""
    loads_w: Mapping[str, Series]
    """Per switched load or heat pump."""
    grid_w: Series
    """Planned exchange with the grid."""
    import_price: Series
    export_price: Series
    marginal_eur_per_kwh: Series
    """What one more kWh is worth in each step."""
    values_eur_per_kwh: Mapping[str, Series] = field(default_factory=dict)
    """Per device: what a kWh inside it is worth, at the end of each step of a battery, one figure for a car."""
    peak_w: float
    """The month's peak that the plan keeps to: a quarter-hour may go up to it, and should not go above."""
    peak_eur_per_kw: float
    """What a kW above `peak_w` costs."""

    def step_at(self, utc_s: float) -> int | None:
        """The step in which a moment lies; None outside the plan."""
        step = int((utc_s - self.start_s) // self.step_s)
        return step if 0 <= step < len(self.grid_w) else None
