"""`/api/v1`: the site as JSON (DESIGN section 6.6)."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from kwartier.web import access, device_schemas, limit_schemas, peak_schemas, schemas
from kwartier.web.live import Document, LiveSite
from kwartier.web.problems import Problem, sentence
from kwartier.web.stream import EventStream, Listeners, event

LONGEST = timedelta(days=400)
LONGEST_STAY = timedelta(days=30)
MOST_STEPS = 5000
STEPS_S = (10, 60, 300, 900, 3600, 86400)

router = APIRouter(prefix="/api/v1")
Write = [Depends(access.writer)]
Id = Annotated[str, Path(max_length=200)]


def live_of(request: Request) -> LiveSite:
    """The site behind this request."""
    found: LiveSite = request.app.state.live
    return found


Live = Annotated[LiveSite, Depends(live_of)]


def answer(value: Any) -> Response:
    """Plain values as JSON, straight: the document is made by us, so it is not validated once more."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/state", response_model=schemas.State)
async def state(live: Live) -> Response:
    """Everything at one moment."""
    return answer(live.state())


@router.get("/circuits", response_model=list[limit_schemas.Circuit])
async def circuits(live: Live) -> Response:
    """The tree of limits, root first."""
    return answer(live.state()["circuits"])


@router.get("/meters", response_model=list[device_schemas.Meter])
async def meters(live: Live) -> Response:
    """All meters."""
    return answer(live.state()["meters"])


@router.get("/charge_points", response_model=list[device_schemas.ChargePoint])
async def charge_points(live: Live) -> Response:
    """All charge points."""
    return answer(live.state()["charge_points"])


@router.get("/batteries", response_model=list[device_schemas.Battery])
async def batteries(live: Live) -> Response:
    """All batteries."""
    return answer(live.state().get("batteries", []))


@router.get("/charge_points/{charge_point_id}", response_model=device_schemas.ChargePoint)
async def charge_point(live: Live, charge_point_id: Id) -> Response:
    """One charge point."""
    return answer(find(live.state(), charge_point_id))


@router.patch(
    "/charge_points/{charge_point_id}", response_model=device_schemas.ChargePoint, dependencies=Write
)
async def change(live: Live, charge_point_id: Id, asked: device_schemas.Change) -> Response:
    """Set the mode, one's own limit, when the car leaves and what it needs by then. A wish stays inside every limit; it can never widen one.

    The answer shows the wish in force; what follows from it is decided in the next cycle.
    """
    document = live.state()
    found = find(document, charge_point_id)
    now = live.wished(charge_point_id)
    given = asked.model_fields_set
    departs_s = now.departs_s
    if "departs_at" in given:
        departs_s = None if asked.departs_at is None else _soon(asked.departs_at, document["at_s"])
    new = replace(
        now,
        mode=asked.mode or now.mode,
        limit_a=asked.limit_a if "limit_a" in given else now.limit_a,
        departs_s=departs_s,
        needs_kwh=asked.needs_kwh if "needs_kwh" in given else now.needs_kwh,
    )
    if given & {"departs_at", "needs_kwh"}:  # a moment that somebody says takes the place of a goal
        new = replace(new, goal=None, by=None if departs_s is None else "hand")
    try:
        live.wish(new)
    except ValueError as error:
        raise Problem(422, "not-allowed", sentence(error)) from error
    zone = ZoneInfo(document["site"]["time_zone"])
    departs_at = None if departs_s is None else datetime.fromtimestamp(departs_s, zone)
    wish = {"mode": new.mode, "limit_a": new.limit_a, "needs_kwh": new.needs_kwh}
    return answer({**found, **wish, "departs_at": departs_at and departs_at.isoformat(timespec="seconds")})


def _soon(moment: datetime, now_s: float) -> float:
    """UTC seconds of a departure. Raises Problem when it has passed or is far away."""
    away_s = moment.timestamp() - now_s
    if not 0 < away_s <= LONGEST_STAY.total_seconds():
        raise Problem(
            422, "not-allowed", f"'departs_at' must lie ahead, by at most {LONGEST_STAY.days} days."
        )
    return moment.timestamp()


def find(document: Document, charge_point_id: str) -> Document:
    """One charge point of the document. Raises Problem (404)."""
    for point in document["charge_points"]:
        if point["id"] == charge_point_id:
            found: Document = point
            return found
    raise Problem(
        404,
        "unknown-charge-point",
        f"This site has no charge point {charge_point_id!r}; /api/v1/charge_points lists them.",
    )


