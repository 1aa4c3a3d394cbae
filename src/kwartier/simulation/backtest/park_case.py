"""A car park to be replayed: recorded sessions on a calendar with load, sun and prices.

A `Case` is plain arrays, so tests make small ones by hand; `load_case` reads the recorded ones from parquet files.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.horizon.park_visits import Floats, Ints

QUARTER_S = 900
TIME_ZONE = "Europe/Brussels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What energy costs beside the day-ahead price, and a kW of month peak. Excluding VAT, which a firm deducts."""

    import_extra_eur_per_kwh: float = 0.0614
    """Supplier 0.009, excise and contribution 0.0524 (Flanders 2024)."""
    export_less_eur_per_kwh: float = 0.009
    peak_eur_per_kw_month: float = 85.0 / 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One car park over one span of time. Sessions in the order of arrival; series per quarter-hour from `start_s`."""

    start_s: int
    local_day: Ints
    """Running number of the local date of each quarter-hour."""
    month: Ints
    """Running number of the calendar month of each quarter-hour."""
    spot_eur_per_kwh: Floats
    load_w: Floats
    pv_w: Floats
    arrive_s: Ints
    depart_s: Ints
    """The truth; a controller learns it when the car leaves."""
    wanted_kwh: Floats
    """The truth; a controller learns it when the car stops drawing."""
    hour: Floats
    """Of arrival, local clock."""
    weekend: np.ndarray[tuple[int], np.dtype[np.bool_]]
    point: Ints
    min_w: float = 1380.0
    max_w: float = 7360.0
    points: int = 52
    contract: Contract = Contract()

    @property
    def quarters(self) -> int:
        """How many there are."""
        return len(self.load_w)

    @property
    def end_s(self) -> int:
        """Behind the last quarter-hour."""
        return self.start_s + self.quarters * QUARTER_S

    @property
    def months(self) -> tuple[int, ...]:
        """The calendar months, as `year * 12 + month - 1`."""
        return tuple(int(month) for month in np.unique(self.month))

    def session_month(self) -> Ints:
        """The month in which each session begins."""
        at = np.clip((self.arrive_s - self.start_s) // QUARTER_S, 0, self.quarters - 1)
        return self.month[at]


def month_number(text: str) -> int:
    """`2024-09` as a running number.

    Raises:
        ValueError: it is not a month.
    """
    try:
        moment = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{text!r} is not a month; write it as 2024-09") from None
    return moment.year * 12 + moment.month - 1


def month_name(number: int) -> str:
    """The running number of a month as `2024-09`."""
    return f"{number // 12}-{number % 12 + 1:02d}"


def clock(start_s: int, quarters: int, time_zone: str = TIME_ZONE) -> tuple[Ints, Ints]:
    """Local date and month of each quarter-hour, as running numbers."""
    zone = ZoneInfo(time_zone)
    # the offset changes on whole hours only, so that one look per hour is enough
    days, months = np.empty(quarters, dtype=np.int64), np.empty(quarters, dtype=np.int64)
    for at in range(0, quarters, 4):
        local = datetime.fromtimestamp(start_s + at * QUARTER_S, zone)
        days[at : at + 4] = local.toordinal()
        months[at : at + 4] = local.year * 12 + local.month - 1
    return days, months


def month_start_s(number: int, time_zone: str = TIME_ZONE) -> int:
    """The first second of a month, UTC."""
    year, month = divmod(number, 12)
    return int(datetime(year, month + 1, 1, tzinfo=ZoneInfo(time_zone)).timestamp())


def days_left(day: int, month: int) -> int:
    """How many days a month still has on the day with this running number, that day included."""
    year, index = divmod(month + 1, 12)
    return date(year, index + 1, 1).toordinal() - day


def load_case(
    data: Path,
    *,
    first: str = "2024-05",
    last: str = "2024-10",
    shift_days: int = 1827,
    load_shift_days: int = 2926,
    load_w: float = 40_000.0,
    pv_w: float = 100_000.0,
) -> Case:
    """The workplace of the recordings: sessions, load and sun moved to the calendar of the prices on equal weekdays.

    Sessions keep the local clock of their wall (`shift_days` later, in Brussels); the load is SimBench G1-A of 2016.

    Raises:
        FileNotFoundError: a recording is missing.
        ValueError: the series do not cover the months.
    """
    start_s, end_s = month_start_s(month_number(first)), month_start_s(month_number(last) + 1)
    quarters = (end_s - start_s) // QUARTER_S
    if quarters <= 0:
        raise ValueError(f"the months {first} to {last} are in the wrong order")
    times = start_s + np.arange(quarters) * QUARTER_S
    prices = _columns(data / "prices/be_dayahead_15min.parquet", "utc", "eur_per_mwh")
    sun = _columns(data / "pv/be_pv_elia_15min.parquet", "utc", "measured_mw", "capacity_mw")
    building = _columns(data / "building/simbench_2016.parquet", "utc", "G1-A")
    sessions = _columns(
        data / "ev_sessions/acn_jpl_workplace.parquet",
        "arrival_local",
        "departure_local",
        "delivered_kwh",
        "station",
    )
    arrive_s, hour, weekend = _moved(sessions["arrival_local"], shift_days)
    depart_s, _, _ = _moved(sessions["departure_local"], shift_days)
    order = np.argsort(arrive_s, kind="stable")
    order = order[(arrive_s[order] >= start_s) & (arrive_s[order] < end_s)]
    local_day, month = clock(start_s, int(quarters))
    return Case(
        start_s=start_s,
        local_day=local_day,
        month=month,
        spot_eur_per_kwh=_at(prices["utc"], prices["eur_per_mwh"], times, "prices") / 1000.0,
        load_w=_at(building["utc"] + load_shift_days * 86400, building["G1-A"], times, "building load")
        * load_w,
        pv_w=_at(sun["utc"], sun["measured_mw"] / sun["capacity_mw"], times, "sun") * pv_w,
        arrive_s=arrive_s[order],
        depart_s=depart_s[order],
        wanted_kwh=sessions["delivered_kwh"][order],
        hour=hour[order],
        weekend=weekend[order],
        point=sessions["station"][order].astype(np.int64),
        points=int(sessions["station"].max()) + 1,
    )


def _columns(path: Path, *names: str) -> dict[str, Floats]:
    """Columns of a parquet file; times as seconds."""
    try:
        parquet, types = import_module("pyarrow.parquet"), import_module("pyarrow.types")
    except ModuleNotFoundError:
        raise ValueError("recordings need pyarrow: pip install 'kwartier[backtest]'") from None
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: give the folder of the recordings with --data")
    table = parquet.read_table(path, columns=list(names))
    found: dict[str, Any] = {}
    for name in names:
        column = table.column(name)
        if types.is_timestamp(column.type):
            found[name] = column.to_numpy().astype("datetime64[s]").astype(np.int64)
        else:
            found[name] = column.to_numpy().astype(np.float64)
    return found


def _moved(wall_s: Floats, days: int) -> tuple[Ints, Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Wall-clock times moved by whole days and read as those of the site: UTC, hour of the day, weekend."""
    zone = ZoneInfo(TIME_ZONE)
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock, its zone follows
    walls = [epoch + timedelta(days=days, seconds=int(second)) for second in wall_s]
    utc = np.array([int(wall.replace(tzinfo=zone).timestamp()) for wall in walls], dtype=np.int64)
    hour = np.array([wall.hour + wall.minute / 60.0 for wall in walls])
    return utc, hour, np.array([wall.weekday() >= 5 for wall in walls], dtype=np.bool_)


def _at(times_s: Floats, values: Floats, wanted_s: Ints, what: str) -> Floats:
    """The values at the wanted times: a missing one is the one before it, up to an hour."""
    good = np.isfinite(values)
    times_s, values = times_s[good], values[good]
    at = np.searchsorted(times_s, wanted_s, side="right") - 1
    if not len(times_s) or at.min() < 0 or (wanted_s - times_s[at]).max() > 3600:
        raise ValueError(f"the {what} do not cover the months without a gap of more than an hour")
    return np.asarray(values[at], dtype=np.float64)
