"""Units and nominal values. Inside Kwartier: W, A, V, kWh, s (DESIGN section 4)."""

from math import sqrt

NOMINAL_VOLTAGE_V = 230.0
"""Phase to neutral, EN 50160; between two lines on a net of 3 x 230 V without neutral."""
LINE_TO_MIDDLE_V = NOMINAL_VOLTAGE_V / sqrt(3)
"""On such a net: what an ampere in one line makes at most, for power = sum of line currents x this."""

W_PER_KW = 1000.0
S_PER_H = 3600.0


def kwh(power_w: float, duration_s: float) -> float:
    """Energy of a constant power over a time."""
    return power_w * duration_s / S_PER_H / W_PER_KW


def mean_power_w(energy_kwh: float, duration_s: float) -> float:
    """Mean power of an energy over a time (above 0 s)."""
    return energy_kwh * W_PER_KW * S_PER_H / duration_s
