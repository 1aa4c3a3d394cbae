"""The section `tariffs`, and the files that come with the program."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kwartier.config import Inspection, inspect, tariff_catalogue
from kwartier.site.errors import ConfigError
from kwartier.site.reasons import LANGUAGES
from kwartier.site.tariffs import Ceiling, PeakFee, PerKwh, validity_gaps

Write = Callable[[str], Path]


@pytest.fixture
def told(good: str, write: Write) -> Callable[[str], Inspection]:
    """Inspect the good file with this section behind it."""
    return lambda section: inspect(write(good + "tariffs:\n" + section))


def test_parts_of_the_program(told: Callable[[str], Inspection]) -> None:
    """A contract, a grid, the levies; VAT is what the levies say."""
    found = told("  parts: [engie-dynamic, fluvius-imewo, be-household]\n")
    assert found.config is not None, found.problems
    assert found.config.tariffs is not None
    tariff = found.config.tariffs.tariff()
    assert tariff.vat_pct == 6
    assert tariff.dynamic
    assert tariff.name == "engie-dynamic + fluvius-imewo + be-household"
    capacity = [c for c in tariff.components if isinstance(c, PeakFee) and c.holds_on(date(2026, 5, 1))]
    assert [c.eur_per_kw_year for c in capacity] == [Decimal("54.2009816")]
    assert validity_gaps(tariff, date(2026, 1, 1), date(2027, 1, 1)) == ()


def test_figures_of_ones_own(told: Callable[[str], Inspection]) -> None:
    """A component with the key of a part's takes its place; others are left out by key."""
    found = told(
        """\
  parts: [engie-dynamic, fluvius-imewo, be-household]
  without: [subscription]
  name: ours
  components:
    - key: energy
      kind: per_kwh
      group: energy
      names: {en: Energy, nl: Energie}
      factor: 1.02
      eur_per_kwh: 0.0123
      settled: hour
"""
    )
    assert found.config is not None, found.problems
    assert found.config.tariffs is not None
    tariff = found.config.tariffs.tariff()
    energy = [c for c in tariff.components if c.key == "energy"]
    assert isinstance(energy[0], PerKwh)
    assert (len(energy), energy[0].rates[0].factor, energy[0].settled_s) == (1, Decimal("1.02"), 3600)
    assert energy[0].source == "the site file"
    assert "subscription" not in {c.key for c in tariff.components}
    assert tariff.name == "ours"


@pytest.mark.parametrize(
    ("section", "path", "words"),
    [
        ("  {}\n", "tariffs", "the tariff is empty"),
        ("  parts: [fluvius-imewoo]\n", "tariffs.parts[#1]", "Did you mean 'fluvius-imewo'"),
        ("  parts: [nonsense]\n", "tariffs.parts[#1]", "lists all"),
        (
            "  parts: [be-household]\n  without: [excize]\n",
            "tariffs.without[#1]",
            "no part has a component 'excize'",
        ),
        ("  parts: [fluvius-mv-imewo-grid]\n", "tariffs.contracted_kw", "not said how many"),
        ("  parts: [be-household]\n  contracted_kw: 10\n", "tariffs.contracted_kw", "no part of this tariff"),
        ("  parts: [be-household, be-business]\n", "tariffs.parts", "different VAT"),
        ("  parts: [be-household, be-business]\n  vat_pct: 6\n", "tariffs", "twice for the same days"),
        ("  part: [be-household]\n", "tariffs.part", "did you mean 'parts'?"),
        ("  parts: be-household\n", "tariffs.parts", "a list"),
    ],
)
def test_slips_of_the_section(told: Callable[[str], Inspection], section: str, path: str, words: str) -> None:
    """Each is named at its key, with a cure."""
    problems = told(section).problems
    assert any(p.path == path and words.lower() in str(p).lower() for p in problems), [
        str(p) for p in problems
    ]


COMPONENT = "    - {{key: a, group: energy, {}}}\n"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("kind: per_kwh", "its price is missing: eur_per_kwh"),
        ("kind: fixed, eur: 1, rank: 2", "rank is nothing of a component of kind fixed"),
        ("kind: peak, eur_per_kw_year: 40, eur: 1", "eur is nothing of a component of kind peak"),
        ("kind: per_kwh, eur_per_kwh: 0.1, eur_per_kWh: 0.1", "there is no key 'eur_per_kWh'"),
        ("kind: fixed, eur: 1, valid_from: 1/1/2026", "is no date"),
        ("kind: fixed, eur: 1, valid_from: '2026-02-30'", "is no date"),
        ("kind: fixed, eur: 1, valid_from: 2027-01-01, valid_until: 2026-01-01", "not after valid_from"),
        ("kind: fixed, eur: 1, approximate: true", "needs a note"),
        ("kind: fixed, eur: .inf", "finite"),
        ("kind: fixed, eur: '1,5'", "Write 1.5, with a point"),
        ("kind: fixed, eur: true", "expected a number, found True"),
        ("kind: fixed, eur: [1]", "expected a number"),
        ("kind: tiered, bands: []", "no end"),
        ("kind: tiered, bands: [{up_to_kwh: 5, eur_per_kwh: 1}]", "no end"),
        (
            "kind: tiered, bands: [{up_to_kwh: 9, eur_per_kwh: 1}, {up_to_kwh: 5, eur_per_kwh: 1}, {eur_per_kwh: 1}]",
            "don't rise",
        ),
        ("kind: per_kwh, factor: 1, netted_until: 2027-01-01", "cannot be netted"),
        ("kind: per_kwh, eur_per_kwh: 1, netted_until: 2027-06-01", "calendar years"),
        ("kind: contract, eur_per_kw_year: 9, excess_factor: 2, excess_eur_per_kw_year: 3", "both"),
        ("kind: ceiling, eur_per_kwh: 0.3", "needs what it covers"),
        ("kind: ceiling, eur_per_kwh: 0.3, covers: [b]", "there is no component 'b'"),
        ("kind: per_kwh, eur_per_kwh: 1, rates: [{key: day, eur_per_kwh: 1}]", "both"),
        (
            "kind: per_kwh, rates: [{key: d, eur_per_kwh: 1}, {key: n, eur_per_kwh: 1}]",
            "hides those after it",
        ),
        ("kind: peak, eur_per_kw_year: 1, windows: [{hours: ['7-22']}]", "no span of the day"),
        ("kind: peak, eur_per_kw_year: 1, windows: [{hours: ['07:00-07:00']}]", "no span of the day"),
        ("kind: peak, eur_per_kw_year: 1, months: 13", "at most 12"),
    ],
)
def test_slips_of_a_component(told: Callable[[str], Inspection], keys: str, words: str) -> None:
    """Each is an error in this section that says what is wrong."""
    problems = told("  components:\n" + COMPONENT.format(keys)).problems
    assert len(problems) == 1, [str(p) for p in problems]
    assert problems[0].path.startswith("tariffs.components[#1]")
    assert words in str(problems[0])


