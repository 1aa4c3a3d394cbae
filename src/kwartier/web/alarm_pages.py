"""`/alarms`: what is wrong now, what was said before, and who has taken note. Forms without JavaScript."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from kwartier.site.errors import StorageError
from kwartier.web import access
from kwartier.web.alarms import LEVELS, PAGE, alarms_of
from kwartier.web.alarms_api import LAST_SEQ, number_of
from kwartier.web.api import live_of
from kwartier.web.api_session import session_info
from kwartier.web.live import Document
from kwartier.web.pages import SEE_OTHER, form_of
from kwartier.web.problems import Problem
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 5
LONGEST_NAME = 80
NAME = "acknowledged_by"
"""The cookie that keeps the name until the browser closes, so that it is typed once."""
CHOICES = {"": LEVELS, "warning": ("error", "warning"), "error": ("error",), "info": ("info",)}
"""What can be chosen of the levels."""


@router.get("/alarms")
async def alarms_page(request: Request) -> Response:
    """The list."""
    return await _show(request)


@router.post("/alarms/ack")
async def acknowledge(request: Request) -> Response:
    """Takes note of one alarm, and shows the list again where it was."""
    form = await form_of(request)
    name, alarm_id = form.get("name", "").strip()[:LONGEST_NAME], form.get("id", "")[:200]
    try:
        await access.writer(request)
        if not name:
            return await _show(request, "alarms.nobody", 422)
        await alarms_of(request).acknowledge(alarm_id, name)
    except Problem as problem:
        if problem.status not in {401, 403}:
            raise
        session = session_info(request)
        return RedirectResponse("/login?next=/alarms" if session.has_password else "/setup", SEE_OTHER)
    except KeyError:
        return await _show(request, "alarms.gone", 404)
    except StorageError:
        return await _show(request, "alarms.unreadable", 503)
    query = urlencode({k: form[k][:200] for k in ("level", "device", "before") if form.get(k)})
    response = RedirectResponse(f"/alarms?{query}" if query else "/alarms", SEE_OTHER)
    response.set_cookie(NAME, name.encode().hex(), path="/alarms", httponly=True, samesite="strict")
    return response


async def _show(request: Request, error: str | None = None, status: int = 200) -> Response:
    asked = request.query_params
    level = asked.get("level", "") if asked.get("level", "") in CHOICES else ""
    device = asked.get("device", "")[:200]
    before = int(asked["before"]) if _is_number(asked.get("before", "")) else None
    names = session_info(request).may_write
    alarms = alarms_of(request)
    document = live_of(request).state()
    history, unreadable = [], ""
    try:
        history = await alarms.history(
            names, before=before, levels=CHOICES[level], device_id=device or None, limit=PAGE + 1
        )
    except StorageError:
        unreadable = "alarms.unreadable"
        history = [_from_screen(m, i) for i, m in enumerate(document["messages"])]
    older = number_of(history[PAGE - 1]) if len(history) > PAGE and not unreadable else None
    values: dict[str, Any] = {
        "active": alarms.active(names),
        "history": history[:PAGE],
        "unreadable": unreadable,
        "error": error,
        "level": level,
        "choices": CHOICES,
        "device": device,
        "devices": _devices(document),
        "before": before,
        "query": urlencode({k: v for k, v in (("level", level), ("device", device)) if v}),
        "older": older,
        "name": _name(request),
    }
    still = error is not None or before is not None
    return await sheet(request, "alarms.html", status, refresh_s=None if still else REFRESH_S, **values)


def _devices(document: Document) -> list[tuple[str, str]]:
    """Everything that may have said something, by what it is called."""
    named = [*document.get("inputs", ()), *document["meters"], *document["charge_points"]]
    return [(d["id"], d["name"]) for d in named]


def _from_screen(message: Document, number: int) -> Document:
    """A message of the document as a line of the history, which cannot be read."""
    return {
        **message,
        "id": f"s{number}",
        "device": message["device_id"],
        "acknowledged": None,
        "from_screen": True,
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < len(str(LAST_SEQ))


def _name(request: Request) -> str:
    try:
        return bytes.fromhex(request.cookies.get(NAME, "")).decode()[:LONGEST_NAME]
    except ValueError:
        return ""
