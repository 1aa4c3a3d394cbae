"""One household over one period: what happened, and what could have been known of it beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from kwartier.site.plans import BatteryTask

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEP_S = 900
HOURS = STEP_S / 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A car on its cable, in steps of the case: `first <= step < last`."""

    first: int
    last: int
    energy_kwh: float
    """At the plug; never more than the stay allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The devices and the tariff; the figures of the field study that the benchmark follows."""

    battery_kwh: float = 9.0
    battery_w: float = 5000.0
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    wear_eur_per_kwh: float = 0.02
    car_max_w: float = 7400.0
    car_min_w: float = 1380.0
    """6 A on one phase: below it a car does not charge."""
    peak_eur_per_kw_year: float = 50.0
    peak_floor_w: float = 2500.0

    @property
    def peak_eur_per_kw_month(self) -> float:
        """A month's peak stands in twelve bills, at a twelfth of the yearly rate each."""
        return self.peak_eur_per_kw_year / 12.0

    def battery(self, name: str, soc_kwh: float) -> BatteryTask:
        """The battery with so much in it."""
        return BatteryTask(
            id=name,
            capacity_kwh=self.battery_kwh,
            soc_kwh=soc_kwh,
            charge_w=self.battery_w,
            discharge_w=self.battery_w,
            charge_efficiency=self.charge_efficiency,
            discharge_efficiency=self.discharge_efficiency,
            wear_eur_per_kwh=self.wear_eur_per_kwh,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The local clock, per step."""

    day: IntArray
    """Days since the first."""
    slot: IntArray
    """Quarter-hour of the local day, 0 to 95."""
    month: IntArray
    """Months since the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All series in quarter-hours from `start_s`, means in W, prices in EUR/kWh with all that comes with a kWh."""

    name: str
    start_s: int
    zone: ZoneInfo
    house: House
    load_w: FloatArray
    pv_w: FloatArray
    pv_intraday_w: FloatArray
    """Forecast that holds for the running day."""
    pv_morning_w: FloatArray
    """Forecast of the day before, 11 h."""
    pv_week_w: FloatArray
    """Forecast of a week before."""
    import_price: FloatArray
    export_price: FloatArray
    stays: tuple[Stay, ...]
    calendar: Calendar

    @property
    def steps(self) -> int:
        """Quarter-hours of the period."""
        return len(self.load_w)


def calendar_of(start_s: int, steps: int, zone: tzinfo) -> Calendar:
    """The local clock of `steps` quarter-hours from `start_s`."""
    moments = [datetime.fromtimestamp(start_s + STEP_S * step, UTC).astimezone(zone) for step in range(steps)]
    days = np.array([moment.toordinal() for moment in moments], dtype=np.int64)
    months = np.array([12 * moment.year + moment.month for moment in moments], dtype=np.int64)
    slots = np.array([4 * moment.hour + moment.minute // 15 for moment in moments], dtype=np.int64)
    return Calendar(day=days - days[0], slot=slots, month=months - months[0])


def stays_of(
    sessions: Iterable[tuple[float, float, float]], start_s: int, steps: int, max_w: float
) -> tuple[Stay, ...]:
    """Sessions `(plug-in UTC s, plug-out UTC s, kWh)` on the grid of quarter-hours.

    One car at a time: who comes while another is there waits until it leaves. Only whole quarters of a stay count, and no more
    energy than they can hold, so that every controller can deliver everything.
    """
    found: list[Stay] = []
    for in_s, out_s, energy_kwh in sorted(sessions):
        first = int(np.ceil((in_s - start_s) / STEP_S))
        last = int((out_s - start_s) // STEP_S)
        if first < 0 or last > steps:
            continue
        if found:
            first = max(first, found[-1].last)
        if last <= first:
            continue
        most = max_w / 1000.0 * HOURS * (last - first) * 0.999
        found.append(Stay(first=first, last=last, energy_kwh=min(energy_kwh, most)))
    return tuple(found)


def cut(case: Case, first: int, last: int) -> Case:
    """The steps `first <= step < last` as a case of their own; stays that reach across an edge are left out."""
    calendar = case.calendar
    part = slice(first, last)
    day, month = calendar.day[part], calendar.month[part]
    stays = tuple(
        replace(stay, first=stay.first - first, last=stay.last - first)
        for stay in case.stays
        if stay.first >= first and stay.last <= last
    )
    return replace(
        case,
        start_s=case.start_s + first * STEP_S,
        load_w=case.load_w[part],
        pv_w=case.pv_w[part],
        pv_intraday_w=case.pv_intraday_w[part],
        pv_morning_w=case.pv_morning_w[part],
        pv_week_w=case.pv_week_w[part],
        import_price=case.import_price[part],
        export_price=case.export_price[part],
        stays=stays,
        calendar=Calendar(day=day - day[0], slot=calendar.slot[part], month=month - month[0]),
    )
