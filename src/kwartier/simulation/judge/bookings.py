"""What flows in each circuit with every socket at the larger of offered and drawn."""

from kwartier.simulation.judge.ground import Ground


def booked_flows(ground: Ground) -> dict[str, list[float]]:
    """Per circuit-phase, A: the true load, more for every socket that is offered more than it draws, and what the site file
    assumes of a circuit without a meter, which counts everywhere above it too."""
    out = {c.id: list(ground.plant.current_a(c.id)) for c in ground.site.circuits}
    for c in ground.site.circuits:
        base = c.base_load_a if c.meter is None else None
        if base is not None:
            for up in ground.site.path[c.id]:
                for i in range(3):
                    out[up][i] += base[i]
    for point in ground.site.charge_points:
        socket = ground.plant.socket[point.id]
        for i, phase in enumerate(point.conductors):
            drawn = socket.current_a[i] if socket.closed else 0.0
            more = max(0.0, max(socket.applied_a, socket.offered_a) - drawn)
            for up in ground.site.path[point.circuit]:
                out[up][phase - 1] += more
    return out
