"""Meters and charge points as programs see them, and what a person may ask of one (see `schemas`)."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kwartier.web.schema_parts import Mode, PartialPhases, Phases, Reason, Time


class Fault(BaseModel):
    """What a device last got wrong."""

    kind: str
    what: str
    raw: str = ""


class LineHealth(BaseModel):
    """What came over a P1 line since the start."""

    telegrams: int = Field(description="Good ones, repaired ones included")
    repaired: int
    bad: int = Field(description="Pieces that were no good telegram")
    noise_bytes: int
    reconnects: int


class Meter(BaseModel):
    """A meter's newest values and how old they are."""

    id: str
    name: str
    role: Literal["grid", "circuit", "production", "battery", "consumption"]
    address: str
    status: Literal["waiting", "fresh", "stale", "lost", "error", "recovering"]
    age_s: float | None
    power_w: float | None
    current_a: Phases | None
    voltage_v: PartialPhases
    power_phase_w: PartialPhases
    energy_import_kwh: float | None
    energy_export_kwh: float | None
    energy_import_t1_kwh: float | None
    energy_import_t2_kwh: float | None
    energy_export_t1_kwh: float | None
    energy_export_t2_kwh: float | None
    frequency_hz: float | None
    tariff: int | None
    meter_time: Time | None
    quarter_demand_w: float | None
    month_peak_w: float | None
    month_peak_at: Time | None
    breaker: int | None
    power_failures: int | None
    long_power_failures: int | None
    gas_m3: float | None
    water_m3: float | None
    currents_estimated: bool
    health: LineHealth | None = Field(default=None, description="Only of a P1 meter")
    fault: Fault | None


class ChargePoint(BaseModel):
    """A charge point: what it does, what it may do, and why."""

    id: str
    name: str
    address: str = ""
    circuit: str
    phases: list[int] = Field(description="Site phase of each of its conductors")
    status: Literal["waiting", "ok", "silent"]
    age_s: float | None
    state: str | None = Field(description="IEC 61851-1 state: A1 A2 B1 B2 C1 C2 D1 D2 E F")
    measured_a: PartialPhases | None = Field(description="Per site phase")
    allowed_a: float
    applied_a: float | None = Field(description="What the device says it applies")
    confirmed: bool
    plugged: bool = Field(default=False, description="A car is connected, as far as is known")
    power_w: float | None
    energy_kwh: float | None
    session_kwh: float | None
    session_start: Time | None
    mode: Mode
    limit_a: float | None = Field(description="A person's own limit")
    departs_at: Time | None = Field(default=None, description="When the car leaves, as a person said")
    needs_kwh: float | None = Field(
        default=None, description="What it needs by then, from the beginning of its session, as a person said"
    )
    min_a: float
    max_a: float
    fallback_a: float
    valid_for_s: float | None = Field(description="How long the device still holds the set-point by itself")
    priority: int
    reason: Reason
    reason_since: Time | None
    fault: Fault | None


class Battery(BaseModel):
    """A battery: how full it is, what it does, what it was told, and why. Positive power charges it."""

    id: str
    name: str
    address: str = ""
    circuit: str
    phases: list[int] = Field(description="Site phase of each of its conductors")
    status: Literal["waiting", "ok", "silent"]
    age_s: float | None
    state: Literal["ready", "standby", "off", "fault"] | None
    power_w: float | None = Field(description="null: it is not heard")
    soc_pct: float | None = Field(
        description="By its own word; of one that is silent the last that was heard"
    )
    stored_kwh: float | None
    setpoint_w: float = Field(description="What it was told")
    reserved_w: float = Field(
        description="What is booked for it as load; more than it takes while it is silent"
    )
    valid_for_s: float | None = Field(description="How long it still holds the set-point by its own timer")
    capacity_kwh: float
    charge_w: float = Field(description="The most that it takes")
    discharge_w: float = Field(description="The most that it gives")
    min_soc_pct: float = Field(description="It is never discharged below this")
    reserve_soc_pct: float = Field(description="Below this it only helps against a peak; 0: no such reserve")
    max_soc_pct: float
    reason: Reason
    reason_since: Time | None
    fault: Fault | None


class Charging(BaseModel):
    """Whose card was read at a charge point with a car."""

    charge_point: str
    name: str


class Decision(BaseModel):
    """A change of what a charge point was allowed."""

    at: Time
    allowed_a: float
    reason: Reason


class Change(BaseModel):
    """What a person asks of a charge point; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    mode: Mode | None = None
    limit_a: float | None = Field(
        default=None, ge=0, le=1000, allow_inf_nan=False, description="null: no limit of one's own"
    )
    departs_at: AwareDatetime | None = Field(
        default=None, description="When the car leaves, within 30 days; null: not known"
    )
    needs_kwh: float | None = Field(
        default=None, ge=0, le=1000, allow_inf_nan=False, description="What it needs by then; null: not known"
    )
