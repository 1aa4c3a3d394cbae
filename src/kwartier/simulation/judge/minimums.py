"""A car is told 0 A, or what it can charge with; and never more than its charge point can."""

from kwartier.simulation.judge.ground import Finding, Ground


class Minimums:
    """Looks at every set-point that is sent."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.findings: list[Finding] = []

    def look(self, dt_s: float) -> None:
        """Judge the set-points of this second."""
        for point_id, amps in self._ground.told.writes:
            point = self._ground.site.charge_point[point_id]
            if not (amps == 0.0 or point.min_a <= amps <= point.max_a):
                what = f"{point_id!r} was told {amps} A; it takes 0 or {point.min_a:g} to {point.max_a:g} A"
                self.findings.append(Finding(rule="minimum", at_s=self._ground.run_s, what=what))
