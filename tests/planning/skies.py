"""Skies and roofs for tests: made up with clouds that change from day to day, and recorded ones of 2024."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kwartier.planning.forecast.array import PvArray, Weather, modelled_pv
from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.sun import Place, clear_sky, sun_at
from kwartier.planning.situation import Measured, Sky

GHENT = Place(51.05, 3.72)
MIDNIGHT_S = 1_775_858_400
"""2026-04-11 00:00 in Brussels (CEST)."""
ROOF = (PvArray(3.0, 40, 120), PvArray(2.0, 30, 225))
SHARED = Path(__file__).parents[3] / "shared" / "data"


@dataclass(frozen=True)
class World:
    """What was foretold, and what came of it; both from `start_s` on, two days longer than the past."""

    start_s: int
    sky: Sky
    seen: Measured
    """Up to `MIDNIGHT_S`."""
    came: FloatArray
    """Of the days after it."""


def plain(values: FloatArray) -> Measured:
    """As a question carries them."""
    return tuple(None if not math.isfinite(v) else round(float(v), 1) for v in values)


def world(days: int = 20, *, factor: float = 0.8, seed: int = 3, **changes: Any) -> World:
    """Days of changing clouds, foretold with an error of a few per cent; the roof gives `factor` of what the model says."""
    rng = np.random.default_rng(seed)
    start_s, steps = MIDNIGHT_S - days * 86_400, (days + 2) * 96
    times = np.asarray(start_s + (np.arange(steps) + 0.5) * 900, dtype=np.float64)
    cloud = np.repeat(rng.uniform(0.15, 1.0, days + 2), 96)
    light = clear_sky(sun_at(times, GHENT)).global_w_m2 * cloud
    truth = light * np.exp(0.05 * rng.standard_normal(steps))
    power = factor * modelled_pv(
        ROOF, Weather(start_s, 900, truth), GHENT, start_s=start_s, step_s=900, steps=steps
    )
    columns = {"global_w_per_m2": plain(light), **changes}
    sky = Sky(start_s=start_s, latitude=GHENT.latitude, longitude=GHENT.longitude, **columns)
    return World(start_s, sky, plain(power[: days * 96]), power[days * 96 :])


@dataclass(frozen=True)
class Recorded:
    """Brussels, May and June 2024: hourly radiation and temperature, and what a kWp of Belgian panels gave, by quarter-hours."""

    radiation: dict[int, float]
    """By the end of its hour, as Open-Meteo writes it."""
    temperature: dict[int, float]
    pv_w: dict[int, float]
    """Per quarter-hour, W per kWp."""
    dayahead_w: dict[int, float]
    """What Elia forecast the day before."""


@cache
def recorded() -> Recorded:
    """Out of the recorded data, which are no part of the project; skips the test where they are not."""
    pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow (extra backtest)")
    weather, sun = SHARED / "weather/brussels_hourly.parquet", SHARED / "pv/be_pv_elia_15min.parquet"
    if not weather.exists() or not sun.exists():
        pytest.skip(f"no recorded weather and sun in {SHARED}")

    def column(table: Any, name: str) -> FloatArray:
        return np.asarray(table[name], dtype=np.float64)

    def moments(table: Any) -> list[int]:
        return [int(ms) // 1000 for ms in np.asarray(table["utc"].cast("int64"))]

    summer = [("utc", ">=", datetime(2024, 5, 1, tzinfo=UTC)), ("utc", "<", datetime(2024, 7, 1, tzinfo=UTC))]
    told, came = pq.read_table(weather, filters=summer), pq.read_table(sun, filters=summer)
    per_kwp = 1000.0 / column(came, "capacity_mw")
    at = moments(came)

    def known(times: list[int], values: FloatArray) -> dict[int, float]:
        return {s: float(v) for s, v in zip(times, values, strict=True) if math.isfinite(v)}

    return Recorded(
        known(moments(told), column(told, "shortwave_radiation")),
        known(moments(told), column(told, "temperature_2m")),
        known(at, column(came, "measured_mw") * per_kwp),
        known(at, column(came, "dayahead_mw") * per_kwp),
    )
