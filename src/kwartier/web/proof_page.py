"""`/proof`: what would flow if Kwartier were gone, sum by sum."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from kwartier.web import access
from kwartier.web.api_session import session_info
from kwartier.web.live import Document
from kwartier.web.pages import SEE_OTHER
from kwartier.web.problems import Problem
from kwartier.web.proof import proof_of
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 30
OPEN_UP_TO = 4
"""Circuits: of more than these only those that fail are unfolded."""
ENOUGH_DAYS = 7.0
"""A shorter record of the other load deserves a word."""
COMMAND = "kwartier check SITE.yaml --probe"


@router.get("/proof")
async def proof_page(request: Request) -> Response:
    """The last proof."""
    return await _show(request)


@router.post("/proof")
async def again(request: Request) -> Response:
    """Proves now, then shows it."""
    try:
        await access.writer(request)
    except Problem:
        session = session_info(request)
        return RedirectResponse("/login?next=/proof" if session.has_password else "/setup", SEE_OTHER)
    await proof_of(request).prove()
    return RedirectResponse("/proof", SEE_OTHER)


async def _show(request: Request) -> Response:
    proof = proof_of(request).newest()
    if proof is not None:
        proof = {**proof, "circuits": [_judged(circuit) for circuit in proof["circuits"]]}
    values: dict[str, Any] = {
        "proof": proof,
        "command": COMMAND,
        "open_up_to": OPEN_UP_TO,
        "enough_days": ENOUGH_DAYS,
    }
    return await sheet(request, "proof.html", refresh_s=REFRESH_S, **values)


def _judged(circuit: Document) -> Document:
    """With the verdict over all its rows, and the row that is nearest to its limit or furthest above."""
    known = [row for row in circuit["rows"] if row["total_a"] is not None]
    worst = max(known, key=lambda row: row["total_a"] / row["limit_a"], default=None)
    return {**circuit, "ok": all(row["ok"] for row in circuit["rows"]), "worst": worst}
