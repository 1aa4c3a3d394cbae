"""What meters and stations would report of the plant: with their own resolution, signs and delays."""

from collections.abc import Sequence

from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Socket
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import ChargePointReading, MeterReading

P1_DELAY_S = 0.1
E27_DELAY_S = 1.2
"""The device renews its values once a second, and a request takes its time."""


def p1_reading(plant: Plant, meter_id: str, now_s: float) -> MeterReading:
    """The digital meter: 1 W, 0.01 A unsigned (the sign comes from the phase power), 1 Wh."""
    root, r = plant.site.root.id, plant.registers
    watts = plant.power_w(root)
    return MeterReading(
        meter_id=meter_id,
        at_s=now_s - P1_DELAY_S,
        current_a=_signed([round(abs(a), 2) for a in plant.current_a(root)], [round(w) for w in watts]),
        voltage_v=_three([round(v, 1) for v in plant.voltage_v]),
        power_w=float(round(sum(watts))),
        power_phase_w=_three([float(round(w)) for w in watts]),
        energy_import_kwh=int(sum(r.import_wh)) / 1000,
        energy_export_kwh=int(sum(r.export_wh)) / 1000,
        energy_import_t1_kwh=int(r.import_wh[0]) / 1000,
        energy_import_t2_kwh=int(r.import_wh[1]) / 1000,
        energy_export_t1_kwh=int(r.export_wh[0]) / 1000,
        energy_export_t2_kwh=int(r.export_wh[1]) / 1000,
        meter_time_s=float(int(plant.now_s)),
        tariff=r.tariff,
        quarter_demand_w=float(round(r.quarter_demand_w)),
        month_peak_w=float(round(r.month_peak_w)),
        month_peak_at_s=r.month_peak_at_s,
        breaker=1,
    )


def e27_reading(plant: Plant, meter_id: str, now_s: float) -> MeterReading:
    """A Countis E27: 1 mA unsigned, 10 W, 10 Wh."""
    tap = plant.taps[meter_id]
    watts = [10.0 * round(w / 10) for w in tap.power_w]
    return MeterReading(
        meter_id=meter_id,
        at_s=now_s - E27_DELAY_S,
        current_a=_signed([round(abs(a), 3) for a in tap.current_a], watts),
        voltage_v=_three([round(v, 2) for v in plant.voltage_v]),
        power_w=10.0 * round(sum(tap.power_w) / 10),
        power_phase_w=_three(watts),
        energy_import_kwh=int(tap.import_wh / 10) / 100,
        energy_export_kwh=int(tap.export_wh / 10) / 100,
        frequency_hz=50.0,
    )


def socket_reading(socket: Socket, plant_s: float, now_s: float) -> ChargePointReading:
    """One socket of a station; `plant_s` is the plant's time, `now_s` the controller's."""
    amps, power_w = socket.current_a, socket.power_w
    return ChargePointReading(
        charge_point_id=socket.id,
        at_s=now_s - (plant_s - socket.measured_s),
        state=socket.state,
        current_a=(amps[0], amps[1], amps[2]),
        power_w=power_w[0] + power_w[1] + power_w[2],
        energy_kwh=sum(socket.energy_wh) / 1000.0,
        setpoint_a=socket.safe_a if socket.setpoint_a is None else socket.setpoint_a,
        applied_a=socket.applied_a,
        setpoint_used=socket.setpoint_holds(plant_s),
        valid_for_s=max(0.0, socket.valid_until_s - plant_s),
        fallback_a=socket.safe_a,
        phases=socket.phases,
        operative=socket.operative,
    )


def _signed(amps: Sequence[float], watts: Sequence[float]) -> PhaseVector:
    a = [-x if w < 0 else x for x, w in zip(amps, watts, strict=True)]
    return (a[0], a[1], a[2])


def _three(values: Sequence[float]) -> PhaseVector:
    return (values[0], values[1], values[2])
