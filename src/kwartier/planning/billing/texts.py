"""How a line came about, in a sentence that can be checked with a pocket calculator. English and Dutch."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kwartier.planning.billing.calendar import Month, days_in_month, days_in_year
from kwartier.planning.billing.charges import Charge
from kwartier.site.tariffs import (
    Ceiling,
    ContractFee,
    FixedFee,
    PeakFee,
    PerKwh,
    Tiered,
)

LANGUAGES = ("en", "nl")
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
}
RATES = {
    "day": {"en": "day", "nl": "dag"},
    "night": {"en": "night", "nl": "nacht"},
    "peak": {"en": "peak hours", "nl": "piekuren"},
    "pic": {"en": "peak (PIC)", "nl": "piek (PIC)"},
    "medium": {"en": "medium (MEDIUM)", "nl": "midden (MEDIUM)"},
    "eco": {"en": "eco (ECO)", "nl": "eco (ECO)"},
    "low": {"en": "low", "nl": "laag"},
    "standard": {"en": "standard", "nl": "standaard"},
    "high": {"en": "high", "nl": "hoog"},
    "excess": {"en": "above the contract", "nl": "boven het contract"},
}


def number(value: Decimal, language: str, least: int = 2, most: int = 6) -> str:
    """With at least and at most so many decimals, a comma in Dutch, and thin groups of thousands."""
    rounded = value.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    text = f"{rounded:,f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    text = whole + ("." + decimals if decimals else "")
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def rate_name(key: str, language: str) -> str:
    """What a rate is called; its key where it has no name."""
    return RATES.get(key, {}).get(language, key)


def month_name(month: Month, language: str) -> str:
    """`Nov 2023`."""
    return f"{_MONTHS[language][month[1] - 1]} {month[0]}"


def at_time(utc_s: int, zone: tzinfo, language: str) -> str:
    """`7 Nov 2023 18:15`, local."""
    t = datetime.fromtimestamp(utc_s, UTC).astimezone(zone)
    return f"{t.day} {_MONTHS[language][t.month - 1]} {t.year} {t:%H:%M}"


def sentence(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    """Why a line is what it is; `parts` are its months."""
    component = parts[0].component
    told = _WRITERS[type(component)](parts, zone, language)
    if component.approximate:
        told += {"en": " The price is approximate", "nl": " De prijs is een benadering"}[language]
        remark = component.remark(language)
        told += f": {remark}." if remark else "."
    return told


def _sum(parts: Sequence[Charge]) -> Decimal:
    return sum((p.exact for p in parts), Decimal(0))


def _energy(parts: Sequence[Charge]) -> Decimal:
    return sum((p.quantity for p in parts), Decimal(0))


def _fixed(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    days = sum(int(p.facts["days"]) for p in parts)
    price, per = number(parts[0].price, language), parts[0].facts["per"]
    of = ""
    if per != "day" and len({p.month[0] if per == "year" else p.month for p in parts}) == 1:
        whole = days_in_year(parts[0].month[0]) if per == "year" else days_in_month(parts[0].month)
        of = f" / {whole}"
    if language == "nl":
        name = {"year": "per jaar", "month": "per maand", "day": "per dag"}[per]
        return f"{price} EUR {name} x {days}{of} dagen."
    name = {"year": "a year", "month": "a month", "day": "a day"}[per]
    return f"{price} EUR {name} x {days}{of} days."


def _per_kwh(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    facts, energy = parts[0].facts, _energy(parts)
    amount = number(energy, language, 0, 3)
    component = parts[0].component
    assert isinstance(component, PerKwh)
    taken = component.direction == "import"
    if language == "nl":
        what = f"{amount} kWh {'afgenomen' if taken else 'geïnjecteerd'}"
    else:
        what = f"{amount} kWh {'taken' if taken else 'fed in'}"
    if facts.get("netted"):
        net = {
            "en": ", what remains after netting since 1 January",
            "nl": ", wat overblijft na salderen sinds 1 januari",
        }[language]
        what += net
    if facts["factor"]:
        mean = abs(_sum(parts)) / energy if energy else Decimal(0)
        formula = f"{number(facts['factor'], language, 0)} x spot"
        constant = facts["eur_per_kwh"]
        sign = "-" if constant < 0 else "+"
        formula += f" {sign} {number(abs(constant), language, 4)}"
        step = {"en": ("quarter-hour", "hour"), "nl": ("kwartier", "uur")}[language][
            1 if facts["hourly"] else 0
        ]
        if language == "nl":
            return f"{what}; elk {step} kost {formula} EUR/kWh, gemiddeld {number(mean, language, 4, 5)} EUR/kWh."
        return (
            f"{what}; each {step} costs {formula} EUR/kWh, on average {number(mean, language, 4, 5)} EUR/kWh."
        )
    return f"{what} x {number(facts['eur_per_kwh'], language, 4, 7)} EUR/kWh."


def _tiered(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    first, last = parts[0].facts, parts[-1].facts
    span = (number(first["from_kwh"], language, 0, 0), number(last["to_kwh"], language, 0, 0))
    bands = []
    for up_to, price in first["bands"]:
        until = {
            "en": "above" if up_to is None else f"up to {number(up_to, language, 0, 0)} kWh",
            "nl": "daarboven" if up_to is None else f"tot {number(up_to, language, 0, 0)} kWh",
        }[language]
        bands.append(f"{until} {number(price, language, 4, 7)}")
    netted = ""
    if first["netted"]:
        netted = {"en": " net of what was fed in", "nl": " na aftrek van injectie"}[language]
    amount = number(_energy(parts), language, 0, 3)
    if len(bands) == 1:
        price = number(first["bands"][0][1], language, 4, 7)
        return f"{amount} kWh{netted} x {price} EUR/kWh."
    if language == "nl":
        return f"{amount} kWh{netted}, van {span[0]} tot {span[1]} kWh sinds 1 januari; EUR/kWh: {', '.join(bands)}."
    return (
        f"{amount} kWh{netted}, from {span[0]} to {span[1]} kWh since 1 January; EUR/kWh: {', '.join(bands)}."
    )


def _peak(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    fee: PeakFee = parts[0].facts["fee"]
    price = number(fee.eur_per_kw_year, language, 2, 7)
    kw = number(parts[-1].quantity, language, 2, 4)
    if fee.fixed_kw is not None:
        return {
            "en": f"A meter that tells no peaks pays for {kw} kW: x {price} EUR/kW a year, a twelfth for each month.",
            "nl": f"Een meter zonder piekmeting betaalt {kw} kW: x {price} EUR/kW per jaar, een twaalfde per maand.",
        }[language]
    if len(parts) > 1:
        return {
            "en": f"For each of {len(parts)} months: the mean of its last {fee.months} month peaks"
            f"{_floor(fee, 'en')} x {price} EUR/kW a year / 12. The last mean is {kw} kW.",
            "nl": f"Voor elk van {len(parts)} maanden: het gemiddelde van de laatste {fee.months} maandpieken"
            f"{_floor(fee, 'nl')} x {price} EUR/kW per jaar / 12. Het laatste gemiddelde is {kw} kW.",
        }[language]
    known = parts[0].facts["peaks"]
    month, peak = known[-1]
    told = []
    if month == parts[0].month and peak.start_s is not None:
        figure, at = number(peak.kw, language, 2, 3), at_time(peak.start_s, zone, language)
        quarter = number(peak.kw / 4, language, 3, 3)
        told.append(
            {
                "en": f"The highest quarter-hour of {month_name(month, 'en')}: {at}, 4 x {quarter} kWh = {figure} kW.",
                "nl": f"Het hoogste kwartier van {month_name(month, 'nl')}: {at}, 4 x {quarter} kWh = {figure} kW.",
            }[language]
        )
    if fee.months > 1:
        told.append(_mean(fee, [p.kw for _, p in known], kw, language))
    days = parts[0].facts["days"]
    whole = parts[0].facts["share"] == 1
    told.append(
        {
            "en": f"{kw} kW x {price} EUR/kW a year / 12{'' if whole else f', for {days} days of the month'}.",
            "nl": f"{kw} kW x {price} EUR/kW per jaar / 12{'' if whole else f', voor {days} dagen van de maand'}.",
        }[language]
    )
    return " ".join(told)


def _mean(fee: PeakFee, peaks: Sequence[Decimal], kw: str, language: str) -> str:
    """The mean with its terms, so that it can be added up."""
    terms = " + ".join(number(max(peak, fee.floor_kw), language, 2, 3) for peak in peaks)
    sum_of = terms if len(peaks) == 1 else f"({terms}) / {len(peaks)}"
    fewer = ""
    if len(peaks) < fee.months:
        fewer = {
            "en": f"; {fee.months} months count, and no more are known",
            "nl": f"; er tellen {fee.months} maanden, meer zijn er niet gekend",
        }[language]
    word = {"en": "month peak", "nl": "maandpiek"}[language]
    count = f"{len(peaks)} {word}" + ("" if len(peaks) == 1 else {"en": "s", "nl": "en"}[language])
    mean = {"en": "The mean of", "nl": "Het gemiddelde van"}[language]
    return f"{mean} {count}{_floor(fee, language)}: {sum_of} = {kw} kW{fewer}."


def _floor(fee: PeakFee, language: str) -> str:
    if not fee.floor_kw:
        return ""
    kw = number(fee.floor_kw, language, 1, 3)
    return {"en": f" (each at least {kw} kW)", "nl": f" (elk minstens {kw} kW)"}[language]


def _contract(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    price = number(parts[0].price, language, 2, 7)
    kw = number(parts[-1].quantity, language, 2, 3)
    if parts[0].rate != "excess":
        return {
            "en": f"{kw} kW contracted x {price} EUR/kW a year / 12 for each month.",
            "nl": f"{kw} kW gecontracteerd x {price} EUR/kW per jaar / 12 voor elke maand.",
        }[language]
    last = parts[-1].facts
    peak, contracted = number(last["peak"].kw, language, 2, 3), number(last["contracted"], language, 2, 3)
    return {
        "en": f"The peak of {month_name(parts[-1].month, 'en')} was {peak} kW, {kw} kW above the {contracted} kW contracted: x {price} EUR/kW a year / 12.",
        "nl": f"De piek van {month_name(parts[-1].month, 'nl')} was {peak} kW, {kw} kW boven de gecontracteerde {contracted} kW: x {price} EUR/kW per jaar / 12.",
    }[language]


def _ceiling(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    if len(parts) > 1:
        return {
            "en": f"In {len(parts)} months the grid costs came to more than the maximum tariff.",
            "nl": f"In {len(parts)} maanden waren de netkosten hoger dan het maximumtarief.",
        }[language]
    facts, energy = parts[0].facts, number(parts[0].quantity, language, 0, 3)
    price, total = number(parts[0].price, language, 4, 7), number(facts["total"], language, 2, 2)
    most = number(facts["most"], language, 2, 2)
    by_floor = facts["most"] == facts["least"]
    limit = {
        "en": "the contribution for the least peak" if by_floor else f"{energy} kWh x {price} EUR/kWh",
        "nl": "de minimumbijdrage" if by_floor else f"{energy} kWh x {price} EUR/kWh",
    }[language]
    return {
        "en": f"Grid costs of {total} EUR are capped by the maximum tariff at {limit} = {most} EUR.",
        "nl": f"Netkosten van {total} EUR worden door het maximumtarief begrensd op {limit} = {most} EUR.",
    }[language]


_WRITERS: dict[type, Callable[[Sequence[Charge], tzinfo, str], str]] = {
    FixedFee: _fixed,
    PerKwh: _per_kwh,
    Tiered: _tiered,
    PeakFee: _peak,
    ContractFee: _contract,
    Ceiling: _ceiling,
}


def notes(language: str, **facts: Any) -> list[str]:
    """What a reader has to know of what is missing; each fact that is there makes a sentence."""
    told = []
    for key, value in facts.items():
        if value:
            told.append(_NOTES[key][language].format(value))
    return told


_NOTES = {
    "missing": {
        "en": "Quarter-hours that are not known: {}. Nothing is billed for them, so the bill is too low by that.",
        "nl": "Kwartieren die niet gekend zijn: {}. Er wordt niets voor aangerekend: de factuur is zoveel te laag.",
    },
    "unpriced": {
        "en": "For {} kWh there is no market price; their energy is not billed.",
        "nl": "Voor {} kWh is er geen marktprijs; die energie is niet aangerekend.",
    },
    "no_peak": {
        "en": "No quarter-hour of {} is known, so its peak does not count.",
        "nl": "Van {} is geen kwartier gekend; de piek ervan telt niet mee.",
    },
    "open_peak": {
        "en": "Quarter-hours of {} are missing, so its peak may have been higher.",
        "nl": "Er ontbreken kwartieren van {}; de piek kan hoger geweest zijn.",
    },
    "year": {
        "en": "Bands and netting count from 1 January, and the first day of {} is not known: they count from the first known quarter-hour.",
        "nl": "Schijven en saldering tellen vanaf 1 januari, en de eerste dag van {} is niet gekend: er is geteld vanaf het eerste gekende kwartier.",
    },
    "lacking": {
        "en": "The tariff has no price for all days of {}.",
        "nl": "Het tarief heeft niet voor alle dagen een prijs voor {}.",
    },
}
