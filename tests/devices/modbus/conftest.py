"""A Modbus bench: pymodbus' own server on loopback, filled from the captures, with faults to switch on."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from ruamel.yaml import YAML

from kwartier.devices.capabilities import ChargeDriver, MeterSource
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading

CAPTURES = Path(__file__).parents[2] / "captures"


class FastClock:
    """A clock that runs `speed` times faster than the wall."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time() * self.speed

    def utc_s(self) -> float:
        return self.monotonic_s() + 1.8e9

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s / self.speed)


@dataclass
class Request:
    """What the server was asked."""

    unit: int
    function: int
    address: int
    count: int
    values: list[int] | None
    at_s: float


@dataclass
class Bench:
    """Registers by unit; a register that is not there is refused with exception 2."""

    units: dict[int, dict[int, int]]
    requests: list[Request] = field(default_factory=list)
    refuse: dict[tuple[int, int], ExcCodes] = field(default_factory=dict)
    """Exception by function and address."""
    refuse_longer_than: dict[int, int] = field(default_factory=dict)
    """Exception 3 for writes at this address of more registers than this."""
    delay_s: float = 0.0
    mangle: Callable[[bytes], bytes] | None = None
    """What happens to the bytes of the next answers."""
    connections: int = 0
    open_now: int = 0
    server: ModbusTcpServer = field(init=False)

    @property
    def port(self) -> int:
        assert isinstance(self.server.transport, asyncio.Server)
        return int(self.server.transport.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"modbus-tcp://127.0.0.1:{self.port}"

    def put(self, unit: int, address: int, words: Iterable[int]) -> None:
        for i, word in enumerate(words):
            self.units[unit][address + i] = word

    def writes(self) -> list[tuple[int, int, list[int]]]:
        return [(r.unit, r.address, r.values) for r in self.requests if r.values is not None]

    def device(self, unit: int) -> SimDevice:
        """Unit 0 stands for every unit that is not there."""

        async def act(
            function: int,
            start: int,
            address: int,
            count: int,
            registers: list[int],
            values: list[int] | list[bool] | None,
        ) -> ExcCodes | None:
            if unit == 0:
                return ExcCodes.GATEWAY_NO_RESPONSE
            table = self.units[unit]
            now_s = asyncio.get_running_loop().time()
            asked = None if values is None else [int(value) for value in values]
            self.requests.append(Request(unit, function, address, count, asked, now_s))
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            if code := self.refuse.get((function, address)):
                return code
            if asked is not None and len(asked) > self.refuse_longer_than.get(address, 123):
                return ExcCodes.ILLEGAL_VALUE
            if any(address + i not in table for i in range(count)):
                return ExcCodes.ILLEGAL_ADDRESS
            if asked is not None:
                self.put(unit, address, asked)
            for i in range(count):
                registers[address - start + i] = table[address + i]
            return None

        known = [address for table in self.units.values() for address in table] or [0]
        low, high = min(known), max(known)
        space = SimData(address=low, values=[0] * (high - low + 1), datatype=DataType.REGISTERS)
        return SimDevice(id=unit, simdata=space, action=act)

    def trace(self, sending: bool, data: bytes) -> bytes:
        return self.mangle(data) if sending and self.mangle else data

    def connected(self, is_open: bool) -> None:
        self.connections += is_open
        self.open_now += 1 if is_open else -1

    async def serve(self, port: int = 0) -> None:
        self.server = ModbusTcpServer(
            [self.device(unit) for unit in (*self.units, 0)],
            address=("127.0.0.1", port),
            trace_packet=self.trace,
            trace_connect=self.connected,
        )
        await self.server.serve_forever(background=True)

    async def stop(self) -> None:
        await self.server.shutdown()  # type: ignore[no-untyped-call]


def captured(device_id: str) -> dict[int, dict[int, int]]:
    """The registers of a capture by unit; holes read 0, as on the device."""
    data = YAML(typ="safe", pure=True).load((CAPTURES / f"{device_id}.yaml").read_text(encoding="utf-8"))
    units: dict[int, dict[int, int]] = {}
    for unit, registers in data["units"].items():
        table = units[unit] = {}
        for start, words in registers.items():
            table.update(dict(enumerate(words, start)))
        low = sorted(table)
        for a, b in pairwise(low):
            if b - a <= 64:
                table.update(dict.fromkeys(range(a + 1, b), 0))
    return units


async def _bench(device_id: str) -> AsyncIterator[Bench]:
    bench = Bench(captured(device_id))
    await bench.serve()
    yield bench
    await bench.stop()


@pytest.fixture
async def countis() -> AsyncIterator[Bench]:
    """A Countis E27 as unit 5."""
    async for bench in _bench("socomec-countis-e27"):
        yield bench


@pytest.fixture
async def alfen() -> AsyncIterator[Bench]:
    """A station with two sockets: 1 charges on three phases, 2 is empty and has one phase."""
    async for bench in _bench("alfen-ng9xx"):
        yield bench


@pytest.fixture
async def scn() -> AsyncIterator[Bench]:
    """A smart charging network behind unit 200."""
    async for bench in _bench("alfen-scn"):
        yield bench


@pytest.fixture
def clock() -> FastClock:
    """Twenty times the wall, so that back-off does not make tests slow."""
    return FastClock(20.0)


@pytest.fixture
def unused_tcp_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Posted = MeterReading | ChargePointReading | DeviceFault


class Inbox:
    """What a running driver posts."""

    def __init__(self) -> None:
        self.items: asyncio.Queue[Posted] = asyncio.Queue()

    async def reading(self, of: str | None = None) -> MeterReading | ChargePointReading:
        """The next reading, leaving out faults."""
        while True:
            item = await self.next()
            if not isinstance(item, DeviceFault) and of in {None, getattr(item, "charge_point_id", None)}:
                return item

    async def fault(self, kind: str) -> DeviceFault:
        """The next fault of this kind, leaving out all else."""
        while True:
            item = await self.next()
            if isinstance(item, DeviceFault) and item.kind == kind:
                return item

    async def next(self) -> Posted:
        async with asyncio.timeout(5):
            return await self.items.get()

    def clear(self) -> list[Posted]:
        out = []
        while not self.items.empty():
            out.append(self.items.get_nowait())
        return out


@asynccontextmanager
async def running(driver: MeterSource | ChargeDriver) -> AsyncIterator[Inbox]:
    """A driver at work; it must survive whatever happens."""
    inbox = Inbox()
    task = asyncio.create_task(driver.run(inbox.items.put_nowait))
    try:
        async with asyncio.timeout(20):
            yield inbox
        assert not task.done(), "a driver never ends by itself"
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
