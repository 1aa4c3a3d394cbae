"""All judges of a run together, and what they found."""

from collections.abc import Sequence
from typing import Any

from kwartier.simulation.faults import Schedule
from kwartier.simulation.judge.bases import Bases
from kwartier.simulation.judge.cells import CellsJudge
from kwartier.simulation.judge.contract import Contract
from kwartier.simulation.judge.fairness import Fairness
from kwartier.simulation.judge.fire import Fire
from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.simulation.judge.imbalance import Imbalance
from kwartier.simulation.judge.minimums import Minimums
from kwartier.simulation.judge.overload import Overload
from kwartier.simulation.judge.peak import Peak
from kwartier.simulation.judge.quarters import Closed, Quarters
from kwartier.simulation.judge.raises import Raises
from kwartier.simulation.judge.restart import Restart
from kwartier.simulation.judge.safe import Safe
from kwartier.simulation.judge.shares import Shares
from kwartier.simulation.judge.sight import Told
from kwartier.simulation.judge.trip import Trip
from kwartier.simulation.judge.turns import Turns
from kwartier.simulation.judge.waiting import Waiting
from kwartier.simulation.scenarios import Scenario


class Court:
    """`look` after every step of the plant and the controller; `close` once at the end."""

    def __init__(self, scenario: Scenario, schedule: Schedule) -> None:
        self.ground = ground = Ground(scenario, schedule)
        self.overload = Overload(ground)
        self.trip = Trip(ground)
        self.contract = Contract(ground)
        self.imbalance = Imbalance(ground)
        self.minimums = Minimums(ground)
        self._bases = bases = Bases(ground)
        self.raises = Raises(ground, bases)
        self.turns = Turns(ground, bases)
        self.restart = Restart(ground)
        self.safe = Safe(ground)
        self.fire = Fire(ground)
        self.waiting = Waiting(ground)
        self.fairness = Fairness(ground)
        self.shares = Shares(ground)
        self.quarters = Quarters(ground)
        self.peak = Peak(ground)
        self.cells = CellsJudge(ground)
        self._judges = (
            self.overload,
            self.trip,
            self.contract,
            self.imbalance,
            self.minimums,
            self.raises,
            self.turns,
            self.restart,
            self.safe,
            self.fire,
            self.waiting,
            self.fairness,
            self.shares,
            self.quarters,
            self.peak,
            self.cells,
        )

        self._looks = tuple(judge.look for judge in self._judges)

    def look(self, run_s: float, dt_s: float, told: Told) -> None:
        """Judge the last `dt_s` seconds, which ended `run_s` after the start."""
        self.ground.look(run_s, told)
        self._bases.look()
        for look in self._looks:
            look(dt_s)

    def close(self, closed: Sequence[Closed]) -> None:
        """The run is over: audit the quarter-hours."""
        self.quarters.audit(closed)

    @property
    def calm(self) -> bool:
        """Whether nothing is over a limit now."""
        calm = not self.overload.open and not self.contract.over
        return calm and self.imbalance.calm and self.cells.calm

    @property
    def next_s(self) -> float:
        """The last moment of the run up to which all judges see things as they do now, by what lies behind."""
        return min(self.ground.next_s, self.waiting.next_s, self.shares.next_s, self.cells.next_s)

    @property
    def findings(self) -> list[Finding]:
        """All that is charged to the controller, in the order of time."""
        return sorted((f for judge in self._judges for f in judge.findings), key=lambda f: f.at_s)

    def figures(self) -> dict[str, Any]:
        """For the record of a soak."""
        return {
            "over": self.overload.count,
            "over_s": round(self.overload.over_s),
            "excused_s": {why: round(s) for why, s in sorted(self.overload.excused_s.items())},
            "worst_budget_pct": round(100 * self.overload.worst.spent) if self.overload.worst else 0,
            "worst_trip_pct": round(100 * self.trip.worst),
            "longest_contract_s": round(self.contract.worst_s),
            "longest_imbalance_s": round(self.imbalance.worst_s),
            "imbalance_s": round(self.imbalance.over_s),
            "longest_wait_min": round(self.waiting.longest_s / 60),
            "longest_wait_pct": round(100 * self.waiting.longest_share),
            "left_waiting": self.waiting.left,
            "pairs": self.fairness.pairs,
            "raises": self.raises.count,
            "stops": self.turns.count,
            "shares_judged_h": round(self.shares.judged_s / 3600.0),
            "apart_ah": round(self.fairness.worst_ah, 1),
            "alarms": self.fire.alarms,
            "starts": self.restart.starts,
            "quarters": self.quarters.count,
            "goals_judged": self.peak.judged,
            "goals_apart": self.peak.apart,
            "worst_goal_pct": round(100 * self.peak.worst),
            "longest_forbidden_s": round(self.cells.worst_s),
            "quarter_quality": dict(sorted(self.quarters.by_quality.items())),
        }
