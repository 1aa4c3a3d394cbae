"""The site's pages: one header with the way to all the others, whole without JavaScript, live with it.

Without JavaScript a page that lives asks to be loaded again every few seconds; with it `static/refresh.js`
takes the new values out of the same page and leaves alone what somebody reads, opens or fills in.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from kwartier.web.api import live_of
from kwartier.web.api_session import session_info
from kwartier.web.assets import language_of, takes_gzip
from kwartier.web.live import Document
from kwartier.web.pages import assets_of, common, render, sent
from kwartier.web.wording import Wording

MOST_CACHED = 50
SECTIONS = (
    ("/", "nav.dashboard"),
    ("/plan", "nav.plan"),
    ("/savings", "nav.savings"),
    ("/limits", "nav.limits"),
    ("/peaks", "nav.peaks"),
    ("/alarms", "nav.alarms"),
    ("/fire", "nav.fire"),
    ("/proof", "nav.proof"),
    ("/simple", "nav.simple"),
)
"""Address and word of each page, in the order of the header."""
OF_A_PLAN = frozenset({"/plan", "/savings"})
"""Pages that only a site with a planner has."""


@dataclass(frozen=True, slots=True)
class Link:
    """One page in the header."""

    href: str
    key: str
    count: int = 0
    """What waits there for somebody."""


def links(document: Document) -> list[Link]:
    """The pages of this site."""
    waiting = sum(1 for alarm in document.get("alarms", ()) if alarm["acknowledged_at"] is None)
    planned = document.get("plan") is not None
    return [
        Link(href, key, waiting if href == "/alarms" else 0)
        for href, key in SECTIONS
        if planned or href not in OF_A_PLAN
    ]


def wording_of(request: Request) -> Wording:
    """The reader's language."""
    language = language_of(request)
    return Wording(language, assets_of(request).words[language], live_of(request).state()["at"])


async def sheet(
    request: Request,
    template: str,
    status: int = 200,
    *,
    refresh_s: float | None = None,
    scripted: bool = True,
    reloads: bool = True,
    **values: Any,
) -> Response:
    """A page with the header. `refresh_s`: how often its values change; None: it stands still. `scripted`:
    whether JavaScript may do that. `reloads`: whether the browser may without JavaScript; not while somebody
    fills in a form."""
    document = live_of(request).state()
    found = common(request) | {
        "site": document["site"],
        "at": document["at"],
        "links": links(document),
        "w": wording_of(request),
        "refresh_s": refresh_s,
        "refreshes": refresh_s is not None and request.query_params.get("refresh") != "off",
        "scripted": scripted,
        "reloads": reloads,
    }
    # The tree of 200 charge points takes 50 ms of a core, for which the control loop must not wait.
    body = await asyncio.to_thread(render, template, found | values)
    return sent(request, body, status)


class SheetCache:
    """Pages that show nothing but the document, made once for all who ask while it is the newest."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._answers: dict[str, asyncio.Task[Response]] = {}

    async def of(self, request: Request, make: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
        """The page of this request; `make` makes it where nobody has."""
        document, session = live_of(request).state(), session_info(request)
        if document is not self._document:
            self._document, self._answers = document, {}
        packed = takes_gzip(request)
        key = f"{request.url.path}?{request.url.query} {language_of(request)} {packed} {session!r}"
        if key not in self._answers and len(self._answers) < MOST_CACHED:
            self._answers[key] = asyncio.create_task(make())
        task = self._answers.get(key)
        return await (make() if task is None else asyncio.shield(task))
