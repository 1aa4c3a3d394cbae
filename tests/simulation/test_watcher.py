"""The watcher applies the time budgets of DESIGN 5.7."""

import pytest

from kwartier.simulation.bench import bench, car
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.watcher import Watcher


def overload(ratio: float, seconds: int) -> Watcher:
    """A watcher after so many seconds of a one-phase car drawing `ratio` times the 40 A limit."""
    b = bench()
    b.left.max_a = b.left.safe_a = 80.0
    guest = Car(battery_kwh=600, soc=0.1, phases=1, max_a=40.0 * ratio, reaction_s=0.0, ramp_a_per_s=999.0)
    b.left.connect(guest)
    watcher = Watcher(b.plant)
    b.run(10)
    for _ in range(seconds):
        b.run(1)
        watcher.look(1.0)
    return watcher


@pytest.mark.parametrize(
    ("ratio", "allowed_s"), [(1.05, 60), (1.13, 60), (1.2, 30), (1.45, 30), (1.5, 10), (1.9, 10)]
)
def test_each_excess_has_its_time(ratio: float, allowed_s: int) -> None:
    """Up to 13 % lasts 60 s, up to 45 % 30 s, more 10 s; one second longer is a violation."""
    assert not overload(ratio, allowed_s).violations
    late = overload(ratio, allowed_s + 1)
    assert len(late.violations) == 1
    assert late.violations[0].duration_s == allowed_s + 1
    assert late.violations[0].worst_a == pytest.approx(40.0 * ratio)
    assert (late.violations[0].circuit_id, late.violations[0].phase) == ("grid", 1)


def test_at_the_limit_is_not_above() -> None:
    """Exactly the limit for ten minutes is no excursion."""
    watcher = overload(1.0, 600)
    assert watcher.excursions == 0
    assert watcher.worst is None


def test_coming_back_ends_the_excursion() -> None:
    """Twice 40 s at +5 % with a pause between are two excursions and no violation."""
    b = bench()
    b.left.max_a = b.left.safe_a = 80.0
    guest = car(phases=1, max_a=42.0, reaction_s=0.0)
    guest.ramp_a_per_s = 999.0
    b.left.connect(guest)
    watcher = Watcher(b.plant)
    b.run(10)
    for max_a, seconds in ((42.0, 40), (39.0, 5), (42.0, 40)):
        guest.max_a = max_a
        for _ in range(seconds):
            b.run(1)
            watcher.look(1.0)
    assert watcher.excursions == 2
    assert watcher.violations == []
    assert watcher.seconds_above == 80.0
