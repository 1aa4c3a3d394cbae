"""Sites that nobody drew are sane, varied and repeatable."""

from kwartier.safety.proof import prove
from kwartier.simulation.random_site import random_site


def test_every_random_site_passes_the_proof() -> None:
    """What chargers do by themselves, and the safe currents, fit beside the worst other load."""
    for seed in range(60):
        made = random_site(seed=seed)
        fallbacks = {p.id: p.fallback_a for p in made.site.charge_points}
        assert prove(made.site, fallbacks, made.worst_a).ok, seed
        for point in made.site.charge_points:
            assert made.plant.socket[point.id].safe_a == point.fallback_a


def test_random_sites_are_of_all_kinds() -> None:
    """One to five levels and more, one to forty points, all fuses, contracts, sub-meters, rotation."""
    sites = [random_site(seed=seed).site for seed in range(80)]
    levels = {max(len(path) for path in site.path.values()) for site in sites}
    assert levels >= {1, 2, 3, 4, 5, 6}
    counts = {len(site.charge_points) for site in sites}
    assert {1, 2, 40} <= counts
    circuits = [c for site in sites for c in site.circuits]
    assert {c.fuse.type for c in circuits if c.fuse} == {"B", "C", "D", "gG"}
    assert any(c.contract_w for c in circuits)
    assert any(c.meter and c.parent for c in circuits)
    assert any(c.meter is None and c.parent is None for c in circuits)
    points = [p for site in sites for p in site.charge_points]
    assert {p.conductors for p in points} >= {(1, 2, 3), (2, 3, 1), (3, 1, 2), (1,), (2,), (3,)}
    assert len({p.weight for p in points}) == 3
    assert {p.priority for p in points} == {0, 1}


def test_the_worst_load_is_never_exceeded() -> None:
    """Half an hour of a few plants without cars: each circuit stays below what was proven with."""
    for seed in range(8):
        made = random_site(seed=seed)
        for _ in range(1800):
            for socket in made.plant.socket.values():
                socket.disconnect()
            made.plant.advance(1.0)
            for circuit_id, worst in made.worst_a.items():
                flows = made.plant.current_a(circuit_id)
                assert all(f <= w + 1e-6 for f, w in zip(flows, worst, strict=True))


def test_same_seed_same_site() -> None:
    """Down to the last figure."""
    assert random_site(seed=5).site == random_site(seed=5).site
    assert random_site(seed=5).start_utc_s == random_site(seed=5).start_utc_s
