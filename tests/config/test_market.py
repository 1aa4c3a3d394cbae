"""The sections `prices` and `weather`: what reaches the services, and what is refused in which words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kwartier.config import Inspection, load
from kwartier.config.market_section import forecast_sources, price_sources
from kwartier.site.errors import ConfigError

PRICES = """\
prices:
  sources:
    - type: entsoe
      area: be
      token: ${ENTSOE_TOKEN}
    - type: energy-charts
    - type: home-assistant
      url: https://ha.local:8123
      entity: sensor.nordpool
      token_file: ha.token
      unit: ct/kWh
    - type: file
      path: prices.csv
"""
WEATHER = """\
weather:
  days: 2
  sources:
    - type: open-meteo
    - type: forecast-solar
      planes:
        - {peak_kw: 3, azimuth_deg: 90}
        - {peak_kw: 2.5, tilt_deg: 10, azimuth_deg: 270}
"""
PLACED = ("  name: House\n", "  name: House\n  location: {latitude: 51.05, longitude: 3.72}\n")


def test_every_key_reaches_the_services(
    good: str, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTSOE_TOKEN", " t0ken ")
    path = write(good.replace(*PLACED) + PRICES + WEATHER)
    path.with_name("ha.token").write_text("l0ng\n")
    config = load(path)
    one, two, three, four = price_sources(config)
    assert (one.type, one.area, one.token, one.currency) == ("entsoe", "BE", "t0ken", "EUR")
    assert (two.type, two.area) == ("energy-charts", "BE")
    assert (three.token, three.entity, three.unit) == ("l0ng", "sensor.nordpool", "ct/kWh")
    assert four.path == str(path.with_name("prices.csv"))
    assert all(secret not in str(config) + repr((one, three)) for secret in ("t0ken", "l0ng"))
    weather, east, west = forecast_sources(config)
    assert dict(weather.request.params)["latitude"] == "51.0500"
    assert dict(weather.request.params)["forecast_days"] == "2"
    assert (east.request.path, west.request.path) == (
        "estimate/51.0500/3.7200/35/-90/3",
        "estimate/51.0500/3.7200/10/90/2.5",
    )


def test_without_the_sections_nothing_is_asked(good: str, write: Callable[[str], Path]) -> None:
    config = load(write(good))
    assert (price_sources(config), forecast_sources(config)) == ((), ())


def test_the_only_zone_of_a_source_need_not_be_named(good: str, write: Callable[[str], Path]) -> None:
    config = load(write(good + "prices: {sources: [{type: energyzero}]}\n"))
    assert price_sources(config)[0].area == "NL"


@pytest.mark.parametrize(
    ("section", "path", "words"),
    [
        ("{type: entsoe}", "prices.sources[#1]", "entsoe needs a token"),
        ("{type: entsoe, token: abc}", "prices.sources[#1].token", "a secret may not stand in the site file"),
        ("{type: entsoe, token: '${NOT_SET}'}", "prices.sources[#1]", "NOT_SET is not set"),
        ("{type: entsoe, token_file: gone}", "prices.sources[#1]", "cannot be read"),
        ("{type: energy-charts, token_file: x}", "prices.sources[#1]", "energy-charts takes no token"),
        ("{type: energy-charts, area: XX}", "prices.sources[#1].area", "no bidding zone that is known"),
        ("{type: energyzero, area: BE}", "prices.sources[#1]", "energyzero has no prices of BE"),
        ("{type: home-assistant, token_file: x}", "prices.sources[#1]", "home-assistant needs url"),
        ("{type: energy-charts, url: ftp://x}", "prices.sources[#1].url", "is no address"),
        ("{type: energy-charts, url: 'http://[x'}", "prices.sources[#1].url", "is no address"),
        ("{type: energy-charts, url: 'http://a:b@x'}", "prices.sources[#1].url", "may hold no password"),
        ("{type: file, path: x, unit: beans}", "prices.sources[#1]", "is no unit of prices"),
        ("{type: energy-charts, unit: EUR/kWh}", "prices.sources[#1]", "says itself"),
        ("{type: energy-charts, path: x}", "prices.sources[#1]", "path is for type file"),
        ("{type: tibbr}", "prices.sources[#1].type", "tibbr"),
        ("{type: energyzero}, {type: energy-charts, area: DE}", "prices.sources", "different bidding zones"),
    ],
)
def test_prices_that_are_refused(
    changed: Callable[..., Inspection], section: str, path: str, words: str
) -> None:
    found = changed(more=f"prices: {{sources: [{section}]}}\n")
    assert any(p.path == path and words in str(p) for p in found.errors), found.errors


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ("prices: {sources: []}\n", "prices.sources", ""),
        ("prices: {}\n", "prices", "sources"),
        ("weather: {sources: [{type: open-meteo}]}\n", "weather", "add location"),
        ("weather: {sources: [{type: forecast-solar}]}\n", "weather.sources[#1]", "needs planes"),
        (
            "weather: {sources: [{type: open-meteo, key_file: there}]}\n",
            "weather.sources[#1]",
            "is for",
        ),
    ],
)
def test_sections_that_are_refused(
    changed: Callable[..., Inspection], more: str, path: str, words: str
) -> None:
    found = changed(more=more)
    assert any(p.path.startswith(path) and words.lower() in str(p).lower() for p in found.errors), (
        found.errors
    )


def test_a_slip_in_one_section_does_not_hide_the_others(changed: Callable[..., Inspection]) -> None:
    found = changed(("limit_a: 32", "limit_a: -1"), more="prices: {sources: [{type: entsoe}]}\n" + WEATHER)
    paths = {p.path for p in found.errors}
    assert {"prices.sources[#1]", "weather"} <= paths
    assert any("garage" in p for p in paths)


def test_another_currency_needs_a_source_that_has_it(changed: Callable[..., Inspection]) -> None:
    found = changed(
        ("  name: House\n", "  name: House\n  currency: SEK\n"),
        more="prices: {sources: [{type: energyzero}]}\n",
    )
    assert any("gives prices in EUR" in str(p) for p in found.errors)


def test_a_secret_that_went_missing_later_names_the_place(good: str, write: Callable[[str], Path]) -> None:
    path = write(good + "prices: {sources: [{type: entsoe, token_file: t}]}\n")
    path.with_name("t").write_text("x")
    config = load(path)
    path.with_name("t").unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        price_sources(config)
