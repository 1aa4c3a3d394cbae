"""The document of the live state and the other answers, field by field: what OpenAPI publishes.

Signs: positive power and current flow into what is named (grid import is positive, production negative).
Units are the last word of a name. Three values stand for the site's phases L1, L2, L3. `null` means that a
value is not known; it never means zero.
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kwartier.web.alarm_schemas import ActiveAlarm
from kwartier.web.fire_schemas import Input

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Phases = Annotated[list[float], Field(min_length=3, max_length=3)]
PartialPhases = Annotated[list[float | None], Field(min_length=3, max_length=3)]
Mode = Literal["off", "fast"]


class SiteInfo(BaseModel):
    """Which site this is."""

    name: str
    time_zone: str
    currency: str
    demo: bool
    version: str


class Cycle(BaseModel):
    """How the control cycle does."""

    number: int
    duration_ms: float
    late_ms: float
    overruns: int


class Flow(BaseModel):
    """Power into each part of the site; house = grid - production - chargers - battery."""

    grid_w: float | None
    production_w: float | None
    chargers_w: float | None
    battery_w: float | None
    house_w: float | None


class FuseType(BaseModel):
    """A protective device."""

    type: Literal["B", "C", "D", "gG"]
    rating_a: float


class Protection(BaseModel):
    """Limits on the phases together, the fuse, and feeding in; null where the circuit has nothing of the kind."""

    total_limit_a: float | None = Field(description="What the phases may carry together now, all included")
    total_limit_w: float | None = Field(
        description="contract: the contract; quarter: what all charge points may draw until the quarter ends"
    )
    total_source: Literal["contract", "quarter"] | None
    fuse_used_pct: list[float] | None = Field(
        description="How near to a trip each pole may be; the rated current alone ends at 64 to 78"
    )
    fuse_margin_pct: float | None = Field(
        description="Used of what lies between the rated current and a trip"
    )
    fuse_urgency: Literal["calm", "hurry", "stop"] | None
    fuse_worst_pct: float | None = Field(description="The largest margin ever used")
    fuse_worst_at: Time | None
    fuse_worst_phase: int | None
    export_w: float | None = Field(description="Fed back now; negative: it imports")
    export_limit_w: float | None
    export_over: bool | None


class Circuit(BaseModel):
    """A node in the tree of limits, per phase."""

    id: str
    name: str
    parent: str | None
    level: int
    limit_a: Phases
    phases: list[int] = Field(default=[1, 2, 3], description="The site phases that it has")
    limit_sources: list[str] = Field(description="Who set the limit of each phase")
    limit_until: list[Time | None] | None = Field(
        default=None, description="When the limit of each phase runs out; null: it does not"
    )
    load_a: PartialPhases | None = Field(description="Measured or estimated now")
    metered: bool = Field(default=True, description="false: the load is estimated from what stands behind it")
    base_a: Phases = Field(description="Load besides chargers and child circuits")
    granted_a: Phases = Field(description="What its chargers may draw")
    slack_a: Phases
    meter: str | None
    safe: bool = Field(description="The safe current is in force because its meter is lost")
    safe_current_a: float
    contract_w: float | None = None
    imbalance_limit_a: float | None = Field(default=None, description="How far its phases may lie apart")
    fuse: FuseType | None = None
    protection: Protection | None = None


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


class Reason(BaseModel):
    """Why: a code with parameters for programs, a sentence per language for people."""

    code: str
    params: dict[str, Any]
    en: str
    nl: str


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


class QuarterNow(BaseModel):
    """The running quarter-hour of the meter's clock."""

    start: Time
    end: Time
    elapsed_s: float
    energy_kwh: float | None
    demand_w: float | None = Field(description="Energy so far times four: cannot fall any more")
    projected_w: float | None = Field(description="Where it ends if the present power stays")
    month_peak_w: float | None
    month_peak_at: Time | None
    source: Literal["meter", "registers"]
    left_s: float | None = None
    status: Literal["free", "held", "base_over", "overrun", "unknown"] = "free"
    target_w: float | None = Field(None, description="What this quarter-hour is to stay under")
    budget_kwh: float | None = None
    left_kwh: float | None = Field(None, description="What the target leaves, all load included")
    free_w: float | None = Field(
        None, description="How much more than now may be drawn on average until the end; negative: less"
    )
    chargers_w: float | None = Field(None, description="What all charge points together may draw")
    without_chargers_w: float | None = Field(
        None, description="Where it ends with all charge points at nothing"
    )
    reason: Reason | None = None


class MessageText(BaseModel):
    """Something people must know."""

    at: Time
    level: Literal["info", "warning", "error"]
    device_id: str
    code: str | None = None
    en: str
    nl: str


