"""The catalogue of reasons is complete and consistent."""

import ast
import re
import string
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import kwartier
from kwartier import site
from kwartier.site.reasons import LANGUAGES, NAMES, TEXTS, reason

MODES = {
    "wish_fast": {"en": "Fast", "nl": "Snel", "fr": "Rapide", "de": "Schnell"},
    "wish_smart": {"en": "Smart", "nl": "Slim", "fr": "Futé", "de": "Schlau"},
    "wish_sun": {"en": "Sun", "nl": "Zon", "fr": "Soleil", "de": "Sonne"},
    "charger_barred": {"en": "Off", "nl": "Uit", "fr": "Arrêt", "de": "Aus"},
}
PACKAGE = Path(kwartier.__file__).parent


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", TEXTS)
def test_each_text_exists_in_every_language_with_the_same_parameters(code: str) -> None:
    """No language lacks a text, and none uses a figure that another does not."""
    assert set(TEXTS[code]) == set(LANGUAGES)
    assert len({frozenset(parameters(t)) for t in TEXTS[code].values()}) == 1


@pytest.mark.parametrize("code", TEXTS)
def test_no_language_is_a_copy_of_another(code: str) -> None:
    """A text that was carried over untranslated is found; only one that is nothing but parameters may be equal."""
    words = {language: text for language, text in TEXTS[code].items() if re.sub(r"\{\w+\}|\W", "", text)}
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize(("mode", "words"), MODES.items())
def test_modes_have_one_name_in_each_language(mode: str, words: dict[str, str]) -> None:
    """A mode is called in every sentence as on its button."""
    for language, word in words.items():
        assert word in TEXTS[mode][language]


def given_reasons() -> list[tuple[str, set[str]]]:
    """Every `reason("code", name=...)` written in the package."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id != "reason" or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            if all(k.arg is not None for k in node.keywords):
                found.append((str(node.args[0].value), {str(k.arg) for k in node.keywords}))
    return found


def test_code_and_catalogue_agree() -> None:
    """Each reason that the code gives is in the catalogue and carries just the parameters its words use."""
    found = given_reasons()
    assert len(found) > 15
    for code, names in found:
        assert code in TEXTS, code
        assert names == parameters(TEXTS[code]["en"]), code


@pytest.mark.parametrize(
    ("limit_a", "language", "words"),
    [
        (15.9999999, "nl", "Met de hand begrensd op 16 A."),
        (12.34, "nl", "Met de hand begrensd op 12,3 A."),
        (12.34, "en", "Limited to 12.3 A by hand."),
        (12.34, "fr", "Limité à 12,3 A à la main."),
        (12.34, "de", "Von Hand auf 12,3 A begrenzt."),
        (-0.01, "en", "Limited to 0 A by hand."),
    ],
)
def test_figures_are_shown_as_people_write_them(limit_a: float, language: str, words: str) -> None:
    """A person reads 16 A, not 15.999999; a decimal only where it says something, in the language's form."""
    assert reason("user_limit", limit_a=limit_a).text(language) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "EUR 1.25 more"), ("nl", "EUR 1,25 meer"), ("fr", "EUR 1,25 de plus"), ("de", "EUR 1,25 mehr")],
)
def test_a_figure_with_its_unit_has_the_sign_of_the_language(language: str, words: str) -> None:
    """What comes as text has a decimal comma too where people write one."""
    assert words in reason("warn_new_peak", peak_kw=4.5, cost="EUR 1.25").text(language)


@pytest.mark.parametrize(("age_s", "words"), [(74, "for 74 s."), (2140, "for 35 min.")])
def test_long_silence_is_told_in_minutes(age_s: int, words: str) -> None:
    """Nobody has to divide 2140 seconds by sixty."""
    assert words in reason("charger_silent", age_s=age_s, reserved_a=6.0).text()


@pytest.mark.parametrize("parameter", NAMES)
def test_codes_in_a_sentence_have_names(parameter: str) -> None:
    """A code given as a parameter is told by its name in every language; one without stays as it is."""
    for code, names in NAMES[parameter].items():
        assert set(names) == set(LANGUAGES), code
    given: dict[str, str | float] = {
        "circuit": "Board",
        "phase": 1,
        "limit_a": 25.0,
        "other_a": 3.5,
        "sharers": 2,
    }
    assert "25 A toegelaten (bedrading)" in reason("circuit_limit", **given, source="static").text("nl")
    assert "25 A permis (câblage)" in reason("circuit_limit", **given, source="static").text("fr")
    assert "25 A erlaubt (Verkabelung)" in reason("circuit_limit", **given, source="static").text("de")
    assert "25 A allowed (grid operator)" in reason("circuit_limit", **given, source="grid operator").text()


def test_no_code_stands_in_two_catalogues() -> None:
    """The later one would take the words of the earlier one away, and a reason would come without its parameters."""
    parts = [
        vars(import_module(f"kwartier.site.{m.name}"))
        for m in iter_modules(site.__path__)
        if m.name.startswith("texts_")
    ]
    codes = [
        code for part in parts for name, texts in part.items() if name.endswith("_TEXTS") for code in texts
    ]
    assert sorted(codes) == sorted(set(codes))
