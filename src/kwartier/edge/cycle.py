"""The cycle: freeze, decide, write, record (DESIGN section 3), on the clock and on each new word of a
circuit's meter.

Nothing in here waits for a device, a disk or a browser. A new value of a meter that guards a circuit
starts a step at once, so that the time from a telegram to a set-point is that of the step itself; with
no such value a step comes every `PERIOD_S`, so that silence is noticed too.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter

import structlog

from kwartier.control.decision import Decision
from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.edge.account import Account
from kwartier.edge.battery_writer import BatteryWriter
from kwartier.edge.blackboard import Blackboard, Posted
from kwartier.edge.departures import Departures
from kwartier.edge.fire import FireWatch
from kwartier.edge.writer import Writer
from kwartier.site.clock import Clock
from kwartier.site.quarters import QuarterPicture
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Limit, Message, Picture
from kwartier.site.topology import Site

PERIOD_S = 1.25
"""A step comes at least this often: a little more than the second of most meters, so that they lead."""
MIN_GAP_S = 0.05
MESSAGES = 50
UNCONFIRMED_S = 6.0
SAME_A = 0.05
RENEW_S = 5.0
"""A set-point that the device holds for less than this is written again: some hold it for 10 s only."""

log = structlog.get_logger()


@dataclass(slots=True)
class Health:
    """How the cycle does, for the screen and the metrics."""

    number: int = 0
    duration_s: float = 0.0
    late_s: float = 0.0
    longest_s: float = 0.0
    overruns: int = 0
    failures: int = 0
    """Steps that crashed by a mistake of ours; devices then fall back by their own timers."""


class Cycle:
    """Runs the step for one site. `listeners` get (picture, decision) after each one."""

    def __init__(
        self,
        *,
        site: Site,
        clock: Clock,
        memory: Memory,
        board: Blackboard,
        writers: Mapping[str, Writer],
        account: Account,
        limits: Callable[[Picture], tuple[Limit, ...]],
        fire: FireWatch,
        batteries: Mapping[str, BatteryWriter] | None = None,
    ) -> None:
        self.site = site
        self.clock = clock
        self.memory = self.before = memory
        self.board = board
        self.account = account
        self.health = Health()
        self.messages: deque[tuple[float, Message]] = deque(maxlen=MESSAGES)
        self.listeners: list[Callable[[Picture, Decision], None]] = []
        self.picture: Picture | None = None
        self.decision: Decision | None = None
        self._writers = writers
        self._batteries = batteries or {}
        self._limits = limits
        self._fire = fire
        self._departures = Departures(site)
        self._guards = site.guarding
        self._wake = asyncio.Event()
        self._last_s = clock.monotonic_s()
        self._told: dict[str, str] = {}
        self._unheard = {p.id for p in site.charge_points}

    def post(self, what: Posted) -> None:
        """Take a reading or a fault from a device task."""
        self.board.post(what)
        if isinstance(what, MeterReading) and what.meter_id in self._guards:
            self._wake.set()
        if isinstance(what, ChargePointReading) and what.charge_point_id in self._unheard:
            self._unheard.discard(what.charge_point_id)
            self._wake.set()  # after a start it waits for its first set-point
        if isinstance(what, DeviceFault) and what.kind == "restarted" and what.device_id in self._writers:
            self._writers[what.device_id].forget(what.device_id)

    def nudge(self) -> None:
        """Ask for a step soon: somebody changed a wish."""
        self._wake.set()

    def say(self, message: Message, utc_s: float) -> None:
        """Put a message on the screen's list, newest first, and into the log."""
        self.messages.appendleft((utc_s, message))
        {"info": log.info, "warning": log.warning, "error": log.error}[message.level](
            message.reason.text(), device=message.device_id
        )

    async def run(self) -> None:
        """Step until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tick_when_quiet(), name="ticker")
            while True:
                await self._wake.wait()
                self._wake.clear()
                early_s = MIN_GAP_S - (self.clock.monotonic_s() - self._last_s)
                if early_s > 0:
                    await self.clock.sleep(early_s)
                self._tick_or_say_why_not()

    def _tick_or_say_why_not(self) -> None:
        try:
            self.tick()
        except Exception:  # the border: a bug in one step must not end the protection
            self.health.failures += 1
            self._last_s = self.clock.monotonic_s()
            log.exception("step crashed", number=self.health.number)

    async def _tick_when_quiet(self) -> None:
        while True:
            waited_s = self.clock.monotonic_s() - self._last_s
            if waited_s >= PERIOD_S:
                self._wake.set()
                waited_s = 0.0
            await self.clock.sleep(PERIOD_S - waited_s)

    def tick(self) -> Decision:
        """One step: picture, decision, set-points to the writers, the rest to whoever listens."""
        began_s = perf_counter()
        now_s, utc_s = self.clock.monotonic_s(), self.clock.utc_s()
        picture = self.board.freeze(now_s, utc_s)
        picture = replace(picture, quarters=self._quarters(picture), departures=self._departures.at(utc_s))
        picture = self._fire.look(replace(picture, limits=self._limits(picture)))
        self.before = self.memory
        decision = step(self.site, self.memory, picture)
        self.memory, self.picture, self.decision = decision.memory, picture, decision
        self._hand_out(decision, picture)
        self._measure(began_s, now_s)
        self._note(picture, decision)
        for listener in self.listeners:
            listener(picture, decision)
        return decision

    def _quarters(self, picture: Picture) -> dict[str, QuarterPicture]:
        """The running quarters, after this picture's readings. Without them a target allows nothing."""
        try:
            self.account.take(picture)
        except Exception:  # the border: a mistake in an account must not end the protection
            self.health.failures += 1
            log.exception("quarter-hour account crashed", number=self.health.number)
            return {}
        return self.account.pages()

    def _hand_out(self, decision: Decision, picture: Picture) -> None:
        for setpoint in decision.setpoints:
            writer = self._writers.get(setpoint.charge_point_id)
            if writer is None or setpoint.reason.code == "starting":
                continue  # nothing is written to a device before it was heard
            if setpoint.charge_point_id in self._fire.withheld:
                continue  # nor before it is known whether it may run
            reading = picture.charge_points.get(setpoint.charge_point_id)
            remembered = decision.memory.points[setpoint.charge_point_id]
            if reading is not None and _runs_out(reading, picture.now_s):
                writer.renew(setpoint.charge_point_id, reading.at_s)
            settled = picture.now_s - remembered.changed_s > UNCONFIRMED_S
            if settled and reading is not None and reading.setpoint_a is not None:
                differs = abs(reading.setpoint_a - setpoint.current_a) > SAME_A
                if differs and reading.at_s > remembered.changed_s + UNCONFIRMED_S / 2:
                    writer.forget(setpoint.charge_point_id)
            writer.decide(setpoint)
        for told in decision.batteries:
            cells = self._batteries.get(told.battery_id)
            if cells is not None and told.reason.code != "battery_starting":
                cells.decide(told)  # nothing is written to a device before it was heard

    def _measure(self, began_s: float, now_s: float) -> None:
        health = self.health
        health.number += 1
        health.duration_s = perf_counter() - began_s
        health.longest_s = max(health.longest_s, health.duration_s)
        health.late_s = max(0.0, now_s - self._last_s - PERIOD_S)
        health.overruns += health.late_s > PERIOD_S
        self._last_s = now_s

    def _note(self, picture: Picture, decision: Decision) -> None:
        for message in decision.messages:
            self.say(message, picture.utc_s)
        for fault in picture.faults:
            if (
                fault.kind in {"nonsense", "refused", "restarted"}
                and self._told.get(fault.device_id) != fault.what
            ):
                self._told[fault.device_id] = fault.what
                told = reason("device_fault", device=fault.device_id, what=fault.what)
                self.say(
                    Message(at_s=fault.at_s, level="warning", device_id=fault.device_id, reason=told),
                    picture.utc_s,
                )


def _runs_out(reading: ChargePointReading, now_s: float) -> bool:
    """Whether the device lets go of its set-point soon."""
    return reading.valid_for_s is not None and reading.at_s + reading.valid_for_s - now_s < RENEW_S
