"""Gradient boosting behind the extra, and what is said without it."""

import importlib
from types import ModuleType

import numpy as np
import pytest
from tests.planning.forecast.houses import MIDNIGHT_S, ZONE, house

from kwartier.planning.forecast import LoadHistory, ml


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the caller goes on with the edge model."""

    def missing(name: str) -> ModuleType:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    assert "pip install 'kwartier[ml]'" in (ml.available() or "")
    with pytest.raises(ml.ExtraMissing, match="numpy alone"):
        ml.train(house(60), now_s=MIDNIGHT_S, zone=ZONE)


def test_a_model_is_trained_travels_as_text_and_reads_no_future() -> None:
    """The same forecast to the bit: trained twice, through text, and with poison from now on."""
    pytest.importorskip("lightgbm")
    clean = house(50, step_s=3600, end_s=MIDNIGHT_S + 86_400)
    known = 49 * 24
    poisoned = clean.power_w.copy()
    poisoned[known:] = 1e9
    model = ml.train(clean, now_s=MIDNIGHT_S, zone=ZONE)
    again = ml.train(LoadHistory(clean.start_s, 3600, poisoned), now_s=MIDNIGHT_S, zone=ZONE)
    band = model.predict(clean, now_s=MIDNIGHT_S, steps=48, zone=ZONE)
    other = ml.BoostedModel.from_text(again.save()).predict(
        LoadHistory(clean.start_s, 3600, poisoned), now_s=MIDNIGHT_S, steps=48, zone=ZONE
    )
    for mine, theirs in ((band.low, other.low), (band.mid, other.mid), (band.high, other.high)):
        np.testing.assert_array_equal(mine, theirs)
    assert band.basis == "model"
    assert band.mid[18] == pytest.approx(1700, rel=0.25)


def test_too_little_history_is_left_to_the_edge_model() -> None:
    """Six weeks are needed; a text of another version is refused."""
    pytest.importorskip("lightgbm")
    with pytest.raises(ValueError, match="use the edge model"):
        ml.train(house(20, step_s=3600), now_s=MIDNIGHT_S, zone=ZONE)
    with pytest.raises(ValueError, match="train it anew"):
        ml.BoostedModel.from_text('{"version": 9}')
