"""What single objects mean: units, times, ids, limits, histories, M-Bus, as met on real meters."""

from typing import Any

import pytest

from kwartier.protocols.p1 import Telegram, decode, record


@pytest.fixture(scope="module")
def read(make: Any) -> Any:
    """The JSON record of a telegram made of these lines."""

    def reading(*objects: str, **given: str) -> dict[str, Any]:
        [event] = decode(make.telegram(*objects, **given))
        assert isinstance(event, Telegram)
        return record(event, "")

    return reading


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("1-0:1.8.0(003930632*Wh)", "energy_import_kwh", 3930.632),
        ("1-0:1.8.0(01219311.383*Wh)", "energy_import_kwh", 1219.311383),
        ("1-0:1.8.1(003594.884*kWh)", "energy_import_t1_kwh", 3594.884),
        ("1-0:1.8.1(000123.456kWh)", "energy_import_t1_kwh", 123.456),
        ("1-0:1.8.1(123456.789*kwh)", "energy_import_t1_kwh", 123456.789),
        ("1-0:1.8.0*255(00052185.7825309*kWh)", "energy_import_kwh", 52185.7825309),
        ("1-1:1.8.1(001595.070*kWh)", "energy_import_t1_kwh", 1595.07),
        ("1-0:1.7.0(000002391*W)", "power_import_w", 2391.0),
        ("1-0:1.7.0(002124.86*W)", "power_import_w", 2124.86),
        ("1-0:1.7.0(0000.98*kW)", "power_import_w", 980.0),
        ("1-0:2.7.0(10.4032*kW)", "power_export_w", 10403.2),
        ("1-0:32.7.0(0000.229*kV)", "voltage_l1_v", 229.0),
        ("1-0:31.7.0(0000.016*kA)", "current_l1_a", 16.0),
        ("1-0:31.7.0(04567*mA)", "current_l1_a", 4.567),
        ("1-0:14.7.0(0000.049*kHz)", "frequency_hz", 49.0),
        ("1-0:14.7.0(50.00*Hz)", "frequency_hz", 50.0),
        ("0-0:96.14.0(0002)", "tariff", 2),
        ("0-0:96.3.10(2)", "breaker", 2),
        ("0-0:17.0.0(14.950*kVA)", "limiter_w", 14950.0),
        ("0-0:17.0.0(999.9*kW)", "limiter_w", None),
        ("0-0:17.0.0(99.999*kW)", "limiter_w", None),
        ("0-0:17.0.0(0999.00*kW)", "limiter_w", None),
        ("0-0:17.0.0(016*A)", "limiter_a", 16.0),
        ("1-0:31.4.0(040.00*A)", "fuse_a", 40.0),
        ("1-0:31.4.0(999.99*A)", "fuse_a", None),
        ("1-1:31.4.0(65.0*A,-65.0*A)", "fuse_export_a", 65.0),
        ("1-1:31.4.0(100*A)(-063*A)", "fuse_export_a", 63.0),
        ("1-0:94.32.1(230)", "grid_type", 230),
        ("0-0:96.7.21(00012)", "power_failures", 12),
        ("0-0:96.7.9(00004)", "long_power_failures", 4),
        ("1-3:0.2.8(50)", "version", "50"),
        ("0-0:96.1.4(50217)", "version", "50217"),
        ("0-0:96.1.4(3231313130)", "version", "21110"),
        ("0-0:96.1.1(3153414733313030303438373435)", "meter_id", "1SAG3100048745"),
        ("0-0:96.1.1(ADC3100000158491)", "meter_id", "ADC3100000158491"),
        ("0-0:96.1.0(91524109)", "meter_id", "91524109"),
        ("0-0:42.0.0(53414731303330373030303032353734)", "meter_id", "SAG1030700002574"),
        ("0-0:96.1.2(353431343430303132333435363738393030)", "ean", "541440012345678900"),
        ("0-0:96.13.0(48656C6C6F)", "text", "Hello"),
        ("0-0:96.13.0(436166C3A9)", "text", "Café"),
        ("0-0:96.13.1(3031203631203831)", "message_code", "01 61 81"),
        ("1-0:16.7.0(-000321.50*W)", "power_export_w", 321.5),
    ],
)
def test_object_is_read_in_our_units(read: Any, line: str, name: str, value: object) -> None:
    """One line gives one field, exact to the last decimal."""
    assert read(line).get(name) == value


