"""Telling systemd how we are: ready, alive, stopping (the datagrams of sd_notify, by hand).

The watchdog is fed by the cycle and by nothing else: a process that lives but decides nothing is started
again. Without systemd all this does nothing.
"""

import contextlib
import os
import socket
from collections.abc import Mapping


class Notifier:
    """Sends to NOTIFY_SOCKET; `feed` as often as you like."""

    def __init__(self, address: str | None, watchdog_s: float | None) -> None:
        self._socket: socket.socket | None = None
        self._address = ""
        self._every_s = None if watchdog_s is None else watchdog_s / 3
        self._fed_s = float("-inf")
        if address:
            # systemd writes an abstract address with an @ in front
            self._address = "\0" + address[1:] if address.startswith("@") else address
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Notifier":
        """As systemd tells it in NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID."""
        wanted = env.get("WATCHDOG_USEC", "")
        meant = env.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_s = int(wanted) / 1e6 if meant and wanted.isdecimal() and int(wanted) > 0 else None
        return cls(env.get("NOTIFY_SOCKET"), watchdog_s)

    def ready(self, status: str) -> None:
        """Everything is up; `status` is shown by `systemctl status`."""
        self._send(f"READY=1\nSTATUS={status}")

    def feed(self, now_s: float) -> None:
        """A cycle ended; `now_s` is monotonic."""
        if self._every_s is not None and now_s - self._fed_s >= self._every_s:
            self._fed_s = now_s
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """We were told to end."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Give the socket back."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, text: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # systemd that does not listen is no reason to stop protecting
                self._socket.sendto(text.encode(), self._address)
