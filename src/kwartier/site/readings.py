"""What devices report. A reading without a time does not exist; an absent value is None, never zero."""

from kwartier.site.phases import PhaseVector
from kwartier.site.quarters import ClosedMonth
from kwartier.site.values import valueclass

IEC_STATES = ("A1", "A2", "B1", "B2", "C1", "C2", "D1", "D2", "E", "F")
"""Mode 3 states of IEC 61851-1 with the field's suffix: 1 = no PWM, 2 = PWM present."""

Partial = tuple[float | None, float | None, float | None]


@valueclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """One picture of a meter. Signs: positive flows into what is metered (import at the grid)."""

    meter_id: str
    at_s: float
    """Monotonic time at which the values were true, as well as the driver can know."""
    current_a: PhaseVector | None = None
    """Signed current per site phase, A. None: this meter tells nothing of its phases."""
    voltage_v: Partial = (None, None, None)
    power_w: float | None = None
    power_phase_w: Partial = (None, None, None)
    energy_import_kwh: float | None = None
    energy_export_kwh: float | None = None
    energy_import_t1_kwh: float | None = None
    energy_import_t2_kwh: float | None = None
    energy_export_t1_kwh: float | None = None
    energy_export_t2_kwh: float | None = None
    frequency_hz: float | None = None
    meter_time_s: float | None = None
    """UTC by the meter's own clock. A meter whose clock stands still is a lost meter."""
    tariff: int | None = None
    quarter_demand_w: float | None = None
    """OBIS 1-0:1.4.0: energy imported in this clock quarter so far, times four (not a running mean)."""
    month_peak_w: float | None = None
    month_peak_at_s: float | None = None
    peak_history: tuple[ClosedMonth, ...] | None = None
    """The peaks of earlier months, as the meter keeps them (0-0:98.1.0), in its own order."""
    breaker: int | None = None
    power_failures: int | None = None
    long_power_failures: int | None = None
    gas_m3: float | None = None
    water_m3: float | None = None
    currents_estimated: bool = False
    """True where the currents were derived pessimistically because the meter does not give them
    (facts: 3x230 V nets, meters without phase values)."""


@valueclass(frozen=True, slots=True, kw_only=True)
class ChargePointReading:
    """One picture of a charge point. Currents are per *conductor* of the charge point, unsigned."""

    charge_point_id: str
    at_s: float
    state: str
    """One of `IEC_STATES`."""
    current_a: PhaseVector = (0.0, 0.0, 0.0)
    voltage_v: Partial = (None, None, None)
    power_w: float | None = None
    energy_kwh: float | None = None
    """Its own total register."""
    setpoint_a: float | None = None
    """The maximum that the device says it was told (Alfen 1210)."""
    applied_a: float | None = None
    """The maximum it says it applies now (Alfen 1206)."""
    setpoint_used: bool | None = None
    """Whether it says the set-point is accounted for (Alfen 1214)."""
    valid_for_s: float | None = None
    """How long the set-point still holds by the device's own timer (Alfen 1208)."""
    fallback_a: float | None = None
    """What it says it falls to by itself (Alfen 1212)."""
    phases: int | None = None
    operative: bool = True
    rfid: str | None = None


@valueclass(frozen=True, slots=True, kw_only=True)
class InputReading:
    """One sample of a digital input, such as the contact of a fire panel."""

    input_id: str
    at_s: float
    """Monotonic."""
    alarm: bool
    """What the contact means, with the way it is wired taken into account."""


@valueclass(frozen=True, slots=True, kw_only=True)
class DeviceFault:
    """Something a driver wants known: no answer, nonsense (with the bytes), a refusal."""

    device_id: str
    at_s: float
    kind: str
    """`unreachable`, `nonsense`, `refused`, `restarted` (the device lost its set-points)."""
    what: str
    """A sentence: what, where, what to do."""
    raw: str = ""
    """The bytes in hex, as far as they are known."""
