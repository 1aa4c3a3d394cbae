"""How a broken meter's readings look to the controller.

`meter_silent`    no readings
`meter_frozen`    the same values again and again, newly stamped (its clock, if it has one, stands still too)
`meter_repeat`    the last five readings again and again, with the meter times that they had, newly stamped
`meter_spike`     every phase tells `amount` (A, when above 100) or that many times the truth
`meter_nonsense`  NaN, infinite or no currents at all, in turn
`meter_scale`     the truth times `amount`
`meter_lag`       what was true `amount` seconds ago, stamped as of now
`meter_late`      what was true `amount` seconds ago, and it says so
`meter_phase`     phase `amount` tells nothing flowing
`meter_clock`     its own clock is `amount` seconds off
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, nan

from kwartier.simulation.faults import Fault
from kwartier.simulation.plant.plant import NOMINAL_V, Plant
from kwartier.simulation.scenarios import P1
from kwartier.simulation.sensing import e27_reading, p1_reading, to_step
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import MeterReading

KEPT = 32
ABSOLUTE_A = 100.0
STEP_S = 1.0
P1_STEPS, E27_STEPS = (100.0, 1.0, 10.0), (1000.0, 0.1, 100.0)
"""In how many steps of a unit they tell currents (A), powers (W) and voltages (V)."""


class MeterLine:
    """One meter of the plant with its way to the controller."""

    def __init__(self, plant: Plant, meter_id: str, kind: str) -> None:
        self.meter_id = meter_id
        self._plant = plant
        self._p1 = kind == P1
        self._waiting: MeterReading | None = None
        """A Modbus meter's values are a second old when they are read."""
        self._true: deque[tuple[MeterReading, float]] = deque(maxlen=KEPT)
        """What was true, each reading with how much later it came than it says: time has leapt since."""
        self._shown: MeterReading | None = None
        self._repeating: tuple[Fault | None, tuple[MeterReading, ...]] = (None, ())
        self._count = 0

    def read(self, now_s: float, faults: Sequence[Fault]) -> MeterReading | None:
        """What arrives at `now_s` (the controller's clock); None when nothing does."""
        honest = self._honest(now_s)
        if honest is None:
            return None
        self._true.append((honest, 0.0))
        told: MeterReading | None = honest
        for fault in _applied(faults):
            if told is not None:
                told = self._broken(told, fault)
        if told is not None:
            self._shown = told
        return told

    def stays(self, by: float) -> bool:
        """Whether it tells the same of this moment when nothing changes by more than `by` (A, V)."""
        plant = self._plant
        root, tap = plant.site.root.id, plant.taps[self.meter_id]
        amps: Sequence[float] = plant.current_a(root) if self._p1 else tap.current_a
        watts: Sequence[float] = plant.power_w(root) if self._p1 else tap.power_w
        per_amp, per_watt, per_volt = P1_STEPS if self._p1 else E27_STEPS
        by_w = by * (abs(amps[0]) + abs(amps[1]) + abs(amps[2]) + NOMINAL_V)
        return (
            all(_same(a, by, per_amp) for a in amps)
            and all(_same(w, by_w, per_watt) for w in (*watts, sum(watts)))
            and all(_same(v, by, per_volt) for v in plant.voltage_v)
        )

    def leap(self, by_s: float, now_s: float, faults: Sequence[Fault]) -> None:
        """As if `by_s` more seconds had passed until `now_s` in which nothing changed; the plant is there already."""
        if self._waiting is not None:
            self._waiting = e27_reading(self._plant, self.meter_id, now_s + STEP_S)
        if self._true:
            newest, later_s = self._true[-1]
            more_s = range(max(1, round(by_s) - KEPT + 1), round(by_s) + 1)
            self._true.extend([(newest, later_s + k) for k in more_s])
        if self._shown is not None:
            self._shown = replace(self._shown, at_s=self._shown.at_s + by_s)
        self._count += round(by_s) * len(_applied(faults))

    def _honest(self, now_s: float) -> MeterReading | None:
        if self._p1:
            return p1_reading(self._plant, self.meter_id, now_s)
        before = self._waiting
        self._waiting = e27_reading(self._plant, self.meter_id, now_s + STEP_S)
        return before

    def _broken(self, told: MeterReading, fault: Fault) -> MeterReading | None:
        self._count += 1
        match fault.kind:
            case "meter_silent":
                return None
            case "meter_frozen":
                return told if self._shown is None else replace(self._shown, at_s=told.at_s)
            case "meter_repeat":
                if self._repeating[0] is not fault:
                    self._repeating = (fault, tuple(_later(*each) for each in tuple(self._true)[-6:-1]))
                old = self._repeating[1]
                return replace(old[self._count % len(old)], at_s=told.at_s) if old else told
            case "meter_spike":
                return _currents(
                    told, lambda a: fault.amount if abs(fault.amount) > ABSOLUTE_A else a * fault.amount
                )
            case "meter_nonsense":
                odd: list[PhaseVector | None] = [(nan, nan, nan), None, (inf, 0.0, -inf)]
                return replace(told, current_a=odd[self._count % 3])
            case "meter_scale":
                return _currents(told, lambda a: a * fault.amount)
            case "meter_lag":
                return replace(self._ago(fault.amount), at_s=told.at_s)
            case "meter_late":
                return self._ago(fault.amount)
            case "meter_phase":
                return _without(told, round(fault.amount))
            case "meter_clock":
                off_s = told.meter_time_s
                return told if off_s is None else replace(told, meter_time_s=off_s + fault.amount)
            case _:
                return told

    def _ago(self, seconds: float) -> MeterReading:
        return _later(*self._true[max(0, len(self._true) - 1 - round(seconds / STEP_S))])


def _applied(faults: Sequence[Fault]) -> Sequence[Fault]:
    """Those that do something, in their order: what is silent tells nothing any more, and what stands still already
    shows the time that it showed."""
    if not faults:
        return faults
    frozen = any(f.kind == "meter_frozen" for f in faults)
    out = [f for f in faults if not (frozen and f.kind == "meter_clock")]
    silent = next((i for i, f in enumerate(out) if f.kind == "meter_silent"), len(out))
    return out[: silent + 1]


def _same(value: float, by: float, per_unit: float) -> bool:
    """Whether it is rounded to the same, a little higher or lower."""
    return to_step(value - by, per_unit) == to_step(value + by, per_unit)


def _currents(told: MeterReading, turn: Callable[[float], float]) -> MeterReading:
    if told.current_a is None:
        return told
    a, b, c = told.current_a
    return replace(told, current_a=(turn(a), turn(b), turn(c)))


def _without(told: MeterReading, phase: int) -> MeterReading:
    if told.current_a is None:
        return told
    a, b, c = (0.0 if i + 1 == phase else v for i, v in enumerate(told.current_a))
    return replace(told, current_a=(a, b, c))


def _later(reading: MeterReading, by_s: float) -> MeterReading:
    if by_s == 0.0:
        return reading
    time_s = reading.meter_time_s
    return replace(reading, at_s=reading.at_s + by_s, meter_time_s=None if time_s is None else time_s + by_s)
