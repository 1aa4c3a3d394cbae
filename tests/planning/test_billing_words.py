"""A bill in each language: nothing is missing, nothing is left in another language, figures as people write them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kwartier.config import tariff_catalogue
from kwartier.config.tariff_section import TariffsSection
from kwartier.planning.billing import Flows, Spot, bill
from kwartier.planning.billing.series import midnight
from kwartier.planning.billing.words import NOTES, RATES, at_time, month_name, number
from kwartier.site.reasons import LANGUAGES
from kwartier.site.tariffs import Tariff
from kwartier.web.report import WORDS

ZONE = ZoneInfo("Europe/Brussels")
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 1)
STARTS = range(midnight(FIRST, ZONE), midnight(LAST, ZONE), 900)
OWN: dict[str, object] = {
    "components": [
        {"key": "t", "kind": "tiered", "group": "levies", "bands": [
            {"up_to_kwh": 3000, "eur_per_kwh": 0.05}, {"eur_per_kwh": 0.04}], "netted_until": "2027-01-01"},
        {"key": "k", "kind": "contract", "group": "network", "eur_per_kw_year": 40, "contracted_kw": 3,
            "excess_factor": 1.5},
        {"key": "n", "kind": "per_kwh", "group": "energy", "eur_per_kwh": 0.2, "netted_until": "2027-01-01"},
        {"key": "d", "kind": "fixed", "group": "energy", "eur": 0.1, "per": "day"},
        {"key": "m", "kind": "fixed", "group": "energy", "eur": 2, "per": "month"},
        {"key": "a", "kind": "peak", "group": "network", "eur_per_kw_year": 12, "fixed_kw": 2.5},
        {"key": "c", "kind": "ceiling", "group": "network", "eur_per_kwh": 0.001, "covers": ["a", "k"]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "tariff",
    [
        tariff_catalogue.tariff(["engie-dynamic", "fluvius-imewo", "be-household"]),
        tariff_catalogue.tariff(["engie-dynamic-hourly", "fluvius-imewo"], vat_pct=Decimal(6)),
        TariffsSection.model_validate(OWN).tariff(),
    ],
)
@pytest.mark.parametrize("last", [date(2026, 1, 20), LAST])
def test_each_line_is_told_in_each_language(tariff: Tariff, last: date) -> None:
    """Every kind of line has its sentence in four languages. None is a copy of another, but for a bare product."""
    flows = Flows.of(STARTS, [1.5 if i % 96 == 70 else 0.3 for i in range(len(STARTS))], [0.1] * len(STARTS))
    found = bill(tariff, flows, Spot.of(STARTS, [0.1] * len(STARTS)), ZONE, FIRST, last)
    assert found.lines
    for line in found.lines:
        assert set(line.texts) == set(line.names) == set(LANGUAGES)
        told = {text.translate(str.maketrans("", "", "0123456789.,\u202f ")) for text in line.texts.values()}
        assert len(told) == len(LANGUAGES) or told == {"kWhxEUR/kWh"}, line.texts
        for text in line.texts.values():
            assert "{" not in text
            assert "  " not in text
            assert text.endswith(".")


def test_french_and_german_by_the_letter() -> None:
    """One bill, read as a customer would."""
    tariff = TariffsSection.model_validate(OWN).tariff()
    flows = Flows.of(STARTS, [1.5 if i % 96 == 70 else 0.3 for i in range(len(STARTS))], [0.1] * len(STARTS))
    found = bill(tariff, flows, Spot.of(STARTS, [0.1] * len(STARTS)), ZONE, FIRST, date(2026, 2, 1))
    assert found.line("k", "excess").texts["fr"] == (
        "La pointe (janv. 2026) était de 6,00 kW, 3,00 kW au-dessus des 3,00 kW souscrits : x 60,00 EUR/kW par an / 12."
    )
    assert found.line("k", "excess").names["de"] == "k, über dem Vertrag"
    assert found.line("m").texts["de"] == "2,00 EUR pro Monat x 31 / 31 Tage."
    assert found.line("t").texts["de"] == (
        "632,4 kWh nach Abzug der Einspeisung, von 0 bis 632 kWh seit dem 1. Januar; "
        "EUR/kWh: bis 3.000 kWh 0,0500, darüber 0,0400."
    )
    assert found.line("a").texts["fr"] == (
        "Un compteur sans mesure de pointe paie 2,50 kW : x 12,00 EUR/kW par an, un douzième par mois."
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "1,234.50"), ("nl", "1.234,50"), ("fr", "1\u202f234,50"), ("de", "1.234,50")],
)
def test_figures(language: str, words: str) -> None:
    """Thousands and decimals have the language's signs."""
    assert number(Decimal("1234.5"), language) == words
    assert number(Decimal(1234), language, 0) == words[:-3]


@pytest.mark.parametrize(
    ("language", "month", "moment"),
    [
        ("en", "Mar 2026", "18 Mar 2026 19:30"),
        ("nl", "mrt 2026", "18 mrt 2026 19:30"),
        ("fr", "mars 2026", "18 mars 2026 19:30"),
        ("de", "März 2026", "18. März 2026 19:30"),
    ],
)
def test_months(language: str, month: str, moment: str) -> None:
    """Months have their names, a German day its point."""
    assert month_name((2026, 3), language) == month
    assert at_time(1773858600, ZONE, language) == moment


@pytest.mark.parametrize("words", [*NOTES.values(), *RATES.values()])
def test_each_note_and_rate_stands_in_each_language(words: Mapping[str, str]) -> None:
    """With a place for the same figure."""
    assert set(words) == set(LANGUAGES)
    assert len({text.count("{}") for text in words.values()}) == 1


def test_the_page_has_the_same_words_in_each_language() -> None:
    """No word of the page is missing, and each takes what the others take."""
    assert set(WORDS) == set(LANGUAGES)
    for key, english in WORDS["en"].items():
        for language in LANGUAGES:
            assert WORDS[language].keys() == WORDS["en"].keys()
            assert WORDS[language][key].count("{}") == english.count("{}"), (key, language)
