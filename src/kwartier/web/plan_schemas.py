"""The plan, goals and overrides; part of what OpenAPI publishes (see `schemas`).

Powers in W, positive into a device; money in the site's currency. Series have one entry per step of the axis, which
begins before now: what is measured stands left of `now_s`, what is planned from there on, and the rest is `null`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kwartier.web.schema_parts import PlanMode, Reason, Text, Time

Values = list[float | None]
Style = Literal["cheapest", "late", "unbroken"]
Unit = Literal["pct", "kwh", "km"]
Weekday = Annotated[int, Field(ge=0, le=6, description="0: Monday")]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class PlannedDevice(BaseModel):
    """A device on the axis."""

    id: str
    name: str
    kind: Literal["car", "battery", "load"]
    measured_w: Values
    planned_w: Values
    capacity_kwh: float | None
    level_pct: Values = Field(description="Measured left of now as far as it is known, planned right of it")


class Band(BaseModel):
    """A forecast: nine times out of ten below `high`, one time out of ten below `low`."""

    low: Values
    mid: Values
    high: Values


class Axis(BaseModel):
    """The one time axis."""

    start_s: int = Field(description="UTC seconds; the first step begins here")
    step_s: int
    now_s: float
    measured: dict[str, Values] = Field(description="grid_w, house_w, production_w, chargers_w, battery_w")
    planned: dict[str, Values] = Field(description="The same, as the plan has them")
    house_band: Band
    sun_band: Band
    import_price: Values = Field(description="All that one more kWh costs, per kWh")
    export_price: Values
    price_known: list[bool] = Field(description="false: Kwartier guesses this price")
    marginal: Values = Field(
        description="What one more kWh would cost in this step, its part in the peak included"
    )
    import_limit_w: Values
    peak_w: float | None = Field(description="Up to here a quarter-hour costs no more capacity")
    devices: list[PlannedDevice]


class Block(BaseModel):
    """A device that does one thing for some time."""

    id: str
    device_id: str
    name: str
    kind: Literal["car", "battery", "load"]
    does: Literal["charges", "discharges", "runs"]
    start: Time
    end: Time
    start_s: int
    end_s: int
    power_w: float = Field(description="Its mean; negative: the battery gives")
    energy_kwh: float
    price_eur_per_kwh: float | None = Field(
        description="Mean, weighed by energy; sun counts as what it would have earned"
    )
    cost_eur: float | None
    sun_pct: float | None = Field(description="Part of the energy that comes from the roof")
    reason: Reason | None
    movable: bool = Field(description="May be shifted by hand")
    override_id: str | None = Field(description="Somebody put it here; give it back with DELETE")


class GoalShown(BaseModel):
    """What a person wants of a charge point, and what the plan makes of it."""

    charge_point_id: str
    name: str
    mode: PlanMode
    plugged: bool
    set: bool = Field(description="A goal is set")
    target: float | None
    unit: Unit | None
    at: str | None = Field(description="Time of day, HH:MM")
    weekdays: list[Weekday] = Field(description="Empty: once")
    on: str | None = Field(description="The day, where it is once")
    style: Style
    at_once: float | None = Field(description="This much first, as fast as possible; in `unit`")
    battery_kwh: float | None
    kwh_per_100km: float | None
    level_pct: float | None = Field(
        description="State of charge, as somebody told or a car reports, and what came since"
    )
    due: Time | None = Field(description="The next time it counts")
    origin: Literal["hand", "calendar", "weekly"] | None = Field(
        description="Who says so: somebody here, a calendar, or the goals of each week in the site file"
    )
    event: "CalendarEvent | None" = Field(
        description="The event of a calendar's goal; only for those who are logged in"
    )
    calendar: "CalendarShown | None" = Field(description="How it goes with the calendar that counts here")
    needs_kwh: float | None = Field(description="Still to come by then")
    planned_kwh: float | None
    missing_kwh: float | None
    finish: Time | None = Field(description="When the plan has it ready")
    cost_eur: float | None
    overrides: list["OverrideShown"]


class CalendarEvent(BaseModel):
    """An event for which the car leaves."""

    title: str
    at: Time


class CalendarShown(BaseModel):
    """How it goes with a calendar."""

    state: Literal["read", "held", "gone", "waiting"] = Field(
        description="held: it cannot be read now, what it said last holds until `until`; gone: it counts no more; "
        "waiting: not read yet"
    )
    read_at: Time | None
    until: Time | None
    problem: str | None = Field(description="In English; only for those who are logged in")
    faults: list[str]


class OverrideShown(BaseModel):
    """A slot that somebody fixed by hand. It gives itself back when it is over or the car leaves."""

    id: str
    start: Time
    end: Time
    power_w: float


class Violation(BaseModel):
    """A wish or a limit that the plan cannot keep."""

    what: str
    id: str
    name: str
    at: Time | None
    amount: float
    unit: str
    reason: Reason


class PlannedCost(BaseModel):
    """What the plan costs from now to its end."""

    energy_eur: float | None
    peak_eur: float | None
    wear_eur: float | None
    total_eur: float | None
    at_once_eur: float | None = Field(
        description="The same time with every car at full power from now on, no battery moved by price"
    )


class PlannedPeak(BaseModel):
    """The month's peak in the plan."""

    planned_w: float
    so_far_w: float | None
    eur_per_kw: float | None = Field(description="What one kW more would cost")


