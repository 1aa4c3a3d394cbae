"""`/api/v1/proof`: what flows when Kwartier is gone, as last proven; and what the web asks of a site for it."""

from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from kwartier.web import access
from kwartier.web.api import answer
from kwartier.web.live import Document
from kwartier.web.problems import Problem
from kwartier.web.schema_parts import Reason, Time

router = APIRouter(prefix="/api/v1/proof")


class ProofSite(Protocol):
    """The fail-safe proof of a running site; `edge` implements it."""

    def newest(self) -> Document | None:
        """The last one; None: none was made since the start."""
        ...

    async def prove(self) -> Document:
        """Make one now, from what the devices have told and what is recorded. It writes nothing to them."""
        ...


class Chargers(BaseModel):
    """So many conductors that draw so much each."""

    current_a: float
    count: int


class ProofRow(BaseModel):
    """One sum against one limit."""

    case: Literal["alone", "meter_lost"] = Field(
        description="alone: Kwartier is gone; meter_lost: it lives, the circuit's meter is gone"
    )
    phases: list[int] = Field(description="One site phase; all three where the limit is on their sum")
    chargers: list[Chargers]
    chargers_a: float
    base_a: float | None = Field(description="Worst other load; null: not known")
    total_a: float | None
    limit_a: float
    source: str
    ok: bool


class ProofCircuit(BaseModel):
    """A circuit with its sums."""

    id: str
    name: str
    level: int
    recorded_days: float | None = Field(
        description="For how long the other load is on record; null: it is not"
    )
    rows: list[ProofRow]


class ProofDocument(BaseModel):
    """The verdict with its arithmetic."""

    at: Time
    again_at: Time = Field(description="When it is made again by itself, at the latest")
    ok: bool
    circuits: list[ProofCircuit]
    problems: list[Reason]
    notes: list[Reason]


class ProofAnswer(BaseModel):
    """The last proof; null: none was made since the start."""

    proof: ProofDocument | None


def proof_of(request: Request) -> ProofSite:
    """The proof behind this request. Raises Problem (404) where the app has none."""
    found: ProofSite | None = request.app.state.proof
    if found is None:
        raise Problem(404, "no-proof", "This program makes no fail-safe proof.")
    return found


TheProof = Annotated[ProofSite, Depends(proof_of)]


@router.get("", response_model=ProofAnswer)
async def newest(proof: TheProof) -> Response:
    """What would flow in each circuit and phase if Kwartier were gone, as last proven."""
    return answer({"proof": proof.newest()})


@router.post("", response_model=ProofAnswer, dependencies=[Depends(access.writer)])
async def again(proof: TheProof) -> Response:
    """Prove now. Reads only: nothing is written to a device. The first time after a start may take some seconds."""
    return answer({"proof": await proof.prove()})
