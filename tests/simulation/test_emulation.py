"""A whole scenario on the loopback, on a clock that the test turns by hand."""

import asyncio

from pymodbus.client import AsyncModbusTcpClient

from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import AlfenEmulator, CountisE27Emulator, P1MeterEmulator
from kwartier.simulation.scenarios import carpark, household


class HandClock:
    """Time moves only when the test says so."""

    def __init__(self) -> None:
        self.now_s = 500.0
        self._turned = asyncio.Event()

    def monotonic_s(self) -> float:
        """As `site.clock.Clock`."""
        return self.now_s

    def utc_s(self) -> float:
        """As `site.clock.Clock`."""
        return self.now_s

    async def sleep(self, duration_s: float) -> None:
        """As `site.clock.Clock`."""
        until_s = self.now_s + duration_s
        while self.now_s < until_s - 1e-9:
            await self._turned.wait()

    async def turn(self, duration_s: float) -> None:
        """Let time pass and everybody who waited run."""
        self.now_s += duration_s
        self._turned.set()
        self._turned = asyncio.Event()
        for _ in range(500):
            await asyncio.sleep(0)


async def test_household_lives_on_the_clock() -> None:
    """Each device has its address, the plant follows the clock, the P1 port sends each second."""
    clock = HandClock()
    scenario = household(seed=5)
    async with Emulation(scenario, clock) as site:
        urls = site.urls()
        assert set(urls) == {"main", "pv", "left", "right"}
        assert urls["left"] == urls["right"]
        assert urls["main"].startswith("tcp://127.0.0.1:")
        assert urls["pv"].endswith("?unit=5")
        assert scenario.plant.current_a("grid")[0] > 0.3, "the house draws before the first second"
        assert isinstance(site.emulators["main"], P1MeterEmulator)
        assert isinstance(site.emulators["pv"], CountisE27Emulator)
        assert isinstance(site.emulators["left"], AlfenEmulator)
        reader, writer = await asyncio.open_connection("127.0.0.1", site.emulators["main"].port)
        while not site.emulators["main"].clients:
            await asyncio.sleep(0.001)
        await clock.turn(1.0)
        assert scenario.plant.now_s == scenario.start_utc_s + 1
        async with asyncio.timeout(1):
            first = await reader.readuntil(b"!")
        assert b"(260414163001S)" in first
        await clock.turn(10.0)
        assert scenario.plant.now_s == scenario.start_utc_s + 11
        writer.close()


async def test_long_pause_is_not_caught_up() -> None:
    """After the program slept for an hour, the plant goes on from where it stood, a minute at most."""
    clock = HandClock()
    scenario = household(seed=5)
    async with Emulation(scenario, clock):
        await clock.turn(1.0)
        await clock.turn(3600.0)
        assert 60 <= scenario.plant.now_s - scenario.start_utc_s - 1 <= 61


async def test_carpark_has_twelve_stations() -> None:
    """24 charge points share twelve addresses; each socket number is the unit that answers for it."""
    clock = HandClock()
    scenario = carpark(seed=5)
    async with Emulation(scenario, clock) as site:
        assert len(site.devices) == 13
        assert len(set(site.urls().values())) == 13
        scenario.plant.socket["p08"].write_setpoint(9.0, scenario.plant.now_s)
        client = AsyncModbusTcpClient("127.0.0.1", port=site.emulators["p08"].port)
        await client.connect()
        unit = scenario.sockets["p08"]
        answer = await client.read_holding_registers(1210, count=1, device_id=unit)
        assert answer.registers == [0x4110]
        age = await client.read_holding_registers(301, count=4, device_id=unit)
        assert age.registers == [0, 0, 0, 0], "the station's meters speak from the start"
        client.close()


async def test_stop_leaves_nothing_behind() -> None:
    """After stop no port answers and no task runs."""
    clock = HandClock()
    site = Emulation(household(seed=5), clock)
    await site.start()
    ports = [d.port for d in site.devices]
    _, writer = await asyncio.open_connection("127.0.0.1", ports[0])
    await clock.turn(1.0)
    await site.stop()
    writer.close()
    for port in ports:
        try:
            await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            continue
        raise AssertionError(f"port {port} is still open")
    assert asyncio.all_tasks() == {asyncio.current_task()}
