"""A site refuses at its making what no step may meet."""

from dataclasses import replace
from math import inf, nan

import pytest

from kwartier.site.errors import ConfigError
from kwartier.site.topology import ChargePoint, Circuit, Site

GRID = Circuit(id="grid", name="Grid", parent=None, limit_a=(40.0,) * 3)
POINT = ChargePoint(id="p", name="P", circuit="grid", conductors=(1, 2, 3))


@pytest.mark.parametrize("weight", [0.0, -1.0, nan, inf, 1e7])
def test_a_weight_that_no_allocation_takes_is_refused(weight: float) -> None:
    """Else every step would fail, and nothing would be protected."""
    with pytest.raises(ConfigError, match="'p': its weight"):
        Site(name="s", circuits=(GRID,), charge_points=(replace(POINT, weight=weight),))


@pytest.mark.parametrize("limit_a", [0.0, -1.0, nan])
def test_a_limit_that_is_not_above_zero_is_refused(limit_a: float) -> None:
    """NaN is no limit."""
    with pytest.raises(ConfigError, match="'grid': limit_a"):
        Site(name="s", circuits=(replace(GRID, limit_a=(40.0, limit_a, 40.0)),))
