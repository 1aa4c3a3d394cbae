"""Telegrams of real meters to readings."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kwartier.devices.drivers.p1_reading import to_reading
from kwartier.protocols.p1 import P1Reader, Telegram
from kwartier.site.errors import RemoteProtocolError
from kwartier.site.quarters import ClosedMonth
from kwartier.site.readings import MeterReading

Recorded = Callable[[str], bytes]
Compose = Callable[..., bytes]


def parsed(data: bytes) -> Telegram:
    """The one telegram in these bytes."""
    reader = P1Reader()
    found = [e for e in [*reader.receive(data), *reader.close()] if isinstance(e, Telegram)]
    assert len(found) == 1
    return found[0]


def reading(data: bytes, meter_phases: int = 3) -> MeterReading:
    """The reading of the one telegram in these bytes."""
    return to_reading(parsed(data), "grid", 12.5, meter_phases)


def rounded(found: MeterReading) -> tuple[float, ...]:
    """Currents to 0.01 A."""
    assert found.current_a is not None
    return tuple(round(i, 2) for i in found.current_a)


def test_flemish_meter_with_gas_and_water(telegram: Recorded) -> None:
    """Everything that e-MUCS 1.7.1 sends arrives in its field, in our units, with the time as UTC."""
    found = reading(telegram("be_flu_sagemcom_v171_spec.txt"))
    assert (found.energy_import_kwh, found.energy_export_kwh) == pytest.approx((15.792, 0.011))
    assert replace(found, energy_import_kwh=None, energy_export_kwh=None) == MeterReading(
        meter_id="grid",
        at_s=12.5,
        current_a=(0.0, 0.0, 0.0),
        voltage_v=(234.7, 234.7, 234.7),
        power_w=0.0,
        power_phase_w=(0.0, 0.0, 0.0),
        energy_import_t1_kwh=0.034,
        energy_import_t2_kwh=15.758,
        energy_export_t1_kwh=0.0,
        energy_export_t2_kwh=0.011,
        meter_time_s=1589284449,
        tariff=1,
        quarter_demand_w=2351.0,
        month_peak_w=2589.0,
        month_peak_at_s=1589024758,
        breaker=1,
        gas_m3=112.384,
        water_m3=872.234,
        peak_history=(
            ClosedMonth(closed_at_s=1588284000, at_s=1587662738, peak_w=3695.0),
            ClosedMonth(closed_at_s=1585692000, at_s=1583403699, peak_w=5980.0),
            ClosedMonth(closed_at_s=1583013600, at_s=1581303261, peak_w=4318.0),
        ),
    )


def test_dutch_meter_with_whole_amperes_and_failures(telegram: Recorded) -> None:
    """DSMR 5: export on one phase, failure counters, currents completed by the powers."""
    found = reading(telegram("nl_v50_am550_power_failure.txt"))
    assert rounded(found) == (0.23, -3.55, 3.0)
    assert found.power_w == -98.0
    assert found.power_phase_w == (54.0, -842.0, 631.0)
    assert (found.power_failures, found.long_power_failures) == (5, 4)
    assert not found.currents_estimated


def test_one_phase_dutch_meter_fills_l1_only(telegram: Recorded) -> None:
    """DSMR 4.2, one phase, no voltage: 2 A on L1, nothing on the others."""
    found = reading(telegram("nl_v42_kaifa_2019.txt"))
    assert rounded(found) == (2.0, 0.0, 0.0)
    assert found.voltage_v == (None, None, None)


def test_one_phase_flemish_meter_of_2019(telegram: Recorded) -> None:
    """50213: no phase power, units glued to the numbers; 1234 W prove more than 5 A."""
    found = reading(telegram("be_flu_50213_units_glued.txt"))
    assert rounded(found) == (5.26, 0.0, 0.0)
    assert found.gas_m3 == 99.999


def test_swedish_meter_counts_reactive_import_too(telegram: Recorded) -> None:
    """6.9 A at 1523 W: the whole current loads the fuse."""
    assert rounded(reading(telegram("se_aidon_6534.txt"))) == (7.0, 6.0, 6.9)


def test_delta_meter_hides_what_is_no_phase_value(telegram: Recorded) -> None:
    """3x230 V: currents as magnitudes; the reference line has no voltage, and there are no phase powers."""
    found = reading(telegram("be_flu_anon_delta_50_crc_recomputed.txt"))
    assert rounded(found) == (1.53, 1.94, 1.65)
    assert found.currents_estimated
    assert found.voltage_v == (227.1, None, 226.7)
    assert found.power_phase_w == (None, None, None)
    assert found.power_w == 507.0


def test_e360_on_delta(compose: Compose) -> None:
    """50221: the zeros of the phase powers are not passed on, nor believed."""
    found = reading(
        compose(
            *("0-0:96.1.4(50221)", "1-0:94.32.1(230)", "1-0:1.7.0(00.039*kW)", "1-0:2.7.0(00.000*kW)"),
            *(f"1-0:{code}.7.0(00.000*kW)" for code in (21, 41, 61, 22, 42, 62)),
            *("1-0:32.7.0(233.4*V)", "1-0:52.7.0(000.0*V)", "1-0:72.7.0(228.9*V)"),
            *("1-0:31.7.0(000.24*A)", "1-0:51.7.0(000.00*A)", "1-0:71.7.0(000.40*A)"),
            header="LGF5E360",
        )
    )
    assert rounded(found) == (0.24, 0.0, 0.4)
    assert found.power_phase_w == (None, None, None)
    assert found.voltage_v == (233.4, None, 228.9)
    assert found.currents_estimated


def test_brussels_meter_books_its_total_on_every_phase(compose: Compose) -> None:
    """SIB5: no phase values at all."""
    found = reading(compose("1-0:1.7.0(00.426*kW)", "1-0:2.7.0(00.000*kW)", header="SIB5\\253691561_E"))
    assert rounded(found) == (1.85, 1.85, 1.85)
    assert found.currents_estimated


def test_austrian_meter_on_one_phase_by_the_site_file(telegram: Recorded) -> None:
    """No phase values, one phase by configuration: L1 carries the total."""
    assert rounded(reading(telegram("at_sagemcom_min.txt"), meter_phases=1)) == (10.4, 0.0, 0.0)


def test_old_meter_without_clock_and_checksum(telegram: Recorded) -> None:
    """DSMR 2.2: no meter time rather than a wrong one; gas from its two lines."""
    found = reading(telegram("nl_v22_kamstrup.txt"))
    assert found.meter_time_s is None
    assert found.power_w == 980.0
    assert found.gas_m3 == 124.477


def test_heat_meter_tells_nothing_of_electricity(telegram: Recorded) -> None:
    """Absent values stay absent."""
    found = reading(telegram("nl_warmtelink_gj_3digit_crc.txt"))
    assert found.current_a is None
    assert found.power_w is None


def test_replaced_gas_meter_the_newest_value_counts(compose: Compose) -> None:
    """The dead meter keeps channel 1 and its last value; the one that still speaks is taken."""
    found = reading(
        compose(
            *("0-1:24.1.0(003)", "0-1:24.2.3(240101120000W)(09999.000*m3)"),
            *("0-2:24.1.0(003)", "0-2:24.2.3(260115115500W)(00012.345*m3)"),
        )
    )
    assert found.gas_m3 == 12.345


def test_unreadable_import_line_is_no_zero(compose: Compose) -> None:
    """A damaged line under a right checksum: no export does not mean no import."""
    assert reading(compose("1-0:1.7.0(oops)", "1-0:2.7.0(00.000*kW)")).power_w is None
    assert reading(compose("1-0:1.7.0(oops)", "1-0:2.7.0(01.500*kW)")).power_w == -1500.0


@pytest.mark.parametrize(
    "line", ["1-0:31.7.0(1001*A)", "1-0:52.7.0(300.1*V)", "1-0:1.7.0(1000.1*kW)", "1-0:62.7.0(1000.1*kW)"]
)
def test_values_that_cannot_be_true_are_refused(line: str, compose: Compose) -> None:
    """A right checksum proves the bytes, not the meaning."""
    with pytest.raises(RemoteProtocolError, match="cannot be true"):
        reading(compose(line))
