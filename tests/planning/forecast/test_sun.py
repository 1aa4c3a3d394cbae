"""The sun, the clear sky and the tilted plane, against pvlib, which is a peer and no part of the program."""

import numpy as np
import pytest

from kwartier.planning.forecast.sun import Light, Place, Sun, clear_sky, on_plane, split, sun_at

pd = pytest.importorskip("pandas")
irradiance = pytest.importorskip("pvlib.irradiance")
solarposition = pytest.importorskip("pvlib.solarposition")
clearsky = pytest.importorskip("pvlib.clearsky")

PLACES = [Place(50.85, 4.35), Place(63.43, 10.39), Place(-33.9, 151.2), Place(0.0, -78.5, 2800.0)]


def _times(step_s: int = 10_807) -> np.ndarray:
    """Four years, at no fixed time of day."""
    return np.arange(1_704_067_200, 1_830_297_600, step_s, dtype=np.float64)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_sun_stands_where_pvlib_sees_it(place: Place) -> None:
    """Within 0.05 degrees, in height and, away from straight up, along the horizon."""
    times = _times()
    sun = sun_at(times, place)
    peer = solarposition.spa_python(
        pd.to_datetime(times, unit="s", utc=True), place.latitude, place.longitude, altitude=place.altitude_m
    )
    assert np.abs(sun.zenith - peer["zenith"].to_numpy()).max() < 0.05
    off = np.abs((sun.azimuth - peer["azimuth"].to_numpy() + 180) % 360 - 180)
    assert (off * np.sin(np.radians(sun.zenith))).max() < 0.05


@pytest.mark.parametrize("altitude_m", [0.0, 800.0])
def test_a_clear_sky_is_pvlibs_clear_sky(altitude_m: float) -> None:
    """The same turbidity and the same air give the same light, to half a per cent of a bright day."""
    place = Place(50.85, 4.35, altitude_m)
    times = _times()
    sun = sun_at(times, place)
    light = clear_sky(sun, altitude_m, turbidity=3.0)
    mass = np.array(
        [
            m * np.exp(-altitude_m / 8434.5)
            for m in 1
            / (
                np.cos(np.radians(sun.zenith.clip(max=90)))
                + 0.50572 * (96.07995 - sun.zenith.clip(max=90)) ** -1.6364
            )
        ]
    )
    peer = clearsky.ineichen(sun.zenith, mass, 3.0, altitude_m, sun.extra_w_m2, perez_enhancement=True)
    day = sun.zenith < 85
    for name, mine in (("ghi", light.global_w_m2), ("dni", light.beam_w_m2), ("dhi", light.diffuse_w_m2)):
        assert np.abs(mine - np.asarray(peer[name]))[day].max() < 5.0, name
    assert (light.global_w_m2[sun.zenith > 90] == 0).all()


def test_the_split_of_light_is_that_of_erbs() -> None:
    """Share of diffuse light, at every height of the sun and every cloudiness."""
    rng = np.random.default_rng(1)
    times = _times(50_021)
    sun = sun_at(times, Place(50.85, 4.35))
    up = np.maximum(np.cos(np.radians(sun.zenith)), 0)
    total = rng.uniform(0, 1, len(times)) * sun.extra_w_m2 * up
    peer = irradiance.erbs(total, sun.zenith, pd.to_datetime(times, unit="s", utc=True))
    mine = split(total, sun)
    day = sun.zenith < 86
    assert np.abs(mine.beam_w_m2 - np.asarray(peer["dni"]))[day].max() < 15
    assert np.allclose(mine.beam_w_m2 * up + mine.diffuse_w_m2, total, atol=0.6, rtol=1e-3)


@pytest.mark.parametrize(("tilt", "azimuth"), [(0, 180), (35, 180), (15, 90), (90, 270), (60, 20)])
def test_a_plane_catches_what_pvlib_says(tilt: float, azimuth: float) -> None:
    """Hay and Davies, from level to upright and away from the sun."""
    times = _times(20_011)
    sun = sun_at(times, Place(50.85, 4.35))
    light = clear_sky(sun)
    cloudy = Light(light.global_w_m2 * 0.6, light.beam_w_m2 * 0.3, light.diffuse_w_m2 * 1.4)
    for sky in (light, cloudy):
        peer = irradiance.get_total_irradiance(
            tilt,
            azimuth,
            sun.zenith,
            sun.azimuth,
            sky.beam_w_m2,
            sky.global_w_m2,
            sky.diffuse_w_m2,
            dni_extra=sun.extra_w_m2,
            albedo=0.2,
            model="haydavies",
        )
        day = sun.zenith < 89
        difference = np.abs(on_plane(sky, sun, tilt, azimuth) - np.asarray(peer["poa_global"]))[day]
        assert difference.max() < 0.5


def test_the_sky_outside_is_brightest_in_january() -> None:
    """The earth is nearest the sun about the third of January."""
    sun: Sun = sun_at(np.arange(1_767_225_600.0, 1_798_761_600.0, 86_400.0), Place(50, 4))
    assert int(np.argmax(sun.extra_w_m2)) in range(1, 6)
    assert sun.extra_w_m2.max() / sun.extra_w_m2.min() == pytest.approx(1.069, abs=0.003)


def test_a_place_off_the_earth_is_refused() -> None:
    """Latitude and longitude the wrong way round is the usual slip."""
    with pytest.raises(ValueError, match="latitude 104"):
        Place(104.35, 50.85)
