"""Cars follow the pilot as IEC 61851-1 lets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.simulation.plant.car import Car


def drive(car: Car, offered_a: float, seconds: int, start_s: float = 0.0) -> list[float]:
    """Currents, second by second, under a constant offer."""
    return [car.draw(car.wants_current(offered_a, start_s + i), 1.0) for i in range(1, seconds + 1)]


def test_rises_slowly_to_what_is_offered() -> None:
    """A car begins after its reaction time and ramps up to the offer, not beyond."""
    car = Car(battery_kwh=60, soc=0.5, phases=3, max_a=32, reaction_s=2.0, ramp_a_per_s=4.0)
    currents = drive(car, 16.0, 10)
    assert currents[:2] == [0.0, 0.0]
    assert currents[2:7] == [4.0, 8.0, 12.0, 16.0, 16.0]


def test_drops_within_five_seconds() -> None:
    """A lower pilot is obeyed when the reaction time is over, all at once."""
    car = Car(battery_kwh=60, soc=0.5, phases=1, max_a=32, reaction_s=5.0)
    drive(car, 32.0, 30)
    currents = drive(car, 6.0, 6, start_s=30.0)
    assert currents == [32.0, 32.0, 32.0, 32.0, 32.0, 6.0]


def test_whole_amperes_round_down() -> None:
    """A car of whole steps takes 13 A of 13.9 A."""
    car = Car(battery_kwh=60, soc=0.5, phases=1, max_a=32, whole_amps=True)
    assert drive(car, 13.9, 20)[-1] == 13.0


def test_picky_car_needs_more_to_start_than_to_go_on() -> None:
    """A car that needs 14 A to begin waits at 10 A, and continues at 6 A once it charges."""
    car = Car(battery_kwh=60, soc=0.5, phases=1, max_a=32, start_min_a=14.0)
    assert drive(car, 10.0, 20)[-1] == 0.0
    assert drive(car, 14.0, 20, start_s=20.0)[-1] == 14.0
    assert drive(car, 6.0, 20, start_s=40.0)[-1] == 6.0


def test_tapers_then_sleeps() -> None:
    """Near full it takes less, and nothing when full."""
    car = Car(battery_kwh=60, soc=0.95, phases=3, max_a=16.0)
    assert drive(car, 16.0, 20)[-1] == pytest.approx(8.0)
    car.store(60_000.0)
    assert car.full
    assert not car.wants_current(16.0, 99.0)


def test_one_phase_after_interruption() -> None:
    """A car with that habit goes on with one conductor after its first pause."""
    car = Car(battery_kwh=60, soc=0.5, phases=3, max_a=16, single_phase_fallback=True)
    drive(car, 16.0, 10)
    assert car.phases_used == 3
    drive(car, 0.0, 10, start_s=10.0)
    drive(car, 16.0, 10, start_s=20.0)
    assert car.phases_used == 1


@given(
    offers=st.lists(st.sampled_from([0.0, 6.0, 8.5, 13.0, 16.0, 32.0]), min_size=1, max_size=12),
    reaction_s=st.floats(0.0, 5.0),
    whole=st.booleans(),
)
def test_never_above_the_offer_for_longer_than_its_reaction(
    offers: list[float], reaction_s: float, whole: bool
) -> None:
    """Whatever is offered, six seconds after a change no obedient car draws more than that."""
    car = Car(battery_kwh=60, soc=0.2, phases=3, max_a=32, reaction_s=reaction_s, whole_amps=whole)
    now_s = 0.0
    for offer_a in offers:
        currents = drive(car, offer_a, 8, start_s=now_s)
        now_s += 8.0
        assert max(currents[6:]) <= offer_a
