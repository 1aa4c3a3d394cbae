"""Leaping over time in which nothing happens: neither in the plant nor in the controller.

The controller sees all that it would have seen: the same readings each second, which change nothing in it but the
times that slide along (`control.steady`). That leaping and stepping give the same set-points at the same times and the
same figures of the judges is tested (`tests/simulation/test_leap.py`).
"""

from bisect import bisect_left
from math import inf
from typing import TYPE_CHECKING

from kwartier.control.steady import forward, outlook
from kwartier.control.steady_cells import thresholds_pct
from kwartier.simulation.judge.cells import beyond_pct
from kwartier.simulation.trouble.cars import OddCar
from kwartier.simulation.trouble.controller import REFRESH_S, RENEW_S, SAME_A
from kwartier.site.intervals import QUARTER_S

if TYPE_CHECKING:
    from kwartier.control.memory import Memory
    from kwartier.simulation.faults import Fault
    from kwartier.simulation.plant.station import Socket
    from kwartier.simulation.runner import Run
    from kwartier.site.batteries import Battery
    from kwartier.site.setpoints import Picture

UNSTEADY_KINDS = frozenset({"meter_repeat", "meter_spike", "meter_nonsense", "limit_flicker"})
"""While one of these is active each second brings something else."""
MOVES = 0.01
"""A second that changes a voltage (V) or a current (A) by more is no standstill."""
NEARS = 0.05
"""The voltage sags with the current of the second before, and so closes in on where it stays: all that is still to
come is at most this part of what changed in the last second (0.03 V/A at 250 A and 230 V)."""
SETTLES_S = 4
"""A leap begins with so many single seconds of the plant, in which it comes there."""
DISK_S = 13.0
DISK_KINDS = frozenset({"power_cut", "disk_full"})
"""For so long before one of these time goes by second by second: what is on the disk then counts."""
RETOLD_S = 20
RETOLD_KINDS = frozenset({"meter_repeat", "meter_lag", "meter_late"})
"""These tell again what was before them. A leap that ends in one of them, or so shortly before, ends with so many
seconds in which meters are read that nobody hears."""
BEFORE_S, AFTER_S = 2.0, 3.0
"""So near to a quarter-hour's boundary time goes by second by second: meters tell of it up to two seconds later."""
LEAST_S = 2.0
CLOCKS = frozenset({"clock_step", "meter_clock"})
CLOCK_S = 4.0
"""For so long before a clock is right again time goes by second by second: what meters tell then is dated by it."""


