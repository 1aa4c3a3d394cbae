"""What one more kW of peak is worth, given how the month will probably end anyway.

A kW above `x` is paid for only if the month would otherwise have ended below `x`. How likely that is comes from the months of
the site that are closed and from how much of this month is left; so early in a month of a site whose months always end
at 6 kW a little more than 2.5 kW is cheap, and on the last day it is at its full price.
"""

from collections.abc import Sequence
from dataclasses import dataclass

USED = False
"""Whether a kW is priced by the months that are closed. Backtest and site go by the same word; until it is shown to pay over a
year each kW has the tariff's full price."""
_PRIOR_MONTHS = 2.0
"""So many months that stayed at the floor are believed in beforehand: a new site pays the full price."""
_KEPT_MONTHS = 6
_HIGHEST_SHARE = 0.9
"""However often it happened, the price never falls below a tenth of the tariff's."""


@dataclass(frozen=True, slots=True)
class ClosedPeak:
    """The peak of a month that is over."""

    peak_w: float


def peak_curve(
    closed: Sequence[ClosedPeak], *, eur_per_kw: float, floor_w: float, left: float
) -> tuple[tuple[float, float], ...]:
    """`site.plans.Peak.curve`: rising powers with rising prices.

    `closed`: the newest last; `left`: the part of this month that is still to come, 0 to 1.
    """
    peaks = sorted(max(each.peak_w, floor_w) for each in closed[-_KEPT_MONTHS:])
    total = len(peaks) + _PRIOR_MONTHS
    curve: list[tuple[float, float]] = []
    for from_w in [floor_w, *(peak for peak in peaks if peak > floor_w)]:
        above = sum(peak > from_w for peak in peaks) / total
        anyway = min(_HIGHEST_SHARE, above) * min(max(left, 0.0), 1.0)
        if not curve or from_w > curve[-1][0]:
            curve.append((from_w, eur_per_kw * (1.0 - anyway)))
    return tuple(curve)


def eur_per_kw_at(curve: Sequence[tuple[float, float]], peak_w: float, otherwise: float) -> float:
    """The price of the kW above `peak_w`; `otherwise` without a curve."""
    price = otherwise if not curve else curve[0][1]
    for from_w, eur_per_kw in curve:
        if from_w <= peak_w:
            price = eur_per_kw
    return price
