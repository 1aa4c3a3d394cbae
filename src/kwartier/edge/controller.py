"""Puts a site together from its configuration and keeps it running."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from kwartier.config.building import to_site
from kwartier.config.fire import fire_inputs
from kwartier.config.models import SiteConfig
from kwartier.control.memory import after_restart, initial
from kwartier.edge.account import Account
from kwartier.edge.alarms import AlarmBook
from kwartier.edge.battery_writer import battery_writers
from kwartier.edge.blackboard import Blackboard
from kwartier.edge.calendars.book import CalendarBook
from kwartier.edge.cycle import Cycle
from kwartier.edge.daily_proof import DailyProof
from kwartier.edge.drivers import drivers_of
from kwartier.edge.fire import FireWatch
from kwartier.edge.health import HealthWatch
from kwartier.edge.host.notify import Notifier
from kwartier.edge.host.process import listen_on, stopping_on_signals, url_of
from kwartier.edge.host.supervise import keep_running
from kwartier.edge.kept import Kept
from kwartier.edge.limits import FormulaLimits
from kwartier.edge.prices.market import Market
from kwartier.edge.views.live import DemoFace, Live
from kwartier.edge.views.peaks import seed
from kwartier.edge.views.proof import ProofFace
from kwartier.edge.writer import Writer, writers_of
from kwartier.historian.historian import Historian
from kwartier.metering.peaks import month_of, month_peak
from kwartier.metering.quarters import QuarterMemory, resume
from kwartier.site.clock import Clock
from kwartier.site.errors import StorageError
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Message
from kwartier.web.auth import Auth

if TYPE_CHECKING:
    from kwartier.edge.host.server import SiteServer
    from kwartier.edge.plan.face import PlanFace
    from kwartier.edge.plan.history import Before
    from kwartier.edge.plan.planner import SitePlanner

Job = Callable[[], Awaitable[None]]
WEB_AFTER_S = 5.0
"""The web is loaded when every station has its first set-point or does not answer, and after this long in any
case (real time)."""
LET_GO_S = 1.0
"""How long the tasks of the devices may take to hang up when the site stops."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a controller keeps its things and where it listens."""

    history: Path
    password: Path | None
    host: str = "127.0.0.1"
    port: int = 8080


