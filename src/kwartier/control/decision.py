"""What a step returns."""

from kwartier.control.memory import Memory
from kwartier.site.phases import PhaseVector
from kwartier.site.setpoints import Message, Setpoint
from kwartier.site.values import valueclass


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


@valueclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All of it is a value: the same arguments give the same decision, bit for bit."""

    memory: Memory
    setpoints: tuple[Setpoint, ...]
    circuits: tuple[CircuitView, ...]
    messages: tuple[Message, ...]
