"""What the controller decides: set-points with deadlines and reasons, limits with sources, messages."""

from dataclasses import dataclass, field
from typing import Literal

from kwartier.site.advice import Advice
from kwartier.site.batteries import BatteryReading
from kwartier.site.goals import CarFacts, Goal, Style
from kwartier.site.phases import PhaseVector
from kwartier.site.quarters import QuarterPicture
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.reasons import Reason
from kwartier.site.values import valueclass

Mode = Literal["off", "sun", "smart", "fast"]
"""off: nothing. sun: what would else be fed back. smart: as planned, by goal and price. fast: all that fits."""
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
class Override:
    """A slot of the plan that a person took over, `[from_s, to_s)` in UTC: a mode, or a power of his own. It gives
    itself back when the slot is over."""

    from_s: float
    to_s: float
    mode: Mode | None = None
    power_w: float | None = None
    """At most this; 0: it waits."""

    def __post_init__(self) -> None:
        if not self.from_s < self.to_s:
            raise ValueError("a slot ends after it begins")
        if (self.mode is None) == (self.power_w is None):
            raise ValueError("a slot has either a mode or a power of its own")
        if self.power_w is not None and not self.power_w >= 0:
            raise ValueError("power_w must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asked of a charge point: soft, always inside every limit."""

    charge_point_id: str
    mode: Mode | None = None
    """None: as the user has it by default, or else the charge point (`site.modes`)."""
    limit_a: float | None = None
    departs_s: float | None = None
    """When the car leaves, UTC; None: not known."""
    needs_kwh: float | None = None
    """What it needs by then, counted from the beginning of its session."""
    minimum_kwh: float | None = None
    """So much at once, whatever it costs, counted likewise."""
    style: Style = "cheapest"
    """How the plan is to charge; for the planner."""
    goal: Goal | None = None
    """As it was said; `departs_s` and `needs_kwh` are what it comes to."""
    by: Literal["hand", "calendar"] | None = None
    """Who set `departs_s` and `needs_kwh` besides goals. hand: somebody said a moment, which holds until it has passed. calendar:
    they go when it no longer says so."""
    car: CarFacts | None = None
    """What somebody said of the car that is there."""
    overrides: tuple[Override, ...] = ()
    """Slots that a person took over; the first that holds counts."""


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
    advice: Advice | None = None
    """The newest plan, also when it is too old: prices stay true."""
    batteries: dict[str, BatteryReading] = field(default_factory=dict)
    """The newest reading of each battery that ever spoke."""
