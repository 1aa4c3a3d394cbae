"""From a tariff and quarter-hours to a bill.

Rounding: sums are exact, and each line is rounded to the cent once, half away from zero; VAT is reckoned per
percentage on the sum of its lines and rounded once. That is how the bills of Belgian suppliers add up
(docs/decisions/0032).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, tzinfo
from decimal import Decimal

from kwartier.planning.billing.calendar import Account, Month, Segment, segments
from kwartier.planning.billing.charges import Charge, Gaps, billed_kw, charges
from kwartier.planning.billing.series import Flows, Spot, kwh, ranges
from kwartier.planning.billing.texts import sentence
from kwartier.planning.billing.values import Bill, Line, MonthPeakUsed
from kwartier.planning.billing.words import month_name, notes, number, rate_name
from kwartier.site.reasons import LANGUAGES
from kwartier.site.tariffs import GROUPS, PeakFee, Tariff, validity_gaps


def bill(
    tariff: Tariff,
    flows: Flows,
    spot: Spot,
    zone: tzinfo,
    first: date,
    last: date,
    *,
    known_peaks_kw: Mapping[Month, Decimal] | None = None,
    with_vat: bool = True,
    account: Account | None = None,
) -> Bill:
    """The bill of the local days `[first, last)`.

    `flows` may reach further back: months before the period give their peaks to the mean of twelve, and energy since
    1 January its bands and netting. `known_peaks_kw` holds peaks that the meter or an earlier bill tells (the higher
    one counts). `account` is given by who bills several periods of the same flows. Raises ValueError for an empty
    period, or for a component that needs a contracted power and has none.
    """
    if first >= last:
        raise ValueError(f"a bill needs at least one day: {first} to {last} (not included) has none")
    if account is None:
        account = Account(flows, zone, known_peaks_kw or {})
    if not with_vat:
        tariff = replace(
            tariff,
            vat_pct=Decimal(0),
            components=tuple(replace(c, vat_pct=Decimal(0)) for c in tariff.components),
        )
    parts, gaps = segments(first, last), Gaps()
    found = [c for part in parts for c in charges(tariff, part, account, spot, gaps)]
    missing, taken, given = _measured(parts, account)
    unpriced = sum(gaps.unpriced.values())
    lacking = validity_gaps(tariff, first, last)
    return Bill(
        tariff=tariff.name,
        first=first,
        last=last,
        currency=tariff.currency,
        lines=_lines(tariff, found, zone),
        import_kwh=kwh(taken),
        export_kwh=kwh(given),
        peaks=_peaks(tariff, parts[-1].month, account),
        missing=ranges(missing),
        missing_prices=ranges(sorted(gaps.unpriced)),
        unpriced_kwh=kwh(unpriced),
        lacking=lacking,
        notes={
            language: tuple(
                notes(
                    language,
                    missing=len(missing),
                    unpriced=number(kwh(unpriced), language, 0, 3) if unpriced else "",
                    no_peak=_months(gaps.months_without_peak, language),
                    open_peak=_months(gaps.open_peaks, language),
                    year=", ".join(str(y) for y in sorted(gaps.year_starts)),
                    lacking=", ".join(_name(tariff, key, language) for key in lacking),
                )
            )
            for language in LANGUAGES
        },
    )


def monthly_bills(
    tariff: Tariff,
    flows: Flows,
    spot: Spot,
    zone: tzinfo,
    first: date,
    last: date,
    *,
    known_peaks_kw: Mapping[Month, Decimal] | None = None,
    with_vat: bool = True,
) -> tuple[Bill, ...]:
    """A bill for each local month, or part of one, of `[first, last)`."""
    account = Account(flows, zone, known_peaks_kw or {})
    return tuple(
        bill(tariff, flows, spot, zone, part.first, part.last, with_vat=with_vat, account=account)
        for part in segments(first, last)
    )


def _measured(parts: Iterable[Segment], account: Account) -> tuple[list[int], int, int]:
    """Quarters that are not known, and the energy of those that are."""
    missing: list[int] = []
    taken = given = 0
    for part in parts:
        for at in account.moments(part):
            energy = account.flows.import_ukwh.get(at.start_s)
            if energy is None:
                missing.append(at.start_s)
            else:
                taken += energy
                given += account.flows.export_ukwh.get(at.start_s, 0)
    return missing, taken, given


def _lines(tariff: Tariff, found: list[Charge], zone: tzinfo) -> tuple[Line, ...]:
    """One line for each price of each component, over all months of the period, in the order of the tariff."""
    order = {id(c): i for i, c in enumerate(tariff.components)}
    grouped: dict[tuple[int, str], list[Charge]] = {}
    for charge in found:
        grouped.setdefault((order[id(charge.component)], charge.rate), []).append(charge)
    lines = [_line(tariff, parts, zone) for _, parts in sorted(grouped.items(), key=lambda item: item[0])]
    return tuple(sorted(lines, key=lambda line: GROUPS.index(line.group)))


def _line(tariff: Tariff, parts: list[Charge], zone: tzinfo) -> Line:
    first = parts[0]
    component, exact = first.component, sum((p.exact for p in parts), Decimal(0))
    quantity = sum((p.quantity for p in parts), Decimal(0))
    price, price_unit = first.price, f"{tariff.currency}/{first.unit}"
    if first.unit == "kW":
        quantity /= len(parts)
        price_unit = f"{tariff.currency}/kW/year"
    elif first.unit == "days":
        price_unit = f"{tariff.currency}/{first.facts['per']}"
    elif len(parts) > 1 and quantity and "total" not in first.facts:
        price = abs(exact / quantity)
    suffix = first.rate if first.rate not in {"", "all"} else ""
    return Line(
        key=component.key,
        rate=first.rate,
        group=component.group,
        names={
            language: component.name(language) + (f", {rate_name(suffix, language)}" if suffix else "")
            for language in LANGUAGES
        },
        quantity=quantity,
        unit=first.unit,
        price=price,
        price_unit=price_unit,
        exact_excl=exact,
        vat_pct=tariff.vat_of(component),
        texts={language: sentence(parts, zone, language) for language in LANGUAGES},
        source=component.source,
        approximate=component.approximate,
    )


def _peaks(tariff: Tariff, month: Month, account: Account) -> tuple[MonthPeakUsed, ...]:
    fee = next((c for c in tariff.components if isinstance(c, PeakFee) and c.fixed_kw is None), None)
    if fee is None:
        return ()
    return tuple(
        MonthPeakUsed(
            year=known[0],
            month=known[1],
            peak_kw=peak.kw,
            billed_kw=billed_kw(fee, peak.kw),
            start_s=peak.start_s,
        )
        for known, peak in account.known_months(month, fee.months, fee)
    )


def _months(found: list[Month], language: str) -> str:
    return ", ".join(month_name(m, language) for m in sorted(set(found)))


def _name(tariff: Tariff, key: str, language: str) -> str:
    return next(c.name(language) for c in tariff.components if c.key == key)
