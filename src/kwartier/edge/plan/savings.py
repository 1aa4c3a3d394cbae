"""With and without Kwartier: the recorded days billed as they were, and as they would have been. Beside the cycle, in a
thread, once an hour."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kwartier.edge.plan.history import NEGLIGIBLE_KWH, Stays, sessions_of
from kwartier.edge.plan.inputs import FED_IN_EUR_PER_KWH, ON_TOP_EUR_PER_KWH, Recorded
from kwartier.edge.plan.planner import PriceBook
from kwartier.edge.views.moments import iso
from kwartier.edge.views.snapshot import Document, words
from kwartier.planning.billing import Bill, Flows, Spot, bill, step_prices
from kwartier.planning.billing.baseline import Baseline, BatteryLimits, Session, baseline
from kwartier.planning.price_outlook import outlook
from kwartier.planning.situation import STEP_S
from kwartier.site.reasons import Reason, reason
from kwartier.site.tariffs import GROUPS, Tariff
from kwartier.site.topology import Site

EVERY_S = 3600.0
MOST_DAYS = 31
GAPS = 8
HALF_DAY = 48
"""A day of which so many quarter-hours are missing is left out."""
NAMES = {
    "energy": {"en": "Energy", "nl": "Energie", "fr": "Énergie", "de": "Energie"},
    "network": {
        "en": "Grid, with the month's peak",
        "nl": "Net, met de maandpiek",
        "fr": "Réseau, avec la pointe du mois",
        "de": "Netz, mit der Monatsspitze",
    },
    "levies": {"en": "Levies", "nl": "Heffingen", "fr": "Taxes et redevances", "de": "Steuern und Abgaben"},
    "injection": {"en": "Fed in", "nl": "Injectie", "fr": "Injection", "de": "Einspeisung"},
    "vat": {"en": "VAT", "nl": "Btw", "fr": "TVA", "de": "MwSt."},
    "battery": {
        "en": "Left in the battery",
        "nl": "Rest in de batterij",
        "fr": "Reste dans la batterie",
        "de": "Rest in der Batterie",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """The quarter-hours of whole local days, in order."""

    first: date
    last: date
    """Not included."""
    starts_s: tuple[int, ...]
    grid_w: tuple[float, ...]
    cars_w: tuple[float, ...]
    battery_w: tuple[float, ...]


class Saved:
    """Makes the document of `/api/v1/savings`."""

    def __init__(
        self,
        *,
        site: Site,
        recorded: Recorded,
        stays: Stays,
        market: PriceBook,
        tariff: Tariff | None,
        notes: Sequence[Reason] = (),
    ) -> None:
        """`notes`: what is told with it (a demonstration's past is made up)."""
        self._site = site
        self._zone = ZoneInfo(site.time_zone)
        self._recorded = recorded
        self._stays = stays
        self._market = market
        self._tariff = tariff
        self._notes = tuple(notes)
        self._made: tuple[float, Document] | None = None
        self._turn = asyncio.Lock()

    async def document(self, now_s: float) -> Document:
        """As of the last midnight. Raises StorageError."""
        async with self._turn:
            if self._made is None or not 0 <= now_s - self._made[0] < EVERY_S:
                self._made = (now_s, await asyncio.to_thread(self._make, now_s))
            return self._made[1]

    def _make(self, now_s: float) -> Document:
        days = self._days(now_s)
        method = [reason("saved_method_house"), reason("saved_method_cars")]
        if self._site.batteries:
            method.append(reason("saved_method_battery"))
        if self._tariff is None:
            method.append(reason("saved_method_no_tariff", price_ct=round(100 * ON_TOP_EUR_PER_KWH, 1)))
        else:
            method.append(reason("saved_method_bill", tariff=self._tariff.name))
        if days is None:
            return _document(method, [*self._notes, reason("saved_no_days")])
        spot, guessed = self._spot(days)
        notes = list(self._notes)
        if guessed:
            notes.append(reason("saved_no_prices"))
        without = self._without(days)
        if without.undelivered_kwh > NEGLIGIBLE_KWH:
            notes.append(reason("saved_undelivered", energy_kwh=round(without.undelivered_kwh, 1)))
        real = _energies(days.starts_s, days.grid_w)
        ours = self._parts(days, real, spot)
        theirs = self._parts(days, (without.import_kwh, without.export_kwh), spot)
        if without.battery_left_kwh:
            price = sum(spot.values()) / len(spot) + ON_TOP_EUR_PER_KWH
            ours["battery"], theirs["battery"] = 0.0, -round(without.battery_left_kwh * price, 2)
        with_eur, without_eur = (round(sum(p.values()), 2) for p in (ours, theirs))
        out = _document(method, notes)
        return out | {
            "start": iso(days.starts_s[0], self._zone),
            "end": iso(days.starts_s[-1] + STEP_S, self._zone),
            "days": self._by_day(days, real, without, spot),
            "parts": [
                {
                    "key": key,
                    **{f"name_{language}": name for language, name in NAMES[key].items()},
                    "with_eur": round(ours[key], 2),
                    "without_eur": round(theirs.get(key, 0.0), 2),
                }
                for key in ours
            ],
            "with_eur": with_eur,
            "without_eur": without_eur,
            "saved_eur": round(without_eur - with_eur, 2),
        }

    def _days(self, now_s: float) -> _Days | None:
        """The last whole days without larger gaps that follow each other."""
        today = datetime.fromtimestamp(now_s, self._zone).date()
        begin = _start_of(today - timedelta(days=MOST_DAYS), self._zone)
        end = _start_of(today, self._zone)
        flows = [self._recorded.means(name, begin, end) for name in ("grid_w", "chargers_w", "battery_w")]
        first = last = today
        while (today - first).days < MOST_DAYS:
            day = first - timedelta(days=1)
            span = range(_start_of(day, self._zone), _start_of(first, self._zone), STEP_S)
            if sum(s not in flows[0] for s in span) > GAPS:
                break
            first = day
        if first == last:
            return None
        starts = tuple(range(_start_of(first, self._zone), end, STEP_S))
        return _Days(
            first=first,
            last=last,
            starts_s=starts,
            grid_w=_filled(starts, flows[0]),
            cars_w=_filled(starts, flows[1]),
            battery_w=_filled(starts, flows[2]),
        )

    def _spot(self, days: _Days) -> tuple[dict[int, float], bool]:
        """The market's price per quarter-hour, and whether most of them are guessed."""
        found = outlook(self._market.prices, days.starts_s[0], len(days.starts_s), self._zone)
        return dict(zip(days.starts_s, found.p50, strict=True)), sum(found.known) < 0.8 * len(found.known)

    def _without(self, days: _Days) -> Baseline:
        begin_s, end_s = days.starts_s[0], days.starts_s[-1] + STEP_S
        sessions = [
            Session(
                plugged_s=stay.plugged_s,
                unplugged_s=stay.gone_s,
                energy_kwh=stay.energy_kwh,
                max_w=stay.max_w,
            )
            for stay in sessions_of(self._recorded, self._stays, self._site, begin_s, end_s)
        ]
        battery = self._battery()
        return baseline(
            days.starts_s,
            days.grid_w,
            days.cars_w,
            days.battery_w,
            sessions,
            mode="none" if battery is None else "self-consumption",
            battery=battery,
        )

    def _battery(self) -> BatteryLimits | None:
        if len(self._site.batteries) != 1:
            return None
        found = self._site.batteries[0]
        least = found.capacity_kwh * found.min_soc_pct / 100.0
        return BatteryLimits(
            capacity_kwh=found.capacity_kwh,
            start_kwh=least,
            min_kwh=least,
            charge_w=found.charge_w,
            discharge_w=found.discharge_w,
            charge_efficiency=found.charge_efficiency,
            discharge_efficiency=found.discharge_efficiency,
        )

    def _parts(
        self,
        days: _Days,
        energies: tuple[Mapping[int, float], Mapping[int, float]],
        spot: Mapping[int, float],
    ) -> dict[str, float]:
        taken, given = energies
        if self._tariff is None:
            return {
                "energy": sum(taken[s] * (spot[s] + ON_TOP_EUR_PER_KWH) for s in days.starts_s),
                "injection": -sum(given[s] * (spot[s] + FED_IN_EUR_PER_KWH) for s in days.starts_s),
            }
        flows = Flows.of(days.starts_s, [taken[s] for s in days.starts_s], [given[s] for s in days.starts_s])
        found: Bill = bill(
            self._tariff, flows, Spot.of(spot.keys(), spot.values()), self._zone, days.first, days.last
        )
        return {group: float(found.of(group)) for group in GROUPS} | {"vat": float(sum(found.vat.values()))}

    def _by_day(
        self,
        days: _Days,
        real: tuple[Mapping[int, float], Mapping[int, float]],
        without: Baseline,
        spot: Mapping[int, float],
    ) -> list[Document]:
        prices = self._prices(days, spot)
        out: dict[str, Document] = {}
        # From noon to noon, so that a night's charging counts for the evening it came from, with and without.
        for start_s in days.starts_s[HALF_DAY:-HALF_DAY]:
            day = iso(start_s - HALF_DAY * STEP_S, self._zone)[:10]
            row = out.setdefault(
                day,
                {"day": day, "with_eur": 0.0, "without_eur": 0.0, "peak_with_w": 0.0, "peak_without_w": 0.0},
            )
            buy, sell = prices[start_s]
            pairs = (("with", real), ("without", (without.import_kwh, without.export_kwh)))
            for key, (taken, given) in pairs:
                row[f"{key}_eur"] += taken[start_s] * buy - given[start_s] * sell
                row[f"peak_{key}_w"] = max(row[f"peak_{key}_w"], 4000.0 * taken[start_s])
        for row in out.values():
            for key in ("with_eur", "without_eur", "peak_with_w", "peak_without_w"):
                row[key] = round(row[key], 2)
        return list(out.values())

    def _prices(self, days: _Days, spot: Mapping[int, float]) -> dict[int, tuple[float, float]]:
        plain = {s: (p + ON_TOP_EUR_PER_KWH, p + FED_IN_EUR_PER_KWH) for s, p in spot.items()}
        if self._tariff is None:
            return plain
        taken, given = step_prices(
            self._tariff, Spot.of(spot.keys(), spot.values()), days.starts_s, STEP_S, self._zone
        )
        return {
            s: (plain[s][0] if t is None else t, plain[s][1] if g is None else g)
            for s, t, g in zip(days.starts_s, taken, given, strict=True)
        }


def _document(method: Sequence[Reason], notes: Sequence[Reason]) -> Document:
    return {
        "start": None,
        "end": None,
        "days": [],
        "parts": [],
        "with_eur": None,
        "without_eur": None,
        "saved_eur": None,
        "method": [words(m) for m in method],
        "notes": [words(n) for n in notes],
    }


def _energies(starts_s: Sequence[int], grid_w: Sequence[float]) -> tuple[dict[int, float], dict[int, float]]:
    taken = {s: max(0.0, w) / 4000.0 for s, w in zip(starts_s, grid_w, strict=True)}
    given = {s: max(0.0, -w) / 4000.0 for s, w in zip(starts_s, grid_w, strict=True)}
    return taken, given


def _filled(starts_s: Sequence[int], found: Mapping[int, float]) -> tuple[float, ...]:
    """A missing quarter-hour takes what was before it."""
    out, last = [], 0.0
    for start_s in starts_s:
        last = found.get(start_s, last)
        out.append(last)
    return tuple(out)


def _start_of(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
