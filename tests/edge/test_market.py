"""Prices at a running site: on `/api/v1/prices`, beside the cycle, and with every service dead."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.devices.services.conftest import HandClock
from tests.edge.running import live_site

from kwartier.config.market_section import (
    LocationConfig,
    PricesConfig,
    PriceSourceConfig,
    WeatherConfig,
    WeatherSourceConfig,
)
from kwartier.config.models import CircuitConfig, SiteConfig, SiteSection
from kwartier.edge.prices.market import Market
from kwartier.simulation.emulators.market import MarketEmulator
from kwartier.web.price_schemas import PricesAnswer
from kwartier.web.problems import Problem


def with_prices(config: SiteConfig, url: str) -> SiteConfig:
    """The same site, with prices and weather from a loopback service."""
    prices = PricesConfig(sources=[PriceSourceConfig(type="energyzero", url=f"{url}/energyzero")])
    weather = WeatherConfig(sources=[WeatherSourceConfig(type="open-meteo", url=f"{url}/openmeteo")])
    site = config.site.model_copy(update={"location": LocationConfig(latitude=51.05, longitude=3.72)})
    return config.model_copy(update={"site": site, "prices": prices, "weather": weather})


def small(url: str) -> SiteConfig:
    return with_prices(
        SiteConfig(site=SiteSection(name="House"), circuits=[CircuitConfig(id="grid", limit_a=40.0)]), url
    )


async def described(market: Market) -> dict[str, Any]:
    found = await market.described()
    assert found is not None
    PricesAnswer.model_validate({"prices": found}, strict=True)
    return found


async def test_what_the_screen_and_the_planner_read(tmp_path: Path) -> None:
    clock = HandClock("2026-01-15T09:05")
    async with MarketEmulator(clock.utc_s) as services:
        market = Market(small(services.url), clock, tmp_path / "history.sqlite")
        assert set(market.jobs()) == {"prices", "weather"}
        empty = await described(market)
        assert (empty["series"], empty["outlook"]["method"], empty["tomorrow"]) == (None, "flat", "not_yet")
        services_of = await market.load()
        assert services_of.prices is not None
        assert services_of.forecasts is not None
        await services_of.prices.round()
        await services_of.forecasts.round()
        found = await described(market)
        assert found["series"]["source"] == "EnergyZero"
        assert found["series"]["now_eur_per_kwh"] is not None
        assert found["series"]["age_s"] < 60
        assert found["sources"][0]["ok"] is True
        assert len(found["outlook"]["known"]) == 192
        assert found["outlook"]["known"][0]
        assert not found["outlook"]["known"][-1]
        assert market.weather is not None
        assert len(market.outlook(int(clock.now_s) // 900 * 900, 96).p50) == 96
        clock.to("2026-01-15T13:10")
        assert (await described(market))["tomorrow"] == "expected"
        clock.to("2026-01-15T15:00")
        await services.fail("error500")
        await services_of.prices.round()
        late = await described(market)
        assert late["tomorrow"] == "late"
        assert "answers 500" in late["sources"][0]["problem"]
        clock.now_s += 3 * 86400
        assert (await described(market))["series"]["old"] is True


async def test_a_site_without_the_section_asks_nothing(tmp_path: Path) -> None:
    config = SiteConfig(site=SiteSection(name="House"), circuits=[CircuitConfig(id="grid", limit_a=40.0)])
    market = Market(config, HandClock("2026-01-15T09:05"), tmp_path / "h")
    assert market.jobs() == {}
    assert (await market.described(), market.prices, market.weather, market.solar) == (None, None, None, ())
    assert market.outlook(0, 4).method == "flat"


async def test_a_token_that_went_missing_is_told(tmp_path: Path) -> None:
    source = PriceSourceConfig(type="entsoe", token_file=str(tmp_path / "gone"))
    config = SiteConfig(
        site=SiteSection(name="House"),
        circuits=[CircuitConfig(id="grid", limit_a=40.0)],
        prices=PricesConfig(sources=[source]),
    )
    with pytest.raises(Problem, match="cannot be read"):
        await Market(config, HandClock("2026-01-15T09:05"), tmp_path / "h").described()


async def test_a_whole_site_shows_prices_and_lives_without_them(tmp_path: Path) -> None:
    """The household with its cycle; the services break, and neither the cycle nor the page notices."""
    moment = [0.0]
    async with MarketEmulator(lambda: moment[0]) as services:

        def change(config: SiteConfig) -> SiteConfig:
            return with_prices(config, services.url)

        async with (
            live_site("household", tmp_path / "h.sqlite", change=change) as site,
            httpx.AsyncClient() as web,
        ):
            moment[0] = site.clock.utc_s()
            asked = (await site.controller.market.load()).prices
            assert asked is not None
            await services.fail("silent")
            answer = (await web.get(f"{site.url.rstrip('/')}/api/v1/prices")).json()["prices"]
            assert answer["outlook"]["method"] == "flat"
            before = site.state["cycle"]["number"]
            await site.until(lambda: site.state["cycle"]["number"] > before + 3, within_s=60)
            await services.heal()
            task = asyncio.create_task(asked.round())
            await asyncio.wait_for(task, 60)
            answer = (await web.get(f"{site.url.rstrip('/')}/api/v1/prices")).json()["prices"]
            assert answer["series"]["source"] == "EnergyZero"
            assert answer["series"]["now_eur_per_kwh"] is not None
