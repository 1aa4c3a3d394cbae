"""What goes wrong in a simulated run, and when: drawn from dice, several things at once at times.

Here stand the kinds and the drawing. What each of them does stands in `trouble`: `meters`, `stations`,
`cars`, `cells`, `controller` and `outside`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Literal

from kwartier.simulation.plant.station import BOOT_S
from kwartier.simulation.scenarios import P1, Scenario

FaultKind = Literal[
    "meter_silent",
    "meter_frozen",
    "meter_repeat",
    "meter_spike",
    "meter_nonsense",
    "meter_scale",
    "meter_lag",
    "meter_late",
    "meter_phase",
    "meter_clock",
    "station_silent",
    "station_reboot",
    "station_timeouts",
    "station_lost_writes",
    "station_late_writes",
    "station_half_open",
    "car_lag",
    "car_rounds_up",
    "car_ignores",
    "car_one_phase",
    "car_over",
    "car_start_14",
    "car_leaves",
    "car_sleeps",
    "power_cut",
    "pause",
    "disk_full",
    "clock_step",
    "limit_flicker",
    "limit_expires",
    "limit_nonsense",
    "fire_alarm",
    "fire_wire",
    "battery_silent",
    "battery_refuses",
    "plan_lost",
    "plan_wrong",
]
MEAN_GAP_S = 600.0
"""One fault each ten minutes on average."""
BURSTS = (1, 1, 1, 1, 1, 1, 1, 2, 2, 4)
"""How many begin together; each equally likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something is wrong with `target` from `start_s` until `end_s`, seconds after the start of the run.

    `target`: a meter id, a charge point id (station faults mean its whole station), a circuit id for limits,
    the input's id for fire, a battery id, `plan`, `controller`. `amount`: how badly, in the unit that the kind has.
    """

    kind: FaultKind
    target: str
    start_s: float
    end_s: float
    amount: float = 0.0

    def sentence(self) -> str:
        """One line, for people."""
        how = f" ({self.amount:g})" if self.amount else ""
        return f"{self.kind} {self.target}{how}, {self.start_s:.0f} to {self.end_s:.0f} s"


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a kind comes, how long it lasts, how badly."""

    weight: float
    shortest_s: float
    longest_s: float
    amounts: tuple[float, ...] = (0.0,)


HABITS: dict[FaultKind, Habit] = {
    # meters
    "meter_silent": Habit(3.0, 3.0, 400.0),
    "meter_frozen": Habit(2.0, 5.0, 300.0),
    "meter_repeat": Habit(1.0, 3.0, 60.0),
    "meter_spike": Habit(1.5, 1.0, 3.0, (20.0, 9999.0, -500.0)),
    "meter_nonsense": Habit(1.0, 1.0, 90.0),
    "meter_scale": Habit(2.0, 1.0, 60.0, (0.0, 0.3, 0.7, 1.4, 2.0)),
    "meter_lag": Habit(1.5, 20.0, 200.0, (1.0, 2.0, 3.0)),
    "meter_late": Habit(1.0, 5.0, 120.0, (6.0, 15.0)),
    "meter_phase": Habit(1.0, 1.0, 40.0, (1.0, 2.0, 3.0)),
    "meter_clock": Habit(0.7, 30.0, 900.0, (3600.0, -3600.0, 47.0, -47.0)),
    # stations and their network
    "station_silent": Habit(3.0, 5.0, 400.0),
    "station_reboot": Habit(2.0, BOOT_S, BOOT_S),
    "station_timeouts": Habit(1.5, 10.0, 120.0, (0.3, 0.7)),
    "station_lost_writes": Habit(1.5, 3.0, 90.0),
    "station_late_writes": Habit(1.0, 10.0, 120.0, (1.0, 3.0, 8.0)),
    "station_half_open": Habit(1.0, 5.0, 90.0),
    # cars
    "car_lag": Habit(1.5, 60.0, 900.0, (5.0, 7.0, 9.0)),
    "car_rounds_up": Habit(1.0, 60.0, 1800.0),
    "car_ignores": Habit(1.0, 20.0, 300.0),
    "car_one_phase": Habit(1.0, 60.0, 1200.0),
    "car_over": Habit(1.0, 60.0, 900.0, (0.05,)),
    "car_start_14": Habit(1.0, 300.0, 3600.0, (14.0,)),
    "car_leaves": Habit(1.0, 1.0, 1.0),
    "car_sleeps": Habit(1.0, 30.0, 900.0),
    # the controller and its machine
    "power_cut": Habit(1.5, 2.0, 180.0),
    "pause": Habit(1.5, 2.0, 120.0),
    "disk_full": Habit(1.0, 30.0, 600.0),
    "clock_step": Habit(1.0, 60.0, 1800.0, (3600.0, -3600.0, 90.0, -5.0)),
    # from outside
    "limit_flicker": Habit(1.0, 20.0, 120.0, (0.0, 0.3, 0.7)),
    "limit_expires": Habit(1.0, 30.0, 300.0, (0.2, 0.6)),
    "limit_nonsense": Habit(0.5, 1.0, 30.0),
    "fire_alarm": Habit(0.3, 3.0, 120.0),
    "fire_wire": Habit(0.2, 1.0, 60.0),
    # batteries and plans
    "battery_silent": Habit(3.0, 5.0, 400.0),
    "battery_refuses": Habit(2.0, 10.0, 300.0),
    "plan_lost": Habit(2.0, 60.0, 7200.0),
    "plan_wrong": Habit(2.0, 60.0, 1800.0, (-1.0, 3.0, 9.0)),
}
ONE_AT_A_TIME = frozenset({"power_cut", "pause"})
"""The controller is either there or not."""


