"""Handing out raises: only from what is truly free, in steps, and never while a meter on the path is late.

What is free is the limit less the other load, with every charge point booked at the largest of what it is
granted, what it may still be drawing by its own word, and what it is measured to draw (DESIGN section 5,
rules 3 and 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kwartier.control.chargers.points import booked_on
from kwartier.control.estimate import totals
from kwartier.control.memory import Memory, PointMemory
from kwartier.control.room import Room
from kwartier.control.rows.evenness import QUANTUM_A, Evenness
from kwartier.control.turns import EPS_A, claim_s
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, sub
from kwartier.site.topology import ChargePoint, Site
from kwartier.site.values import valueclass

RAISE_EVERY_S = 5.0
RAISE_STEP_A = 5.0
REST_S = 60.0
"""A car that was stopped for lack of room starts again after this long at the earliest."""

RESTING = "resting"
NO_ROOM = "no room yet"


@dataclass(frozen=True, slots=True)
class Held:
    """Why a raise was not handed out: a late meter's id, `RESTING` or `NO_ROOM`."""

    by: str
    meter: str | None = None


@valueclass(frozen=True, slots=True)
class Raising:
    """What raises are decided from."""

    site: Site
    memory: Memory
    points: Mapping[str, PointMemory]
    phases: Mapping[str, tuple[int, ...]]
    room: Room
    now_s: float
    limits_total_a: Mapping[str, float] = field(default_factory=dict)
    """Of the circuits that have one: what their phases may carry together, all included."""
    even: Evenness | None = None
    beside_a: Mapping[str, PhaseVector] = field(default_factory=dict)
    """Per circuit: what batteries behind it may take."""

    def hand_out(
        self, candidates: Sequence[ChargePoint], granted: dict[str, float], targets: Mapping[str, float]
    ) -> dict[str, Held]:
        """Raise `granted` towards `targets`; returns for each that was held back what held it."""
        held: dict[str, Held] = {}
        wanting = [p for p in candidates if targets[p.id] > granted[p.id]]
        if not wanting:
            return held
        slack = self._free(granted)
        if self.even is not None:
            self.even.prepare(granted)
        late = {m.id for m in self.site.meters if self.memory.meters[m.id].status in {"stale", "waiting"}}
        wanting.sort(
            key=lambda p: (granted[p.id] > 0, -claim_s(self.points[p.id], self.now_s), granted[p.id])
        )
        for point in wanting:
            why = self._raise(point, granted, targets[point.id], slack, late)
            if why is not None:
                held[point.id] = why
        return held

    def _raise(
        self,
        point: ChargePoint,
        granted: dict[str, float],
        target_a: float,
        slack: dict[str, list[float]],
        late: set[str],
    ) -> Held | None:
        before_a, path = granted[point.id], self.site.path[point.circuit]
        if late and (meter := self._late_on(path, late)) is not None:
            return Held("meter", meter)
        if before_a <= 0 and not self._rested(point.id):
            return Held(RESTING)
        wish = self._wanted_step(point, before_a, target_a)
        if wish <= before_a:
            return None
        booked = self._booked(point, before_a)
        rows = [(slack[c][p - 1], booked[p - 1]) for c in path for p in self.phases[point.id]]
        rows += self._together(point, path, slack, rows)
        if self.even is not None:
            rows += self.even.rows(point, booked)
        if min(free for free, _ in rows) < -EPS_A:
            return Held(NO_ROOM)  # somebody, or it itself, has yet to come down
        room = min(free + own for free, own in rows)
        if room + EPS_A < wish:
            wish = quantised(max(0.0, room), 0.0)
            if wish <= before_a or wish < point.min_a:
                return Held(NO_ROOM)
        granted[point.id] = wish
        self._take(point, maximum(ZERO, sub(self._booked(point, wish), booked)), path, slack)
        return None

    def _late_on(self, path: Sequence[str], late: set[str]) -> str | None:
        """The first meter on a path that is late."""
        meters = (self.site.circuit[circuit_id].meter for circuit_id in path)
        return next((m for m in meters if m is not None and m in late), None)

    def _take(
        self, point: ChargePoint, more: PhaseVector, path: Sequence[str], slack: Mapping[str, list[float]]
    ) -> None:
        """Book what a raise adds everywhere on its path."""
        for c in path:
            for i in range(3):
                slack[c][i] -= more[i]
            if c in self.limits_total_a:
                slack[c][3] -= sum(more)
        if self.even is not None:
            self.even.take(point, more)

    def _together(
        self,
        point: ChargePoint,
        path: Sequence[str],
        slack: Mapping[str, Sequence[float]],
        rows: Sequence[tuple[float, float]],
    ) -> list[tuple[float, float]]:
        """The rows of the sums on its path: at least so much fits, however differently its phases are booked."""
        if not self.limits_total_a:
            return []
        least_a, count = min(own for _, own in rows), len(self.phases[point.id])
        return [(slack[c][3] / count, least_a) for c in path if c in self.limits_total_a]

    def _rested(self, point_id: str) -> bool:
        stopped_s = self.points[point_id].stopped_s
        return stopped_s is None or self.now_s - stopped_s >= REST_S

    def _wanted_step(self, point: ChargePoint, granted_a: float, target_a: float) -> float:
        """The next value on the way up; what it has when it is not yet time."""
        if granted_a <= 0:
            return min(target_a, point.min_a)
        if self.now_s - self.points[point.id].raised_s < RAISE_EVERY_S:
            return granted_a
        return min(target_a, granted_a + RAISE_STEP_A)

    def _booked(self, point: ChargePoint, granted_a: float) -> PhaseVector:
        return booked_on(point, self.points[point.id], self.phases[point.id], granted_a)

    def _free(self, granted: Mapping[str, float]) -> dict[str, list[float]]:
        """Per circuit and phase: limit less other load less everything booked; fourth, where the phases
        together have a limit, what is left of that."""
        own = dict.fromkeys(self.site.circuit, ZERO)
        for point in self.site.charge_points:
            own[point.circuit] = add(own[point.circuit], self._booked(point, granted[point.id]))
        room, booked = self.room, totals(self.site, own)
        free = {c: list(sub(sub(room.limit_a[c], room.cautious_base_a[c]), booked[c])) for c in booked}
        for c, limit_a in self.limits_total_a.items():
            free[c].append(limit_a - sum(room.cautious_base_a[c]) - sum(booked[c]))
        for c, mine in self.beside_a.items():
            for i in range(3):
                free[c][i] -= mine[i]
            if c in self.limits_total_a:
                free[c][3] -= sum(mine)
        return free


def quantised(current_a: float, min_a: float) -> float:
    """Down to a whole number of steps, but not below the minimum."""
    if current_a <= 0:
        return 0.0
    return max(min_a, int((current_a + EPS_A) / QUANTUM_A) * QUANTUM_A)
