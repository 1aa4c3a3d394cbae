"""P1 bytes from a WebSocket: text or binary messages, in pieces of any size."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import urlsplit

from kwartier.devices.transports.byte_source import CONNECT_TIMEOUT_S, SILENT_AFTER_S, words
from kwartier.site.errors import DeviceUnreachable

MAX_MESSAGE_BYTES = 65536
CLOSE_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class WebSocketSource:
    """A gateway that serves telegrams on `ws://` or `wss://`."""

    url: str
    silent_after_s: float = SILENT_AFTER_S

    @property
    def address(self) -> str:
        """The URL without user, password and query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Connect and yield each message as bytes."""
        from websockets.asyncio.client import connect  # noqa: PLC0415 - heavy, and rarely needed
        from websockets.exceptions import WebSocketException  # noqa: PLC0415

        try:
            async with connect(
                self.url,
                open_timeout=CONNECT_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=MAX_MESSAGE_BYTES,
                proxy=None,  # a meter's gateway is on this network
            ) as connection:
                async for message in connection:
                    yield _to_bytes(message)
        except (WebSocketException, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise DeviceUnreachable(
                f"{self.address}: {words(error)}; check the address and that the gateway serves "
                "telegrams there"
            ) from error
        raise DeviceUnreachable(f"{self.address} closed the connection")


def _to_bytes(message: str | bytes) -> bytes:
    """One character is one byte on the line. A gateway that decoded a damaged byte sends U+FFFD for it:
    that becomes one wrong byte again, which the codec may be able to repair."""
    return message if isinstance(message, bytes) else message.encode("latin-1", "replace")
