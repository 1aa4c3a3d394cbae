"""Puts a site together from its configuration and keeps it running."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kwartier.config.building import to_site
from kwartier.config.fire import fire_inputs
from kwartier.config.models import SiteConfig
from kwartier.control.memory import after_restart, initial
from kwartier.edge.account import Account
from kwartier.edge.blackboard import Blackboard
from kwartier.edge.cycle import Cycle
from kwartier.edge.daily_proof import DailyProof
from kwartier.edge.drivers import drivers_of
from kwartier.edge.fire import FireWatch
from kwartier.edge.kept import Kept
from kwartier.edge.limits import FormulaLimits
from kwartier.edge.live import DemoFace, Live
from kwartier.edge.notify import Notifier
from kwartier.edge.server import SiteServer, listen_on, stopping_on_signals
from kwartier.edge.supervise import keep_running
from kwartier.edge.writer import Writer, writers_of
from kwartier.historian.historian import Historian
from kwartier.metering.peaks import month_of, month_peak
from kwartier.metering.quarters import QuarterMemory, resume
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError, StorageError
from kwartier.site.setpoints import Message
from kwartier.web.app import create_app
from kwartier.web.auth import Auth

Job = Callable[[], Awaitable[None]]
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, not bound to
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
    ) -> None:
        self.site = to_site(config)
        self.clock = clock
        self.place = place
        self._config = config
        self.meters, self.stations, self.inputs = drivers_of(config, self.site, clock)
        self.historian = Historian.open(
            place.history, clock, site=self.site, keep_days=config.historian.keep_days
        )
        self.fire = FireWatch(
            fire_inputs(config, self.site),
            clock=clock,
            path=place.history.with_name(place.history.name + ".latch"),
            tell=self._tell,
            wake=self._wake,
            zone=ZoneInfo(self.site.time_zone),
            pushed=[entry.id for entry in config.inputs if entry.http],
        )
        self.cycle, self._writers = self._wire()
        self.live = Live(
            cycle=self.cycle,
            historian=self.historian,
            writers=self._writers,
            keep=self._keep,
            fire=self.fire,
            meters=self.meters,
            demo=demo,
            speed=speed,
        )
        self.cycle.listeners.append(self.live.after_cycle)
        self._proof = DailyProof(self.cycle, self.historian, self._tell, config.historian.keep_days)
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
        writers = writers_of(self.stations, self.clock, board.post)
        cycle = Cycle(
            site=self.site,
            clock=self.clock,
            memory=memory,
            board=board,
            writers=writers,
            account=account,
            limits=FormulaLimits(self._config, self.site, self._tell),
            fire=self.fire,
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

    def _keep(self, urgent: bool) -> None:
        cycle = self.cycle
        self.historian.state(
            Kept(
                memory=cycle.memory,
                wishes=tuple(cycle.board.wishes.values()),
                quarters=cycle.account.memories,
            ),
            urgent=urgent,
        )

    async def run(self, on_ready: Callable[[str], None]) -> None:
        """Run until Ctrl-C or a termination signal. `on_ready` gets the URL.

        Raises ConfigError when the port cannot be had.
        """
        listener = _listen(self.place.host, self.place.port)
        self.historian.start()
        app = create_app(
            self.live,
            auth=self.auth,
            demo=self.auth.demo,
            hosts=(socket.gethostname(),),
            fire=self.fire,
        )
        server = SiteServer(app, self._ending)

        def stop() -> None:
            server.should_exit = True

        self.live.state()
        with stopping_on_signals(stop):
            tasks = [
                asyncio.create_task(keep_running(name, job, self.clock), name=name)
                for name, job in self._jobs().items()
            ]
            tasks.append(asyncio.create_task(self._when_started(server, listener, on_ready), name="ready"))
            try:
                await server.serve(sockets=[listener])
            finally:
                listener.close()
                await self._end(tasks)

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
        self, server: SiteServer, listener: socket.socket, on_ready: Callable[[str], None]
    ) -> None:
        while not server.started:
            await asyncio.sleep(0.02)
        host, port = listener.getsockname()[:2]
        name = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
        url = f"http://{name}:{port}/"
        self._notifier.ready(f"{self.site.name}: {url}")
        on_ready(url)

    def _jobs(self) -> dict[str, Job]:
        """Everything that runs for ever, each under supervision of its own."""
        post = self.cycle.post
        jobs: dict[str, Job] = {"cycle": self.cycle.run, "fail-safe proof": self._proof.run}
        jobs |= {f"meter {m.meter_id}": partial(m.run, post) for m in self.meters}
        jobs["fire latch"] = self.fire.keep
        jobs |= {f"input {i.input_id}": partial(i.run, self.fire.post) for i in self.inputs}
        for station in self.stations:
            name = " ".join(station.charge_point_ids)
            jobs[f"station {name}"] = partial(station.run, post)
            jobs[f"writer {name}"] = self._writers[station.charge_point_ids[0]].run
        return jobs


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen_on(host, port)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}. Choose another with --port, or stop what uses it"
        ) from None
