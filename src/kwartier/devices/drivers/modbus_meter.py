"""A meter on Modbus, of any make: its register map is data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kwartier.devices.blocks import Block
from kwartier.devices.capabilities import PostMeter
from kwartier.devices.catalogue import Device, Identify
from kwartier.devices.drivers.polling import ModbusUnit, Picture, fault, poll
from kwartier.devices.quantities import CURRENT_A, POWER_PHASE_W, VOLTAGE_V
from kwartier.devices.readout import Values
from kwartier.devices.registers import Value
from kwartier.devices.transports.modbus import ModbusLink
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceUnreachable, KwartierError, RemoteProtocolError
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import MeterReading, Partial

FROZEN_STEPS = 3
"""Counter steps that the measured power must have made before a silent counter means a frozen meter."""
F32_RESOLUTION = 2.0**-22
"""Step of a float32 counter, relative to what it shows."""


class ModbusMeter:
    """Polls one meter (MeterSource)."""

    def __init__(
        self,
        *,
        meter_id: str,
        device: Device,
        link: ModbusLink,
        unit: int,
        clock: Clock,
        interval_s: float = 1.0,
        conductors: Sequence[int] = (1, 2, 3),
        invert: bool = False,
        frozen_after_s: float | None = None,
    ) -> None:
        """`conductors[i]` is the site phase on the meter's Li; `invert` is for a meter built in backwards;
        `frozen_after_s` overrides the catalogue's, 0 never takes it for frozen."""
        self.meter_id = meter_id
        self._unit = ModbusUnit(link, unit, device, device.registers)
        self.address = self._unit.address
        self._identify = (
            None
            if device.identify is None
            else (device.identify, ModbusUnit(link, unit, device, {"identity": device.identify}))
        )
        self._identified = False
        self._clock = clock
        self._interval_s = interval_s
        self._conductors = tuple(conductors)
        self._invert = invert
        patience_s = device.frozen_after_s if frozen_after_s is None else frozen_after_s
        self._still = None if frozen_after_s == 0 else StillWatch(patience_s, _counter_steps_kwh(device))

    async def run(self, post: PostMeter) -> None:
        """Post readings and faults for ever (MeterSource.run)."""

        def trouble(error: KwartierError) -> None:
            self._identified = False  # something else may answer when it comes back
            if self._still is not None and isinstance(error, DeviceUnreachable):
                self._still.forget()
            post(fault(self.meter_id, self._clock.monotonic_s(), error))

        async def once() -> None:
            post(await self.read())

        async with self._unit.link.in_use():
            await poll(self._clock, self._interval_s, once, trouble)

    async def read(self) -> MeterReading:
        """One reading. Raises DeviceUnreachable, DeviceRefused, or RemoteProtocolError for another device than
        expected, values that cannot be, and a meter that stands still."""
        if self._identify is not None and not self._identified:
            await self._check_identity(*self._identify)
        picture = await self._unit.read()
        self._check_moving(picture)
        return meter_reading(
            picture.values,
            meter_id=self.meter_id,
            at_s=picture.at_s,
            conductors=self._conductors,
            invert=self._invert,
        )

    async def _check_identity(self, identify: Identify, unit: ModbusUnit) -> None:
        picture = await unit.read()
        name = picture.values["identity"]
        if not str(name).startswith(identify.expect):
            raise RemoteProtocolError(
                f"{self.address}: this is {name!r}, not a device of the configured type "
                f"(expected {' or '.join(identify.expect)}); check address, unit and type in the site file"
            )
        self._identified = True

    def _check_moving(self, picture: Picture) -> None:
        if self._still is not None and self._still.stands_still(picture):
            raise RemoteProtocolError(
                f"{self.address}: the meter stands still: its registers have not changed for "
                f"{picture.at_s - self._still.since_s:.0f} s, which a meter under voltage cannot do; its readings are "
                "not used (option `frozen_after_s: 0` for a test bench with fixed values)"
            )


