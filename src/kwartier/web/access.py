"""Who asks, and whether they may write: the bridge between a request and `Auth`."""

import base64
import binascii
from ipaddress import ip_address

from fastapi import Request
from starlette.responses import Response

from kwartier.web.auth import ONSITE, SESSION_LONGEST_S, Auth, Refused
from kwartier.web.problems import WRITE_HEADERS, Problem, refused

COOKIE = "kwartier_session"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def auth_of(request: Request) -> Auth:
    """The site's Auth."""
    found: Auth = request.app.state.auth
    return found


def client_of(request: Request) -> str:
    """The address of the other end."""
    return request.client.host if request.client else ""


def is_local(request: Request) -> bool:
    """Whether the request comes from this very machine, and not through a proxy on it."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(client_of(request)).is_loopback
    except ValueError:
        return False


def open_demo(request: Request) -> bool:
    """A demonstration on the machine itself takes changes from anybody there, and says so."""
    return auth_of(request).demo and is_local(request)


def logged_in(request: Request) -> bool:
    """Whether the request belongs to a living session."""
    return auth_of(request).session(request.cookies.get(COOKIE))


async def writer(request: Request) -> None:
    """Dependency of every route that changes something: raises Problem unless the request may write."""
    if open_demo(request) or logged_in(request):
        return
    auth, client = auth_of(request), client_of(request)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() == "bearer":
            if auth.token(client, value.strip()).startswith(ONSITE):
                raise Problem(403, "only-on-site", "This token only resets alarms.")
            return
        if scheme.lower() == "basic":
            await auth.basic(client, _password(value))
            return
    except Refused as error:
        raise refused(error) from error
    if not auth.has_password:
        raise Problem(403, "setup-needed", "Choose a password first: open /setup on the machine itself.")
    raise Problem(401, "login-needed", "Changes need the password: log in at /login.", WRITE_HEADERS)


def _password(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def begin_session(request: Request, response: Response, secret: str) -> None:
    """Give the browser its session cookie."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(SESSION_LONGEST_S),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def end_session(request: Request, response: Response) -> None:
    """Forget the session on both sides."""
    auth_of(request).logout(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
