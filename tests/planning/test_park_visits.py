"""What a car park knows of its visitors."""

import numpy as np
import pytest

from kwartier.planning.horizon.park_visits import Alike, Habits, Visits, wanted_kwh

DAY = 86_400


def visits(rows: list[tuple[float, float, float, bool]]) -> Visits:
    """Rows of (arrives day.hour as hours, stays h, kWh, filled)."""
    table = np.array([row[:3] for row in rows])
    arrive = (table[:, 0] * 3600).astype(np.int64)
    return Visits(
        arrive_s=arrive,
        depart_s=arrive + (table[:, 1] * 3600).astype(np.int64),
        hour=table[:, 0] % 24,
        weekend=(table[:, 0] // 24).astype(int) % 7 >= 5,
        energy_kwh=table[:, 2],
        filled=np.array([row[3] for row in rows]),
    )


def test_a_car_that_still_drew_wanted_what_the_like_of_it_took() -> None:
    seen = visits([(8, 8, 10, True), (8, 8, 20, True), (8, 8, 12, False), (8, 2, 50, True)])
    assert wanted_kwh(seen).tolist() == [10.0, 20.0, 20.0, 50.0]


def test_a_car_that_took_more_than_all_others_wanted_a_little_more() -> None:
    assert wanted_kwh(visits([(8, 8, 10, True), (8, 8, 30, False)])).tolist() == [10.0, 32.0]


def test_how_likely_a_car_is_still_here_counts_those_that_stayed_as_long() -> None:
    past = Alike(np.array([1.0, 2.0, 4.0, 8.0, 9.0]), np.array([5.0, 10.0, 15.0]))
    assert past.stays_on(3.0, np.array([0.0, 2.0, 5.5, 9.0])).tolist() == pytest.approx(
        [1.0, 2 / 3, 1 / 3, 0.0]
    )
    assert past.rest_kwh(7.0) == pytest.approx(5.5)
    assert past.rest_kwh(99.0) == 2.0


def test_habits_know_nothing_of_visits_that_have_not_ended() -> None:
    past = [(day * 24 + 8.0, 9.0, 12.0, True) for day in range(60)]
    poison = [(60 * 24 + 8.0, 0.1, 999.0, True)] * 200
    now_s = 60 * DAY + 8 * 3600 + 60
    clean, poisoned = Habits(visits(past), now_s), Habits(visits(past + poison), now_s)
    for hour in (0.0, 8.0, 17.0):
        assert clean.alike(hour, False).stays_h.tolist() == poisoned.alike(hour, False).stays_h.tolist()
        assert (
            clean.alike(hour, False).energies_kwh.tolist()
            == poisoned.alike(hour, False).energies_kwh.tolist()
        )
    assert len(poisoned) == 60


def test_workdays_and_weekends_are_different() -> None:
    past = [(day * 24 + 8.0, 2.0 if day % 7 >= 5 else 9.0, 12.0, True) for day in range(80 * 7)]
    habits = Habits(visits(past), 600 * DAY, days=600)
    assert habits.alike(8.0, False).stays_h.max() == pytest.approx(9.0)
    assert habits.alike(8.0, True).stays_h.max() == pytest.approx(2.0)


def test_columns_of_different_lengths_are_refused() -> None:
    good = visits([(8, 8, 10, True)])
    with pytest.raises(ValueError, match="different lengths"):
        Visits(
            arrive_s=good.arrive_s,
            depart_s=good.depart_s,
            hour=good.hour,
            weekend=good.weekend,
            energy_kwh=np.zeros(2),
            filled=good.filled,
        )
