"""`/api/v1/plan`, `/savings`, `/forecasts`: what is planned, what people want of it; and what the web asks of a site."""

from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from kwartier.site.reasons import Reason
from kwartier.web import access, plan_schemas
from kwartier.web.api import Id, answer, find, live_of
from kwartier.web.api_session import session_info
from kwartier.web.live import Document
from kwartier.web.plan_schemas import GoalChange, OverrideChange
from kwartier.web.problems import Problem, sentence

router = APIRouter(prefix="/api/v1")
Write = [Depends(access.writer)]


class Unfit(ValueError):
    """What a person asked cannot be; `why` says so in each language."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.text())
        self.why = why


class PlanSite(Protocol):
    """The slow loop of a running site; `edge` implements it. `plan_schemas` describes the documents.

    `KeyError` says that something is not known here, `Unfit` that it cannot be; the first argument is a sentence
    for the person who asked.
    """

    async def plan(self) -> Document:
        """The newest plan (`PlanAnswer`)."""
        ...

    def goals(self, *, private: bool = False) -> list[Document]:
        """The goal of each charge point (`GoalShown`); with `private` the titles of a calendar's events too."""
        ...

    def set_goal(self, charge_point_id: str, asked: GoalChange) -> None:
        """Take a mode, a goal or both. Raises KeyError, Unfit."""
        ...

    def remove_goal(self, charge_point_id: str) -> None:
        """Forget the goal; the mode stays. Raises KeyError."""
        ...

    async def preview(self, charge_point_id: str, asked: GoalChange) -> Document:
        """What it would come to (`Preview`); changes nothing. Raises KeyError, Unfit."""
        ...

    def override(self, asked: OverrideChange) -> list[Document]:
        """Fix a slot or shift what is planned; returns the overrides of the charge point. Raises KeyError, Unfit."""
        ...

    def give_back(self, charge_point_id: str, override_id: str) -> list[Document]:
        """End one override, `all` every one. Raises KeyError."""
        ...

    async def savings(self) -> Document:
        """With and without Kwartier (`Savings`). Raises StorageError."""
        ...

    async def forecasts(self) -> Document:
        """Forecasts against measurements (`Forecasts`). Raises StorageError."""
        ...


def plan_of(request: Request) -> PlanSite:
    """The planner behind this request. Raises Problem (404) where the app has none."""
    found: PlanSite | None = request.app.state.plan
    if found is None:
        raise Problem(404, "no-plan", "This program makes no plan.")
    return found


ThePlan = Annotated[PlanSite, Depends(plan_of)]


@router.get("/plan", response_model=plan_schemas.PlanAnswer)
async def plan(site: ThePlan) -> Response:
    """The plan on its time axis: measured left of now, planned right of it, prices, levels, limits, blocks with reasons."""
    return answer(await site.plan())


@router.get("/plan/goals", response_model=list[plan_schemas.GoalShown])
async def goals(request: Request, site: ThePlan) -> Response:
    """What is wanted of each charge point, and what the plan makes of it."""
    return answer(site.goals(private=session_info(request).may_write))


@router.get("/plan/goals/{charge_point_id}", response_model=plan_schemas.GoalShown)
async def goal(request: Request, site: ThePlan, charge_point_id: Id) -> Response:
    """The goal of one charge point."""
    return answer(goal_of(request, site, charge_point_id))


@router.put("/plan/goals/{charge_point_id}", response_model=plan_schemas.GoalShown, dependencies=Write)
async def set_goal(request: Request, site: ThePlan, charge_point_id: Id, asked: GoalChange) -> Response:
    """Set the mode, a goal, or both. A goal that cannot be reached in time is taken, and `missing_kwh` says by how much;
    one that can never be is refused."""
    find(live_of(request).state(), charge_point_id)
    with_words(lambda: site.set_goal(charge_point_id, asked))
    return answer(goal_of(request, site, charge_point_id))


@router.delete("/plan/goals/{charge_point_id}", response_model=plan_schemas.GoalShown, dependencies=Write)
async def remove_goal(request: Request, site: ThePlan, charge_point_id: Id) -> Response:
    """Forget the goal; the mode stays."""
    find(live_of(request).state(), charge_point_id)
    site.remove_goal(charge_point_id)
    return answer(goal_of(request, site, charge_point_id))


@router.post("/plan/goals/{charge_point_id}/preview", response_model=plan_schemas.Preview, dependencies=Write)
async def preview(request: Request, site: ThePlan, charge_point_id: Id, asked: GoalChange) -> Response:
    """What a goal would cost, when it is reached and what stands in its way; nothing is changed."""
    find(live_of(request).state(), charge_point_id)
    try:
        return answer(await site.preview(charge_point_id, asked))
    except Unfit as error:
        raise refusal(error) from error


@router.post("/plan/overrides", response_model=plan_schemas.Overrides, dependencies=Write)
async def override(request: Request, site: ThePlan, asked: OverrideChange) -> Response:
    """Fix a slot of a charge point by hand, or shift what is planned there. It gives itself back when it is over or
    the car leaves."""
    find(live_of(request).state(), asked.charge_point_id)
    try:
        return answer({"overrides": site.override(asked)})
    except Unfit as error:
        raise refusal(error) from error


@router.delete(
    "/plan/overrides/{charge_point_id}/{override_id}",
    response_model=plan_schemas.Overrides,
    dependencies=Write,
)
async def give_back(request: Request, site: ThePlan, charge_point_id: Id, override_id: Id) -> Response:
    """Give an override back to the plan; `all` gives every one of this charge point back."""
    find(live_of(request).state(), charge_point_id)
    try:
        return answer({"overrides": site.give_back(charge_point_id, override_id)})
    except KeyError as error:
        raise Problem(404, "unknown-override", sentence(error)) from error


@router.get("/savings", response_model=plan_schemas.Savings)
async def savings(site: ThePlan) -> Response:
    """What the recorded days cost, and what they would have cost without Kwartier, by component, with the method."""
    return answer(await site.savings())


@router.get("/forecasts", response_model=plan_schemas.Forecasts)
async def forecasts(site: ThePlan) -> Response:
    """Forecasts with their bands against what was measured, scored beside yesterday and last week."""
    return answer(await site.forecasts())


def goal_of(request: Request, site: PlanSite, charge_point_id: str) -> Document:
    """One goal. Raises Problem (404)."""
    point = find(live_of(request).state(), charge_point_id)
    goals = site.goals(private=session_info(request).may_write)
    return next(g for g in goals if g["charge_point_id"] == point["id"])


def refusal(error: Unfit) -> Problem:
    """What cannot be, as an answer."""
    return Problem(422, "not-allowed", sentence(error))


def with_words(change: Callable[[], object]) -> None:
    """Make a change. Raises Problem (422) with the sentence of the refusal."""
    try:
        change()
    except Unfit as error:
        raise refusal(error) from error
