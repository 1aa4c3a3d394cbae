"""What every source of P1 bytes looks like, whatever cable or network lies below."""

from collections.abc import AsyncGenerator
from typing import Protocol

from kwartier.site.errors import DeviceUnreachable

SILENT_AFTER_S = 15.0
"""No byte for so long means a dead line: the slowest meters (DSMR 4 and older, Luxembourg) speak every
10 s and are done within 8 s."""
CONNECT_TIMEOUT_S = 10.0
READ_SIZE = 65536
"""As much as the stream keeps: after a stall the newest telegram is read together with those before it."""


class ByteSource(Protocol):
    """Bytes of one meter over one connection at a time."""

    @property
    def address(self) -> str:
        """For messages; never holds a password or a token."""
        ...

    @property
    def silent_after_s(self) -> float:
        """How long it may say nothing before the connection counts as dead; infinite for recordings."""
        ...

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Open the connection and yield what comes, as it comes. Always ends by raising
        `DeviceUnreachable`; closing the generator closes the connection."""
        ...


class SourceEnded(DeviceUnreachable):
    """A recording was played to its end: trying again would play the past a second time."""


def words(error: BaseException) -> str:
    """What a foreign exception says, for a sentence of ours."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