class Leaper:
    """Watches a run; `leap` moves it on when that changes nothing."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._offers: tuple[object, ...] = ()
        self._flows: tuple[float, ...] = ()
        self._settled = False
        """Whether nothing at all changed in the last second."""
        self._not_before_s = 0.0
        self._stops = _stops(run.faults)
        self._retold_s = sorted(f.start_s for f in run.faults if f.kind in RETOLD_KINDS)
        self._rows = [run.plant.live_a(c) for c in run.plant.site.circuit]
        self.leapt_s = 0.0

    def leap(self, before: "Memory", picture: "Picture") -> float:
        """After a step: leap as far as can be; returns by how much (0: not at all). `before`: what the controller
        remembered before that step; `picture`: what it saw."""
        run = self._run
        moved = self._moved()
        if moved or run.schedule.begun or run.schedule.ended:
            self._not_before_s = 0.0
            return 0.0
        if run.now_s < self._not_before_s:
            return 0.0
        by_s = self._far(before, picture)
        if by_s < LEAST_S:
            return 0.0
        memory = forward(run.site, before, run.memory, by_s)
        settling = 0 if self._settled else SETTLES_S
        run.pass_over(memory, by_s, settling=settling, retold=self._retold(run.run_s + by_s))
        self.leapt_s += by_s
        return by_s

    def _moved(self) -> bool:
        """Whether the plant is another than a second ago."""
        plant = self._run.plant
        holds_s = plant.now_s
        offers = tuple(
            (s.offered_a, s.applied_a, s.closed, s.setpoint_a, s.setpoint_holds(holds_s), *s.current_a)
            for s in plant.socket.values()
        )
        if plant.storage:
            offers += tuple(
                (s.setpoint_w, s.total_w, holds_s < s.valid_until_s) for s in plant.storage.values()
            )
        flows = (*plant.voltage_v, *(a for row in self._rows for a in row))
        old_offers, old_flows = self._offers, self._flows
        self._offers, self._flows = offers, flows
        if offers != old_offers or len(flows) != len(old_flows):
            return True
        self._settled = flows == old_flows
        if self._settled:
            return False
        most = max(abs(a - b) for a, b in zip(flows, old_flows, strict=True))
        return most > MOVES or not all(line.stays(NEARS * most) for line in self._run.meters)

    def _far(self, before: "Memory", picture: "Picture") -> float:
        run = self._run
        if run.wishes or not run.court.calm or not run.stations.calm:
            return 0.0
        if any(fault.kind in UNSTEADY_KINDS for fault in run.schedule.active):
            return 0.0
        calm_s = run.controller.calm_until_s()
        if calm_s is None:
            return 0.0
        until_s = min(run.ends_s, calm_s - 1.0, self._plant_until_s())
        if until_s - run.now_s < LEAST_S:
            return 0.0
        ahead = outlook(run.site, before, run.memory, LEAST_S, picture)
        self._not_before_s = ahead.again_s
        until_s = min(until_s, ahead.until_s)
        return float(int(until_s - run.now_s))

    def _retold(self, end_s: float) -> int:
        """With how many seconds of meters that nobody hears a leap until `end_s` of the run must end."""
        at = bisect_left(self._retold_s, end_s)
        comes = at < len(self._retold_s) and self._retold_s[at] <= end_s + RETOLD_S
        active = any(f.kind in RETOLD_KINDS for f in self._run.schedule.active)
        return RETOLD_S if active or comes else 0

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
        for fault in run.schedule.active:
            if fault.kind in CLOCKS:
                next_s = min(next_s, start_s + fault.end_s - CLOCK_S)
            if fault.kind == "limit_expires":
                next_s = min(next_s, _outside((fault.start_s + fault.end_s) / 2.0 + start_s, here_s))
        for station in plant.stations:
            if station.booted_s is None:
                next_s = min(next_s, station.up_s - 1.0)
        if next_s - here_s < LEAST_S:
            return run.now_s
        for socket in plant.socket.values():
            next_s = min(next_s, self._socket_until_s(socket, here_s))
            if next_s - here_s < LEAST_S:
                return run.now_s
        for battery in run.site.batteries:
            next_s = min(next_s, self._battery_until_s(battery, here_s))
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
            if into_s < AFTER_S:
                return here_s
            next_s = min(next_s, here_s + QUARTER_S - into_s - BEFORE_S)
        return next_s

    def _socket_until_s(self, socket: "Socket", now_s: float) -> float:
        until_s = min(socket.quiet_until_s(now_s), self._line_until_s(socket, now_s))
        car = socket.car
        if car is None:
            return until_s
        if not isinstance(car, OddCar) or not car.settled(socket.offered_a):
            return now_s
        power_w = sum(socket.power_w)
        if power_w > 0.0:
            until_s = min(until_s, now_s + car.steady_kwh() * 3.6e6 / power_w - 2.0)
        return until_s

    def _battery_until_s(self, battery: "Battery", now_s: float) -> float:
        """Until when a battery goes on as it does, and is told the same."""
        run = self._run
        storage, written = run.plant.storage[battery.id], run.controller.told.get(battery.id)
        until_s = now_s + storage.quiet_s(now_s, (*thresholds_pct(battery), *beyond_pct(battery)))
        if run.cells.deaf(battery.id):
            return min(until_s, storage.valid_until_s - 2.0) if storage.valid_until_s > now_s else until_s
        known = run.memory.batteries
        if written is None or known is None or written[1] != known[battery.id].granted_w:
            return now_s
        return until_s if written[1] == storage.setpoint_w else now_s

    def _line_until_s(self, socket: "Socket", now_s: float) -> float:
        """Until when what is written to a socket, or cannot be, leaves it as it is."""
        run = self._run
        written, holds_s = run.controller.written.get(socket.id), socket.valid_until_s - now_s
        if run.stations.silent(socket.id):
            if written is not None:
                return now_s
            return socket.valid_until_s - 2.0 if holds_s > 0.0 else inf
        if written is None:
            return now_s
        frozen = run.stations.frozen(socket.id)
        if frozen is not None:
            # It hears nothing, and tells what it was told before: written again in vain as long as that looks right.
            left_s = frozen.valid_for_s or 0.0
            if frozen.setpoint_a is None or abs(frozen.setpoint_a - written[1]) > SAME_A or left_s < RENEW_S:
                return now_s
            return socket.valid_until_s - 2.0 if holds_s > 0.0 else inf
        if written[1] != socket.setpoint_a:
            return now_s
        if run.stations.loses(socket.id):
            return socket.valid_until_s - RENEW_S - 2.0
        return inf if holds_s >= REFRESH_S + 2.0 else now_s


def _outside(moment_s: float, here_s: float) -> float:
    """Until when no leap comes too near to a moment."""
    if here_s >= moment_s + AFTER_S:
        return inf
    return moment_s - BEFORE_S


def _stops(faults: "tuple[Fault, ...]") -> list[tuple[float, float]]:
    """For each fault, the last one first: when it begins, and from when on no leap may be, for it and for those after
    it. Seconds of the run."""
    stops: list[tuple[float, float]] = []
    stop_s = inf
    for fault in sorted(faults, key=lambda f: f.start_s, reverse=True):
        stop_s = min(stop_s, fault.start_s - (DISK_S if fault.kind in DISK_KINDS else 2.0))
        stops.append((fault.start_s, stop_s))
    return stops
