"""A clock that a test moves, with which nothing waits in real time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kwartier.devices.services.fetcher import Fetcher
from kwartier.simulation.emulators.market import MarketEmulator

BRUSSELS = ZoneInfo("Europe/Brussels")


class HandClock:
    """Time passes only by sleeping and by hand."""

    def __init__(self, text: str) -> None:
        self.now_s = datetime.fromisoformat(text).replace(tzinfo=BRUSSELS).timestamp()
        self.slept: list[float] = []

    def monotonic_s(self) -> float:
        return self.now_s

    def utc_s(self) -> float:
        return self.now_s

    async def sleep(self, duration_s: float) -> None:
        self.slept.append(duration_s)
        self.now_s += duration_s
        await asyncio.sleep(0)

    def to(self, text: str) -> None:
        """Move to a moment of the market's clock."""
        self.now_s = datetime.fromisoformat(text).replace(tzinfo=BRUSSELS).timestamp()


@pytest.fixture
def clock() -> HandClock:
    """A winter morning."""
    return HandClock("2026-01-15T09:05")


@pytest.fixture
async def services(clock: HandClock) -> AsyncIterator[MarketEmulator]:
    """All services on the loopback."""
    async with MarketEmulator(clock.utc_s) as emulator:
        yield emulator


@pytest.fixture
async def fetcher(clock: HandClock) -> AsyncIterator[Fetcher]:
    """The real one."""
    made = Fetcher(clock, lambda: 0.5)
    yield made
    await made.close()
