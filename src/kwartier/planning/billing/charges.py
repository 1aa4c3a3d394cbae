"""What each component costs in the days of one month: the arithmetic of a bill, before lines and rounding."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from kwartier.planning.billing.calendar import (
    Account,
    Segment,
    days_in_month,
    days_in_year,
    one_rate,
    rate_at,
)
from kwartier.planning.billing.series import NANO, UKWH_PER_KWH, Moment, Spot, kwh
from kwartier.site.tariffs import (
    Ceiling,
    Component,
    ContractFee,
    FixedFee,
    PeakFee,
    PerKwh,
    Rate,
    Tariff,
    Tiered,
)

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one price of one component comes to in one month."""

    component: Component
    rate: str
    month: tuple[int, int]
    quantity: Decimal
    unit: str
    price: Decimal
    exact: Decimal
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For the explanation."""


@dataclass(slots=True)
class Gaps:
    """What could not be billed."""

    unpriced: dict[int, int] = field(default_factory=dict)
    """Quarter start -> energy without a spot price, 1e-6 kWh."""
    months_without_peak: list[tuple[int, int]] = field(default_factory=list)
    open_peaks: list[tuple[int, int]] = field(default_factory=list)
    """Months with missing quarters: the peak may have been higher."""
    year_starts: set[int] = field(default_factory=set)
    """Years whose first quarters are not known although bands or netting count from 1 January."""


def charges(tariff: Tariff, segment: Segment, account: Account, spot: Spot, gaps: Gaps) -> list[Charge]:
    """All charges of these days. Ceilings come last, since they look at the others."""
    out: list[Charge] = []
    for component in tariff.components:
        part = segment.within(component.valid_from, component.valid_until)
        if part is None or isinstance(component, Ceiling):
            continue
        if isinstance(component, FixedFee):
            out.append(_fixed(component, part))
        elif isinstance(component, PerKwh):
            until = component.netted_until
            if until is not None and part.first < until:
                out.extend(_netted(component, until, part, account, gaps))
            else:
                out.extend(_per_kwh(component, part, account, spot, gaps))
        elif isinstance(component, Tiered):
            out.extend(_tiered(component, part, account, gaps))
        elif isinstance(component, PeakFee):
            out.extend(_peak(component, part, account, gaps))
        elif isinstance(component, ContractFee):
            out.extend(_contract(component, part, account, tariff))
    for component in tariff.components:
        if isinstance(component, Ceiling):
            part = segment.within(component.valid_from, component.valid_until)
            if part is not None:
                out.extend(_ceiling(component, part, account, out))
    return out


def _fixed(fee: FixedFee, part: Segment) -> Charge:
    if fee.per == "year":
        share = Decimal(part.days) / days_in_year(part.month[0])
    elif fee.per == "month":
        share = Decimal(part.days) / days_in_month(part.month)
    else:
        share = Decimal(part.days)
    return Charge(
        component=fee,
        rate="",
        month=part.month,
        quantity=Decimal(part.days),
        unit="days",
        price=fee.eur,
        exact=fee.eur * share,
        facts={"per": fee.per, "days": part.days},
    )


@dataclass(slots=True)
class _Sum:
    rate: Rate
    energy: int = 0
    weighted: int = 0
    """Energy times spot price; with hourly settlement times the sum of the hour's four."""
    exact: Decimal = ZERO


