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


def learn(
    flat_w: FloatArray, first_wall_step: int, step_s: int, *, holidays: Holidays | None
) -> tuple[Stack, Trials]:
    """Weights of the averages, and how their forecasts would have done.

    `flat_w` is the history on the wall clock up to just before `first_wall_step`.
    """
    per_day = DAY_S // step_s
    per_hour = per_day / 24
    said_parts, truth_parts, place_parts = [], [], []
    for back_h in ANCHORS_H:
        back = int(back_h * per_hour)
        windows = windows_of(flat_w[: len(flat_w) - back], first_wall_step - back, step_s, holidays=holidays)
        for lead in range(LEADS):
            targets = np.arange(max(lead + 2, windows.rows - _MOST_DAYS), windows.rows)
            if not len(targets):
                continue
            said = averages(windows, targets, lead)
            age = np.repeat((windows.rows - targets)[:, None] + back_h / 24.0, per_day, axis=1)
            horizon = np.broadcast_to(np.arange(per_day) + lead * per_day, age.shape)
            slot = np.broadcast_to((first_wall_step - back + np.arange(per_day)) % per_day, age.shape)
            said_parts.append(said.reshape(-1, len(NAMES)))
            truth_parts.append(windows.power[targets].ravel())
            place_parts.append(np.stack([age, horizon, slot]).reshape(3, -1))
    if not said_parts:
        return untaught(), no_trials()
    said, truth = np.concatenate(said_parts), np.concatenate(truth_parts)
    age, horizon, slot = np.concatenate(place_parts, axis=1)
    blocks = block_of(horizon / per_hour)
    weight = 0.5 ** (age / _HALF_LIFE_DAYS) * (48.0 / per_day / len(ANCHORS_H))
    learnt = [
        fit_block(said[blocks == block], truth[blocks == block], weight[blocks == block], PRIOR)
        for block in range(len(HORIZONS_H) - 1)
    ]
    stack = Stack(*(np.array(part) for part in zip(*learnt, strict=True)))
    mid = apply(stack, said, blocks)
    good = ~np.isnan(truth)
    trials = Trials(
        mid[good],
        truth[good],
        slot[good].astype(np.int64),
        horizon[good].astype(np.int64),
        age[good],
    )
    return stack, trials


def untaught() -> Stack:
    """The weights before anything is learnt."""
    blocks = len(HORIZONS_H) - 1
    return Stack(np.tile(PRIOR, (blocks, 1)), np.zeros((blocks, len(NAMES))), np.zeros(blocks))


def no_trials() -> Trials:
    """No forecast could have been made."""
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Trials(nothing, nothing, none, none, nothing)
