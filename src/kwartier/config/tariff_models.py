"""A component of a tariff as it stands in a YAML file, and how it becomes one of the vocabulary.

The same form serves the files in `config/tariffs/` and `tariffs.components` of a site file. Figures are read as they
are printed: `49.4036563` becomes exactly that, not the nearest binary fraction.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from kwartier.config import slips
from kwartier.config.fields import Slug, refused
from kwartier.config.strict import STRICT
from kwartier.site.tariffs import (
    MINUTES_PER_DAY,
    Ceiling,
    Component,
    ContractFee,
    FixedFee,
    Group,
    PeakFee,
    PerKwh,
    Rate,
    Tiered,
    Window,
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _exact(value: object) -> object:
    """A figure as it was written. Whole files of tariffs come this way, so the words are those of a site file."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        figure = Decimal(str(value))
        if figure.is_finite():
            return figure
        raise refused(f"expected a finite number, found {value!r}", "write a number, for example 0.0123")
    cure = slips.number(value, "") if isinstance(value, str) else None
    shown = repr(value) if isinstance(value, str | bool) else "something else"
    raise refused(f"expected a number, found {shown[:40]}", cure or "write a number, for example 0.0123")


def _day(value: str) -> str:
    try:
        if _DAY.fullmatch(value):
            date.fromisoformat(value)
            return value
    except ValueError:
        pass
    raise refused(f"{value!r} is no date", "write year, month and day, for example 2026-01-01")


Figure = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "number"})]
"""A number, exact as printed."""
PositiveFigure = Annotated[Figure, Field(gt=0)]
NotNegativeFigure = Annotated[Figure, Field(ge=0)]
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]
Kind = Literal["fixed", "per_kwh", "tiered", "peak", "contract", "ceiling"]

_MAIN = {
    "fixed": "eur",
    "per_kwh": "eur_per_kwh",
    "peak": "eur_per_kw_year",
    "contract": "eur_per_kw_year",
    "ceiling": "eur_per_kwh",
}
"""The figure of each kind that a table may give."""
_OWN: dict[str, frozenset[str]] = {
    "fixed": frozenset({"eur", "per"}),
    "per_kwh": frozenset(
        {"eur_per_kwh", "factor", "rates", "direction", "settled", "netted_until", "minimum_eur_per_kwh"}
    ),
    "tiered": frozenset({"bands", "netted_until"}),
    "peak": frozenset({"eur_per_kw_year", "floor_kw", "months", "rank", "windows", "fixed_kw"}),
    "contract": frozenset({"eur_per_kw_year", "contracted_kw", "excess_eur_per_kw_year", "excess_factor"}),
    "ceiling": frozenset({"eur_per_kwh", "covers"}),
}
_COMMON = frozenset(
    {"key", "kind", "group", "names", "source", "valid_from", "valid_until", "vat_pct", "includes_vat_pct"}
    | {"approximate", "note", "note_nl", "note_fr", "note_de", "table"}
)


class WindowConfig(BaseModel):
    """When a price holds, on the local clock."""

    model_config = STRICT

    months: list[Annotated[int, Field(ge=1, le=12)]] = []
    """months, 1 to 12; left out: all"""
    weekdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = []
    """days of the week: [mon, tue]; left out: all"""
    hours: list[str] = []
    """spans of the day, for example ["07:00-22:00"]; one that ends before it begins goes over midnight"""

    @model_validator(mode="after")
    def _spans(self) -> Self:
        for span in self.hours:
            _minutes(span)
        return self

    def window(self) -> Window:
        """In the vocabulary."""
        return Window(
            months=tuple(self.months),
            weekdays=tuple(WEEKDAYS.index(d) for d in self.weekdays),
            minutes=tuple(_minutes(span) for span in self.hours),
        )


_SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d) ?- ?([01]?\d|2[0-4]):([0-5]\d)")


