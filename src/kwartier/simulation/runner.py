"""Plant and controller in simulated time: no sockets, no clocks, as fast as the machine can.

Each second: the plant moves, its meters and stations report, the controller decides, set-points reach the
stations as the edge would write them (on change, and refreshed before the validity time runs out), and the watchers judge
the true currents. Faults of all kinds happen on the way (`trouble`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Any

from kwartier.control.decision import Decision
from kwartier.control.memory import Memory
from kwartier.control.steady_cells import fuller
from kwartier.simulation.faults import Fault, Schedule
from kwartier.simulation.judge.court import Court
from kwartier.simulation.judge.ground import Finding
from kwartier.simulation.judge.sight import Told
from kwartier.simulation.leap import Leaper
from kwartier.simulation.plant.watcher import Excursion, Watcher
from kwartier.simulation.scenarios import Scenario
from kwartier.simulation.trouble.cars import CarTrouble
from kwartier.simulation.trouble.cells import Cells
from kwartier.simulation.trouble.controller import Controller
from kwartier.simulation.trouble.meters import MeterLine
from kwartier.simulation.trouble.outside import limits
from kwartier.simulation.trouble.stations import StationLines
from kwartier.site.setpoints import Message, Picture, Wish

STEP_S = 1.0
FIRST_S = 1000.0
"""The controller's monotonic clock at the start: any number, but not the plant's."""

OnStep = Callable[[Picture, Decision], None]
Step = tuple[Picture, Decision]


@dataclass(kw_only=True)
class Result:
    """How a run went."""

    scenario: str
    seed: int
    duration_s: float
    steps: int = 0
    """Decisions taken; fewer than seconds where time leapt or the controller was gone."""
    violations: list[Excursion] = field(default_factory=list)
    """Times over a limit for longer than allowed, whoever is to blame."""
    findings: list[Finding] = field(default_factory=list)
    """What is charged to the controller."""
    figures: dict[str, Any] = field(default_factory=dict)
    excursions: int = 0
    seconds_above: float = 0.0
    worst: Excursion | None = None
    faults: tuple[Fault, ...] = ()
    import_kwh: float = 0.0
    export_kwh: float = 0.0
    charged_kwh: float = 0.0
    quarter_peak_w: float = 0.0
    """Highest quarter-hour of the run."""
    sessions: int = 0
    writes: int = 0
    messages: list[Message] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is charged to the controller."""
        return not self.findings


