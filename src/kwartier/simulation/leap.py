"""Leaping over time in which nothing happens: neither in the plant nor in the controller.

The controller sees all that it would have seen: the same readings each second, which change nothing in it but the
times that slide along (`control.steady`). That leaping and stepping give the same set-points at the same times and the
same figures of the judges is tested (`tests/simulation/test_leap.py`).
"""

from math import inf
from typing import TYPE_CHECKING

from kwartier.control.steady import forward, outlook
from kwartier.simulation.trouble.cars import OddCar
from kwartier.site.intervals import QUARTER_S

if TYPE_CHECKING:
    from kwartier.control.memory import Memory
    from kwartier.simulation.faults import Fault
    from kwartier.simulation.plant.station import Socket
    from kwartier.simulation.runner import Run

UNSTEADY_KINDS = frozenset({"meter_repeat", "meter_spike", "meter_nonsense", "meter_lag", "meter_late"})
MOVES = 0.01
"""A second that changes a voltage (V) or a current (A) by more is no standstill."""
NEARS = 0.05
"""The voltage sags with the current of the second before, and so closes in on where it stays: all that is still to
come is at most this part of what changed in the last second (0.03 V/A at 250 A and 230 V)."""
SETTLES_S = 4
"""A leap begins with so many single seconds of the plant, in which it comes there."""
REMEMBERED_S: dict[str, float] = {
    "meter_repeat": 9.0,
    "meter_lag": 6.0,
    "meter_late": 18.0,
    "power_cut": 13.0,
    "disk_full": 13.0,
}
"""For so long before a fault of these kinds time goes by second by second: they tell again what was before them, or
bring back what was on the disk."""
BOUNDARY_S = 3.0
"""So near to a quarter-hour's boundary time goes by second by second: meters tell of it up to two seconds later."""
LEAST_S = 2.0
CLOCKS = frozenset({"clock_step", "meter_clock"})


class Leaper:
    """Watches a run; `leap` moves it on when that changes nothing."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._offers: tuple[object, ...] = ()
        self._flows: tuple[float, ...] = ()
        self._not_before_s = 0.0
        self._stops = _stops(run.faults)
        self._rows = [run.plant.live_a(c) for c in run.plant.site.circuit]
        self.leapt_s = 0.0

    def leap(self, before: "Memory") -> float:
        """After a step: leap as far as can be; returns by how much (0: not at all). `before`: what the controller
        remembered before that step."""
        run = self._run
        moved = self._moved()
        if moved or run.schedule.begun or run.schedule.ended:
            self._not_before_s = 0.0
            return 0.0
        if run.now_s < self._not_before_s:
            return 0.0
        by_s = self._far(before)
        if by_s < LEAST_S:
            return 0.0
        memory = forward(run.site, before, run.memory, by_s)
        run.pass_over(memory, by_s)
        self.leapt_s += by_s
        return by_s

    def _moved(self) -> bool:
        """Whether the plant is another than a second ago."""
        plant = self._run.plant
        offers = tuple(
            (s.offered_a, s.applied_a, s.closed, s.setpoint_a, *s.current_a) for s in plant.socket.values()
        )
        flows = (*plant.voltage_v, *(a for row in self._rows for a in row))
        old_offers, old_flows = self._offers, self._flows
        self._offers, self._flows = offers, flows
        if offers != old_offers or len(flows) != len(old_flows):
            return True
        if flows == old_flows:
            return False
        most = max(abs(a - b) for a, b in zip(flows, old_flows, strict=True))
        return most > MOVES or not all(line.stays(NEARS * most) for line in self._run.meters)

    def _far(self, before: "Memory") -> float:
        run = self._run
        if run.wishes or not run.court.calm or not run.controller.calm or not run.stations.calm:
            return 0.0
        for fault in run.schedule.active:
            if fault.kind in UNSTEADY_KINDS or fault.kind.startswith(("limit", "fire")):
                return 0.0
        until_s = min(run.ends_s, self._plant_until_s())
        if until_s - run.now_s < LEAST_S:
            return 0.0
        ahead = outlook(run.site, before, run.memory, LEAST_S)
        self._not_before_s = ahead.again_s
        until_s = min(until_s, ahead.until_s)
        return float(int(until_s - run.now_s))

    def _plant_until_s(self) -> float:
        """Until when nothing happens in the plant, on the controller's clock."""
        run = self._run
        plant = run.plant
        here_s = plant.now_s
        start_s = here_s - run.run_s
        next_s = min(
            self._boundary_s(here_s),
            start_s + run.schedule.next_s - 1.0,
            start_s + self._stop_s(),
            start_s + run.court.next_s,
            *(load.next_s - 1.0 for load in run.scenario.changes),
            *(visits.next_s - 1.0 for visits in plant.visits),
        )
        if next_s - here_s < LEAST_S:
            return run.now_s
        for station in plant.stations:
            if station.booted_s is None:
                return run.now_s
        for socket in plant.socket.values():
            next_s = min(next_s, self._socket_until_s(socket, here_s))
            if next_s - here_s < LEAST_S:
                return run.now_s
        return run.now_s + next_s - here_s

    def _stop_s(self) -> float:
        """When time must go by second by second for a fault that comes, seconds of the run."""
        stops = self._stops
        while stops and stops[-1][0] <= self._run.run_s:
            stops.pop()
        return stops[-1][1] if stops else inf

    def _boundary_s(self, here_s: float) -> float:
        """Shortly before the next quarter-hour begins, by any clock; now, shortly after it began."""
        offs_s = [f.amount for f in self._run.schedule.active if f.kind in CLOCKS]
        next_s = inf
        for off_s in (0.0, *offs_s):
            into_s = (here_s + off_s) % QUARTER_S
            if into_s < BOUNDARY_S:
                return here_s
            next_s = min(next_s, here_s + QUARTER_S - into_s - BOUNDARY_S)
        return next_s

    def _socket_until_s(self, socket: "Socket", now_s: float) -> float:
        written = self._run.controller.written.get(socket.id)
        silent = self._run.stations.silent(socket.id)
        if not silent and (written is None or socket.setpoint_a is None or written[1] != socket.setpoint_a):
            return now_s
        until_s = socket.quiet_until_s(now_s)
        if silent:
            if written is not None:
                return now_s
            if socket.valid_until_s > now_s:
                until_s = min(until_s, socket.valid_until_s - 2.0)
        elif socket.valid_until_s - now_s < self._run.controller.refresh_s + 2.0:
            return now_s
        car = socket.car
        if car is None:
            return until_s
        if not isinstance(car, OddCar) or not car.settled(socket.offered_a):
            return now_s
        power_w = sum(socket.power_w)
        if power_w > 0.0:
            until_s = min(until_s, now_s + car.steady_kwh() * 3.6e6 / power_w - 2.0)
        return until_s


def _stops(faults: "tuple[Fault, ...]") -> list[tuple[float, float]]:
    """For each fault, the last one first: when it begins, and from when on no leap may be, for it and for those after
    it. Seconds of the run."""
    stops: list[tuple[float, float]] = []
    stop_s = inf
    for fault in sorted(faults, key=lambda f: f.start_s, reverse=True):
        stop_s = min(stop_s, fault.start_s - REMEMBERED_S.get(fault.kind, 2.0))
        stops.append((fault.start_s, stop_s))
    return stops
