"""Reading a plan: whether it is in force, and what it says of this moment. Whatever in it makes no sense is not there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

from kwartier.control.rows.sums import zone_of
from kwartier.site.advice import Advice
from kwartier.site.plans import Series
from kwartier.site.setpoints import Picture

AHEAD_S = 300.0
"""A plan made by a clock that is this much ahead of ours still counts."""


@dataclass(frozen=True, slots=True)
class Now:
    """A plan in force, and the step that holds."""

    advice: Advice
    step: int
    end_s: float
    """UTC: the step's end."""

    def power_w(self, planned: Mapping[str, Series], device_id: str) -> float | None:
        """What is planned for a device in this step; None where it is not named."""
        return at(planned.get(device_id), self.step)

    @property
    def grid_w(self) -> float | None:
        """The planned exchange with the grid."""
        return at(self.advice.grid_w, self.step)

    @property
    def import_price(self) -> float | None:
        return at(self.advice.import_price, self.step)

    @property
    def export_price(self) -> float | None:
        return at(self.advice.export_price, self.step)


def at(series: Series | None, step: int) -> float | None:
    """A figure of a series; None where it has none, or it is no number."""
    if series is None or not 0 <= step < len(series):
        return None
    value = series[step]
    return value if isfinite(value) else None


def in_force(picture: Picture) -> Now | None:
    """The plan with its present step, while it is in force."""
    advice, utc_s = picture.advice, picture.utc_s
    if advice is None or not advice.step_s > 0:
        return None
    if not advice.made_s - AHEAD_S <= utc_s < advice.valid_until_s:  # so written that NaN is not in force
        return None
    step = advice.step_at(utc_s)
    return None if step is None else Now(advice, step, float(advice.start_s + (step + 1) * advice.step_s))


def begin_s(advice: Advice, step: int) -> float:
    """UTC: when a step begins."""
    return float(advice.start_s + step * advice.step_s)


def clock(utc_s: float, zone: str) -> str:
    """A moment on the wall, `HH:MM`."""
    return datetime.fromtimestamp(utc_s, UTC).astimezone(zone_of(zone)).strftime("%H:%M")
