"""One at a time, the most urgent first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

WRITE = 0
READ = 1


class Gate:
    """A lock whose waiters go in order of urgency (lower first), then of arrival.

    A bus serves many devices; a set-point must not wait behind a whole round of polls, so it passes all
    waiting reads and waits at most for the one request that is on the wire.
    """

    def __init__(self) -> None:
        self._busy = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    @asynccontextmanager
    async def hold(self, urgency: int, rest_s: float = 0.0) -> AsyncIterator[None]:
        """Hold the gate; it opens again `rest_s` after the body, without making the caller wait."""
        await self._acquire(urgency)
        try:
            yield
        finally:
            if rest_s > 0:
                asyncio.get_running_loop().call_later(rest_s, self._release)
            else:
                self._release()

    async def _acquire(self, urgency: int) -> None:
        if not self._busy:
            self._busy = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # our turn came in the same moment: pass it on
                self._release()
            raise

    def _release(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False
