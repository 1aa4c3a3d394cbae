"""The controller as a program on a machine: it can be killed, suspended, and find its disk full.

What the edge does around the step is done here in simulated time: writing set-points on change and for
refresh, writing again what a device does not confirm, keeping the memory every ten seconds and each closed
quarter at once, taking up after a start what was kept.

`power_cut`   it is gone, and starts from what was stored last
`pause`       it stands still and goes on as if nothing had been
`disk_full`   nothing is stored
`clock_step`  UTC is `amount` seconds off
`fire_alarm`  the contact says alarm
`fire_wire`   the input cannot be read
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from zoneinfo import ZoneInfo

from kwartier.control.decision import Decision
from kwartier.control.memory import Memory, after_restart, initial
from kwartier.control.step import step
from kwartier.metering.books import begun, fold, page, targeted
from kwartier.metering.peaks import month_of, month_peak
from kwartier.metering.quarters import ClosedQuarter, QuarterMemory, resume
from kwartier.safety import fire
from kwartier.safety.fire_effect import NOTHING, Effect, effect
from kwartier.site.advice import Advice
from kwartier.site.batteries import BatteryReading
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Limit, Message, Picture, Wish
from kwartier.site.topology import Site

STORE_EVERY_S = 10.0
REFRESH_S = 15.0
RETRY_S = 1.0
UNCONFIRMED_S = 6.0
RENEW_S = 5.0
SAME_A = 0.05
RESET_AFTER_S = 120.0
"""Somebody comes and resets the fire input this long after the contact is quiet again."""

Write = Callable[[str, float, int | None], bool]
"""(charge point, A, phases) -> whether the device acknowledged it."""
Told = tuple[float, float, int | None]
"""When something was written, A, phases."""


@dataclass(slots=True)
class _Stored:
    """What is on the disk."""

    memory: Memory | None = None
    quarters: dict[str, QuarterMemory] = field(default_factory=dict)
    closed: list[ClosedQuarter] = field(default_factory=list)
    latch: fire.FireMemory | None = None
    at_s: float = 0.0


class Controller:
    """One controller with its disk. `decide` is one cycle."""

    def __init__(
        self,
        site: Site,
        *,
        now_s: float,
        spec: fire.FireInput | None,
        write: Write,
        write_battery: Callable[[str, float], bool] = lambda _id, _power_w: False,
    ) -> None:
        self.site = site
        self.memory = initial(site, now_s)
        self.before = self.memory
        """The memory that the last decision began with."""
        self.writes = 0
        self.written: dict[str, Told] = {}
        """Per charge point: when it was written last, and what."""
        self.meters: dict[str, MeterReading] = {}
        self.points: dict[str, ChargePointReading] = {}
        self.batteries: dict[str, BatteryReading] = {}
        self.closed: list[ClosedQuarter] = []
        """Quarters that are on the disk or wait for it."""
        self.alarm: bool | None = False
        """What the fire input says now; None: nothing."""
        self.disk_full = False
        self.resets = 0
        """How often somebody has reset the fire input."""
        self.starts = 1
        self.started_s = now_s
        self._spec = spec
        self._write = write
        self._write_battery = write_battery
        self.told: dict[str, tuple[float, float]] = {}
        """Per battery: when it was written last, and what."""
        self._disk = _Stored(at_s=now_s)
        self._zone = ZoneInfo(site.time_zone)
        self._books = {m.id: begun(site, m.id) for m in site.meters}
        self._targeted = targeted(site)
        self._seen_s: dict[str, float] = {}
        self._retry_s: dict[str, float] = {}
        self._fire = None if spec is None else fire.begin(now_s, 0.0)
        self._fire_before: fire.FireMemory | None = None
        """As it was before the last decision."""

    def calm_until_s(self) -> float | None:
        """Until when the fire input goes on as it does; None when it does not."""
        spec, now = self._spec, self._fire
        if spec is None or now is None:
            return inf
        if self.alarm is False and _at_rest(spec, now):
            return inf
        if now.state not in {"alarm", "fault"} or (self.alarm is None and now.level is not None):
            return None
        if self._fire_before is None or replace(self._fire_before, steady_s=now.steady_s) != now:
            return None
        return inf if self.alarm is not False else now.level_s + RESET_AFTER_S

    def start(self, now_s: float, utc_s: float) -> None:
        """Start after a power cut: from what the disk holds."""
        disk, site = self._disk, self.site
        self.memory = initial(site, now_s) if disk.memory is None else after_restart(site, disk.memory, now_s)
        newest = {q.meter_id: q for q in disk.closed}
        self._books = {
            m.id: begun(
                site,
                m.id,
                resume(disk.quarters.get(m.id, QuarterMemory(meter_id=m.id)), newest.get(m.id)),
            )
            for m in site.meters
        }
        month = month_of(utc_s, self._zone)
        for meter_id in self._targeted:
            mine = [
                q for q in disk.closed if q.meter_id == meter_id and month.start_s <= q.start_s < month.end_s
            ]
            self._books[meter_id] = replace(self._books[meter_id], peak=month_peak(mine, month))
        self.closed = list(disk.closed)
        self.written, self._retry_s, self._seen_s = {}, {}, {}
        self.meters, self.points, self.batteries, self.told = {}, {}, {}, {}
        if self._spec is not None:
            kept = disk.latch
            self._fire = fire.begin(now_s, utc_s) if kept is None else fire.after_restart(kept, now_s, utc_s)
        self.starts += 1
        self.started_s = now_s

    def decide(
        self,
        now_s: float,
        utc_s: float,
        *,
        wishes: Mapping[str, Wish],
        limits: tuple[Limit, ...],
        advice: Advice | None = None,
    ) -> tuple[Picture, Decision]:
        """One cycle on what was heard so far (`meters`, `points`)."""
        effects, said = self._look_at_fire(now_s, utc_s)
        self._account(now_s, utc_s)
        pages = ((i, page(self._books[i])) for i in self._targeted)
        picture = Picture(
            now_s=now_s,
            utc_s=utc_s,
            meters=dict(self.meters),
            charge_points=dict(self.points),
            wishes=dict(wishes),
            limits=limits + effects.limits,
            stops=effects.stops,
            quarters={i: found for i, found in pages if found is not None},
            advice=advice,
            batteries=dict(self.batteries),
        )
        self.before = self.memory
        decision = step(self.site, self.memory, picture)
        self.memory = decision.memory
        self._hand_out(decision, picture, effects)
        self._hand_out_to_batteries(decision, now_s)
        self._store(now_s)
        return picture, replace(decision, messages=(*said, *decision.messages)) if said else decision

    def leap(self, memory: Memory, now_s: float, deaf: Callable[[str], bool]) -> dict[str, list[float]]:
        """Be as if the same readings had gone on until `now_s`; returns when what was written was written again."""
        self.memory = memory
        again_s: dict[str, list[float]] = {}
        for point_id, (at_s, current_a, phases) in list(self.written.items()):
            count = int((now_s - at_s) // REFRESH_S)
            if count and not deaf(point_id):
                again_s[point_id] = [at_s + k * REFRESH_S for k in range(1, count + 1)]
                self.written[point_id] = (at_s + count * REFRESH_S, current_a, phases)
                self.writes += count
        if now_s - self._disk.at_s >= STORE_EVERY_S and not self.disk_full:
            # what is on the disk is then at most as old as it would have been
            behind_s = (now_s - self._disk.at_s) // STORE_EVERY_S * STORE_EVERY_S
            self._keep(self._disk.at_s + behind_s)
        return again_s

    def leap_batteries(self, now_s: float, deaf: Callable[[str], bool]) -> dict[str, float]:
        """The same for batteries; returns when each was written last."""
        again_s: dict[str, float] = {}
        for battery_id, (at_s, power_w) in list(self.told.items()):
            count = int((now_s - at_s) // REFRESH_S)
            if count and not deaf(battery_id):
                again_s[battery_id] = at_s + count * REFRESH_S
                self.told[battery_id] = (again_s[battery_id], power_w)
        return again_s

    # -- the parts of a cycle ------------------------------------------------------------------------------

    def _look_at_fire(self, now_s: float, utc_s: float) -> tuple[Effect, tuple[Message, ...]]:
        spec, memory = self._spec, self._fire
        if spec is None or memory is None:
            return NOTHING, ()
        self._fire_before = memory
        if self.alarm is False and _at_rest(spec, memory):
            self._fire = self._disk.latch = replace(memory, steady_s=now_s)
            return effect([(spec, self._fire)]), ()
        said: tuple[Message, ...] = ()
        events: list[fire.Event] = []
        if self.alarm is not None:
            level: fire.Level = "alarm" if self.alarm else "quiet"
            events += [fire.Heard(level=level, now_s=now_s, utc_s=utc_s)] * spec.samples
        asking = frozenset(i for i, r in self.points.items() if r.state[0] in "BCD")
        events.append(fire.Passed(now_s=now_s, utc_s=utc_s, asking=asking))
        latched = (
            memory.state in {"alarm", "fault"} and memory.level == memory.raw == "quiet" and not self.alarm
        )
        if latched and now_s - memory.level_s >= RESET_AFTER_S:
            self.resets += 1
            events.append(fire.Reset(name="Jo", role="caretaker", why="looked", now_s=now_s, utc_s=utc_s))
        for event in events:
            memory, more = fire.step(spec, memory, event)
            said += more
        self._fire = self._disk.latch = memory  # its place on the disk is reserved
        return effect([(spec, memory)]), said

    def _hand_out(self, decision: Decision, picture: Picture, effects: Effect) -> None:
        for setpoint in sorted(decision.setpoints, key=lambda s: s.current_a):
            point_id = setpoint.charge_point_id
            if setpoint.reason.code == "starting" or point_id in effects.withheld:
                continue
            reading, written = picture.charge_points.get(point_id), self.written.get(point_id)
            if reading is not None and written is not None:
                self._doubt(decision, reading, written[0], setpoint.current_a, picture.now_s)
            self._tell(point_id, setpoint.current_a, setpoint.phases, picture.now_s)

    def _hand_out_to_batteries(self, decision: Decision, now_s: float) -> None:
        for setpoint in decision.batteries:
            written_s, written_w = self.told.get(setpoint.battery_id, (float("-inf"), 0.0))
            if setpoint.reason.code == "battery_starting":
                continue
            if written_w == setpoint.power_w and now_s - written_s < REFRESH_S:
                continue
            if self._write_battery(setpoint.battery_id, setpoint.power_w):
                self.told[setpoint.battery_id] = now_s, setpoint.power_w

    def _doubt(
        self,
        decision: Decision,
        reading: ChargePointReading,
        written_s: float,
        current_a: float,
        now_s: float,
    ) -> None:
        """Forget that it was written when the device holds something else, or lets go of it soon."""
        point_id = reading.charge_point_id
        if (
            reading.valid_for_s is not None
            and reading.at_s + reading.valid_for_s - now_s < RENEW_S
            and written_s < reading.at_s
        ):
            del self.written[point_id]
            return
        if reading.setpoint_a is None or not abs(reading.setpoint_a - current_a) > SAME_A:
            return
        changed_s = decision.memory.points[point_id].changed_s
        if now_s - changed_s > UNCONFIRMED_S and reading.at_s > changed_s + UNCONFIRMED_S / 2:
            del self.written[point_id]

    def _tell(self, point_id: str, current_a: float, phases: int | None, now_s: float) -> None:
        written = self.written.get(point_id)
        if written is not None:
            at_s, written_a, written_phases = written
            if written_a == current_a and written_phases == phases and now_s - at_s < REFRESH_S:
                return
        if now_s < self._retry_s.get(point_id, now_s):
            return
        if self._write(point_id, current_a, phases):
            self.written[point_id] = (now_s, current_a, phases)
            self.writes += 1
        else:
            self.written.pop(point_id, None)
            self._retry_s[point_id] = now_s + RETRY_S

    def _account(self, now_s: float, utc_s: float) -> None:
        for meter_id, reading in self.meters.items():
            if self._seen_s.get(meter_id) == reading.at_s:
                continue
            self._seen_s[meter_id] = reading.at_s
            true_s = utc_s - (now_s - reading.at_s)
            self._books[meter_id], closed = fold(self._books[meter_id], reading, true_s, self._zone)
            self.closed += closed

    def _store(self, now_s: float) -> None:
        if self.disk_full:
            return
        if len(self._disk.closed) < len(self.closed):
            self._disk.closed = list(self.closed)
        if now_s - self._disk.at_s >= STORE_EVERY_S:
            self._keep(now_s)

    def _keep(self, at_s: float) -> None:
        disk = self._disk
        disk.memory, disk.at_s = self.memory, at_s
        disk.quarters = {i: book.quarters for i, book in self._books.items()}


def _at_rest(spec: fire.FireInput, memory: fire.FireMemory) -> bool:
    """Whether all is as quiet as ever: what `fire.step` then makes of one more quiet second is known without asking it."""
    return (
        memory.state == "quiet"
        and memory.level == memory.raw == "quiet"
        and memory.run >= spec.samples
        and memory.test is None
    )
