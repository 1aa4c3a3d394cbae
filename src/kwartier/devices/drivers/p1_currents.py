"""Signed currents per phase out of what a P1 telegram gives. Every choice and its reason:
docs/p1-currents.md.

P1 gives currents without a sign. Chargers are only ever added, so the figure that matters is *the largest
import per phase that the telegram does not disprove*: too high costs a little charging power, too low
overloads a fuse. Import is therefore counted with the whole current, export only with the part of it that
the powers prove.
"""

from dataclasses import dataclass

from kwartier.site.phases import PhaseVector
from kwartier.site.readings import Partial
from kwartier.site.units import NOMINAL_VOLTAGE_V

NOTHING: Partial = (None, None, None)
GRID_DELTA, GRID_STAR = 230, 400
"""Values of OBIS 1-0:94.32.1: 3x230 V without neutral, 3x400 V with neutral."""
DEAD_V = 50.0
VIRTUAL_STAR_V = (100.0, 160.0)
"""230 V between the lines is 133 V to the star point that some meters compute."""
ROUNDING_W = 3.0
"""Three phase powers and a total, each rounded to 1 W, may differ by so much."""
WHOLE_AMPERE_A = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseValues:
    """What a telegram says of its phases. Powers are signed (import less export), currents are not."""

    power_w: float | None = None
    power_phase_w: Partial = NOTHING
    voltage_v: Partial = NOTHING
    current_a: Partial = NOTHING
    grid_type: int | None = None

    @property
    def one_phase(self) -> bool:
        """Whether it speaks of L1 only."""
        l1, *others = zip(self.power_phase_w, self.voltage_v, self.current_a, strict=True)
        return any(v is not None for v in l1) and not any(v is not None for o in others for v in o)

    @property
    def no_phase(self) -> bool:
        """Whether neither currents nor phase powers are given."""
        return self.current_a == NOTHING and self.power_phase_w == NOTHING

    @property
    def delta(self) -> bool:
        """Whether this is a 3x230 V net without neutral: by its own word, by the missing voltage of L2
        (Sagemcom measures against L2), or by the voltages to a computed star point (Iskraemeco)."""
        if self.grid_type in {GRID_DELTA, GRID_STAR}:
            return self.grid_type == GRID_DELTA
        u1, u2, u3 = (v if v is not None else NOMINAL_VOLTAGE_V for v in self.voltage_v)
        low, high = VIRTUAL_STAR_V
        return (u2 < DEAD_V < min(u1, u3)) or all(low < u < high for u in (u1, u2, u3))

    @property
    def zeroed(self) -> bool:
        """Whether all phase powers are zero while the total is not (Landis+Gyr E360 on delta)."""
        given = [p for p in self.power_phase_w if p is not None]
        return bool(given) and not any(given) and abs(self.power_w or 0.0) > ROUNDING_W


@dataclass(frozen=True, slots=True)
class Currents:
    """Signed currents, A, and whether they are a bound rather than a measurement."""

    current_a: PhaseVector
    estimated: bool


def signed_currents(values: PhaseValues, meter_phases: int = 3) -> Currents | None:
    """Currents per phase; `meter_phases` is what the site file says, for meters that tell nothing of their
    phases. None where not even a total power is given."""
    if values.no_phase:
        return _from_total(values.power_w, meter_phases)
    if values.one_phase:
        return _one_phase(values)
    if values.delta:
        return _delta(values)
    if values.zeroed or None in values.power_phase_w:
        return _star_without_phase_power(values, meter_phases)
    return _star(values)


def _star(values: PhaseValues) -> Currents:
    found = [
        _largest_import_a(p or 0.0, i, u)
        for p, i, u in zip(values.power_phase_w, values.current_a, values.voltage_v, strict=True)
    ]
    return Currents(_vector(found), None in values.current_a)


def _largest_import_a(power_w: float, current_a: float | None, voltage_v: float | None) -> float:
    """Import: the whole current, and never less than the power proves (DSMR 5 cuts off the decimals).
    Export: the active part only, because a car's current makes up for that part and no other."""
    active_a = power_w / _volts(voltage_v)
    return active_a if power_w < 0 else max(current_a or 0.0, active_a)


