"""Configuration -> site, and what the edge needs beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kwartier.config import (
    Inspection,
    SiteConfig,
    device_options,
    limit_formulas,
    set_urls,
    stations,
    to_site,
)
from kwartier.site.errors import ConfigError
from kwartier.site.quarters import QuarterSettings

Inspect = Callable[..., Inspection]


def _site(inspection: Inspection) -> SiteConfig:
    assert inspection.config is not None, [str(p) for p in inspection.problems]
    return inspection.config


def test_names_roles_and_addresses_have_their_usual_values(changed: Inspect) -> None:
    """What the file leaves out is filled in: the id as name, the role from the circuit, the usual port."""
    site = to_site(_site(changed()))
    assert site.meter["main"].role == "grid"
    assert site.meter["pv"].role == "consumption"
    assert site.meter["pv"].address == "192.168.0.4:502 unit 5"
    assert site.meter["main"].address == "/dev/ttyUSB0"
    assert site.charge_point["right"].address == "192.168.0.10:502 socket 2"
    assert site.circuit["garage"].name == "garage"


def test_the_contract_becomes_watts_and_the_fuse_a_fuse(changed: Inspect) -> None:
    """contract_kw is stored in W; three limits stay three."""
    more = "limit_a: [40, 40, 32.5]\n    contract_kw: 17.25\n    fuse: {type: gG, rating_a: 40}"
    grid = to_site(_site(changed(("limit_a: 40", more)))).root
    assert grid.contract_w == 17250
    assert grid.limit_a == (40.0, 40.0, 32.5)
    assert grid.fuse is not None
    assert (grid.fuse.type, grid.fuse.rating_a) == ("gG", 40.0)


def test_goals_and_export_become_watts(changed: Inspect) -> None:
    """What protects beside the current limits is in W and A; a goal that is left out has the usual figures."""
    more = "    export_limit_kw: 5\n    imbalance_a: 20\n    quarter: {follow: fixed, target_kw: 4, reserve_kw: 0.5}\n"
    grid = to_site(_site(changed(("    meter: main\n", f"    meter: main\n{more}")))).root
    assert (grid.export_limit_w, grid.imbalance_a) == (5000.0, 20.0)
    assert grid.quarter == QuarterSettings(follow="fixed", fixed_w=4000.0, reserve_w=500.0)
    (grid, garage) = to_site(_site(changed(("meter: main\n", "meter: main\n    quarter: {}\n")))).circuits
    assert grid.quarter == QuarterSettings(follow="month_peak", floor_w=2500.0)
    assert (garage.quarter, garage.export_limit_w, garage.imbalance_a) == (None, None, None)


def test_true_stands_for_what_grid_operators_ask_for(changed: Inspect) -> None:
    """A limit between phases without a figure is 20 A, never the 1 that `true` is as a number; false is no figure."""
    grid = to_site(_site(changed(("    meter: main\n", "    meter: main\n    imbalance_a: true\n")))).root
    assert grid.imbalance_a == 20.0
    refused = changed(("    meter: main\n", "    meter: main\n    imbalance_a: false\n"))
    assert [e.path for e in refused.errors] == ["circuits[grid].imbalance_a"]


def test_what_a_charge_point_can_do_more_is_passed_on(changed: Inspect) -> None:
    """Switching of phases, and the current that its cars need to begin."""
    site = to_site(_site(changed(("max_a: 16", "max_a: 16\n    phase_switching: true\n    start_a: 14"))))
    left, right = site.charge_points
    assert (left.phase_switching, left.start_a) == (False, None)
    assert (right.phase_switching, right.start_a) == (True, 14.0)


def test_two_spellings_of_one_station_are_one_station(changed: Inspect) -> None:
    """Sockets whose connection strings differ only in the usual port share a driver."""
    assert [s.sockets for s in stations(_site(changed()))] == [{"left": 1, "right": 2}]


def test_a_formula_narrows_the_static_limit_and_never_widens_it(changed: Inspect) -> None:
    """The site holds the maximum; the formula gives less, is cut off above it and at zero."""
    limit = 'limit_a: {formula: "32 * AVAIL / 100", max_a: [32, 32, 20]}'
    config = _site(changed(("limit_a: 32", limit), more="variables: {AVAIL: 60}\n"))
    assert to_site(config).circuit["garage"].limit_a == (32.0, 32.0, 20.0)
    formula = limit_formulas(config)["garage"]
    assert formula.value_a({"avail": 50}) == ((16.0, 16.0, 16.0), None)
    assert formula.value_a({"avail": 500}) == ((32.0, 32.0, 20.0), None)
    assert formula.value_a({"avail": -500}) == ((0.0, 0.0, 0.0), None)


def test_a_plain_formula_is_bounded_by_the_fuse(changed: Inspect) -> None:
    """A formula without max_a never gives more than the rating of the fuse."""
    limit = "limit_a: 20 * AVAIL / 100\n    fuse: {type: B, rating_a: 25}"
    config = _site(changed(("limit_a: 32", limit), more="variables: {AVAIL: 60}\n"))
    assert to_site(config).circuit["garage"].limit_a == (25.0, 25.0, 25.0)
    assert limit_formulas(config)["garage"].value_a({"avail": 1e6})[0] == (25.0, 25.0, 25.0)


def test_a_formula_is_calculated_for_each_phase(changed: Inspect) -> None:
    """`main.current_a` is the current of the phase in hand."""
    limit = "limit_a: {formula: 40 - main.current_a, max_a: 32, else_a: 6}"
    formula = limit_formulas(_site(changed(("limit_a: 32", limit))))["garage"]
    values = {"main.current_l1_a": 10.0, "main.current_l2_a": 20.0, "main.current_l3_a": 5.0}
    assert formula.value_a(values) == ((30.0, 20.0, 32.0), None)


def test_missing_data_can_only_tighten(changed: Inspect) -> None:
    """A formula whose meter is lost gives else_a, and zero when the file states none."""
    limit = "limit_a: {formula: 40 - main.current_a, max_a: 32, else_a: 6}"
    value, error = limit_formulas(_site(changed(("limit_a: 32", limit))))["garage"].value_a({})
    assert value == (6.0, 6.0, 6.0)
    assert "no value now" in str(error)
    limit = "limit_a: {formula: 40 - main.current_a, max_a: 32}"
    assert limit_formulas(_site(changed(("limit_a: 32", limit))))["garage"].value_a({})[0] == (0.0, 0.0, 0.0)


def test_else_never_exceeds_the_maximum(changed: Inspect) -> None:
    """An else_a above max_a is cut off too."""
    limit = "limit_a: {formula: main.power_w, max_a: 20, else_a: 60}"
    assert limit_formulas(_site(changed(("limit_a: 32", limit))))["garage"].value_a({})[0] == (
        20.0,
        20.0,
        20.0,
    )


def test_urls_can_be_replaced_by_device(changed: Inspect) -> None:
    """The demo moves devices to loopback and leaves the rest alone; an unknown id is refused."""
    moved = set_urls(
        _site(changed()), {"main": "tcp://127.0.0.1:4001", "left": "modbus-tcp://127.0.0.1:4002"}
    )
    site = to_site(moved)
    assert site.meter["main"].address == "127.0.0.1:4001"
    assert site.charge_point["left"].address == "127.0.0.1:4002 socket 1"
    assert site.charge_point["right"].address == "192.168.0.10:502 socket 2"
    with pytest.raises(ConfigError, match="mian"):
        set_urls(moved, {"mian": "tcp://127.0.0.1:1"})


def test_options_reach_the_driver_as_they_stand(changed: Inspect) -> None:
    """What a Modbus meter needs beside its address is passed on, and only what the file states."""
    options = "unit=5\n    options: {conductors: [2, 3, 1], invert: true, frozen_after_s: 0}"
    config = _site(changed(("unit=5", options)))
    assert device_options(config.meters[0], config) == {}
    assert device_options(config.meters[1], config) == {
        "conductors": [2, 3, 1],
        "invert": True,
        "frozen_after_s": 0,
    }


KEY = "0123456789ABCDEF0123456789ABCDEF"


def test_a_key_comes_from_a_file_beside_the_site_file(changed: Inspect, tmp_path: Path) -> None:
    """key_file is relative to the folder of the site file and read without its line end."""
    (tmp_path / "p1.key").write_text(f"{KEY}\n", encoding="utf-8")
    config = _site(changed(("type: p1", "type: p1\n    options: {key_file: p1.key}")))
    assert device_options(config.meters[0], config) == {"key": KEY}


def test_a_key_comes_from_the_environment(changed: Inspect, monkeypatch: pytest.MonkeyPatch) -> None:
    """key: ${NAME} reads that variable when the driver is made; without it the file is refused."""
    options = ("type: p1", "type: p1\n    options: {key: '${P1_KEY}'}")
    monkeypatch.delenv("P1_KEY", raising=False)
    assert "P1_KEY is not set" in str(changed(options).errors[0])
    monkeypatch.setenv("P1_KEY", KEY)
    config = _site(changed(options))
    assert device_options(config.meters[0], config, {"P1_KEY": KEY}) == {"key": KEY}


@pytest.mark.parametrize(
    "options",
    [
        f"{{key: {KEY}}}",
        f"{{key: [{KEY}]}}",
        f"{{kee: {KEY}}}",
        KEY,
        f"[{KEY}]",
        f"{{key_file: {{{KEY}: 1}}}}",
        f"{{key: {KEY}, key: {KEY}}}",
        f"{{key: {KEY}, key_file: x}}",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(changed: Inspect, options: str) -> None:
    """However wrongly a key stands in the file, no message repeats it."""
    inspection = changed(("type: p1", f"type: p1\n    options: {options}"))
    assert inspection.errors
    assert KEY not in "\n".join(p.what + p.cure + p.pointed for p in inspection.problems)


def test_a_missing_key_file_is_found_at_the_desk(changed: Inspect) -> None:
    """A file that is not there is an error of the site file, with its full name."""
    inspection = changed(("type: p1", "type: p1\n    options: {key_file: p1.key}"))
    assert "p1.key cannot be read: No such file" in str(inspection.errors[0])
    assert inspection.errors[0].line == 14
