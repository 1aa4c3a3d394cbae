"""No fuse trips on account of cars and batteries: how far each went towards its trip time, by makers' charts.

The lower edge of the band that makers print for a cold device (as read from charts of 16 to 63 A devices, rounded to
the quick side; multiples of the rating and seconds), straight lines between the points on double logarithmic
paper. What flows uses up `dt / time` of the device; below the rating it recovers with a time constant of five
minutes. At 100 % it has tripped. This is an estimate of its own, apart from the standard's bare minimum that the
controller reckons with.
"""

from bisect import bisect_right
from math import exp, inf, log

from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.simulation.judge.overload import FLOWS_A, along, steerable_a
from kwartier.site.topology import Fuse

THERMAL = ((1.13, 3600.0), (1.3, 240.0), (1.45, 60.0), (2.0, 14.0), (2.55, 7.0), (3.0, 5.0))
CHARTS: dict[str, tuple[tuple[float, float], ...]] = {
    "B": (*THERMAL[:-1], (3.0, 4.5), (3.001, 0.05)),
    "C": (*THERMAL, (5.0, 1.5), (5.001, 0.05)),
    "D": (*THERMAL, (5.0, 1.5), (10.0, 0.4), (10.001, 0.05)),
    "gG": ((1.25, 3600.0), (1.6, 400.0), (2.0, 60.0), (2.5, 15.0), (3.0, 6.0), (5.0, 0.8), (10.0, 0.04)),
}
RECOVERS_S = 300.0


def trip_s(fuse: Fuse, current_a: float) -> float:
    """For how long a cold device stands a current, s."""
    chart = CHARTS[fuse.type]
    multiple = current_a / fuse.rating_a
    if multiple < chart[0][0]:
        return inf
    i = bisect_right(chart, (multiple, inf))
    if i >= len(chart):
        return chart[-1][1]
    (m1, t1), (m2, t2) = chart[i - 1], chart[i]
    share = log(multiple / m1) / log(m2 / m1)
    return exp(log(t1) + share * log(t2 / t1))


class Trip:
    """See above."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._fuses = [(c.id, i, c.fuse) for c in ground.site.circuits if c.fuse for i in range(3)]
        self._used = [0.0] * len(self._fuses)
        self._since_s = [0.0] * len(self._fuses)
        self.findings: list[Finding] = []
        self.worst = 0.0

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        ground = self._ground
        for k, (circuit_id, i, fuse) in enumerate(self._fuses):
            signed_a = ground.plant.current_a(circuit_id)[i]
            amps = abs(signed_a)
            if amps <= fuse.rating_a:
                self._since_s[k] = ground.run_s
                if self._used[k]:
                    self._used[k] *= exp(-dt_s / RECOVERS_S)
                continue
            if steerable_a(ground, circuit_id, i + 1, gives=signed_a < 0.0) <= FLOWS_A:
                continue  # no car has a part in it
            if (
                ground.blind(circuit_id, self._since_s[k], along(i + 1, gives=signed_a < 0.0), fuse.rating_a)
                is not None
            ):
                continue
            before = self._used[k]
            self._used[k] += dt_s / trip_s(fuse, amps)
            self.worst = max(self.worst, self._used[k])
            if before < 1.0 <= self._used[k]:
                what = f"the {fuse.type} {fuse.rating_a:g} A of {circuit_id!r} L{i + 1} trips at {amps:.1f} A"
                self.findings.append(Finding(rule="trip", at_s=ground.run_s, what=what))
