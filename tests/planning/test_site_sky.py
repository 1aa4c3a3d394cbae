"""The sun of a site's plan: from the weather where that is nearer, as on the days before where it is not."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.situations import situation
from tests.planning.skies import MIDNIGHT_S, World, plain, recorded, world

from kwartier.historian.codec import decode, encode
from kwartier.planning.forecast.heard import shares
from kwartier.planning.sitecourses import HOUSES, SUNS, expected_sun
from kwartier.planning.siteplan import Planner
from kwartier.planning.sitescores import scores
from kwartier.planning.situation import Measured, Past, Plane, Scored, Situation, Sky
from kwartier.site.reasons import LANGUAGES

WORLD = world()
PLANES = (Plane(peak_kw=3, tilt_deg=40, azimuth_deg=120), Plane(peak_kw=2, tilt_deg=30, azimuth_deg=225))


def asked(made: World, **changes: Any) -> Situation:
    """A situation at the midnight at which the past of a world ends."""
    found = situation(
        now_s=float(MIDNIGHT_S),
        start_s=MIDNIGHT_S,
        house_start_s=made.start_s,
        house_w=(400.0,) * len(made.seen),
        sun_w=made.seen,
        sky=made.sky,
    )
    return replace(found, **changes)


def past(made: World, **changes: Any) -> Past:
    """The question for the sun alone."""
    found = Past(
        now_s=float(MIDNIGHT_S),
        zone="Europe/Brussels",
        house_start_s=made.start_s,
        house_w=(),
        sun_w=made.seen,
        sky=made.sky,
    )
    return replace(found, **changes)


def of_sun(question: Past) -> Scored:
    """Its scores."""
    return next(s for s in scores(question).scores if s.name == "sun")


@cache
def usual() -> Scored:
    """Of the usual world."""
    return of_sun(past(WORLD))


def miss(values: tuple[float, ...], made: World) -> float:
    """Mean absolute error over the coming day."""
    return float(np.abs(np.array(values[:96]) - made.came[:96]).mean())


def test_a_roof_that_nobody_described_is_found_and_the_weather_is_used() -> None:
    """Clouds that change make the days before a bad guess; the weather, learnt on this roof, is several times nearer, and wins."""
    scored = usual()
    assert scored.used == scored.best == "weather"
    errors = {m.method: m.mae_w for m in scored.methods}
    assert (errors["weather"] or 1e9) < 0.35 * (errors["days"] or 0)
    assert [m.days for m in scored.methods if m.method == "weather"] == [10]
    by_weather = expected_sun(asked(WORLD, used={"sun": "weather"}))
    by_days = expected_sun(asked(WORLD, used={"sun": "days"}))
    assert (by_weather.basis, by_days.basis) == ("weather", "persistence")
    assert miss(by_weather.mid, WORLD) < 0.35 * miss(by_days.mid, WORLD)
    inside = [
        low - 1 <= v <= high + 1
        for low, v, high in zip(by_weather.low, WORLD.came, by_weather.high, strict=False)
        if v > 100
    ]
    assert np.mean(inside) > 0.6
    assert max(by_weather.high) < 1.3 * max(WORLD.came.max(), *(v or 0 for v in WORLD.seen))


def test_nothing_later_is_read() -> None:
    """Poison in the measurements and in what was foretold after a day changes nothing of that day's forecast; nor does it for the plan."""
    cut = len(WORLD.seen) - 96  # where the second of two days begins
    seen = tuple(v if i < cut else 9e5 for i, v in enumerate(WORLD.seen))
    light = tuple(v if i < cut else 1400.0 for i, v in enumerate(WORLD.sky.global_w_per_m2))
    clean = of_sun(past(WORLD, days=2, sky=replace(WORLD.sky, planes=PLANES)))
    told = replace(WORLD.sky, planes=PLANES, global_w_per_m2=light)
    poisoned = of_sun(past(WORLD, days=2, sun_w=seen, sky=told))
    assert clean.used == poisoned.used == "weather"  # too few days to choose
    assert clean.mid_w[:96] == poisoned.mid_w[:96]
    assert clean.low_w[:96] == poisoned.low_w[:96]
    assert clean.mid_w[96:] != poisoned.mid_w[96:]
    now = expected_sun(asked(WORLD, used={"sun": "weather"}))
    later = expected_sun(asked(WORLD, used={"sun": "weather"}, sun_w=(*WORLD.seen, *(9e5,) * 96)))
    assert now == later


