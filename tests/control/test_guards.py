"""Fuses and feeding in, through the step."""

from dataclasses import replace

import pytest
from tests.control.power_house import PowerHouse, house_site

from kwartier.control.memory import after_restart
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Fuse

B25 = Fuse(type="B", rating_a=25.0)


def test_an_overloaded_breaker_sends_cars_to_their_minimum_at_once() -> None:
    """A house that jumps to where the breaker may trip within seconds: no fair share is worked out first."""
    house = PowerHouse(house_site([(1,), (2,)], limit_a=25.0, fuse=B25), lambda _: 2000.0, 4)
    house.shares = (1.0, 0.0, 0.0)
    house.run(90)
    assert min(house.drawn_a.values()) >= 16.0
    house.load_w = lambda _: 4200.0  # 18 A beside 16 A on L1
    decision = house.tick()
    assert {s.charge_point_id: s.current_a for s in decision.setpoints} == {"p0": 6.0, "p1": 6.0}
    assert {s.reason.code for s in decision.setpoints} == {"fuse_hurry"}
    house.run(120)
    assert house.drawn_a["p0"] == 6.5
    assert house.drawn_a["p1"] >= 24.0
    assert any(m.reason.code in {"fuse_near", "fuse_close"} for m in house.messages)
    assert not any(m.reason.code == "fuse_stopped" for m in house.messages)


def test_a_breaker_that_stays_overloaded_stops_all_behind_it_and_lets_them_come_back() -> None:
    """A charge point that does not listen: after ten seconds of a trip that is due, everybody goes to 0."""
    site = house_site([(1,), (1,)], limit_a=25.0, fuse=B25)
    house = PowerHouse(site, lambda _: 0.0, 2)
    house.run(90)
    house.stubborn_a = {"p0": 31.0}
    house.run(20)
    assert house.drawn_a["p1"] == 0.0
    assert house.decision is not None
    assert any(m.reason.code == "fuse_stopped" and m.level == "error" for m in house.messages)
    house.stubborn_a = {}
    house.run(200)
    assert any(m.reason.code == "fuse_calm" for m in house.messages)
    assert max(house.drawn_a.values()) >= 6.0


def test_how_close_it_came_is_shown_and_survives_a_restart() -> None:
    """The worst margin, when and on which phase."""
    house = PowerHouse(house_site([(2,)], limit_a=25.0, fuse=B25), lambda t: 7000.0 if 50 < t < 60 else 0.0)
    house.shares = (0.0, 1.0, 0.0)
    house.run(100)
    assert house.decision is not None
    seen = house.decision.circuits[0].protection
    assert seen is not None
    assert (seen.fuse_worst_phase, seen.fuse_urgency) == (2, "calm")
    assert seen.fuse_worst_pct == 100.0
    kept = after_restart(house.site, house.memory, 5.0).fuses["grid"]
    assert kept.worst_pct == 100.0


def test_within_its_rating_a_fuse_changes_nothing() -> None:
    """The same decisions with and without it."""

    def run(fuse: Fuse | None) -> list[object]:
        house = PowerHouse(
            house_site([(1,), (1, 2, 3)], limit_a=25.0, fuse=fuse), lambda t: 900.0 * (t // 60 % 3)
        )
        return [house.tick().setpoints for _ in range(400)]

    assert run(None) == run(Fuse(type="gG", rating_a=40.0))


def test_too_much_fed_in_is_told_once_and_taken_back() -> None:
    """A warning with what can be done about it; no set-point changes."""
    house = PowerHouse(house_site([(1,)], export_limit_w=5000.0), lambda t: -7000.0 if 60 < t < 200 else 0.0)
    house.asks = set()
    house.run(400)
    codes = [m.reason.code for m in house.messages]
    assert codes.count("export_over") == 1
    assert codes.count("export_within") == 1
    assert codes.index("export_over") < codes.index("export_within")
    assert house.decision is not None
    seen = house.decision.circuits[0].protection
    assert seen is not None
    assert (seen.export_limit_w, seen.export_over) == (5000.0, False)


class NoPower(PowerHouse):
    """Its meter tells currents and no power."""

    def picture(self, picture: Picture) -> Picture:
        return replace(picture, meters={i: replace(m, power_w=None) for i, m in picture.meters.items()})


def test_without_neutral_and_power_what_is_fed_back_is_not_known() -> None:
    """With a neutral it is reckoned from currents; a line's current has no sign, so that nothing is said of it."""
    for three_wire, known in ((False, 7000.0), (True, None)):
        site = replace(house_site([(1, 2)], export_limit_w=5000.0), three_wire=three_wire)
        house = NoPower(site, lambda _: -7000.0)
        house.asks = set()
        house.run(60)
        assert house.decision is not None
        seen = house.decision.circuits[0].protection
        assert seen is not None
        assert seen.export_w is None if known is None else seen.export_w == pytest.approx(known)
        assert seen.export_over is (known is not None)
