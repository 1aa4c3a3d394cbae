"""The other load of each circuit in the last seconds: all that flows there and is no car."""

from kwartier.simulation.judge.ground import Ground
from kwartier.site.phases import PhaseVector

KEPT_S = 30.0
CHANGE_A = 0.05


class Bases:
    """`look` every second, before the judges that ask."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        site, socket = ground.site, ground.plant.socket
        self._rows = [
            (
                c.id,
                ground.plant.live_a(c.id),
                [(socket[i], site.charge_point[i].conductors) for i in site.charge_points_behind[c.id]],
            )
            for c in site.circuits
        ]
        self._flows: dict[str, PhaseVector] = {}
        self._series: dict[str, list[tuple[float, PhaseVector]]] = {c.id: [] for c in ground.site.circuits}
        """Per circuit: the other load, newest last, each with the second until which it was so."""

    def look(self) -> None:
        """Take note, where anything has changed."""
        ground = self._ground
        run_s = ground.run_s
        for circuit_id, live_a, behind in self._rows:
            flows = (live_a[0], live_a[1], live_a[2])
            series = self._series[circuit_id]
            if series and self._flows.get(circuit_id) == flows:
                series[-1] = (run_s, series[-1][1])
                continue
            self._flows[circuit_id] = flows
            rest = list(flows)
            for socket, conductors in behind:
                if socket.closed:
                    for i, phase in enumerate(conductors):
                        rest[phase - 1] -= socket.current_a[i]
            a, b, c = rest
            if series:
                a0, b0, c0 = series[-1][1]
                if abs(a - a0) <= CHANGE_A and abs(b - b0) <= CHANGE_A and abs(c - c0) <= CHANGE_A:
                    series[-1] = (run_s, series[-1][1])
                    continue
            series.append((run_s, (a, b, c)))
            while len(series) > 1 and series[0][0] < run_s - KEPT_S:
                series.pop(0)

    def least_a(self, circuit_id: str, lately_s: float) -> list[float]:
        """The least of each phase in the last so many seconds."""
        return [min(values) for values in self._lately(circuit_id, lately_s)]

    def most_a(self, circuit_id: str, lately_s: float) -> list[float]:
        """The most of each phase in the last so many seconds."""
        return [max(values) for values in self._lately(circuit_id, lately_s)]

    def _lately(self, circuit_id: str, lately_s: float) -> list[list[float]]:
        first_s = self._ground.run_s - lately_s
        some = [base for until_s, base in self._series[circuit_id] if until_s >= first_s]
        return [[base[i] for base in some] or [0.0] for i in (0, 1, 2)]
