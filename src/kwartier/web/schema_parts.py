"""What the descriptions of all answers are made of."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Phases = Annotated[list[float], Field(min_length=3, max_length=3)]
PartialPhases = Annotated[list[float | None], Field(min_length=3, max_length=3)]
Mode = Literal["off", "sun", "smart", "fast"]
PlanMode = Mode


class Text(BaseModel):
    """Words in every language we speak."""

    en: str
    nl: str
    fr: str
    de: str


class Reason(Text):
    """Why: a code with parameters for programs, a sentence per language for people."""

    code: str
    params: dict[str, Any]
