"""Asking a service over HTTP: with a deadline, a limit on size, a few attempts, and never a secret in a message."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kwartier.devices.backoff import Backoff
from kwartier.protocols.answers import MAX_BYTES, SHOWN_BYTES, AnswerError
from kwartier.protocols.requests import Request
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 20.0
"""For the whole answer, whatever trickles in."""
ATTEMPTS = 3
FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 60.0
"""A service that asks for more patience is left until the next round."""
AGENT = "kwartier"
ACCEPT = "application/json, application/xml, text/xml, text/calendar, */*;q=0.1"
WAITING = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same question may succeed."""
TELLING = frozenset({400, 401, 403, 404, 409, 422})
"""Statuses whose body may say why, in the form of an answer."""


class TryLater(DeviceUnreachable):
    """The service asks for patience. `after_s`: how long, where it said so."""

    def __init__(self, message: str, after_s: float | None) -> None:
        super().__init__(message)
        self.after_s = after_s


class Fetcher:
    """Asks with httpx, which is loaded when it is first needed.

    `jitter` gives a number in [0, 1): waits are stretched by it, so that a thousand sites that lost the same service
    don't come back in the same second.
    """

    def __init__(self, clock: Clock, jitter: Callable[[], float], *, timeout_s: float = TIMEOUT_S) -> None:
        self._clock = clock
        self._jitter = jitter
        self._timeout_s = timeout_s
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def get(self, request: Request) -> bytes:
        """The body of a good answer, or of a refusal that a codec may explain.

        Raises DeviceUnreachable (no answer; TryLater where the service asks for patience), DeviceRefused (a wrong token,
        a wrong address), AnswerError (`too_long`).
        """
        waits = Backoff(FIRST_WAIT_S, LONGEST_WAIT_S)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(request)
            except DeviceUnreachable as error:
                after_s = error.after_s if isinstance(error, TryLater) else None
                wait_s = waits.next_s() * (1 + self._jitter())
                if after_s is not None:
                    wait_s = max(wait_s, after_s + self._jitter())
                if attempt == ATTEMPTS or wait_s > LONGEST_WAIT_S:
                    raise
            await self._clock.sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Hang up. The next question connects again."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _once(self, request: Request) -> bytes:
        place = request.shown
        direct = _near(request.url)
        if direct not in self._clients:
            # in a thread: loading httpx and the certificates takes longer than a cycle may wait
            self._clients[direct] = await asyncio.to_thread(_client, self._timeout_s, direct)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._ask(request, self._clients[direct])
        except TimeoutError:
            raise DeviceUnreachable(f"{place} did not answer within {self._timeout_s:g} s") from None

    async def _ask(self, request: Request, client: "httpx.AsyncClient") -> bytes:
        import httpx  # noqa: PLC0415 - loaded by now; a site without prices never does

        place = request.shown
        headers = {"Authorization": f"Bearer {request.bearer}"} if request.bearer else {}
        params = httpx.QueryParams([*request.params, *request.secrets])
        try:
            async with client.stream("GET", request.address, params=params, headers=headers) as response:
                body = await _body(response, place)
        except httpx.InvalidURL:
            raise DeviceRefused(f"{place} is no address; check url in the site file") from None
        except httpx.HTTPError as error:
            # its text may hold the whole address, and with it a token
            raise DeviceUnreachable(f"{place} does not answer ({_kind(error)})") from None
        return self._judged(response, body, request)

    def _judged(self, response: "httpx.Response", body: bytes, request: Request) -> bytes:
        status, place = response.status_code, request.shown
        if status == 200:
            return body
        if status in WAITING:
            after_s = self._after(response.headers.get("Retry-After"))
            asked = "" if after_s is None else f", and asks to wait {after_s:.0f} s"
            raise TryLater(f"{place} answers {status}{asked}", after_s)
        if status in TELLING and b"Acknowledgement_MarketDocument" in body:
            return body  # the codec knows its reason
        if status in {401, 403}:
            raise DeviceRefused(f"{place} answers {status}: the token is wrong, or not yet allowed")
        if status in {204, 404}:
            raise AnswerError("no_data", f"{place} has nothing for that time ({status})")
        if 300 <= status < 400:
            raise DeviceRefused(f"{place} has moved ({status}); set url to its new address")
        raise DeviceRefused(f"{place} answers {status}: {_line(body, request)}")

    def _after(self, text: str | None) -> float | None:
        """Retry-After: seconds, or a date."""
        if text is None:
            return None
        if text.strip().isdecimal():
            return float(min(int(text.strip()[:9]), 86_400))
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        now = datetime.fromtimestamp(self._clock.utc_s(), UTC)
        return min(86_400.0, max(0.0, (moment - now).total_seconds()))


async def _body(response: "httpx.Response", place: str) -> bytes:
    found = bytearray()
    async for chunk in response.aiter_bytes():
        found += chunk
        if len(found) > MAX_BYTES:
            raise AnswerError("too_long", f"{place} answers more than {MAX_BYTES} bytes")
    return bytes(found)


def _kind(error: Exception) -> str:
    """What went wrong, in the words of the class: its own text may hold a secret."""
    cause = error.__cause__ or error.__context__
    told = type(error).__name__
    if "certificate" in str(cause).lower() or "certificate" in str(error).lower():
        return f"{told}: its certificate is not trusted"
    return told


def _line(body: bytes, request: Request) -> str:
    """The beginning of an answer, without the secrets that it may repeat."""
    text = " ".join(body[:SHOWN_BYTES].decode("utf-8", "replace").split())
    for secret in (request.bearer, request.path_key, *(value for _, value in request.secrets)):
        text = text.replace(secret, "***") if secret else text
    return text or "no reason given"


def _near(url: str) -> bool:
    """Whether a host is on this machine or network: a proxy of the machine is no way to it."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".lan", ".home.arpa"))


def _client(timeout_s: float, direct: bool) -> "httpx.AsyncClient":
    import httpx  # noqa: PLC0415 - heavy, and a site without prices does not need it

    for name in ("httpx", "httpcore"):  # they log whole addresses, with the token in them
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        timeout=timeout_s,
        verify=True,
        trust_env=not direct,
        follow_redirects=False,  # a token must not travel to wherever an answer points
        headers={"User-Agent": AGENT, "Accept": ACCEPT},
        limits=httpx.Limits(max_connections=4, max_keepalive_connections=0),
    )


def read_file(path: str) -> bytes:
    """A file of prices. Raises DeviceUnreachable that says what to do."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DeviceUnreachable(f"{path} cannot be read ({error.strerror}); check the path") from None
