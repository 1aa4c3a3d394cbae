"""`/api/v1/inputs`: the fire and emergency inputs for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from kwartier.safety.fire import NotAllowed
from kwartier.web import access
from kwartier.web.api import answer
from kwartier.web.fire import Fire, FireSite, fire_of, on_site
from kwartier.web.fire_schemas import Input, ResetAsked, Said, TestAsked
from kwartier.web.live import Document
from kwartier.web.problems import Problem, sentence

router = APIRouter(prefix="/api/v1/inputs")
Id = Annotated[str, Path(max_length=200)]


@router.get("", response_model=list[Input])
async def inputs(request: Request) -> Response:
    """The fire and emergency inputs; an empty list where the site has none."""
    return answer([] if request.app.state.fire is None else fire_of(request).inputs())


@router.post("/{input_id}", response_model=Input, dependencies=[Depends(access.writer)])
async def hear(fire: Fire, input_id: Id, asked: Said) -> Response:
    """Say what an input says: at each change, and again before its silence counts as an alarm."""
    try:
        fire.hear(input_id, asked.state)
    except ValueError as error:
        raise Problem(409, "wired-input", sentence(error)) from error
    except KeyError as error:
        raise Problem(404, "unknown-input", sentence(error)) from error
    return answer(_one(fire, input_id))


@router.post("/{input_id}/reset", response_model=Input, dependencies=[Depends(on_site)])
async def reset(fire: Fire, input_id: Id, asked: ResetAsked) -> Response:
    """Open the latch after an alarm: only on site, only while the input is quiet. Charge points then return
    one by one."""
    try:
        fire.reset(input_id, asked.name, asked.role, asked.reason)
    except NotAllowed as error:
        raise Problem(409, "not-now", str(error)) from error
    except KeyError as error:
        raise Problem(404, "unknown-input", sentence(error)) from error
    return answer(_one(fire, input_id))


@router.post("/{input_id}/test", response_model=Input, dependencies=[Depends(access.writer)])
async def test(fire: Fire, input_id: Id, asked: TestAsked) -> Response:
    """Begin or end the monthly test: an alarm is noted and stops nothing. It ends by itself."""
    try:
        fire.test(input_id, asked.name, active=asked.active)
    except NotAllowed as error:
        raise Problem(409, "not-now", str(error)) from error
    except KeyError as error:
        raise Problem(404, "unknown-input", sentence(error)) from error
    return answer(_one(fire, input_id))


def _one(fire: FireSite, input_id: str) -> Document:
    return next(entry for entry in fire.inputs() if entry["id"] == input_id)
