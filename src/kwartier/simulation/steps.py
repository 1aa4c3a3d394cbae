"""Loads that are constant between moments that can be foreseen, so that simulated time may leap over what
does not change: appliances that switch, sun in steps of passing clouds, welding in bursts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.loads import HOUR, POWER_FACTOR, DayPlan, Load
from kwartier.simulation.plant.local_time import midnight_before
from kwartier.simulation.plant.plant import NOMINAL_V
from kwartier.site.phases import PhaseVector, on_phases

NEVER_S = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """Something that is on and off in turn, each for a while drawn anew, between two hours of the local day."""

    phases: tuple[int, ...]
    """Site phases."""
    amps: float
    """On each of them while it is on; negative for sun."""
    least: float = 1.0
    """Each time it comes on it takes a share between this and 1 of `amps`."""
    on_s: float
    off_s: float
    from_h: float = 0.0
    until_h: float = 24.0


OVEN = (900.0, 9000.0)
HEAT_PUMP = (1500.0, 2400.0)
WELDER = (2.0, 6.0)
CLOUDS = (400.0, 300.0)


class StepLoad(Load):
    """Appliances of one circuit. `power_w` changes only at `next_s`."""

    def __init__(
        self, appliances: Sequence[Appliance], dice: Random, zone: ZoneInfo, *, floor_a: PhaseVector
    ) -> None:
        super().__init__(lambda _dice, _midnight, _weekend: [], dice, zone, floor_w=(0.0,) * 3, noise_w=0.0)
        self._appliances = tuple(appliances)
        self._floor_a = floor_a
        self._on = [0.0] * len(appliances)
        self._due_s = [-NEVER_S] * len(appliances)
        self.next_s = -NEVER_S

    @property
    def worst_a(self) -> PhaseVector:
        """The most that it can draw at once per phase, at nominal voltage."""
        out = list(self._floor_a)
        for a in self._appliances:
            for phase in a.phases:
                out[phase - 1] += max(0.0, a.amps)
        return (out[0], out[1], out[2])

    def tick(self, now_s: float) -> None:
        """Switch what is due at `now_s` (UTC)."""
        if now_s < self.next_s:
            return
        first = self.next_s == -NEVER_S
        for i, appliance in enumerate(self._appliances):
            if now_s >= self._due_s[i]:
                self._switch(i, appliance, now_s, first)
        amps = list(self._floor_a)
        for appliance, share in zip(self._appliances, self._on, strict=True):
            if share:
                for k, a in enumerate(on_phases(share * appliance.amps, appliance.phases)):
                    amps[k] += a
        self.power_w = [a * NOMINAL_V * POWER_FACTOR for a in amps]
        self.next_s = min(self._due_s, default=NEVER_S)

    def _switch(self, i: int, appliance: Appliance, now_s: float, first: bool) -> None:
        dice = self._dice
        midnight_s = midnight_before(now_s, self._zone)
        begins_s, ends_s = midnight_s + HOUR * appliance.from_h, midnight_s + HOUR * appliance.until_h
        if not begins_s <= now_s < ends_s:
            self._on[i] = 0.0
            self._due_s[i] = begins_s if now_s < begins_s else begins_s + 24 * HOUR
            return
        turn_on = not self._on[i] and not first
        self._on[i] = dice.uniform(appliance.least, 1.0) if turn_on else 0.0
        mean_s = appliance.on_s if turn_on else appliance.off_s
        lasts_s = max(1.0, round(mean_s * dice.uniform(0.1 if first else 0.4, 1.6)))
        self._due_s[i] = now_s + lasts_s


class PlannedSteps(Load):
    """The day plan of an existing load, without noise: `power_w` changes only at `next_s`."""

    def __init__(self, plan: DayPlan, dice: Random, zone: ZoneInfo, *, floor_w: tuple[float, float, float]):
        super().__init__(plan, dice, zone, floor_w=floor_w, noise_w=0.0)
        self.next_s = -NEVER_S

    def tick(self, now_s: float) -> None:
        """Follow the plan up to `now_s` (UTC)."""
        if now_s < self.next_s:
            return
        self._follow_plan(now_s)
        self.power_w = [max(0.0, round(w, 3)) for w in self._steps_w]
        self.next_s = self._planned_until_s
        if self._next < len(self._events):
            self.next_s = min(self.next_s, self._events[self._next][0])
