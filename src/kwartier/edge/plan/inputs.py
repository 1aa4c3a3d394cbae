"""What the site knows, as the planner wants it. Read in a thread: the history and the prices take some 100 ms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from kwartier.edge.plan.sky import NOWHERE, SkyNow
from kwartier.planning.billing import Spot, peak_terms, step_prices
from kwartier.planning.price_outlook import outlook
from kwartier.planning.situation import STEP_S, Measured
from kwartier.site.errors import StorageError
from kwartier.site.plans import Peak, Series
from kwartier.site.prices import PriceSeries
from kwartier.site.reasons import Reason, reason
from kwartier.site.tariffs import Tariff

BACK_S = 12 * 3600
"""The measured part of the axis."""
STEPS = 144
"""36 hours ahead: to the end of tomorrow's prices most of the day."""
HISTORY_DAYS = 61
"""What a low battery risks is learnt from sixty whole days (`planning.horizon.surprises`)."""
ON_TOP_EUR_PER_KWH = 0.16
"""Without a tariff: about what grid, levies and VAT add to a kWh of a household in Flanders."""
FED_IN_EUR_PER_KWH = -0.01
"""Without a tariff: what feeding in earns less than the market's price."""
MEASURED = ("grid_w", "house_w", "production_w", "chargers_w", "battery_w")


class Recorded(Protocol):
    """Where measured means come from: the historian, or in the demonstration what it makes up before its beginning."""

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """Means over 900 s by their start; steps without a value are left out. Raises StorageError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Series for a plan and for its axis."""

    start_s: int
    """The quarter-hour that runs."""
    axis_start_s: int
    measured: Mapping[str, Measured]
    """Per flow: from the start of the axis up to now."""
    devices: Mapping[str, Measured]
    """Power of charge points and batteries likewise."""
    house_start_s: int
    house_w: Measured
    sun_w: Measured
    axis_import: Series
    """From the start of the axis to the end of the plan."""
    axis_export: Series
    price_known: tuple[bool, ...]
    peak: Peak
    known_until_s: int | None
    price_source: str | None
    price_age_s: float | None
    tariff_name: str | None
    notes: tuple[Reason, ...]
    sky: SkyNow = NOWHERE

    @property
    def behind(self) -> int:
        """Measured steps."""
        return (self.start_s - self.axis_start_s) // STEP_S


