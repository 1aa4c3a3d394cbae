"""Figures and times in the reader's language, for pages that the server makes; `static/words.js` is its twin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

UNKNOWN = "–"
MINUS = "−"
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "de": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
}
WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "nl": ("ma", "di", "wo", "do", "vr", "za", "zo"),
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    "de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
}
MARKS = {"en": ",.", "nl": ".,", "fr": "\u202f,", "de": ".,"}
"""What stands between thousands and before decimals."""
SIGN_LAST = frozenset({"fr", "de"})
"""Where the sign of a currency follows the amount."""
SIGNS = {"EUR": "€", "GBP": "£"}
MINUTE_S = 60
HOUR_S = 3600
CENT = 0.005
"""Below half a cent nothing is left of an amount."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. `now`: the moment of the page, ISO 8601 with the site's offset."""

    language: str
    words: Mapping[str, str]
    now: str = ""

    def say(self, key: str, **params: object) -> str:
        """A text of the catalogue."""
        return self.words[key].format(**params)

    def num(self, value: float | None, digits: int = 0) -> str:
        """With a comma where the language has one, and never "-0"."""
        if value is None:
            return UNKNOWN
        text = f"{value:,.{digits}f}"
        if not text.strip("-0.,"):
            text = text.lstrip("-")
        text = text.replace("-", MINUS)
        return text.translate(str.maketrans(",.", MARKS[self.language]))

    def amps(self, value_a: float | None) -> str:
        """A current, one decimal."""
        return self.num(value_a, 1)

    def limit(self, value_a: float | None) -> str:
        """A limit: a decimal only where it says something."""
        whole = value_a is None or abs(value_a - round(value_a)) < 0.05
        return self.num(value_a, 0 if whole else 1)

    def power(self, value_w: float | None) -> str:
        """W below a kilowatt, kW from there on."""
        if value_w is None:
            return UNKNOWN
        size_w = abs(value_w)
        if size_w < 1000:
            return f"{self.num(value_w)} W"
        return f"{self.num(value_w / 1000, 2 if size_w < 9995 else 1 if size_w < 99950 else 0)} kW"

    def kilowatt(self, value_w: float | None) -> str:
        """Always kW, two decimals: for figures that stand below each other."""
        return UNKNOWN if value_w is None else f"{self.num(value_w / 1000, 2)} kW"

    def energy(self, value_kwh: float | None) -> str:
        """kWh, two decimals."""
        return UNKNOWN if value_kwh is None else f"{self.num(value_kwh, 2)} kWh"

    def money(self, amount: float | None, currency: str = "EUR") -> str:
        """An amount with its sign, to the cent."""
        if amount is None:
            return UNKNOWN
        sign, figure = SIGNS.get(currency, currency), self.num(0.0 if abs(amount) < CENT else amount, 2)
        return f"{figure}\u00a0{sign}" if self.language in SIGN_LAST else f"{sign}\u00a0{figure}"

    def cents(self, price_per_kwh: float | None) -> str:
        """A price of a kWh in cents."""
        return UNKNOWN if price_per_kwh is None else f"{self.num(100 * price_per_kwh, 1)}\u00a0ct"

    def day_name(self, number: int) -> str:
        """A day of the week by its number; 0 is Monday."""
        return WEEKDAYS[self.language][number]

    def weekday(self, at: str) -> str:
        """The day of the week of an ISO moment, short."""
        return WEEKDAYS[self.language][date.fromisoformat(at[:10]).weekday()]

    def soon(self, at: str | None) -> str:
        """A moment of the coming days: the time alone today, after the day of the week on another day."""
        if at is None:
            return UNKNOWN
        return at[11:16] if at[:10] == self.now[:10] else f"{self.weekday(at)} {at[11:16]}"

    def clock(self, at: str | None) -> str:
        """Hours and minutes of an ISO moment, in the site's time."""
        return UNKNOWN if at is None else at[11:16]

    def day(self, at: str) -> str:
        """Day and month, and the year where it is another one."""
        number = f"{int(at[8:10])}{'.' if self.language == 'de' else ''}"
        text = f"{number} {MONTHS[self.language][int(at[5:7]) - 1]}"
        return text if at[:4] == self.now[:4] else f"{text} {at[:4]}"

    def month(self, year: int, month: int) -> str:
        """A month and its year."""
        return f"{MONTHS[self.language][month - 1]} {year}"

    def moment(self, at: str | None, seconds: bool = False) -> str:
        """The time, after the day unless it is today."""
        if at is None:
            return UNKNOWN
        clock = at[11:19] if seconds else at[11:16]
        return clock if at[:10] == self.now[:10] else f"{self.day(at)}, {clock}"

    def duration(self, value_s: float) -> str:
        """Seconds, minutes or hours: what a person would say."""
        if value_s < 2 * MINUTE_S:
            return f"{self.num(value_s)} s"
        if value_s < 2 * HOUR_S:
            return f"{self.num(value_s // MINUTE_S)} min"
        return f"{self.num(value_s // HOUR_S)} h"

    def minutes(self, value_s: float) -> str:
        """Minutes and seconds, as on a clock."""
        whole = max(0, round(value_s))
        return f"{whole // MINUTE_S}:{whole % MINUTE_S:02d}"
