"""What meters tell of the plant is rounded as devices do, and its noise is that of the library, only faster."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.simulation.plant.noise import Noise
from kwartier.simulation.sensing import to_step


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_noise_is_that_of_the_library(seed: int, count: int) -> None:
    ours, theirs = Noise(Random(seed)), Random(seed)
    assert [ours.next() for _ in range(count)] == [theirs.gauss(0.0, 1.0) for _ in range(count)]


def test_the_dice_may_be_used_in_between() -> None:
    mine, theirs = Random(5), Random(5)
    noise = Noise(mine)
    assert [(noise.next(), mine.random()) for _ in range(9)] == [
        (theirs.gauss(0.0, 1.0), theirs.random()) for _ in range(9)
    ]


@pytest.mark.parametrize(("per_unit", "digits"), [(1.0, 0), (10.0, 1), (100.0, 2), (1000.0, 3)])
@given(value=st.floats(-1e5, 1e5))
def test_values_are_told_in_the_steps_of_the_device(per_unit: float, digits: int, value: float) -> None:
    told = to_step(value, per_unit)
    assert abs(told - value) <= 0.5 / per_unit * (1 + 1e-9)
    assert told == round(told, digits)
