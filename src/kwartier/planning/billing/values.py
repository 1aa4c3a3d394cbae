"""A bill as a value: lines with their arithmetic, gaps by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kwartier.site.tariffs import Group

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half away from zero, as bills do."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. Amounts to be paid are positive, what the customer gets is negative."""

    key: str
    rate: str
    """Which price of the component (`day`, `night`); empty where it has one only."""
    group: Group
    names: Mapping[str, str]
    quantity: Decimal
    unit: str
    """`kWh`, `kW`, `days`."""
    price: Decimal
    """EUR per unit, without VAT; for spot prices the mean that the quantity came to. Of fees by kW: per kW and year."""
    price_unit: str
    exact_excl: Decimal
    """Before rounding."""
    vat_pct: Decimal
    texts: Mapping[str, str]
    """How it came about, in a sentence per language."""
    source: str
    approximate: bool = False

    @property
    def amount_excl(self) -> Decimal:
        """To the cent: the one place where a line is rounded."""
        return cents(self.exact_excl)

    @property
    def amount_incl(self) -> Decimal:
        """With its VAT, to the cent. VAT of a bill is reckoned on the sum of lines; see `Bill.vat`."""
        return cents(self.amount_excl * (100 + self.vat_pct) / 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPeakUsed:
    """A month's peak as it was billed."""

    year: int
    month: int
    peak_kw: Decimal | None
    """Measured; None: not known."""
    billed_kw: Decimal
    start_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a period of local days `[first, last)` costs."""

    tariff: str
    first: date
    last: date
    currency: str
    lines: tuple[Line, ...]
    import_kwh: Decimal
    export_kwh: Decimal
    peaks: tuple[MonthPeakUsed, ...] = ()
    """Peaks of the months of the period and of those before them that count, oldest first."""
    missing: tuple[tuple[int, int], ...] = ()
    """Times without measured quarter-hours, UTC: nothing is billed for them, and the bill is too low by that."""
    missing_prices: tuple[tuple[int, int], ...] = ()
    """Times with energy but without a spot price."""
    unpriced_kwh: Decimal = Decimal(0)
    lacking: tuple[str, ...] = ()
    """Components whose dates leave days of the period uncovered."""
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What a reader has to know, per language."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing and not self.missing_prices and not self.lacking

    @property
    def total_excl(self) -> Decimal:
        """Sum of the lines, each rounded to the cent."""
        return sum((line.amount_excl for line in self.lines), Decimal(0))

    @property
    def vat(self) -> dict[Decimal, Decimal]:
        """VAT per percentage: on the sum of its lines, rounded once."""
        bases: dict[Decimal, Decimal] = {}
        for line in self.lines:
            if line.vat_pct:
                bases[line.vat_pct] = bases.get(line.vat_pct, Decimal(0)) + line.amount_excl
        return {pct: cents(base * pct / 100) for pct, base in sorted(bases.items())}

    @property
    def total_incl(self) -> Decimal:
        """To be paid."""
        return self.total_excl + sum(self.vat.values(), Decimal(0))

    def of(self, group: Group) -> Decimal:
        """What one part comes to, without VAT."""
        return sum((line.amount_excl for line in self.lines if line.group == group), Decimal(0))

    def line(self, key: str, rate: str = "") -> Line:
        """The line of a component. Raises KeyError."""
        for line in self.lines:
            if line.key == key and rate in {"", line.rate}:
                return line
        raise KeyError(key)
