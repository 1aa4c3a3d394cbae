"""Signed currents out of telegrams: values of real meters, and the bound itself as a property."""

from cmath import phase, rect
from math import cos, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.devices.drivers.p1_currents import PhaseValues, signed_currents

STAR_V = (230.0, 231.0, 229.0)


def currents(values: PhaseValues, meter_phases: int = 3) -> tuple[float, float, float]:
    """The currents, rounded to 0.01 A as meters show them."""
    found = signed_currents(values, meter_phases)
    assert found is not None
    l1, l2, l3 = found.current_a
    return (round(l1, 2), round(l2, 2), round(l3, 2))


def estimated(values: PhaseValues, meter_phases: int = 3) -> bool:
    """Whether the currents are marked as a bound."""
    found = signed_currents(values, meter_phases)
    assert found is not None
    return found.estimated


def test_import_and_export_on_different_phases() -> None:
    """50217, 4 wires: two phases export, one imports; each current gets the sign of its own phase power."""
    values = PhaseValues(
        power_w=-5061,
        power_phase_w=(-2681, -2561, 181),
        voltage_v=(250.3, 249.7, 245.9),
        current_a=(10.72, 10.27, 1.08),
    )
    assert currents(values) == (-10.71, -10.26, 1.08)
    assert not estimated(values)


def test_whole_amperes_never_hide_what_the_power_proves() -> None:
    """DSMR 5: 000*A at 56 W is 0.24 A, 001*A at 270 W is 1.14 A; a whole current above the power's stays."""
    values = PhaseValues(
        power_w=532,
        power_phase_w=(56, 270, 206),
        voltage_v=(236.8, 236.1, 238.4),
        current_a=(0, 1, 1),
    )
    assert currents(values) == (0.24, 1.14, 1.0)


def test_reactive_current_is_no_room_for_a_car() -> None:
    """A phase that exports 230 W with 5 A, mostly reactive, counts as 1 A of export, not as 5."""
    values = PhaseValues(
        power_w=-230, power_phase_w=(-230, 0, 0), voltage_v=(230.0, 230.0, 230.0), current_a=(5.0, 0.4, 0.0)
    )
    assert currents(values) == (-1.0, 0.4, 0.0)


def test_phases_without_voltage_use_the_nominal_one() -> None:
    """DSMR 4 sends no voltages: 4600 W proves 20 A at 230 V where the meter shows 19."""
    values = PhaseValues(power_w=4600, power_phase_w=(4600, 0, 0), current_a=(19, 0, 1))
    assert currents(values) == (20.0, 0.0, 1.0)


def test_one_phase_meter_without_phase_power() -> None:
    """50213, one phase: the total is the phase, so its sign and its proof hold for L1."""
    exporting = PhaseValues(power_w=-198, voltage_v=(240.0, None, None), current_a=(2, None, None))
    importing = PhaseValues(power_w=1234, voltage_v=(234.5, None, None), current_a=(5, None, None))
    assert currents(exporting) == (-0.82, 0.0, 0.0)
    assert currents(importing) == (5.26, 0.0, 0.0)
    assert not estimated(importing)


def test_one_phase_meter_that_contradicts_itself_counts_as_import() -> None:
    """Export on the phase beside import in total: the import cannot be ruled out."""
    values = PhaseValues(power_w=143, power_phase_w=(-178, None, None), current_a=(0, None, None))
    assert currents(values) == (0.62, 0.0, 0.0)


def test_three_phases_without_phase_power_export_only_where_proven() -> None:
    """50214: with 20 A from a one-phase inverter against 15 A of load elsewhere, nothing but the inverter's
    phase is proven to export; with all of it in export, all three are."""
    mixed = PhaseValues(power_w=-1100, voltage_v=(230.0,) * 3, current_a=(20.13, 15.25, 0.1))
    assert currents(mixed) == (20.13, 15.25, 0.1)
    most = PhaseValues(power_w=-4000, voltage_v=(230.0,) * 3, current_a=(20.13, 2.0, 0.1))
    assert currents(most) == (-15.29, 2.0, 0.1)
    every = PhaseValues(power_w=-6900, voltage_v=(230.0,) * 3, current_a=(10.01, 10.0, 10.0))
    assert max(currents(every)) < -9.9
    assert estimated(mixed)


def test_decimals_that_a_whole_ampere_meter_cut_off_count_on_each_phase() -> None:
    """50213, 4 wires: 0, 0, 1 A cannot carry 638 W; the missing 1.77 A may flow on any phase."""
    values = PhaseValues(power_w=638, voltage_v=(230.0, 230.0, 230.0), current_a=(0, 0, 1))
    assert currents(values) == (1.77, 1.77, 2.77)


def test_delta_of_a_sagemcom_counts_magnitudes() -> None:
    """3x230 V, L2 measured against: a one-phase inverter between L2 and L3 exports, and yet each line's
    current counts as import, L2 included."""
    values = PhaseValues(
        power_w=-1739,
        power_phase_w=(188, 0, -1928),
        voltage_v=(245.3, 0.0, 246.8),
        current_a=(1.0, 7.74, 7.97),
    )
    assert currents(values) == (1.0, 7.74, 7.97)
    assert estimated(values)


def test_delta_of_an_e360_with_all_phase_powers_zero() -> None:
    """50221 on 3x230 V: phase powers of zero beside a total of 39 W prove nothing."""
    values = PhaseValues(
        power_w=39,
        power_phase_w=(0, 0, 0),
        voltage_v=(233.4, 0.0, 228.9),
        current_a=(0.24, 0.0, 0.4),
        grid_type=230,
    )
    assert currents(values) == (0.24, 0.0, 0.4)
    assert estimated(values)


