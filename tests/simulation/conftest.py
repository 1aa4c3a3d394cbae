"""What the tests of the simulation share."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pymodbus.client import AsyncModbusTcpClient

from kwartier.simulation.bench import Bench, bench
from kwartier.simulation.emulators import Emulator


@pytest.fixture(name="bench")
def fresh_bench() -> Bench:
    """The smallest site, unused."""
    return bench()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[Emulator], Awaitable[AsyncModbusTcpClient]]]:
    """Connects pymodbus' client, an independent master, to an emulator."""
    clients: list[AsyncModbusTcpClient] = []

    async def dial(emulator: Emulator) -> AsyncModbusTcpClient:
        client = AsyncModbusTcpClient(
            "127.0.0.1", port=emulator.port, timeout=0.5, retries=0, reconnect_delay=0
        )
        assert await client.connect()
        clients.append(client)
        return client

    yield dial
    for client in clients:
        client.close()
