"""No circuit-phase is over its limit for longer than DESIGN 5.7 allows: 60 s up to 13 %, 30 s up to 45 %, 10 s
beyond, as far as cars or batteries that could have been stopped have a part in it: what they take where the circuit
takes, what batteries give where it gives."""

from dataclasses import dataclass
from operator import itemgetter

from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.simulation.judge.sight import Measure
from kwartier.simulation.plant.watcher import budget_s

FLOWS_A = 0.25
"""Less obedient current than this is nobody's."""
DIGIT_A = 0.01
"""The last digit that meters tell: what is less nobody knows."""
ROUNDING = 1e-6
RECOVERS_S = 120.0
"""So long at or below the limit gives a whole time budget back: that of 60 s at half the speed at which it went, that of 10 s
at a twelfth. Else who is above for nine seconds of every ten would begin anew each time."""


@dataclass(slots=True, kw_only=True)
class Over:
    """One time above a limit."""

    circuit_id: str
    phase: int
    limit_a: float
    start_s: float
    lasts_s: float = 0.0
    worst_a: float = 0.0
    base_a: float = 0.0
    cars_a: float = 0.0
    spent: float = 0.0
    """Part of the time budget used while it could have been helped; above 1 is a finding."""
    excuses: tuple[str, ...] = ()

    def sentence(self) -> str:
        """What happened, for people."""
        return (
            f"circuit {self.circuit_id!r} L{self.phase}: {self.lasts_s:.0f} s above {self.limit_a:.2f} A, at worst "
            f"{self.worst_a:.2f} A ({self.base_a:.2f} A of it other load, {self.cars_a:.2f} A cars that obey), "
            f"{100 * self.spent:.0f} % of the time budget" + "".join(f", {e}" for e in self.excuses)
        )


def steerable_a(ground: Ground, circuit_id: str, phase: int, *, gives: bool) -> float:
    """What could have been taken away of what flows in a circuit on a phase, A; `gives`: it flows back."""
    if gives:
        return ground.giving_cells_a(circuit_id, phase)
    return ground.obedient_a(circuit_id, phase) + ground.charging_cells_a(circuit_id, phase)


def along(phase: int, *, gives: bool) -> Measure:
    """How much flows on a phase in a direction; `gives`: back."""
    return (lambda amps: -amps[phase - 1]) if gives else itemgetter(phase - 1)


class Overload:
    """See above."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._limits = []
        """Per circuit: the limit of each phase, and the smallest of them."""
        for c in ground.site.circuits:
            rating_a = c.fuse.rating_a if c.fuse else float("inf")
            limits_a = [min(limit_a, rating_a) for limit_a in c.limit_a]
            self._limits.append((c.id, limits_a, min(limits_a)))
        self.open: dict[tuple[str, int], Over] = {}
        self._spent: dict[tuple[str, int], float] = {}
        """What is not back yet of the time budgets of those that are below again."""
        self.findings: list[Finding] = []
        self.count = 0
        self.over_s = 0.0
        self.excused_s: dict[str, float] = {}
        """Seconds over a limit that are not charged, by why."""
        self.worst: Over | None = None

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        plant = self._ground.plant
        if self._spent:
            back = dt_s / RECOVERS_S
            self._spent = {key: spent - back for key, spent in self._spent.items() if spent > back}
        for circuit_id, limits_a, least_a in self._limits:
            amps = a, b, c = plant.current_a(circuit_id)
            if (
                not self.open
                and -least_a <= a <= least_a
                and -least_a <= b <= least_a
                and -least_a <= c <= least_a
            ):
                continue  # as nearly always
            for i, limit_a in enumerate(limits_a):
                if abs(amps[i]) > limit_a + DIGIT_A:
                    self._above(circuit_id, i + 1, limit_a, amps[i], dt_s)
                elif self.open and (over := self.open.pop((circuit_id, i + 1), None)) and over.spent > 0.0:
                    self._spent[circuit_id, i + 1] = over.spent

    def _above(self, circuit_id: str, phase: int, limit_a: float, signed_a: float, dt_s: float) -> None:
        ground = self._ground
        amps = abs(signed_a)
        key = (circuit_id, phase)
        over = self.open.get(key)
        if over is None:
            over = self.open[key] = Over(
                circuit_id=circuit_id,
                phase=phase,
                limit_a=limit_a,
                start_s=ground.run_s - dt_s,
                spent=self._spent.pop(key, 0.0),
            )
            self.count += 1
        over.lasts_s += dt_s
        self.over_s += dt_s
        obedient_a = steerable_a(ground, circuit_id, phase, gives=signed_a < 0.0)
        if amps > over.worst_a:
            over.worst_a, over.cars_a = amps, obedient_a
            over.base_a = signed_a - ground.cars_a(circuit_id, phase)
        why = ground.blind(circuit_id, over.start_s, along(phase, gives=signed_a < 0.0), limit_a)
        if why is None and obedient_a <= FLOWS_A:
            why = "no car left to stop"
        if why is not None:
            self.excused_s[why] = self.excused_s.get(why, 0.0) + dt_s
            if why not in over.excuses:
                over.excuses += (why,)
            return
        before = over.spent
        over.spent += dt_s / budget_s(amps / limit_a)
        if before <= 1.0 + ROUNDING < over.spent:
            self.findings.append(Finding(rule="overload", at_s=ground.run_s, what=over.sentence()))
        if self.worst is None or over.spent > self.worst.spent:
            self.worst = over
