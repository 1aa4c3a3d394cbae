"""What services foretold, over restarts and damage."""

from pathlib import Path

import pytest
from tests.devices.services.conftest import BRUSSELS, HandClock

from kwartier.devices.services.fetcher import Fetcher
from kwartier.devices.services.forecasts import ForecastService
from kwartier.devices.services.kept_forecasts import KeptForecasts
from kwartier.protocols.weather import openmeteo
from kwartier.protocols.weather.sources import ForecastSource
from kwartier.simulation.emulators.market import MarketEmulator
from kwartier.site.errors import StorageError
from kwartier.site.foretold import Foretold
from kwartier.site.weather import SolarEstimate

TOLD = Foretold(
    start_s=900, fetched_at_s=1.5, source="x", native_step_s=3600, columns={"pv_w": (None, 1.0), "cloud_pct": (2.5, None)}
)  # fmt: skip


def service(services: MarketEmulator, fetcher: Fetcher, clock: HandClock, path: Path) -> ForecastService:
    """Open-Meteo on the loopback."""
    request = openmeteo.request(51.05, 3.72, url=services.url + "/openmeteo")
    source = ForecastSource(type="open-meteo", name="Open-Meteo", request=request, zone=BRUSSELS)
    return ForecastService([source], fetcher, clock, lambda: 0.5, kept=KeptForecasts(path), zone=BRUSSELS)


async def test_days_are_kept_as_they_were_said(
    services: MarketEmulator, fetcher: Fetcher, clock: HandClock, tmp_path: Path
) -> None:
    """Asked each evening; over a restart without network the day that was ahead is still known, and what was said of past days too."""
    asked = service(services, fetcher, clock, tmp_path / "told.json")
    for day in (15, 16):
        clock.to(f"2026-01-{day}T21:00")
        await asked.round()
    kept = asked.foretold["weather"]
    noon = [HandClock(f"2026-01-{day}T12:00").now_s for day in (15, 16, 17)]
    light = [kept.between("global_w_per_m2", int(s), int(s) + 900)[0] for s in noon]
    assert light[0] is None  # nobody asked before that day began
    assert light[1] == light[2]
    assert (light[1] or 0) > 500
    assert asked.fresh["weather"].between("global_w_per_m2", int(noon[1]), int(noon[1]) + 900)[0] == light[1]
    await services.fail("silent")
    again = service(services, fetcher, clock, tmp_path / "told.json")
    await again.load()
    assert again.foretold == asked.foretold
    assert again.weather is None


async def test_a_roof_is_whole_or_nothing(clock: HandClock, fetcher: Fetcher) -> None:
    """Of two planes both must have answered; they are added where both know something."""
    sources = [
        ForecastSource(type="forecast-solar", name="s", request=openmeteo.request(51.0, 3.7), zone=BRUSSELS)
        for _ in range(2)
    ]
    asked = ForecastService(sources, fetcher, clock, lambda: 0.5, zone=BRUSSELS)
    start_s = int(clock.now_s) // 900 * 900
    east = SolarEstimate(start_s=start_s, pv_w=(100.0, None, 300.0), source="s", fetched_at_s=5.0)
    west = SolarEstimate(start_s=start_s + 900, pv_w=(20.0, 30.0, 40.0), source="s", fetched_at_s=4.0)
    asked.states[0].answer = east
    assert asked._told(asked.states[0]) is None
    asked.states[1].answer = west
    told = asked._told(asked.states[1])
    assert told is not None
    assert told[0] == "solar"
    assert (told[1].start_s, told[1].columns["pv_w"], told[1].fetched_at_s) == (
        start_s + 900,
        (None, 330.0),
        4.0,
    )


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    """To the bit."""
    kept = KeptForecasts(tmp_path / "told.json")
    assert kept.load() == {}
    kept.save({"weather": TOLD})
    assert kept.load() == {"weather": TOLD}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b'{"version":2}',
        b'{"version":1,"foretold":[]}',
        b'{"version":1,"foretold":{"weather":{"start_s":900,"fetched_at_s":1,"source":"x","native_step_s":900,"columns":{"cloud_pct":["x"]}}}}',
        b'{"version":1,"foretold":{"weather":{"start_s":901,"fetched_at_s":1,"source":"x","native_step_s":900,"columns":{}}}}',
        b'{"version":1,"foretold":{"weather":{"start_s":900,"fetched_at_s":1,"source":"x","native_step_s":900,"columns":{"evil":[1]}}}}',
        b'{"version":1,"foretold":{"weather":{"start_s":900,"fetched_at_s":1,"source":"x","native_step_s":900,"columns":{"pv_w":[1],"cloud_pct":[]}}}}',
    ],
)
def test_a_damaged_file_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    """It is told, and the next start begins anew."""
    path = tmp_path / "told.json"
    path.write_bytes(damage)
    with pytest.raises(StorageError, match="set aside"):
        KeptForecasts(path).load()
    assert path.with_name("told.json.damaged").read_bytes() == damage
    assert KeptForecasts(path).load() == {}