def test_zeroed_phase_powers_on_four_wires_prove_nothing_either() -> None:
    """The same zeros without a sign of delta: the bound from the total is used."""
    values = PhaseValues(
        power_w=-6900,
        power_phase_w=(0, 0, 0),
        voltage_v=(230.0,) * 3,
        current_a=(10.01, 10.0, 10.0),
        grid_type=400,
    )
    assert max(currents(values)) < -9.9
    assert estimated(values)


def test_delta_of_an_iskraemeco_by_its_computed_star_voltage() -> None:
    """Wallonia: 145 V per phase gives the delta net away; whole amperes are completed by the phase power."""
    values = PhaseValues(
        power_w=-3328,
        power_phase_w=(-1132, -1120, -1076),
        voltage_v=(145.3, 143.6, 141.0),
        current_a=(7, 7, 7),
    )
    assert currents(values) == (7.79, 7.8, 7.63)
    assert estimated(values)


def test_old_delta_meter_of_whole_amperes_without_phase_power() -> None:
    """50213 on delta: 1, -, 1 A at 230 V carry at most 460 W; the rest of 700 W counts on each line."""
    values = PhaseValues(power_w=700, voltage_v=(230.0, 0.0, 230.0), current_a=(1, None, 1))
    assert currents(values) == (2.04, 3.04, 2.04)


def test_a_meter_without_phase_values_books_the_total_on_every_phase() -> None:
    """Brussels (SIB5): 426 W may flow on any one phase; export proves nothing of a single phase, unless the
    site has only one."""
    assert currents(PhaseValues(power_w=426)) == (1.85, 1.85, 1.85)
    assert currents(PhaseValues(power_w=-3000)) == (0.0, 0.0, 0.0)
    assert currents(PhaseValues(power_w=-2300), meter_phases=1) == (-10.0, 0.0, 0.0)
    assert estimated(PhaseValues(power_w=426))


def test_no_power_at_all_tells_nothing() -> None:
    """A heat meter's telegram has no current, and no zero either."""
    assert signed_currents(PhaseValues()) is None


@pytest.mark.parametrize("grid_type", [None, 400])
def test_four_wires_with_a_dead_phase_stay_bounded(grid_type: int | None) -> None:
    """L2 without voltage on 4 wires: whatever the net is taken for, no phase counts less than it carries."""
    values = PhaseValues(
        power_w=2300,
        power_phase_w=(1150, 0, 1150),
        voltage_v=(230.0, 0.0, 230.0),
        current_a=(5.0, 0.0, 5.0),
        grid_type=grid_type,
    )
    assert currents(values) == (5.0, 0.0, 5.0)


amperes = st.floats(0, 60).map(lambda i: round(i, 2))
angles = st.floats(-pi, pi)


@given(st.tuples(amperes, amperes, amperes), st.tuples(angles, angles, angles))
def test_the_bound_without_phase_power_is_never_below_the_true_active_current(
    magnitudes: tuple[float, float, float], shifts: tuple[float, float, float]
) -> None:
    """4 wires, any load with any power factor: hiding the phase powers must never make a phase look emptier
    than its active current."""
    active = [i * cos(shift) for i, shift in zip(magnitudes, shifts, strict=True)]
    total = sum(u * a for u, a in zip(STAR_V, active, strict=True))
    found = signed_currents(PhaseValues(power_w=total, voltage_v=STAR_V, current_a=magnitudes))
    assert found is not None
    for bound, true in zip(found.current_a, active, strict=True):
        assert bound >= true - 1e-9


@given(amperes, angles, amperes, angles, st.floats(6, 80), st.sampled_from([0.0, pi / 3, -pi / 3]))
def test_delta_magnitude_leaves_no_room_that_is_not_there(
    i1: float, a1: float, i3: float, a3: float, car_a: float, car_angle: float
) -> None:
    """3x230 V: whatever flows already, and between whichever lines a car charges, the line's true current
    is at most the counted one plus the car's."""
    line1, line3 = rect(i1, a1), rect(i3, a3)
    line2 = -(line1 + line3)
    u12, u32 = rect(230.0, 0.0), rect(230.0, -pi / 3)
    power = (u12 * line1.conjugate()).real + (u32 * line3.conjugate()).real
    found = signed_currents(
        PhaseValues(
            power_w=power,
            voltage_v=(230.0, 0.0, 230.0),
            current_a=(abs(line1), abs(line2), abs(line3)),
            grid_type=230,
        )
    )
    assert found is not None
    for counted, line in zip(found.current_a, (line1, line2, line3), strict=True):
        car = rect(car_a, phase(line) + car_angle if line else car_angle)
        assert abs(line + car) <= counted + car_a + 1e-6


def test_a_known_current_counts_when_another_is_missing() -> None:
    """L1 imports 30 A while L2 exports 20 A: the total shows 10 A, but the fuse of L1 carries 30. L3, whose line
    was damaged, may carry the total and all that the others may export."""
    values = PhaseValues(power_w=2300, current_a=(30.0, 20.0, None), voltage_v=(230.0, 230.0, 230.0))
    assert currents(values) == (30.0, 20.0, 60.0)
    assert estimated(values)


def test_a_phase_of_which_nothing_is_known_has_no_current() -> None:
    """Without a total there is no bound for a missing phase, so there are no currents; known ones need none."""
    assert signed_currents(PhaseValues(current_a=(30.0, 20.0, None))) is None
    known = PhaseValues(current_a=(30.0, None, 2.0), power_phase_w=(None, -4600.0, None))
    assert currents(known) == (30.0, 20.0, 2.0)
