"""The same tariff as prices for a plan: EUR/kWh per step, and what the month's peak costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from kwartier.planning.billing.calendar import rate_at
from kwartier.planning.billing.series import Moment, Spot, moment
from kwartier.site.intervals import QUARTER_S
from kwartier.site.plans import Peak
from kwartier.site.tariffs import Ceiling, ContractFee, PeakFee, PerKwh, Tariff, Tiered, Window
from kwartier.site.units import W_PER_KW

Prices = tuple[float | None, ...]


def step_prices(
    tariff: Tariff,
    spot: Spot,
    starts_s: Sequence[int],
    step_s: int,
    zone: tzinfo,
    *,
    with_vat: bool = True,
    year_kwh: float = 0.0,
    feeds_in_more: bool = False,
) -> tuple[Prices, Prices]:
    """What one more kWh taken costs, and one more fed in earns, in each step: all parts per kWh, as the user pays
    them. None where a spot price that counts is missing.

    A step longer than a quarter-hour costs the mean of its quarters, a shorter one what its quarter costs. `year_kwh`
    is what was taken since 1 January, for bands. Where feeding in is netted, a kWh fed in is worth what it takes off
    the bill, unless the year's balance is one of feeding in (`feeds_in_more`).
    """
    vat = {id(c): 1 + (tariff.vat_of(c) / 100 if with_vat else Decimal(0)) for c in tariff.components}
    memo: dict[int, tuple[Decimal | None, Decimal | None]] = {}

    def at(quarter_s: int) -> tuple[Decimal | None, Decimal | None]:
        if quarter_s not in memo:
            when = moment(quarter_s, zone)
            memo[quarter_s] = _quarter(tariff, spot, when, vat, Decimal(str(year_kwh)), feeds_in_more)
        return memo[quarter_s]

    taken: list[float | None] = []
    given: list[float | None] = []
    for start_s in starts_s:
        first = start_s - start_s % QUARTER_S
        pairs = [at(s) for s in range(first, start_s + step_s, QUARTER_S)]
        taken.append(_mean([p[0] for p in pairs]))
        given.append(_mean([p[1] for p in pairs]))
    return tuple(taken), tuple(given)


def _mean(prices: list[Decimal | None]) -> float | None:
    known = [p for p in prices if p is not None]
    return float(sum(known, Decimal(0)) / len(known)) if len(known) == len(prices) else None


def _quarter(
    tariff: Tariff, spot: Spot, when: Moment, vat: dict[int, Decimal], year_kwh: Decimal, feeds_in_more: bool
) -> tuple[Decimal | None, Decimal | None]:
    taken: Decimal | None = Decimal(0)
    given: Decimal | None = Decimal(0)
    for part in tariff.components:
        if not part.holds_on(when.day):
            continue
        if isinstance(part, Tiered):
            netted = _is_netted(part, when.day)
            price = _band(part, year_kwh) * vat[id(part)]
            if not (netted and feeds_in_more):
                taken = _plus(taken, price)
            if netted and not feeds_in_more:
                given = _plus(given, price)
        elif isinstance(part, PerKwh):
            price_at = _price(part, spot, when)
            own = None if price_at is None else price_at * vat[id(part)]
            if not _is_netted(part, when.day):
                if part.direction == "import":
                    taken = _plus(taken, own)
                else:
                    given = _plus(given, own)
            elif (part.direction == "export") == feeds_in_more:
                # one balance counts: a kWh either way moves it by one kWh at the one price
                taken, given = _plus(taken, own), _plus(given, own)
    return taken, given


def _plus(total: Decimal | None, more: Decimal | None) -> Decimal | None:
    return None if total is None or more is None else total + more


def _is_netted(part: PerKwh | Tiered, day: date) -> bool:
    return part.netted_until is not None and day < part.netted_until


def _price(part: PerKwh, spot: Spot, when: Moment) -> Decimal | None:
    rate = rate_at(part, when)
    if rate is None:
        return Decimal(0)
    if not rate.factor:
        return rate.eur_per_kwh
    of_spot = spot.at(when.start_s, part.settled_s)
    if of_spot is None:
        return None
    price = rate.factor * of_spot + rate.eur_per_kwh
    return price if part.minimum_eur_per_kwh is None else max(part.minimum_eur_per_kwh, price)


def _band(part: Tiered, year_kwh: Decimal) -> Decimal:
    return next(price for up_to, price in part.bands if up_to is None or year_kwh < up_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakTerms:
    """What the month's peak costs, for `site.plans.Peak`."""

    eur_per_kw: float
    """One kW more in this month, in all the bills in which it stands: a twelfth of the yearly price, whether it
    counts once in full or twelve times with a twelfth."""
    floor_w: float
    rank: int
    windows: tuple[Window, ...]
    ceiling_eur_per_kwh: float | None
    contracted_w: float | None
    excess_eur_per_kw: float
    """What lies above `contracted_w`, besides."""


