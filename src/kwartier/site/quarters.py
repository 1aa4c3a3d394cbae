"""Quarter-hours in the vocabulary: the one that is running, the month's peak, and what it is to stay under.

How they are reckoned is `metering`'s affair; here they only have their names, so that a picture can hold them.
"""

from dataclasses import dataclass
from typing import Literal

from kwartier.site.values import valueclass

FLOOR_W = 2500.0
"""Below this a month's peak costs nothing in Flanders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningQuarter:
    """The quarter that is running, for the peak guard and the screen."""

    meter_id: str
    start_s: int
    elapsed_s: float
    energy_kwh: float
    """Imported so far."""
    demand_w: float
    """Energy so far times four: what the meter would bill if import stopped now."""
    projected_w: float
    """What it will bill if the power stays as it is."""
    source: Literal["meter", "registers", "partial"]
    """The meter's own 1.4.0; the registers since the boundary; the registers since our first look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A local calendar month as `[start_s, end_s)` in UTC seconds."""

    year: int
    month: int
    start_s: int
    end_s: int


@valueclass(frozen=True, slots=True, kw_only=True)
class MonthPeak:
    """The highest quarter-hour of a month so far; `peak_w` is None while no quarter is known."""

    month: Month
    peak_w: float | None = None
    start_s: int | None = None
    """The quarter it fell in."""
    source: Literal["quarters", "meter"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """One entry of a meter's own history of month peaks (0-0:98.1.0). Times are UTC; None: undefined."""

    closed_at_s: float | None
    """The month's end."""
    at_s: float | None
    peak_w: float


@valueclass(frozen=True, slots=True, kw_only=True)
class QuarterPicture:
    """What one meter's account says of the running quarter, frozen for a decision."""

    running: RunningQuarter | None
    at_s: float
    """Monotonic time at which it was true."""
    peak: MonthPeak | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterSettings:
    """What a circuit's quarter-hours are to stay under."""

    follow: Literal["month_peak", "plan", "fixed", "none"] = "month_peak"
    """The peak that this month has already; that or more, where a plan says that more pays; a power of its own;
    nothing."""
    fixed_w: float | None = None
    floor_w: float = FLOOR_W
    """Least target when following the month peak or a plan."""
    reserve_w: float | None = None
    """How far below the target the other load is reckoned to stay even at worst; None: 15 % of the target.
    With 0 any load up to the target is reckoned with at any moment: then chargers begin every quarter at
    nothing, and are held to what the quarter has saved up."""
    reaction_s: float = 30.0
    """Within a third of this the chargers have followed (devices and cars take 7 to 12 s)."""
    eur_per_kw_year: float | None = None
    """What a kW of the mean month peak costs a year; None: not told, and then no amounts are."""

    def __post_init__(self) -> None:
        if self.follow == "fixed" and (self.fixed_w is None or not self.fixed_w > 0):
            raise ValueError("a fixed quarter-hour target must be above 0 W")
        if not self.floor_w >= 0 or (self.reserve_w is not None and not self.reserve_w >= 0):
            raise ValueError("floor_w and reserve_w must not be negative")
        if not self.reaction_s >= 3:
            raise ValueError("reaction_s must be at least 3 s")
