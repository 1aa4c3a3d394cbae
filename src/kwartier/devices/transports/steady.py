"""Keep reading a source for ever: reconnect with growing waits, and give up a line that fell silent."""

import asyncio
from contextlib import aclosing
from typing import Never, Protocol

from kwartier.devices.backoff import Backoff
from kwartier.devices.transports.byte_source import ByteSource, SourceEnded
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceUnreachable

LONG_SLEEP_S = 3600.0


class Listener(Protocol):
    """Who wants the bytes."""

    def receive(self, data: bytes) -> bool:
        """Take the next bytes; tell whether they brought something good, which ends the growing waits."""
        ...

    def lost(self, why: DeviceUnreachable) -> None:
        """This connection is over (or did not come about)."""
        ...


async def keep_reading(source: ByteSource, clock: Clock, listener: Listener) -> Never:
    """Read until cancelled. A recording that ended stays ended: its meter ages as a silent one does."""
    backoff = Backoff()
    while True:
        try:
            await _one_connection(source, clock, listener, backoff)
        except SourceEnded as why:
            listener.lost(why)
            while True:
                await clock.sleep(LONG_SLEEP_S)
        except DeviceUnreachable as why:
            listener.lost(why)
        await clock.sleep(backoff.next_s())


async def _one_connection(source: ByteSource, clock: Clock, listener: Listener, backoff: Backoff) -> None:
    """Read one connection to its end; always raises."""
    heard_s = clock.monotonic_s()

    async def read() -> None:
        nonlocal heard_s
        async with aclosing(source.chunks()) as chunks:
            async for data in chunks:
                heard_s = clock.monotonic_s()
                if listener.receive(data):
                    backoff.reset()

    async def watch() -> None:
        while (quiet_s := clock.monotonic_s() - heard_s) < source.silent_after_s:
            await clock.sleep(min(source.silent_after_s - quiet_s, LONG_SLEEP_S))
        raise DeviceUnreachable(
            f"no byte from {source.address} for {source.silent_after_s:.0f} s: check that the P1 port is open "
            "(in Flanders: switch it on in Mijn Fluvius), that Data Request (pin 2) has 5 V, the speed "
            "(115200 baud 8N1; 9600 baud 7E1 for DSMR 2 and 3), and the cable"
        )

    tasks = [asyncio.create_task(read()), asyncio.create_task(watch())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