def peak_terms(tariff: Tariff, at: date, *, with_vat: bool = True) -> PeakTerms:
    """What the tariff asks for the peak of the month of `at`. No component for it: all zero."""
    eur_per_kw = excess = Decimal(0)
    floor_kw: Decimal = Decimal(0)
    rank = 1
    windows: tuple[Window, ...] = ()
    contracted: Decimal | None = None
    ceiling: Decimal | None = None
    for part in tariff.components:
        if not part.holds_on(at):
            continue
        gross = 1 + (tariff.vat_of(part) / 100 if with_vat else Decimal(0))
        if isinstance(part, PeakFee) and part.fixed_kw is None:
            eur_per_kw += part.eur_per_kw_year / 12 * gross
            floor_kw, rank, windows = part.floor_kw, part.rank, part.windows
        elif isinstance(part, ContractFee):
            contracted = part.contracted_kw
            excess += part.excess_eur_per_kw_year / 12 * gross
        elif isinstance(part, Ceiling):
            ceiling = part.eur_per_kwh * gross
    return PeakTerms(
        eur_per_kw=float(eur_per_kw),
        floor_w=float(floor_kw) * W_PER_KW,
        rank=rank,
        windows=windows,
        ceiling_eur_per_kwh=None if ceiling is None else float(ceiling),
        contracted_w=None if contracted is None else float(contracted) * W_PER_KW,
        excess_eur_per_kw=float(excess),
    )


def peak_for_plan(
    tariff: Tariff,
    starts_s: Sequence[int],
    zone: tzinfo,
    *,
    so_far_w: float = 0.0,
    largest_w: tuple[float, ...] = (),
    running_kwh: float = 0.0,
    imported_kwh: float = 0.0,
    with_vat: bool = True,
) -> Peak:
    """The peak of a plan with these steps, by the tariff of their first day: what a kW costs, which steps count, and
    where new months begin. `so_far_w` is the month's highest quarter-hour, `largest_w` the highest ones where a tariff
    bills the k-th; both only of quarters that count."""
    at = [moment(s, zone) for s in starts_s]
    terms = peak_terms(tariff, at[0].day, with_vat=with_vat)
    counts = None
    if terms.windows:
        counts = tuple(any(w.holds(m.month, m.weekday, m.minute) for w in terms.windows) for m in at)
    months = [(m.day.year, m.day.month) for m in at]
    return Peak(
        eur_per_kw=terms.eur_per_kw,
        so_far_w=so_far_w,
        floor_w=terms.floor_w,
        running_kwh=running_kwh,
        counts=counts,
        month_ends=tuple(i for i in range(1, len(at)) if months[i] != months[i - 1]),
        largest_w=largest_w if terms.rank > 1 else (),
        contracted_w=terms.contracted_w,
        excess_eur_per_kw=terms.excess_eur_per_kw,
        ceiling_eur_per_kwh=terms.ceiling_eur_per_kwh,
        imported_kwh=imported_kwh,
    )
