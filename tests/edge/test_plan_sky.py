"""From a service on the loopback to the plan's sun: recorded weather, asked every evening, learnt, scored, chosen; old or missing, said."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
from tests.devices.services.conftest import HandClock
from tests.edge.test_market import small
from tests.edge.test_night import InProcess
from tests.planning.situations import situation
from tests.planning.skies import Recorded, recorded

from kwartier.config.market_section import PlaneConfig, WeatherConfig, WeatherSourceConfig
from kwartier.config.models import SiteConfig
from kwartier.devices.services.kept_forecasts import KeptForecasts
from kwartier.edge.demonstration.foretold import keep_foretold
from kwartier.edge.demonstration.past import MadeUpPast
from kwartier.edge.plan.inputs import Inputs, about_sun
from kwartier.edge.plan.night import Night
from kwartier.edge.plan.sky import SkyNow, sky_now
from kwartier.edge.prices.market import Market
from kwartier.planning.sitecourses import expected_sun
from kwartier.simulation.emulators.market import MarketEmulator
from kwartier.site.foretold import Foretold

ZONE = ZoneInfo("Europe/Brussels")
NIGHTS = 14


class Roof:
    """Four kWp of Belgian panels, as recorded; nothing of now or later is there."""

    def __init__(self, found: Recorded, clock: HandClock) -> None:
        self._found = found
        self._clock = clock

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """See `inputs.Recorded`."""
        if name != "production_w":
            return {}
        end_s = min(to_s, int(self._clock.utc_s()))
        found = self._found.pv_w
        return {s: -4 * found[s] for s in range(from_s // 900 * 900, end_s // 900 * 900, 900) if s in found}


def openmeteo(found: Recorded, now_s: float) -> bytes:
    """The recorded hours of three days as a forecast. What it says of hours that are over is nonsense: nobody may learn from it."""
    first_s = int(now_s) // 86400 * 86400 - 86400
    hours = range(first_s, first_s + 4 * 86400, 3600)
    light = [found.radiation.get(h) if h > now_s else 1234.0 for h in hours]
    warmth = [found.temperature.get(h) for h in hours]
    block = {"time": list(hours), "shortwave_radiation": light, "temperature_2m": warmth}
    return json.dumps({"hourly": block, "hourly_units": {"time": "unixtime"}}).encode()


async def test_recorded_weather_finds_its_way_into_the_plan(tmp_path: Path) -> None:
    """A fortnight of evenings in June 2024, panels unknown: what is kept of a day is what was served before it; the scores choose the
    weather, and the plan's sun of the next day is nearer than the days before would have been."""
    found = recorded()
    clock = HandClock("2024-06-01T21:00")
    async with MarketEmulator(clock.utc_s) as services:
        config = small(services.url)
        market = Market(config, clock, tmp_path / "h.sqlite")
        forecasts = (await market.load()).forecasts
        assert forecasts is not None
        for day in range(NIGHTS):
            clock.to(f"2024-06-{day + 1:02d}T21:00")
            services.recorded["/openmeteo"] = openmeteo(found, clock.utc_s())
            await forecasts.round()
        clock.to(f"2024-06-{NIGHTS + 1:02d}T00:15")
        services.recorded["/openmeteo"] = openmeteo(found, clock.utc_s())
        await forecasts.round()

        def look_up(now_s: float) -> SkyNow:
            return sky_now(config, *market.foretold(), now_s)

        now = look_up(clock.utc_s())
        assert now.sky is not None
        assert (now.stale, now.sky.native_step_s) == (False, 3600)
        assert 1234.0 not in now.sky.global_w_per_m2[: (NIGHTS - 1) * 96]
        night = Night(
            zone=ZONE,
            clock=clock,
            recorded=Roof(found, clock),
            look_up=look_up,
            child=cast(Any, InProcess()),
            trains=lambda: False,
        )
        judged = await night.once()
        assert judged is not None
        assert night.used == {"sun": "weather"}
        errors = {m.method: m.mae_w or 0.0 for m in judged.scores.scores[0].methods}
        assert errors["weather"] < 0.75 * min(errors["days"], errors["yesterday"])
        start_s = int(clock.utc_s()) // 900 * 900
        past = Roof(found, clock).means("production_w", start_s - 20 * 86400, start_s)
        asked = situation(
            now_s=clock.utc_s(), start_s=start_s, house_start_s=start_s - 20 * 86400, sky=now.sky, used=night.used,
            sun_w=tuple(None if (v := past.get(s)) is None else -v for s in range(start_s - 20 * 86400, start_s, 900)),
        )  # fmt: skip
        came = np.array([4 * found.pv_w[start_s + 900 * i] for i in range(94)])
        weather, days = (expected_sun(each) for each in (asked, replace(asked, used={"sun": "days"})))
        assert (weather.basis, days.basis) == ("weather", "persistence")
        misses = [float(np.abs(np.array(each.mid[:94]) - came).mean()) for each in (weather, days)]
        assert misses[0] < 0.9 * misses[1]

        clock.now_s += 30 * 3600.0  # the service is dead since yesterday
        old = look_up(clock.utc_s())
        assert old.stale
        assert old.sky is not None
        assert old.sky.start_s + 900 * len(old.sky.global_w_per_m2) <= clock.utc_s()
        assert [n.code for n in about_sun(inputs(old), "persistence")] == ["note_weather_old"]
        assert "30" in about_sun(inputs(old), "persistence")[0].text("nl")


