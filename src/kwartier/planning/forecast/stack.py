"""How much each average counts, per horizon: a ridge regression that is pulled to what counts before anything is learnt."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.wall import IntArray

HORIZONS_H = (0.0, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 36.0, 48.0)
"""Edges of the blocks of horizon that have weights of their own, hours."""
_PULL = 30.0
"""Weight of the prior, in rows of unit variance."""


@dataclass(frozen=True)
class Stack:
    """Weights per block of horizon."""

    weights: FloatArray
    """(blocks, averages)."""
    at: FloatArray
    """(blocks, averages), W: where the line goes through."""
    level_w: FloatArray
    """(blocks,), W: what it says there."""


def block_of(horizon_h: FloatArray) -> IntArray:
    """The block of each horizon; beyond the last edge the last block."""
    return np.clip(np.searchsorted(HORIZONS_H, horizon_h, side="right") - 1, 0, len(HORIZONS_H) - 2)


def fit_block(
    said: FloatArray, truth: FloatArray, weight: FloatArray, prior: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Weights, centre and level of one block from (n, averages), (n,), (n,); rows with NaN in the truth are left out.

    Returns the prior through the origin where fewer than two days' worth of rows are known.
    """
    good = ~np.isnan(truth)
    said, truth, weight = said[good], truth[good], weight[good]
    total = float(weight.sum())
    if len(truth) < 2 or total <= 0:
        return prior, np.zeros_like(prior), 0.0
    centre = (weight[:, None] * said).sum(axis=0) / total
    level = float((weight * truth).sum() / total)
    scale = float(np.sqrt((weight * (truth - level) ** 2).sum() / total))
    if scale <= 0:
        return prior, centre, level
    x, y = (said - centre) / scale, (truth - level) / scale
    gram = x.T @ (x * weight[:, None]) + _PULL * np.eye(len(prior))
    change = np.linalg.solve(gram, x.T @ (weight * (y - x @ prior)))
    return prior + change, centre, level


def apply(stack: Stack, said: FloatArray, blocks: IntArray) -> FloatArray:
    """What the weighted averages say, W: (..., columns, averages) with the block of each column -> (..., columns)."""
    result: FloatArray = (
        np.einsum("...ck,ck->...c", said - stack.at[blocks], stack.weights[blocks]) + stack.level_w[blocks]
    )
    return result