def test_empty_and_blank_texts_are_absent(read: Any) -> None:
    """Nothing sent is nothing said, also as blanks and dashes."""
    said = read("0-0:96.13.0()", "0-0:96.1.4(" + "20" * 48 + ")", "0-0:96.1.2(" + "2D" * 18 + ")")
    assert not {"text", "version", "ean"} & said.keys()


def test_absent_values_are_never_zero(read: Any) -> None:
    """A telegram with one object has no other value."""
    said = read("1-0:1.7.0(00.401*kW)")
    numbers = {name for name, value in said.items() if isinstance(value, int | float)}
    assert numbers == {"ok", "offset", "length", "power_import_w"}


@pytest.mark.parametrize(
    ("raw", "text", "utc_s"),
    [
        ("221127175707W", "2022-11-27T17:57:07+01:00", 1669568227),
        ("161030020000S", "2016-10-30T02:00:00+02:00", 1477785600),
        ("161030020000W", "2016-10-30T02:00:00+01:00", 1477789200),
        ("200712120000W", "2020-07-12T12:00:00+01:00", 1594551600),
        ("240927144404", "2024-09-27T14:44:04", None),
        ("07EA080B0208151900007880", "2026-08-11T08:21:25+02:00", 1786429285),
        ("632525252525W", None, None),
        ("35255255255255255S", None, None),
        ("700101010000W", None, None),
        ("000101010000W", None, None),
        ("000000000000W", None, None),
        ("250000000000W", None, None),
        ("123412341234W", None, None),
    ],
)
def test_clock_keeps_its_own_offset(make: Any, raw: str, text: str | None, utc_s: int | None) -> None:
    """S and W are fixed offsets; a time that no calendar has is no time, and no fault either."""
    [event] = decode(make.telegram(f"0-0:1.0.0({raw})"))
    assert isinstance(event, Telegram)
    assert (event.timestamp, event.time_s, event.faults) == (text, utc_s, ())


def test_breaker_is_not_a_relay(read: Any) -> None:
    """0-0:96.3.10 and 0-n:96.3.10 are told apart, whatever their order."""
    said = read(*(f"0-{n}:96.3.10(0)" for n in (1, 2)), "0-0:96.3.10(1)", "0-3:96.3.10(1)")
    assert (said["breaker"], said["relays"]) == (1, {"1": 0, "2": 0, "3": 1})


def test_total_is_the_register_or_the_sum(read: Any) -> None:
    """The total register counts when sent; else the tariffs add up in decimals; never with one hidden."""
    tariffs = [f"1-0:1.8.{n}(00000{n}.1*kWh)" for n in (1, 2, 3)]
    assert read(*tariffs)["energy_import_kwh"] == 6.3
    assert read("1-0:1.8.0(000009.000*kWh)", *tariffs)["energy_import_kwh"] == 9.0
    assert "energy_import_kwh" not in read("1-0:1.8.1(000001.000*kWh)", "1-0:1.8.2(broken)")


@pytest.mark.parametrize(
    "line", ["1-0:1.6.0(260112223000W)(08.832*kW)", "1-0:1.6.0(08.832*kW)(260112223000W)"]
)
def test_month_peak_in_either_order(read: Any, line: str) -> None:
    """Flanders sends the time first, ORES the value."""
    said = read(line)
    assert (said["month_peak_w"], said["month_peak_at"]) == (8832.0, "2026-01-12T22:30:00+01:00")


JANUARY = ("2023-01-01T00:00:00+01:00", "2022-12-02T16:45:00+01:00", 2772.0)


