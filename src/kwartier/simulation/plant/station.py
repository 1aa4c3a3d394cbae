"""Charging stations: sockets with their contactor, pilot signal and meter, and the firmware's rules for
set-points (facts 3.2: validity timer, safe current, nothing kept over a reboot)."""

from collections.abc import Sequence
from math import sqrt

from kwartier.simulation.plant.car import MIN_CURRENT_A, Car

POWER_FACTOR = 0.99
SQRT3 = sqrt(3.0)
RAISE_INTERVAL_S = 5.0
"""The pilot changes at most every 5 s (IEC 61851-1); a decrease does not wait in this firmware."""
OPEN_UNDER_LOAD_S = 6.0
"""A car that goes on drawing after the pilot stopped is cut off after this time."""
PHASE_SWITCH_PAUSE_S = 10.0
BOOT_S = 30.0


class Socket:
    """One outlet. Currents and powers are per conductor, [L1, L2, L3] of the outlet."""

    __slots__ = (
        "_change_s",
        "_off_s",
        "_pause_until_s",
        "_raised_s",
        "applied_a",
        "car",
        "closed",
        "conductors",
        "current_a",
        "energy_wh",
        "group_cap_a",
        "id",
        "max_a",
        "measured_s",
        "offered_a",
        "operative",
        "phase_switching",
        "phases",
        "power_w",
        "reaction_s",
        "safe_a",
        "setpoint_a",
        "three_wire",
        "valid_until_s",
        "validity_s",
    )

    def __init__(
        self,
        socket_id: str,
        conductors: Sequence[int],
        *,
        max_a: float = 32.0,
        safe_a: float = 6.0,
        validity_s: float = 60.0,
        reaction_s: float = 0.7,
        phase_switching: bool = False,
    ) -> None:
        self.id = socket_id
        self.conductors = tuple(conductors)
        self.max_a = max_a
        self.safe_a = safe_a
        self.validity_s = validity_s
        self.reaction_s = reaction_s
        self.phase_switching = phase_switching
        self.phases = 3 if len(self.conductors) == 3 else 1
        self.three_wire = False
        """Between two lines or three, without neutral; the plant says so."""
        self.car: Car | None = None
        self.operative = True
        self.closed = False
        self.current_a = [0.0, 0.0, 0.0]
        self.power_w = [0.0, 0.0, 0.0]
        self.energy_wh = [0.0, 0.0, 0.0]
        self.measured_s = 0.0
        self.group_cap_a: float | None = None
        self.offered_a = 0.0
        self._raised_s = self._off_s = self._pause_until_s = float("-inf")
        self.boot()

    def boot(self) -> None:
        """Start as after power-up: no set-point, safe current, contactor open."""
        self.setpoint_a: float | None = None
        self.valid_until_s = self._change_s = float("-inf")
        self.applied_a = 0.0
        self.offered_a = 0.0
        self.closed = False

    def write_setpoint(self, current_a: float, now_s: float) -> None:
        """Take a maximum current (register 1210); it holds for the validity time."""
        if current_a != self.setpoint_a:
            self._change_s = now_s + self.reaction_s
        self.setpoint_a = current_a
        self.valid_until_s = now_s + self.validity_s

    def switch_phases(self, phases: int, now_s: float) -> None:
        """Charge with 1 or 3 conductors from now on; a charging car is paused meanwhile."""
        if phases != self.phases:
            self.phases = phases
            self._pause_until_s = now_s + PHASE_SWITCH_PAUSE_S

    def setpoint_holds(self, now_s: float) -> bool:
        """Whether a written maximum is accounted for (register 1214)."""
        return self.setpoint_a is not None and now_s < self.valid_until_s

    def quiet_until_s(self, now_s: float) -> float:
        """Until when no timer of its own goes off (the validity time is left to whoever refreshes it)."""
        if now_s < self._change_s or now_s < self._pause_until_s:
            return now_s
        if self.offered_a != self.applied_a or (self.closed and self.offered_a == 0.0):
            return now_s
        return float("inf")

    @property
    def state(self) -> str:
        """Mode 3 state: A, B or C with 1 (no pilot) or 2 (pilot offers current); F when inoperative."""
        if not self.operative:
            return "F"
        if self.car is None:
            return "A1"
        letter = "C" if self.closed else "B"
        return letter + ("2" if self.offered_a > 0 else "1")

    def connect(self, car: Car) -> None:
        """A cable is plugged in."""
        self.car = car

    def disconnect(self) -> Car | None:
        """The cable is pulled; gives the car back."""
        car, self.car = self.car, None
        if car is not None:
            car.unplug()
        self.closed = False
        self._still()
        return car

    def tick(self, now_s: float, dt_s: float, voltage_v: Sequence[float]) -> None:
        """Let `dt_s` seconds pass that end at `now_s`; `voltage_v` is per site phase."""
        self.measured_s = now_s
        self._offer(now_s)
        car = self.car
        if car is None:
            return
        wants = car.wants_current(self.offered_a, now_s)
        if self.offered_a > 0.0:
            self.closed = wants
        elif self.closed:
            late = now_s - self._off_s >= OPEN_UNDER_LOAD_S
            self.closed = (wants or car.ignores_limit) and not late
        amps = car.draw(self.closed, dt_s)
        if amps == 0.0:
            self._still()
            return
        self._meter(car, amps, dt_s, voltage_v)

    def _offer(self, now_s: float) -> None:
        limit_a = self.setpoint_a if now_s < self.valid_until_s else None
        if limit_a is None:
            limit_a = self.safe_a
        if limit_a > self.max_a:
            limit_a = self.max_a
        if self.group_cap_a is not None and limit_a > self.group_cap_a:
            limit_a = self.group_cap_a
        if limit_a < MIN_CURRENT_A or not self.operative:
            limit_a = 0.0
        if limit_a != self.applied_a:
            if now_s >= self._change_s:
                self.applied_a = limit_a
        elif limit_a == self.offered_a and now_s >= self._pause_until_s:
            return  # it offers what it is to offer, as nearly always
        offer_a = 0.0 if now_s < self._pause_until_s else self.applied_a
        if offer_a > self.offered_a:
            if now_s - self._raised_s < RAISE_INTERVAL_S:
                return
            self._raised_s = now_s
        elif offer_a == 0.0 and self.offered_a > 0.0:
            self._off_s = now_s
        self.offered_a = offer_a

    def _meter(self, car: Car, amps: float, dt_s: float, voltage_v: Sequence[float]) -> None:
        used = min(car.phases_used, self.phases, len(self.conductors))
        if used == 3 and not self.three_wire:
            self._meter_all(car, amps, dt_s, voltage_v)
            return
        if self.three_wire:
            # 230 V stand between two lines; against the middle of the three it is a star again.
            voltage_v = [v / SQRT3 for v in voltage_v] if used == 3 else voltage_v
            used = 3 if used == 3 else 1
        hours = dt_s / 3600.0
        total_wh = 0.0
        current_a, power_w, energy_wh = self.current_a, self.power_w, self.energy_wh
        for i in (0, 1, 2):
            if i < used:
                watts = amps * voltage_v[self.conductors[i] - 1] * POWER_FACTOR
                current_a[i] = amps
                power_w[i] = watts
                spent_wh = watts * hours
                energy_wh[i] += spent_wh
                total_wh += spent_wh
            else:
                current_a[i] = power_w[i] = 0.0
        car.store(total_wh)

    def _meter_all(self, car: Car, amps: float, dt_s: float, voltage_v: Sequence[float]) -> None:
        """The same on three conductors, as most cars charge."""
        hours = dt_s / 3600.0
        l1, l2, l3 = self.conductors
        w1 = amps * voltage_v[l1 - 1] * POWER_FACTOR
        w2 = amps * voltage_v[l2 - 1] * POWER_FACTOR
        w3 = amps * voltage_v[l3 - 1] * POWER_FACTOR
        self.current_a[:] = (amps, amps, amps)
        self.power_w[:] = (w1, w2, w3)
        wh1, wh2, wh3 = w1 * hours, w2 * hours, w3 * hours
        energy_wh = self.energy_wh
        energy_wh[0] += wh1
        energy_wh[1] += wh2
        energy_wh[2] += wh3
        car.store(wh1 + wh2 + wh3)

    def _still(self) -> None:
        if any(self.current_a):
            for i in (0, 1, 2):
                self.current_a[i] = self.power_w[i] = 0.0


