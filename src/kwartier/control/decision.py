"""What a step returns."""

from dataclasses import field

from kwartier.control.memory import Memory
from kwartier.control.rows.budget import Allowance
from kwartier.site.batteries import BatterySetpoint
from kwartier.site.phases import PhaseVector
from kwartier.site.setpoints import Message, Setpoint
from kwartier.site.values import valueclass

OMIT = {"omit": True}
"""A field that is as by default is left out of the record, so that sites without it record what they always did."""


@valueclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What a circuit with a limit on power, a known fuse or a limit on feeding back shows besides."""

    total_limit_a: float | None = None
    """What its phases may carry together now, all included, and who says so."""
    total_source: str | None = None
    total_limit_w: float | None = None
    """`contract`: the contract; `quarter`: what the charge points may draw until the quarter ends."""
    fuse_used_pct: PhaseVector | None = None
    """How near to a trip each pole may be; the rated current alone ends at 64 to 78 %."""
    fuse_margin_pct: float | None = None
    """Used of what lies between the rated current and a trip."""
    fuse_urgency: str | None = None
    fuse_worst_pct: float | None = None
    """The largest margin ever used, and when (UTC) and on which phase."""
    fuse_worst_utc_s: float | None = None
    fuse_worst_phase: int | None = None
    export_w: float | None = None
    export_limit_w: float | None = None
    export_over: bool | None = None


@valueclass(frozen=True, slots=True, kw_only=True)
class CircuitView:
    """A circuit as the step saw it, A per phase; load = other load + chargers, all below included."""

    circuit_id: str
    limit_a: PhaseVector
    sources: tuple[str, str, str]
    load_a: PhaseVector
    """Flowing now: metered where a meter is trusted, else reckoned from below."""
    metered: bool
    base_a: PhaseVector
    """Other load that was reckoned with (the largest of the last seconds)."""
    granted_a: PhaseVector
    """Granted to or booked for the charge points behind it."""
    slack_a: PhaseVector
    """What is left of the limit."""
    safe: bool
    """Whether the safe current is in force because the meter is lost."""
    protection: Protection | None = None
    allowance: Allowance | None = None
    """What its goal for quarter-hours allows now."""


@valueclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All of it is a value: the same arguments give the same decision, bit for bit."""

    memory: Memory
    setpoints: tuple[Setpoint, ...]
    circuits: tuple[CircuitView, ...]
    messages: tuple[Message, ...]
    batteries: tuple[BatterySetpoint, ...] = field(default=(), metadata=OMIT)
