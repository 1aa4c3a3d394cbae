"""Plant and controller in simulated time: no sockets, no clocks, as fast as the machine can.

Each second: the plant moves, its meters and stations report, `control.step` decides, set-points reach the
stations as the edge would write them (on change, and refreshed before the validity time runs out).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kwartier.control.decision import Decision
from kwartier.control.memory import initial
from kwartier.control.step import step
from kwartier.metering.books import Book, fold, page, targeted
from kwartier.metering.quarters import QuarterMemory
from kwartier.simulation.faults import Fault
from kwartier.simulation.plant.station import Socket
from kwartier.simulation.plant.watcher import Excursion, Watcher
from kwartier.simulation.scenarios import P1, Scenario
from kwartier.simulation.sensing import e27_reading, p1_reading, socket_reading
from kwartier.site.quarters import QuarterPicture
from kwartier.site.setpoints import Message, Picture, Setpoint, Wish

if TYPE_CHECKING:
    from kwartier.site.readings import ChargePointReading, MeterReading

STEP_S = 1.0
REFRESH_S = 15.0
FIRST_S = 1000.0
"""The controller's monotonic clock at the start: any number, but not the plant's."""

OnStep = Callable[[Picture, Decision], None]


@dataclass(kw_only=True)
class Result:
    """How a run went."""

    scenario: str
    seed: int
    duration_s: float
    steps: int = 0
    violations: list[Excursion] = field(default_factory=list)
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
        """Whether no circuit-phase overran its time budget."""
        return not self.violations


class Run:
    """A run in progress; `simulate` is the short way."""

    def __init__(self, scenario: Scenario, *, faults: Iterable[Fault] = ()) -> None:
        self.scenario = scenario
        self.plant = scenario.plant
        self.site = scenario.site
        self.watcher = Watcher(self.plant)
        self.now_s = FIRST_S
        self.memory = initial(self.site, self.now_s)
        self.wishes: dict[str, Wish] = {}
        self.writes = 0
        self.sessions = 0
        self.faults = tuple(faults)
        self._rebooted: set[Fault] = set()
        self._meters: dict[str, MeterReading] = {}
        self._points: dict[str, ChargePointReading] = {}
        self._before: dict[str, MeterReading] = {}
        self._written: dict[str, tuple[float, float, int | None]] = {}
        self._plugged: set[str] = set()
        self._zone = ZoneInfo(self.site.time_zone)
        self.books = {i: Book(quarters=QuarterMemory(meter_id=i)) for i in targeted(self.site)}
        """The quarter-hours of the meters that have a goal for them."""
        self._peers = {
            p.id: frozenset(s.id for s in scenario.station_of(p.id).sockets) for p in self.site.charge_points
        }

    def step(self) -> tuple[Picture, Decision]:
        """Let one second pass."""
        self.plant.advance(STEP_S)
        self.now_s += STEP_S
        self.watcher.look(STEP_S)
        broken, deaf = self._active_faults()
        self._read_meters(broken)
        self._read_points(deaf)
        picture = Picture(
            now_s=self.now_s,
            utc_s=self.plant.now_s,
            meters=dict(self._meters),
            charge_points=dict(self._points),
            wishes=self.wishes,
            quarters=self._quarters() if self.books else {},
        )
        decision = step(self.site, self.memory, picture)
        self.memory = decision.memory
        self._write(decision, deaf)
        return picture, decision

    def _quarters(self) -> dict[str, QuarterPicture]:
        """What the edge's account would say after these readings."""
        pages = {}
        for meter_id, book in self.books.items():
            reading = self._meters.get(meter_id)
            if reading is not None and (book.newest is None or book.newest.at_s != reading.at_s):
                utc_s = self.plant.now_s - (self.now_s - reading.at_s)
                self.books[meter_id], _ = fold(book, reading, utc_s, self._zone)
            found = page(self.books[meter_id])
            if found is not None:
                pages[meter_id] = found
        return pages

    def _active_faults(self) -> tuple[dict[str, str], set[str]]:
        """Which meters are broken and how; which charge points do not talk."""
        at_s = self.now_s - FIRST_S
        broken: dict[str, str] = {}
        deaf: set[str] = set()
        for fault in self.faults:
            if not fault.start_s <= at_s < fault.end_s:
                continue
            if fault.kind.startswith("meter"):
                broken[fault.target] = fault.kind
            elif fault.kind == "station_silent":
                deaf |= self._peers[fault.target]
            elif fault not in self._rebooted:
                self._rebooted.add(fault)
                self.scenario.station_of(fault.target).reboot(self.plant.now_s)
        for station in self.plant.stations:
            if station.booted_s is None:
                deaf.update(s.id for s in station.sockets)
        return broken, deaf

    def _read_meters(self, broken: dict[str, str]) -> None:
        for meter_id, kind in self.scenario.meter_types.items():
            fault = broken.get(meter_id)
            if fault == "meter_frozen" and meter_id in self._meters:
                self._meters[meter_id] = replace(self._meters[meter_id], at_s=self.now_s)
            elif fault is None and kind == P1:
                self._meters[meter_id] = p1_reading(self.plant, meter_id, self.now_s)
            elif fault is None:
                # the device's values are a second old when they are read
                if meter_id in self._before:
                    self._meters[meter_id] = self._before[meter_id]
                self._before[meter_id] = e27_reading(self.plant, meter_id, self.now_s + STEP_S)

    def _read_points(self, deaf: set[str]) -> None:
        for socket in self.plant.socket.values():
            if socket.id not in deaf:
                self._points[socket.id] = socket_reading(socket, self.plant.now_s, self.now_s)
            if (socket.car is not None) != (socket.id in self._plugged):
                self._plugged ^= {socket.id}
                self.sessions += socket.car is not None

    def _write(self, decision: Decision, deaf: set[str]) -> None:
        for setpoint in decision.setpoints:
            point_id = setpoint.charge_point_id
            if point_id in deaf:
                self._written.pop(point_id, None)
                continue
            written = self._written.get(point_id)
            asked = (setpoint.current_a, setpoint.phases)
            if written is None or written[1:] != asked or self.now_s - written[0] >= REFRESH_S:
                self._tell(self.plant.socket[point_id], setpoint)
                self._written[point_id] = (self.now_s, *asked)
                self.writes += 1

    def _tell(self, socket: Socket, setpoint: Setpoint) -> None:
        """Fewer phases before the current, more after it, as the driver does; a station may refuse phases."""
        fewer = setpoint.phases is not None and setpoint.phases < socket.phases
        if fewer and socket.phase_switching:
            socket.switch_phases(setpoint.phases or 1, self.plant.now_s)
        socket.write_setpoint(setpoint.current_a, self.plant.now_s)
        if setpoint.phases is not None and not fewer and socket.phase_switching:
            socket.switch_phases(setpoint.phases, self.plant.now_s)


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
    for _ in range(int(duration_s / STEP_S)):
        picture, decision = run.step()
        result.steps += 1
        result.messages += decision.messages
        if plant.registers.quarter != quarter:
            quarter = plant.registers.quarter
            result.quarter_peak_w = max(result.quarter_peak_w, demand_w)
        demand_w = plant.registers.quarter_demand_w
        if on_step is not None:
            on_step(picture, decision)
    result.import_kwh = (sum(plant.registers.import_wh) - import_wh) / 1000.0
    result.export_kwh = (sum(plant.registers.export_wh) - export_wh) / 1000.0
    result.charged_kwh = (_charged_wh(run) - charged_wh) / 1000.0
    result.sessions, result.writes = run.sessions, run.writes
    result.violations, result.worst = run.watcher.violations, run.watcher.worst
    result.excursions, result.seconds_above = run.watcher.excursions, run.watcher.seconds_above
    return result


def _charged_wh(run: Run) -> float:
    return sum(sum(s.energy_wh) for s in run.plant.socket.values())
