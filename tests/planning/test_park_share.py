"""The equal share of a car park: examples, and what must hold for any park."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.planning.horizon.park_share import equal_share

MIN_W, MAX_W = 1380.0, 7360.0


def share(room_w: float, *max_w: float) -> list[float]:
    return [float(power) for power in equal_share(room_w, np.full(len(max_w), MIN_W), np.array(max_w))]


def test_room_is_shared_equally_and_what_one_cannot_take_goes_to_the_others() -> None:
    assert share(9000.0, 7360.0, 7360.0, 7360.0) == pytest.approx([3000.0, 3000.0, 3000.0])
    assert share(9000.0, 2000.0, 7360.0, 7360.0) == pytest.approx([2000.0, 3500.0, 3500.0])
    assert share(90_000.0, 2000.0, 7360.0) == [2000.0, 7360.0]


def test_below_the_sum_of_minimums_as_many_as_fit_are_served() -> None:
    assert share(3000.0, 7360.0, 7360.0, 7360.0) == pytest.approx([1500.0, 1500.0, 0.0])
    assert share(1000.0, 7360.0) == [0.0]
    assert share(-5000.0, 7360.0) == [0.0]
    assert share(5000.0) == []


def test_whoever_is_named_first_is_served_where_the_minimums_do_not_all_fit() -> None:
    low, high = np.full(3, MIN_W), np.full(3, MAX_W)
    assert equal_share(3000.0, low, high, np.array([2, 0, 1])).tolist() == pytest.approx(
        [1500.0, 0.0, 1500.0]
    )


@given(
    room=st.floats(-1e5, 1e6),
    most=st.lists(st.floats(MIN_W, 22_000.0), max_size=30),
    data=st.data(),
)
def test_a_share_fits_the_room_respects_the_minimum_and_wastes_nothing(
    room: float, most: list[float], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(most))))
    low, high = np.full(len(most), MIN_W), np.array(most)
    power = equal_share(room, low, high, np.array(order, dtype=np.int64))
    assert power.sum() <= max(room, 0.0) + 1e-6
    assert ((power == 0.0) | ((power >= MIN_W - 1e-9) & (power <= high + 1e-9))).all()
    wasted = room - power.sum()
    served = power > 0.0
    # either somebody could not be switched on, or the served are full, or nothing is left
    assert wasted < 1e-6 * max(1.0, room) or (power[served] >= high[served] - 1e-6).all()
    assert served.all() or wasted < MIN_W
