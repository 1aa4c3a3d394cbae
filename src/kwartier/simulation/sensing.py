"""What meters and stations would report of the plant: with their own resolution, signs and delays."""

from collections.abc import Sequence
from math import floor

from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Socket
from kwartier.simulation.plant.storage import Storage
from kwartier.site.batteries import BatteryReading
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import ChargePointReading, MeterReading

P1_DELAY_S = 0.1
E27_DELAY_S = 1.2
"""The device renews its values once a second, and a request takes its time."""
STORAGE_DELAY_S = 0.3


def p1_reading(plant: Plant, meter_id: str, now_s: float) -> MeterReading:
    """The digital meter: 1 W, 0.01 A unsigned (the sign comes from the phase power), 1 Wh."""
    root, r = plant.site.root.id, plant.registers
    w1, w2, w3 = plant.power_w(root)
    whole_w = (to_step(w1, 1.0), to_step(w2, 1.0), to_step(w3, 1.0))
    v1, v2, v3 = plant.voltage_v
    (import1, import2), (export1, export2) = r.import_wh, r.export_wh
    return MeterReading(
        meter_id=meter_id,
        at_s=now_s - P1_DELAY_S,
        current_a=_signed(plant.current_a(root), whole_w, 100.0),
        voltage_v=(to_step(v1, 10.0), to_step(v2, 10.0), to_step(v3, 10.0)),
        power_w=to_step(w1 + w2 + w3, 1.0),
        power_phase_w=whole_w,
        energy_import_kwh=int(import1 + import2) / 1000,
        energy_export_kwh=int(export1 + export2) / 1000,
        energy_import_t1_kwh=int(import1) / 1000,
        energy_import_t2_kwh=int(import2) / 1000,
        energy_export_t1_kwh=int(export1) / 1000,
        energy_export_t2_kwh=int(export2) / 1000,
        meter_time_s=float(int(plant.now_s)),
        tariff=r.tariff,
        quarter_demand_w=to_step(r.quarter_demand_w, 1.0),
        month_peak_w=to_step(r.month_peak_w, 1.0),
        month_peak_at_s=r.month_peak_at_s,
        breaker=1,
    )


def e27_reading(plant: Plant, meter_id: str, now_s: float) -> MeterReading:
    """A Countis E27: 1 mA unsigned, 10 W, 10 Wh."""
    tap = plant.taps[meter_id]
    w1, w2, w3 = tap.power_w
    watts = (10.0 * to_step(w1 / 10.0, 1.0), 10.0 * to_step(w2 / 10.0, 1.0), 10.0 * to_step(w3 / 10.0, 1.0))
    v1, v2, v3 = plant.voltage_v
    return MeterReading(
        meter_id=meter_id,
        at_s=now_s - E27_DELAY_S,
        current_a=_signed(tap.current_a, watts, 1000.0),
        voltage_v=(to_step(v1, 100.0), to_step(v2, 100.0), to_step(v3, 100.0)),
        power_w=10.0 * to_step((w1 + w2 + w3) / 10.0, 1.0),
        power_phase_w=watts,
        energy_import_kwh=int(tap.import_wh / 10) / 100,
        energy_export_kwh=int(tap.export_wh / 10) / 100,
        frequency_hz=50.0,
    )


def socket_reading(socket: Socket, plant_s: float, now_s: float) -> ChargePointReading:
    """One socket of a station; `plant_s` is the plant's time, `now_s` the controller's."""
    a1, a2, a3 = socket.current_a
    w1, w2, w3 = socket.power_w
    e1, e2, e3 = socket.energy_wh
    told_a, left_s = socket.setpoint_a, socket.valid_until_s - plant_s
    return ChargePointReading(
        charge_point_id=socket.id,
        at_s=now_s - (plant_s - socket.measured_s),
        state=socket.state,
        current_a=(a1, a2, a3),
        power_w=w1 + w2 + w3,
        energy_kwh=(e1 + e2 + e3) / 1000.0,
        setpoint_a=socket.safe_a if told_a is None else told_a,
        applied_a=socket.applied_a,
        setpoint_used=socket.setpoint_holds(plant_s),
        valid_for_s=left_s if left_s > 0.0 else 0.0,
        fallback_a=socket.safe_a,
        phases=socket.phases,
        operative=socket.operative,
    )


def storage_reading(storage: Storage, plant_s: float, now_s: float) -> BatteryReading:
    """A battery over Modbus: 10 W, a tenth of a per cent; it tells its power of a moment ago."""
    left_s = storage.valid_until_s - plant_s
    return BatteryReading(
        battery_id=storage.id,
        at_s=now_s - STORAGE_DELAY_S,
        power_w=10.0 * round(sum(storage.power_w) / 10.0),
        soc_pct=soc_told_pct(storage),
        charge_w=10.0 * round(storage.can_charge_w / 10.0),
        discharge_w=10.0 * round(storage.can_discharge_w / 10.0),
        setpoint_w=storage.setpoint_w,
        valid_for_s=max(0.0, left_s),
    )


def soc_told_pct(storage: Storage) -> float:
    """How full it says it is: a tenth of a per cent."""
    return round(100.0 * storage.soc, 1)


def to_step(value: float, per_unit: float) -> float:
    """Rounded to the steps in which a device tells a value, `per_unit` of them to the unit. A tenth of the time that `round` takes
    with digits."""
    return float(floor(value * per_unit + 0.5)) / per_unit


def _signed(amps: Sequence[float], watts: Sequence[float], per_unit: float) -> PhaseVector:
    """Currents rounded as the meter shows them, with the sign of the power of their phase."""
    a1, a2, a3 = amps
    w1, w2, w3 = watts
    a1, a2, a3 = to_step(abs(a1), per_unit), to_step(abs(a2), per_unit), to_step(abs(a3), per_unit)
    return (-a1 if w1 < 0 else a1, -a2 if w2 < 0 else a2, -a3 if w3 < 0 else a3)
