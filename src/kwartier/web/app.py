"""Puts the web together: `create_app` is all that `edge` and `cloud` call."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kwartier import __version__
from kwartier.web import (
    access,
    alarm_pages,
    alarms_api,
    api,
    api_session,
    esphome,
    fire_api,
    fire_pages,
    limits_page,
    pages,
    peaks_page,
    plan,
    plan_pages,
    prices_api,
    problems,
    proof,
    proof_page,
    savings_pages,
    schemas,
    simple_page,
)
from kwartier.web.alarms import AlarmSite
from kwartier.web.assets import Assets
from kwartier.web.auth import Auth
from kwartier.web.fire import FireSite
from kwartier.web.guard import Guard
from kwartier.web.live import LiveSite
from kwartier.web.plan import PlanSite
from kwartier.web.prices_api import PriceSite
from kwartier.web.proof import ProofSite
from kwartier.web.rows import RowCache
from kwartier.web.sheets import SheetCache
from kwartier.web.stream import Listeners

PAGES = (
    alarm_pages, fire_pages, limits_page, peaks_page, plan_pages, proof_page, savings_pages, simple_page, pages,
)  # fmt: skip
WRITES = frozenset({"post", "patch", "put", "delete"})
REFUSALS = {
    "default": "Something else went wrong",
    "421": "The request names a host that this controller does not answer to",
}
WRITE_REFUSALS = {
    "401": "The password is needed, or is not right",
    "403": "No password is chosen yet, or the request comes from a foreign page",
    "409": "Not possible in the present state",
    "413": "More than 64 kB",
    "429": "Too many attempts; see Retry-After",
}


def create_app(
    live: LiveSite,
    *,
    auth: Auth,
    demo: bool,
    hosts: Iterable[str] = (),
    assets: Assets | None = None,
    fire: FireSite | None = None,
    alarms: AlarmSite | None = None,
    proof_site: ProofSite | None = None,
    plan_site: PlanSite | None = None,
    prices: PriceSite | None = None,
) -> FastAPI:
    """The web application of one site.

    `hosts`: names besides `localhost` and plain addresses that requests may use for this machine (its host
    name, a name in the local DNS). `demo` must agree with `auth.demo`; it opens writes to the machine itself.
    """
    if demo != auth.demo:
        raise ValueError("create_app: demo and auth.demo must agree, or writes would be open by mistake")
    app = FastAPI(title="Kwartier", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.live = live
    app.state.auth = auth
    app.state.fire = fire
    app.state.alarms = alarms
    app.state.proof = proof_site
    app.state.plan = plan_site
    app.state.prices = prices
    app.state.assets = assets or Assets()
    app.state.rows = RowCache()
    app.state.sheets = SheetCache()
    app.state.listeners = Listeners()
    for part in (api, api_session, alarms_api, fire_api, plan, prices_api, proof, esphome, *PAGES):
        app.include_router(part.router)
    problems.install(app)
    app.add_middleware(Guard, hosts=hosts)

    @lru_cache(maxsize=1)
    def document() -> dict[str, Any]:
        # Made when first asked for: no start has to wait for it.
        return openapi(app)

    @app.get("/api/openapi.json", include_in_schema=False)
    async def openapi_json() -> dict[str, Any]:
        return document()

    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of all that programs may use, with every refusal as a problem document."""
    document = get_openapi(
        title="Kwartier",
        version=__version__,
        summary="Open energy manager: what a site measures, decides and allows.",
        description=schemas.__doc__,
        routes=app.routes,
    )
    parts = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    parts["Problem"] = schemas.ProblemDocument.model_json_schema()
    document["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": access.COOKIE},
        "token": {"type": "http", "scheme": "bearer"},
        "password": {"type": "http", "scheme": "basic"},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _describe_refusals(path, method, operation)
    return document


def _describe_refusals(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    refusals = dict(REFUSALS)
    if "parameters" in operation or "requestBody" in operation:
        refusals["422"] = "The request does not fit; `detail` says where"
    if "{" in path:
        refusals["404"] = "Not known here"
    if path in {"/api/v1/series", "/api/v1/decisions"}:
        refusals["404"] = "Not known here"
    if method in WRITES or path in {"/api/v1/tokens", "/api/v1/users"}:
        refusals |= WRITE_REFUSALS
        if not path.endswith(("/session", "/setup")):
            operation["security"] = [{"session": []}, {"token": []}, {"password": []}]
    for status, words in refusals.items():
        content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers[status] = {"description": words, "content": content}
