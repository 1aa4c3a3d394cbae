"""What a restart resumes from: the memory of the loop, the wishes, the open quarter-hours."""

from dataclasses import dataclass

from kwartier.control.memory import Memory
from kwartier.metering.causes import Cause
from kwartier.metering.ledger import Ledger
from kwartier.metering.quarters import QuarterMemory
from kwartier.site.setpoints import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One durable document; see `historian.slots`."""

    memory: Memory
    wishes: tuple[Wish, ...] = ()
    quarters: dict[str, QuarterMemory]
    ledger: Ledger = ()
    """Month peaks of the grid connection."""
    causes: tuple[Cause, ...] = ()
    """Who drew in the quarters that may be the month's peak."""
