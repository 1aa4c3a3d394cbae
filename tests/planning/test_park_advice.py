"""The plan of a car park as advice."""

import numpy as np
import pytest

from kwartier.planning.horizon.park import ParkCar, ParkState, park_advice
from kwartier.planning.horizon.park_visits import Habits, Visits

DAY = 86_400


def habits(count: int = 60) -> Habits:
    """Cars that came at eight, stayed eight hours and took 12 kWh."""
    arrive = np.arange(count, dtype=np.int64) * DAY + 8 * 3600
    return Habits(
        Visits(
            arrive_s=arrive,
            depart_s=arrive + 8 * 3600,
            hour=np.full(count, 8.0),
            weekend=np.zeros(count, dtype=bool),
            energy_kwh=np.full(count, 12.0),
            filled=np.ones(count, dtype=bool),
        ),
        count * DAY,
    )


def car(point: str, taken_kwh: float = 0.0, *, plugged_h: float = 0.0, filled: bool = False) -> ParkCar:
    return ParkCar(
        point=point,
        plugged_h=plugged_h,
        arrival_hour=8.0,
        weekend=False,
        taken_kwh=taken_kwh,
        filled=filled,
        min_w=1380.0,
        max_w=7360.0,
    )


def state(
    *cars: ParkCar, target_w: float = 10_000.0, load_w: float = 2_000.0, pv_w: float = 0.0
) -> ParkState:
    return ParkState(
        start_s=60 * DAY + 8 * 3600,
        target_w=target_w,
        peak_eur_per_kw=7.0,
        load_w=(load_w,) * 40,
        pv_w=(pv_w,) * 40,
        import_price=(0.2,) * 40,
        export_price=(0.05,) * 40,
        cars=cars,
    )


def test_cars_share_the_target_and_stop_when_they_are_probably_full() -> None:
    advice = park_advice(state(car("a"), car("b")), habits(), version="1")
    assert advice.peak_w == 10_000.0
    assert advice.points_w["a"][:12] == pytest.approx((4000.0,) * 12)
    assert sum(advice.points_w["b"]) / 4000 == pytest.approx(12.0)
    assert advice.points_w["b"][12:] == pytest.approx((0.0,) * 28)
    assert advice.grid_w[0] == pytest.approx(10_000.0)


def test_a_kwh_at_the_target_costs_the_peak_too() -> None:
    advice = park_advice(state(car("a"), car("b")), habits(), version="1")
    assert advice.marginal_eur_per_kwh[0] == pytest.approx(0.2 + 4 * 7.0)
    assert advice.marginal_eur_per_kwh[20] == pytest.approx(0.2)
    sunny = park_advice(state(load_w=0.0, pv_w=5_000.0), habits(), version="1")
    assert sunny.marginal_eur_per_kwh[0] == pytest.approx(0.05)


def test_a_car_that_is_full_or_gone_by_habit_is_not_planned() -> None:
    advice = park_advice(
        state(car("full", 12.0, filled=True), car("late", plugged_h=7.5)), habits(), version="1"
    )
    assert not any(advice.points_w["full"])
    assert advice.points_w["late"][:2] == pytest.approx((7360.0, 7360.0))  # it might stay
    assert not any(advice.points_w["late"][2:])


def test_for_the_next_half_hour_nobody_is_held_back_by_a_guess() -> None:
    """A car that has taken more than all others before it, and one nearly past its usual hour, are offered all the same."""
    advice = park_advice(state(car("much", 60.0), car("late", 11.9, plugged_h=7.99)), habits(), version="1")
    for point in ("much", "late"):
        assert advice.points_w[point][:2] == pytest.approx((4000.0, 4000.0))
    assert advice.valid_until_s - advice.made_s == 1800.0


def test_a_park_without_a_past_shares_what_the_target_leaves() -> None:
    advice = park_advice(state(car("a"), car("b")), habits(0), version="1")
    assert advice.points_w["a"] == pytest.approx((4000.0,) * 40)


def test_no_plan_draws_more_than_the_target_leaves() -> None:
    advice = park_advice(state(*(car(f"{n}") for n in range(20)), target_w=15_000.0), habits(), version="1")
    assert max(advice.grid_w) <= 15_000.0 + 1e-6


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        ParkState(
            start_s=0,
            target_w=1.0,
            peak_eur_per_kw=1.0,
            load_w=(1.0,),
            pv_w=(),
            import_price=(1.0,),
            export_price=(1.0,),
            cars=(),
        )
