"""Alfen stations on the NG9xx platform (Eve, Twin) as a Modbus TCP slave.

The station keeps its own validity timer and falls to its safe current when nobody writes: that timer is our
safety, so this driver writes only what it is told to, when it is told to, and never past the deadline of a
set-point. There is no heartbeat in here.

Source: Alfen, Implementation of Modbus Slave TCP/IP for the NG9xx platform, version 2.3.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from kwartier.devices.capabilities import PostChargePoint
from kwartier.devices.catalogue import Device
from kwartier.devices.drivers.charging import (
    RestartWatch,
    checked_current_a,
    refuse_late,
    restart_fault,
    watchdog_of,
)
from kwartier.devices.drivers.polling import ModbusUnit, Picture, fault, poll
from kwartier.devices.quantities import CURRENT_A, VOLTAGE_V
from kwartier.devices.readout import Values
from kwartier.devices.registers import Value, to_bytes
from kwartier.devices.transports.modbus import ModbusLink, ModbusRefused
from kwartier.site.clock import Clock
from kwartier.site.errors import KwartierError, LocalProtocolError, RemoteProtocolError
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import IEC_STATES, ChargePointReading, Partial
from kwartier.site.setpoints import Setpoint
from kwartier.site.topology import ChargePoint

OLDEST_MEASUREMENT_S = 30.0
"""Where the station's own meter is silent for longer, nothing that it shows is a measurement any more."""
METER_ERROR = 8
"""Bit of register 300."""
NOT_WRITABLE = frozenset({1, 2, 3})
"""Exceptions that mean: this register is not for you (function, address, value)."""


