"""Server-sent events that cannot pile up: few listeners, and none that stopped reading."""

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from kwartier.web.problems import Problem

LISTENERS = 100
STALLED_S = 20.0
"""A listener that takes nothing for this long is let go; a browser comes back by itself."""


class Listeners:
    """Counts who listens, over all streams of one app."""

    def __init__(self) -> None:
        self.count = 0

    def admit(self) -> None:
        """Raises Problem when there are too many."""
        if self.count >= LISTENERS:
            raise Problem(503, "too-many-listeners", f"Already {LISTENERS} live streams are open; try later.")


class EventStream(StreamingResponse):
    """A stream of ready-made events."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], listeners: Listeners) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._listeners = listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one listener until it leaves or stalls."""

        async def promptly(message: Message) -> None:
            async with asyncio.timeout(STALLED_S):
                await send(message)

        self._listeners.count += 1
        try:
            await super().__call__(scope, receive, promptly)
        except TimeoutError:
            return
        finally:
            self._listeners.count -= 1


def event(data: bytes, name: str = "", number: int | None = None, retry_ms: int | None = None) -> bytes:
    """One event; `data` must have no line breaks."""
    head = b"" if not name else b"event: " + name.encode() + b"\n"
    if number is not None:
        head += b"id: %d\n" % number
    if retry_ms is not None:
        head += b"retry: %d\n" % retry_ms
    return head + b"data: " + data + b"\n\n"