@pytest.mark.parametrize(
    ("raw", "peaks"),
    [
        ("(0)(1-0:1.6.0)(1-0:1.6.0)()", []),
        ("(12)", []),
        ("(1)(1-0:1.6.0)(1-0:1.6.0)(230101000000W)(221202164500W)(02.772*kW)", [JANUARY]),
        ("(1)(1-0:1.6.0)(1-0:1.6.0)(230101000000W)(02.772*kW)(221202164500W)", [JANUARY]),
        (
            (
                "(2)(1-0:1.6.0)(1-0:1.6.0)(632525252525W)(632525252525W)(00.000*kW)"
                "(230101000000W)(221202164500W)(02.772*kW)"
            ),
            [(None, None, 0.0), JANUARY],
        ),
        (
            (
                "(1)(0-0:0.1.0)(1-0:1.6.0)(1-0:1.6.0)(1-0:2.6.0)(1-0:2.6.0)"
                "(230101000000W)(15)(221202164500W)(02.772*kW)(221215150000W)(01.633*kW)"
            ),
            [JANUARY],
        ),
    ],
)
def test_peak_history_in_every_form_met(make: Any, raw: str, peaks: list[tuple[object, ...]]) -> None:
    """Entries come in the order sent; undefined times are null."""
    [event] = decode(make.telegram(f"0-0:98.1.0{raw}"))
    assert isinstance(event, Telegram)
    assert [(peak.closed_at, peak.at, peak.peak_w) for peak in event.peak_history] == peaks
    assert event.faults == ()


def test_hungarian_month_registers_are_no_peaks(read: Any) -> None:
    """The same code with another meaning is passed on raw."""
    said = read("0-0:98.1.0(230701000000S)(000040.777*kWh)(03.564*kW)")
    assert "peak_history" not in said
    assert said["unknown"] == {"0-0:98.1.0": "(230701000000S)(000040.777*kWh)(03.564*kW)"}


def test_cut_history_keeps_its_whole_entries(make: Any) -> None:
    """A list shorter than announced is a fault; what is whole still counts."""
    [event] = decode(
        make.telegram(
            "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(230101000000W)(221202164500W)(02.772*kW)(230201000000W)"
        )
    )
    assert isinstance(event, Telegram)
    assert (len(event.peak_history), len(event.faults)) == (1, 1)


def test_mbus_devices_by_type_not_channel(read: Any) -> None:
    """Order and channel are free; several of a kind stay apart; an empty slot is no device."""
    devices = read(
        "0-1:24.1.0(007)",
        "0-1:24.2.1(230421165102S)(00003.830*m3)",
        "0-2:24.1.0(003)",
        "0-2:96.1.1(37464C4F32313233303135313839)",
        "0-2:24.4.0(1)",
        "0-2:24.2.3(230421164959S)(00107.812*m3)",
        "0-3:24.1.0(003)",
        "0-3:96.1.0()",
        "0-3:24.2.1(632525252525S)(00000.000)",
        "0-4:24.1.0()",
        "0-4:96.1.0()",
        "0-4:24.2.1(0)",
        "0-5:24.1.0(012)",
        "0-5:24.2.1(230421164959S)(240.860*GJ)",
        "0-6:24.1.0(002)",
        "0-6:24.2.1(230421164959S)(00012.5*kWh)",
    )["mbus"]
    assert [(d["channel"], d["kind"], d["value"], d["unit"]) for d in devices] == [
        (1, "water", 3.83, "m3"),
        (2, "gas", 107.812, "m3"),
        (3, "gas", None, None),
        (5, "heat", 240.86, "GJ"),
        (6, "electricity", 12.5, "kWh"),
    ]
    assert (devices[1]["id"], devices[1]["valve"]) == ("7FLO2123015189", 1)
    assert (devices[2]["at"], devices[2]["id"]) == (None, None)


def test_a_bad_line_costs_only_itself(make: Any) -> None:
    """Each line that cannot be read is kept raw as a fault; all others give their values."""
    broken = ("1,0:2.7.0(00.000*kW)", "1-0:2.8.1(000O23*kWh)", "1-0:99:97.0(2)(0:96.7.19)", "(stray)", "x")
    lines = ["1-0:1.7.0(00.401*kW)", *broken, "1-0:32.7.0(226.1*V)"]
    [event] = decode(make.telegram(*lines))
    assert isinstance(event, Telegram)
    assert (event.power_import_w, event.voltage_l1_v) == (401.0, 226.1)
    assert [fault.line for fault in event.faults] == list(broken)


