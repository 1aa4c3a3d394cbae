"""P1 bytes from a serial port or a TCP connection (ser2net, a network P1 reader)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from kwartier.devices.transports.byte_source import CONNECT_TIMEOUT_S, READ_SIZE, SILENT_AFTER_S, words
from kwartier.site.errors import DeviceUnreachable

CLOSE_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class TcpSource:
    """A server that passes the meter's bytes on as they are."""

    host: str
    port: int
    silent_after_s: float = SILENT_AFTER_S

    @property
    def address(self) -> str:
        """`host:port`, an IPv6 host in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Connect and yield what the server sends."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(self.host, self.port)
        except TimeoutError:
            raise DeviceUnreachable(
                f"{self.address} does not answer within {CONNECT_TIMEOUT_S:.0f} s: "
                "check that it is switched on and on this network"
            ) from None
        except OSError as error:
            raise DeviceUnreachable(
                f"cannot connect to {self.address} ({words(error)}): check the address, the port and that "
                "the P1 gateway serves its bytes there"
            ) from error
        try:
            while data := await _read(reader, self.address):
                yield data
        finally:
            await _close(writer)
        raise DeviceUnreachable(
            f"{self.address} closed the connection: many P1 gateways serve one client at a time, so see "
            "whether another program reads it"
        )


@dataclass(frozen=True, slots=True)
class SerialSource:
    """A P1 cable. DSMR 4, 5 and e-MUCS speak 115200 baud 8N1; DSMR 2 and 3 speak 9600 baud 7E1."""

    path: str
    baud: int = 115200
    bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop: Literal[1, 2] = 1
    silent_after_s: float = SILENT_AFTER_S

    @property
    def address(self) -> str:
        """The device path."""
        return self.path

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Open the port and yield what comes in."""
        reader, writer = await self._open()
        try:
            while data := await _read(reader, self.address):
                yield data
        finally:
            await _close(writer)
        raise DeviceUnreachable(f"{self.path} went away: check the P1 cable")

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        import serialx  # noqa: PLC0415 - a site without a P1 cable never pays for it

        try:
            return await serialx.open_serial_connection(
                self.path, self.baud, byte_size=self.bits, parity=self.parity, stopbits=self.stop
            )
        except FileNotFoundError as error:
            raise DeviceUnreachable(
                f"there is no {self.path}: check that the P1 cable is plugged in and which name it got "
                "(ls /dev/serial/by-id)"
            ) from error
        except PermissionError as error:
            raise DeviceUnreachable(
                f"no permission to open {self.path}: add this user to the group of the port, usually dialout"
            ) from error
        except (OSError, ValueError, serialx.SerialException) as error:
            raise DeviceUnreachable(
                f"cannot open {self.path} at {self.baud} baud {self.bits}{self.parity}{self.stop} "
                f"({words(error)}): see whether another program holds it"
            ) from error


async def _read(reader: asyncio.StreamReader, address: str) -> bytes:
    """Read what is there; empty at the end of the stream."""
    try:
        return await reader.read(READ_SIZE)
    except OSError as error:
        raise DeviceUnreachable(f"the connection to {address} broke ({words(error)})") from error


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close without waiting long or complaining: the connection may be broken already."""
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await writer.wait_closed()
