"""What all emulators share: a TCP port on the loopback, a limit on clients, faults on demand."""

import asyncio
from types import TracebackType
from typing import ClassVar, Self

from kwartier.site.errors import LocalProtocolError

HOST = "127.0.0.1"


class Emulator:
    """A device on a TCP port. Subclasses talk to one client in `serve` and follow the plant in `tick`.

    A port of 0 takes any free one at the first start and keeps it over later faults.
    """

    faults: ClassVar[tuple[str, ...]] = ("unplug", "silent")
    """`unplug`: nobody listens and all connections are gone; `silent`: connects, but says nothing."""
    max_clients = 8

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.fault: str | None = None
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    @property
    def url(self) -> str:
        """How a site file calls this device; valid after `start`."""
        raise NotImplementedError

    async def start(self) -> None:
        """Open the port."""
        await self._listen()

    async def stop(self) -> None:
        """Close the port and every connection."""
        await self._hang_up()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def fail(self, fault: str) -> None:
        """Start a fault out of `faults`, in place of any that lasts."""
        if fault not in self.faults:
            raise LocalProtocolError(
                f"{type(self).__name__} has no fault {fault!r}; it can do {', '.join(self.faults)}"
            )
        await self.heal()
        self.fault = fault
        if fault == "unplug":
            await self._hang_up()

    async def heal(self) -> None:
        """End the fault."""
        self.fault = None
        if self._server is None:
            await self._listen()

    async def tick(self) -> None:
        """The plant made a step."""
        raise NotImplementedError

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it goes."""
        raise NotImplementedError

    @property
    def clients(self) -> tuple[asyncio.StreamWriter, ...]:
        """Who is connected now."""
        return tuple(self._clients)

    def drop(self, writer: asyncio.StreamWriter) -> None:
        """Close one connection."""
        writer.close()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = [task for task in self._clients.values() if task is not None]
        for writer in self.clients:
            writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= self.max_clients:
            writer.close()
            return
        self._clients[writer] = asyncio.current_task()
        try:
            await self.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went, or we hang up: both are how a connection ends
        finally:
            del self._clients[writer]
            writer.close()
