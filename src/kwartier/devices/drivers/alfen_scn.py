"""A whole Smart Charging Network of Alfen stations, limited as one, through unit 200 of one station.

What it can: read the sum that the network draws and may draw per phase, and limit that sum. What it cannot:
see or limit a single socket, know whether a car is there (state "C2" here means more than 1 A on some phase,
"B2" anything else), switch phases, or give each phase its own limit (a Set-point is one current, written to
all three). Sharing among the sockets, the 6 A minimum and turns are the network's own. Use `alfen-ng9xx` per
station where Kwartier shall do these.

Source: as `alfen`.
"""

import asyncio
from collections.abc import Callable

from kwartier.devices.capabilities import PostChargePoint
from kwartier.devices.catalogue import Device
from kwartier.devices.drivers.alfen import NOT_WRITABLE, number, partial
from kwartier.devices.drivers.charging import (
    RestartWatch,
    checked_current_a,
    refuse_late,
    restart_fault,
    watchdog_of,
)
from kwartier.devices.drivers.polling import ModbusUnit, Picture, fault, poll
from kwartier.devices.quantities import CURRENT_A, GROUP_APPLIED_A, GROUP_SETPOINT_A, GROUP_VALID_FOR_S
from kwartier.devices.transports.modbus import ModbusLink, ModbusRefused
from kwartier.site.clock import Clock
from kwartier.site.errors import KwartierError, LocalProtocolError
from kwartier.site.readings import ChargePointReading, Partial
from kwartier.site.setpoints import Setpoint
from kwartier.site.topology import ChargePoint

CHARGING_A = 1.0


class AlfenScn:
    """One network as one charge point (ChargeDriver)."""

    def __init__(
        self, *, point: ChargePoint, device: Device, link: ModbusLink, clock: Clock, interval_s: float = 1.0
    ) -> None:
        self.charge_point_ids: tuple[str, ...] = (point.id,)
        self.watchdog = watchdog_of(device)
        self._point = point
        self._link = link
        self._clock = clock
        self._interval_s = interval_s
        self._unit = ModbusUnit(link, device.protocol.unit, device, device.registers)
        self.address = self._unit.address
        self._restarts = RestartWatch.of(link, device)
        self._one_by_one = False
        self._lock = asyncio.Lock()  # three writes of one set-point must not mix with those of the next

    async def run(self, post: PostChargePoint) -> None:
        """Poll the network (ChargeDriver.run)."""

        def trouble(error: KwartierError) -> None:
            post(fault(self._point.id, self._clock.monotonic_s(), error))

        async def once() -> None:
            post(network_reading(await self._unit.read(), self._point.id))

        def restarted(what: str) -> None:
            post(restart_fault(self._point.id, self._clock, what))

        async with self._link.in_use(), asyncio.TaskGroup() as tasks:
            tasks.create_task(poll(self._clock, self._interval_s, once, trouble))
            if self._restarts is not None:
                tasks.create_task(self._restarts.run(self._clock, self._interval_s, restarted))

    async def apply(self, setpoint: Setpoint) -> None:
        """Write the maximum of all three phases, in one request where the station allows it
        (ChargeDriver.apply). `setpoint.phases` is not for a network and is left out."""
        if setpoint.charge_point_id != self._point.id:
            raise LocalProtocolError(f"{self.address}: {setpoint.charge_point_id!r} is not this network")
        current_a = checked_current_a(setpoint, self._point.max_a)

        def allowed() -> None:
            refuse_late(setpoint, self._clock)

        allowed()
        async with self._lock, self._link.in_use():
            await self._write(current_a, allowed)

    async def _write(self, current_a: float, allowed: Callable[[], None]) -> None:
        if not self._one_by_one:
            try:
                await self._unit.write(GROUP_SETPOINT_A, current_a, allowed)
            except ModbusRefused as error:
                if error.code not in NOT_WRITABLE:
                    raise
                self._one_by_one = True  # each value still goes out whole, in a request of its own
            else:
                return
        for name in GROUP_SETPOINT_A:
            await self._unit.write((name,), current_a, allowed)


def network_reading(picture: Picture, charge_point_id: str) -> ChargePointReading:
    """A network's registers as the reading of one charge point. Where its phases differ, limits are the
    largest and validity the shortest: what is booked for it is never too little."""
    values = picture.values
    l1, l2, l3 = (abs(number(values[name]) or 0.0) for name in CURRENT_A)
    used = number(values["setpoint_used"])
    valid_for_s = _known(partial(values, GROUP_VALID_FOR_S))
    return ChargePointReading(
        charge_point_id=charge_point_id,
        at_s=picture.at_s,
        state="C2" if max(l1, l2, l3) > CHARGING_A else "B2",
        current_a=(l1, l2, l3),
        setpoint_a=max(_known(partial(values, GROUP_SETPOINT_A)), default=None),
        applied_a=max(_known(partial(values, GROUP_APPLIED_A)), default=None),
        setpoint_used=None if used is None else used == 1,
        valid_for_s=min(valid_for_s, default=None),
        fallback_a=number(values["fallback_a"]),
    )


def _known(values: Partial) -> list[float]:
    return [value for value in values if value is not None]
