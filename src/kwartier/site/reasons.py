"""Why a value is what it is: a code with parameters, turned into words by a catalogue.

The decision code only handles codes and figures; words are data, in every language we speak. A test
checks that each code has every language and that the words use just the parameters they are given.
"""

from dataclasses import dataclass

from kwartier.site.texts import TEXTS

__all__ = ["LANGUAGES", "TEXTS", "Reason", "reason"]

LANGUAGES = ("en", "nl")
"""Every text exists in each of these; a test checks it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code out of `TEXTS` and its parameters, sorted as given."""

    code: str
    params: tuple[tuple[str, str | float | int], ...] = ()

    def text(self, language: str = "en") -> str:
        """The reason in words. Floats are shown with one decimal."""
        words = TEXTS[self.code][language]
        shown = {k: f"{v:.1f}" if isinstance(v, float) else v for k, v in self.params}
        return words.format(**shown)


def reason(code: str, **params: str | float) -> Reason:
    """Make a reason; parameters keep the order in which they are written."""
    return Reason(code, tuple(params.items()))
