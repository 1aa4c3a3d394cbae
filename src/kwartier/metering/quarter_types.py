"""The values of the quarter-hour account (see `quarters`)."""

from dataclasses import dataclass
from typing import Literal

from kwartier.metering.ranges import Ranges
from kwartier.site.intervals import QUARTER_S
from kwartier.site.values import valueclass

Quality = Literal["measured", "interpolated", "partial", "clock", "reset"]
"""measured: registers within a minute of both boundaries. interpolated: a boundary fell in a longer gap.
partial: we began to look after the quarter began. reset: a register went back or leapt (another meter). clock: the
clock that dates the meter (its own, or ours where it has none) was set, or may have been."""

WORST_LAST: tuple[Quality, ...] = ("measured", "partial", "interpolated", "reset", "clock")
"""A quarter of unknown length says nothing of power, whatever else is true of it: `clock` hides no other. And what a
partial quarter had is its least only while no guess is in it."""


@valueclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Registers at one moment, with that moment on three clocks."""

    meter_s: float
    """UTC by the meter's clock (ours plus the last known difference where it gives none)."""
    host_s: float | None
    """Our monotonic time; None: not comparable with what comes."""
    utc_s: float
    import_kwh: float
    export_kwh: float | None


@valueclass(frozen=True, slots=True, kw_only=True)
class OpenQuarter:
    """The quarter that is running, with the registers at its beginning (or at our first look)."""

    start_s: int
    import_kwh: float
    export_kwh: float | None
    carried_import_kwh: float = 0.0
    """Energy of this quarter from before a register reset."""
    carried_export_kwh: float = 0.0
    quality: Quality = "measured"
    demand_w: float | None = None
    """The meter's own demand (1.4.0), newest in this quarter."""
    demand_import_kwh: float = 0.0
    """The import register when it said so."""

    @property
    def end_s(self) -> int:
        """First second after it."""
        return self.start_s + QUARTER_S


@valueclass(frozen=True, slots=True, kw_only=True)
class QuarterMemory:
    """What the account carries from reading to reading. A value: store it, and resume from it."""

    meter_id: str
    opened: OpenQuarter | None = None
    last: Point | None = None
    fine_kwh: float = 0.0
    """Import power integrated since the import register last stepped; for display only."""
    closed: Ranges = ()
    """Half-open ranges of quarters that were closed, so that none is closed twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedQuarter:
    """One finished quarter-hour of one meter; unique by `meter_id` and `start_s`."""

    meter_id: str
    start_s: int
    import_kwh: float
    export_kwh: float | None
    """None: the meter gave no export register at one of the boundaries."""
    register_import_kwh: float
    """The import register at its end, as far as known: the next quarter begins here."""
    register_export_kwh: float | None
    demand_w: float | None
    """Mean import power as billed: the meter's own figure where it sent one, else four times the energy
    (a lower bound where the quarter is partial or reset); None where the clock was set."""
    meter_demand_w: float | None
    """The meter's own figure alone."""
    agrees: bool | None
    """Whether the registers and the meter's own figure agree within their resolution; None: not both known."""
    quality: Quality

    @property
    def end_s(self) -> int:
        """First second after it."""
        return self.start_s + QUARTER_S
