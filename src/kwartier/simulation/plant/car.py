"""A car as a socket sees it: an on-board charger that follows the pilot signal, late and roughly."""

from dataclasses import dataclass

MIN_CURRENT_A = 6.0
"""IEC 61851-1: the smallest current a pilot signal can offer."""


@dataclass(slots=True, kw_only=True)
class Car:
    """One electric car.

    It follows a change of the pilot after `reaction_s` (IEC 61851-1 allows 5 s), drops at once when
    that time is over and rises by `ramp_a_per_s`. Near full it tapers down to 6 A, then sleeps.
    """

    battery_kwh: float
    soc: float
    """State of charge, 0 to 1."""
    phases: int
    """How many conductors its charger can use (1, 2 or 3)."""
    max_a: float
    reaction_s: float = 3.0
    ramp_a_per_s: float = 4.0
    whole_amps: bool = False
    """It rounds the offered current down to whole amperes, as many chargers do."""
    start_min_a: float = MIN_CURRENT_A
    """It does not begin below this (some need 8, 9 or 14 A); once it charges it accepts 6 A."""
    taper_from: float = 0.9
    efficiency: float = 0.9
    ignores_limit: bool = False
    """It draws its own maximum whatever the pilot says (a defect that a controller must survive)."""
    single_phase_fallback: bool = False
    """After its first interruption it goes on with one conductor only."""
    current_a: float = 0.0
    """Per conductor in use."""
    _seen_a: float = 0.0
    _due_s: float | None = None
    _starts: int = 0

    @property
    def full(self) -> bool:
        """Whether it sleeps because nothing more goes in."""
        return self.soc >= 1.0

    @property
    def phases_used(self) -> int:
        """Conductors it draws from now."""
        return 1 if self.single_phase_fallback and self._starts > 1 else self.phases

    def wants_current(self, offered_a: float, now_s: float) -> bool:
        """Follow the pilot and say whether the car closes its switch (IEC 61851-1 state C)."""
        if offered_a == self._seen_a:
            self._due_s = None
        elif self._due_s is None:
            self._due_s = now_s + self.reaction_s
        elif now_s >= self._due_s:
            self._seen_a = offered_a
            self._due_s = None
        least = MIN_CURRENT_A if self.current_a > 0 else self.start_min_a
        return self._seen_a >= least and self.soc < 1.0

    def draw(self, closed: bool, dt_s: float) -> float:
        """Current per conductor, A, for the next `dt_s` seconds; `closed` says that the socket's
        contactor feeds it and that it wants current."""
        if not closed:
            self.current_a = 0.0
            return 0.0
        if self.current_a == 0.0:
            self._starts += 1
        target_a = self._target_a()
        if target_a <= self.current_a:
            self.current_a = target_a
        else:
            self.current_a = min(target_a, self.current_a + self.ramp_a_per_s * dt_s)
        return self.current_a

    def store(self, energy_wh: float) -> None:
        """Take energy from the socket into the battery."""
        self.soc = min(1.0, self.soc + energy_wh * self.efficiency / (1000.0 * self.battery_kwh))

    def unplug(self) -> None:
        """Forget the socket it hung on."""
        self.current_a = self._seen_a = 0.0
        self._due_s = None
        self._starts = 0

    def _target_a(self) -> float:
        target_a = self.max_a if self.ignores_limit else min(self._seen_a, self.max_a)
        if self.soc > self.taper_from:
            room = (1.0 - self.soc) / (1.0 - self.taper_from)
            target_a = min(target_a, max(MIN_CURRENT_A, self.max_a * room))
        return float(int(target_a)) if self.whole_amps else target_a