class PlanAnswer(BaseModel):
    """The newest plan on its axis, or why there is none."""

    at: Time
    status: Literal["planned", "waiting", "stale", "failed"] = Field(
        description="waiting: the first is not made yet; stale: too old, rules hold; failed: the planner does not run, rules hold"
    )
    version: str | None
    made_at: Time | None
    age_s: float | None
    valid_until: Time | None
    next_at: Time | None
    cause: Reason | None = Field(description="Why it was made when it was")
    proven: Literal["optimal", "feasible"] | None
    gap_eur: float | None = Field(description="No plan can be cheaper by more than this")
    solve_s: float | None
    notes: list[Reason] = Field(description="What it had to do without")
    prices: "PricesShown"
    axis: Axis | None
    blocks: list[Block]
    goals: list[GoalShown]
    violations: list[Violation]
    cost: PlannedCost | None
    peak: PlannedPeak | None


class PricesShown(BaseModel):
    """Where prices come from and how old they are."""

    source: str | None
    age_s: float | None
    known_until: Time | None
    tariff: str | None


class GoalSummary(BaseModel):
    """A goal in a line."""

    mode: PlanMode
    target: float | None
    unit: Unit | None
    due: Time | None
    finish: Time | None
    missing_kwh: float | None


class PlanSummary(BaseModel):
    """The plan in the live state; the whole of it is at `/plan`."""

    status: Literal["planned", "waiting", "stale", "failed"]
    version: str | None
    goals: dict[str, GoalSummary] = Field(description="By charge point")


class GoalChange(BaseModel):
    """Set the mode of a charge point, a goal, or both; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    mode: PlanMode | None = None
    target: Figure | None = Field(default=None, gt=0, le=2000)
    unit: Unit = "pct"
    at: str | None = Field(
        default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM at the site"
    )
    weekdays: list[Weekday] = Field(
        default_factory=list, max_length=7, description="0 is Monday; empty: once"
    )
    on: date | None = Field(default=None, description="The day; left out: the next time the clock shows `at`")
    style: Style = "cheapest"
    at_once: Figure | None = Field(default=None, ge=0, le=2000, description="This much first; in `unit`")
    battery_kwh: Figure | None = Field(
        default=None, gt=0, le=500, description="Of the car; needed for per cent"
    )
    level_pct: Figure | None = Field(
        default=None, ge=0, le=100, description="State of charge now, for per cent"
    )
    kwh_per_100km: Figure | None = Field(default=None, gt=0, le=100, description="For km; left out: 18")


class Warned(Text):
    """Something to know before one says yes."""

    code: Literal["unreachable", "beyond_prices", "above_limit", "not_plugged", "new_peak", "no_plan"]


class Preview(BaseModel):
    """What a goal would come to."""

    due: Time
    needs_kwh: float
    planned_kwh: float
    missing_kwh: float
    finish: Time | None
    cost_eur: float | None
    at_once_eur: float | None = Field(description="Charging at once instead")
    blocks: list[Block]
    warnings: list[Warned]


class OverrideChange(BaseModel):
    """Fix a slot by hand, or shift a planned block."""

    model_config = ConfigDict(extra="forbid")
    charge_point_id: str = Field(max_length=200)
    start: AwareDatetime
    end: AwareDatetime
    power_w: Figure | None = Field(
        default=None, ge=0, le=1_000_000, description="0: waits. Left out: as planned"
    )
    shift_s: int = Field(
        default=0, ge=-172800, le=172800, multiple_of=900, description="Move what lies there by so much"
    )


class Overrides(BaseModel):
    """The slots of a charge point that somebody fixed."""

    overrides: list[OverrideShown]


class Part(BaseModel):
    """One component of a bill, with and without Kwartier."""

    key: str
    name_en: str
    name_nl: str
    name_fr: str
    name_de: str
    with_eur: float
    without_eur: float


class SavedDay(BaseModel):
    """A day, with and without."""

    day: str
    with_eur: float
    without_eur: float
    peak_with_w: float
    peak_without_w: float


class Savings(BaseModel):
    """What Kwartier saved, and how that is reckoned."""

    start: Time | None
    end: Time | None
    days: list[SavedDay]
    parts: list[Part]
    with_eur: float | None
    without_eur: float | None
    saved_eur: float | None
    method: list[Reason]
    notes: list[Reason]


ForecastMethod = Literal[
    "edge", "temperature", "boosted", "days", "weather", "service", "yesterday", "last_week"
]


class ForecastTried(BaseModel):
    """How one way to forecast did."""

    method: ForecastMethod
    days: int = Field(description="On so many days it could be made and held against measurements")
    mae_w: float | None
    rmse_w: float | None
    covered_pct: float | None = Field(description="null where it has no band of its own")


class ForecastScore(BaseModel):
    """How good the forecast in use was, beside the others. Figures and series are those of the one in use."""

    name: Literal["house", "sun"]
    used: ForecastMethod = Field(description="Which one the plan uses")
    best: ForecastMethod = Field(description="The one with the least mean error")
    why: list[Reason] = Field(description="Why that one is used")
    days: int
    mae_w: float | None
    rmse_w: float | None
    covered_pct: float | None = Field(description="How often the measured value lay in the band; 80 is meant")
    yesterday_mae_w: float | None
    last_week_mae_w: float | None
    methods: list[ForecastTried]
    at_s: list[int]
    low_w: Values
    mid_w: Values
    high_w: Values
    measured_w: Values


class Forecasts(BaseModel):
    """Forecasts against what was measured, made anew from what was known at each midnight."""

    scores: list[ForecastScore]
    notes: list[Reason]
