"""Feeding back no more than is allowed: seen and said. A pure state machine.

    within --more than the limit for OVER_AFTER_S--> over --at most BACK of it for BACK_AFTER_S--> within

Nothing that is steered today can feed less; `ExportLimit` is what an inverter would be told. Charging more when it
is over is a matter of wishes, not of this.
"""

from dataclasses import dataclass, replace
from math import isfinite

OVER_AFTER_S = 10.0
BACK = 0.95
BACK_AFTER_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportMemory:
    """What is remembered of one circuit."""

    over: bool = False
    turning_s: float | None = None
    """Since when what is measured speaks for the other state; None: it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLimit:
    """What a circuit feeds back and may feed back, W, with who says so; for those who can feed less."""

    circuit_id: str
    limit_w: float
    source: str
    export_w: float | None
    """Measured now; None: not known. Negative: it imports."""
    over: bool

    @property
    def excess_w(self) -> float | None:
        """By how much less must be fed; None: not known, and then nothing more may be fed than before."""
        return None if self.export_w is None else max(0.0, self.export_w - self.limit_w)


def watch(memory: ExportMemory, limit_w: float, export_w: float | None, now_s: float) -> ExportMemory:
    """One look. A value that is not known, or is no number, leaves the state as it is and begins no turn."""
    if export_w is None or not isfinite(export_w):
        return memory if memory.turning_s is None else replace(memory, turning_s=None)
    turns = export_w <= limit_w * BACK if memory.over else export_w > limit_w
    if not turns:
        return memory if memory.turning_s is None else replace(memory, turning_s=None)
    if memory.turning_s is None:
        return replace(memory, turning_s=now_s)
    if now_s - memory.turning_s >= (BACK_AFTER_S if memory.over else OVER_AFTER_S):
        return ExportMemory(over=not memory.over)
    return memory
