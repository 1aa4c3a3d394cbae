"""Errors on the wire: application/problem+json (RFC 9457), with a sentence that says what to do."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kwartier.site.errors import StorageError
from kwartier.web import auth

MEDIA_TYPE = "application/problem+json"
WRITE_HEADERS = {"WWW-Authenticate": 'Bearer realm="kwartier"'}
"""Sent with 401. Basic is accepted too but not asked for: a browser would put up its own window."""


class Problem(Exception):
    """An answer that is no answer: `slug` names the kind for programs, `detail` is for people."""

    def __init__(
        self, status: int, slug: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def response(self, instance: str) -> Response:
        """The HTTP response; `instance` is the path that was asked."""
        body = {
            "type": f"urn:kwartier:problem:{self.slug}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.more,
        }
        headers = {"Cache-Control": "no-store", **self.headers}
        return Response(json.dumps(body), self.status, headers, MEDIA_TYPE)


def refused(error: auth.Refused) -> Problem:
    """What `auth` refused, as an answer."""
    if isinstance(error, auth.TooManyAttempts):
        return Problem(429, "too-many-attempts", str(error), {"Retry-After": str(error.wait_s)})
    if isinstance(error, auth.WrongPassword):
        return Problem(401, "wrong-password", str(error), WRITE_HEADERS)
    if isinstance(error, auth.WeakPassword):
        return Problem(422, "weak-password", str(error))
    return Problem(409, "not-now", str(error))


def sentence(error: Exception) -> str:
    """The text of a KeyError or ValueError that was raised for a person (str() would quote a KeyError)."""
    return str(error.args[0]) if error.args else str(error)


def install(app: FastAPI) -> None:
    """Make every error of this app a problem document."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return error.response(request.url.path)

    async def on_refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, auth.Refused)
        return refused(error).response(request.url.path)

    async def on_storage(request: Request, error: Exception) -> Response:
        return Problem(503, "no-history", str(error)).response(request.url.path)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        detail = str(error.detail)
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = f"There is nothing at {request.url.path}; /api/openapi.json lists what there is."
        return Problem(error.status_code, slug, detail, error.headers).response(request.url.path)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # The input is left out: it may be a password.
        found = [{"where": "/".join(map(str, e["loc"])), "what": e["msg"]} for e in error.errors()]
        detail = "; ".join(f"{e['where']}: {e['what']}" for e in found)
        return Problem(422, "invalid-request", detail, errors=found).response(request.url.path)

    async def on_bug(request: Request, error: Exception) -> Response:
        detail = "The program failed on this request; its log tells where. The controller itself goes on."
        return Problem(500, "internal-error", detail).response(request.url.path)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(auth.Refused, on_refused)
    app.add_exception_handler(StorageError, on_storage)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_bug)
