"""Who may write: passwords, sessions, tokens (see `schemas`)."""

from pydantic import BaseModel, ConfigDict, Field


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
