"""Months and years of a bill, and the sums that several components need: energy since 1 January, month peaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from heapq import nsmallest
from typing import Literal

from kwartier.planning.billing.series import UKWH_PER_KWH, Flows, Moment, midnight, moments
from kwartier.site.intervals import QUARTER_S
from kwartier.site.tariffs import PeakFee, PerKwh, Rate, Window

Month = tuple[int, int]
"""Year and month, 1 to 12."""


def month_start(month: Month) -> date:
    """Its first day."""
    return date(month[0], month[1], 1)


def month_after(month: Month, by: int = 1) -> Month:
    """The month so many later (below zero: earlier)."""
    number = 12 * month[0] + month[1] - 1 + by
    return number // 12, number % 12 + 1


def days_in_month(month: Month) -> int:
    """28 to 31."""
    return (month_start(month_after(month)) - month_start(month)).days


def days_in_year(year: int) -> int:
    """365 or 366."""
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


@dataclass(frozen=True, slots=True)
class Segment:
    """The days of one month that lie in a period: `[first, last)`."""

    month: Month
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days

    @property
    def share(self) -> Decimal:
        """Of the whole month, by days."""
        return Decimal(self.days) / days_in_month(self.month)

    def within(self, valid_from: date | None, valid_until: date | None) -> "Segment | None":
        """The days of it on which something holds; None: none."""
        first = max(self.first, valid_from or self.first)
        last = min(self.last, valid_until or self.last)
        return Segment(self.month, first, last) if first < last else None


def segments(first: date, last: date) -> list[Segment]:
    """A period cut at month boundaries."""
    out: list[Segment] = []
    while first < last:
        month = (first.year, first.month)
        end = min(last, month_start(month_after(month)))
        out.append(Segment(month, first, end))
        first = end
    return out


@dataclass(frozen=True, slots=True)
class Peak:
    """A month's peak as far as it is known."""

    kw: Decimal
    start_s: int | None
    """The quarter it fell in; None: told by the meter or the user."""
    missing: int
    """Quarters of the month that are not known: the true peak may be higher."""


@dataclass(slots=True)
class Account:
    """The quarter-hours on the local calendar; what was summed up once is kept."""

    flows: Flows
    zone: tzinfo
    known_peaks_kw: Mapping[Month, Decimal] = field(default_factory=dict)
    """From the meter's own memory, or from earlier bills."""
    _moments: dict[Month, list[Moment]] = field(default_factory=dict)
    _peaks: dict[tuple[Month, int, tuple[Window, ...]], Peak | None] = field(default_factory=dict)
    _energies: dict[tuple[Segment, str], int] = field(default_factory=dict)
    _sums: dict[tuple[object, date, date], dict[str, int]] = field(default_factory=dict)

    def moments(self, segment: Segment) -> list[Moment]:
        """All quarter-hours of these days."""
        month = self._moments.get(segment.month)
        if month is None:
            start = midnight(month_start(segment.month), self.zone)
            end = midnight(month_start(month_after(segment.month)), self.zone)
            month = self._moments[segment.month] = moments(start, end, self.zone)
        if segment.days == days_in_month(segment.month):
            return month
        return [m for m in month if segment.first <= m.day < segment.last]

    def import_ukwh(self, segment: Segment) -> int:
        """Energy taken in these days, as far as it is known."""
        return self.energy_ukwh(segment, "import")

    def energy_ukwh(self, segment: Segment, direction: Literal["import", "export"]) -> int:
        """Energy taken or fed in in these days, as far as it is known."""
        key = (segment, direction)
        if key not in self._energies:
            found = self.flows.import_ukwh if direction == "import" else self.flows.export_ukwh
            get = found.get
            self._energies[key] = sum(get(m.start_s, 0) for m in self.moments(segment))
        return self._energies[key]

    def peak(self, month: Month, fee: PeakFee) -> Peak | None:
        """The month's peak as this fee counts it, measured or told, whichever is higher; None: nothing is known."""
        key = (month, fee.rank, fee.windows)
        if key not in self._peaks:
            self._peaks[key] = self._measured_peak(month, fee)
        return self._peaks[key]

    def _measured_peak(self, month: Month, fee: PeakFee) -> Peak | None:
        start = midnight(month_start(month), self.zone)
        end = midnight(month_start(month_after(month)), self.zone)
        found = self.flows.import_ukwh
        quarters = [(found[s], s) for s in range(start, end, QUARTER_S) if s in found]
        missing = (end - start) // QUARTER_S - len(quarters)
        told = self.known_peaks_kw.get(month)
        if fee.windows:
            whole = Segment(month, month_start(month), month_start(month_after(month)))
            counts = {
                m.start_s
                for m in self.moments(whole)
                if any(w.holds(m.month, m.weekday, m.minute) for w in fee.windows)
            }
            quarters = [q for q in quarters if q[1] in counts]
        if not quarters:
            return None if told is None else Peak(told, None, missing)
        # of equal quarters the first one counts, so that it is always the same
        energy, at_s = nsmallest(fee.rank, ((-e, s) for e, s in quarters))[-1]
        energy = -energy
        measured = Decimal(4 * energy) / UKWH_PER_KWH
        if told is not None and told > measured:
            return Peak(told, None, missing)
        return Peak(measured, at_s, missing)

    def known_months(self, last: Month, count: int, fee: PeakFee) -> list[tuple[Month, Peak]]:
        """Of the `count` months that end with `last`, those whose peak is known, oldest first."""
        out = []
        for back in range(count - 1, -1, -1):
            month = month_after(last, -back)
            peak = self.peak(month, fee)
            if peak is not None:
                out.append((month, peak))
        return out

    def since_new_year(
        self,
        year: int,
        until: date,
        rate_of: Callable[[Moment], str],
        key: object,
        netted_until: date | None = None,
    ) -> dict[str, int]:
        """Per rate: energy taken since 1 January of `year` up to the day `until` (at most the next 1 January), less
        what was fed in on days before `netted_until`, in 1e-6 kWh. `key` tells kinds of sums apart."""
        return self._net(date(year, 1, 1), until, rate_of, key, netted_until)

    def _net(
        self, first: date, until: date, rate_of: Callable[[Moment], str], key: object, netted: date | None
    ) -> dict[str, int]:
        memo = (key, first, until)
        if memo in self._sums:
            return self._sums[memo]
        sums: dict[str, int] = {}
        if until > first:
            # months that are over were summed before, so a year costs one pass
            end = until - timedelta(days=1)
            before = max(first, month_start((end.year, end.month)))
            sums = dict(self._net(first, before, rate_of, key, netted))
            (last_month,) = segments(before, until)
            if netted is None and rate_of is one_rate:
                sums["all"] = sums.get("all", 0) + self.import_ukwh(last_month)
                self._sums[memo] = sums
                return sums
            taken, given = self.flows.import_ukwh, self.flows.export_ukwh
            for m in self.moments(last_month):
                energy = taken.get(m.start_s, 0)
                if netted is not None and m.day < netted:
                    energy -= given.get(m.start_s, 0)
                if energy:
                    rate = rate_of(m)
                    sums[rate] = sums.get(rate, 0) + energy
        self._sums[memo] = sums
        return sums


def one_rate(_: Moment) -> str:
    """For sums over all times."""
    return "all"


def rate_at(component: PerKwh, at: Moment) -> Rate | None:
    """The price that holds at a moment; None: none does."""
    for rate in component.rates:
        if not rate.windows or rate.holds(at.month, at.weekday, at.minute):
            return rate
    return None
