"""Open-Meteo and forecast.solar: means of quarter-hours out of instants, hours and odd periods."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from tests.protocols.prices.documents import recorded
from tests.protocols.prices.test_sources import json_values

from kwartier.protocols.answers import AnswerError
from kwartier.protocols.weather import forecast_solar, openmeteo
from kwartier.site.weather import SolarEstimate, WeatherSeries

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOON = 1_791_021_600  # 2026-10-03T10:00Z


def weather(document: Any) -> WeatherSeries:
    return openmeteo.decode(json.dumps(document).encode(), fetched_at_s=1.0)


def solar(raw: bytes) -> SolarEstimate:
    return forecast_solar.decode(raw, fetched_at_s=1.0, zone=AMSTERDAM)


def test_hours_become_quarters() -> None:
    """Radiation is the mean of the hour before its moment; temperature lies on lines between instants."""
    hours = [NOON, NOON + 3600, NOON + 7200]
    block = {"time": hours, "temperature_2m": [10, 14, 12], "shortwave_radiation": [100, 200, 300]}
    found = weather({"hourly": block})
    assert (found.start_s, found.steps, found.native_step_s) == (NOON, 8, 3600)
    assert found.global_w_per_m2 == (200.0,) * 4 + (300.0,) * 4
    assert found.temperature_c == (10.5, 11.5, 12.5, 13.5, 13.75, 13.25, 12.75, 12.25)
    assert found.cloud_pct == ()


def test_quarters_count_before_hours() -> None:
    block = {"time": [NOON, NOON + 3600], "shortwave_radiation": [0, 200]}
    fine = {"time": [NOON, NOON + 900, NOON + 1800], "shortwave_radiation": [0, 120, 160]}
    found = weather({"hourly": block, "minutely_15": fine})
    assert found.global_w_per_m2 == (120.0, 160.0, 200.0, 200.0)


def test_units_and_local_time_as_the_answer_says() -> None:
    document = {
        "utc_offset_seconds": 7200,
        "hourly_units": {"temperature_2m": "°F", "wind_speed_10m": "km/h", "cloud_cover": "octas"},
        "hourly": {
            "time": ["2026-10-03T12:00", "2026-10-03T13:00"],
            "temperature_2m": [50, 50],
            "wind_speed_10m": [36, 36],
            "cloud_cover": [3, 3],
        },
    }
    found = weather(document)
    assert found.start_s == NOON
    assert found.temperature_c == (10.0,) * 4
    assert found.wind_m_per_s == (10.0,) * 4
    assert found.cloud_pct == ()
    assert [(f.code, f.where) for f in found.faults] == [("wrong_unit", "hourly.cloud_cover")]


def test_holes_and_slips_in_the_weather_are_named() -> None:
    block = {
        "time": [NOON, NOON + 3600, "noon", NOON + 7200, NOON + 10800],
        "temperature_2m": [10, None, 11, 400, 12],
        "shortwave_radiation": [0, 100, 1, "x", -50],
        "wind_speed_10m": [1],
    }
    found = weather({"hourly": block})
    assert found.temperature_c[:4] == (10.0, None, None, None)
    assert found.global_w_per_m2[:4] == (100.0,) * 4
    assert [f.code for f in found.faults] == ["bad_time", "implausible", "implausible", "bad_entry"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"error": True, "reason": "Latitude must be in range"}, "refused"),
        ({"latitude": 51}, "unknown_form"),
        ({"hourly": {"time": []}}, "no_data"),
        ({"hourly": {"time": "now"}}, "no_data"),
        ([], "unknown_form"),
    ],
)
def test_weather_that_is_none(document: Any, code: str) -> None:
    with pytest.raises(AnswerError) as refused:
        weather(document)
    assert refused.value.code == code


def test_what_open_meteo_is_asked() -> None:
    asked = dict(openmeteo.request(51.05432, 3.7, days=30).params)
    assert (asked["latitude"], asked["longitude"], asked["forecast_days"]) == ("51.0543", "3.7000", "16")
    assert "shortwave_radiation" in asked["hourly"]
    assert asked["hourly"] == asked["minutely_15"]


def test_recorded_solar_estimate_keeps_its_energy() -> None:
    found = solar(recorded("forecast_solar.json"))
    assert sum(found.pv_w) / 4 == pytest.approx(6660 + 5338, abs=1)  # type: ignore[arg-type]
    assert found.start_s % 900 == 0
    assert found.faults == ()
    assert found.pv_w[2 * 4] == pytest.approx(538.0), "08:15 to 08:30: 538 Wh in the hour to nine"


def test_moments_without_an_offset_are_those_of_the_place() -> None:
    raw = recorded("forecast_solar.json").decode().replace("+02:00", "")
    assert solar(raw.encode()).start_s == solar(recorded("forecast_solar.json")).start_s


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (
            {"result": None, "message": {"type": "error", "text": "Rate limit for API calls reached."}},
            "refused",
        ),
        ({"result": {}}, "unknown_form"),
        ({"result": {"watt_hours_period": {}}}, "no_data"),
        ({"result": {"watt_hours_period": {"x": 1}}}, "no_data"),
    ],
)
def test_a_solar_estimate_that_is_none(document: Any, code: str) -> None:
    with pytest.raises(AnswerError) as refused:
        solar(json.dumps(document).encode())
    assert refused.value.code == code


def test_energy_over_a_night_is_no_estimate() -> None:
    periods = {
        "2026-04-26T20:00:00+02:00": 0,
        "2026-04-27T07:00:00+02:00": 500,
        "2026-04-27T08:00:00+02:00": 400,
    }
    found = solar(json.dumps({"result": {"watt_hours_period": periods}}).encode())
    assert sum(found.pv_w) / 4 == pytest.approx(400)  # type: ignore[arg-type]
    assert [f.code for f in found.faults] == ["bad_step"]


@pytest.mark.parametrize(
    ("azimuth_deg", "told"), [(180, "0"), (90, "-90"), (270, "90"), (0, "-180"), (200, "20")]
)
def test_forecast_solar_counts_from_south_and_the_key_is_not_shown(azimuth_deg: float, told: str) -> None:
    asked = forecast_solar.request(51, 3.5, tilt_deg=30, azimuth_deg=azimuth_deg, peak_kw=4.5, key="k3y")
    assert asked.address == f"https://api.forecast.solar/k3y/estimate/51.0000/3.5000/30/{told}/4.5"
    assert "k3y" not in asked.shown + repr(asked)


@given(json_values)
def test_any_json_gives_a_forecast_or_one_kind_of_error(value: Any) -> None:
    for document in (value, {"hourly": value}, {"result": {"watt_hours_period": value}}):
        raw = json.dumps(document).encode()
        for decode in (lambda r: openmeteo.decode(r, fetched_at_s=0.0), solar):
            try:
                decode(raw)
            except AnswerError:
                continue
