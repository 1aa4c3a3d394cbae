"""The section `inputs` of the site file: contacts that stop the chargers."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from kwartier.config.fields import Slug, refused
from kwartier.config.strict import STRICT

WIRED_SILENT_S = 5.0
HTTP_SILENT_S = 30.0


class InputConfig(BaseModel):
    """A digital input that stops charge points: a fire panel or an emergency button."""

    model_config = STRICT

    id: Slug
    """a short name without spaces, for example fire-panel"""
    name: str = ""
    """what people call it; the id when it is left out"""
    kind: Literal["fire", "emergency"] = "fire"
    """fire for the output of a fire panel, emergency for an emergency button"""
    url: str | None = None
    """where the contact is, for example modbus-tcp://192.168.0.7:502?unit=1&discrete=0"""
    http: bool = False
    """true where a program tells it, with a token: POST /api/v1/inputs/ID; instead of url"""
    alarm_when: Literal["open", "closed"] = "open"
    """open for a normally closed contact, so that a broken wire is an alarm; closed for the other kind"""
    circuits: list[Slug] = []
    """ids of the circuits whose chargers it stops; left out: all chargers"""
    return_every_s: Annotated[float, Field(ge=1, le=600, allow_inf_nan=False)] = 10.0
    """after the reset one charge point returns each so many seconds"""
    silent_after_s: Annotated[float, Field(ge=2, le=600, allow_inf_nan=False)] | None = None
    """how long nothing may be heard before that counts as an alarm, in s; left out: 5, or 30 with http"""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.url is not None) == self.http:
            what = "it has both url and http" if self.http else "nothing says where it comes from"
            raise refused(what, "write url: modbus-tcp://192.168.0.7:502?unit=1&discrete=0, or http: true")
        if self.http and "alarm_when" in self.model_fields_set:
            raise refused("alarm_when is for a contact; over http the words are alarm and quiet", "remove it")
        return self

    @property
    def silence_s(self) -> float:
        """How long nothing may be heard."""
        if self.silent_after_s is not None:
            return self.silent_after_s
        return HTTP_SILENT_S if self.http else WIRED_SILENT_S
