"""Thirteen months of peaks, and what they cost (facts p1.md, sections 11 and 12).

The Flemish grid tariff bills, for each month, the mean of the last twelve month peaks, each of them never below
2.5 kW. A month's peak comes from three sources: the quarters recorded here, the meter's own running figure
(1.6.0), and the meter's own history (98.1.0). The meter's figure is the one that is billed; ours counts where it
is clearly higher (a meter that was replaced forgets) or alone. Months are kept when the meter forgets them.

Not reckoned: the ceiling of the tariff (EUR per kWh), VAT, and days of part-months.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from math import isfinite
from typing import Literal

from kwartier.metering.peaks import NOISE_W, month_of
from kwartier.metering.quarter_types import ClosedQuarter
from kwartier.site.intervals import QUARTER_S
from kwartier.site.quarters import FLOOR_W, ClosedMonth, Month, MonthPeak
from kwartier.site.units import W_PER_KW

SHOWN = 13
COUNTED = 12
KEPT = 36
"""Months that are remembered."""

Source = Literal["quarters", "meter", "history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEntry:
    """One month's peak."""

    year: int
    month: int
    peak_w: float
    start_s: int | None = None
    """The quarter it fell in; None: not known."""
    source: Source

    @property
    def number(self) -> int:
        """Months since year 0: their order."""
        return 12 * self.year + self.month - 1


Ledger = tuple[MonthEntry, ...]
"""Oldest first, at most one of each month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a ledger comes to."""

    mean_w: float | None
    """Mean of the last months' peaks, the running one included, each with the floor; None: none is known."""
    counted: int
    """How many months it is made of, 12 at most. Months that nobody knows are left out."""
    eur_per_year: float | None
    eur_per_kw_more: float | None
    """What one kW more in the running month costs in the twelve months for which it counts; 0 below the floor."""


def merged(ledger: Ledger, found: Iterable[MonthEntry]) -> Ledger:
    """The ledger with more entries. Of two for one month the higher counts, but the meter's own figure where they
    differ by no more than the steps of its registers. Order makes no difference beyond that."""
    months = {e.number: e for e in ledger}
    for entry in found:
        known = months.get(entry.number)
        if known is None or _better(entry, known):
            months[entry.number] = entry
    kept = tuple(months[n] for n in sorted(months)[-KEPT:])
    return ledger if kept == ledger else kept


def _better(new: MonthEntry, old: MonthEntry) -> bool:
    if abs(new.peak_w - old.peak_w) > NOISE_W:
        return new.peak_w > old.peak_w
    rank = ("quarters", "meter", "history")
    if rank.index(new.source) != rank.index(old.source):
        return rank.index(new.source) > rank.index(old.source)
    return new.peak_w > old.peak_w


def from_history(history: Iterable[ClosedMonth], zone: tzinfo) -> Ledger:
    """The meter's own history, in either order. Entries without a time (a fresh meter) are dropped: nobody knows
    their month."""
    found: list[MonthEntry] = []
    for closed in history:
        end_s = closed.closed_at_s if closed.closed_at_s is not None else closed.at_s
        if end_s is None or not isfinite(closed.peak_w) or closed.peak_w < 0:
            continue
        month = month_of(end_s - 1, zone)  # a month is closed at midnight of the next one's first
        start_s = None
        if closed.at_s is not None and month.start_s < closed.at_s <= month.end_s:
            start_s = int((closed.at_s - 1) // QUARTER_S) * QUARTER_S
        found.append(
            MonthEntry(
                year=month.year, month=month.month, peak_w=closed.peak_w, start_s=start_s, source="history"
            )
        )
    return merged((), found)


def from_quarters(quarters: Iterable[ClosedQuarter], zone: tzinfo) -> Ledger:
    """Month peaks of recorded quarters of one meter, in order or not."""
    month: Month | None = None
    found: dict[tuple[int, int], MonthEntry] = {}
    for q in quarters:
        if q.demand_w is None:
            continue
        if month is None or not month.start_s <= q.start_s < month.end_s:
            month = month_of(q.start_s, zone)
        key = (month.year, month.month)
        if key not in found or q.demand_w > found[key].peak_w:
            found[key] = MonthEntry(
                year=month.year, month=month.month, peak_w=q.demand_w, start_s=q.start_s, source="quarters"
            )
    return merged((), found.values())


def of_month(peak: MonthPeak) -> Ledger:
    """A running month as an entry; nothing while it has no peak."""
    if peak.peak_w is None:
        return ()
    return (
        MonthEntry(
            year=peak.month.year,
            month=peak.month.month,
            peak_w=peak.peak_w,
            start_s=peak.start_s,
            source=peak.source or "quarters",
        ),
    )


def shown(ledger: Ledger, running: Month) -> list[tuple[str, MonthEntry | None]]:
    """Up to thirteen months as `2026-11`, oldest first, the running one last; from the first that is known on."""
    last = 12 * running.year + running.month - 1
    known = {e.number: e for e in ledger if last - SHOWN < e.number <= last}
    first = min(known, default=last)
    return [(f"{n // 12:04}-{n % 12 + 1:02}", known.get(n)) for n in range(first, last + 1)]


def billed_w(peak_w: float, floor_w: float = FLOOR_W) -> float:
    """What counts of a month's peak."""
    return max(peak_w, floor_w)


def bill(
    ledger: Sequence[MonthEntry],
    running: Month,
    eur_per_kw_year: float | None,
    floor_w: float = FLOOR_W,
) -> Bill:
    """What the last twelve months, the running one included, come to at a price per kW and year."""
    last = 12 * running.year + running.month - 1
    counted = [e for e in ledger if last - COUNTED < e.number <= last]
    if not counted:
        return Bill(mean_w=None, counted=0, eur_per_year=None, eur_per_kw_more=None)
    mean_w = sum(billed_w(e.peak_w, floor_w) for e in counted) / len(counted)
    if eur_per_kw_year is None:
        return Bill(mean_w=mean_w, counted=len(counted), eur_per_year=None, eur_per_kw_more=None)
    now_w = next((e.peak_w for e in counted if e.number == last), 0.0)
    more = eur_per_kw_year / COUNTED if now_w >= floor_w else 0.0
    return Bill(
        mean_w=mean_w,
        counted=len(counted),
        eur_per_year=mean_w / W_PER_KW * eur_per_kw_year,
        eur_per_kw_more=more,
    )
