"""Made-up houses for the tests: habits that a forecast can learn, with a known seed."""

from zoneinfo import ZoneInfo

import numpy as np

from kwartier.planning.forecast import LoadHistory

ZONE = ZoneInfo("Europe/Brussels")
MIDNIGHT_S = 1_736_722_800
"""Monday 2025-01-13 00:00 in Brussels."""


def house(
    days: int, *, end_s: int = MIDNIGHT_S, step_s: int = 900, seed: int = 1, noise: float = 0.2
) -> LoadHistory:
    """A floor of 200 W, breakfast on workdays, supper every day (UTC clock), multiplied by noise."""
    per_day = 86_400 // step_s
    start_s = end_s - days * 86_400
    utc = start_s + step_s * np.arange(days * per_day)
    hour, weekday = utc % 86_400 / 3600, (utc // 86_400 + 3) % 7
    power = 200.0 + np.where((hour >= 6) & (hour < 8) & (weekday < 5), 800.0, 0.0)
    power += np.where((hour >= 17) & (hour < 20), 1500.0, 0.0)
    power *= np.exp(noise * np.random.default_rng(seed).standard_normal(len(power)))
    return LoadHistory(start_s, step_s, power)
