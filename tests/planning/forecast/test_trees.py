"""Trees that were trained elsewhere: the same answer as the trainer's, and nothing that leads nowhere."""

import json
from typing import Any

import numpy as np
import pytest

from kwartier.planning.forecast.trees import Trees, of_lightgbm


def one() -> dict[str, Any]:
    """x0 <= 1: 10 (missing goes right); else x1 <= 0: 20, else 30 (missing as 0)."""
    return {
        "features": 2,
        "feature": [[0, 1]],
        "threshold": [[1.0, 0.0]],
        "left": [[-1, -2]],
        "right": [[1, -3]],
        "nan_left": [[0, -1]],
        "leaf": [[10.0, 20.0, 30.0]],
    }


def test_asked_by_hand() -> None:
    """Each way through one tree, missing values included; no rows, no answer."""
    nan = np.nan
    x = np.array([[0.0, 5], [2, -1], [2, 1], [nan, 1], [nan, nan], [1, nan]])
    assert Trees.from_state(one()).predict(x).tolist() == [10, 20, 30, 30, 20, 10]
    assert len(Trees.from_state(one()).predict(np.zeros((0, 2)))) == 0


def test_the_same_as_the_trainers_to_the_last_digits() -> None:
    """On figures with holes, in more rows than are asked at once, and through JSON to the bit."""
    lightgbm = pytest.importorskip("lightgbm", reason="needs the extra ml")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 5))
    x[rng.random(x.shape) < 0.05] = np.nan
    x[:, 3] = np.nan_to_num(x[:, 3])  # learnt without holes
    y = np.nan_to_num(x[:, 0]) * 2 + np.sin(3 * x[:, 3])
    settings = {"objective": "huber", "num_leaves": 8, "verbose": -1, "num_threads": 1, "seed": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(x, y), 15)
    asked = rng.normal(size=(5000, 5))
    asked[rng.random(asked.shape) < 0.1] = np.nan
    trees = of_lightgbm(booster.model_to_string(), 5)
    np.testing.assert_allclose(trees.predict(asked), booster.predict(asked), atol=1e-12)
    again = Trees.from_state(json.loads(json.dumps(trees.state())))
    np.testing.assert_array_equal(again.predict(asked), trees.predict(asked))
    flat = lightgbm.train(settings | {"min_data_in_leaf": 5000}, lightgbm.Dataset(x, y), 2)
    np.testing.assert_allclose(
        of_lightgbm(flat.model_to_string(), 5).predict(asked[:3]), flat.predict(asked[:3])
    )


@pytest.mark.parametrize(
    "change",
    [
        {"left": [[0, -2]]},  # leads to itself
        {"right": [[7, -3]]},  # beyond the nodes
        {"left": [[-9, -2]]},  # beyond the leaves
        {"feature": [[0, 2]]},  # a column that is not there
        {"feature": [[-1, 1]]},
        {"leaf": [[10.0, float("nan"), 30.0]]},
        {"leaf": []},
        {"threshold": [[1.0]]},
        {"threshold": [[float("nan"), 0.0]]},
    ],
)
def test_what_is_no_tree_is_refused(change: dict[str, Any]) -> None:
    """At sight: nothing in it can run for ever or read elsewhere."""
    with pytest.raises(ValueError, match="anew"):
        Trees.from_state(one() | change)


def test_other_kinds_of_trees_are_refused() -> None:
    """Categories, and zero as missing, are never trained here."""
    block = "tree\nTree=0\nnum_leaves=2\nsplit_feature=0\nthreshold=1\ndecision_type={kind}\nleft_child=-1\nright_child=-2\nleaf_value=1 2\n\n"
    assert of_lightgbm(block.format(kind=2), 1).predict(np.array([[0.0], [2.0]])).tolist() == [1, 2]
    for kind in (1, 4):
        with pytest.raises(ValueError, match="another way"):
            of_lightgbm(block.format(kind=kind), 1)
    with pytest.raises(ValueError, match="no trees"):
        of_lightgbm("nothing", 1)