class Text(BaseModel):
    """Words in every language we speak."""

    en: str
    nl: str


class Recording(BaseModel):
    """Whether measurements and decisions are kept."""

    ok: bool
    problem: str | None
    queued: int
    why: Text | None = Field(default=None, description="The problem in words for people")


class DemoFault(BaseModel):
    """A fault that a visitor can make and mend."""

    id: str
    en: str
    nl: str
    mend_en: str | None = Field(default=None, description="What mends it, in words")
    mend_nl: str | None = None
    active: bool


class Demo(BaseModel):
    """Only of a demonstration."""

    speed: float
    faults: list[DemoFault]
    story: str
    story_en: str | None = Field(default=None, description="In one language, where there are several")
    story_nl: str | None = None


class State(BaseModel):
    """Everything at one moment; the live stream sends it each cycle."""

    site: SiteInfo
    at: Time
    at_s: float
    clock_speed: float
    cycle: Cycle
    flow: Flow
    circuits: list[Circuit]
    meters: list[Meter]
    charge_points: list[ChargePoint]
    quarter: QuarterNow | None
    messages: list[MessageText] = Field(description="Newest first, at most 50")
    recording: Recording
    inputs: list[Input] = Field(default_factory=list, description="Fire and emergency inputs")
    alarms: list[ActiveAlarm] = Field(default_factory=list, description="What is wrong now, worst first")
    demo: Demo | None


class PeakPart(BaseModel):
    """Somebody's part in a quarter-hour; negative: it fed."""

    id: str | None
    name: str | None
    kind: Literal["charge_point", "production", "battery", "consumption", "other"]
    kwh: float
    mean_w: float


class PeakCause(BaseModel):
    """Who drew in a quarter-hour, as far as it was measured; `other` is the rest."""

    import_kwh: float
    parts: list[PeakPart]


class MonthNow(BaseModel):
    """The running month's peak."""

    month: str
    peak_w: float
    billed_w: float
    start: Time | None
    end: Time | None
    source: Literal["quarters", "meter", "history"]
    cause: PeakCause | None = Field(description="null: nobody was looking")


class MonthDone(BaseModel):
    """A month of the ledger."""

    month: str = Field(description="2026-11")
    peak_w: float | None
    billed_w: float | None = Field(description="The peak, never below the floor")
    start: Time | None
    source: Literal["quarters", "meter", "history"] | None
    running: bool


class Peaks(BaseModel):
    """Quarter-hour peaks of the grid connection and what they cost."""

    target: Literal["month_peak", "fixed", "none"]
    floor_w: float
    eur_per_kw_year: float | None
    currency: str
    quarter: QuarterNow | None
    month: MonthNow | None
    months: list[MonthDone]
    mean_w: float | None = Field(description="Mean of billed_w over the last 12 months that are known")
    months_counted: int
    eur_per_year: float | None
    eur_per_kw_more: float | None = Field(
        description="What one kW more in this month costs in the twelve months for which it counts"
    )


class QuarterDone(BaseModel):
    """A closed quarter-hour."""

    start: Time
    end: Time
    energy_kwh: float = Field(description="Imported")
    export_kwh: float | None = None
    demand_w: float
    source: str


class SeriesAnswer(BaseModel):
    """A quantity over time in equal steps; the mean of each."""

    name: str
    step_s: float
    at_s: list[float]
    values: list[float | None]


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


class FaultChange(BaseModel):
    """Make or mend a demonstration's fault."""

    model_config = ConfigDict(extra="forbid")
    active: bool


class Login(BaseModel):
    """The password."""

    model_config = ConfigDict(extra="forbid")
    password: str = Field(min_length=1, max_length=256)


class FirstPassword(BaseModel):
    """The first password; `code` is printed on the console at start and needed from another machine."""

    model_config = ConfigDict(extra="forbid")
    password: str = Field(min_length=1, max_length=256)
    code: str = Field(default="", max_length=64)


class SessionInfo(BaseModel):
    """What the one who asks may do."""

    may_write: bool
    logged_in: bool
    has_password: bool
    open_demo: bool = Field(description="A demonstration on this machine: changes need no password")


class NewToken(BaseModel):
    """A name for a program's token."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")


class Token(BaseModel):
    """A token; its secret is shown once, when it is made."""

    name: str
    token: str | None = None


class ProblemDocument(BaseModel):
    """RFC 9457: what went wrong and what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


class Entity(BaseModel):
    """One row in the wire form of the ESPHome web server."""

    id: str
    state: str
    value: float | bool | str | None
