"""Quarter-hours and what their peaks cost; part of what OpenAPI publishes (see `schemas`)."""

from typing import Literal

from pydantic import BaseModel, Field

from kwartier.web.schema_parts import Reason, Time


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