def _one_phase(values: PhaseValues) -> Currents:
    """The total is the phase's power too; where the two disagree, the larger import counts."""
    phase_w = None if values.zeroed else values.power_phase_w[0]
    power = max((p for p in (phase_w, values.power_w) if p is not None), default=None)
    current = values.current_a[0]
    if power is None:
        return Currents((current or 0.0, 0.0, 0.0), True)
    return Currents((_largest_import_a(power, current, values.voltage_v[0]), 0.0, 0.0), current is None)


def _star_without_phase_power(values: PhaseValues, meter_phases: int) -> Currents | None:
    """50213 and 50214 meters. A phase exports only where no other split of the total is possible: where
    even full export on both others leaves export for it."""
    currents = [i for i in values.current_a if i is not None]
    if len(currents) < 3:
        return _incomplete(values, meter_phases)
    if values.power_w is None:
        return Currents(_vector(currents), True)
    volts = [_volts(u) for u in values.voltage_v]
    step_a = WHOLE_AMPERE_A if not any(i % 1 for i in currents) else 0.0
    missing_w = _missing_w(max(0.0, values.power_w), currents, volts)
    found = []
    for k, (current, volt) in enumerate(zip(currents, volts, strict=True)):
        others_w = sum(volts[j] * (currents[j] + step_a) for j in range(3) if j != k)
        at_most_w = values.power_w + others_w
        found.append(at_most_w / volt if at_most_w < 0 else current + missing_w / volt)
    return Currents(_vector(found), True)


def _incomplete(values: PhaseValues, meter_phases: int) -> Currents | None:
    """A current and a phase power are missing (a line was damaged). A phase that is known counts with what it
    shows, as import, even where the total is less because another phase exports; any other with all of the
    total and all that the known ones may export."""
    known = [
        None if i is None and p is None else _largest_import_a(abs(p or 0.0), i, u)
        for p, i, u in zip(values.power_phase_w, values.current_a, values.voltage_v, strict=True)
    ]
    total = _from_total(values.power_w, meter_phases)
    if total is None:
        return None if None in known else Currents(_vector([i or 0.0 for i in known]), True)
    elsewhere_a = sum(i for i in known if i is not None)
    found = [
        max(i, t) if i is not None else t + elsewhere_a
        for i, t in zip(known, (max(0.0, t) for t in total.current_a), strict=True)
    ]
    return Currents(_vector(found), True)


def _delta(values: PhaseValues) -> Currents:
    """No neutral: currents of two lines meet at 60 and 120 degrees, so export on a line is no room for a
    car on it. The magnitude, counted as import, is safe by the triangle inequality."""
    found: list[float | None] = []
    for p, i, u in zip(values.power_phase_w, values.current_a, values.voltage_v, strict=True):
        proven_a = abs(p) / _volts(u) if p else 0.0
        found.append(None if i is None and not proven_a else max(i or 0.0, proven_a))
    known = [i if i is not None else sum(j for j in found if j is not None) for i in found]
    if values.zeroed or None in values.power_phase_w:
        # The line that the meter measures against has 0 V and carries nothing of the two-meter sum.
        volts = [u if u is not None else NOMINAL_VOLTAGE_V for u in values.voltage_v]
        missing_w = _missing_w(abs(values.power_w or 0.0), known, volts)
        known = [i + missing_w / _volts(u) for i, u in zip(known, values.voltage_v, strict=True)]
    return Currents(_vector(known), True)


def _from_total(power_w: float | None, meter_phases: int) -> Currents | None:
    """Brussels, Austria, DSMR 2 and 3. All of the import may flow on any one phase; export proves nothing
    of a single phase, except where there is only one."""
    if power_w is None:
        return None
    total_a = power_w / NOMINAL_VOLTAGE_V
    if meter_phases == 1:
        return Currents((total_a, 0.0, 0.0), True)
    each_a = max(0.0, total_a)
    return Currents((each_a, each_a, each_a), True)


def _missing_w(power_w: float, currents_a: list[float], volts: list[float]) -> float:
    """Power that the currents as shown cannot carry: the decimals that a meter of whole amperes cut off.
    Which phase they belong to is unknown, so each is charged with all of it."""
    carried_w = sum(i * u for i, u in zip(currents_a, volts, strict=True))
    return max(0.0, power_w - carried_w)


def _volts(voltage_v: float | None) -> float:
    return voltage_v if voltage_v is not None and voltage_v > DEAD_V else NOMINAL_VOLTAGE_V


def _vector(values: list[float]) -> PhaseVector:
    l1, l2, l3 = values
    return (l1, l2, l3)
