"""`/api/v1/alarms`: what is wrong now, what was said before, and who has taken note."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from kwartier.web import access
from kwartier.web.alarm_schemas import Acknowledged, Acknowledgement, AlarmList, Level
from kwartier.web.alarms import LEVELS, PAGE, Alarms
from kwartier.web.api import answer
from kwartier.web.api_session import session_info
from kwartier.web.live import Document
from kwartier.web.problems import Problem, sentence

router = APIRouter(prefix="/api/v1/alarms")
Id = Annotated[str, Path(max_length=200)]
LAST_SEQ = 2**62


@router.get("", response_model=AlarmList)
async def alarms(
    request: Request,
    alarms: Alarms,
    level: Annotated[list[Level] | None, Query(description="Only these; all when left out")] = None,
    device: Annotated[str | None, Query(max_length=200)] = None,
    before: Annotated[int | None, Query(ge=0, le=LAST_SEQ, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
) -> Response:
    """What is wrong now, worst first, and the journal of messages, newest first, in pages.

    Names of people are told only to those who are logged in.
    """
    names = session_info(request).may_write
    found = await alarms.history(
        names, before=before, levels=level or LEVELS, device_id=device, limit=limit + 1
    )
    following = number_of(found[limit - 1]) if len(found) > limit else None
    return answer({"active": alarms.active(names), "history": found[:limit], "next": following})


def number_of(line: Document) -> int:
    """Where a line of the history stands, for `before`."""
    return int(str(line["id"]).removeprefix("m"))


@router.post("/{alarm_id}/ack", response_model=Acknowledged, dependencies=[Depends(access.writer)])
async def acknowledge(alarms: Alarms, alarm_id: Id, asked: Acknowledgement) -> Response:
    """Take note of an alarm, or of a message: kept with name and time. It changes nothing at the site."""
    try:
        return answer(await alarms.acknowledge(alarm_id, asked.name))
    except KeyError as error:
        raise Problem(404, "unknown-alarm", sentence(error)) from error
