"""Prices put together point by point: units, holes, doubles and slips of every source are found in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from kwartier.protocols.answers import AnswerError, number
from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import utc_text
from kwartier.site.prices import MarketFault, PriceSeries

STEPS_S = (900, 1800, 3600)
MAX_QUARTERS = 2 * 366 * 100
"""Two years; a stamp that lies further off than that is a slip."""
HIGHEST_EUR_PER_KWH = 6.0
"""Above the ceiling of the European auction (4 EUR/kWh, rising to 5) and taxes on it."""
LOWEST_EUR_PER_KWH = -1.0
"""Below its floor (-0.5 EUR/kWh)."""
MAX_PUTS = 500_000
"""Several times a year of quarter-hours."""
USUAL_EUR_PER_KWH = 1.5
"""No day has had half its quarter-hours above; where they are, the unit is not what the answer says."""
LEAST_EUR_PER_KWH = 0.001
"""No whole day has stayed below in every quarter-hour, and below half of it in most: days of hardly any price exist in the
north, but not that flat."""
WHOLE_DAY = 80
"""So many quarter-hours before a series is judged as a day."""
PER_EUR: Mapping[str, float] = {
    "EUR": 1.0, "CHF": 1.0, "GBP": 1.0, "USD": 1.2, "BGN": 2.0, "PLN": 4.5, "RON": 5.0,
    "DKK": 7.5, "SEK": 12.0, "NOK": 12.0, "CZK": 25.0, "HUF": 400.0,
}  # fmt: skip
"""About what one euro is worth: only to judge whether a price can be true."""
UNITS: Mapping[str, float] = {
    "MWH": 1e-3, "/MWH": 1e-3, "EUR/MWH": 1e-3, "KWH": 1.0, "EUR/KWH": 1.0, "WH": 1e3,
    "CT/KWH": 1e-2, "C/KWH": 1e-2, "CENT/KWH": 1e-2, "EURCENT/KWH": 1e-2, "CENTS/KWH": 1e-2, "ORE/KWH": 1e-2,
}  # fmt: skip
"""Of a unit in capitals without blanks: what makes it money per kWh."""
LONGEST_TEXT = 200
"""Of a fault: an answer may hold anything, also in the place of a number."""
SHOWN = 40
"""Faults of one kind that are kept each with its place; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a text such as `Eur/MWh` or `SEK/kWh` says."""

    factor: float
    """What makes it money per kWh."""
    currency: str | None
    """None where it does not say."""


def unit_of(text: object) -> Unit | None:
    """Read a unit; None where it is none that is known."""
    if not isinstance(text, str):
        return None
    plain = text.upper().replace(" ", "").replace("€", "EUR").replace("Ö", "O").replace("¢", "CT")
    money, slash, energy = plain.partition("/")
    if money in PER_EUR and slash:
        factor = UNITS.get(energy)
        return None if factor is None else Unit(factor, money)
    factor = UNITS.get(plain)
    cents = "EUR" if plain.startswith("EURCENT") else None
    return None if factor is None else Unit(factor, cents)


@dataclass(slots=True)
class _Point:
    price: float
    step_s: int
    rank: int


class Gather:
    """Collects the points of one answer. What is wrong with a point is noted, and the others count."""

    def __init__(self, source: str, *, currency: str, fetched_at_s: float) -> None:
        self.source = source
        self.currency = currency
        self._fetched_at_s = fetched_at_s
        self._points: dict[int, _Point] = {}
        self._faults: list[MarketFault] = []
        self._counts: dict[str, int] = {}
        self._last_s: int | None = None
        self._puts = 0
        self._scale = PER_EUR.get(currency, 30.0)

    def fault(self, code: str, where: str, detail: str) -> None:
        """Note something that is wrong."""
        self._counts[code] = count = self._counts.get(code, 0) + 1
        if count <= SHOWN:
            self._faults.append(
                MarketFault(code=code, where=where[:LONGEST_TEXT], detail=detail[:LONGEST_TEXT])
            )

    def fits(self, currency: object, where: str) -> bool:
        """Whether prices in this currency may count."""
        if isinstance(currency, str) and currency.strip().upper() == self.currency:
            return True
        self.fault("wrong_currency", where, f"{currency!r} where {self.currency} is wanted: left out")
        return False

    def put(
        self, start_s: int, step_s: int, value: object, factor: float, where: str, *, rank: int = 0
    ) -> None:
        """A price that holds for `[start_s, start_s + step_s)`; `factor` makes it money per kWh.

        Where several hold for one quarter-hour, the lowest `rank` counts, then the shortest step, then the first.
        """
        if start_s % QUARTER_S:
            self.fault("off_grid", where, f"{utc_text(start_s)} begins no quarter-hour: left out")
            return
        if step_s not in STEPS_S:
            self.fault("bad_step", where, f"a price for {step_s} s; only 15, 30 and 60 minutes are known")
            return
        self._puts += 1
        if self._puts > MAX_PUTS:
            raise AnswerError("too_long", f"{self.source} answered more than {MAX_PUTS} prices")
        price = number(value)
        if price is None:
            if value is not None:  # nothing at all is a hole, which is found at the end
                self.fault("not_a_number", where, f"{_shown(value)} is no price")
            return
        price *= factor
        if not LOWEST_EUR_PER_KWH * self._scale <= price <= HIGHEST_EUR_PER_KWH * self._scale:
            detail = f"{price:.6g} {self.currency}/kWh cannot be: left out (MWh taken for kWh?)"
            self.fault("implausible", where, detail)
            return
        self._order(start_s, where)
        for quarter_s in range(start_s, start_s + step_s, QUARTER_S):
            self._keep(quarter_s, _Point(price, step_s, rank), where)

    def _order(self, start_s: int, where: str) -> None:
        if self._last_s is not None and start_s < self._last_s and "out_of_order" not in self._counts:
            self.fault(
                "out_of_order", where, f"{utc_text(start_s)} comes after {utc_text(self._last_s)}: sorted"
            )
        self._last_s = start_s

    def section(self) -> None:
        """A new list begins, which may start anywhere."""
        self._last_s = None

    def _keep(self, quarter_s: int, new: _Point, where: str) -> None:
        old = self._points.get(quarter_s)
        if old is None or (new.rank, new.step_s) < (old.rank, old.step_s):
            self._points[quarter_s] = new
        elif (new.rank, new.step_s) == (old.rank, old.step_s) and abs(new.price - old.price) > 1e-9:
            detail = (
                f"{utc_text(quarter_s)} has {old.price:.6g} and {new.price:.6g} {self.currency}/kWh: "
                "the first counts"
            )
            self.fault("contradiction", where, detail)

    def drop(self, keep: "range") -> None:
        """Forget what lies outside, because it was not asked for."""
        self._points = {s: p for s, p in self._points.items() if keep.start <= s < keep.stop}

    def series(self) -> PriceSeries:
        """What was gathered. Raises AnswerError when that is nothing (`no_data` when nothing was wrong either)."""
        self._judge()
        if not self._points:
            if not self._faults:
                raise AnswerError("no_data", f"{self.source} has no prices for that time yet")
            first = self._faults[0]
            detail = f"{self.source}: no usable price; {first.where}: {first.detail}"
            raise AnswerError("unknown_form", detail)
        start_s, end_s = self._span()
        values: list[float | None] = [None] * ((end_s - start_s) // QUARTER_S)
        for quarter_s, point in self._points.items():
            if start_s <= quarter_s < end_s:
                values[(quarter_s - start_s) // QUARTER_S] = round(point.price, 9)
        self._holes(start_s, values)
        self._summary()
        return PriceSeries(
            start_s=start_s,
            eur_per_kwh=tuple(values),
            currency=self.currency,
            source=self.source,
            fetched_at_s=self._fetched_at_s,
            native_step_s=max(p.step_s for p in self._points.values()),
            faults=tuple(self._faults),
        )

    def _span(self) -> tuple[int, int]:
        first, last = min(self._points), max(self._points)
        if (last - first) // QUARTER_S >= MAX_QUARTERS:
            middle = sorted(self._points)[len(self._points) // 2]
            half = MAX_QUARTERS // 2 * QUARTER_S
            near = [s for s in self._points if abs(s - middle) < half]
            gone = len(self._points) - len(near)
            self.fault(
                "bad_time", utc_text(first), f"{gone} quarter-hours lie years off the others: left out"
            )
            self._points = {s: self._points[s] for s in near}
            first, last = min(near), max(near)
        return first, last + QUARTER_S

    def _judge(self) -> None:
        """A whole answer in the wrong unit: dropped, since nobody can say which part of it is right."""
        prices = sorted(abs(p.price) / self._scale for p in self._points.values())
        if not prices:
            return
        if prices[len(prices) // 2] > USUAL_EUR_PER_KWH:
            what = f"half of the prices lie above {USUAL_EUR_PER_KWH} {self.currency}/kWh"
            self._drop_all(f"{what}: MWh, or cents, taken for kWh")
        elif (
            len(prices) >= WHOLE_DAY
            and prices[-1] < LEAST_EUR_PER_KWH
            and prices[len(prices) // 2] < LEAST_EUR_PER_KWH / 2
        ):
            what = f"every price of a day lies below {LEAST_EUR_PER_KWH} {self.currency}/kWh"
            self._drop_all(f"{what}: prices per kWh taken for MWh")

    def _drop_all(self, detail: str) -> None:
        self.fault("wrong_unit", utc_text(min(self._points)), f"{detail}: all left out")
        self._faults.insert(0, self._faults.pop())
        self._points = {}

    def _holes(self, start_s: int, values: list[float | None]) -> None:
        i = 0
        while i < len(values):
            if values[i] is not None:
                i += 1
                continue
            begin = i
            while i < len(values) and values[i] is None:
                i += 1
            where = utc_text(start_s + begin * QUARTER_S)
            self.fault("hole", where, f"no price for {i - begin} quarter-hours from {where}")

    def _summary(self) -> None:
        for code, count in self._counts.items():
            if count > SHOWN:
                detail = f"{count} times in all; the first {SHOWN} are listed"
                self._faults.append(MarketFault(code=code, where="the whole answer", detail=detail))


def _shown(value: object) -> str:
    return repr(value)[:60]
