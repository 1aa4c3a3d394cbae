"""The clocks. This file and `cli` are the only places of the site side that read one."""

import asyncio
import heapq
import time
from collections import deque
from contextlib import suppress
from itertools import count

LEAST_S = 1e-6
"""Time moves on by so much at each sleep: what is left of a wait, 1e-13 s say, is lost when it is added to 1024 s, and
who waits for the rest of his time would wake at the same moment for ever."""
PACE_EVERY_S = 0.5
PACE_SOON_S = 2.0
PACE_SPAN_S = 10.0


SLEEP_COUNTS: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A machine that was suspended (a virtual machine, a laptop) must find its readings as old as they are."""


class RealClock:
    """The machine's own clock (`site.clock.Clock`)."""

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start; never goes back, and on Linux goes on while the machine is suspended."""
        return time.clock_gettime(SLEEP_COUNTS)

    def utc_s(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, duration_s: float) -> None:
        """Wait."""
        await asyncio.sleep(duration_s)


class PacedClock:
    """Simulated time for the demonstration: `speed` simulated seconds pass per second, as far as the
    program keeps up.

    Time only moves on when everybody who was woken waits again (or is blocked for longer than
    `patience_s` of real time, a dead peer for instance), so that a machine that is too slow for the speed
    shows a slower site and never a site with old readings.
    """

    def __init__(self, *, start_utc_s: float, speed: float = 1.0, patience_s: float = 0.25) -> None:
        self.speed = speed
        self._start_utc_s = start_utc_s
        self._now_s = 0.0
        self._patience_s = patience_s
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self._awake: dict[asyncio.Task[object], float] = {}
        self._changed = asyncio.Event()
        self._marks: deque[tuple[float, float]] = deque(maxlen=64)

    @property
    def pace(self) -> float:
        """Simulated seconds per second over the last ten seconds, at most `speed`: what the machine keeps up with.
        `speed` before two seconds have passed."""
        if not self._marks:
            return self.speed
        real_s, now_s = self._marks[0]
        passed_s = time.monotonic() - real_s
        return self.speed if passed_s < PACE_SOON_S else min(self.speed, (self._now_s - now_s) / passed_s)

    def _mark(self) -> None:
        """Remember this moment, twice a second, for ten seconds."""
        real_s = time.monotonic()
        if not self._marks or real_s - self._marks[-1][0] >= PACE_EVERY_S:
            self._marks.append((real_s, self._now_s))
        while real_s - self._marks[0][0] > PACE_SPAN_S:
            self._marks.popleft()

    def monotonic_s(self) -> float:
        """Simulated seconds since the start."""
        return self._now_s

    def utc_s(self) -> float:
        """Simulated UTC."""
        return self._start_utc_s + self._now_s

    async def sleep(self, duration_s: float) -> None:
        """Wait in simulated time."""
        if duration_s <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        until_s = self._now_s + max(duration_s, LEAST_S)
        heapq.heappush(self._sleepers, (until_s, next(self._order), woken))
        task = asyncio.current_task()
        if task is not None:
            self._awake.pop(task, None)
        self._changed.set()
        await woken
        if task is not None:
            self._awake[task] = time.monotonic()

    async def run(self) -> None:
        """Let time pass until cancelled."""
        behind_real = time.monotonic()
        while True:
            await self._all_waiting()
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if not self._sleepers:
                self._changed.clear()
                await self._changed.wait()
                continue
            deadline_s = self._sleepers[0][0]
            due_real = behind_real + (deadline_s - self._now_s) / self.speed
            wait_s = due_real - time.monotonic()
            if wait_s > 0:
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._changed.wait()
                        continue  # somebody else sleeps now: the next moment may be another, and it is not due yet
            # A late start of this tick is not caught up: the site runs slower, not in bursts.
            behind_real = max(due_real, time.monotonic() - 0.05)
            self._now_s = max(self._now_s, deadline_s)
            self._mark()
            while self._sleepers and self._sleepers[0][0] <= self._now_s:
                _, _, woken = heapq.heappop(self._sleepers)
                if not woken.done():
                    woken.set_result(None)

    async def _all_waiting(self) -> None:
        await asyncio.sleep(0)
        while self._awake:
            now = time.monotonic()
            self._awake = {
                t: since
                for t, since in self._awake.items()
                if not t.done() and now - since < self._patience_s
            }
            if self._awake:
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.02):
                        await self._changed.wait()
                except TimeoutError:
                    pass
