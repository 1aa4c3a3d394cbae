"""The quarter-hour as a budget of energy: what the target allows, what is used, what is left.

Grid tariffs bill the mean import of each clock quarter (facts p1.md, section 11). So a quarter has a budget,
target x 15 min, and what matters is what is left of it and for how long, on the meter's own clock. What the
meter tells is cut off to its resolution; both ends of what it may mean are kept, the larger for holding the
target, the smaller for saying that it is certainly missed.
"""

from dataclasses import dataclass
from typing import Literal

from kwartier.metering.peaks import MonthPeak
from kwartier.metering.quarter_types import RunningQuarter
from kwartier.site.intervals import QUARTER_S

FLOOR_W = 2500.0
"""Below this a month's peak costs nothing in Flanders."""
RESERVE_SHARE = 0.15
DEMAND_STEP_KWH = 0.00025
"""1.4.0 comes in whole watts of a quarter's mean."""
REGISTER_STEP_KWH = 0.002
"""Two tariff registers in whole watt-hours, each cut off at both ends."""
W_S_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterSettings:
    """What a circuit's quarter-hours are to stay under."""

    follow: Literal["month_peak", "fixed", "none"] = "month_peak"
    """The peak that this month has already, or a power of its own, or nothing."""
    fixed_w: float | None = None
    floor_w: float = FLOOR_W
    """Least target when following the month peak."""
    reserve_w: float | None = None
    """How far below the target the other load is reckoned to stay even at worst; None: 15 % of the target.
    With 0 any load up to the target is reckoned with at any moment: then chargers begin every quarter at
    nothing, and are held to what the quarter has saved up."""
    reaction_s: float = 30.0
    """Within a third of this the chargers have followed (devices and cars take 7 to 12 s)."""

    def __post_init__(self) -> None:
        if self.follow == "fixed" and (self.fixed_w is None or not self.fixed_w > 0):
            raise ValueError("a fixed quarter-hour target must be above 0 W")
        if not self.floor_w >= 0 or (self.reserve_w is not None and not self.reserve_w >= 0):
            raise ValueError("floor_w and reserve_w must not be negative")
        if not self.reaction_s >= 3:
            raise ValueError("reaction_s must be at least 3 s")


def target_w(settings: QuarterSettings, peak: MonthPeak | None, start_s: float) -> float | None:
    """The mean import that the quarter from `start_s` (UTC) may reach; None: no target.

    A peak of another month, or none yet, leaves the floor: a new month begins low.
    """
    if settings.follow == "none":
        return None
    if settings.follow == "fixed":
        return settings.fixed_w
    if peak is None or peak.peak_w is None or not peak.month.start_s <= start_s < peak.month.end_s:
        return settings.floor_w
    return max(settings.floor_w, peak.peak_w)


def reserve_w(settings: QuarterSettings, target: float) -> float:
    """The reserve that holds for a target, never more than it."""
    wanted = RESERVE_SHARE * target if settings.reserve_w is None else settings.reserve_w
    return min(wanted, target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How far a quarter is."""

    start_s: int
    left_s: float
    """Until its end, on the meter's clock; within (0, 900]."""
    least_kwh: float
    most_kwh: float
    known: bool
    """False where part of the quarter went unseen: `most_kwh` is then a guess."""

    @property
    def end_s(self) -> int:
        """First second after it, UTC by the meter."""
        return self.start_s + QUARTER_S

    def left_kwh(self, target: float) -> float:
        """What a target leaves for the rest; negative when it is missed."""
        return target * QUARTER_S / W_S_PER_KWH - self.most_kwh


def used(running: RunningQuarter, age_s: float, since_w: float) -> Used:
    """The quarter at this moment, from what the meter last told `age_s` ago.

    `since_w`: what has been imported since then at most, as a mean. Past the quarter's end the next one is
    taken to have begun.
    """
    least, most = _ends(running)
    elapsed_s, start_s = running.elapsed_s + max(age_s, 0.0), running.start_s
    since_s, known = max(age_s, 0.0), running.source != "partial"
    if elapsed_s >= QUARTER_S:
        passed = int(elapsed_s // QUARTER_S)
        start_s, elapsed_s = start_s + passed * QUARTER_S, elapsed_s - passed * QUARTER_S
        least, most, since_s, known = 0.0, 0.0, elapsed_s, True
    most += max(since_w, 0.0) * since_s / W_S_PER_KWH
    return Used(start_s=start_s, left_s=QUARTER_S - elapsed_s, least_kwh=least, most_kwh=most, known=known)


def _ends(running: RunningQuarter) -> tuple[float, float]:
    """What the figure may mean. Registers also hold up to one step of integrated power."""
    if running.source == "meter":
        return max(0.0, running.energy_kwh - DEMAND_STEP_KWH), running.energy_kwh + DEMAND_STEP_KWH
    least = max(0.0, running.energy_kwh - 2 * REGISTER_STEP_KWH)
    return least, running.energy_kwh + REGISTER_STEP_KWH
