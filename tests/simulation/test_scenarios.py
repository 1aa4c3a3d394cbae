"""The scenarios are the example sites, brought to life."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from kwartier.config import load, stations, to_site
from kwartier.simulation.saving_site import household_saving
from kwartier.simulation.scenarios import SCENARIOS, carpark
from kwartier.site.topology import Site

EXAMPLES = Path(str(files("kwartier.config"))) / "examples"


def electrical(site: Site) -> tuple[object, ...]:
    """What a site is built of, without names and addresses."""
    return (
        site.time_zone,
        site.three_wire,
        site.users,
        [replace(c, name="", fuse=None) for c in site.circuits],
        [(m.id, m.role, m.interval_s, m.phases) for m in site.meters],
        [replace(p, name="", address="") for p in site.charge_points],
        [replace(b, name="", address="") for b in site.batteries],
    )


@pytest.mark.parametrize("name", [*sorted(SCENARIOS), "household-saving"])
def test_same_site_as_the_example_file(name: str) -> None:
    """Ids, limits, wiring, devices and socket numbers agree with `config/examples`."""
    made = {**SCENARIOS, "household-saving": household_saving}[name](seed=1)
    config = load(EXAMPLES / f"{name}.yaml")
    assert electrical(made.site) == electrical(to_site(config))
    assert made.meter_types == {m.id: m.type for m in config.meters}
    assert made.sockets == {p.id: p.socket for p in config.charge_points}
    for station in stations(config):
        owners = {made.station_of(point_id).id for point_id in station.sockets}
        assert len(owners) == 1, "points of one address sit on one station"


def test_base_load_leaves_room_for_the_safe_current() -> None:
    """With all cars at 6 A or less, the car park's own load never passes 170 A: 250 less the safe 80."""
    made = carpark(seed=11)
    worst_a = 0.0
    for socket in made.plant.socket.values():
        socket.safe_a = 0.0
    for _ in range(36_000):
        made.plant.advance(1.0)
        worst_a = max(worst_a, *made.plant.current_a("grid"))
    assert 90.0 < worst_a < 170.0


def test_a_working_day_fills_and_empties_the_car_park() -> None:
    """At noon most of the 24 places are taken, at three in the night few."""
    plant = carpark(seed=6).plant
    taken = {}
    for hour in range(20):
        for _ in range(3600):
            plant.advance(1.0)
        taken[hour] = sum(s.car is not None for s in plant.socket.values())
    assert taken[4] >= 16
    assert taken[19] <= 8
