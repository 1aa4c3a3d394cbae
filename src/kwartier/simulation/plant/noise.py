"""Noise: normal deviates out of dice, two at a time (Box and Muller, 1958).

The same numbers that `random.Random.gauss` makes of the same dice. That is written in Python and stays interpreted when the
simulation is compiled; of these a second of a house takes six.
"""

from math import cos, log, pi, sin, sqrt
from random import Random


class Noise:
    """Deviates with mean 0 and deviation 1. `dice` may be used for other things in between."""

    def __init__(self, dice: Random) -> None:
        self._random = dice.random
        self._spare = 0.0
        self._has_spare = False

    def next(self) -> float:
        """The next one."""
        if self._has_spare:
            self._has_spare = False
            return self._spare
        angle = self._random() * 2.0 * pi
        radius = sqrt(-2.0 * log(1.0 - self._random()))
        self._spare, self._has_spare = sin(angle) * radius, True
        return cos(angle) * radius
