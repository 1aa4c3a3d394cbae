"""Pages for people: the dashboard, log in, first password. And what machines probe."""

import gzip
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from kwartier.site.reasons import LANGUAGES
from kwartier.web import access
from kwartier.web.api import Live
from kwartier.web.api_session import session_info
from kwartier.web.assets import Assets, language_of, takes_gzip
from kwartier.web.auth import Refused
from kwartier.web.problems import refused

router = APIRouter(include_in_schema=False)
PAGES = ("/", "/simple", "/fire", "/limits", "/peaks", "/alarms", "/proof", "/plan", "/savings", "/forecasts")
OF_OTHERS = (
    "alarms.", "device.", "forecasts.", "goal.", "limits.", "mode.text", "peaks.", "plan.", "proof.", "row.", "savings.",
    "setup.rule", "simple.", "todo.",
)  # fmt: skip
"""Words of the pages that the server makes; the dashboard need not load them."""
OF_A_CAR = re.compile(r"/plan/[A-Za-z0-9._~%-]{1,200}")
SEE_OTHER = 303


@lru_cache
def _templates() -> Environment:
    folder = Path(__file__).resolve().parent / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def assets_of(request: Request) -> Assets:
    """The files of this app."""
    found: Assets = request.app.state.assets
    return found


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page in the language of the one who asks."""
    return sent(request, render(template, common(request) | values), status)


def common(request: Request) -> dict[str, Any]:
    """What every page knows of the one who asks."""
    language = language_of(request)
    return {
        "t": assets_of(request).words[language],
        "language": language,
        "languages": LANGUAGES,
        "session": session_info(request),
        "path": request.url.path,
    }


def render(template: str, values: dict[str, Any]) -> bytes:
    """A page as it is sent, unpacked. May run in a thread."""
    return _templates().get_template(template).render(values).encode()


def sent(request: Request, body: bytes, status: int = 200) -> Response:
    """A rendered page as an answer."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding, Accept-Language, Cookie"}
    if takes_gzip(request):
        body = gzip.compress(body, 5)
        headers["Content-Encoding"] = "gzip"
    response = Response(body, status, headers, "text/html; charset=utf-8")
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        response.set_cookie("lang", asked, max_age=365 * 86400, path="/", samesite="strict")
    return response


@router.get("/")
async def dashboard(request: Request, live: Live) -> Response:
    """The live dashboard. The first state comes with the page, so that its first paint is whole."""
    assets, language = assets_of(request), language_of(request)
    document = live.state()
    boot = {
        "state": document,
        "words": {k: v for k, v in assets.words[language].items() if not k.startswith(OF_OTHERS)},
        "language": language,
        "languages": LANGUAGES,
        "session": session_info(request).model_dump(),
    }
    # In a data block only "<" could end the element early.
    text = json.dumps(boot, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return page(
        request,
        "dashboard.html",
        boot=text,
        site=document["site"],
        has_vendor=assets.has_vendor,
        modules=assets.modules,
    )


@router.get("/login")
async def login_page(request: Request) -> Response:
    """Asks for the password."""
    if not access.auth_of(request).has_password:
        return RedirectResponse("/setup", SEE_OTHER)
    return page(request, "login.html", next=_next(request.query_params.get("next")), error=None)


@router.post("/login")
async def login(request: Request) -> Response:
    """Takes the password, then goes on to the page one came from."""
    form = await form_of(request)
    target = _next(form.get("next"))
    try:
        secret = await access.auth_of(request).login(access.client_of(request), form.get("password", ""))
    except Refused as error:
        problem = refused(error)
        return page(request, "login.html", problem.status, next=target, error=_why(request, error))
    response = RedirectResponse(target, SEE_OTHER)
    access.begin_session(request, response, secret)
    return response


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Ends the session."""
    response = RedirectResponse("/", SEE_OTHER)
    access.end_session(request, response)
    return response


@router.get("/setup")
async def setup_page(request: Request) -> Response:
    """Asks for the first password."""
    if access.auth_of(request).has_password:
        return RedirectResponse("/login", SEE_OTHER)
    return page(request, "setup.html", local=access.is_local(request), error=None)


@router.post("/setup")
async def setup(request: Request) -> Response:
    """Takes the first password and logs in."""
    form, auth, client = await form_of(request), access.auth_of(request), access.client_of(request)
    password, local = form.get("password", ""), access.is_local(request)
    try:
        await auth.choose_password(client, password, local=local, code=form.get("code", ""))
        secret = await auth.login(client, password)
    except Refused as error:
        problem = refused(error)
        return page(request, "setup.html", problem.status, local=local, error=_why(request, error))
    response = RedirectResponse("/", SEE_OTHER)
    access.begin_session(request, response, secret)
    return response


@router.get("/static/{path:path}")
async def static(request: Request, path: str) -> Response:
    """A file of the dashboard."""
    return assets_of(request).file(path).answer(request)


@router.get("/locales/{language}.json")
async def locale(request: Request, language: str) -> Response:
    """A catalogue of words."""
    assets = assets_of(request)
    return assets.locales[language if language in LANGUAGES else LANGUAGES[0]].answer(request)


@router.get("/metrics")
async def metrics(live: Live) -> Response:
    """Figures for Prometheus."""
    return Response(live.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/healthz")
async def healthz() -> Response:
    """The program answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(live: Live) -> Response:
    """The control cycle runs."""
    ready, detail = live.ready()
    return JSONResponse({"ready": ready, "detail": detail}, 200 if ready else 503)


def _next(wanted: str | None) -> str:
    """Only our own pages: a link must not lead elsewhere through the log-in page."""
    known = wanted in PAGES or (wanted is not None and OF_A_CAR.fullmatch(wanted) is not None)
    return wanted if wanted is not None and known else PAGES[0]


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was sent."""
    text = (await request.body()).decode("utf-8", "replace")
    return {name: values[-1] for name, values in parse_qs(text, max_num_fields=10).items()}


def _why(request: Request, error: Refused) -> str:
    """A refusal in the reader's language."""
    words = assets_of(request).words[language_of(request)]
    return words[f"refused.{type(error).__name__}"].format(wait_s=getattr(error, "wait_s", 0))
