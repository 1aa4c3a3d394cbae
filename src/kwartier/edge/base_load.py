"""The load of each metered circuit beside all chargers behind it, for the record and the fail-safe proof.

    load beside chargers = metered current - currents of the chargers below, per phase

The loop's own estimate (`control.estimate`) is made the moment a meter speaks, and a car that ramps up is seen by the
meter before its charger tells: for a second it looks like other load. The loop is right to reckon with that; a
record of the *largest* other load would keep each such second for ever. So this one waits until the chargers have
told what they drew around the meter's moment, and subtracts the largest of it.

What a battery gave at that moment hid as much load from the meter, and is added: it may be empty when it is needed.
What it took stays in. What the sun gave likewise, at the grid connection: a cloud may come. It changes by itself, so the
least of what its meters told around the moment counts; one that is not heard hides what it hides.
"""

from collections import deque
from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass

from kwartier.historian.queries import Highest
from kwartier.safety.power import LEAST_V
from kwartier.safety.sense import between_lines
from kwartier.site.batteries import BatteryReading
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, minimum, on_phases, sub, to_site_phases
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

ALIGN_S = 2.5
"""Readings of a meter and of a charger that are further apart than this tell nothing of each other."""
KEEP_S = 30.0
STILL_A = 0.5
"""Without neutral only moments count at which no charger behind the meter draws more than this."""

Sample = tuple[float, PhaseVector]
Pick = Callable[[PhaseVector, PhaseVector], PhaseVector]
Ask = Callable[[Collection[str], float, float], Mapping[str, Highest]]
"""The largest of these quantities between two times, as `Historian.highest` answers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The largest load of a circuit beside chargers that the history knows."""

    load_a: PhaseVector
    at_s: tuple[int, int, int]
    """When, per phase, UTC."""
    days: float
    """How much time is recorded."""


