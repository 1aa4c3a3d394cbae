"""Quarter-hours of the clock over the steps of a plan, and what their highest mean import costs.

Pure figures of `site.plans.Peak`: the model prices the same segments, the answer reckons the bill with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kwartier.planning.program import INFINITE, Floats, Ints, sums
from kwartier.site.plans import Peak

QUARTER_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarters:
    """Which part of which quarter each step fills. Mean power of quarter `q` is the sum of
    `weight * import_kw` over its entries, plus `running_kw` for the first one."""

    count: int
    quarter: Ints
    step: Ints
    weight: Floats
    month: Ints
    """Per quarter: 0 for the month in which the plan starts, then 1, ..."""
    running_kw: float
    """What the running quarter has already, as a mean over the whole of it."""
    whole: bool = False
    """Each step is a quarter by itself, and all of them count."""

    def means_kw(self, import_kw: Floats) -> Floats:
        """Mean import of each quarter that counts."""
        means = sums(self.quarter, self.weight * import_kw[self.step], self.count)
        if self.count and self.running_kw:
            means[0] += self.running_kw
        return means


def quarters(start_s: int, step_s: int, steps: int, peak: Peak) -> Quarters:
    """The quarters that count, in order. A step that does not count adds nothing to its quarter."""
    if step_s == QUARTER_S and start_s % QUARTER_S == 0 and peak.counts is None:
        every = np.arange(steps, dtype=np.int32)
        return Quarters(
            count=steps,
            quarter=every,
            step=every,
            weight=np.ones(steps),
            month=_months_of(every, peak),
            running_kw=0.0,
            whole=True,
        )
    edges = start_s + step_s * np.arange(steps + 1, dtype=np.int64)
    clock = np.arange(start_s // QUARTER_S + 1, -(-int(edges[-1]) // QUARTER_S), dtype=np.int64) * QUARTER_S
    cuts = np.union1d(edges, clock)
    step = (cuts[:-1] - start_s) // step_s
    quarter = cuts[:-1] // QUARTER_S - start_s // QUARTER_S
    weight = np.diff(cuts) / QUARTER_S
    month = np.searchsorted(np.asarray(peak.month_ends, dtype=np.int64), step, side="right")
    keep = np.ones(len(step), dtype=bool)
    if step_s > QUARTER_S:  # all whole quarters within a step have the same mean: one of them is enough
        whole = weight == 1.0
        _, first = np.unique(step[whole], return_index=True)
        keep = ~whole
        keep[np.flatnonzero(whole)[first]] = True
        if peak.running_kwh:
            keep[0] = True
    if peak.counts is not None:
        keep &= np.asarray(peak.counts, dtype=bool)[step]
    step, quarter, weight, month = step[keep], quarter[keep], weight[keep], month[keep]
    names, at = np.unique(quarter, return_inverse=True)
    months = np.zeros(len(names), dtype=np.int32)
    months[at[::-1]] = month[::-1]  # a quarter belongs to the month in which it begins
    return Quarters(
        count=len(names),
        quarter=at.astype(np.int32),
        step=step.astype(np.int32),
        weight=weight,
        month=months,
        running_kw=4.0 * peak.running_kwh if len(names) and names[0] == 0 else 0.0,
    )


def _months_of(step: Ints, peak: Peak) -> Ints:
    if not peak.month_ends:
        return np.zeros(len(step), dtype=np.int32)
    ends = np.asarray(peak.month_ends, dtype=np.int32)
    return np.searchsorted(ends, step, side="right").astype(np.int32)


def base_kw(peak: Peak, month: int) -> float:
    """Up to here this month's peak costs nothing more."""
    return max(peak.so_far_w if month == 0 else 0.0, peak.floor_w) / 1000.0


def segments(peak: Peak, month: int) -> list[tuple[float, float]]:
    """`(width_kw, eur_per_kw)` upward from `base_kw`; prices rise, the last one has no end."""
    if not peak.curve:
        return [(INFINITE, peak.eur_per_kw)]
    base = base_kw(peak, month)
    points = [(base, 0.0), *((max(w / 1000.0, base), price) for w, price in peak.curve)]
    ends = [*(at for at, _ in points[1:]), INFINITE]
    found = [(end - at, price) for (at, price), end in zip(points, ends, strict=True) if end > at]
    rising: list[tuple[float, float]] = []
    for width, price in found:
        rising.append((width, max(price, rising[-1][1] if rising else 0.0)))
    return rising


def excess_base_kw(peak: Peak, month: int) -> float:
    """Up to here the contracted power, or what was taken above it already, is paid."""
    assert peak.contracted_w is not None
    return max(peak.contracted_w, peak.so_far_w if month == 0 else 0.0) / 1000.0


def highest_kw(found: Quarters, import_kw: Floats, peak: Peak, month: int) -> float:
    """The quarter that is billed of a month: the highest, or the k-th largest with those before the plan."""
    means = found.means_kw(import_kw)[found.month == month]
    if not peak.largest_w:
        return float(means.max()) if len(means) else 0.0
    rank = len(peak.largest_w)
    past = [w / 1000.0 for w in peak.largest_w] if month == 0 else []
    ranked = sorted([*means.tolist(), *past], reverse=True)
    return ranked[rank - 1] if len(ranked) >= rank else 0.0


def charge_eur(found: Quarters, import_kw: Floats, peak: Peak) -> float:
    """What the plan's quarters add to the bills of its months, before any ceiling."""
    total = 0.0
    for month in range(_months(found)):
        billed = highest_kw(found, import_kw, peak, month)
        total += _above(billed - base_kw(peak, month), segments(peak, month))
        if peak.contracted_w is not None:
            total += peak.excess_eur_per_kw * max(0.0, billed - excess_base_kw(peak, month))
    return total


def _months(found: Quarters) -> int:
    return int(found.month.max()) + 1 if found.count else 0


def _above(power_kw: float, parts: Sequence[tuple[float, float]]) -> float:
    cost = 0.0
    for width, price in parts:
        if power_kw <= 0.0:
            break
        cost += price * min(width, power_kw)
        power_kw -= width
    return cost
