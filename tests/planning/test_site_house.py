"""The house of a site's plan: which forecast is used, and what the temperature has to do with it."""

from dataclasses import replace
from typing import Any

import numpy as np
from tests.planning.situations import situation
from tests.planning.skies import GHENT, MIDNIGHT_S, plain

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.siteplan import Planner
from kwartier.planning.sitescores import scores
from kwartier.planning.situation import Course, DayCourse, Past, Situation, Sky

DAYS = 24
START_S = MIDNIGHT_S - DAYS * 86_400


def weather(*, cold: float = -2.0) -> FloatArray:
    """Two days more than the past: mild and cold spells of some days; tomorrow it is `cold`."""
    rng = np.random.default_rng(5)
    days = np.repeat(8.0 + 5.0 * rng.standard_normal((DAYS + 5) // 3 + 1), 3)[: DAYS + 2]
    days[DAYS:] = cold
    hours = np.arange((DAYS + 2) * 96) / 4
    return np.repeat(days, 96) + 3.0 * np.sin((hours - 9) / 12 * np.pi)


def heated(warmth: FloatArray) -> FloatArray:
    """300 W and an evening, and a heat pump of 110 W per degree below 16."""
    hours = np.arange(len(warmth)) / 4 % 24
    rng = np.random.default_rng(6)
    evening = 600.0 * np.exp(-(((hours - 19) / 2) ** 2))
    return 300.0 + evening + 110.0 * np.maximum(16.0 - warmth, 0.0) + 40.0 * rng.standard_normal(len(warmth))


def sky(warmth: FloatArray) -> Sky:
    """With the temperature alone."""
    return Sky(
        start_s=START_S, latitude=GHENT.latitude, longitude=GHENT.longitude, temperature_c=plain(warmth)
    )


def house(warmth: FloatArray, **changes: Any) -> Course:
    """What a plan expects."""
    found: Situation = situation(
        now_s=float(MIDNIGHT_S), start_s=MIDNIGHT_S, house_start_s=START_S, sun_w=(), sky=sky(warmth),
        house_w=plain(heated(warmth)[: DAYS * 96]), used={"house": "temperature"},
    )  # fmt: skip
    return Planner.new().house(replace(found, **changes))


def test_a_house_that_heats_follows_the_cold() -> None:
    """Tomorrow is the coldest day so far: the past alone does not see it coming; the temperature does, and the scores choose it."""
    warmth = weather()
    came = heated(warmth)[DAYS * 96 : (DAYS + 1) * 96]
    by = {way: house(warmth, used={"house": way}) for way in ("temperature", "edge")}
    misses = {way: float(np.abs(np.array(found.mid) - came).mean()) for way, found in by.items()}
    assert by["temperature"].basis == "temperature"
    assert misses["temperature"] < 0.5 * misses["edge"]
    past = Past(
        now_s=float(MIDNIGHT_S),
        zone="Europe/Brussels",
        house_start_s=START_S,
        house_w=plain(heated(warmth)[: DAYS * 96]),
        sun_w=(),
        days=5,
        sky=sky(warmth),
    )
    scored = scores(past).scores[0]
    assert (scored.used, scored.best) == ("temperature", "temperature")


def test_without_a_temperature_the_edge_model_does_it() -> None:
    """None foretold for tomorrow, none at all, or not for long enough."""
    warmth = weather()
    ends, young = warmth.copy(), warmth.copy()
    ends[DAYS * 96 :] = np.nan
    young[: (DAYS - 9) * 96] = np.nan
    for told in (sky(ends), sky(young), replace(sky(warmth), temperature_c=()), None):
        assert house(warmth, sky=told).basis == "history"


def test_simple_courses_can_be_used_too() -> None:
    """As yesterday in a band of what that missed by; a model that is not there is no reason not to plan."""
    warmth = weather()
    seen = heated(warmth)[: DAYS * 96]
    found = house(warmth, used={"house": "yesterday"})
    assert found.basis == "yesterday"
    np.testing.assert_allclose(found.mid[:96], seen[-96:], atol=0.06)
    assert all(low <= mid <= high for low, mid, high in zip(found.low, found.mid, found.high, strict=True))
    assert max(h - low for low, h in zip(found.low, found.high, strict=True)) > 100
    assert house(warmth, used={"house": "boosted"}).basis == "history"


def test_a_trained_model_is_scored_on_the_days_that_it_forecast() -> None:
    """On five of them it was nearly right: it is used. On four it is only told of."""
    warmth = weather()
    seen = heated(warmth)[: DAYS * 96]

    def course(back: int) -> DayCourse:
        day = plain(seen[(DAYS - back) * 96 : (DAYS - back + 1) * 96] + 1.0)
        values = tuple(v or 0.0 for v in day)
        return DayCourse(start_s=MIDNIGHT_S - back * 86_400, low_w=values, mid_w=values, high_w=values)

    def asked(days: int) -> Past:
        return Past(
            now_s=float(MIDNIGHT_S), zone="Europe/Brussels", house_start_s=START_S, house_w=plain(seen), sun_w=(),
            days=5, boosted=tuple(course(back) for back in range(days, 0, -1)),
        )  # fmt: skip

    scored = scores(asked(5)).scores[0]
    assert scored.used == "boosted"
    assert scored.mae_w is not None
    assert scored.mae_w < 2.0
    few = scores(asked(4)).scores[0]
    assert few.used != "boosted"
    assert "forecast_tried" in {why.code for why in few.why}
