"""Leaping over time in which nothing happens: neither in the plant nor in the controller.

The controller sees all that it would have seen: the same readings each second, which change nothing in it but the
times that slide along (`control.steady`). That leaping and stepping give the same set-points at the same times and the
same figures of the judges is tested (`tests/simulation/test_leap.py`).
"""

from typing import TYPE_CHECKING

from kwartier.control.steady import forward, steady_until_s
from kwartier.simulation.trouble.cars import OddCar

if TYPE_CHECKING:
    from kwartier.control.memory import Memory
    from kwartier.simulation.plant.station import Socket
    from kwartier.simulation.runner import Run

UNSTEADY_KINDS = frozenset({"meter_repeat", "meter_spike", "meter_nonsense", "meter_lag", "meter_late"})
STILL_S = 8
"""For so many seconds the plant must have stood still: some meters tell what was so two seconds ago, and fuses are
reckoned each five seconds."""
REMEMBERED_S = 18.0
"""Before a fault begins time goes by second by second for so long: some faults tell again what was before them."""
LEAST_S = 3.0
AGAIN_S = 3.0
"""After a look in vain the next one comes so much later."""


class Leaper:
    """Watches a run; `leap` moves it on when that changes nothing."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._picture: tuple[object, ...] = ()
        self._still_s = 0
        self._not_before_s = 0.0
        self.leapt_s = 0.0

    def leap(self, before: "Memory") -> float:
        """After a step: leap as far as can be; returns by how much (0: not at all). `before`: what the controller
        remembered before that step."""
        run = self._run
        picture = self._now()
        changed = picture != self._picture or run.schedule.begun or run.schedule.ended
        self._still_s = 0 if changed else self._still_s + 1
        self._picture = picture
        if self._still_s < STILL_S or run.now_s < self._not_before_s:
            return 0.0
        by_s = self._far(before)
        if by_s < LEAST_S:
            self._not_before_s = run.now_s + AGAIN_S
            return 0.0
        memory = forward(run.site, before, run.memory, by_s)
        run.pass_over(memory, by_s)
        self.leapt_s += by_s
        return by_s

    def _now(self) -> tuple[object, ...]:
        plant = self._run.plant
        sockets = tuple(
            (s.offered_a, s.applied_a, s.closed, s.setpoint_a, *s.current_a) for s in plant.socket.values()
        )
        return (*sockets, *plant.voltage_v, *(plant.current_a(c) for c in plant.site.circuit))

    def _far(self, before: "Memory") -> float:
        run = self._run
        if run.wishes or not run.court.calm or not run.controller.calm or not run.stations.calm:
            return 0.0
        for fault in run.schedule.active:
            if fault.kind in UNSTEADY_KINDS or fault.kind.startswith(("limit", "fire")):
                return 0.0
        until_s = self._plant_until_s()
        if until_s - run.now_s < LEAST_S:
            return 0.0
        until_s = min(until_s, steady_until_s(run.site, before, run.memory))
        return float(int(until_s - run.now_s))

    def _plant_until_s(self) -> float:
        """Until when nothing happens in the plant, on the controller's clock."""
        run = self._run
        plant = run.plant
        here_s = plant.now_s
        next_s = min(
            plant.registers.quarter.end_s - 2.0,
            here_s + run.schedule.next_s - run.run_s - 1.0,
            here_s + run.schedule.begins_s - run.run_s - REMEMBERED_S,
            *(load.next_s - 1.0 for load in run.scenario.changes),
            *(visits.next_s - 1.0 for visits in plant.visits),
        )
        for station in plant.stations:
            if station.booted_s is None:
                return run.now_s
        for socket in plant.socket.values():
            next_s = min(next_s, self._socket_until_s(socket, here_s))
            if next_s - here_s < LEAST_S:
                return run.now_s
        return run.now_s + next_s - here_s

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
