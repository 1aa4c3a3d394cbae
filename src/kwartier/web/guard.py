"""What every request meets first: right host, same origin for writes, a small body; safe headers on the way out."""

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kwartier.web.problems import Problem

LARGEST_BODY = 64 * 1024
BODY_WITHIN_S = 10.0
READS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": browsers would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """ASGI middleware in front of everything.

    The host must be an address, `localhost`, or one of `hosts`: a foreign name that points here is how a
    web page on the internet would reach a controller at home (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(h.lower() for h in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope)
            if scope["method"] not in READS:
                receive = await _whole_body(receive)
        except Problem as problem:
            await problem.response(scope["path"])(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._known(_name(host)):
            raise Problem(
                421,
                "unknown-host",
                "This controller does not answer to the name in the request; use its address, or add the "
                "name to web.hosts in the site file.",
            )
        if scope["method"] in READS:
            return
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise _foreign()
        origin = headers.get("origin")
        # Only the host is compared: behind a TLS proxy our own scheme is not the browser's.
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise _foreign()
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            raise _too_large()

    def _known(self, name: str) -> bool:
        if name == "localhost" or name.endswith(".localhost") or name in self._hosts:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True


def _name(host: str) -> str:
    """The host without its port, lower case; empty when it cannot be read."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _foreign() -> Problem:
    return Problem(403, "foreign-origin", "Changes are only taken from this controller's own pages.")


def _too_large() -> Problem:
    return Problem(413, "too-large", f"A request may carry at most {LARGEST_BODY // 1024} kB.")


async def _whole_body(receive: Receive) -> Receive:
    """Read the body, within its size and time, and hand it on in one piece."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Problem(400, "cut-off", "The request ended before its body was whole.")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > LARGEST_BODY:
                    raise _too_large()
    except TimeoutError:
        raise Problem(408, "too-slow", f"The request took longer than {BODY_WITHIN_S:.0f} s.") from None
    whole: Message = {"type": "http.request", "body": bytes(body), "more_body": False}
    pending = [whole]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
