"""Recorded years as cases: loads of HTW Berlin, Belgian sun and its forecasts, Belgian prices, Norwegian home charging.

The files lie in a data directory of the user's (`--data`), each under its own licence; they are read when a backtest runs and
are no part of the product. Needs the `backtest` extra (pyarrow).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kwartier.simulation.backtest.case import STEP_S, Case, FloatArray, House, calendar_of, stays_of

_ZONE = ZoneInfo("Europe/Brussels")
_SAME_WEEKDAYS_DAYS = 1827
"""261 weeks: sessions of 2019 fall on the same weekdays in 2024."""
PAIRS = (("htw39", "AdO1-3"), ("htw42", "Bl2-1"), ("htw44", "Bl2-5"))
"""Load and driver of the three households of the benchmark."""


class DataError(ValueError):
    """A recorded file is missing or not as expected; says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A dynamic contract: what a kWh costs on top of the exchange's price, EUR/kWh; VAT included where it is due."""

    import_factor: float = 1.06
    import_added: float = 0.009 * 1.06 + 0.05607 + 0.0503288 + 0.0020417
    """Supplier, network per kWh, special excise, energy contribution (facts of public contracts, 2024)."""
    export_factor: float = 1.0
    export_added: float = -0.009


def household(
    data: Path,
    load: str,
    driver: str,
    *,
    first: date = date(2024, 1, 1),
    end: date = date(2025, 1, 1),
    sun_kwp: float = 5.0,
    house: House | None = None,
    contract: Contract | None = None,
) -> Case:
    """The recorded household `load` with the car of `driver`, from midnight `first` to midnight `end` (Brussels).

    Raises `DataError` when a file, a column or the driver is not there, or the period is not covered.
    """
    house, contract = house or House(), contract or Contract()
    start_s = int(datetime(first.year, first.month, first.day, tzinfo=_ZONE).timestamp())
    end_s = int(datetime(end.year, end.month, end.day, tzinfo=_ZONE).timestamp())
    steps = (end_s - start_s) // STEP_S
    if steps <= 0:
        raise DataError(f"the period ends ({end}) before it begins ({first})")
    spot = _series(data / "prices/be_dayahead_15min.parquet", ("eur_per_mwh",), start_s, steps)[0] / 1000.0
    sun = _sun(data / "pv/be_pv_elia_15min.parquet", start_s, steps, sun_kwp)
    load_kw = _series(data / "household/htw_load_aligned_2024.parquet", (load,), start_s, steps)[0]
    sessions = _sessions(data / "ev_sessions/trondheim_residential.parquet", driver)
    return Case(
        name=f"{load} + {driver}",
        start_s=start_s,
        zone=_ZONE,
        house=house,
        load_w=1000.0 * load_kw,
        pv_w=sun[0],
        pv_intraday_w=sun[1],
        pv_morning_w=sun[2],
        pv_week_w=sun[3],
        import_price=contract.import_factor * spot + contract.import_added,
        export_price=contract.export_factor * spot + contract.export_added,
        stays=stays_of(sessions, start_s, steps, house.car_max_w),
        calendar=calendar_of(start_s, steps, _ZONE),
    )


def _table(path: Path) -> Any:
    try:
        parquet = import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        raise DataError("recorded years need pyarrow: pip install 'kwartier[backtest]'") from None
    if not path.is_file():
        raise DataError(f"{path} is not there; give the directory of the recorded data with --data")
    return parquet.read_table(path)


def _series(path: Path, columns: Sequence[str], start_s: int, steps: int) -> list[FloatArray]:
    """Columns on the grid; a hole of up to two hours carries the last value on, a longer one is an error."""
    table = _table(path)
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        there = ", ".join(each for each in table.column_names if each != "utc")
        raise DataError(f"{path} has no column {missing[0]}; it has {there}")
    at = table.column("utc").to_numpy(zero_copy_only=False).astype("datetime64[s]").astype(np.int64)
    place = (at - start_s) // STEP_S
    inside = (place >= 0) & (place < steps)
    found: list[FloatArray] = []
    for name in columns:
        values = np.full(steps, np.nan)
        values[place[inside]] = table.column(name).to_numpy(zero_copy_only=False)[inside]
        known = np.where(np.isnan(values), -1, np.arange(steps))
        last = np.maximum.accumulate(known)
        hole = np.arange(steps) - last
        if last[0] < 0 or int(hole.max()) > 8:
            raise DataError(f"{path}: {name} does not cover the period; choose it with --from and --to")
        found.append(values[last])
    return found


def _sun(path: Path, start_s: int, steps: int, kwp: float) -> list[FloatArray]:
    """Measured, intraday, morning and week-ahead forecasts of the whole country, scaled to one roof, W."""
    names = ("measured_mw", "dayahead_mw", "dayahead11h_mw", "weekahead_mw", "capacity_mw")
    *courses, capacity = _series(path, names, start_s, steps)
    return [np.maximum(course / capacity * kwp * 1000.0, 0.0) for course in courses]


def _sessions(path: Path, driver: str) -> list[tuple[float, float, float]]:
    table = _table(path)
    shift = timedelta(days=_SAME_WEEKDAYS_DAYS)
    found = [
        (
            (row["plugin_local"] + shift).replace(tzinfo=_ZONE).timestamp(),
            (row["plugout_local"] + shift).replace(tzinfo=_ZONE).timestamp(),
            float(row["kwh"]),
        )
        for row in table.select(["user", "plugin_local", "plugout_local", "kwh"]).to_pylist()
        if row["user"] == driver
    ]
    if not found:
        raise DataError(f"{path} knows no driver {driver}")
    return found
