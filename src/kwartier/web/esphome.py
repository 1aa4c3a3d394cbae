"""The wire form of the ESPHome web server, which dashboards and energy managers of the field already read."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from kwartier.web import access, schemas
from kwartier.web.api import Live, answer
from kwartier.web.live import Document, LiveSite
from kwartier.web.problems import Problem, sentence
from kwartier.web.rows import Row, RowCache
from kwartier.web.stream import EventStream, Listeners, event

PING_S = 10.0
ObjectId = Annotated[str, Path(max_length=200)]
router = APIRouter(tags=["ESPHome wire form"])


def rows_now(request: Request) -> dict[str, Row]:
    """All rows of the newest document, by id."""
    cache: RowCache = request.app.state.rows
    live: LiveSite = request.app.state.live
    return cache.of(live.state())


def row(request: Request, domain: str, object_id: str) -> Row:
    """One row; `object_id` with or without its domain in front. Raises Problem (404)."""
    found = rows_now(request).get(f"{domain}-{object_id.removeprefix(f'{domain}-')}")
    if found is None:
        raise Problem(404, "unknown-entity", f"There is no {domain} {object_id!r}; /simple lists them.")
    return found


@router.get("/sensor/{object_id}", response_model=schemas.Entity)
async def sensor(request: Request, object_id: ObjectId) -> Response:
    """A measured value."""
    return answer(row(request, "sensor", object_id).wire())


@router.get("/text_sensor/{object_id}", response_model=schemas.Entity)
async def text_sensor(request: Request, object_id: ObjectId) -> Response:
    """A state in words."""
    return answer(row(request, "text_sensor", object_id).wire())


@router.get("/binary_sensor/{object_id}", response_model=schemas.Entity)
async def binary_sensor(request: Request, object_id: ObjectId) -> Response:
    """A yes or no."""
    return answer(row(request, "binary_sensor", object_id).wire())


@router.get("/switch/{object_id}", response_model=schemas.Entity)
async def switch(request: Request, object_id: ObjectId) -> Response:
    """Whether a charge point may charge."""
    return answer(row(request, "switch", object_id).wire())


@router.post("/switch/{object_id}/{action}", dependencies=[Depends(access.writer)])
async def turn(
    request: Request, live: Live, object_id: ObjectId, action: Literal["turn_on", "turn_off", "toggle"]
) -> Response:
    """Let a charge point charge, or not. Its limit stays as it is."""
    apply(live, row(request, "switch", object_id), action)
    return Response(media_type="text/plain")


def apply(live: LiveSite, target: Row, action: str) -> None:
    """Turn a switch. Raises Problem when the site refuses."""
    point = target.charge_point_id
    assert point is not None, "only charge points are switches"
    wish = live.wished(point)
    on = action == "turn_on" or (action == "toggle" and wish.mode == "off")
    try:
        live.wish(replace(wish, mode="fast" if on else "off"))
    except ValueError as error:
        raise Problem(422, "not-allowed", sentence(error)) from error


@router.get(
    "/events",
    response_class=EventStream,
    status_code=200,
    responses={
        200: {
            "description": "Server-sent events: `ping` with the configuration, then `state` per entity",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def events(request: Request, live: Live) -> Response:
    """First all entities, then those that change."""
    listeners: Listeners = request.app.state.listeners
    listeners.admit()
    return EventStream(_events(request, live), listeners)


async def _events(request: Request, live: LiveSite) -> AsyncIterator[bytes]:
    document = live.state()
    config = {"title": document["site"]["name"], "comment": "", "ota": False, "log": False, "lang": "en"}
    yield event(json.dumps(config).encode(), "ping", document["cycle"]["number"], 30000)
    pinged_s = document["at_s"]
    sent: dict[str, dict[str, object]] = {}
    async for _ in live.subscribe():
        document = live.state()
        batch = b"".join(_changes(request, document, sent))
        if document["at_s"] - pinged_s >= PING_S:
            pinged_s = document["at_s"]
            batch += event(b"", "ping", document["cycle"]["number"], 30000)
        if batch:
            yield batch


def _changes(request: Request, document: Document, sent: dict[str, dict[str, object]]) -> list[bytes]:
    """Events of the rows that differ from what was sent, which is brought up to date."""
    cache: RowCache = request.app.state.rows
    out = []
    for found in cache.of(document).values():
        wire: dict[str, object] = dict(found.wire())
        if sent.get(found.id) != wire:
            sent[found.id] = wire
            out.append(event(json.dumps(wire, ensure_ascii=False).encode(), "state"))
    return out
