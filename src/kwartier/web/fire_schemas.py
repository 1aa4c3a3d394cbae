"""Fire and emergency inputs on the wire; part of what OpenAPI publishes (see `schemas`)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class InputFault(BaseModel):
    """What the input last got wrong."""

    kind: str
    what: str
    raw: str = ""


class Input(BaseModel):
    """A fire or emergency input."""

    id: str
    name: str
    kind: Literal["fire", "emergency"]
    state: Literal["starting", "quiet", "alarm", "fault", "returning"]
    level: Literal["quiet", "alarm"] | None = Field(description="What it says now; null: it is not heard")
    since: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    age_s: float = Field(description="Since it was last heard to say something steady")
    stopped: bool = Field(description="It stops all charge points behind it")
    circuits: list[str]
    charge_points: int = Field(description="How many it guards")
    returned: int = Field(description="How many of them may run")
    return_every_s: float
    testing: bool = Field(description="A test without cut runs")
    http: bool = Field(description="A program tells it")
    fault: InputFault | None


class Said(BaseModel):
    """What an input says."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["quiet", "alarm"]


class ResetAsked(BaseModel):
    """Who resets, and why."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=80)
    role: str = Field(min_length=1, max_length=80, description="For example fire brigade, facility manager")
    reason: str = Field(min_length=1, max_length=300)


class TestAsked(BaseModel):
    """Begin or end the test without cut."""

    model_config = ConfigDict(extra="forbid")
    active: bool
    name: str = Field(default="", max_length=80)
