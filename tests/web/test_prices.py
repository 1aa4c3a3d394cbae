"""`/api/v1/prices` without a running site."""

from typing import Any

import httpx
from tests.web.conftest import HandClock, RecordedSite, household

from kwartier.web.app import create_app
from kwartier.web.auth import Auth
from kwartier.web.live import Document


class NoPrices:
    """A site file without the section."""

    async def described(self) -> Document | None:
        return None


def client(prices: NoPrices | None) -> httpx.AsyncClient:
    auth = Auth(None, True, HandClock())
    app = create_app(RecordedSite(household()), auth=auth, demo=True, prices=prices)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def test_a_site_that_asks_for_no_prices_says_null() -> None:
    async with client(NoPrices()) as web:
        answer = await web.get("/api/v1/prices")
    assert (answer.status_code, answer.json()) == (200, {"prices": None})


async def test_a_program_without_prices_says_so() -> None:
    async with client(None) as web:
        answer = await web.get("/api/v1/prices")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_description_has_every_field() -> None:
    async with client(NoPrices()) as web:
        parts: dict[str, Any] = (await web.get("/api/openapi.json")).json()["components"]["schemas"]
    assert set(parts["PriceRow"]["properties"]) >= {"age_s", "source", "eur_per_kwh", "known_until", "old"}
    assert set(parts["Outlook"]["properties"]) >= {
        "p10_eur_per_kwh",
        "p50_eur_per_kwh",
        "p90_eur_per_kwh",
        "known",
    }