def gather(
    recorded: Recorded,
    prices: PriceSeries | None,
    tariff: Tariff | None,
    *,
    now_s: float,
    zone: ZoneInfo,
    devices: Mapping[str, str],
    peak_so_far_w: float | None,
    floor_w: float,
    eur_per_kw_year: float | None,
    lost: bool,
    steps: int = STEPS,
    sky: SkyNow = NOWHERE,
) -> Inputs:
    """Everything that does not change while a plan is made. `devices`: the name of the series of each."""
    start_s = int(now_s // STEP_S) * STEP_S
    axis_start_s = start_s - BACK_S
    first_s = start_s - HISTORY_DAYS * 86400
    house, sun = (_means(recorded, name, first_s, start_s) for name in ("house_w", "production_w"))
    begin_s = min((*house, *sun), default=start_s)
    measured = {
        name: _from(_means(recorded, name, axis_start_s, start_s), axis_start_s, start_s) for name in MEASURED
    }
    notes: list[Reason] = []
    guess = outlook(prices, axis_start_s, BACK_S // STEP_S + steps, zone)
    moments = [axis_start_s + i * STEP_S for i in range(len(guess.p50))]
    taken, given = _priced(tariff, guess.p50, moments, zone)
    notes += _about_prices(prices, guess.known[BACK_S // STEP_S :], start_s, zone, lost=lost)
    if tariff is None:
        notes.append(reason("note_no_tariff", price_ct=round(100 * ON_TOP_EUR_PER_KWH, 1)))
    days = len(house) / 96
    if days < 3:
        notes.append(reason("note_no_history", days=round(days, 1)))
    return Inputs(
        start_s=start_s,
        axis_start_s=axis_start_s,
        measured=measured,
        devices={
            device_id: _from(_means(recorded, name, axis_start_s, start_s), axis_start_s, start_s)
            for device_id, name in devices.items()
        },
        house_start_s=begin_s,
        house_w=_from(house, begin_s, start_s),
        sun_w=tuple(None if v is None else max(0.0, -v) for v in _from(sun, begin_s, start_s)) if sun else (),
        axis_import=taken,
        axis_export=given,
        price_known=guess.known,
        peak=_peak(tariff, start_s, zone, peak_so_far_w, floor_w, eur_per_kw_year),
        known_until_s=None if prices is None or lost else prices.known_until_s,
        price_source=None if prices is None else prices.source,
        price_age_s=None if prices is None else max(0.0, now_s - prices.fetched_at_s),
        tariff_name=None if tariff is None else tariff.name,
        notes=tuple(notes),
        sky=sky,
    )


def about_sun(inputs: Inputs, basis: str) -> list[Reason]:
    """Why a plan expects the sun as on the days before, where it does: `basis` is that of its course of the sun."""
    if basis in {"weather", "service", "none"}:
        return []
    sky = inputs.sky
    if sky.stale and sky.age_s is not None:
        return [reason("note_weather_old", hours=round(sky.age_s / 3600))]
    return [reason("note_no_weather" if sky.sky is None else "note_weather_unused")]


def _means(recorded: Recorded, name: str, from_s: int, to_s: int) -> dict[int, float]:
    """What cannot be read is not known."""
    try:
        return recorded.means(name, from_s, to_s)
    except StorageError:
        return {}


def _from(found: Mapping[int, float], from_s: int, to_s: int) -> Measured:
    return tuple(found.get(s) for s in range(from_s, to_s, STEP_S))


def _priced(
    tariff: Tariff | None, spot: Sequence[float], moments: Sequence[int], zone: ZoneInfo
) -> tuple[Series, Series]:
    if tariff is None:
        return (
            tuple(round(p + ON_TOP_EUR_PER_KWH, 6) for p in spot),
            tuple(round(p + FED_IN_EUR_PER_KWH, 6) for p in spot),
        )
    # Hours at both ends have all four quarters, so that a tariff settled by hours has its price.
    around = [moments[0] - 3600 + i * STEP_S for i in range(4)]
    after = [moments[-1] + (i + 1) * STEP_S for i in range(4)]
    known = dict(zip(around, [spot[0]] * 4, strict=True)) | dict(zip(after, [spot[-1]] * 4, strict=True))
    known |= dict(zip(moments, spot, strict=True))
    taken, given = step_prices(tariff, Spot.of(known.keys(), known.values()), moments, STEP_S, zone)
    import_price = tuple(p + ON_TOP_EUR_PER_KWH if t is None else t for t, p in zip(taken, spot, strict=True))
    export_price = tuple(p + FED_IN_EUR_PER_KWH if g is None else g for g, p in zip(given, spot, strict=True))
    return import_price, export_price


def _about_prices(
    prices: PriceSeries | None, known: Sequence[bool], start_s: int, zone: ZoneInfo, *, lost: bool
) -> list[Reason]:
    if prices is None:
        return [reason("note_no_prices")]
    if lost or not any(known):
        return [reason("note_prices_lost")]
    if all(known):
        return []
    until_s = start_s + next(i for i, k in enumerate(known) if not k) * STEP_S
    return [reason("note_guessed_prices", time=spoken(until_s, start_s, zone))]


def spoken(at_s: float, now_s: float, zone: ZoneInfo) -> str:
    """A moment of these days on the wall: the time, after the date where it is another day."""
    at, now = datetime.fromtimestamp(at_s, zone), datetime.fromtimestamp(now_s, zone)
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%d/%m %H:%M}"


def _peak(
    tariff: Tariff | None,
    start_s: int,
    zone: ZoneInfo,
    so_far_w: float | None,
    floor_w: float,
    eur_per_kw_year: float | None,
) -> Peak:
    at = datetime.fromtimestamp(start_s, zone)
    ends = tuple(
        step
        for step in range(1, STEPS)
        if datetime.fromtimestamp(start_s + step * STEP_S, zone).month
        != datetime.fromtimestamp(start_s + (step - 1) * STEP_S, zone).month
    )
    peak = Peak(so_far_w=so_far_w or 0.0, floor_w=floor_w, month_ends=ends)
    if tariff is not None:
        terms = peak_terms(tariff, at.date())
        if terms.eur_per_kw:
            return replace(peak, eur_per_kw=terms.eur_per_kw, floor_w=terms.floor_w)
    if eur_per_kw_year is not None:
        return replace(peak, eur_per_kw=eur_per_kw_year / 12)
    return peak