def test_what_is_missing_falls_back_and_says_so() -> None:
    """No sky, a sky that ends today, one with a hole over tomorrow, a roof nobody knows: as on the days before; without any past the
    weather on the panels as described."""
    used = {"sun": "weather"}
    ended = tuple(WORLD.sky.global_w_per_m2[: len(WORLD.seen)])
    silent = replace(WORLD.sky, global_w_per_m2=())
    for nothing in (None, replace(WORLD.sky, global_w_per_m2=ended), silent):
        assert expected_sun(asked(WORLD, used=used, sky=nothing)).basis == "persistence"
    two_days = tuple(None if i < len(WORLD.seen) - 2 * 96 else v for i, v in enumerate(WORLD.seen))
    assert expected_sun(asked(WORLD, used=used, sun_w=two_days)).basis == "persistence"
    described = replace(WORLD.sky, planes=PLANES)
    first = expected_sun(asked(WORLD, sun_w=two_days, sky=described))
    assert first.basis == "weather"
    assert miss(first.mid, WORLD) < 0.5 * float(WORLD.came[:96].mean())
    assert (
        expected_sun(asked(WORLD, sun_w=(), sky=described)).basis == "none"
    )  # nothing measured: perhaps no roof


def test_only_clouds_and_hours_do_too() -> None:
    """A service without radiation, and one whose hours were spread over quarters."""
    times = np.arange(len(WORLD.sky.global_w_per_m2))
    cloud = tuple(float(20 + 60 * (i // 96 % 2)) for i in times)
    clouds = replace(WORLD.sky, global_w_per_m2=(), cloud_pct=cloud)
    found = expected_sun(asked(WORLD, used={"sun": "weather"}, sky=clouds))
    assert found.basis == "weather"
    assert max(found.mid) > 500
    light = np.array(WORLD.sky.global_w_per_m2, dtype=np.float64).reshape(-1, 4).mean(axis=1).repeat(4)
    hours = replace(WORLD.sky, native_step_s=3600, global_w_per_m2=plain(light))
    hourly = expected_sun(asked(WORLD, used={"sun": "weather"}, sky=hours))
    whole = expected_sun(asked(WORLD, used={"sun": "weather"}))
    assert abs(sum(hourly.mid[:96]) / sum(whole.mid[:96]) - 1) < 0.05
    assert np.abs(np.array(hourly.mid[:96]) - np.array(whole.mid[:96])).mean() < 60


def test_a_service_that_is_always_wrong_in_the_same_way_is_put_right() -> None:
    """Twice the power, an hour late: corrected by what was measured it beats the days before; and five days are too few to be used."""
    power = np.concatenate([np.array(WORLD.seen, dtype=np.float64), WORLD.came])
    sky = replace(WORLD.sky, global_w_per_m2=(), pv_w=plain(2.0 * np.roll(power, 4)))
    scored = of_sun(past(WORLD, sky=sky))
    assert scored.used == "service"
    young = tuple(None if i < len(WORLD.seen) - 4 * 96 else v for i, v in enumerate(sky.pv_w))
    waits = of_sun(past(WORLD, sky=replace(sky, pv_w=young)))
    assert waits.used in {"days", "yesterday", "last_week"}
    assert [m.days for m in waits.methods if m.method == "service"] == [4]
    assert "forecast_tried" in {why.code for why in waits.why}


def test_the_choice_is_told_in_words_and_the_question_is_small() -> None:
    """In each language, with the figures of the table; and the sky of two months travels as it is, in less than 200 kB."""
    scored = usual()
    assert scored.why[0].code == "forecast_used"
    for language in LANGUAGES:
        words = scored.why[0].text(language)
        assert str(round(scored.mae_w or 0)) in words
        assert "weather" not in words or language == "en"
    months = world(61, temperature_c=(11.5,) * 63 * 96)
    question = encode(months.sky)
    assert decode(Sky, question) == months.sky
    import json  # noqa: PLC0415 - the size on the wire

    assert len(json.dumps(question)) < 200_000


Holes = st.lists(st.tuples(st.integers(0, 14 * 96), st.integers(1, 5 * 96)), max_size=4)
COLUMNS = ("global_w_per_m2", "diffuse_w_per_m2", "cloud_pct", "temperature_c", "pv_w")


def holed(values: Measured, holes: list[tuple[int, int]]) -> Measured:
    """With some spans not known."""
    return tuple(None if any(a <= i < a + n for a, n in holes) else v for i, v in enumerate(values))


@settings(max_examples=25)
@given(
    columns=st.sets(st.sampled_from(COLUMNS)),
    holes=st.tuples(Holes, Holes),
    ways=st.tuples(st.sampled_from(SUNS), st.sampled_from(HOUSES)),
    hourly=st.booleans(),
)
def test_whatever_is_missing_there_is_a_course(
    columns: set[str], holes: tuple[Any, Any], ways: tuple[str, str], hourly: bool
) -> None:
    """Of sun and house, whole, in order, never below nothing for the sun; whichever way is asked for."""
    told: dict[str, Any] = {
        name: holed(tuple(float(i % 96) for i in range(14 * 96)), holes[0]) for name in columns
    }
    start_s = MIDNIGHT_S - 12 * 86_400
    sky = Sky(start_s=start_s, latitude=51.0, longitude=3.7, native_step_s=3600 if hourly else 900, **told)
    seen = holed(tuple(float(i % 96) for i in range(12 * 96)), holes[1])
    question = asked(WORLD, house_start_s=start_s, sun_w=seen, house_w=seen, sky=sky)
    question = replace(question, used={"sun": ways[0], "house": ways[1]})
    for course in (expected_sun(question), Planner.new().house(question)):
        figures = np.array([course.low, course.mid, course.high])
        assert np.isfinite(figures).all()
        assert (np.diff(figures, axis=0) >= 0).all()
    assert min(expected_sun(question).low) >= 0


def test_shares_of_planes() -> None:
    """A roof composed of planes is found again; nothing comes out negative."""
    rng = np.random.default_rng(1)
    planes = rng.uniform(0, 1000, (4, 400))
    true = np.array([2.0, 0.0, 3.0, 0.0])
    np.testing.assert_allclose(shares(planes, true @ planes), true, atol=0.35)
    assert (shares(planes, -planes[0]) == 0).all()


def test_recorded_weather_and_sun() -> None:
    """Belgium in June 2024, forecast anew at ten midnights with a month before: the weather of Brussels takes a third off the error of the
    days before, Elia's own forecast is nearer still, and the bands hold what they should. (The weather is what came, as no forecast of it is
    recorded; Elia's is as it was the day before.)"""
    found = recorded()
    end_s = 1_718_316_000  # 14 June, 00:00 in Brussels
    start_s = end_s - 30 * 86_400
    quarters = range(start_s, end_s, 900)

    def spread(hours: dict[int, float]) -> tuple[float | None, ...]:
        return tuple(hours.get(s - s % 3600 + 3600) for s in quarters)

    sky = Sky(
        start_s=start_s,
        native_step_s=3600,
        latitude=50.85,
        longitude=4.35,
        global_w_per_m2=spread(found.radiation),
        temperature_c=tuple(found.temperature.get(s - s % 3600) for s in quarters),
        pv_w=tuple(round(4 * v, 1) if (v := found.dayahead_w.get(s)) is not None else None for s in quarters),
    )
    seen = tuple(None if (v := found.pv_w.get(s)) is None else round(4 * v, 1) for s in quarters)
    scored = of_sun(
        Past(now_s=end_s, zone="Europe/Brussels", house_start_s=start_s, house_w=(), sun_w=seen, sky=sky)
    )
    by = {m.method: m for m in scored.methods}
    assert scored.used == "service"
    assert (by["weather"].mae_w or 1e9) < 0.7 * min(by[m].mae_w or 0 for m in ("days", "yesterday"))
    assert (by["service"].mae_w or 1e9) < (by["weather"].mae_w or 0)
    for method in ("weather", "service"):
        assert 65 < (by[method].covered_pct or 0) < 95
