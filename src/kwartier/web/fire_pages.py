"""`/fire`: the page at which a person on site sees the inputs, resets an alarm and tests. All of it works
without JavaScript."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from kwartier.safety.fire import NotAllowed
from kwartier.site.errors import StorageError
from kwartier.web import access
from kwartier.web.alarms import LEVELS, AlarmSite
from kwartier.web.api_session import session_info
from kwartier.web.assets import language_of
from kwartier.web.auth import ONSITE
from kwartier.web.fire import check_on_site, fire_of
from kwartier.web.live import Document
from kwartier.web.pages import SEE_OTHER, assets_of, form_of
from kwartier.web.problems import Problem
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 3
SHOWN = 12
LOOKED_BACK = 200
TESTS = ("input_test_passed", "input_test_failed")
LONGEST = 300


@router.get("/fire")
async def fire_page(request: Request) -> Response:
    """All inputs with what can be done about each."""
    return await _show(request)


@router.post("/fire/{input_id}/reset")
async def reset(request: Request, input_id: str) -> Response:
    """Opens the latch, or says why not."""
    form, fire = await form_of(request), fire_of(request)
    name, role, why = (form.get(key, "")[:LONGEST] for key in ("name", "role", "reason"))
    try:
        await check_on_site(request, form.get("code", ""))
        fire.reset(input_id, name, role, why)
    except (NotAllowed, KeyError, Problem) as error:
        return await _show(request, error, form)
    return RedirectResponse("/fire", SEE_OTHER)


@router.post("/fire/{input_id}/test")
async def test(request: Request, input_id: str) -> Response:
    """Begins or ends the test without cut, or says why not."""
    form, fire = await form_of(request), fire_of(request)
    try:
        await access.writer(request)
        fire.test(input_id, form.get("name", "")[:LONGEST], active=form.get("active") == "1")
    except (NotAllowed, KeyError, Problem) as error:
        return await _show(request, error, form)
    return RedirectResponse("/fire", SEE_OTHER)


async def _show(
    request: Request, error: NotAllowed | KeyError | Problem | None = None, form: dict[str, str] | None = None
) -> Response:
    fire = request.app.state.fire
    language = language_of(request)
    words = assets_of(request).words[language]
    values: dict[str, Any] = {
        "inputs": [] if fire is None else fire.inputs(),
        "form": form or {},
        "error": None if error is None else _why(error, words, language),
        "local": access.is_local(request),
        "may_write": session_info(request).may_write,
        "onsite": ONSITE,
        "logs": {},
    }
    alarms: AlarmSite | None = request.app.state.alarms
    if alarms is not None:
        names = values["may_write"]
        values["logs"] = {entry["id"]: await _log(alarms, entry["id"], names) for entry in values["inputs"]}
    status = 200 if error is None else error.status if isinstance(error, Problem) else 409
    busy = any(entry["stopped"] for entry in values["inputs"])
    refresh_s = REFRESH_S if error is None else None
    return await sheet(request, "fire.html", status, refresh_s=refresh_s, reloads=not busy, **values)


async def _log(alarms: AlarmSite, input_id: str, names: bool) -> Document:
    """What the journal has of an input: its newest lines, and its newest test that was finished."""
    try:
        lines = await alarms.history(names, before=None, levels=LEVELS, device_id=input_id, limit=LOOKED_BACK)
    except StorageError:
        return {"lines": [], "tested": None, "unreadable": True}
    tested = next((line for line in lines if line["code"] in TESTS), None)
    return {"lines": lines[:SHOWN], "tested": tested, "unreadable": False}


def _why(error: NotAllowed | KeyError | Problem, words: dict[str, str], language: str) -> str:
    if isinstance(error, NotAllowed):
        return error.why.text(language)
    if isinstance(error, Problem):
        return words.get(f"fire.refused_{error.slug.replace('-', '_')}", error.detail)
    return str(error.args[0])
