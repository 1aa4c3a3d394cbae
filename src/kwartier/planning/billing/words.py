"""What a bill says in words of its own: names of rates and months, figures, and what a reader has to know."""

from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kwartier.planning.billing.calendar import Month

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "de": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
}
_SIGNS = {"en": (",", "."), "nl": (".", ","), "fr": ("\u202f", ","), "de": (".", ",")}
"""Language -> what stands between thousands, and before decimals."""
RATES = {
    "day": {"en": "day", "nl": "dag", "fr": "jour", "de": "Tag"},
    "night": {"en": "night", "nl": "nacht", "fr": "nuit", "de": "Nacht"},
    "peak": {"en": "peak hours", "nl": "piekuren", "fr": "heures de pointe", "de": "Spitzenzeit"},
    "pic": {"en": "peak (PIC)", "nl": "piek (PIC)", "fr": "pic (PIC)", "de": "Spitze (PIC)"},
    "medium": {"en": "medium (MEDIUM)", "nl": "midden (MEDIUM)", "fr": "médium (MEDIUM)", "de": "Mittel (MEDIUM)"},
    "eco": {"en": "eco (ECO)", "nl": "eco (ECO)", "fr": "éco (ECO)", "de": "Eco (ECO)"},
    "low": {"en": "low", "nl": "laag", "fr": "bas", "de": "niedrig"},
    "standard": {"en": "standard", "nl": "standaard", "fr": "standard", "de": "Standard"},
    "high": {"en": "high", "nl": "hoog", "fr": "haut", "de": "hoch"},
    "excess": {"en": "above the contract", "nl": "boven het contract", "fr": "au-delà du contrat", "de": "über dem Vertrag"},
}  # fmt: skip


def number(value: Decimal, language: str, least: int = 2, most: int = 6) -> str:
    """With at least and at most so many decimals, and the language's signs: `1,234.50`, in Dutch and German
    `1.234,50`, in French `1 234,50` with a narrow space that does not break."""
    rounded = value.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:,f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    thousands, point = _SIGNS[language]
    return whole.replace(",", thousands) + (point + decimals if decimals else "")


def rate_name(key: str, language: str) -> str:
    """What a rate is called; its key where it has no name."""
    return RATES.get(key, {}).get(language, key)


def month_name(month: Month, language: str) -> str:
    """`Nov 2023`."""
    return f"{_MONTHS[language][month[1] - 1]} {month[0]}"


def at_time(utc_s: int, zone: tzinfo, language: str) -> str:
    """`7 Nov 2023 18:15`, local; `7. Nov. 2023 18:15` in German."""
    t = datetime.fromtimestamp(utc_s, UTC).astimezone(zone)
    day = f"{t.day}." if language == "de" else str(t.day)
    return f"{day} {_MONTHS[language][t.month - 1]} {t.year} {t:%H:%M}"


def notes(language: str, **facts: Any) -> list[str]:
    """What a reader has to know of what is missing; each fact that is there makes a sentence."""
    told = []
    for key, value in facts.items():
        if value:
            told.append(NOTES[key][language].format(value))
    return told


NOTES = {
    "missing": {
        "en": "Quarter-hours that are not known: {}. Nothing is billed for them, so the bill is too low by that.",
        "nl": "Kwartieren die niet gekend zijn: {}. Er wordt niets voor aangerekend: de factuur is zoveel te laag.",
        "fr": "Quarts d'heure inconnus : {}. Rien n'est facturé pour eux : la facture est trop basse d'autant.",
        "de": "Viertelstunden, die nicht bekannt sind: {}. Für sie wird nichts berechnet, die Rechnung ist um so viel zu niedrig.",
    },
    "unpriced": {
        "en": "For {} kWh there is no market price; their energy is not billed.",
        "nl": "Voor {} kWh is er geen marktprijs; die energie is niet aangerekend.",
        "fr": "Pour {} kWh, il n'y a pas de prix du marché ; cette énergie n'est pas facturée.",
        "de": "Für {} kWh gibt es keinen Marktpreis; diese Energie ist nicht berechnet.",
    },
    "no_peak": {
        "en": "No quarter-hour of {} is known, so its peak does not count.",
        "nl": "Van {} is geen kwartier gekend; de piek ervan telt niet mee.",
        "fr": "Aucun quart d'heure connu pour {} ; cette pointe ne compte donc pas.",
        "de": "Keine Viertelstunde bekannt für {}; diese Spitze zählt daher nicht.",
    },
    "open_peak": {
        "en": "Quarter-hours of {} are missing, so its peak may have been higher.",
        "nl": "Er ontbreken kwartieren van {}; de piek kan hoger geweest zijn.",
        "fr": "Il manque des quarts d'heure pour {} ; la pointe a pu être plus haute.",
        "de": "Es fehlen Viertelstunden für {}; die Spitze kann höher gewesen sein.",
    },
    "year": {
        "en": "Bands and netting count from 1 January, and the first day of {} is not known: they count from the first known quarter-hour.",
        "nl": "Schijven en saldering tellen vanaf 1 januari, en de eerste dag van {} is niet gekend: er is geteld vanaf het eerste gekende kwartier.",
        "fr": "Les tranches et la compensation comptent depuis le 1er janvier, et le premier jour de {} n'est pas connu : elles comptent depuis le premier quart d'heure connu.",
        "de": "Staffeln und Saldierung zählen ab dem 1. Januar, und der erste Tag von {} ist nicht bekannt: Gezählt ist ab der ersten bekannten Viertelstunde.",
    },
    "lacking": {
        "en": "The tariff has no price for all days of {}.",
        "nl": "Het tarief heeft niet voor alle dagen een prijs voor {}.",
        "fr": "Le tarif n'a pas de prix pour tous les jours : {}.",
        "de": "Der Tarif hat nicht für alle Tage einen Preis: {}.",
    },
}
"""Fact -> language -> its sentence."""
