"""A battery behind a SunSpec inverter over Modbus TCP (BatteryDriver).

The place of its models is looked up once after each connection that failed. What is written goes out only for a fresh
decision, with the device's own timer (RvrtTms) where it has one: when nobody writes any more it goes back by itself.
"""

import math

from kwartier.devices.blocks import Block
from kwartier.devices.capabilities import PostBattery
from kwartier.devices.catalogue import Device
from kwartier.devices.drivers import sunspec_models as sunspec
from kwartier.devices.drivers.charging import watchdog_of
from kwartier.devices.drivers.polling import fault, poll
from kwartier.devices.transports.modbus import Manners, ModbusLink, ModbusRefused
from kwartier.site.batteries import Battery, BatterySetpoint
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceUnreachable, KwartierError, LocalProtocolError, RemoteProtocolError

TIMER_S = 60


class SunSpecStorage:
    """One battery."""

    def __init__(
        self,
        *,
        battery: Battery,
        device: Device,
        link: ModbusLink,
        unit: int,
        clock: Clock,
        interval_s: float = 1.0,
    ) -> None:
        protocol = device.protocol
        self.battery_id = battery.id
        self.address = f"{link.bus} unit {unit}"
        self.watchdog = watchdog_of(device)
        self._battery = battery
        self._link = link
        self._unit = unit
        self._clock = clock
        self._interval_s = interval_s
        self._function = protocol.function
        self._manners = Manners(timeout_s=protocol.timeout_s, retries=protocol.retries, gap_s=protocol.gap_s)
        self._places: sunspec.Places | None = None
        self._storage: tuple[int, ...] | None = None

    async def run(self, post: PostBattery) -> None:
        """Poll for ever (BatteryDriver.run)."""

        async def once() -> None:
            if self._places is None:
                self._places = await self._look_up()
            places = self._places
            number, place = places.power
            power_w, at_s = await self._power(number, place)
            storage, seen_s = await self._read(places.storage, sunspec.STORAGE_REGISTERS)
            told = sunspec.reading(self._battery, storage, power_w, min(at_s, seen_s), self.address)
            self._storage = storage
            post(told)

        def trouble(error: KwartierError) -> None:
            self._places = None  # it may be another device, or one whose firmware has moved them
            post(fault(self.battery_id, self._clock.monotonic_s(), error))

        async with self._link.in_use():
            await poll(self._clock, self._interval_s, once, trouble)

    async def apply(self, setpoint: BatterySetpoint) -> None:
        """Write a set-point (BatteryDriver.apply)."""
        battery = self._battery
        if setpoint.battery_id != battery.id:
            raise LocalProtocolError(f"{self.address}: {setpoint.battery_id!r} is not this battery")
        power_w = setpoint.power_w
        if not (math.isfinite(power_w) and -battery.discharge_w <= power_w <= battery.charge_w):
            raise LocalProtocolError(f"{battery.id}: a set-point of {power_w} W is not written")
        storage, places = self._storage, self._places
        if storage is None:
            raise LocalProtocolError(f"{battery.id}: nothing is written before it was heard")
        if places is None:
            raise DeviceUnreachable(f"{self.address} does not answer; nothing is written until it does")

        def allowed() -> None:
            late_s = self._clock.monotonic_s() - setpoint.valid_until_s
            if late_s >= 0:
                raise LocalProtocolError(
                    f"{battery.id}: the set-point expired {late_s:.1f} s ago and is not written; only a fresh "
                    "decision may refresh a device"
                )

        allowed()
        async with self._link.in_use():
            for write in sunspec.writes(storage, power_w, TIMER_S, self.address):
                await self._link.write(
                    self._unit,
                    places.storage + write.offset,
                    write.words,
                    manners=self._manners,
                    allowed=allowed,
                )

    async def _look_up(self) -> sunspec.Places:
        """Walk the device's list of models."""
        base = await self._base()
        models: dict[int, int] = {}
        place = base + len(sunspec.MARK)
        for _ in range(sunspec.MOST_MODELS):
            (number, length), _ = await self._read(place, 2)
            if number == sunspec.END:
                return sunspec.check_places(models, self.address)
            if length > sunspec.LONGEST_MODEL or place + 2 + length > 0xFFFF:
                break
            models.setdefault(number, place)
            place += 2 + length
        raise RemoteProtocolError(f"{self.address}: its list of SunSpec models has no end", b"")

    async def _base(self) -> int:
        for base in sunspec.BASES:
            try:
                words, _ = await self._read(base, len(sunspec.MARK))
            except ModbusRefused:
                continue  # nothing there
            if words == sunspec.MARK:
                return base
        places = ", ".join(map(str, sunspec.BASES))
        raise RemoteProtocolError(f"{self.address}: it is no SunSpec device: no SunS at {places}", b"")

    async def _power(self, number: int, place: int) -> tuple[float | None, float]:
        """The battery's power and when it was true. Of an inverter that has nothing else its own power is that of
        the battery."""
        if number == sunspec.MPPT:
            count = sunspec.MPPT_HEAD + sunspec.MPPT_EACH * sunspec.DISCHARGING_MODULE
            words, at_s = await self._read(place, count)
            return sunspec.mppt_power_w(words), at_s
        words, at_s = await self._read(place, sunspec.INVERTER_REGISTERS)
        raw = sunspec.signed(words[sunspec.INVERTER_W])
        given_w = sunspec.scaled(raw, words[sunspec.INVERTER_W_SF])
        return None if given_w is None else -given_w, at_s

    async def _read(self, address: int, count: int) -> tuple[tuple[int, ...], float]:
        answer = await self._link.read(
            self._unit, Block(address, count), function=self._function, manners=self._manners
        )
        return answer.words, answer.at_s
