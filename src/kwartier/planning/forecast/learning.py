"""What a history teaches of its own forecasts: walk back over it, forecast each past day as it would have been, compare."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.stack import HORIZONS_H, Stack, apply, block_of, fit_block
from kwartier.planning.forecast.wall import DAY_S, Holidays, IntArray
from kwartier.planning.forecast.windows import NAMES, PRIOR, averages, windows_of

ANCHORS_H = (0, 6, 12, 18)
"""Hours before now at which past forecasts are made anew, so that every time of day is learnt from."""
LEADS = 2
_HALF_LIFE_DAYS = 200.0
_MOST_DAYS = 300


@dataclass(frozen=True)
class Trials:
    """Forecasts that would have been made, one entry per step; all arrays of shape (n,)."""

    mid: FloatArray
    truth: FloatArray
    slot: IntArray
    """Step of the local day."""
    horizon: IntArray
    """Steps between the forecast and the step."""
    age_days: FloatArray


@dataclass(frozen=True)
class PastRows:
    """Steps of past days as their forecast would have seen them; arrays of shape (n,), `said` (n, averages)."""

    said: FloatArray
    truth: FloatArray
    age_days: FloatArray
    horizon: IntArray
    wall: IntArray
    """Wall step."""


def past_rows(
    flat_w: FloatArray,
    first_wall_step: int,
    step_s: int,
    *,
    holidays: Holidays | None,
    most_days: int = _MOST_DAYS,
) -> PastRows | None:
    """Make the forecasts of past days anew, up to `most_days` back; None where there is no past to speak of.

    `flat_w` is the history on the wall clock up to just before `first_wall_step`.
    """
    per_day = DAY_S // step_s
    parts: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for back_h in ANCHORS_H:
        back = back_h * per_day // 24
        now = first_wall_step - back
        windows = windows_of(flat_w[: len(flat_w) - back], now, step_s, holidays=holidays)
        for lead in range(LEADS):
            targets = np.arange(max(lead + 2, windows.rows - most_days), windows.rows)
            if not len(targets):
                continue
            column = np.arange(per_day)
            age = np.repeat((windows.rows - targets)[:, None] + back_h / 24.0, per_day, axis=1)
            horizon = np.broadcast_to(column + lead * per_day, age.shape)
            wall = now + (targets[:, None] - windows.rows) * per_day + column
            said = averages(windows, targets, lead)
            place = np.stack([age, horizon, wall]).reshape(3, -1)
            parts.append((said.reshape(-1, len(NAMES)), windows.power[targets].ravel(), place))
    if not parts:
        return None
    said, truth = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    age, horizon, wall = np.concatenate([part[2] for part in parts], axis=1)
    good = ~np.isnan(truth)
    return PastRows(
        said[good], truth[good], age[good], horizon[good].astype(np.int64), wall[good].astype(np.int64)
    )


def learn(rows: PastRows | None, step_s: int) -> tuple[Stack, Trials]:
    """Weights of the averages, and how their forecasts would have done."""
    if rows is None or not len(rows.truth):
        return untaught(), no_trials()
    per_day = DAY_S // step_s
    blocks = block_of(rows.horizon * np.float64(24 / per_day))
    weight = 0.5 ** (rows.age_days / _HALF_LIFE_DAYS) * (48.0 / per_day / len(ANCHORS_H))
    learnt = [
        fit_block(rows.said[blocks == block], rows.truth[blocks == block], weight[blocks == block], PRIOR)
        for block in range(len(HORIZONS_H) - 1)
    ]
    stack = Stack(*(np.array(part) for part in zip(*learnt, strict=True)))
    mid = apply(stack, rows.said, blocks)
    return stack, Trials(mid, rows.truth, rows.wall % per_day, rows.horizon, rows.age_days)


def untaught() -> Stack:
    """The weights before anything is learnt."""
    blocks = len(HORIZONS_H) - 1
    return Stack(np.tile(PRIOR, (blocks, 1)), np.zeros((blocks, len(NAMES))), np.zeros(blocks))


def no_trials() -> Trials:
    """No forecast could have been made."""
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Trials(nothing, nothing, none, none, nothing)
