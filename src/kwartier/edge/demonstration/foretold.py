"""What a weather service would have foretold of the weeks before the demonstration, made up after what its roof then gave: nearly
right, as such forecasts are. The screen says that the days before are made up."""

import math
from pathlib import Path
from random import Random

from kwartier.devices.services.forecasts import KEEP_DAYS, WEATHER
from kwartier.devices.services.kept_forecasts import KeptForecasts
from kwartier.edge.demonstration.past import DAYS, PANELS_W, STEP_S, MadeUpPast
from kwartier.site.foretold import Foretold

DAY_STEPS = 86400 // STEP_S
CLEAR_W_PER_M2 = 700.0
"""At noon, as the emulated service has it of every day."""
MISS = 0.12
"""How far a day's forecast is off, as a share."""


def keep_foretold(history: Path, past: MadeUpPast) -> None:
    """Put it beside the history, as a controller that ran then would have kept it. Raises StorageError."""
    dice = Random(DAYS)  # noqa: S311 - the same at each start
    first_s = int(past.until_s) // 86400 * 86400 - min(DAYS, KEEP_DAYS) * 86400
    values: list[float | None] = []
    for day_s in range(first_s, int(past.until_s), 86400):
        given = past.means("production_w", day_s, day_s + 86400).values()
        share = min(1.0, -sum(given) / DAY_STEPS / (0.35 * PANELS_W)) * (1 + MISS * dice.uniform(-1, 1))
        whole = share if len(given) == DAY_STEPS else 0.9
        values += [round(whole * _light(day_s + i * STEP_S), 1) for i in range(DAY_STEPS)]
    told = Foretold(
        start_s=first_s,
        fetched_at_s=past.until_s - 3600.0,
        source="Open-Meteo",
        native_step_s=STEP_S,
        columns={"global_w_per_m2": tuple(values)},
    )
    KeptForecasts(history.with_name(history.name + ".foretold.json")).save({WEATHER: told})


def _light(at_s: int) -> float:
    """Of a clear day, W/m2."""
    hour = (at_s % 86400 + STEP_S / 2) / 3600
    return CLEAR_W_PER_M2 * max(0.0, math.sin((hour - 6) / 12 * math.pi))
