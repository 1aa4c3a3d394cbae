"""Watts to amperes over the phases together, so that the amperes never make more watts.

    power = U1 I1 + U2 I2 + U3 I3  <=  highest U * (I1 + I2 + I3)        as long as all phases draw

A phase that feeds takes off less than that: its current counts at the lowest voltage. On a net of three lines
without neutral the voltage of a line against the middle of the three takes the place of U; what feeds there takes
nothing off, for the lines of one feeding device do not say which way its power goes.
"""

from dataclasses import dataclass
from math import ceil, sqrt

from kwartier.site.phases import PhaseVector
from kwartier.site.readings import Partial
from kwartier.site.units import NOMINAL_VOLTAGE_V

UNKNOWN_V = NOMINAL_VOLTAGE_V * 1.1
"""The most that a public net may have (EN 50160)."""
LEAST_V = NOMINAL_VOLTAGE_V * 0.9
LIKELY = (NOMINAL_VOLTAGE_V * 0.8, NOMINAL_VOLTAGE_V * 1.2)
"""What is measured outside of this is not believed."""
STEP_V = 2.0
"""Voltages are rounded up to this, so that a limit does not flicker with every tenth of a volt."""


@dataclass(frozen=True, slots=True)
class Volts:
    """What an ampere on one phase makes."""

    most_v: float = UNKNOWN_V
    feeds_v: float = LEAST_V
    """What one that feeds takes off at least."""
    likely_v: float = NOMINAL_VOLTAGE_V
    """To reckon powers that need not be on the safe side."""


UNKNOWN = Volts()
UNKNOWN_THREE_WIRE = Volts(sqrt(4 * UNKNOWN_V**2 - LEAST_V**2) / 3, 0.0, NOMINAL_VOLTAGE_V / sqrt(3))


def volts(measured: Partial | None, *, three_wire: bool = False) -> Volts:
    """From the phase voltages of a meter that is trusted; None, or a voltage that cannot be, leaves what a public
    net may have."""
    told = [v for v in measured or () if v is not None]
    if not told or not all(LIKELY[0] <= v <= LIKELY[1] for v in told):
        return UNKNOWN_THREE_WIRE if three_wire else UNKNOWN
    most, least, mean = max(told), min(told), sum(told) / len(told)
    if not three_wire:
        return Volts(_up(most), least, mean)
    if len(told) == 1:
        least = LEAST_V
    # From a corner to the middle of a triangle with two sides `most` and one `least`.
    return Volts(_up(sqrt(4 * most * most - least * least) / 3), 0.0, mean / sqrt(3))


def amperes(limit_w: float, base_a: PhaseVector, at: Volts) -> float:
    """A limit in W as one on the sum of the currents, A, where this other load flows (negative: it feeds)."""
    share = 1.0 - at.feeds_v / at.most_v
    feeding_a = sum(-a for a in base_a if a < 0)
    return limit_w / at.most_v - feeding_a * share


def _up(voltage_v: float) -> float:
    return ceil(voltage_v / STEP_V) * STEP_V
