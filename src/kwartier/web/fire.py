"""What the web asks of the fire and emergency inputs, and who counts as a person on site."""

from typing import Annotated, Literal, Protocol

from fastapi import Depends, Request

from kwartier.web import access
from kwartier.web.auth import ONSITE, Refused
from kwartier.web.live import Document
from kwartier.web.problems import Problem, refused


class FireSite(Protocol):
    """The inputs of a running site; `edge` implements it. KeyError: no such input. ValueError: not allowed,
    with a sentence. `safety.fire.NotAllowed`: not now, with its reason."""

    def inputs(self) -> list[Document]:
        """All inputs as they are now."""
        ...

    def hear(self, input_id: str, level: Literal["quiet", "alarm"]) -> None:
        """A program says what its input says. Raises KeyError, ValueError (the input is wired)."""
        ...

    def reset(self, input_id: str, name: str, role: str, why: str) -> None:
        """A person on site opens the latch. Raises KeyError, NotAllowed."""
        ...

    def test(self, input_id: str, name: str, *, active: bool) -> None:
        """Begin or end the test without cut. Raises KeyError, NotAllowed."""
        ...


def fire_of(request: Request) -> FireSite:
    """The inputs behind this request. Raises Problem (404) where the app has none."""
    found: FireSite | None = request.app.state.fire
    if found is None:
        raise Problem(404, "no-inputs", "This site has no inputs.")
    return found


Fire = Annotated[FireSite, Depends(fire_of)]


async def on_site(request: Request) -> None:
    """Dependency: see `check_on_site`; the token comes as Bearer."""
    await check_on_site(request)


async def check_on_site(request: Request, code: str = "") -> None:
    """Raises Problem unless the request comes from somebody on site: at the machine itself, or with a token
    that is called onsite-... and kept at the site (`code`, or sent as Bearer)."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    secret = code or (value if scheme.lower() == "bearer" else None)
    if secret:
        try:
            name = access.auth_of(request).token(access.client_of(request), secret.strip())
        except Refused as error:
            raise refused(error) from error
        if name.startswith(ONSITE):
            return
        if not access.is_local(request):
            raise _elsewhere()
        return
    await access.writer(request)
    if not access.is_local(request):
        raise _elsewhere()


def _elsewhere() -> Problem:
    detail = (
        "An alarm is reset on site: at the controller's own screen, or with a token whose name begins with "
        f"{ONSITE!r}, which is kept there."
    )
    return Problem(403, "not-on-site", detail)
