"""The fail-safe proof of a running site: what it records for it, and what it says."""

from math import inf
from pathlib import Path

import pytest
from tests.edge.running import LiveSite, live_site

from kwartier.edge import daily_proof
from kwartier.edge.base_load import series_names
from kwartier.site.setpoints import Wish


def recorded_a(site: LiveSite) -> list[float]:
    """The largest other load of the connection that the history holds, per phase."""
    historian, now_s = site.controller.historian, site.clock.utc_s()
    assert historian.flush()
    found = historian.highest(series_names("grid"), now_s - 86400, now_s + 60)
    return [found[name].value for name in series_names("grid")]


async def test_cars_that_ramp_up_are_never_recorded_as_other_load(household: LiveSite) -> None:
    """Two cars come, charge and are told less and more; the recorded load stays that of the house, what the sun gives it included."""
    plant = household.scenario.plant
    truth = [-inf] * 3
    cars = 0.0
    for second in range(240):
        await household.clock.sleep(1.0)
        if second in {90, 140, 190}:
            household.controller.live.wish(
                Wish(charge_point_id="left", mode="fast", limit_a=6.0 + (second - 90) / 10)
            )
        sun_a = plant.taps["pv"].current_a
        other = [a + max(0.0, -given) for a, given in zip(plant.taps["main"].current_a, sun_a, strict=True)]
        for socket in plant.socket.values():
            for amps, phase in zip(socket.current_a, socket.conductors, strict=False):
                other[phase - 1] -= amps
                cars = max(cars, amps)
        truth = [max(a, b) for a, b in zip(truth, other, strict=True)]
    assert cars > 12, "otherwise nothing ramped"
    for true_a, kept_a in zip(truth, recorded_a(household), strict=True):
        assert true_a - 1.0 <= kept_a <= true_a + 1.0, (truth, recorded_a(household))


async def test_a_failed_proof_is_said_until_it_holds_again(household: LiveSite) -> None:
    """A station is set to a higher safe current while the site runs: the next proof says so, and then that
    it is mended; the journal keeps it."""
    await household.clock.sleep(150)
    proof = household.controller._proof
    assert (await proof.prove()).ok
    for socket in household.scenario.plant.socket.values():
        socket.safe_a = 32.0
    await household.clock.sleep(5)
    failed = await proof.prove()
    assert [p.code for p in failed.problems][-2:] == ["proof_fallback_low", "proof_fallback_low"]
    await household.clock.sleep(3)
    said = [m["code"] for m in household.state["messages"]]
    assert "proof_failed" in said
    assert "proof_over" in said
    for socket in household.scenario.plant.socket.values():
        socket.safe_a = 6.0
    await household.clock.sleep(5)
    assert (await proof.prove()).ok
    await household.clock.sleep(3)
    assert household.state["messages"][0]["code"] == "proof_passed"
    household.controller.historian.flush()
    kept = [m.message.reason.code for m in household.controller.historian.messages(20)]
    assert kept[0] == "proof_passed"
    assert "proof_failed" in kept


async def test_the_first_proof_waits_for_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A meter that is mended only after the first attempt: nothing is said, then it is proven."""
    monkeypatch.setattr(daily_proof, "FIRST_S", 60.0)
    async with live_site("household", tmp_path / "history.sqlite") as site:
        await site.emulation.emulators["main"].fail("unplug")
        proof = site.controller._proof
        await site.clock.sleep(80)
        assert not proof.newest
        await site.emulation.emulators["main"].heal()
        await site.until(lambda: bool(proof.newest), 150)
        found = proof.newest
        assert found is not None
        assert found.ok, found.problems
        assert "proof_failed" not in [m["code"] for m in site.state["messages"]]