class Run:
    """A run in progress; `simulate` is the short way."""

    def __init__(
        self, scenario: Scenario, *, faults: Iterable[Fault] = (), every_second: bool = False
    ) -> None:
        """`every_second`: never leap over time in which nothing happens."""
        self.scenario = scenario
        self.plant = scenario.plant
        self.site = scenario.site
        self.watcher = Watcher(self.plant)
        self.now_s = FIRST_S
        self.ends_s = inf
        """No leap goes beyond this moment of the controller's clock."""
        self.wishes: dict[str, Wish] = {}
        self.sessions = 0
        self.faults = tuple(faults)
        self.schedule = Schedule(self.faults)
        self.court = Court(scenario, self.schedule)
        self.cars = CarTrouble(self.plant)
        dice = Random(f"lines {scenario.seed}")  # noqa: S311 - must be repeatable, not secret
        self.stations = StationLines(self.plant, dice)
        self.cells = Cells(scenario)
        self.meters = [MeterLine(self.plant, i, kind) for i, kind in scenario.meter_types.items()]
        self.controller = Controller(
            self.site, now_s=self.now_s, spec=scenario.fire, write=self._send, write_battery=self.cells.write
        )
        self._leaper = Leaper(self) if scenario.changes and not every_second else None
        self._told = Told()
        self._plugged: set[str] = set()
        self._cut = False

    @property
    def run_s(self) -> float:
        """Seconds since the start."""
        return self.now_s - FIRST_S

    @property
    def memory(self) -> Memory:
        """What the controller remembers."""
        return self.controller.memory

    @memory.setter
    def memory(self, value: Memory) -> None:
        self.controller.memory = value

    @property
    def before(self) -> Memory:
        """What it remembered when the last decision began."""
        return self.controller.before

    @property
    def writes(self) -> int:
        """Set-points that were acknowledged."""
        return self.controller.writes

    def step(self) -> Step:
        """Let time pass until the next decision."""
        while (taken := self.advance()) is None:
            pass
        return taken

    def advance(self) -> Step | None:
        """Let one second pass; None when the controller was not there to decide."""
        self.plant.advance(STEP_S)
        self.now_s += STEP_S
        self.stations.tick()
        if self.schedule.at(self.run_s):
            self._happen()
        self._count_sessions()
        up = self._up()
        self._told = Told(
            up=up,
            readings=self.controller.meters,
            started_s=self.controller.started_s - FIRST_S,
            resets=self.controller.resets,
        )
        taken = self._decide() if up else None
        self._told.resets = self.controller.resets
        self.watcher.look(STEP_S)
        self.court.look(self.run_s, STEP_S, self._told)
        if taken is not None and self._leaper is not None:
            self._leaper.leap(self.controller.before, taken[0])
        return taken

    def pass_over(self, memory: Memory, by_s: float, *, settling: int, retold: int) -> None:
        """Be where `by_s` more seconds lead in which nothing happens; `memory`: what the controller then has. The plant
        takes the first `settling` and the last `retold` of them one by one, the latter with its meters."""
        began_s, steps, to_plant_s = self.now_s, round(by_s / STEP_S), self.plant.now_s - self.now_s
        again_s = self.controller.leap(memory, began_s + by_s, self.stations.silent)
        again_s = {i: [at_s + to_plant_s for at_s in some] for i, some in again_s.items()}
        self.stations.leap(again_s, self.plant.now_s + by_s)
        if self.plant.storage:
            told_s = self.controller.leap_batteries(began_s + by_s, self.cells.deaf)
            self.cells.leap({i: at_s + to_plant_s for i, at_s in told_s.items()})
        retold = min(retold, steps - 1)
        settling = min(settling, steps - 1 - retold)
        for _ in range(settling):
            self.plant.advance(STEP_S)
        rest_s = by_s - (settling + retold) * STEP_S
        self.plant.advance(rest_s)
        self.now_s += rest_s + settling * STEP_S
        faults = self.schedule.active
        mine = [(line, [f for f in faults if f.target == line.meter_id]) for line in self.meters]
        for line, some in mine:
            line.leap(self.now_s - began_s, self.now_s, some)
        for _ in range(retold):
            self.plant.advance(STEP_S)
            self.now_s += STEP_S
            for line, some in mine:
                line.read(self.now_s, some)
        if self.plant.storage:
            self.memory = fuller(memory, self.cells.soc_pct())
        self._told.writes = []
        self.watcher.look(by_s)
        self.court.look(self.run_s, by_s, self._told)

    def _decide(self) -> Step:
        controller = self.controller
        faults = self.schedule.active
        for line in self.meters:
            mine = [f for f in faults if f.target == line.meter_id] if faults else []
            reading = line.read(self.now_s, mine)
            if reading is not None:
                controller.meters[line.meter_id] = reading
        controller.points.update(self.stations.read(self.now_s))
        if self.plant.storage:
            controller.batteries.update(self.cells.read(self.now_s))
        utc_s = self.plant.now_s
        outside = limits(self.site, faults, self.run_s, self.now_s) if faults else ()
        utc_s += sum(f.amount for f in faults if f.kind == "clock_step")
        advice = self.cells.plan(self.plant.now_s)
        return controller.decide(self.now_s, utc_s, wishes=self.wishes, limits=outside, advice=advice)

    def _send(self, point_id: str, current_a: float, phases: int | None) -> bool:
        self._told.writes.append((point_id, current_a))
        return self.stations.write(point_id, current_a, phases)

    def _happen(self) -> None:
        """Faults begin and end."""
        for fault in self.schedule.ended:
            if fault.kind.startswith("station"):
                self.stations.end(fault)
            self.cars.end(fault)
        for fault in self.schedule.begun:
            if fault.kind.startswith("station"):
                self.stations.begin(fault)
            elif fault.kind.startswith("car"):
                self.cars.begin(fault)
        self.cells.happen(self.schedule.active)
        kinds = {f.kind for f in self.schedule.active}
        self.controller.disk_full = "disk_full" in kinds
        self.controller.alarm = None if "fire_wire" in kinds else "fire_alarm" in kinds
        if "fire_alarm" in kinds:
            self.controller.alarm = True

    def _up(self) -> bool:
        """Whether the controller runs in this second; starts it after a power cut."""
        kinds = {f.kind for f in self.schedule.active} if self.schedule.active else ()
        if "power_cut" in kinds:
            self._cut = True
            return False
        if self._cut:
            self._cut = False
            self.controller.start(self.now_s, self.plant.now_s)
        return "pause" not in kinds

    def _count_sessions(self) -> None:
        for socket in self.plant.socket.values():
            if (socket.car is not None) != (socket.id in self._plugged):
                self._plugged ^= {socket.id}
                self.sessions += socket.car is not None


def simulate(
    scenario: Scenario,
    *,
    duration_s: float,
    faults: Iterable[Fault] = (),
    on_step: OnStep | None = None,
) -> Result:
    """Run a scenario from its present state for so many seconds and judge it."""
    return judge(Run(scenario, faults=faults), duration_s=duration_s, on_step=on_step)


def judge(run: Run, *, duration_s: float, on_step: OnStep | None = None) -> Result:
    """Go on with a run for so many seconds and judge it."""
    scenario, plant = run.scenario, run.plant
    result = Result(scenario=scenario.name, seed=scenario.seed, duration_s=duration_s, faults=run.faults)
    import_wh, export_wh = sum(plant.registers.import_wh), sum(plant.registers.export_wh)
    charged_wh = _charged_wh(run)
    demand_w, quarter = 0.0, plant.registers.quarter
    end_s = run.run_s + duration_s
    run.ends_s = run.now_s + duration_s
    while run.run_s < end_s:
        taken = run.advance()
        if plant.registers.quarter != quarter:
            quarter = plant.registers.quarter
            result.quarter_peak_w = max(result.quarter_peak_w, demand_w)
        demand_w = plant.registers.quarter_demand_w
        if taken is not None:
            picture, decision = taken
            result.steps += 1
            result.messages += decision.messages
            if on_step is not None:
                on_step(picture, decision)
    result.import_kwh = (sum(plant.registers.import_wh) - import_wh) / 1000.0
    result.export_kwh = (sum(plant.registers.export_wh) - export_wh) / 1000.0
    result.charged_kwh = (_charged_wh(run) - charged_wh) / 1000.0
    result.sessions, result.writes = run.sessions, run.writes
    result.violations, result.worst = run.watcher.violations, run.watcher.worst
    result.excursions, result.seconds_above = run.watcher.excursions, run.watcher.seconds_above
    run.court.close(run.controller.closed)
    result.findings, result.figures = run.court.findings, run.court.figures()
    return result


def _charged_wh(run: Run) -> float:
    return sum(sum(s.energy_wh) for s in run.plant.socket.values())