class BaseLoads:
    """Take readings in as they come, ask with `settled` what is known by now."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._circuits = {c.id: c.meter for c in site.circuits if c.meter is not None}
        self._meters: dict[str, deque[Sample]] = {c: deque() for c in self._circuits}
        self._points: dict[str, deque[Sample]] = {p.id: deque() for p in site.charge_points}
        self._cells: dict[str, deque[Sample]] = {b.id: deque() for b in site.batteries}
        """What each battery gave."""
        self._suns: dict[str, deque[Sample]] = {m.id: deque() for m in site.meters if m.role == "production"}
        """What each of the meters of solar panels told that they gave."""

    def look(self, picture: Picture, trusted: Container[str]) -> dict[str, PhaseVector]:
        """Take in a whole picture, of the meters only those that are trusted; as `settled`."""
        for meter_id, reading in picture.meters.items():
            if meter_id in trusted:
                self.take(reading)
        for heard in picture.charge_points.values():
            self.take(heard)
        for cells in picture.batteries.values():
            self.take(cells)
        return self.settled(picture.now_s)

    def take(self, reading: MeterReading | ChargePointReading | BatteryReading) -> None:
        """A reading, new or seen before. Meters without currents, batteries without a power and unknown ids are
        passed over."""
        if isinstance(reading, BatteryReading):
            samples = self._cells.get(reading.battery_id)
            if samples is not None and reading.power_w is not None and _is_new(samples, reading.at_s):
                wires = self._site.battery[reading.battery_id].conductors
                given_a = max(0.0, -reading.power_w) / LEAST_V / len(wires)
                _append(samples, reading.at_s, on_phases(given_a, wires))
        elif isinstance(reading, ChargePointReading):
            samples = self._points.get(reading.charge_point_id)
            if samples is not None and _is_new(samples, reading.at_s):
                wired = self._site.charge_point[reading.charge_point_id].conductors
                drawn = between_lines(reading.current_a) if self._site.three_wire else reading.current_a
                _append(samples, reading.at_s, to_site_phases(drawn, wired))
        elif reading.current_a is not None:
            suns = self._suns.get(reading.meter_id)
            if suns is not None and _is_new(suns, reading.at_s):
                _append(suns, reading.at_s, maximum(ZERO, sub(ZERO, reading.current_a)))
            l1, l2, l3 = reading.current_a
            current_a = (abs(l1), abs(l2), abs(l3)) if self._site.three_wire else reading.current_a
            for circuit_id, meter_id in self._circuits.items():
                samples = self._meters[circuit_id]
                if meter_id == reading.meter_id and _is_new(samples, reading.at_s):
                    _append(samples, reading.at_s, current_a)

    def settled(self, now_s: float) -> dict[str, PhaseVector]:
        """The largest load of each circuit among the meter's moments that the chargers have told of since the
        last call; a circuit is left out while there is none, or while a charger or battery behind it is not heard."""
        out: dict[str, PhaseVector] = {}
        for circuit_id, samples in self._meters.items():
            while samples and samples[0][0] <= now_s - ALIGN_S:
                at_s, metered = samples.popleft()
                load = self._beside_chargers(circuit_id, at_s, metered)
                if load is not None:
                    out[circuit_id] = maximum(out[circuit_id], load) if circuit_id in out else load
        return out

    def _beside_chargers(self, circuit_id: str, at_s: float, metered: PhaseVector) -> PhaseVector | None:
        left = metered
        for point_id in self._site.charge_points_behind[circuit_id]:
            drawn = _around(self._points[point_id], at_s, maximum)
            if drawn is None or (self._site.three_wire and max(drawn) > STILL_A):
                return None  # without neutral currents meet at angles: what is left would be too little
            left = sub(left, drawn)
        for battery in self._site.batteries_behind[circuit_id]:
            given = _around(self._cells[battery.id], at_s, maximum)
            if given is None:
                return None
            left = add(left, given)
        if circuit_id == self._site.root.id and not self._site.three_wire:
            for suns in self._suns.values():
                left = add(left, _around(suns, at_s, minimum) or ZERO)
        return left


def series_names(circuit_id: str) -> tuple[str, str, str]:
    """How the history calls it, per phase."""
    return (
        f"circuit.{circuit_id}.base_l1_a",
        f"circuit.{circuit_id}.base_l2_a",
        f"circuit.{circuit_id}.base_l3_a",
    )


def charted(loads: dict[str, PhaseVector]) -> dict[str, float | None]:
    """Loads as quantities for the charts."""
    return {
        name: value
        for circuit_id, load in loads.items()
        for name, value in zip(series_names(circuit_id), load, strict=True)
    }


def recorded(site: Site, ask: Ask, from_s: float, to_s: float) -> dict[str, Recorded]:
    """The largest load of each circuit with a meter, as far as it is recorded. Raises what `ask` raises."""
    names = {c.id: series_names(c.id) for c in site.circuits if c.meter is not None}
    found = ask([name for three in names.values() for name in three], from_s, to_s)
    out = {}
    for circuit_id, three in names.items():
        if all(name in found for name in three):
            l1, l2, l3 = (found[name] for name in three)
            out[circuit_id] = Recorded(
                load_a=(l1.value, l2.value, l3.value),
                at_s=(l1.at_s, l2.at_s, l3.at_s),
                days=min(l1.recorded_s, l2.recorded_s, l3.recorded_s) / 86400,
            )
    return out


def larger(one: Recorded | None, other: Recorded) -> Recorded:
    """Two times taken together."""
    if one is None:
        return other
    sides = [(one, i) if one.load_a[i] >= other.load_a[i] else (other, i) for i in range(3)]
    (a, i), (b, j), (c, k) = sides
    return Recorded(
        load_a=(a.load_a[i], b.load_a[j], c.load_a[k]),
        at_s=(a.at_s[i], b.at_s[j], c.at_s[k]),
        days=one.days + other.days,
    )


def _is_new(samples: deque[Sample], at_s: float) -> bool:
    return not samples or at_s > samples[-1][0]


def _append(samples: deque[Sample], at_s: float, value: PhaseVector) -> None:
    samples.append((at_s, value))
    while samples[0][0] < at_s - KEEP_S:
        samples.popleft()


def _around(samples: deque[Sample], at_s: float, pick: Pick) -> PhaseVector | None:
    """The largest or smallest of what was told around a moment."""
    found: PhaseVector | None = None
    for when, value in samples:
        if abs(when - at_s) <= ALIGN_S:
            found = value if found is None else pick(found, value)
    return found
