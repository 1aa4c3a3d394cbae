"""From a telegram to a reading: signs, plausibility, M-Bus. Pure."""

from collections.abc import Iterator
from functools import lru_cache

from kwartier.devices.drivers.p1_currents import DEAD_V, PhaseValues, signed_currents
from kwartier.protocols.p1.telegram import MBus, MBusKind, Peak, Telegram
from kwartier.site.errors import RemoteProtocolError
from kwartier.site.quarters import ClosedMonth
from kwartier.site.readings import MeterReading, Partial

MAX_CURRENT_A = 1000.0
MAX_VOLTAGE_V = 300.0
MAX_POWER_W = 1e6


def to_reading(telegram: Telegram, meter_id: str, at_s: float, meter_phases: int = 3) -> MeterReading:
    """The reading that a good telegram stands for.

    `at_s` is the monotonic time at which its first byte came; `meter_phases` (1 or 3) is used where the
    telegram tells nothing of its phases. Raises RemoteProtocolError where a value cannot be true, however
    right the checksum. How currents get their signs: docs/p1-currents.md.
    """
    _check(telegram)
    values = phase_values(telegram)
    currents = signed_currents(values, meter_phases)
    return MeterReading(
        meter_id=meter_id,
        at_s=at_s,
        current_a=currents.current_a if currents else None,
        currents_estimated=currents.estimated if currents else False,
        voltage_v=_voltages(values),
        power_w=values.power_w,
        power_phase_w=_phase_powers(values),
        energy_import_kwh=telegram.energy_import_kwh,
        energy_export_kwh=telegram.energy_export_kwh,
        energy_import_t1_kwh=telegram.energy_import_t1_kwh,
        energy_import_t2_kwh=telegram.energy_import_t2_kwh,
        energy_export_t1_kwh=telegram.energy_export_t1_kwh,
        energy_export_t2_kwh=telegram.energy_export_t2_kwh,
        frequency_hz=telegram.frequency_hz,
        meter_time_s=telegram.time_s,
        tariff=telegram.tariff,
        quarter_demand_w=telegram.quarter_demand_w,
        month_peak_w=telegram.month_peak_w,
        month_peak_at_s=telegram.month_peak_at_s,
        peak_history=_history(telegram.peak_history),
        breaker=telegram.breaker,
        power_failures=telegram.power_failures,
        long_power_failures=telegram.long_power_failures,
        gas_m3=_volume_m3(telegram.mbus, "gas"),
        water_m3=_volume_m3(telegram.mbus, "water"),
    )


@lru_cache(maxsize=8)
def _history(peaks: tuple[Peak, ...]) -> tuple[ClosedMonth, ...] | None:
    """The same tuple for the same history, so that a journal need not compare it each second."""
    if not peaks:
        return None
    return tuple(
        ClosedMonth(closed_at_s=p.closed_at_s, at_s=p.at_s, peak_w=p.peak_w)
        for p in peaks
        if 0.0 <= p.peak_w <= MAX_POWER_W
    )


def phase_values(telegram: Telegram) -> PhaseValues:
    """What the telegram says of its phases, powers netted."""
    t = telegram
    return PhaseValues(
        power_w=_net(t.power_import_w, t.power_export_w),
        power_phase_w=(
            _net(t.power_import_l1_w, t.power_export_l1_w),
            _net(t.power_import_l2_w, t.power_export_l2_w),
            _net(t.power_import_l3_w, t.power_export_l3_w),
        ),
        voltage_v=(t.voltage_l1_v, t.voltage_l2_v, t.voltage_l3_v),
        current_a=(t.current_l1_a, t.current_l2_a, t.current_l3_a),
        grid_type=t.grid_type,
    )


def _net(import_w: float | None, export_w: float | None) -> float | None:
    """Import less export. A meter may have no export register; one whose import line was not readable and
    that exports nothing says nothing."""
    if import_w is None:
        return -export_w if export_w else None
    return import_w - (export_w or 0.0)


def _voltages(values: PhaseValues) -> Partial:
    """Voltages, without the zero of the line that a delta meter measures against."""
    if not values.delta:
        return values.voltage_v
    u1, u2, u3 = (u if u is not None and u > DEAD_V else None for u in values.voltage_v)
    return (u1, u2, u3)


def _phase_powers(values: PhaseValues) -> Partial:
    """Powers per phase where they are that: not zeros beside a total, and not the two wattmeters of a
    delta meter that measures against L2."""
    aron = values.delta and None in _voltages(values)
    return (None, None, None) if values.zeroed or aron else values.power_phase_w


def _volume_m3(devices: tuple[MBus, ...], kind: MBusKind) -> float | None:
    """The volume that was read last: after a replacement the dead meter keeps its channel and its value."""
    read = [d for d in devices if d.kind == kind and d.unit == "m3" and d.value is not None]
    return max(read, key=lambda d: d.at or "").value if read else None


def _check(telegram: Telegram) -> None:
    for name, value, limit in _limits(telegram):
        if value is not None and abs(value) > limit:
            raise RemoteProtocolError(f"{name} = {value:g} cannot be true (limit {limit:g})")


def _limits(telegram: Telegram) -> Iterator[tuple[str, float | None, float]]:
    for phase in ("l1", "l2", "l3"):
        for name, limit in (
            (f"current_{phase}_a", MAX_CURRENT_A),
            (f"voltage_{phase}_v", MAX_VOLTAGE_V),
            (f"power_import_{phase}_w", MAX_POWER_W),
            (f"power_export_{phase}_w", MAX_POWER_W),
        ):
            yield name, getattr(telegram, name), limit
    yield "power_import_w", telegram.power_import_w, MAX_POWER_W
    yield "power_export_w", telegram.power_export_w, MAX_POWER_W