class Controller:
    """One site, from its sockets to its screen. `run` returns after Ctrl-C or a termination signal."""

    def __init__(
        self,
        config: SiteConfig,
        *,
        clock: Clock,
        place: Place,
        demo: DemoFace | None = None,
        speed: float = 1.0,
        planning: bool = True,
        before: "Before | None" = None,
    ) -> None:
        """`planning`: whether plans are made. `before`: the past of a demonstration, from before its beginning."""
        self.site = to_site(config)
        self.clock = clock
        self.place = place
        self._config = config
        self.meters, self.stations, self.inputs, self.batteries = drivers_of(config, self.site, clock)
        self.historian = Historian.open(
            place.history, clock, site=self.site, keep_days=config.historian.keep_days
        )
        inputs = fire_inputs(config, self.site)
        self.fire = FireWatch(
            inputs,
            clock=clock,
            path=place.history.with_name(place.history.name + ".latch"),
            tell=self._tell,
            wake=self._wake,
            zone=ZoneInfo(self.site.time_zone),
            pushed=[entry.id for entry in config.inputs if entry.http],
        )
        self.cycle, self._writers = self._wire()
        self._proof = DailyProof(self.cycle, self.historian, self._tell, config.historian.keep_days)
        self.alarms = AlarmBook(
            self.historian,
            clock=clock,
            zone=ZoneInfo(self.site.time_zone),
            names={m.id: m.name for m in self.site.meters}
            | {p.id: p.name for p in self.site.charge_points}
            | {b.id: b.name for b in self.site.batteries}
            | {i.id: i.name for i in inputs},
            tell=self._tell,
            proof_problems=lambda: None if self._proof.newest is None else len(self._proof.newest.problems),
        )
        self.live = Live(
            cycle=self.cycle,
            historian=self.historian,
            writers=self._writers,
            keep=self._keep,
            fire=self.fire,
            alarms=self.alarms.look,
            meters=self.meters,
            demo=demo,
            speed=speed,
        )
        self.health = HealthWatch(self.site, self.historian, say=self.cycle.say, tell=self._tell)
        self.market = Market(config, clock, place.history)
        self.calendars = CalendarBook(config, clock, self._tell)
        self.cycle.listeners.append(lambda picture, _: self.health.look(picture))
        self.cycle.listeners.append(self.live.after_cycle)
        self._before = before
        self._planning = planning
        self.planner: SitePlanner | None = None
        """None until it is loaded, which is after everything that protects."""
        self._planner_there = asyncio.Event()
        self.auth = Auth(place.password, demo is not None, clock)
        self._notifier = Notifier.from_environment()
        self.cycle.listeners.append(lambda picture, _: self._notifier.feed(picture.now_s))

    def _wire(self) -> tuple[Cycle, dict[str, Writer]]:
        now_s = self.clock.monotonic_s()
        kept = self.historian.saved_state_as(Kept)
        memory = initial(self.site, now_s)
        board = Blackboard()
        if kept is not None:
            memory = after_restart(self.site, kept.memory, now_s)
            board = Blackboard(w for w in kept.wishes if w.charge_point_id in self.site.charge_point)
        quarters = {
            m.id: resume(
                (kept.quarters if kept else {}).get(m.id, QuarterMemory(meter_id=m.id)),
                self.historian.newest_quarter(m.id),
            )
            for m in self.site.meters
        }
        account = Account(self.site, quarters, self.historian.quarter)
        self._seed_peak(account)
        if kept is not None:
            account.resume(kept.ledger, kept.causes)
        writers = writers_of(self.stations, self.clock, board.post)
        self._cells = battery_writers(self.batteries, self.clock, board.post)
        cycle = Cycle(
            site=self.site,
            clock=self.clock,
            memory=memory,
            board=board,
            writers=writers,
            account=account,
            limits=FormulaLimits(self._config, self.site, self._tell),
            fire=self.fire,
            batteries=self._cells,
        )
        return cycle, writers

    def _tell(self, message: Message) -> None:
        """A message that no decision holds: to the screen and into the journal."""
        self.cycle.say(message, self.clock.utc_s())
        self.historian.message(message)

    def _wake(self) -> None:
        """Ask for a step of the cycle at once."""
        self.cycle.nudge()

    def _seed_peak(self, account: Account) -> None:
        month = month_of(self.clock.utc_s(), account.zone)
        for meter_id in account.watched:
            with contextlib.suppress(StorageError):
                recorded = self.historian.quarters(meter_id, month.start_s, month.end_s)
                account.seed_peak(meter_id, month_peak(recorded, month))

    async def _seed_ledger(self) -> None:
        """Once; then there is nothing more to do until the site stops."""
        meter_id, clock = self.site.root.meter, self.clock
        if meter_id is not None:
            await seed(self.cycle.account, meter_id, self.historian, clock.utc_s())
        await asyncio.Event().wait()

    def _keep(self, urgent: bool) -> None:
        cycle = self.cycle
        self.historian.state(
            Kept(
                memory=cycle.memory,
                wishes=tuple(cycle.board.wishes.values()),
                quarters=cycle.account.memories,
                ledger=cycle.account.ledger,
                causes=cycle.account.causes,
            ),
            urgent=urgent,
        )

    async def run(self, on_ready: Callable[[str], None]) -> None:
        """Run until Ctrl-C or a termination signal. `on_ready` gets the URL.

        Raises ConfigError when the port cannot be had.
        """
        listener = listen_on(self.place.host, self.place.port)
        self.historian.start()
        stopping = asyncio.Event()
        self.live.state()
        with stopping_on_signals(stopping.set):
            tasks = [
                asyncio.create_task(keep_running(name, job, self.clock), name=name)
                for name, job in self._jobs().items()
            ]
            try:
                await self._first_outputs(stopping)
                if not stopping.is_set():
                    await self._serve(listener, on_ready, stopping)
            finally:
                listener.close()
                await self._end(tasks)

    async def _first_outputs(self, stopping: asyncio.Event) -> None:
        """Wait for them, so that what protects is not held up by what shows: the web takes longer to load."""
        until_s = monotonic() + WEB_AFTER_S
        while not stopping.is_set() and monotonic() < until_s:
            silent = self.cycle.board.last_fault
            waits = silent.keys() | self.fire.withheld  # nothing is written to these yet
            if all(writer.writes or i in waits for i, writer in self._writers.items()):
                return
            await asyncio.sleep(0.02)

    async def _serve(
        self, listener: socket.socket, on_ready: Callable[[str], None], stopping: asyncio.Event
    ) -> None:
        """Serve the web until we stop; a web that breaks is told and leaves the rest alone."""
        if self._planning:
            await self._begin_planning()
        try:
            server = await asyncio.to_thread(self._load_web)
        except Exception:  # the border: a broken dashboard must not end the protection
            log.exception("the web does not start")
            self._tell(
                Message(
                    at_s=self.clock.monotonic_s(), level="error", device_id="web", reason=reason("web_failed")
                )
            )
            self._notifier.ready(f"{self.site.name}: without its dashboard")
            await stopping.wait()
            return
        ready = asyncio.create_task(self._when_started(server, listener, on_ready), name="ready")
        stop = asyncio.create_task(self._when_stopped(server, stopping), name="stop")
        try:
            await server.serve(sockets=[listener])
        finally:
            for task in (ready, stop):
                task.cancel()
            await asyncio.gather(ready, stop, return_exceptions=True)

    async def _begin_planning(self) -> None:
        """Load the planner's side of this process; a planner that does not load is told, and rules hold."""
        try:
            self.planner = await asyncio.to_thread(self._load_planner)
        except Exception:  # the border: the slow loop must not end the protection
            log.exception("the planner does not load")
            return
        self.cycle.listeners.append(self.planner.look)
        self._planner_there.set()

    def _load_planner(self) -> "SitePlanner":
        planning, past = (
            import_module("kwartier.edge.plan.planner"),
            import_module("kwartier.edge.plan.history"),
        )
        skies = import_module("kwartier.edge.plan.sky")
        means = past.HistorianMeans(self.historian)
        stays = past.JournalStays(self.historian)
        planner: SitePlanner = planning.SitePlanner(
            config=self._config,
            cycle=self.cycle,
            clock=self.clock,
            recorded=means if self._before is None else past.Joined(self._before, means),
            stays=stays if self._before is None else past.JoinedStays(self._before, stays),
            market=self.market,
            tell=self._tell,
            calendars=self.calendars,
            sky=lambda now_s: skies.sky_now(self._config, *self.market.foretold(), now_s),
            model=self.place.history.with_name(self.place.history.name + ".model.json"),
        )
        return planner

    async def _plan(self) -> None:
        """The planner's task, once there is one."""
        await self._planner_there.wait()
        assert self.planner is not None
        await self.planner.run()

    def _load_web(self) -> "SiteServer":
        web = import_module("kwartier.edge.host.server")
        proof = ProofFace(self.site, self._proof)
        plan = None if self.planner is None else self._plan_face(self.planner)
        if plan is not None:
            self.live.plan = plan.summary
        server: SiteServer = web.site_server(
            self.live,
            self.auth,
            fire=self.fire,
            alarms=self.alarms,
            proof=proof,
            market=self.market,
            plan=plan,
            ending=self._ending,
        )
        return server

    def _plan_face(self, planner: "SitePlanner") -> "PlanFace":
        faces, savings = (import_module(f"kwartier.edge.{m}") for m in ("plan.face", "plan.savings"))
        notes = () if self._before is None else (reason("note_demo_past"),)
        saved = savings.Saved(
            site=self.site,
            recorded=planner.recorded,
            stays=planner.stays,
            market=self.market,
            tariff=planner.tariff,
            notes=notes,
        )
        face: PlanFace = faces.PlanFace(
            planner, self.cycle, self.clock, saved, tell=self._tell, keep=self._keep, notes=notes
        )
        return face

    @staticmethod
    async def _when_stopped(server: "SiteServer", stopping: asyncio.Event) -> None:
        await stopping.wait()
        server.should_exit = True

    def _ending(self) -> None:
        self._notifier.stopping()
        self.live.close()

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        """Let go of the devices, then write what is left."""
        for task in tasks:
            task.cancel()
        _, stuck = await asyncio.wait(tasks, timeout=LET_GO_S)
        for task in stuck:
            log.error("task does not end", task=task.get_name())
        self._keep(True)
        await asyncio.to_thread(self.fire.save)
        await asyncio.to_thread(self.historian.close)
        self._notifier.close()

    async def _when_started(
        self, server: "SiteServer", listener: socket.socket, on_ready: Callable[[str], None]
    ) -> None:
        while not server.started:
            await asyncio.sleep(0.02)
        url = url_of(listener)
        self._notifier.ready(f"{self.site.name}: {url}")
        on_ready(url)

    def _jobs(self) -> dict[str, Job]:
        """Everything that runs for ever, each under supervision of its own."""
        post = self.cycle.post
        jobs: dict[str, Job] = {"cycle": self.cycle.run, "fail-safe proof": self._proof.run}
        jobs |= {f"meter {m.meter_id}": partial(m.run, post) for m in self.meters}
        jobs["peaks of earlier months"] = self._seed_ledger
        jobs |= self.market.jobs()
        if self._planning:
            jobs |= self.calendars.jobs()
            jobs["planner"] = self._plan
        jobs["fire latch"] = self.fire.keep
        jobs |= {f"input {i.input_id}": partial(i.run, self.fire.post) for i in self.inputs}
        for station in self.stations:
            name = " ".join(station.charge_point_ids)
            jobs[f"station {name}"] = partial(station.run, post)
            jobs[f"writer {name}"] = self._writers[station.charge_point_ids[0]].run
        for cells in self.batteries:
            jobs[f"battery {cells.battery_id}"] = partial(cells.run, post)
            jobs[f"writer {cells.battery_id}"] = self._cells[cells.battery_id].run
        return jobs
