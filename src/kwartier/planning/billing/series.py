"""What is billed: quarter-hours of import and export, spot prices, and the local calendar over them.

Energies and prices are whole numbers here (1e-6 kWh, 1e-9 EUR/kWh), so that sums over a year are exact and don't
depend on their order. A meter tells Wh, a market tells cents per MWh: nothing is lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from math import isfinite

from kwartier.site.intervals import QUARTER_S
from kwartier.site.tariffs import MINUTES_PER_DAY
from kwartier.site.values import valueclass

UKWH_PER_KWH = 1_000_000
NANO = 1_000_000_000
HOUR_S = 3600


def ukwh(energy_kwh: float) -> int:
    """Energy in millionths of a kWh. Raises ValueError for what is no energy."""
    if not isfinite(energy_kwh) or energy_kwh < 0:
        raise ValueError(f"{energy_kwh} kWh is no energy of a quarter-hour; give a number of at least 0")
    return round(energy_kwh * UKWH_PER_KWH)


def kwh(energy_ukwh: int) -> Decimal:
    """Energy in kWh, exact."""
    return Decimal(energy_ukwh) / UKWH_PER_KWH


@dataclass(frozen=True, slots=True)
class Flows:
    """Energy per quarter-hour, by its UTC start, in 1e-6 kWh. A quarter whose import is not there is not known, and is
    billed in no direction; one whose import is known and whose export is not there has fed in nothing."""

    import_ukwh: Mapping[int, int]
    export_ukwh: Mapping[int, int]

    @classmethod
    def of(
        cls,
        starts_s: Sequence[int],
        import_kwh: Sequence[float | None],
        export_kwh: Sequence[float | None] = (),
    ) -> "Flows":
        """From series with one entry per quarter; None: not known. Raises ValueError that names the quarter."""
        if len(import_kwh) != len(starts_s) or (export_kwh and len(export_kwh) != len(starts_s)):
            raise ValueError("import and export need one entry for each quarter-hour")
        taken: dict[int, int] = {}
        given: dict[int, int] = {}
        for i, start_s in enumerate(starts_s):
            if start_s % QUARTER_S:
                raise ValueError(f"a quarter-hour starts on a multiple of 900 s, not at {start_s}")
            if start_s in taken or start_s in given:
                raise ValueError(f"the quarter-hour at {start_s} is there twice")
            into = import_kwh[i]
            if into is None:
                continue
            taken[start_s] = ukwh(into)
            out = export_kwh[i] if export_kwh else None
            if out is not None:
                given[start_s] = ukwh(out)
        return cls(taken, given)


@dataclass(frozen=True, slots=True)
class Spot:
    """Market prices per quarter-hour, by its UTC start, in 1e-9 EUR/kWh."""

    nano: Mapping[int, int]

    @classmethod
    def of(cls, starts_s: Iterable[int], eur_per_kwh: Iterable[float | None], step_s: int = 900) -> "Spot":
        """From a series in steps of `step_s` (a multiple of 900; an hour counts for its four quarters). None and
        what is no number are left out."""
        if step_s <= 0 or step_s % QUARTER_S:
            raise ValueError(f"spot prices come in steps of 900 or 3600 s, not {step_s}")
        found: dict[int, int] = {}
        for start_s, price in zip(starts_s, eur_per_kwh, strict=True):
            if price is not None and isfinite(price):
                for at_s in range(start_s, start_s + step_s, QUARTER_S):
                    found[at_s] = round(price * NANO)
        return cls(found)

    def at(self, start_s: int, settled_s: int) -> Decimal | None:
        """EUR/kWh of the quarter, or of the hour it lies in: the mean of four, None where one of them is missing."""
        if settled_s == QUARTER_S:
            price = self.nano.get(start_s)
            return None if price is None else Decimal(price) / NANO
        total = self.total4(start_s)
        return None if total is None else Decimal(total) / (4 * NANO)

    def total4(self, start_s: int) -> int | None:
        """Sum over the four quarters of the hour, 1e-9 EUR/kWh."""
        hour_s = start_s - start_s % HOUR_S
        four = [self.nano.get(hour_s + i * QUARTER_S) for i in range(4)]
        return None if None in four else sum(p for p in four if p is not None)


NO_SPOT = Spot({})


@valueclass(frozen=True, slots=True)
class Moment:
    """A quarter-hour on the local clock."""

    start_s: int
    day: date
    minute: int
    """Local minutes after midnight."""

    @property
    def month(self) -> int:
        """1 to 12."""
        return self.day.month

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.day.weekday()


def moment(utc_s: int, zone: tzinfo) -> Moment:
    """Where a moment lies on the local clock."""
    local = datetime.fromtimestamp(utc_s, UTC).astimezone(zone)
    return Moment(utc_s, local.date(), 60 * local.hour + local.minute)


def midnight(day: date, zone: tzinfo) -> int:
    """UTC seconds of the beginning of a local day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def moments(start_s: int, end_s: int, zone: tzinfo) -> list[Moment]:
    """All quarter-hours of `[start_s, end_s)`; a day has 96 of them, 92 or 100."""
    out: list[Moment] = []
    while start_s < end_s:
        first = moment(start_s, zone)
        last_s = start_s + (MINUTES_PER_DAY - 15 - first.minute) * 60
        if last_s < end_s and moment(last_s, zone) == Moment(last_s, first.day, MINUTES_PER_DAY - 15):
            # the clock did not change: the rest of the day is counted instead of looked up
            day, minute = first.day, first.minute
            out.extend(
                Moment(start_s + 60 * passed, day, minute + passed)
                for passed in range(0, MINUTES_PER_DAY - minute, 15)
            )
            start_s = last_s + QUARTER_S
        else:
            out.append(first)
            start_s += QUARTER_S
    return out


def ranges(quarters: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Quarter starts, in order, as half-open ranges."""
    out: list[tuple[int, int]] = []
    for start_s in quarters:
        if out and out[-1][1] == start_s:
            out[-1] = (out[-1][0], start_s + QUARTER_S)
        else:
            out.append((start_s, start_s + QUARTER_S))
    return tuple(out)
