"""Why a value is what it is: a code with parameters, turned into words by a catalogue.

The decision code only handles codes and figures; words are data, in every language we speak. A test
checks that each code has every language and that the words use just the parameters they are given.
"""

from kwartier.site.texts import TEXTS
from kwartier.site.texts_forecasts import WAYS
from kwartier.site.values import valueclass

__all__ = ["LANGUAGES", "TEXTS", "Reason", "reason"]

LANGUAGES = ("en", "nl", "fr", "de")
"""Every text exists in each of these; a test checks it."""

SOMEBODY = "(somebody)"
NAMES: dict[str, dict[str, dict[str, str]]] = {
    "name": {SOMEBODY: {"en": "somebody", "nl": "iemand", "fr": "quelqu'un", "de": "jemand"}},
    "source": {
        "static": {"en": "wiring", "nl": "bedrading", "fr": "câblage", "de": "Verkabelung"},
        "fuse": {"en": "fuse", "nl": "zekering", "fr": "fusible", "de": "Sicherung"},
        "contract": {"en": "grid contract", "nl": "netcontract", "fr": "contrat réseau", "de": "Netzvertrag"},
        "formula": {"en": "formula", "nl": "formule", "fr": "formule", "de": "Formel"},
        "fire": {
            "en": "fire or emergency input",
            "nl": "brand- of noodingang",
            "fr": "entrée incendie ou d'urgence",
            "de": "Brand- oder Noteingang",
        },
    },
    "way": WAYS,
    "other_way": WAYS,
}
"""Parameter -> code -> language -> its name. A code without a name is shown as it is."""


@valueclass(frozen=True, slots=True)
class Reason:
    """A code out of `TEXTS` and its parameters, sorted as given."""

    code: str
    params: tuple[tuple[str, str | float | int], ...] = ()

    def text(self, language: str = "en") -> str:
        """The reason in words. Floats have one decimal where it says something, in the language's form."""
        words = TEXTS[self.code][language]
        return words.format(**{name: _shown(name, value, language) for name, value in self.params})


PERSONAL = {
    "input_reset": "name",
    "input_test_begun": "name",
    "alarm_acknowledged": "name",
}
"""Code -> the parameter in which a person is named. Who only looks at the site is not told it."""


def without_names(why: Reason) -> Reason:
    """The same for strangers: a person is somebody."""
    personal = PERSONAL.get(why.code)
    if personal is None:
        return why
    return Reason(why.code, tuple((k, SOMEBODY if k == personal else v) for k, v in why.params))


MINUTE_S = 60
WITH_UNITS = frozenset({"cost", "target"})
"""Parameters that are a figure with its unit as text, `EUR 1.25`, with a decimal point as programs write it."""


def _shown(name: str, value: str | float, language: str) -> str:
    if name == "age_s" and isinstance(value, int):
        return f"{value} s" if value < 2 * MINUTE_S else f"{value // MINUTE_S} min"
    if isinstance(value, float):
        figure = f"{value:.1f}".removesuffix(".0")
        return "0" if figure == "-0" else figure.replace(".", "." if language == "en" else ",")
    if name in WITH_UNITS and language != "en":
        return str(value).replace(".", ",")
    named = NAMES.get(name, {}).get(str(value))
    return str(value) if named is None else named[language]


def reason(code: str, **params: str | float) -> Reason:
    """Make a reason; parameters keep the order in which they are written."""
    return Reason(code, tuple(params.items()))
