"""Alarms and messages as programs see them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kwartier.web.schema_parts import Text, Time

Level = Literal["info", "warning", "error"]


class Acknowledged(BaseModel):
    """Somebody has taken note."""

    at: Time
    name: str | None = Field(description="null for those who are not logged in")


class ActiveAlarm(Text):
    """What is wrong now."""

    id: str
    code: str
    level: Level
    device_id: str
    since: Time
    params: dict[str, Any]
    acknowledged_at: Time | None


class Alarm(ActiveAlarm):
    """What is wrong now, with who has taken note."""

    device: str = Field(description="What the device is called")
    acknowledged: Acknowledged | None


class PastMessage(Text):
    """A line of the journal."""

    id: str
    at: Time
    level: Level
    device_id: str
    device: str
    code: str
    acknowledged: Acknowledged | None


class AlarmList(BaseModel):
    """What is wrong now, worst first, and what was said before, newest first."""

    active: list[Alarm]
    history: list[PastMessage]
    next: int | None = Field(description="`before` for the next page; null: this is the last")


class Acknowledgement(BaseModel):
    """Who takes note."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
