"""How long a client must wait after wrong passwords: 1 s, then twice as long each time, 15 minutes at most."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

LONGEST_S = 900.0
FORGET_S = 3600.0
CLIENTS = 1024
"""Remembered at most; the longest silent one makes room, so that a flood of addresses costs no memory."""


@dataclass(slots=True)
class _Attempts:
    count: int
    last_s: float

    @property
    def free_at_s(self) -> float:
        return self.last_s + min(LONGEST_S, 2.0 ** min(self.count - 1, 20))


class Backoff:
    """Attempts per client. Times are monotonic seconds, passed in."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, _Attempts] = OrderedDict()

    def wait_s(self, client: str, now_s: float) -> float:
        """How long this client must still wait; 0 when it may try."""
        attempts = self._clients.get(_group(client))
        return 0.0 if attempts is None else max(0.0, attempts.free_at_s - now_s)

    def attempt(self, client: str, now_s: float) -> None:
        """Count an attempt as wrong *before* it is checked, so that parallel ones gain nothing."""
        key = _group(client)
        attempts = self._clients.pop(key, None)
        if attempts is None or now_s - attempts.last_s > FORGET_S:
            attempts = _Attempts(0, now_s)
        attempts.count += 1
        attempts.last_s = now_s
        self._clients[key] = attempts
        if len(self._clients) > CLIENTS:
            self._clients.popitem(last=False)

    def forget(self, client: str) -> None:
        """The attempt was right: the client starts afresh."""
        self._clients.pop(_group(client), None)


def _group(client: str) -> str:
    """IPv6 clients count per /64: one household has 2^64 addresses."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> 64)
    return str(address)
