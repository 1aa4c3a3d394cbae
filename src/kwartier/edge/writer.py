"""Writing set-points to devices: on change at once, for refresh while the decision is fresh, never else.

Each station has a writer of its own, so that a slow one delays nobody. The newest decision replaces the
one before; one that is past its deadline is not written (DESIGN section 5.6): when the cycle stalls, the
devices' own timers run out and they fall to their own safe current.
"""

import asyncio
from collections.abc import Callable, Iterable

from kwartier.devices.capabilities import ChargeDriver
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceRefused, DeviceUnreachable, LocalProtocolError, RemoteProtocolError
from kwartier.site.readings import DeviceFault
from kwartier.site.setpoints import Setpoint

REFRESH_S = 15.0
"""A quarter of the usual validity time of a station (60 s); where it is shorter, `Writer.renew`."""
RETRY_S = 1.0
"""A set-point that the device does not confirm is written again after this long."""


class Writer:
    """Keeps one station at what was decided for its charge points."""

    def __init__(self, driver: ChargeDriver, clock: Clock, post: Callable[[DeviceFault], None]) -> None:
        self._driver = driver
        self._clock = clock
        self._post = post
        self._wanted: dict[str, Setpoint] = {}
        self._written: dict[str, tuple[float, float, int | None]] = {}
        self._retry_s: dict[str, float] = {}
        self._wake = asyncio.Event()
        self.writes = 0

    def decide(self, setpoint: Setpoint) -> None:
        """Take note of the newest decision; returns at once."""
        self._wanted[setpoint.charge_point_id] = setpoint
        if self._due(setpoint, self._clock.monotonic_s()):
            self._wake.set()

    def forget(self, charge_point_id: str) -> None:
        """The device does not hold what was written (a reboot, a lost write): write again."""
        self._written.pop(charge_point_id, None)

    def renew(self, charge_point_id: str, heard_s: float) -> None:
        """By its word of `heard_s` the device lets go of its set-point soon: write again, unless that was
        done since."""
        written = self._written.get(charge_point_id)
        if written is not None and written[0] < heard_s:
            self.forget(charge_point_id)

    async def run(self) -> None:
        """Write until cancelled. Decreases go before increases."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            now_s = self._clock.monotonic_s()
            due = [s for s in self._wanted.values() if self._due(s, now_s)]
            for setpoint in sorted(due, key=self._increase_a):
                await self._write(setpoint)

    def _increase_a(self, setpoint: Setpoint) -> float:
        written = self._written.get(setpoint.charge_point_id)
        return setpoint.current_a - (written[1] if written else 0.0)

    def _due(self, setpoint: Setpoint, now_s: float) -> bool:
        point_id = setpoint.charge_point_id
        if now_s < self._retry_s.get(point_id, now_s):
            return False
        written = self._written.get(point_id)
        if written is None or written[1:] != (setpoint.current_a, setpoint.phases):
            return True
        return now_s - written[0] >= REFRESH_S

    async def _write(self, setpoint: Setpoint) -> None:
        point_id = setpoint.charge_point_id
        setpoint = self._wanted[point_id]
        if self._clock.monotonic_s() >= setpoint.valid_until_s:
            return
        try:
            await self._driver.apply(setpoint)
        except (DeviceUnreachable, DeviceRefused, RemoteProtocolError, LocalProtocolError) as error:
            self._written.pop(point_id, None)
            self._retry_s[point_id] = self._clock.monotonic_s() + RETRY_S
            kind = {DeviceUnreachable: "unreachable", DeviceRefused: "refused"}.get(type(error), "nonsense")
            self._post(
                DeviceFault(device_id=point_id, at_s=self._clock.monotonic_s(), kind=kind, what=str(error))
            )
            return
        self.writes += 1
        self._written[point_id] = (self._clock.monotonic_s(), setpoint.current_a, setpoint.phases)


def writers_of(
    drivers: Iterable[ChargeDriver], clock: Clock, post: Callable[[DeviceFault], None]
) -> dict[str, Writer]:
    """The writer of each charge point; charge points of one station share theirs."""
    out = {}
    for driver in drivers:
        writer = Writer(driver, clock, post)
        out.update(dict.fromkeys(driver.charge_point_ids, writer))
    return out