class Span:
    """The query parameters `from` and `to` (ISO 8601 with offset); today so far when left out."""

    def __init__(
        self,
        live: Live,
        begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    ) -> None:
        document = live.state()
        now = datetime.fromtimestamp(document["at_s"], ZoneInfo(document["site"]["time_zone"]))
        last = end or now
        first = begin or min(now.replace(hour=0, minute=0, second=0, microsecond=0), last)
        if first > last or last - first > LONGEST:
            raise Problem(422, "bad-span", f"'from' must lie before 'to', by at most {LONGEST.days} days.")
        self.from_s = first.timestamp()
        self.to_s = last.timestamp()


Within = Annotated[Span, Depends()]


@router.get("/quarters", response_model=list[peak_schemas.QuarterDone])
async def quarters(live: Live, span: Within) -> Response:
    """Closed quarter-hours that start in the span, oldest first."""
    return answer(await live.quarters(span.from_s, span.to_s))


@router.get("/peaks", response_model=peak_schemas.Peaks)
async def peaks(live: Live) -> Response:
    """Quarter-hour peaks of the grid connection: now, this month, thirteen months, and what they cost."""
    return answer(await live.peaks())


@router.get("/series", response_model=schemas.SeriesAnswer)
async def series(
    live: Live,
    span: Within,
    name: Annotated[str, Query(description="A key of the document's flow, such as grid_w")],
    step_s: Annotated[int | None, Query(ge=1, le=86400)] = None,
) -> Response:
    """A quantity over time, as the mean of each step. Without `step_s` about a thousand steps or fewer."""
    length_s = span.to_s - span.from_s
    step = step_s or next((s for s in STEPS_S[1:] if length_s / s <= 1500), STEPS_S[-1])
    if length_s / step > MOST_STEPS:
        raise Problem(422, "too-many-steps", f"At most {MOST_STEPS} steps; choose a larger step_s.")
    try:
        return answer(await live.series(name, span.from_s, span.to_s, step))
    except KeyError as error:
        if name in live.state()["flow"]:  # known here, but nothing of it was recorded yet
            return answer({"name": name, "step_s": step, "at_s": [], "values": []})
        raise Problem(404, "unknown-series", sentence(error)) from error


@router.get("/decisions", response_model=list[device_schemas.Decision])
async def decisions(
    live: Live,
    charge_point: Annotated[str, Query(max_length=200)],
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Response:
    """The newest changes of what a charge point was allowed, and why; newest first."""
    find(live.state(), charge_point)
    return answer(await live.decisions(charge_point, limit))


@router.get("/users", response_model=list[device_schemas.Charging], dependencies=Write)
async def users(live: Live) -> Response:
    """Who charges where, as far as a card told. Only for those who are logged in."""
    found = live.people()
    return answer([{"charge_point": i, "name": name} for i, name in sorted(found.items())])


@router.get("/messages", response_model=list[schemas.MessageText])
async def messages(live: Live) -> Response:
    """What people must know, newest first."""
    return answer(live.state()["messages"])


@router.get(
    "/stream",
    response_class=EventStream,
    status_code=200,
    responses={
        200: {
            "description": "Server-sent events: the document of `/state` in `data`, each cycle",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def stream(request: Request, live: Live) -> Response:
    """The document each cycle. A slow listener gets the newest one, never a backlog."""
    listeners: Listeners = request.app.state.listeners
    listeners.admit()

    async def events() -> AsyncIterator[bytes]:
        yield b"retry: 2000\n\n"
        async for payload in live.subscribe():
            yield event(payload)

    return EventStream(events(), listeners)


@router.post("/demo/faults/{fault_id}", response_model=schemas.Demo, dependencies=Write)
async def demo_fault(live: Live, fault_id: Id, asked: schemas.FaultChange) -> Response:
    """Make or mend a fault of the demonstration."""
    try:
        live.demo_fault(fault_id, asked.active)
    except KeyError as error:
        raise Problem(404, "unknown-fault", sentence(error)) from error
    demo = live.state()["demo"]
    faults = [{**f, "active": asked.active} if f["id"] == fault_id else f for f in demo["faults"]]
    return answer({**demo, "faults": faults})
