"""What the controller decides: set-points with deadlines and reasons, limits with sources, messages."""

from dataclasses import dataclass, field
from typing import Literal

from kwartier.site.phases import PhaseVector
from kwartier.site.quarters import QuarterPicture
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.reasons import Reason
from kwartier.site.values import valueclass

Mode = Literal["off", "fast"]
Level = Literal["info", "warning", "error"]


@valueclass(frozen=True, slots=True, kw_only=True)
class Setpoint:
    """What one charge point may draw per phase. It must not be refreshed past `valid_until_s`: only a
    fresh decision gives a new deadline (DESIGN 5.6)."""

    charge_point_id: str
    current_a: float
    phases: int | None
    """1 or 3 where the charger can switch; None leaves it alone."""
    valid_until_s: float
    """Monotonic."""
    decided_at_s: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit on a circuit with who set it and what holds when it runs out (never more than before)."""

    circuit_id: str
    value_a: PhaseVector
    source: str
    valid_until_s: float | None = None
    after_a: PhaseVector | None = None
    """What holds after `valid_until_s`; None keeps `value_a` (it may only tighten)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asked of a charge point: soft, always inside every limit."""

    charge_point_id: str
    mode: Mode = "fast"
    limit_a: float | None = None
    departs_s: float | None = None
    """When the car leaves, UTC; None: not known."""
    needs_kwh: float | None = None
    """What it needs by then, counted from the beginning of its session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something people must know, kept in the journal and shown on screen."""

    at_s: float
    """Monotonic time of the cycle that said it."""
    level: Level
    device_id: str
    reason: Reason


@valueclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything a decision is made from, frozen at one moment (DESIGN section 3, step 1)."""

    now_s: float
    """Monotonic."""
    utc_s: float
    meters: dict[str, MeterReading]
    """The newest good reading of each meter that ever spoke; its age is `now_s - at_s`."""
    charge_points: dict[str, ChargePointReading]
    wishes: dict[str, Wish]
    limits: tuple[Limit, ...] = ()
    """Limits from outside: formulas, grid operator, fire."""
    stops: dict[str, Reason] = field(default_factory=dict)
    """Charge points that get nothing, heard or not, whatever else is decided (fire, emergency), and why."""
    faults: tuple[DeviceFault, ...] = ()
    departures: dict[str, float] = field(default_factory=dict)
    """The next usual departure, UTC, of each user that has one, by user id."""
    quarters: dict[str, QuarterPicture] = field(default_factory=dict)
    """The running quarter of each meter that keeps an account, by meter id."""
