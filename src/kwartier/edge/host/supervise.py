"""Keeping tasks alive: what crashes by a mistake of ours is started again, and said."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from kwartier.site.clock import Clock

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
CALM_S = 300.0
"""A task that ran for this long starts again after the shortest pause."""

log = structlog.get_logger()


async def keep_running(name: str, start: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run `start()` for ever; after a crash again, with growing pauses. Only cancelling ends it.

    Drivers and the historian handle the trouble they know of by themselves; what arrives here is a bug,
    and it must not take the protection of the site with it.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        began_s = clock.monotonic_s()
        try:
            await start()
            log.error("task ended", task=name)
        except asyncio.CancelledError:
            raise
        except Exception:  # the border between our mistakes and the site's protection
            log.exception("task crashed", task=name)
        if clock.monotonic_s() - began_s > CALM_S:
            pause_s = FIRST_PAUSE_S
        await clock.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