def test_a_date_that_does_not_exist(told: Callable[[str], Inspection]) -> None:
    """YAML itself makes dates; the slip has its line all the same."""
    (problem,) = told(
        "  components:\n" + COMPONENT.format("kind: fixed, eur: 1, valid_from: 2026-02-30")
    ).problems
    assert (problem.line, "is no date" in problem.what) == (33, True), problem


def test_figures_stay_as_they_are_printed(told: Callable[[str], Inspection]) -> None:
    """0.1 is a tenth, and VAT that a sheet has in its figures comes out of them exactly."""
    found = told(
        "  components:\n"
        + COMPONENT.format("kind: per_kwh, eur_per_kwh: 0.1")
        + "    - {key: b, group: energy, kind: fixed, eur: 100.70, includes_vat_pct: 6}\n"
    )
    assert found.config is not None, found.problems
    assert found.config.tariffs is not None
    one, two = found.config.tariffs.tariff().components
    assert isinstance(one, PerKwh)
    assert one.rates[0].eur_per_kwh == Decimal("0.1")
    assert getattr(two, "eur", None) == Decimal(95)


def test_a_firm_says_its_contracted_power(told: Callable[[str], Inspection]) -> None:
    """And reckons without VAT."""
    found = told("  parts: [fluvius-mv-west-post]\n  contracted_kw: 250\n  show_vat: false\n")
    assert found.config is not None, found.problems
    assert found.config.tariffs is not None
    assert not found.config.tariffs.show_vat
    assert any(getattr(c, "contracted_kw", None) == 250 for c in found.config.tariffs.tariff().components)


@pytest.mark.parametrize("part", tariff_catalogue.ids())
def test_every_part_is_whole(part: str) -> None:
    """It loads, names its source, covers only what there is, and follows itself in time without overlap."""
    components = tariff_catalogue.components(part)
    keys = {c.key for c in components}
    for component in components:
        assert component.source
        assert set(dict(component.names)) == set(LANGUAGES)
        assert not component.approximate or len({component.remark(lang) for lang in LANGUAGES}) == len(
            LANGUAGES
        )
        if isinstance(component, Ceiling):
            assert set(component.covers) <= keys
        for other in components:
            if other is not component and other.key == component.key:
                assert other.valid_from != component.valid_from
                if (other.valid_from or date.min) > (component.valid_from or date.min):
                    assert component.valid_until is not None
                    assert other.valid_from is not None
                    assert component.valid_until <= other.valid_from


def test_a_table_needs_a_figure_for_each_variant() -> None:
    """What is forgotten is named; so is a table that nobody wrote."""
    text = """\
id: x
part: network
country: BE
names: {en: X}
source: me
variants: {a: A, b: B}
tables: {t: [{valid_from: 2026-01-01, valid_until: 2027-01-01, values: {a: 1}}]}
components: [{key: k, kind: fixed, group: network, table: t}]
"""
    with pytest.raises(ConfigError, match=r"variants \['b'\]"):
        tariff_catalogue.parse(text, "x.yaml")
    with pytest.raises(ConfigError, match="there is no table 'u'"):
        tariff_catalogue.parse(
            text.replace("table: t}", "table: u}").replace("{a: 1}", "{a: 1, b: 2}"), "x.yaml"
        )
    with pytest.raises(ConfigError, match="no YAML"):
        tariff_catalogue.parse("a: [", "x.yaml")


def test_areas_that_are_known_agree_with_the_sheets() -> None:
    """Antwerpen 2026: 52.3679 EUR/kW and 5.35329 c/kWh with 6 % VAT, as suppliers print them."""
    holding = [c for c in tariff_catalogue.components("fluvius-antwerpen") if c.holds_on(date(2026, 6, 1))]
    capacity = next(c for c in holding if isinstance(c, PeakFee))
    per_kwh = next(c for c in holding if isinstance(c, PerKwh))
    assert round(capacity.eur_per_kw_year * Decimal("1.06"), 4) == Decimal("52.3679")
    assert round(per_kwh.rates[0].eur_per_kwh * Decimal("1.06"), 7) == Decimal("0.0535329")
