"""The whole site: everything that draws or gives, summed up the tree of circuits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.loads import POWER_FACTOR, Load
from kwartier.simulation.plant.noise import Noise
from kwartier.simulation.plant.registers import GridRegisters
from kwartier.simulation.plant.solar import Photovoltaics
from kwartier.simulation.plant.station import SQRT3, Scn, Socket, Station
from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.plant.visits import Visits
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import Site

NOMINAL_V = 230.0
SAG_V_PER_A = 0.03
"""How much the connection's voltage gives way per ampere imported."""


@dataclass(slots=True)
class Tap:
    """What a meter at some place sees now: signed currents and powers per site phase, and its energy."""

    current_a: Sequence[float]
    power_w: Sequence[float]
    import_wh: float = 0.0
    export_wh: float = 0.0


class Plant:
    """The physics of a site on its own clock `now_s` (UTC seconds).

    Currents are signed and in phase with the voltage: the parent is the sum of its children at every
    circuit, to rounding. `current_a(circuit)` and `power_w(circuit)` are the truth that meters blur.

    Without neutral (`Site.three_wire`) the currents of a line are magnitudes and are added as if they met at
    no angle. Really they meet at 60 or 120 degrees and make less: the plant is never kinder than the world.
    """

    def __init__(
        self,
        site: Site,
        stations: Iterable[Station],
        *,
        start_s: float,
        dice: Random,
        loads: Mapping[str, Sequence[Load]],
        photovoltaics: Mapping[str, tuple[str, Photovoltaics]] | None = None,
        visits: Iterable[Visits] = (),
        storages: Mapping[str, Sequence[Storage]] | None = None,
        voltage_noise_v: float = 0.15,
    ) -> None:
        """`loads` by circuit id; `photovoltaics` by the id of the meter that measures them, each with
        the circuit it feeds. Sockets have the ids of the site's charge points; `storages` by circuit id, theirs
        are those of the site's batteries."""
        self.site = site
        self.stations = tuple(stations)
        self.now_s = start_s
        self.voltage_v = [NOMINAL_V] * 3
        self.registers = GridRegisters(start_s, ZoneInfo(site.time_zone))
        self._noise = Noise(dice)
        self._noise_v = voltage_noise_v
        self._drift_v = [0.0, 0.0, 0.0]
        self.visits = self._visits = tuple(visits)
        self._extra: list[tuple[list[float], list[float], int, float, float]] = []
        self._scns: tuple[Scn, ...] = tuple({id(s.scn): s.scn for s in self.stations}.values())
        deep_first = sorted(site.circuits, key=lambda c: -len(site.path[c.id]))
        self._amps: dict[str, list[float]] = {c.id: [0.0] * 3 for c in deep_first}
        self._watts: dict[str, list[float]] = {c.id: [0.0] * 3 for c in deep_first}
        self._sums = (*self._amps.values(), *self._watts.values())
        self._joins = [
            (self._amps[c.id], self._amps[c.parent], self._watts[c.id], self._watts[c.parent])
            for c in deep_first
            if c.parent is not None
        ]
        self.socket: dict[str, Socket] = {s.id: s for st in self.stations for s in st.sockets}
        for socket in self.socket.values():
            socket.three_wire = site.three_wire
        self._wiring = [self._wire(s) for s in self.socket.values()]
        self._loads = [(load, *self._rows(cid)) for cid, group in loads.items() for load in group]
        self._pv: list[tuple[Photovoltaics, list[float], list[float], Tap]] = []
        self.taps: dict[str, Tap] = {}
        for meter_id, (circuit_id, pv) in (photovoltaics or {}).items():
            self.taps[meter_id] = Tap([0.0, 0.0, 0.0], pv.power_w)
            self._pv.append((pv, *self._rows(circuit_id), self.taps[meter_id]))
        self._storages = [
            (cells, *self._rows(cid)) for cid, group in (storages or {}).items() for cells in group
        ]
        self.storage: dict[str, Storage] = {cells.id: cells for cells, *_ in self._storages}
        for c in site.circuits:
            if c.meter is not None:
                self.taps[c.meter] = Tap(*self._rows(c.id))
        self.advance(0.0)  # so that whoever looks before the first second sees loads, not zeros

    def current_a(self, circuit_id: str) -> PhaseVector:
        """Signed current per phase of a circuit, A."""
        a = self._amps[circuit_id]
        return (a[0], a[1], a[2])

    def power_w(self, circuit_id: str) -> PhaseVector:
        """Signed power per phase of a circuit, W."""
        w = self._watts[circuit_id]
        return (w[0], w[1], w[2])

    def live_a(self, circuit_id: str) -> list[float]:
        """Signed current per phase of a circuit, A: a list that changes as time goes by."""
        return self._amps[circuit_id]

    def advance(self, dt_s: float = 1.0) -> None:
        """Let `dt_s` seconds pass (1 s or less: switching is not resolved any finer)."""
        self.now_s += dt_s
        now_s = self.now_s
        self._wander()
        for visits in self._visits:
            visits.tick(now_s)
        for scn in self._scns:
            if scn.enabled:
                scn.share(now_s)
        for station in self.stations:
            station.tick(now_s, dt_s, self.voltage_v)
        for values in self._sums:
            values[0] = values[1] = values[2] = 0.0
        self._add_sources(now_s, dt_s)
        self._add_sockets()
        for amps, up_a, watts, up_w in self._joins:
            up_a[0] += amps[0]
            up_a[1] += amps[1]
            up_a[2] += amps[2]
            up_w[0] += watts[0]
            up_w[1] += watts[1]
            up_w[2] += watts[2]
        self.registers.tick(now_s, dt_s, sum(self._watts[self.site.root.id]))
        self._count(dt_s)

    def switch_on(self, circuit_id: str, phase: int, power_w: float, lasts_s: float) -> None:
        """Somebody switches an appliance on a site phase (1 to 3) on, for a while: an oven, a heater."""
        self._extra.append((*self._rows(circuit_id), phase - 1, power_w, self.now_s + lasts_s))

    def _rows(self, circuit_id: str) -> tuple[list[float], list[float]]:
        return self._amps[circuit_id], self._watts[circuit_id]

    def _wire(self, socket: Socket) -> tuple[Socket, list[tuple[int, int]], list[float], list[float]]:
        point = self.site.charge_point[socket.id]
        pairs = [(i, phase - 1) for i, phase in enumerate(socket.conductors)]
        return (socket, pairs, *self._rows(point.circuit))

    def _wander(self) -> None:
        load_a, drift_v, noise_v = self._amps[self.site.root.id], self._drift_v, self._noise_v
        if not noise_v:
            a, b, c = load_a
            self.voltage_v[:] = (
                NOMINAL_V - SAG_V_PER_A * a,
                NOMINAL_V - SAG_V_PER_A * b,
                NOMINAL_V - SAG_V_PER_A * c,
            )
            return
        noise = self._noise
        for i in (0, 1, 2):
            drift_v[i] = drift = 0.99 * drift_v[i] + noise_v * noise.next()
            self.voltage_v[i] = NOMINAL_V + drift - SAG_V_PER_A * load_a[i]

    def _add_sources(self, now_s: float, dt_s: float) -> None:
        volts, three_wire = self.voltage_v, self.site.three_wire
        if three_wire:
            volts = [v / SQRT3 for v in volts]
        for load, amps, watts in self._loads:
            load.tick(now_s)
            power_w = load.power_w
            for i in (0, 1, 2):
                watts[i] += power_w[i]
                amps[i] += power_w[i] / (volts[i] * POWER_FACTOR)
        if self._extra:
            self._extra = [e for e in self._extra if now_s <= e[4]]
            for amps, watts, i, more_w, _ in self._extra:
                watts[i] += more_w
                amps[i] += more_w / (volts[i] * POWER_FACTOR)
        for pv, amps, watts, tap in self._pv:
            pv.tick(now_s, dt_s)
            power_w = pv.power_w
            tap.current_a = current_a = [power_w[i] / volts[i] for i in (0, 1, 2)]
            for i in (0, 1, 2):
                watts[i] += power_w[i]
                amps[i] += abs(current_a[i]) if three_wire else current_a[i]

        for cells, amps, watts in self._storages:
            cells.tick(now_s, dt_s)
            for i in (0, 1, 2):
                watts[i] += cells.power_w[i]
                amps[i] += cells.power_w[i] / volts[i]

    def _add_sockets(self) -> None:
        three_wire = self.site.three_wire
        for socket, pairs, amps, watts in self._wiring:
            if socket.closed:
                current_a, power_w = socket.current_a, socket.power_w
                if not three_wire and len(pairs) == 3:
                    (_, p1), (_, p2), (_, p3) = pairs
                    amps[p1] += current_a[0]
                    amps[p2] += current_a[1]
                    amps[p3] += current_a[2]
                    watts[p1] += power_w[0]
                    watts[p2] += power_w[1]
                    watts[p3] += power_w[2]
                    continue
                returning_a = max(current_a) if three_wire else 0.0  # through its other lines
                for i, phase in pairs:
                    amps[phase] += returning_a or current_a[i]
                    watts[phase] += power_w[i]

    def _count(self, dt_s: float) -> None:
        for tap in self.taps.values():
            energy_wh = sum(tap.power_w) * dt_s / 3600.0
            if energy_wh >= 0.0:
                tap.import_wh += energy_wh
            else:
                tap.export_wh -= energy_wh
