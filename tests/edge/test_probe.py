"""The probe against emulated devices on real sockets: what is proven, and what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.edge.probing import Place, codes, paced, total_a


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A household with nobody there."""
    async with paced(tmp_path) as found:
        yield found


async def test_a_device_that_is_not_heard_is_not_proven(place: Place) -> None:
    """The station's cable is pulled: its sockets count with their maximum and are named once."""
    await place.emulation.emulators["left"].fail("unplug")
    proof = await place.proof()
    assert not proof["ok"]
    assert [c for c in codes(proof) if c != "proof_over"] == [
        "proof_unreachable", "proof_unreachable", "proof_load_unknown",
    ]  # fmt: skip
    assert total_a(proof, "garage", 1) == 32 + 16
    assert total_a(proof, "grid", 1) is None, "what the house draws beside an unheard car is not known"
    assert "127.0.0.1" in proof["problems"][0]["en"]


async def test_a_meter_that_is_not_heard_is_not_proven(place: Place) -> None:
    """Without meter and without history there is no other load to reckon with: not zero, but not known."""
    await place.emulation.emulators["main"].fail("unplug")
    proof = await place.proof()
    assert not proof["ok"]
    assert codes(proof) == ["proof_unreachable", "proof_load_unknown"]
    assert total_a(proof, "grid", 2) is None
    assert total_a(proof, "garage", 2) == 6.0


async def test_the_recorded_worst_counts_and_the_moment_does_not_hide_it(place: Place) -> None:
    """A history with 35 A of other load on L2: 35 + 6 A is more than 40 A, whatever flows now."""
    place.record((3.0, 35.0, 2.0))
    proof = await place.proof()
    assert not proof["ok"]
    assert codes(proof) == ["proof_over", "proof_safe_current"]
    assert total_a(proof, "grid", 2) == 41.0
    assert proof["other_loads"][0]["recorded"]["load_a"] == (3.0, 35.0, 2.0)
    assert "proof_short_record" in [n["code"] for n in proof["notes"]]


async def test_the_write_test_shows_timer_and_obedience_and_raises_nothing(place: Place) -> None:
    """Each socket gets what it applies already, at most its fallback; the answer tells how long it holds."""
    proof = await place.proof(write_test=True)
    assert proof["ok"], proof["problems"]
    chargers = [d for d in proof["devices"] if d["kind"] == "charge_point"]
    assert [d["wrote_a"] for d in chargers] == [6.0, 6.0]
    assert all(0 < d["valid_for_s"] <= 60 and d["setpoint_used"] for d in chargers)
    assert [n["code"] for n in proof["notes"]] == ["proof_moment"]
    assert [s.setpoint_a for s in place.sockets.values()] == [6.0, 6.0]


async def test_the_write_test_never_raises_what_another_controller_lowered(place: Place) -> None:
    """A socket that is told to pause stays paused, though its fallback is 6 A."""
    left = place.sockets["left"]
    left.write_setpoint(0.0, place.emulation.scenario.plant.now_s)
    proof = await place.proof(write_test=True)
    assert proof["ok"], proof["problems"]
    assert [d["wrote_a"] for d in proof["devices"] if d["kind"] == "charge_point"] == [0.0, 6.0]
    assert left.setpoint_a == 0.0


async def test_a_set_point_that_outlives_the_controller_for_long_fails(place: Place) -> None:
    """A validity time of 300 s: the write test sees it, and says what it must be."""
    place.sockets["right"].validity_s = 300.0
    proof = await place.proof(write_test=True)
    assert not proof["ok"]
    assert codes(proof) == ["proof_slow_timer"]
    assert proof["problems"][0]["params"]["name"] == "Right socket"


async def test_a_network_of_stations_is_proven_as_one(place: Place) -> None:
    """Unit 200 tells fallback and timer of the whole network; one that does not listen to us fails."""
    place.write(as_network)
    network = place.emulation.scenario.plant.stations[0].scn
    network.enabled = True
    proof = await place.proof(write_test=True)
    assert proof["ok"], proof["problems"]
    assert total_a(proof, "garage", 3) == network.safe_a == 16.0
    network.enabled = False
    assert codes(await place.proof(write_test=True)) == ["proof_write_ignored"]


def as_network(text: str) -> str:
    """The example with its station as one network."""
    head, _, rest = text.partition("charge_points:\n")
    url = next(line.split()[1] for line in rest.splitlines() if line.strip().startswith("url:"))
    entry = f"{{id: net, type: alfen-scn, url: '{url}', circuit: garage, fallback_a: 16}}"
    return f"{head}charge_points:\n  - {entry}\n"