def _minutes(span: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(span.strip())
    if found is not None:
        begin, end = 60 * int(found[1]) + int(found[2]), 60 * int(found[3]) + int(found[4])
        if begin < MINUTES_PER_DAY >= end and begin != end:
            return begin, end
    raise refused(f"{span!r} is no span of the day", 'write begin and end, for example "07:00-22:00"')


class RateConfig(BaseModel):
    """A price per kWh and when it holds."""

    model_config = STRICT

    key: Slug
    """what the line is called after: day, night, low"""
    eur_per_kwh: Figure = Decimal(0)
    """in EUR/kWh without VAT"""
    factor: Figure = Decimal(0)
    """of the market price in EUR/kWh; 1 where the sheet says 0.1 x EUR/MWh in cents"""
    windows: list[WindowConfig] = []
    """when it holds; left out: whenever no rate before it does"""


class BandConfig(BaseModel):
    """A price up to so many kWh in a year."""

    model_config = STRICT

    up_to_kwh: PositiveFigure | None = None
    """in kWh since 1 January; left out: what is above the others"""
    eur_per_kwh: Figure
    """in EUR/kWh without VAT"""


class ComponentConfig(BaseModel):
    """One thing that is billed."""

    model_config = STRICT

    key: Slug
    """a short name; two components with one key follow each other in time"""
    kind: Kind
    """fixed (per time), per_kwh, tiered (per kWh by bands), peak (capacity), contract (contracted kW), ceiling"""
    group: Group
    """the part of the bill: energy, network, levies or injection"""
    names: dict[Literal["en", "nl", "fr", "de"], str] = {}
    """what the bill calls it, per language: {en: Energy, nl: Energie}; left out: the key"""
    source: str = ""
    """who says so"""
    valid_from: Day | None = None
    """first day, for example 2026-01-01; left out: always"""
    valid_until: Day | None = None
    """first day on which it no longer holds; left out: until further notice"""
    vat_pct: NotNegativeFigure | None = None
    """VAT in per cent; left out: that of the tariff; 0: none"""
    includes_vat_pct: NotNegativeFigure | None = None
    """the figures here contain so much VAT, in per cent, and it is taken out of them"""
    approximate: bool = False
    """true where the figure is a mean or a guess; say which in note"""
    note: str = ""
    """what a reader of the bill should know"""
    note_nl: str = ""
    """the same in Dutch"""
    note_fr: str = ""
    """the same in French"""
    note_de: str = ""
    """the same in German"""
    table: str | None = None
    """in files of the programme: the table that the figure comes from"""
    eur: Figure | None = None
    """fixed: the amount in EUR; below 0 a reduction"""
    per: Literal["year", "month", "day"] = "year"
    """fixed: the time that the amount is for"""
    eur_per_kwh: Figure | None = None
    """per_kwh and ceiling: in EUR/kWh without VAT"""
    factor: Figure = Decimal(0)
    """per_kwh: of the market price in EUR/kWh"""
    rates: list[RateConfig] = []
    """per_kwh: several prices by time, in the place of eur_per_kwh; the first that holds counts"""
    direction: Literal["import", "export"] = "import"
    """per_kwh: energy taken, or fed in; what is paid for feeding in is positive"""
    settled: Literal["quarter", "hour"] = "quarter"
    """per_kwh: whether each quarter-hour has its market price, or the mean of its hour"""
    netted_until: Day | None = None
    """per_kwh and tiered: until this day what is fed in is taken off what is taken (saldering)"""
    minimum_eur_per_kwh: Figure | None = None
    """per_kwh: never less than this"""
    bands: list[BandConfig] = []
    """tiered: prices by kWh since 1 January, rising, the last one without up_to_kwh"""
    eur_per_kw_year: Figure | None = None
    """peak and contract: in EUR per kW and year, without VAT"""
    floor_kw: NotNegativeFigure = Decimal(0)
    """peak: a month counts at least this, in kW"""
    months: Annotated[int, Field(ge=1, le=12)] = 1
    """peak: the mean of so many months is billed"""
    rank: Annotated[int, Field(ge=1, le=100)] = 1
    """peak: the so-manieth highest quarter-hour of the month counts"""
    windows: list[WindowConfig] = []
    """peak: only quarter-hours in these times count"""
    fixed_kw: PositiveFigure | None = None
    """peak: a meter that tells no peaks pays for this much, in kW"""
    contracted_kw: PositiveFigure | None = None
    """contract: contracted power, in kW"""
    excess_eur_per_kw_year: NotNegativeFigure = Decimal(0)
    """contract: for each kW of a month's peak above it, in EUR per kW and year"""
    excess_factor: NotNegativeFigure | None = None
    """contract: the same as a multiple of eur_per_kw_year, for example 1.5"""
    covers: list[Slug] = []
    """ceiling: the keys of the components that together cost at most so much"""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        strange = sorted(self.model_fields_set - _COMMON - _OWN[self.kind])
        if strange:
            own = ", ".join(sorted(_OWN[self.kind]))
            raise refused(
                f"{strange[0]} is nothing of a component of kind {self.kind}", f"its own keys are {own}"
            )
        self._has_its_figure()
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise refused(
                "valid_until is not after valid_from", "write the first day on which it no longer holds"
            )
        if self.approximate and not self.note:
            raise refused(
                "an approximate figure needs a note",
                "say in note: what it is, and why no better one is known",
            )
        return self

    def _has_its_figure(self) -> None:
        # Nothing but a share of the market price is a price too.
        share_alone = self.kind == "per_kwh" and bool(self.factor)
        if self.kind == "tiered":
            _check_bands(self.bands)
        elif self.kind == "per_kwh" and self.rates:
            if self.eur_per_kwh is not None or self.factor:
                raise refused("rates and eur_per_kwh or factor are there both", "put all prices into rates")
            if any(not r.windows for r in self.rates[:-1]):
                raise refused("a rate without windows hides those after it", "put it last")
        elif self.table is None and getattr(self, _MAIN[self.kind]) is None and not share_alone:
            raise refused(f"its price is missing: {_MAIN[self.kind]}", f"add {_MAIN[self.kind]}")
        if self.excess_factor is not None and self.excess_eur_per_kw_year:
            raise refused("excess_factor and excess_eur_per_kw_year are there both", "leave one out")
        if self.kind == "ceiling" and not self.covers:
            raise refused("a ceiling needs what it covers", "add covers: with keys of components")
        if self.netted_until is not None and not self.netted_until.endswith("-01-01"):
            raise refused("netting goes by calendar years", "end it on a 1 January, for example 2027-01-01")
        if self.netted_until is not None and (self.factor or any(r.factor for r in self.rates)):
            raise refused(
                "a price that follows the market cannot be netted over a year",
                "net the taxes alone: kWh taken and fed in have prices of their own",
            )

    def component(self, source: str, figure: Decimal | None = None, **more: Any) -> Component:
        """In the vocabulary. `figure` comes from a table; `more` replaces dates, source, note."""
        without = 1 + (self.includes_vat_pct or Decimal(0)) / 100
        common: dict[str, Any] = {
            "key": self.key,
            "names": tuple(self.names.items()),
            "group": self.group,
            "source": self.source or source,
            "valid_from": _date(self.valid_from),
            "valid_until": _date(self.valid_until),
            "vat_pct": self.vat_pct,
            "approximate": self.approximate,
            "note": self.note,
            "note_nl": self.note_nl,
            "note_fr": self.note_fr,
            "note_de": self.note_de,
        } | more
        main = figure if figure is not None else getattr(self, _MAIN.get(self.kind, "eur"))
        price = Decimal(0) if main is None else main / without
        if self.kind == "fixed":
            return FixedFee(eur=price, per=self.per, **common)
        if self.kind == "tiered":
            bands = tuple((b.up_to_kwh, b.eur_per_kwh / without) for b in self.bands)
            return Tiered(bands=bands, netted_until=_date(self.netted_until), **common)
        if self.kind == "peak":
            return PeakFee(
                eur_per_kw_year=price,
                floor_kw=self.floor_kw,
                months=self.months,
                rank=self.rank,
                windows=tuple(w.window() for w in self.windows),
                fixed_kw=self.fixed_kw,
                **common,
            )
        if self.kind == "contract":
            return ContractFee(
                eur_per_kw_year=price,
                contracted_kw=self.contracted_kw,
                excess_eur_per_kw_year=self.excess_eur_per_kw_year / without
                if self.excess_factor is None
                else self.excess_factor * price,
                **common,
            )
        if self.kind == "ceiling":
            return Ceiling(eur_per_kwh=price, covers=tuple(self.covers), **common)
        single = (Rate(eur_per_kwh=price, factor=self.factor / without),)
        return PerKwh(
            rates=tuple(_rate(r, without) for r in self.rates) or single,
            direction=self.direction,
            settled_s=900 if self.settled == "quarter" else 3600,
            netted_until=_date(self.netted_until),
            minimum_eur_per_kwh=None
            if self.minimum_eur_per_kwh is None
            else self.minimum_eur_per_kwh / without,
            **common,
        )


def _rate(rate: RateConfig, without: Decimal) -> Rate:
    return Rate(
        key=rate.key,
        eur_per_kwh=rate.eur_per_kwh / without,
        factor=rate.factor / without,
        windows=tuple(w.window() for w in rate.windows),
    )


def _check_bands(bands: list[BandConfig]) -> None:
    if not bands or bands[-1].up_to_kwh is not None:
        raise refused(
            "the last of the bands has no end", "add one without up_to_kwh, for all that is above the others"
        )
    ends = [b.up_to_kwh for b in bands[:-1]]
    if None in ends or sorted(e for e in ends if e is not None) != ends or len(set(ends)) != len(ends):
        raise refused("the bands don't rise", "order them by up_to_kwh")


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


__all__ = ["ComponentConfig", "Day", "Figure", "WindowConfig"]
