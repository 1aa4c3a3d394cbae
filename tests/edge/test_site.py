"""The main job over real sockets: telegram bytes in, Modbus writes out, and what happens when parts die."""

import asyncio
from pathlib import Path

import httpx
from tests.edge.running import LiveSite, live_site

from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.historian.replay import replay
from kwartier.site.setpoints import Wish


async def charging(site: LiveSite) -> None:
    """Wait until the first car charges with all it can get."""
    await site.until(lambda: site.meter["status"] == "fresh", 30)
    await site.until(lambda: site.scenario.plant.socket["left"].applied_a > 12, 60)


async def test_bytes_become_currents(household: LiveSite) -> None:
    """From telegrams and registers to a charging car, with the reason in words."""
    await charging(household)
    left = household.state["charge_points"][0]
    assert left["state"] == "C2"
    assert left["reason"]["en"]
    assert household.scenario.plant.socket["left"].setpoint_a == left["allowed_a"]


async def test_the_meters_plug_is_pulled(household: LiveSite) -> None:
    """Stale, safe current for the group with a warning within 10 s, error at 120 s, and back by itself."""
    await charging(household)
    await household.emulation.emulators["main"].fail("unplug")
    await household.until(lambda: household.meter["status"] == "stale", 8)
    await household.until(lambda: household.meter["status"] == "lost", 8)
    assert household.meter["age_s"] < 13
    await household.until(lambda: household.scenario.plant.socket["left"].applied_a <= 10, 5)
    assert sum(household.allowed_a().values()) <= 10
    assert "Communication warning for meter Digital meter" in [m["en"] for m in household.state["messages"]]
    await household.until(lambda: household.meter["status"] == "error", 125)
    assert 119 <= household.meter["age_s"] <= 124
    assert household.state["messages"][0]["en"] == "Communication error for meter Digital meter"
    assert household.state["charge_points"][0]["state"] == "C2", "charging goes on at the safe current"
    assert household.allowed_a()["left"] == 10
    await household.emulation.emulators["main"].heal()
    await household.until(lambda: household.meter["status"] == "fresh", 60)
    connected = f"Meter Digital meter connected via {household.meter['address']}"
    assert connected in [m["en"] for m in household.state["messages"]]
    await household.until(lambda: household.allowed_a()["left"] > 12, 60)


async def test_a_frozen_meter_is_lost(household: LiveSite) -> None:
    """Telegrams keep coming, the meter's clock stands still: the safe current all the same."""
    await charging(household)
    await household.emulation.emulators["main"].fail("freeze")
    await household.until(lambda: household.meter["status"] == "lost", 14)
    await household.until(lambda: sum(household.allowed_a().values()) <= 10, 3)


async def test_the_death_of_the_controller_is_safe(household: LiveSite) -> None:
    """Nobody writes any more: the stations fall to their own safe current by their own timer."""
    await charging(household)
    await household.crash()
    left = household.scenario.plant.socket["left"]
    assert left.applied_a > 12
    await household.clock.sleep(70)
    assert left.applied_a == left.safe_a == 6


async def test_a_stalled_cycle_is_safe_too(household: LiveSite) -> None:
    """The process lives but decides nothing: no heartbeat outlives the decision."""
    await charging(household)
    household.controller.cycle.tick = lambda: household.controller.cycle.decision  # type: ignore[method-assign,assignment,return-value]
    await household.clock.sleep(75)
    left = household.scenario.plant.socket["left"]
    assert left.applied_a == left.safe_a


async def test_a_silent_station_is_booked_and_comes_back(household: LiveSite) -> None:
    """Its cable is pulled: shown as silent, reserved; plugged again: steered again."""
    await charging(household)
    await household.emulation.emulators["left"].fail("unplug")
    point = household.state["charge_points"][0]
    await household.until(lambda: household.state["charge_points"][0]["status"] == "silent", 20)
    grid = household.state["circuits"][0]
    assert grid["granted_a"][0] >= point["allowed_a"]
    await household.emulation.emulators["left"].heal()
    await household.until(lambda: household.state["charge_points"][0]["status"] == "ok", 60)
    await household.until(lambda: household.allowed_a()["left"] > 12, 120)


async def test_a_rebooted_station_is_told_again(household: LiveSite) -> None:
    """A station that forgot its set-point gets it back without waiting for the refresh."""
    await charging(household)
    await household.emulation.emulators["left"].fail("reboot")
    await household.clock.sleep(35)
    socket = household.scenario.plant.socket["left"]
    await household.until(lambda: socket.setpoint_a is not None and socket.setpoint_a > 6, 90)


async def test_the_recorded_cycles_replay_bit_for_bit(household: LiveSite) -> None:
    """Over a meter loss and a wish, every decision is made again from the journal alone."""
    await charging(household)
    await household.emulation.emulators["main"].fail("silent")
    await household.clock.sleep(20)
    household.controller.live.wish(Wish(charge_point_id="left", mode="fast", limit_a=8.0))
    await household.emulation.emulators["main"].heal()
    await household.clock.sleep(40)
    path: Path = household.controller.place.history
    await household.crash()
    result = replay(path, step, Memory)
    assert result.cycles > 60
    assert result.ok, result.mismatches


async def test_a_wish_over_http_reaches_the_station(household: LiveSite) -> None:
    """A person sets a limit in the browser; the station is told within two seconds. Without a password: 403."""
    await charging(household)
    async with httpx.AsyncClient(base_url=household.url) as client:
        refused = await client.patch("/api/v1/charge_points/left", json={"limit_a": 8.0})
        assert refused.status_code == 403, "no password is chosen yet, so nobody may write"
        chosen = await client.post("/api/v1/setup", json={"password": "correct horse battery"})
        assert chosen.status_code < 300
        login = await client.post("/api/v1/session", json={"password": "correct horse battery"})
        assert login.status_code < 300
        changed = await client.patch("/api/v1/charge_points/left", json={"limit_a": 8.0})
        assert changed.status_code == 200, changed.text
        metrics = (await client.get("/metrics")).text
    socket = household.scenario.plant.socket["left"]
    assert await household.until(lambda: socket.setpoint_a == 8.0, 3) <= 3
    assert "kwartier_circuit_limit_amperes" in metrics


async def test_a_wish_and_the_grants_survive_a_restart(tmp_path: Path) -> None:
    """The next run resumes: the limit set by hand is there, and no current is above the safe one at first."""
    history = tmp_path / "history.sqlite"
    async with live_site("household", history) as first:
        await charging(first)
        first.controller.live.wish(Wish(charge_point_id="left", mode="fast", limit_a=16.0))
        await asyncio.sleep(1.0)
    async with live_site("household", history) as second:
        point = second.state["charge_points"][0]
        assert point["limit_a"] == 16.0
        assert sum(second.allowed_a().values()) <= 10
        await charging(second)
        await second.until(lambda: second.allowed_a()["left"] == 16.0, 60)
