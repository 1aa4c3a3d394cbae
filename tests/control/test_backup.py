"""A second meter stands in for the first one: no more and no less than a meter that works."""

from dataclasses import replace
from itertools import product

import pytest
from tests.control.test_step import SAFE_A, World, site

from kwartier.control import backup
from kwartier.control.decision import Decision
from kwartier.safety.ladder import Ladder
from kwartier.site.errors import ConfigError
from kwartier.site.readings import MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Meter, Site

STATUSES = ("waiting", "recovering", "fresh", "stale", "lost", "error")


def two_meters() -> Site:
    """The test site with a second meter beside its main one."""
    one = site(2)
    grid, garage = one.circuits
    second = Meter(id="second", name="Second", role="grid", address="bus")
    return replace(one, circuits=(replace(grid, backup_meter="second"), garage), meters=(*one.meters, second))


class TwoMeters(World):
    """The world with a second meter, half a second behind the first."""

    second_works = True

    def tick(self) -> Decision:
        drawn = sum(self._drawn_a(p) for p in self.cars)
        if self.second_works:
            total = self.house_a + drawn
            self.meters["second"] = MeterReading(
                meter_id="second", at_s=self.now_s + 0.5, current_a=(total,) * 3
            )
        return super().tick()


def charging() -> TwoMeters:
    world = TwoMeters(two_meters(), cars={"p0": "C2", "p1": "C2"})
    world.run(120)
    return world


def codes(world: World) -> list[str]:
    return [m.reason.code for m in world.messages]


def test_charging_goes_on_by_the_second_meter() -> None:
    """The first dies: it is told, nothing falls to the safe current, and the limit holds when the house rises."""
    world = charging()
    before_a = sum(world.allowed_a.values())
    world.meter_works = False
    world.run(60)
    assert sum(world.allowed_a.values()) == before_a > SAFE_A
    assert "meter_warning" in codes(world)
    assert "meter_backup_takes_over" in codes(world)
    world.house_a = 20.0
    world.run(2)
    assert sum(world.allowed_a.values()) <= 32.0 - 20.0
    assert "safe_current" not in world.reasons.values()


def test_with_both_lost_the_safe_current_holds() -> None:
    """Ten seconds after the second one, as if there had been one meter."""
    world = charging()
    world.meter_works = world.second_works = False
    world.run(11)
    assert sum(world.allowed_a.values()) <= SAFE_A
    assert "meter_backup_takes_over" not in codes(world)


def test_the_second_meter_that_dies_while_it_stands_in() -> None:
    """Nothing is raised at once, and the safe current holds after its ten seconds."""
    world = charging()
    world.meter_works = False
    world.run(30)
    world.second_works = False
    world.run(11)
    assert sum(world.allowed_a.values()) <= SAFE_A
    assert codes(world).count("meter_backup_ends") == 1


def test_the_first_meter_counts_again_when_it_has_proven_itself() -> None:
    """It comes back without a bump: at no step more than before."""
    world = charging()
    before_a = sum(world.allowed_a.values())
    world.meter_works = False
    world.run(30)
    world.meter_works = True
    for _ in range(30):
        world.tick()
        assert sum(world.allowed_a.values()) == before_a
    assert codes(world)[-1] == "meter_backup_ends"


@pytest.mark.parametrize(("first", "second"), list(product(STATUSES, STATUSES)))
def test_it_stands_in_exactly_when_it_alone_is_fresh(first: str, second: str) -> None:
    """Every pair of rungs of the two ladders."""
    meters = {"main": Ladder(status=first), "second": Ladder(status=second)}
    reading = MeterReading(meter_id="second", at_s=1.0)
    picture = Picture(now_s=1.0, utc_s=1.0, meters={"second": reading}, charge_points={}, wishes={})
    ladders, seen = backup.stand_in(two_meters(), meters, picture)
    if second == "fresh" != first:
        assert ladders["main"] is meters["second"]
        assert seen.meters["main"] is reading
    else:
        assert (ladders, seen) == (meters, picture)
    assert meters["main"].status == first, "what is remembered of the first one stays"


def test_a_meter_cannot_stand_in_for_itself() -> None:
    """Nor without a first one, nor one that nobody knows."""
    grid, garage = two_meters().circuits
    for wrong in (
        replace(grid, backup_meter="main"),
        replace(grid, backup_meter="nobody"),
        replace(grid, meter=None),
    ):
        with pytest.raises(ConfigError, match="backup meter"):
            replace(two_meters(), circuits=(wrong, garage))
