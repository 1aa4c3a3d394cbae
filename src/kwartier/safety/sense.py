"""Which readings make sense. One that does not counts as not given: its device is then silent, which is
booked pessimistically, where a NaN or a state that nobody knows would run through all sums.

Drivers refuse nonsense themselves, and say so with its bytes; this is the second lock on that door.

On a net of three lines without neutral, what meters and charge points tell of single lines makes less sense:

- a line's current has no sign. Currents of loads between different lines meet at 60 or 120 degrees, so that
  export on a line is no room for a car on it; the magnitude counts as import (docs/p1-currents.md);
- a charge point that tells a current on one conductor alone has it on a second one too: it must come back. The
  largest counts on all its lines, whichever its firmware names. By |a + b| <= |a| + |b| the sum of magnitudes is
  never less than what a line carries.
"""

from dataclasses import replace
from math import isfinite

from kwartier.site.phases import PhaseVector
from kwartier.site.readings import IEC_STATES, ChargePointReading, MeterReading

_STATES = frozenset(IEC_STATES)


def of_meter(reading: MeterReading | None, *, guards: bool, three_wire: bool = False) -> MeterReading | None:
    """The reading of a meter when it makes sense. A meter that guards a circuit must tell its currents:
    without them nothing is known of the load, however often it speaks."""
    if reading is None or not isfinite(reading.at_s):
        return None
    if reading.current_a is None:
        return None if guards else reading
    if not isfinite(sum(reading.current_a)):
        return None
    if three_wire and min(reading.current_a) < 0.0:
        a, b, c = reading.current_a
        return replace(reading, current_a=(abs(a), abs(b), abs(c)))
    return reading


def of_charge_point(
    reading: ChargePointReading | None, max_a: float, *, three_wire: bool = False
) -> ChargePointReading | None:
    """The reading of a charge point when it makes sense; figures about itself that make none are left out,
    and what it claims for itself counts up to the most that it can give. A sign on its currents is one of
    wiring: a charge point only takes."""
    if reading is None or reading.state not in _STATES:
        return None
    a, b, c = reading.current_a
    if not isfinite(reading.at_s + (a + b + c)):
        return None
    if three_wire:
        a, b, c = between_lines(reading.current_a)
    told_a, applied_a, fallback_a = reading.setpoint_a, reading.applied_a, reading.fallback_a
    if (
        not three_wire
        and a >= 0.0 <= b
        and c >= 0.0
        and (told_a is None or 0.0 <= told_a <= max_a)
        and (applied_a is None or 0.0 <= applied_a <= max_a)
        and (fallback_a is None or 0.0 <= fallback_a <= max_a)
    ):
        return reading  # as nearly always
    return replace(
        reading,
        current_a=(abs(a), abs(b), abs(c)),
        setpoint_a=_claim(told_a, max_a),
        applied_a=_claim(applied_a, max_a),
        fallback_a=_claim(fallback_a, max_a),
    )


def between_lines(current_a: PhaseVector) -> PhaseVector:
    """What a charge point without neutral draws in each of its lines, from what it tells of its conductors."""
    most_a = max(abs(current_a[0]), abs(current_a[1]), abs(current_a[2]))
    return (most_a, most_a, most_a)


def _claim(value_a: float | None, max_a: float) -> float | None:
    return None if value_a is None or not value_a >= 0.0 else min(value_a, max_a)
