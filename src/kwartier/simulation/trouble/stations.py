"""Charging stations and the network to them, as the controller meets them.

`station_silent`       neither reads nor writes get through
`station_reboot`       its firmware starts anew: 30 s without answers, set-points gone
`station_timeouts`     a read or a write gets through with the probability `amount`
`station_lost_writes`  writes are acknowledged and go nowhere
`station_late_writes`  writes are acknowledged and arrive `amount` seconds later
`station_half_open`    reads give what was so when it began, writes are acknowledged and go nowhere
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from kwartier.simulation.faults import Fault
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Station
from kwartier.simulation.sensing import socket_reading
from kwartier.site.readings import ChargePointReading

Coming = tuple[float, str, float, int | None]
"""A write on its way: when it arrives, for whom, A, phases."""


class StationLines:
    """All stations of a plant with their ways to the controller."""

    def __init__(self, plant: Plant, dice: Random) -> None:
        self._plant = plant
        self._dice = dice
        self._station: dict[str, Station] = {s.id: st for st in plant.stations for s in st.sockets}
        self._active: dict[str, dict[str, Fault]] = {st.id: {} for st in plant.stations}
        self._frozen: dict[str, ChargePointReading] = {}
        self._shown: dict[str, ChargePointReading] = {}
        self._coming: list[Coming] = []

    def begin(self, fault: Fault) -> None:
        """A fault begins."""
        station = self._station[fault.target]
        if fault.kind == "station_reboot":
            station.reboot(self._plant.now_s)
            return
        self._active[station.id][fault.kind] = fault
        if fault.kind == "station_half_open":
            for socket in station.sockets:
                if socket.id in self._shown:
                    self._frozen[socket.id] = self._shown[socket.id]

    def end(self, fault: Fault) -> None:
        """A fault ends."""
        station = self._station[fault.target]
        if self._active[station.id].get(fault.kind) == fault:
            del self._active[station.id][fault.kind]

    def peers(self, point_id: str) -> frozenset[str]:
        """The charge points on the same station, itself included."""
        return frozenset(s.id for s in self._station[point_id].sockets)

    def up(self, point_id: str) -> bool:
        """Whether its firmware runs."""
        return self._station[point_id].booted_s is not None

    @property
    def calm(self) -> bool:
        """Whether nothing comes as it will: no dice, and of writes on their way only such as change nothing."""
        if any("station_timeouts" in kinds for kinds in self._active.values()):
            return False
        return all(
            phases is None and self._plant.socket[point_id].setpoint_a == current_a
            for _, point_id, current_a, phases in self._coming
        )

    def frozen(self, point_id: str) -> ChargePointReading | None:
        """What its station tells again and again, where it is half open."""
        if "station_half_open" not in self._active[self._station[point_id].id]:
            return None
        return self._frozen.get(point_id)

    def loses(self, point_id: str) -> bool:
        """Whether writes are acknowledged and go nowhere."""
        faults = self._active[self._station[point_id].id]
        return "station_lost_writes" in faults or "station_half_open" in faults

    def leap(self, written_s: Mapping[str, Sequence[float]], end_s: float) -> None:
        """As if the same values had been written again at these moments (UTC) until `end_s`; the plant is not there yet,
        so that it finds what holds for as long as it takes."""
        arrived: list[tuple[str, float]] = []
        for point_id, moments_s in written_s.items():
            if self.loses(point_id):
                continue
            late = self._active[self._station[point_id].id].get("station_late_writes")
            current_a = self._plant.socket[point_id].setpoint_a
            if late is None or current_a is None:
                arrived += [(point_id, at_s) for at_s in moments_s]
            else:
                self._coming += [(at_s + late.amount, point_id, current_a, None) for at_s in moments_s]
        arrived += [(point_id, at_s) for at_s, point_id, *_ in self._due(end_s)]
        for point_id, at_s in arrived:
            socket = self._plant.socket[point_id]
            if not self.silent(point_id):
                socket.valid_until_s = max(socket.valid_until_s, at_s + socket.validity_s)

    def silent(self, point_id: str) -> bool:
        """Whether nothing gets through now."""
        station = self._station[point_id]
        return station.booted_s is None or "station_silent" in self._active[station.id]

    def read(self, now_s: float) -> dict[str, ChargePointReading]:
        """What is heard at `now_s` of the controller's clock."""
        out = {}
        plant_s = self._plant.now_s
        for station in self._plant.stations:
            faults = self._active[station.id]
            if station.booted_s is None or "station_silent" in faults:
                continue
            for socket in station.sockets:
                if faults and self._times_out(faults):
                    continue
                reading = socket_reading(socket, plant_s, now_s)
                if "station_half_open" in faults:
                    reading = replace(self._frozen.get(socket.id, reading), at_s=reading.at_s)
                out[socket.id] = self._shown[socket.id] = reading
        return out

    def write(self, point_id: str, current_a: float, phases: int | None) -> bool:
        """Send a set-point, and on how many phases where that is said; returns whether it was acknowledged."""
        faults = self._active[self._station[point_id].id]
        if self.silent(point_id) or self._times_out(faults):
            return False
        if "station_half_open" in faults or "station_lost_writes" in faults:
            return True
        late = faults.get("station_late_writes")
        if late is not None:
            self._coming.append((self._plant.now_s + late.amount, point_id, current_a, phases))
        else:
            self._arrive(point_id, current_a, phases)
        return True

    def tick(self) -> None:
        """Let writes that were on their way arrive."""
        if not self._coming:
            return
        for _, point_id, current_a, phases in self._due(self._plant.now_s):
            if not self.silent(point_id):
                self._arrive(point_id, current_a, phases)

    def _arrive(self, point_id: str, current_a: float, phases: int | None) -> None:
        """Fewer phases before the current, more after it, as the driver does; a station may refuse phases."""
        socket, now_s = self._plant.socket[point_id], self._plant.now_s
        changes = phases is not None and socket.phase_switching
        if changes and (phases or 0) < socket.phases:
            socket.switch_phases(phases or 1, now_s)
        socket.write_setpoint(current_a, now_s)
        if changes and (phases or 0) >= socket.phases:
            socket.switch_phases(phases or 1, now_s)

    def _due(self, now_s: float) -> Iterable[Coming]:
        due = [w for w in self._coming if w[0] <= now_s]
        self._coming = [w for w in self._coming if w[0] > now_s]
        return due

    def _times_out(self, faults: dict[str, Fault]) -> bool:
        slow = faults.get("station_timeouts")
        return slow is not None and self._dice.random() >= slow.amount
