"""Limits without tolerance: the contract in kW, and limits from outside. Only the time to react is given."""

from operator import itemgetter

from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.simulation.judge.overload import FLOWS_A
from kwartier.simulation.trouble.outside import limits
from kwartier.site.phases import PhaseVector
from kwartier.site.units import NOMINAL_VOLTAGE_V

REACTION_S = 15.0
"""Meter 2 s, decision 1 s, station 1.4 s, car 5 s, one more change while it all runs; what is beyond is charged."""
CUT_S = 8.0
"""More where a car draws more than it is offered: its station is told 0 A once that is sure, and cuts it off after 6 s."""
RECOVERS_PER_S = 0.1
"""Seconds of the time to react that each second at or below a contract gives back: one that is exceeded again and again
is not given the whole of it each time."""
ROUNDING_W = 5.0
ROUNDING_A = 0.05


class Contract:
    """See above."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._contracts = [(c.id, c.contract_w) for c in ground.site.circuits if c.contract_w is not None]
        self._spent: dict[tuple[str, int], float] = {}
        self._left: dict[tuple[str, int], float] = {}
        """Of those that are below again: what is not back yet."""
        self._since_s: dict[tuple[str, int], float] = {}
        self._stubborn: set[tuple[str, int]] = set()
        """Rows with a car in this time above the limit that draws more than it is offered."""
        self.findings: list[Finding] = []
        self.worst_s = 0.0
        self.over = False
        """Whether a contract or a limit from outside is exceeded now, on whosever account."""

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        ground = self._ground
        self.over = False
        if self._left:
            back_s = RECOVERS_PER_S * dt_s
            self._left = {key: left_s - back_s for key, left_s in self._left.items() if left_s > back_s}
        for circuit_id, contract_w in self._contracts:
            power_w = sum(ground.plant.power_w(circuit_id))
            obedient_a = 0.0
            if power_w > contract_w + ROUNDING_W:
                self.over = True
                obedient_a = sum(
                    ground.obedient_a(circuit_id, p) + ground.charging_cells_a(circuit_id, p)
                    for p in (1, 2, 3)
                )
            what = f"circuit {circuit_id!r} at {power_w:.0f} W of {contract_w:.0f} W"
            self._row(
                (circuit_id, 0), obedient_a > FLOWS_A, contract_w / NOMINAL_VOLTAGE_V, what, "contract", dt_s
            )
        # A limit from outside reaches nobody while the controller is gone.
        there = ground.schedule.active and ground.told.up
        outside = limits(ground.site, ground.schedule.active, ground.run_s, 0.0) if there else ()
        for limit in outside:
            expired = limit.valid_until_s is not None and limit.valid_until_s <= 0.0
            value = limit.after_a if expired and limit.after_a is not None else limit.value_a
            amps = ground.plant.current_a(limit.circuit_id)
            for i in range(3):
                most_a = value[i] if value[i] == value[i] else 0.0
                over = amps[i] > most_a + ROUNDING_A
                self.over = self.over or over
                obedient_a = 0.0
                if over:
                    obedient_a = ground.obedient_a(limit.circuit_id, i + 1)
                    obedient_a += ground.charging_cells_a(limit.circuit_id, i + 1)
                what = (
                    f"circuit {limit.circuit_id!r} L{i + 1} at {amps[i]:.1f} A of {most_a:.1f} A from outside"
                )
                key = (limit.circuit_id, i + 1)
                self._row(key, obedient_a > FLOWS_A, most_a, what, "outside limit", dt_s)
        if self._spent:
            limited = {limit.circuit_id for limit in outside}
            for key in [k for k in self._spent if k[1] and k[0] not in limited]:
                self._left[key] = self._spent.pop(key)  # a limit that comes again finds what was said of it

    def _row(
        self, key: tuple[str, int], over: bool, most_a: float, what: str, rule: str, dt_s: float
    ) -> None:
        if not over:
            spent_s = self._spent.pop(key, 0.0)
            if spent_s:
                self._left[key] = spent_s
            self._stubborn.discard(key)
            return
        if key not in self._spent:
            self._since_s[key] = self._ground.run_s - dt_s
            self._spent[key] = self._left.pop(key, 0.0)
        before = self._spent[key]
        measure = itemgetter(key[1] - 1) if key[1] else self._all_a
        if self._ground.blind(key[0], self._since_s[key], measure, most_a) is None:
            self._spent[key] = before + dt_s
        now_s = self._spent[key]
        self.worst_s = max(self.worst_s, now_s)
        phases = (key[1],) if key[1] else (1, 2, 3)
        if now_s <= REACTION_S:
            return
        if key not in self._stubborn and any(self._ground.beyond_a(key[0], p) > FLOWS_A for p in phases):
            self._stubborn.add(key)
        most_s = REACTION_S + (CUT_S if key in self._stubborn else 0.0)
        if before <= most_s < now_s:
            self.findings.append(
                Finding(rule=rule, at_s=self._ground.run_s, what=f"{what} for {now_s:.0f} s")
            )

    def _all_a(self, amps: PhaseVector) -> float:
        """The power of all phases, as the current that it is at the nominal voltage."""
        volts = self._ground.plant.voltage_v
        return sum(a * v for a, v in zip(amps, volts, strict=True)) / NOMINAL_VOLTAGE_V
