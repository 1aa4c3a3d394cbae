"""The key `quarter` of a circuit: what its quarter-hours are to stay under."""

from typing import Literal, Self

from pydantic import BaseModel, model_validator

from kwartier.config.fields import NotNegative, Positive, refused
from kwartier.config.strict import STRICT
from kwartier.site.quarters import FLOOR_W, QuarterSettings
from kwartier.site.units import W_PER_KW


class QuarterConfig(BaseModel):
    """The goal of a circuit's quarter-hours."""

    model_config = STRICT

    follow: Literal["month_peak", "plan", "fixed", "none"] = "month_peak"
    """month_peak: never above the peak that this month has already; plan: above it only where a plan says that it pays; fixed: target_kw; none: only watch"""
    target_kw: Positive | None = None
    """the mean import of a quarter-hour that is not to be passed, in kW, with follow: fixed"""
    floor_kw: NotNegative | None = None
    """the least goal with follow: month_peak or plan, in kW; left out: 2.5, below which a peak costs nothing in Flanders"""
    reserve_kw: NotNegative | None = None
    """how far below the goal the other load stays even at worst, in kW; left out: 15 % of the goal"""

    eur_per_kw_year: NotNegative | None = None
    """what a kW of the mean month peak costs a year, in EUR, for example 56.12; left out: no amounts are shown"""

    @model_validator(mode="after")
    def _one_goal(self) -> Self:
        if self.follow == "fixed" and self.target_kw is None:
            raise refused("follow: fixed needs a goal", "add target_kw, for example target_kw: 5")
        if self.follow != "fixed" and self.target_kw is not None:
            cure = "write follow: fixed, or remove target_kw"
            raise refused(f"target_kw is for follow: fixed, and this is {self.follow}", cure)
        if self.follow not in {"month_peak", "plan"} and self.floor_kw is not None:
            cure = "remove floor_kw"
            raise refused(f"floor_kw is for follow: month_peak, and this is {self.follow}", cure)
        if self.follow == "none" and self.reserve_kw is not None:
            raise refused("there is no goal that reserve_kw could lie below", "remove reserve_kw")
        return self

    def settings(self) -> QuarterSettings:
        """In the words of the site."""
        return QuarterSettings(
            follow=self.follow,
            fixed_w=_w(self.target_kw),
            floor_w=FLOOR_W if self.floor_kw is None else self.floor_kw * W_PER_KW,
            reserve_w=_w(self.reserve_kw),
            eur_per_kw_year=self.eur_per_kw_year,
        )


def _w(power_kw: float | None) -> float | None:
    return None if power_kw is None else power_kw * W_PER_KW
