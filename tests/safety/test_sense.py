"""Which readings make sense: nonsense counts as silence, and odd figures are made harmless."""

from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.safety.sense import of_charge_point, of_meter
from kwartier.site.readings import IEC_STATES, ChargePointReading, MeterReading

anything = st.floats() | st.sampled_from([nan, inf, -inf, -1.0, 65535.0])


def charging(**more: object) -> ChargePointReading:
    given_ = {"charge_point_id": "p", "at_s": 1.0, "state": "C2", "current_a": (6.0, 0.0, 0.0)} | more
    return ChargePointReading(**given_)  # type: ignore[arg-type]


@pytest.mark.parametrize("current_a", [(nan, 0.0, 0.0), (inf, 0.0, 0.0), (inf, -inf, 0.0)])
def test_a_meter_with_currents_that_are_no_numbers_is_silent(current_a: tuple[float, float, float]) -> None:
    """NaN and infinity never reach a sum."""
    assert of_meter(MeterReading(meter_id="m", at_s=1.0, current_a=current_a), guards=False) is None


def test_only_a_meter_that_guards_a_circuit_must_tell_currents() -> None:
    """A production meter may tell its power alone."""
    reading = MeterReading(meter_id="m", at_s=1.0, power_w=5.0)
    assert of_meter(reading, guards=False) is reading
    assert of_meter(reading, guards=True) is None
    assert of_meter(None, guards=True) is None


def test_a_sound_reading_is_passed_on_as_it_is() -> None:
    """Nothing is changed where nothing is wrong."""
    reading = charging(applied_a=6.0, fallback_a=6.0)
    assert of_charge_point(reading, 32.0) is reading


@pytest.mark.parametrize("state", ["", "C", "Z9", "c2"])
def test_a_state_that_nobody_knows_is_silence(state: str) -> None:
    """It is not guessed what it might mean."""
    assert of_charge_point(charging(state=state), 32.0) is None


def test_a_current_wired_backwards_still_flows() -> None:
    """A charge point only takes: the sign is one of its meter's wiring."""
    reading = of_charge_point(charging(current_a=(-6.0, 2.0, 0.0)), 32.0)
    assert reading is not None
    assert reading.current_a == (6.0, 2.0, 0.0)


@given(
    st.sampled_from([*IEC_STATES, "", "X"]),
    st.tuples(anything, anything, anything),
    st.none() | anything,
    st.none() | anything,
    st.none() | anything,
)
def test_what_is_passed_on_is_always_sound(
    state: str,
    current_a: tuple[float, float, float],
    setpoint_a: float | None,
    applied_a: float | None,
    fallback_a: float | None,
) -> None:
    """Whatever a device says: numbers, not below zero, and claims up to its maximum."""
    told = charging(
        state=state, current_a=current_a, setpoint_a=setpoint_a, applied_a=applied_a, fallback_a=fallback_a
    )
    reading = of_charge_point(told, 32.0)
    if reading is not None:
        assert reading.state in IEC_STATES
        assert all(isfinite(a) and a >= 0.0 for a in reading.current_a)
        claims = (reading.setpoint_a, reading.applied_a, reading.fallback_a)
        assert all(a is None or 0.0 <= a <= 32.0 for a in claims)
