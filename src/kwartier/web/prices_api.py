"""`/api/v1/prices`: known prices, the outlook beyond them, how old they are and what is wrong with them."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from kwartier.web import price_schemas
from kwartier.web.api import answer
from kwartier.web.live import Document
from kwartier.web.problems import Problem

router = APIRouter(prefix="/api/v1/prices")


class PriceSite(Protocol):
    """The prices of a running site; `edge` implements it."""

    async def described(self) -> Document | None:
        """`price_schemas.Prices`; None: this site asks for no prices."""
        ...


def prices_of(request: Request) -> PriceSite:
    """The prices behind this request. Raises Problem (404) where the app has none."""
    found: PriceSite | None = request.app.state.prices
    if found is None:
        raise Problem(404, "no-prices", "This program asks for no prices.")
    return found


ThePrices = Annotated[PriceSite, Depends(prices_of)]


@router.get("", response_model=price_schemas.PricesAnswer)
async def prices(site: ThePrices) -> Response:
    """Prices of the market in quarter-hours from yesterday on, and two days ahead with a band where they are guessed."""
    return answer({"prices": await site.described()})
