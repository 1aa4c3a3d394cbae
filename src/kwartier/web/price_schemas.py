"""Prices of the market; part of what OpenAPI publishes (see `schemas`)."""

from typing import Literal

from pydantic import BaseModel, Field

from kwartier.web.schema_parts import Time


class PriceRow(BaseModel):
    """Known prices in quarter-hours, from yesterday on."""

    source: str = Field(description="Whose prices they are; several joined by ' + '")
    currency: str
    fetched_at: Time
    age_s: float
    old: bool = Field(description="True: so old that they cannot be about tomorrow")
    native_step_s: int = Field(description="3600 where the market or the source has hours")
    start: Time
    start_s: int = Field(description="UTC seconds")
    known_until: Time
    now_eur_per_kwh: float | None
    eur_per_kwh: list[float | None] = Field(description="Without taxes and fees; null: not known, never 0")


class Outlook(BaseModel):
    """Two days from now, whatever is known: known prices, then a guess with a band."""

    start: Time
    start_s: int
    p10_eur_per_kwh: list[float]
    p50_eur_per_kwh: list[float]
    p90_eur_per_kwh: list[float]
    known: list[bool] = Field(description="true: the market's price; false: guessed")
    method: Literal["known", "blend", "shape", "persistence", "flat"]
    history_days: int
    miss_eur_per_kwh: float | None = Field(
        description="By how much the guess was off on the last days, on average; null: it could not be tried"
    )


class MarketFault(BaseModel):
    """Something wrong in an answer that was used nevertheless."""

    code: str
    where: str
    detail: str


class PriceSourceState(BaseModel):
    """How it goes with one source."""

    name: str
    ok: bool
    asked_at: Time | None
    answered_at: Time | None
    problem: str = Field(description="Empty: the last answer was good")
    code: str


class Prices(BaseModel):
    """All about prices."""

    at: Time
    step_s: int
    tomorrow: Literal["known", "not_yet", "expected", "late"]
    series: PriceRow | None = Field(description="null: no price is known yet")
    outlook: Outlook
    faults: list[MarketFault]
    sources: list[PriceSourceState]
    kept_problem: str = Field(description="Why prices are not kept over a restart; empty: they are")


class PricesAnswer(BaseModel):
    """null: the site file has no section `prices`."""

    prices: Prices | None