def test_unknown_objects_pass_through(read: Any) -> None:
    """A new e-MUCS version needs no release: what has no field is kept raw."""
    said = read("1-0:32.32.0(00004)", "7-0:23.2.0*255(01238.7*m3)(19)", "7-0:23.2.0*255(01239.7*m3)(20)")
    assert said["unknown"] == {"1-0:32.32.0": "(00004)", "7-0:23.2.0": "(01238.7*m3)(19)\n(01239.7*m3)(20)"}


def test_first_of_a_repeated_object_counts(read: Any) -> None:
    """A value sent twice is a fault, not a silent overwrite."""
    said = read("1-0:1.7.0(00.401*kW)", "1-0:1.7.0(00.999*kW)")
    assert said["power_import_w"] == 401.0
    assert [fault["line"] for fault in said["faults"]] == ["1-0:1.7.0(00.999*kW)"]


def test_gas_before_dsmr_3_is_gas(read: Any) -> None:
    """Medium 7 is gas without a channel; of the hours that an ACE4000 sends in its own order, the newest counts."""
    said = read(
        "7-0:0.0.0*255(12345678)",
        "7-0:23.1.0*255(01240.560*m3)(19-01-01 12:00:00)",
        "7-0:23.1.0*255(01240.690*m3)(19-01-01 13:00:00)",
        "7-0:23.1.0*255(01237.560*m3)(18-12-31 14:00:00)",
        "7-0:24.4.0*255(0)",
    )
    gas = {"channel": 0, "kind": "gas", "value": 1240.69, "unit": "m3", "at": "2019-01-01T13:00:00"}
    assert said["mbus"] == [gas | {"id": "12345678", "valve": 0}]
    assert (said["faults"], said["unknown"]) == ([], {})


def test_gas_of_dsmr_2_as_printed(read: Any) -> None:
    """The printed order is time and value, without a unit."""
    [gas] = read("7-0:23.1.0(100115120000)(12345.678)")["mbus"]
    assert (gas["value"], gas["unit"], gas["at"]) == (12345.678, "m3", "2010-01-15T12:00:00")


@pytest.mark.parametrize(
    "line", ["1-0:31.7.0.255(003*A)", "1-0:31.7.0*255(003*A)", "1-0:31.7.0 (003*A)", "  1-0:31.7.0(003*A)"]
)
def test_codes_as_specifications_print_them(read: Any, line: str) -> None:
    """The example of DSMR 4.2 writes group F with a dot; copies indent lines."""
    said = read(line)
    assert (said["current_l1_a"], said["faults"]) == (3.0, [])


def test_broken_lines_are_put_together(read: Any) -> None:
    """A text, a list and a reading that go on on the next lines are read whole, blank lines or not."""
    said = read(
        "0-0:96.13.0(48616C",
        "6C6F)",
        "0-0:98.1.0(2)(1-0:1.6.0)(",
        "1-0:1.6.0)(230101000000W)(221206183000W)(06.134*kW)(230201000000W)(23",
        "0127174500W)(05.644*kW)",
        "1-0:99.97.0(1)(0-0:96.7.19)",
        "(101208152415W)(0000000240*s)",
        "0-1:24.1.0(03)",
        "0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)",
        "",
        "(00001.001)",
        "1-0:1.7.0(00.401*kW)",
    )
    assert said["text"] == "Hallo"
    assert [peak["peak_w"] for peak in said["peak_history"]] == [6134.0, 5644.0]
    assert said["unknown"] == {"1-0:99.97.0": "(1)(0-0:96.7.19)(101208152415W)(0000000240*s)"}
    assert [(gas["kind"], gas["value"]) for gas in said["mbus"]] == [("gas", 1.001)]
    assert (said["power_import_w"], said["faults"]) == (401.0, [])


def test_a_broken_line_takes_no_neighbour(read: Any) -> None:
    """What has lost its end costs itself only; a stray value is not given to the object before it."""
    said = read("1-0:1.7.0(00.4", "1-0:2.7.0(00.123*kW)", "(00.456*kW)", "1-0:32.7.0(226.1*V)")
    assert (said.get("power_import_w"), said["power_export_w"], said["voltage_l1_v"]) == (None, 123.0, 226.1)
    assert [fault["line"] for fault in said["faults"]] == ["1-0:1.7.0(00.4", "(00.456*kW)"]
