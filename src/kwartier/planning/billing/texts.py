"""How a line came about, in a sentence that can be checked with a pocket calculator, in each language."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from decimal import Decimal

from kwartier.planning.billing.calendar import days_in_month, days_in_year
from kwartier.planning.billing.charges import Charge
from kwartier.planning.billing.words import at_time, month_name, number
from kwartier.site.tariffs import (
    Ceiling,
    ContractFee,
    FixedFee,
    PeakFee,
    PerKwh,
    Tiered,
)


def sentence(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    """Why a line is what it is; `parts` are its months."""
    component = parts[0].component
    told = _WRITERS[type(component)](parts, zone, language)
    if component.approximate:
        remark = component.remark(language)
        told += {
            "en": " The price is approximate",
            "nl": " De prijs is een benadering",
            "fr": " Le prix est approximatif",
            "de": " Der Preis ist ein Näherungswert",
        }[language]
        told += f"{_COLON[language]} {remark}." if remark else "."
    return told


_COLON = {"en": ":", "nl": ":", "fr": " :", "de": ":"}


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
    name = _PER[language][per]
    return f"{price} EUR {name} x {days}{of} {_DAYS[language]}."


_PER = {
    "en": {"year": "a year", "month": "a month", "day": "a day"},
    "nl": {"year": "per jaar", "month": "per maand", "day": "per dag"},
    "fr": {"year": "par an", "month": "par mois", "day": "par jour"},
    "de": {"year": "pro Jahr", "month": "pro Monat", "day": "pro Tag"},
}
_DAYS = {"en": "days", "nl": "dagen", "fr": "jours", "de": "Tage"}


def _per_kwh(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    facts, energy = parts[0].facts, _energy(parts)
    component = parts[0].component
    assert isinstance(component, PerKwh)
    what = f"{number(energy, language, 0, 3)} kWh {_FLOWS[language][component.direction == 'export']}"
    if facts.get("netted"):
        what += {
            "en": ", what remains after netting since 1 January",
            "nl": ", wat overblijft na salderen sinds 1 januari",
            "fr": ", ce qui reste après compensation depuis le 1er janvier",
            "de": ", was nach Saldierung seit dem 1. Januar bleibt",
        }[language]
    if not facts["factor"]:
        return f"{what} x {number(facts['eur_per_kwh'], language, 4, 7)} EUR/kWh."
    mean = number(abs(_sum(parts)) / energy if energy else Decimal(0), language, 4, 5)
    constant = facts["eur_per_kwh"]
    sign = "-" if constant < 0 else "+"
    formula = f"{number(facts['factor'], language, 0)} x spot {sign} {number(abs(constant), language, 4)}"
    step = _STEPS[language][bool(facts["hourly"])]
    return {
        "en": f"{what}; each {step} costs {formula} EUR/kWh, on average {mean} EUR/kWh.",
        "nl": f"{what}; elk {step} kost {formula} EUR/kWh, gemiddeld {mean} EUR/kWh.",
        "fr": f"{what} ; chaque {step} coûte {formula} EUR/kWh, en moyenne {mean} EUR/kWh.",
        "de": f"{what}; jede {step} kostet {formula} EUR/kWh, im Mittel {mean} EUR/kWh.",
    }[language]


_FLOWS = {
    "en": ("taken", "fed in"),
    "nl": ("afgenomen", "geïnjecteerd"),
    "fr": ("prélevés", "injectés"),
    "de": ("bezogen", "eingespeist"),
}
"""Import and export."""
_STEPS = {
    "en": ("quarter-hour", "hour"),
    "nl": ("kwartier", "uur"),
    "fr": ("quart d'heure", "heure"),
    "de": ("Viertelstunde", "Stunde"),
}


def _tiered(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    first, last = parts[0].facts, parts[-1].facts
    since, to = number(first["from_kwh"], language, 0, 0), number(last["to_kwh"], language, 0, 0)
    netted = ""
    if first["netted"]:
        netted = {
            "en": " net of what was fed in",
            "nl": " na aftrek van injectie",
            "fr": " après déduction de l'injection",
            "de": " nach Abzug der Einspeisung",
        }[language]
    amount = f"{number(_energy(parts), language, 0, 3)} kWh{netted}"
    if len(first["bands"]) == 1:
        return f"{amount} x {number(first['bands'][0][1], language, 4, 7)} EUR/kWh."
    above, up_to = _BANDS[language]
    bands = ", ".join(
        f"{above if most is None else f'{up_to} {number(most, language, 0, 0)} kWh'} {number(price, language, 4, 7)}"
        for most, price in first["bands"]
    )
    return {
        "en": f"{amount}, from {since} to {to} kWh since 1 January; EUR/kWh: {bands}.",
        "nl": f"{amount}, van {since} tot {to} kWh sinds 1 januari; EUR/kWh: {bands}.",
        "fr": f"{amount}, de {since} à {to} kWh depuis le 1er janvier ; EUR/kWh : {bands}.",
        "de": f"{amount}, von {since} bis {to} kWh seit dem 1. Januar; EUR/kWh: {bands}.",
    }[language]


_BANDS = {
    "en": ("above", "up to"),
    "nl": ("daarboven", "tot"),
    "fr": ("au-delà", "jusqu'à"),
    "de": ("darüber", "bis"),
}


def _peak(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    fee: PeakFee = parts[0].facts["fee"]
    price = number(fee.eur_per_kw_year, language, 2, 7)
    kw = number(parts[-1].quantity, language, 2, 4)
    if fee.fixed_kw is not None:
        return {
            "en": f"A meter that tells no peaks pays for {kw} kW: x {price} EUR/kW a year, a twelfth for each month.",
            "nl": f"Een meter zonder piekmeting betaalt {kw} kW: x {price} EUR/kW per jaar, een twaalfde per maand.",
            "fr": f"Un compteur sans mesure de pointe paie {kw} kW : x {price} EUR/kW par an, un douzième par mois.",
            "de": f"Ein Zähler ohne Spitzenmessung zahlt {kw} kW: x {price} EUR/kW pro Jahr, ein Zwölftel pro Monat.",
        }[language]
    if len(parts) > 1:
        count, floor = len(parts), _floor(fee, language)
        return {
            "en": f"For each of {count} months: the mean of its last {fee.months} month peaks"
            f"{floor} x {price} EUR/kW a year / 12. The last mean is {kw} kW.",
            "nl": f"Voor elk van {count} maanden: het gemiddelde van de laatste {fee.months} maandpieken"
            f"{floor} x {price} EUR/kW per jaar / 12. Het laatste gemiddelde is {kw} kW.",
            "fr": f"Pour chacun des {count} mois : la moyenne des {fee.months} dernières pointes mensuelles"
            f"{floor} x {price} EUR/kW par an / 12. La dernière moyenne est {kw} kW.",
            "de": f"Für jeden von {count} Monaten: der Mittelwert der letzten {fee.months} Monatsspitzen"
            f"{floor} x {price} EUR/kW pro Jahr / 12. Der letzte Mittelwert ist {kw} kW.",
        }[language]
    known = parts[0].facts["peaks"]
    month, peak = known[-1]
    told = []
    if month == parts[0].month and peak.start_s is not None:
        figure, at = number(peak.kw, language, 2, 3), at_time(peak.start_s, zone, language)
        quarter, name = number(peak.kw / 4, language, 3, 3), month_name(month, language)
        told.append(
            {
                "en": f"The highest quarter-hour of {name}: {at}, 4 x {quarter} kWh = {figure} kW.",
                "nl": f"Het hoogste kwartier van {name}: {at}, 4 x {quarter} kWh = {figure} kW.",
                "fr": f"Le quart d'heure le plus haut, {name} : {at}, 4 x {quarter} kWh = {figure} kW.",
                "de": f"Die höchste Viertelstunde, {name}: {at}, 4 x {quarter} kWh = {figure} kW.",
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
            "fr": f"{kw} kW x {price} EUR/kW par an / 12{'' if whole else f', pour {days} jours du mois'}.",
            "de": f"{kw} kW x {price} EUR/kW pro Jahr / 12{'' if whole else f', für {days} Tage des Monats'}.",
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
            "fr": f" ; {fee.months} mois comptent, et on n'en connaît pas plus",
            "de": f"; {fee.months} Monate zählen, mehr sind nicht bekannt",
        }[language]
    start = {
        "en": "The mean of",
        "nl": "Het gemiddelde van",
        "fr": "La moyenne de",
        "de": "Der Mittelwert von",
    }[language]
    one, several = _PEAKS[language]
    count = f"{len(peaks)} {one if len(peaks) == 1 else several}"
    return f"{start} {count}{_floor(fee, language)}{_COLON[language]} {sum_of} = {kw} kW{fewer}."


_PEAKS = {
    "en": ("month peak", "month peaks"),
    "nl": ("maandpiek", "maandpieken"),
    "fr": ("pointe mensuelle", "pointes mensuelles"),
    "de": ("Monatsspitze", "Monatsspitzen"),
}


def _floor(fee: PeakFee, language: str) -> str:
    if not fee.floor_kw:
        return ""
    kw = number(fee.floor_kw, language, 1, 3)
    return {
        "en": f" (each at least {kw} kW)",
        "nl": f" (elk minstens {kw} kW)",
        "fr": f" (chacune {kw} kW au moins)",
        "de": f" (jede mindestens {kw} kW)",
    }[language]


def _contract(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    price = number(parts[0].price, language, 2, 7)
    kw = number(parts[-1].quantity, language, 2, 3)
    if parts[0].rate != "excess":
        return {
            "en": f"{kw} kW contracted x {price} EUR/kW a year / 12 for each month.",
            "nl": f"{kw} kW gecontracteerd x {price} EUR/kW per jaar / 12 voor elke maand.",
            "fr": f"{kw} kW souscrits x {price} EUR/kW par an / 12 pour chaque mois.",
            "de": f"{kw} kW vertraglich x {price} EUR/kW pro Jahr / 12 für jeden Monat.",
        }[language]
    last = parts[-1].facts
    peak, contracted = number(last["peak"].kw, language, 2, 3), number(last["contracted"], language, 2, 3)
    name = month_name(parts[-1].month, language)
    return {
        "en": f"The peak of {name} was {peak} kW, {kw} kW above the {contracted} kW contracted: x {price} EUR/kW a year / 12.",
        "nl": f"De piek van {name} was {peak} kW, {kw} kW boven de gecontracteerde {contracted} kW: x {price} EUR/kW per jaar / 12.",
        "fr": f"La pointe ({name}) était de {peak} kW, {kw} kW au-dessus des {contracted} kW souscrits : x {price} EUR/kW par an / 12.",
        "de": f"Die Spitze ({name}) war {peak} kW, {kw} kW über den vertraglichen {contracted} kW: x {price} EUR/kW pro Jahr / 12.",
    }[language]


def _ceiling(parts: Sequence[Charge], zone: tzinfo, language: str) -> str:
    if len(parts) > 1:
        return {
            "en": f"In {len(parts)} months the grid costs came to more than the maximum tariff.",
            "nl": f"In {len(parts)} maanden waren de netkosten hoger dan het maximumtarief.",
            "fr": f"Pendant {len(parts)} mois, les coûts de réseau ont dépassé le tarif maximum.",
            "de": f"In {len(parts)} Monaten waren die Netzkosten höher als der Höchsttarif.",
        }[language]
    facts, energy = parts[0].facts, number(parts[0].quantity, language, 0, 3)
    price, total = number(parts[0].price, language, 4, 7), number(facts["total"], language, 2, 2)
    most = number(facts["most"], language, 2, 2)
    limit = f"{energy} kWh x {price} EUR/kWh"
    if facts["most"] == facts["least"]:
        limit = {
            "en": "the contribution for the least peak",
            "nl": "de minimumbijdrage",
            "fr": "la contribution minimale",
            "de": "der Mindestbeitrag",
        }[language]
    return {
        "en": f"Grid costs of {total} EUR are capped by the maximum tariff at {limit} = {most} EUR.",
        "nl": f"Netkosten van {total} EUR worden door het maximumtarief begrensd op {limit} = {most} EUR.",
        "fr": f"Des coûts de réseau de {total} EUR, plafonnés par le tarif maximum : {limit} = {most} EUR.",
        "de": f"Netzkosten von {total} EUR, durch den Höchsttarif begrenzt: {limit} = {most} EUR.",
    }[language]


_WRITERS: dict[type, Callable[[Sequence[Charge], tzinfo, str], str]] = {
    FixedFee: _fixed,
    PerKwh: _per_kwh,
    Tiered: _tiered,
    PeakFee: _peak,
    ContractFee: _contract,
    Ceiling: _ceiling,
}
