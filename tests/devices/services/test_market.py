"""Prices over a day: today at the start, tomorrow at one o'clock, the second source when the first is late, and no network."""

from pathlib import Path
from typing import Any

import pytest
from tests.devices.services.conftest import HandClock

from kwartier.devices.services.fetcher import Fetcher
from kwartier.devices.services.forecasts import ForecastService
from kwartier.devices.services.kept import KeptPrices
from kwartier.devices.services.market import MarketService
from kwartier.protocols.prices.source import PriceSource
from kwartier.protocols.requests import Request
from kwartier.protocols.weather import openmeteo
from kwartier.protocols.weather.sources import ForecastSource
from kwartier.simulation.emulators.market import MarketEmulator, usual_price
from kwartier.site.errors import StorageError
from kwartier.site.moments import MARKET_ZONE, day_of, day_start_s
from kwartier.site.prices import PriceSeries


def first(services: MarketEmulator, **more: Any) -> PriceSource:
    return PriceSource(
        type="entsoe", area="NL", url=f"{services.url}/entsoe", token=more.get("token", "t0ken")
    )


def second(services: MarketEmulator) -> PriceSource:
    return PriceSource(type="energyzero", area="NL", url=f"{services.url}/energyzero")


class Desk:
    """A service with its parts, started anew at will."""

    def __init__(self, services: MarketEmulator, fetcher: Fetcher, clock: HandClock, path: Path) -> None:
        self.services, self.fetcher, self.clock, self.path = services, fetcher, clock, path

    def service(self, *sources: PriceSource) -> MarketService:
        chosen = sources or (first(self.services), second(self.services))
        return MarketService(chosen, self.fetcher, self.clock, KeptPrices(self.path), lambda: 0.0)

    def asked(self, path: str) -> int:
        return sum(a.startswith(path) for a in self.services.asked)


@pytest.fixture
def desk(services: MarketEmulator, fetcher: Fetcher, clock: HandClock, tmp_path: Path) -> Desk:
    return Desk(services, fetcher, clock, tmp_path / "history.prices.json")


def ahead(prices: PriceSeries | None, clock: HandClock) -> int:
    """Known quarter-hours from the last midnight on."""
    assert prices is not None
    midnight_s = day_start_s(day_of(clock.utc_s(), MARKET_ZONE), MARKET_ZONE)
    return (prices.known_until_s - midnight_s) // 900


def hour(prices: PriceSeries | None, clock: HandClock, hours: float = 0.0) -> float | None:
    assert prices is not None
    return prices.at(clock.utc_s() + 3600 * hours)