class Scn:
    """A smart charging network: stations that share one maximum per site phase (registers 1400 to 1431).

    With `enabled` the network shares the written maximum equally over the cars on each phase; who would
    get less than 6 A waits, in the order of the sockets.
    """

    def __init__(self, name: str, *, safe_a: float = 16.0, validity_s: float = 60.0, enabled: bool = False):
        self.name = name
        self.safe_a = safe_a
        self.validity_s = validity_s
        self.enabled = enabled
        self.sockets: list[Socket] = []
        self.max_a: list[float | None] = [None, None, None]
        self.valid_until_s = [float("-inf")] * 3

    def write_max(self, phase: int, current_a: float, now_s: float) -> None:
        """Take a maximum for a site phase (1 to 3); it holds for the validity time."""
        self.max_a[phase - 1] = current_a
        self.valid_until_s[phase - 1] = now_s + self.validity_s

    def boot(self) -> None:
        """Forget what was written."""
        self.max_a = [None, None, None]
        self.valid_until_s = [float("-inf")] * 3

    def actual_max_a(self, phase: int, now_s: float) -> float:
        """The maximum in force on a site phase, A."""
        written = self.max_a[phase - 1]
        if written is None or now_s >= self.valid_until_s[phase - 1]:
            return self.safe_a
        return written

    def consumption_a(self) -> list[float]:
        """Sum of the sockets' currents per site phase, A."""
        out = [0.0, 0.0, 0.0]
        for s in self.sockets:
            for amps, phase in zip(s.current_a, s.conductors, strict=False):
                out[phase - 1] += amps
        return out

    def share(self, now_s: float) -> None:
        """Give each socket its part of the network's maximum."""
        if not self.enabled:
            return
        room_a = [self.actual_max_a(p, now_s) for p in (1, 2, 3)]
        admitted: list[Socket] = []
        count = [0, 0, 0]
        for s in self.sockets:
            s.group_cap_a = 0.0
            if s.car is None or s.car.full:
                continue
            if all(room_a[p - 1] >= MIN_CURRENT_A * (count[p - 1] + 1) for p in s.conductors):
                admitted.append(s)
                for p in s.conductors:
                    count[p - 1] += 1
        for s in admitted:
            s.group_cap_a = min(room_a[p - 1] / count[p - 1] for p in s.conductors)


class Station:
    """A housing with one or two sockets, one network address and one firmware."""

    def __init__(self, station_id: str, sockets: Sequence[Socket], scn: Scn | None = None) -> None:
        self.id = station_id
        self.sockets = tuple(sockets)
        self.scn = Scn(f"SCN-{station_id}") if scn is None else scn
        self.scn.sockets.extend(self.sockets)
        self.booted_s: float | None = None
        """When the firmware started, UTC; None while it boots."""
        self.up_s = float("-inf")
        """While it boots: when it is there again, UTC."""

    def reboot(self, now_s: float) -> None:
        """Lose power for a moment: contactors open, set-points gone, no answers for `BOOT_S`."""
        self.booted_s = None
        self.up_s = now_s + BOOT_S
        self.scn.boot()
        for s in self.sockets:
            s.boot()

    def tick(self, now_s: float, dt_s: float, voltage_v: Sequence[float]) -> None:
        """Let `dt_s` seconds pass that end at `now_s`."""
        if self.booted_s is None:
            for s in self.sockets:
                s.operative = now_s >= self.up_s
            if now_s >= self.up_s:
                self.booted_s = now_s
        for s in self.sockets:
            s.tick(now_s, dt_s, voltage_v)
