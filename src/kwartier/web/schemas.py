"""The document of the live state and the other answers, field by field: what OpenAPI publishes.

Signs: positive power and current flow into what is named (grid import is positive, production negative).
Units are the last word of a name. Three values stand for the site's phases L1, L2, L3. `null` means that a
value is not known; it never means zero.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from kwartier.web.alarm_schemas import ActiveAlarm
from kwartier.web.device_schemas import Battery, ChargePoint, Meter
from kwartier.web.fire_schemas import Input
from kwartier.web.limit_schemas import Circuit
from kwartier.web.peak_schemas import QuarterNow
from kwartier.web.plan_schemas import PlanSummary
from kwartier.web.schema_parts import Text, Time


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


class MessageText(Text):
    """Something people must know."""

    at: Time
    level: Literal["info", "warning", "error"]
    device_id: str
    code: str | None = None


class Recording(BaseModel):
    """Whether measurements and decisions are kept."""

    ok: bool
    problem: str | None
    queued: int
    why: Text | None = Field(default=None, description="The problem in words for people")


class DemoFault(Text):
    """A fault that a visitor can make and mend."""

    id: str
    mend_en: str | None = Field(default=None, description="What mends it, in words")
    mend_nl: str | None = None
    mend_fr: str | None = None
    mend_de: str | None = None
    active: bool


class Demo(BaseModel):
    """Only of a demonstration."""

    speed: float
    faults: list[DemoFault]
    story: str
    story_en: str | None = Field(default=None, description="In one language, where there are several")
    story_nl: str | None = None
    story_fr: str | None = None
    story_de: str | None = None


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
    batteries: list[Battery] = Field(default_factory=list)
    quarter: QuarterNow | None
    messages: list[MessageText] = Field(description="Newest first, at most 50")
    recording: Recording
    inputs: list[Input] = Field(default_factory=list, description="Fire and emergency inputs")
    alarms: list[ActiveAlarm] = Field(default_factory=list, description="What is wrong now, worst first")
    plan: PlanSummary | None = Field(default=None, description="null: this site makes no plan")
    demo: Demo | None


class SeriesAnswer(BaseModel):
    """A quantity over time in equal steps; the mean of each."""

    name: str
    step_s: float
    at_s: list[float]
    values: list[float | None]


class FaultChange(BaseModel):
    """Make or mend a demonstration's fault."""

    model_config = ConfigDict(extra="forbid")
    active: bool


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