@dataclass(slots=True)
class _Socket:
    """A charge point, its unit, and what we remember of it."""

    point: ChargePoint
    unit: ModbusUnit
    last: ChargePointReading | None = None
    phases_written: int | None = None
    phases_refused: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A set-point is up to two writes, which must not mix with those of the next one."""


class AlfenStation:
    """One station with one or two sockets (ChargeDriver)."""

    def __init__(
        self,
        *,
        points: Mapping[int, ChargePoint],
        device: Device,
        link: ModbusLink,
        clock: Clock,
        interval_s: float = 1.0,
    ) -> None:
        """`points` by socket number, which is the Modbus unit (1 left, 2 right)."""
        self.charge_point_ids = tuple(point.id for point in points.values())
        self.address = str(link.bus)
        self.watchdog = watchdog_of(device)
        self._link = link
        self._clock = clock
        self._interval_s = interval_s
        self._post: PostChargePoint | None = None
        self._sockets = {
            point.id: _Socket(point, ModbusUnit(link, unit, device, device.registers))
            for unit, point in points.items()
        }
        self._restarts = RestartWatch.of(link, device)

    async def run(self, post: PostChargePoint) -> None:
        """Poll all sockets, each with its own back-off, over the one link (ChargeDriver.run)."""
        self._post = post
        try:
            async with self._link.in_use(), asyncio.TaskGroup() as tasks:
                for socket in self._sockets.values():
                    tasks.create_task(self._poll_socket(socket, post))
                if self._restarts is not None:
                    tasks.create_task(
                        self._restarts.run(
                            self._clock, self._interval_s, lambda what: self._restarted(what, post)
                        )
                    )
        finally:
            self._post = None

    async def apply(self, setpoint: Setpoint) -> None:
        """Write a set-point (ChargeDriver.apply): the current to 1210, the phases to 1215 where they differ.

        Fewer phases go before the current, more phases after it, so that no moment draws more than asked. Where
        the station does not let us reduce the phases, the current is not raised either: it was meant for one.
        """
        socket = self._sockets.get(setpoint.charge_point_id)
        if socket is None:
            raise LocalProtocolError(
                f"{self.address}: {setpoint.charge_point_id!r} is no charge point of this station"
            )
        current_a = checked_current_a(setpoint, socket.point.max_a)
        if setpoint.phases not in {None, 1, 3}:
            raise LocalProtocolError(
                f"{socket.point.id}: a charge point uses 1 or 3 phases, not {setpoint.phases}"
            )

        def allowed() -> None:
            refuse_late(setpoint, self._clock)

        allowed()
        async with socket.lock, self._link.in_use():
            wanted, now = setpoint.phases, _phases_now(socket)
            if wanted is not None and wanted != now and wanted < (now or 3):
                if not await self._write_phases(socket, wanted, allowed):
                    current_a = min(current_a, _known_setpoint_a(socket))
                await socket.unit.write(("setpoint_a",), current_a, allowed)
                return
            await socket.unit.write(("setpoint_a",), current_a, allowed)
            if wanted is not None and wanted != now:
                await self._write_phases(socket, wanted, allowed)

    async def _write_phases(self, socket: _Socket, phases: int, allowed: Callable[[], None]) -> bool:
        """Whether the station uses so many phases from now on."""
        if socket.phases_refused:
            return False
        try:
            await socket.unit.write(("phases",), phases, allowed)
        except ModbusRefused as error:
            if error.code not in NOT_WRITABLE:
                raise
            socket.phases_refused = True
            self._say(socket, error)
            return False
        socket.phases_written = phases
        return True

    def _say(self, socket: _Socket, error: ModbusRefused) -> None:
        if self._post is not None:
            cure = 'tick "Allow 1 and 3 phase charging" at the station; until then its phases are left alone'
            told = ModbusRefused(f"{error}: switching phases is not allowed; {cure}", error.code)
            self._post(fault(socket.point.id, self._clock.monotonic_s(), told))

    async def _poll_socket(self, socket: _Socket, post: PostChargePoint) -> None:
        def trouble(error: KwartierError) -> None:
            post(fault(socket.point.id, self._clock.monotonic_s(), error))

        async def once() -> None:
            picture = await socket.unit.read()
            reading = socket_reading(picture, socket.point.id, socket.unit.address)
            if socket.last is not None and reading.at_s < socket.last.at_s:
                reading = replace(reading, at_s=socket.last.at_s)
            socket.last = reading
            post(reading)

        await poll(self._clock, self._interval_s, once, trouble)

    def _restarted(self, what: str, post: PostChargePoint) -> None:
        for socket in self._sockets.values():
            socket.phases_written = None
            socket.phases_refused = False
            post(restart_fault(socket.point.id, self._clock, what))


def socket_reading(picture: Picture, charge_point_id: str, address: str) -> ChargePointReading:
    """A socket's registers as a reading; `at_s` is when the station's own meter measured (register 301).

    Raises RemoteProtocolError, so that the socket counts as silent, where the state is unknown, the meter in
    the station reports an error, or it has been silent for more than `OLDEST_MEASUREMENT_S`.
    """
    values = picture.values
    raw = b"".join(to_bytes(words) for words in picture.words.values())
    age_s = (number(values["measurement_age_ms"]) or 0.0) / 1000
    if age_s > OLDEST_MEASUREMENT_S:
        raise RemoteProtocolError(f"{address}: the meter in the station gave no value for {age_s:.0f} s", raw)
    if int(number(values["meter_state"]) or 0) & METER_ERROR:
        raise RemoteProtocolError(f"{address}: the meter in the station reports an error (register 300)", raw)
    phases = number(values["phases"])
    used = number(values["setpoint_used"])
    return ChargePointReading(
        charge_point_id=charge_point_id,
        at_s=picture.at_s - age_s,
        state=_iec_state(values["state"], address, raw),
        current_a=_conductor_currents(values, address, raw),
        voltage_v=partial(values, VOLTAGE_V),
        power_w=number(values["power_w"]),
        energy_kwh=number(values["energy_kwh"]),
        setpoint_a=number(values["setpoint_a"]),
        applied_a=number(values["applied_a"]),
        setpoint_used=None if used is None else used == 1,
        valid_for_s=number(values["valid_for_s"]),
        fallback_a=number(values["fallback_a"]),
        phases=int(phases) if phases in {1, 3} else None,
        operative=values["operative"] == 1,
    )


def number(value: Value | None) -> float | None:
    """A numeric value or None."""
    return None if value is None or isinstance(value, str) else float(value)


def partial(values: Values, names: tuple[str, str, str]) -> Partial:
    """Three quantities as L1, L2, L3."""
    l1, l2, l3 = (number(values.get(name)) for name in names)
    return (l1, l2, l3)


def _iec_state(value: Value | None, address: str, raw: bytes) -> str:
    state = {"A": "A1"}.get(str(value), str(value))
    if state not in IEC_STATES:
        raise RemoteProtocolError(f"{address}: {value!r} is no mode 3 state (register 1201)", raw)
    return state


def _conductor_currents(values: Values, address: str, raw: bytes) -> PhaseVector:
    """Absent currents are 0 only where the voltage is absent too: there is no such conductor."""
    out = []
    for phase, (current, voltage) in enumerate(zip(CURRENT_A, VOLTAGE_V, strict=True), start=1):
        current_a = number(values[current])
        if current_a is None and (phase == 1 or values[voltage] is not None):
            raise RemoteProtocolError(f"{address}: the current of L{phase} is not available", raw)
        out.append(abs(current_a or 0.0))
    return (out[0], out[1], out[2])


def _phases_now(socket: _Socket) -> int | None:
    """What we last wrote goes before what is read: firmware 6.4 always reads 3."""
    if socket.phases_written is not None:
        return socket.phases_written
    return None if socket.last is None else socket.last.phases


def _known_setpoint_a(socket: _Socket) -> float:
    return 0.0 if socket.last is None else socket.last.setpoint_a or 0.0
