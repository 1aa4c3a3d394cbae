"""Prices of the market in the vocabulary: a series by quarter-hours, and what was wrong with the answer it came from.

Everything is per quarter-hour `[start, start + 900 s)` in UTC, also where the market or the source has hours. A quarter
without a price is None, never 0: zero and negative prices are prices.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import utc_text

DIFFERENCE_EUR_PER_KWH = 0.002
"""Two sources that differ by less over an hour say the same: they round, and some give hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFault:
    """Something wrong in an answer that was used nevertheless."""

    code: str
    """`hole`, `contradiction`, `not_a_number`, `wrong_currency`, `wrong_unit`, `implausible`, `no_time_zone`, `bad_time`,
    `off_grid`, `out_of_order`, `outside`, `other_auction`, `bad_entry`, `bad_step`, `sources_differ`, `kept_file`."""
    where: str
    """The place in the answer, or the first quarter-hour it is about (ISO 8601, UTC)."""
    detail: str
    """One sentence for a person, in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """Prices in equal steps of a quarter-hour."""

    start_s: int
    """UTC; a multiple of 900."""
    eur_per_kwh: tuple[float | None, ...]
    """In `currency`; the market's price without taxes and fees, unless the source says otherwise."""
    currency: str = "EUR"
    source: str
    fetched_at_s: float
    """UTC."""
    native_step_s: int = QUARTER_S
    """The longest step of the source within it: 3600 where prices hold for whole hours."""
    faults: tuple[MarketFault, ...] = ()

    @property
    def step_s(self) -> int:
        """Always a quarter-hour."""
        return QUARTER_S

    @property
    def end_s(self) -> int:
        """Where the last step ends."""
        return self.start_s + QUARTER_S * len(self.eur_per_kwh)

    @property
    def known_until_s(self) -> int:
        """Where the last known price ends; `start_s` when none is known."""
        for i in range(len(self.eur_per_kwh) - 1, -1, -1):
            if self.eur_per_kwh[i] is not None:
                return self.start_s + QUARTER_S * (i + 1)
        return self.start_s

    def at(self, utc_s: float) -> float | None:
        """The price at a moment; None where it is not known."""
        step = int((utc_s - self.start_s) // QUARTER_S)
        return self.eur_per_kwh[step] if 0 <= step < len(self.eur_per_kwh) else None

    def holes(self, from_s: float, to_s: float) -> int:
        """How many quarter-hours in `[from_s, to_s)` have no price."""
        return sum(self.at(s) is None for s in range(int(from_s), int(to_s), QUARTER_S))

    def window(self, from_s: int, to_s: int) -> "PriceSeries":
        """The same from one boundary to another; None where nothing is known."""
        values = tuple(self.at(s) for s in range(from_s, to_s, QUARTER_S))
        return replace(self, start_s=from_s, eur_per_kwh=values)


def trimmed(series: PriceSeries) -> PriceSeries:
    """Without the steps at both ends that have no price."""
    known = [i for i, value in enumerate(series.eur_per_kwh) if value is not None]
    if not known:
        return replace(series, eur_per_kwh=())
    first, last = known[0], known[-1]
    return replace(
        series,
        start_s=series.start_s + first * QUARTER_S,
        eur_per_kwh=series.eur_per_kwh[first : last + 1],
    )


def over(newer: PriceSeries, older: PriceSeries) -> PriceSeries:
    """Two series of one source: the newer one counts where it has a price, the older one fills."""
    joined = _joined((newer, older))
    return replace(newer, start_s=joined[0], eur_per_kwh=joined[1])


def preferred(ordered: Iterable[PriceSeries], *, compare_from_s: int = 0) -> PriceSeries | None:
    """One series out of those of several sources: in each step the first that knows a price counts.

    Where two of them contradict each other from `compare_from_s` on it is said (`sources_differ`); currencies other than the first one's
    are left out and said too. None without any price.
    """
    usable = [s for s in ordered if any(v is not None for v in s.eur_per_kwh)]
    if not usable:
        return None
    first = usable[0]
    faults = list(first.faults)
    same: list[PriceSeries] = [first]
    for other in usable[1:]:
        if other.currency != first.currency:
            detail = f"{other.source} gives {other.currency}, {first.source} {first.currency}: left out"
            faults.append(MarketFault(code="wrong_currency", where=other.source, detail=detail))
            continue
        faults += _differences(same, other, compare_from_s)
        same.append(other)
    start_s, values = _joined(same)
    used = [s for s in same if any(_counts(s, same, start_s + i * QUARTER_S) for i in range(len(values)))]
    return replace(
        first,
        start_s=start_s,
        eur_per_kwh=values,
        source=" + ".join(dict.fromkeys(s.source for s in used)),
        fetched_at_s=max(s.fetched_at_s for s in used),
        native_step_s=max(s.native_step_s for s in used),
        faults=tuple(faults),
    )


def _counts(series: PriceSeries, ordered: list[PriceSeries], utc_s: int) -> bool:
    return next((s for s in ordered if s.at(utc_s) is not None), None) is series


def _joined(ordered: Iterable[PriceSeries]) -> tuple[int, tuple[float | None, ...]]:
    found = list(ordered)
    start_s, end_s = min(s.start_s for s in found), max(s.end_s for s in found)
    values: list[float | None] = [None] * ((end_s - start_s) // QUARTER_S)
    for series in reversed(found):
        offset = (series.start_s - start_s) // QUARTER_S
        for i, value in enumerate(series.eur_per_kwh):
            if value is not None:
                values[offset + i] = value
    return start_s, tuple(values)


def _differences(counted: list[PriceSeries], other: PriceSeries, from_s: int) -> list[MarketFault]:
    """Hours that both know whole, compared by their means: one source may give hours where the other has quarters."""
    start_s, values = _joined(counted)
    known = PriceSeries(
        start_s=start_s, eur_per_kwh=values, currency=other.currency, source="", fetched_at_s=0.0
    )
    hour_s = 4 * QUARTER_S
    differing: list[tuple[int, float, float]] = []
    first = max(known.start_s, other.start_s, from_s)
    for hour in range(-(-first // hour_s) * hour_s, min(known.end_s, other.end_s) - hour_s + 1, hour_s):
        one, two = (_mean(s, hour) for s in (known, other))
        if one is not None and two is not None and abs(one - two) > _tolerance(one):
            differing.append((hour, one, two))
    if not differing:
        return []
    hour, one, two = max(differing, key=lambda d: abs(d[1] - d[2]))
    names = ", ".join(dict.fromkeys(s.source for s in counted))
    detail = (
        f"{names} and {other.source} differ in {len(differing)} hours, most at {utc_text(hour)}: "
        f"{one:.4f} against {two:.4f} {other.currency}/kWh; the first counts"
    )
    return [MarketFault(code="sources_differ", where=utc_text(differing[0][0]), detail=detail)]


def _tolerance(price: float) -> float:
    return max(DIFFERENCE_EUR_PER_KWH, abs(price) * 0.02)


def _mean(series: PriceSeries, hour_s: int) -> float | None:
    total = 0.0
    for i in range(4):
        value = series.at(hour_s + i * QUARTER_S)
        if value is None:
            return None
        total += value
    return total / 4
