"""One at a time, the most urgent first."""

import asyncio
import heapq
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

    async def enter(self, urgency: int) -> None:
        """Wait for our turn. Whoever entered must `leave`."""
        if not self._busy:
            self._busy = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # our turn came in the same moment: pass it on
                self._next()
            raise

    def leave(self, rest_s: float = 0.0) -> None:
        """Let the next one in, `rest_s` from now (wall time); the one that leaves does not wait for it."""
        if rest_s > 0:
            asyncio.get_running_loop().call_later(rest_s, self._next)
        else:
            self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False
