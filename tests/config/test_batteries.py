"""The sections of batteries, modes and goals: what they become, and what is refused."""

from collections.abc import Callable

import pytest

from kwartier.config import Inspection, to_site
from kwartier.site.goals import Goal

BATTERY = """
batteries:
  - id: cellar
    type: sunspec-storage
    url: modbus-tcp://192.168.0.20?unit=1
    circuit: grid
    phases: [2]
    capacity_kwh: 10
    charge_kw: 3
    discharge_kw: 3.5
    reserve_soc_pct: 20
    fallback: stop
"""


def test_a_battery_stands_in_site_phases_and_watts(changed: Callable[..., Inspection]) -> None:
    config = changed(more=BATTERY).config
    assert config is not None
    (battery,) = to_site(config).batteries
    assert (battery.circuit, battery.conductors, battery.charge_w, battery.discharge_w) == (
        "grid",
        (2,),
        3000.0,
        3500.0,
    )
    assert (battery.fallback_w, battery.reserve_soc_pct, battery.address) == (
        0.0,
        20.0,
        "192.168.0.20:502 unit 1",
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((("circuit: grid\n", "circuit: gird\n"),), "there is no circuit 'gird'"),
        ((("type: sunspec-storage", "type: socomec-countis-e27"),), "there is no type 'socomec-countis-e27'"),
        ((("charge_kw: 3\n", "charge_kw: -3\n"),), "above 0"),
        ((("reserve_soc_pct: 20", "reserve_soc_pct: 2"),), "does not lie between"),
        ((("reserve_soc_pct: 20", "max_soc_pct: 4"),), "is not below max_soc_pct"),
        ((("id: cellar", "id: left"),), "is the id of another"),
        (
            (("?unit=1", "?unit=1"), ("192.168.0.20", "192.168.0.4"), ("unit=1", "unit=5")),
            "is the address of 'pv'",
        ),
        ((("    fallback: stop\n", ""),), "fallback"),
    ],
)
def test_what_is_wrong_with_a_battery_is_said(
    changed: Callable[..., Inspection], changes: tuple[tuple[str, str], ...], said: str
) -> None:
    more = BATTERY
    for old, new in changes:
        assert old in more
        more = more.replace(old, new, 1)
    inspection = changed(more=more)
    assert inspection.config is None
    assert any(said in f"{p.what} {p.cure} {p}" for p in inspection.errors)


def test_a_battery_that_steers_itself_must_fit_beside_the_chargers(
    changed: Callable[..., Inspection],
) -> None:
    """30 A of chargers' own and 13 A of the battery's are more than 40 A; stopped by itself it takes nothing."""
    slow = (
        ("fallback_a: 6", "fallback_a: 14"),
        ("max_a: 16\n    fallback_a: 6", "max_a: 16\n    fallback_a: 14"),
    )
    text = BATTERY.replace("phases: [2]", "phases: [1]").replace("fallback: stop", "fallback: self")
    inspection = changed(*slow, more=text)
    assert [p.what for p in inspection.errors if "may take 13.0 A by itself" in p.what]
    assert not changed(*slow, more=text.replace("fallback: self", "fallback: stop")).errors


def test_on_one_phase_it_does_not_go_with_a_limit_on_imbalance(changed: Callable[..., Inspection]) -> None:
    inspection = changed(("safe_current_a: 10", "safe_current_a: 10\n    imbalance_a: 20"), more=BATTERY)
    assert any("fewer than three phases behind imbalance_a" in p.what for p in inspection.errors)


USERS = """
users:
  - id: ann
    rfid: ["04A1B2C3"]
    mode: smart
    style: late
    minimum_kwh: 5
    car: {battery_kwh: 60}
    goals:
      - {days: [mon, tue], by: 7:30, pct: 80}
      - {by: "18:00", km: 50}
"""


def test_modes_and_goals_of_a_user(changed: Callable[..., Inspection]) -> None:
    config = changed(("    max_a: 16\n", "    max_a: 16\n    mode: sun\n"), more=USERS).config
    assert config is not None
    site = to_site(config)
    (ann,) = site.users
    assert (ann.mode, ann.style, ann.minimum_kwh, ann.battery_kwh) == ("smart", "late", 5.0, 60.0)
    assert ann.goals == (
        Goal(amount=80.0, unit="pct", by_s=27_000, weekdays=(0, 1)),
        Goal(amount=50.0, unit="km", by_s=64_800),
    )
    assert [p.mode for p in site.charge_points] == ["fast", "sun"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pct: 80", "pct: 180", "100"),
        ("pct: 80", "pct: 80, kwh: 3", "say the same twice"),
        (", pct: 80", "", "needs an amount"),
        ("days: [mon, tue]", "days: [monday]", "monday"),
        ("mode: smart", "mode: smrt", "smart"),
        ("by: 7:30", "by: 730", "no time of the day"),
    ],
)
def test_what_is_wrong_with_a_goal_is_said(
    changed: Callable[..., Inspection], old: str, new: str, said: str
) -> None:
    assert old in USERS
    inspection = changed(more=USERS.replace(old, new, 1))
    assert inspection.config is None
    assert any(said in f"{p.what} {p.cure} {p}" for p in inspection.errors)
