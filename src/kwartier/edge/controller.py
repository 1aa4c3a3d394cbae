"""Puts a site together from its configuration and keeps it running."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn

from kwartier.config.building import (
    device_options,
    limit_formulas,
    stations,
    to_site,
)
from kwartier.config.limits import LimitFormula
from kwartier.config.measurements import formula_values
from kwartier.config.models import SiteConfig
from kwartier.control.memory import after_restart, initial
from kwartier.devices.capabilities import ChargeDriver, MeterSource
from kwartier.devices.registry import Registry
from kwartier.edge.account import Account
from kwartier.edge.blackboard import Blackboard
from kwartier.edge.cycle import Cycle
from kwartier.edge.kept import Kept
from kwartier.edge.live import DemoFace, Live
from kwartier.edge.supervise import keep_running
from kwartier.edge.writer import Writer, writers_of
from kwartier.historian.historian import Historian
from kwartier.metering.peaks import month_of, month_peak
from kwartier.metering.quarters import QuarterMemory, resume
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError, StorageError
from kwartier.site.setpoints import Limit, Picture
from kwartier.site.topology import Site
from kwartier.web.app import create_app
from kwartier.web.auth import Auth

Job = Callable[[], Awaitable[None]]
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, not bound to


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a controller keeps its things and where it listens."""

    history: Path
    password: Path | None
    host: str = "127.0.0.1"
    port: int = 8080


class Controller:
    """One site, from its sockets to its screen. `run` returns when the web server is told to stop."""

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
        self._formulas = limit_formulas(config)
        self.meters, self.stations = _drivers(config, self.site, clock)
        self.historian = Historian.open(
            place.history, clock, site=self.site, keep_days=config.historian.keep_days
        )
        self.cycle, self._writers = self._wire()
        self.live = Live(
            cycle=self.cycle,
            historian=self.historian,
            writers=self._writers,
            meters=self.meters,
            keep=self._keep,
            demo=demo,
            speed=speed,
        )
        self.cycle.listeners.append(self.live.after_cycle)
        self.auth = Auth(place.password, demo is not None, clock)

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
            limits=self._limits,
        )
        return cycle, writers

    def _seed_peak(self, account: Account) -> None:
        meter_id = self.site.root.meter
        if meter_id is None:
            return
        month = month_of(self.clock.utc_s(), account.zone)
        with contextlib.suppress(StorageError):
            recorded = self.historian.quarters(meter_id, month.start_s, month.end_s)
            account.seed_peak(month_peak(recorded, month))

    def _limits(self, picture: Picture) -> tuple[Limit, ...]:
        if not self._formulas:
            return ()
        intervals = {m.id: m.interval_s for m in self.site.meters}
        values = formula_values(self._config.variables, picture, intervals)
        return tuple(self._limit(formula, values) for formula in self._formulas.values())

    def _limit(self, formula: LimitFormula, values: Mapping[str, float]) -> Limit:
        value_a, _ = formula.value_a(values)
        return Limit(circuit_id=formula.circuit_id, value_a=value_a, source="formula")

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
        """Run until the web server ends (Ctrl-C, a termination signal). `on_ready` gets the URL.

        Raises ConfigError when the port cannot be had.
        """
        listener = _listen(self.place.host, self.place.port)
        self.historian.start()
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(self.live, auth=self.auth, demo=self.auth.demo, hosts=(socket.gethostname(),)),
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        self.live.state()
        tasks = [
            asyncio.create_task(keep_running(name, job, self.clock), name=name)
            for name, job in self._jobs().items()
        ]
        tasks.append(asyncio.create_task(_when_started(server, listener, on_ready), name="ready"))
        try:
            await server.serve(sockets=[listener])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._keep(True)
            await asyncio.to_thread(self.historian.close)
            listener.close()

    def _jobs(self) -> dict[str, Job]:
        """Everything that runs for ever, each under supervision of its own."""
        post = self.cycle.post
        jobs: dict[str, Job] = {"cycle": self.cycle.run}
        jobs |= {f"meter {m.meter_id}": partial(m.run, post) for m in self.meters}
        for station in self.stations:
            name = " ".join(station.charge_point_ids)
            jobs[f"station {name}"] = partial(station.run, post)
            jobs[f"writer {name}"] = self._writers[station.charge_point_ids[0]].run
        return jobs


def _drivers(config: SiteConfig, site: Site, clock: Clock) -> tuple[list[MeterSource], list[ChargeDriver]]:
    registry = Registry(clock)
    meters = [registry.meter(site.meter[m.id], m.type, m.url, device_options(m)) for m in config.meters]
    chargers = [
        registry.charge_points([site.charge_point[i] for i in s.sockets], s.type, s.url, s.sockets, {})
        for s in stations(config)
    ]
    return meters, chargers


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}. Choose another with --port, or stop what uses it"
        ) from None
    return listener


async def _when_started(
    server: uvicorn.Server, listener: socket.socket, on_ready: Callable[[str], None]
) -> None:
    while not server.started:
        await asyncio.sleep(0.02)
    host, port = listener.getsockname()[:2]
    on_ready(f"http://{'127.0.0.1' if host in EVERYWHERE else host}:{port}/")