def _per_kwh(fee: PerKwh, part: Segment, account: Account, spot: Spot, gaps: Gaps) -> list[Charge]:
    flows = account.flows.import_ukwh if fee.direction == "import" else account.flows.export_ukwh
    sums: dict[str, _Sum] = {}
    hourly = fee.settled_s != 900
    only = fee.rates[0]
    plain = not only.factor and not only.windows
    if plain and (energy := account.energy_ukwh(part, fee.direction)):
        sums[only.key] = _Sum(only, energy)
    for at in () if plain else account.moments(part):
        energy = flows.get(at.start_s, 0)
        if not energy:
            continue
        rate = rate_at(fee, at)
        if rate is None:
            continue
        found = sums.get(rate.key)
        if found is None:
            found = sums[rate.key] = _Sum(rate)
        if rate.factor:
            price = spot.total4(at.start_s) if hourly else spot.nano.get(at.start_s)
            if price is None:
                gaps.unpriced[at.start_s] = gaps.unpriced.get(at.start_s, 0) + energy
                continue
            if fee.minimum_eur_per_kwh is not None:
                of_spot = Decimal(price) / (4 * NANO if hourly else NANO)
                paid = max(fee.minimum_eur_per_kwh, rate.factor * of_spot + rate.eur_per_kwh)
                found.exact += paid * kwh(energy)
            else:
                found.weighted += energy * price
        found.energy += energy
    sign = 1 if fee.direction == "import" else -1
    out = []
    for key, found in sums.items():
        rate, energy_kwh = found.rate, kwh(found.energy)
        if rate.factor and fee.minimum_eur_per_kwh is not None:
            exact = found.exact
        else:
            of_spot = Decimal(found.weighted) / (UKWH_PER_KWH * NANO * (4 if hourly else 1))
            exact = rate.factor * of_spot + rate.eur_per_kwh * energy_kwh
        out.append(
            Charge(
                component=fee,
                rate=key,
                month=part.month,
                quantity=energy_kwh,
                unit="kWh",
                price=exact / energy_kwh if found.energy else rate.eur_per_kwh,
                exact=sign * exact,
                facts={"factor": rate.factor, "eur_per_kwh": rate.eur_per_kwh, "hourly": hourly},
            )
        )
    return out


def _netted(fee: PerKwh, until: date, part: Segment, account: Account, gaps: Gaps) -> list[Charge]:
    """Energy taken less energy fed in, rate by rate, as it stands since 1 January: the month pays for what the
    year's balance moved in it, so that twelve months add up to the year."""

    def rate_of(at: Moment) -> str:
        rate = rate_at(fee, at)
        return "" if rate is None else rate.key

    key = (fee.rates, until, fee.direction)
    _check_year(part, account, gaps)
    year = part.month[0]
    start = account.since_new_year(year, part.first, rate_of, key, until)
    end = account.since_new_year(year, part.last, rate_of, key, until)
    sign = 1 if fee.direction == "import" else -1
    rates = {r.key: r for r in fee.rates}
    out = []
    for name in sorted(set(start) | set(end)):
        if name not in rates:
            continue
        quantity = max(0, sign * end.get(name, 0)) - max(0, sign * start.get(name, 0))
        if not quantity:
            continue
        price = rates[name].eur_per_kwh
        out.append(
            Charge(
                component=fee,
                rate=name,
                month=part.month,
                quantity=kwh(quantity),
                unit="kWh",
                price=price,
                exact=sign * price * kwh(quantity),
                facts={"netted": True, "factor": ZERO, "eur_per_kwh": price, "hourly": False},
            )
        )
    return out


def _check_year(part: Segment, account: Account, gaps: Gaps) -> None:
    first = Segment((part.month[0], 1), date(part.month[0], 1, 1), date(part.month[0], 1, 2))
    if part.first > first.first and not any(
        m.start_s in account.flows.import_ukwh for m in account.moments(first)
    ):
        gaps.year_starts.add(part.month[0])


def banded(bands: tuple[tuple[Decimal | None, Decimal], ...], energy_kwh: Decimal) -> Decimal:
    """What so many kWh since 1 January cost."""
    total, below = ZERO, ZERO
    for up_to, price in bands:
        top = energy_kwh if up_to is None else min(energy_kwh, up_to)
        if top > below:
            total += (top - below) * price
            below = top
    return total


