"""What batteries do to the currents of circuits: measured, booked, and what is never counted.

The meter of a circuit sees its batteries too. They are taken out of the other load as charge points are
(`control.estimate`) and booked by themselves, with what they may take at most; what they give is booked as
nothing. So a battery that stops helping leaves no circuit over its limit, and its own ups and downs are no trend of
the other load.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kwartier.control.battery.memory import UNSURE_S, BatteryMemory
from kwartier.safety.power import UNKNOWN, Volts, volts
from kwartier.site.batteries import Battery
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, on_phases, sub
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

ALIGN_S = 2.5
"""Readings of this long around the meter's moment may be of that moment."""
CLOSE_S = 0.5
"""Readings that are nearly as near to it as the nearest one count alike."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What the batteries behind a circuit did at its meter's moment, A per site phase; positive charges."""

    least_a: PhaseVector
    """The least that it can have been by the nearest readings."""
    swing_a: PhaseVector
    """How much less it was in the seconds around."""
    unsure_a: PhaseVector
    """What those that are not heard may take."""
    help_a: PhaseVector
    """What those that were heard before and are not now may give."""
    unknown_a: PhaseVector
    """What those that were never heard may give."""


@dataclass(slots=True)
class Cells:
    """The batteries of a step."""

    site: Site
    memory: dict[str, BatteryMemory]
    """Drafts: replaced as the step goes on."""
    volts: Volts
    now_s: float

    def around(self, circuit_id: str, at_s: float) -> Flow | None:
        """None where no battery hangs behind it."""
        behind = self.site.batteries_behind[circuit_id]
        if not behind:
            return None
        least = swing = unsure = helps = unknown = ZERO
        for battery in behind:
            memory = self.memory[battery.id]
            if memory.unheard or self.now_s - memory.heard_s > UNSURE_S:
                unsure = add(unsure, self._load_a(battery, memory.taking_w(battery)))
                giving = self._load_a(battery, memory.giving_w(battery))
                if memory.known:
                    helps = add(helps, giving)
                else:
                    unknown = add(unknown, giving)
                continue
            mine = self._least_a(battery, around_w(memory, at_s)[0])
            lately = self._least_a(battery, _lately_w(memory, at_s))
            least, swing = add(least, mine), add(swing, maximum(ZERO, sub(mine, lately)))
        return Flow(least, swing, unsure, helps, unknown)

    def power_w(self, circuit_id: str, at_s: float) -> float:
        """What the batteries behind a circuit that are heard took then, W, at least (they give: below 0)."""
        return sum(
            around_w(memory, at_s)[0]
            for battery in self.site.batteries_behind[circuit_id]
            if not (memory := self.memory[battery.id]).unheard
        )

    def booked_a(self, battery: Battery) -> PhaseVector:
        """What one may take now, per site phase."""
        return self._load_a(battery, self.memory[battery.id].taking_w(battery))

    def drawn_a(self, battery: Battery) -> PhaseVector:
        """What one draws by its newest word, per site phase; below 0 it gives."""
        power_w = self.memory[battery.id].newest_w
        return on_phases(power_w / self.volts.likely_v / len(battery.conductors), battery.conductors)

    def booked(self) -> dict[str, PhaseVector]:
        """Per circuit that has some: the same of all batteries behind it."""
        out: dict[str, PhaseVector] = {}
        for battery in self.site.batteries:
            mine = self.booked_a(battery)
            if mine != ZERO:
                for circuit_id in self.site.path[battery.circuit]:
                    out[circuit_id] = add(out.get(circuit_id, ZERO), mine)
        return out

    def amperes(self, battery: Battery, power_w: float) -> float:
        """The most that this power is on each of its phases, A."""
        return power_w / self.volts.feeds_v / len(battery.conductors)

    def watts(self, battery: Battery, current_a: float) -> float:
        """The power that is no more than this current on each of its phases."""
        return current_a * self.volts.feeds_v * len(battery.conductors)

    def _load_a(self, battery: Battery, power_w: float) -> PhaseVector:
        return on_phases(self.amperes(battery, power_w), battery.conductors) if power_w else ZERO

    def _least_a(self, battery: Battery, power_w: float) -> PhaseVector:
        """The least current that it can be: taking that off a meter's current never makes other load too small."""
        if not power_w:
            return ZERO
        voltage_v = self.volts.most_v if power_w > 0 else self.volts.feeds_v
        return on_phases(power_w / voltage_v / len(battery.conductors), battery.conductors)


def around_w(memory: BatteryMemory, at_s: float) -> tuple[float, float]:
    """The least and the most measured power at a moment, as near as there are readings."""
    if not memory.samples:
        return 0.0, 0.0
    nearest_s = min(abs(when_s - at_s) for when_s, _ in memory.samples)
    near = [w for when_s, w in memory.samples if abs(when_s - at_s) <= nearest_s + CLOSE_S]
    return min(near), max(near)


def _lately_w(memory: BatteryMemory, at_s: float) -> float:
    """The least power of the seconds around a moment."""
    return min((w for when_s, w in memory.samples if abs(when_s - at_s) <= ALIGN_S), default=0.0)


def cells_of(
    site: Site,
    memories: Mapping[str, BatteryMemory],
    picture: Picture,
    now_s: float,
    *,
    trusted: bool,
) -> Cells:
    """`trusted`: whether the meter of the grid connection is; else any voltage that a net may have is reckoned with."""
    reading = picture.meters.get(site.root.meter or "")
    u = volts(reading.voltage_v) if trusted and reading is not None else UNKNOWN
    return Cells(site, dict(memories), u, now_s)