def draw_faults(
    scenario: Scenario, duration_s: float, *, mean_gap_s: float = MEAN_GAP_S
) -> tuple[Fault, ...]:
    """The faults of a run, in the order in which they begin: `mean_gap_s` apart on average."""
    dice = Random(scenario.dice.getrandbits(64))  # noqa: S311 - must be repeatable, not secret
    targets = _targets(scenario)
    kinds = [kind for kind in HABITS if targets[kind]]
    weights = [HABITS[kind].weight for kind in kinds]
    each_s = mean_gap_s * sum(BURSTS) / len(BURSTS)
    out: list[Fault] = []
    free_s: dict[str, float] = {}
    at_s = dice.expovariate(1.0 / each_s)
    while at_s < duration_s:
        for kind in dice.choices(kinds, weights, k=dice.choice(BURSTS)):
            habit = HABITS[kind]
            fault = Fault(
                kind=kind,
                target=dice.choice(targets[kind]),
                start_s=float(round(at_s + dice.uniform(0.0, 20.0))),
                end_s=0.0,
                amount=dice.choice(habit.amounts),
            )
            lasts_s = round(
                dice.uniform(habit.shortest_s, min(habit.longest_s, 4.0 * habit.shortest_s + 60.0))
            )
            if dice.random() < 0.3:
                lasts_s = round(dice.uniform(habit.shortest_s, habit.longest_s))
            key = "controller" if kind in ONE_AT_A_TIME else f"{kind} {fault.target}"
            start_s = max(fault.start_s, free_s.get(key, 0.0))
            free_s[key] = start_s + lasts_s + 1.0
            out.append(_moved(fault, start_s, start_s + lasts_s))
        at_s += dice.expovariate(1.0 / each_s)
    return tuple(sorted(out, key=lambda f: f.start_s))


def _moved(fault: Fault, start_s: float, end_s: float) -> Fault:
    return Fault(kind=fault.kind, target=fault.target, start_s=start_s, end_s=end_s, amount=fault.amount)


def _targets(scenario: Scenario) -> dict[FaultKind, list[str]]:
    """What each kind can befall here."""
    points = [p.id for p in scenario.site.charge_points]
    guards = [c.meter for c in scenario.site.circuits if c.meter is not None]
    clocks = [m for m in guards if scenario.meter_types[m] == P1]
    fire = [] if scenario.fire is None else [scenario.fire.id]
    circuits = [c.id for c in scenario.site.circuits]
    out: dict[FaultKind, list[str]] = {}
    for kind in HABITS:
        group = kind.split("_", maxsplit=1)[0]
        out[kind] = {
            "meter": guards,
            "station": points,
            "car": points,
            "limit": circuits,
            "fire": fire,
            "battery": [b.id for b in scenario.site.batteries],
            "plan": [] if scenario.advise is None else ["plan"],
        }.get(group, ["controller"])
    out["meter_clock"] = clocks
    return out


class Schedule:
    """The faults of a run as time goes by. `at` must be asked in the order of time."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._coming = sorted(faults, key=lambda f: f.start_s, reverse=True)
        self.active: tuple[Fault, ...] = ()
        self.begun: tuple[Fault, ...] = ()
        """Those that began at the last `at`."""
        self.ended: tuple[Fault, ...] = ()
        self.next_s = self._next_s()
        """When something begins or ends next."""

    def at(self, run_s: float) -> bool:
        """Move on to `run_s`; returns whether anything changed."""
        if run_s < self.next_s:
            self.begun = self.ended = ()
            return False
        begun = []
        while self._coming and self._coming[-1].start_s <= run_s:
            begun.append(self._coming.pop())
        self.ended = tuple(f for f in self.active if f.end_s <= run_s)
        self.begun = tuple(begun)
        self.active = tuple(f for f in (*self.active, *begun) if f.end_s > run_s)
        self.ended += tuple(f for f in begun if f.end_s <= run_s)
        self.next_s = self._next_s()
        return True

    def of(self, kind_or_target: str) -> list[Fault]:
        """Active faults of a kind, or that befall a target."""
        return [f for f in self.active if kind_or_target in {f.kind, f.target}]

    @property
    def begins_s(self) -> float:
        """When the next fault begins."""
        return self._coming[-1].start_s if self._coming else float("inf")

    def _next_s(self) -> float:
        return min([self.begins_s, *(f.end_s for f in self.active)])