def _tiered(fee: Tiered, part: Segment, account: Account, gaps: Gaps) -> list[Charge]:
    if len(fee.bands) > 1 or fee.netted_until is not None:
        _check_year(part, account, gaps)
    key = ("tiers", fee.netted_until)
    year = part.month[0]
    start = account.since_new_year(year, part.first, one_rate, key, fee.netted_until).get("all", 0)
    end = account.since_new_year(year, part.last, one_rate, key, fee.netted_until).get("all", 0)
    at_start, at_end = kwh(max(0, start)), kwh(max(0, end))
    exact = banded(fee.bands, at_end) - banded(fee.bands, at_start)
    quantity = at_end - at_start
    if not quantity:
        return []
    return [
        Charge(
            component=fee,
            rate="",
            month=part.month,
            quantity=quantity,
            unit="kWh",
            price=exact / quantity,
            exact=exact,
            facts={
                "bands": fee.bands,
                "from_kwh": at_start,
                "to_kwh": at_end,
                "netted": fee.netted_until is not None,
            },
        )
    ]


def billed_kw(fee: PeakFee, peak_kw: Decimal) -> Decimal:
    """What counts of a month's peak."""
    return max(peak_kw, fee.floor_kw)


def _peak(fee: PeakFee, part: Segment, account: Account, gaps: Gaps) -> list[Charge]:
    if fee.fixed_kw is not None:
        known, mean = [], fee.fixed_kw
    else:
        known = account.known_months(part.month, fee.months, fee)
        if not known or known[-1][0] != part.month:
            gaps.months_without_peak.append(part.month)
        elif known[-1][1].missing:
            gaps.open_peaks.append(part.month)
        if not known:
            return []
        mean = sum((billed_kw(fee, p.kw) for _, p in known), ZERO) / len(known)
    return [
        _by_kw(part, fee, mean, fee.eur_per_kw_year, {"peaks": tuple(known), "fee": fee, "days": part.days})
    ]


def _by_kw(
    part: Segment,
    fee: PeakFee | ContractFee,
    kw: Decimal,
    price: Decimal,
    facts: Mapping[str, Any],
    rate: str = "",
) -> Charge:
    """So many kW at a price per kW and year: a twelfth of it for a month, and the part of the month that was there."""
    return Charge(
        component=fee,
        rate=rate,
        month=part.month,
        quantity=kw,
        unit="kW",
        price=price,
        exact=kw * price / 12 * part.share,
        facts={**facts, "share": part.share},
    )


def _contract(fee: ContractFee, part: Segment, account: Account, tariff: Tariff) -> list[Charge]:
    if fee.contracted_kw is None:
        raise ValueError(
            f"{fee.key} of tariff {tariff.name!r} is billed per contracted kW; say how many (contracted_kw)"
        )
    out = [_by_kw(part, fee, fee.contracted_kw, fee.eur_per_kw_year, {"days": part.days})]
    # the excess is that of the highest quarter of the month, whatever the peak itself is billed by
    any_peak = PeakFee(key=fee.key, names=fee.names, group=fee.group, source=fee.source, eur_per_kw_year=ZERO)
    peak = account.peak(part.month, any_peak)
    if fee.excess_eur_per_kw_year and peak is not None and peak.kw > fee.contracted_kw:
        over, price = peak.kw - fee.contracted_kw, fee.excess_eur_per_kw_year
        out.append(_by_kw(part, fee, over, price, {"peak": peak, "contracted": fee.contracted_kw}, "excess"))
    return out


def _ceiling(fee: Ceiling, part: Segment, account: Account, others: list[Charge]) -> list[Charge]:
    covered = [c for c in others if c.component.key in fee.covers and c.month == part.month]
    total = sum((c.exact for c in covered), ZERO)
    least = sum(
        (
            c.component.floor_kw * c.component.eur_per_kw_year / 12 * part.share
            for c in covered
            if isinstance(c.component, PeakFee)
        ),
        ZERO,
    )
    taken = kwh(account.import_ukwh(part))
    most = max(fee.eur_per_kwh * taken, least)
    if total <= most:
        return []
    return [
        Charge(
            component=fee,
            rate="",
            month=part.month,
            quantity=taken,
            unit="kWh",
            price=fee.eur_per_kwh,
            exact=most - total,
            facts={"total": total, "most": most, "least": least},
        )
    ]