def inputs(sky: SkyNow) -> Inputs:
    """Of which only the sky matters."""
    return cast(Inputs, SimpleNamespace(sky=sky))


def test_what_is_said_of_the_sun() -> None:
    """Nothing while the weather is used; which of three things is so, while it is not."""
    assert about_sun(inputs(SkyNow()), "weather") == []
    assert about_sun(inputs(SkyNow()), "none") == []
    assert [n.code for n in about_sun(inputs(SkyNow(asked=True)), "persistence")] == ["note_no_weather"]
    known = SkyNow(sky=_sky(), age_s=60.0, asked=True)
    assert [n.code for n in about_sun(inputs(known), "yesterday")] == ["note_weather_unused"]


def _sky() -> Any:
    told = Foretold(start_s=0, fetched_at_s=0.0, source="x", native_step_s=900, columns={"pv_w": (1.0,) * 96})
    return sky_now(small("http://127.0.0.1:9"), {"solar": told}, {}, 0.0).sky


def test_a_sky_is_put_together() -> None:
    """Past days as they were said, this day on the newest, with holes filled by what was said before; panels from whoever describes them;
    without a place or a service there is none."""
    config = small("http://127.0.0.1:9")
    assert sky_now(config, {}, {}, 0.0) == SkyNow(asked=True)
    assert sky_now(config.model_copy(update={"weather": None}), {}, {}, 0.0) == SkyNow()
    today_s = 1_775_858_400
    said = Foretold(
        start_s=today_s - 900, fetched_at_s=today_s - 50.0, source="x", native_step_s=900,
        columns={"global_w_per_m2": (1.0, 2.0, 3.0, 4.0)},
    )  # fmt: skip
    fresh = Foretold(
        start_s=today_s - 900, fetched_at_s=today_s + 800.0, source="x", native_step_s=900,
        columns={"global_w_per_m2": (9.0, 8.0, None, 6.0, 5.0)},
    )  # fmt: skip
    now = sky_now(with_panels(config), {"weather": fresh}, {"weather": said}, today_s + 860.0)
    assert now.sky is not None
    assert now.sky.start_s == today_s - 900
    assert now.sky.global_w_per_m2 == (1.0, 8.0, 3.0, 6.0, 5.0)
    assert now.age_s == 60.0
    assert [p.azimuth_deg for p in now.sky.planes] == [90.0]


def with_panels(config: SiteConfig) -> SiteConfig:
    """A weather without, and a solar service with a description of the panels."""
    solar = WeatherSourceConfig(type="forecast-solar", planes=[PlaneConfig(peak_kw=4, azimuth_deg=90)])
    plain = WeatherSourceConfig(type="open-meteo")
    return config.model_copy(update={"weather": WeatherConfig(sources=[plain, solar])})


def test_the_demonstration_has_a_foretold_past(tmp_path: Path) -> None:
    """Of each whole day about what its roof then gave, and the day that runs; it is read as any other."""
    until_s = 1_776_178_800.0
    past = MadeUpPast(until_s, ZONE, ("left",))
    keep_foretold(tmp_path / "h.sqlite", past)
    told = KeptForecasts(tmp_path / "h.sqlite.foretold.json").load()["weather"]
    assert told.end_s - told.start_s == 36 * 86400
    days = [(s, s + 86400) for s in range(told.start_s + 86400, told.end_s - 86400, 86400)]
    light = [sum(v or 0.0 for v in told.between("global_w_per_m2", *day)) for day in days]
    given = [-sum(past.means("production_w", *day).values()) for day in days]
    assert np.corrcoef(light, given)[0, 1] > 0.9
