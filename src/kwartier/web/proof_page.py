"""`/proof`: what would flow if Kwartier were gone, sum by sum."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from kwartier.web import access
from kwartier.web.api_session import session_info
from kwartier.web.pages import SEE_OTHER
from kwartier.web.problems import Problem
from kwartier.web.proof import proof_of
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 30
COMMAND = "kwartier check SITE.yaml --probe"


@router.get("/proof")
async def proof_page(request: Request) -> Response:
    """The last proof."""
    return _show(request)


@router.post("/proof")
async def again(request: Request) -> Response:
    """Proves now, then shows it."""
    try:
        await access.writer(request)
    except Problem:
        session = session_info(request)
        return RedirectResponse("/login?next=/proof" if session.has_password else "/setup", SEE_OTHER)
    await proof_of(request).prove()
    return RedirectResponse("/proof", SEE_OTHER)


def _show(request: Request) -> Response:
    values: dict[str, Any] = {"proof": proof_of(request).newest(), "command": COMMAND}
    return sheet(request, "proof.html", refresh_s=REFRESH_S, **values)
