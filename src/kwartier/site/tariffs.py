"""Tariffs in the vocabulary: what a contract, a grid operator and a state ask for, as plain values.

A tariff is a list of components. Each of them knows what it counts (kWh taken, kWh fed in, days, the month's peak,
contracted power), what that costs without VAT, from when to when, and who said so. `planning.billing` turns a tariff
and quarter-hours into a bill, and into prices for a plan; `config` reads tariffs from files.

Money is `Decimal`: a price is what is printed on the tariff sheet, never its nearest binary fraction. Prices are
without VAT; prices of injection are positive where the customer is paid. Dates are local days of the site;
`valid_until` is the first day on which a component no longer holds.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Group = Literal["energy", "network", "levies", "injection"]
"""The parts of a bill, in the order in which bills have them."""

GROUPS: tuple[Group, ...] = ("energy", "network", "levies", "injection")
MINUTES_PER_DAY = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When something holds, on the local clock. What is left empty holds always."""

    months: tuple[int, ...] = ()
    """1 to 12."""
    weekdays: tuple[int, ...] = ()
    """0 is Monday, 6 is Sunday."""
    minutes: tuple[tuple[int, int], ...] = ()
    """Half-open spans of minutes after midnight, `(0, 420)` for 00:00 to 07:00; one that ends before it begins goes
    over midnight."""

    def holds(self, month: int, weekday: int, minute: int) -> bool:
        """Whether it holds at this local time."""
        if self.months and month not in self.months:
            return False
        if self.weekdays and weekday not in self.weekdays:
            return False
        if not self.minutes:
            return True
        return any(a <= minute < b if a < b else minute >= a or minute < b for a, b in self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A price per kWh: `factor x spot + eur_per_kwh`, in the times of `windows`."""

    key: str = "all"
    """`all`, `day`, `night`, `pic`, `low` ...: what the line of the bill is called after."""
    eur_per_kwh: Decimal = Decimal(0)
    factor: Decimal = Decimal(0)
    """Of the spot price in EUR/kWh. A sheet that says `0.1 x Belpex (EUR/MWh) + 1.3 c/kWh` has the factor 1 here:
    0.1 c per EUR/MWh is 1 EUR/kWh per EUR/kWh."""
    windows: tuple[Window, ...] = ()
    """Any of them; none: whenever no other rate holds."""

    def holds(self, month: int, weekday: int, minute: int) -> bool:
        """Whether it is the price at this local time."""
        return not self.windows or any(w.holds(month, weekday, minute) for w in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What all components have."""

    key: str
    """Unique among those that hold at one time; two with one key follow each other."""
    names: tuple[tuple[str, str], ...]
    """What the bill calls it, per language: `(("en", "Energy"), ("nl", "Energie"))`."""
    group: Group
    source: str
    """Who says so, and where."""
    valid_from: date | None = None
    valid_until: date | None = None
    vat_pct: Decimal | None = None
    """None: that of the tariff; 0: free of VAT."""
    approximate: bool = False
    """The figure is a mean or a guess; `note` says which."""
    note: str = ""
    note_nl: str = ""
    """The note in Dutch; empty: as `note`."""
    note_fr: str = ""
    """The same in French."""
    note_de: str = ""
    """The same in German."""

    def name(self, language: str) -> str:
        """In that language, else in English."""
        names = dict(self.names)
        return names.get(language) or names.get("en") or self.key

    def remark(self, language: str) -> str:
        """The note in that language, else in English."""
        notes = {"nl": self.note_nl, "fr": self.note_fr, "de": self.note_de}
        return notes.get(language) or self.note

    def holds_on(self, day: date) -> bool:
        """Whether it is billed on this local day."""
        return (self.valid_from is None or day >= self.valid_from) and (
            self.valid_until is None or day < self.valid_until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFee(Component):
    """An amount per time, by the day: subscriptions, data management; below zero a reduction (the Dutch
    `vermindering`, the lump sum of the German module 1)."""

    eur: Decimal
    per: Literal["year", "month", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerKwh(Component):
    """A price for each kWh taken, or fed in. The first rate that holds at a time is the price."""

    rates: tuple[Rate, ...]
    direction: Literal["import", "export"] = "import"
    settled_s: Literal[900, 3600] = 900
    """The market step that spot prices are settled in; with 3600 a quarter-hour costs the mean of its hour."""
    netted_until: date | None = None
    """Until then what was fed in is taken off what was taken, rate by rate, over a calendar year; so this is a
    1 January."""
    minimum_eur_per_kwh: Decimal | None = None
    """Never less than this (a floor under what is paid for injection)."""

    @property
    def dynamic(self) -> bool:
        """Whether the spot price plays a part."""
        return any(rate.factor for rate in self.rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiered(Component):
    """A price per kWh taken that changes with the kWh since 1 January: excise, energy tax."""

    bands: tuple[tuple[Decimal | None, Decimal], ...]
    """`(up to this many kWh in the year, EUR/kWh)`, rising; the last one has None."""
    netted_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakFee(Component):
    """The capacity part: so much a year for each kW of the highest quarter-hour mean import."""

    eur_per_kw_year: Decimal
    floor_kw: Decimal = Decimal(0)
    """A month counts at least this."""
    months: int = 1
    """The mean of how many months is billed, the running one included (Flanders: 12)."""
    rank: int = 1
    """The k-th highest quarter-hour of the month counts (Elia: 11)."""
    windows: tuple[Window, ...] = ()
    """Only quarter-hours in one of them count; none: all."""
    fixed_kw: Decimal | None = None
    """A meter that tells no peaks pays for this much, flat (Flanders, analogue meter: 2.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFee(Component):
    """Contracted power: so much a year for each contracted kW, and for each kW of a month's peak above it."""

    eur_per_kw_year: Decimal
    contracted_kw: Decimal | None = None
    """None: the site must say it."""
    excess_eur_per_kw_year: Decimal = Decimal(0)
    """For the kW by which a month's peak is above it, in that month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling(Component):
    """The maximum tariff: in a month the components `covers` together cost at most this for each kWh taken, yet never
    less than the floor of the peak among them."""

    eur_per_kwh: Decimal
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """All that a connection pays."""

    name: str
    components: tuple[Component, ...]
    currency: str = "EUR"
    vat_pct: Decimal = Decimal(0)
    """Of components that don't say otherwise."""
    notes: tuple[str, ...] = field(default=())

    def vat_of(self, component: Component) -> Decimal:
        """In per cent."""
        return self.vat_pct if component.vat_pct is None else component.vat_pct

    @property
    def dynamic(self) -> bool:
        """Whether spot prices are needed."""
        return any(isinstance(c, PerKwh) and c.dynamic for c in self.components)

    @property
    def approximate(self) -> tuple[Component, ...]:
        """Components whose figure is no more than a mean or a guess."""
        return tuple(c for c in self.components if c.approximate)


def validity_gaps(tariff: Tariff, first: date, last: date) -> tuple[str, ...]:
    """Keys of components that hold on some days of `[first, last)` and not on others, or on none of them although the
    tariff has them: a bill over such days lacks something."""
    keys: dict[str, list[Component]] = {}
    for component in tariff.components:
        keys.setdefault(component.key, []).append(component)
    lacking: list[str] = []
    for key, parts in keys.items():
        at = first
        for part in sorted(parts, key=lambda c: c.valid_from or date.min):
            if (part.valid_from is None or part.valid_from <= at) and (
                part.valid_until is None or part.valid_until > at
            ):
                at = part.valid_until or last
        if at < last:
            lacking.append(key)
    return tuple(lacking)
