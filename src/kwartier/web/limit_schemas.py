"""Circuits and their limits as programs see them; part of what OpenAPI publishes (see `schemas`)."""

from typing import Literal

from pydantic import BaseModel, Field

from kwartier.web.schema_parts import PartialPhases, Phases, Time


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
