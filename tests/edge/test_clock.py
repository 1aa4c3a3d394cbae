"""The machine's clock, and the paced one: simulated time that waits for those who work in it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from kwartier.edge.host.clock import PacedClock, RealClock


@contextlib.asynccontextmanager
async def passing(clock: PacedClock) -> AsyncIterator[None]:
    pace = asyncio.create_task(clock.run())
    try:
        yield
    finally:
        pace.cancel()
        await asyncio.gather(pace, return_exceptions=True)


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="only Linux has a clock that counts sleep")
def test_the_time_that_a_machine_was_suspended_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Woken after an hour, it finds its readings an hour old: of the kernel's clocks only this one says so."""
    shown_s = {time.CLOCK_BOOTTIME: 3610.0, time.CLOCK_MONOTONIC: 10.0}
    monkeypatch.setattr(time, "clock_gettime", shown_s.__getitem__)
    monkeypatch.setattr(time, "monotonic", lambda: shown_s[time.CLOCK_MONOTONIC])
    assert RealClock().monotonic_s() == 3610.0


async def test_sleepers_wake_in_order_at_their_own_time() -> None:
    """Each wakes at the simulated moment it asked for, whoever asked first."""
    clock, woken = PacedClock(start_utc_s=1000.0, speed=1000.0), []

    async def sleeper(duration_s: float) -> None:
        await clock.sleep(duration_s)
        woken.append((duration_s, clock.monotonic_s(), clock.utc_s()))

    async with passing(clock):
        await asyncio.gather(*(sleeper(s) for s in (3.0, 1.0, 2.0)))
    assert woken == [(1.0, 1.0, 1001.0), (2.0, 2.0, 1002.0), (3.0, 3.0, 1003.0)]


async def test_time_waits_for_work_in_real_time() -> None:
    """A task that needs real time for its work does not fall behind in simulated time."""
    clock, ages = PacedClock(start_utc_s=0.0, speed=1000.0), []

    async def worker() -> None:
        for _ in range(5):
            began_s = clock.monotonic_s()
            await asyncio.sleep(0.05)
            ages.append(clock.monotonic_s() - began_s)
            await clock.sleep(1.0)

    async def other() -> None:
        for _ in range(5):
            await clock.sleep(1.0)

    async with passing(clock):
        await asyncio.gather(worker(), other())
    assert max(ages[1:]) <= 1.0


async def test_a_task_that_hangs_does_not_stop_time() -> None:
    """After a short patience the others go on."""
    clock = PacedClock(start_utc_s=0.0, speed=1000.0, patience_s=0.05)
    forever = asyncio.Event()

    async def hangs() -> None:
        await clock.sleep(1.0)
        await forever.wait()

    async with passing(clock):
        task = asyncio.create_task(hangs())
        began = time.monotonic()
        await clock.sleep(5.0)
        assert clock.monotonic_s() >= 5.0
        assert time.monotonic() - began < 2.0
        task.cancel()


async def test_it_keeps_the_asked_pace() -> None:
    """Ten simulated seconds at 100 x take a tenth of a second, not less."""
    clock = PacedClock(start_utc_s=0.0, speed=100.0)
    async with passing(clock):
        began = time.monotonic()
        await clock.sleep(10.0)
    assert 0.09 < time.monotonic() - began < 1.0


async def test_a_cancelled_sleeper_leaves_no_trace() -> None:
    """Cancelling a wait neither stops nor shifts the others."""
    clock = PacedClock(start_utc_s=0.0, speed=1000.0)
    async with passing(clock):
        task = asyncio.create_task(clock.sleep(1.0))
        await asyncio.sleep(0)
        task.cancel()
        await clock.sleep(2.0)
    assert clock.monotonic_s() == 2.0


async def test_a_later_sleeper_does_not_hurry_an_earlier_one() -> None:
    """Whoever begins to wait while nothing is due changes nothing for those who wait already."""
    clock = PacedClock(start_utc_s=0.0, speed=100.0)

    async def late() -> None:
        await asyncio.sleep(0.02)
        await clock.sleep(90.0)

    async with passing(clock):
        later = asyncio.create_task(late())
        began = time.monotonic()
        await clock.sleep(30.0)
        assert time.monotonic() - began >= 0.2
        later.cancel()


async def test_the_pace_is_what_the_machine_keeps_up_with() -> None:
    """Asked for a thousand times real time, a site with work to do tells how fast it really goes."""
    clock = PacedClock(start_utc_s=0.0, speed=1000.0)
    assert clock.pace == 1000.0
    began_s = time.monotonic()
    async with passing(clock):
        while time.monotonic() - began_s < 2.5:
            await clock.sleep(1.0)
            await asyncio.sleep(0.05)
    assert 1.0 < clock.pace <= 20.0


async def test_a_wait_too_short_for_the_clock_still_ends() -> None:
    """Where rounding leaves 1e-13 s of a second and a quarter, time does not stand still."""
    clock = PacedClock(start_utc_s=0.0, speed=1000.0)
    clock._now_s = 1024.0
    last_s, period_s, turns = 1022.75 + 2.0**-43, 1.25, 0
    assert clock._now_s + (period_s - (clock._now_s - last_s)) == clock._now_s, "the rest is lost in rounding"
    async with asyncio.timeout(5), passing(clock):
        while (waited_s := clock.monotonic_s() - last_s) < period_s and turns < 1000:
            await clock.sleep(period_s - waited_s)
            turns += 1
    assert turns == 1
