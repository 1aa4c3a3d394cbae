"""Decision trees that were trained elsewhere, as plain arrays: read out of LightGBM's text, asked with numpy alone, kept as JSON.

So whoever forecasts needs no library of the trainer's, and a model that was damaged or made by a stranger can be refused at sight:
it holds numbers, and its nodes only lead forward.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.wall import IntArray

_CATEGORY, _NAN_LEFT, _MISSING_SHIFT = 1, 2, 2
_NONE, _NAN = 0, 2
"""Kinds of missing values in LightGBM's decision types; zero as missing (1) is not used here."""
_ROWS = 4096
"""So many rows are asked at once."""


@dataclass(frozen=True)
class Trees:
    """The sum of some trees. Arrays of shape (trees, nodes); a child >= 0 is a node further on, else leaf `~child`."""

    features: int
    """How many columns they ask."""
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    nan_left: IntArray
    """Where a missing value goes: 1 left, 0 right, -1 as if it were 0."""
    leaf: FloatArray
    """(trees, leaves)."""

    def predict(self, x: FloatArray) -> FloatArray:
        """(n, features) -> (n,)."""
        return np.concatenate([self._some(x[i : i + _ROWS]) for i in range(0, max(len(x), 1), _ROWS)])

    def _some(self, x: FloatArray) -> FloatArray:
        rows, trees = np.arange(len(x))[:, None], np.arange(len(self.leaf))[None, :]
        node = np.zeros((len(x), len(self.leaf)), dtype=np.int64)
        while (node >= 0).any():
            at = np.maximum(node, 0)
            value = x[rows, self.feature[trees, at]]
            missing, way = np.isnan(value), self.nan_left[trees, at]
            goes_left = np.where(missing, 0.0, value) <= self.threshold[trees, at]
            goes_left = np.where(missing & (way >= 0), way == 1, goes_left)
            child = np.where(goes_left, self.left[trees, at], self.right[trees, at])
            node = np.where(node >= 0, child, node)
        total: FloatArray = self.leaf[trees, ~node].sum(axis=1)
        return total

    def state(self) -> dict[str, Any]:
        """As plain lists and numbers."""
        names = ("feature", "threshold", "left", "right", "nan_left", "leaf")
        return {"features": self.features, **{name: getattr(self, name).tolist() for name in names}}

    @staticmethod
    def from_state(state: Mapping[str, Any]) -> "Trees":
        """The trees out of `state()`. Raises `ValueError` for what is none."""
        whole = {n: np.array(state[n], dtype=np.int64) for n in ("feature", "left", "right", "nan_left")}
        threshold, leaf = (np.array(state[name], dtype=np.float64) for name in ("threshold", "leaf"))
        found = Trees(
            int(state["features"]), whole["feature"], threshold, whole["left"], whole["right"], whole["nan_left"], leaf
        )  # fmt: skip
        found._check()
        return found

    def _check(self) -> None:
        shape = self.feature.shape
        nodes = (self.threshold, self.left, self.right, self.nan_left)
        good = len(shape) == 2 and self.leaf.ndim == 2 and len(self.leaf) == shape[0]
        if not good or not all(each.shape == shape for each in nodes) or not self.leaf.size:
            raise ValueError("trees whose parts do not fit together: train them anew")
        own = np.arange(shape[1])[None, :]
        for child in (self.left, self.right):
            leads = np.where(child >= 0, (child > own) & (child < shape[1]), ~child < self.leaf.shape[1])
            if not leads.all():
                raise ValueError("a tree that leads nowhere: train it anew")
        inside = (self.feature >= 0) & (self.feature < self.features)
        if not (inside.all() and np.isfinite(self.leaf).all() and not np.isnan(self.threshold).any()):
            raise ValueError("a tree with a column or a value that is none: train it anew")


def of_lightgbm(text: str, features: int) -> Trees:
    """Out of `Booster.model_to_string()`. Raises `ValueError` for what these settings never make (categories, zero as missing)."""
    blocks = [_block(part) for part in text.split("\nTree=")[1:]]
    if not blocks:
        raise ValueError("no trees in the trained model")
    nodes = max(1, *(len(b.get("split_feature", ())) for b in blocks))
    leaves = max(len(b["leaf_value"]) for b in blocks)
    shape = (len(blocks), nodes)
    feature, threshold = np.zeros(shape, dtype=np.int64), np.zeros(shape)
    left, right = (np.full(shape, -1, dtype=np.int64) for _ in range(2))
    nan_left, leaf = np.full(shape, -1, dtype=np.int64), np.zeros((len(blocks), leaves))
    for i, block in enumerate(blocks):
        leaf[i, : len(block["leaf_value"])] = block["leaf_value"]
        count = len(block.get("split_feature", ()))
        if not count:
            continue  # one leaf for everything
        kinds = np.array(block["decision_type"], dtype=np.int64)
        missing = kinds >> _MISSING_SHIFT
        if (kinds & _CATEGORY).any() or not np.isin(missing, (_NONE, _NAN)).all():
            raise ValueError("a tree with categories or zero as missing: it was trained in another way")
        feature[i, :count], threshold[i, :count] = block["split_feature"], block["threshold"]
        left[i, :count], right[i, :count] = block["left_child"], block["right_child"]
        nan_left[i, :count] = np.where(missing == _NAN, (kinds & _NAN_LEFT) > 0, -1)
    return Trees.from_state(Trees(features, feature, threshold, left, right, nan_left, leaf).state())


def _block(text: str) -> dict[str, list[float]]:
    wanted = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value")
    found = {}
    for line in text.split("\n\n", maxsplit=1)[0].splitlines():
        name, _, values = line.partition("=")
        if name in wanted and values:
            found[name] = [float(value) for value in values.split()]
    return found
