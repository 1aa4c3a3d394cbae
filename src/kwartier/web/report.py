"""A bill as a page, a table or JSON. The page stands alone: one file, no script, fit for printing."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from io import StringIO
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from kwartier.planning.billing.series import Flows, kwh, moment
from kwartier.planning.billing.values import Bill
from kwartier.planning.billing.words import at_time, number
from kwartier.site.tariffs import GROUPS

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Bill of {}", "tariff": "Tariff", "measured": "Quarter-hours from", "taken": "Taken", "given": "Fed in",
        "line": "Line", "quantity": "Quantity", "price": "Price", "excl": "Without VAT", "incl": "With VAT",
        "energy": "Energy", "network": "Grid", "levies": "Taxes and levies", "injection": "Injection",
        "total_excl": "Total without VAT", "vat": "VAT {} %", "total": "To be paid", "credit": "To be received",
        "know": "What you should know", "peaks": "Month peaks", "month": "Month", "measured_kw": "Measured", "billed_kw": "Counts",
        "when": "When", "sources": "Where the prices come from", "days": "days", "daily": "kWh taken per day; the day of the month's peak is darker",
        "rounding": "Each line is rounded to the cent once; VAT is reckoned on the sum of the lines.",
        "approximate": "approximate", "unknown": "unknown", "incomplete": "This bill is not complete.",
        "per_year": "year", "per_month": "month", "per_day": "day",
    },
    "nl": {
        "title": "Factuur van {}", "tariff": "Tarief", "measured": "Kwartieren uit", "taken": "Afgenomen", "given": "Geïnjecteerd",
        "line": "Lijn", "quantity": "Hoeveelheid", "price": "Prijs", "excl": "Zonder btw", "incl": "Met btw",
        "energy": "Energie", "network": "Net", "levies": "Taksen en heffingen", "injection": "Injectie",
        "total_excl": "Totaal zonder btw", "vat": "Btw {} %", "total": "Te betalen", "credit": "Te ontvangen",
        "know": "Goed om te weten", "peaks": "Maandpieken", "month": "Maand", "measured_kw": "Gemeten", "billed_kw": "Telt mee",
        "when": "Wanneer", "sources": "Waar de prijzen vandaan komen", "days": "dagen", "daily": "kWh afgenomen per dag; de dag van de maandpiek is donkerder",
        "rounding": "Elke lijn wordt één keer op de cent afgerond; btw wordt berekend op de som van de lijnen.",
        "approximate": "benadering", "unknown": "niet gekend", "incomplete": "Deze factuur is niet volledig.",
        "per_year": "jaar", "per_month": "maand", "per_day": "dag",
    },
    "fr": {
        "title": "Facture de {}", "tariff": "Tarif", "measured": "Quarts d'heure de", "taken": "Prélèvement", "given": "Injection",
        "line": "Ligne", "quantity": "Quantité", "price": "Prix", "excl": "Hors TVA", "incl": "TVA comprise",
        "energy": "Énergie", "network": "Réseau", "levies": "Taxes et redevances", "injection": "Injection",
        "total_excl": "Total hors TVA", "vat": "TVA {} %", "total": "À payer", "credit": "À recevoir",
        "know": "Bon à savoir", "peaks": "Pointes mensuelles", "month": "Mois", "measured_kw": "Mesuré", "billed_kw": "Compte",
        "when": "Quand", "sources": "D'où viennent les prix", "days": "jours", "daily": "kWh prélevés par jour ; le jour de la pointe mensuelle est plus foncé",
        "rounding": "Chaque ligne est arrondie une fois au cent ; la TVA est calculée sur la somme des lignes.",
        "approximate": "approximatif", "unknown": "inconnu", "incomplete": "Cette facture n'est pas complète.",
        "per_year": "an", "per_month": "mois", "per_day": "jour",
    },
    "de": {
        "title": "Rechnung für {}", "tariff": "Tarif", "measured": "Viertelstunden aus", "taken": "Bezug", "given": "Einspeisung",
        "line": "Posten", "quantity": "Menge", "price": "Preis", "excl": "Ohne MwSt.", "incl": "Mit MwSt.",
        "energy": "Energie", "network": "Netz", "levies": "Steuern und Abgaben", "injection": "Einspeisung",
        "total_excl": "Summe ohne MwSt.", "vat": "MwSt. {} %", "total": "Zu zahlen", "credit": "Guthaben",
        "know": "Gut zu wissen", "peaks": "Monatsspitzen", "month": "Monat", "measured_kw": "Gemessen", "billed_kw": "Zählt",
        "when": "Wann", "sources": "Woher die Preise kommen", "days": "Tage", "daily": "Bezogene kWh pro Tag; der Tag der Monatsspitze ist dunkler",
        "rounding": "Jeder Posten wird einmal auf den Cent gerundet; die MwSt. wird auf die Summe der Posten berechnet.",
        "approximate": "Näherungswert", "unknown": "nicht bekannt", "incomplete": "Diese Rechnung ist nicht vollständig.",
        "per_year": "Jahr", "per_month": "Monat", "per_day": "Tag",
    },
}  # fmt: skip
_MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December"],
    "nl": ["januari", "februari", "maart", "april", "mei", "juni",
        "juli", "augustus", "september", "oktober", "november", "december"],
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    "de": ["Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember"],
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A bill and what stands around it."""

    bill: Bill
    site: str
    origin: str
    """Where the quarter-hours come from."""
    zone: tzinfo
    flows: Flows
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the quarter-hours, per language."""
    tariff_notes: tuple[str, ...] = ()
    """What the files of the tariff say of their figures, in English."""


def as_html(page: Page, language: str) -> str:
    """One page in that language, with everything in it."""
    words, bill = WORDS[language], page.bill

    def amount(value: Decimal, least: int = 2, most: int = 2) -> str:
        return number(value, language, least, most)

    rows = [
        {"group": words[group], "lines": lines, "sum": amount(bill.of(group))}
        for group in GROUPS
        if (lines := [_line(line, language, words) for line in bill.lines if line.group == group])
    ]
    sources = list(dict.fromkeys(line.source for line in bill.lines if line.source))
    return _template().render(
        language=language,
        w=words,
        title=words["title"].format(period(bill.first, bill.last, language)),
        site=page.site,
        tariff=bill.tariff,
        origin=page.origin,
        taken=amount(bill.import_kwh, 0, 3),
        given=amount(bill.export_kwh, 0, 3),
        groups=rows,
        total_excl=amount(bill.total_excl),
        vats=[(words["vat"].format(number(p, language, 0, 2)), amount(v)) for p, v in bill.vat.items()],
        total=amount(abs(bill.total_incl)),
        total_word=words["credit" if bill.total_incl < 0 else "total"],
        currency=bill.currency,
        complete=bill.complete,
        notes=[*bill.notes.get(language, ()), *page.remarks.get(language, ())],
        peaks=[
            {
                "month": f"{_MONTHS[language][p.month - 1]} {p.year}",
                "measured": words["unknown"] if p.peak_kw is None else f"{amount(p.peak_kw, 2, 3)} kW",
                "billed": f"{amount(p.billed_kw, 2, 3)} kW",
                "when": "" if p.start_s is None else at_time(p.start_s, page.zone, language),
            }
            for p in bill.peaks
        ],
        sources=[*sources, *page.tariff_notes],
        bars=_bars(page),
    )


def period(first: date, last: date, language: str) -> str:
    """`November 2023` for a whole month, else its days."""
    end = last - timedelta(days=1)
    if first.day == 1 and last.day == 1 and (last - first).days <= 31:
        return f"{_MONTHS[language][first.month - 1]} {first.year}"
    return f"{first.isoformat()} - {end.isoformat()}"


def _line(line: Any, language: str, words: Mapping[str, str]) -> dict[str, Any]:
    quantity = number(line.quantity, language, 0, 3)
    price_unit = line.price_unit
    for key in ("year", "month", "day"):
        price_unit = price_unit.replace(f"/{key}", f"/{words[f'per_{key}']}")
    return {
        "name": line.names[language],
        "quantity": f"{quantity} {words['days'] if line.unit == 'days' else line.unit}",
        "price": f"{number(line.price, language, 2, 5)} {price_unit}",
        "excl": number(line.amount_excl, language, 2, 2),
        "incl": number(line.amount_incl, language, 2, 2),
        "text": line.texts[language],
        "approximate": line.approximate,
    }


def _bars(page: Page) -> list[dict[str, Any]]:
    """The days of the period as bars: x and height in per cent."""
    bill, days = page.bill, (page.bill.last - page.bill.first).days
    if days > 366:
        return []
    sums: dict[date, int] = {}
    for start_s, energy in page.flows.import_ukwh.items():
        day = moment(start_s, page.zone).day
        if bill.first <= day < bill.last:
            sums[day] = sums.get(day, 0) + energy
    most = max(sums.values(), default=0)
    peak_days = {moment(p.start_s, page.zone).day for p in bill.peaks if p.start_s is not None}
    return [
        {
            "x": round(100 * i / days, 3),
            "width": round(80 / days, 3),
            "height": round(100 * sums.get(day, 0) / most, 2),
            "peak": day in peak_days,
            "title": f"{day.isoformat()}: {float(kwh(sums.get(day, 0))):.2f} kWh",
        }
        for i, day in enumerate(bill.first + timedelta(days=n) for n in range(days))
        if most
    ]


def as_csv(page: Page, language: str) -> str:
    """One row per line, then the totals. Decimal points in English; semicolons and decimal commas in the other
    languages, as a spreadsheet there expects them."""
    out = StringIO()
    commas = language != "en"
    writer = csv.writer(out, delimiter=";" if commas else ",", lineterminator="\r\n")

    def figure(value: Decimal, places: int) -> str:
        text = f"{value:.{places}f}"
        return text.replace(".", ",") if commas else text

    writer.writerow(["group", "key", "rate", "name", "quantity", "unit", "price", "price_unit", "amount_excl", "vat_pct", "amount_incl", "explanation"])  # fmt: skip
    for line in page.bill.lines:
        writer.writerow(
            [
                line.group,
                line.key,
                line.rate,
                line.names[language],
                figure(line.quantity, 6),
                line.unit,
                figure(line.price, 7),
                line.price_unit,
                figure(line.amount_excl, 2),
                figure(line.vat_pct, 2),
                figure(line.amount_incl, 2),
                line.texts[language],
            ]
        )
    for pct, amount in page.bill.vat.items():
        writer.writerow(["vat", "vat", "", "", "", "", "", "", "", figure(pct, 2), figure(amount, 2), ""])
    total = page.bill
    writer.writerow(["total", "total", "", "", "", "", "", "", figure(total.total_excl, 2), "", figure(total.total_incl, 2), ""])  # fmt: skip
    return out.getvalue()


def as_json(page: Page) -> str:
    """Everything, for programs: amounts as text, so that cents stay cents; times in ISO 8601."""
    bill = page.bill

    def times(ranges: tuple[tuple[int, int], ...]) -> list[dict[str, str]]:
        return [{"from": _iso(a, page.zone), "to": _iso(b, page.zone)} for a, b in ranges]

    document = {
        "site": page.site,
        "tariff": bill.tariff,
        "from": bill.first.isoformat(),
        "to": bill.last.isoformat(),
        "currency": bill.currency,
        "complete": bill.complete,
        "origin": page.origin,
        "tariff_notes": list(page.tariff_notes),
        "import_kwh": str(bill.import_kwh),
        "export_kwh": str(bill.export_kwh),
        "lines": [
            {
                "key": line.key,
                "rate": line.rate,
                "group": line.group,
                "names": dict(line.names),
                "quantity": str(round(line.quantity, 6)),
                "unit": line.unit,
                "price": str(round(line.price, 9)),
                "price_unit": line.price_unit,
                "amount_excl": str(line.amount_excl),
                "vat_pct": str(line.vat_pct),
                "amount_incl": str(line.amount_incl),
                "explanation": dict(line.texts),
                "source": line.source,
                "approximate": line.approximate,
            }
            for line in bill.lines
        ],
        "vat": {str(pct): str(amount) for pct, amount in bill.vat.items()},
        "total_excl": str(bill.total_excl),
        "total_incl": str(bill.total_incl),
        "peaks": [
            {
                "month": f"{p.year:04}-{p.month:02}",
                "peak_kw": None if p.peak_kw is None else str(p.peak_kw),
                "billed_kw": str(p.billed_kw),
                "at": None if p.start_s is None else _iso(p.start_s, page.zone),
            }
            for p in bill.peaks
        ],
        "missing": times(bill.missing),
        "missing_prices": times(bill.missing_prices),
        "unpriced_kwh": str(bill.unpriced_kwh),
        "lacking": list(bill.lacking),
        "notes": {
            language: [*bill.notes.get(language, ()), *page.remarks.get(language, ())] for language in WORDS
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _iso(utc_s: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(utc_s, UTC).astimezone(zone).isoformat()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("kwartier.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
