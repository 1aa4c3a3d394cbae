"""One sender, many listeners, no queue: whoever was away gets the newest and only that."""

import asyncio
from collections.abc import AsyncIterator


class Broadcast:
    """Hands the newest payload to every listener.

    Nothing is buffered per listener: a slow one skips what it missed, so that a thousand stalled browsers
    cost no memory and never delay the sender. `publish` must be called in the event loop's thread.
    """

    def __init__(self) -> None:
        self._newest = b""
        self._turn = 0
        self._closed = False
        self._changed = asyncio.Event()

    def publish(self, payload: bytes) -> None:
        """Replace the newest payload and wake all who wait."""
        self._newest = payload
        self._turn += 1
        self._wake()

    def close(self) -> None:
        """End every subscription. To be called before the web server is told to stop: it waits for the
        responses that are under way, and a live stream never ends by itself."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def subscribe(self) -> AsyncIterator[bytes]:
        """The newest payload at once (when there is one), then each newer one that the listener is in time for."""
        seen = 0
        while not self._closed:
            if self._turn == seen:
                await self._changed.wait()
                continue
            seen = self._turn
            yield self._newest