async def test_a_day_from_morning_to_afternoon(desk: Desk, clock: HandClock) -> None:
    market = desk.service()
    await market.round()
    assert market.prices is not None
    assert (ahead(market.prices, clock), market.prices.source) == (96, "ENTSO-E")
    assert (desk.asked("/entsoe"), len(market.prices.eur_per_kwh)) == (2, 15 * 96), (
        "the fortnight before, once"
    )
    assert hour(market.prices, clock) == pytest.approx(usual_price(int(clock.utc_s()) // 900 * 900) / 1000)
    assert desk.asked("/energyzero") == 0, "the second is asked when the first fails or is late"
    assert market.wait_s() == 3600
    clock.to("2026-01-15T12:30")
    assert market.wait_s() == pytest.approx(25 * 60), "to the minute at which tomorrow may be there"
    clock.to("2026-01-15T12:55")
    await market.round()
    assert (market.missing(), market.wait_s()) == (96, 180), "not yet: soon again"
    clock.to("2026-01-15T12:58")
    await market.round()
    assert ahead(market.prices, clock) == 192
    assert (market.missing(), market.wait_s()) == (0, 3600)
    assert (desk.asked("/entsoe"), desk.asked("/energyzero")) == (4, 0)


async def test_the_second_source_when_tomorrow_is_late(desk: Desk, clock: HandClock) -> None:
    late = MarketEmulator(clock.utc_s)
    async with late:
        await late.fail("late")
        market = desk.service(first(late), second(desk.services))
        clock.to("2026-01-15T13:20")
        await market.round()
        assert (market.missing(), desk.asked("/energyzero")) == (96, 0)
        clock.to("2026-01-15T13:40")
        await market.round()
    assert market.missing() == 0
    assert market.prices is not None
    assert market.prices.source == "ENTSO-E + EnergyZero"


@pytest.mark.parametrize("fault", ["error500", "too_many", "truncated", "html", "empty", "unplug"])
async def test_the_second_source_when_the_first_fails(desk: Desk, clock: HandClock, fault: str) -> None:
    clock.to("2026-01-15T13:05")
    async with MarketEmulator(clock.utc_s) as broken:
        await broken.fail(fault)
        market = desk.service(first(broken), second(desk.services))
        await market.round()
    assert market.prices is not None
    assert market.prices.source == "EnergyZero"
    assert market.missing() == 0, "tomorrow too, though it is not late yet"
    state = next(iter(market.states.values()))
    assert state.failures == 1
    assert state.problem
    assert "t0ken" not in state.problem


async def test_two_sources_that_differ_are_said_and_the_first_counts(desk: Desk, clock: HandClock) -> None:
    async with MarketEmulator(clock.utc_s, price=lambda _: 500.0) as other:
        market = desk.service(first(other), second(desk.services))
        await other.fail("error500")
        await market.round()
        assert market.prices is not None
        await other.heal()
        await market.round()
    assert market.prices.at(clock.utc_s()) == 0.5
    assert [f.code for f in market.prices.faults] == ["sources_differ"]


async def test_a_wrong_token_is_told_with_the_reason(desk: Desk) -> None:
    market = desk.service(first(desk.services, token="wrong"))
    await market.round()
    state = next(iter(market.states.values()))
    assert (market.prices, state.code) == (None, "refused")
    assert "invalid security token" in state.problem
    assert market.wait_s() == 600


async def test_patience_longer_than_a_round_is_kept(desk: Desk, clock: HandClock) -> None:
    desk.services.retry_after_s = 5000
    await desk.services.fail("too_many")
    market = desk.service(first(desk.services))
    await market.round()
    assert market.wait_s() == pytest.approx(5000, abs=1)
    clock.now_s += 100
    await market.round()
    assert len(desk.services.asked) == 1


async def test_prices_outlive_the_network_and_a_restart(desk: Desk, clock: HandClock) -> None:
    clock.to("2026-01-15T14:00")
    await desk.service().round()
    await desk.services.fail("unplug")
    again = desk.service()
    await again.round()
    assert again.prices is not None
    assert ahead(again.prices, clock) == 192
    assert len(again.prices.eur_per_kwh) == 16 * 96
    assert again.missing() == 0
    assert clock.utc_s() - again.prices.fetched_at_s < 60
    clock.now_s += 3 * 86400
    await again.round()
    assert again.prices is not None
    assert hour(again.prices, clock) is None, "old prices are no prices of today"
    waits = []
    for _ in range(8):
        waits.append(again.wait_s())
        await again.round()
    assert waits == sorted(waits)
    assert waits[-1] <= 3600


async def test_a_damaged_file_is_set_aside_and_said(desk: Desk) -> None:
    desk.path.write_text('{"version": 1, "prices": {"entsoe NL": {"start_s": 7}}}')
    market = desk.service()
    await market.round()
    assert market.prices is not None
    assert market.kept_problem == "", "written anew by now"
    assert desk.path.with_name(desk.path.name + ".damaged").exists()
    assert set(KeptPrices(desk.path).load()) == {"entsoe NL"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 9}', '{"version": 1, "prices": {"a": 3}}', "[" * 9999]
)
def test_files_that_are_none(tmp_path: Path, text: str) -> None:
    kept = KeptPrices(tmp_path / "p.json")
    assert kept.load() == {}
    kept.path.write_text(text)
    with pytest.raises(StorageError, match="set aside"):
        kept.load()
    assert kept.load() == {}


async def test_a_disk_that_is_full_does_not_stop_prices(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk.path = tmp_path / "file" / "x.json"
    market = desk.service()
    await market.round()
    assert market.prices is not None
    assert "cannot be" in market.kept_problem


async def test_the_past_is_kept_six_weeks(desk: Desk, clock: HandClock) -> None:
    market = desk.service()
    for _ in range(3):
        clock.now_s += 20 * 86400
        await market.round()
    assert market.prices is not None
    assert clock.utc_s() - market.prices.start_s < 43 * 86400
    assert market.prices.at(clock.utc_s() - 20 * 86400) is not None


async def test_a_file_of_ones_own(desk: Desk, clock: HandClock, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    market = desk.service(PriceSource(type="file", path=str(path), zone=MARKET_ZONE))
    await market.round()
    state = next(iter(market.states.values()))
    assert "cannot be read (No such file or directory)" in state.problem
    path.write_text(
        f"start,eur_per_kwh\n{int(clock.utc_s()) // 900 * 900},0.2\n{int(clock.utc_s()) // 900 * 900 + 900},0.3\n"
    )
    await market.round()
    assert hour(market.prices, clock) == 0.2


async def test_weather_is_asked_again_after_an_hour_and_survives_silence(
    services: MarketEmulator, fetcher: Fetcher, clock: HandClock
) -> None:
    request = openmeteo.request(51.05, 3.72, url=services.url + "/openmeteo")
    source = ForecastSource(type="open-meteo", name="Open-Meteo", request=request, zone=MARKET_ZONE)
    weather = ForecastService([source], fetcher, clock, lambda: 0.0)
    await weather.round()
    assert weather.weather is not None
    assert weather.weather.faults == ()
    assert weather.weather.steps >= 284
    await weather.round()
    assert len(services.asked) == 1
    clock.now_s += 3600
    await services.fail("html")
    await weather.round()
    assert weather.weather is not None
    assert "instead of JSON" in weather.states[0].problem
    assert weather.solar == ()


async def test_a_bug_in_one_answer_is_no_matter_for_the_next(desk: Desk) -> None:
    """EnergyZero is asked day by day: a day that cannot be had leaves the others."""

    class HalfDead:
        def __init__(self, fetcher: Fetcher) -> None:
            self._fetcher = fetcher
            self.count = 0

        async def get(self, request: Request) -> bytes:
            self.count += 1
            return b"" if self.count == 2 else await self._fetcher.get(request)

    desk.clock.to("2026-01-15T14:00")
    half = HalfDead(desk.fetcher)
    market = MarketService([second(desk.services)], half, desk.clock, KeptPrices(desk.path), lambda: 0.0)
    await market.round()
    assert market.prices is not None
    assert len(market.prices.eur_per_kwh) == 96
    assert half.count == 2
