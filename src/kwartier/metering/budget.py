"""The quarter-hour as a budget of energy: what the target allows, what is used, what is left.

Grid tariffs bill the mean import of each clock quarter (facts p1.md, section 11). So a quarter has a budget,
target x 15 min, and what matters is what is left of it and for how long, on the meter's own clock. What the
meter tells is cut off to its resolution; both ends of what it may mean are kept, the larger for holding the
target, the smaller for saying that it is certainly missed.
"""

from dataclasses import dataclass

from kwartier.site.intervals import QUARTER_S
from kwartier.site.quarters import MonthPeak, QuarterSettings, RunningQuarter

RESERVE_SHARE = 0.15
DEMAND_STEP_KWH = 0.00025
"""1.4.0 comes in whole watts of a quarter's mean."""
REGISTER_STEP_KWH = 0.002
"""Two tariff registers in whole watt-hours, each cut off at both ends."""
W_S_PER_KWH = 3.6e6


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
