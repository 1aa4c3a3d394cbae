"""`/simple`: every value as a row of a table. No JavaScript at all."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from kwartier.web import esphome
from kwartier.web.api import Live
from kwartier.web.api_session import session_info
from kwartier.web.pages import SEE_OTHER
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 5


@router.get("/simple")
async def simple(request: Request) -> Response:
    """All rows as a table; works without JavaScript."""
    rows = esphome.rows_now(request).values()
    return await sheet(request, "simple.html", refresh_s=REFRESH_S, scripted=False, rows=rows)


@router.post("/simple/switch/{object_id}/toggle")
async def simple_toggle(request: Request, live: Live, object_id: str) -> Response:
    """The button of a row: does it, and shows the table again (or the log-in page first)."""
    session = session_info(request)
    if not session.may_write:
        return RedirectResponse("/login?next=/simple" if session.has_password else "/setup", SEE_OTHER)
    esphome.apply(live, esphome.row(request, "switch", object_id), "toggle")
    return RedirectResponse("/simple", SEE_OTHER)