@dataclass(slots=True)
class StillWatch:
    """Finds a frozen meter that has no clock to betray it: all registers the same for too long.

    Too long is `frozen_after_s`, for devices that show voltages so finely that they never repeat; and for all
    devices, when power flows that the energy counter should have shown meanwhile. The more flows, the sooner
    (80 A on three phases, steps of 10 Wh: 2 s).
    """

    frozen_after_s: float | None
    steps_kwh: Mapping[str, float]
    """The least change that each energy counter of the device can show."""
    since_s: float = field(default=0.0, init=False)
    _words: dict[Block, Sequence[int]] = field(default_factory=dict, init=False)

    def stands_still(self, picture: Picture) -> bool:
        """Whether this picture is one too many of the same."""
        if self._words != picture.words:
            self._words, self.since_s = dict(picture.words), picture.at_s
            return False
        still_s = picture.at_s - self.since_s
        if self.frozen_after_s is not None and still_s >= self.frozen_after_s:
            return True
        return self._counter_overdue(picture.values, still_s)

    def forget(self) -> None:
        """Begin again: what was the same before and after an outage says nothing of what was between."""
        self._words = {}

    def _counter_overdue(self, values: Values, still_s: float) -> bool:
        power_w = _number(values.get("power_w"))
        counter = "energy_import_kwh" if power_w > 0 else "energy_export_kwh"
        if counter not in self.steps_kwh or values.get(counter) is None:
            return False
        step_kwh = max(self.steps_kwh[counter], _number(values[counter]) * F32_RESOLUTION)
        return abs(power_w) * still_s / 3.6e6 >= FROZEN_STEPS * step_kwh


def meter_reading(
    values: Values,
    *,
    meter_id: str,
    at_s: float,
    conductors: Sequence[int] = (1, 2, 3),
    invert: bool = False,
) -> MeterReading:
    """A map's values as a reading of the site: wired to site phases, positive into what is metered."""
    sign = -1 if invert else 1
    into, out = ("export", "import") if invert else ("import", "export")
    return MeterReading(
        meter_id=meter_id,
        at_s=at_s,
        current_a=_vector(_partial(values, CURRENT_A, conductors, sign), conductors),
        voltage_v=_partial(values, VOLTAGE_V, conductors, 1),
        power_w=_signed(values.get("power_w"), sign),
        power_phase_w=_partial(values, POWER_PHASE_W, conductors, sign),
        energy_import_kwh=_signed(values.get(f"energy_{into}_kwh"), 1),
        energy_export_kwh=_signed(values.get(f"energy_{out}_kwh"), 1),
        energy_import_t1_kwh=_signed(values.get(f"energy_{into}_t1_kwh"), 1),
        energy_import_t2_kwh=_signed(values.get(f"energy_{into}_t2_kwh"), 1),
        energy_export_t1_kwh=_signed(values.get(f"energy_{out}_t1_kwh"), 1),
        energy_export_t2_kwh=_signed(values.get(f"energy_{out}_t2_kwh"), 1),
        frequency_hz=_signed(values.get("frequency_hz"), 1),
    )


def _signed(value: Value | None, sign: int) -> float | None:
    return None if value is None else sign * float(value)


def _partial(values: Values, names: Sequence[str], conductors: Sequence[int], sign: int) -> Partial:
    out: list[float | None] = [None, None, None]
    for name, phase in zip(names, conductors, strict=False):
        out[phase - 1] = _signed(values.get(name), sign)
    return (out[0], out[1], out[2])


def _vector(partial: Partial, conductors: Sequence[int]) -> PhaseVector | None:
    """None where a wired phase is unknown; 0 on phases that the meter is not wired to."""
    if any(partial[phase - 1] is None for phase in conductors):
        return None
    return (partial[0] or 0.0, partial[1] or 0.0, partial[2] or 0.0)


def _number(value: Value | None) -> float:
    return 0.0 if value is None or isinstance(value, str) else float(value)


def _counter_steps_kwh(device: Device) -> dict[str, float]:
    return {
        name: max(entry.scale, 0.01) if entry.type in {"f32", "f64"} else entry.scale
        for name, entry in device.registers.items()
        if name in {"energy_import_kwh", "energy_export_kwh"}
    }
