"""How far the phases of a circuit lie apart, where it has a limit on that: only the time to react is given.

For each pair of phases the clock runs while one lies more than the limit above the other *and* cars that obey draw on the
upper and not on the lower: they could come down, whatever else flows. What draws on both alike does neither, so
batteries (refused on fewer than three phases there) have no part in it.

Not judged: while the meter is lost or nobody steers. Then nobody knows the other load of either phase, and what
stations are safe with was proven for each phase, not for two against each other.
"""

from itertools import permutations

from kwartier.simulation.judge.contract import CUT_S, REACTION_S
from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.simulation.judge.overload import FLOWS_A
from kwartier.site.phases import PhaseVector

ROUNDING_A = 1.0
"""Set-points move in steps of half an ampere, and what three phases of a car draw is known as well as that."""
PAIRS = tuple(permutations((1, 2, 3), 2))


class Imbalance:
    """Looks every second, where there is such a limit."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._limits = [(c.id, c.imbalance_a) for c in ground.site.circuits if c.imbalance_a is not None]
        self._spent_s: dict[tuple[str, int, int], float] = {}
        self._since_s: dict[tuple[str, int, int], float] = {}
        self._stubborn: set[tuple[str, int, int]] = set()
        """Pairs with a car on the upper phase that has drawn more than it was offered."""
        self.findings: list[Finding] = []
        self.over_s = 0.0
        """Seconds above such a limit on account of cars that obey."""
        self.worst_s = 0.0
        """The longest of them at a stretch."""

    @property
    def calm(self) -> bool:
        """Whether nothing is above a limit now on account of cars."""
        return not self._spent_s

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        for circuit_id, limit_a in self._limits:
            amps = self._ground.plant.current_a(circuit_id)
            if not self._spent_s and max(amps) - min(amps) <= limit_a + ROUNDING_A:
                continue  # as nearly always
            lost = self._lost(circuit_id)
            for p, q in PAIRS:
                apart_a = amps[p - 1] - amps[q - 1]
                over = apart_a > limit_a + ROUNDING_A and not lost
                if over and self._ground.uneven_a(circuit_id, p, q) > FLOWS_A:
                    self._above((circuit_id, p, q), apart_a, limit_a, dt_s)
                else:
                    self._spent_s.pop((circuit_id, p, q), None)
                    self._stubborn.discard((circuit_id, p, q))

    def _lost(self, circuit_id: str) -> bool:
        ground = self._ground
        return not ground.told.up or any(
            ground.silences(fault)
            for meter_id in ground.meters_of(circuit_id)
            for fault in ground.schedule.of(meter_id)
        )

    def _above(self, key: tuple[str, int, int], apart_a: float, limit_a: float, dt_s: float) -> None:
        ground, (circuit_id, p, q) = self._ground, key
        before_s = self._spent_s.get(key)
        if before_s is None:
            before_s, self._since_s[key] = 0.0, ground.run_s - dt_s

        def measure(amps: PhaseVector) -> float:
            return amps[p - 1] - amps[q - 1]

        blind = ground.blind(circuit_id, self._since_s[key], measure, limit_a + ROUNDING_A)
        spent_s = self._spent_s[key] = before_s + (0.0 if blind else dt_s)
        self.over_s += spent_s - before_s
        self.worst_s = max(self.worst_s, spent_s)
        if ground.beyond_a(circuit_id, p) > FLOWS_A:
            self._stubborn.add(key)
        most_s = REACTION_S + (CUT_S if key in self._stubborn else 0.0)
        if before_s <= most_s < spent_s:
            what = f"circuit {circuit_id!r}: L{p} lies {apart_a:.1f} A above L{q}, {limit_a:g} A allowed, for {spent_s:.0f} s"
            self.findings.append(Finding(rule="imbalance", at_s=ground.run_s, what=what))
