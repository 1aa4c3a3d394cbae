"""Goals of a user's car in the site file, and what is known of the car."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from kwartier.config.fields import ClockTime, Positive, clock_s, refused
from kwartier.config.strict import STRICT
from kwartier.site.goals import DAYS, USUAL_KWH_PER_100KM, Goal

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ModeName = Literal["off", "sun", "smart", "fast"]
StyleName = Literal["cheapest", "late", "unbroken"]


class GoalConfig(BaseModel):
    """So much by a time of the day, on some days of the week."""

    model_config = STRICT

    by: ClockTime
    """when it is to be ready, for example 7:30, in the site's time zone"""
    days: Annotated[list[Day], Field(min_length=1)] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    """on which days: [mon, tue]; left out: every day"""
    kwh: Positive | None = None
    """so many kWh more than when it came"""
    pct: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    """how full its battery is to be, in %"""
    km: Positive | None = None
    """so many km more than when it came"""

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        given = [name for name in ("kwh", "pct", "km") if getattr(self, name) is not None]
        if len(given) != 1:
            what = "a goal needs an amount" if not given else f"{' and '.join(given)} say the same twice"
            raise refused(what, "write one of kwh, pct and km, for example pct: 80")
        return self

    def goal(self) -> Goal:
        """In the words of the site."""
        weekdays = tuple(sorted({DAYS.index(day) for day in self.days}))
        by_s = clock_s(self.by)
        if self.kwh is not None:
            return Goal(amount=self.kwh, unit="kwh", by_s=by_s, weekdays=weekdays)
        if self.km is not None:
            return Goal(amount=self.km, unit="km", by_s=by_s, weekdays=weekdays)
        assert self.pct is not None
        return Goal(amount=self.pct, unit="pct", by_s=by_s, weekdays=weekdays)


class CarConfig(BaseModel):
    """What is known of a user's car."""

    model_config = STRICT

    battery_kwh: Positive | None = None
    """what its battery holds, in kWh; a goal in % needs it"""
    kwh_per_100km: Positive = USUAL_KWH_PER_100KM
    """what it takes for 100 km, in kWh"""
