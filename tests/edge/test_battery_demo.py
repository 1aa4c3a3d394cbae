"""The demonstrated house with its battery, over bytes: read, steered, silenced; and the weeks that are made up for it."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.edge.running import live_site

from kwartier.edge.demonstration.demo import DemoSite, first_wish, made_up_past
from kwartier.edge.host.clock import RealClock
from kwartier.edge.plan.inputs import MEASURED
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import DigitalInputEmulator
from kwartier.simulation.saving_site import household_saving
from kwartier.simulation.scenarios import household
from kwartier.site.modes import mode_of
from kwartier.web.device_schemas import Battery
from kwartier.web.schemas import State


async def test_the_battery_is_read_steered_and_missed(tmp_path: Path) -> None:
    """It takes the sun that is left over; its silence is an alarm and makes the house unknown; then it answers again."""
    async with live_site("household-saving", tmp_path / "h.sqlite") as site:
        cells = site.scenario.plant.storage["home"]

        def battery() -> Battery:
            return State.model_validate(site.state).batteries[0]

        await site.until(lambda: abs(cells.total_w) > 300 and abs(battery().power_w or 0.0) > 300, 120)
        heard = battery()
        assert heard.status == "ok"
        assert heard.soc_pct == pytest.approx(100 * cells.soc, abs=1)
        assert heard.reason.code.startswith("battery_")
        flow = site.state["flow"]
        assert flow["battery_w"] == pytest.approx(heard.power_w, abs=0.1)
        others = [flow[f"{n}_w"] for n in ("production", "chargers", "battery", "house")]
        assert sum(others) == pytest.approx(flow["grid_w"], abs=0.1)
        async with httpx.AsyncClient(base_url=site.url) as client:
            assert (await client.get("/api/v1/batteries")).json()[0]["id"] == "home"
            assert 'kwartier_battery_silent{battery="home"} 0.0' in (await client.get("/metrics")).text
            assert 'id="b-home"' in (await client.get("/limits")).text
            assert "Home battery State of Charge" in (await client.get("/simple")).text

        await site.emulation.emulators["home"].fail("unplug")
        await site.until(lambda: battery().status == "silent", 20)
        assert (site.state["flow"]["battery_w"], site.state["flow"]["house_w"]) == (None, None)
        assert [a["code"] for a in site.state["alarms"]] == ["alarm_battery_silent"]
        await site.until(lambda: cells.total_w == 0.0, 70)
        assert not any("before it was heard" in m["en"] for m in site.state["messages"])
        await site.emulation.emulators["home"].heal()
        await site.until(lambda: battery().status == "ok" and not site.state["alarms"], 60)


async def test_a_visitor_silences_the_battery() -> None:
    """Its button is there where a battery is."""
    async with DigitalInputEmulator() as panel:
        with_one = DemoSite("household", Emulation(household_saving(), RealClock()), lambda: 1.0, panel)
        without = DemoSite("household", Emulation(household(), RealClock()), lambda: 1.0, panel)
        assert [f["en"] for f in with_one.describe()["faults"] if f["id"] == "battery"] == [
            "Silence the battery"
        ]
        assert [f for f in without.describe()["faults"] if f["id"] == "battery"] == []


def test_the_first_car_has_a_goal() -> None:
    """It is smart and more than what it holds is asked for, so that there is a plan to look at."""
    scene = household_saving()
    wish = first_wish(scene)
    assert wish is not None
    assert wish.goal is not None
    assert wish.car is not None
    assert wish.goal.amount > (wish.car.arrival_soc_pct or 100.0) + 20
    assert mode_of(scene.site.charge_points[0], None, wish) == "smart"
    scene.plant.socket[wish.charge_point_id].disconnect()
    assert first_wish(scene) is None


def test_the_made_up_battery_adds_up() -> None:
    """Grid is the sum of the parts, what can wait stays below the peak of the meter, and the cells hold what went in less what
    came out and what was lost: down to what the battery of the demonstration begins with."""
    scene = household_saving()
    past = made_up_past(scene)
    until_s = int(past.until_s)
    series = {name: past.means(name, until_s - 30 * 86400, until_s) for name in MEASURED}
    battery, peak_w = scene.site.batteries[0], scene.plant.registers.month_peak_w
    level_pct = past.soc_pct
    assert scene.plant.storage["home"].soc == pytest.approx(level_pct / 100)
    assert max(series["grid_w"].values()) < peak_w
    moved = series["battery_w"]
    assert min(moved.values()) < -500
    assert max(moved.values()) > 1000
    for at_s in sorted(moved, reverse=True):
        parts = sum(series[n][at_s] for n in ("house_w", "production_w", "chargers_w", "battery_w"))
        assert series["grid_w"][at_s] == pytest.approx(parts, abs=0.3)
        power_w = moved[at_s]
        into = power_w * battery.charge_efficiency if power_w > 0 else power_w / battery.discharge_efficiency
        level_pct -= into / 4000 / battery.capacity_kwh * 100
        assert -1 < level_pct < 101
    again = replace(scene, plant=household_saving().plant)
    assert made_up_past(again).soc_pct == past.soc_pct, "the same past at each start"
