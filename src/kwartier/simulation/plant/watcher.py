"""Judges a run from outside: how long every circuit-phase was above its limit, on the true currents."""

from dataclasses import dataclass

from kwartier.simulation.plant.plant import Plant
from kwartier.site.phases import PhaseVector

BUDGETS = ((1.13, 60.0), (1.45, 30.0), (float("inf"), 10.0))
"""Up to this ratio of the limit, back under it within so many seconds (DESIGN 5.7)."""

ROUNDING_A = 1e-6


@dataclass(slots=True, kw_only=True)
class Excursion:
    """One time above a limit, from the first second until back at or under it."""

    circuit_id: str
    phase: int
    limit_a: float
    start_s: float
    """UTC."""
    duration_s: float = 0.0
    worst_a: float = 0.0
    spent: float = 0.0
    """Part of the time budget used: each second costs 1/60, 1/30 or 1/10 by how far it is above.
    Above 1 is a violation."""

    def sentence(self) -> str:
        """What happened, for people."""
        return (
            f"circuit {self.circuit_id!r} L{self.phase}: {self.duration_s:.0f} s above {self.limit_a:.0f} A, "
            f"at worst {self.worst_a:.1f} A (+{100 * (self.worst_a / self.limit_a - 1):.0f} %), "
            f"{100 * self.spent:.0f} % of its time budget"
        )


def budget_s(ratio: float) -> float:
    """Seconds that a current of `ratio` times the limit may last."""
    return next(seconds for up_to, seconds in BUDGETS if ratio <= up_to)


def _within(amps: PhaseVector, limits_a: PhaseVector) -> bool:
    """Whether no phase is above its limit, either way: as nearly always."""
    a, b, c = amps
    most_a, most_b, most_c = limits_a
    return -most_a <= a <= most_a and -most_b <= b <= most_b and -most_c <= c <= most_c


class Watcher:
    """Call `look` after every step of the plant; `violations` grows by each excursion over its budget."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._open: dict[tuple[str, int], Excursion] = {}
        self.violations: list[Excursion] = []
        self.excursions = 0
        self.seconds_above = 0.0
        self.worst: Excursion | None = None
        """The excursion that used most of its budget."""

    def look(self, dt_s: float = 1.0) -> None:
        """Judge the last `dt_s` seconds."""
        for circuit in self._plant.site.circuits:
            amps, limits_a = self._plant.current_a(circuit.id), circuit.limit_a
            if not self._open and _within(amps, limits_a):
                continue
            for i in range(3):
                limit_a = limits_a[i]
                if abs(amps[i]) > limit_a + ROUNDING_A:
                    self._above(circuit.id, i + 1, limit_a, abs(amps[i]), dt_s)
                elif self._open:
                    self._open.pop((circuit.id, i + 1), None)

    def _above(self, circuit_id: str, phase: int, limit_a: float, amps: float, dt_s: float) -> None:
        key = (circuit_id, phase)
        e = self._open.get(key)
        if e is None:
            start_s = self._plant.now_s - dt_s
            e = Excursion(circuit_id=circuit_id, phase=phase, limit_a=limit_a, start_s=start_s)
            self._open[key] = e
            self.excursions += 1
        before = e.spent
        e.duration_s += dt_s
        e.worst_a = max(e.worst_a, amps)
        e.spent += dt_s / budget_s(amps / limit_a)
        self.seconds_above += dt_s
        if before <= 1.0 + ROUNDING_A < e.spent:
            self.violations.append(e)
        if self.worst is None or e.spent > self.worst.spent:
            self.worst = e
