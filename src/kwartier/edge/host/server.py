"""The web server of a running site: uvicorn, which stops when the controller is told to stop.

Loaded last, in a thread: it and the application take longer to load than all that protects.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from kwartier.edge.alarms import AlarmBook
from kwartier.edge.fire import FireWatch
from kwartier.edge.plan.face import PlanFace
from kwartier.edge.prices.market import Market
from kwartier.edge.views.live import Live
from kwartier.edge.views.proof import ProofFace
from kwartier.web.app import create_app
from kwartier.web.auth import Auth

LAST_WORDS_S = 0.3
"""How long the answers under way may still take when the site stops."""


class SiteServer(uvicorn.Server):
    """Serves until `should_exit`. `ending` is called first: live streams never end by themselves."""

    def __init__(self, app: ASGIApp, ending: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        self._ending = ending

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are `stopping_on_signals`' affair: uvicorn would raise them once more after its end, and
        SIGTERM would then kill us before the state is saved."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, give the other answers a moment, hang up on who does not read."""
        self._ending()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while self.server_state.connections:
                    await asyncio.sleep(0.02)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


def site_server(
    live: Live,
    auth: Auth,
    *,
    fire: FireWatch,
    alarms: AlarmBook,
    proof: ProofFace,
    market: Market,
    plan: PlanFace | None,
    ending: Callable[[], None],
) -> SiteServer:
    """The server with the whole application of a site."""
    app = create_app(
        live,
        auth=auth,
        demo=auth.demo,
        hosts=(socket.gethostname(),),
        fire=fire,
        alarms=alarms,
        proof_site=proof,
        prices=market,
        plan_site=plan,
    )
    return SiteServer(app, ending)
